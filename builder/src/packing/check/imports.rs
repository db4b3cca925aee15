//! What the app imports although the bundle does not have it: told while building, for targets that do not run here too.
//!
//! Importing the entry point shows a missing module only where that is done: not for another platform, not for a script, and
//! not for modules that are imported late. A note, since the app may know how to do without.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::distributions;
use crate::config::EntryPoint;
use crate::context::BuildContext;
use crate::dependencies::Tree;
use crate::runtime::Runtime;
use crate::runtime::bytecode::Compiler;
use crate::runtime::interpreters;

const SCRIPT: &str = include_str!("imports.py");

/// More than these are counted, not named.
const SHOWN: usize = 8;

/// An import of a module that is not there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "(String, u32, String)")]
struct Missing {
    /// Relative to where the app's modules are.
    file: String,
    line: u32,
    module: String,
}

impl From<(String, u32, String)> for Missing {
    fn from((file, line, module): (String, u32, String)) -> Self {
        Self { file, line, module }
    }
}

/// Notes each module that the app imports at the top of a file and that nothing in the bundle provides. Both trees are as
/// they were installed, with all sources.
pub fn unresolved_imports(context: BuildContext<'_>, runtime: &Runtime, compiler: &Compiler, trees: [&Tree; 2]) {
    let [application, dependencies] = trees;
    let platform = context.target.platform();
    let own = runtime.tree.join(&runtime.site_packages);
    let script = match &context.project.entry {
        EntryPoint::Script(script) => Some(script),
        _ => None,
    };
    let request = json!({
        "application": application.modules(),
        "path": [&application.modules(), &application.site_packages, &dependencies.site_packages, &own],
        "script": script,
        "platform": platform.marker().sys_platform,
        "os_name": platform.marker().os_name,
    });
    match interpreters::answer(compiler.program(), SCRIPT, &request) {
        Ok(missing) => notes(missing).iter().for_each(|note| context.report.notice(note)),
        Err(error) => context.report.detail(format!("could not look at the app's imports: {error:#}")),
    }
}

/// One line for each module: its first place, and what to do.
fn notes(missing: Vec<Missing>) -> Vec<String> {
    let mut places = BTreeMap::<String, Vec<Missing>>::new();
    for one in missing {
        let first = one.module.split('.').next().unwrap_or_default().to_owned();
        places.entry(first).or_default().push(one);
    }
    let mut by_place: Vec<_> = places.into_values().collect();
    by_place.sort_by(|a, b| (&a[0].file, a[0].line).cmp(&(&b[0].file, b[0].line)));
    let rest = by_place.len().saturating_sub(SHOWN);
    let mut notes: Vec<_> = by_place.iter().take(SHOWN).map(|places| note(places)).collect();
    if rest > 0 {
        notes.push(format!("{rest} more modules that the app imports are not in the bundle"));
    }
    notes
}

fn note(places: &[Missing]) -> String {
    let Missing { file, line, module } = &places[0];
    let more = match places.len() - 1 {
        0 => String::new(),
        1 => " (and in one more place)".to_owned(),
        more => format!(" (and in {more} more places)"),
    };
    let help = distributions::how_to_get(module);
    format!("{file}:{line} imports `{module}`{more}, which is not in the bundle; {help}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_told_once_with_its_first_place_and_its_distribution() {
        let missing = |file: &str, line, module: &str| Missing { file: file.into(), line, module: module.into() };
        let all =
            vec![missing("app/a.py", 7, "yaml"), missing("app/b.py", 1, "fcntl"), missing("app/b.py", 2, "yaml.nodes")];
        assert_eq!(
            notes(all),
            [
                "app/a.py:7 imports `yaml` (and in one more place), which is not in the bundle; add `PyYAML` to the \
                 project's dependencies",
                "app/b.py:1 imports `fcntl`, which is not in the bundle; CPython has it only on Linux",
            ]
        );
    }

    #[test]
    fn a_long_list_is_cut() {
        let missing = |n: u32| Missing { file: "a.py".into(), line: n, module: format!("m{n}") };
        let notes = notes((1..=10).map(missing).collect());
        assert_eq!(notes.len(), SHOWN + 1);
        assert_eq!(notes[SHOWN], "2 more modules that the app imports are not in the bundle");
    }
}
