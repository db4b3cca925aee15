//! What a build may replace: an earlier bundle, and an empty file. Other files only with `--force`. Never a file that the bundle
//! is built from, and never anything but a file.

use std::fs;
use std::path::{Path, PathBuf};

use bundle::footer::FooterError;
use bundle::{Bundle, BundleError};

use crate::config::{AppSource, Dependencies, Project};
use crate::host::files;
use crate::report::failure::Failure;
use crate::report::text;

/// The facts that this depends on.
#[derive(Debug, Clone)]
pub(super) struct Replacing {
    force: bool,
    root: PathBuf,
    inputs: Vec<PathBuf>,
}

impl Replacing {
    /// As a project is built.
    pub(super) fn by(project: &Project) -> Self {
        const FILES: [&str; 6] =
            ["pyproject.toml", "ekiben.toml", "uv.lock", "pylock.toml", ".python-version", "setup.py"];
        let mut inputs: Vec<PathBuf> = FILES.iter().map(|name| project.root.join(name)).collect();
        inputs.extend(project.icon.clone());
        inputs.extend(project.runtime.as_ref().map(|runtime| PathBuf::from(&runtime.location)));
        if let Dependencies::PyLock(file) | Dependencies::Requirements(file) = &project.dependencies {
            inputs.push(file.clone());
        }
        if let AppSource::Script(script) = &project.sources {
            let mut lock = script.clone().into_os_string();
            lock.push(".lock");
            inputs.extend([script.clone(), lock.into()]);
        }
        Self { force: project.force, root: project.root.clone(), inputs }
    }

    /// Whether what stands at `path` may be replaced.
    ///
    /// # Errors
    /// When it may not.
    pub(super) fn check(&self, path: &Path) -> Result<(), Failure> {
        const OTHER: &str = "choose another name with -o";
        let shown = text::path(path);
        let refused = |why: &str| Failure::new(format!("could not write `{shown}`: {why}"));
        if self.is_input(path) {
            return Err(refused("the app is built from this file").help(OTHER));
        }
        let found = match fs::metadata(path) {
            // Nothing is there, or it can't be reached. Then writing fails later and reports it.
            Err(_) if !path.is_symlink() => return Ok(()),
            found => found.ok(),
        };
        if found.as_ref().is_some_and(|found| !found.is_file()) {
            return Err(refused("it is there, and is not a file").help(OTHER));
        }
        let is_empty = found.is_some_and(|found| found.len() == 0);
        if self.force || is_empty || is_bundle(path) {
            return Ok(());
        }
        Err(refused("the file that is there is not a bundle, and would be lost")
            .help("choose another name with -o, or replace it with --force"))
    }

    /// Whether it is one of the files that the app is built from: a known one, or any source below the project.
    fn is_input(&self, path: &Path) -> bool {
        let Ok(real) = files::real_path(path) else { return false };
        let is_source = real.extension().is_some_and(|extension| extension == "py" || extension == "pyw");
        let is_below = files::real_path(&self.root).is_ok_and(|root| real.starts_with(root));
        (is_source && is_below)
            || self.inputs.iter().any(|input| files::real_path(input).is_ok_and(|input| input == real))
    }
}

/// Whether it is a bundle, of this format version or another.
fn is_bundle(path: &Path) -> bool {
    matches!(Bundle::open(path), Ok(_) | Err(BundleError::Footer(FooterError::UnknownVersion { .. })))
}
