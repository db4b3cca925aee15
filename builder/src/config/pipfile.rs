//! `Pipfile.lock`: a complete list with hashes, as JSON.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::report::failure::{Failure, Help as _};

/// The packages of its `default` section as lines of a requirements file.
///
/// # Errors
/// When the file is not a `Pipfile.lock`.
pub(crate) fn requirements(file: &Path) -> anyhow::Result<String> {
    let could_not = || format!("could not read `{}`", file.display());
    let help = "make it again with `pipenv lock`";
    let text = std::fs::read_to_string(file).or_fail(could_not(), help)?;
    let lock: Value = serde_json::from_str(&text).or_fail(could_not(), help)?;
    let packages = lock["default"].as_object().ok_or_else(|| Failure::new(could_not()).help(help))?;
    Ok(indexes(&lock) + &packages.iter().map(|(name, package)| line(name, package)).collect::<String>())
}

/// The indexes but the default one, which a machine may have set to another.
fn indexes(lock: &Value) -> String {
    let sources = lock["_meta"]["sources"].as_array().into_iter().flatten();
    let urls = sources.filter_map(|source| source["url"].as_str()).filter(|url| !url.contains("://pypi.org/"));
    urls.map(|url| format!("--extra-index-url {url}\n")).collect()
}

fn line(name: &str, package: &Value) -> String {
    let text = |key: &str| package[key].as_str();
    let extras: Vec<_> = package["extras"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let extras = if extras.is_empty() { String::new() } else { format!("[{}]", extras.join(",")) };
    let mut line = match (text("git"), text("path").or(text("file"))) {
        (Some(git), _) => {
            let git = if git.starts_with("git+") { git.to_owned() } else { format!("git+{git}") };
            format!("{name}{extras} @ {git}@{}", text("ref").unwrap_or("HEAD"))
        }
        (None, Some(path)) => path.to_owned(),
        (None, None) => format!("{name}{extras}{}", text("version").unwrap_or_default()),
    };
    if let Some(marker) = text("markers") {
        let _ = write!(line, " ; {marker}");
    }
    for hash in package.get("hashes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        let _ = write!(line, " --hash={hash}");
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipfile_lock_is_a_list_with_hashes() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("Pipfile.lock");
        let lock = r#"{"_meta": {"sources": [{"url": "https://pypi.org/simple"}, {"url": "https://h/simple"}]},
            "default": {"click": {"version": "==8.1.8", "hashes": ["sha256:00", "sha256:01"], "markers": "os_name == 'nt'"},
                        "a": {"git": "https://h/a.git", "ref": "0123"}, "b": {"path": "./b"},
                        "c": {"version": "==1", "extras": ["x", "y"], "hashes": ["sha256:02"]}},
            "develop": {"pytest": {"version": "==8"}}}"#;
        std::fs::write(&file, lock).unwrap();
        assert_eq!(
            requirements(&file).unwrap(),
            "--extra-index-url https://h/simple\na @ git+https://h/a.git@0123\n./b\nc[x,y]==1 --hash=sha256:02\n\
             click==8.1.8 ; os_name == 'nt' --hash=sha256:00 --hash=sha256:01\n"
        );
        std::fs::write(&file, "{}").unwrap();
        assert!(requirements(&file).unwrap_err().to_string().starts_with("could not read `"));
    }
}
