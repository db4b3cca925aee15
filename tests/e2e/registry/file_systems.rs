//! File systems that can't rename directories, machines that do not say which boot this is, clocks that are wrong, and
//! cleaners of temporary files.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ekiben_tests::{Os, Program, Root, TestContext, Tiny, eventually};

/// A shell's commands that mount an overlay over `installs/`: what is there is its lower layer.
fn overlay(context: &TestContext) -> String {
    // An overlay on an overlay can't be: these layers lie in memory.
    let root = context.root().display();
    format!(
        "mount -t tmpfs none {root}/tmp; cp -a {root}/installs {root}/tmp/lower; mkdir {root}/tmp/upper {root}/tmp/work; \
         mount -t overlay overlay -o lowerdir={root}/tmp/lower,upperdir={root}/tmp/upper,workdir={root}/tmp/work,\
         redirect_dir=off,index=off {root}/installs; "
    )
}

#[test]
fn a_version_in_the_lower_layer_of_an_overlay_is_removed_where_it_is() {
    let Some(root) = Root::or_skip() else { return };
    let context = TestContext::new();
    let [old, new] = ["1.0", "2.0"].map(|version| Tiny::new(version).bundle(&context));
    context.program(&old).run().quiet_stdout();
    let version = context.versions("tiny").remove(0);
    let app = context.path("installs/tiny");
    fs::create_dir_all(app.join("versions").join(&version).join("media/deep")).unwrap();
    fs::write(app.join("versions").join(&version).join("media/deep/photo"), "the app's").unwrap();
    let mounted = |script: &str| {
        let script = overlay(&context) + script;
        root.with_mounts(context.program(&new), &script).run()
    };
    let said = mounted(&format!(
        "\"$@\"; \"$@\" self clean --keep 1; ls {0}/versions {0}/staging; cat {0}/kept/{version}/media/deep/photo",
        app.display()
    ));
    let said = context.redact(said.quiet_stdout());
    assert!(said.contains("removed [DIR]/installs/tiny/versions/1.0-[DIGEST]\n"), "{said}");
    assert!(said.contains("kept    [DIR]/installs/tiny/kept/1.0-[DIGEST]/media: "), "{said}");
    assert!(said.contains("/staging:\n\n") && said.ends_with("/versions:\n2.0-[DIGEST]\nthe app's"), "{said}");

    // What a killed first start left is there, too.
    fs::rename(app.join("versions").join(&version), app.join("staging").join(version + ".7-0")).unwrap();
    let said = mounted(&format!("\"$@\"; \"$@\" self uninstall --yes; ls {}", context.installs().display()));
    assert_eq!(said.quiet_stdout(), format!("ran 2.0\nremoved {}\n", app.display()));
}

#[test]
fn without_an_id_of_the_boot_a_start_looks_at_the_files_until_they_are_settled() {
    let Some(root) = Root::or_skip() else { return };
    let context = TestContext::new();
    let tiny = Tiny::new("1.0");
    let bundle = context.program(tiny.bundle(&context));
    let masked = root.with_mounts(bundle, "mount --bind /dev/null /proc/sys/kernel/random/boot_id; exec \"$@\"");
    assert_eq!(masked.run().quiet_stdout(), "ran 1.0\n");
    let version_dir = context.version_dir("tiny");
    assert_eq!(fs::read_to_string(version_dir.join(".ekiben/seal")).unwrap(), "boot not known\n");
    fs::write(version_dir.join("lib/part1/module1.py"), "").unwrap();
    assert_eq!(masked.run().quiet_stdout(), "ran 1.0\n");
    assert_eq!(tiny.damage(&version_dir), [""; 0]);
    assert_eq!(masked.run().quiet_stdout(), "ran 1.0\n");
    assert_eq!(fs::read_to_string(version_dir.join(".ekiben/seal")).unwrap(), "settled\n");
}

/// Sets the time at which every file of a tree was changed, as if the clock had been ahead when it was installed.
fn installed_at(version_dir: &Path, time: SystemTime) {
    for entry in walkdir::WalkDir::new(version_dir).into_iter().flatten().filter(|e| e.file_type().is_file()) {
        File::options().write(true).open(entry.path()).unwrap().set_modified(time).unwrap();
    }
}

#[test]
fn a_file_that_was_changed_after_a_clock_was_set_back_is_not_taken_by_a_new_version() {
    let context = TestContext::new();
    context.program(Tiny::new("1.0").bundle(&context)).run().quiet_stdout();
    let old = context.version_dir("tiny");
    // The list was written when the clock was a year ahead; the file is changed now, to another text of the same length.
    let ahead = SystemTime::now() + Duration::from_secs(365 * 86400);
    for own in fs::read_dir(old.join(".ekiben")).unwrap() {
        File::options().write(true).open(own.unwrap().path()).unwrap().set_modified(ahead).unwrap();
    }
    let changed = old.join("bin/python3");
    let text = fs::read_to_string(&changed).unwrap();
    fs::write(&changed, text.replace("echo \"ran", "echo \"RAN")).unwrap();
    assert_eq!(context.program(Tiny::new("2.0").bundle(&context)).run().quiet_stdout(), "ran 2.0\n");
}

#[test]
fn a_file_system_that_shifts_all_times_by_hours_hides_no_file_from_a_new_version() {
    use std::os::unix::fs::MetadataExt as _;
    let context = TestContext::new();
    context.program(Tiny::new("1.0").bundle(&context)).run().quiet_stdout();
    let old = context.version_dir("tiny");
    let installed = fs::metadata(old.join("bin/python3")).unwrap().modified().unwrap();
    // As a memory stick with FAT does, which keeps local time, when summer begins.
    installed_at(&old, installed + Duration::from_secs(3600));
    context.program(Tiny::new("2.0").bundle(&context)).run().quiet_stdout();
    assert_eq!(fs::metadata(old.join("bin/python3")).unwrap().nlink(), 2);
}

/// `tiny`, installed among temporary files as an account without a home, and where.
fn among_temporary_files(context: &TestContext) -> (Program, PathBuf) {
    let bundle = context.program(Tiny::new("1.0").bundle(context));
    let bundle = bundle.env_remove("EKIBEN_ROOT").env("HOME", "/dev/null");
    bundle.run().quiet_stdout();
    let private = fs::read_dir(context.path("tmp")).unwrap().next().unwrap().unwrap().path();
    let version = fs::read_dir(private.join("tiny/versions")).unwrap().next().unwrap().unwrap().path();
    (bundle, version)
}

fn aged(path: &Path, hours: u64) {
    let then = SystemTime::now() - Duration::from_secs(hours * 3600);
    File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
}

#[test]
fn a_start_from_among_temporary_files_brings_back_once_a_day_what_a_cleaner_removed() {
    let context = TestContext::new();
    let tiny = Tiny::new("1.0");
    let (bundle, version_dir) = among_temporary_files(&context);
    let seal = version_dir.join(".ekiben/seal");
    for lost in ["lib/part1/module1.py", "lib/part2", ".ekiben/installed"] {
        fs::write(&seal, "settled\n").unwrap();
        let path = version_dir.join(lost);
        if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }.unwrap();
        aged(&seal, 23);
        assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n");
        assert!(!path.exists(), "{lost}: not looked for yet");
        aged(&seal, 25);
        assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n");
        assert_eq!(tiny.damage(&version_dir), [""; 0], "{lost}");
        assert!(path.exists(), "{lost}");
    }
    // Nothing is missing: the next day counts from now.
    fs::write(&seal, "settled\n").unwrap();
    aged(&seal, 25);
    assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n");
    assert!(fs::metadata(&seal).unwrap().modified().unwrap().elapsed().unwrap() < Duration::from_secs(3600));
    assert_eq!(fs::read_to_string(&seal).unwrap(), "settled\n");
}

#[test]
fn a_version_among_temporary_files_that_lost_its_seal_and_its_list_is_installed_again() {
    let context = TestContext::new();
    let tiny = Tiny::new("1.0");
    let (bundle, version_dir) = among_temporary_files(&context);
    fs::write(version_dir.join("lib/part1/notes"), "the app's").unwrap();
    fs::remove_dir_all(version_dir.join(".ekiben")).unwrap();
    fs::remove_dir_all(version_dir.join("lib/part3")).unwrap();
    assert_eq!(bundle.run().quiet_stdout(), "ran 1.0\n");
    assert_eq!(tiny.damage(&version_dir), [""; 0]);
    let root = version_dir.ancestors().nth(2).unwrap();
    assert_eq!(fs::read_dir(root.join("staging")).unwrap().count(), 0);
    let kept = root.join("kept").join(version_dir.file_name().unwrap());
    assert_eq!(fs::read_to_string(kept.join("lib/part1/notes")).unwrap(), "the app's");
    assert_eq!(walkdir::WalkDir::new(kept).into_iter().flatten().filter(|e| e.file_type().is_file()).count(), 1);
}

#[test]
fn a_list_that_a_disk_lost_is_written_again() {
    let context = TestContext::new();
    let bundle = context.program(context.bundle("hello", Os::Linux));
    bundle.run().quiet_stdout();
    let version_dir = context.version_dir("hello");
    let list = version_dir.join(".ekiben/installed");
    let whole = fs::read_to_string(&list).unwrap();
    for lost in ["", &whole[..whole.len() / 2], &"\0".repeat(whole.len())] {
        fs::write(&list, lost).unwrap();
        fs::write(version_dir.join(".ekiben/seal"), "boot another-one\n").unwrap();
        bundle.run().quiet_stdout();
        eventually("the list", || fs::read_to_string(&list).unwrap() == whole);
    }
}
