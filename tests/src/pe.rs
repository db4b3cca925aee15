//! PE files, read by somebody else: the Python package `pefile`.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::shared;

const DISTRIBUTION: &str = "pefile==2024.8.26";

/// What `pefile` reads from a program for Windows: see `pe.py`. Its icon is written to `icon`, if that is named.
///
/// # Panics
/// When the package is not available, or does not understand the file.
pub fn read_pe(file: &Path, icon: Option<&Path>) -> Value {
    let packages = shared::once("pefile", |directory| {
        let pip = Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--no-deps", DISTRIBUTION, "--target"])
            .arg(directory)
            .output()
            .unwrap();
        assert!(pip.status.success(), "could not get {DISTRIBUTION}: {}", String::from_utf8_lossy(&pip.stderr));
    });
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/pe.py");
    let read = Command::new("python3").arg(script).arg(file).args(icon).env("PYTHONPATH", packages).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    serde_json::from_slice(&read.stdout).unwrap()
}
