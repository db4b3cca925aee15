//! What is left outside of an install root that was simply deleted: services without a program, and their event sources.

use std::path::{Path, PathBuf};

use super::manager::{self, Access};
use super::{notes, program_of};
use crate::install::layout::InstallRoot;
use crate::service::name::ServiceName;
use crate::service::{Made, Scope, ServiceError, ServiceId};
use crate::sys::windows::menu;
use crate::sys::windows::registry::Key;
use crate::sys::windows::utf16::wide;
use bundle::record::{AppId, LaunchRecord};

pub(crate) fn leftovers(record: &LaunchRecord) -> Made {
    let services = found(&record.app.id).into_iter().filter(Found::is_left);
    services.map(|found| ("service", PathBuf::from(found.name))).chain(menu::left(record)).collect()
}

pub(crate) fn remove_leftovers(record: &LaunchRecord, gone: &mut Made) -> Result<(), ServiceError> {
    for found in found(&record.app.id).into_iter().filter(Found::is_left) {
        let Some(name) = ServiceName::new(&found.name) else { continue };
        let root = found.root(&record.app.id);
        super::uninstall(ServiceId { name: &name, scope: Scope::Machine, root: &root }, gone)?;
    }
    gone.extend(menu::remove_left(record)?);
    Ok(())
}

/// The install roots that services of this app belong to.
pub(in crate::sys::windows) fn roots(app: &AppId) -> Vec<InstallRoot> {
    found(app).iter().map(|found| found.root(app)).collect()
}

/// A service of this app.
struct Found {
    name: String,
    program: PathBuf,
}

impl Found {
    fn is_left(&self) -> bool {
        !self.program.exists()
    }

    fn root(&self, app: &AppId) -> InstallRoot {
        InstallRoot::of(self.program.parent().unwrap_or(Path::new("")).to_path_buf(), app)
    }
}

fn found(app: &AppId) -> Vec<Found> {
    let names = Key::of_machine(notes::SERVICES).names();
    let is_apps = |name: &String| notes::of_any(name).text(notes::APP).is_some_and(|noted| noted == app.as_str());
    let found = |name: String| {
        let config = manager::open(&wide(&name), Access::Ask).ok()??.config().ok()?;
        Some(Found { program: program_of(&config.command), name })
    };
    names.into_iter().filter(is_apps).filter_map(found).collect()
}
