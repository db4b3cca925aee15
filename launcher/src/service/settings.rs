//! What can be said of a service, as options of `self service install`. The publisher says it in `[tool.ekiben.service]`,
//! which becomes the same options in the launch record.
//!
//! Each of these layers replaces what the layers before have said under the same option, all of it where an option can be
//! given several times; variables (`--env`) are replaced one by one.

use super::hardening::Relaxation;
use super::name::ServiceName;

/// One option with its value. What follows `--` has that as its name.
pub type Word = (String, String);

/// An option, for help texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// With its hyphens.
    pub name: &'static str,
    /// What its value is called.
    pub value: &'static str,
    /// Whether it can be given several times, and each counts.
    pub repeats: bool,
    /// In a few words.
    pub does: &'static str,
}

/// All of them, in the order of docs/SERVICES.md.
pub const CHOICES: &[Choice] = &[
    one("--name", "NAME", "the service's name; otherwise the app's"),
    one("--display-name", "TEXT", "its name for people"),
    one("--start", "auto|delayed|manual", "whether it starts at boot"),
    one("--account", "virtual|dynamic|NAME", "who it runs as; otherwise an account of its own"),
    several("--env", "K=V", "a variable for the app"),
    several("--depends-on", "NAME", "another service that starts before it"),
    one("--stop-timeout", "S", "seconds to end by itself; otherwise 30"),
    one("--restart", "always|on-failure|never", "whether it is started again when it ends"),
    one("--stop-codes", "N,N", "exit codes that mean: stopped on purpose"),
    one("--log-limit", "MB", "how much its logs may take together (Windows); otherwise 100"),
    one("--stop-signal", "SIGNAL", "what asks it to stop (Linux); otherwise SIGTERM"),
    one("--notify", "yes|no", "whether the app says when it is ready (sd_notify, Linux)"),
    several("--socket", "PORT", "a port, address or path that systemd keeps open (Linux)"),
    several("--writable", "PATH", "a further directory that it may write (Linux)"),
    several("--capability", "NAME", "a right of root's: CAP_NET_BIND_SERVICE for ports below 1024 (Linux)"),
    several("--relax", "WHAT", "leaves out a part of the hardening (Linux)"),
];

/// What comes after it is for the app.
pub const ARGUMENTS: &str = "--";

const fn one(name: &'static str, value: &'static str, does: &'static str) -> Choice {
    Choice { name, value, repeats: false, does }
}

const fn several(name: &'static str, value: &'static str, does: &'static str) -> Choice {
    Choice { name, value, repeats: true, does }
}

/// All that is known of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Its name.
    pub name: ServiceName,
    /// Its name for people.
    pub display_name: String,
    /// Whether it starts at boot.
    pub start: StartMode,
    /// Who it runs as.
    pub account: Account,
    /// What the app is given.
    pub arguments: Vec<String>,
    /// Variables for the app.
    pub environment: Vec<(String, String)>,
    /// Services that start before it.
    pub depends_on: Vec<String>,
    /// Seconds from the request to stop to the end of all its processes.
    pub stop_timeout: u32,
    /// Whether it is started again.
    pub restart: Restart,
    /// Exit codes that mean: stopped on purpose.
    pub stop_codes: Vec<u32>,
    /// Megabytes that its logs may take together. Windows only.
    pub log_limit: u64,
    /// What asks it to stop. Linux only.
    pub stop_signal: Option<String>,
    /// Whether it says when it is ready. Linux only.
    pub notify: bool,
    /// What systemd listens on for it.
    pub sockets: Vec<String>,
    /// Further directories that it may write. Linux only.
    pub writable: Vec<String>,
    /// Rights of root's. Linux only.
    pub capabilities: Vec<String>,
    /// Parts of the hardening that are left out. Linux only.
    pub relaxed: Vec<Relaxation>,
}

/// When a service starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartMode {
    /// At boot.
    Auto,
    /// Shortly after a boot. Linux knows no such thing, and starts it at boot.
    Delayed,
    /// When it is asked to.
    Manual,
}

/// When a service is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    /// However it ended.
    Always,
    /// With a code other than 0, or by a crash.
    OnFailure,
    /// Never.
    Never,
}

/// Who a service runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    /// An account of its own: `NT SERVICE\<name>`; on Linux a system account that is made for it.
    Own,
    /// One that is there while it runs (`DynamicUser=`). Linux only.
    Dynamic,
    /// One that the system has, or that an admin has made.
    Named(String),
}

/// What is wrong with an option.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name} {value}`: {why}")]
pub struct BadSetting {
    /// The option.
    pub name: String,
    /// What was given.
    pub value: String,
    /// What it has to be.
    pub why: &'static str,
}

/// Adds a layer of options to those before, see above.
pub fn layered(mut below: Vec<Word>, above: Vec<Word>) -> Vec<Word> {
    let key = |word: &Word| {
        let variable = word.1.split('=').next().unwrap_or_default();
        (word.0.clone(), if word.0 == "--env" { variable.to_owned() } else { String::new() })
    };
    below.retain(|word| !above.iter().any(|other| key(other) == key(word)));
    below.extend(above);
    below
}

/// Options as the launch record holds them, with what follows `--`. They were checked when the bundle was made; whatever
/// has no value then has an empty one.
pub fn words_of(arguments: &[String]) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        if name == ARGUMENTS {
            words.extend(rest.by_ref().map(|argument| (ARGUMENTS.to_owned(), argument.clone())));
        } else {
            words.push((name.clone(), rest.next().cloned().unwrap_or_default()));
        }
    }
    words
}

impl Settings {
    /// What these options say, for an app with this id, which names the service unless they do, and this name for people.
    ///
    /// # Errors
    /// With the first option that can't be.
    pub fn new(words: &[Word], app_id: &str, app_name: &str) -> Result<Self, BadSetting> {
        let bad = |name: &str, value: &str, why| BadSetting { name: name.to_owned(), value: value.to_owned(), why };
        let name =
            ServiceName::new(app_id).ok_or_else(|| bad("--name", app_id, "give it a name of at most 80 letters"))?;
        let mut settings = Self {
            name,
            display_name: app_name.to_owned(),
            start: StartMode::Auto,
            account: Account::Own,
            arguments: Vec::new(),
            environment: Vec::new(),
            depends_on: Vec::new(),
            stop_timeout: 30,
            restart: Restart::OnFailure,
            stop_codes: Vec::new(),
            log_limit: 100,
            stop_signal: None,
            notify: false,
            sockets: Vec::new(),
            writable: Vec::new(),
            capabilities: Vec::new(),
            relaxed: Vec::new(),
        };
        for (name, value) in words {
            settings.set(name, value).map_err(|why| bad(name, value, why))?;
        }
        Ok(settings)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        const NUMBER: &str = "a number of seconds, at least 1";
        const CODES: &str = "numbers with commas between them: 3,4";
        const ONE_WORD: &str = "one word without spaces";
        if value.contains(char::is_control) {
            return Err("it holds a control character, which no definition of a service can");
        }
        match name {
            "--name" => {
                self.name = ServiceName::new(value)
                    .ok_or("at most 80 letters, digits, `-`, `_` and `.`, with a letter or digit at the front")?;
            }
            "--display-name" => value.clone_into(&mut self.display_name),
            "--start" => {
                self.start = match value {
                    "auto" => StartMode::Auto,
                    "delayed" => StartMode::Delayed,
                    "manual" => StartMode::Manual,
                    _ => return Err("auto, delayed or manual"),
                };
            }
            "--account" => {
                self.account = match value {
                    "virtual" => Account::Own,
                    "dynamic" => Account::Dynamic,
                    "" => return Err("virtual, dynamic, or the name of an account"),
                    name => Account::Named(name.to_owned()),
                };
            }
            "--env" => {
                let (name, value) = value.split_once('=').filter(|(name, _)| is_variable(name)).ok_or("NAME=value")?;
                self.environment.push((name.to_owned(), value.to_owned()));
            }
            "--depends-on" => self.depends_on.push(word(value).ok_or(ONE_WORD)?),
            "--stop-timeout" => {
                self.stop_timeout = value.parse().ok().filter(|seconds| *seconds > 0).ok_or(NUMBER)?;
            }
            "--restart" => {
                self.restart = match value {
                    "always" => Restart::Always,
                    "on-failure" => Restart::OnFailure,
                    "never" => Restart::Never,
                    _ => return Err("always, on-failure or never"),
                };
            }
            "--stop-codes" => {
                let codes: Result<_, _> = value.split(',').filter(|code| !code.is_empty()).map(str::parse).collect();
                self.stop_codes = codes.map_err(|_| CODES)?;
            }
            "--log-limit" => {
                let megabytes = value.parse().ok().filter(|megabytes| (1..1 << 20).contains(megabytes));
                self.log_limit = megabytes.ok_or("a number of megabytes, at least 1")?;
            }
            "--stop-signal" => {
                let is_signal =
                    value.starts_with("SIG") && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '+');
                self.stop_signal = Some(is_signal.then(|| value.to_owned()).ok_or("a signal's name: SIGINT")?);
            }
            "--notify" => {
                self.notify = match value {
                    "yes" => true,
                    "no" => false,
                    _ => return Err("yes or no"),
                };
            }
            "--socket" => self.sockets.push(word(value).ok_or(ONE_WORD)?),
            "--writable" => {
                self.writable.push(value.starts_with('/').then(|| value.to_owned()).ok_or("a full path")?);
            }
            "--capability" => {
                let is_one = value.starts_with("CAP_") && value.chars().all(|c| c.is_ascii_uppercase() || c == '_');
                self.capabilities.push(is_one.then(|| value.to_owned()).ok_or("as capabilities(7) calls it: CAP_…")?);
            }
            "--relax" => self.relaxed.push(Relaxation::new(value).ok_or(Relaxation::NAMES)?),
            ARGUMENTS => self.arguments.push(value.to_owned()),
            _ => return Err("there is no such option"),
        }
        Ok(())
    }
}

fn word(value: &str) -> Option<String> {
    (!value.is_empty() && !value.contains(char::is_whitespace)).then(|| value.to_owned())
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<Word> {
        words_of(&line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn a_later_layer_replaces_what_an_earlier_one_says_under_the_same_option() {
        let publisher = words("--restart always --env A=1 --env B=2 --socket 80 --socket 81 -- serve --port 80");
        let admin = words("--env B=3 --socket 8080 --name web");
        let settings = Settings::new(&layered(publisher, admin), "app", "App").unwrap();
        assert_eq!((settings.name.as_str(), settings.restart), ("web", Restart::Always));
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(settings.environment, [pair("A", "1"), pair("B", "3")]);
        assert_eq!(settings.sockets, ["8080"]);
        assert_eq!(settings.arguments, ["serve", "--port", "80"]);
    }

    #[test]
    fn with_no_option_the_defaults_are_those_of_the_documentation() {
        let settings = Settings::new(&[], "app", "My App").unwrap();
        assert_eq!((settings.name.as_str(), settings.display_name.as_str()), ("app", "My App"));
        assert_eq!((settings.start, settings.account), (StartMode::Auto, Account::Own));
        assert_eq!((settings.restart, settings.stop_timeout), (Restart::OnFailure, 30));
    }

    #[test]
    fn what_can_not_be_is_named() {
        for line in [
            "--name a/b",
            "--start never",
            "--env =1",
            "--env A",
            "--stop-timeout 0",
            "--stop-codes 3,x",
            "--log-limit 0",
            "--stop-signal TERM",
            "--capability root",
            "--relax everything",
            "--writable data",
            "--notify maybe",
            "--colour red",
        ] {
            assert!(Settings::new(&words(line), "app", "App").is_err(), "{line}");
        }
        let newline = [("--display-name".to_owned(), "a\nExecStart=/bin/sh".to_owned())];
        assert!(Settings::new(&newline, "app", "App").is_err());
    }
}
