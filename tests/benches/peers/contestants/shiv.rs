//! shiv: a zip archive that a Python of the machine runs, with its packages extracted at the first start.

use std::fs;

use super::{Contestant, Order};
use crate::Failure;
use crate::ground::AppGround;

pub(super) struct Shiv;

impl Contestant for Shiv {
    fn name(&self) -> &'static str {
        "shiv"
    }

    fn version(&self, app: &AppGround) -> String {
        app.version_of("shiv")
    }

    fn build(&self, order: &Order<'_>) -> Result<(), Failure> {
        let site_packages = order.work.join("site-packages");
        drop(fs::remove_dir_all(&site_packages));
        order.run(order.command("cp").arg("-a").arg(&order.app.packages).arg(&site_packages))?;
        order.run(order.command("cp").arg("-a").arg(order.modules().join(".")).arg(&site_packages))?;
        let mut command = order.tool("shiv");
        command.arg("--site-packages").arg(site_packages).args(["--entry-point", order.sample.entry]);
        order.run(command.arg("--python").arg(&order.ground.python).arg("--output-file").arg(&order.bundle))
    }

    fn is_native(&self) -> bool {
        false
    }
}
