//! Nuitka: compiled to C, `--mode=onefile`. Its two ways to extract differ in a small program in front, so both are made in
//! one work directory.

use super::{Contestant, NOT_THE_APPS, Order};
use crate::Failure;
use crate::ground::{AppGround, Ground};

pub(super) struct Nuitka {
    pub(super) cached: bool,
}

impl Contestant for Nuitka {
    fn name(&self) -> &'static str {
        if self.cached { "Nuitka, cached" } else { "Nuitka, temporary" }
    }

    fn version(&self, app: &AppGround) -> String {
        format!("{}, zstandard {}", app.version_of("nuitka"), app.version_of("zstandard"))
    }

    fn identity(&self, _: &Ground, app: &AppGround) -> String {
        format!("{} without {NOT_THE_APPS}, {}", self.version(app), self.cached)
    }

    fn build(&self, order: &Order<'_>) -> Result<(), Failure> {
        let (modules, script) = (order.modules(), order.script());
        let mut command = order.tool("python");
        command.args(["-m", "nuitka", "--mode=onefile", "--assume-yes-for-downloads", "--progress-bar=none"]);
        if self.cached {
            let place = format!("--onefile-tempdir-spec={{CACHE_DIR}}/{}/1.0", order.sample.name);
            command.args(["--onefile-cache-mode=cached", &place]);
        } else {
            command.arg("--onefile-cache-mode=temporary");
        }
        command.arg(format!("--nofollow-import-to={NOT_THE_APPS}"));
        command.arg(format!("--output-dir={}", order.work.join("build").display()));
        command.arg(format!("--output-filename={}", order.bundle.display())).arg(script);
        order.run(command.env("PYTHONPATH", modules).env("NUITKA_CACHE_DIR", order.work.join("nuitka-cache")))
    }

    fn shares_work_with(&self) -> Option<&'static str> {
        (!self.cached).then_some("Nuitka, cached")
    }
}
