//! An app's name as a file name, for its shortcut; a file name as that of a command.

use std::ffi::OsStr;

/// The name without the characters that Windows forbids in file names
/// (<https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file>); `fallback`, an app's id, if nothing is left.
pub fn from_app_name(name: &str, fallback: &str) -> String {
    const LONGEST: usize = 100;
    let allowed = |c: char| if c.is_control() || r#"<>:"/\|?*"#.contains(c) { ' ' } else { c };
    let name: String = name.chars().map(allowed).take(LONGEST).collect();
    let words: Vec<_> = name.split_whitespace().collect();
    let name = words.join(" ");
    let name = name.trim_end_matches(['.', ' ']);
    if name.is_empty() { fallback.to_owned() } else { name.to_owned() }
}

/// Whether a file with this name is meant by the name of a command. On Windows, capitals don't count, and `.exe` may be left out.
pub fn starts(file: &OsStr, command: &str) -> bool {
    if !cfg!(windows) {
        return file == command;
    }
    let name = file.to_str().map(str::to_ascii_lowercase);
    name.is_some_and(|name| name.strip_suffix(".exe").unwrap_or(&name) == command.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_what_a_file_may_be_called() {
        for (name, expected) in [
            ("Window Seat", "Window Seat"),
            ("弁当 & Co. ", "弁当 & Co"),
            ("..\\up: \"x\"\u{7}", ".. up x"),
            ("???", "app"),
            ("", "app"),
        ] {
            assert_eq!(from_app_name(name, "app"), expected, "{name}");
        }
        assert_eq!(from_app_name(&"é".repeat(300), "app").chars().count(), 100);
    }
}
