//! `self service start`, `stop` and `restart`: done when the service manager says so.

use super::{Answer, LaunchError, SelfCommand, ServiceError, ServiceId, Target, failed};

pub(super) fn run(
    command: &SelfCommand<'_>,
    doing: &'static str,
    control: impl Fn(ServiceId<'_>) -> Result<(), ServiceError>,
) -> Result<Answer, LaunchError> {
    let target = Target::of(command)?;
    control(target.id()).map_err(failed(command, doing))?;
    Ok(Answer { text: String::new(), code: 0 })
}
