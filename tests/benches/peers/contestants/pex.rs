//! pex: a zip archive that a Python of the machine runs, with an installation made at the first start. `--venv` makes a
//! virtual environment of it then.

use super::{Contestant, Order};
use crate::Failure;
use crate::ground::AppGround;

pub(super) struct Pex {
    pub(super) venv: bool,
}

impl Contestant for Pex {
    fn name(&self) -> &'static str {
        if self.venv { "pex --venv" } else { "pex" }
    }

    fn version(&self, app: &AppGround) -> String {
        app.version_of("pex")
    }

    fn build(&self, order: &Order<'_>) -> Result<(), Failure> {
        let mut command = order.tool("pex");
        command.arg("--venv-repository").arg(&order.app.venv).arg("-r").arg(&order.app.requirements);
        command.arg("--sources-directory").arg(order.modules()).args(["--entry-point", order.sample.entry]);
        command.arg("--python-shebang").arg(&order.ground.python).arg("--output-file").arg(&order.bundle);
        if self.venv {
            command.arg("--venv");
        }
        order.run(command.env("PEX_ROOT", order.work.join("pex-root")))
    }

    fn is_native(&self) -> bool {
        false
    }
}
