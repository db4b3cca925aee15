//! The list of directories in which Windows looks for programs, as a text: decisions alone, tested on any machine.

/// The list with this directory at its end. `None`: it is in there already.
pub(crate) fn with(list: &str, directory: &str) -> Option<String> {
    if list.split(';').any(|entry| is_same(entry, directory)) {
        return None;
    }
    let separator = if list.is_empty() || list.ends_with(';') { "" } else { ";" };
    Some([list, separator, directory].concat())
}

/// The list without this directory, and otherwise as it is. `None`: it is not in there.
pub(crate) fn without(list: &str, directory: &str) -> Option<String> {
    list.split(';').find(|entry| is_same(entry, directory))?;
    let others: Vec<_> = list.split(';').filter(|entry| !is_same(entry, directory)).collect();
    Some(others.join(";"))
}

/// Quotes around an entry and a backslash at its end mean nothing, nor do capitals.
fn is_same(entry: &str, directory: &str) -> bool {
    let plain = |text: &str| text.trim().trim_matches('"').trim_end_matches('\\').to_ascii_lowercase();
    plain(entry) == plain(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_put_at_the_end_once_and_taken_out_again() {
        let directory = r"C:\Users\me\Programs\app";
        for (list, longer) in [
            ("", directory.to_owned()),
            (r"C:\a", format!(r"C:\a;{directory}")),
            (r"C:\a;%USERPROFILE%\b;", format!(r"C:\a;%USERPROFILE%\b;{directory}")),
        ] {
            let found = with(list, directory).unwrap();
            assert_eq!(found, longer.as_str());
            assert_eq!(with(&found, directory), None);
            let back = without(&found, directory).unwrap();
            assert_eq!(back, list.trim_end_matches(';'));
        }
        let other = r#"c:\USERS\me\programs\APP\;"C:\Users\me\Programs\app""#;
        assert_eq!(with(other, directory), None);
        assert_eq!(without(other, directory).unwrap(), "");
        assert_eq!(without(r"C:\a", directory), None);
    }
}
