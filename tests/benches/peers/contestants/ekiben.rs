//! ekiben: `ekiben build` with its defaults, and the same interpreter as the others.

use ekiben_tests::measured::Kind;

use super::{Contestant, Order};
use crate::Failure;
use crate::ground::{AppGround, Ground};

pub(super) struct Ekiben;

impl Contestant for Ekiben {
    fn name(&self) -> &'static str {
        "ekiben"
    }

    fn kind(&self) -> Kind {
        Kind::Ours
    }

    fn version(&self, _: &AppGround) -> String {
        env!("CARGO_PKG_VERSION").to_owned()
    }

    fn identity(&self, ground: &Ground, _: &AppGround) -> String {
        // Not its time: cargo may write the same bytes again.
        ekiben_tests::sha256(&ground.builder)
    }

    fn build(&self, order: &Order<'_>) -> Result<(), Failure> {
        let mut command = order.command(&order.ground.builder);
        command.arg("build").arg(&order.project).arg("--runtime").arg(&order.ground.prefix);
        command.arg("--output").arg(&order.bundle).env("EKIBEN_CACHE", order.work.join("cache"));
        order.run(command.arg("--timings"))
    }

    fn is_always_timed(&self) -> bool {
        true
    }
}
