//! How the files of a CPython installation tell its version.

use std::fs;
use std::path::Path;

/// The names in a directory that are text; `None` when it can't be read.
pub(super) fn names_in(directory: &Path) -> Option<impl Iterator<Item = String> + use<>> {
    let entries = fs::read_dir(directory).ok()?;
    Some(entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()))
}

/// The patch in `patchlevel.h`: `#define PY_MICRO_VERSION 2`
pub(super) fn patch_in_header(header: &Path) -> Option<u8> {
    let text = fs::read_to_string(header).ok()?;
    let mut lines = text.lines().map(str::split_whitespace);
    lines
        .find_map(|mut words| {
            (words.next() == Some("#define") && words.next() == Some("PY_MICRO_VERSION")).then(|| words.next())?
        })?
        .parse()
        .ok()
}

/// The file version in the DLL's resources is 3.13.2150.1013: the patch, then release level and serial.
pub(super) fn patch_in_dll(dll: &Path) -> Option<u8> {
    /// How a `VS_FIXEDFILEINFO` begins. Eight bytes after it: the version's upper half.
    const SIGNATURE: [u8; 8] = [0xbd, 0x04, 0xef, 0xfe, 0, 0, 1, 0];
    let bytes = fs::read(dll).ok()?;
    let start = bytes.windows(SIGNATURE.len()).position(|window| window == SIGNATURE)?;
    let field = bytes.get(start + 14..start + 16)?;
    u8::try_from(u16::from_le_bytes([field[0], field[1]]) / 1000).ok()
}
