//! What Python said when the entry point could not be imported, as one line and a next step. Text in, [`Failure`] out.

use std::path::Path;

use super::distributions;
use crate::config::{AppSource, EntryPoint, Project};
use crate::report::failure::Failure;

/// What `check` has Python print before the attribute with the nearest name.
const NEAREST: &str = "; nearest is ";

/// The failure behind Python's traceback. A place in the app or its dependencies is told as it is in `site_packages`.
pub(super) fn failure(project: &Project, entry: &EntryPoint, said: &str, site_packages: &[&Path]) -> Failure {
    let beside = match &project.sources {
        AppSource::Script(file) => file.parent(),
        _ => None,
    };
    failure_of(entry, beside, said, site_packages)
}

/// `beside` is the directory of a script that is built without it.
fn failure_of(entry: &EntryPoint, beside: Option<&Path>, said: &str, site_packages: &[&Path]) -> Failure {
    let last = said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("Python said nothing");
    let (exception, nearest) = last.split_once(NEAREST).map_or((last, None), |(e, nearest)| (e, Some(nearest)));
    let place = said.lines().rev().find_map(|line| place(line, site_packages));
    let at = place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
    let help = match (missing_module(exception), entry) {
        (Some(missing), EntryPoint::Module(module)) if is_named_by(entry, missing) => {
            let path = module.replace('.', "/");
            format!("the app's files have to have a `{path}/__main__.py` or a `{path}.py`")
        }
        (Some(missing), _) if is_named_by(entry, missing) => {
            format!("correct the entry point, or see to it that `{missing}` is among the app's files")
        }
        (Some("tkinter" | "_tkinter" | "turtle"), _) => super::tkinter::HELP.to_owned(),
        (Some(missing), _) => match beside.filter(|beside| has_module(beside, missing)) {
            Some(beside) => format!(
                "a script is built alone: to take `{missing}` along, build its directory with `ekiben build {} --entry {entry}`",
                beside.display()
            ),
            None => distributions::how_to_get(missing),
        },
        (None, EntryPoint::Function { module, .. }) if place.is_none() => match nearest {
            Some(nearest) => format!("did you mean `{module}:{nearest}`?"),
            None => format!("correct the entry point: it has to name a function of `{module}`"),
        },
        _ => "correct that; if it can only work where the app will run, build with --no-check".to_owned(),
    };
    Failure::new(format!("the entry point `{entry}` can't be imported: {at}{exception}")).help(help)
}

/// The failure behind Python's traceback, where `minimal` is to blame: with everything in place, the import worked.
pub(super) fn reduced(entry: &EntryPoint, said: &str, site_packages: &Path) -> Failure {
    let last = said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("Python said nothing");
    let place = said.lines().rev().find_map(|line| place(line, &[site_packages]));
    let at = place.map(|place| format!("{place}: ")).unwrap_or_default();
    Failure::new(format!("the entry point `{entry}` can't be imported from what `minimal` keeps: {at}{last}")).help(
        match missing_module(last) {
            Some(missing) => format!("keep it: `minimal-keep = [\"{missing}\"]`"),
            None => "name the modules that this needs in `minimal-keep`, or build without `minimal`".to_owned(),
        },
    )
}

/// The failure of a start of the app with `arguments`, in which Python `said` this.
pub(super) fn trial(arguments: &str, code: &str, said: &str) -> Failure {
    let last = said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("nothing was printed");
    Failure::new(format!("the app could not be tried with the arguments `{arguments}`: {code}: {last}"))
        .help("`minimal-trial` lists arguments with which the app ends with the exit code 0")
}

/// The failure of the same start with what `minimal` keeps.
pub(super) fn reduced_trial(arguments: &str, code: &str, said: &str) -> Failure {
    let missing = said.lines().rev().find_map(|line| missing_module(line.trim()));
    let last = said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("nothing was printed");
    Failure::new(format!("with what `minimal` keeps, the app fails with the arguments `{arguments}`: {code}: {last}"))
        .help(match missing {
            Some(missing) => format!("keep it: `minimal-keep = [\"{missing}\"]`"),
            None => "name the modules that this needs in `minimal-keep`, or build without `minimal`".to_owned(),
        })
}

/// `  File "<site-packages>/app/cli.py", line 3, in <module>` → `app/cli.py:3`.
fn place(line: &str, site_packages: &[&Path]) -> Option<String> {
    let (file, rest) = line.trim().strip_prefix("File \"")?.split_once("\", line ")?;
    let file = site_packages.iter().find_map(|directory| Path::new(file).strip_prefix(directory).ok())?;
    Some(format!("{}:{}", file.display(), rest.split(',').next()?))
}

/// `a.b` of `ModuleNotFoundError: No module named 'a.b'`, and of what CPython 3.15 says where the module is one of its own.
fn missing_module(exception: &str) -> Option<&str> {
    let said = exception.strip_prefix("ModuleNotFoundError: ")?;
    let name = ["No module named '", "Standard library module '"].iter().find_map(|start| said.strip_prefix(start))?;
    name.split('\'').next()
}

fn has_module(directory: &Path, module: &str) -> bool {
    let first = module.split('.').next().unwrap_or(module);
    directory.join(first).is_dir() || directory.join(format!("{first}.py")).is_file()
}

/// Whether it is the entry point itself, or a package around it.
fn is_named_by(entry: &EntryPoint, missing: &str) -> bool {
    let (EntryPoint::Function { module, .. } | EntryPoint::Module(module)) = entry else { return false };
    module.strip_prefix(missing).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_is_told_with_its_place_and_a_step_that_fits_it() {
        let missing = "ModuleNotFoundError: No module named";
        let frame = "Traceback (most recent call last):\n  File \"<string>\", line 9, in <module>\n  \
                     File \"/x/app/app/cli.py\", line 3, in <module>\n    import rich\n";
        for (entry, said, expected) in [
            (
                "absent.cli:main",
                format!("  File \"<string>\", line 9\n{missing} 'absent'\n"),
                "`absent.cli:main` can't be imported: ModuleNotFoundError: No module named 'absent'\n\
                 help: correct the entry point, or see to it that `absent` is among the app's files",
            ),
            (
                "-m app",
                format!("{missing} 'app' that can be run"),
                "`-m app` can't be imported: ModuleNotFoundError: No module named 'app' that can be run\n\
                 help: the app's files have to have a `app/__main__.py` or a `app.py`",
            ),
            (
                "app.cli:main",
                format!("{frame}{missing} 'rich'"),
                "`app.cli:main` can't be imported: app/cli.py:3: ModuleNotFoundError: No module named 'rich'\n\
                 help: add `rich` to the project's dependencies",
            ),
            (
                "app.cli:main",
                format!("{frame}{missing} 'tkinter'"),
                "`app.cli:main` can't be imported: app/cli.py:3: ModuleNotFoundError: No module named 'tkinter'\n\
                 help: give a CPython that has tkinter with `--runtime`: python.org's installed one, or \
                 python-build-standalone's",
            ),
            (
                "app.cli:mian",
                format!("AttributeError: 'app.cli' has no 'mian'{NEAREST}main"),
                "`app.cli:mian` can't be imported: AttributeError: 'app.cli' has no 'mian'\n\
                 help: did you mean `app.cli:main`?",
            ),
            (
                "app.cli:main",
                format!("{frame}  File \"/lib/os.py\", line 1, in f\nKeyError: 'HOST'\n\n"),
                "`app.cli:main` can't be imported: app/cli.py:3: KeyError: 'HOST'\n\
                 help: correct that; if it can only work where the app will run, build with --no-check",
            ),
            (
                "app:main",
                String::new(),
                "`app:main` can't be imported: Python said nothing\n\
                 help: correct the entry point: it has to name a function of `app`",
            ),
        ] {
            let entry = match (entry.split_once(':'), entry.strip_prefix("-m ")) {
                (Some((module, function)), _) => {
                    EntryPoint::Function { module: module.to_owned(), attribute: function.to_owned() }
                }
                (_, module) => EntryPoint::Module(module.unwrap().to_owned()),
            };
            let failure = failure_of(&entry, None, &said, &[Path::new("/x/app")]);
            let text = crate::report::failure::render(&failure.into());
            assert_eq!(text, format!("error: the entry point {expected}"));
        }
    }

    #[test]
    fn what_minimal_has_left_out_is_told_with_the_key_that_keeps_it() {
        let entry = EntryPoint::Function { module: "app.cli".into(), attribute: "main".into() };
        let frame = "  File \"/x/app/cli.py\", line 3, in <module>\n  File \"<frozen x>\", line 1, in y\n";
        for (said, expected) in [
            (
                format!("{frame}ModuleNotFoundError: No module named 'a.b'\n"),
                "app/cli.py:3: ModuleNotFoundError: No module named 'a.b'\nhelp: keep it: `minimal-keep = [\"a.b\"]`",
            ),
            (
                // Since CPython 3.15.
                format!("{frame}ModuleNotFoundError: Standard library module 'colorsys' was not found\n"),
                "app/cli.py:3: ModuleNotFoundError: Standard library module 'colorsys' was not found\n\
                 help: keep it: `minimal-keep = [\"colorsys\"]`",
            ),
            (
                format!("{frame}LookupError: unknown encoding: big5\n"),
                "app/cli.py:3: LookupError: unknown encoding: big5\n\
                 help: name the modules that this needs in `minimal-keep`, or build without `minimal`",
            ),
        ] {
            let text = crate::report::failure::render(&reduced(&entry, &said, Path::new("/x")).into());
            let begin = "error: the entry point `app.cli:main` can't be imported from what `minimal` keeps: ";
            assert_eq!(text, format!("{begin}{expected}"));
        }
    }
}
