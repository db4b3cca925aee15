//! What an app is called, and whose it is.

use super::{load, project};
use crate::config::{Overrides, Project};

#[test]
fn two_scripts_called_main_in_two_directories_are_two_apps() {
    let directory = project(&[("one/main.py", ""), ("two/main.py", ""), ("src/main.py", ""), ("one/deep/x", "")]);
    let load = |path: &str, choice: &Overrides| Project::of_files(&directory.path().join(path), choice).unwrap();
    let ids = ["one/main.py", "two/main.py", "one/deep/../main.py"].map(|path| load(path, &Overrides::default()).id);
    assert_eq!(ids, ["one", "two", "one"]);
    let unnamed = load("src/main.py", &Overrides::default());
    assert_eq!((unnamed.id.as_str(), unnamed.note.is_some()), ("main", true));
    let named = load("src/main.py", &Overrides { name: Some("Invoices".to_owned()), ..Overrides::default() });
    assert_eq!((named.id.as_str(), named.name.as_str(), named.note), ("invoices", "Invoices", None));
}

#[test]
fn the_publisher_is_the_one_that_is_named_or_the_company_or_the_first_author() {
    let project = |more: &str| {
        let text = "[project]\nname = \"a\"\nversion = \"1\"\nscripts = { a = \"a:main\" }\n\
                    authors = [{ name = \"Ann\" }, { name = \"Ben\" }]\n[tool.ekiben]\n";
        let project = load(&[("pyproject.toml", &format!("{text}{more}"))]);
        (project.publisher().unwrap(), project.company().unwrap())
    };
    let pair = |publisher: &str, company: &str| (publisher.to_owned(), company.to_owned());
    assert_eq!(project(""), pair("Ann", "Ann"));
    assert_eq!(project("windows.company = \"C\""), pair("C", "C"));
    assert_eq!(project("publisher = \"P\""), pair("P", "P"));
    assert_eq!(project("publisher = \"P\"\nwindows.company = \"C\""), pair("P", "C"));
}
