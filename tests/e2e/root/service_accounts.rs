//! Who a service of systemd runs as, and whose its data is.

use ekiben_tests::{Booted, Os, TestContext};

#[test]
fn all_services_of_an_app_have_one_account_and_their_data_outlives_it() {
    let context = TestContext::new();
    let Some(machine) = Booted::or_skip(&context) else { return };
    let exe = machine.bring(&context.bundle("service", Os::Linux));
    let whose = "stat -c '%U %a' /opt/service/data /opt/service/logs";
    machine.ok(&format!("useradd --system other; {exe} self service install --name one -- work"));
    machine.wait_for("test -s /opt/service/data/tick");
    assert_eq!(machine.ok(whose), "service 700\n".repeat(2));

    // Another one could not write there, nor the first one any more.
    let refused = machine.sh(&format!("{exe} self service install --name two --account other"));
    let said = "`/opt/service/data` belongs to `service`, and all services of an app share it";
    assert!(refused.code == Some(1) && refused.stderr.contains(said), "{refused:#?}");
    assert_eq!(machine.ok(whose), "service 700\n".repeat(2));
    assert_eq!(machine.ok("ls /opt/service/service.services"), "one.definition\none.service\n");
    machine.ok(&format!("{exe} self service install --name two --account dynamic -- serve"));
    machine.wait_for(super::services::ASK);

    // Without services, it is root's, and the next account's.
    machine.ok(&format!("for name in two one; do {exe} self service uninstall --name $name; done; ! id service"));
    assert_eq!(machine.ok(whose), "root 700\n".repeat(2));
    machine.ok(&format!("{exe} self service install --name three --account other -- work"));
    assert_eq!(machine.ok(&format!("{whose} /opt/service/data/tick | cut -d' ' -f1")), "other\n".repeat(3));
    let works = || {
        machine.ok("rm -f /opt/service/data/*");
        machine.wait_for("test -s /opt/service/data/tick");
        machine.ok(&format!("{exe} self service stop; test -s /opt/service/data/stopped"));
    };
    works();
    // What the app keeps stays when it is uninstalled, unless an admin says otherwise.
    machine.ok(&format!("{exe} self uninstall --yes; id other; test -s /opt/service/data/tick"));
    assert_eq!(machine.ok("ls /opt/service; stat -c '%U %a' /opt/service/data"), "data\nroot 700\n");
    machine.ok(&format!("{exe} self service install -- work"));
    works();
    machine.ok(&format!("{exe} self uninstall --yes --purge; ! test -e /opt/service"));
}

#[test]
fn where_there_is_no_useradd_systemd_makes_the_account() {
    let context = TestContext::new();
    let Some(machine) = Booted::or_skip(&context) else { return };
    let exe = machine.bring(&context.bundle("service", Os::Linux));
    machine.ok(&format!("mv /usr/sbin/useradd /root; {exe} self service install"));
    machine.wait_for(super::services::ASK);
    let entry = machine.ok("getent passwd service");
    assert!(entry.ends_with(":ekiben service of service:/opt/service/data:/usr/sbin/nologin\n"), "{entry}");
    assert_eq!(machine.ok(&format!("{} | cut -d' ' -f3", super::services::ASK)), machine.ok("id -u service"));
    machine.ok(&format!("{exe} self uninstall --yes --purge; ! id service"));
}

/// Mounts a file system that calls itself sshfs, in which nothing is: it answers every request with "no such file".
const REMOTE: &str = r#"
import ctypes, os, struct
fuse = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={fuse},rootmode=40000,user_id=0,group_id=0".encode()
assert ctypes.CDLL(None).mount(b"server:/", b"/srv/remote", b"fuse.sshfs", 0, options) == 0
while True:
    request = os.read(fuse, 1 << 20)
    _, operation, number = struct.unpack_from("IIQ", request)
    INIT, FORGET, ENOENT = 26, 2, 2
    if operation == INIT:
        os.write(fuse, struct.pack("IiQIIII", 80, 0, number, 7, 31, 0, 0) + bytes(48))
    elif operation != FORGET:
        os.write(fuse, struct.pack("IiQ", 16, -ENOENT, number))
"#;

#[test]
fn a_network_file_system_is_no_place_for_a_service() {
    let context = TestContext::new();
    let Some(machine) = Booted::or_skip(&context) else { return };
    let exe = machine.bring(&context.bundle("service", Os::Linux));
    let refused = machine.sh(&format!(
        "mkdir /srv/remote; mknod /dev/fuse c 10 229; cat >/run/remote.py <<'END'{REMOTE}END
         systemd-run --quiet python3 /run/remote.py
         until grep -q /srv/remote /proc/mounts; do sleep 0.1; done
         timeout 60 {exe} self install --system --dir /srv/remote/app"
    ));
    assert!(refused.code == Some(1), "{refused:#?}");
    assert!(refused.stderr.contains("`/srv/remote/app` is on a network"), "{refused:#?}");
}
