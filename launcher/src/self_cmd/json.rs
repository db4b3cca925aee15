//! JSON as text. The answers are small, and serde_json's `Value` would be a large part of the launcher; escaping is serde_json's.

use std::path::Path;

use bundle::text::is_control;

/// An object with these members, whose values are JSON.
pub(super) fn object(members: &[(&str, String)]) -> String {
    surround('{', members.iter().map(|(name, value)| string(name) + ": " + value), '}')
}

/// An array of what is JSON.
pub(super) fn array(values: impl Iterator<Item = String>) -> String {
    surround('[', values, ']')
}

/// A string.
pub(super) fn string(text: &str) -> String {
    // A string can always be written.
    let json = serde_json::to_string(text).unwrap_or_default();
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        // All of these have four digits.
        if is_control(c) { safe.push_str(&format!("\\u{:04x}", u32::from(c))) } else { safe.push(c) }
    }
    safe
}

/// A path: a string, or `{"escaped": …}` if it is not Unicode, so that it is not taken for the path itself.
pub(super) fn path(path: &Path) -> String {
    path.to_str().map_or_else(|| object(&[("escaped", string(&format!("{path:?}")))]), string)
}

/// What is there, or `null`.
pub(super) fn optional(value: Option<String>) -> String {
    value.unwrap_or_else(|| "null".to_owned())
}

fn surround(open: char, values: impl Iterator<Item = String>, close: char) -> String {
    let mut text = String::from(open);
    for value in values {
        if text.len() > 1 {
            text.push_str(", ");
        }
        text.push_str(&value);
    }
    text.push(close);
    text
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_is_written_is_json() {
        let text = object(&[
            ("a \"name\"", array([string("x\n\\"), 7.to_string(), true.to_string()].into_iter())),
            ("nothing", optional(None)),
            ("empty", array(std::iter::empty())),
            ("path", path(Path::new("a/ü"))),
        ]);
        let expected = json!({"a \"name\"": ["x\n\\", 7, true], "nothing": null, "empty": [], "path": "a/ü"});
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
    }
}
