//! Starts a prepared runtime once, to see that it runs and is isolated from this machine.

use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

use super::interpreters::quiet_command;
use crate::host::files;
use crate::platform::PythonVersion;
use crate::report::failure::Failure;

/// Starts the interpreter of the tree, with a hostile environment, and returns the version it reports.
///
/// # Errors
/// When it does not start, or takes anything from outside of the tree.
pub(super) fn run(tree: &Path, interpreter: &str) -> anyhow::Result<PythonVersion> {
    #[derive(Deserialize)]
    struct Answer {
        version: [u8; 3],
        user_site: bool,
        outside: Vec<String>,
    }
    let tree = files::real_path(tree)?;
    let mut command = quiet_command(&tree.join(interpreter));
    command.args(["-B", "-c", include_str!("smoke_test.py")]).arg(&tree);
    command.env("PYTHONPATH", "/nowhere").env("PYTHONUSERBASE", "/nowhere");
    let output = command.output().context("could not start the prepared CPython")?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr);
        let last = message.lines().last().unwrap_or("it said nothing").to_owned();
        return Err(Failure::new(format!("the prepared CPython does not run here: {last}"))
            .help("its archive or directory may be incomplete, or need libraries that this machine lacks")
            .into());
    }
    let answer: Answer = serde_json::from_slice(&output.stdout).context("the prepared CPython answers nonsense")?;
    if answer.user_site || !answer.outside.is_empty() {
        let outside = answer.outside.join("`, `");
        return Err(Failure::new(format!("the prepared CPython looks for modules outside of itself: `{outside}`"))
            .help("ekiben does not know this build of CPython: choose another version with --python")
            .into());
    }
    let [major, minor, patch] = answer.version;
    Ok(PythonVersion { major, minor, patch: Some(patch) })
}
