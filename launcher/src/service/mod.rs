//! What an app is as a service, as values and texts: pure, the same on every machine. Who talks to systemd or to Windows is
//! [`crate::sys`]; what an admin types is [`crate::self_cmd`].
//!
//! 1. [`settings`]: the options of `self service install`. The publisher's come first, then those that an admin gave earlier,
//!    then those that were just typed.
//! 2. [`definition`]: what is noted of a service in the install root, so that it can be installed again as it was.
//! 3. Linux: [`unit`] and [`hardening`], the text of the units.
//! 4. Windows: [`restart`], when a program that ended is started again; [`stop`], how it is asked to end; [`event`], what
//!    the event log is told; [`identity`], who it runs as and what that account may do; [`place`], where it can't be.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::install::InstallError;
use crate::install::layout::InstallRoot;
use name::ServiceName;
use settings::Settings;

pub mod definition;
pub mod event;
pub mod hardening;
pub mod identity;
pub mod name;
pub mod place;
pub mod restart;
pub mod settings;
pub mod stop;
pub mod unit;

/// Whose manager runs a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The system's.
    Machine,
    /// This user's (Linux).
    User,
}

/// Which service is meant.
#[derive(Debug, Clone, Copy)]
pub struct ServiceId<'a> {
    /// Its name.
    pub name: &'a ServiceName,
    /// Whose manager runs it.
    pub scope: Scope,
    /// The install root of its app.
    pub root: &'a InstallRoot,
}

/// A service that is to be there.
#[derive(Debug, Clone, Copy)]
pub struct Service<'a> {
    /// Which one.
    pub id: ServiceId<'a>,
    /// How it is to be.
    pub settings: &'a Settings,
    /// Whether it was installed to the end before: then whatever an admin has switched since stays as it is.
    pub is_known: bool,
}

/// What a service manager says of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// In the manager's own word: `active`, `failed`, …
    pub state: String,
    /// Whether it runs, or is about to.
    pub is_running: bool,
    /// Its main process.
    pub process: Option<u32>,
    /// What its last main process ended with.
    pub exit_code: Option<i64>,
    /// How often it was started again after it had ended.
    pub restarts: Option<u32>,
    /// Whether it starts at boot.
    pub at_boot: bool,
}

/// Why something could not be done with a service.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The system said no.
    #[error(transparent)]
    Failed(#[from] InstallError),
    /// It can't be done like this.
    #[error("{what}")]
    Refused {
        /// Why not.
        what: String,
        /// What the reader can do about it.
        help: String,
    },
    /// Another process, with more rights, was told to do it, and has said how it went.
    #[error("ended with {code}")]
    DoneElsewhere {
        /// Its exit code.
        code: u32,
    },
}

/// Why a directory can't hold an installation for the whole machine, whoever owns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Below a user's profile.
    Profile,
    /// For temporary files.
    Temporary,
    /// On a network.
    Remote,
    /// No programs may run from there.
    NoPrograms,
    /// A definition of a service can't hold its path.
    Text,
    /// On a file system that keeps no access rights.
    NoRights,
}

/// Things of a service: what each is, and where.
pub type Made = Vec<(&'static str, PathBuf)>;

impl ServiceError {
    /// It can't be done like this.
    pub fn refused(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Refused { what: what.into(), help: help.into() }
    }

    /// A failure of the system at a file.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Failed(InstallError::io(action, path)(source))
    }

    /// A program of the system's that failed.
    pub fn program(program: &str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Failed(InstallError::program(program)(source))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Machine => "the whole machine",
            Self::User => "this user",
        })
    }
}
