//! Writes the golden bundle of the current format version to stdout. Run once for each version, by hand:
//!
//! ```text
//! cargo run -p ekiben-bundle --example golden > payload-fixtures/golden/v1.bundle
//! cargo run -p ekiben-bundle --example golden filtered > payload-fixtures/golden/v1-filtered.bundle
//! ```
//!
//! The second one also holds a file with a filter.
//!
//! A golden bundle that is committed is never made again: it stands for all bundles of its version out there.

use std::io::{self, Write as _};
use std::path::Path;

use bundle::LaunchRecord;
use bundle::entry_path::EntryPath;
use bundle::frame::{Item, Position, pack};
use bundle::index::EntryKind;
use bundle::record::{App, AppId, Settings, Start};
use bundle::writer::Writer;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let bytes = |path: &str, bytes: &[u8], executable| -> Result<Item> {
        let source = dir.path().join(path.replace('/', "-"));
        std::fs::write(&source, bytes)?;
        Ok(Item { path: EntryPath::new(path)?, kind: EntryKind::File { size: bytes.len() as u64, executable }, source })
    };
    let file = |path: &str, text: &str, executable| bytes(path, text.as_bytes(), executable);
    let none = |path: &str, kind| -> Result<Item> {
        Ok(Item { path: EntryPath::new(path)?, kind, source: Path::new("").to_path_buf() })
    };

    let mut writer = Writer::new(Vec::new(), b"a launcher\n")?;
    writer.layer("runtime");
    let interpreter = file("bin/python3", "#!/bin/sh\nprintf '%s\\n' \"$@\"\n", true)?;
    writer.frame(pack(&[interpreter, none("empty", EntryKind::Directory)?], Position::Inner, 19)?)?;
    let link = EntryKind::Symlink { target: "bin/python3".to_owned() };
    let mut last = vec![none("python", link)?];
    if std::env::args_os().nth(1).is_some_and(|word| word == "filtered") {
        last.push(bytes("lib/code.so", &machine_code(), false)?);
    }
    writer.frame(pack(&last, Position::Last, 19)?)?;
    writer.layer("application");
    writer.frame(pack(&[file("start.py", "print('hello')\n", false)?], Position::Last, 19)?)?;
    let record = LaunchRecord {
        app: App { id: AppId::new("golden")?, name: "Golden".to_owned(), version: "1.0".to_owned() },
        target: "x86_64-unknown-linux-gnu".to_owned(),
        python: "3.13.2".to_owned(),
        runtime: "a shell script".to_owned(),
        entry_point: "start.py".to_owned(),
        start: Start {
            interpreter: EntryPath::new("python")?,
            flags: vec!["-I".to_owned()],
            script: EntryPath::new("start.py")?,
            windowed: false,
            environment: Vec::new(),
        },
        settings: Settings::default(),
    };
    let (_, bytes) = writer.finish(&record)?;
    Ok(io::stdout().write_all(&bytes)?)
}

/// An ELF header for x86-64, then eight calls of one place, and two loads of its address.
fn machine_code() -> Vec<u8> {
    let mut code = [b"\x7fELF\x02\x01\x01".as_slice(), &[0; 9], &[3, 0, 62, 0]].concat();
    code.resize(64, 0);
    let to = |next: usize| (16_i32 - next as i32).to_le_bytes();
    for _ in 0..8 {
        let next = to(code.len() + 5);
        code.extend([&[0xe8], next.as_slice(), &[0x90]].concat());
    }
    for register in [0x05, 0x3d] {
        let next = to(code.len() + 7);
        code.extend([&[0x48, 0x8d, register], next.as_slice()].concat());
    }
    code
}
