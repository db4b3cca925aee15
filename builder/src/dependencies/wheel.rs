//! The wheel of a project, built by its build system with nothing left in the project.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use super::programs;
use crate::config::Program;
use crate::host::uv::{self, ErrorKind};
use crate::report::Report;

/// Builds the wheel of `project`, a directory or an sdist, below `out`, which is created. `uv` makes a command with the words
/// it is given.
///
/// # Errors
/// What the build system said.
pub(super) fn build(
    uv: impl Fn(&[&str]) -> Command,
    project: &Path,
    out: &Path,
    report: &Report,
) -> anyhow::Result<PathBuf> {
    let could_not = || format!("could not build the wheel of `{}`", project.display());
    fs::create_dir(out)?;
    // setuptools works in `build/` and `*.egg-info` of the project, and what an earlier build left there would get
    // into the wheel. Others don't read this file.
    let settings = out.join("setuptools.cfg");
    let (work, info) = (out.join("work"), out.join("info"));
    fs::create_dir(&info)?;
    fs::write(
        &settings,
        format!("[build]\nbuild_base = {}\n[egg_info]\negg_base = {}\n", work.display(), info.display()),
    )?;
    let command = |python: &[&str]| {
        let mut command = uv(&["build", "--wheel"]);
        command.arg("--out-dir").arg(out.join("wheel")).args(python).arg(project).env("DIST_EXTRA_CONFIG", &settings);
        command
    };
    let built = match uv::attempt(command(&[]), report) {
        // This machine has no Python that the project allows. Any Python builds a wheel of pure Python.
        Err(failed) if failed.kind == ErrorKind::NoInterpreter => uv::attempt(command(&["--python", "3"]), report),
        built => built,
    };
    built.map_err(|failed| failed.error).with_context(could_not)?;
    let entries = fs::read_dir(out.join("wheel")).with_context(could_not)?;
    let mut files = entries.flatten().map(|e| e.path());
    let wheel = files.find(|f| f.extension().is_some_and(|e| e == "whl"));
    wheel.ok_or_else(|| anyhow::anyhow!("the build system left no wheel")).with_context(could_not)
}

/// Whether a wheel runs with any Python 3 on any system, as its name says.
pub(super) fn is_universal(wheel: &Path) -> bool {
    let name = wheel.file_stem().unwrap_or_default().to_string_lossy();
    let mut tags = name.rsplit('-');
    let (platform, abi, python) = (tags.next(), tags.next(), tags.next());
    (platform, abi) == (Some("any"), Some("none")) && python.is_some_and(|p| p.split('.').any(|p| p == "py3"))
}

/// The text of a file in the `*.dist-info` of a wheel; `None` when it has no such file.
///
/// # Errors
/// When this is not a wheel.
pub(super) fn information(wheel: &Path, name: &str) -> anyhow::Result<Option<String>> {
    let could_not = || format!("could not read the wheel `{}`", wheel.display());
    let mut archive = zip::ZipArchive::new(fs::File::open(wheel).with_context(could_not)?).with_context(could_not)?;
    let ending = format!(".dist-info/{name}");
    let is_it = |file: &std::borrow::Cow<'_, str>| file.strip_suffix(&ending).is_some_and(|top| !top.contains('/'));
    let file = archive.file_names().flatten().find(is_it).map(std::borrow::Cow::into_owned);
    let Some(file) = file else { return Ok(None) };
    let text = std::io::read_to_string(archive.by_name(&file)?).with_context(could_not)?;
    Ok(Some(text))
}

/// The programs in the `*.data/scripts` of a wheel, by the command that starts each.
///
/// # Errors
/// When this is not a wheel.
pub(super) fn programs(wheel: &Path) -> anyhow::Result<BTreeMap<String, Program>> {
    let could_not = || format!("could not read the wheel `{}`", wheel.display());
    let mut archive = zip::ZipArchive::new(fs::File::open(wheel).with_context(could_not)?).with_context(could_not)?;
    let files: Vec<_> = archive.file_names().flatten().map(std::borrow::Cow::into_owned).collect();
    let mut found = BTreeMap::new();
    for file in files {
        let Some((_, name)) = file.split_once(".data/scripts/").filter(|(top, _)| !top.contains('/')) else { continue };
        let mut start = Vec::new();
        archive.by_name(&file)?.take(512).read_to_end(&mut start).with_context(could_not)?;
        if let Some(program) = programs::program(name, &start) {
            found.insert(name.strip_suffix(".exe").unwrap_or(name).to_owned(), program);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wheel_for_any_python_and_system_is_known_by_its_name() {
        for (name, expected) in [
            ("a-1-py3-none-any.whl", true),
            ("a-1-2-py2.py3-none-any.whl", true),
            ("a-1-py2-none-any.whl", false),
            ("a-1-cp313-none-any.whl", false),
            ("a-1-py3-none-linux_x86_64.whl", false),
            ("a.whl", false),
        ] {
            assert_eq!(is_universal(Path::new(name)), expected, "{name}");
        }
    }
}
