//! The information in an .exe about its app, gathered from the project.

use super::version::Numbers;
use crate::config::Project;

/// The information in an .exe about its app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// The app's id; `<id>.exe` is the file's original name.
    pub(super) id: String,
    /// The version as four numbers.
    pub(super) numbers: Numbers,
    /// The lines of the version resource: names defined by Microsoft (`ProductName`) and their values.
    pub(super) lines: Vec<(&'static str, String)>,
    /// Whether it asks for an administrator's rights.
    pub(super) admin: bool,
}

impl Identity {
    /// Names and meanings: <https://learn.microsoft.com/en-us/windows/win32/menurc/stringfileinfo-block>.
    ///
    /// `FileDescription` is what the task manager and "Open with" show as a program's name, so it is the app's name and
    /// not the project's description, which is a sentence and goes to `Comments`.
    pub(super) fn of(project: &Project, version: &str) -> Self {
        let settings = &project.windows;
        let metadata = project.metadata.as_ref();
        let description = settings.description.clone().unwrap_or_else(|| project.name.clone());
        let comments = metadata.and_then(|metadata| metadata.description.clone());
        let lines = [
            ("Comments", comments),
            ("CompanyName", project.company()),
            ("FileDescription", Some(description)),
            ("FileVersion", Some(version.to_owned())),
            ("InternalName", Some(project.id.clone())),
            ("LegalCopyright", settings.copyright.clone()),
            ("OriginalFilename", Some(format!("{}.exe", project.id))),
            ("ProductName", Some(project.name.clone())),
            ("ProductVersion", Some(version.to_owned())),
        ];
        Self {
            id: project.id.clone(),
            numbers: Numbers::of(version),
            lines: lines.into_iter().filter_map(|(name, text)| Some((name, one_line(&text?)))).collect(),
            admin: settings.admin,
        }
    }
}

/// Explorer shows one line, but values in `[project]` can have several.
fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|c| !c.is_control()).take(1000).collect()
}
