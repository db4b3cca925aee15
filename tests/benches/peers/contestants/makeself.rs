//! makeself: a shell script with a compressed archive behind it, which extracts into a temporary directory at every start.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use super::{Contestant, Order, PlainTree, plain_tree};
use crate::Failure;
use crate::ground::{AppGround, output};

pub(super) struct Makeself;

impl Contestant for Makeself {
    fn name(&self) -> &'static str {
        "makeself"
    }

    fn version(&self, _: &AppGround) -> String {
        let told = output(Command::new("makeself").arg("--version")).unwrap_or_default();
        String::from_utf8_lossy(&told).trim().trim_start_matches("Makeself version ").to_owned()
    }

    fn build(&self, order: &Order<'_>) -> Result<(), Failure> {
        let tree = PlainTree::with_app(order)?;
        let script = tree.join("run");
        fs::write(&script, format!("#!/bin/sh\nexec ./{} -I -m {} \"$@\"\n", plain_tree::PYTHON, order.sample.name))
            .unwrap();
        fs::set_permissions(script, fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = order.command("makeself");
        command.args(["--quiet", "--nox11", "--gzip", "--complevel", "9"]).arg(&tree).arg(&order.bundle);
        let result = order.run(command.args([order.sample.name, "./run"]));
        // Hundreds of megabytes that nobody needs any more.
        drop(fs::remove_dir_all(tree));
        result
    }

    fn start(&self, bundle: &Path, homed: &dyn Fn(&Path) -> Command) -> Command {
        let mut command = homed(bundle);
        command.args(["--quiet", "--nox11", "--"]);
        command
    }

    fn is_native(&self) -> bool {
        false
    }
}
