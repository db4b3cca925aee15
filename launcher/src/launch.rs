//! A start, from the program's own file to the running interpreter.

use std::ffi::OsString;
use std::io;

use crate::bundle::Bundle;
use crate::env;
use crate::error::LaunchError;
use crate::exec::{self, Start};
use crate::install::{self, layout::InstallRoot};
use crate::notify;
use crate::own_file;

/// Opens this program's own file, installs the app unless its version dir is there, and runs it.
///
/// On Unix this does not return when the app starts. On Windows it returns the app's exit code.
///
/// # Errors
/// When the app could not be started. The disk then holds either the complete version dir or none of it.
pub fn launch() -> Result<u32, LaunchError> {
    let own = own_file::open().map_err(|source| LaunchError::OwnFile { source })?;
    let bundle = Bundle::new(own.file).map_err(|source| LaunchError::Bundle { path: own.path.clone(), source })?;
    let record = bundle.record();

    let root = InstallRoot::choose(&record.app.id)
        .ok_or_else(|| LaunchError::NoRoot { app: record.app.id.as_str().to_owned() })?;
    let version_dir = root.version_dir(&record.app.version, bundle.digest());
    if !version_dir.is_dir() {
        let mut progress = notify::Progress::of_first_start(&record.app.name);
        install::install(&bundle, &root, &version_dir, &mut progress)
            .map_err(|source| LaunchError::Install { app: record.app.id.as_str().to_owned(), source })?;
    }

    let interpreter = record.start.interpreter.below(&version_dir);
    let script = record.start.script.below(&version_dir);
    let mut arguments: Vec<OsString> = record.start.flags.iter().map(OsString::from).collect();
    arguments.push(script.into());
    let start = Start {
        program: interpreter.clone(),
        arguments,
        environment: vec![
            (env::BUNDLE, own.path.into()),
            (env::VERSION_DIR, version_dir.clone().into()),
            (env::VERSION, record.app.version.clone().into()),
        ],
        withheld: env::WITHHELD,
    };
    exec::start(&start).map_err(|source: io::Error| LaunchError::Start { interpreter, version_dir, source })
}
