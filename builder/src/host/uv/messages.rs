//! Turns messages of uv into values. uv has one exit code for all failures, so its messages are matched: only here, in one
//! table. `tests.rs` causes each of them with the uv in use.

use crate::report::failure;

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// A file has another hash than the list says.
    HashMismatch,
    /// The disk is full.
    FullDisk,
    /// A build system failed.
    BuildFailed,
    /// A file is not in the caches, and the network may not be used.
    Offline,
    /// A server can't be reached: name resolution, connection, timeout or proxy.
    Unreachable,
    /// A server was reached and did not send the file.
    NotFetched,
    /// No Python on this machine is one that uv may use.
    NoInterpreter,
    /// This wheel was built from source and does not fit the target.
    BuiltForAnotherTarget(String),
    /// This requirement has no wheel that fits, with its version if that was asked for: `docopt==0.6.2`.
    NoWheel(String),
    /// No index has a package of this name.
    UnknownPackage,
    /// The requirements contradict each other.
    Conflict,
    /// `uv.lock` does not fit `pyproject.toml`.
    StaleLock,
    /// Some requirements in a list with hashes have none.
    HashMissing,
    /// Anything else.
    Other,
}

/// What the error or one of its causes contains, in lower case. The first row that fits decides.
const ERRORS: &[(ErrorKind, &[&str])] = &[
    (ErrorKind::HashMismatch, &["hash mismatch for"]),
    (ErrorKind::BuildFailed, &["build backend returned an error"]),
    (ErrorKind::Offline, OFFLINE),
    (
        ErrorKind::Unreachable,
        &[
            "error sending request",
            "client error (connect)",
            "dns error",
            "tunnel error",
            "timed out",
            "connection reset",
            // The transfer was interrupted.
            "error decoding response body",
            // A proxy answered instead of the server.
            "(403 ",
            "(407 ",
            "(502 ",
            "(503 ",
            "(504 ",
        ],
    ),
    (ErrorKind::NotFetched, &["failed to fetch"]),
    (ErrorKind::NoInterpreter, &["no interpreter found"]),
];

/// As above, but checked after packages without a suitable wheel.
const RESOLUTION_ERRORS: &[(ErrorKind, &[&str])] = &[
    (ErrorKind::UnknownPackage, &["was not found in the package registry", "was not found in the provided"]),
    (ErrorKind::Conflict, &["no solution found"]),
    (ErrorKind::StaleLock, &["needs to be updated, but `--locked`"]),
    (ErrorKind::HashMissing, &["in `--require-hashes` mode", "hash-checking is"]),
];

/// uv says it in an error or in a hint.
const OFFLINE: &[&str] = &["network connectivity is disabled", "network was disabled", "--offline"];

/// The beginning of a line with a cause.
const CAUSES: &[&str] = &["error: ", "cause: ", "Caused by: ", "× ", "├─▶ ", "╰─▶ "];

/// The beginnings of lines that don't belong to the error.
const ASIDES: &[&str] = &["hint:", "help:", "warning:"];

const NO_WHEELS: &[&str] = &["no usable wheels", "no wheels with a matching", "no wheel for the current platform"];

/// The beginnings of the lines in which `uv lock` names a package.
const LOCK_CHANGES: &[(LockChange, &[&str])] = &[
    (LockChange::Added, &["Add", "Added"]),
    (LockChange::Removed, &["Remove", "Removed"]),
    (LockChange::Updated, &["Update", "Updated"]),
];

/// How a new lock would change a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockChange {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It has another version.
    Updated,
}

/// What went wrong, from uv's standard error.
pub(super) fn kind(talk: &str) -> ErrorKind {
    let all = causes(talk).join(": ");
    let lower = all.to_lowercase();
    let row = |table: &[(ErrorKind, &[&str])]| {
        table.iter().find(|(_, marks)| marks.iter().any(|mark| lower.contains(mark))).map(|(kind, _)| kind.clone())
    };
    let offline = || OFFLINE.iter().any(|mark| talk.to_lowercase().contains(mark)).then_some(ErrorKind::Offline);
    if failure::is_full_disk(&all) {
        return ErrorKind::FullDisk;
    }
    row(ERRORS)
        .or_else(offline)
        .or_else(|| built_wheel(&all).map(|wheel| ErrorKind::BuiltForAnotherTarget(wheel.to_owned())))
        .or_else(|| without_wheel(&all).map(ErrorKind::NoWheel))
        .or_else(|| row(RESOLUTION_ERRORS))
        .unwrap_or(ErrorKind::Other)
}

/// The changes that `uv lock --dry-run` names, each with its package.
pub fn lock_changes(talk: &str) -> Vec<(LockChange, &str)> {
    let change = |line: &'_ str| {
        let verb = line.trim().split(' ').next()?;
        LOCK_CHANGES.iter().find(|(_, verbs)| verbs.contains(&verb)).map(|(change, _)| *change)
    };
    talk.lines().filter_map(|line| Some((change(line)?, line.trim().split(' ').nth(1)?))).collect()
}

/// The error and its causes, outermost first, each on one line. Hints, warnings and notices are left out.
pub(super) fn causes(talk: &str) -> Vec<String> {
    let mut chain: Vec<String> = Vec::new();
    let mut inside = false;
    // The output of a build system comes first, and can contain errors of its own.
    let own = talk.lines().enumerate().filter(|(_, l)| l.starts_with("error: ") || l.trim_start().starts_with("× "));
    let start = own.last().map_or(0, |(number, _)| number);
    for line in talk.lines().skip(start) {
        let text = line.trim_start_matches([' ', '│']).trim_end();
        if ASIDES.iter().any(|aside| text.starts_with(aside)) {
            inside = false;
        } else if let Some(cause) = CAUSES.iter().find_map(|mark| text.strip_prefix(mark)) {
            // The causes of a warning have no error before them.
            inside = !chain.is_empty() || text.starts_with("error: ") || text.starts_with("× ");
            if inside {
                chain.push(cause.to_owned());
            }
        } else if let Some(last) = chain.last_mut().filter(|_| inside && !text.is_empty()) {
            last.push(' ');
            last.push_str(text);
        }
    }
    chain
}

/// The error and its innermost cause, in uv's words.
pub(super) fn summary(talk: &str) -> String {
    match causes(talk).as_slice() {
        [] => talk.trim().lines().next().unwrap_or_default().to_owned(),
        [only] => only.clone(),
        [first, .., last] => format!("{first}: {last}"),
    }
}

/// The line of a build system's output that says why it failed: its last error or exception.
pub(super) fn build_error(talk: &str) -> Option<&str> {
    const BEGIN: &str = "error: Failed to build";
    let lines = || talk.lines().map(str::trim).filter(|l| !l.is_empty());
    let is_uvs = |l: &str| l.starts_with(BEGIN) || l.starts_with("cause:") || l.starts_with("hint:");
    let tells = |l: &str| {
        let word = l.split(':').next().unwrap_or_default();
        let exception = word.ends_with("Error") || word.ends_with("Exception") || word == "error";
        exception && !word.contains(' ') && !is_uvs(l)
    };
    let log = || lines().take_while(|l| !l.starts_with(BEGIN));
    lines().rfind(|l| tells(l)).or_else(|| log().last())
}

/// The last URL in a chain of causes.
pub(super) fn url_in(chain: &[String]) -> Option<String> {
    let text = chain.iter().rev().find(|c| c.contains("://"))?;
    let start = text.find("http").or_else(|| text.find("file:"))?;
    Some(text[start..].split([' ', '`', ')', '\'']).next()?.to_owned())
}

/// The wheel that was built from source and does not fit the target.
fn built_wheel(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("The built wheel `")?;
    let (wheel, rest) = rest.split_once('`')?;
    rest.contains("is not compatible with the target").then_some(wheel)
}

fn without_wheel(text: &str) -> Option<String> {
    let at = NO_WHEELS.iter().find_map(|mark| text.find(mark))?;
    // "Because uwsgi==2.0.28 has no usable wheels", "all versions of uwsgi have no usable wheels",
    // "Distribution `uvloop==0.21.0 @ registry+…` can't be installed because … no wheel …".
    let before = text[..at].split_whitespace().collect::<Vec<_>>();
    let quoted = text.split('`').nth(1).filter(|_| text.starts_with("Distribution `"));
    let named = before.iter().rev().find(|w| w.contains("==")).copied();
    let plain = before.iter().rev().nth(1).copied();
    let word = quoted.or(named).or(plain)?;
    let end = word.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.=!+".contains(c))).unwrap_or(word.len());
    (end > 0).then(|| word[..end].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_on_the_way_to_a_server_is_unreachable() {
        use ErrorKind::{FullDisk, HashMismatch, Offline, Other, Unreachable};
        for (cause, expected) in [
            (
                "error sending request for url (https://h/a)\n  cause: client error (Connect)\n  cause: dns error",
                Unreachable,
            ),
            (
                "client error (Connect)\n  cause: tcp connect error\n  cause: Connection refused (os error 111)",
                Unreachable,
            ),
            ("client error (Connect)\n  cause: tunnel error: unsuccessful", Unreachable),
            ("operation timed out", Unreachable),
            ("Network connectivity is disabled, but the requested data was not found in the cache", Offline),
            ("HTTP status client error (403 Forbidden) for url (https://h/a)", Unreachable),
            ("HTTP status client error (404 Not Found) for url (https://h/a)", Other),
            ("Hash mismatch for `cpython-3.13.2`", HashMismatch),
            ("failed to write to `/x`\n  cause: No space left on device (os error 28)", FullDisk),
            ("Permission denied (os error 13)", Other),
        ] {
            assert_eq!(kind(&format!("error: Failed to install x\n  cause: {cause}")), expected, "{cause}");
        }
    }

    #[test]
    fn the_requirement_without_a_wheel_is_named() {
        let talk = "error: No solution found\n  cause: Because docopt==0.6.2 has no usable wheels and you";
        assert_eq!(kind(talk), ErrorKind::NoWheel("docopt==0.6.2".to_owned()));
    }

    #[test]
    fn a_summary_is_the_error_and_its_innermost_cause() {
        let talk = "error: Failed to install x\n  cause: Failed to download\n  cause: dns error\n";
        assert_eq!(summary(talk), "Failed to install x: dns error");
        assert_eq!(summary("plain"), "plain");
    }

    #[test]
    fn changes_of_a_lock_are_read_with_their_packages() {
        let talk = "Resolved 3 packages in 2ms\nUpdate my-app v1.0 -> v1.1\nAdd click v8.1\nRemoved six v1";
        let expected = [(LockChange::Updated, "my-app"), (LockChange::Added, "click"), (LockChange::Removed, "six")];
        assert_eq!(lock_changes(talk), expected);
    }
}
