//! The apps: the sample projects of the tests, each with two lines more, so that `-m` runs it too.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ekiben_payload_fixtures::project;

/// An app to bundle.
#[derive(Debug)]
pub(crate) struct Sample {
    /// Also its top module, its distribution and its console script.
    pub(crate) name: &'static str,
    /// What to type.
    pub(crate) arguments: &'static [&'static str],
    /// What to start: `module:function`.
    pub(crate) entry: &'static str,
    /// Where its modules are, in the project.
    modules: &'static str,
    /// The source file that a developer changes, in the project.
    changed: &'static str,
}

pub(crate) const SAMPLES: [Sample; 3] = [
    Sample { name: "hello", arguments: &[], entry: "hello:main", modules: "", changed: "hello.py" },
    Sample {
        name: "terminal",
        arguments: &["Sendai"],
        entry: "terminal.cli:main",
        modules: "src",
        changed: "src/terminal/meals.py",
    },
    Sample { name: "data", arguments: &[], entry: "data:main", modules: "", changed: "data.py" },
];

impl Sample {
    /// A copy of the project.
    pub(crate) fn copy(&self, to: &Path) {
        assert!(Command::new("cp").arg("-R").arg(project(self.name)).arg(to).status().unwrap().success());
        let module = to.join(format!("{}.py", self.name));
        if let Ok(source) = fs::read_to_string(&module) {
            fs::write(module, source + "\n\nif __name__ == \"__main__\":\n    main()\n").unwrap();
        }
    }

    /// A one-line change to a copy of it.
    pub(crate) fn change(&self, project: &Path, number: usize) {
        let file = project.join(self.changed);
        let source = fs::read_to_string(&file).unwrap();
        let lines: String =
            source.lines().filter(|line| !line.starts_with("CHANGED =")).map(|l| format!("{l}\n")).collect();
        fs::write(file, format!("CHANGED = {number}\n{lines}")).unwrap();
    }

    /// Its modules, and nothing else of a copy of it, in a new directory.
    pub(crate) fn modules(&self, project: &Path, to: &Path) {
        drop(fs::remove_dir_all(to));
        fs::create_dir_all(to).unwrap();
        let names = fs::read_dir(project.join(self.modules)).unwrap().map(|entry| entry.unwrap().path());
        let modules: Vec<PathBuf> = names
            .filter(|path| path.extension().is_some_and(|e| e == "py") || path.join("__init__.py").is_file())
            .collect();
        assert!(Command::new("cp").arg("-a").args(modules).arg(to).status().unwrap().success());
    }

    /// All of the project, to tell whether it is the same as before.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("{self:?}");
        for entry in walkdir::WalkDir::new(project(self.name)).sort_by_file_name() {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                text += &fs::read_to_string(entry.path()).unwrap();
            }
        }
        text
    }
}
