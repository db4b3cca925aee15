//! Every environment variable that the launcher reads or sets, and nothing else. Those of Python's that a bundle lets through are
//! in `exec/variables.rs`.

/// Read: a directory that holds install roots, instead of the user's local data directory.
pub const ROOT: &str = "EKIBEN_ROOT";
/// Read: what systemd gave to a service to keep (systemd.exec(5), `StateDirectory=`).
pub const STATE_DIRECTORY: &str = "STATE_DIRECTORY";
/// Read: what systemd gave to a service to make again (systemd.exec(5), `CacheDirectory=`).
pub const CACHE_DIRECTORY: &str = "CACHE_DIRECTORY";
/// Set for the app: the bundle's own path.
pub const BUNDLE: &str = "EKIBEN_BUNDLE";
/// Set for the app: the version dir it runs from.
pub const VERSION_DIR: &str = "EKIBEN_VERSION_DIR";
/// Set for the app: its version.
pub const VERSION: &str = "EKIBEN_VERSION";
/// Set for the app: a directory of its own that updates and clean-ups leave alone. Not made.
pub const DATA_DIR: &str = "EKIBEN_DATA_DIR";
/// Set for an app that runs as a service: the service's name.
pub const SERVICE: &str = "EKIBEN_SERVICE";
/// Set for an app without a console: the log that its standard streams lead to.
pub const LOG: &str = "EKIBEN_LOG";

/// Set for the program that removes a bundle which has been asked to remove itself (Windows): the bundle's path.
pub const REMOVE: &str = "EKIBEN_REMOVE";

/// Withheld from the app: with these, CPython looks for its own files elsewhere, whatever the tree it runs from says. The
/// first two are obeyed even with `-I` (`Modules/getpath.py`), the others by what the app starts through `sys.executable`.
/// Whoever set them meant one other Python. The last is another app's, which has started this one.
pub const WITHHELD: &[&str] =
    &["PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__", "PYTHONPLATLIBDIR", "PYTHONPYCACHEPREFIX", LOG];

/// Read by launchers for tests alone: what is to go wrong, and where (`install/fault`).
#[cfg(feature = "fault-points")]
pub const TEST_FAULT: &str = "EKIBEN_TEST_FAULT";
/// Read by launchers for tests alone: where to write down what was passed.
#[cfg(feature = "fault-points")]
pub const TEST_FAULT_LOG: &str = "EKIBEN_TEST_FAULT_LOG";
