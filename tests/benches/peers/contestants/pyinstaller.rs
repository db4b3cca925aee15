//! PyInstaller: `--onefile`, which extracts into a temporary directory at every start. Once with its defaults, and once
//! with `--strip`, as an interpreter with debug symbols makes the former large.

use super::{Contestant, NOT_THE_APPS, Order};
use crate::Failure;
use crate::ground::{AppGround, Ground};

pub(super) struct PyInstaller {
    pub(super) strip: bool,
}

impl Contestant for PyInstaller {
    fn name(&self) -> &'static str {
        if self.strip { "PyInstaller --strip" } else { "PyInstaller" }
    }

    fn version(&self, app: &AppGround) -> String {
        app.version_of("pyinstaller")
    }

    fn identity(&self, _: &Ground, app: &AppGround) -> String {
        format!("{} without {NOT_THE_APPS}", self.version(app))
    }

    fn build(&self, order: &Order<'_>) -> Result<(), Failure> {
        let (modules, script) = (order.modules(), order.script());
        let mut command = order.tool("pyinstaller");
        command.args(["--onefile", "--noconfirm", "--name", order.sample.name, "--paths"]).arg(modules);
        command.args(["--exclude-module", NOT_THE_APPS]).arg("--distpath").arg(order.bundle.parent().unwrap());
        command.arg("--workpath").arg(order.work.join("build")).arg("--specpath").arg(&order.work);
        if self.strip {
            command.arg("--strip");
        }
        order.run(command.arg(script).env("PYINSTALLER_CONFIG_DIR", order.work.join("config")))
    }

    fn is_always_timed(&self) -> bool {
        !self.strip
    }
}
