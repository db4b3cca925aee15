//! `ekiben publish`: a file that people use gives way to a newer one.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use ekiben_tests::{Os, Outcome, Program, TestContext, sha256};
use serde_json::{Value, json};

/// Two versions of an app that says its version and waits for a line, and a share with the older one.
pub(crate) struct Share {
    pub(crate) context: TestContext,
    pub(crate) old: PathBuf,
    pub(crate) new: PathBuf,
    pub(crate) place: PathBuf,
}

impl Share {
    pub(crate) fn new(os: Os) -> Self {
        let context = TestContext::new();
        let suffix = if os == Os::Windows { ".exe" } else { "" };
        let (old, new) = (context.bundle("waits/old", os), context.bundle("waits/new", os));
        let place = context.path(format!("share/waits{suffix}"));
        fs::create_dir(context.path("share")).unwrap();
        let share = Self { context, old, new, place };
        let first = share.publish(&share.old, &[]).json();
        assert_eq!((&first["replaced"], &first["unchanged"]), (&Value::Null, &json!(false)));
        share
    }

    pub(crate) fn publishing(&self, file: &Path, more: &[&str]) -> Program {
        self.context.ekiben().args(["publish", "--json"]).args(more).arg(file).arg(&self.place)
    }

    pub(crate) fn publish(&self, file: &Path, more: &[&str]) -> Outcome {
        self.publishing(file, more).run()
    }

    /// What is on the share.
    pub(crate) fn names(&self) -> Vec<String> {
        let names = fs::read_dir(self.context.path("share")).unwrap();
        let mut names: Vec<_> = names.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(crate) fn holds(&self, file: &Path) -> bool {
        sha256(&self.place) == sha256(file)
    }

    /// Publishes the new version while `run` runs the old one.
    pub(crate) fn publishes_while_it_runs(&self, run: impl Fn() -> Program) {
        let mut running = run().stdin("").start();
        assert_eq!(running.line().trim_end(), "1.0");
        // As a first start has it that is just extracting.
        let mut opened = File::open(&self.place).unwrap();
        let published = self.publish(&self.new, &[]).json();
        assert_eq!((&published["replaced"], &published["unchanged"]), (&json!("1.0"), &json!(false)));
        assert!(self.holds(&self.new));
        let mut read = Vec::new();
        opened.read_to_end(&mut read).unwrap();
        assert!(read == fs::read(&self.old).unwrap(), "who has opened the old file goes on reading it");
        // A second start, while the first still runs.
        assert_eq!(run().stdin("x\n").run().quiet_stdout(), "2.0\nx\n");
        running.say("still here\n");
        let ended = running.wait();
        assert_eq!((ended.code, ended.stdout.trim_end()), (Some(0), "still here"), "{ended:#?}");
        self.publish(&self.new, &[]).success();
        assert_eq!(self.names(), [self.place.file_name().unwrap().to_str().unwrap()]);
    }
}

#[test]
fn a_running_app_is_replaced_and_runs_on() {
    let share = Share::new(Os::Linux);
    share.publishes_while_it_runs(|| share.context.program(&share.place));
}

#[test]
fn the_same_file_again_changes_nothing() {
    let share = Share::new(Os::Linux);
    let before = fs::metadata(&share.place).unwrap().modified().unwrap();
    let again = share.publish(&share.old, &[]).json();
    assert_eq!((&again["unchanged"], &again["replaced"], &again["left"]), (&json!(true), &Value::Null, &json!([])));
    assert_eq!(fs::metadata(&share.place).unwrap().modified().unwrap(), before);

    // A directory gets a file of the same name; a file is published onto itself.
    let directory = share.context.path("share");
    let publish = |file: &Path, to: &Path| share.context.ekiben().arg("publish").arg(file).arg(to).run();
    let said = publish(&share.new, &directory);
    let into = directory.join("new");
    assert_eq!(said.quiet_stdout(), format!("published waits 2.0 as `{}`\n", into.display()));
    assert_eq!(publish(&into, &directory).quiet_stdout(), format!("`{}` is waits 2.0 already\n", into.display()));
    let said = publish(&share.old, &into);
    assert_eq!(said.quiet_stdout(), format!("published waits 1.0 as `{}`, in place of 2.0\n", into.display()));
    assert_eq!(share.names(), ["new", "waits"]);
}

#[test]
fn a_link_stays_and_what_it_leads_to_is_replaced() {
    let share = Share::new(Os::Linux);
    let link = share.context.path("link");
    std::os::unix::fs::symlink(&share.place, &link).unwrap();
    share.context.ekiben().arg("publish").arg(&share.new).arg(&link).run().success();
    assert!(link.is_symlink() && share.holds(&share.new));
}

#[test]
fn what_is_no_bundle_or_another_app_is_refused() {
    let share = Share::new(Os::Linux);
    let context = &share.context;
    let before = sha256(&share.place);
    let mut damaged = fs::read(&share.new).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    let damaged = context.write("damaged", damaged);
    let text = context.write("text", "no bundle");
    let other = context.bundle("hello", Os::Linux);
    let nowhere = context.path("nowhere/waits");
    for (file, to, complaint) in [
        (&text, &share.place, "could not open the bundle `[DIR]/text`: no payload found"),
        (&damaged, &share.place, "the bundle `[DIR]/damaged` is damaged: the frame does not match its SHA-256"),
        (&other, &share.place, "`[DIR]/share/waits` is another app, `waits`\nhelp: choose another destination"),
        (&share.new, &text, "`[DIR]/text` is not a bundle\nhelp: choose another destination"),
        (&share.new, &nowhere, "there is no directory `[DIR]/nowhere`\nhelp: make it first, or name a file"),
        (&share.new, &context.path("new/"), "there is no directory `[DIR]/new/`\nhelp: make it first"),
    ] {
        let outcome = context.ekiben().arg("publish").arg(file).arg(to).run();
        let said = context.complaint(&outcome, 1);
        assert!(said.contains(complaint) && said.contains("\nhelp: "), "{said}");
        assert_eq!((sha256(&share.place), share.names()), (before.clone(), vec!["waits".to_owned()]));
    }
    let published = share.publish(&other, &["--force"]).json();
    assert_eq!((&published["app"]["id"], &published["replaced"]), (&json!("hello"), &json!("1.0")));
    context.ekiben().args(["publish", "--force"]).arg(&share.new).arg(&text).run().success();
    assert_eq!(sha256(&text), sha256(&share.new));
}

/// Publishes the new version, with this done to some of the renames that it makes.
fn tampered(share: &Share, inject: &str) -> Outcome {
    let calls = "?rename,?renameat,renameat2";
    let log = share.context.path("strace.log");
    let inject = format!("inject={calls}:{inject}");
    let strace =
        ["-f", "-o", log.to_str().unwrap(), "-e", &format!("trace={calls}"), "-e", &inject, "--"].map(Into::into);
    share.publishing(&share.new, &[]).started_by("strace", strace).run()
}

#[test]
fn a_publish_that_is_killed_leaves_the_old_file_and_the_next_one_clears_up() {
    let share = Share::new(Os::Linux);
    let killed = tampered(&share, "signal=KILL:when=1");
    assert_eq!(killed.stdout, "", "{killed:#?}");
    // The copy is whole, and has not got the name: strace kills before the call is done.
    let names = share.names();
    assert!(names.len() == 2 && names[1].starts_with("waits.ekiben-new-"), "{names:?}");
    assert!(share.holds(&share.old));
    share.publish(&share.new, &[]).success();
    assert_eq!((share.names(), share.holds(&share.new)), (vec!["waits".to_owned()], true));
}

#[test]
fn a_file_that_can_t_be_replaced_steps_aside() {
    let share = Share::new(Os::Linux);
    // What Windows says when somebody runs the file; renaming it works there.
    let published = tampered(&share, "error=EACCES:when=1").json();
    assert_eq!(published["replaced"], "1.0");
    assert_eq!((share.names(), share.holds(&share.new)), (vec!["waits".to_owned()], true));
}

#[test]
fn a_publish_that_fails_in_the_middle_is_undone() {
    let share = Share::new(Os::Linux);
    for inject in ["error=EACCES:when=1..2", "error=EIO:when=1..3+2"] {
        let failed = tampered(&share, inject);
        let said = share.context.complaint(&failed, 1);
        assert!(said.contains("could not publish `[DIR]/share/waits`") && said.contains("still in place"), "{said}");
        assert_eq!((share.names(), share.holds(&share.old)), (vec!["waits".to_owned()], true), "{inject}");
    }
    // Killed between the two renames: for that long there is no file. The next publish puts the old one back first, so
    // that it is there even if that one fails.
    fs::rename(&share.place, share.context.path("share/waits.ekiben-old-12345678")).unwrap();
    let failed = tampered(&share, "error=EIO:when=2+");
    assert_eq!(failed.code, Some(1), "{failed:#?}");
    assert_eq!((share.names(), share.holds(&share.old)), (vec!["waits".to_owned()], true));
}

#[test]
fn a_bundle_is_opened_once_and_what_was_verified_is_what_is_published() {
    let share = Share::new(Os::Linux);
    let log = share.context.path("strace.log");
    let strace = ["-f", "-o", log.to_str().unwrap(), "-e", "trace=open,openat,openat2", "--"].map(Into::into);
    share.publishing(&share.new, &[]).started_by("strace", strace).run().success();
    let path = format!("\"{}\"", share.new.display());
    let opened = fs::read_to_string(&log).unwrap();
    let opened: Vec<_> = opened.lines().filter(|line| line.contains(&path)).collect();
    assert_eq!(opened.len(), 1, "{opened:#?}");
    assert!(share.holds(&share.new));
}
