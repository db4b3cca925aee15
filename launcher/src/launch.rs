//! A start, from the program's own file to the running interpreter.

use std::io;
use std::path::Path;

use crate::error::{Failure, LaunchError};
use crate::exec::command::Chosen;
use crate::exec::exit_code;
use crate::install::care::logs::Log;
use crate::install::care::{prune, restore};
use crate::install::version::file_list::Owner;
use crate::install::{self, InstallError, Installed, places::Roots};
use crate::notify::{self, Progress};
use crate::probation::{self, Probation};
use crate::self_cmd;
use crate::start;
use crate::sys::exec::{self, Ended, Start, Windowed};
use crate::sys::{background, c_library, faults, own_file, process};
use crate::updates;
use bundle::{Bundle, LaunchRecord};

/// Opens this program's own file, installs the app unless its version dir exists, and runs it.
///
/// On Linux this does not return when the app starts. On Windows it returns the app's exit code. For an app with windows
/// that nobody waits for, that is 0 as soon as the app is up.
///
/// # Errors
/// When the app could not be started. The disk then holds either the complete version dir or none of it.
pub fn launch() -> Result<u32, Failure> {
    if process::has_rights_of_its_file() {
        return Err(LaunchError::Privileged.into());
    }
    let own = own_file::open().map_err(|source| LaunchError::OwnFile { source })?;
    let bundle = Bundle::new(own.file).map_err(|source| LaunchError::Bundle { path: own.path.clone(), source })?;
    // The file is closed once the app runs, but the record is needed after that.
    let record = bundle.keep_record();
    let mut own = own.path;
    if record.settings.update.is_some() {
        own = updates::return_to_place(&own).unwrap_or(own);
    }
    run(bundle, &record, &own).map_err(|error| {
        let root = Roots::new(&record.app.id, &own).usable();
        Failure {
            error: Box::new(error),
            app: Some(record.app.name.clone()),
            log: root.map(|root| root.launcher_log()),
        }
    })
}

fn run(bundle: Bundle, record: &LaunchRecord, own_path: &Path) -> Result<u32, LaunchError> {
    if let Some(call) =
        self_cmd::Call::from_arguments(record.settings.self_word.as_deref(), process::arguments().into_iter())
    {
        faults::report_faults();
        return self_cmd::run(&call, bundle, own_path);
    }

    let roots = Roots::new(&record.app.id, own_path);
    let found = roots.find(&bundle);
    let is_new = found.is_none();
    let mut app = match found {
        Some(installed) => installed,
        None => first_start(&bundle, &roots)?,
    };
    if !is_new && (!app.seal.is_sound() || restore::has_been_cleaned(&app)) {
        app = repaired(&bundle, &roots, app)?;
    }
    let mut probation = Probation::None;
    if !app.seal.is_settled() {
        clean_up(&bundle, &app);
        if record.settings.update.is_some() {
            probation = probation::count(&app);
        }
    }
    if probation == Probation::Failed
        && let Ok(code) = updates::go_back(&app, own_path)
    {
        return Ok(code);
    }
    if let Some(update) = &record.settings.update {
        if let Some(version) = updates::found(update, &app) {
            notify::newer(record, &version);
        }
        updates::check_if_due(update, &app, own_path);
    }
    let chosen = Chosen::by(record, &process::arguments());
    let log = (chosen.windowed && exec::HAS_APP_LOG).then(|| Log::open_app(&app.candidate.root).ok()).flatten();
    let mut open = Some(bundle);
    let started = (record, chosen, &probation);
    let ended = match start(started, &app, own_path, log.as_ref(), &mut || open = None) {
        // Somebody, or a cleaner of temporary files, has deleted the interpreter. Or its loader is missing: another machine has
        // installed the app here.
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            has_c_library(record)?;
            if let Some(bundle) = &open {
                app = repaired(bundle, &roots, app)?;
            }
            start(started, &app, own_path, log.as_ref(), &mut || open = None)
        }
        result => result,
    };
    let version_dir = app.version_dir;
    let ended = ended.map_err(|source| LaunchError::Start {
        interpreter: chosen.interpreter.below(&version_dir),
        version_dir: version_dir.clone(),
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
        Ended::NotYet => {
            if probation != Probation::None {
                probation::end(&version_dir);
            }
            Ok(0)
        }
    }
}

fn first_start(bundle: &Bundle, roots: &Roots<'_>) -> Result<Installed, LaunchError> {
    faults::report_faults();
    let record = bundle.record();
    has_c_library(record)?;
    let mut progress = Progress::for_first_start(&record.app.name);
    install::install(bundle, roots, &mut progress)
        .map_err(|source| LaunchError::Install { app: record.app.id.as_str().to_owned(), source })
}

/// Refuses a machine whose C library can't run the interpreter: it is not one of the app's files.
fn has_c_library(record: &LaunchRecord) -> Result<(), LaunchError> {
    let Some(needed) = &record.glibc else { return Ok(()) };
    let refused =
        |found| LaunchError::CLibrary { app: record.app.id.as_str().to_owned(), needed: needed.clone(), found };
    c_library::instead_of(needed).map_or(Ok(()), |found| Err(refused(found)))
}

/// Restores what is missing or changed. If that is impossible (only an admin may write there, or the whole version is
/// gone), installs the version again, in another place if need be.
fn repaired(bundle: &Bundle, roots: &Roots<'_>, app: Installed) -> Result<Installed, LaunchError> {
    faults::report_faults();
    let record = bundle.record();
    if !app.is_there() {
        return first_start(bundle, roots);
    }
    let mut progress = Progress::for_check(&record.app.name);
    let interpreter = record.start.interpreter.below(&app.version_dir);
    let Err(source) = restore::restore_for(&interpreter, bundle, &app, &mut progress) else { return Ok(app) };
    if matches!(source, InstallError::Cancelled) {
        return Err(LaunchError::Repair { app: record.app.id.as_str().to_owned(), source });
    }
    let elsewhere = roots.candidates().filter(|candidate| candidate.root != app.candidate.root);
    install::install_in(bundle, elsewhere, &mut progress)
        .map_err(|_| LaunchError::Repair { app: record.app.id.as_str().to_owned(), source })
}

/// Removes old versions, and what killed processes left behind, while the app runs; and settles the version (writes it
/// to disk) if that is due. If the version is settled already, all of this has been done before.
fn clean_up(bundle: &Bundle, app: &Installed) {
    let (root, current, keep) = (app.candidate.root.clone(), app.version_dir.clone(), bundle.record().settings.keep);
    let owner = Owner::from_record(bundle.record());
    if app.seal.is_flush_due() || prune::is_due(&root, keep, &current, &owner) {
        background::run(move || prune::afterwards(&root, keep, &current, &owner));
    }
}

/// Calls `running` once the app runs, if this process still exists then.
fn start(
    (record, chosen, probation): (&LaunchRecord, Chosen<'_>, &Probation),
    app: &Installed,
    own_path: &Path,
    log: Option<&Log>,
    running: &mut dyn FnMut(),
) -> io::Result<Ended> {
    let app_user_model_id = record.app_user_model_id();
    let log = log.map(|log| (log.path.as_path(), &log.file));
    let mut start = Start {
        program: chosen.interpreter.below(&app.version_dir),
        windowed: chosen.windowed.then(|| Windowed::new(&app_user_model_id, log)),
        ..start::from_installed(record, app, own_path)
    };
    if let Probation::Start(file) = probation {
        start::report_to(&mut start, file);
    }
    exec::start(&start, running)
}
