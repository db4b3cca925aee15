//! Attacks by other accounts on this machine: what they plant, lock or own is never run, waited for or written through.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use ekiben_tests::{Outcome, Tiny};

use crate::root::roots::{Machine, runs_below, version_dir};

/// Accounts that no machine has: the one that is attacked, and the attacker.
pub(crate) const USER: u32 = 64_331;

pub(crate) const ATTACKER: u32 = 64_332;

/// What a planted program says.
pub(crate) const HOSTILE: &str = "#!/bin/sh\necho hostile\n";

impl Machine {
    /// Makes every directory from `from` down to `to`, all of one account.
    pub(crate) fn directories(&self, from: &Path, to: &Path, owner: u32) {
        fs::create_dir_all(to).unwrap();
        for path in to.ancestors().take_while(|path| *path != from) {
            self.root.give(path, (owner, owner), 0o755);
        }
    }

    /// A shell command as an account.
    pub(crate) fn shell(&self, account: u32, script: &str) -> Outcome {
        self.root.as_account(self.context.program("sh").arg("-c").arg(script), account).run()
    }

    /// Plants a version dir of the attacker's with a program of theirs and a link to somebody's genuine seal.
    pub(crate) fn plant_with_a_genuine_seal(&self, place: &Path, genuine: &Path, attacker: u32) {
        let version_dir = place.join("tiny/versions").join(genuine.file_name().unwrap());
        self.directories(place, &version_dir, attacker);
        fs::write(version_dir.join("python"), HOSTILE).unwrap();
        self.root.give(&version_dir.join("python"), (attacker, attacker), 0o755);
        symlink(genuine.join(".ekiben"), version_dir.join(".ekiben")).unwrap();
        self.root.give(&version_dir.join(".ekiben"), (attacker, attacker), 0o777);
    }
}

pub(crate) fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

#[track_caller]
pub(crate) fn tool(name: &str, arguments: &[&str], path: &Path) {
    let status = Command::new(name).args(arguments).arg(path).status().unwrap();
    assert!(status.success(), "{name} {arguments:?} {}", path.display());
}

pub(crate) fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// `sudo -E` and `su -m` leave HOME as it was.
#[test]
fn root_with_the_home_of_a_user_runs_nothing_that_this_user_has_planted() {
    let Some(machine) = Machine::or_skip() else { return };
    let home = machine.directory("users-home", ATTACKER, 0o755);
    let private = machine.context.path("tmp/ekiben-0");
    // Root's own installation, from an earlier start without a home.
    let genuine = runs_below(&machine.app().env("HOME", "/dev/null"), &private);
    machine.plant_with_a_genuine_seal(&home.join(".local/share/ekiben"), &genuine, ATTACKER);
    for directory in [".local", ".local/share", ".local/share/ekiben"] {
        machine.root.give(&home.join(directory), (ATTACKER, ATTACKER), 0o755);
    }
    let app = machine.app().env("HOME", &home);
    runs_below(&app, &private);
    let doctor = machine.context.program(&machine.bundle).args(["self", "doctor"]).env_remove("EKIBEN_ROOT");
    let doctor = doctor.env("HOME", &home).run();
    let refused = format!(
        "{} (this user's programs)\n    refused: not safe: `{}` belongs to another account (uid {ATTACKER})",
        home.join(".local/share/ekiben/tiny").display(),
        home.display()
    );
    assert!(doctor.stdout.contains(&refused), "{}", doctor.stdout);
}

#[test]
fn a_home_in_which_every_account_may_create_directories_is_not_used() {
    let Some(machine) = Machine::or_skip() else { return };
    let own = machine.directory("own", USER, 0o755);
    let app = machine.root.as_account(machine.app(), USER);
    let genuine = runs_below(&app.clone().env("EKIBEN_ROOT", &own), &own);
    let tmp = machine.context.path("tmp");
    machine.plant_with_a_genuine_seal(&tmp.join(".local/share/ekiben"), &genuine, ATTACKER);
    for directory in [".local", ".local/share", ".local/share/ekiben"] {
        machine.root.give(&tmp.join(directory), (ATTACKER, ATTACKER), 0o755);
    }
    runs_below(&app.env("HOME", &tmp), &tmp.join(format!("ekiben-{USER}")));
}

#[test]
fn a_version_dir_that_others_may_change_is_not_run() {
    let Some(machine) = Machine::or_skip() else { return };
    let home = machine.directory("home", USER, 0o755);
    let app = machine.root.as_account(machine.app().env("HOME", &home), USER);
    let place = home.join(".local/share/ekiben");
    let genuine = runs_below(&app, &place);
    let elsewhere = machine.context.path(format!("tmp/ekiben-{USER}"));
    for (changed, changed_mode) in [
        (genuine.clone(), 0o777),
        (genuine.clone(), 0o1777),
        (genuine.parent().unwrap().to_owned(), 0o777),
        (genuine.parent().unwrap().to_owned(), 0o1777),
        (place.join("tiny"), 0o757),
        (place.clone(), 0o777),
        (home.clone(), 0o757),
        (genuine.join("bin/python3"), 0o757),
        (genuine.join(".ekiben/seal"), 0o666),
    ] {
        let before = mode(&changed);
        fs::set_permissions(&changed, fs::Permissions::from_mode(changed_mode)).unwrap();
        let found = version_dir(&app);
        assert!(found.starts_with(&elsewhere), "{} {changed_mode:o}: {}", changed.display(), found.display());
        fs::set_permissions(&changed, fs::Permissions::from_mode(before)).unwrap();
        runs_below(&app, &place);
    }
}

/// A refused place gets no line of a log, whatever lies there.
#[test]
fn a_start_that_fails_writes_nothing_into_a_home_that_it_has_refused() {
    let Some(machine) = Machine::or_skip() else { return };
    let home = machine.directory("users-home", ATTACKER, 0o755);
    let secret = machine.context.write("root-only/file", "unchanged\n");
    let install_root = home.join(".local/share/ekiben/tiny");
    machine.directories(&home, &install_root.join("logs"), ATTACKER);
    machine.directories(&home, &install_root.join("versions"), ATTACKER);
    symlink(&secret, install_root.join("logs/launcher.log")).unwrap();
    // Nowhere to install, and nobody who reads standard error.
    let app = machine.app().env("HOME", &home).env("TMPDIR", "/dev/null").env("DISPLAY", ":9999");
    let outcome = app.started_by("sh", ["-c", "exec \"$@\" 2>/dev/null", "sh"].map(Into::into)).run();
    assert_eq!(outcome.code, Some(123), "{outcome:?}");
    assert_eq!(fs::read_to_string(secret).unwrap(), "unchanged\n");
    assert_eq!(names(&install_root), ["logs", "versions"]);
    assert_eq!(names(&install_root.join("logs")), ["launcher.log"]);
}

/// Shows a directory under another name, hides it, and shows it again, a second each.
const SHOW_AND_HIDE: &str =
    "sleep 0.6; mv -T \"$1\" \"$2\"; sleep 1; mv -T \"$2\" \"$1\"; sleep 1; mv -T \"$1\" \"$2\"";

/// Where a place is missing, another account shows a directory of its own when something is made there, and hides it when
/// somebody looks. The start is slowed down so that each of its looks falls into the wrong moment.
#[test]
fn a_place_that_another_account_shows_and_hides_is_not_written_through() {
    let Some(machine) = Machine::or_skip() else { return };
    let sticky = machine.directory("sticky", 0, 0o1777);
    let precious = machine.directory("precious", USER, 0o700);
    fs::write(precious.join("key"), "").unwrap();
    let (theirs, shown) = (sticky.join("theirs"), sticky.join("place"));
    for directory in ["sticky/theirs", "sticky/theirs/tiny", "sticky/theirs/tiny/versions"] {
        machine.directory(directory, ATTACKER, 0o777);
    }
    symlink(&precious, theirs.join("tiny/staging")).unwrap();
    let slow = [
        "mkdir:delay_enter=1000000:when=1",
        "mkdirat:delay_enter=1000000:when=1",
        "stat:delay_exit=1000000:when=2",
        "statfs:delay_enter=1000000:when=1",
    ];
    let inject = slow.iter().flat_map(|call| ["-e".to_owned(), format!("inject={call}")]);
    let strace = ["-f", "-o", "/dev/null"].map(str::to_owned).into_iter().chain(inject).chain(["--".to_owned()]);
    let app = machine.app().env("EKIBEN_ROOT", &shown).env("HOME", "/dev/null");
    let app = machine.root.as_account(app.started_by("strace", strace.map(Into::into)), USER);
    let moves = ["-c", SHOW_AND_HIDE, "sh", theirs.to_str().unwrap(), shown.to_str().unwrap()];
    let moves = machine.root.as_account(machine.context.program("sh").args(moves), ATTACKER).start();
    let found = version_dir(&app);
    moves.wait();
    assert_eq!(names(&precious), ["key"]);
    let owner = fs::metadata(&found).unwrap().uid();
    assert_eq!(owner, USER, "{}", found.display());
    let theirs = if theirs.exists() { theirs } else { shown };
    for entry in walkdir::WalkDir::new(theirs) {
        let entry = entry.unwrap();
        assert_ne!(entry.metadata().unwrap().uid(), USER, "{}", entry.path().display());
    }
}

#[test]
fn what_another_account_has_left_in_the_place_of_the_lock_delays_no_start() {
    let Some(machine) = Machine::or_skip() else { return };
    for left in ["pipe", "open"] {
        let place = machine.directory(&format!("place-{left}"), USER, 0o755);
        let lock = machine.directory(&format!("place-{left}/tiny"), USER, 0o755).join("lock");
        if left == "pipe" {
            tool("mkfifo", &[], &lock);
        } else {
            fs::write(&lock, "").unwrap();
        }
        machine.root.give(&lock, (ATTACKER, ATTACKER), 0o666);
        let script = format!("exec flock -x '{}' sh -c 'echo locked; read -r line'", lock.display());
        let holder = machine.context.program("sh").arg("-c").arg(script).stdin("");
        let held = (left == "open").then(|| {
            let mut held = machine.root.as_account(holder, ATTACKER).start();
            held.until("locked");
            held
        });
        let app = machine.root.as_account(machine.app().env("EKIBEN_ROOT", &place), USER);
        // Waiting would take ten minutes, or for ever.
        let limited = app.started_by("timeout", ["60"].map(Into::into));
        runs_below(&limited, &place);
        if let Some(held) = held {
            held.signal("KILL");
        }
    }
}

#[test]
fn a_marker_that_another_account_could_have_put_there_chooses_nothing() {
    let Some(machine) = Machine::or_skip() else { return };
    let sticky = machine.directory("sticky", 0, 0o1777);
    let exe = sticky.join("tiny");
    assert!(Command::new("cp").arg(&machine.bundle).arg(&exe).status().unwrap().success());
    let marker = sticky.join("ekiben.here");
    let home = machine.directory("home", USER, 0o755);
    for owner in [0, ATTACKER] {
        fs::write(&marker, "").unwrap();
        machine.root.give(&marker, (owner, owner), 0o644);
        let app = machine.context.program(&exe).arg("where").env_remove("EKIBEN_ROOT").env("HOME", &home);
        runs_below(&machine.root.as_account(app, USER), &home.join(".local/share/ekiben"));
        fs::remove_file(&marker).unwrap();
    }
}

#[test]
fn nothing_is_staged_in_a_directory_that_another_account_has_left_in_the_install_root() {
    let Some(machine) = Machine::or_skip() else { return };
    for left in ["staging", "versions"] {
        let place = machine.directory(&format!("place-{left}"), USER, 0o755);
        machine.directory(&format!("place-{left}/tiny"), USER, 0o755);
        let theirs = machine.directory(&format!("place-{left}/tiny/{left}"), ATTACKER, 0o777);
        let app = machine.root.as_account(machine.app().env("EKIBEN_ROOT", &place), USER);
        runs_below(&app, &machine.context.path(format!("tmp/ekiben-{USER}")));
        assert!(names(&theirs).is_empty());
    }
}

#[test]
fn nothing_is_made_in_another_accounts_directory_for_temporary_files() {
    let Some(machine) = Machine::or_skip() else { return };
    let (theirs, state) = (machine.directory("theirs", ATTACKER, 0o755), machine.directory("state", ATTACKER, 0o777));
    let app = machine.app().env("HOME", "/dev/null").env("TMPDIR", &theirs).env("STATE_DIRECTORY", &state);
    let said = machine.context.complaint(&app.run(), 123);
    for refused in ["theirs", "state"] {
        let why = format!("not safe: `[DIR]/{refused}` belongs to another account (uid {ATTACKER})\n");
        assert!(said.contains(&why), "{said}");
        assert!(names(&machine.context.path(refused)).is_empty());
    }
}

#[test]
fn a_menu_entry_is_not_written_into_another_accounts_home() {
    let Some(machine) = Machine::or_skip() else { return };
    let home = machine.directory("users-home", ATTACKER, 0o755);
    let applications = home.join(".local/share/applications");
    machine.directories(&home, &applications, ATTACKER);
    let own = machine.directory("own", 0, 0o755);
    let install = machine.context.program(&machine.bundle).args(["self", "install"]);
    let outcome = install.env("HOME", &home).env("EKIBEN_ROOT", &own).run();
    let said = machine.context.complaint(&outcome, 124);
    let why = format!("not safe: `[DIR]/users-home` belongs to another account (uid {ATTACKER})");
    assert!(said.contains(&why), "{said}");
    assert!(names(&applications).is_empty());
}

#[test]
fn another_account_can_not_stop_a_start_by_locking_what_it_may_read() {
    let Some(machine) = Machine::or_skip() else { return };
    let place = machine.directory("for-all", 0, 0o755);
    let app = machine.app().env("EKIBEN_ROOT", &place);
    let genuine = runs_below(&app, &place);
    let lock = |path: PathBuf| {
        let script = format!("exec flock -x '{}' sh -c 'echo locked; read -r line'", path.display());
        machine.root.as_account(machine.context.program("sh").arg("-c").arg(script), ATTACKER)
    };
    // An admin's seal can be read by all accounts, which hold it while they run the version.
    let mut held = lock(genuine.join(".ekiben/seal")).stdin("").start();
    held.until("locked");
    runs_below(&machine.root.as_account(app.clone(), USER), &place);
    runs_below(&app, &place);
    held.say("done\n");
    held.wait();
    // Nobody else can open a user's seal, or anybody's lock.
    let home = machine.directory("home", USER, 0o755);
    let users =
        runs_below(&machine.root.as_account(machine.app().env("HOME", &home), USER), &home.join(".local/share/ekiben"));
    let users_lock = home.join(".local/share/ekiben/tiny/lock");
    for path in [users.join(".ekiben/seal"), users_lock, place.join("tiny/lock")] {
        let outcome = lock(path.clone()).run();
        assert!(outcome.stderr.contains("Permission denied"), "{}: {outcome:?}", path.display());
    }
}

#[test]
fn an_account_whose_temporary_place_was_taken_by_another_gets_one_with_another_name() {
    let Some(machine) = Machine::or_skip() else { return };
    let app = machine.root.as_account(machine.app(), USER);
    let tmp = machine.context.path("tmp");
    for taken in [format!("ekiben-{USER}"), format!("ekiben-{USER}-0123456789abcdef")] {
        machine.directory(&format!("tmp/{taken}"), ATTACKER, 0o777);
    }
    let first = version_dir(&app);
    let own = names(&tmp).into_iter().map(|name| tmp.join(name)).find(|path| first.starts_with(path)).unwrap();
    assert_eq!((fs::metadata(&own).unwrap().uid(), mode(&own)), (USER, 0o700));
    assert!(own.file_name().unwrap().to_str().unwrap().starts_with(&format!("ekiben-{USER}-")));
    // A later start finds it again, and so does a new version.
    assert_eq!(version_dir(&app), first);
    assert_eq!(names(&tmp).len(), 3);
    let newer = Tiny::new("1.0").files(91).bundle(&machine.context);
    let newer = machine.context.program(newer).arg("where").env_remove("EKIBEN_ROOT").env_remove("HOME");
    runs_below(&machine.root.as_account(newer, USER), &own);
    assert_eq!(names(&tmp).len(), 3);
}
