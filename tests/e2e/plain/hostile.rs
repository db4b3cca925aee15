//! Bundles whose digests are right and whose content means harm are refused by name, and leave nothing anywhere.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use ekiben_payload_fixtures::forged::Forged;
use ekiben_payload_fixtures::hostile::{ABSOLUTE, Hostile, all};
use ekiben_tests::{Confined, Ended, TestContext};

const LINUX: &str = "x86_64-unknown-linux-gnu";

/// What the honest bundle prints.
pub(crate) const STARTED: &str = "started with\n-I\n";

/// The launcher for a target, or why this builder has none.
pub(crate) fn launcher(target: &str) -> &'static [u8] {
    ekiben::executable::launchers::for_target(target.parse().unwrap()).unwrap()
}

/// What is wrong when the bundle is not refused with the words that it should be.
pub(crate) fn objection(hostile: &Hostile, bundle: &Confined) -> Option<String> {
    let ended = bundle.start();
    if let Ok(Ended::Refused(said)) = &ended
        && hostile.says.iter().all(|word| said.contains(word))
        // The name of an entry must not command the terminal that it is shown on.
        && !said.contains(|c: char| c.is_control() && c != '\n')
    {
        return None;
    }
    Some(format!("{}: expected {:?}, got {ended:?}", hostile.story, hostile.says))
}

#[test]
fn hostile_bundles_are_refused_by_name_and_leave_nothing_anywhere() {
    let context = TestContext::new();
    let before = context.everything();
    let honest = Confined::new(&context, "honest", Forged::honest(LINUX).bytes(launcher(LINUX))).start();
    let Ok(Ended::Ran(said)) = honest else { panic!("{honest:?}") };
    assert!(said.starts_with(STARTED), "{said}");

    let bundles = all(launcher(LINUX), LINUX);
    assert!(bundles.len() >= 150, "{}", bundles.len());
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let at = next.fetch_add(1, Ordering::Relaxed)
                    && let Some(hostile) = bundles.get(at)
                {
                    let bundle = Confined::new(&context, &format!("hostile-{at}"), hostile.bytes.clone());
                    wrong.lock().unwrap().extend(objection(hostile, &bundle));
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(context.everything(), before);
    assert!(!Path::new(ABSOLUTE).exists());
    println!("{} hostile bundles were refused", bundles.len());
}

#[test]
fn names_that_differ_in_case_alone_are_two_files_on_linux() {
    use ekiben_payload_fixtures::forged::{Member, archive};
    let context = TestContext::new();
    let mut forged = Forged::honest(LINUX);
    let members = [Member::file("Read.me", "upper"), Member::file("read.me", "lower")];
    forged.layer("application", &[(archive(&members), members.iter().map(Member::row).collect())]);
    let ended = Confined::new(&context, "case", forged.bytes(launcher(LINUX))).start();
    assert!(matches!(ended, Ok(Ended::Ran(_))), "{ended:?}");
}
