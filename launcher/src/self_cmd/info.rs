//! `self info`: what this file is, and where it is installed.

use std::ffi::OsString;
use std::path::Path;

use crate::bundle::Bundle;
use crate::error::LaunchError;
use crate::install::roots::Roots;

pub(super) fn run(_arguments: &[OsString], bundle: &Bundle, own_path: &Path) -> Result<u32, LaunchError> {
    let record = bundle.record();
    let roots = Roots::of(&record.app.id, own_path);
    let installed = roots.find(&record.app.version, bundle.digest());
    println!("app       {} {}", record.app.name, record.app.version);
    println!("bundle    {}", own_path.display());
    match installed {
        Some(installed) => println!("installed {}", installed.version_dir.display()),
        None => println!("installed no"),
    }
    Ok(0)
}
