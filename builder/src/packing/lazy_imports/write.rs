//! Writes what `lazy-imports = "auto"` has found into the configuration: `ekiben build --write`.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use tempfile::NamedTempFile;

use super::Choice;
use crate::report::failure::Failure;

const AUTO: &str = "\"auto\"";

/// Puts the list in place of `"auto"` in the file that has it.
///
/// # Errors
/// When the file can't be read or written, or has the key in a form that is not one line.
pub fn into(file: &Path, choice: &Choice) -> anyhow::Result<()> {
    let text = fs::read_to_string(file)?;
    let changed = with(&text, choice).ok_or_else(|| {
        Failure::new(format!("could not find the line `lazy-imports = \"auto\"` in `{}`", file.display())).help(
            format!(
                "write `lazy-imports = {}` and `lazy-imports-except = {}` yourself",
                list(&choice.packages),
                list(&choice.except)
            ),
        )
    })?;
    let mut beside = NamedTempFile::new_in(file.parent().unwrap_or(Path::new(".")))?;
    beside.write_all(changed.as_bytes())?;
    beside.as_file().set_permissions(fs::metadata(file)?.permissions())?;
    beside.persist(file)?;
    Ok(())
}

/// The text with the list. A line of a script's block keeps its `#`.
fn with(text: &str, choice: &Choice) -> Option<String> {
    let is_key = |line: &str, key: &str| {
        let rest = line.trim_start_matches(['#', ' ']).strip_prefix(key)?;
        rest.trim_start().strip_prefix('=').map(|value| value.trim().to_owned())
    };
    let has_exceptions = text.lines().any(|line| is_key(line, "lazy-imports-except").is_some());
    let mut lines = Vec::new();
    let mut found = false;
    for line in text.split_inclusive('\n') {
        if found || !is_key(line, "lazy-imports").is_some_and(|value| value.starts_with(AUTO)) {
            lines.push(line.to_owned());
            continue;
        }
        found = true;
        lines.push(line.replacen(AUTO, &list(&choice.packages), 1));
        if !choice.except.is_empty() && !has_exceptions {
            let before = &line[..line.find("lazy-imports")?];
            lines.push(format!("{before}lazy-imports-except = {}\n", list(&choice.except)));
        }
    }
    found.then(|| lines.concat())
}

fn list(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
    format!("[{}]", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_takes_the_place_of_auto_and_the_rest_stays() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let choice = Choice { packages: names(&["a", "b"]), except: names(&["c"]), trials: Vec::new() };
        for (text, expected) in [
            (
                "[tool.ekiben]\nlazy-imports = \"auto\" # by trial\nlazy-imports-trial = [\"x\"]\n",
                Some(
                    "[tool.ekiben]\nlazy-imports = [\"a\", \"b\"] # by trial\nlazy-imports-except = [\"c\"]\nlazy-imports-trial = [\"x\"]\n",
                ),
            ),
            (
                "# /// script\n#  lazy-imports=\"auto\"\n# ///\n",
                Some("# /// script\n#  lazy-imports=[\"a\", \"b\"]\n#  lazy-imports-except = [\"c\"]\n# ///\n"),
            ),
            (
                "lazy-imports-except = [\"c\"]\nlazy-imports = \"auto\"\n",
                Some("lazy-imports-except = [\"c\"]\nlazy-imports = [\"a\", \"b\"]\n"),
            ),
            ("lazy-imports = true\n", None),
        ] {
            assert_eq!(with(text, &choice).as_deref(), expected);
        }
    }
}
