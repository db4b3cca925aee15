//! From the project's list to requirements that name one file each: pinned, hashed, for the target.

use std::fs;
use std::path::Path;

use anyhow::Context;

use super::installer::{self, Installer};
use super::resolved::{Resolved, is_toml};
use super::{other_locks, uv_lock};
use crate::config::{Dependencies, pipfile_requirements, requirement};
use crate::context::BuildContext;
use crate::runtime::Runtime;

/// Resolves the project's dependencies for the target.
pub(super) fn resolve(context: BuildContext<'_>, runtime: &Runtime) -> anyhow::Result<Resolved> {
    match &context.project.dependencies {
        Dependencies::None => Ok(Resolved::default()),
        Dependencies::UvLock => uv_lock::export(context, runtime),
        Dependencies::PyLock(file) => as_it_is(file),
        Dependencies::Requirements(file) => {
            let text = flattened(file, 0)?;
            // A list with hashes is complete. One without is resolved.
            if text.contains("--hash=") { as_it_is(file) } else { compile(context, runtime, file, false) }
        }
        Dependencies::Pipfile(file) => Ok(Resolved::parse(&pipfile_requirements(file)?, &context.project.root)),
        Dependencies::Listed(_) if context.project.metadata.is_some() => {
            // From the file itself: uv then knows [tool.uv.sources] and private indexes too.
            compile(context, runtime, &context.project.root.join("pyproject.toml"), true)
        }
        Dependencies::Listed(requirements) | Dependencies::Required(requirements) => {
            let scratch = context.cache.scratch()?;
            let file = scratch.path().join("requirements.in");
            fs::write(&file, requirements.join("\n") + "\n")?;
            compile(context, runtime, &file, false)
        }
    }
}

/// A list that is complete: a pylock.toml, or requirements with hashes.
fn as_it_is(file: &Path) -> anyhow::Result<Resolved> {
    let text = if is_toml(file) {
        fs::read_to_string(file).with_context(|| format!("could not read `{}`", file.display()))?
    } else {
        flattened(file, 0)?
    };
    Ok(Resolved::from_file(file.to_owned(), text))
}

/// Resolves what `file` wants, now, from the index.
fn compile(context: BuildContext<'_>, runtime: &Runtime, file: &Path, selectable: bool) -> anyhow::Result<Resolved> {
    let scratch = context.cache.scratch()?;
    let lock = if context.project.is_package() { None } else { other_locks::constraints(&context.project.root)? };
    let constraints = scratch.path().join("constraints.txt");
    if let Some((name, text)) = &lock {
        context.report.detail(format!("versions are those of {name}"));
        fs::write(&constraints, text)?;
    }
    let installer = Installer::for_project(context, runtime);
    let make = || {
        let mut command = installer.command(&["pip", "compile", "--generate-hashes", "--no-header", "--no-annotate"]);
        command.args(["--quiet", "--no-strip-markers", "--emit-index-url", "--emit-find-links"]);
        command.args(installer.platform());
        if selectable {
            installer::select(&mut command, context.project, "pyproject.toml:");
        }
        if lock.is_some() {
            command.arg("--constraint").arg(&constraints);
        }
        command.arg(file);
        command
    };
    Ok(Resolved::parse(&installer.run(make, installer.sources())?, &context.project.root))
}

/// The text of a requirements file and of those that it includes.
fn flattened(file: &Path, depth: u32) -> anyhow::Result<String> {
    anyhow::ensure!(depth < 16, "`{}` is included by itself", file.display());
    let text = fs::read_to_string(file).with_context(|| format!("could not read `{}`", file.display()))?;
    requirement::check_lines(&text, |line| format!("{}:{line}", file.display()))?;
    let mut all = String::new();
    for line in text.lines() {
        let included = ["-r", "--requirement", "-c", "--constraint"]
            .iter()
            .find_map(|o| line.trim().strip_prefix(o)?.strip_prefix([' ', '=']));
        match included {
            Some(name) => {
                let directory = file.parent().unwrap_or(Path::new("."));
                all.push_str(&flattened(&directory.join(name.trim()), depth + 1)?);
            }
            None => all.push_str(line),
        }
        all.push('\n');
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn included_files_are_part_of_the_text() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a.txt");
        fs::write(&file, "-r sub.txt\nx\n").unwrap();
        fs::write(directory.path().join("sub.txt"), "y --hash=sha256:00\n").unwrap();
        assert_eq!(flattened(&file, 0).unwrap(), "y --hash=sha256:00\n\nx\n");
        fs::write(&file, "-r a.txt\n").unwrap();
        assert!(flattened(&file, 0).unwrap_err().to_string().contains("is included by itself"));
    }
}
