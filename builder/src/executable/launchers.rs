//! The embedded launchers and updaters. Users of the builder need no Rust and no C compiler.
//!
//! `build/main.rs` builds them from source. If it could not, it left the reasons.

use include_dir::{Dir, include_dir};

use crate::platform::Target;
use crate::report::failure::Failure;

/// `<triple>` is a launcher; `<triple>.missing` has the reasons why there is none, one per line.
static LAUNCHERS: Dir<'_> = include_dir!("$OUT_DIR/launchers");

/// The same of the updaters.
static UPDATERS: Dir<'_> = include_dir!("$OUT_DIR/updaters");

/// The executable at the front of every bundle for `target`.
///
/// # Errors
/// When the machine that built this builder could not build the launcher; says what was missing there.
pub fn for_target(target: Target) -> Result<&'static [u8], Failure> {
    program(&LAUNCHERS, "launcher", target)
}

/// The program that updates apps for `target`.
///
/// # Errors
/// As [`for_target`].
pub fn updater_for(target: Target) -> Result<&'static [u8], Failure> {
    program(&UPDATERS, "updater", target)
}

fn program(from: &Dir<'static>, what: &str, target: Target) -> Result<&'static [u8], Failure> {
    if let Some(program) = from.get_file(target.triple()) {
        return Ok(program.contents());
    }
    let reasons = from.get_file(format!("{}.missing", target.triple())).and_then(|file| file.contents_utf8());
    Err(Failure::new(format!("this ekiben was built without the {what} for {target}")).help(format!(
        "build ekiben again after one of these has been put right:\n{}",
        reasons
            .unwrap_or("builder/build/ways.rs has no entry for it")
            .lines()
            .map(|line| format!("  - {line}"))
            .collect::<Vec<_>>()
            .join("\n")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_a_launcher_or_the_reasons_why_not() {
        for target in Target::all() {
            match for_target(target) {
                Ok(launcher) => {
                    let magic: &[u8] = if target.exe_suffix().is_empty() { b"\x7fELF" } else { b"MZ" };
                    assert!(launcher.starts_with(magic), "{target}");
                }
                Err(failure) => assert!(!failure.help_text().unwrap().contains("no entry"), "{target}: {failure:?}"),
            }
        }
        assert_eq!(LAUNCHERS.files().count(), Target::all().count(), "only what the table of targets knows");
    }

    #[test]
    fn a_launcher_is_small_and_tells_nothing_of_the_machine_it_was_built_on() {
        let home = std::env::home_dir().unwrap();
        for launcher in Target::all().filter_map(|target| for_target(target).ok()) {
            // 665 KB with the standard library from source, 0.5 MB more with an installed one.
            assert!(launcher.len() <= 1024 * 1024, "{} bytes", launcher.len());
            for path in [env!("CARGO_MANIFEST_DIR"), home.join(".cargo").to_str().unwrap()] {
                assert!(!launcher.windows(path.len()).any(|bytes| bytes == path.as_bytes()), "{path}");
            }
        }
    }
}
