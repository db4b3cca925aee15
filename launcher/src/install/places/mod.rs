//! Where an app may be installed: the candidates in their order, and what speaks against one.
//!
//! 1. `EKIBEN_ROOT`, a directory that holds the install roots of all apps.
//! 2. Beside the executable, where a marker (a file `ekiben.here`) says so, in a directory that nobody else may write to: a memory stick, or a directory of an
//!    admin's. A marker that an admin owns is the last word: no variable leads such an app elsewhere. See [`marker`].
//! 3. A machine-wide root that an admin has filled with this very version. Only read.
//! 4. The user's programs: below the local data directory, and not where apps keep their data.
//! 5. What systemd gave to the service.
//! 6. A private directory in the one for temporary files.
//!
//! A start runs the version from the first candidate that has it and is safe, and looks no further. Only when none has it, or
//! somebody has chosen a place that does not have it yet, each is judged: whether it is safe, can be written, may hold
//! programs, and has room.
//!
//! # Security
//! A place is safe when every directory from the root of the file system to the version dir belongs to this account or an
//! admin, and nobody else may write to it. That is looked at in every start, in every place, before anything there is read as
//! ours or written. Nobody else can then have put there what is there, and nobody else can change it while the app starts.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use super::Installed;
use super::layout::{self, InstallRoot};
use crate::env;
use bundle::Bundle;
use bundle::index::{Index, Layer};
use bundle::record::AppId;
use bundle::source::Source;

mod lengths;
pub mod marker;
pub mod private;
pub(super) mod refusal;
use crate::sys::access as system;

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
    /// An admin's, for the whole machine.
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
    /// Why it is one.
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

/// Where a directory lies on the way to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Above the install root.
    Above,
    /// The install root, or something in it.
    Inside,
}

/// What a version needs of a disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needed {
    /// Bytes.
    pub bytes: u64,
    /// Of paths.
    lengths: Lengths,
}

impl Needed {
    /// By everything in the bundle: what the files hold, and half a block for each, as file systems round up.
    pub fn by<S: Source>(bundle: &Bundle<S>, index: &Index) -> Self {
        const ROUNDING: u64 = 2048;
        let files: usize = index.layers.iter().map(Layer::files).sum();
        let bytes = index.raw_len().saturating_add(ROUNDING.saturating_mul(files as u64));
        Self { bytes, lengths: Lengths::of(bundle, index) }
    }
}

impl<'a> Roots<'a> {
    /// For the app with this id, started from `exe`.
    pub fn of(app: &'a AppId, exe: &'a Path) -> Self {
        let marker = Marker::beside(exe);
        Self { app, exe, marker }
    }

    /// The candidates in their order, each made when it is its turn.
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

    /// The root for the whole machine that the executable is the program of.
    pub fn machine(&self) -> Option<InstallRoot> {
        let directory = self.exe.parent().filter(|_| self.marker == Marker::Machine)?;
        Some(InstallRoot::of(directory.to_path_buf(), self.app))
    }

    /// The version, in the first candidate that has it. `None` also when a place that somebody chose does not have it: it
    /// is to be installed there, if that can be done ([`super::install`]).
    pub fn find<S: Source>(&self, bundle: &Bundle<S>) -> Option<Installed> {
        for candidate in self.candidates() {
            if let Some(installed) = candidate.look(bundle) {
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
    /// Whether somebody has said that this app belongs there.
    fn is_chosen(self) -> bool {
        matches!(self, Self::Environment | Self::Beside)
    }
}

/// The directory that holds install roots there. Beside an executable there is only the one.
fn parent(place: Place) -> Option<PathBuf> {
    match place {
        Place::Environment => variable(env::ROOT).map(PathBuf::from),
        Place::Beside => None,
        Place::Machine => system::machine_wide(),
        Place::User => layout::users_programs(),
        Place::State => variable(env::STATE_DIRECTORY).and_then(first_of_list),
        Place::Cache => variable(env::CACHE_DIRECTORY).and_then(first_of_list),
        Place::Temporary => system::temporary(),
    }
}

impl Candidate {
    /// The version, if it is here, in a place that is safe.
    pub fn look<S: Source>(&self, bundle: &Bundle<S>) -> Option<Installed> {
        let record = bundle.record();
        let version_dir = self.root.version_dir(&record.app.version, bundle.digest());
        if !self.is_private_if_temporary() {
            return None;
        }
        let interpreter = record.start.interpreter.below(Path::new(""));
        let directory = system::open_version(&version_dir, &interpreter).ok()??;
        Installed::look(self.clone(), version_dir, directory)
    }

    /// In the directory for temporary files, everybody may have made directories: only one of this account's alone is used.
    fn is_private_if_temporary(&self) -> bool {
        self.place != Place::Temporary || self.root.path().parent().is_some_and(system::is_private)
    }

    /// Whether a version may be installed here, if it has room; makes the root, if so.
    ///
    /// # Errors
    /// What speaks against it. Nothing but empty directories may have been made then.
    pub fn prepare(&self) -> Result<(), Refusal> {
        if self.place == Place::Machine {
            return Err(Refusal::NotThere);
        }
        let root = self.root.path();
        if self.place == Place::Temporary
            && let Some(parent) = root.parent()
        {
            system::make_private(parent)?;
        }
        system::make(root, Part::Inside)?;
        self.check_inside()?;
        for directory in [self.root.versions(), self.root.staging()] {
            system::make(&directory, Part::Inside)?;
        }
        if !system::room(root)?.programs {
            return Err(Refusal::NoPrograms { path: root.to_path_buf() });
        }
        Ok(())
    }

    /// Whether a version has room here, where the root is: for its bytes, and for the length of its paths.
    ///
    /// # Errors
    /// How much there is, and how much is needed.
    pub fn has_room(&self, needed: Needed) -> Result<(), Refusal> {
        let root = self.root.path();
        lengths::check(root, needed, system::long_paths())?;
        let free = system::room(self.there())?.free;
        if free < needed.bytes {
            return Err(Refusal::NoRoom { path: root.to_path_buf(), needed: needed.bytes, free });
        }
        Ok(())
    }

    /// What [`Self::prepare`] and [`Self::has_room`] would say, as far as that can be told without making or writing anything.
    ///
    /// # Errors
    /// What speaks against it.
    pub fn judge(&self, needed: Needed) -> Result<(), Refusal> {
        if self.place == Place::Machine {
            return Err(Refusal::NotThere);
        }
        let root = self.root.path();
        match root.parent().filter(|_| self.place == Place::Temporary) {
            Some(parent) if parent.exists() && !system::is_private(parent) => return Err(system::not_private(parent)),
            _ => system::check_as_far_as_it_is_there(root)?,
        }
        let there = self.there();
        if let Err(source) = system::may_write(there) {
            return Err(Refusal::Io { action: "write in", path: there.to_path_buf(), source });
        }
        if !system::room(there)?.programs {
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

    /// Whether the root that is here is this account's, so that it may be cleaned up and removed: nobody else can have put
    /// something in it, such as a link that leads elsewhere.
    pub fn is_ours(&self) -> bool {
        self.is_there() && self.is_safe() && self.is_writable()
    }

    /// Whether only this account or an admin can have put there what is there.
    pub fn is_safe(&self) -> bool {
        self.is_private_if_temporary() && system::check(self.root.path()).is_ok() && self.check_inside().is_ok()
    }

    /// Looks at what is right in the root already: another account may have been there when the root was open to it.
    fn check_inside(&self) -> Result<(), Refusal> {
        let directories = [self.root.versions(), self.root.staging()];
        directories.iter().filter(|path| path.symlink_metadata().is_ok()).try_for_each(|path| system::check(path))
    }

    /// Whether this account may change what is here.
    pub fn is_writable(&self) -> bool {
        system::may_write(self.there()).is_ok()
    }

    /// How many bytes this account may still write here.
    pub fn free(&self) -> Option<u64> {
        system::room(self.there()).ok().map(|room| room.free)
    }

    /// The root, or the nearest directory above it that is there.
    pub fn there(&self) -> &Path {
        let root = self.root.path();
        root.ancestors().find(|path| path.exists()).unwrap_or(root)
    }
}

/// Whether this account may write in a directory outside of all install roots, for which the variables of the environment
/// stand (`HOME`, `XDG_DATA_HOME`); makes it, if it is not there.
///
/// # Errors
/// As [`Candidate::prepare`]: another account could change what is written there, or where that is.
pub fn accept_outside(directory: &Path) -> Result<(), Refusal> {
    system::make(directory, Part::Inside)
}

/// Whose rights this process has, for people.
pub fn account() -> String {
    system::account()
}

/// What a file system has to offer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// Bytes that this account may still write.
    pub(crate) free: u64,
    /// Whether programs may be run from there.
    pub(crate) programs: bool,
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
