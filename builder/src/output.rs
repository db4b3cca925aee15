//! The bundle as a file: written beside its final name, signed, checked, and renamed. Until then nothing stands, or what stood
//! before, under that name.

use std::fs;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use launcher::bundle::digest::Digest;
use launcher::bundle::writer::Writer;
use launcher::bundle::{Bundle, LaunchRecord};
use tempfile::{NamedTempFile, TempPath};

use crate::brand::header;
use crate::config::Project;
use crate::failure::{Failure, Help};
use crate::host;
use crate::pack::Packed;
use crate::report::Report;
use crate::target::{Family, Target};
use crate::{check, sign};

/// Where bundles go when nothing else is said, as other Python build tools have it.
const DEFAULT_DIRECTORY: &str = "dist";

/// A bundle that is being written. Dropped before it is finished, it leaves nothing.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    partial: NamedTempFile,
    /// Dropped after the file that lies in them.
    directories: NewDirectories,
}

impl Output {
    /// Finds the name and opens a file beside it, so that a place that can't be written shows at once.
    ///
    /// # Errors
    /// When the name is a directory's that isn't meant to hold bundles, or nothing can be written there.
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
        let directory = path.parent().unwrap_or(Path::new("."));
        let unwritable =
            || (format!("could not write `{}`", path.display()), "choose a file in another directory with -o");
        let directories = NewDirectories::create(directory).or_fail(unwritable().0, unwritable().1)?;
        let mut beside = tempfile::Builder::new();
        // The end of the name is what some signers know a program by.
        let suffix = format!(".partial{}", target.exe_suffix());
        beside.prefix(".ekiben-").suffix(&suffix);
        // Without the file's own path, which means nothing to anybody.
        let partial = beside
            .tempfile_in(directory)
            .map_err(|e| io::Error::from(e.kind()))
            .or_fail(unwritable().0, unwritable().1)?;
        Ok(Self { path, partial, directories })
    }

    /// Writes launcher, layers and launch record.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn write(self, launcher: &[u8], layers: &[Packed], record: &LaunchRecord) -> anyhow::Result<Written> {
        let message = || format!("could not write the bundle beside `{}`", self.path.display());
        let write = || -> anyhow::Result<Digest> {
            let mut writer = Writer::new(BufWriter::new(self.partial.as_file()), launcher)?;
            for layer in layers {
                layer.write_to(&mut writer)?;
            }
            let (digest, out) = writer.finish(record)?;
            let file = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
            host::make_executable(file)?;
            header::set_checksum(file)?;
            // A file that is renamed before it is on the disk can be empty after a power cut.
            file.sync_all()?;
            Ok(digest)
        };
        let digest = write().or_fail(message(), "check that there is room on this disk")?;
        // Closed, so that a signer may open it in any way it likes.
        let partial = self.partial.into_temp_path();
        Ok(Written { path: self.path, partial, directories: self.directories, digest })
    }
}

/// A bundle that is complete, but for its name. Dropped before it is finished, it leaves nothing.
#[derive(Debug)]
pub struct Written {
    path: PathBuf,
    partial: TempPath,
    directories: NewDirectories,
    digest: Digest,
}

impl Written {
    /// Signs it, if the project has a command for that and the target is one that knows signatures.
    ///
    /// # Errors
    /// When that does not make a signed bundle of it.
    pub fn sign(mut self, project: &Project, target: Target, report: &Report) -> anyhow::Result<Self> {
        match (&project.sign, target.family()) {
            (Some(command), Family::Windows) => {
                self.partial = sign::sign(command, &project.root, self.partial, self.digest, report)?;
            }
            (Some(_), Family::Unix) => {
                report.notice(format!("[tool.ekiben.sign] is for Windows; a bundle for {target} has no signature"));
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
        self.partial.persist(&self.path).or_fail(
            format!("could not replace `{}`", self.path.display()),
            "it may be running, or open in another program: close it, or choose another name with -o",
        )?;
        self.directories.keep();
        Ok((self.path, size, self.digest))
    }
}

/// Whether a path that is not there yet ends with a separator, as only a directory's does.
fn names_a_directory(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().last().is_some_and(|last| std::path::is_separator(char::from(*last)))
}

/// The directories that had to be made for the output. Dropped before they are to be kept, they are gone again, unless
/// somebody else has put something there.
#[derive(Debug, Default)]
struct NewDirectories(Vec<PathBuf>);

impl NewDirectories {
    /// Makes sure that `directory` is one, with all that are missing above it. On failure nothing is left.
    fn create(directory: &Path) -> io::Result<Self> {
        let mut made = Self::default();
        // From the top, each once: a file system like /proc says "not found" for what it does not let us make.
        let missing: Vec<_> = directory.ancestors().take_while(|d| !d.as_os_str().is_empty() && !d.is_dir()).collect();
        missing.into_iter().rev().try_for_each(|directory| made.add(directory))?;
        Ok(made)
    }

    fn keep(mut self) {
        self.0.clear();
    }

    fn add(&mut self, directory: &Path) -> io::Result<()> {
        match fs::create_dir(directory) {
            Ok(()) => self.0.push(directory.to_owned()),
            // Another builder was faster.
            Err(_) if directory.is_dir() => {}
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                let message = format!("`{}` is not a directory", directory.display());
                return Err(io::Error::new(io::ErrorKind::NotADirectory, message));
            }
            Err(e) => return Err(e),
        }
        Ok(())
    }
}

impl Drop for NewDirectories {
    fn drop(&mut self) {
        for directory in self.0.iter().rev() {
            // One that is not empty belongs to somebody else by now, and stays.
            drop(fs::remove_dir(directory));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_directories_go_again_but_for_those_that_somebody_uses() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("a/b/c");
        drop(NewDirectories::create(&deep).unwrap());
        assert!(!root.path().join("a").exists());

        let made = NewDirectories::create(&deep).unwrap();
        fs::write(root.path().join("a/another"), "").unwrap();
        drop(made);
        assert!(root.path().join("a").exists() && !root.path().join("a/b").exists());

        NewDirectories::create(&deep).unwrap().keep();
        drop(NewDirectories::create(&deep).unwrap());
        assert!(deep.exists());
    }

    #[test]
    fn a_path_that_ends_with_a_separator_is_a_directory() {
        assert!(names_a_directory(Path::new("out/")) && !names_a_directory(Path::new("out")));
    }

    #[test]
    fn a_file_is_no_directory_and_nothing_stays_beside_it() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        for directory in [file.clone(), file.join("a/b")] {
            assert_eq!(NewDirectories::create(&directory).unwrap_err().kind(), io::ErrorKind::NotADirectory);
        }
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }
}
