//! What uv said when it failed, as one line and a next step. Text in, [`Failure`] out.
//!
//! uv prints `error:` and its causes, hints and sometimes warnings around them. The one cause that a reader
//! can do something about is usually the last; which kind it is decides the help.

use crate::report::failure::{self, Failure};

/// The failure behind uv's standard error.
pub(super) fn failure(talk: &str) -> Failure {
    let chain = causes(talk);
    let all = chain.join(": ");
    let last = chain.last().map(String::as_str).unwrap_or_default();
    if let Some(mismatch) = chain.iter().find(|c| c.starts_with("Hash mismatch for")) {
        let both = mismatch.replacen(" Expected: ", ": expected ", 1).replacen(" Computed: ", ", found ", 1);
        return Failure::new(lowered(&both)).help(
            "the index serves another file than the one that was listed; \
             if that is right, make the list (or the lock file) again",
        );
    }
    if failure::is_full_disk(&all) {
        return Failure::new(lowered(&all));
    }
    if is_offline(talk) {
        return Failure::new(lowered(&all)).help("build once without --offline");
    }
    if let Some(url) = unreachable(&chain) {
        return Failure::new(format!("could not reach `{url}`: {}", lowered(last))).help(
            "check the network and the proxy, or name another index in UV_DEFAULT_INDEX; \
             for a certificate of your organisation, set SSL_CERT_FILE",
        );
    }
    if let Some(missing) = chain.iter().find(|c| c.starts_with("No interpreter found")) {
        return Failure::new(lowered(missing))
            .help("uv needs some Python on this machine: install one, for example with `uv python install`");
    }
    if let Some(wheel) = compiled_here(&all) {
        let package = wheel.split('-').next().unwrap_or(wheel);
        return Failure::new(format!(
            "`{package}` has no wheel that fits, and what its sources become here holds compiled code: `{wheel}`"
        ))
        .help(format!(
            "leave it out there with a marker, as in `{package}; sys_platform == 'linux'`, or build on the target's own \
             platform"
        ));
    }
    if let Some(package) = without_wheel(&all).as_deref().map(name_of) {
        return Failure::new(format!("`{package}` has no wheel that fits: {}", lowered(last))).help(format!(
            "ask for a version of `{package}` that has one; leave it out there with a marker, as in \
             `{package}; sys_platform == 'linux'`; or build on the target's own platform, where sources can be compiled"
        ));
    }
    if all.contains("was not found in the package registry") || all.contains("was not found in the provided") {
        return Failure::new(lowered(last))
            .help("check how the name is spelled, and that UV_DEFAULT_INDEX or UV_INDEX names the index that has it");
    }
    if all.contains("No solution found") {
        return Failure::new(format!("the requirements contradict each other: {}", lowered(last)))
            .help("loosen one of the requirements named above");
    }
    if all.contains("lockfile") && (all.contains("needs to be updated") || all.contains("--locked")) {
        return Failure::new("`uv.lock` does not fit `pyproject.toml` any more")
            .help("run `uv lock` in the project, and build again");
    }
    if all.contains("build backend returned an error") {
        let reason = build_error(talk).map(|r| format!(": {r}")).unwrap_or_default();
        let what = chain.first().map(|c| lowered(c)).unwrap_or_default();
        return Failure::new(format!("{what}{reason}"))
            .help("its build system refused; run again with --verbose to see everything that it said");
    }
    if all.contains("In `--require-hashes` mode") || all.contains("Hash-checking is") {
        return Failure::new(lowered(last)).help(
            "a list with hashes has to name every package with its hash; `uv pip compile --generate-hashes` makes one",
        );
    }
    let message = if all.is_empty() { "uv failed and said nothing".to_owned() } else { lowered(&all) };
    Failure::new(message).help("run again with --verbose to see everything that uv said")
}

/// Whether the cause is that nothing may be fetched: uv says so in a cause or a hint.
fn is_offline(talk: &str) -> bool {
    ["network connectivity is disabled", "network was disabled", "--offline"].iter().any(|mark| talk.contains(mark))
}

/// The error and its causes, outermost first, each on one line. Hints, warnings and notices are left out.
fn causes(talk: &str) -> Vec<String> {
    const MARKS: &[&str] = &["error: ", "cause: ", "Caused by: ", "× ", "├─▶ ", "╰─▶ "];
    let mut chain: Vec<String> = Vec::new();
    let mut inside = false;
    // What a build system printed comes first, and may have errors of its own in it.
    let own = talk.lines().enumerate().filter(|(_, l)| l.starts_with("error: ") || l.trim_start().starts_with("× "));
    let start = own.last().map_or(0, |(number, _)| number);
    for line in talk.lines().skip(start) {
        let text = line.trim_start_matches([' ', '│']).trim_end();
        if text.starts_with("hint:") || text.starts_with("help:") || text.starts_with("warning:") {
            inside = false;
        } else if let Some(cause) = MARKS.iter().find_map(|m| text.strip_prefix(m)) {
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

/// The line of a build system's output that says why it gave up: its last error or exception.
fn build_error(talk: &str) -> Option<&str> {
    let lines = || talk.lines().map(str::trim).filter(|l| !l.is_empty());
    let is_uvs = |l: &str| l.starts_with("error: Failed to build") || l.starts_with("cause:") || l.starts_with("hint:");
    let tells = |l: &str| {
        let word = l.split(':').next().unwrap_or_default();
        let exception = word.ends_with("Error") || word.ends_with("Exception") || word == "error";
        exception && !word.contains(' ') && !is_uvs(l)
    };
    let log = || lines().take_while(|l| !l.starts_with("error: Failed to build"));
    lines().rfind(|l| tells(l)).or_else(|| log().last())
}

/// The URL that could not be reached, when that is what happened.
fn unreachable(chain: &[String]) -> Option<String> {
    let network = ["error sending request", "client error (Connect)", "dns error", "Failed to fetch", "timed out"];
    if !chain.iter().any(|c| network.iter().any(|n| c.contains(n))) {
        return None;
    }
    let text = chain.iter().rev().find(|c| c.contains("://"))?;
    let start = text.find("http").or_else(|| text.find("file:"))?;
    Some(text[start..].split([' ', '`', ')', '\'']).next()?.to_owned())
}

/// The package that has no wheel for the target, with its version where uv names one: `docopt==0.6.2`.
pub(super) fn package_without_wheel(talk: &str) -> Option<String> {
    without_wheel(&causes(talk).join(": "))
}

/// The wheel that was made of sources and does not fit the target.
fn compiled_here(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("The built wheel `")?;
    let (wheel, rest) = rest.split_once('`')?;
    rest.contains("is not compatible with the target").then_some(wheel)
}

/// `docopt` of `docopt==0.6.2`.
fn name_of(requirement: &str) -> &str {
    requirement.split('=').next().unwrap_or(requirement)
}

fn without_wheel(text: &str) -> Option<String> {
    let at = ["no usable wheels", "no wheels with a matching", "no wheel for the current platform"]
        .iter()
        .find_map(|mark| text.find(mark))?;
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

/// As the middle of a sentence: without the capital and the final dot.
fn lowered(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(talk: &str) -> String {
        crate::report::failure::render(&failure(talk).into())
    }

    #[test]
    fn a_wrong_hash_says_both() {
        let talk = "Resolved 1 package in 80ms\nerror: Failed to download `rich==13.9.4`\n  cause: Hash mismatch for \
                    `rich==13.9.4`\n\n         Expected:\n           sha256:00\n\n         Computed:\n           sha256:60";
        assert_eq!(
            text(talk),
            "error: hash mismatch for `rich==13.9.4`: expected sha256:00, found sha256:60\n\
             help: the index serves another file than the one that was listed; if that is right, make the list \
             (or the lock file) again"
        );
    }

    #[test]
    fn an_unreachable_index_is_named_without_the_noise() {
        let talk = "warning: A managed Python download is available\n  cause: dns error\nerror: Request failed after 3 \
                    retries in 7.5s\n  cause: Failed to fetch: http://127.0.0.1:1/simple/rich/\n  cause: error sending \
                    request for url (http://127.0.0.1:1/simple/rich/)\n  cause: tcp connect error\n  cause: Connection \
                    refused (os error 111)";
        assert_eq!(
            text(talk).lines().next().unwrap(),
            "error: could not reach `http://127.0.0.1:1/simple/rich/`: connection refused (os error 111)"
        );
    }

    #[test]
    fn the_package_without_a_wheel_is_named() {
        for (talk, package) in [
            ("error: No solution found\n  cause: Because uwsgi==2.0.28 has no usable wheels and you", "uwsgi"),
            ("  × No solution found when\n  ╰─▶ Because all versions of uwsgi have no usable wheels and", "uwsgi"),
            ("error: x\n  cause: because uvloop==0.6.1 has no wheels with a matching Python ABI tag", "uvloop"),
        ] {
            let text = text(talk);
            assert!(text.starts_with(&format!("error: `{package}` has no wheel that fits: ")), "{text}");
        }
    }

    #[test]
    fn a_package_that_can_only_be_compiled_is_named() {
        let talk = "error: Failed to download and build `netifaces==0.11.0`\n  cause: The built wheel \
                    `netifaces-0.11.0-cp311-cp311-linux_x86_64.whl` is not compatible with the target Python 3.13 on \
                    Windows x86_64. Consider using `--no-build` to disable building wheels.";
        assert_eq!(
            text(talk).lines().next().unwrap(),
            "error: `netifaces` has no wheel that fits, and what its sources become here holds compiled code: \
             `netifaces-0.11.0-cp311-cp311-linux_x86_64.whl`"
        );
        let none = "error: No solution found\n  cause: Because docopt==0.6.2 has no usable wheels and you";
        assert_eq!(package_without_wheel(none).as_deref(), Some("docopt==0.6.2"));
    }

    #[test]
    fn a_conflict_is_told_by_its_reason() {
        let talk = "error: No solution found when resolving dependencies\n  cause: Because rich==13.9.4 depends on \
                    pygments>=2.13.0,<3.0.0,\n         we can conclude that it is unsatisfiable.\n\nhint: no";
        assert_eq!(
            text(talk),
            "error: the requirements contradict each other: because rich==13.9.4 depends on pygments>=2.13.0,<3.0.0, \
             we can conclude that it is unsatisfiable\nhelp: loosen one of the requirements named above"
        );
    }

    #[test]
    fn a_build_that_fails_is_told_by_its_own_last_error() {
        let first = |talk: &str| text(talk).lines().next().unwrap().to_owned();
        let backend = "error: Failed to build `/p`\n  cause: The build backend returned an error\n  cause: Call to `x` \
                       failed (exit status: 1)\n\nhint: Build failures usually indicate";
        assert_eq!(
            first(&format!("Building wheel...\nerror: Multiple packages discovered: ['b'].\n\nTo avoid\n{backend}")),
            "error: failed to build `/p`: error: Multiple packages discovered: ['b']."
        );
        assert_eq!(
            first(&format!("Traceback\n  File \"x\"\nModuleNotFoundError: No module named 'nope'\n{backend}")),
            "error: failed to build `/p`: ModuleNotFoundError: No module named 'nope'"
        );
        assert_eq!(first(&format!("I gave up\n{backend}")), "error: failed to build `/p`: I gave up");
    }

    #[test]
    fn anything_else_is_passed_on() {
        assert_eq!(
            text("error: Unexpected '-' in `c.in`"),
            "error: unexpected '-' in `c.in`\nhelp: run again with --verbose to see everything that uv said"
        );
        assert!(text("").starts_with("error: uv failed and said nothing"));
    }
}
