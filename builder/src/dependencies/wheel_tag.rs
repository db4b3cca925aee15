//! Whether an installed wheel runs on the target: by the tags in its `WHEEL` file.
//!
//! uv chooses fitting wheels from an index by itself. What is checked here are wheels that were built on this
//! machine: they are for this machine and its Python, unless they are for any.

use std::fs;
use std::io;
use std::path::Path;

use super::dist_info;
use crate::platform::Target;
use crate::report::Report;
use crate::report::failure::Failure;

/// Checks every distribution in a tree.
///
/// # Errors
/// When one can't run on the target, with its name.
pub(super) fn check(tree: &Path, target: Target, python_version: &str, report: &Report) -> anyhow::Result<()> {
    for directory in dist_info::directories(tree)? {
        let text = match fs::read_to_string(directory.join("WHEEL")) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(e.into()),
        };
        let tags = text.lines().filter_map(|l| l.strip_prefix("Tag:")).map(str::trim).collect::<Vec<_>>();
        let stem = directory.file_stem().unwrap_or_default().to_string_lossy();
        let name = stem.split('-').next().unwrap_or_default().replace('_', "-");
        if !tags.is_empty() && !tags.iter().any(|t| fits(t, target, python_version)) {
            return Err(Failure::new(format!(
                "`{name}` was built as {}, which does not run with Python {python_version} on {target}",
                tags.join(", ")
            ))
            .help("it holds compiled code: build on the target's platform with that Python, or name a wheel for it")
            .into());
        }
        if tags.iter().any(|t| t.contains("-linux_")) {
            report.notice(format!("`{name}` was compiled here: it needs a glibc as new as this machine's"));
        }
    }
    Ok(())
}

/// Whether a tag, `cp313-cp313-win_amd64`, is one that this Python on this target accepts.
fn fits(tag: &str, target: Target, python_version: &str) -> bool {
    let mut parts = tag.split('-');
    let (Some(python), Some(abi), Some(platform)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let platform = target.takes_wheels_for(platform);
    let minor = python_version.split('.').nth(1).and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
    let numbered = |prefix: &'static str| {
        let digits = move |p: &'_ str| p.strip_prefix(prefix)?.strip_prefix('3')?.parse::<u32>().ok();
        python.split('.').filter_map(digits)
    };
    let exact = format!("cp3{minor}");
    let any_minor = python.split('.').any(|p| p == "py3") || numbered("py").any(|n| n <= minor);
    let abi = match abi {
        "none" => any_minor || numbered("cp").any(|n| n <= minor),
        "abi3" => numbered("cp").any(|n| n <= minor),
        abi => abi == exact && numbered("cp").any(|n| n == minor),
    };
    platform && abi
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_fits_its_platform_and_its_python() {
        let (linux, windows) = ("linux".parse::<Target>().unwrap(), "windows".parse::<Target>().unwrap());
        for (tag, on_linux, on_windows) in [
            ("py3-none-any", true, true),
            ("py2.py3-none-any", true, true),
            ("py310-none-any", true, true),
            ("py314-none-any", false, false),
            ("py2-none-any", false, false),
            ("cp313-cp313-win_amd64", false, true),
            ("cp313-cp313-linux_x86_64", true, false),
            ("cp313-cp313-manylinux_2_17_x86_64", true, false),
            ("cp311-cp311-linux_x86_64", false, false),
            ("cp39-abi3-win_amd64", false, true),
            ("cp39-abi3-musllinux_1_2_aarch64", false, false),
            ("py3-none-manylinux2014_x86_64", true, false),
            ("cp313-cp313t-win_amd64", false, false),
            ("nonsense", false, false),
        ] {
            assert_eq!((fits(tag, linux, "3.13.2"), fits(tag, windows, "3.13.2")), (on_linux, on_windows), "{tag}");
        }
    }
}
