//! Answers in JSON.

use std::path::Path;

use bundle::text::is_control;
use serde::Serialize;

/// A path: a string, or `{"escaped": …}` if it is not Unicode, so that it is not taken for the path itself.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum PathValue {
    Path(String),
    Escaped { escaped: String },
}

impl From<&Path> for PathValue {
    fn from(path: &Path) -> Self {
        match path.to_str() {
            Some(path) => Self::Path(path.to_owned()),
            None => Self::Escaped { escaped: format!("{path:?}") },
        }
    }
}

/// A line of JSON, in which characters that a terminal obeys are escaped.
pub(super) fn line(value: &impl Serialize) -> String {
    // Structs with names of fields, strings and numbers can always be written.
    let json = serde_json::to_string(value).unwrap_or_default();
    let mut line = String::with_capacity(json.len() + 1);
    // They can only be in strings.
    for c in json.chars() {
        // All of these have four digits.
        if is_control(c) { line.push_str(&format!("\\u{:04x}", u32::from(c))) } else { line.push(c) }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_one_line_that_no_terminal_obeys() {
        #[derive(Serialize)]
        struct Value {
            name: &'static str,
            path: PathValue,
            nothing: Option<u32>,
        }
        let path = PathValue::from(Path::new("a/ü"));
        let text = line(&Value { name: "x\n\u{9b}\"", path, nothing: None });
        assert_eq!(text, "{\"name\":\"x\\n\\u009b\\\"\",\"path\":\"a/ü\",\"nothing\":null}\n");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap()["name"], "x\n\u{9b}\"");
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_not_unicode_is_not_taken_for_a_path() {
        use std::os::unix::ffi::OsStrExt as _;
        let path = Path::new(std::ffi::OsStr::from_bytes(b"/a\xff"));
        assert_eq!(line(&PathValue::from(path)), "{\"escaped\":\"\\\"/a\\\\xFF\\\"\"}\n");
    }
}
