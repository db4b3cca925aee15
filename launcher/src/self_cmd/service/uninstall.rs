//! `self service uninstall`: stops the service and removes it. The app stays, with what it keeps.

use super::{Answer, Asked, DEFINITION, LaunchError, Scope, Target, defined, failed, system};
use crate::install::InstallError;
use crate::install::care::remove::or_gone;
use crate::install::layout::InstallRoot;
use crate::install::make::new_file;
use crate::self_cmd;
use crate::service::Made;

pub(super) fn run(asked: &Asked<'_>) -> Result<Answer, LaunchError> {
    let target = Target::of(asked)?;
    let mut gone = Made::new();
    remove(asked, &target, &mut gone)?;
    Ok(Answer { text: self_cmd::removed(&gone), code: 0 })
}

/// Removes all services of a root.
pub(in crate::self_cmd) fn remove_all(
    asked: &Asked<'_>,
    root: &InstallRoot,
    scope: Scope,
    gone: &mut Made,
) -> Result<(), LaunchError> {
    for name in defined(root) {
        remove(asked, &Target { root: root.clone(), scope, name, definition: None }, gone)?;
    }
    Ok(())
}

/// The definition goes last: until then, it can be done again.
fn remove(asked: &Asked<'_>, target: &Target, gone: &mut Made) -> Result<(), LaunchError> {
    system::uninstall(target.id(), gone).map_err(failed(asked, "remove the service of"))?;
    let path = target.root.service_file(target.name.as_str(), DEFINITION);
    or_gone(std::fs::remove_file(&path))
        .map_err(InstallError::io("remove", &path))
        .map_err(asked.failed("remove the service of"))?;
    new_file::remove_unfinished(&path);
    let _ = std::fs::remove_dir(target.root.services());
    Ok(())
}
