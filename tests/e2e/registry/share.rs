//! As `plain::share`: the tests that need CPython or packages.

use bundle::Bundle;
use ekiben_tests::{Os, TestContext, Tiny, reads};
use std::fs::{self};
use std::path::Path;

/// The tail, the index and all frames: each byte once, from front to back.
fn assert_once_and_in_order(reads: &[(u64, u64)], bundle: &Path) {
    let size = fs::metadata(bundle).unwrap().len();
    let opened = Bundle::open(bundle).unwrap();
    let footer = opened.footer();
    let index = (opened.payload_start() + footer.index_offset, footer.index_len);
    assert_eq!(reads[..2], [(size - 4096, 4096), index]);
    let mut next = opened.payload_start();
    for (offset, length) in &reads[2..] {
        assert_eq!(*offset, next, "{reads:?}");
        next += length;
    }
    assert_eq!(next, index.0);
}

#[test]
fn a_first_start_reads_the_payload_once_from_front_to_back_and_a_later_one_its_last_4_kib() {
    let context = TestContext::new();
    for bundle in [Tiny::new("1.0").bundle(&context), context.bundle("hello", Os::Linux)] {
        let start = || {
            let (outcome, reads) = reads(&context, context.program(&bundle), &bundle);
            assert!(outcome.quiet_stdout().starts_with(['r', 'H']));
            reads
        };
        assert_once_and_in_order(&start(), &bundle);
        let size = fs::metadata(&bundle).unwrap().len();
        assert_eq!(start(), [(size - 4096, 4096)]);
    }
}
