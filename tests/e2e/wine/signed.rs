//! As `registry::signed`: the tests that need Wine.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use ekiben_tests::{TestContext, Wine};

use crate::registry::signed::{SIGN, append, osslsigncode, signed_in_other_ways, unsigned_and_signed};

#[test]
fn a_signed_bundle_runs_in_the_version_dir_of_the_unsigned_one() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let (unsigned, signed) = unsigned_and_signed(&context);
    let runs = |path: &Path| {
        assert_eq!(wine.program(&context, path).run().quiet_stdout(), "Hello, world!\n");
        // Fails unless there is exactly one.
        context.version_dir("hello")
    };
    let version_dir = runs(&signed);
    assert_eq!(runs(&unsigned), version_dir);
    let others = signed_in_other_ways(&context);
    append(&signed);
    assert_eq!(runs(&signed), version_dir);
    for other in others {
        assert_eq!(runs(&other), version_dir, "{}", other.display());
        append(&other);
        assert_eq!(runs(&other), version_dir, "{}", other.display());
    }
}

#[test]
fn bytes_appended_before_or_after_signing_do_no_harm() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let (unsigned, signed) = unsigned_and_signed(&context);
    let most = vec![b'x'; 64 * 1024];
    let append = |path: &Path| OpenOptions::new().append(true).open(path).unwrap().write_all(&most).unwrap();
    append(&signed);
    append(&unsigned);
    let afterwards = osslsigncode(&context, &format!("{SIGN} -in hello.exe"), "afterwards.exe");
    append(&afterwards);
    for path in [signed, unsigned, afterwards] {
        assert_eq!(wine.program(&context, &path).run().quiet_stdout(), "Hello, world!\n", "{}", path.display());
        context.version_dir("hello");
    }
}
