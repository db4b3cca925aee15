//! Small files that replace others: written under a name that nobody can guess, then renamed. So nobody reads an incomplete file,
//! and nobody else can have put a link where it is written.

use super::files;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// The end of the name of a file that is not renamed yet.
const END: &str = ".new";
/// The length of the part of the name that nobody can guess.
const DIGITS: usize = 16;

/// Writes a file, for everybody to read and for this account to write, in the place of what is at `path`. A link there is
/// replaced, not followed.
///
/// # Errors
/// When it can't be written. What was there is still there then, and nothing else.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{:0DIGITS$x}{END}", files::unguessable()));
    let new = path.with_file_name(name);
    let written = files::create_new(&new).and_then(|mut file| file.write_all(bytes));
    written.and_then(|()| fs::rename(&new, path)).inspect_err(|_| {
        let _ = fs::remove_file(&new);
    })
}

/// Whether this is what a process that was killed has left of a file that was to have this path.
pub fn is_unfinished(found: &Path, path: &Path) -> bool {
    let middle =
        |name: &str| Some(name.strip_prefix(path.file_name()?.to_str()?)?.strip_prefix('.')?.strip_suffix(END)?.len());
    found.parent() == path.parent() && found.file_name().and_then(|name| middle(name.to_str()?)) == Some(DIGITS)
}

/// Removes all of that. To be called when nobody else writes there.
pub fn remove_unfinished(path: &Path) {
    let entries = path.parent().and_then(|directory| fs::read_dir(directory).ok()).into_iter().flatten().flatten();
    for found in entries.map(|entry| entry.path()).filter(|found| is_unfinished(found, path)) {
        let _ = fs::remove_file(found);
    }
}

/// Creates a file that may be run, for everybody to read and for this account to write.
///
/// # Errors
/// When there is one, or it can't be created.
pub fn create_new_program(path: &Path) -> io::Result<fs::File> {
    files::create_new_program(path)
}

/// A number for a name that no other account can know beforehand.
pub fn unguessable() -> u64 {
    files::unguessable()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("entry");
        for text in ["one", "two"] {
            replace(&path, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        let directory = dir.path().join("directory");
        fs::create_dir_all(directory.join("full")).unwrap();
        assert!(replace(&directory, b"three").is_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
        for name in ["entry.0123456789abcdef.new", "entry.new", "entry.0123456789abcdef.old"] {
            fs::write(dir.path().join(name), "half").unwrap();
        }
        remove_unfinished(&path);
        assert!(!dir.path().join("entry.0123456789abcdef.new").exists());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4);
    }
}
