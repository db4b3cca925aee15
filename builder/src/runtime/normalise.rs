//! Turns an installation, however it is laid out, into the tree that the `runtime` layer packs.
//!
//! ```text
//! python -> bin/python3.13   python._pth   bin/   lib/python3.13/site-packages/     (Unix)
//! python.exe  python313.dll  python313._pth   DLLs\  Lib\site-packages\             (Windows)
//! ```

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;

use anyhow::Context;

use super::detect::Installation;
use super::{isolate, relocate, sysconfig, trim, unpack, venv};
use crate::host::{files, system};
use crate::platform::{PreparationStep, Target};
use crate::report::Report;

/// Normalises the installation where it is.
///
/// # Errors
/// When a part that every installation has is missing, or the file system fails. The tree is of no use then.
pub(super) fn normalise(installation: &Installation, target: Target, report: &Report) -> anyhow::Result<()> {
    let tree = &installation.root;
    let version = &installation.version;
    let platform = installation.platform;
    let steps = platform.preparation();
    if steps.contains(&PreparationStep::UnpackLibrary) {
        unpack_library(tree, &version.nodot())?;
    }
    trim::trim(tree, platform).context("could not trim the runtime")?;
    fs::create_dir_all(tree.join(platform.site_packages(version)))?;
    for step in steps {
        match step {
            PreparationStep::UnpackLibrary => {}
            PreparationStep::LinkInterpreter => links(installation)?,
            PreparationStep::Relocate if target.runs_here() => relocate::relocate(tree, report)?,
            PreparationStep::Relocate => {}
            PreparationStep::DropUnusedLibpython => relocate::drop_unused_libpython(tree)?,
            PreparationStep::CopyLibpythonToVenvs => venv::copy_libpython(tree, &tree.join(platform.stdlib(version)))?,
            PreparationStep::Strip => relocate::strip(tree, report)?,
            PreparationStep::NeutraliseSysconfig => sysconfig::neutralise(&tree.join(platform.stdlib(version)))?,
        }
    }
    isolate::isolate(tree, platform, version).context("could not isolate the runtime")
}

/// The embeddable package has its library in `python313.zip`. As files it compresses much better, and is read
/// without unpacking.
fn unpack_library(tree: &Path, nodot: &str) -> anyhow::Result<()> {
    let zip = tree.join(format!("python{nodot}.zip"));
    if !zip.is_file() || tree.join("Lib/os.py").is_file() {
        return Ok(());
    }
    let library = tree.join("Lib");
    fs::create_dir_all(&library)?;
    unpack::zip(BufReader::new(File::open(&zip)?), &library)
        .with_context(|| format!("could not unpack `{}`", zip.display()))?;
    fs::remove_file(zip)?;
    Ok(())
}

/// `bin/python3.13` is the program; the other names are links to it. All of them are relative.
///
/// Debian's CPython reads `.pth` files in directories called `dist-packages` only, as a frozen part of the
/// program: there `site-packages` gets that name too.
fn links(installation: &Installation) -> anyhow::Result<()> {
    let tree = &installation.root;
    let name = format!("python{}", installation.version.minor());
    let mut links = vec![
        ("python".to_owned(), format!("bin/{name}")),
        ("bin/python3".to_owned(), name.clone()),
        ("bin/python".to_owned(), name.clone()),
    ];
    // Other builds' `site` does not know the name at all.
    let site = ["py", "pyc"].map(|suffix| fs::read(tree.join(format!("lib/{name}/site.{suffix}"))).unwrap_or_default());
    if site.iter().any(|site| site.windows(b"dist-packages".len()).any(|window| window == b"dist-packages")) {
        links.push((format!("lib/{name}/dist-packages"), "site-packages".to_owned()));
    }
    for (link, to) in links {
        let link = tree.join(link);
        files::remove_file_if_exists(&link)?;
        system::symlink(&to, &link).with_context(|| format!("could not make the link `{}`", link.display()))?;
    }
    Ok(())
}
