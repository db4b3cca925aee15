//! The whole file, from front to back. A broken connection is taken up again where it broke, if the server can do that.

use crate::error::UpdateError;
use crate::source::{self, Range, copy_exactly};

use super::Target;

/// How often a broken connection is taken up again.
const ATTEMPTS: usize = 3;

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
        let mut at = body.start;
        let mut cancelled = None;
        let (_, result) = copy_exactly(body.bytes, total - body.start, &mut |bytes| {
            target.write_at(bytes, at)?;
            at += bytes.len() as u64;
            target.reached(at, total).map_err(|error| {
                cancelled = Some(error);
                std::io::Error::other("cancelled")
            })
        });
        if let Some(error) = cancelled {
            return Err(error);
        }
        done = at;
        if let Err(error) = result {
            broken += 1;
            if broken > ATTEMPTS {
                let place = target.offer.version.clone();
                return Err(UpdateError::Fetch {
                    place,
                    why: format!("the connection broke at byte {done} of {total}: {error}"),
                });
            }
        }
    }
    Ok(())
}
