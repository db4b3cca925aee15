//! Only what the old bundle does not have is fetched.
//!
//! 1. The launcher in blocks of 16 KiB: those that the old one has too are copied, the others fetched.
//! 2. The tail in one request: most often all application frames, index, launch record and footer.
//! 3. The index then names all frames: those that the old bundle has too, whatever versions lie between, are copied; the others
//!    are fetched, neighbours together.
//!
//! Nothing here is believed: each frame is compared with its digest, and the whole file with its own at last. A file that was
//! begun before is looked through the same way, so what is right in it is not fetched again.

use bundle::Bundle;
use bundle::index::{Index, PlacedFrame};
use bundle::source::Source as _;
use release::channel::BLOCK;

use super::{ATTEMPTS, Got, Target};
use crate::client::Client;
use crate::error::UpdateError;
use crate::source::{self, Range};

/// So many bytes that are not needed are fetched between two parts that are: a request costs about as much.
const GAP: u64 = 32 * 1024;

/// Puts the file together.
///
/// # Errors
/// When the file can't be written, or the source can't be reached.
pub(super) fn get(client: &Client, target: &mut Target<'_>) -> Result<Got, UpdateError> {
    let released = target.offer.file.clone();
    target.file.set_len(released.len).map_err(UpdateError::disk("write", target.path))?;
    let launcher = missing_blocks(client, target)?;
    if !fetch_all(target, &launcher)? {
        return Ok(Got::NotThisWay);
    }
    let index = match index(target) {
        Some(index) => index,
        None => {
            let tail = Part { start: released.tail, len: released.len - released.tail };
            let tail = if tail.len == 0 { Vec::new() } else { vec![tail] };
            if !fetch_all(target, &tail)? {
                return Ok(Got::NotThisWay);
            }
            match index(target) {
                Some(index) => index,
                None => return Ok(Got::NotThisWay),
            }
        }
    };
    let frames = missing_frames(client, target, &index)?;
    if !fetch_all(target, &frames)? {
        return Ok(Got::NotThisWay);
    }
    Ok(Got::All)
}

/// A range of the new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    start: u64,
    len: u64,
}

impl Part {
    fn end(self) -> u64 {
        self.start.saturating_add(self.len)
    }
}

/// Copies the blocks of the launcher that the old bundle has; answers the others.
fn missing_blocks(client: &Client, target: &Target<'_>) -> Result<Vec<Part>, UpdateError> {
    let released = &target.offer.file;
    let mut missing = Vec::new();
    let mut start = 0;
    for at in 0.. {
        if start >= released.payload {
            break;
        }
        let mut block = vec![0; BLOCK.min(released.payload - start) as usize];
        let part = Part { start, len: block.len() as u64 };
        let is_there = target.file.read_exact_at(&mut block, start).is_ok() && released.is_block(at, &block);
        if !is_there {
            if client.bundle.source().read_exact_at(&mut block, start).is_ok() && released.is_block(at, &block) {
                target.write_at(&block, start).map_err(UpdateError::disk("write", target.path))?;
            } else {
                missing.push(part);
            }
        }
        start = part.end();
    }
    Ok(missing)
}

/// The new bundle's index, if launcher and tail are there and right.
fn index(target: &Target<'_>) -> Option<Index> {
    let released = &target.offer.file;
    let bundle = Bundle::new(target.file.try_clone().ok()?).ok()?;
    let is_right = bundle.payload_start() == released.payload
        && bundle.digest() == released.digest
        && bundle.footer().index_sha256 == released.index;
    is_right.then(|| bundle.index().ok()).flatten()
}

/// Copies the frames that the old bundle has; answers the others.
fn missing_frames(client: &Client, target: &mut Target<'_>, new: &Index) -> Result<Vec<Part>, UpdateError> {
    let old = client.bundle.index().ok();
    let mut known: Vec<PlacedFrame<'_>> = old.iter().flat_map(Index::frames).flatten().collect();
    known.sort_unstable_by_key(|placed| placed.frame.sha256);
    let here = Bundle::new(target.file.try_clone().map_err(UpdateError::disk("read", target.path))?).ok();
    let total: u64 = new.frames().flatten().map(|placed| placed.frame.len).sum();
    let (mut missing, mut stored, mut done) = (Vec::new(), Vec::new(), 0);
    for placed in new.frames().flatten() {
        done += placed.frame.len;
        if here.as_ref().is_some_and(|here| here.frame(placed, &mut stored).is_ok()) {
            continue;
        }
        let start = target.offer.file.payload.saturating_add(placed.offset);
        let same = known.binary_search_by_key(&placed.frame.sha256, |placed| placed.frame.sha256);
        let same = same.ok().and_then(|at| known.get(at)).filter(|same| same.frame.len == placed.frame.len);
        if same.is_some_and(|same| client.bundle.frame(*same, &mut stored).is_ok()) {
            target.write_at(&stored, start).map_err(UpdateError::disk("write", target.path))?;
            target.reached(done, total)?;
        } else {
            missing.push(Part { start, len: placed.frame.len });
        }
    }
    Ok(missing)
}

/// Fetches these parts, in order. False: the server has no ranges.
fn fetch_all(target: &mut Target<'_>, parts: &[Part]) -> Result<bool, UpdateError> {
    let parts = coalesced(parts);
    let total: u64 = parts.iter().map(|part| part.len).sum();
    let mut done = 0;
    for part in parts {
        if !fetch(target, part, (done, total))? {
            return Ok(false);
        }
        done += part.len;
    }
    Ok(true)
}

/// Neighbours become one part.
fn coalesced(parts: &[Part]) -> Vec<Part> {
    let mut joined: Vec<Part> = Vec::new();
    for part in parts {
        match joined.last_mut() {
            Some(last) if part.start <= last.end().saturating_add(GAP) => last.len = part.end() - last.start,
            _ => joined.push(*part),
        }
    }
    joined
}

/// Fetches one part, in as many requests as the connection breaks. False: the server has no ranges.
fn fetch(target: &mut Target<'_>, part: Part, (before, all): (u64, u64)) -> Result<bool, UpdateError> {
    let location = target.offer.location.clone();
    let mut at = part.start;
    let mut broken = 0;
    while at < part.end() {
        let wanted = Range { start: at, len: part.end() - at, total: target.offer.file.len };
        let Ok(body) = source::of(&location).range(&location, wanted) else { return Ok(false) };
        if body.start != at {
            return Ok(false);
        }
        let (reached, result) = target.take(body, part.end(), (before + at - part.start, all))?;
        at = reached;
        if let Err(error) = result {
            broken += 1;
            if broken > ATTEMPTS {
                return Err(target.broken(at, &error));
            }
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_fetched_together() {
        let part = |start, len| Part { start, len };
        let parts = [part(0, 10), part(10, 10), part(20 + GAP, 5), part(30 + 3 * GAP, 1)];
        assert_eq!(coalesced(&parts), [part(0, 25 + GAP), part(30 + 3 * GAP, 1)]);
        assert_eq!(coalesced(&[]), []);
    }
}
