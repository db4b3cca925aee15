//! The bundle as a file: written in a directory of this build's own beside its final name, signed, checked, and renamed. Until
//! then the final name is free, or the earlier file is there.
//!
//! An earlier file is replaced only if it is a bundle: see [`replaced`].

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use bundle::digest::Digest;
use bundle::writer::Writer;
use bundle::{Bundle, LaunchRecord};

use crate::config::Project;
use crate::context::BuildContext;
use crate::executable::brand::header;
use crate::executable::sign;
use crate::host::scratch::{self, Names, Scratch};
use crate::host::system;
use crate::packing::check;
use crate::packing::pack::Packed;
use crate::platform::{ExecutableFormat, Target};
use crate::report::Report;
use crate::report::failure::{Failure, Help};

mod new_directories;
mod replaced;

use new_directories::NewDirectories;
use replaced::Replacing;

/// Where bundles go by default, as with other Python build tools.
const DEFAULT_DIRECTORY: &str = "dist";

/// How the directory is called in which a bundle is written.
const PARTIAL: Names = Names { prefix: ".ekiben-", suffix: ".partial" };

/// A bundle that is being written. Dropped before it is finished, it leaves nothing.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    /// Its name in the scratch directory. Signers recognise a program by the end of its name, and some record the whole name.
    partial: PathBuf,
    file: File,
    scratch: Scratch,
    /// Dropped after what lies in them.
    directories: NewDirectories,
    replacing: Replacing,
}

impl Output {
    /// Finds the name and makes a directory beside it, so that a place that can't be written shows at once. What builds that
    /// were killed have left beside it is removed.
    ///
    /// # Errors
    /// When the name is a directory's that isn't meant to hold bundles, or that of something that must not be replaced; or
    /// when nothing can be written there.
    pub fn prepare(project: &Project, target: Target) -> anyhow::Result<Self> {
        let name = format!("{}{}", project.id, target.exe_suffix());
        let path = match &project.output {
            Some(output) if output.is_dir() || names_a_directory(output) => output.join(name),
            Some(output) => output.clone(),
            None => std::path::absolute(DEFAULT_DIRECTORY)?.join(name),
        };
        if path.is_dir() {
            let failure = Failure::new(format!("could not write `{}`: it is a directory", path.display()));
            return Err(failure.help("choose another name with -o").into());
        }
        let replacing = Replacing::by(project);
        replacing.check(&path)?;
        let directory = path.parent().unwrap_or(Path::new("."));
        let unwritable =
            || (format!("could not write `{}`", path.display()), "choose a file in another directory with -o");
        let directories = NewDirectories::create(directory).or_fail(unwritable().0, unwritable().1)?;
        let make = || {
            let scratch = Scratch::new(directory, PARTIAL)?;
            let partial = scratch.path().join(path.file_name().unwrap_or(OsStr::new("bundle")));
            let file = system::create_new_private(&partial)?;
            Ok((scratch, partial, file))
        };
        // Without the file's own path, which means nothing to anybody.
        let made = make().map_err(|e: io::Error| io::Error::from(e.kind()));
        let (scratch, partial, file) = made.or_fail(unwritable().0, unwritable().1)?;
        scratch::sweep(directory, PARTIAL, &scratch);
        Ok(Self { path, partial, file, scratch, directories, replacing })
    }

    /// Writes launcher, layers and launch record.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn write(self, launcher: &[u8], layers: &[Packed], record: &LaunchRecord) -> anyhow::Result<Written> {
        let message = || format!("could not write the bundle beside `{}`", self.path.display());
        let write = || -> anyhow::Result<Digest> {
            let mut writer = Writer::new(BufWriter::new(&self.file), launcher)?;
            for layer in layers {
                layer.write_to(&mut writer)?;
            }
            let (digest, out) = writer.finish(record)?;
            let file = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
            system::make_executable(file)?;
            header::set_checksum(file)?;
            // A file that is renamed before it is on the disk can be empty after a power cut.
            file.sync_all()?;
            Ok(digest)
        };
        let digest = write().or_fail(message(), "check that there is room on this disk")?;
        // Closed, so that a signer can open it in any mode.
        let Self { path, partial, scratch, directories, replacing, .. } = self;
        Ok(Written { path, partial, scratch, directories, replacing, digest })
    }
}

/// A bundle that is complete, but for its name. Dropped before it is finished, it leaves nothing.
#[derive(Debug)]
pub struct Written {
    path: PathBuf,
    partial: PathBuf,
    scratch: Scratch,
    directories: NewDirectories,
    replacing: Replacing,
    digest: Digest,
}

impl Written {
    /// Signs it, if the project has a command for that and the target is one that knows signatures.
    ///
    /// # Errors
    /// When that does not make a signed bundle of it.
    pub fn sign(mut self, context: BuildContext<'_>) -> anyhow::Result<Self> {
        match (&context.project.sign, context.target.platform().executable_format()) {
            (Some(command), ExecutableFormat::Pe) => {
                self.partial = sign::sign(command, &context.project.root, &self.partial, self.digest, context.report)?;
            }
            (Some(_), ExecutableFormat::Elf) => {
                let target = context.target;
                let notice = format!("[tool.ekiben.sign] is for Windows; a bundle for {target} has no signature");
                context.report.notice(notice);
            }
            (None, _) => {}
        }
        Ok(self)
    }

    /// Opens what was written again, checks every digest, and gives it its name. Returns its path, its length and the digest
    /// that names its payload.
    ///
    /// # Errors
    /// When it is not what it should be, or can't be renamed.
    pub fn finish(self, report: &Report) -> anyhow::Result<(PathBuf, u64, Digest)> {
        let bundle = Bundle::open(&self.partial)?;
        check::digests(&bundle, report)
            .or_fail("the bundle that was just written is damaged", "check this disk and this machine's memory")?;
        let size = bundle.file_len()?;
        drop(bundle);
        // Somebody may have put something there meanwhile.
        self.replacing.check(&self.path)?;
        fs::rename(&self.partial, &self.path).or_fail(
            format!("could not replace `{}`", self.path.display()),
            "it may be running, or open in another program: close it, or choose another name with -o",
        )?;
        drop(self.scratch);
        self.directories.keep();
        Ok((self.path, size, self.digest))
    }
}

/// Whether a path that is not there yet ends with a separator, as only a directory's does.
fn names_a_directory(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().last().is_some_and(|last| std::path::is_separator(char::from(*last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_ends_with_a_separator_is_a_directory() {
        assert!(names_a_directory(Path::new("out/")) && !names_a_directory(Path::new("out")));
    }
}
