//! The renames that put a file in the place of another.
//!
//! One rename that replaces is best: at every moment there is the one file or the other. Windows refuses it while somebody
//! runs the old file (its image section forbids deleting), also on a share; but it allows to rename that file. Then the
//! old one is renamed first, and for a moment between the two renames there is no file of that name. If the second rename fails,
//! the first is undone. If the process is killed between them, the next publish undoes the first.

use std::cell::RefCell;
use std::io;
use std::path::Path;

use launcher::sys::renaming;
use tempfile::TempPath;

/// Why the new file is not in place.
#[derive(Debug, thiserror::Error)]
pub(super) enum SwapError {
    /// The old file can be neither replaced nor renamed.
    #[error("the file in its place can be neither replaced ({replace}) nor renamed")]
    Held {
        /// Why it can't be replaced.
        replace: io::Error,
        #[source]
        rename: io::Error,
    },
    /// The new file could not be renamed into place; the old one is in place again.
    #[error("could not rename the copy")]
    Refused(#[source] io::Error),
    /// Neither file is in place now.
    #[error("could not rename the copy, nor the earlier file back from `{aside}`")]
    Lost {
        aside: String,
        #[source]
        source: io::Error,
    },
}

/// Renames `new` to `place`. The file there is replaced, or renamed onto the empty file that `step_aside` makes.
///
/// # Errors
/// As [`SwapError`] says.
pub(super) fn swap(
    new: &Path,
    place: &Path,
    step_aside: impl FnOnce() -> io::Result<TempPath>,
    rename: &mut impl FnMut(&Path, &Path) -> io::Result<()>,
) -> Result<(), SwapError> {
    let Err(replace) = rename(new, place) else { return Ok(()) };
    if !place.exists() {
        return Err(SwapError::Refused(replace));
    }
    // It is renamed onto a file of ours, because at a free name somebody else could create a file at the last moment. The empty
    // file is removed when it is dropped.
    let aside = match step_aside().and_then(|aside| rename(place, &aside).map(|()| aside)) {
        Ok(aside) => aside.keep().map_err(|e| SwapError::Refused(e.error))?,
        Err(error) => return Err(SwapError::Held { replace, rename: error }),
    };
    let aside = aside.as_path();
    let Err(refused) = patiently(|| rename(new, place)) else { return Ok(()) };
    match patiently(|| rename(aside, place)) {
        Ok(()) => Err(SwapError::Refused(refused)),
        Err(source) => Err(SwapError::Lost { aside: aside.display().to_string(), source }),
    }
}

/// `std::fs::rename`, which replaces a file that is there.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)
}

/// Retries on Windows, where a scanner that looks at a new file denies everything else for a moment.
fn patiently(act: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    let act = RefCell::new(act);
    let attempt = || (act.borrow_mut())();
    if cfg!(windows) { renaming::retry(&attempt, &mut || true) } else { attempt() }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Swaps with renames of which those at these positions fail. What is in place then, what is aside, and the error.
    fn swapped(failing: &[usize]) -> (Option<String>, Option<String>, Option<SwapError>) {
        let directory = tempfile::tempdir().unwrap();
        let [new, place, aside] = ["new", "place", "aside"].map(|name| directory.path().join(name));
        fs::write(&new, "new").unwrap();
        fs::write(&place, "old").unwrap();
        let mut calls = 0;
        let step_aside = || fs::write(&aside, "").and_then(|()| TempPath::try_from_path(&aside));
        let result = swap(&new, &place, step_aside, &mut |from, to| {
            calls += 1;
            if failing.contains(&calls) { Err(io::Error::other("no")) } else { rename(from, to) }
        });
        (fs::read_to_string(&place).ok(), fs::read_to_string(&aside).ok(), result.err())
    }

    #[test]
    fn a_free_file_is_replaced_by_one_rename() {
        assert!(matches!(swapped(&[]), (Some(place), None, None) if place == "new"));
    }

    #[test]
    fn a_file_in_use_steps_aside() {
        let found = swapped(&[1]);
        assert!(matches!(&found, (Some(place), Some(aside), None) if place == "new" && aside == "old"), "{found:?}");
    }

    #[test]
    fn what_fails_is_undone() {
        let found = swapped(&[1, 2]);
        assert!(matches!(&found, (Some(place), None, Some(SwapError::Held { .. })) if place == "old"), "{found:?}");
        let found = swapped(&[1, 3]);
        assert!(matches!(&found, (Some(place), None, Some(SwapError::Refused(_))) if place == "old"), "{found:?}");
        let found = swapped(&[1, 3, 4]);
        assert!(matches!(&found, (None, Some(aside), Some(SwapError::Lost { .. })) if aside == "old"), "{found:?}");
    }
}
