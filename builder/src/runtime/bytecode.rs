//! Compiles Python sources to bytecode that Python uses without comparing it with the source: unchecked hashes. It is
//! in `__pycache__` beside a source that is kept, or is `x.pyc` in the place of `x.py`. In the place of a source it holds lines and no
//! columns: columns mark a place in the text of a source line, and are nearly a quarter of the compressed bytecode.
//!
//! The same sources give the same bytes, on any machine, in any directory:
//! - File names in the bytecode are relative to the tree. Python puts the real ones in when it loads it.
//! - What an object's reference count is while it is written shows in the bytes, so what an interpreter did
//!   before shows too. Each process therefore compiles a fixed number of files, in a fixed order, whatever the
//!   number of processors, and none sees what the others wrote: the files get their names at the end.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::Context;
use rayon::prelude::*;
use walkdir::WalkDir;

use super::interpreters::{Interpreter, quiet_command};
use crate::host::cache::Cache;
use crate::host::digest;
use crate::platform::{PREFIX, PythonVersion};
use crate::report::Report;

/// What each process runs.
const SCRIPT: &str = include_str!("bytecode.py");

/// And for bytecode that came without sources.
const COLUMNS: &str = include_str!("columns.py");

/// How many files one process compiles. Changing it changes bytes.
const CHUNK: usize = 64;

/// Whether sources stay beside their bytecode. One that does not compile stays anyway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourcePolicy {
    /// All of them.
    Keep,
    /// Those at or below these paths, which go on from the top of the tree; the bytecode of the others takes their place.
    Drop {
        /// What is read as source when the app runs.
        except: Vec<String>,
    },
}

impl SourcePolicy {
    /// Names the choice in cache keys.
    pub fn identity(&self) -> String {
        match self {
            Self::Keep => "sources stay".to_owned(),
            Self::Drop { except } => format!("sources go but for {except:?}, and columns go"),
        }
    }

    fn stays(&self, source: &str) -> bool {
        match self {
            Self::Keep => true,
            Self::Drop { except } => except.iter().any(|path| {
                source.strip_prefix(path.as_str()).is_some_and(|below| below.is_empty() || below.starts_with('/'))
            }),
        }
    }
}

/// What the compiled files are called until all of them are there.
const UNFINISHED: &str = ".unfinished";

/// A CPython that compiles for a runtime: the runtime itself, or one of this machine of the same minor version.
#[derive(Debug, Clone)]
pub struct Compiler {
    program: PathBuf,
    version: PythonVersion,
}

impl Compiler {
    /// The runtime's own interpreter where it runs here, else the newest CPython of this machine with the same minor version.
    pub(crate) fn new(own: Option<PathBuf>, version: &PythonVersion, cache: &Cache) -> Option<Self> {
        if let Some(program) = own {
            return Some(Self { program, version: *version });
        }
        let found = Interpreter::all(cache).into_iter().find(|found| found.version.same_minor(version))?;
        Some(Self { program: found.program, version: found.version })
    }

    /// The interpreter.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// Names it in cache keys: other versions may write other bytes.
    pub fn identity(&self) -> String {
        format!("{} {}", self.version, Self::recipe())
    }

    /// Names how any compiler is told to compile, so that nothing compiled in another way is taken from a cache.
    pub(crate) fn recipe() -> String {
        digest::of_facts([SCRIPT, COLUMNS, &CHUNK.to_string()])
    }

    /// Compiles every `.py` file below `tree`. Files that are not Python of this version, such as templates, are left
    /// as they are.
    ///
    /// # Errors
    /// When an interpreter can't be started or the file system fails. Unfinished files may be there then.
    pub fn compile(&self, tree: &Path, kept: &SourcePolicy, report: &Report) -> anyhow::Result<()> {
        // Commands and data files of packages are no modules.
        let is_module = |name: &str| name.split('/').next() != Some(PREFIX);
        let sources = named(tree, |name| name.ends_with(".py") && is_module(name))?;
        let _step = report.step("compile bytecode");
        let compiled = in_chunks(&sources, |chunk| self.compile_chunk(tree, chunk, kept))?;
        if let SourcePolicy::Drop { .. } = kept {
            let alone = |name: &str| name.ends_with(".pyc") && !name.contains("__pycache__/");
            in_chunks(&named(tree, alone)?, |chunk| {
                self.run(tree, COLUMNS, false, chunk).map(|_| Vec::<Compiled>::new())
            })?;
        }
        for file in compiled {
            let unfinished = tree.join(&file.bytecode);
            if kept.stays(&file.source) {
                let name = file.bytecode.strip_suffix(UNFINISHED).unwrap_or(&file.bytecode);
                fs::rename(unfinished, tree.join(name))?;
            } else {
                let cache = unfinished.parent().map(Path::to_owned);
                fs::rename(&unfinished, tree.join(format!("{}c", file.source)))?;
                fs::remove_file(tree.join(&file.source))?;
                // Gone with the last of them.
                cache.map(fs::remove_dir);
            }
        }
        Ok(())
    }

    /// Compiles some files in one process. Returns those that compile.
    fn compile_chunk(&self, tree: &Path, sources: &[String], kept: &SourcePolicy) -> anyhow::Result<Vec<Compiled>> {
        let lines = self.run(tree, SCRIPT, matches!(kept, SourcePolicy::Keep), sources)?;
        // Which ones, by number: a name may hold anything but a line break.
        let compiled = lines.lines().filter_map(|line| {
            let (number, bytecode) = line.split_once(' ')?;
            let source = sources.get(number.parse::<usize>().ok()?)?.clone();
            Some(Compiled { source, bytecode: bytecode.to_owned() })
        });
        Ok(compiled.collect())
    }

    /// Has one process work on some files of the tree, and returns what it says.
    fn run(&self, tree: &Path, script: &str, columns: bool, names: &[String]) -> anyhow::Result<String> {
        let mut command = quiet_command(&self.program);
        command.args(["-sSBP", "-Xutf8", "-Wignore"]);
        if !columns {
            command.arg("-Xno_debug_ranges");
        }
        command.args(["-c", script, UNFINISHED]);
        // Sets of strings are ordered by hash.
        command.env("PYTHONHASHSEED", "0").current_dir(tree);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut run = || -> anyhow::Result<String> {
            let mut child = command.spawn()?;
            if let Some(mut stdin) = child.stdin.take() {
                stdin.write_all(names.join("\n").as_bytes())?;
            }
            let output = child.wait_with_output()?;
            if !output.status.success() {
                anyhow::bail!("{}", String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default());
            }
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        };
        run().with_context(|| format!("could not compile bytecode with `{}`", self.program.display()))
    }
}

/// Works on a fixed number of files at a time, on all cores.
fn in_chunks<T: Send>(
    names: &[String],
    work: impl Fn(&[String]) -> anyhow::Result<Vec<T>> + Sync + Send,
) -> anyhow::Result<Vec<T>> {
    let done = names.par_chunks(CHUNK).map(work).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(done.into_iter().flatten().collect())
}

/// A source and what was written for it, relative to the tree.
struct Compiled {
    source: String,
    bytecode: String,
}

/// The files with such names, relative to the tree, sorted. A name that is no text, or has a line break, is no module's.
fn named(tree: &Path, fits: impl Fn(&str) -> bool) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in WalkDir::new(tree) {
        let entry = entry.with_context(|| format!("could not read `{}`", tree.display()))?;
        let name = entry.path().strip_prefix(tree).ok().and_then(Path::to_str).map(|name| name.replace('\\', "/"));
        if let Some(name) = name.filter(|name| fits(name) && !name.contains('\n'))
            && entry.file_type().is_file()
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
