//! A whole CPython with the app in it, for the tools that only pack and unpack a directory: the same interpreter, made
//! relocatable and stripped, without its tests and static libraries, as python-build-standalone is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Order;
use crate::ground::{Ground, output};
use crate::{Failure, kept};

/// Raised when it is made otherwise.
const RECIPE: u32 = 1;

/// The interpreter in it.
pub(crate) const PYTHON: &str = "bin/python3.13";
const LIBRARY: &str = "lib/python3.13";

pub(crate) struct PlainTree;

impl PlainTree {
    /// Without an app.
    pub(crate) fn bare(ground: &Ground) -> Result<PathBuf, Failure> {
        let key = format!("{RECIPE} {}", ground.identity());
        kept::directory("plain-tree", &key, |place| {
            output(Command::new("cp").arg("-a").arg(ground.prefix.join(".")).arg(place))?;
            let gone =
                ["test", "idlelib/idle_test", "ensurepip", "site-packages"].map(|name| place.join(LIBRARY).join(name));
            for directory in gone.iter().chain([&place.join("share")]) {
                drop(fs::remove_dir_all(directory));
            }
            fs::create_dir_all(place.join(LIBRARY).join("site-packages")).unwrap();
            for entry in walkdir::WalkDir::new(place) {
                let path = entry.unwrap().into_path();
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                if !path.is_file() || path.is_symlink() {
                    continue;
                }
                if name.ends_with(".a") {
                    fs::remove_file(&path).unwrap();
                } else if name.contains(".so") || path.ends_with(PYTHON) {
                    output(Command::new("strip").arg("--strip-unneeded").arg(&path))?;
                }
            }
            output(Command::new("patchelf").args(["--set-rpath", "$ORIGIN/../lib"]).arg(place.join(PYTHON)))?;
            Ok(())
        })
    }

    /// With the packages and the app, in a directory of the order.
    pub(super) fn with_app(order: &Order<'_>) -> Result<PathBuf, Failure> {
        let tree = order.work.join("tree");
        drop(fs::remove_dir_all(&tree));
        let bare = Self::bare(order.ground)?;
        order.run(order.command("cp").arg("-a").arg(bare).arg(&tree))?;
        let site_packages = tree.join(LIBRARY).join("site-packages");
        order.run(order.command("cp").arg("-a").arg(order.app.packages.join(".")).arg(&site_packages))?;
        order.run(order.command("cp").arg("-a").arg(order.modules().join(".")).arg(&site_packages))?;
        let mut compile = order.command(tree.join(PYTHON));
        let modules =
            fs::read_dir(order.work.join("modules")).unwrap().map(|e| site_packages.join(e.unwrap().file_name()));
        order.run(compile.args(["-I", "-m", "compileall", "-q"]).args(modules))?;
        Ok(tree)
    }

    /// Where [`Self::with_app`] left it, for an order in this place.
    pub(crate) fn left_in(place: &Path) -> Option<PathBuf> {
        Some(place.join("work/tree")).filter(|tree| tree.is_dir())
    }
}
