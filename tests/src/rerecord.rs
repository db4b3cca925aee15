//! Another release of a finished bundle, without building one: the same payload with another launch record.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bundle::Bundle;
use bundle::footer::Footer;

/// Writes a bundle beside `bundle`, named like it with `version` before its name, that is the app's release `version`.
///
/// # Panics
/// When `bundle` is none, or it can't be written.
pub fn release(bundle: &Path, version: &str) -> PathBuf {
    let opened = Bundle::open(bundle).unwrap();
    let mut record = opened.record().clone();
    version.clone_into(&mut record.app.version);
    let mut record = serde_json::to_vec(&record).unwrap();
    let old = opened.footer();
    let length = |record: &[u8]| old.record_offset + record.len() as u64 + 128;
    while !length(&record).is_multiple_of(8) {
        record.push(b' ');
    }
    let footer = Footer { record_len: record.len() as u64, payload_len: length(&record), ..old.clone() };
    let mut bytes = fs::read(bundle).unwrap();
    bytes.truncate((opened.payload_start() + old.record_offset) as usize);
    bytes.extend_from_slice(&record);
    bytes.extend(footer.sealed(&record).to_bytes());

    let name = format!("{version}-{}", bundle.file_name().unwrap().to_str().unwrap());
    let (written, release) = (bundle.with_file_name(format!("{name}.written")), bundle.with_file_name(name));
    fs::write(&written, bytes).unwrap();
    // Not by this process, as with other programs that tests start: see `context`.
    let status = Command::new("install").args(["-m", "755", "--"]).args([&written, &release]).status().unwrap();
    assert!(status.success());
    fs::remove_file(written).unwrap();
    release
}
