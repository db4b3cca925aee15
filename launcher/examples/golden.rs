//! Writes the golden bundle of the current format version to stdout. Run once for each version, by hand:
//!
//! ```text
//! cargo run -p ekiben-launcher --example golden > payload-fixtures/golden/v1.bundle
//! ```
//!
//! A golden bundle that is committed is never made again: it stands for all bundles of its version out there.

use std::io::{self, Write as _};
use std::path::Path;

use launcher::bundle::LaunchRecord;
use launcher::bundle::entry_path::EntryPath;
use launcher::bundle::frame::{Item, pack};
use launcher::bundle::index::EntryKind;
use launcher::bundle::record::{App, AppId, Settings, Start};
use launcher::bundle::writer::Writer;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let file = |path: &str, text: &str, executable| -> Result<Item> {
        let source = dir.path().join(path.replace('/', "-"));
        std::fs::write(&source, text)?;
        Ok(Item { path: EntryPath::new(path)?, kind: EntryKind::File { size: text.len() as u64, executable }, source })
    };
    let none = |path: &str, kind| -> Result<Item> {
        Ok(Item { path: EntryPath::new(path)?, kind, source: Path::new("").to_path_buf() })
    };

    let mut writer = Writer::new(Vec::new(), b"a launcher\n")?;
    writer.layer("runtime");
    let interpreter = file("bin/python3", "#!/bin/sh\nprintf '%s\\n' \"$@\"\n", true)?;
    writer.frame(pack(&[interpreter, none("empty", EntryKind::Directory)?], false, 19)?)?;
    let link = EntryKind::Symlink { target: "bin/python3".to_owned() };
    writer.frame(pack(&[none("python", link)?], true, 19)?)?;
    writer.layer("application");
    writer.frame(pack(&[file("start.py", "print('hello')\n", false)?], true, 19)?)?;
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
        },
        settings: Settings::default(),
    };
    let (_, bytes) = writer.finish(&record)?;
    Ok(io::stdout().write_all(&bytes)?)
}
