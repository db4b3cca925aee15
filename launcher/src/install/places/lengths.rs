//! How long a path may be on Windows, checked before anything is extracted.
//!
//! 260 characters with the NUL at the end, or `MAX_PATH`, bind most programs
//! (<https://learn.microsoft.com/en-us/windows/win32/fileio/maximum-file-path-limitation>). The launcher itself could make
//! longer ones. CPython can use them where an admin has enabled them; but Windows starts no program with a longer path.

use std::path::{Path, PathBuf};

use super::{Needed, Refusal};
use crate::install::layout::InstallRoot;
use bundle::Bundle;
use bundle::index::Index;
use bundle::source::Source;

/// Characters of a path, as Windows counts them, without the NUL.
const MOST: usize = 259;

/// The longest paths that a version has, from its install root on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::install) struct Lengths {
    program: usize,
    file: usize,
}

impl Lengths {
    /// Of what a bundle installs.
    pub(super) fn from_bundle<S: Source>(bundle: &Bundle<S>, index: &Index) -> Self {
        let record = bundle.record();
        let version_dir = InstallRoot::at(PathBuf::new()).version_dir(&record.app.version, bundle.digest());
        let below = |path: &str| length(&version_dir) + 1 + path.encode_utf16().count();
        let entries = index.entries();
        Self {
            program: below(record.start.interpreter.as_str()),
            file: entries.map(|entry| below(entry.path.as_str())).max().unwrap_or_default(),
        }
    }
}

/// Checks that all of them are short enough in this root. `long_paths`: whether the system has them enabled; `None` where there is
/// no such limit.
pub(super) fn check(root: &Path, needed: Needed, long_paths: Option<bool>) -> Result<(), Refusal> {
    let Some(long_paths) = long_paths else { return Ok(()) };
    let Lengths { program, file } = needed.lengths;
    let below = if long_paths { program } else { program.max(file) };
    match (length(root) + 1 + below).saturating_sub(MOST) {
        0 => Ok(()),
        by => Err(Refusal::TooLong { path: root.to_path_buf(), by, can_be_lifted: !long_paths }),
    }
}

/// In UTF-16, of the bytes in which std keeps paths, which are UTF-8 and a little more.
fn length(path: &Path) -> usize {
    let units = |byte: &u8| match byte {
        // Not the first one of a character.
        0x80..0xc0 => 0,
        // The first of four: it is beyond 16 bits.
        0xf0.. => 2,
        _ => 1,
    };
    path.as_os_str().as_encoded_bytes().iter().map(units).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_at_most_259_characters_and_a_letter_beyond_16_bits_counts_twice() {
        let needed = Needed { bytes: 0, lengths: Lengths { program: 40, file: 100 } };
        let root = |length: usize| PathBuf::from("r".repeat(length));
        let by = |root: &Path, long_paths| match check(root, needed, long_paths) {
            Ok(()) => 0,
            Err(Refusal::TooLong { by, .. }) => by,
            Err(other) => panic!("{other}"),
        };
        for (length, long_paths, expected) in
            [(158, Some(false), 0), (159, Some(false), 1), (218, Some(true), 0), (219, Some(true), 1), (5000, None, 0)]
        {
            assert_eq!(by(&root(length), long_paths), expected, "{length} {long_paths:?}");
        }
        assert_eq!(by(Path::new(&"🍱".repeat(80)), Some(false)), 2);
        assert_eq!(by(Path::new(&"東".repeat(160)), Some(false)), 2);
        assert_eq!(by(Path::new(&"ü".repeat(160)), Some(false)), 2);
    }
}
