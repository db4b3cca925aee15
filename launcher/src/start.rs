//! What an installed app is started with, whoever starts it.

use std::ffi::OsString;
use std::path::Path;

use crate::env;
use crate::exec::variables;
use crate::install::Installed;
use crate::sys::exec::Start;
use bundle::LaunchRecord;

/// The command and the environment of an app that is installed, of the bundle at `own_path`.
pub(crate) fn from_installed(record: &LaunchRecord, app: &Installed, own_path: &Path) -> Start<'static> {
    let script = record.start.script.below(&app.version_dir);
    let mut arguments: Vec<OsString> = record.start.flags.iter().map(OsString::from).collect();
    arguments.extend(variables::options_from_environment(&record.start.environment).into_iter().map(OsString::from));
    arguments.push(script.into());
    Start {
        program: record.start.interpreter.below(&app.version_dir),
        arguments,
        environment: vec![
            (env::BUNDLE, own_path.into()),
            (env::VERSION_DIR, app.version_dir.clone().into()),
            (env::VERSION, record.app.version.clone().into()),
            (env::DATA_DIR, app.candidate.root.data().into()),
        ],
        withheld: env::WITHHELD,
        windowed: None,
    }
}
