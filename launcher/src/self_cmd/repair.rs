//! `self repair`: restores what `self verify` finds missing or changed; extra files stay, unless `--remove-extra` is given.

use std::fmt::Write as _;

use super::{Answer, SelfCommand, verify, wording};
use crate::error::LaunchError;
use crate::install::care::compare::Kind;
use crate::install::care::restore;
use crate::install::{self};
use crate::notify::Progress;

pub(super) fn run(command: &SelfCommand<'_>) -> Result<Answer, LaunchError> {
    let (bundle, record) = (command.bundle, command.bundle.record());
    let roots = command.roots();
    let Some(installed) = roots.find(bundle) else {
        let mut progress = Progress::for_first_start(&record.app.name);
        let installed = install::install(bundle, &roots, &mut progress)
            .map_err(|source| LaunchError::Install { app: record.app.id.as_str().to_owned(), source })?;
        drop(progress);
        let text = format!("it was not installed: installed in `{}`\n", wording::path(&installed.version_dir));
        return Ok(Answer { text, code: 0 });
    };
    let mut progress = Progress::for_check(&record.app.name);
    let differences = restore::restore(bundle, &installed, &mut progress).map_err(command.failed("repair"))?;
    drop(progress);
    let (extra, repaired): (Vec<_>, Vec<_>) = differences.iter().partition(|found| found.kind == Kind::Extra);
    let is_removing = command.options.has("--remove-extra");
    if is_removing {
        restore::remove_extra(&installed, extra.iter().map(|found| found.path.as_path()))
            .map_err(command.failed("repair"))?;
    }
    let mut text = verify::lines(repaired.iter().copied().chain(extra.iter().copied()));
    let place = wording::path(&installed.version_dir);
    let _ = match repaired.len() {
        0 => writeln!(text, "nothing was missing or changed in `{place}`"),
        count => writeln!(text, "restored {} in `{place}`", wording::count(count, "file")),
    };
    let _ = match extra.len() {
        0 => Ok(()),
        count if is_removing => writeln!(text, "removed {} that did not belong there", wording::count(count, "file")),
        count => {
            writeln!(text, "left {} that the bundle does not have (--remove-extra)", wording::count(count, "file"))
        }
    };
    Ok(Answer { text, code: 0 })
}
