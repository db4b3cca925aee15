//! Whether everything that the distributions of a bundle require is in it.
//!
//! A list that was made by hand, a lock of another tool or an override can leave something out. The build
//! reports that and goes on: the app may not need it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::str::FromStr as _;

use pep508_rs::pep440_rs::Version;
use pep508_rs::{ExtraName, MarkerEnvironment, MarkerEnvironmentBuilder, Requirement, VerbatimUrl, VersionOrUrl};

use super::{Tree, dist_info};
use crate::config::{Project, normalised};
use crate::context::BuildContext;
use crate::platform::Target;
use crate::runtime::Runtime;

/// A distribution that is in the bundle.
struct Found {
    version: String,
    requires: Vec<Requirement<VerbatimUrl>>,
}

/// Says which requirements are not met on the target.
///
/// # Errors
/// Those of reading the metadata.
pub fn check(context: BuildContext<'_>, trees: &[&Tree], runtime: &Runtime) -> anyhow::Result<()> {
    let mut found = BTreeMap::new();
    for tree in trees {
        for directory in dist_info::directories(&tree.site_packages)? {
            let text = fs::read(directory.join("METADATA")).unwrap_or_default();
            let metadata = super::wheel_metadata::read(&String::from_utf8_lossy(&text), "");
            // Versions from before the standard can't be compared.
            let requires = metadata.dependencies.iter().filter_map(|line| Requirement::from_str(line).ok()).collect();
            let version = metadata.version.unwrap_or_default();
            found.insert(normalised(&metadata.name), Found { version, requires });
        }
    }
    if let Some(environment) = environment(context.target, &runtime.version.to_string()) {
        unmet(&found, &own_extras(context.project), &environment)
            .into_iter()
            .for_each(|fault| context.report.notice(fault));
    }
    Ok(())
}

/// The extras of the project's own distribution that were chosen.
fn own_extras(project: &Project) -> BTreeMap<String, BTreeSet<ExtraName>> {
    let extras = project.extras.iter().filter_map(|extra| ExtraName::from_str(extra).ok()).collect();
    project.metadata.iter().map(|metadata| (normalised(&metadata.name), BTreeSet::clone(&extras))).collect()
}

/// What is required and missing, or there in another version, in the words of a note.
fn unmet(
    found: &BTreeMap<String, Found>,
    chosen: &BTreeMap<String, BTreeSet<ExtraName>>,
    environment: &MarkerEnvironment,
) -> BTreeSet<String> {
    let mut extras = chosen.clone();
    loop {
        let mut asked = extras.clone();
        let mut faults = BTreeSet::new();
        for (name, distribution) in found {
            let own: Vec<_> = extras.get(name).into_iter().flatten().cloned().collect();
            for requirement in distribution.requires.iter().filter(|r| r.evaluate_markers(environment, &own)) {
                let required = normalised(requirement.name.as_ref());
                asked.entry(required.clone()).or_default().extend(requirement.extras.iter().cloned());
                faults.extend(fault(name, requirement, found.get(&required)));
            }
        }
        if asked == extras {
            return faults;
        }
        extras = asked;
    }
}

fn fault(name: &str, requirement: &Requirement<VerbatimUrl>, found: Option<&Found>) -> Option<String> {
    let mut shown = requirement.clone();
    shown.marker = pep508_rs::MarkerTree::TRUE;
    let Some(found) = found else { return Some(format!("`{name}` requires `{shown}`, which is not in the bundle")) };
    let Some(VersionOrUrl::VersionSpecifier(wanted)) = &requirement.version_or_url else { return None };
    let version = Version::from_str(&found.version).ok()?;
    // Somebody chose the pre-release or local version on purpose.
    (!wanted.contains(&version) && !version.any_prerelease())
        .then(|| format!("`{name}` requires `{shown}`, and the bundle has {} {}", requirement.name, found.version))
}

/// What markers are compared with on the target.
fn environment(target: Target, python_version: &str) -> Option<MarkerEnvironment> {
    let minor = python_version.split('.').take(2).collect::<Vec<_>>().join(".");
    let marker = target.platform().marker();
    MarkerEnvironment::try_from(MarkerEnvironmentBuilder {
        implementation_name: "cpython",
        implementation_version: python_version,
        os_name: marker.os_name,
        platform_machine: target.platform_machine(),
        platform_python_implementation: "CPython",
        platform_release: "",
        platform_system: marker.platform_system,
        platform_version: "",
        python_full_version: python_version,
        python_version: &minor,
        sys_platform: marker.sys_platform,
    })
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_on_the_target_is_named() {
        let distribution = |version: &str, requires: &[&str]| Found {
            version: version.to_owned(),
            requires: requires.iter().map(|line| line.parse().unwrap()).collect(),
        };
        let found: BTreeMap<_, _> = [
            ("app", distribution("1", &["Rich>=13", "engine[fast]", "winapi ; sys_platform == 'win32'"])),
            ("rich", distribution("12.0", &["pygments>=2 ; python_version >= '3.8'", "old ; python_version < '3.8'"])),
            ("pygments", distribution("2.1", &[])),
            ("engine", distribution("1", &["turbo ; extra == 'fast'", "slow ; extra == 'slow'"])),
            ("beta", distribution("2.0rc1", &["gamma==2"])),
            ("gamma", distribution("2+local", &["beta>=2"])),
        ]
        .map(|(name, found)| (name.to_owned(), found))
        .into();
        let unmet = |target: &str| {
            let environment = environment(target.parse().unwrap(), "3.13.2").unwrap();
            unmet(&found, &BTreeMap::new(), &environment).into_iter().collect::<Vec<_>>()
        };
        let everywhere = [
            "`app` requires `rich>=13`, and the bundle has rich 12.0",
            "`engine` requires `turbo`, which is not in the bundle",
        ];
        assert_eq!(unmet("linux"), everywhere);
        let windows = "`app` requires `winapi`, which is not in the bundle";
        assert_eq!(unmet("windows"), [everywhere[0], windows, everywhere[1]]);
    }
}
