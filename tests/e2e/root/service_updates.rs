//! A service that is updated while it is used: where systemd keeps its socket open, no request is lost.

use ekiben_tests::{Booted, Os, TestContext};

use super::services::version;

const UPDATES: usize = 20;
const REQUESTS: u32 = 10_000;

/// Asks until it is told to end, by threads of its own; each request is a new connection. Prints how many were answered, by
/// which versions, and every failure.
const CLIENT: &str = r#"
import collections, http.client, os, threading
answers, failures, lock = collections.Counter(), [], threading.Lock()
def ask():
    while not (os.path.exists("/run/enough") and sum(answers.values()) >= REQUESTS):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=60)
            connection.request("GET", "/")
            version = connection.getresponse().read().split()[0].decode()
            connection.close()
            with lock:
                answers[version] += 1
        except Exception as error:
            failures.append(repr(error))
threads = [threading.Thread(target=ask) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(sum(answers.values()), sorted(answers), failures)
"#;

#[test]
fn no_request_is_lost_while_a_service_with_a_socket_is_updated_again_and_again() {
    let context = TestContext::new();
    let Some(machine) = Booted::or_skip(&context) else { return };
    let bundles = [machine.bring(&context.bundle("service", Os::Linux)), machine.bring(&version(&context, "2.0"))];
    machine.ok(&format!("{} self service install --socket 8080", bundles[0]));
    let updates: String =
        (1..=UPDATES).map(|n| format!("{} self install --system >/dev/null; sleep 0.2; ", bundles[n % 2])).collect();
    let client = CLIENT.replace("REQUESTS", &REQUESTS.to_string());
    let said = machine.ok(&format!(
        "cat >/run/client.py <<'END'\n{client}\nEND\npython3 /run/client.py >/run/answers & {updates} touch /run/enough; wait; cat /run/answers"
    ));
    println!("{}", said.trim());
    let (answered, rest) = said.trim().split_once(' ').unwrap();
    assert!(answered.parse::<u32>().unwrap() >= REQUESTS, "{said}");
    assert_eq!(rest, "['1.0', '2.0'] []");
}
