//! The units of a service under systemd, as texts (systemd.unit(5), systemd.service(5), systemd.socket(5)).

use std::fmt::Write as _;

use super::Scope;
use super::hardening;
use super::settings::{Restart, Settings, StartMode};
use bundle::Digest;

/// What a unit is made of.
#[derive(Debug, Clone, Copy)]
pub struct Unit<'a> {
    /// What was said of the service.
    pub settings: &'a Settings,
    /// The copy of the bundle in the install root. Like the other paths, one of those that
    /// [`is_fit`](is_fit) accepts.
    pub exe: &'a str,
    /// What the service may write.
    pub data: &'a str,
    /// The same.
    pub logs: &'a str,
    /// Whose manager runs it.
    pub scope: Scope,
    /// Who it runs as. `None`: as the user whose manager runs it, or a dynamic account.
    pub account: Option<&'a str>,
    /// The version of systemd.
    pub systemd: u32,
    /// The variable that tells launcher and app which service they are.
    pub variable: &'a str,
}

/// Restarts can back off from this version on.
const KNOWS_STEPS: u32 = 254;

/// Whether a path can stand in a unit: a full one, without what systemd reads as something else.
pub fn is_fit(path: &str) -> bool {
    path.starts_with('/')
        && !path.contains(|c: char| c.is_control() || matches!(c, '"' | '\'' | '\\' | '%' | '$' | ':'))
}

impl Unit<'_> {
    /// `<name>.service`.
    pub fn service(&self) -> String {
        let settings = self.settings;
        let name = settings.name.as_str();
        let is_users = self.scope == Scope::User;
        let mut text = format!(
            "# Changes belong into a file of your own: systemctl{} edit {name}.service\n\
             [Unit]\nDescription={}\nAfter=network.target\nStartLimitIntervalSec=0\n",
            if is_users { " --user" } else { "" },
            description(&settings.display_name),
        );
        if !settings.sockets.is_empty() {
            let _ = writeln!(text, "Requires={name}.socket\nAfter={name}.socket");
        }
        for other in &settings.depends_on {
            let other = if other.contains('.') { other.clone() } else { format!("{other}.service") };
            let _ = writeln!(text, "Wants={0}\nAfter={0}", other.replace('%', "%%"));
        }
        let _ = writeln!(text, "\n[Service]\nType={}", if settings.notify { "notify" } else { "exec" });
        let words = [self.exe].into_iter().chain(settings.arguments.iter().map(String::as_str));
        let command: Vec<_> = words.map(|word| quoted(&word.replace('$', "$$"))).collect();
        let _ = writeln!(text, "ExecStart={}", command.join(" "));
        self.account(&mut text);
        let own = [(self.variable.to_owned(), name.to_owned())];
        for (variable, value) in own.iter().chain(&settings.environment) {
            let _ = writeln!(text, "Environment={}", quoted(&format!("{variable}={value}")));
        }
        let restart = match settings.restart {
            Restart::Always => "always",
            Restart::OnFailure => "on-failure",
            Restart::Never => "no",
        };
        let _ = writeln!(text, "Restart={restart}\nRestartSec=1");
        if self.systemd >= KNOWS_STEPS {
            text.push_str("RestartSteps=6\nRestartMaxDelaySec=64\n");
        }
        if !settings.stop_codes.is_empty() {
            let codes: Vec<_> = settings.stop_codes.iter().map(u32::to_string).collect();
            let _ = writeln!(text, "SuccessExitStatus={0}\nRestartPreventExitStatus={0}", codes.join(" "));
        }
        if let Some(signal) = &settings.stop_signal {
            let _ = writeln!(text, "KillSignal={signal}");
        }
        let _ = writeln!(text, "KillMode=mixed\nTimeoutStopSec={}\nSyslogIdentifier={name}\n", settings.stop_timeout);
        if !is_users {
            let capabilities = settings.capabilities.join(" ");
            let _ = writeln!(text, "CapabilityBoundingSet={capabilities}\nAmbientCapabilities={capabilities}");
        }
        text += &hardening::lines(is_users, &settings.relaxed, !settings.capabilities.is_empty());
        if settings.start != StartMode::Manual {
            let _ = writeln!(
                text,
                "\n[Install]\nWantedBy={}",
                if is_users { "default.target" } else { "multi-user.target" }
            );
        }
        signed(&text)
    }

    /// `<name>.socket`, if systemd is to listen for the service.
    pub fn socket(&self) -> Option<String> {
        let settings = self.settings;
        if settings.sockets.is_empty() {
            return None;
        }
        let mut text = format!("[Unit]\nDescription={}\n\n[Socket]\n", description(&settings.display_name));
        for socket in &settings.sockets {
            let _ = writeln!(text, "ListenStream={}", socket.replace('%', "%%"));
        }
        text += "\n[Install]\nWantedBy=sockets.target\n";
        Some(signed(&text))
    }

    fn account(&self, text: &mut String) {
        if self.scope == Scope::User {
            let _ = writeln!(text, "WorkingDirectory={}", self.data);
            return;
        }
        let Some(account) = self.account else {
            text.push_str("DynamicUser=yes\n");
            return;
        };
        let _ = writeln!(text, "User={account}\nWorkingDirectory={}", self.data);
        let own = [self.data, self.logs].into_iter();
        let paths: Vec<_> = own.chain(self.settings.writable.iter().map(String::as_str)).map(quoted).collect();
        let _ = writeln!(text, "ReadWritePaths={}", paths.join(" "));
    }
}

const WRITTEN: &str = "# Written by ekiben, and written anew by every update (";

/// Says at the front what it is, with the digest of the rest.
fn signed(text: &str) -> String {
    [WRITTEN, &Digest::of(text.as_bytes()).short(), ").\n", text].concat()
}

/// Whether nobody has changed a unit since it was written.
pub fn is_as_written(unit: &str) -> bool {
    unit.split_once('\n').is_some_and(|(_, rest)| signed(rest) == unit)
}

/// A word as systemd reads it back: in quotes, and no specifier ("Quoting", systemd.syntax(7)).
fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%"))
}

/// A line that is not a word: a backslash at its end would join it with the next one.
fn description(text: &str) -> String {
    text.replace('%', "%%").trim_end_matches('\\').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::settings::words_of;

    fn unit_of(words: &[&str], account: Option<&str>, look: impl Fn(&Unit<'_>)) {
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        let settings = Settings::new(&words_of(&words), "web", "My 100% App\\").unwrap();
        look(&Unit {
            settings: &settings,
            exe: "/opt/my app/web",
            data: "/opt/my app/data",
            logs: "/opt/my app/logs",
            scope: Scope::Machine,
            account,
            systemd: 254,
            variable: "SERVICE",
        });
    }

    #[test]
    fn words_reach_the_app_as_they_were_given() {
        let words = ["--env", "A=%h \"x\" \\", "--", "$HOME", "100%", "a b", ""];
        unit_of(&words, Some("web"), |unit| {
            let text = unit.service();
            for line in [
                "ExecStart=\"/opt/my app/web\" \"$$HOME\" \"100%%\" \"a b\" \"\"\n",
                "Environment=\"SERVICE=web\"\nEnvironment=\"A=%%h \\\"x\\\" \\\\\"\n",
                "Description=My 100%% App\n",
                "User=web\nWorkingDirectory=/opt/my app/data\nReadWritePaths=\"/opt/my app/data\" \"/opt/my app/logs\"\n",
            ] {
                assert!(text.contains(line), "{line}\n{text}");
            }
        });
    }

    #[test]
    fn each_setting_has_its_lines() {
        let words = "--restart always --stop-codes 3,4 --stop-signal SIGINT --stop-timeout 5 --notify yes --start manual \
                     --socket 8080 --socket /run/web.sock --depends-on db --depends-on a.target \
                     --capability CAP_NET_BIND_SERVICE --relax home --writable /srv/files";
        unit_of(&words.split_whitespace().collect::<Vec<_>>(), None, |unit| {
            let text = unit.service();
            for line in [
                "Restart=always\nRestartSec=1\nRestartSteps=6\nRestartMaxDelaySec=64\n",
                "SuccessExitStatus=3 4\nRestartPreventExitStatus=3 4\n",
                "KillSignal=SIGINT\n",
                "TimeoutStopSec=5\n",
                "Type=notify\n",
                "Requires=web.socket\nAfter=web.socket\n",
                "Wants=db.service\nAfter=db.service\nWants=a.target\n",
                "CapabilityBoundingSet=CAP_NET_BIND_SERVICE\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n",
                "DynamicUser=yes\n",
            ] {
                assert!(text.contains(line), "{line}\n{text}");
            }
            for absent in ["ProtectHome", "PrivateUsers", "[Install]", "User=web"] {
                assert!(!text.contains(absent), "{absent}\n{text}");
            }
            let older = Unit { systemd: 252, ..*unit }.service();
            assert!(older.contains("RestartSec=1\n") && !older.contains("RestartSteps"), "{older}");
            assert!(is_as_written(&older) && !is_as_written(&older.replace("SIGINT", "SIGHUP")));
            let socket = unit.socket().unwrap();
            assert!(socket.contains("[Socket]\nListenStream=8080\nListenStream=/run/web.sock\n"), "{socket}");
        });
    }

    #[test]
    fn a_path_that_systemd_would_read_as_another_is_not_fit() {
        assert!(is_fit("/opt/my app-1.0_ü"));
        for path in ["opt/app", "/opt/a%h", "/opt/$HOME", "/opt/a\"b", "/opt/a\nb", "/opt/a:b"] {
            assert!(!is_fit(path), "{path}");
        }
    }
}
