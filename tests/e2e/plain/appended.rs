//! Bytes behind a bundle, as download services and deployment tools leave them: up to 64 KiB change nothing.

use ekiben_payload_fixtures::forged::Forged;
use ekiben_tests::{Confined, Ended, TestContext};

use crate::plain::hostile::{STARTED, launcher};

const LINUX: &str = "x86_64-unknown-linux-gnu";

pub(crate) const HARMLESS: [usize; 5] = [0, 1, 7, 9_000, 65_536];

pub(crate) const TOO_MANY: usize = 65_537;

pub(crate) fn is_refused(ended: &Result<Ended, String>) {
    let says = "no payload found\nhelp: the file holds no app";
    assert!(matches!(ended, Ok(Ended::Refused(said)) if said.contains(says)), "{ended:?}");
}

#[test]
fn a_bundle_bears_64_kib_behind_it() {
    let context = TestContext::new();
    let start = |appended: usize, byte: u8| {
        let mut bytes = Forged::honest(LINUX).bytes(launcher(LINUX));
        bytes.resize(bytes.len() + appended, byte);
        Confined::new(&context, &format!("appended-{appended}"), bytes).start()
    };
    for byte in [0, b'x'] {
        for appended in HARMLESS {
            let ended = start(appended, byte);
            assert!(matches!(&ended, Ok(Ended::Ran(said)) if said.starts_with(STARTED)), "{appended}: {ended:?}");
        }
        is_refused(&start(TOO_MANY, byte));
    }
}
