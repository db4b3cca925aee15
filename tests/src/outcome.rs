//! How a program ended, and all that it said.

use std::ffi::OsStr;
use std::os::unix::process::ExitStatusExt;
use std::process::Output;

/// How a program ended, and all that it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The exit code, unless a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What it wrote to standard output, with `\r\n` as `\n`.
    pub stdout: String,
    /// What it wrote to standard error, with `\r\n` as `\n`.
    pub stderr: String,
}

impl Outcome {
    pub(crate) fn new(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("\r\n", "\n");
        Self {
            code: output.status.code(),
            signal: output.status.signal(),
            stdout: text(&output.stdout),
            stderr: without_words_of_wine(&text(&output.stderr)),
        }
    }

    /// Standard output of a program that ended with 0 and said nothing on standard error.
    ///
    /// # Panics
    /// When it ended or spoke in another way.
    #[track_caller]
    pub fn quiet_stdout(&self) -> &str {
        assert!(self.code == Some(0) && self.stderr.is_empty(), "{self:#?}");
        &self.stdout
    }

    /// The same program, which may have said something on standard error.
    ///
    /// # Panics
    /// When it did not end with 0.
    #[track_caller]
    pub fn success(&self) -> &Self {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self
    }

    /// What happened, as a launcher says it that says one line `error:`, one line `help:` and nothing else.
    ///
    /// # Panics
    /// When it ended with another code, or said anything else.
    #[track_caller]
    pub fn one_error(&self, code: i32) -> &str {
        let lines: Vec<_> = self.stderr.lines().collect();
        match lines[..] {
            [what, todo] if what.starts_with("error: ") && todo.starts_with("help: ") => {
                assert!(self.code == Some(code) && self.stdout.is_empty(), "{self:#?}");
                what
            }
            _ => panic!("{self:#?}"),
        }
    }

    /// Standard output as JSON, of a program that ended with 0.
    ///
    /// # Panics
    /// When it did not, or wrote something else.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        self.success();
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {self:#?}"))
    }
}

/// Wine's client library complains past `WINEDEBUG` when a thread of a process that is ending still talks to the server
/// (`dlls/ntdll/unix/server.c`, `server_protocol_error`): now and then, about nothing, and it is no word of the program's.
/// So it does when a program asks for the kind of a file system that it can't read the device of
/// (`dlls/mountmgr.sys/device.c`), and when a process of Wine's own crashes, which has the program's streams: a crash of
/// the program would show in its exit code.
fn without_words_of_wine(stderr: &str) -> String {
    let of_wine = ["wine client error:", "wine: Unhandled page fault", "wine: Read access denied for device "];
    stderr.split_inclusive('\n').filter(|line| !of_wine.iter().any(|start| line.starts_with(start))).collect()
}

/// How the sample project `probe` writes an argument: the bytes, in hex.
pub fn hex(text: impl AsRef<OsStr>) -> String {
    text.as_ref().as_encoded_bytes().iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_words_of_wine_are_left_out() {
        let said = "one\nwine client error:12c: sendmsg: Bad file descriptor\ntwo\nwine: Unhandled page fault on read access\n\
                    no wine client error:\nend";
        assert_eq!(without_words_of_wine(said), "one\ntwo\nno wine client error:\nend");
    }
}
