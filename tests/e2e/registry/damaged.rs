//! A file that was damaged on its way says so, and nothing of it runs.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;

use bundle::Bundle;
use ekiben_tests::{Os, Program, TestContext};

/// The exit code of a bundle that can't be used, and of an installation that failed.
const UNUSABLE: i32 = 122;
const NOT_INSTALLED: i32 = 124;

/// Turns one bit of the byte at `offset`.
fn flip(path: &Path, offset: u64) {
    let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).unwrap();
    file.write_all_at(&[byte[0] ^ 0x10], offset).unwrap();
}

/// Whatever just wrote to it, starts it: a child that another test forked meanwhile may still hold it open for writing.
fn start(context: &TestContext, bundle: &Path) -> Program {
    let copied = context.path("copied");
    drop(fs::remove_file(&copied));
    let status = std::process::Command::new("cp").arg(bundle).arg(&copied).status().unwrap();
    assert!(status.success());
    context.program(copied)
}

fn installed(context: &TestContext) -> Vec<String> {
    context.everything().into_iter().filter(|path| path.starts_with("installs/hello/")).collect()
}

#[test]
fn a_damaged_frame_of_any_layer_is_refused_and_nothing_is_installed() {
    let layers = {
        let context = TestContext::new();
        Bundle::open(&context.bundle("hello", Os::Linux)).unwrap().index().unwrap().layers.len()
    };
    assert!(layers >= 2);
    for layer in 0..layers {
        let context = TestContext::new();
        let path = context.bundle("hello", Os::Linux);
        let bundle = Bundle::open(&path).unwrap();
        let index = bundle.index().unwrap();
        let before: usize = index.layers[..layer].iter().map(|l| l.frames.len()).sum();
        let Some(placed) = index.frames().nth(before) else { continue };
        let placed = placed.unwrap();
        flip(&path, bundle.payload_start() + placed.offset + placed.frame.len / 2);
        assert_eq!(
            context.complaint(&start(&context, &path).run(), NOT_INSTALLED),
            "error: could not install `hello`: the bundle can't be used: the frame does not match its SHA-256\n\
             help: the file was changed or damaged: download it again\n"
        );
        assert_eq!(installed(&context), ["installs/hello/lock", "installs/hello/staging", "installs/hello/versions"]);
    }
}

#[test]
fn a_damaged_index_is_refused() {
    let context = TestContext::new();
    let path = context.bundle("hello", Os::Linux);
    let bundle = Bundle::open(&path).unwrap();
    flip(&path, bundle.payload_start() + bundle.footer().index_offset + 20);
    assert_eq!(
        context.complaint(&start(&context, &path).run(), NOT_INSTALLED),
        "error: could not install `hello`: the bundle can't be used: the index does not match its SHA-256\n\
         help: the file was changed or damaged: download it again\n"
    );
}

#[test]
fn a_damaged_launch_record_or_footer_is_refused_even_when_the_app_is_installed() {
    let context = TestContext::new();
    let path = context.bundle("hello", Os::Linux);
    start(&context, &path).run().quiet_stdout();
    let bundle = Bundle::open(&path).unwrap();
    for offset in [bundle.footer().record_offset + 10, bundle.footer().payload_len - 128 + 50] {
        let offset = bundle.payload_start() + offset;
        flip(&path, offset);
        let said = context.complaint(&start(&context, &path).run(), UNUSABLE);
        assert!(
            said.starts_with("error: could not use the bundle `[DIR]/copied`: the footer and launch record"),
            "{said}"
        );
        assert!(said.ends_with("\nhelp: the file was changed or damaged: download it again\n"), "{said}");
        flip(&path, offset);
    }
    start(&context, &path).run().quiet_stdout();
}

#[test]
fn a_file_that_was_cut_off_is_refused() {
    let context = TestContext::new();
    let path = context.bundle("hello", Os::Linux);
    let whole = fs::metadata(&path).unwrap().len();
    let launcher = Bundle::open(&path).unwrap().payload_start();
    for length in [launcher, launcher + 1, whole / 2, whole - 1] {
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(length).unwrap();
        drop(file);
        let said = context.complaint(&start(&context, &path).run(), UNUSABLE);
        assert_eq!(
            said,
            "error: could not use the bundle `[DIR]/copied`: no payload found\n\
             help: the file holds no app: the download may be incomplete, so download it again\n",
            "{length}"
        );
        fs::remove_file(&path).unwrap();
        context.bundle("hello", Os::Linux);
    }
}

#[test]
fn a_bundle_of_a_later_format_names_both_versions() {
    let context = TestContext::new();
    let path = context.bundle("hello", Os::Linux);
    let length = fs::metadata(&path).unwrap().len();
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    file.write_all_at(&2_u32.to_le_bytes(), length - 16).unwrap();
    drop(file);
    let said = context.complaint(&start(&context, &path).run(), UNUSABLE);
    assert!(said.contains("format version 2") && said.contains("version 1"), "{said}");
}

#[test]
fn verify_finds_what_a_start_would_refuse() {
    let context = TestContext::new();
    let path = context.bundle("hello", Os::Linux);
    context.ekiben().arg("verify").arg(&path).run().success();
    let bundle = Bundle::open(&path).unwrap();
    flip(&path, bundle.payload_start() + 100);
    let outcome = context.ekiben().arg("verify").arg(&path).run();
    assert_ne!(outcome.code, Some(0));
    assert!(outcome.stderr.contains("does not match its SHA-256"), "{outcome:#?}");
}
