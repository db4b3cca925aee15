//! Turns the output of a uv that failed into a [`Failure`]: one line and a next step.
//!
//! uv prints `error:` and its causes, with hints and sometimes warnings around them. The cause that a reader can act
//! on is usually the last one, and its kind decides the help.

use super::messages::{self, ErrorKind};
use crate::report::failure::Failure;

/// The failure that uv's standard error describes.
pub(super) fn failure(kind: &ErrorKind, talk: &str) -> Failure {
    let chain = messages::causes(talk);
    let all = chain.join(": ");
    let last = lowered(chain.last().map(String::as_str).unwrap_or_default());
    let (message, help) = match kind {
        // `failure::render` adds the help for a full disk.
        ErrorKind::FullDisk => return Failure::new(lowered(&all)),
        ErrorKind::HashMismatch => {
            (
                lowered(&all[all.find("Hash mismatch").unwrap_or(0)..])
                    .replacen(" Expected: ", ": expected ", 1)
                    .replacen(" Computed: ", ", found ", 1),
                "the index serves another file than the one that was listed; \
             if that is right, make the list (or the lock file) again"
                    .to_owned(),
            )
        }
        ErrorKind::BuildFailed => {
            let reason = messages::build_error(talk).map(|reason| format!(": {reason}")).unwrap_or_default();
            let what = chain.first().map(|cause| lowered(cause)).unwrap_or_default();
            (
                format!("{what}{reason}"),
                "its build system refused; run again with --verbose to see everything that it said".to_owned(),
            )
        }
        ErrorKind::Offline => (lowered(&all), "build once without --offline".to_owned()),
        ErrorKind::Unreachable | ErrorKind::NotFetched => (
            messages::url_in(&chain).map_or(lowered(&all), |url| format!("could not reach `{url}`: {last}")),
            "check the network and the proxy, or name another index in UV_DEFAULT_INDEX; \
             for a certificate of your organisation, set SSL_CERT_FILE"
                .to_owned(),
        ),
        ErrorKind::NoInterpreter => (
            lowered(&all[all.find("No interpreter found").unwrap_or(0)..]),
            "uv needs some Python on this machine: install one, for example with `uv python install`".to_owned(),
        ),
        ErrorKind::BuiltForAnotherTarget(wheel) => {
            let package = wheel.split('-').next().unwrap_or(wheel);
            (
                format!(
                    "`{package}` has no wheel that fits, and what its sources become here holds compiled code: `{wheel}`"
                ),
                format!(
                    "leave it out there with a marker, as in `{package}; sys_platform == 'linux'`, or build on the \
                     target's own platform"
                ),
            )
        }
        ErrorKind::NoWheel(requirement) => {
            let package = name_of(requirement);
            (
                format!("`{package}` has no wheel that fits: {last}"),
                format!(
                    "ask for a version of `{package}` that has one; leave it out there with a marker, as in `{package}; \
                     sys_platform == 'linux'`; or build on the target's own platform, where sources can be compiled"
                ),
            )
        }
        ErrorKind::UnknownPackage => (
            last,
            "check how the name is spelled, and that UV_DEFAULT_INDEX or UV_INDEX names the index that has it"
                .to_owned(),
        ),
        ErrorKind::Conflict => (
            format!("the requirements contradict each other: {last}"),
            "loosen one of the requirements named above".to_owned(),
        ),
        ErrorKind::StaleLock => (
            "`uv.lock` does not fit `pyproject.toml` any more".to_owned(),
            "run `uv lock` in the project, and build again".to_owned(),
        ),
        ErrorKind::HashMissing => (
            last,
            "a list with hashes has to name every package with its hash; `uv pip compile --generate-hashes` makes one"
                .to_owned(),
        ),
        ErrorKind::Other => (
            if all.is_empty() { "uv failed and said nothing".to_owned() } else { lowered(&all) },
            "run again with --verbose to see everything that uv said".to_owned(),
        ),
    };
    Failure::new(message).help(help)
}

/// `docopt` of `docopt==0.6.2`.
fn name_of(requirement: &str) -> &str {
    requirement.split('=').next().unwrap_or(requirement)
}

/// The text for use within a sentence: without the capital letter and the final dot.
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
        crate::report::failure::render(&failure(&messages::kind(talk), talk).into())
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
