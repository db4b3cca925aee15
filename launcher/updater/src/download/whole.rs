//! The whole file, from front to back. A broken connection is taken up again where it broke, if the server can do that.

use crate::error::UpdateError;
use crate::source::{self, Range};

use super::{ATTEMPTS, Target};

/// Fetches it.
///
/// # Errors
/// When it can't be got.
pub(super) fn get(target: &mut Target<'_>) -> Result<(), UpdateError> {
    let total = target.offer.file.len;
    let location = target.offer.location.clone();
    target.file.set_len(0).map_err(UpdateError::disk("write", target.path))?;
    let mut done = 0;
    let mut broken = 0;
    while done < total {
        let wanted = Range { start: done, len: total - done, total };
        let body = match source::of(&location).range(&location, wanted) {
            Ok(body) => body,
            Err(error) if done == 0 || broken >= ATTEMPTS => return Err(error),
            // It may have ranges no more: from the start again.
            Err(_) => {
                broken += 1;
                done = 0;
                continue;
            }
        };
        let start = body.start;
        let (reached, result) = target.take(body, total, (start, total))?;
        done = reached;
        if let Err(error) = result {
            broken += 1;
            if broken > ATTEMPTS {
                return Err(target.broken(done, &error));
            }
        }
    }
    Ok(())
}
