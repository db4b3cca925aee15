//! An installation, an update or a removal that is killed at any moment is completed by doing it again.

use ekiben_tests::{Booted, TestContext, Tiny};

/// Every how-manyth system call is a point to be killed at; `EKIBEN_SERVICE_KILLS=1` takes all of them.
fn every() -> u32 {
    std::env::var("EKIBEN_SERVICE_KILLS").map_or(11, |number| number.parse().unwrap())
}

/// `killed COMMAND` runs a command that is killed at one system call after another, and calls `repaired` after each.
const KILLS: &str = r#"
check() {
    systemctl is-active tiny && $1 self verify && stat -c %U /opt/tiny/data | grep -x tiny &&
        ! find /opt/tiny/staging -mindepth 1 | grep . && ! find /opt/tiny /etc/systemd /usr/local -name '*.new' | grep .
}
gone() {
    ! find /opt/tiny | grep . && ! getent passwd tiny && ! find /etc/systemd /usr/local -name '*tiny*' | grep .
}
killed() {
    points=0
    for call in open openat mkdir mkdirat rename symlink unlink unlinkat rmdir chmod lchown write clone wait4 fsync link; do
        n=1
        while true; do
            prepare
            status=0
            { strace -qq -o /dev/null -e trace=$call -e inject=$call:signal=KILL:when=$n $command; } >/dev/null 2>&1 || status=$?
            test $status = 137 || break
            points=$((points + 1))
            repaired >/run/said 2>&1 || { echo "$command, killed at $call $n, was not repaired:"; cat /run/said; unrepaired=1; }
            n=$((n + EVERY))
        done
    done
    echo "$points points of $command"
    return ${unrepaired:-0}
}
"#;

#[test]
fn what_was_killed_halfway_is_completed_by_doing_it_again() {
    let context = TestContext::new();
    let Some(machine) = Booted::or_skip(&context) else { return };
    let tiny = |version: &str| {
        let bundle = Tiny::new(version).running(b"#!/bin/sh\nexec sleep 1000\n".to_vec()).files(20);
        machine.bring(&bundle.bundle(&context))
    };
    let (old, new) = (tiny("1.0"), tiny("2.0"));
    let run = |script: &str| {
        let every = every();
        let said = machine.sh(&format!("EVERY={every}\n{KILLS}\n{script}"));
        assert_eq!(said.code, Some(0), "{said:#?}");
        print!("{}", said.stdout);
    };
    run(&format!(
        "command='{old} self service install'
         prepare() {{ {old} self uninstall --yes --purge >/dev/null; }}
         repaired() {{ $command && check {old}; }}
         killed"
    ));
    // Whatever an update that was killed has left, the service starts.
    run(&format!(
        "command='{new} self install --system'
         prepare() {{ {old} self install --system >/dev/null; }}
         repaired() {{ systemctl restart tiny && $command && check {new}; }}
         killed"
    ));
    run(&format!(
        "command='{old} self uninstall --yes --purge'
         prepare() {{ {old} self service install >/dev/null; }}
         repaired() {{ $command && gone; }}
         killed"
    ));
}
