//! The C library of this machine: the one thing that an app needs and no bundle has.

use std::fs;
use std::path::Path;

/// The loader that every program for glibc names.
const LOADER: &str = "/lib64/ld-linux-x86-64.so.2";

/// Where distributions have the library.
const LIBRARIES: &[&str] = &[
    "/lib/x86_64-linux-gnu/libc.so.6",
    "/lib64/libc.so.6",
    "/usr/lib/x86_64-linux-gnu/libc.so.6",
    "/usr/lib64/libc.so.6",
    "/usr/lib/libc.so.6",
];

/// What this machine has in the place of glibc `needed`, `2.34`. `None` if it has that or a newer one, or if it can't be told.
pub(crate) fn instead_of(needed: &str) -> Option<String> {
    if fs::metadata(LOADER).is_err() {
        return Some(if has_musl() { "musl" } else { "no glibc" }.to_owned());
    }
    let found = LIBRARIES.iter().find_map(|path| version(&fs::read(Path::new(path)).ok()?))?;
    (numbers(&found) < numbers(needed)).then(|| format!("glibc {found}"))
}

fn has_musl() -> bool {
    let names = fs::read_dir("/lib").into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.into_iter().any(|name| name.as_encoded_bytes().starts_with(b"ld-musl-"))
}

/// Of the text that each glibc contains: `GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.`
fn version(library: &[u8]) -> Option<String> {
    const BEFORE: &[u8] = b" release version ";
    let start = library.windows(BEFORE.len()).position(|part| part == BEFORE)? + BEFORE.len();
    let text = library[start..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.');
    let text: String = text.map(|byte| char::from(*byte)).collect();
    Some(text.trim_end_matches('.').to_owned()).filter(|text| !text.is_empty())
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_library_is_told_and_one_as_new_or_newer_is_not() {
        let text = b"\0GNU C Library (Debian GLIBC 2.36-9+deb12u4) stable release version 2.36.\nCopyright";
        assert_eq!(version(text).unwrap(), "2.36");
        assert_eq!(version(b"\x7fELF"), None);
        assert!(numbers("2.9") < numbers("2.17") && numbers("2.36") < numbers("2.36.1"));
        assert_eq!(instead_of("2.2"), None);
        assert!(instead_of("9.99").unwrap().starts_with("glibc 2."));
    }
}
