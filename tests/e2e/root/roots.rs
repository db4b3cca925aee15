//! Where an app is installed, with the accounts, mounts and full disks that make a place unfit.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

use ekiben_tests::{Program, Root, TestContext, Tiny};

/// Accounts that no machine has.
const USER: u32 = 64_321;
const HOSTILE: u32 = 64_322;

/// A test's directory that other accounts may look into, with a bundle of `tiny`.
pub(crate) struct Machine {
    pub(crate) root: Root,
    pub(crate) context: TestContext,
    pub(crate) bundle: PathBuf,
}

impl Machine {
    pub(crate) fn or_skip() -> Option<Self> {
        let root = Root::or_skip()?;
        let context = TestContext::new();
        let bundle = Tiny::new("1.0").bundle(&context);
        root.give(context.root(), (0, 0), 0o755);
        root.give(&context.path("tmp"), (0, 0), 0o1777);
        Some(Self { root, context, bundle })
    }

    /// The bundle, asked where it runs from, with nothing said about where to install.
    pub(crate) fn app(&self) -> Program {
        self.at(&self.bundle)
    }

    fn at(&self, bundle: &Path) -> Program {
        self.context.program(bundle).arg("where").env_remove("EKIBEN_ROOT").env_remove("HOME")
    }

    /// A new directory of an account's.
    pub(crate) fn directory(&self, name: &str, owner: u32, mode: u32) -> PathBuf {
        let path = self.context.path(name);
        fs::create_dir_all(&path).unwrap();
        self.root.give(&path, (owner, owner), mode);
        path
    }

    /// What the app's version dir is called.
    fn name(&self) -> String {
        let root = self.directory("elsewhere", 0, 0o755);
        let version_dir = version_dir(&self.app().env("EKIBEN_ROOT", &root));
        version_dir.file_name().unwrap().to_str().unwrap().to_owned()
    }

    /// Puts a tree that no start may run where a version dir is looked for.
    fn plant(&self, parent: &Path, owner: u32) {
        let version_dir = parent.join("tiny/versions").join(self.name());
        fs::create_dir_all(version_dir.join(".ekiben")).unwrap();
        fs::write(version_dir.join("python"), "#!/bin/sh\necho hostile\n").unwrap();
        fs::write(version_dir.join(".ekiben/seal"), "settled\n").unwrap();
        let paths = [".ekiben/seal", ".ekiben", "python", ".", "..", "../.."].map(|path| version_dir.join(path));
        for path in paths {
            self.root.give(&path, (owner, owner), 0o755);
        }
    }
}

/// Where a start says that it runs from.
#[track_caller]
pub(crate) fn version_dir(app: &Program) -> PathBuf {
    let outcome = app.run();
    outcome.quiet_stdout().strip_prefix("ran 1.0\n").unwrap().trim_end().into()
}

/// That a start runs from below `parent`. Answers its version dir.
#[track_caller]
pub(crate) fn runs_below(app: &Program, parent: &Path) -> PathBuf {
    let version_dir = version_dir(app);
    let expected = parent.join("tiny/versions");
    assert!(version_dir.starts_with(&expected), "{} is not below {}", version_dir.display(), expected.display());
    version_dir
}

fn is_empty(directory: &Path) -> bool {
    fs::read_dir(directory).unwrap().next().is_none()
}

#[test]
fn an_account_without_a_home_or_a_passwd_entry_gets_a_private_directory_among_the_temporary_files() {
    let Some(machine) = Machine::or_skip() else { return };
    let app = machine.root.as_account(machine.app(), USER);
    let private = machine.context.path(format!("tmp/ekiben-{USER}"));
    runs_below(&app, &private);
    assert_eq!(fs::metadata(&private).unwrap().mode() & 0o7777, 0o700);
    runs_below(&app, &private);
}

#[test]
fn a_service_without_a_home_uses_what_systemd_gave_it() {
    let Some(machine) = Machine::or_skip() else { return };
    let (state, cache) = (machine.directory("state", USER, 0o755), machine.directory("cache", USER, 0o755));
    let app = machine.root.as_account(machine.app(), USER).env("CACHE_DIRECTORY", &cache);
    let both = format!("{}:{}", state.display(), machine.context.path("other").display());
    runs_below(&app.clone().env("STATE_DIRECTORY", both), &state);
    runs_below(&app, &cache);
}

#[test]
fn a_home_that_can_not_be_written_or_where_no_program_may_run_is_passed_over() {
    let Some(machine) = Machine::or_skip() else { return };
    let home = machine.directory("home", USER, 0o755);
    let tmp = machine.context.path("tmp");
    let app = machine.app().env("HOME", &home);
    for (mount, user) in [
        ("mount --bind \"$HOME\" \"$HOME\" && mount -o remount,ro,bind \"$HOME\"", USER),
        ("mount -t tmpfs -o noexec,mode=777 none \"$HOME\"", USER + 100),
    ] {
        let as_user = machine.root.as_account(app.clone(), user);
        let mounted = machine.root.with_mounts(as_user, &format!("{mount}; exec \"$@\""));
        runs_below(&mounted, &tmp.join(format!("ekiben-{user}")));
    }
    // Not this user's to write.
    let foreign = machine.directory("foreign-home", 0, 0o755);
    runs_below(&machine.root.as_account(app.env("HOME", foreign), USER), &tmp.join(format!("ekiben-{USER}")));
    assert!(is_empty(&home));
}

#[test]
fn every_place_that_was_tried_is_named_when_none_will_do() {
    let Some(machine) = Machine::or_skip() else { return };
    let given = machine.directory("given", HOSTILE, 0o755);
    machine.directory("tmp", 0, 0o755);
    let home = machine.directory("own-home", USER, 0o755);
    let app = machine
        .app()
        .env("EKIBEN_ROOT", &given)
        .env("HOME", &home)
        .env("STATE_DIRECTORY", machine.directory("state", 0, 0o755))
        .env("CACHE_DIRECTORY", machine.directory("cache", USER, 0o777));
    let noexec = "mount -t tmpfs -o noexec,mode=755,uid=64321 none \"$HOME\"; exec \"$@\"";
    let app = machine.root.with_mounts(machine.root.as_account(app, USER), noexec);
    assert_eq!(
        machine.context.complaint(&app.run(), 123),
        "error: could not install `tiny`: no place to install it\n  \
         EKIBEN_ROOT: not safe: `[DIR]/given` belongs to another account (uid 64322)\n  \
         for the whole machine: this version is not installed there, and only an administrator can do that\n  \
         this user's programs: no programs may run from the file system of `[DIR]/own-home/.local/share/ekiben/tiny` (noexec)\n  \
         STATE_DIRECTORY: could not create `[DIR]/state/tiny`: Permission denied (os error 13)\n  \
         CACHE_DIRECTORY: not safe: `[DIR]/cache` can be written by every account\n  \
         temporary files: could not create `[DIR]/tmp/ekiben-64321`: Permission denied (os error 13)\n\
         help: make it writable for this account alone, or set EKIBEN_ROOT to a directory that this account can write to\n"
    );
}

/// What a first start says, and leaves in staging, with all of its places on a file system made with `options`.
fn on_small_disk(machine: &Machine, options: &str) -> ekiben_tests::Outcome {
    let script = format!(
        "mount -t tmpfs -o mode=755,{options} none \"$EKIBEN_ROOT\"; code=0; \"$@\" || code=$?; \
         find \"$EKIBEN_ROOT\" -path '*/staging/*'; exit $code"
    );
    let app = machine
        .app()
        .env("EKIBEN_ROOT", machine.context.installs())
        .env("HOME", "/dev/null")
        .env("TMPDIR", "/dev/null");
    machine.root.with_mounts(app, &script).run()
}

#[test]
fn a_disk_without_room_is_told_with_needed_and_free_bytes() {
    let Some(machine) = Machine::or_skip() else { return };
    let said = on_small_disk(&machine, "size=64k");
    let said = machine.context.complaint(&said, 123);
    assert!(said.contains("EKIBEN_ROOT: `[DIR]/installs/tiny` has room for 0 MiB, and 1 MiB are needed\n"), "{said}");
    assert!(
        said.ends_with("help: free some room there, or set EKIBEN_ROOT to a directory on another disk\n"),
        "{said}"
    );
}

#[test]
fn a_disk_that_is_full_at_any_stage_leaves_nothing_and_says_so() {
    let Some(machine) = Machine::or_skip() else { return };
    // By bytes, which are looked at beforehand, and by files, which are not.
    let bytes = (16..1024).step_by(112).map(|kib| format!("size={kib}k"));
    let files = (2..122).step_by(6).map(|files| format!("nr_inodes={files}"));
    let (mut full, mut ran) = (0, 0);
    for options in bytes.chain(files) {
        let outcome = on_small_disk(&machine, &options);
        if outcome.code == Some(0) {
            ran += 1;
            continue;
        }
        full += 1;
        let said = machine.context.complaint(&outcome, 123);
        let why = said.contains("No space left on device") || said.contains(" MiB are needed");
        assert!(why && said.contains("\nhelp: free some room there"), "{options}: {said}");
    }
    assert!(full > 20 && ran > 2, "{full} full, {ran} with room");
}

#[test]
fn what_an_admin_has_installed_for_the_whole_machine_is_run_and_only_read() {
    let Some(machine) = Machine::or_skip() else { return };
    let home = machine.directory("home", USER, 0o755);
    let app = machine.app().env("HOME", &home);
    let script = format!(
        "mount -t tmpfs -o mode=755 none /opt; EKIBEN_ROOT=/opt {} >/dev/null; mount -o remount,ro /opt; exec \"$@\"",
        machine.bundle.display()
    );
    let app = machine.root.with_mounts(machine.root.as_account(app, USER), &script);
    runs_below(&app, Path::new("/opt"));
    assert!(is_empty(&home));
}

#[test]
fn where_an_admin_has_put_the_app_with_a_marker_no_variable_leads_it_elsewhere() {
    let Some(machine) = Machine::or_skip() else { return };
    let admins = machine.directory("admins", 0, 0o755);
    let exe = admins.join("tiny.app");
    let status = std::process::Command::new("cp").arg(&machine.bundle).arg(&exe).status().unwrap();
    assert!(status.success());
    fs::write(admins.join("ekiben.here"), "").unwrap();
    let mut app = machine.at(&exe);
    let variables = ["EKIBEN_ROOT", "HOME", "XDG_DATA_HOME", "TMPDIR", "STATE_DIRECTORY", "CACHE_DIRECTORY"];
    for variable in variables {
        let directory = machine.directory(variable, USER, 0o755);
        for below in [".", ".local/share/ekiben", &format!("ekiben-{USER}")] {
            machine.plant(&directory.join(below), USER);
        }
        app = app.env(variable, directory);
    }
    let as_user = machine.root.as_account(app.clone(), USER);
    assert_eq!(
        machine.context.complaint(&as_user.run(), 123),
        "error: could not install `tiny`: no place to install it\n  \
         beside the app: could not create `[DIR]/admins/tiny`: Permission denied (os error 13)\n\
         help: an administrator has decided that it is installed there and nowhere else: start it once as an administrator\n"
    );
    runs_below(&app, &admins);
    runs_below(&as_user, &admins);
}

#[test]
fn a_users_own_marker_keeps_everything_beside_the_app() {
    let Some(machine) = Machine::or_skip() else { return };
    let stick = machine.directory("stick", USER, 0o755);
    let home = machine.directory("home", USER, 0o755);
    // The app's own name, as the builder gives it.
    let exe = stick.join("tiny");
    assert!(std::process::Command::new("cp").arg(&machine.bundle).arg(&exe).status().unwrap().success());
    fs::write(stick.join("ekiben.here"), "").unwrap();
    machine.root.give(&stick.join("ekiben.here"), (USER, USER), 0o644);
    let app = machine.root.as_account(machine.at(&exe).env("HOME", &home), USER);
    for _ in 0..2 {
        assert!(version_dir(&app).starts_with(stick.join("tiny.files/versions")));
    }
    assert!(is_empty(&home) && is_empty(&machine.context.path("tmp")));
}

#[test]
fn a_temporary_directory_that_somebody_else_has_prepared_is_not_used() {
    let Some(machine) = Machine::or_skip() else { return };
    let app = machine.root.as_account(machine.app(), USER);
    let private = machine.context.path(format!("tmp/ekiben-{USER}"));
    let trap = machine.directory("trap", HOSTILE, 0o777);
    let own = machine.directory("own", USER, 0o700);
    let avoided = |how: &str| {
        let found = version_dir(&app);
        let other = machine.context.path(format!("tmp/ekiben-{USER}-"));
        let is_other = found.to_str().unwrap().starts_with(other.to_str().unwrap());
        assert!(is_other, "{how}: {}", found.display());
    };
    for mode in [0o700, 0o777, 0o1777] {
        machine.plant(&private, HOSTILE);
        machine.root.give(&private, (HOSTILE, HOSTILE), mode);
        avoided("a directory");
        fs::remove_dir_all(&private).unwrap();
    }
    // Ours, but open to others.
    fs::create_dir(&private).unwrap();
    machine.root.give(&private, (USER, USER), 0o770);
    avoided("an open directory");
    fs::remove_dir_all(&private).unwrap();
    for target in [&trap, &own, &machine.context.path("nowhere")] {
        symlink(target, &private).unwrap();
        machine.root.give(&private, (HOSTILE, HOSTILE), 0);
        avoided("a link");
        fs::remove_file(&private).unwrap();
    }
    fs::write(&private, "").unwrap();
    machine.root.give(&private, (HOSTILE, HOSTILE), 0o644);
    avoided("a file");
    assert!(is_empty(&trap) && is_empty(&own));
}

#[test]
fn a_root_that_others_may_write_is_neither_filled_nor_run_from() {
    let Some(machine) = Machine::or_skip() else { return };
    let home = machine.directory("home", USER, 0o755);
    let app = machine.root.as_account(machine.app().env("HOME", &home), USER);
    let data = home.join(".local/share/ekiben");
    // Its seal is genuine: the victim's own.
    runs_below(&app, &data);
    let genuine = version_dir(&app);
    let for_everybody = machine.directory("for-everybody", USER, 0o777);
    let sticky = machine.directory("sticky", 0, 0o1777);
    let for_a_group = machine.directory("for-a-group", USER, 0o775);
    machine.root.give(&for_a_group, (USER, HOSTILE), 0o775);
    let below = machine.directory("for-everybody/below", USER, 0o755);
    let hostile = machine.directory("hostile", HOSTILE, 0o755);
    let link = machine.context.path("tmp/link");
    symlink(machine.directory("own", USER, 0o755), &link).unwrap();
    machine.root.give(&link, (HOSTILE, HOSTILE), 0);
    for (at, parent) in [&for_everybody, &for_a_group, &below, &hostile, &link].into_iter().enumerate() {
        let app = app.clone().env("EKIBEN_ROOT", parent);
        let new_home = machine.directory(&format!("home-{at}"), USER, 0o755);
        runs_below(&app.clone().env("HOME", &new_home), &new_home.join(".local/share/ekiben"));
        assert!(!parent.join("tiny").exists(), "{}", parent.display());
        machine.plant(parent, HOSTILE);
        let own = parent.join("tiny/versions").join(machine.name()).join(".ekiben");
        fs::remove_dir_all(&own).unwrap();
        symlink(genuine.join(".ekiben"), &own).unwrap();
        runs_below(&app, &data);
    }
    // A sticky bit keeps what this account makes there, and what somebody else has made there stays theirs.
    machine.plant(&sticky, HOSTILE);
    runs_below(&app.clone().env("EKIBEN_ROOT", &sticky), &data);
    fs::remove_dir_all(sticky.join("tiny")).unwrap();
    runs_below(&app.clone().env("EKIBEN_ROOT", &sticky), &sticky);
    // A link of one's own is fine.
    let own_link = machine.context.path("tmp/own-link");
    symlink(machine.directory("own-too", USER, 0o755), &own_link).unwrap();
    machine.root.give(&own_link, (USER, USER), 0);
    let new_home = machine.directory("last-home", USER, 0o755);
    runs_below(&app.env("EKIBEN_ROOT", &own_link).env("HOME", new_home), &own_link);
}

#[test]
fn an_open_umask_opens_nothing() {
    let Some(machine) = Machine::or_skip() else { return };
    let home = machine.directory("home", USER, 0o755);
    let app = machine.root.as_account(machine.app().env("HOME", &home), USER);
    let app = app.started_by("sh", ["-c", "umask 0; exec \"$@\"", "sh"].map(Into::into));
    runs_below(&app, &home.join(".local/share/ekiben"));
    for entry in walkdir::WalkDir::new(&home) {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().mode();
        // What is in the lock file is of no use to anybody.
        let may_be_open = entry.file_type().is_symlink() || entry.file_name() == "lock";
        assert!(may_be_open || mode & 0o022 == 0, "{}: {mode:o}", entry.path().display());
    }
}

/// Where the directories above are one's own, what lies in them may still be somebody else's.
#[test]
fn a_version_that_belongs_to_another_account_is_not_run() {
    let Some(machine) = Machine::or_skip() else { return };
    let home = machine.directory("home", USER, 0o755);
    machine.plant(&machine.directory("home/.local/share/ekiben", USER, 0o755), HOSTILE);
    let app = machine.root.as_account(machine.app().env("HOME", &home), USER);
    let version_dir = version_dir(&app);
    assert!(version_dir.starts_with(machine.context.path("tmp")), "{}", version_dir.display());
}
