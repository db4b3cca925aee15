//! What is expensive and can be made again: `bench-cache` in the target directory. Deleting it loses only time.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Failure;

/// A path in the cache, whose parent exists.
pub(crate) fn path(name: &str) -> PathBuf {
    let exe = env::current_exe().unwrap();
    // target/<profile>/deps/<this>
    let path = exe.ancestors().nth(3).unwrap().join("bench-cache").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    path
}

/// The directory `name` in the cache, made by `make` unless it was made from the same `key` before. It is made in its
/// place, as virtual environments and the caches of some tools can't be moved: what says that it is complete is beside it.
pub(crate) fn directory(
    name: &str,
    key: &str,
    make: impl FnOnce(&Path) -> Result<(), Failure>,
) -> Result<PathBuf, Failure> {
    let (directory, note) = (path(name), path(&format!("{name}.key")));
    if fs::read_to_string(&note).is_ok_and(|made_from| made_from == key) {
        return Ok(directory);
    }
    drop(fs::remove_file(&note));
    drop(fs::remove_dir_all(&directory));
    fs::create_dir_all(&directory).unwrap();
    eprintln!("making {name}");
    make(&directory)?;
    fs::write(note, key).unwrap();
    Ok(directory)
}
