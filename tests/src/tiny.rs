//! A bundle that installs in milliseconds, so that a test can do it hundreds of times: some hundred small files, and a
//! shell script where others have an interpreter. The launcher before it is a real one, or one with fault points.
//!
//! On Windows, which has no such scripts, a launcher without a payload plays the interpreter: it says so, and where it is.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use bundle::record::Update;
use ekiben_payload_fixtures::handmade::{Entry, Handmade};

use crate::builder::Os;
use crate::context::{TestContext, copy};
use crate::faulty::{faulty_launcher, faulty_launcher_as_shipped};

/// Says which version it is, and that this start went well; with the argument `where`, also from which directory; with `stay`, then waits until its input
/// ends.
const INTERPRETER: &str = "#!/bin/sh
case \"$2\" in ekiben-probation=*) rm -f \"${2#*=}\"; shift 2 ;; esac
echo \"ran $EKIBEN_VERSION\"
case \"$3\" in
    where) echo \"$EKIBEN_VERSION_DIR\" ;;
    stay) read -r line || exit 0 ;;
esac
";

/// The app `tiny`, of one version.
#[derive(Debug, Clone)]
pub struct Tiny {
    id: String,
    version: String,
    keep: u32,
    os: Os,
    launcher: Launcher,
    /// What is started, instead of what plays the interpreter otherwise.
    interpreter: Option<Vec<u8>>,
    windowed: bool,
    files: usize,
    publisher: Option<String>,
    update: Option<Update>,
}

/// What stands before the payload.
#[derive(Debug, Clone, Copy)]
enum Launcher {
    Real,
    Faulty,
    FaultyAsShipped,
}

impl Tiny {
    /// A version of it, behind the launcher that the builder puts before every bundle.
    pub fn new(version: impl Into<String>) -> Self {
        Self {
            id: "tiny".to_owned(),
            version: version.into(),
            keep: 2,
            os: Os::Linux,
            launcher: Launcher::Real,
            interpreter: None,
            windowed: false,
            files: 90,
            publisher: None,
            update: None,
        }
    }

    /// Behind a launcher with fault points.
    #[must_use]
    pub fn faulty(mut self) -> Self {
        self.launcher = Launcher::Faulty;
        self
    }

    /// Behind a launcher with fault points that is otherwise as the builder has it.
    #[must_use]
    pub fn faulty_as_shipped(mut self) -> Self {
        self.launcher = Launcher::FaultyAsShipped;
        self
    }

    /// For Windows.
    #[must_use]
    pub fn windows(mut self) -> Self {
        self.os = Os::Windows;
        self
    }

    /// With another id: where tests share a place for install roots, each has its own.
    #[must_use]
    pub fn named(mut self, id: &str) -> Self {
        id.clone_into(&mut self.id);
        self
    }

    /// With a program of the test's own in the place of an interpreter.
    #[must_use]
    pub fn running(mut self, program: Vec<u8>) -> Self {
        self.interpreter = Some(program);
        self
    }

    /// An app with windows.
    #[must_use]
    pub fn windowed(mut self) -> Self {
        self.windowed = true;
        self
    }

    /// With an updater, in a layer before the application.
    #[must_use]
    pub fn updating(mut self, update: Update) -> Self {
        self.update = Some(update);
        self
    }

    /// With so many files, for a first start that a test can stop.
    #[must_use]
    pub fn files(mut self, files: usize) -> Self {
        self.files = files;
        self
    }

    /// Of this publisher.
    #[must_use]
    pub fn by(mut self, publisher: &str) -> Self {
        self.publisher = Some(publisher.to_owned());
        self
    }

    /// How many versions a clean-up leaves.
    #[must_use]
    pub fn keep(mut self, versions: u32) -> Self {
        self.keep = versions;
        self
    }

    /// Writes the bundle `tiny-<version>` to a test's directory.
    ///
    /// # Panics
    /// When it can't be written.
    pub fn bundle(&self, context: &TestContext) -> PathBuf {
        let launcher = match self.launcher {
            Launcher::Real => real_launcher(self.target()),
            Launcher::Faulty => faulty_launcher(self.os),
            Launcher::FaultyAsShipped => faulty_launcher_as_shipped(self.os),
        };
        let empty = Entry::directory("empty");
        let runtime = if self.os == Os::Windows {
            vec![vec![Entry::program("python.exe", self.program()), empty]]
        } else {
            let interpreter = Entry::program("bin/python3", self.program());
            vec![vec![interpreter, empty], vec![Entry::symlink("python", "bin/python3")]]
        };
        let files: Vec<_> = self.contents().map(|(path, content)| Entry::file(path, content)).collect();
        let application = files.chunks(12).map(<[_]>::to_vec);
        let mut bundle = self.empty_bundle().layer("runtime", runtime);
        if self.update.is_some() {
            let name = format!("ekiben-updater{}", if self.os == Os::Windows { ".exe" } else { "" });
            bundle = bundle.layer("updater", vec![vec![Entry::program(name, updater(self.target()))]]);
        }
        let bundle = bundle.layer("application", application);
        let bytes = bundle.bytes(&launcher).unwrap();
        copy_to_run(
            &bytes,
            &context.path(format!("tiny-{}{}", self.version, if self.os == Os::Windows { ".exe" } else { "" })),
        )
    }

    /// What is not in a version dir as it should be. Extra files don't count.
    pub fn damage(&self, version_dir: &Path) -> Vec<String> {
        let windows = self.os == Os::Windows;
        let wrong = |path: &str, content: &[u8], executable: bool| {
            let path = version_dir.join(path);
            let mode = fs::metadata(&path).map_or(0, |found| found.mode());
            fs::read(&path).ok().as_deref() != Some(content) || !windows && (mode & 0o111 != 0) != executable
        };
        let mut found: Vec<_> =
            self.contents().filter(|(path, content)| wrong(path, content, false)).map(|(path, _)| path).collect();
        let interpreters: &[_] = if windows { &["python.exe"] } else { &["bin/python3", "python"] };
        let program = self.program();
        found.extend(interpreters.iter().filter(|path| wrong(path, &program, true)).map(|path| (*path).to_owned()));
        if !version_dir.join("empty").is_dir() {
            found.push("empty".to_owned());
        }
        found
    }

    fn contents(&self) -> impl Iterator<Item = (String, Vec<u8>)> {
        let content = |n: usize| format!("# {} {n}\n", self.version).repeat(if n == 7 { 20_000 } else { n % 90 + 1 });
        (0..self.files).map(move |n| (format!("lib/part{}/module{n}.py", n % 9), content(n).into_bytes()))
    }

    fn program(&self) -> Vec<u8> {
        match (&self.interpreter, self.os) {
            (Some(program), _) => program.clone(),
            (None, Os::Linux) => INTERPRETER.into(),
            (None, Os::Windows) => real_launcher(WINDOWS),
        }
    }

    fn target(&self) -> &'static str {
        if self.os == Os::Windows { WINDOWS } else { LINUX }
    }

    fn empty_bundle(&self) -> Handmade {
        let interpreter = if self.os == Os::Windows { "python.exe" } else { "python" };
        let mut bundle = Handmade::new(&self.id, &self.version).starting(interpreter, "lib/part0/module0.py");
        self.target().clone_into(&mut bundle.record.target);
        bundle.record.start.windowed = self.windowed;
        bundle.record.settings.keep = self.keep;
        bundle.record.settings.publisher.clone_from(&self.publisher);
        bundle.record.settings.update.clone_from(&self.update);
        bundle
    }
}

pub(crate) const LINUX: &str = "x86_64-unknown-linux-gnu";
pub(crate) const WINDOWS: &str = "x86_64-pc-windows-msvc";

/// A launcher as the builder has it.
fn real_launcher(target: &str) -> Vec<u8> {
    let target = target.parse().expect("a target that the builder knows");
    ekiben::executable::launchers::for_target(target).expect("a launcher for it").to_vec()
}

/// The updater as the builder has it.
fn updater(target: &str) -> Vec<u8> {
    let target = target.parse().expect("a target that the builder knows");
    ekiben::executable::launchers::updater_for(target).expect("an updater for it").to_vec()
}

/// Writes a program. A copy of it, for the reason that [`copy`] tells.
pub(crate) fn copy_to_run(bytes: &[u8], to: &Path) -> PathBuf {
    let mut made = to.as_os_str().to_owned();
    made.push(".made");
    fs::write(&made, bytes).unwrap();
    fs::set_permissions(&made, fs::Permissions::from_mode(0o755)).unwrap();
    copy(Path::new(&made), to);
    fs::remove_file(made).unwrap();
    to.to_owned()
}
