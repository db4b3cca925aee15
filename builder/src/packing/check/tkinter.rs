//! tkinter, which not every CPython has. This is reported by the build, also where the entry point can't be imported.

use std::fs;
use std::path::Path;

use walkdir::WalkDir;

use crate::dependencies::imports;
use crate::report::Report;
use crate::runtime::Runtime;

/// What to do without it.
pub(super) const HELP: &str = "give a CPython that has tkinter with `--runtime`: python.org's installed one, or \
                               python-build-standalone's";

/// Notes it if the app imports tkinter and the runtime has none. No more than a note: the app may know how to do without.
pub fn tkinter(runtime: &Runtime, application: &Path, report: &Report) {
    let site_packages = runtime.tree.join(&runtime.site_packages);
    if site_packages.parent().is_some_and(|library| library.join("tkinter").exists()) {
        return;
    }
    let files = WalkDir::new(application).sort_by_file_name().into_iter().flatten();
    let modules =
        files.filter(|file| file.path().extension().is_some_and(|extension| extension == "py" || extension == "pyw"));
    let importing = |module: &walkdir::DirEntry| {
        fs::read_to_string(module.path()).is_ok_and(|text| imports::any(&text, &["tkinter", "turtle"]))
    };
    if let Some(module) = modules.into_iter().find(importing) {
        let module = module.path().strip_prefix(application).unwrap_or(module.path()).display();
        report.notice(format!("`{module}` imports tkinter, and the {} has none; {HELP}", runtime.description));
    }
}
