//! The repository's files, as the rules look at them.

use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// One source file.
pub(crate) struct SourceFile {
    /// From the repository's top, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl SourceFile {
    /// The text before its unit tests.
    pub(crate) fn code(&self) -> &str {
        self.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(&self.text)
    }

    /// Whether it belongs to the launcher's layer over the operating system, or is a leaf for one system: `linux.rs`, `unix.rs`,
    /// `windows.rs`, or in a directory of that name.
    pub(crate) fn is_system_leaf(&self) -> bool {
        let is_leaf = |part: &str| matches!(part.strip_suffix(".rs").unwrap_or(part), "linux" | "unix" | "windows");
        self.path.starts_with("launcher/src/sys/") || self.path.split('/').any(is_leaf)
    }
}

pub(crate) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Every Rust file below these directories.
pub(crate) fn rust(directories: &[&str]) -> Vec<SourceFile> {
    let files = with_extension("rs").into_iter();
    let files: Vec<_> = files.filter(|f| directories.iter().any(|d| f.path.starts_with(d))).collect();
    assert!(!files.is_empty(), "no sources in {directories:?}");
    files
}

/// Every file of the repository with this extension.
pub(crate) fn with_extension(extension: &str) -> Vec<SourceFile> {
    let ours = |name: &str| name != "target" && name != ".git" && name != "node_modules";
    let walk = WalkDir::new(top()).sort_by_file_name().into_iter();
    walk.filter_entry(|e| e.file_name().to_str().is_some_and(ours))
        .map(|e| e.unwrap().into_path())
        .filter(|path| path.is_file() && path.extension().is_some_and(|e| e == extension))
        .map(|path| SourceFile {
            path: path.strip_prefix(top()).unwrap().to_str().unwrap().replace('\\', "/"),
            text: fs::read_to_string(&path).unwrap(),
        })
        .collect()
}
