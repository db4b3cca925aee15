//! Where an app may be installed: the candidates in their order, and the reasons not to use one.
//!
//! 1. `EKIBEN_ROOT`, a directory that holds the install roots of all apps.
//! 2. Beside the executable, if a marker (a file `ekiben.here`) is there, in a directory that nobody else may write to: a memory
//!    stick, or an admin's directory. If an admin owns the marker, no other place is tried, and no variable changes that. See
//!    [`marker`].
//! 3. A machine-wide root in which an admin has installed this version. It is only read.
//! 4. The user's programs: below the local data directory, but not in directories where apps keep their data.
//! 5. The directories that systemd gave to the service.
//! 6. A private directory in the one for temporary files.
//!
//! A start runs the version from the first candidate that has it and is safe. Only if none has it, or if somebody has chosen a
//! place that does not have it yet, each candidate is assessed: whether it is safe, can be written, may hold programs, and has
//! room.
//!
//! # Security
//! A place is safe when every directory from the root of the file system to the version dir belongs to this account or an
//! admin, and nobody else may write to it. Every start checks that, in every place, before it trusts or writes anything there. So
//! nobody else can have put files there, and nobody else can change them while the app starts.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use super::layout::{self, InstallRoot};
use crate::env;
use crate::sys::access::{self, Part};
use crate::sys::path_error::PathError;
use bundle::Bundle;
use bundle::index::{Index, Layer};
use bundle::record::AppId;
use bundle::source::Source;

mod installed;
mod lengths;
pub mod marker;
pub mod private;
pub(super) mod refusal;

pub use installed::Installed;
use lengths::Lengths;
use marker::Marker;
pub use refusal::{Attempt, Refusal};

/// One kind of place for install roots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// `EKIBEN_ROOT`.
    Environment,
    /// The directory of the executable, with a marker in it.
    Beside,
    /// A directory of an admin's, for the whole machine.
    Machine,
    /// The user's programs.
    User,
    /// `STATE_DIRECTORY` (systemd.exec(5)).
    State,
    /// `CACHE_DIRECTORY` (systemd.exec(5)).
    Cache,
    /// The directory for temporary files.
    Temporary,
}

const ORDER: [Place; 7] =
    [Place::Environment, Place::Beside, Place::Machine, Place::User, Place::State, Place::Cache, Place::Temporary];

/// An install root that may or may not be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The kind of place that makes it a candidate.
    pub place: Place,
    /// The root.
    pub root: InstallRoot,
}

/// All places for one app.
#[derive(Debug)]
pub struct Roots<'a> {
    app: &'a AppId,
    exe: &'a Path,
    marker: Marker,
}

/// How much space and which path lengths a version needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needed {
    /// Bytes.
    pub bytes: u64,
    /// The lengths of its paths.
    lengths: Lengths,
}

impl Needed {
    /// For everything in the bundle: the content of the files, and half a block for each file, because file systems
    /// round up.
    pub fn from_bundle<S: Source>(bundle: &Bundle<S>, index: &Index) -> Self {
        const ROUNDING: u64 = 2048;
        let files: usize = index.layers.iter().map(Layer::files).sum();
        let bytes = index.raw_len().saturating_add(ROUNDING.saturating_mul(files as u64));
        Self { bytes, lengths: Lengths::from_bundle(bundle, index) }
    }
}

impl<'a> Roots<'a> {
    /// For the app with this id, started from `exe`.
    pub fn new(app: &'a AppId, exe: &'a Path) -> Self {
        let marker = Marker::beside(exe);
        Self { app, exe, marker }
    }

    /// The candidates in their order, each computed when it is needed.
    pub fn candidates(&self) -> impl Iterator<Item = Candidate> + '_ {
        ORDER.into_iter().filter_map(|place| {
            let root = match place {
                Place::Beside if self.marker == Marker::None => return None,
                Place::Beside if self.marker == Marker::Machine => self.machine()?,
                Place::Beside => InstallRoot::beside(self.exe, self.app)?,
                _ if self.is_final() => return None,
                _ => InstallRoot::below(&parent(place)?, self.app)?,
            };
            Some(Candidate { place, root })
        })
    }

    /// All of them.
    pub fn all(&self) -> Vec<Candidate> {
        self.candidates().collect()
    }

    /// The first root that is there and that this account may use and change.
    pub fn usable(&self) -> Option<InstallRoot> {
        self.candidates().find(Candidate::is_ours).map(|candidate| candidate.root)
    }

    /// Whether an admin has decided where this app is installed.
    pub fn is_final(&self) -> bool {
        matches!(self.marker, Marker::Final | Marker::Machine)
    }

    /// The root for the whole machine in which the executable is the installed program.
    pub fn machine(&self) -> Option<InstallRoot> {
        let directory = self.exe.parent().filter(|_| self.marker == Marker::Machine)?;
        Some(InstallRoot::of(directory.to_path_buf(), self.app))
    }

    /// The version, in the first candidate that has it. Also `None` if somebody has chosen a place that does not have
    /// it, because then it should be installed there ([`super::install`]).
    pub fn find<S: Source>(&self, bundle: &Bundle<S>) -> Option<Installed> {
        for candidate in self.candidates() {
            if let Some(installed) = candidate.find(bundle) {
                return Some(installed);
            }
            if candidate.place.is_chosen() {
                return None;
            }
        }
        None
    }
}

impl Place {
    /// Whether somebody has chosen this place for the app.
    fn is_chosen(self) -> bool {
        matches!(self, Self::Environment | Self::Beside)
    }
}

/// The directory that holds install roots. Beside an executable there is only one root.
fn parent(place: Place) -> Option<PathBuf> {
    match place {
        Place::Environment => variable(env::ROOT).map(PathBuf::from),
        Place::Beside => None,
        Place::Machine => access::machine_wide(),
        Place::User => layout::users_programs(),
        Place::State => variable(env::STATE_DIRECTORY).and_then(first_of_list),
        Place::Cache => variable(env::CACHE_DIRECTORY).and_then(first_of_list),
        Place::Temporary => temporary(),
    }
}

/// This account's own directory below the directory for temporary files, whether or not it exists. If another account
/// has taken the usual name, the name has an addition that nobody can predict: that of an existing directory, or a new
/// one.
fn temporary() -> Option<PathBuf> {
    let usual = layout::temporary(&access::account_id()?);
    let is_taken = usual.symlink_metadata().is_ok() && !access::is_private(&usual);
    Some(if is_taken { layout::other_temporary(&usual, access::is_private) } else { usual })
}

impl Candidate {
    /// The version, if it is here, in a place that is safe.
    pub fn find<S: Source>(&self, bundle: &Bundle<S>) -> Option<Installed> {
        let record = bundle.record();
        let version_dir = self.root.version_dir(&record.app.version, bundle.digest());
        if !self.is_private_if_temporary() {
            return None;
        }
        let interpreter = record.start.interpreter.below(Path::new(""));
        let directory = access::open_version(&version_dir, &interpreter, &layout::seal_in_version()).ok()??;
        Installed::new(self.clone(), version_dir, directory)
    }

    /// Everybody can create directories in the directory for temporary files, so only one that this account alone can
    /// access is used.
    fn is_private_if_temporary(&self) -> bool {
        self.place != Place::Temporary || self.root.path().parent().is_some_and(access::is_private)
    }

    /// Checks whether a version may be installed here, apart from room, and creates the root.
    ///
    /// # Errors
    /// The reason why not. At most empty directories have been created then.
    pub fn prepare(&self) -> Result<(), Refusal> {
        if self.place == Place::Machine {
            return Err(Refusal::NotThere);
        }
        let root = self.root.path();
        if self.place == Place::Temporary
            && let Some(parent) = root.parent()
        {
            access::make_private(parent)?;
        }
        access::make(root, Part::Inside)?;
        self.check_inside()?;
        for directory in [self.root.versions(), self.root.staging()] {
            access::make(&directory, Part::Inside)?;
        }
        if !access::room(root)?.programs {
            return Err(Refusal::NoPrograms { path: root.to_path_buf() });
        }
        Ok(())
    }

    /// Checks whether a version fits here: whether there is enough disk space, and whether its paths are short enough.
    ///
    /// # Errors
    /// How much space there is and how much is needed, or by how much the paths are too long.
    pub fn has_room(&self, needed: Needed) -> Result<(), Refusal> {
        let root = self.root.path();
        lengths::check(root, needed, access::long_paths())?;
        let free = access::room(self.there())?.free;
        if free < needed.bytes {
            return Err(Refusal::NoRoom { path: root.to_path_buf(), needed: needed.bytes, free });
        }
        Ok(())
    }

    /// Checks the same as [`Self::prepare`] and [`Self::has_room`], as far as that is possible without writing anything.
    ///
    /// # Errors
    /// The reason why a version can't be installed here.
    pub fn assess(&self, needed: Needed) -> Result<(), Refusal> {
        if self.place == Place::Machine {
            return Err(Refusal::NotThere);
        }
        let root = self.root.path();
        match root.parent().filter(|_| self.place == Place::Temporary) {
            Some(parent) if parent.exists() && !access::is_private(parent) => {
                return Err(PathError::not_private(parent).into());
            }
            _ => access::check_existing(root)?,
        }
        let there = self.there();
        if let Err(source) = access::may_write(there) {
            return Err(Refusal::Io { action: "write in", path: there.to_path_buf(), source });
        }
        if !access::room(there)?.programs {
            return Err(Refusal::NoPrograms { path: root.to_path_buf() });
        }
        self.has_room(needed)
    }

    /// Whether there is an install root here.
    pub fn is_there(&self) -> bool {
        let root = &self.root;
        let made = [root.versions(), root.staging(), root.lock_file(), root.kept(), root.data(), root.marker()];
        made.iter().any(|path| path.exists())
    }

    /// Whether the root here belongs to this account, so that it may be cleaned up and removed: nobody else can have
    /// put anything into it, such as a link to another directory.
    pub fn is_ours(&self) -> bool {
        self.is_there() && self.is_safe() && self.is_writable()
    }

    /// Whether only this account or an admin can have put files here.
    pub fn is_safe(&self) -> bool {
        self.is_private_if_temporary() && access::check(self.root.path()).is_ok() && self.check_inside().is_ok()
    }

    /// Checks the directories in the root: another account may have created them while it had write access to the root.
    fn check_inside(&self) -> Result<(), Refusal> {
        let directories = [self.root.versions(), self.root.staging()];
        directories.iter().filter(|path| path.symlink_metadata().is_ok()).try_for_each(|path| access::check(path))?;
        Ok(())
    }

    /// Whether this account may change what is here.
    pub fn is_writable(&self) -> bool {
        access::may_write(self.there()).is_ok()
    }

    /// How many bytes this account may still write here.
    pub fn free(&self) -> Option<u64> {
        access::room(self.there()).ok().map(|room| room.free)
    }

    /// The root, or the nearest directory above it that exists.
    pub fn there(&self) -> &Path {
        let root = self.root.path();
        root.ancestors().find(|path| path.exists()).unwrap_or(root)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => env::ROOT,
            Self::Beside => "beside the app",
            Self::Machine => "for the whole machine",
            Self::User => "this user's programs",
            Self::State => env::STATE_DIRECTORY,
            Self::Cache => env::CACHE_DIRECTORY,
            Self::Temporary => "temporary files",
        })
    }
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// systemd separates several directories with colons (systemd.exec(5)).
fn first_of_list(list: OsString) -> Option<PathBuf> {
    std::env::split_paths(&list).find(|path| path.is_absolute())
}
