//! The projects that tests build, the bundles of released formats that tests read, and bundles that lie.
//!
//! Each project is what a user could have written. Tests copy a project before they build it, so that no build backend
//! writes into the repository. Small bundles are made when they are asked for: honest ones by [`handmade`], those that lie by
//! [`forged`] and [`hostile`].

use std::path::{Path, PathBuf};

pub mod forged;
pub mod handmade;
pub mod hostile;

/// Where the sample project `name` is: a directory (`hello`, `broken/missing-module`), or a file (`pep723.py`).
///
/// # Panics
/// When there is no such project: a test that names it is wrong.
pub fn project(name: &str) -> PathBuf {
    let path = root().join("projects").join(name);
    assert!(path.exists(), "no fixture at `{}`", path.display());
    path
}

/// Where the golden bundle `name` is: committed once, never made again.
///
/// # Panics
/// When there is no such bundle.
pub fn golden(name: &str) -> PathBuf {
    let path = root().join("golden").join(name);
    assert!(path.exists(), "no golden bundle at `{}`", path.display());
    path
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
