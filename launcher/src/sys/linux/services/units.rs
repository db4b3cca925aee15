//! The files of a service, and the links by which systemd finds them (systemd.unit(5), "Unit File Load Path").

use std::fs;
use std::path::{Path, PathBuf};

use super::{AppId, InstallRoot, Made, Scope, ServiceError, ServiceId, layout, program, unit_name, words};
use crate::service::unit::{self, Unit};
use crate::sys::new_file;
use crate::sys::removal::remove_file;

pub(super) const SERVICE: &str = "service";
const SOCKET: &str = "socket";

/// A link to a file of a service of an app.
pub(in crate::sys::linux) struct Link {
    pub(in crate::sys::linux) path: PathBuf,
    pub(in crate::sys::linux) root: InstallRoot,
}

/// The links to files of this app's services, in a directory of units and in those of what wants them.
pub(in crate::sys::linux) fn links(units: &Path, app: &AppId) -> Vec<Link> {
    let link = |path: PathBuf| {
        let root = layout::root_of_service_file(&fs::read_link(&path).ok()?, app)?;
        Some(Link { path, root })
    };
    all_in(units).into_iter().filter_map(link).collect()
}

/// What is in a directory of units and in those of what wants them.
fn all_in(units: &Path) -> Vec<PathBuf> {
    let entries = |directory: &Path| fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    let wanting = entries(units).filter(|path| path.extension().is_some_and(|end| end == "wants"));
    [units.to_path_buf()].into_iter().chain(wanting).flat_map(|directory| entries(&directory)).collect()
}

/// Where the manager looks for links.
fn directory(scope: Scope) -> Option<PathBuf> {
    match scope {
        Scope::Machine => Some(layout::MACHINE_UNITS.into()),
        Scope::User => layout::users_units(),
    }
}

/// The kinds of files that a service has, sockets first.
pub(super) fn kinds(id: ServiceId<'_>) -> Vec<&'static str> {
    let is_there = |kind: &&str| id.root.service_file(id.name.as_str(), kind).exists();
    [SOCKET, SERVICE].into_iter().filter(is_there).collect()
}

/// # Errors
/// When the manager has a service of this name that is not one of this root's.
pub(super) fn refuse_foreign(id: ServiceId<'_>) -> Result<(), ServiceError> {
    let unit = unit_name(id, SERVICE);
    let asked = words(id.scope, &["show", "--value", "--property=FragmentPath", &unit]);
    let (found, _) = program::output(&asked).map_err(ServiceError::program("systemctl show"))?;
    let found = Path::new(found.trim());
    let ours = id.root.service_file(id.name.as_str(), SERVICE);
    let is_ours = found == ours || fs::read_link(found).is_ok_and(|target| target == ours);
    if found.as_os_str().is_empty() || is_ours {
        return Ok(());
    }
    Err(ServiceError::refused(
        ["there is another service `", id.name.as_str(), "`: `", found.to_str().unwrap_or_default(), "`"].concat(),
        "give this one another name with `--name`",
    ))
}

/// Writes the files. Whether one was changed.
pub(super) fn write(id: ServiceId<'_>, unit: &Unit<'_>, made: &mut Made) -> Result<bool, ServiceError> {
    let mut has_changed = false;
    for (kind, text) in [(SOCKET, unit.socket()), (SERVICE, Some(unit.service()))] {
        let path = id.root.service_file(id.name.as_str(), kind);
        // Of an installation that was killed.
        new_file::remove_unfinished(&path);
        let there = fs::read_to_string(&path).ok();
        match (there, text) {
            (None, None) => {}
            (Some(_), None) => {
                super::systemctl(id.scope, &["stop", &unit_name(id, kind)])?;
                remove_one(id, kind, &mut Made::new())?;
                has_changed = true;
            }
            (Some(there), Some(text)) if there == text => made.push((kind, path)),
            (Some(there), Some(_)) if !unit::is_as_written(&there) => made.push(("kept", path)),
            (_, Some(text)) => {
                new_file::replace(&path, text.as_bytes()).map_err(ServiceError::io("write", &path))?;
                made.push((kind, path));
                has_changed = true;
            }
        }
    }
    Ok(has_changed)
}

/// Whether the manager finds a file.
pub(super) fn is_linked(id: ServiceId<'_>, kind: &str) -> bool {
    let link = directory(id.scope).map(|directory| directory.join(unit_name(id, kind)));
    link.and_then(|link| fs::read_link(link).ok())
        .is_some_and(|target| target == id.root.service_file(id.name.as_str(), kind))
}

/// Removes files and links.
pub(super) fn remove(id: ServiceId<'_>, gone: &mut Made) -> Result<(), ServiceError> {
    [SOCKET, SERVICE].into_iter().try_for_each(|kind| remove_one(id, kind, gone))
}

fn remove_one(id: ServiceId<'_>, kind: &'static str, gone: &mut Made) -> Result<(), ServiceError> {
    let file = id.root.service_file(id.name.as_str(), kind);
    let links = directory(id.scope).map(|directory| all_in(&directory)).unwrap_or_default();
    for link in links.into_iter().filter(|link| fs::read_link(link).is_ok_and(|target| target == file)) {
        remove_link(&link)?;
        gone.push(("link", link));
    }
    new_file::remove_unfinished(&file);
    remove_file(&file).map_err(ServiceError::io("remove", &file))
}

/// Removes a link, and the directory of what wants a unit if nothing else is in it.
pub(super) fn remove_link(link: &Path) -> Result<(), ServiceError> {
    remove_file(link).map_err(ServiceError::io("remove", link))?;
    if let Some(directory) = link.parent().filter(|directory| directory.extension().is_some()) {
        let _ = fs::remove_dir(directory);
    }
    Ok(())
}
