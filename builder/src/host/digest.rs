//! SHA-256 digests in hexadecimal: of files, of directory trees, and of the facts that make up a cache entry's name.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use crate::host::system;
use crate::report::failure::Failure;

/// The digest of a file's bytes.
///
/// # Errors
/// Those of reading it.
pub(crate) fn of_file(path: &Path) -> io::Result<String> {
    of_reader(&mut File::open(path)?)
}

/// The digest of everything up to the end of the reader.
///
/// # Errors
/// Those of reading it.
pub(crate) fn of_reader(reader: &mut dyn Read) -> io::Result<String> {
    let mut sha = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(hex(&sha.finalize())),
            Ok(count) => sha.update(&buffer[..count]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// The digest of bytes.
pub(crate) fn of_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The message for a file that is not the expected one.
pub(crate) fn mismatch(what: impl Display, expected: &str, found: &str) -> Failure {
    Failure::new(format!("SHA-256 mismatch: expected {expected}, got {found}: `{what}`"))
        .help("the file is not the one that was chosen: find out why it changed before you trust it")
}

/// The digest of a list of facts. Different lists have different digests, also if they read the same when joined.
pub(crate) fn of_facts<'a>(facts: impl IntoIterator<Item = &'a str>) -> String {
    let mut sha = Sha256::new();
    for fact in facts {
        sha.update((fact.len() as u64).to_le_bytes());
        sha.update(fact.as_bytes());
    }
    hex(&sha.finalize())
}

/// The digest of a directory tree: paths, executable bits and content of files, and the targets of links.
///
/// # Errors
/// Those of reading it.
pub(crate) fn of_directory(directory: &Path) -> anyhow::Result<String> {
    let mut facts = Vec::new();
    for entry in WalkDir::new(directory).sort_by_file_name() {
        let entry = entry?;
        let path = || anyhow::Ok(entry.path().strip_prefix(directory)?.to_string_lossy().replace('\\', "/"));
        if entry.file_type().is_symlink() {
            facts.extend([path()?, "link".to_owned(), system::link_target(entry.path())?.unwrap_or_default()]);
            continue;
        }
        if !entry.file_type().is_file() {
            continue;
        }
        let path = path()?;
        let executable = system::is_executable(entry.path(), &entry.metadata()?)?;
        facts.extend([path, executable.to_string(), of_file(entry.path())?]);
    }
    Ok(of_facts(facts.iter().map(String::as_str)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn facts_do_not_run_into_each_other() {
        assert_ne!(of_facts(["ab", "c"]), of_facts(["a", "bc"]));
        assert_eq!(of_bytes(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(of_reader(&mut &b"abc"[..]).unwrap(), of_bytes(b"abc"));
    }

    #[test]
    fn a_directory_is_its_paths_and_its_bytes() {
        let make = |files: &[(&str, &str)]| {
            let directory = tempfile::tempdir().unwrap();
            for (name, text) in files {
                fs::write(directory.path().join(name), text).unwrap();
            }
            of_directory(directory.path()).unwrap()
        };
        assert_eq!(make(&[("a", "1"), ("b", "2")]), make(&[("b", "2"), ("a", "1")]));
        assert_ne!(make(&[("a", "1"), ("b", "2")]), make(&[("a", "12"), ("b", "")]));
        assert_ne!(make(&[("a", "1")]), make(&[("b", "1")]));
    }
}
