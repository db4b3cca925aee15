//! The parts of wheels, each where it belongs: packages, commands, and files for `sys.prefix` such as `share/` and `etc/`.
//!
//! uv installs as into a virtual environment of this machine (`--prefix`), whose directories are not those of the target. A tree
//! is a `site-packages`. So what belongs elsewhere goes into [`PREFIX`], a directory of the tree whose content is packed to the
//! top of a version dir, and each `RECORD` says where its files will be, seen from the packages.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

use walkdir::WalkDir;

use super::dist_info;
use crate::platform::{PREFIX, Platform, PythonVersion};

/// Where everything is in a version dir.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout<'a> {
    platform: &'a dyn Platform,
    version: &'a PythonVersion,
}

/// Where a file is installed.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// Among the packages.
    Packages(String),
    /// Below `sys.prefix`.
    Prefix(String),
    /// Nowhere: it is a header of C for those who compile extensions, or uv's own lock.
    Nowhere,
}

impl<'a> Layout<'a> {
    pub(super) fn new(platform: &'a dyn Platform, version: &'a PythonVersion) -> Self {
        Self { platform, version }
    }

    /// The path of a command in a `RECORD`.
    pub(super) fn command_in_record(self, name: &str) -> String {
        format!("{}{}/{name}", self.up(), self.platform.commands())
    }

    /// From the packages to the top of a version dir.
    fn up(self) -> String {
        "../".repeat(self.platform.site_packages(self.version).split('/').count())
    }

    /// Moves everything that uv has installed below `prefix` into `tree`.
    ///
    /// # Errors
    /// Those of the file system.
    pub(super) fn lay_out(self, prefix: &Path, tree: &Path) -> anyhow::Result<()> {
        for entry in WalkDir::new(prefix) {
            let entry = entry?;
            if entry.file_type().is_dir() {
                continue;
            }
            let path = entry.path().strip_prefix(prefix)?.to_string_lossy().replace('\\', "/");
            if path.ends_with(".dist-info/RECORD") {
                self.rewrite_record(entry.path(), &path)?;
            }
            let to = match self.place(&path) {
                Place::Packages(path) => tree.join(path),
                Place::Prefix(path) => tree.join(PREFIX).join(path),
                Place::Nowhere => continue,
            };
            fs::create_dir_all(to.parent().unwrap_or(tree))?;
            fs::rename(entry.path(), to)?;
        }
        Ok(())
    }

    /// Where a file belongs that uv has put at `path` below its prefix.
    fn place(self, path: &str) -> Place {
        let parts: Vec<&str> = path.split('/').collect();
        let is = |number: usize, name: &str| parts.get(number).is_some_and(|part| part.eq_ignore_ascii_case(name));
        let after = |count: usize| parts.get(count..).unwrap_or_default().join("/");
        if is(0, "include") && is(1, "site") || path == ".lock" {
            return Place::Nowhere;
        }
        if (is(0, "bin") || is(0, "Scripts")) && parts.len() > 1 {
            return Place::Prefix(format!("{}/{}", self.platform.commands(), after(1)));
        }
        let has_version = parts.get(1).is_some_and(|part| part.starts_with("python3."));
        match is(0, "lib") || is(0, "lib64") {
            true if has_version && is(2, "site-packages") => Place::Packages(after(3)),
            true if is(1, "site-packages") => Place::Packages(after(2)),
            _ => Place::Prefix(path.to_owned()),
        }
    }

    fn rewrite_record(self, record: &Path, path: &str) -> io::Result<()> {
        let directory = path.rsplit_once(".dist-info/").and_then(|(before, _)| before.rsplit_once('/'));
        let packages = directory.map_or("", |(directory, _)| directory);
        replace_lines(record, |line| {
            let listed = dist_info::path_in_record(line);
            let rest = &line[dist_info::length_of_path_in_record(line)..];
            let placed = match self.place(&dist_info::joined(packages, &listed)) {
                Place::Packages(path) => path,
                Place::Prefix(path) => format!("{}{path}", self.up()),
                Place::Nowhere => return Vec::new(),
            };
            vec![format!("{}{rest}", dist_info::in_record(&placed))]
        })
    }

    /// Notes in each `RECORD` of `tree` that commands were replaced by others, which have no hash there.
    ///
    /// # Errors
    /// Those of the file system.
    pub(super) fn record_commands(self, tree: &Path, replaced: &HashMap<String, Vec<String>>) -> io::Result<()> {
        let all: HashMap<String, &Vec<String>> =
            replaced.iter().map(|(name, by)| (self.command_in_record(name), by)).collect();
        for directory in dist_info::directories(tree)? {
            replace_lines(&directory.join("RECORD"), |line| match all.get(&dist_info::path_in_record(line)) {
                Some(names) => names
                    .iter()
                    .map(|name| format!("{},,", dist_info::in_record(&self.command_in_record(name))))
                    .collect(),
                None => vec![line.to_owned()],
            })?;
        }
        Ok(())
    }
}

/// Replaces each line of a `RECORD`, and the file as a whole: uv may have linked it from its cache.
fn replace_lines(record: &Path, replace: impl Fn(&str) -> Vec<String>) -> io::Result<()> {
    let text = match fs::read_to_string(record) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        text => text?,
    };
    let mut lines: Vec<String> = text.lines().flat_map(replace).collect();
    lines.sort_unstable();
    let new = record.with_file_name("RECORD.new");
    fs::write(&new, lines.join("\n") + "\n")?;
    fs::rename(new, record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{LINUX, WINDOWS};

    #[test]
    fn each_part_of_a_wheel_is_moved_and_the_record_knows() {
        let version = "3.13.2".parse().unwrap();
        for (platform, up, commands) in [(LINUX, "../../../", "bin"), (WINDOWS, "../../", "Scripts")] {
            for (packages, uv_commands, climb) in
                [("lib/python3.11/site-packages", "bin", "../../../"), ("Lib/site-packages", "Scripts", "../../")]
            {
                let directory = tempfile::tempdir().unwrap();
                let (prefix, tree) = (directory.path().join("prefix"), directory.path().join("tree"));
                let mut record = String::new();
                for name in [
                    &*format!("{climb}{uv_commands}/tool"),
                    &format!("{climb}share/a,b/x"),
                    &format!("{climb}lib/liba.so.2"),
                    &format!("{climb}include/site/python3.11/a/a.h"),
                    "bin/code.py",
                    "a-1.dist-info/METADATA",
                ] {
                    let file = prefix.join(dist_info::joined(packages, name));
                    fs::create_dir_all(file.parent().unwrap()).unwrap();
                    fs::write(file, "").unwrap();
                    record += &format!("{},h,1\n", dist_info::in_record(name));
                }
                fs::write(prefix.join(packages).join("a-1.dist-info/RECORD"), record).unwrap();
                let layout = Layout::new(platform, &version);
                layout.lay_out(&prefix, &tree).unwrap();
                layout
                    .record_commands(&tree, &HashMap::from([("tool".into(), vec!["t1".into(), "t2".into()])]))
                    .unwrap();
                for moved in [&*format!("{PREFIX}/{commands}/tool"), "ekiben-prefix/share/a,b/x", "bin/code.py"] {
                    assert!(tree.join(moved).is_file(), "{moved}");
                }
                assert!(!tree.join(PREFIX).join("include").exists());
                assert_eq!(
                    fs::read_to_string(tree.join("a-1.dist-info/RECORD")).unwrap(),
                    format!(
                        "\"{up}share/a,b/x\",h,1\n{up}{commands}/t1,,\n{up}{commands}/t2,,\n{up}lib/liba.so.2,h,1\n\
                         a-1.dist-info/METADATA,h,1\nbin/code.py,h,1\n"
                    )
                );
            }
        }
    }
}
