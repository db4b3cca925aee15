//! `self service logs`: the end of a service's log, and what is added to it.

use std::io::{self, Write as _};
use std::thread;
use std::time::Duration;

use super::log_of;
use crate::install::care::rotated::{self, Follower};
use crate::service::{ServiceError, ServiceId};

pub(crate) fn logs(id: ServiceId<'_>, lines: u32, follow: bool) -> Result<u32, ServiceError> {
    const LOOK: Duration = Duration::from_millis(250);
    let path = log_of(id);
    let failed = || ServiceError::io("read", &path);
    let mut output = io::stdout();
    let show = |bytes: &[u8], output: &mut io::Stdout| output.write_all(bytes).and_then(|()| output.flush());
    let mut follower = Follower::new(path.clone());
    let end = rotated::last_lines(&path, lines as usize).map_err(failed())?;
    if show(&end, &mut output).is_err() || !follow {
        return Ok(0);
    }
    loop {
        let added = follower.added().map_err(failed())?;
        // Whoever read it has had enough.
        if show(&added, &mut output).is_err() {
            return Ok(0);
        }
        if added.is_empty() {
            thread::sleep(LOOK);
        }
    }
}
