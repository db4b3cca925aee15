//! What can go wrong before the app runs, and the exit code that says so.

use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

use crate::env;
use crate::exec::exit_code;
use crate::install::InstallError;
use bundle::BundleError;
use bundle::footer::FooterError;

/// The exit code when there is not enough memory.
pub const OUT_OF_MEMORY: u32 = 119;
/// The exit code of a launcher that has ended because of a defect in it, or of something that no code can handle.
pub const DEFECT: u32 = 126;

/// What the reader can do about a lack of memory.
pub const MORE_MEMORY: &str = "close other programs, or let it have more memory (there may be a limit: `ulimit -v`, or that of \
                               a container or a service), and start it again";

/// A start that failed, with what was known of the app by then.
#[derive(Debug)]
pub struct Failure {
    /// Why.
    pub error: Box<LaunchError>,
    /// The app's name, if the bundle could be read that far.
    pub app: Option<String>,
    /// The log to add it to, if there is an install root: nobody may see the message of an app without a console.
    pub log: Option<PathBuf>,
}

impl From<LaunchError> for Failure {
    fn from(error: LaunchError) -> Self {
        Self { error: Box::new(error), app: None, log: None }
    }
}

/// Why the app was not started, with the exit code for it (documented in `docs/INSTALL.md`). Running out of memory is 119,
/// whatever fails because of it.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// 121.
    #[error("could not find this program's own file")]
    OwnFile {
        /// What the system said.
        source: io::Error,
    },
    /// 121. Whoever starts it could make it run something with the rights of the file's owner.
    #[error(
        "this program would run with rights that whoever started it does not have (set-user-ID, set-group-ID or file \
         capabilities)"
    )]
    Privileged,
    /// 122.
    #[error("could not use the bundle `{}`", path.display())]
    Bundle {
        /// The bundle.
        path: PathBuf,
        /// What is wrong with it.
        source: BundleError,
    },
    /// 120 when the user has cancelled it, 123 when there is no place to install, else 124.
    #[error("could not install `{app}`")]
    Install {
        /// The app's id.
        app: String,
        /// What went wrong.
        source: InstallError,
    },
    /// 120 when the user has cancelled it, else 124.
    #[error("could not repair the installation of `{app}`")]
    Repair {
        /// The app's id.
        app: String,
        /// What went wrong.
        source: InstallError,
    },
    /// 124. A verb of `self`.
    #[error("could not {doing} `{app}`")]
    SelfCommand {
        /// What was asked for.
        doing: &'static str,
        /// The app's id.
        app: String,
        /// What went wrong.
        source: InstallError,
    },
    /// 1. A verb of `self` that refuses.
    #[error("{what}")]
    Refused {
        /// Why not.
        what: String,
        /// What the reader can do about it.
        help: String,
    },
    /// 2. A verb of `self` with wrong options.
    #[error("{what}")]
    Misuse {
        /// What is wrong with them.
        what: String,
        /// What the reader can do about it.
        help: String,
    },
    /// Its code. A verb of `self` that another process, with more rights, has done and has told about.
    #[error("another process has ended with the code {code}")]
    DoneElsewhere {
        /// That process's exit code.
        code: u32,
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
    /// 125. This machine has an older C library than the interpreter needs, or another one.
    #[error("could not start `{app}`: it needs the C library glibc {needed} or newer, and this system has {found}")]
    CLibrary {
        /// The app's id.
        app: String,
        /// The oldest version that will do.
        needed: String,
        /// What this machine has: `glibc 2.31`, `musl`.
        found: String,
    },
    /// The exit code of the app. Only for an app that nobody waits for.
    #[error("`{app}` ended right after its start with the code {}", exit_code::text(*code))]
    Died {
        /// The app's id.
        app: String,
        /// Its exit code.
        code: u32,
        /// The last lines that it wrote.
        words: Vec<String>,
        /// Where all of them are.
        log: Option<PathBuf>,
    },
}

impl LaunchError {
    /// What the process ends with.
    pub fn exit_code(&self) -> u32 {
        match self {
            _ if self.is_out_of_memory() => OUT_OF_MEMORY,
            Self::OwnFile { .. } | Self::Privileged => 121,
            Self::Bundle { .. } => 122,
            _ if self.is_cancelled() => 120,
            Self::Install { source: InstallError::NoPlace { .. }, .. } => 123,
            Self::Install { .. } | Self::Repair { .. } | Self::SelfCommand { .. } => 124,
            Self::Refused { .. } => 1,
            Self::Misuse { .. } => 2,
            Self::Start { .. } | Self::CLibrary { .. } => 125,
            Self::Died { code, .. } | Self::DoneElsewhere { code } => *code,
        }
    }

    /// Whether the user has cancelled it, and needs no message.
    pub fn is_cancelled(&self) -> bool {
        matches!(
            self,
            Self::Install { source: InstallError::Cancelled, .. }
                | Self::Repair { source: InstallError::Cancelled, .. }
        )
    }

    /// Whether there was not enough memory.
    pub fn is_out_of_memory(&self) -> bool {
        self.is_caused_by(io::ErrorKind::OutOfMemory)
    }

    /// Whether there was not enough room on a disk.
    pub fn is_disk_full(&self) -> bool {
        self.is_caused_by(io::ErrorKind::StorageFull)
    }

    fn is_caused_by(&self, kind: io::ErrorKind) -> bool {
        let mut cause: Option<&(dyn Error + 'static)> = Some(self);
        while let Some(error) = cause {
            if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == kind) {
                return true;
            }
            cause = error.source();
        }
        false
    }

    /// What the reader can do about it.
    pub fn help(&self) -> String {
        match self {
            _ if self.is_out_of_memory() => MORE_MEMORY.to_owned(),
            Self::OwnFile { .. } => "start it by its full path, and check that this account may read it".to_owned(),
            Self::Privileged => {
                "remove these rights from the file (chmod ug-s, setcap -r), and let sudo or a service give them"
                    .to_owned()
            }
            Self::Bundle { source: BundleError::Footer(FooterError::NotAFooter), .. } => {
                "the file holds no app: the download may be incomplete, so download it again".to_owned()
            }
            Self::Bundle { source: BundleError::Footer(FooterError::UnknownVersion { .. }), .. } => {
                "launcher and payload have different format versions: download the file again".to_owned()
            }
            Self::Bundle { source: BundleError::Io(_), .. } => "check that the file can be read".to_owned(),
            Self::Bundle { .. } => "the file was changed or damaged: download it again".to_owned(),
            Self::Install { source, .. } | Self::Repair { source, .. } | Self::SelfCommand { source, .. } => {
                source.help()
            }
            Self::Refused { help, .. } | Self::Misuse { help, .. } => help.clone(),
            Self::Start { source, .. } if guard_help(source).is_some() => {
                guard_help(source).unwrap_or_default().to_owned()
            }
            Self::Start { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                format!("programs may not run from there: set {} to a directory where they may", env::ROOT)
            }
            Self::Start { source, .. }
                if matches!(source.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::ArgumentListTooLong) =>
            {
                "start it with fewer or shorter arguments".to_owned()
            }
            Self::CLibrary { .. } => {
                "start it on a newer system that has glibc, or ask its publisher for one that needs an older glibc"
                    .to_owned()
            }
            Self::Died { code, .. } | Self::DoneElsewhere { code } => exit_code::help(*code).to_owned(),
            Self::Start { version_dir, .. } => {
                format!("delete `{}` and start it again: it is installed again then", version_dir.display())
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
        if let Self::Died { words, log, .. } = self {
            for line in words {
                let _ = write!(text, "\n  {line}");
            }
            if let Some(log) = log {
                let _ = write!(text, "\nits log is `{}`", log.display());
            }
        }
        text + "\nhelp: " + &self.help()
    }
}

/// What to do when a virus scanner or a policy has refused it, and not the file system
/// (<https://learn.microsoft.com/en-us/windows/win32/debug/system-error-codes>; the numbers mean nothing on other systems).
fn guard_help(error: &io::Error) -> Option<&'static str> {
    const VIRUS_INFECTED: i32 = 225;
    const VIRUS_DELETED: i32 = 226;
    const ELEVATION_REQUIRED: i32 = 740;
    const ACCESS_DISABLED_BY_POLICY: i32 = 1260;
    match error.raw_os_error() {
        Some(VIRUS_INFECTED | VIRUS_DELETED) => {
            Some("blocked by a virus scanner: if you trust the source of the file, ask your administrator")
        }
        Some(ELEVATION_REQUIRED) => Some("start it as an administrator"),
        Some(ACCESS_DISABLED_BY_POLICY) => Some("blocked by policy; ask your administrator"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_that_died_is_reported_with_its_last_lines() {
        let error = LaunchError::Died {
            app: "a".into(),
            code: 0xC000_0135,
            words: vec!["Traceback".into(), "  Error: x".into()],
            log: Some("/r/logs/app.log".into()),
        };
        assert_eq!(
            error.render(),
            "error: `a` ended right after its start with the code 0xC0000135: a DLL is missing\n  Traceback\n    Error: x\n\
             its log is `/r/logs/app.log`\nhelp: a part of it is missing or damaged, or this version of Windows is too old: delete its \
             version dir and start it again"
        );
        assert_eq!(error.exit_code(), 0xC000_0135);
    }

    #[test]
    fn running_out_of_memory_is_reported_as_such_wherever_it_happens() {
        let lack = || io::Error::from(io::ErrorKind::OutOfMemory);
        let frame = |source| InstallError::Frame(bundle::frame::FrameError::Unpack { entry: "a".into(), source });
        let install = |source| LaunchError::Install { app: "a".into(), source };
        for error in [
            LaunchError::OwnFile { source: lack() },
            LaunchError::Bundle { path: "/b".into(), source: BundleError::Io(lack()) },
            install(frame(lack())),
            install(InstallError::Bundle(BundleError::Io(lack()))),
        ] {
            assert_eq!(error.exit_code(), 119, "{error:?}");
            assert!(error.help().contains("memory"), "{error:?}");
        }
        let other = install(frame(io::ErrorKind::UnexpectedEof.into()));
        assert!(other.exit_code() == 124 && !other.help().contains("memory"));
    }

    #[test]
    fn a_virus_scanner_and_a_policy_are_not_missing_rights() {
        for (code, word) in [(225, "virus"), (226, "virus"), (740, "administrator"), (1260, "policy")] {
            assert!(guard_help(&io::Error::from_raw_os_error(code)).unwrap().contains(word), "{code}");
        }
        assert!(guard_help(&io::Error::from_raw_os_error(5)).is_none());
    }
}
