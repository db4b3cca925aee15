//! Text that a bundle or an archive brings along, made fit for a person's terminal.
//!
//! A newline in a name could forge a line of ours, an escape sequence could rewrite what stands on the screen, and a
//! control character for the direction of writing could show a name in another order than it has. None of them belongs
//! into a name, a version or a path: [`is_control`] is what the launch record refuses, and [`shown`] is what everything
//! else of that kind goes through before it is printed.

use std::borrow::Cow;

/// Whether a terminal or a text box acts upon a character and does not show it: the control characters C0, DEL and C1, the
/// separators of lines and paragraphs, and the controls for the direction of writing
/// (<https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>).
pub fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}')
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text with every such character written out: `\u{1b}`.
pub fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(is_control) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_control(c) { safe.extend(c.escape_unicode()) } else { safe.push(c) }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_acts_upon_is_written_out() {
        for (text, safe) in [
            ("plain, ünïcode, 日本語, ‍👩‍💻", "plain, ünïcode, 日本語, ‍👩‍💻"),
            ("a\nb\tc\r", "a\\u{a}b\\u{9}c\\u{d}"),
            ("\u{1b}[2K\u{7f}\u{9b}1A", "\\u{1b}[2K\\u{7f}\\u{9b}1A"),
            ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
            ("\u{202e}gpj.exe\u{202c}", "\\u{202e}gpj.exe\\u{202c}"),
            ("\u{2066}\u{2069}\u{200e}\u{200f}\u{61c}", "\\u{2066}\\u{2069}\\u{200e}\\u{200f}\\u{61c}"),
        ] {
            assert_eq!(shown(text), safe);
        }
    }
}
