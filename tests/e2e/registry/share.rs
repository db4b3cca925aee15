//! One file that many start, on Linux: how much of it is read, and what happens when it changes under them.

use std::fs::{self};
use std::path::{Path, PathBuf};

use bundle::Bundle;
use ekiben_tests::{Os, Program, TestContext, Tiny, eventually, reads};

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

/// A first start that has read a part of its bundle and stops there, until it is told to go on.
pub(crate) struct Stopped {
    pub(crate) context: TestContext,
    pub(crate) tiny: Tiny,
    pub(crate) bundle: PathBuf,
    pub(crate) go_on: PathBuf,
}

impl Stopped {
    pub(crate) fn new() -> Self {
        let context = TestContext::new();
        let tiny = Tiny::new("1.0").keep(1).faulty();
        let share = context.path("share");
        fs::create_dir(&share).unwrap();
        let bundle = share.join("tiny");
        fs::rename(tiny.bundle(&context), &bundle).unwrap();
        let go_on = context.path("go-on");
        Self { context, tiny, bundle, go_on }
    }

    pub(crate) fn program(&self) -> Program {
        self.context
            .program(&self.bundle)
            .env("EKIBEN_TEST_FAULT", format!("stop:file:{}", self.go_on.to_str().unwrap()))
    }

    pub(crate) fn has_begun(&self) {
        let mut reached = self.go_on.clone().into_os_string();
        reached.push(".reached");
        eventually("it extracts", || Path::new(&reached).exists());
    }
}

#[test]
fn a_bundle_that_is_replaced_while_it_extracts_and_while_it_runs_is_installed_whole_and_the_next_start_is_the_new_one()
{
    let stopped = Stopped::new();
    let context = &stopped.context;
    let new = Tiny::new("2.0").keep(1).faulty();
    let mut old = stopped.program().arg("stay").stdin("").start();
    stopped.has_begun();
    fs::rename(new.bundle(context), &stopped.bundle).unwrap();
    fs::write(&stopped.go_on, "").unwrap();
    assert_eq!(old.line(), "ran 1.0\n");
    let old_dir = context.version_dir("tiny");
    assert_eq!(stopped.tiny.damage(&old_dir), [""; 0]);

    let start = context.program(&stopped.bundle);
    assert_eq!(start.run().quiet_stdout(), "ran 2.0\n");
    assert_eq!(stopped.tiny.damage(&old_dir), [""; 0], "it still runs");
    // Nobody needs the file: neither who runs, nor the clean-up.
    fs::remove_file(&stopped.bundle).unwrap();
    old.wait().success();
    fs::rename(new.bundle(context), &stopped.bundle).unwrap();
    eventually("a clean-up", || {
        assert_eq!(start.run().quiet_stdout(), "ran 2.0\n");
        !old_dir.exists()
    });
    assert_eq!(new.damage(&context.version_dir("tiny")), [""; 0]);
}
