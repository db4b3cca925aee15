//! What all tests share: the directory `tests-cache` in the target directory, and the locks on it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The target directory and the profile this very test was built with.
pub(crate) struct Built {
    /// `target`
    pub(crate) target_dir: PathBuf,
    /// `debug`, `release`, or a profile's name.
    pub(crate) profile: String,
}

impl Built {
    /// Read off the test executable's own path, `target/<profile>/deps/<test>`: true under `cargo test`, and for a
    /// test executable that is started by hand.
    pub(crate) fn here() -> Self {
        let exe = std::env::current_exe().unwrap();
        let profile_dir = exe.parent().and_then(Path::parent).expect("a test lies in target/<profile>/deps");
        Self {
            target_dir: profile_dir.parent().unwrap().to_owned(),
            profile: profile_dir.file_name().unwrap().to_str().unwrap().to_owned(),
        }
    }
}

/// A path in `tests-cache`, whose parent exists.
pub(crate) fn path(name: &str) -> PathBuf {
    let path = Built::here().target_dir.join("tests-cache").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    path
}

/// The file or directory `name` in `tests-cache`, made by `make` if it isn't there yet. `make` gets another path on
/// the same file system; what it leaves there gets the name in one rename, so what exists is complete.
pub(crate) fn once(name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let path = path(name);
    let lock = File::create(suffixed(&path, ".lock")).unwrap();
    // Between processes (several `cargo test` at once) and between the threads of one.
    lock.lock().unwrap();
    if !path.exists() {
        let making = suffixed(&path, ".making");
        drop(fs::remove_dir_all(&making));
        drop(fs::remove_file(&making));
        make(&making);
        fs::rename(&making, &path).unwrap();
    }
    path
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
