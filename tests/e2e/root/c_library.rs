//! Systems whose C library is not the one that a bundle needs: roots of a test's own, with files that look like those libraries.

use std::fs;
use std::path::Path;

use ekiben_tests::{Outcome, Root, TestContext};

const LOADER: &str = "lib64/ld-linux-x86-64.so.2";
const LIBRARY: &str = "lib/x86_64-linux-gnu/libc.so.6";

#[test]
fn a_start_names_the_c_library_that_it_needs_and_the_one_that_it_found() {
    if Root::or_skip().is_none() {
        return;
    }
    let context = TestContext::new();
    let bundle = context.bundle_that_needs_glibc("2.36");
    let system = context.path("system");
    fs::create_dir_all(system.join("place")).unwrap();
    fs::copy(bundle, system.join("app")).unwrap();
    let start = || {
        let program = context.program("/app").env("EKIBEN_ROOT", "/place/app");
        program.started_by("chroot", [system.clone().into()]).run()
    };
    let refused = |outcome: Outcome, found: &str| {
        let message = format!("it needs the C library glibc 2.36 or newer, and this system has {found}\nhelp: ");
        assert!(outcome.code == Some(125) && outcome.stderr.contains(&message), "{outcome:#?}");
    };
    let put = |name: &str, text: &str| {
        fs::create_dir_all(system.join(name).parent().unwrap()).unwrap();
        fs::write(system.join(name), text).unwrap();
    };

    refused(start(), "no glibc");
    put("lib/ld-musl-x86_64.so.1", "");
    refused(start(), "musl");
    put(LOADER, "");
    put(LIBRARY, "GNU C Library (Debian GLIBC 2.31-13) stable release version 2.31.\n");
    refused(start(), "glibc 2.31");
    // Nothing was installed for it.
    assert!(is_empty(&system.join("place")));

    // A machine with a newer one installs it, and another one finds it there: in a shared home, say.
    put(LIBRARY, "GNU C Library (GNU libc) stable release version 2.40.\n");
    assert!(!start().stderr.contains("C library"));
    assert!(!is_empty(&system.join("place")));
    fs::remove_file(system.join(LOADER)).unwrap();
    refused(start(), "musl");
}

fn is_empty(directory: &Path) -> bool {
    fs::read_dir(directory).unwrap().next().is_none()
}
