//! PyApp: the crate, built by cargo around a distribution that already holds the app, so that nothing is fetched at the
//! first start.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Contestant, Order, PlainTree, plain_tree};
use crate::ground::{AppGround, Ground, output};
use crate::{Failure, kept};

const VERSION: &str = "0.31.0";
/// Raised when it is built otherwise.
const RECIPE: &str = "0.31.0, 2";

pub(super) struct PyApp;

impl Contestant for PyApp {
    fn name(&self) -> &'static str {
        "PyApp"
    }

    fn version(&self, _: &AppGround) -> String {
        VERSION.to_owned()
    }

    fn identity(&self, _: &Ground, _: &AppGround) -> String {
        RECIPE.to_owned()
    }

    fn build(&self, order: &Order<'_>) -> Result<(), Failure> {
        let tree = PlainTree::with_app(order)?;
        let archive = order.work.join("distribution.tar.zst");
        // What the documentation's own archives are compressed with, at the level that ekiben uses.
        let mut tar = order.command("tar");
        order.run(tar.args(["-I", "zstd -19 -T0", "-cf"]).arg(&archive).arg("-C").arg(tree).arg("."))?;
        let mut cargo = order.command("cargo");
        install(&mut cargo, &archive, plain_tree::PYTHON, order.sample.name, &order.work.join("root"));
        order.run(cargo.env("PYAPP_EXEC_MODULE", order.sample.name))?;
        fs::copy(order.work.join("root/bin/pyapp"), &order.bundle).map_err(|e| e.to_string())?;
        Ok(())
    }
}

/// PyApp around a program that takes the interpreter's place.
pub(crate) fn around(program: &Path, ground: &Ground) -> Result<PathBuf, Failure> {
    let place = kept::directory("pyapp-around-nothing", RECIPE, |place| {
        let archive = place.join("distribution.tar.zst");
        let name = program.file_name().unwrap();
        output(
            Command::new("tar")
                .args(["--zstd", "-cf"])
                .arg(&archive)
                .arg("-C")
                .arg(program.parent().unwrap())
                .arg(name),
        )?;
        let mut cargo = ground.command("cargo", place);
        install(&mut cargo, &archive, name.to_str().unwrap(), "nothing", &place.join("root"));
        output(cargo.env("PYAPP_EXEC_MODULE", "nothing")).map(drop)
    })?;
    Ok(place.join("root/bin/pyapp"))
}

/// As its documentation says: settings are variables, and `cargo install` builds. Its dependencies are compiled once for all;
/// itself each time, which cargo would not do, as its build script does not say what it depends on.
fn install(cargo: &mut Command, archive: &Path, python: &str, name: &str, root: &Path) {
    for kind in ["release/.fingerprint", "release/build"] {
        let compiled = fs::read_dir(kept::path("pyapp-target").join(kind)).into_iter().flatten().flatten();
        let own = compiled.filter(|entry| entry.file_name().to_string_lossy().starts_with("pyapp-"));
        own.for_each(|entry| drop(fs::remove_dir_all(entry.path())));
    }
    cargo.args(["install", "pyapp", "--version", VERSION, "--locked", "--force", "--root"]).arg(root);
    cargo.arg("--target-dir").arg(kept::path("pyapp-target"));
    cargo.env("PYAPP_PROJECT_NAME", name).env("PYAPP_PROJECT_VERSION", "1.0").env("PYAPP_DISTRIBUTION_PATH", archive);
    cargo.env("PYAPP_DISTRIBUTION_EMBED", "true").env("PYAPP_DISTRIBUTION_PYTHON_PATH", python);
    cargo.env("PYAPP_DISTRIBUTION_SITE_PACKAGES_PATH", "lib/python3.13/site-packages");
    cargo.env("PYAPP_FULL_ISOLATION", "true").env("PYAPP_SKIP_INSTALL", "true");
}
