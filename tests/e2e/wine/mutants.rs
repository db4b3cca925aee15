//! As `plain::mutants`: the tests that need Wine.

use ekiben_tests::{Confined, Ended, Os, TestContext, Wine};

use crate::plain::mutants::{Mutant, Parts, cut, flipped, shuffled};

#[test]
fn mutants_of_a_windows_bundle_run_identically_or_are_refused() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let good = std::fs::read(context.bundle("hello", Os::Windows)).unwrap();
    let every = |mutants: Vec<Mutant>, step: usize| mutants.into_iter().step_by(step);
    // Footer and launch record come first among the flipped, and the lengths near the ends of parts among the cut.
    let known = Parts::of(&good).end - Parts::of(&good).record;
    let flipped = flipped(&good, known + 4);
    let chosen = flipped.enumerate().filter(|(n, _)| n % 61 == 0 || *n >= known).map(|(_, mutant)| mutant);
    let mut number = 0;
    for (how, bytes) in chosen.chain(cut(&good, 15).take(14).step_by(2)).chain(every(shuffled(&good), 2)) {
        number += 1;
        match Confined::on_windows(wine, &context, &format!("mutant-{number}"), &bytes).start() {
            Ok(Ended::Ran(said)) => {
                assert_eq!(said, "Hello, world!\n", "{how}");
                assert!(!how.starts_with("byte "), "{how} went unnoticed");
            }
            Ok(Ended::Refused(_)) => {}
            Err(wrong) => panic!("{how}: {wrong}"),
        }
    }
    assert!(number >= 30, "{number}");
}
