//! A project of Poetry that is not a package (`package-mode = false`, or no [build-system]): Poetry's own library says what
//! `[tool.poetry]` means, because no other tool has its version constraints.

use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

use super::installer;
use crate::config::Metadata;
use crate::host::uv::{self, Uv};
use crate::report::Report;
use crate::report::failure::Help as _;

const SCRIPT: &str = r#"
import json, pathlib, sys
from poetry.core.factory import Factory

poetry = Factory().create_poetry(pathlib.Path(sys.argv[1]))
package, config = poetry.package, poetry.local_config
scripts = config.get("scripts") or {}
named = bool(config.get("name"))
json.dump({
    "name": package.pretty_name if named else "",
    "version": package.pretty_version if config.get("version") else None,
    "requires_python": package.python_constraint and str(package.python_constraint),
    "dependencies": [dependency.to_pep_508() for dependency in package.requires],
    "extras": sorted(package.extras),
    "scripts": {name: value if isinstance(value, str) else value.get("reference", "") for name, value in scripts.items()},
    "description": package.description or None,
    "authors": [author.split("<")[0].strip() for author in package.authors],
}, sys.stdout)
"#;

#[derive(Deserialize)]
struct Said {
    name: String,
    version: Option<String>,
    requires_python: Option<String>,
    dependencies: Vec<String>,
    extras: Vec<String>,
    scripts: std::collections::BTreeMap<String, String>,
    description: Option<String>,
    authors: Vec<String>,
}

/// What `[tool.poetry]` of the project in `root` says.
///
/// # Errors
/// When Poetry does not accept it.
pub(super) fn metadata(uv: &Uv, root: &Path, report: &Report) -> anyhow::Result<Metadata> {
    let words = ["run", "--no-project", "--isolated", "--quiet", "--with", "poetry-core>=1.8", "python", "-c", SCRIPT];
    let mut command = installer::command(uv, root, &words);
    command.arg(root);
    let said = uv::run(command, report).or_fail(
        format!("could not read [tool.poetry] in `{}`", root.join("pyproject.toml").display()),
        "`poetry check` says what is wrong with it",
    )?;
    let said: Said = serde_json::from_str(&said).context("could not understand what poetry-core says")?;
    Ok(Metadata {
        name: said.name,
        version: said.version,
        scripts: said.scripts,
        dependencies: said.dependencies,
        extras: said.extras,
        requires_python: said.requires_python.filter(|python| python != "*"),
        description: said.description,
        authors: said.authors,
        ..Metadata::default()
    })
}
