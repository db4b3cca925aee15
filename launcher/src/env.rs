//! Every environment variable that the launcher reads or sets, and nothing else. The variables of Python's that a bundle may
//! pass on are in `exec/variables.rs`.

/// Read: a directory that holds install roots, instead of the user's local data directory.
pub const ROOT: &str = "EKIBEN_ROOT";
/// Read: the directory for state that systemd gave to a service (systemd.exec(5), `StateDirectory=`).
pub const STATE_DIRECTORY: &str = "STATE_DIRECTORY";
/// Read: the directory for a cache that systemd gave to a service (systemd.exec(5), `CacheDirectory=`).
pub const CACHE_DIRECTORY: &str = "CACHE_DIRECTORY";
/// Set for the app: the bundle's own path.
pub const BUNDLE: &str = "EKIBEN_BUNDLE";
/// Set for the app: the version dir it runs from.
pub const VERSION_DIR: &str = "EKIBEN_VERSION_DIR";
/// Set for the app: its version.
pub const VERSION: &str = "EKIBEN_VERSION";
/// Set for the app: a directory of its own that updates and clean-ups leave alone. The launcher does not create it.
pub const DATA_DIR: &str = "EKIBEN_DATA_DIR";
/// Set for the app: the directory of the commands that its packages have installed, then what it was.
pub const PATH: &str = "PATH";
/// Set for an app that runs as a service: the service's name.
pub const SERVICE: &str = "EKIBEN_SERVICE";
/// Set for an app without a console: the log that its standard streams lead to.
pub const LOG: &str = "EKIBEN_LOG";

/// Set for the program that deletes a bundle after `self uninstall --exe` (Windows): the bundle's path.
pub const REMOVE: &str = "EKIBEN_REMOVE";

/// Read: if it is set, apps are not updated.
pub const NO_UPDATE: &str = "EKIBEN_NO_UPDATE";

/// Withheld from the app: with these, CPython looks for its own files in another place than the tree it runs from. It obeys
/// the first two even with `-I` (`Modules/getpath.py`); programs that the app starts through `sys.executable` obey the others.
/// Whoever set them meant another Python. The last one may belong to another app of ekiben's, which has started this one.
pub const WITHHELD: &[&str] =
    &["PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__", "PYTHONPLATLIBDIR", "PYTHONPYCACHEPREFIX", LOG];

/// Read by launchers for tests only: which fault to make, and where (`install/fault`).
#[cfg(feature = "fault-points")]
pub const TEST_FAULT: &str = "EKIBEN_TEST_FAULT";
/// Read by launchers for tests only: the file that gets the name of each point that was passed.
#[cfg(feature = "fault-points")]
pub const TEST_FAULT_LOG: &str = "EKIBEN_TEST_FAULT_LOG";
