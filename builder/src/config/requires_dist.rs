//! `Requires-Dist` of a wheel: which of its lines count with the extras that were chosen.

use std::str::FromStr as _;

use pep508_rs::{ExtraName, Requirement, VerbatimUrl};

use super::document::Located;
use super::{Metadata, normalised};
use crate::report::failure::Failure;

/// The requirements of a distribution with these extras, without the markers that name an extra.
pub(super) fn selected(metadata: &Metadata, extras: &[Located<String>]) -> Result<Vec<String>, Failure> {
    for extra in extras {
        if !metadata.extras.iter().any(|known| normalised(known) == normalised(&extra.value)) {
            let known = super::document::quoted(&metadata.extras);
            let known = if known.is_empty() { "it has none".to_owned() } else { format!("it has {known}") };
            let message = format!("`{}` has no extra `{}`", metadata.name, extra.value);
            return Err(extra.place.failure(message).help(known));
        }
    }
    let mut chosen: Vec<ExtraName> = extras.iter().filter_map(|e| ExtraName::from_str(&e.value).ok()).collect();
    // An extra may name others of the same distribution: `Requires-Dist: app[gui]; extra == "all"`.
    loop {
        let (lines, more) = once(metadata, &chosen);
        let before = chosen.len();
        chosen.extend(more);
        chosen.sort();
        chosen.dedup();
        if chosen.len() == before {
            return Ok(lines);
        }
    }
}

/// The lines that count with these extras, and the further extras of the distribution itself that they ask for.
fn once(metadata: &Metadata, chosen: &[ExtraName]) -> (Vec<String>, Vec<ExtraName>) {
    let (mut lines, mut more) = (Vec::new(), Vec::new());
    for line in &metadata.dependencies {
        let Ok(mut requirement) = Requirement::<VerbatimUrl>::from_str(line) else {
            // Written before the standard was: uv may know better.
            lines.push(line.clone());
            continue;
        };
        if !requirement.marker.evaluate_extras(chosen) {
            continue;
        }
        if normalised(requirement.name.as_ref()) == normalised(&metadata.name) {
            more.extend(requirement.extras);
            continue;
        }
        requirement.marker = requirement.marker.simplify_extras(chosen);
        lines.push(requirement.to_string());
    }
    (lines, more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extras_choose_among_the_requirements_of_a_wheel() {
        let lines = [
            "click>=8",
            "colorama ; sys_platform == 'win32'",
            "rich ; extra == 'fast'",
            "tomli ; python_version < '3.11' and extra == 'fast'",
            "pytest ; extra == 'Test_Me'",
            "app[fast] ; extra == 'all'",
        ];
        let metadata = Metadata {
            name: "App".into(),
            dependencies: lines.map(str::to_owned).to_vec(),
            extras: ["fast", "test-me", "all"].map(str::to_owned).to_vec(),
            ..Metadata::default()
        };
        let base = ["click>=8", "colorama ; sys_platform == 'win32'"];
        let fast = ["rich", "tomli ; python_full_version < '3.11'"];
        for (extras, expected) in [
            (&[][..], base.to_vec()),
            (&["fast"], [base, fast].concat()),
            (&["all"], [base, fast].concat()),
            (&["test.me"], [&base[..], &["pytest"]].concat()),
        ] {
            let extras: Vec<_> = extras.iter().map(|e| Located::on_the_command_line(*e, "--extra")).collect();
            assert_eq!(selected(&metadata, &extras).unwrap(), expected);
        }
        let wrong = selected(&metadata, &[Located::on_the_command_line("gui", "--extra")]).unwrap_err();
        assert_eq!(
            crate::report::failure::render(&wrong.into()),
            "error: --extra: `App` has no extra `gui`\nhelp: it has `fast`, `test-me`, `all`"
        );
    }
}
