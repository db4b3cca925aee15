//! What is measured beside the contestants: the app without any of them.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::App;
use crate::contestants::{PYTHON, PlainTree};
use crate::homes::{Homes, at_home};
use crate::running::cost;

/// What ekiben has installed in this home: its version dir. Installed now, if it is not there.
pub(super) fn version_dir(app: &App, homes: &Homes, home: &str) -> Option<PathBuf> {
    let (contestant, built) = app.ours()?;
    let home = homes.lasting(home);
    cost(&mut app.start(contestant, &built.bundle, &home));
    let versions = home.join(".local/share/ekiben").join(app.sample.name).join("versions");
    let mut entries = std::fs::read_dir(versions).unwrap().map(|entry| entry.unwrap().path());
    entries.next()
}

/// `python -I -m app` in ekiben's version dir.
pub(super) fn directly(app: &App, version_dir: &Path, home: &Path) -> Command {
    let mut command = at_home(version_dir.join("python"), home);
    command.args(["-I", "-m", app.sample.name]).args(app.sample.arguments);
    command
}

/// The same in a whole CPython with the app in it, if a contestant has left one.
pub(super) fn plainly(app: &App, home: &Path) -> Option<Command> {
    let tree = app.built().find_map(|(_, built)| PlainTree::left_in(&built.place))?;
    let mut command = at_home(tree.join(PYTHON), home);
    command.args(["-I", "-m", app.sample.name]).args(app.sample.arguments);
    Some(command)
}

/// What the launcher executes, without the launcher.
pub(super) fn without_launcher(app: &App, version_dir: &Path, bundle: &Path, home: &Path) -> Command {
    let mut command = at_home(version_dir.join("python"), home);
    command.arg("-I").arg(version_dir.join(ekiben::packing::start_script::NAME)).arg(bundle).args(app.sample.arguments);
    command
}

/// The console script of a virtual environment.
pub(super) fn console_script(app: &App, home: &Path) -> Command {
    let mut command = at_home(app.ground.venv.join("bin").join(app.sample.name), home);
    command.args(app.sample.arguments);
    command
}
