//! `ekiben init`: writes the usual keys, as comments, into the file where the project has its settings, and a first script
//! if there is nothing yet.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use super::print;
use crate::commands::cli::InitCommand;
use crate::config;
use crate::report::failure::{Failure, Help as _};
use crate::report::text;

/// The keys that most projects need, as comments.
const SETTINGS: &str = "\
# A start runs the project's script, or main.py. Otherwise: \"package.module:function\", \"-m package\" or \"script.py\".
# entry-point = \"main.py\"
# The CPython that goes in.
# python = \"3.13\"
# The app has windows of its own, and wants no console.
# gui = true
# An .ico, .png or .svg.
# icon = \"icon.png\"
";

const SCRIPT: &str = "def main():\n    print(\"Hello!\")\n\n\nif __name__ == \"__main__\":\n    main()\n";

pub(super) fn run(command: &InitCommand) -> anyhow::Result<ExitCode> {
    let directory = &command.directory;
    let mut written = Vec::new();
    let (pyproject, own) = (directory.join("pyproject.toml"), directory.join("ekiben.toml"));
    if let Some(place) = config::where_settings_are(directory)? {
        return Err(Failure::new(format!("`{}` has settings for ekiben already", text::path(&place)))
            .help("change them there; docs/CONFIG.md has all keys")
            .into());
    }
    if pyproject.is_file() {
        append(&pyproject)?;
        written.push(pyproject);
    } else {
        fs::create_dir_all(directory).or_fail(could_not_write(directory), "name another directory")?;
        if config::has_nothing_to_build(directory) {
            let script = directory.join("main.py");
            create(&script, SCRIPT)?;
            written.push(script);
        }
        create(&own, &format!("# Settings of `ekiben build`.\n{SETTINGS}"))?;
        written.push(own);
    }
    let lines: String = written.iter().map(|file| format!("wrote `{}`\n", text::path(file))).collect();
    let here = if directory == Path::new(".") { String::new() } else { format!(" {}", text::path(directory)) };
    print(&format!("{lines}next: ekiben build{here}\n"))
}

fn append(pyproject: &Path) -> anyhow::Result<()> {
    let text = fs::read_to_string(pyproject).or_fail(could_not_write(pyproject), "check that it can be read")?;
    let gap = if text.ends_with('\n') { "\n" } else { "\n\n" };
    let file = fs::OpenOptions::new().append(true).open(pyproject);
    file.and_then(|mut file| file.write_all(format!("{gap}[tool.ekiben]\n{SETTINGS}").as_bytes()))
        .or_fail(could_not_write(pyproject), "check that it may be changed")
}

fn create(file: &Path, content: &str) -> anyhow::Result<()> {
    fs::File::create_new(file)
        .and_then(|mut file| file.write_all(content.as_bytes()))
        .or_fail(could_not_write(file), "name a directory that may be written")
}

fn could_not_write(path: &Path) -> String {
    format!("could not write `{}`", text::path(path))
}
