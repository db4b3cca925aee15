//! Whose a file is: the distribution that lists it in its `RECORD`, or a part of CPython.

use std::collections::HashMap;

use crate::dependencies::{joined, path_in_record};
use crate::platform;

/// Which file belongs to which distribution.
pub(crate) struct Owners {
    /// From paths below the version dir.
    listed: HashMap<String, String>,
    app: String,
}

impl Owners {
    /// From all `RECORD` files: paths and texts. What of the application layer none of them lists is `app`'s.
    pub(crate) fn new(record_files: &[(String, String)], app: &str) -> Self {
        let mut listed = HashMap::new();
        for (path, text) in record_files {
            let Some((top, name)) = dist_info(path) else { continue };
            let name = name.replacen('-', " ", 1);
            for line in text.lines().filter(|line| !line.is_empty()) {
                listed.insert(joined(top, &path_in_record(line)), name.clone());
            }
        }
        Self { listed, app: app.to_owned() }
    }

    /// The owner of a file.
    pub(crate) fn of(&self, layer: &str, path: &str) -> String {
        let source = source_of(path);
        let command = command_of(path);
        let names = [Some(path), source.as_deref(), command.as_deref()].into_iter().flatten();
        let listed = names.filter_map(|path| self.listed.get(path)).next();
        let in_dist_info = || dist_info(path).map(|(_, name)| name.replacen('-', " ", 1));
        match (listed, layer) {
            // The app's own metadata is the app.
            (_, "application") if listed.is_none_or(|name| is_named(name, &self.app)) => self.app.clone(),
            (Some(name), _) => name.clone(),
            (None, "runtime") => runtime(path).to_owned(),
            (None, _) => in_dist_info().unwrap_or_else(|| "no distribution".to_owned()),
        }
    }
}

/// Whether a path is that of a distribution's list of files.
pub(crate) fn is_record(path: &str) -> bool {
    path.ends_with(".dist-info/RECORD")
}

/// The directory that packages are in, and `rich-14.0.0`, of a file in `rich-14.0.0.dist-info`.
fn dist_info(path: &str) -> Option<(&str, &str)> {
    let (before, _) = path.split_once(".dist-info/")?;
    Some(before.rsplit_once('/').unwrap_or(("", before)))
}

fn is_named(distribution: &str, app: &str) -> bool {
    let name = distribution.split(' ').next().unwrap_or(distribution);
    crate::config::normalised(name) == crate::config::normalised(app)
}

/// `p/x.py` of `p/__pycache__/x.cpython-313.pyc`, which no RECORD lists.
pub(crate) fn source_of(path: &str) -> Option<String> {
    let (directory, name) = path.split_once("__pycache__/")?;
    Some(format!("{directory}{}.py", name.split('.').next()?))
}

/// The command that a link at the top of the version dir leads to.
fn command_of(path: &str) -> Option<String> {
    (!path.contains('/')).then(|| format!("{}/{path}", platform::LINUX.commands()))
}

/// The parts of a CPython tree, of whatever platform it is.
fn runtime(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path);
    let in_stdlib = platform::all().any(|platform| platform.in_stdlib(path).is_some());
    let is_code = platform::all().any(|platform| platform.is_shared_library(name));
    let is_module = platform::all().any(|platform| platform.is_extension_module(path));
    if name.starts_with("libpython") || (name.starts_with("python") && !in_stdlib) {
        "interpreter"
    } else if is_module {
        "extension modules of the stdlib"
    } else if is_code {
        "shared libraries"
    } else if in_stdlib {
        "standard library"
    } else {
        "rest of CPython"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_belong_to_who_lists_them() {
        let record = "rich/table.py,sha256=x,1\n\"rich/a,b.py\",,\n../../../bin/rich,,\n";
        let record_files =
            [("lib/python3.13/site-packages/rich-14.0.0.dist-info/RECORD".to_owned(), record.to_owned())];
        let owners = Owners::new(&record_files, "My App");
        let site = "lib/python3.13/site-packages";
        for (layer, path, owner) in [
            ("dependencies", format!("{site}/rich/table.py"), "rich 14.0.0"),
            ("dependencies", format!("{site}/rich/a,b.py"), "rich 14.0.0"),
            ("dependencies", format!("{site}/rich/__pycache__/table.cpython-313.pyc"), "rich 14.0.0"),
            ("dependencies", format!("{site}/rich-14.0.0.dist-info/METADATA"), "rich 14.0.0"),
            ("dependencies", "bin/rich".to_owned(), "rich 14.0.0"),
            ("dependencies", "rich".to_owned(), "rich 14.0.0"),
            ("dependencies", format!("{site}/nobody.py"), "no distribution"),
            ("application", format!("{site}/my_app/cli.py"), "My App"),
            ("runtime", "lib/libpython3.13.so.1.0".to_owned(), "interpreter"),
            ("runtime", "python313.dll".to_owned(), "interpreter"),
            ("runtime", "lib/libcrypto.so.3".to_owned(), "shared libraries"),
            ("runtime", "_ssl.pyd".to_owned(), "extension modules of the stdlib"),
            ("runtime", "Lib/json/__init__.pyc".to_owned(), "standard library"),
            ("runtime", "LICENSE.txt".to_owned(), "rest of CPython"),
        ] {
            assert_eq!(owners.of(layer, &path), owner, "{path}");
        }
    }
}
