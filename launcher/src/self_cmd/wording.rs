//! Sizes, paths and processes as people read them.

use std::ffi::OsStr;
use std::path::Path;

use crate::sys::processes::Process;
use bundle::text::is_control;

/// A size for people.
pub(super) fn size(bytes: u64) -> String {
    const STEP: u64 = 1024;
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut whole = bytes;
    let mut tenths = 0;
    let mut unit = "bytes";
    for next in units {
        if whole < STEP {
            break;
        }
        tenths = whole % STEP * 10 / STEP;
        whole /= STEP;
        unit = next;
    }
    if unit == "bytes" { format!("{whole} {unit}") } else { format!("{whole}.{tenths} {unit}") }
}

/// A text as it is; if it is not Unicode or contains control characters, escaped in double quotes.
pub(super) fn text(text: &OsStr) -> String {
    match text.to_str() {
        Some(text) if !text.contains(is_control) => text.to_owned(),
        _ => format!("{text:?}"),
    }
}

/// A path for people, see [`text`].
pub(super) fn path(path: &Path) -> String {
    text(path.as_os_str())
}

/// Processes for people: `12 (python), 13 (python)`.
pub(super) fn processes(processes: &[Process]) -> String {
    let one = |process: &Process| format!("{} ({})", process.id, path(&process.program));
    processes.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// `1 file`, `2 files`.
pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_the_unit_that_fits() {
        for (bytes, told) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (1 << 20, "1.0 MiB"),
            ((1 << 30) * 5 / 2, "2.5 GiB"),
            (u64::MAX, "15.9 EiB"),
        ] {
            assert_eq!(size(bytes), told);
        }
    }

    #[test]
    fn a_path_is_escaped_when_it_has_to_be() {
        assert_eq!(path(Path::new("a b/ü")), "a b/ü");
        assert_eq!(path(Path::new("a\nb")), r#""a\nb""#);
    }
}
