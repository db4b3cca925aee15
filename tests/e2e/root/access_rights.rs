//! Who may read and change what: access lists, modes, the umask, and the rights of a bundle's owner.

use ekiben_tests::Tiny;

use crate::root::other_accounts::{ATTACKER, USER, mode, names, tool};
use crate::root::roots::{Machine, runs_below, version_dir};

#[test]
fn an_access_list_that_lets_another_account_write_is_noticed() {
    let Some(machine) = Machine::or_skip() else { return };
    let home = machine.directory("home", USER, 0o755);
    let app = machine.root.as_account(machine.app().env("HOME", &home), USER);
    let place = home.join(".local/share/ekiben");
    let genuine = runs_below(&app, &place);
    for directory in [&genuine, &place.join("tiny"), &place, &home] {
        tool("setfacl", &["-m", &format!("u:{ATTACKER}:rwx")], directory);
        // To the mode alone, this looks like a group of the user's own that may write.
        assert_eq!(mode(directory), 0o775);
        let found = version_dir(&app);
        assert!(found.starts_with(machine.context.path("tmp")), "{}: {}", directory.display(), found.display());
        tool("setfacl", &["-b"], directory);
        machine.root.give(directory, (USER, USER), 0o755);
    }
    // A list that lets nobody else write is fine, and so is a group of the user's alone.
    tool("setfacl", &["-m", &format!("u:{ATTACKER}:rx")], &place);
    machine.root.give(&place, (USER, USER), 0o775);
    tool("setfacl", &["-m", &format!("u:{ATTACKER}:rx")], &place);
    runs_below(&app, &place);
}

#[test]
fn an_access_list_that_new_files_inherit_gives_another_account_nothing() {
    let Some(machine) = Machine::or_skip() else { return };
    let home = machine.directory("home", USER, 0o755);
    tool("setfacl", &["-d", "-m", &format!("u:{ATTACKER}:rwx,g::rwx,o::rwx")], &home);
    let app = machine.root.as_account(machine.app().env("HOME", &home), USER);
    let app = app.started_by("sh", ["-c", "umask 0; exec \"$@\"", "sh"].map(Into::into));
    runs_below(&app, &home.join(".local/share/ekiben"));
    let writable = machine.shell(ATTACKER, &format!("find '{}' ! -type l -writable", home.display()));
    assert_eq!(writable.quiet_stdout(), "");
}

#[test]
fn a_bundle_that_would_run_with_the_rights_of_its_owner_refuses_to_start() {
    let Some(machine) = Machine::or_skip() else { return };
    let home = machine.directory("home", USER, 0o755);
    let files = [((0, 0), 0o4755), ((0, 0), 0o2755), ((ATTACKER, ATTACKER), 0o6755), ((0, 0), 0o755)];
    for (owner, bundle_mode) in files {
        machine.root.give(&machine.bundle, owner, bundle_mode);
        if bundle_mode == 0o755 {
            tool("setcap", &["cap_net_bind_service=ep"], &machine.bundle);
        }
        let app = machine.root.as_account(machine.app().env("HOME", &home), USER);
        let said = machine.context.complaint(&app.run(), 121);
        assert_eq!(
            said,
            "error: this program would run with rights that whoever started it does not have (set-user-ID, \
             set-group-ID or file capabilities)\n\
             help: remove these rights from the file (chmod ug-s, setcap -r), and let sudo or a service give them\n"
        );
        assert!(names(&home).is_empty() && names(&machine.context.path("tmp")).is_empty());
    }
    // What a service was given by whoever has started it is no right of the file's.
    tool("setcap", &["-r"], &machine.bundle);
    let capability = "+net_bind_service";
    let given = [format!("--reuid={USER}"), "--inh-caps".into(), capability.into(), "--ambient-caps".into()];
    let given = given.into_iter().chain([capability.into(), "--clear-groups".into(), "--".into()]);
    let app = machine.app().env("HOME", &home).started_by("setpriv", given.map(Into::into));
    runs_below(&app, &home.join(".local/share/ekiben"));
}

#[test]
fn what_is_written_has_the_same_modes_whatever_the_umask_is() {
    let Some(machine) = Machine::or_skip() else { return };
    for umask in ["000", "077", "022"] {
        let (home, place) = (format!("home-{umask}"), format!("place-{umask}"));
        let (home, place) = (machine.directory(&home, 0, 0o755), machine.directory(&place, 0, 0o755));
        let script = format!("umask {umask}; exec \"$@\"");
        let install = machine.context.program(&machine.bundle).args(["self", "install"]);
        let install = install.env("HOME", &home).env("EKIBEN_ROOT", &place);
        install.started_by("sh", ["-c".into(), script.into(), "sh".into()]).run().success();
        let entry = home.join(".local/share/applications/ekiben.tiny.desktop");
        assert_eq!(mode(&entry), 0o644, "under umask {umask}");
        for entry in walkdir::WalkDir::new(&home).into_iter().chain(walkdir::WalkDir::new(&place)) {
            let entry = entry.unwrap();
            let (path, found) = (entry.path(), mode(entry.path()));
            let expected = match entry.file_name().to_str().unwrap() {
                _ if entry.file_type().is_symlink() => continue,
                _ if entry.file_type().is_dir() => 0o755,
                "lock" => 0o600,
                "tiny" | "python3" => 0o755,
                _ => 0o644,
            };
            assert_eq!(found, expected, "{} under umask {umask}: {found:o}", path.display());
        }
        // Another account runs what root has installed.
        let app = machine.root.as_account(machine.app().env("EKIBEN_ROOT", &place), USER);
        runs_below(&app, &place);
    }
}

#[test]
fn an_app_gets_the_umask_that_the_launcher_was_started_with() {
    let Some(machine) = Machine::or_skip() else { return };
    let bundle = Tiny::new("1.0").running(b"#!/bin/sh\numask\n".to_vec()).bundle(&machine.context);
    let app = machine.context.program(bundle).started_by("sh", ["-c", "umask 037; exec \"$@\"", "sh"].map(Into::into));
    for _ in ["the first start", "a later one"] {
        assert_eq!(app.run().quiet_stdout(), "0037\n");
    }
}
