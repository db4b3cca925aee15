//! Release metadata of version 1, as it was published once: every later ekiben accepts it, and so do programs that share no code
//! with ekiben.

use std::fs;
use std::path::Path;
use std::process::Command;

use ekiben_payload_fixtures::golden;
use ekiben_tests::{Outcome, TestContext};
use release::channel::{Client, Known, Seen};
use release::place::ChannelName;
use release::{Channel, Refused, Root, Version};

/// A moment when it had not expired.
const THEN: u64 = 1_795_948_600;

fn read(name: &str) -> (Vec<u8>, Vec<u8>) {
    let file = golden("metadata-v1").join(name);
    (fs::read(&file).unwrap(), fs::read(format!("{}.minisig", file.display())).unwrap())
}

/// The last of five roots: of one key, two, three, three of which two sign, and two.
fn newest_root() -> Root {
    let first = Root::parse("root/1.json", &read("root/1.json").0).unwrap();
    (2..=5).fold(first, |root, number| {
        let (bytes, signatures) = read(&format!("root/{number}.json"));
        root.next(&bytes, &signatures).unwrap()
    })
}

#[test]
fn golden_metadata_of_version_1_is_verified() {
    let (root, stable) = (newest_root(), ChannelName::new(ChannelName::STABLE).unwrap());
    assert_eq!((root.number, root.threshold, root.keys.len()), (5, 2, 2));
    let (bytes, signatures) = read("stable.json");
    let known = |now| Known { root: &root, channel: &stable, seen: Seen { root: 5, serial: 4 }, now };
    let channel = Channel::verify(&bytes, &signatures, known(THEN)).unwrap();
    let late = Channel::verify(&bytes, &signatures, known(channel.expires));
    assert!(matches!(late, Err(Refused::Expired { .. })), "{late:?}");
    let (one, prerelease) = (Version::new("1.0").unwrap(), Version::new("1.1rc1").unwrap());
    assert_eq!(channel.allows(&prerelease), Err(Refused::Withdrawn("1.1rc1".to_owned())));
    // The roll-out reaches half of all machines, for ever the same ones.
    let reaches = |machine: &str| {
        let (digest, target) = (channel.releases[0].files.values().next().unwrap().digest, "x86_64-unknown-linux-gnu");
        let client = Client { version: &one, digest, target, machine, bad: &[], now: THEN };
        channel.choose(client).unwrap().map(|(release, _)| release.version.clone())
    };
    let chosen = ["a", "b", "c", "d", "e", "f"].map(|machine| reaches(machine).is_some());
    assert_eq!(chosen, [true, true, true, false, false, true]);
}

#[test]
fn metadata_is_verified_by_a_client_that_was_written_from_its_description() {
    let context = TestContext::new();
    let folder = context.path("updates");
    let copied = Command::new("cp").arg("-r").arg(golden("metadata-v1")).arg(&folder).status().unwrap();
    assert!(copied.success());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/verify_release.py");
    let verify = |now: u64| -> Outcome {
        let first = golden("metadata-v1").join("root/1.json");
        let python = context.program("python3").arg(&script).arg(&folder).arg(first);
        python.args(["stable", &now.to_string()]).run()
    };
    assert_eq!(verify(THEN).quiet_stdout(), "1.0 x86_64-unknown-linux-gnu\n1.1 x86_64-unknown-linux-gnu\n");
    assert_eq!(verify(10 * THEN).stderr, "stable.json: it expired\n");
    for (file, complaint) in [("stable.json", "stable.json: 0 of"), ("root/4.json", "4.json: 0 of")] {
        let path = folder.join(file);
        let good = fs::read_to_string(&path).unwrap();
        fs::write(&path, good.replacen("golden", "g0lden", 1)).unwrap();
        let refused = verify(THEN);
        assert!(refused.code == Some(1) && refused.stderr.starts_with(complaint), "{refused:#?}");
        fs::write(path, good).unwrap();
    }
}

#[test]
fn minisign_verifies_metadata() {
    let context = TestContext::new();
    let root = golden("metadata-v1").join("root");
    let first = Root::parse("root/1.json", &read("root/1.json").0).unwrap();
    let verify = |file: &Path| {
        let signature = root.join("2.json.minisig");
        let minisign = context.program("minisign").arg("-V").arg("-m").arg(file).arg("-x").arg(signature);
        minisign.args(["-P", first.keys[0].as_str()]).run()
    };
    assert!(verify(&root.join("2.json")).stdout.contains("Trusted comment: file:root/2.json"));
    assert_eq!(verify(&root.join("3.json")).code, Some(1));
}
