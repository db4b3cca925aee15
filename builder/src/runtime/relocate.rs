//! Makes a CPython that was built for one place on one machine run from any place on any machine that has at
//! least its libc: brings the shared libraries it needs, and lets every file find them by a relative path.
//!
//! An ordinary build has an absolute RUNPATH, or none and links with the system's libraries. Without this, the
//! copy would quietly load the original's `libpython`, and fail where there is none. python-build-standalone's
//! builds need nothing of it and stay as they are.
//!
//! What is left: the copy needs a libc as new as this machine's, and OpenSSL looks for certificates where this
//! machine's does.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use walkdir::WalkDir;

use super::elf::{self, Linkage};
use super::tcl;
use super::trim::relative;
use crate::host::files;
use crate::report::Report;
use crate::report::failure::{Failure, Help};

/// Makes the tree self-contained. A module whose libraries this machine lacks is dropped.
///
/// # Errors
/// When the interpreter itself lacks a library, or a file can't be rewritten.
pub(super) fn relocate(tree: &Path, report: &Report) -> anyhow::Result<()> {
    if !tcl::has_scripts(tree) {
        drop_incomplete_tkinter(tree)?;
    }
    let mut files = elf_files(tree)?;
    let bundled = |name: &str| tree.join("lib").join(name).is_file();
    let settled = |(path, linkage): (&PathBuf, &Linkage)| {
        let foreign =
            linkage.needed.iter().any(|name| !elf::is_part_of_glibc(name) && !is_reachable(tree, path, linkage, name));
        !foreign && linkage.runpath.as_deref().is_none_or(|path| !path.contains('/') || path.starts_with("$ORIGIN"))
    };
    if !files.iter().all(settled) {
        let missing = bring_libraries(tree, files.keys())?;
        for (module, library) in missing {
            if !module.contains("/lib-dynload/") {
                return Err(Failure::new(format!("`{library}`, which `{module}` needs, is not on this machine"))
                    .help("install the package that has it, or choose another CPython")
                    .into());
            }
            report.detail(format!("left out `{module}`: `{library}` is not on this machine"));
            files::remove_file_if_exists(&tree.join(module))?;
        }
        tcl::point_to_scripts(tree)?;
        files = elf_files(tree)?;
    }
    for (path, linkage) in &files {
        let needs_ours = linkage.needed.iter().any(|name| bundled(name));
        let absolute = linkage.runpath.as_ref().is_some_and(|path| !path.starts_with("$ORIGIN"));
        let runpath = (absolute || (needs_ours && linkage.runpath.is_none())).then(|| to_lib(tree, path)).flatten();
        if let Some(runpath) = runpath {
            elf::set_runpath(path, &runpath)
                .with_context(|| format!("could not make `{}` relocatable", path.display()))?;
        }
    }
    Ok(())
}

/// Drops what the loader does not read from every ELF file. One that is too unusual stays as it is: it is larger, no
/// more.
///
/// # Errors
/// Those of the file system.
pub(super) fn strip(tree: &Path, report: &Report) -> anyhow::Result<()> {
    for (path, _) in elf_files(tree)?.iter().filter(|(_, linkage)| linkage.is_unstripped) {
        if let Err(error) = elf::strip(path) {
            report.detail(format!("could not strip `{}`: {error:#}", path.display()));
        }
    }
    Ok(())
}

/// Removes `libpython` where the interpreter does not need it: with python-build-standalone it is only for
/// programs that embed Python, and a third of the tree.
///
/// # Errors
/// Those of the file system.
pub(super) fn drop_unused_libpython(tree: &Path) -> anyhow::Result<()> {
    let files = elf_files(tree)?;
    let library = tree.join("lib");
    for path in files.keys().filter(|path| path.parent() == Some(library.as_path())) {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let needed = files.values().any(|linkage| linkage.needed.iter().any(|needed| needed == name));
        if name.starts_with("libpython") && !needed {
            fs::remove_file(path)?;
        }
    }
    // What is left are links to it, for linkers.
    for entry in fs::read_dir(&library)? {
        let entry = entry?;
        if entry.file_type()?.is_symlink() && entry.file_name().to_string_lossy().starts_with("libpython") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Every ELF file of the tree with its linkage, in a stable order. Links are not followed.
fn elf_files(tree: &Path) -> anyhow::Result<BTreeMap<PathBuf, Linkage>> {
    let mut files = BTreeMap::new();
    for entry in WalkDir::new(tree.join("bin")).into_iter().chain(WalkDir::new(tree.join("lib"))) {
        let entry = entry?;
        if entry.file_type().is_file()
            && let Some(linkage) = elf::linkage(entry.path())?
        {
            files.insert(entry.into_path(), linkage);
        }
    }
    Ok(files)
}

/// Copies into `lib` what these files need and the tree does not have. Returns what could not be found, as
/// pairs of file and library.
fn bring_libraries<'a>(tree: &Path, files: impl Iterator<Item = &'a PathBuf>) -> anyhow::Result<Vec<(String, String)>> {
    let mut missing = Vec::new();
    // `ldd` asks the loader itself, so it knows about caches, `ld.so.conf` and hardware variants.
    for file in files {
        let output = Command::new("ldd").arg(file).env_remove("LD_PRELOAD").env("LC_ALL", "C").output().or_fail(
            "could not run `ldd`",
            "install it: it comes with the C library (package libc-bin or glibc-common)",
        )?;
        for (name, path) in resolved(&String::from_utf8_lossy(&output.stdout)) {
            let ours = tree.join("lib").join(&name);
            match path {
                _ if elf::is_part_of_glibc(&name) || ours.exists() => {}
                // Without a path of its own the loader would find nothing elsewhere, a place in the tree or not.
                Some(path) if path.starts_with(tree) => {}
                Some(path) => {
                    fs::copy(&path, &ours).with_context(|| format!("could not copy `{}`", path.display()))?;
                }
                None => missing.extend(relative(tree, file).map(|file| (file, name))),
            }
        }
    }
    Ok(missing)
}

/// The lines `libz.so.1 => /lib/libz.so.1 (0x…)` and `libz.so.1 => not found` of `ldd`.
fn resolved(output: &str) -> impl Iterator<Item = (String, Option<PathBuf>)> + '_ {
    output.lines().filter_map(|line| {
        let (name, rest) = line.trim().split_once(" => ")?;
        let path = rest.starts_with('/').then(|| PathBuf::from(rest.split(" (").next().unwrap_or(rest)));
        Some((name.to_owned(), path))
    })
}

/// Whether the loader finds the library in the tree, by a relative path.
fn is_reachable(tree: &Path, file: &Path, linkage: &Linkage, name: &str) -> bool {
    let runpath = linkage.runpath.as_deref().unwrap_or_default();
    let origin = file.parent().unwrap_or(tree);
    runpath
        .split(':')
        .filter_map(|place| place.strip_prefix("$ORIGIN"))
        .any(|place| origin.join(place.trim_start_matches('/')).join(name).is_file())
}

/// The RUNPATH by which a file of the tree finds `lib`: `$ORIGIN/../..`.
fn to_lib(tree: &Path, file: &Path) -> Option<String> {
    let folder = relative(tree, file.parent()?)?;
    Some(match folder.strip_prefix("lib") {
        Some(below) => format!("$ORIGIN{}", "/..".repeat(below.matches('/').count())),
        None => format!("$ORIGIN{}/lib", "/..".repeat(folder.split('/').count())),
    })
}

/// tkinter is of use only with the Tcl scripts of the very version it was linked with, and those lie elsewhere
/// on each system. It stays where Tcl is part of the tree, and goes whole where it is not.
fn drop_incomplete_tkinter(tree: &Path) -> anyhow::Result<()> {
    for (module, linkage) in elf_files(tree)? {
        let is_tkinter = module.file_name().is_some_and(|name| name.to_string_lossy().starts_with("_tkinter."));
        let outside = |name: &String| name.starts_with("libt") && !is_reachable(tree, &module, &linkage, name);
        if !is_tkinter || !linkage.needed.iter().any(outside) {
            continue;
        }
        fs::remove_file(&module)?;
        if let Some(stdlib) = module.parent().and_then(Path::parent) {
            files::remove_file_if_exists(&stdlib.join("turtle.py"))?;
            files::remove_directory_if_exists(&stdlib.join("tkinter"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_finds_lib_from_where_it_is() {
        let tree = Path::new("/t");
        for (file, runpath) in [
            ("/t/bin/python3.13", "$ORIGIN/../lib"),
            ("/t/lib/libssl.so.3", "$ORIGIN"),
            ("/t/lib/python3.13/lib-dynload/_ssl.so", "$ORIGIN/../.."),
        ] {
            assert_eq!(to_lib(tree, Path::new(file)).unwrap(), runpath);
        }
    }

    #[test]
    fn the_loader_s_answers_are_read() {
        let output = "\tlinux-vdso.so.1 (0x7ff)\n\tlibz.so.1 => /lib/x/libz.so.1 (0x7ff)\n\tliba.so => not found\n\t/lib64/ld-linux-x86-64.so.2 (0x7)\n";
        let found: Vec<_> = resolved(output).collect();
        assert_eq!(found, [("libz.so.1".into(), Some("/lib/x/libz.so.1".into())), ("liba.so".into(), None)]);
    }

    #[test]
    fn libc_stays_behind_and_libcrypt_comes_along() {
        assert!(elf::is_part_of_glibc("libc.so.6") && elf::is_part_of_glibc("ld-linux-x86-64.so.2"));
        assert!(!elf::is_part_of_glibc("libcrypt.so.1") && !elf::is_part_of_glibc("libcrypto.so.3"));
    }
}
