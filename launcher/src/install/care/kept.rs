//! What an app has written into its own version dir. It is found with the list of installed files, and moved to `kept/` before
//! anything of the version is deleted.
//!
//! A file counts as the app's if ekiben did not install it, or if its size or time has changed since. Bytecode that Python caches
//! for installed modules is not kept, nor are empty directories. A directory of the app's is moved as a whole. Nothing in `kept/`
//! is ever replaced. If the process is killed in between, the next one moves what is left.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::install::fault;
use crate::install::layout::{OWN, OWN_FILES};
use crate::install::version::file_list::List;
use crate::sys::files;
use bundle::entry_path::below;

/// What the app has written into a tree: paths below it.
pub(in crate::install) fn foreign(tree: &Path, list: &List) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![String::new()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(below_or(tree, &directory))? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            let name = entry.file_name();
            // All installed names are Unicode.
            let path = name
                .to_str()
                .map(|name| if directory.is_empty() { name.into() } else { [&directory, "/", name].concat() });
            let at = entry.path();
            let is_foreign = match &path {
                None => true,
                Some(path) if metadata.is_dir() => {
                    if list.has_below(path) || path == OWN || name == *CACHES {
                        open.push(path.clone());
                    }
                    !list.has_below(path) && path != OWN && name != *CACHES && holds_something(&at)?
                }
                Some(path) => !is_ours(path, &at, &metadata, list),
            };
            if is_foreign {
                found.push(relative(tree, &at));
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Moves what the app has written into a tree to `kept`. Returns where it is then.
///
/// # Errors
/// When something can't be moved. It is still where it was.
pub(in crate::install) fn keep(tree: &Path, list: &List, kept: &Path) -> io::Result<Vec<PathBuf>> {
    foreign(tree, list)?.iter().map(|path| move_to(&tree.join(path), &kept.join(path))).collect()
}

/// Moves a file or directory to this path, or to one with a number at its end if something is there. Returns where it is then.
pub(in crate::install) fn move_to(from: &Path, to: &Path) -> io::Result<PathBuf> {
    fault::point("keep")?;
    to.parent().map_or(Ok(()), files::create_directories)?;
    let mut free = to.to_path_buf();
    for number in 1_u32.. {
        match fs::symlink_metadata(&free) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => break,
            Err(e) => return Err(e),
            Ok(_) => {
                let mut name = to.as_os_str().to_owned();
                name.push(format!(".{number}"));
                free = name.into();
            }
        }
    }
    rename(from, &free)?;
    Ok(free)
}

/// Whether a file is empty or holds only zeros: a file looks like that if a power cut made the disk lose its content.
pub(in crate::install) fn is_blank(file: &Path) -> bool {
    let is_zeros = || -> io::Result<bool> {
        let mut file = File::open(file)?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(true),
                read if buffer.iter().take(read).any(|byte| *byte != 0) => return Ok(false),
                _ => {}
            }
        }
    };
    is_zeros().unwrap_or(false)
}

/// Where Python caches bytecode.
static CACHES: &str = "__pycache__";

fn is_ours(path: &str, at: &Path, metadata: &fs::Metadata, list: &List) -> bool {
    if let Some(name) = path.strip_prefix(OWN).and_then(|rest| rest.strip_prefix('/')) {
        return OWN_FILES.contains(&name);
    }
    list.is_as_installed(path, at, metadata)
        || is_cache(path, list)
        || (list.has(path) && metadata.is_file() && is_blank(at))
}

/// Bytecode that Python has cached of an installed module: `x/__pycache__/module.cpython-313.pyc` of `x/module.py`.
fn is_cache(path: &str, list: &List) -> bool {
    let Some((directory, name)) = path.rsplit_once('/') else { return false };
    let module = name.strip_suffix(".pyc").and_then(|name| name.split('.').next());
    let (Some(above), Some(module)) = (directory.strip_suffix(CACHES), module) else { return false };
    list.has(&format!("{above}{module}.py"))
}

/// Whether there is anything but empty directories.
pub(in crate::install) fn holds_something(directory: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() || holds_something(&entry.path())? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Renames. Where a file system can't rename a directory of a lower layer (an overlay), moves its entries one by one.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(e) if e.kind() == io::ErrorKind::CrossesDevices => {
            let found = fs::symlink_metadata(from)?;
            if !found.is_dir() {
                return Err(e);
            }
            fs::create_dir(to)?;
            fs::set_permissions(to, found.permissions())?;
            for entry in fs::read_dir(from)? {
                let name = entry?.file_name();
                rename(&from.join(&name), &to.join(&name))?;
            }
            fs::remove_dir(from)
        }
        result => result,
    }
}

fn below_or(tree: &Path, path: &str) -> PathBuf {
    if path.is_empty() { tree.to_path_buf() } else { below(tree, path) }
}

fn relative(tree: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(tree).unwrap_or_else(|_| Path::new(path.file_name().unwrap_or(OsStr::new("")))).to_path_buf()
}
