//! A start, from the program's own file to the running interpreter.

use std::io;
use std::path::Path;

use crate::background;
use crate::error::{Failure, LaunchError};
use crate::exec::{self, Ended, Start, exit_code};
use crate::install::care::logs::Log;
use crate::install::care::{prune, restore};
use crate::install::version::listed::Owner;
use crate::install::{self, InstallError, Installed, places::Roots};
use crate::notify::Progress;
use crate::own_file;
use crate::process;
use crate::self_cmd;
use crate::start;
use bundle::{Bundle, LaunchRecord};

/// Opens this program's own file, installs the app unless its version dir is there, and runs it.
///
/// On Unix this does not return when the app starts. On Windows it returns the app's exit code; that of an app with windows
/// is 0 when nobody waits for it and it has come up.
///
/// # Errors
/// When the app could not be started. The disk then holds either the complete version dir or none of it.
pub fn launch() -> Result<u32, Failure> {
    if process::has_rights_of_its_file() {
        return Err(LaunchError::Privileged.into());
    }
    let own = own_file::open().map_err(|source| LaunchError::OwnFile { source })?;
    let bundle = Bundle::new(own.file).map_err(|source| LaunchError::Bundle { path: own.path.clone(), source })?;
    // It outlives the file, which is closed when the app runs.
    let record = bundle.keep_record();
    run(bundle, &record, &own.path).map_err(|error| {
        let root = Roots::of(&record.app.id, &own.path).usable();
        Failure {
            error: Box::new(error),
            app: Some(record.app.name.clone()),
            log: root.map(|root| root.launcher_log()),
        }
    })
}

fn run(bundle: Bundle, record: &LaunchRecord, own_path: &Path) -> Result<u32, LaunchError> {
    if let Some(call) = self_cmd::Call::of(record.settings.self_word.as_deref(), process::typed().into_iter()) {
        process::tell_of_faults();
        return self_cmd::run(&call, &bundle, own_path);
    }

    let roots = Roots::of(&record.app.id, own_path);
    let found = roots.find(&bundle);
    let is_new = found.is_none();
    let mut app = match found {
        Some(installed) => installed,
        None => first_start(&bundle, &roots)?,
    };
    if !is_new && (!app.seal.is_sound() || restore::has_been_cleaned(&app)) {
        app = repaired(&bundle, &roots, app)?;
    }
    if !app.seal.is_settled() {
        clean_up(&bundle, &app);
    }
    let log = (record.start.windowed && exec::LOGS).then(|| Log::of_app(&app.candidate.root).ok()).flatten();
    let mut open = Some(bundle);
    let ended = match start(record, &app, own_path, log.as_ref(), &mut || open = None) {
        // Somebody has deleted it, or a cleaner of temporary files.
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            if let Some(bundle) = &open {
                app = repaired(bundle, &roots, app)?;
            }
            start(record, &app, own_path, log.as_ref(), &mut || open = None)
        }
        result => result,
    };
    let ended = ended.map_err(|source| LaunchError::Start {
        interpreter: record.start.interpreter.below(&app.version_dir),
        version_dir: app.version_dir,
        source,
    })?;
    match ended {
        Ended::Unseen(code) if exit_code::is_failure(code) => Err(LaunchError::Died {
            app: record.app.id.as_str().to_owned(),
            code,
            words: log.as_ref().map(Log::last_lines).unwrap_or_default(),
            log: log.map(|log| log.path),
        }),
        Ended::With(code) | Ended::Unseen(code) => Ok(code),
        Ended::NotYet => Ok(0),
    }
}

fn first_start(bundle: &Bundle, roots: &Roots<'_>) -> Result<Installed, LaunchError> {
    process::tell_of_faults();
    let record = bundle.record();
    let mut progress = Progress::of_first_start(&record.app.name);
    install::install(bundle, roots, &mut progress)
        .map_err(|source| LaunchError::Install { app: record.app.id.as_str().to_owned(), source })
}

/// Brings back what is missing or changed; where that can't be (only an admin may write there, or the whole version is
/// gone), installs it again, elsewhere.
fn repaired(bundle: &Bundle, roots: &Roots<'_>, app: Installed) -> Result<Installed, LaunchError> {
    process::tell_of_faults();
    let record = bundle.record();
    if !app.is_there() {
        return first_start(bundle, roots);
    }
    let mut progress = Progress::of_check(&record.app.name);
    let interpreter = record.start.interpreter.below(&app.version_dir);
    let Err(source) = restore::restore_for(&interpreter, bundle, &app, &mut progress) else { return Ok(app) };
    if matches!(source, InstallError::Cancelled) {
        return Err(LaunchError::Repair { app: record.app.id.as_str().to_owned(), source });
    }
    let elsewhere = roots.candidates().filter(|candidate| candidate.root != app.candidate.root);
    install::install_in(bundle, elsewhere, &mut progress)
        .map_err(|_| LaunchError::Repair { app: record.app.id.as_str().to_owned(), source })
}

/// Old versions, and what killed processes left, go while the app runs, and the version is settled if it is time for that.
/// After a settled version this has been done before.
fn clean_up(bundle: &Bundle, app: &Installed) {
    let (root, current, keep) = (app.candidate.root.clone(), app.version_dir.clone(), bundle.record().settings.keep);
    let owner = Owner::of(bundle.record());
    if app.seal.is_to_be_flushed() || prune::is_due(&root, keep, &current, &owner) {
        background::run(move || prune::afterwards(&root, keep, &current, &owner));
    }
}

/// Calls `running` when the app runs, if this process outlives that.
fn start(
    record: &LaunchRecord,
    app: &Installed,
    own_path: &Path,
    log: Option<&Log>,
    running: &mut dyn FnMut(),
) -> io::Result<Ended> {
    let identity = if record.start.windowed { record.app_user_model_id() } else { String::new() };
    let start = Start {
        may_vanish: record.start.windowed && own_file::may_vanish(own_path),
        app_user_model_id: &identity,
        log: log.map(|log| (log.path.as_path(), &log.file)),
        ..start::of(record, app, own_path)
    };
    exec::start(&start, running)
}
