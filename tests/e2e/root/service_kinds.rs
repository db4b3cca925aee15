//! Ways to start a service: by systemd, which waits for its word, or by another manager; and what a start costs.

use ekiben_tests::{Booted, Os, TestContext};

#[test]
fn systemd_waits_for_an_app_that_says_when_it_is_ready() {
    let context = TestContext::new();
    let Some(machine) = Booted::or_skip(&context) else { return };
    let exe = machine.bring(&context.bundle("service", Os::Linux));
    machine.ok(&format!("{exe} self service install --notify yes -- get_ready; test -e /opt/service/data/ready"));
    assert_eq!(machine.ok("systemctl show --value -p Type -p ActiveState service"), "notify\nactive\n");
    machine.ok(&format!("rm /opt/service/data/ready; {exe} self service restart; test -e /opt/service/data/ready"));
}

#[test]
fn another_manager_runs_a_service_as_systemd_would() {
    let context = TestContext::new();
    let Some(machine) = Booted::or_skip(&context) else { return };
    let exe = machine.bring(&context.bundle("service", Os::Linux));
    machine.ok(&format!(
        "{exe} self service install --name web --start manual --env COLOUR=blue -- tell 'two words' '' end; \
         {exe} self service start; until journalctl -u web | grep -q blue; do sleep 0.1; done"
    ));
    let by_systemd = machine.ok("journalctl -u web -o cat | grep blue");
    let run = "setpriv --reuid=service --regid=service --clear-groups /opt/service/service self service run --name web";
    assert_eq!(machine.ok(&format!("cd /; {run}")), by_systemd);
    let id = machine.ok("id -u service");
    assert_eq!(by_systemd, format!("/opt/service/data web blue {} two words  end\n", id.trim()));
}

/// How often each is started.
const STARTS: usize = 15;

#[test]
fn the_launcher_adds_less_than_50_ms_to_the_start_of_a_service() {
    let context = TestContext::new();
    let Some(machine) = Booted::or_skip(&context) else { return };
    let exe = machine.bring(&context.bundle("service", Os::Linux));
    machine.ok(&format!("{exe} self service install --start manual -- end"));
    // In turns, so that what else this machine does is the same for each.
    let took = machine.ok(&format!(
        "D=/opt/service; V=$(echo $D/versions/*); export EKIBEN_DATA_DIR=$D/data
         took() {{
             local begun=$(date +%s%N)
             systemd-run --quiet --wait -p User=service -p WorkingDirectory=/ \"$@\"
             echo $((($(date +%s%N) - begun) / 1000))
         }}
         for n in $(seq {STARTS}); do
             echo $(took $V/python -I $V/ekiben-start.py $D/service end) $(took $D/service end) $(took $D/service self service run)
         done"
    ));
    let rows: Vec<Vec<u32>> =
        took.lines().map(|line| line.split(' ').map(|number| number.parse().unwrap()).collect()).collect();
    let [interpreter, launcher, run] = [0, 1, 2].map(|column| {
        let mut times: Vec<u32> = rows.iter().map(|row| row[column]).collect();
        times.sort_unstable();
        (times[0], times[STARTS / 2])
    });
    println!("µs, best and median: the interpreter {interpreter:?}, the launcher {launcher:?}, `service run` {run:?}");
    // The best, because other tests run beside this one.
    assert!(launcher.0 < interpreter.0 + 50_000 && run.0 < interpreter.0 + 50_000, "{took}");
}
