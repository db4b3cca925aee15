//! `self service uninstall`: stops the service and removes it. The app stays, with what it keeps.

use super::{Answer, DEFINITION, LaunchError, Scope, SelfCommand, Target, defined, failed, system};
use crate::install::InstallError;
use crate::install::layout::InstallRoot;
use crate::self_cmd;
use crate::service::Made;
use crate::sys::new_file;
use crate::sys::removal::remove_file;

pub(super) fn run(command: &SelfCommand<'_>) -> Result<Answer, LaunchError> {
    let target = Target::of(command)?;
    let mut gone = Made::new();
    remove(command, &target, &mut gone)?;
    Ok(Answer { text: self_cmd::removed(&gone), code: 0 })
}

/// Removes all services of a root.
pub(in crate::self_cmd) fn remove_all(
    command: &SelfCommand<'_>,
    root: &InstallRoot,
    scope: Scope,
    gone: &mut Made,
) -> Result<(), LaunchError> {
    for name in defined(root) {
        remove(command, &Target { root: root.clone(), scope, name, definition: None }, gone)?;
    }
    Ok(())
}

/// The definition goes last: until then, it can be done again.
fn remove(command: &SelfCommand<'_>, target: &Target, gone: &mut Made) -> Result<(), LaunchError> {
    system::uninstall(target.id(), gone).map_err(failed(command, "remove the service of"))?;
    let path = target.root.service_file(target.name.as_str(), DEFINITION);
    new_file::remove_unfinished(&path);
    remove_file(&path).map_err(InstallError::io("remove", &path)).map_err(command.failed("remove the service of"))?;
    let _ = std::fs::remove_dir(target.root.services());
    Ok(())
}
