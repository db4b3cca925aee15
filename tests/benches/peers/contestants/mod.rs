//! Who takes part. A contestant is one file here and one line in [`all`].

use std::cell::Cell;
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use ekiben_tests::measured::{Cost, Kind};

use crate::ground::{AppGround, Ground, essence};
use crate::samples::Sample;
use crate::{Failure, running};

mod ekiben;
mod makeself;
mod nuitka;
mod pex;
mod plain_tree;
mod pyapp;
mod pyinstaller;
mod shiv;

pub(crate) use plain_tree::{PYTHON, PlainTree};
pub(crate) use pyapp::around as pyapp_around;

/// What Nuitka needs to compress, and httpx would use if it were there. As it stands beside the tools, those that look for
/// what an app imports would pack it.
const NOT_THE_APPS: &str = "zstandard";

/// All of them, in the order in which they are shown.
pub(crate) fn all() -> Vec<Box<dyn Contestant>> {
    vec![
        Box::new(ekiben::Ekiben),
        Box::new(pyinstaller::PyInstaller { strip: false }),
        Box::new(pyinstaller::PyInstaller { strip: true }),
        Box::new(nuitka::Nuitka { cached: true }),
        Box::new(nuitka::Nuitka { cached: false }),
        Box::new(pyapp::PyApp),
        Box::new(makeself::Makeself),
        Box::new(pex::Pex { venv: false }),
        Box::new(pex::Pex { venv: true }),
        Box::new(shiv::Shiv),
    ]
}

/// A tool that makes one file of an app.
pub(crate) trait Contestant {
    /// With its mode, where it has several.
    fn name(&self) -> &'static str;

    /// What it is.
    fn kind(&self) -> Kind {
        Kind::Peer
    }

    /// Its version.
    fn version(&self, app: &AppGround) -> String;

    /// Whatever, when it changes, makes another bundle.
    fn identity(&self, _: &Ground, app: &AppGround) -> String {
        self.version(app)
    }

    /// Makes `order.bundle` of `order.project`. Called again after a change with the same order, it may use all that it
    /// left in `order.work`.
    fn build(&self, order: &Order<'_>) -> Result<(), Failure>;

    /// Starts what it made, with no arguments yet; `homed` gives a program its environment.
    fn start(&self, bundle: &Path, homed: &dyn Fn(&Path) -> Command) -> Command {
        homed(bundle)
    }

    /// Whether its launcher is a program that extracts and then executes another one, so that what it needs by itself
    /// can be measured.
    fn is_native(&self) -> bool {
        true
    }

    /// The contestant whose leftovers make this one's build no fair measure of its own.
    fn shares_work_with(&self) -> Option<&'static str> {
        None
    }

    /// Whether it is built again to be measured, however long that takes.
    fn is_always_timed(&self) -> bool {
        false
    }
}

/// What is to be built, and where.
pub(crate) struct Order<'a> {
    pub(crate) ground: &'a Ground,
    pub(crate) app: &'a AppGround,
    pub(crate) sample: &'a Sample,
    /// A copy of the project, this order's own.
    pub(crate) project: PathBuf,
    /// Where everything goes that a tool keeps between builds.
    pub(crate) work: PathBuf,
    /// What is to be made.
    pub(crate) bundle: PathBuf,
    /// What its commands have taken so far.
    cost: Cell<Cost>,
}

impl<'a> Order<'a> {
    /// An order in an empty directory, or in one in which it was before.
    pub(crate) fn new(ground: &'a Ground, app: &'a AppGround, sample: &'a Sample, place: &Path) -> Self {
        let (project, work) = (place.join("project"), place.join("work"));
        fs::create_dir_all(&work).unwrap();
        if !project.is_dir() {
            assert!(Command::new("cp").arg("-a").arg(&app.project).arg(&project).status().unwrap().success());
        }
        let bundle = work.join("made").join(sample.name);
        fs::create_dir_all(work.join("made")).unwrap();
        Self { ground, app, sample, project, work, bundle, cost: Cell::new(Cost { wall: 0.0, cpu: 0.0, peak: 0.0 }) }
    }

    /// Builds, and what that took.
    pub(crate) fn carry_out(&self, contestant: &dyn Contestant) -> Result<Cost, Failure> {
        self.cost.set(Cost { wall: 0.0, cpu: 0.0, peak: 0.0 });
        contestant.build(self)?;
        if self.bundle.is_file() { Ok(self.cost.get()) } else { Err("it left no file".into()) }
    }

    /// The app's modules and nothing else: a directory of this order.
    pub(crate) fn modules(&self) -> PathBuf {
        let modules = self.work.join("modules");
        self.sample.modules(&self.project, &modules);
        modules
    }

    /// A script that starts the app: what tools want that know no entry points.
    pub(crate) fn script(&self) -> PathBuf {
        let (module, function) = self.sample.entry.split_once(':').unwrap();
        let script = self.work.join(format!("run_{}.py", self.sample.name));
        fs::write(&script, format!("from {module} import {function}\n\n{function}()\n")).unwrap();
        script
    }

    /// A program of the app's environment with the tools.
    pub(crate) fn tool(&self, name: &str) -> Command {
        self.command(self.app.tools.join("bin").join(name))
    }

    /// A program in the environment of whoever builds, ended when it takes too long.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = self.ground.command("timeout", &self.work);
        command.arg(format!("{}m", self.ground.limit)).arg(program.as_ref()).current_dir(&self.work);
        command
    }

    /// Runs a command; what it says goes into a file.
    pub(crate) fn run(&self, command: &mut Command) -> Result<(), Failure> {
        let log = self.work.join("log");
        let file = File::create(&log).unwrap();
        let program = command.get_args().nth(1).map(|program| Path::new(program).to_owned()).unwrap_or_default();
        let name = program.file_name().unwrap_or_default().display();
        command.stdout(file.try_clone().unwrap()).stderr(file).stdin(std::process::Stdio::null());
        let (cost, status) = running::ended(command);
        self.cost.set(self.cost.get().and(cost));
        if status == 0 {
            return Ok(());
        }
        let status = std::process::ExitStatus::from_raw(status);
        if status.code() == Some(124) {
            return Err(format!("`{name}` was not done after {} minutes", self.ground.limit).into());
        }
        let said = String::from_utf8_lossy(&fs::read(&log).unwrap()).into_owned();
        Err(format!("`{name}`: {}", essence(&said, &status.to_string())).into())
    }
}
