//! What can go wrong before the app runs, and the exit code that says so.

use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

use crate::bundle::BundleError;
use crate::bundle::footer::FooterError;
use crate::env;
use crate::install::InstallError;

/// Why the app was not started. Its exit codes are documented in `docs/INSTALL.md`; an app that starts has its own.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// 121.
    #[error("could not find this program's own file")]
    OwnFile {
        /// What the system said.
        source: io::Error,
    },
    /// 122.
    #[error("could not use the bundle `{}`", path.display())]
    Bundle {
        /// The bundle.
        path: PathBuf,
        /// What is wrong with it.
        source: BundleError,
    },
    /// 123 when there is no place to install, else 124.
    #[error("could not install `{app}`")]
    Install {
        /// The app's id.
        app: String,
        /// What went wrong.
        source: InstallError,
    },
    /// 124.
    #[error("could not repair the installation of `{app}`")]
    Repair {
        /// The app's id.
        app: String,
        /// What went wrong.
        source: InstallError,
    },
    /// 124. A verb of `self`.
    #[error("could not {doing} `{app}`")]
    Asked {
        /// What was asked for.
        doing: &'static str,
        /// The app's id.
        app: String,
        /// What went wrong.
        source: InstallError,
    },
    /// 1. A verb of `self` that does not do it now.
    #[error("{what}")]
    Refused {
        /// Why not.
        what: String,
        /// What the reader can do about it.
        help: String,
    },
    /// 2. A verb of `self` with options that it does not have.
    #[error("{what}")]
    Misuse {
        /// What is wrong with them.
        what: String,
        /// What the reader can do about it.
        help: String,
    },
    /// 125.
    #[error("could not start `{}`", interpreter.display())]
    Start {
        /// What should have run.
        interpreter: PathBuf,
        /// Where it is installed.
        version_dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl LaunchError {
    /// What the process ends with.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::OwnFile { .. } => 121,
            Self::Bundle { .. } => 122,
            Self::Install { source: InstallError::NoPlace { .. }, .. } => 123,
            Self::Install { .. } | Self::Repair { .. } | Self::Asked { .. } => 124,
            Self::Refused { .. } => 1,
            Self::Misuse { .. } => 2,
            Self::Start { .. } => 125,
        }
    }

    /// What the reader can do about it.
    pub fn help(&self) -> String {
        match self {
            Self::OwnFile { .. } => "start it by its full path, and check that this account may read it".to_owned(),
            Self::Bundle { source: BundleError::Footer(FooterError::NotAFooter), .. } => {
                "the file holds no app: it may have been cut off in a download, so get it again".to_owned()
            }
            Self::Bundle { source: BundleError::Footer(FooterError::UnknownVersion { .. }), .. } => {
                "launcher and payload do not belong together: get the file again".to_owned()
            }
            Self::Bundle { source: BundleError::Io(_), .. } => "check that the file can be read".to_owned(),
            Self::Bundle { .. } => "the file was changed or damaged on its way: get it again".to_owned(),
            Self::Install { source, .. } | Self::Repair { source, .. } | Self::Asked { source, .. } => source.help(),
            Self::Refused { help, .. } | Self::Misuse { help, .. } => help.clone(),
            Self::Start { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                format!("programs may not run from there: set {} to a directory where they may", env::ROOT)
            }
            Self::Start { source, .. }
                if matches!(source.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::ArgumentListTooLong) =>
            {
                "start it with fewer or shorter arguments".to_owned()
            }
            Self::Start { version_dir, .. } => {
                format!("delete `{}` and start again: it is then installed anew", version_dir.display())
            }
        }
    }

    /// The text for a person: one line what, with its causes, one line for each place that was tried, one line `help:`.
    pub fn render(&self) -> String {
        let mut text = format!("error: {self}");
        let mut cause = self.source();
        while let Some(error) = cause {
            // Writing to a `String` can't fail.
            let _ = write!(text, ": {error}");
            cause = error.source();
        }
        if let Self::Install { source: InstallError::NoPlace { attempts }, .. } = self {
            for attempt in attempts {
                let _ = write!(text, "\n  {attempt}");
            }
        }
        text + "\nhelp: " + &self.help()
    }
}
