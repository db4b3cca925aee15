//! Bytes that may be anything, started as a program: with an install root of their own, little memory, and a time at
//! which they are killed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::context::TestContext;
use crate::outcome::Outcome;
use crate::program::Program;
use crate::wine::{Wine, windows_path};

/// The address space that a bundle may use, in KiB. A first start of a small one needs a tenth of it.
const MEMORY: u64 = 1 << 20;
/// Seconds after which a bundle is killed. Only one that hangs ever gets there.
const PATIENCE: &str = "300";
/// `$1` limit, `$2` seconds, `$3` where the bytes go. They are written by a process that ends before they are started: a file
/// that this process had written would be open in every child which another thread forks meanwhile.
const START: &str = r#"install -m 700 /dev/stdin "$3" && ulimit -v "$1" && exec timeout -s KILL "$2" "$3" </dev/null"#;

/// A bundle of any bytes, with a directory for it alone in the one of the test. Gone when dropped.
#[derive(Debug)]
pub struct Confined {
    directory: PathBuf,
    program: Program,
}

/// How a bundle ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It started what it holds, and said this.
    Ran(String),
    /// It said why not.
    Refused(String),
}

impl Confined {
    /// On Linux.
    pub fn new(context: &TestContext, name: &str, bytes: Vec<u8>) -> Self {
        let directory = context.path(name);
        fs::create_dir_all(&directory).unwrap();
        let words = ["-c", START, "sh", &MEMORY.to_string(), PATIENCE];
        let program = context.program("sh").args(words).arg(directory.join("bundle")).stdin(bytes);
        let program = program.env("EKIBEN_ROOT", directory.join("installs"));
        Self { directory, program }
    }

    /// Under Wine, where nothing limits its memory.
    pub fn on_windows(wine: &Wine, context: &TestContext, name: &str, bytes: &[u8]) -> Self {
        let directory = context.path(name);
        let exe = context.write(Path::new(name).join("bundle.exe"), bytes);
        let program = wine.program(context, exe).env("EKIBEN_ROOT", windows_path(&directory.join("installs")));
        let program = program.started_by("timeout", ["-s", "KILL", PATIENCE].map(Into::into));
        Self { directory, program }
    }

    /// Starts it once.
    ///
    /// # Errors
    /// When it ended in neither of the ways that are allowed, or left what it should not: a version dir that it refused to
    /// make, a staging dir, or anything but its install root. What was found is the error.
    pub fn start(&self) -> Result<Ended, String> {
        let outcome = self.program.run();
        let ended = ended(&outcome).ok_or_else(|| format!("{outcome:#?}"))?;
        let names = |path: &str| -> Vec<String> {
            let entries = fs::read_dir(self.directory.join(path)).into_iter().flatten();
            let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        };
        let beside: Vec<_> = names("").into_iter().filter(|n| !n.starts_with("bundle") && n != "installs").collect();
        let mut left = beside;
        for app in names("installs") {
            let known = ["lock", "staging", "versions"];
            left.extend(names(&format!("installs/{app}")).into_iter().filter(|n| !known.contains(&n.as_str())));
            left.extend(names(&format!("installs/{app}/staging")));
            if matches!(ended, Ended::Refused(_)) {
                left.extend(names(&format!("installs/{app}/versions")));
            }
        }
        if left.is_empty() { Ok(ended) } else { Err(format!("left {left:?} behind: {ended:?}")) }
    }
}

impl Drop for Confined {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.directory));
    }
}

/// A bundle that is refused ends with 122 or 124, says what happened and what to do, and nothing else.
fn ended(outcome: &Outcome) -> Option<Ended> {
    let said = &outcome.stderr;
    match outcome.code {
        Some(0) if said.is_empty() => Some(Ended::Ran(outcome.stdout.clone())),
        Some(122 | 124) if outcome.stdout.is_empty() => {
            let lines: Vec<_> = said.lines().collect();
            let [what, todo] = lines[..] else { return None };
            (what.starts_with("error: ") && todo.starts_with("help: ")).then(|| Ended::Refused(said.clone()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_neither_a_start_nor_a_refusal_is_an_error() {
        let context = TestContext::new();
        let start = |script: &str| {
            let bytes = format!("#!/bin/sh\n{script}");
            Confined::new(&context, "it", bytes.into_bytes()).start()
        };
        let refusal = "echo 'error: what' >&2; echo 'help: todo' >&2; ";
        assert_eq!(start("echo ran"), Ok(Ended::Ran("ran\n".to_owned())));
        assert!(matches!(start(&format!("{refusal} exit 124")), Ok(Ended::Refused(_))));
        for wrong in [
            "exit 1",
            "echo 'error: what' >&2; exit 122",
            "echo said; exit 122",
            "kill -s ABRT $$",
            "echo warning >&2",
            "mkdir -p $EKIBEN_ROOT/app/staging/left",
            "mkdir -p $EKIBEN_ROOT/app/other",
            "mkdir $EKIBEN_ROOT/../outside",
            &format!("{refusal} mkdir -p $EKIBEN_ROOT/app/versions/1; exit 124"),
            // More memory than there is.
            "exec python3 -c 'bytearray(2 << 30)'",
        ] {
            assert!(start(wrong).is_err(), "{wrong}");
        }
        assert_eq!(context.everything(), ["home", "installs", "tmp"]);
    }
}
