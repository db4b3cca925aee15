//! What the launcher says before the user's own words: `--bundle FILE --root DIR app self update --check`.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use release::Version;
use release::place::ChannelName;

use crate::error::UpdateError;

/// What to do.
#[derive(Debug, Clone)]
pub struct Call {
    /// The app's bundle.
    pub bundle: PathBuf,
    /// Its install root.
    pub root: PathBuf,
    /// Which verb.
    pub verb: Verb,
    /// Say what there is, and change nothing.
    pub only_check: bool,
    /// The version that is wanted.
    pub to: Option<Version>,
    /// Another channel than the app's own.
    pub channel: Option<ChannelName>,
    /// Answer in JSON.
    pub json: bool,
    /// Nobody has asked, and nobody listens: the newer version that was found is written down.
    pub is_automatic: bool,
    /// What was typed, the program's name included, for an app that is to be started.
    pub typed: Vec<OsString>,
}

/// What the updater can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// `self update`.
    Update,
    /// `self rollback`.
    Rollback,
    /// The version has failed: go back, and start the app.
    Back,
}

impl Call {
    /// Reads a command line, without the program's name.
    ///
    /// # Errors
    /// When it makes no sense.
    pub fn read(arguments: impl Iterator<Item = OsString>) -> Result<Self, UpdateError> {
        let misuse = |what: String| UpdateError::Misuse { what };
        let mut arguments = arguments;
        let mut ours = |name: &str| match (arguments.next(), arguments.next()) {
            (Some(given), Some(value)) if given == OsStr::new(name) => Ok(PathBuf::from(value)),
            _ => Err(misuse("this program is started by the app that it belongs to: `app self update`".to_owned())),
        };
        let (bundle, root) = (ours("--bundle")?, ours("--root")?);
        let mut arguments = arguments.peekable();
        let mut call = Self {
            bundle,
            root,
            verb: Verb::Update,
            only_check: false,
            to: None,
            channel: None,
            json: false,
            is_automatic: false,
            typed: Vec::new(),
        };
        let by_launcher = ["--notify", "--automatic", "--back"];
        if let Some(how) = arguments.next_if(|word| by_launcher.iter().any(|known| word == known)) {
            call.only_check = how == OsStr::new("--notify");
            call.is_automatic = how != OsStr::new("--back");
            if how == OsStr::new("--back") {
                call.verb = Verb::Back;
            }
            call.typed = arguments.collect();
            return Ok(call);
        }
        // The app's name as it was typed, and the word for the launcher.
        let mut typed = arguments.skip(2);
        call.verb = match typed.next().as_deref().and_then(OsStr::to_str) {
            Some("update") => Verb::Update,
            Some("rollback") => Verb::Rollback,
            _ => return Err(misuse("there is no such verb".to_owned())),
        };
        while let Some(argument) = typed.next() {
            let text = argument.to_str().unwrap_or_default();
            let (name, attached) =
                text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value.to_owned())));
            let mut value = || attached.clone().or_else(|| typed.next()?.into_string().ok()).unwrap_or_default();
            match name {
                "--check" => call.only_check = true,
                "--json" => call.json = true,
                "--to" => call.to = Some(Version::new(&value()).map_err(|refused| misuse(refused.to_string()))?),
                "--channel" => call.channel = Some(ChannelName::new(&value()).map_err(misuse)?),
                _ => return Err(misuse(format!("there is no option `{}`", text.escape_debug()))),
            }
        }
        Ok(call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Call, UpdateError> {
        Call::read(line.split(' ').map(OsString::from))
    }

    #[test]
    fn the_launchers_words_come_before_the_users() {
        let call = read("--bundle b --root r app self update --check --to=1.2 --channel beta --json").unwrap();
        assert_eq!((call.bundle, call.root, call.verb), ("b".into(), "r".into(), Verb::Update));
        assert!(call.only_check && call.json && call.to == Version::new("1.2").ok());
        assert_eq!(call.channel.unwrap().as_str(), "beta");
        let call = read("--bundle b --root r --notify app --json").unwrap();
        assert!(call.is_automatic && call.only_check && !call.json);
        let call = read("--bundle b --root r --back app x --json").unwrap();
        assert_eq!((call.verb, call.typed.len(), call.is_automatic), (Verb::Back, 3, false));
        for wrong in [
            "",
            "--bundle b",
            "--root r --bundle b app self update",
            "--bundle b --root r app self",
            "--bundle b --root r app self fly",
            "--bundle b --root r app self update --to",
            "--bundle b --root r app self update --to x/y",
            "--bundle b --root r app self update --channel ../x",
            "--bundle b --root r app self update --force",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
