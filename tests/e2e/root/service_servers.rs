//! Servers that people use, as services: FastAPI under uvicorn, and gunicorn with its workers; on sockets of systemd's and on ports
//! of their own.

use ekiben_tests::{Booted, Os, TestContext};

#[test]
fn uvicorn_and_gunicorn_run_as_services_of_one_app() {
    let context = TestContext::new();
    let Some(machine) = Booted::or_skip(&context) else { return };
    let exe = machine.bring(&context.bundle("web", Os::Linux));
    let ask = |port: u16| format!("curl -sf --max-time 20 http://127.0.0.1:{port}/");
    machine.ok(&format!("{exe} self service install --name uvicorn --socket 8080 -- uvicorn --fd 3"));
    machine.ok(&format!("{exe} self service install --name gunicorn --socket 8081 -- gunicorn --workers 2"));
    machine.ok(&format!("{exe} self service install --name port -- uvicorn --port 8082"));
    machine.wait_for(&ask(8082));
    for (port, answer) in [(8080, "\"by\":\"uvicorn\""), (8081, "gunicorn "), (8082, "\"by\":\"uvicorn\"")] {
        let said = machine.ok(&ask(port));
        assert!(said.contains(answer), "{port}: {said}");
    }
    // One that is killed answers again, and what asked meanwhile has waited.
    machine.ok("kill -9 $(systemctl show --value --property=MainPID gunicorn)");
    assert!(machine.ok(&ask(8081)).starts_with("gunicorn "));
    // All of them can stop by themselves.
    machine.ok("systemctl stop uvicorn.socket uvicorn gunicorn.socket gunicorn port");
    let results = machine.ok("systemctl show --value --property=Result uvicorn gunicorn port");
    assert_eq!(results.split_whitespace().collect::<Vec<_>>(), ["success"; 3]);
    assert_eq!(machine.sh("pgrep -u web").stdout, "");
    // The account is theirs together, and goes with the last of them.
    machine.ok(&format!(
        "{exe} self service uninstall --name port; id web; {exe} self uninstall --yes --purge; ! id web 2>/dev/null"
    ));
}
