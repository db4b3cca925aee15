//! `METADATA` and `entry_points.txt` of a wheel, as the metadata of a project.

use std::collections::BTreeMap;

use crate::config::Metadata;

/// Reads both. Fields that a wheel lacks are empty.
pub(super) fn read(metadata: &str, entry_points: &str) -> Metadata {
    let headers = headers(metadata);
    let all = |name: &str| {
        let named = headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    let first = |name: &str| all(name).into_iter().next().filter(|v| !v.is_empty() && v != "UNKNOWN");
    let mut groups = groups(entry_points);
    let mut group = |name: &str| groups.remove(name).unwrap_or_default();
    Metadata {
        name: first("Name").unwrap_or_default(),
        version: first("Version"),
        scripts: group("console_scripts"),
        gui_scripts: group("gui_scripts"),
        dependencies: all("Requires-Dist"),
        extras: all("Provides-Extra"),
        requires_python: first("Requires-Python"),
        description: first("Summary"),
        authors: first("Author")
            .or_else(|| first("Author-email").and_then(|email| person(&email)))
            .into_iter()
            .collect(),
        entry_points: groups,
        programs: BTreeMap::new(),
    }
}

/// The headers, each on one line, in their order.
fn headers(text: &str) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in text.lines().take_while(|line| !line.is_empty()) {
        match (line.split_once(':'), headers.last_mut()) {
            (_, Some((_, last))) if line.starts_with([' ', '\t']) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            (Some((key, value)), _) => headers.push((key.trim().to_owned(), value.trim().to_owned())),
            _ => {}
        }
    }
    headers
}

/// The name in `A Name <a@example.org>`.
fn person(email: &str) -> Option<String> {
    let name = email.split('<').next()?.trim().trim_matches('"');
    (!name.is_empty() && !name.contains('@')).then(|| name.to_owned())
}

/// `[group]`, then `name = reference` lines: the standard's subset of what Python's configparser reads.
fn groups(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut groups: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';'])) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name.trim().clone_into(&mut current);
        } else if let Some((name, reference)) = line.split_once('=') {
            groups.entry(current.clone()).or_default().insert(name.trim().to_owned(), reference.trim().to_owned());
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_wheel_says_is_what_its_project_would_say() {
        let metadata = "Metadata-Version: 2.1\nName: Old_App\nVersion: 1.2\nSummary: A summary\n  on two lines\n\
                        Author-email: \"A B\" <a@example.org>\nRequires-Python: >=3.9\nRequires-Dist: click>=8\n\
                        Requires-Dist: rich ; extra == 'fast'\nProvides-Extra: fast\nLicense: UNKNOWN\n\nName: body\n";
        let entry_points =
            "# made\n[console_scripts]\nold=old.cli:main\nolder = old.cli:other [fast]\n\n[old.plugins]\na = b:c\n";
        let read = read(metadata, entry_points);
        assert_eq!((read.name.as_str(), read.version.as_deref()), ("Old_App", Some("1.2")));
        assert_eq!(read.dependencies, ["click>=8", "rich ; extra == 'fast'"]);
        assert_eq!((read.extras, read.requires_python.as_deref()), (vec!["fast".to_owned()], Some(">=3.9")));
        assert_eq!(
            (read.description.as_deref(), read.authors),
            (Some("A summary on two lines"), vec!["A B".to_owned()])
        );
        let scripts: Vec<_> = read.scripts.iter().map(|(n, r)| (n.as_str(), r.as_str())).collect();
        assert_eq!(scripts, [("old", "old.cli:main"), ("older", "old.cli:other [fast]")]);
        assert!(read.gui_scripts.is_empty() && read.entry_points["old.plugins"]["a"] == "b:c");
    }
}
