//! An app's name as a file name, for its shortcut.

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
