//! Check: the finished bundle is opened again and every digest verified; the entry point is imported when the target runs
//! on this machine.

use std::fs::File;
use std::path::Path;

use anyhow::Context as _;
use bundle::index::Index;
use bundle::{Bundle, frame};

use crate::config::EntryPoint;
use crate::report::Report;
use crate::runtime::Runtime;
use crate::runtime::interpreters::quiet_command;

mod distributions;
mod explain;
mod imports;
mod tkinter;

pub use imports::unresolved_imports;
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

/// Makes sure that the entry point is there, by importing it with the runtime and packages that were staged. No variable
/// of the user changes where CPython looks for files, as when the bundle starts.
///
/// # Errors
/// When it can't be imported, with what Python said.
pub fn entry_point(entry: &EntryPoint, runtime: &Runtime, site_packages: &[&Path]) -> anyhow::Result<()> {
    let said = import(entry, &runtime.tree.join(&runtime.interpreter), site_packages)?;
    said.map_or(Ok(()), |said| Err(explain::failure(entry, &said, site_packages).into()))
}

/// The same in a whole version dir that `minimal` has reduced. The entry point was found before.
///
/// # Errors
/// As [`entry_point`].
pub fn reduced_entry_point(entry: &EntryPoint, interpreter: &Path, site_packages: &Path) -> anyhow::Result<()> {
    let said = import(entry, interpreter, &[])?;
    said.map_or(Ok(()), |said| Err(explain::reduced(entry, &said, site_packages).into()))
}

/// Imports the entry point with more directories of packages than the interpreter's own. What Python said, if it failed.
fn import(entry: &EntryPoint, interpreter: &Path, site_packages: &[&Path]) -> anyhow::Result<Option<String>> {
    let (code, names) = match entry {
        EntryPoint::Function { module, attribute } => (FUNCTION, vec![module.as_str(), attribute]),
        EntryPoint::Module(module) => (MODULE, vec![module.as_str()]),
        EntryPoint::Script(path) => (SCRIPT, vec![path.as_str()]),
        EntryPoint::Program(path) => (PROGRAM, vec![path.as_str()]),
    };
    let output = quiet_command(interpreter)
        .args(["-I", "-B", "-c", &format!("{PREPARE}{code}")])
        .arg(site_packages.len().to_string())
        .args(site_packages)
        .args(names)
        .output()
        .with_context(|| format!("could not run the staged interpreter `{}`", interpreter.display()))?;
    Ok((!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned()))
}

const PREPARE: &str = "\
import site, sys
count = int(sys.argv[1])
for directory in sys.argv[2:2 + count]:
    site.addsitedir(directory)
names = sys.argv[2 + count:]
del sys.argv[1:]
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
";

/// Runs nothing either.
const SCRIPT: &str = "\
import os
for directory in sys.path:
    path = os.path.join(directory, names[0])
    if os.path.isfile(path):
        compile(open(path, 'rb').read(), path, 'exec')
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
