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
    let mut environment = vec![
        (env::BUNDLE, own_path.into()),
        (env::VERSION_DIR, app.version_dir.clone().into()),
        (env::VERSION, record.app.version.clone().into()),
        (env::DATA_DIR, app.candidate.root.data().into()),
    ];
    let programs = record.start.programs.as_ref().map(|programs| programs.below(&app.version_dir));
    environment.extend(programs.and_then(|programs| Some((env::PATH, search_path(&programs)?))));
    Start {
        program: record.start.interpreter.below(&app.version_dir),
        arguments,
        environment,
        withheld: env::WITHHELD,
        windowed: None,
    }
}

/// `PATH` with this directory first, as in an active virtual environment, so that the app finds the commands it was built
/// with before those of the machine. `None` if it is first already, or if there is no `PATH`.
fn search_path(directory: &Path) -> Option<OsString> {
    let path = std::env::var_os(env::PATH)?;
    let first = std::env::split_paths(&path).next();
    if first.is_some_and(|first| first == directory) {
        return None;
    }
    std::env::join_paths(std::iter::once(directory.to_owned()).chain(std::env::split_paths(&path))).ok()
}

/// Makes the app note in this file that its start went well, see [`crate::probation`].
pub(crate) fn report_to(start: &mut Start<'_>, file: &Path) {
    let mut option = OsString::from("ekiben-probation=");
    option.push(file);
    start.arguments.splice(..0, ["-X".into(), option]);
}
