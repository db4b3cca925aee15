//! How a service ends: by itself when it is asked to, and with all that it has started in any case.

use ekiben_tests::{Booted, Os, TestContext};

/// How often a service with grandchildren is stopped; `EKIBEN_SERVICE_STOPS=1000` is the long run.
fn stops() -> u32 {
    std::env::var("EKIBEN_SERVICE_STOPS").map_or(100, |number| number.parse().unwrap())
}

#[test]
fn a_service_ends_with_all_that_it_has_started() {
    let context = TestContext::new();
    let Some(machine) = Booted::or_skip(&context) else { return };
    let exe = machine.bring(&context.bundle("service", Os::Linux));
    // A worker ends by itself, and what it does at its end is done.
    machine.ok(&format!("{exe} self service install --name worker -- work"));
    machine.wait_for("test -s /opt/service/data/tick");
    machine.ok(&format!("{exe} self service stop --name worker; test \"$(cat /opt/service/data/stopped)\" = cleanly"));
    assert_eq!(machine.sh(&format!("{exe} self service status --name worker")).code, Some(3));
    machine.ok(&format!("{exe} self service uninstall --name worker"));

    // One that ignores every request is ended after its time.
    machine.ok(&format!("{exe} self service install --name ignorer --stop-timeout 1 -- ignore"));
    machine.wait_for("test -e /opt/service/data/ready");
    let took = machine.ok(&format!(
        "begun=$(date +%s%N); {exe} self service stop --name ignorer; echo $((($(date +%s%N) - begun) / 1000000))"
    ));
    assert!((1000..10_000).contains(&took.trim().parse::<u32>().unwrap()), "{took}");
    assert_eq!(machine.sh("pgrep -u service").stdout, "");
    machine.ok(&format!("{exe} self service uninstall --name ignorer"));

    // Workers of a pool and their children end with it, however often.
    machine.ok(&format!("rm /opt/service/data/*; {exe} self service install --name pool --start manual -- pool"));
    let left = machine.ok(&format!(
        "for n in $(seq {}); do
             rm -f /opt/service/data/ready; systemctl start pool
             until test -e /opt/service/data/ready; do sleep 0.02; done
             test $(pgrep -u service | wc -l) -ge 5
             systemctl stop pool
             pgrep -u service && echo left after stop $n || true
         done",
        stops()
    ));
    assert_eq!(left, "");
}
