//! One file that many start, on Windows, as far as Wine shows it: it has network drives and names of servers, and the sharing
//! modes of files; it takes no notice of what says that an image is to be copied to the page file.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use bundle::Bundle;
use ekiben_tests::{
    Program, TestContext, Tiny, Wine, eventually, eventually_some, reads, windows_path, windows_program,
};

use crate::plain::concurrency::at_once;

/// Who has a file open. (Wine's server has every file that a Windows program has mapped or inherited.)
fn open_in(file: &Path) -> Vec<String> {
    let has = |process: &fs::DirEntry| {
        let descriptors = fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten();
        descriptors.into_iter().any(|descriptor| fs::read_link(descriptor.path()).is_ok_and(|to| to == file))
    };
    let processes = fs::read_dir("/proc").unwrap().flatten().filter(has);
    processes.map(|process| fs::read_to_string(process.path().join("comm")).unwrap_or_default()).collect()
}

/// Whether a program on Windows reads the file, or could.
fn is_open(file: &Path) -> bool {
    open_in(file).iter().any(|name| !name.starts_with("wineserver"))
}

/// A share with an app on it that waits for the end of its input.
struct Share {
    wine: &'static Wine,
    context: TestContext,
    stays: Vec<u8>,
    place: PathBuf,
}

impl Share {
    fn with(files: usize) -> Option<Self> {
        let wine = Wine::or_skip()?;
        let context = TestContext::new();
        let stays = windows_program(&context, "stays", &[]);
        fs::create_dir(context.path("share")).unwrap();
        let share = Self { wine, stays, place: context.path("share/tiny.exe"), context };
        fs::rename(share.bundle("1.0", files), &share.place).unwrap();
        Some(share)
    }

    fn bundle(&self, version: &str, files: usize) -> PathBuf {
        Tiny::new(version).keep(1).windows().running(self.stays.clone()).files(files).bundle(&self.context)
    }

    fn start(&self) -> Program {
        self.wine.program(&self.context, &self.place).stdin("")
    }

    /// What a publisher does on a Windows machine: as Wine, so that the sharing mode of whoever has the file open counts.
    fn steps_aside(&self) {
        let rename = format!("ren {} aside.exe", windows_path(&self.place));
        self.wine.program(&self.context, "cmd").args(["/c", &rename]).run().success();
        assert!(!self.place.exists() && self.context.path("share/aside.exe").exists());
    }
}

#[test]
fn while_an_app_in_a_console_runs_its_bundle_is_closed_and_gives_way_to_a_newer_one() {
    let Some(share) = Share::with(90) else { return };
    for _ in 0..2 {
        let mut running = share.start().start();
        assert_eq!(running.line().trim_end(), "ran 1.0");
        // It may be the app's own line that comes before the launcher's next step.
        eventually("the bundle is closed", || !is_open(&share.place));
        running.wait().success();
    }
    let mut old = share.start().start();
    assert_eq!(old.line().trim_end(), "ran 1.0");
    let old_dir = share.context.version_dir("tiny");
    share.steps_aside();
    fs::rename(share.bundle("2.0", 90), &share.place).unwrap();
    let mut new = share.start().start();
    assert_eq!(new.line().trim_end(), "ran 2.0");
    assert!(old_dir.join("python.exe").exists());
    new.wait().success();
    old.wait().success();
    eventually("a clean-up", || {
        share.start().run().success();
        !old_dir.exists()
    });
}

/// Enough for a first start under Wine to take seconds.
const MANY: usize = 6_000;

/// A first start that is stopped while it extracts.
fn stopped(share: &Share) -> ekiben_tests::Running {
    let running = share.start().start();
    let staging = share.context.installs().join("tiny/staging");
    let extracts = || {
        let mut staged = fs::read_dir(&staging).ok()?;
        fs::read_dir(staged.next()?.ok()?.path().join("lib")).ok()?.next()
    };
    eventually_some("it extracts", extracts).unwrap();
    running.signal("STOP");
    let stat = format!("/proc/{}/stat", running.id());
    eventually("it stops", || fs::read_to_string(&stat).unwrap().contains(") T "));
    assert_eq!(share.context.versions("tiny"), [""; 0], "it was stopped before its end");
    running
}

#[test]
fn a_file_that_is_renamed_away_while_it_extracts_is_installed_whole() {
    let Some(share) = Share::with(MANY) else { return };
    let mut running = stopped(&share);
    share.steps_aside();
    fs::rename(share.bundle("2.0", 90), &share.place).unwrap();
    running.signal("CONT");
    assert_eq!(running.line().trim_end(), "ran 1.0");
    running.wait().success();
    assert_eq!(walkdir::WalkDir::new(share.context.version_dir("tiny").join("lib")).into_iter().count(), MANY + 9 + 1);
    assert_eq!(share.start().run().stdout.trim_end(), "ran 2.0");
}

/// Somebody copies another file over the one that is being extracted, as a server lets them.
fn changed_under_it(change: impl Fn(&File, &Path), said: &str) {
    let Some(share) = Share::with(MANY) else { return };
    let new = share.bundle("2.0", 90);
    let running = stopped(&share);
    let file = File::options().write(true).open(&share.place).unwrap();
    change(&file, &new);
    running.signal("CONT");
    let complaint = share.context.complaint(&running.wait(), 124);
    assert!(complaint.contains(said), "{complaint}");
    assert!(complaint.contains("help: the file was changed or damaged: download it again"), "{complaint}");
    assert_eq!(share.context.versions("tiny"), [""; 0]);
    assert_eq!(fs::read_dir(share.context.path("installs/tiny/staging")).unwrap().count(), 0);
}

#[test]
fn a_file_that_is_overwritten_in_place_while_it_extracts_is_noticed() {
    // The front, from which Wine runs the launcher, is the same in both.
    changed_under_it(
        |file, new| {
            let start = Bundle::open(new).unwrap().payload_start();
            let long = fs::metadata(new).unwrap().len() - start;
            file.write_all_at(&vec![0x55; usize::try_from(long).unwrap()], start).unwrap();
        },
        "the frame does not match its SHA-256",
    );
}

#[test]
fn a_file_that_is_cut_off_while_it_extracts_is_noticed() {
    let cut_off = |file: &File, new: &Path| file.set_len(Bundle::open(new).unwrap().payload_start()).unwrap();
    changed_under_it(cut_off, "the bundle can't be used: could not read it");
}

#[test]
fn a_bundle_runs_from_a_network_drive_and_knows_it() {
    let Some(share) = Share::with(90) else { return };
    let drive = share.wine.network_drive(&share.context.path("share"));
    let program = share.wine.program(&share.context, drive.path("tiny.exe")).stdin("");
    assert_eq!(program.run().stdout.trim_end(), "ran 1.0");
    let doctor = program.arg("self").arg("doctor").run();
    let from = doctor.stdout.lines().find(|line| line.starts_with("started from")).unwrap_or_default();
    assert!(from.ends_with(", on a network"), "{doctor:#?}");
    assert_eq!(doctor.stdout.matches(", on a network").count(), 1, "no place is");
}

#[test]
fn of_sixteen_starts_at_once_from_a_network_drive_one_installs_and_each_gets_the_end_of_its_own_app() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let tiny = Tiny::new("1.0").windows().faulty().running(wine.shell());
    let share = context.path("share");
    fs::create_dir(&share).unwrap();
    fs::rename(tiny.bundle(&context), share.join("tiny.exe")).unwrap();
    let drive = wine.network_drive(&share);
    // Each writes to a log of its own; all are one user's, in one install root.
    let log = |number: usize| context.path(format!("log-{number}"));
    let start = |number: usize| {
        let app = ["/c".to_owned(), format!("echo ran %EKIBEN_VERSION%& exit {}", 40 + number)];
        let program = wine.program(&context, drive.path("tiny.exe")).args(app);
        program.env("EKIBEN_TEST_FAULT_LOG", windows_path(&log(number)))
    };
    // First starts, and then later ones.
    for _ in 0..2 {
        for (number, outcome) in at_once(&(0..16).map(start).collect::<Vec<_>>()).iter().enumerate() {
            assert_eq!(
                (outcome.code, outcome.stdout.trim_end()),
                (Some(40 + number as i32), "ran 1.0"),
                "{outcome:#?}"
            );
        }
    }
    let passed = |point: &str| {
        let of =
            |number| fs::read_to_string(log(number)).unwrap_or_default().lines().filter(|line| *line == point).count();
        (0..16).map(of).sum::<usize>()
    };
    assert_eq!((passed("staging dir"), passed("file"), passed("publish")), (1, 91, 1));
    assert_eq!(tiny.damage(&context.version_dir("tiny")), [""; 0]);
    assert_eq!(fs::read_dir(context.path("installs/tiny/staging")).unwrap().count(), 0);
}

/// The bundle itself can't lie there: Wine tells a program that it was started as `UNC\server\share\…`, which is no path.
#[test]
fn a_version_can_lie_on_a_share_by_the_name_of_its_server_or_a_letter() {
    let Some(share) = Share::with(90) else { return };
    let server = share.wine.share(&share.context.path("share"));
    let drive = share.wine.network_drive(&share.context.path("share"));
    for (place, name) in [(server, "by-server"), (drive, "by-letter")] {
        let program = share.start().env("EKIBEN_ROOT", place.path(name));
        for _ in 0..2 {
            assert_eq!(program.run().stdout.trim_end(), "ran 1.0");
        }
        assert!(share.context.path("share").join(name).join("tiny/versions").is_dir());
    }
    assert_eq!(share.context.versions("tiny"), [""; 0]);
}

/// Starts an app with windows as Explorer does.
fn double_click(share: &Share, exe: PathBuf, root: &str, end: &Path) -> Child {
    let program = share.wine.program(&share.context, exe);
    let root = share.context.path(root);
    let program = program.env("EKIBEN_ROOT", windows_path(&root)).env("EKIBEN_TEST_END", windows_path(end));
    let program = program.env("EKIBEN_TEST_UP", windows_path(&root.join("up")));
    let mut command = program.command();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn an_app_with_windows_from_a_share_is_left_as_soon_as_it_waits_for_its_user() {
    let Some(share) = Share::with(90) else { return };
    let idles = windows_program(&share.context, "idles", &["-mwindows"]);
    fs::rename(Tiny::new("3.0").windows().windowed().running(idles).bundle(&share.context), &share.place).unwrap();
    let drive = share.wine.network_drive(&share.context.path("share"));
    let end = share.context.path("end");
    let app = |root: &str, exe: PathBuf| double_click(&share, exe, root, &end);
    // Both are installed, so that a start is a matter of moments.
    fs::write(&end, "").unwrap();
    for (root, exe) in [("local", share.place.clone()), ("remote", drive.path("tiny.exe"))] {
        assert!(app(root, exe).wait().unwrap().success());
    }
    fs::remove_file(&end).unwrap();
    // The one from a disk that is built in comes first, and is watched for its first ten seconds.
    let mut local = app("local", share.place.clone());
    let up = share.context.path("local/up");
    eventually("it has come up", || up.exists());
    let mut remote = app("remote", drive.path("tiny.exe"));
    let code = eventually_some("it is left", || remote.try_wait().unwrap());
    assert!(code.success());
    assert!(local.try_wait().unwrap().is_none(), "the other one was left before");
    // Both apps are there, each with its version, and nobody has the file open.
    let seal = |root: &str| {
        let versions = share.context.path(root).join("tiny/versions");
        fs::read_dir(versions).unwrap().next().unwrap().unwrap().path().join(".ekiben/seal")
    };
    for root in ["local", "remote"] {
        assert_ne!(open_in(&seal(root)), [""; 0], "{root}");
    }
    assert!(!is_open(&share.place));
    fs::write(end, "").unwrap();
    assert!(local.wait().unwrap().success());
    // Nobody waits for the other one; without the file it would stay for ever.
    eventually("it has ended", || open_in(&seal("remote")).is_empty());
}

#[test]
fn on_windows_too_a_first_start_reads_the_payload_once_and_a_later_one_its_last_4_kib() {
    let Some(share) = Share::with(90) else { return };
    let bundle = Bundle::open(&share.place).unwrap();
    let (size, start) = (fs::metadata(&share.place).unwrap().len(), bundle.payload_start());
    let index = (start + bundle.footer().index_offset, bundle.footer().index_len);
    // The loader reads the launcher's part, and nothing behind it.
    let of_payload = || {
        let (outcome, reads) = reads(&share.context, share.start(), &share.place);
        assert_eq!(outcome.stdout.trim_end(), "ran 1.0");
        let (payload, image): (Vec<(u64, u64)>, Vec<_>) = reads.into_iter().partition(|(offset, _)| *offset >= start);
        assert!(image.iter().all(|(offset, length)| offset + length <= start), "{image:?}");
        payload
    };
    let tail = (size - 4096, 4096);
    let first = of_payload();
    assert_eq!(first[..2], [tail, index]);
    // Two workers may read one frame each, and the second be faster.
    let mut frames = first[2..].to_vec();
    frames.sort_unstable();
    let end = frames.iter().fold(start, |next, (offset, length)| {
        assert_eq!(*offset, next, "{first:?}");
        next + length
    });
    assert_eq!(end, index.0);
    assert_eq!(of_payload(), [tail]);
}

#[test]
fn a_later_start_of_a_signed_bundle_reads_4_kib_before_its_signature_too() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let (_, signed) = crate::registry::signed::unsigned_and_signed(&context);
    let start = || wine.program(&context, &signed);
    assert_eq!(start().run().quiet_stdout().trim_end(), "Hello, world!");
    let bundle = Bundle::open(&signed).unwrap();
    let (size, payload_start) = (fs::metadata(&signed).unwrap().len(), bundle.payload_start());
    let payload_end = payload_start + bundle.footer().payload_len;
    let (_, reads) = reads(&context, start(), &signed);
    let behind: Vec<_> = reads.into_iter().filter(|(offset, _)| *offset >= payload_start).collect();
    let (last, others) = behind.split_last().unwrap();
    assert_eq!((behind[0], *last), ((size - 4096, 4096), (payload_end - 4096, 4096)));
    // A signing tool may have put up to seven bytes between payload and signature, which are tried one by one.
    assert!(others.len() <= 8 && others.iter().all(|(_, length)| *length == 4096), "{behind:?}");
}
