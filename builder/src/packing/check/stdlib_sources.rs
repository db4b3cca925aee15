//! Packages that read the sources of the standard library, of which most bundles have only the bytecode.

use std::fs;

use walkdir::WalkDir;

use crate::config::Project;
use crate::dependencies::Tree;
use crate::report::Report;

/// Distributions that do so whenever they are used: pylint by astroid, editors' completions by jedi, debuggers.
const READERS: [&str; 6] = ["astroid", "debugpy", "ipdb", "jedi", "pudb", "pytype"];

/// Notes that a package of the bundle lacks these sources, with the key that keeps them.
pub fn stdlib_sources(project: &Project, [application, dependencies]: [&Tree; 2], report: &Report) {
    if project.kept_sources.runtime {
        return;
    }
    let reader = READERS.iter().find(|reader| dependencies.version_of(reader).is_some()).copied();
    let compiles = || dependencies.version_of("torch").is_some() && names(application, "torch.jit");
    let Some(reader) = reader.or_else(|| compiles().then_some("torch.jit")) else { return };
    report.notice(format!(
        "`{reader}` reads sources of the standard library, and the bundle has only their bytecode; keep them with \
         `sources = [\"runtime\", \"dependencies\", \"application\"]`"
    ));
}

fn names(application: &Tree, word: &str) -> bool {
    let files = WalkDir::new(&application.site_packages).into_iter().flatten();
    let mut sources = files.filter(|file| file.path().extension().is_some_and(|extension| extension == "py"));
    sources.any(|file| fs::read_to_string(file.path()).is_ok_and(|text| text.contains(word)))
}
