//! `self verify`: whether every installed file is as the bundle has it. The digest of every frame is checked on the way, so
//! it verifies the bundle, too.

use std::fmt::Write as _;

use serde::Serialize;

use super::json::PathValue;
use super::{Answer, SelfCommand, json, wording};
use crate::error::LaunchError;
use crate::install::care::compare::{self, Difference, Kind};
use crate::notify::Progress;

#[derive(Serialize)]
struct VerifyAnswer {
    ok: bool,
    version_dir: Option<PathValue>,
    missing: Vec<PathValue>,
    changed: Vec<PathValue>,
    extra: Vec<PathValue>,
}

pub(super) fn run(command: &SelfCommand<'_>) -> Result<Answer, LaunchError> {
    let (bundle, record) = (command.bundle, command.bundle.record());
    let mut progress = Progress::for_check(&record.app.name);
    let index = bundle.index().map_err(|e| command.failed("verify")(e.into()))?;
    let installed = command.roots().find(bundle);
    let differences = match &installed {
        Some(installed) => compare::compare(bundle, &index, &installed.version_dir, &mut progress),
        None => compare::check(bundle, &index, &mut progress).map(|()| Vec::new()),
    }
    .map_err(command.failed("verify"))?;
    drop(progress);
    let is_fine = installed.is_some() && differences.is_empty();
    let version_dir = installed.as_ref().map(|installed| installed.version_dir.as_path());
    let text = if command.options.has("--json") {
        let of = |kind| {
            let found = differences.iter().filter(move |found| found.kind == kind);
            found.map(|found| PathValue::from(found.path.as_path())).collect()
        };
        json::line(&VerifyAnswer {
            ok: is_fine,
            version_dir: version_dir.map(PathValue::from),
            missing: of(Kind::Missing),
            changed: of(Kind::Changed),
            extra: of(Kind::Extra),
        })
    } else if let Some(version_dir) = version_dir {
        let mut text = lines(&differences);
        let place = wording::path(version_dir);
        let _ = match differences.len() {
            0 => writeln!(text, "ok: `{place}` is as in the bundle"),
            count => writeln!(text, "{} in `{place}`", wording::count(count, "difference")),
        };
        text
    } else {
        "the bundle is ok; this version is not installed\n".to_owned()
    };
    Ok(Answer { text, code: u32::from(!is_fine) })
}

/// One line for each difference: its kind and its path.
pub(super) fn lines<'a>(differences: impl IntoIterator<Item = &'a Difference>) -> String {
    let line = |found: &Difference| format!("{:7} {}\n", found.kind.to_string(), wording::path(&found.path));
    differences.into_iter().map(line).collect()
}
