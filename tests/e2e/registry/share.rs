//! One file that many start, on Linux: how much of it is read, and what happens when it changes under them.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};

use bundle::Bundle;
use ekiben_tests::{Os, Program, Root, TestContext, Tiny, eventually, reads};

use crate::plain::concurrency::at_once;

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

#[test]
fn two_hundred_users_start_one_file_at_once_and_disturb_nobody() {
    let context = TestContext::new();
    let tiny = Tiny::new("1.0");
    let bundle = tiny.bundle(&context);
    let share = context.path("share");
    fs::create_dir(&share).unwrap();
    let place = share.join("tiny");
    fs::rename(bundle, &place).unwrap();
    // Nobody may write there, and somebody else has locked it.
    for (path, mode) in [(&place, 0o555), (&share, 0o555)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let locked = File::open(&place).unwrap();
    locked.lock().unwrap();
    let before = (fs::read(&place).unwrap(), fs::metadata(&place).unwrap().modified().unwrap());

    // Half of them on machines of their own, the others twenty to a machine.
    let root = |user: usize| context.path(format!("root-{}", if user < 100 { user } else { 100 + user / 20 }));
    let starts: Vec<Program> =
        (0..200).map(|user| context.program(&place).env("EKIBEN_ROOT", root(user)).arg("where")).collect();
    let mut places: Vec<String> = Vec::new();
    for outcome in at_once(&starts) {
        let (said, version_dir) = outcome.quiet_stdout().split_once('\n').unwrap();
        assert_eq!(said, "ran 1.0");
        places.push(version_dir.trim_end().to_owned());
    }
    places.sort();
    places.dedup();
    assert_eq!(places.len(), 105);
    for version_dir in places {
        assert_eq!(tiny.damage(Path::new(&version_dir)), [""; 0]);
    }
    assert_eq!((fs::read(&place).unwrap(), fs::metadata(&place).unwrap().modified().unwrap()), before);
    fs::set_permissions(share, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A first start that has read a part of its bundle and stops there, until it is told to go on.
struct Stopped {
    context: TestContext,
    tiny: Tiny,
    bundle: PathBuf,
    go_on: PathBuf,
}

impl Stopped {
    fn new() -> Self {
        let context = TestContext::new();
        let tiny = Tiny::new("1.0").keep(1).faulty();
        let share = context.path("share");
        fs::create_dir(&share).unwrap();
        let bundle = share.join("tiny");
        fs::rename(tiny.bundle(&context), &bundle).unwrap();
        let go_on = context.path("go-on");
        Self { context, tiny, bundle, go_on }
    }

    fn program(&self) -> Program {
        self.context
            .program(&self.bundle)
            .env("EKIBEN_TEST_FAULT", format!("stop:file:{}", self.go_on.to_str().unwrap()))
    }

    fn has_begun(&self) {
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

#[test]
fn a_bundle_that_is_deleted_while_it_extracts_is_installed_whole() {
    let stopped = Stopped::new();
    let running = stopped.program().start();
    stopped.has_begun();
    fs::remove_file(&stopped.bundle).unwrap();
    fs::write(&stopped.go_on, "").unwrap();
    assert_eq!(running.wait().quiet_stdout(), "ran 1.0\n");
    assert_eq!(stopped.tiny.damage(&stopped.context.version_dir("tiny")), [""; 0]);
}

/// The kernel keeps everybody on this machine from writing to a file that runs. A server's file is another matter, and so is
/// one below an overlay, which stands for it here.
fn changed_behind_its_back(change: impl Fn(&File, &Path), said: &str) {
    let Some(root) = Root::or_skip() else { return };
    let stopped = Stopped::new();
    let context = &stopped.context;
    let kept = fs::read(&stopped.bundle).unwrap();
    for name in ["mounted", "nothing"] {
        fs::create_dir(context.path(name)).unwrap();
    }
    let path = |name: &str| context.path(name).to_str().unwrap().to_owned();
    let (share, nothing, mounted) = (path("share"), path("nothing"), path("mounted"));
    let script = format!("mount -t overlay overlay -o lowerdir={share}:{nothing} {mounted}; exec \"$@\"");
    let program = stopped.program().replaced(format!("{mounted}/tiny"), [""; 0]);
    let running = root.with_mounts(program, &script).start();
    stopped.has_begun();
    let file = File::options().write(true).open(&stopped.bundle).unwrap();
    change(&file, &Tiny::new("2.0").faulty().bundle(context));
    drop(file);
    fs::write(&stopped.go_on, "").unwrap();
    let failed = running.wait();
    let complaint = context.complaint(&failed, 124);
    assert!(complaint.contains(said), "{complaint}");
    assert!(complaint.contains("help: the file was changed or damaged on its way: get it again"), "{complaint}");
    assert_eq!(context.versions("tiny"), [""; 0]);
    assert_eq!(fs::read_dir(context.path("installs/tiny/staging")).unwrap().count(), 0);
    fs::write(&stopped.bundle, kept).unwrap();
    assert_eq!(context.program(&stopped.bundle).run().quiet_stdout(), "ran 1.0\n");
    assert_eq!(stopped.tiny.damage(&context.version_dir("tiny")), [""; 0]);
}

#[test]
fn a_bundle_that_is_overwritten_in_place_while_it_extracts_is_noticed_and_nothing_of_it_runs() {
    let overwrite = |file: &File, new: &Path| file.write_all_at(&fs::read(new).unwrap(), 0).unwrap();
    changed_behind_its_back(overwrite, "the bundle can't be used: damaged: the frame does not match its SHA-256");
}

#[test]
fn a_bundle_that_is_cut_off_while_it_extracts_is_noticed_and_nothing_of_it_runs() {
    let cut_off = |file: &File, new: &Path| file.set_len(Bundle::open(new).unwrap().payload_start()).unwrap();
    changed_behind_its_back(cut_off, "the bundle can't be used: could not read it");
}
