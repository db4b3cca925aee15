//! `self service start`, `stop` and `restart`: done when the service manager says so.

use super::{Answer, Asked, LaunchError, ServiceError, ServiceId, Target, failed};

pub(super) fn run(
    asked: &Asked<'_>,
    doing: &'static str,
    control: impl Fn(ServiceId<'_>) -> Result<(), ServiceError>,
) -> Result<Answer, LaunchError> {
    let target = Target::of(asked)?;
    control(target.id()).map_err(failed(asked, doing))?;
    Ok(Answer { text: String::new(), code: 0 })
}
