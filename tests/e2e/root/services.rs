//! An app as a service of systemd, from the admin's side: it outlives the account that installed it, an admin's settings stay,
//! it can't change what it runs, and when it goes, nothing remains.

use std::fs;
use std::path::PathBuf;

use ekiben_tests::{Booted, Os, TestContext};

/// Where the machine has its accounts' homes.
const HOMES: &str = "/home";

/// The version that answers, if one does.
pub(crate) const ASK: &str = "curl -sf --max-time 5 http://127.0.0.1:8080/";

/// The sample service, in another version.
pub(crate) fn version(context: &TestContext, version: &str) -> PathBuf {
    let project = context.project("service");
    let settings = project.join("pyproject.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text.replace("version = \"1.0\"", &format!("version = \"{version}\""))).unwrap();
    let exe = context.path(format!("service-{version}"));
    context.ekiben().args(["build", "--quiet", "--output"]).arg(&exe).arg(&project).run().success();
    exe
}

#[test]
fn a_service_outlives_the_account_that_installed_it_and_leaves_nothing_when_it_goes() {
    let context = TestContext::new();
    let Some(machine) = Booted::or_skip(&context) else { return };
    let first = machine.bring(&context.bundle("service", Os::Linux));
    let second = machine.bring(&version(&context, "2.0"));
    machine.ok("echo '%sudo ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/tests; useradd -m -G sudo other; su -l other -c 'sudo true'");
    let before = machine.inventory();

    machine.ok(&format!(
        "useradd -m -G sudo installer; cp {first} ~installer/app
         su -l installer -c 'sudo ./app self service install'; userdel -rf installer"
    ));
    machine.power_cycle();
    machine.wait_for(ASK);
    let answer = machine.ok(ASK);
    let [version, _, user] = answer.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{answer}") };
    assert!(version == "1.0" && user != "0", "{answer}");
    assert_eq!(machine.ok("stat -c %U /opt/service /opt/service/service /opt/service/versions/*"), "root\n".repeat(3));

    // Killed, it serves again within two seconds: the best of three, because other tests run beside this one.
    let took = machine.ok(&format!(
        "for n in 1 2 3; do
             begun=$(date +%s%N); kill -9 $(systemctl show --value --property=MainPID service)
             until {ASK} >/dev/null; do sleep 0.02; done; echo $((($(date +%s%N) - begun) / 1000000))
         done"
    ));
    println!("serves again after kill -9, ms: {}", took.trim().replace('\n', ", "));
    assert!(took.lines().any(|took| took.parse::<u32>().unwrap() < 2000), "{took}");

    machine.ok(&format!("su -l other -c 'sudo {second} self install --system'"));
    machine.wait_for(ASK);
    assert!(machine.ok(ASK).starts_with("2.0 "));
    let said = machine.ok("su -l other -c '/opt/service/service self service status; journalctl -u service -n 0'");
    assert!(said.starts_with("service is active, process "), "{said}");
    let logged = machine.ok("sudo -u other sudo service self service logs -n 3");
    assert!(logged.contains("serving"), "{logged}");

    machine.ok("su -l other -c 'sudo service self uninstall --purge --yes'");
    assert_eq!(machine.changes(&before), [""; 0]);
}

#[test]
fn deleting_the_directory_uninstalls_and_clean_removes_what_that_leaves() {
    let context = TestContext::new();
    let Some(machine) = Booted::or_skip(&context) else { return };
    let exe = machine.bring(&context.bundle("service", Os::Linux));
    let before = machine.inventory();
    // Another directory than the usual one is found again by the links that lead to it.
    machine.ok(&format!("{exe} self service install --name web --dir /srv/web --socket 8080"));
    machine.ok(&format!("{exe} self service status --name web"));
    machine.ok("rm -rf /srv/web");
    let told = machine.sh(&format!("{exe} self doctor")).stdout;
    let left = told.split("self clean --system").nth(1).unwrap();
    for line in [
        "  link /etc/systemd/system/web.service\n",
        "  link /etc/systemd/system/web.socket\n",
        "  link /etc/systemd/system/multi-user.target.wants/web.service\n",
        "  link /etc/systemd/system/sockets.target.wants/web.socket\n",
        "  account service\n",
        "  command /usr/local/bin/service\n",
    ] {
        assert!(left.contains(line), "{line}\n{told}");
    }
    assert_eq!(machine.sh(&format!("su nobody -s /bin/sh -c '{exe} self clean --system'")).code, Some(1));
    let said = machine.ok(&format!("{exe} self clean --system"));
    assert!(said.contains("removed account service\n"), "{said}");
    assert_eq!(machine.changes(&before), [""; 0]);
    assert_eq!(machine.ok(&format!("{exe} self clean --system")), "nothing is left\n");
}

#[test]
fn what_an_admin_has_set_or_changed_stays_when_it_is_installed_again() {
    let context = TestContext::new();
    let Some(machine) = Booted::or_skip(&context) else { return };
    let exe = machine.bring(&context.bundle("service", Os::Linux));
    let newer = machine.bring(&version(&context, "2.0"));
    machine.ok(&format!("{exe} self service install --name web --env COLOUR=blue --stop-timeout 7 -- serve 8081"));
    let unit = "/opt/service/service.services/web.service";
    let drop_in = "/etc/systemd/system/web.service.d/own.conf";
    machine.ok(&format!("mkdir -p {drop_in}; rmdir {drop_in}; printf '[Service]\\nNice=5\\n' >{drop_in}"));
    // Given again, one option is replaced, and all others stay.
    machine.ok(&format!("{exe} self service install --env COLOUR=red"));
    let text = machine.ok(&format!("cat {unit}"));
    assert!(text.contains("Environment=\"COLOUR=red\"\n") && text.contains("TimeoutStopSec=7\n"), "{text}");
    assert!(text.contains("ExecStart=\"/opt/service/service\" \"serve\" \"8081\"\n"), "{text}");
    assert_eq!(machine.ok("ls /opt/service/service.services"), "web.definition\nweb.service\n");

    // Switched off, it is linked again and stays off; nothing is restarted when nothing was changed.
    machine.ok("systemctl disable --quiet web");
    machine.ok(&format!("{newer} self install --system; {newer} self install --system"));
    assert_eq!(machine.sh("systemctl is-enabled web").stdout, "linked\n");
    assert_eq!(machine.ok("systemctl show --value --property=Nice web"), "5\n");
    assert!(machine.ok(&ASK.replace("8080", "8081")).starts_with("2.0 "));
    let process = "systemctl show --value --property=MainPID web";
    let running = machine.ok(process);
    machine.ok(&format!("{newer} self service install"));
    assert_eq!(machine.ok(process), running);

    // A unit that was changed by hand is kept, and that is said.
    machine.ok(&format!("sed -i s/TimeoutStopSec=7/TimeoutStopSec=8/ {unit}"));
    let said = machine.ok(&format!("{exe} self install --system --json"));
    assert!(said.contains(&format!("\"kept\":\"{unit}\"")), "{said}");
    assert!(machine.ok(&format!("cat {unit}")).contains("TimeoutStopSec=8\n"));
    // What is not ekiben's stays.
    machine.ok(&format!("{exe} self uninstall --yes; test -f {drop_in}"));
}

#[test]
fn a_place_that_others_could_change_or_that_does_not_last_is_refused() {
    let context = TestContext::new();
    let Some(machine) = Booted::or_skip(&context) else { return };
    let exe = machine.bring(&context.bundle("service", Os::Linux));
    machine.ok("mkdir -p /srv/open/in /srv/full /srv/theirs /srv/mine; chmod 1777 /srv/open; touch /srv/full/diary
                chown nobody /srv/theirs; ln -s /tmp /srv/link; mkdir -p /srv/noexec; mount -t tmpfs -o noexec none /srv/noexec");
    let before = machine.inventory();
    let home = format!("{HOMES}/app");
    for (place, why) in [
        (home.as_str(), "is a user's"),
        ("/root/app", "is a user's"),
        ("/tmp/app", "is for temporary files"),
        ("/var/tmp/app", "is for temporary files"),
        ("/srv/link/app", "is for temporary files"),
        ("/srv/noexec/app", "is for temporary files"),
        ("/srv/open/in/app", "`/srv/open` can be written by every account"),
        ("/srv/theirs/app", "`/srv/theirs` belongs to another account"),
        ("/srv/full", "`/srv/full` holds something else: `/srv/full/diary`"),
        ("/srv/a%h", "has a character in its path"),
    ] {
        let outcome = machine.sh(&format!("{exe} self install --system --dir '{place}'"));
        assert!(outcome.code == Some(1) && outcome.stderr.contains(why), "{place}: {outcome:#?}");
        assert!(outcome.stderr.contains("with `--dir`"), "{outcome:#?}");
    }
    let outcome = machine.sh(&format!("su nobody -s /bin/sh -c '{exe} self service install'"));
    assert!(outcome.code == Some(1) && outcome.stderr.contains("run it with sudo"), "{outcome:#?}");
    for (options, why) in [
        ("--account root", "`root` is root"),
        ("--account nobody-knows", "there is no account `nobody-knows`"),
        ("--name cron", "there is another service `cron`"),
    ] {
        machine.ok("test -e /lib/systemd/system/cron.service || printf '[Service]\\nExecStart=/bin/true\\n' >/etc/systemd/system/cron.service; systemctl daemon-reload");
        let outcome = machine.sh(&format!("{exe} self service install --dir /srv/mine {options}"));
        assert!(outcome.code == Some(1) && outcome.stderr.contains(why), "{options}: {outcome:#?}");
    }
    // An account that somebody else uses is not taken.
    machine.ok("useradd --system service");
    let outcome = machine.sh(&format!("{exe} self service install --dir /srv/mine"));
    assert!(outcome.stderr.contains("there is an account `service` that was not made for this app"), "{outcome:#?}");
    machine.ok("userdel service");
    machine.ok(&format!("{exe} self uninstall --yes; rm -f /etc/systemd/system/cron.service"));
    assert_eq!(machine.changes(&before), [""; 0]);
}

#[test]
fn a_service_can_write_its_data_and_nothing_else_and_its_unit_is_rated_safe() {
    let context = TestContext::new();
    let Some(machine) = Booted::or_skip(&context) else { return };
    let exe = machine.bring(&context.bundle("service", Os::Linux));
    machine.ok(&format!(
        "mkdir /opt/files; {exe} self service install --stop-codes 3 --writable /opt/files -- try_to_change_it"
    ));
    machine.wait_for("test -s /opt/service/data/outcome");
    let outcome = machine.ok("cat /opt/service/data/outcome");
    let version = machine.ok("ls /opt/service/versions");
    let denied = "Read-only file system";
    assert_eq!(
        outcome,
        format!(
            "/opt/service/new {denied}\n/opt/service/versions/{}/new {denied}\n/etc/new {denied}\n/var/tmp/new written\n\
             /opt/service/data/new written\n/opt/service/logs/new written\n/opt/files/new Permission denied\n",
            version.trim()
        )
    );
    // What it has written among temporary files was its own view, and is gone with it.
    machine.wait_for("test $(systemctl show --value -p ActiveState service) = inactive");
    machine.ok("test ! -e /var/tmp/new");
    let status = machine.sh(&format!("{exe} self service status --json"));
    assert_eq!(status.code, Some(3), "{status:#?}");
    assert!(status.stdout.contains("\"exit_code\":3,\"restarts\":0"), "{status:#?}");

    assert_eq!(machine.ok("systemd-analyze verify /etc/systemd/system/service.service 2>&1"), "");
    let rated = machine.ok("systemd-analyze security --no-pager service | grep Overall");
    println!("{rated}");
    let rating: f32 = rated.split(": ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(rating <= 2.0, "{rated}");
    // An account that is there while it runs: for an app that keeps nothing.
    machine.ok(&format!(
        "{exe} self uninstall --yes --purge; {exe} self service install --account dynamic --restart never -- work"
    ));
    assert_eq!(machine.ok("getent passwd service | cut -d: -f1 || true; id -un service"), "service\nservice\n");
    assert_eq!(machine.sh("grep ^service: /etc/passwd").code, Some(1));
}

#[test]
fn a_user_has_a_service_of_its_own_without_an_admin() {
    let context = TestContext::new();
    let Some(machine) = Booted::or_skip(&context) else { return };
    let exe = machine.bring(&context.bundle("service", Os::Linux));
    machine.ok("useradd -m user; loginctl enable-linger user");
    machine.wait_for("test -S /run/user/$(id -u user)/systemd/private");
    let as_user = |words: &str| {
        format!(
            "su -l user -c 'export XDG_RUNTIME_DIR=/run/user/$(id -u); export PATH=$PATH:$HOME/.local/bin; {words}'"
        )
    };
    let before = machine.inventory();
    machine.ok(&as_user(&format!("{exe} self service install --user")));
    machine.wait_for(ASK);
    assert_eq!(machine.ok(&format!("{ASK} | cut -d' ' -f3")), machine.ok("id -u user"));
    machine.ok(&as_user("service self service restart --user; service self service status --user"));
    machine.ok(&as_user("service self uninstall --yes --purge"));
    // Directories of the user's that others use, too.
    let shared = ["", "/systemd", "/systemd/user"].map(|end| format!("+{HOMES}/user/.config{end}"));
    let local =
        ["", "/bin", "/share", "/share/applications", "/share/ekiben"].map(|end| format!("+{HOMES}/user/.local{end}"));
    let mut changes = machine.changes(&before);
    changes.retain(|line| !shared.contains(line) && !local.contains(line));
    assert_eq!(changes, [""; 0]);
}
