//! The commands that packages install, made to start the bundle's Python wherever it is installed.
//!
//! As uv installs them, their first line has the path of a Python of this machine. On Linux they get lines that find the
//! bundle's: a shell runs those, and to Python they are a string. Windows starts only programs, so there each command becomes
//! one, as pip makes them: the starter that the package `distlib` has for this, followed by a line that says where the
//! Python is, seen from the starter, and by a zip archive with the script.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Cursor, Read as _, Write as _};
use std::path::Path;

use super::prefix::Layout;
use super::{dist_info, programs, wheel_metadata};
use crate::context::BuildContext;
use crate::host::package_index;
use crate::platform::{PREFIX, Platform};

/// The commands are one level below the interpreter. A link to one may be anywhere.
const FIND_PYTHON: &[u8] = b"#!/bin/sh\n\
    '''exec' \"$(dirname -- \"$(dirname -- \"$(realpath -- \"$0\")\")\")\"/python \"$0\" \"$@\"\n\
    ' '''\n";

/// The release of distlib that has the starters, and its SHA-256.
const DISTLIB: (&str, &str) =
    ("distlib-0.4.4-py2.py3-none-any.whl", "cf09d55b1e85a89576b036aeb71550bfd68320f3f21761ca329eadadad918638");

/// What commands begin with on Windows.
#[derive(Debug)]
pub(super) struct Starters {
    console: Vec<u8>,
    windowed: Vec<u8>,
}

impl Starters {
    /// Those for the target, if it needs some. Where the index does not have them, the bundle has no commands, and a notice
    /// says so.
    pub(super) fn for_target(context: BuildContext<'_>) -> Option<Self> {
        if context.target.platform().has_executable_bits() {
            return None;
        }
        match Self::fetch(context) {
            Ok(starters) => Some(starters),
            Err(e) => {
                context.report.notice(format!("the commands that packages install are left out: {e:#}"));
                None
            }
        }
    }

    fn fetch(context: BuildContext<'_>) -> anyhow::Result<Self> {
        let wheel = package_index::fetch("distlib", DISTLIB.0, DISTLIB.1, context.cache, context.report)?;
        let mut archive = zip::ZipArchive::new(fs::File::open(wheel)?)?;
        let mut starter = |name: &str| {
            let mut program = Vec::new();
            archive.by_name(&format!("distlib/{name}"))?.read_to_end(&mut program)?;
            anyhow::Ok(program)
        };
        Ok(Self { console: starter("t64.exe")?, windowed: starter("w64.exe")? })
    }

    /// A program that runs `script`, a module, with the Python in the directory above its own.
    fn command(&self, script: &[u8], kind: Kind) -> anyhow::Result<Vec<u8>> {
        let (starter, python) = match kind {
            Kind::Console => (&self.console, "python.exe"),
            Kind::Windowed => (&self.windowed, "pythonw.exe"),
        };
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        archive.start_file("__main__.py", options.last_modified_time(zip::DateTime::default()))?;
        archive.write_all(script)?;
        let archive = archive.finish()?.into_inner();
        let line = format!("#!<launcher_dir>\\..\\{python}\r\n");
        Ok([starter.as_slice(), line.as_bytes(), archive.as_slice()].concat())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Console,
    Windowed,
}

/// Makes the commands in `tree` start the bundle's Python.
///
/// # Errors
/// Those of the file system.
pub(super) fn relocate(
    tree: &Path,
    platform: &dyn Platform,
    layout: Layout<'_>,
    starters: Option<&Starters>,
) -> anyhow::Result<()> {
    let directory = tree.join(PREFIX).join(platform.commands());
    let replaced = match platform.has_executable_bits() {
        true => find_python(&directory)?,
        false => start_python(tree, &directory, starters)?,
    };
    Ok(layout.record_commands(tree, &replaced)?)
}

/// Replaces the first lines, which name a Python of this machine, with lines that find the bundle's Python.
fn find_python(directory: &Path) -> io::Result<HashMap<String, Vec<String>>> {
    let mut replaced = HashMap::new();
    for (name, text) in scripts(directory)? {
        let file = directory.join(&name);
        let new = directory.join("ekiben-script.new");
        // Replaced, not changed in place: uv may have linked it from its cache.
        fs::write(&new, [FIND_PYTHON, programs::without_interpreter(&text)].concat())?;
        fs::set_permissions(&new, fs::metadata(&file)?.permissions())?;
        fs::rename(new, file)?;
        replaced.insert(name.clone(), vec![name]);
    }
    Ok(replaced)
}

/// Makes a program of each entry point and of each script. Scripts stay beside their programs: something may run them with a
/// Python.
fn start_python(
    tree: &Path,
    directory: &Path,
    starters: Option<&Starters>,
) -> anyhow::Result<HashMap<String, Vec<String>>> {
    let mut replaced = HashMap::new();
    let entry_points = entry_points(tree)?;
    for (name, (reference, kind)) in &entry_points {
        let program = format!("{name}.exe");
        // By uv on another system, and by uv on Windows.
        for made in [name, &program] {
            if fs::remove_file(directory.join(made)).is_ok() {
                replaced.insert(made.clone(), starters.map(|_| program.clone()).into_iter().collect());
            }
        }
        if let Some(starters) = starters {
            fs::write(directory.join(program), starters.command(script(reference).as_bytes(), *kind)?)?;
        }
    }
    for (name, text) in scripts(directory)? {
        let body = programs::without_interpreter(&text);
        let new = directory.join("ekiben-script.new");
        fs::write(&new, [b"#!python\n", body].concat())?;
        fs::rename(new, directory.join(&name))?;
        let mut names = vec![name.clone()];
        if let Some(starters) = starters.filter(|_| !name.contains('.')) {
            let program = format!("{name}.exe");
            fs::write(directory.join(&program), starters.command(body, Kind::Console)?)?;
            names.push(program);
        }
        replaced.insert(name, names);
    }
    Ok(replaced)
}

/// What installers write for an entry point, `module:function [extra]`.
fn script(reference: &str) -> String {
    let reference = reference.split('[').next().unwrap_or(reference).trim();
    let (module, attribute) = reference.split_once(':').unwrap_or((reference, "main"));
    let first = attribute.split('.').next().unwrap_or(attribute);
    format!(
        "import sys\nfrom {module} import {first}\n\nif __name__ == \"__main__\":\n    \
         sys.argv[0] = sys.argv[0].removesuffix(\".exe\")\n    sys.exit({attribute}())\n"
    )
}

/// The commands that installers make, by name.
fn entry_points(tree: &Path) -> anyhow::Result<HashMap<String, (String, Kind)>> {
    let mut found = HashMap::new();
    for directory in dist_info::directories(tree)? {
        let text = match fs::read_to_string(directory.join("entry_points.txt")) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            text => text?,
        };
        let metadata = wheel_metadata::read("", &text);
        let console = metadata.scripts.into_iter().map(|(name, reference)| (name, (reference, Kind::Console)));
        let windowed = metadata.gui_scripts.into_iter().map(|(name, reference)| (name, (reference, Kind::Windowed)));
        found.extend(console.chain(windowed));
    }
    Ok(found)
}

/// The files that start a Python, by name.
fn scripts(directory: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
    let entries = match fs::read_dir(directory) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let mut start = Vec::new();
        fs::File::open(entry.path())?.take(512).read_to_end(&mut start)?;
        if programs::starts_a_python(&start) {
            found.push((name, fs::read(entry.path())?));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{LINUX, WINDOWS};

    #[test]
    fn commands_name_no_python_of_this_machine() {
        let starters = Starters { console: b"MZc".into(), windowed: b"MZw".into() };
        for platform in [LINUX, WINDOWS] {
            let tree = tempfile::tempdir().unwrap();
            let info = tree.path().join("a-1.dist-info");
            let directory = tree.path().join(PREFIX).join(platform.commands());
            fs::create_dir_all(&directory).unwrap();
            fs::create_dir(&info).unwrap();
            fs::write(
                info.join("entry_points.txt"),
                "[console_scripts]\na = a.b:C.main\n[gui_scripts]\nw = w:main [gui]\n",
            )
            .unwrap();
            for (name, text) in [
                ("a", "#!/opt/python3.13\nx\n"),
                ("w", "#!/bin/sh\n'''exec' /very/long/python \"$0\" \"$@\"\n' '''\ny\n"),
                ("own", "#!/usr/bin/python\nz\n"),
                ("tool", "\x7fELF"),
            ] {
                fs::write(directory.join(name), text).unwrap();
            }
            let version = "3.13.2".parse().unwrap();
            let layout = Layout::new(platform, &version);
            let names = ["a", "w", "own", "tool"].map(|name| format!("{},h,1\n", layout.command_in_record(name)));
            fs::write(info.join("RECORD"), names.concat()).unwrap();
            relocate(tree.path(), platform, layout, Some(&starters)).unwrap();

            let text = |name: &str| String::from_utf8_lossy(&fs::read(directory.join(name)).unwrap()).into_owned();
            let listed: &[&str] = if platform == LINUX {
                let found = |body: &str| format!("{}{body}", str::from_utf8(FIND_PYTHON).unwrap());
                assert_eq!(["a", "w", "own"].map(text), ["x\n", "y\n", "z\n"].map(found));
                &["a,,", "own,,", "tool,h,1", "w,,"]
            } else {
                assert!(text("a.exe").starts_with("MZc#!<launcher_dir>\\..\\python.exe\r\nPK"), "{}", text("a.exe"));
                assert!(text("a.exe").contains("from a.b import C\n") && text("a.exe").contains("sys.exit(C.main())"));
                assert!(text("w.exe").starts_with("MZw#!<launcher_dir>\\..\\pythonw.exe\r\nPK"));
                assert!(text("own.exe").contains("__main__.pyz\n"), "{}", text("own.exe"));
                assert_eq!(text("own"), "#!python\nz\n");
                assert!(!directory.join("a").exists());
                &["a.exe,,", "own,,", "own.exe,,", "tool,h,1", "w.exe,,"]
            };
            let record = fs::read_to_string(info.join("RECORD")).unwrap();
            let listed: String = listed.iter().map(|line| layout.command_in_record(line) + "\n").collect();
            assert_eq!(record, listed);
        }
    }
}
