//! Takes out of an installed tree what says where, when and by whom it was installed.
//!
//! Two installations of the same list, on other days and machines, are the same bytes afterwards. Gone are, together
//! with their lines in `RECORD`:
//! - `direct_url.json`, `uv_cache.json`, `uv_build.json`, `REQUESTED`, `INSTALLER`: paths, times and tools;
//! - `__pycache__`: compiled by whatever Python was at hand.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io;
use std::path::Path;

use walkdir::WalkDir;

use super::{dist_info, package_tests};
use crate::report::Report;

const NOTES: &[&str] = &["direct_url.json", "uv_cache.json", "uv_build.json", "REQUESTED", "INSTALLER"];

/// Tidies up the tree. Files are replaced, never changed in place: uv may have linked them from its cache.
pub(super) fn tidy(tree: &Path) -> anyhow::Result<()> {
    let mut gone = HashSet::new();
    for directory in dist_info::directories(tree)? {
        for note in NOTES {
            remove(tree, &directory.join(note), &mut gone)?;
        }
    }
    remove_bytecode(tree, &mut gone)?;
    for directory in dist_info::directories(tree)? {
        rewrite_record(&directory.join("RECORD"), &gone)?;
    }
    Ok(())
}

/// Takes out the packages' own tests, and their lines in `RECORD`. How many files of which packages.
pub(super) fn drop_tests(tree: &Path, report: &Report) -> anyhow::Result<BTreeMap<String, usize>> {
    let mut gone = HashSet::new();
    let left_out = package_tests::remove(tree, &mut gone)?;
    for (package, files) in &left_out {
        report.detail(format!("left out the tests of {package}: {files} files"));
    }
    for directory in dist_info::directories(tree)? {
        rewrite_record(&directory.join("RECORD"), &gone)?;
    }
    Ok(left_out)
}

fn remove_bytecode(tree: &Path, gone: &mut HashSet<String>) -> anyhow::Result<()> {
    for entry in WalkDir::new(tree).contents_first(true) {
        let entry = entry?;
        let inside = entry.path().parent().is_some_and(|p| p.file_name().is_some_and(|n| n == "__pycache__"));
        if inside && entry.file_type().is_file() {
            remove(tree, entry.path(), gone)?;
        } else if entry.file_type().is_dir() && entry.file_name() == "__pycache__" {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

fn remove(tree: &Path, file: &Path, gone: &mut HashSet<String>) -> anyhow::Result<()> {
    if ok_if_missing(fs::remove_file(file))?.is_some() {
        gone.insert(file.strip_prefix(tree)?.to_string_lossy().replace('\\', "/"));
    }
    Ok(())
}

fn rewrite_record(record: &Path, gone: &HashSet<String>) -> io::Result<()> {
    let Some(text) = ok_if_missing(fs::read_to_string(record))? else { return Ok(()) };
    let mut lines: Vec<&str> = text.lines().filter(|l| !gone.contains(&dist_info::path_in_record(l))).collect();
    lines.sort_unstable();
    let new = record.with_file_name("RECORD.new");
    fs::write(&new, lines.join("\n") + "\n")?;
    fs::rename(new, record)
}

/// After the bytecode of modules has taken their place: `x.py` becomes `x.pyc` in every `RECORD`, so that
/// `importlib.metadata` still tells which files, and thereby which modules, belong to a distribution.
///
/// # Errors
/// Those of the file system.
pub fn record_bytecode(tree: &Path) -> anyhow::Result<()> {
    for directory in dist_info::directories(tree)? {
        let record = directory.join("RECORD");
        let Some(text) = ok_if_missing(fs::read_to_string(&record))? else { continue };
        let replaced = |line: &str| {
            let path = dist_info::path_in_record(line);
            let gone = path.ends_with(".py") && !tree.join(&path).exists() && tree.join(format!("{path}c")).exists();
            // Bytecode has no hash there: it may be compiled again.
            match (gone, line.starts_with('"')) {
                (false, _) => format!("{line}\n"),
                (true, false) => format!("{path}c,,\n"),
                (true, true) => format!("\"{}c\",,\n", path.replace('"', "\"\"")),
            }
        };
        // Replaced, not changed in place: the file is shared.
        let new = record.with_file_name("RECORD.new");
        fs::write(&new, text.lines().map(replaced).collect::<String>())?;
        fs::rename(new, record)?;
    }
    Ok(())
}

fn ok_if_missing<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_this_machine_goes_and_the_record_knows() {
        let directory = tempfile::tempdir().unwrap();
        let tree = directory.path();
        let info = "a-1.dist-info";
        let files = [
            ("a/__init__.py", ""),
            ("a/__pycache__/__init__.cpython-313.pyc", "x"),
            ("a-1.dist-info/INSTALLER", "uv"),
            ("a-1.dist-info/direct_url.json", "{}"),
        ];
        let mut record = String::from("\"a/b,\"\"c\"\".py\",,\n");
        for (name, text) in files {
            fs::create_dir_all(tree.join(name).parent().unwrap()).unwrap();
            fs::write(tree.join(name), text).unwrap();
            record += &format!("{name},sha256=x,1\n");
        }
        fs::write(tree.join(info).join("RECORD"), record).unwrap();
        tidy(tree).unwrap();
        let mut left = WalkDir::new(tree).into_iter().map(|e| e.unwrap()).collect::<Vec<_>>();
        left.retain(|e| e.file_type().is_file());
        let mut left = left.iter().map(|e| e.path().strip_prefix(tree).unwrap().to_str().unwrap()).collect::<Vec<_>>();
        left.sort_unstable();
        assert_eq!(left, ["a-1.dist-info/RECORD", "a/__init__.py"]);
        assert!(!tree.join("a/__pycache__").exists());
        assert_eq!(
            fs::read_to_string(tree.join(info).join("RECORD")).unwrap(),
            "\"a/b,\"\"c\"\".py\",,\na/__init__.py,sha256=x,1\n"
        );
        // Later, the module's bytecode takes its place.
        fs::rename(tree.join("a/__init__.py"), tree.join("a/__init__.pyc")).unwrap();
        record_bytecode(tree).unwrap();
        assert_eq!(
            fs::read_to_string(tree.join(info).join("RECORD")).unwrap(),
            "\"a/b,\"\"c\"\".py\",,\na/__init__.pyc,,\n"
        );
        assert_eq!(dist_info::path_in_record("\"a/b,\"\"c\"\".py\",,"), "a/b,\"c\".py");
    }
}
