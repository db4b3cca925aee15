//! Takes out of a text what differs from run to run.

/// Every `from` becomes its `to`; a digest of twelve or sixty-four hexadecimal digits becomes `[DIGEST]`.
pub fn redact(text: &str, replacements: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (from, to) in replacements {
        text = text.replace(from, to);
    }
    let mut out = String::new();
    let mut run = String::new();
    for c in text.chars().chain(['\0']) {
        if c.is_ascii_digit() || ('a'..='f').contains(&c) {
            run.push(c);
            continue;
        }
        let is_digest = matches!(run.len(), 12 | 64) && !c.is_alphanumeric() && !out.ends_with(char::is_alphanumeric);
        out.push_str(if is_digest { "[DIGEST]" } else { &run });
        run.clear();
        out.push(c);
    }
    out.pop();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_digests_go_and_the_rest_stays() {
        let text = "could not read `/tmp/x/a-3f9c2a71b0de/deadbeef`: 12 bytes";
        assert_eq!(redact(text, &[("/tmp/x", "[DIR]")]), "could not read `[DIR]/a-[DIGEST]/deadbeef`: 12 bytes");
    }
}
