//! The commands of a package that are not entry points, but files of their own.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use crate::config::Program;

/// What their directory is called in an entry point, on all systems.
const FOLDER: &str = "bin";

/// The programs in a directory of commands, by the command that starts each, without those that installers generate for
/// entry points.
pub(super) fn installed(directory: &Path, entry_points: &[&String]) -> io::Result<BTreeMap<String, Program>> {
    let mut programs = BTreeMap::new();
    let entries = match fs::read_dir(directory) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(programs),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
        let command = name.strip_suffix(".exe").unwrap_or(&name).to_owned();
        if entry_points.contains(&&command) || !entry.file_type()?.is_file() {
            continue;
        }
        let mut start = Vec::new();
        fs::File::open(entry.path())?.take(512).read_to_end(&mut start)?;
        if let Some(program) = program(&name, &start) {
            programs.insert(command, program);
        }
    }
    Ok(programs)
}

/// The program in a wheel's `*.data/scripts` that begins like this, if it is one that a bundle can start.
pub(super) fn program(name: &str, start: &[u8]) -> Option<Program> {
    let path = format!("{FOLDER}/{name}");
    if starts_a_python(start) {
        Some(Program::Script(path))
    } else if start.starts_with(b"\x7fELF") || start.starts_with(b"MZ") {
        Some(Program::Native(path))
    } else {
        None
    }
}

/// How a script begins where the path of the interpreter is too long for a first line: `/bin/sh` starts it.
const BY_SHELL: &[u8] = b"#!/bin/sh\n'''exec'";

/// Whether a file that begins like this is a script for a Python.
pub(super) fn starts_a_python(start: &[u8]) -> bool {
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let names_it = || String::from_utf8_lossy(line).to_ascii_lowercase().contains("python");
    start.starts_with(BY_SHELL) || line.starts_with(b"#!") && names_it()
}

/// The text of a script for a Python after the lines that name one.
pub(super) fn without_interpreter(text: &[u8]) -> &[u8] {
    let count = if text.starts_with(BY_SHELL) { 3 } else { 1 };
    text.splitn(count + 1, |byte| *byte == b'\n').nth(count).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_native_programs_are_known_by_how_they_begin() {
        let tree = tempfile::tempdir().unwrap();
        assert!(installed(&tree.path().join("missing"), &[]).unwrap().is_empty());
        let files = [
            ("s3cmd", &b"#!/usr/bin/python3\n"[..]),
            ("long", b"#!/bin/sh\n'''exec' /very/long"),
            ("ruff", b"\x7fELF\x02"),
            ("uv.exe", b"MZ"),
            ("complete.sh", b"#!/bin/bash\n"),
            ("http", b"#!/usr/bin/python3\n"),
        ];
        files.iter().for_each(|(name, text)| fs::write(tree.path().join(name), text).unwrap());
        let found = installed(tree.path(), &[&"http".to_owned()]).unwrap();
        let expected = [
            ("long", Program::Script("bin/long".into())),
            ("ruff", Program::Native("bin/ruff".into())),
            ("s3cmd", Program::Script("bin/s3cmd".into())),
            ("uv", Program::Native("bin/uv.exe".into())),
        ];
        assert_eq!(found, expected.map(|(name, program)| (name.to_owned(), program)).into());
    }
}
