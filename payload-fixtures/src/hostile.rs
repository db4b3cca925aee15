//! Bundles that mean harm, each with all digests right: what they hold has to be refused by name.
//!
//! Most stand there twice: once the index owns up to the entry, once it lists an innocent one and only the tar holds the
//! other. Targets differ in what is harmful: `Forged::honest` with two names that differ in case is fine on Linux.

use bundle::system::System;
use serde_json::{Value, json};
use tar::EntryType as Kind;

use crate::forged::{END, Forged, Member, Parts, archive, compressed, row, sealed};

/// A bundle, and what its refusal has to say.
#[derive(Debug, Clone)]
pub struct Hostile {
    /// What it tries.
    pub story: String,
    /// The bundle.
    pub bytes: Vec<u8>,
    /// The entry's name and the reason.
    pub says: Vec<String>,
}

/// Where entries with an absolute path would go, if they were let.
pub const ABSOLUTE: &str = "/tmp/ekiben-hostile-was-here";

/// All of them, behind this launcher, for this target.
pub fn all(launcher: &[u8], target: &str) -> Vec<Hostile> {
    let mut all = light(launcher, target);
    all.extend(bombs(launcher, target));
    all
}

/// Those that are small however they are decoded: also what a fuzzer starts from.
pub fn light(launcher: &[u8], target: &str) -> Vec<Hostile> {
    let mut all = Vec::new();
    let mut add = |story: String, forged: &Forged, says: &[&str]| {
        let says = says.iter().map(|word| (*word).to_owned()).collect();
        all.push(Hostile { story, bytes: forged.bytes(launcher), says });
    };
    let innocent = [Member::file("innocent", "")];

    for (path, why) in paths() {
        let member = [Member::file(path.as_str(), "")];
        let shown = path.escape_default().to_string();
        add(format!("path {shown:.40}"), &Forged::new(target, &member, &member), &[&shown, why]);
        // A name that is too long is not even read.
        let name = if path.len() > 2048 { "innocent" } else { &shown };
        add(format!("path {shown:.40}, not in the index"), &Forged::new(target, &member, &innocent), &[name, why]);
    }
    let name = [Member::file(b"no\xffutf8".as_slice(), "")];
    add("a name that is not UTF-8".to_owned(), &Forged::new(target, &name, &innocent), &[r"no\xffutf8", "not UTF-8"]);

    for (member, why) in kinds() {
        let shown = String::from_utf8_lossy(&member.name).into_owned();
        let member = [member];
        add(format!("kind: {shown}"), &Forged::new(target, &member, &member), &[&shown, why]);
        add(format!("kind: {shown}, not in the index"), &Forged::new(target, &member, &innocent), &[&shown, why]);
    }
    for (story, members, says) in trees(System::from_triple(target)) {
        add(story.to_owned(), &Forged::new(target, &members, &members), &says);
        // Whatever comes first that is not listed.
        let second = String::from_utf8_lossy(&members[1].name).into_owned();
        add(format!("{story}, not in the index"), &Forged::new(target, &members, &members[..1]), &[&second]);
    }
    let twice = Member::file("twice", "one");
    let mut layers = Forged::new(target, std::slice::from_ref(&twice), std::slice::from_ref(&twice));
    layers.layer("application", &[(archive(std::slice::from_ref(&twice)), json!([twice.row()]))]);
    add("one path in two layers".to_owned(), &layers, &["`twice`", "twice"]);

    for (place, lie) in [
        ("/start/interpreter", "/bin/sh"),
        ("/start/interpreter", "../../../../bin/sh"),
        ("/start/interpreter", "C:\\Windows\\System32\\cmd.exe"),
        ("/start/script", "../../script.py"),
        ("/start/script", "nul"),
        ("/app/id", "../up"),
        ("/app/id", "con"),
    ] {
        let mut forged = Forged::honest(target);
        if let Some(value) = forged.record.pointer_mut(place) {
            *value = lie.into();
        }
        add(format!("{place} {lie}"), &forged, &["launch record", &lie.escape_default().to_string()]);
    }
    all
}

/// Those that promise or hold far more than they are.
pub fn bombs(launcher: &[u8], target: &str) -> Vec<Hostile> {
    let mut all = Vec::new();
    let mut add = |story: &str, bytes: Vec<u8>, says: &[&str]| {
        let says = says.iter().map(|word| (*word).to_owned()).collect();
        all.push(Hostile { story: story.to_owned(), bytes, says });
    };
    let bomb = |raw: &[u8], raw_len: u64, size: u64| {
        let mut forged = Forged::new(target, &[], &[]);
        let stored = compressed(raw, 3);
        let entries = json!([{"path": "bomb", "kind": "file", "size": size}]);
        forged.index["layers"][0]["frames"] = json!([row(&stored, raw_len, &entries)]);
        forged.frames = vec![stored];
        forged.bytes(launcher)
    };
    let sized = |size: u64| Member::file("bomb", "").bytes(|header| header.set_size(size));

    add("a frame of 2^60 bytes", bomb(&sized(1 << 60), 1 << 60, 1 << 60), &["`bomb`", "can't come of"]);
    add("a frame of all bytes there are", bomb(&sized(0), u64::MAX, u64::MAX - 4096), &["`bomb`"]);
    add("a frame larger than its entries", bomb(&sized(10), 1 << 20, 10), &["`bomb`", "larger than its entries"]);
    add("a file larger than its frame", bomb(&sized(1 << 40), 512, 1 << 40), &["`bomb`"]);
    add("a file whose size is no number", bomb(&with_size(b"no number!!\0"), 512, 0), &["`bomb`"]);
    add("a file of 2^63 bytes", bomb(&with_size(b"\x80\0\0\0\x80\0\0\0\0\0\0\0"), 512, 1 << 63), &["`bomb`"]);
    let zeros = vec![0; 64 << 20];
    let whole = [&sized(64 << 20)[..], &zeros, &END].concat();
    add("a file larger than the index says", bomb(&whole, 3072, 1024), &["`bomb`", "too small"]);
    let followed = [&sized(0)[..], &END, &zeros].concat();
    add("a frame that goes on", bomb(&followed, 1536, 0), &["`bomb`", "too small"]);
    let long = Member::special("bomb", Kind::GNULongName, "").bytes(|header| header.set_size(64 << 20));
    add("a name of 64 MiB", bomb(&[&long[..], &zeros, &END].concat(), 4096, 0), &["`bomb`", "too small"]);
    let pax = Member::special("bomb", Kind::XHeader, "").bytes(|header| header.set_size(64 << 20));
    add("extended headers of 64 MiB", bomb(&[&pax[..], &zeros, &END].concat(), 4096, 0), &["`bomb`", "too small"]);

    let honest = Forged::honest(target);
    let index = honest.index.to_string();
    let with_index = |stored: &[u8], raw_len| honest.bytes_with_index(launcher, stored, raw_len, |_| ());
    add("an index that promises 2^40 bytes", with_index(index.as_bytes(), 1 << 40), &["index of over"]);
    let spaces = compressed(" ".repeat(1 << 28).as_bytes(), 1);
    add("an index that goes on", with_index(&spaces, 4096), &["malformed index", "length decompressed"]);
    add("an index of spaces", with_index(&spaces, 1 << 28), &["malformed index"]);
    let entries = r#"{"path":"a","kind":"directory"},"#.repeat((1 << 28) / 32 - 64);
    let many = format!(
        r#"{{"layers":[{{"name":"","frames":[{{"len":1,"raw_len":1,"sha256":"{}","entries":[{entries}{{}}]}}]}}]}}"#,
        "0".repeat(64)
    );
    add("an index of millions of entries", with_index(&compressed(many.as_bytes(), 1), many.len() as u64), &["index"]);
    let deep = "[".repeat(1 << 20);
    add("an index of a million brackets", with_index(&compressed(deep.as_bytes(), 1), 1 << 20), &["malformed index"]);
    let wide = window_of_a_gibibyte(index.as_bytes(), 0);
    add("an index with a window of 1 GiB", with_index(&wide, index.len() as u64), &["malformed index"]);

    // A smaller frame is decoded into memory of its own length, whatever window it asks for.
    const SIZE: usize = 13 << 20;
    let (head, zeros) = (sized(SIZE as u64), SIZE + END.len());
    let stored = window_of_a_gibibyte(&head, zeros);
    let mut forged = Forged::new(target, &[], &[]);
    let entries: Value = json!([{"path": "bomb", "kind": "file", "size": SIZE}]);
    forged.index["layers"][0]["frames"] = json!([row(&stored, (head.len() + zeros) as u64, &entries)]);
    forged.frames = vec![stored];
    add("a frame with a window of 1 GiB", forged.bytes(launcher), &["`bomb`", "too much memory"]);

    let record = format!("{}{}", honest.record, " ".repeat(1 << 16));
    let frames = honest.frames.concat();
    let parts = Parts { frames: &frames, index: index.as_bytes(), index_raw_len: 1, record: record.as_bytes() };
    let huge = sealed(launcher, parts, |_| ());
    add("a launch record of 64 KiB and more", huge, &["launch record of over 64 KiB"]);
    all
}

/// Paths that lead elsewhere, or mean something else to some system.
fn paths() -> Vec<(String, &'static str)> {
    let long_part = format!("d/{}", "p".repeat(256));
    let long = vec!["part"; 500].join("/");
    let all = [
        (ABSOLUTE, "absolute"),
        ("//server/share/x", "absolute"),
        ("", "empty part"),
        ("d//x", "empty part"),
        ("d/x/", "empty part"),
        ("../up", "`..` part"),
        ("../../../../../../../../tmp/ekiben-hostile-was-here", "`..` part"),
        ("d/../../up", "`..` part"),
        ("./x", "`.` or"),
        ("..\\up", "not allowed"),
        ("d\\..\\..\\up", "not allowed"),
        ("\\\\server\\share\\x", "not allowed"),
        ("\\\\?\\C:\\x", "not allowed"),
        ("C:\\ekiben-hostile-was-here", "not allowed"),
        ("C:/ekiben-hostile-was-here", "not allowed"),
        ("C:x", "not allowed"),
        ("x:stream", "not allowed"),
        ("x::$DATA", "not allowed"),
        ("d:$I30:$INDEX_ALLOCATION/x", "not allowed"),
        ("what?", "not allowed"),
        ("line\nbreak", "not allowed"),
        ("\u{1b}[2Jescape", "not allowed"),
        ("dot.", "dot or a space"),
        ("d./x", "dot or a space"),
        ("space ", "dot or a space"),
        ("...", "dot or a space"),
        ("con", "device name"),
        ("d/NUL.txt", "device name"),
        ("aux.tar.gz", "device name"),
        ("prn .x", "device name"),
        ("COM1", "device name"),
        ("com\u{b9}.py", "device name"),
        ("LPT9/x", "device name"),
        ("CONIN$", "device name"),
        (&long_part, "255 bytes"),
        (&long, "too long"),
    ];
    all.map(|(path, why)| (path.to_owned(), why)).into()
}

/// Entries of kinds that no bundle holds, and links that lead out.
fn kinds() -> Vec<(Member, &'static str)> {
    let link = |name: &str, target: &str| Member::special(name, Kind::Link, target);
    let mut kinds = vec![
        (link("hard-link-out", "/etc/passwd"), "hard link"),
        (link("hard-link-up", "../../../etc/passwd"), "hard link"),
        (link("hard-link-inside", "python"), "hard link"),
        (Member::special("character-device", Kind::Char, ""), "device"),
        (Member::special("block-device", Kind::Block, ""), "device"),
        (Member::special("pipe", Kind::Fifo, ""), "named pipe"),
        (Member::special("contiguous", Kind::Continuous, ""), "special entry"),
        (Member::special("sparse", Kind::GNUSparse, ""), "special entry"),
        (Member::special("extended", Kind::XHeader, ""), "special entry"),
        (Member::special("global", Kind::XGlobalHeader, ""), "special entry"),
        (Member::special("unknown-kind", Kind::new(b'Z'), ""), "special entry"),
    ];
    for (name, mode) in [("setuid", 0o4755), ("setgid", 0o2755), ("sticky", 0o1644), ("every-bit", 0o7777)] {
        kinds.push((Member::file(name, "").mode(mode), "setuid, setgid or sticky"));
    }
    kinds
}

/// Entries that are harmful together, or as a link.
fn trees(system: System) -> Vec<(&'static str, Vec<Member>, Vec<&'static str>)> {
    let link = |name: &str, target: &str| Member::special(name, Kind::Symlink, target).mode(0o777);
    let file = |name: &str| Member::file(name, "text");
    if system == System::Windows {
        return vec![
            ("names that differ in case", vec![file("Read.me"), file("read.me")], vec!["read.me", "case aside"]),
            ("a file and a directory, but for case", vec![file("d"), file("D/x")], vec!["D/x", "not a directory"]),
            ("a link", vec![file("x"), link("link", "x")], vec!["link", "symbolic link"]),
            ("a file twice", vec![file("twice"), file("twice")], vec!["twice", "is listed twice"]),
        ];
    }
    vec![
        ("a link to an absolute path", vec![file("x"), link("out", "/etc/passwd")], vec!["out", "absolute"]),
        ("a link that leads up", vec![file("x"), link("d/out", "../../x")], vec!["d/out", "leads out"]),
        ("a link that leads down and up", vec![file("x"), link("out", "d/../../x")], vec!["out", "`..` part"]),
        ("a link to a drive", vec![file("x"), link("out", "C:/x")], vec!["out", "not allowed"]),
        ("a link to nothing", vec![file("x"), link("out", "")], vec!["out", "empty part"]),
        (
            "a chain of links that leads out",
            vec![link("first", "second"), link("second", "third"), link("third", "../x")],
            vec!["third", "leads out"],
        ),
        (
            "a link below a link",
            vec![link("d/a", "../e"), link("d/a/out", "../../x")],
            vec!["d/a/out", "which is not a directory"],
        ),
        ("a file below a link", vec![link("d", "e"), file("d/x")], vec!["d/x", "which is not a directory"]),
        ("a file below a file", vec![file("d"), file("d/x")], vec!["d/x", "which is not a directory"]),
        ("a file through a link of its name", vec![link("x", "y"), file("x")], vec!["x", "is listed twice"]),
        ("a file twice", vec![file("twice"), file("twice")], vec!["twice", "is listed twice"]),
        (
            "a directory where a file is",
            vec![file("x"), Member::special("x", Kind::Directory, "").mode(0o755)],
            vec!["x", "which is not a directory"],
        ),
    ]
}

/// A header whose size field holds these bytes.
fn with_size(field: &[u8; 12]) -> Vec<u8> {
    Member::file("bomb", "").bytes(|header| header.as_mut_bytes()[124..136].copy_from_slice(field))
}

/// A zstd frame of one raw block and a run of zeros, whose header asks the decoder to keep 1 GiB (RFC 8878, 3.1.1.1).
fn window_of_a_gibibyte(raw: &[u8], zeros: usize) -> Vec<u8> {
    const EXPONENT: u8 = 30 - 10;
    const LONGEST: usize = 128 << 10;
    const LAST: u32 = 1;
    const RUN: u32 = 1 << 1;
    let head = |len: usize, flags: u32| ((len as u32) << 3 | flags).to_le_bytes()[..3].to_vec();
    let mut frame = [&[0x28, 0xb5, 0x2f, 0xfd, 0, EXPONENT << 3], &head(raw.len(), 0)[..], raw].concat();
    for start in (0..zeros).step_by(LONGEST) {
        frame.extend(head(LONGEST.min(zeros - start), RUN));
        frame.push(0);
    }
    frame.extend(head(0, LAST));
    frame
}
