//! `self prepare`: installs this version where the file named by `--as` would install it, and starts its interpreter to see that
//! the entry point can be imported. The app is not run. An updater asks for it before it puts a new bundle in place.

use std::ffi::OsString;
use std::path::Path;

use super::{Answer, SelfCommand, handed_over};
use crate::env;
use crate::error::LaunchError;
use crate::install;
use crate::install::places::Roots;
use crate::notify::Progress;
use crate::sys::exec::Start;

/// Imports what would be started: `pkg.cli:main`, `-m pkg` or `script.py`, with arguments or none.
const TRIAL: &str = "\
import importlib, importlib.util, sys
entry, script = sys.argv[1:3]
words = entry.split()
if words[0] == '-m':
    if importlib.util.find_spec(words[1]) is None:
        sys.exit('there is no module ' + words[1])
elif ':' in words[0]:
    module, _, names = words[0].partition(':')
    found = importlib.import_module(module)
    for name in names.split('.'):
        found = getattr(found, name)
else:
    with open(script, 'rb') as file:
        compile(file.read(), script, 'exec')
";

pub(super) fn run(command: &SelfCommand<'_>) -> Result<Answer, LaunchError> {
    let (bundle, record) = (command.bundle, command.bundle.record());
    let path = command.options.value("--as").map_or(command.own_path, Path::new);
    let installed = {
        let mut progress = Progress::for_first_start(&record.app.name);
        install::install(bundle, &Roots::new(&record.app.id, path), &mut progress)
            .map_err(|source| LaunchError::Install { app: record.app.id.as_str().to_owned(), source })?
    };
    let version_dir = &installed.version_dir;
    let script = record.start.script.below(version_dir);
    let arguments: Vec<OsString> =
        vec!["-I".into(), "-c".into(), TRIAL.into(), record.entry_point.clone().into(), script.into()];
    handed_over(&Start {
        program: record.start.interpreter.below(version_dir),
        arguments,
        environment: vec![(env::VERSION_DIR, version_dir.into()), (env::VERSION, record.app.version.clone().into())],
        withheld: env::WITHHELD,
        windowed: None,
    })
}
