//! Takes the tests of third-party packages out of an installed tree, where nothing else of it refers to them.
//!
//! A package like pandas brings more files with tests than without. Nobody runs them in an app, but some packages import
//! their own, for what is in there besides (astropy its test runner). So a directory `tests` inside a package goes only
//! if no file outside of such directories names it: in an import, as the end of a dotted name in code, a docstring or
//! an entry point, or as a path beside the file itself (`join(dirname(__file__), "tests")`). What only looks like a
//! reference keeps all tests of its package.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use walkdir::WalkDir;

/// The name of the directories.
const TESTS: &str = "tests";

/// Removes them. Returns how many files of which top-level packages went, and puts their paths into `gone`.
///
/// # Errors
/// Those of the file system; a part of the tests is gone then.
pub(super) fn remove(tree: &Path, gone: &mut HashSet<String>) -> anyhow::Result<BTreeMap<String, usize>> {
    let mut candidates = Vec::new();
    let mut kept = HashSet::new();
    let mut entries = WalkDir::new(tree).min_depth(1).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let Some(top) = top_of(tree, entry.path()) else { continue };
        if entry.file_type().is_dir() {
            let of_a_package = entry.path().parent().is_some_and(|p| p != tree && p.join("__init__.py").is_file());
            if entry.file_name() == TESTS && of_a_package {
                candidates.push((top, entry.into_path()));
                entries.skip_current_dir();
            }
        } else if is_read(entry.path()) {
            // Whatever it names, it may be its own top-level package or another one.
            for named in references(&fs::read(entry.path())?) {
                kept.insert(if named.is_empty() { top.clone() } else { named });
            }
        }
    }
    let mut removed = BTreeMap::new();
    for (top, directory) in candidates.into_iter().filter(|(top, _)| !kept.contains(top)) {
        for file in WalkDir::new(&directory) {
            let file = file?;
            if !file.file_type().is_dir() {
                gone.insert(file.path().strip_prefix(tree)?.to_string_lossy().replace('\\', "/"));
                *removed.entry(top.clone()).or_insert(0) += 1;
            }
        }
        fs::remove_dir_all(directory)?;
    }
    Ok(removed)
}

fn top_of(tree: &Path, path: &Path) -> Option<String> {
    let first = path.strip_prefix(tree).ok()?.components().next()?;
    Some(first.as_os_str().to_str()?.to_owned())
}

/// Sources, type stubs that some packages load lazily by, entry points.
fn is_read(file: &Path) -> bool {
    let has_name = |wanted: &str| file.file_name().is_some_and(|name| name == wanted);
    // The last is read by pytest alone, which looks for it where tests are.
    (file.extension().is_some_and(|e| ["py", "pyi", "pyx", "pth"].iter().any(|known| e == *known))
        || has_name("entry_points.txt"))
        && !has_name("conftest.py")
}

/// The top-level packages whose tests this text refers to; empty for the one the text belongs to.
fn references(text: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let is_word = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80);
    let starts = text.windows(TESTS.len()).enumerate().filter(|(_, window)| *window == TESTS.as_bytes());
    for (start, _) in starts {
        let (before, after) = (&text[..start], &text[start + TESTS.len()..]);
        if is_word(before.last()) || is_word(after.first()) {
            continue;
        }
        let line = before.rsplit(|b| *b == b'\n').next().unwrap_or(before).trim_ascii_start();
        let rest = after.split(|b| *b == b'\n').next().unwrap_or(after).trim_ascii();
        let name = line.iter().rposition(|b| !is_word(Some(b)) && *b != b'.').map_or(line, |at| &line[at + 1..]);
        if name.ends_with(b".") {
            found.push(String::from_utf8_lossy(name.split(|b| *b == b'.').next().unwrap_or(name)).into_owned());
        } else if line.starts_with(b"import ") || line.starts_with(b"from ") {
            let from = line.strip_prefix(b"from ").map(<[u8]>::trim_ascii_start).unwrap_or_default();
            let top = from.split(|b| *b == b'.' || b.is_ascii_whitespace()).next().unwrap_or_default();
            found.push(String::from_utf8_lossy(top).into_owned());
            // It may be a relative one all the same, as in a package of Python 2's time.
            found.push(String::new());
        } else if is_path(line, after, rest) {
            found.push(String::new());
        } else if line.is_empty() && (rest.is_empty() || rest.starts_with(b",") || rest.starts_with(b")")) {
            // A line of an import in parentheses.
            found.push(String::new());
        }
    }
    found
}

/// Whether it is a part of a path in quotes, in a line that says where the file or its package is.
fn is_path(line: &[u8], after: &[u8], rest: &[u8]) -> bool {
    let is_quote = |byte: Option<&u8>| byte.is_some_and(|b| b"\"'".contains(b));
    let begins = is_quote(line.last()) || line.ends_with(b"/");
    let ends = is_quote(after.first()) || after.starts_with(b"/");
    let says_where = |text: &[u8]| {
        let names: [&[u8]; 5] = [b"__file__", b"__path__", b"__name__", b"__package__", b"files("];
        names.iter().any(|name| text.windows(name.len()).any(|window| window == *name))
    };
    begins && ends && (says_where(line) || says_where(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_imports_and_dotted_names() {
        for (text, expected) in [
            ("# the tests are elsewhere\nrun_tests()\nself_tests = 1\ntests_dir = 'tests'\n", vec![]),
            ("from .tests import helper\n", vec![""]),
            ("from ..tests.runner import main", vec![""]),
            ("from . import tests", vec!["", ""]),
            ("from . import (\n    core,\n    tests,\n)", vec![""]),
            ("import_module('.tests', __name__)", vec![""]),
            ("import numpy.tests as t", vec!["numpy"]),
            ("    from numpy.core import tests", vec!["numpy", ""]),
            ("name = \"pandas.io.tests\"", vec!["pandas"]),
            ("pytest.main([join(dirname(__file__), \"tests\")])", vec![""]),
            ("SUITE = Path(__file__).parent / 'tests/suite'", vec![""]),
            ("data = files('memote') / \"tests\"", vec![""]),
            ("resource_filename(__name__, 'data/tests')", vec![""]),
            ("_test_dir = os.path.join(_pkg_dir, \"tests\") + os.sep", vec![]),
            ("__name__ = 'runs tests'", vec![]),
            ("[pytest11]\na = astropy.tests.plugin", vec!["astropy"]),
        ] {
            assert_eq!(references(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn tests_go_where_nothing_refers_to_them() {
        let directory = tempfile::tempdir().unwrap();
        let tree = directory.path();
        for (file, text) in [
            ("plain/__init__.py", "def test(): 'runs the tests'\n"),
            ("plain/tests/__init__.py", "from plain.tests import x\n"),
            ("plain/conftest.py", "from plain.tests import x\n"),
            ("plain/deep/__init__.py", ""),
            ("plain/deep/tests/data.csv", "1"),
            ("plain/data/tests/x.json", "not inside a package"),
            ("needs/__init__.py", "from .tests.runner import run\n"),
            ("needs/tests/runner.py", ""),
            ("named/__init__.py", ""),
            ("named/tests/x.py", ""),
            ("other/__init__.py", "import named.tests.x\n"),
            ("tests/__init__.py", "a package of this name"),
        ] {
            fs::create_dir_all(tree.join(file).parent().unwrap()).unwrap();
            fs::write(tree.join(file), text).unwrap();
        }
        let mut gone = HashSet::new();
        assert_eq!(remove(tree, &mut gone).unwrap(), BTreeMap::from([("plain".to_owned(), 2)]));
        let mut gone: Vec<_> = gone.into_iter().collect();
        gone.sort();
        assert_eq!(gone, ["plain/deep/tests/data.csv", "plain/tests/__init__.py"]);
        for stays in ["plain/data/tests/x.json", "needs/tests/runner.py", "named/tests/x.py", "tests/__init__.py"] {
            assert!(tree.join(stays).is_file(), "{stays}");
        }
        assert!(!tree.join("plain/tests").exists() && !tree.join("plain/deep/tests").exists());
    }
}
