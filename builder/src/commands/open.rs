//! Opening the bundle that a command names.

use std::path::Path;

use bundle::Bundle;

use crate::report::failure::Help as _;

/// Opens it, footer and launch record checked.
pub(super) fn open(path: &Path) -> anyhow::Result<Bundle> {
    Bundle::open(path).or_fail(format!("could not open the bundle `{}`", path.display()), HELP)
}

pub(super) const HELP: &str =
    "give it a file that `ekiben build` made; one that was cut off or changed on its way has to be got again";
