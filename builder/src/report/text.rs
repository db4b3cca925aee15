//! Makes text safe to print: names from bundles, archives and projects must not control a terminal or imitate a line of ekiben's.
//!
//! [`bundle::text`] decides which characters are escaped, for the launcher too. Use [`shown`] or [`path`] for a single
//! name, and [`lines`] for text of several lines: errors, and messages of other programs.

use std::path::Path;

use indicatif::HumanBytes;

pub use bundle::text::{is_control, shown};

/// A path for people, on one line.
pub fn path(path: &Path) -> String {
    shown(&path.display().to_string()).into_owned()
}

/// A size for people.
pub fn bytes(bytes: u64) -> String {
    HumanBytes(bytes).to_string()
}

/// A text of several lines, which may be indented with tabs.
pub fn lines(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for part in text.split_inclusive(['\n', '\t']) {
        let end = part.len() - usize::from(part.ends_with(['\n', '\t']));
        // Windows ends lines with both.
        let line = part[..end].strip_suffix('\r').filter(|_| part.ends_with('\n')).unwrap_or(&part[..end]);
        safe.push_str(&shown(line));
        safe.push_str(&part[end..]);
    }
    safe
}

/// JSON for a terminal or a program: the same value, with characters that a terminal would obey escaped (`\u009b`).
pub fn json(value: &serde_json::Value) -> String {
    let text = format!("{value:#}");
    let mut safe = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        // serde_json has escaped the control characters below U+0020 in strings. Any others are white space between values.
        if is_control(c) && c != '\n' {
            safe.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            safe.push(c);
        }
    }
    safe.push('\n');
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_lines_and_all_else_is_written_out() {
        assert_eq!(lines("a\n\tb\r\nc\u{1b}[2K\rd\u{202e}"), "a\n\tb\nc\\u{1b}[2K\\u{d}d\\u{202e}");
        assert_eq!(path(Path::new("a\nb")), "a\\u{a}b");
    }

    #[test]
    fn json_is_the_same_value() {
        let value = serde_json::json!({"a\u{9b}": ["\u{7f}\u{202e}\u{2028}\u{1b}\n\"ü", 1], "b": {}});
        let text = json(&value);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        assert!(!text.replace('\n', "").contains(is_control), "{text:?}");
    }
}
