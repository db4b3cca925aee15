//! Whether a text is a requirement (PEP 508), and what is wrong with it if not.

use std::fmt::Display;
use std::str::FromStr as _;

use pep508_rs::{Requirement, VerbatimUrl};

use crate::report::failure::Failure;

/// Refuses a text that can't be a requirement, with the place where it is written. Requirements that refer to a path or
/// a URL instead of an index are left to uv.
///
/// # Errors
/// With what is wrong.
pub(crate) fn check(place: impl Display, text: &str) -> Result<(), Failure> {
    match fault(text) {
        Some(fault) => Err(Failure::new(format!("{place}: `{text}` is not a requirement: {fault}"))
            .help("write it as `name`, `name==1.2` or `name>=1.2,<2`")),
        None => Ok(()),
    }
}

/// What is wrong with the text, if anything.
pub(super) fn fault(text: &str) -> Option<String> {
    let leads_elsewhere = text.contains(['@', '/', '\\', '$']);
    let error = Requirement::<VerbatimUrl>::from_str(text).err().filter(|_| !leads_elsewhere)?;
    Some(lowered(&error.message.to_string()))
}

/// Checks every line of a requirements file that holds a requirement. `place` returns the place of a line.
///
/// # Errors
/// With the first line that is wrong.
pub(crate) fn check_lines<P: Display>(text: &str, place: impl Fn(usize) -> P) -> Result<(), Failure> {
    let mut goes_on = false;
    for (number, line) in text.lines().enumerate() {
        let begins = !std::mem::replace(&mut goes_on, line.trim_end().ends_with('\\'));
        let line = line.split(" #").next().unwrap_or_default();
        let line = line.split(" --").next().unwrap_or_default().trim().trim_end_matches('\\').trim();
        if begins && !line.is_empty() && !line.starts_with(['#', '-']) {
            check(place(number + 1), line)?;
        }
    }
    Ok(())
}

fn lowered(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::failure::render;

    #[test]
    fn a_typo_is_told_with_its_line() {
        let fine = "# a list\nclick>=8  # here\na==1 ; os_name == 'nt' \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\n\
                    -r other.txt\n--index-url https://h\n./lib\nb @ git+https://h/b\nhttps://h/c.whl\n${PRIVATE}\n\nd[x]~=1.0";
        check_lines(fine, |line| format!("r.txt:{line}")).unwrap();
        let error = check_lines("click\nclick=>8\n", |line| format!("r.txt:{line}")).unwrap_err();
        assert_eq!(
            render(&error.into()),
            "error: r.txt:2: `click=>8` is not a requirement: no such comparison operator \"=>\", must be one of ~= == \
             != <= >= < > ===\nhelp: write it as `name`, `name==1.2` or `name>=1.2,<2`"
        );
        assert!(check("p", "a b").is_err() && check("p", "").is_err());
    }
}
