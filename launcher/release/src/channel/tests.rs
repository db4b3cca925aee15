//! What is accepted and what is not, each refused for its own reason.

use minisign::KeyPair;

use super::*;
use crate::PublicKey;

const NOW: u64 = 1_000_000;

struct Signer(KeyPair);

impl Signer {
    fn new() -> Self {
        Self(KeyPair::generate_unencrypted_keypair().unwrap())
    }

    fn public(&self) -> PublicKey {
        PublicKey::new(&self.0.pk.to_base64()).unwrap()
    }

    fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        minisign::sign(None, &self.0.sk, bytes, Some("test"), None).unwrap().into_string().into_bytes()
    }
}

fn signed_by(signers: &[&Signer], bytes: &[u8]) -> Vec<u8> {
    signers.iter().flat_map(|signer| signer.sign(bytes)).collect()
}

fn root(number: u32, threshold: usize, signers: &[&Signer]) -> Root {
    let keys = signers.iter().map(|signer| signer.public()).collect();
    Root::new(AppId::new("app").unwrap(), number, threshold, keys).unwrap()
}

fn file(version: &str) -> ReleasedFile {
    ReleasedFile {
        path: EntryPath::new(format!("{version}/app")).unwrap(),
        len: 100,
        sha256: Digest::of(version.as_bytes()),
        digest: Digest::of(format!("payload {version}").as_bytes()),
        payload: 10,
        tail: 50,
        index: Digest::of(b"index"),
        blocks: Digest::of(b"launcher").to_string()[..BLOCK_DIGITS].to_owned(),
    }
}

fn release(version: &str) -> Release {
    let files = BTreeMap::from([("linux".to_owned(), file(version))]);
    Release { version: version.to_owned(), critical: false, rollout: None, files }
}

fn channel() -> Channel {
    Channel {
        format: FORMAT,
        kind: Channel::KIND.to_owned(),
        app: AppId::new("app").unwrap(),
        channel: ChannelName::new("stable").unwrap(),
        root: 1,
        serial: 5,
        published: NOW - 10,
        expires: NOW + 10,
        minimum: None,
        withdrawn: Vec::new(),
        releases: vec![release("1.0"), release("1.10"), release("1.9")],
    }
}

fn bytes_of(channel: &Channel) -> Vec<u8> {
    serde_json::to_vec(channel).unwrap()
}

fn verify(bytes: &[u8], signatures: &[u8], root: &Root) -> Result<Channel, Refused> {
    let name = ChannelName::new("stable").unwrap();
    Channel::verify(bytes, signatures, Known { root, channel: &name, seen: Seen { root: 1, serial: 5 }, now: NOW })
}

#[test]
fn a_channel_that_enough_keys_have_signed_is_accepted() {
    let (a, b, c) = (Signer::new(), Signer::new(), Signer::new());
    let bytes = bytes_of(&channel());
    let root = root(1, 2, &[&a, &b, &c]);
    assert_eq!(verify(&bytes, &signed_by(&[&a, &c], &bytes), &root), Ok(channel()));
}

#[test]
fn too_few_signatures_are_refused_however_they_are_made_up() {
    let (a, b, stranger) = (Signer::new(), Signer::new(), Signer::new());
    let bytes = bytes_of(&channel());
    let root = root(1, 2, &[&a, &b]);
    let other = bytes_of(&Channel { serial: 6, ..channel() });
    for (valid, signatures) in [
        (0, Vec::new()),
        (1, signed_by(&[&a], &bytes)),
        (1, signed_by(&[&a, &a, &a], &bytes)),
        (1, signed_by(&[&a, &stranger], &bytes)),
        (0, signed_by(&[&stranger, &stranger], &bytes)),
        (0, signed_by(&[&a, &b], &other)),
        (1, [a.sign(&bytes), b.sign(&other)].concat()),
    ] {
        let expected = Refused::Signatures { file: "stable.json".to_owned(), valid, needed: 2 };
        assert_eq!(verify(&bytes, &signatures, &root), Err(expected));
    }
}

#[test]
fn every_changed_byte_of_metadata_or_signature_is_refused() {
    let a = Signer::new();
    let bytes = bytes_of(&Channel { releases: vec![release("1.0")], ..channel() });
    let signatures = a.sign(&bytes);
    let root = root(1, 1, &[&a]);
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(verify(&changed, &signatures, &root).is_err(), "byte {at}");
    }
    for length in 0..bytes.len() {
        assert!(verify(&bytes[..length], &signatures, &root).is_err(), "cut to {length}");
    }
    for length in 0..signatures.len() - 1 {
        assert!(verify(&bytes, &signatures[..length], &root).is_err(), "signature cut to {length}");
    }
    // The first line is a comment that no signature covers.
    let covered = signatures.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for at in covered..signatures.len() - 1 {
        let mut changed = signatures.clone();
        changed[at] ^= 1;
        assert!(verify(&bytes, &changed, &root).is_err(), "byte {at} of the signature");
    }
}

#[test]
fn what_is_signed_for_something_else_is_refused_by_name() {
    let a = Signer::new();
    let root = root(1, 1, &[&a]);
    let refused = |change: &dyn Fn(&mut Channel)| {
        let mut changed = channel();
        change(&mut changed);
        let bytes = bytes_of(&changed);
        verify(&bytes, &a.sign(&bytes), &root).unwrap_err().to_string()
    };
    type Change<'a> = &'a dyn Fn(&mut Channel);
    let cases: &[(Change<'_>, &str)] = &[
        (&|c| c.app = AppId::new("other").unwrap(), "`stable.json` is for the app `other`, and `app` was expected"),
        (&|c| c.channel = ChannelName::new("beta").unwrap(), "is for the channel `beta`, and `stable` was expected"),
        (&|c| c.kind = "root".to_owned(), "is for the kind `root`"),
        (&|c| c.serial = 4, "older than one that was seen before: root 1, serial 4, after root 1, serial 5"),
        (&|c| c.root = 0, "older"),
        (&|c| c.root = 2, "older"),
        (&|c| c.expires = NOW, "expired 0 seconds ago"),
        (&|c| c.expires = NOW - 86_400 * 3, "expired 3 days ago"),
        (&|c| c.format = 2, "has format version 2, and this ekiben understands version 1 only"),
        (&|c| c.serial = u64::MAX, "a serial over 9007199254740991"),
        (&|c| c.releases[0].version = "latest".to_owned(), "`latest` is not a version"),
        (&|c| c.releases[0].files.get_mut("linux").unwrap().tail = 101, "contradict each other"),
        (&|c| c.releases[0].files.get_mut("linux").unwrap().payload = 51, "contradict each other"),
        (&|c| c.releases[0].files.get_mut("linux").unwrap().blocks = "0".repeat(15), "contradict each other"),
        (&|c| c.releases[0].files.get_mut("linux").unwrap().payload = u64::MAX, "contradict each other"),
    ];
    for (change, expected) in cases {
        let said = refused(*change);
        assert!(said.contains(expected), "{said}\n{expected}");
    }
    // A root is no channel, though the same keys have signed it.
    let bytes = serde_json::to_vec(&root).unwrap();
    assert!(matches!(verify(&bytes, &a.sign(&bytes), &root), Err(Refused::Malformed { .. })));
}

#[test]
fn paths_that_lead_out_of_the_release_folder_are_refused() {
    let a = Signer::new();
    let root = root(1, 1, &[&a]);
    for path in [
        "../app",
        "/etc/passwd",
        "a/../../b",
        "C:/x",
        "a\\\\..\\\\b",
        "//server/share",
        "con",
        "a//b",
        "a/./b",
        "https://x/y",
    ] {
        let bytes = String::from_utf8(bytes_of(&channel())).unwrap().replace("1.9/app", path).into_bytes();
        assert!(matches!(verify(&bytes, &a.sign(&bytes), &root), Err(Refused::Malformed { .. })), "{path}");
    }
}

#[test]
fn a_new_root_needs_the_keys_of_the_old_one_and_its_own() {
    let (old, new, stranger) = (Signer::new(), Signer::new(), Signer::new());
    let first = root(1, 1, &[&old]);
    let second = root(2, 1, &[&new]);
    let bytes = serde_json::to_vec(&second).unwrap();
    assert_eq!(first.next(&bytes, &signed_by(&[&old, &new], &bytes)), Ok(second.clone()));
    for signers in [&[&old][..], &[&new], &[&stranger, &new], &[&old, &stranger], &[]] {
        let refused = first.next(&bytes, &signed_by(signers, &bytes));
        assert!(matches!(refused, Err(Refused::Signatures { .. })), "{refused:?}");
    }
    for (wrong, said) in [
        (root(3, 1, &[&new]), "is for root `3`, and `2` was expected"),
        (root(1, 1, &[&new]), "is for root `1`"),
        (Root::new(AppId::new("other").unwrap(), 2, 1, vec![new.public()]).unwrap(), "is for the app `other`"),
    ] {
        let bytes = serde_json::to_vec(&wrong).unwrap();
        let refused = first.next(&bytes, &signed_by(&[&old, &new], &bytes)).unwrap_err().to_string();
        assert!(refused.contains(said), "{refused}");
    }
    // What the removed key signs from now on is worth nothing.
    let bytes = bytes_of(&Channel { root: 2, ..channel() });
    assert!(matches!(verify(&bytes, &old.sign(&bytes), &second), Err(Refused::Signatures { valid: 0, .. })));
}

#[test]
fn a_root_that_would_let_too_much_pass_is_refused() {
    let (a, b) = (Signer::new(), Signer::new());
    let app = || AppId::new("app").unwrap();
    let keys = |signers: &[&Signer]| signers.iter().map(|signer| signer.public()).collect::<Vec<_>>();
    for (threshold, keys) in [(0, keys(&[&a])), (1, Vec::new()), (2, keys(&[&a])), (2, keys(&[&a, &a]))] {
        assert!(Root::new(app(), 1, threshold, keys.clone()).is_err(), "{threshold} {keys:?}");
        let list = keys.iter().map(|key| format!("\"{key}\"")).collect::<Vec<_>>().join(",");
        let json = format!(
            "{{\"format\":1,\"kind\":\"root\",\"app\":\"app\",\"number\":1,\"threshold\":{threshold},\"keys\":[{list}]}}"
        );
        assert!(matches!(Root::parse("root", json.as_bytes()), Err(Refused::Malformed { .. })), "{json}");
    }
    // The same key under another number.
    let twin = {
        let text = b.public().as_str().to_owned();
        let other = if text.as_bytes()[5] == b'A' { "B" } else { "A" };
        PublicKey::new(&format!("{}{other}{}", &text[..5], &text[6..])).unwrap()
    };
    assert!(Root::new(app(), 1, 2, vec![b.public(), twin]).is_err());
}

#[test]
fn a_serial_that_was_set_too_high_is_left_behind_by_a_new_root() {
    let (old, new) = (Signer::new(), Signer::new());
    let (first, second) = (root(1, 1, &[&old]), root(2, 1, &[&new]));
    let name = ChannelName::new("stable").unwrap();
    let highest = Seen { root: 1, serial: Channel::LAST_SERIAL };
    let known = |root| Known { root, channel: &name, seen: highest, now: NOW };
    let next = bytes_of(&channel());
    assert!(matches!(Channel::verify(&next, &old.sign(&next), known(&first)), Err(Refused::Older { .. })));
    let fresh = bytes_of(&Channel { root: 2, serial: 1, ..channel() });
    assert!(Channel::verify(&fresh, &new.sign(&fresh), known(&second)).is_ok());
}

#[test]
fn the_newest_version_that_is_allowed_is_chosen() {
    let client = |version: &str| {
        let version = Box::leak(Box::new(Version::new(version).unwrap()));
        Client { version, digest: Digest::of(b"mine"), target: "linux", machine: "m", bad: &[], now: NOW }
    };
    let chosen =
        |channel: &Channel, client| channel.choose(client).unwrap().map(|(release, _)| release.version.clone());
    let of = |change: &dyn Fn(&mut Channel)| {
        let mut changed = channel();
        change(&mut changed);
        changed
    };
    assert_eq!(chosen(&channel(), client("1.0")).as_deref(), Some("1.10"));
    assert_eq!(chosen(&channel(), client("1.10")), None);
    assert_eq!(chosen(&channel(), client("2.0")), None);
    assert_eq!(chosen(&channel(), Client { target: "windows", ..client("1.0") }), None);
    let bad = [file("1.10").digest];
    assert_eq!(chosen(&channel(), Client { bad: &bad, ..client("1.0") }).as_deref(), Some("1.9"));
    let withdrawn = of(&|c| c.withdrawn = vec!["1.10.0".to_owned()]);
    assert_eq!(chosen(&withdrawn, client("1.0")).as_deref(), Some("1.9"));
    // Who has it goes back.
    assert_eq!(chosen(&withdrawn, client("1.10")).as_deref(), Some("1.9"));
    let held_back = Rollout { percent: 0, salt: String::new(), start: 0 };
    let staged = of(&|c| c.releases[1].rollout = Some(held_back.clone()));
    assert_eq!(chosen(&staged, client("1.0")).as_deref(), Some("1.9"));
    assert_eq!(chosen(&of(&|c| c.minimum = Some("2".to_owned())), client("1.0")), None);
}

#[test]
fn a_version_that_is_asked_for_by_name_has_to_be_allowed() {
    let find = |change: &dyn Fn(&mut Channel), version: &str| {
        let mut changed = channel();
        change(&mut changed);
        changed.find(&Version::new(version).unwrap(), "linux").map(|(release, _)| release.version.clone())
    };
    assert_eq!(find(&|_| {}, "1.9.0").as_deref(), Ok("1.9"));
    assert!(matches!(find(&|_| {}, "1.8"), Err(Refused::NoSuchVersion { .. })));
    assert_eq!(find(&|c| c.withdrawn = vec!["1.9".to_owned()], "1.9"), Err(Refused::Withdrawn("1.9".to_owned())));
    let said = find(&|c| c.minimum = Some("1.9.1".to_owned()), "1.9").unwrap_err().to_string();
    assert_eq!(said, "version 1.9 is older than 1.9.1, the oldest that its publisher still allows");
}
