//! A directory for one test, and the environment that goes with it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use ekiben_payload_fixtures::project;
use tempfile::TempDir;
use walkdir::WalkDir;

use crate::builder::{self, Os, Recipe};
use crate::outcome::Outcome;
use crate::program::Program;
use crate::{redact, shared};

/// A directory for one test, gone when the test is over, and the environment that goes with it: programs started from
/// here have a home, an install root and a temporary directory inside it, and nothing of the tests' own environment
/// but the `PATH`.
#[derive(Debug)]
pub struct TestContext {
    directory: TempDir,
}

impl TestContext {
    /// An empty one.
    ///
    /// # Panics
    /// When the directory can't be made.
    #[expect(clippy::new_without_default, reason = "it makes a directory: nobody should get one by default")]
    pub fn new() -> Self {
        let directory = tempfile::Builder::new().prefix("ekiben-test-").tempdir_in(place()).unwrap();
        for name in ["home", "installs", "tmp"] {
            fs::create_dir(directory.path().join(name)).unwrap();
        }
        Self { directory }
    }

    /// Its directory.
    pub fn root(&self) -> &Path {
        self.directory.path()
    }

    /// A path in its directory.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root().join(name)
    }

    /// Where bundles install: what `EKIBEN_ROOT` says.
    pub fn installs(&self) -> PathBuf {
        self.path("installs")
    }

    /// A new file with these bytes, and the directories above it.
    ///
    /// # Panics
    /// When it can't be written.
    pub fn write(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// A copy of the sample project `name`, which the test may change.
    pub fn project(&self, name: &str) -> PathBuf {
        let from = project(name);
        let to = self.path("projects").join(from.file_name().unwrap());
        copy(&from, &to);
        to
    }

    /// The builder. It sees what a developer's shell sees (how to reach the package index, say), less what would make
    /// one machine's results differ from another's; its cache is shared by all tests.
    pub fn ekiben(&self) -> Program {
        builder::environment(Program::new(builder::ekiben()))
            .env("EKIBEN_ROOT", self.installs())
            .env("TMPDIR", self.path("tmp"))
            .directory(self.root())
    }

    /// A copy of the finished bundle of a sample project, which is built once for all tests.
    pub fn bundle(&self, project: &str, os: Os) -> PathBuf {
        self.bundle_of(&Recipe::new(project, os))
    }

    /// A copy of the finished bundle that `recipe` describes, which is built once for all tests.
    pub fn bundle_of(&self, recipe: &Recipe) -> PathBuf {
        let built = recipe.build();
        let to = self.path(built.file_name().unwrap());
        copy(&built, &to);
        to
    }

    /// A program, a bundle most often, in this test's environment.
    pub fn program(&self, path: impl Into<PathBuf>) -> Program {
        Program::new(path)
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"))
            .env("LANG", "C.UTF-8")
            .env("EKIBEN_ROOT", self.installs())
            .directory(self.root())
    }

    /// The names of the version dirs of `app`, sorted.
    pub fn versions(&self, app: &str) -> Vec<String> {
        let mut names = names(&self.installs().join(app).join("versions"));
        names.sort();
        names
    }

    /// The one version dir of `app`.
    ///
    /// # Panics
    /// When there is none, or more than one.
    pub fn version_dir(&self, app: &str) -> PathBuf {
        let versions = self.versions(app);
        assert_eq!(versions.len(), 1, "{versions:?}");
        self.installs().join(app).join("versions").join(&versions[0])
    }

    /// Everything below this test's directory but what is in version dirs: paths relative to it, sorted.
    pub fn everything(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut walk = WalkDir::new(self.root()).min_depth(1).sort_by_file_name().into_iter();
        while let Some(entry) = walk.next() {
            let entry = entry.unwrap();
            found.push(entry.path().strip_prefix(self.root()).unwrap().to_str().unwrap().to_owned());
            if entry.path().parent().is_some_and(|p| p.ends_with("versions")) {
                walk.skip_current_dir();
            }
        }
        found
    }

    /// `text` with this test's paths and all digests replaced.
    pub fn redact(&self, text: &str) -> String {
        let cache = shared::path("cache");
        let paths = [(self.root().to_str().unwrap(), "[DIR]"), (cache.to_str().unwrap(), "[CACHE]")];
        redact::redact(text, &paths)
    }

    /// What a program said on standard error, redacted, after it ended with `code` and without a word on
    /// standard output.
    ///
    /// # Panics
    /// When it did not.
    #[track_caller]
    pub fn complaint(&self, outcome: &Outcome, code: i32) -> String {
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(code), ""), "{outcome:#?}");
        self.redact(&outcome.stderr)
    }
}

/// Where tests have their directories. Not in `/tmp`: Wine shows it as a directory whose entries everybody may replace, since
/// Windows has no sticky bit, and a launcher refuses every place below such a one. Root's are where other accounts can enter.
fn place() -> PathBuf {
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let place = if is_root { PathBuf::from("/var/lib/ekiben-tests") } else { shared::path("tmp") };
    fs::create_dir_all(&place).unwrap();
    place
}

/// Copies a file or a tree with `cp`: a copy made by this process would be open for writing in every child that
/// another thread happens to fork at that moment, and can't be executed until that child has gone.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    let status = Command::new("cp").args(["-R", "--"]).arg(from).arg(to).status().unwrap();
    assert!(status.success(), "could not copy `{}`", from.display());
}

fn names(directory: &Path) -> Vec<String> {
    match fs::read_dir(directory) {
        Ok(entries) => entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(e) => panic!("could not list `{}`: {e}", directory.display()),
    }
}
