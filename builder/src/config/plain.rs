//! Texts of a project that its bundle holds and that are printed from there: none of them may act upon a terminal.

use super::Project;
use crate::report::failure::Failure;
use crate::report::text;

/// Refuses control characters in them, newlines included.
///
/// # Errors
/// With the key that has one.
pub(super) fn check(project: &Project) -> Result<(), Failure> {
    let company = if project.windows.company.is_some() { "windows.company" } else { "authors" };
    let texts = [
        ("name", Some(project.name.clone())),
        ("version", project.version.clone()),
        ("entry-point", Some(project.entry.to_string())),
        ("self-command", project.self_word.clone()),
        (company, project.company()),
        ("windows.description", project.windows.description.clone()),
        ("windows.copyright", project.windows.copyright.clone()),
    ];
    let flags = project.python_flags.iter().map(|flag| ("python-flags", Some(flag.clone())));
    for (key, value) in texts.into_iter().chain(flags) {
        if let Some(value) = value.filter(|value| value.contains(text::is_control)) {
            return Err(Failure::new(format!("`{key}` has a control character: `{}`", text::shown(&value)))
                .help("take it out: it would act upon every terminal that the text is printed on"));
        }
    }
    Ok(())
}
