//! `self service run`: the app as the service would run it, for a manager that is not systemd. On Windows, this is what the
//! service manager starts.

use super::{Answer, Asked, LaunchError, Target, failed, settings, system};
use crate::service::Service;

pub(super) fn run(asked: &Asked<'_>) -> Result<Answer, LaunchError> {
    let target = Target::of(asked)?;
    let words = target.definition.as_ref().map(|found| found.words.clone()).unwrap_or_default();
    let settings = settings(asked, words)?;
    let code = system::run(&Service { id: target.id(), settings: &settings, is_known: true });
    Ok(Answer { text: String::new(), code: code.map_err(failed(asked, "run"))? })
}
