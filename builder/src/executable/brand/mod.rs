//! Brand: gives the launcher of a bundle for Windows the app's icon, version, manifest and subsystem before the payload is appended.
//!
//! 1. [`identity`] gathers the information from the project's metadata and from `[tool.ekiben]`.
//! 2. [`icon`] turns a picture into the usual sizes, [`version`], [`manifest`] and [`messages`] write the other resources.
//! 3. [`resources`] puts them into the launcher; [`header`] sets subsystem and flags.
//!
//! It always starts from the launcher as it was built, and comes before the payload, because changing resources moves
//! everything after them. The same inputs give the same bytes. Bundles for other systems have no resources: their icon is a
//! file in the application layer.

use std::borrow::Cow;

use crate::config::Project;
use crate::platform::{ExecutableFormat, Target};
use crate::report::Report;
use crate::report::failure::Help as _;

pub mod header;
mod icon;
mod identity;
mod manifest;
mod messages;
pub mod resources;
mod version;

use identity::Identity;

/// The icon as a PNG, for desktops that can't read an icon from a program.
///
/// # Errors
/// When the icon can't be used.
pub fn icon_file(project: &Project, report: &Report) -> anyhow::Result<Option<Vec<u8>>> {
    project.icon.as_deref().map(|file| icon::read(file, report)?.png()).transpose()
}

/// The launcher for the front of this project's bundle.
///
/// # Errors
/// When the icon can't be used, or the launcher is not a PE file that can be changed.
pub fn brand<'l>(
    launcher: &'l [u8],
    project: &Project,
    version: &str,
    target: Target,
    report: &Report,
) -> anyhow::Result<Cow<'l, [u8]>> {
    if target.platform().executable_format() != ExecutableFormat::Pe {
        return Ok(launcher.into());
    }
    let icon = project.icon.as_deref().map(|file| icon::read(file, report)).transpose()?;
    let identity = Identity::of(project, version);
    let branded = resources::with(launcher, icon.as_ref(), &identity)
        .and_then(|image| header::set(image, project.is_windowed_alone()))
        .or_fail("could not give the launcher its icon and version", "this is a fault of ekiben: please report it")?;
    Ok(branded.into())
}
