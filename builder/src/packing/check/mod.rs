//! Check: the finished bundle is opened again and every digest verified; the entry point is imported when the target runs
//! on this machine.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bundle::index::Index;
use bundle::{Bundle, frame};

use crate::config::{EntryPoint, Project};
use crate::dependencies::Tree;
use crate::platform::PREFIX;
use crate::report::Report;
use crate::runtime::Runtime;
use crate::runtime::interpreters::quiet_command;

mod distributions;
mod explain;
mod imports;
mod stdlib_sources;
mod tkinter;

pub use imports::unresolved_imports;
pub use stdlib_sources::stdlib_sources;
pub use tkinter::tkinter;

/// Reads a whole bundle: every digest, every entry of every frame. Returns its index.
///
/// # Errors
/// When the file is not a bundle or any part of it is damaged.
pub fn verify(bundle: &Bundle<File>, report: &Report) -> anyhow::Result<Index> {
    let index = bundle.index()?;
    let bar = report.bytes("verifying", index.layers.iter().map(|layer| layer.len()).sum());
    let mut stored = Vec::new();
    for placed in index.frames().flatten() {
        bundle.frame(placed, &mut stored)?;
        frame::unpack(&stored, placed.frame, |_, content| std::io::copy(content, &mut std::io::sink()).map(drop))?;
        bar.advance(placed.frame.len);
    }
    Ok(index)
}

/// Reads a whole bundle and checks every digest. Its frames were decoded when they were packed.
///
/// # Errors
/// As [`verify`], except for frames that have the right digest and can't be decoded.
pub fn digests(bundle: &Bundle<File>, report: &Report) -> anyhow::Result<()> {
    let index = bundle.index()?;
    let bar = report.bytes("reading back", index.layers.iter().map(|layer| layer.len()).sum());
    let mut stored = Vec::new();
    for placed in index.frames().flatten() {
        bundle.frame(placed, &mut stored)?;
        bar.advance(placed.frame.len);
    }
    Ok(())
}

/// Makes sure that everything a start may run is there, by importing it with the runtime and packages that were staged: the app's own and
/// the others. No variable of the user says where CPython looks for its files, as none does when the bundle starts.
///
/// # Errors
/// When it can't be imported, with what Python said.
pub fn entry_points(project: &Project, runtime: &Runtime, trees: &[&Tree; 2]) -> anyhow::Result<()> {
    let [application, dependencies] = trees;
    let site_packages = [&*application.site_packages, &*dependencies.site_packages];
    let modules = application.modules();
    let prefixes = [application, dependencies].map(|tree| tree.site_packages.join(PREFIX));
    let place = Place {
        commands: &prefixes,
        interpreter: &runtime.tree.join(&runtime.interpreter),
        first: Some(&*modules).filter(|modules| *modules != application.site_packages),
        site_packages: &site_packages,
        own: Some(&application.site_packages),
    };
    let shown = [&*modules, site_packages[0], site_packages[1]];
    for entry in project.entries() {
        if let Some(said) = import(entry, &place)? {
            return Err(explain::failure(project, entry, &said, &shown).into());
        }
    }
    Ok(())
}

/// The same with what `minimal` has left, a whole version dir at `tree`, in which the app's modules are in the directory
/// `modules` of the packages. It was there before.
///
/// # Errors
/// As [`entry_points`].
pub fn reduced_entry_points(project: &Project, runtime: &Runtime, modules: &str, tree: &Path) -> anyhow::Result<()> {
    let site_packages = tree.join(&runtime.site_packages);
    let first = site_packages.join(modules);
    let place = Place {
        commands: &[tree.to_owned()],
        interpreter: &tree.join(&runtime.interpreter),
        first: (!modules.is_empty()).then_some(&*first),
        site_packages: &[],
        own: None,
    };
    for entry in project.entries() {
        if let Some(said) = import(entry, &place)? {
            return Err(explain::reduced(entry, &said, &site_packages).into());
        }
    }
    Ok(())
}

/// Imports the entry points in the version dir at `tree`, in which everything is, for a recorder of imports in that tree.
/// That they can be imported was checked before.
///
/// # Errors
/// When the interpreter does not start.
pub fn recorded_entry_points(project: &Project, runtime: &Runtime, modules: &str, tree: &Path) -> anyhow::Result<()> {
    let own = tree.join(&runtime.site_packages).join(modules);
    let place = Place {
        commands: &[tree.to_owned()],
        interpreter: &tree.join(&runtime.interpreter),
        first: (!modules.is_empty()).then_some(&*own),
        site_packages: &[],
        own: Some(&own),
    };
    project.entries().try_for_each(|entry| import(entry, &place).map(drop))
}

/// Why a trial with these arguments failed: the app's exit code in words, and what it wrote to stderr.
pub fn failed_trial(arguments: &str, code: &str, said: &str) -> anyhow::Error {
    explain::trial(arguments, code, said).into()
}

/// The same, if the app did not fail before `minimal` left something out.
pub fn failed_reduced_trial(arguments: &str, code: &str, said: &str) -> anyhow::Error {
    explain::reduced_trial(arguments, code, said).into()
}

/// Where something is imported.
struct Place<'a> {
    interpreter: &'a Path,
    /// The directory that comes before all others.
    first: Option<&'a Path>,
    /// Directories of packages, beside the interpreter's own.
    site_packages: &'a [&'a Path],
    /// Directories that hold one of commands, which packages have installed.
    commands: &'a [PathBuf],
    /// The app's own modules: a check reads them without running any.
    own: Option<&'a Path>,
}

/// Imports the entry point. What Python said, if it failed.
fn import(entry: &EntryPoint, place: &Place<'_>) -> anyhow::Result<Option<String>> {
    let (code, names) = match entry {
        EntryPoint::Function { module, attribute } => (FUNCTION, vec![module.as_str(), attribute]),
        EntryPoint::Module(module) => (MODULE, vec![module.as_str()]),
        EntryPoint::Script(path) => (SCRIPT, vec![path.as_str()]),
        EntryPoint::Program(path) => (PROGRAM, vec![path.as_str()]),
    };
    let interpreter = place.interpreter;
    // A command's whole path is found whatever directory it is looked for in.
    let command = |path: &&str| {
        let names = ["bin", "Scripts"].map(|name| path.replacen("bin/", &format!("{name}/"), 1));
        let places = place.commands.iter().flat_map(|place| names.each_ref().map(|name| place.join(name)));
        places.filter(|_| path.starts_with("bin/")).find(|file| file.is_file())
    };
    let names: Vec<PathBuf> = names.iter().map(|name| command(name).unwrap_or_else(|| name.into())).collect();
    let output = quiet_command(interpreter)
        .args(["-I", "-B", "-c", &format!("{PREPARE}{FOLLOW}{code}")])
        .arg(place.first.unwrap_or(Path::new("")))
        .arg(place.own.unwrap_or(Path::new("")))
        .arg(place.site_packages.len().to_string())
        .args(place.site_packages)
        .args(names)
        .output()
        .with_context(|| format!("could not run the staged interpreter `{}`", interpreter.display()))?;
    Ok((!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned()))
}

/// What the imports of a program are, and that they work.
const FOLLOW: &str = include_str!("follow.py");

const PREPARE: &str = "\
import site, sys
first, own, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
for directory in sys.argv[4:4 + count]:
    site.addsitedir(directory)
if first:
    sys.path.insert(0, first)
names = sys.argv[4 + count:]
del sys.argv[1:]
if own and sys.meta_path and hasattr(sys.meta_path[0], 'forget'):
    import ast, importlib.machinery, importlib.util
    sys.meta_path[0].forget()
";

const FUNCTION: &str = "\
import importlib
found = importlib.import_module(names[0])
for name in names[1].split('.'):
    if not hasattr(found, name):
        import difflib
        near = difflib.get_close_matches(name, dir(found), 1)
        near = ['; nearest is ' + names[1].replace(name, n, 1) for n in near]
        raise AttributeError(f'{names[0]!r} has no {name!r}' + ''.join(near))
    found = getattr(found, name)
if not callable(found):
    raise TypeError(f'{names[1]} is not callable')
";

/// Runs nothing: the module's top level may be the app itself.
const MODULE: &str = "\
import importlib.util
spec = importlib.util.find_spec(names[0])
if spec is not None and spec.submodule_search_locations is not None:
    spec = importlib.util.find_spec(names[0] + '.__main__')
if spec is None:
    raise ModuleNotFoundError(f'No module named {names[0]!r} that can be run')
if own and (spec.origin or '').endswith('.py'):
    follow(spec.origin, spec.name.rpartition('.')[0])
";

/// Runs nothing of the app either.
const SCRIPT: &str = "\
import os
for directory in sys.path:
    path = os.path.join(directory, names[0])
    if os.path.isfile(path):
        compile(open(path, 'rb').read(), path, 'exec')
        if own:
            sys.path.insert(0, os.path.dirname(path))
            follow(path, '')
        break
else:
    raise FileNotFoundError(names[0])
";

/// It need not run here.
const PROGRAM: &str = "\
import os
if not any(os.path.isfile(os.path.join(directory, names[0])) for directory in sys.path):
    raise FileNotFoundError(names[0])
";
