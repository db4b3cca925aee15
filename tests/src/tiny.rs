//! A bundle that installs in milliseconds, so that a test can do it hundreds of times: some hundred small files, and a
//! shell script where others have an interpreter. The launcher before it is a real one, or one with fault points.
//!
//! On Windows, which has no such scripts, a launcher without a payload plays the interpreter: it says so, and where it is.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use launcher::bundle::entry_path::EntryPath;
use launcher::bundle::frame::{Item, pack};
use launcher::bundle::index::EntryKind;
use launcher::bundle::record::{App, AppId, LaunchRecord, Settings, Start};
use launcher::bundle::writer::Writer;

use crate::builder::cargo_build;
use crate::context::{TestContext, copy};

/// Says which version it is; with the argument `where`, also from which directory; with `stay`, then waits until its input
/// ends.
const INTERPRETER: &str = "#!/bin/sh
echo \"ran $EKIBEN_VERSION\"
case \"$3\" in
    where) echo \"$EKIBEN_VERSION_DIR\" ;;
    stay) read -r line || exit 0 ;;
esac
";

/// The app `tiny`, of one version.
#[derive(Debug, Clone)]
pub struct Tiny {
    version: String,
    keep: u32,
    launcher: Launcher,
    /// What is started, instead of what plays the interpreter otherwise.
    interpreter: Option<Vec<u8>>,
    windowed: bool,
    files: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Launcher {
    Real,
    Windows,
    Faulty,
}

impl Tiny {
    /// A version of it, behind the launcher that the builder puts before every bundle.
    pub fn new(version: impl Into<String>) -> Self {
        let version = version.into();
        Self { version, keep: 2, launcher: Launcher::Real, interpreter: None, windowed: false, files: 90 }
    }

    /// Behind a launcher with fault points.
    #[must_use]
    pub fn faulty(mut self) -> Self {
        self.launcher = Launcher::Faulty;
        self
    }

    /// For Windows.
    #[must_use]
    pub fn windows(mut self) -> Self {
        self.launcher = Launcher::Windows;
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

    /// With so many files, for a first start that a test can stop.
    #[must_use]
    pub fn files(mut self, files: usize) -> Self {
        self.files = files;
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
        let sources = context.path("sources");
        fs::create_dir_all(&sources).unwrap();
        let file = |path: String, content: Vec<u8>, executable| {
            let source = sources.join(path.replace('/', "-"));
            fs::write(&source, &content).unwrap();
            let kind = EntryKind::File { size: content.len() as u64, executable };
            Item { path: EntryPath::new(path).unwrap(), kind, source }
        };
        let bare = |path: &str, kind| Item { path: EntryPath::new(path).unwrap(), kind, source: PathBuf::new() };
        let launcher = match self.launcher {
            Launcher::Real => real_launcher(LINUX),
            Launcher::Windows => real_launcher(WINDOWS),
            Launcher::Faulty => faulty_launcher(),
        };
        let mut writer = Writer::new(Vec::new(), &launcher).unwrap();
        writer.layer("runtime");
        let empty = bare("empty", EntryKind::Directory);
        if self.launcher == Launcher::Windows {
            let program = self.interpreter.clone().unwrap_or_else(|| launcher.clone());
            let interpreter = file("python.exe".to_owned(), program, true);
            writer.frame(pack(&[interpreter, empty], true, 1).unwrap()).unwrap();
        } else {
            let interpreter = file("bin/python3".to_owned(), INTERPRETER.into(), true);
            writer.frame(pack(&[interpreter, empty], false, 1).unwrap()).unwrap();
            let link = EntryKind::Symlink { target: "bin/python3".to_owned() };
            writer.frame(pack(&[bare("python", link)], true, 1).unwrap()).unwrap();
        }
        writer.layer("application");
        let files: Vec<_> = self.contents().map(|(path, content)| file(path, content, false)).collect();
        let last = files.chunks(12).count() - 1;
        for (at, items) in files.chunks(12).enumerate() {
            writer.frame(pack(items, at == last, 1).unwrap()).unwrap();
        }
        let (_, bytes) = writer.finish(&self.record()).unwrap();
        fs::remove_dir_all(sources).unwrap();
        copy_to_run(
            &bytes,
            &context.path(format!(
                "tiny-{}{}",
                self.version,
                if self.launcher == Launcher::Windows { ".exe" } else { "" }
            )),
        )
    }

    /// What is not in a version dir as it should be. Extra files don't count.
    pub fn damage(&self, version_dir: &Path) -> Vec<String> {
        let wrong = |path: &str, content: &[u8], executable: bool| {
            let path = version_dir.join(path);
            let mode = fs::metadata(&path).map_or(0, |found| found.mode());
            fs::read(&path).ok().as_deref() != Some(content) || (mode & 0o111 != 0) != executable
        };
        let mut found: Vec<_> =
            self.contents().filter(|(path, content)| wrong(path, content, false)).map(|(path, _)| path).collect();
        for path in ["bin/python3", "python"] {
            if wrong(path, INTERPRETER.as_bytes(), true) {
                found.push(path.to_owned());
            }
        }
        if !version_dir.join("empty").is_dir() {
            found.push("empty".to_owned());
        }
        found
    }

    fn contents(&self) -> impl Iterator<Item = (String, Vec<u8>)> {
        let content = |n: usize| format!("# {} {n}\n", self.version).repeat(if n == 7 { 20_000 } else { n % 90 + 1 });
        (0..self.files).map(move |n| (format!("lib/part{}/module{n}.py", n % 9), content(n).into_bytes()))
    }

    fn record(&self) -> LaunchRecord {
        let windows = self.launcher == Launcher::Windows;
        let (target, interpreter) = if windows { (WINDOWS, "python.exe") } else { (LINUX, "python") };
        LaunchRecord {
            app: App { id: AppId::new("tiny").unwrap(), name: "tiny".to_owned(), version: self.version.clone() },
            target: target.to_owned(),
            python: "3.13.2".to_owned(),
            runtime: "a shell script".to_owned(),
            entry_point: "start.py".to_owned(),
            start: Start {
                interpreter: EntryPath::new(interpreter).unwrap(),
                flags: Vec::new(),
                script: EntryPath::new("lib/part0/module0.py").unwrap(),
                windowed: self.windowed,
            },
            settings: Settings { keep: self.keep, ..Settings::default() },
        }
    }
}

/// A finished bundle with a launcher with fault points in the place of its own.
///
/// # Panics
/// When it can't be written.
pub fn with_fault_points(context: &TestContext, bundle: &Path) -> PathBuf {
    let payload_start = launcher::bundle::Bundle::open(bundle).unwrap().payload_start() as usize;
    let mut bytes = faulty_launcher();
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes.extend(&fs::read(bundle).unwrap()[payload_start..]);
    let mut name = bundle.file_name().unwrap().to_owned();
    name.push("-faulty");
    copy_to_run(&bytes, &context.path(name))
}

const LINUX: &str = "x86_64-unknown-linux-gnu";
const WINDOWS: &str = "x86_64-pc-windows-msvc";

/// A launcher as the builder has it.
fn real_launcher(target: &str) -> Vec<u8> {
    let target = target.parse().expect("a target that the builder knows");
    ekiben::launchers::for_target(target).expect("a launcher for it").to_vec()
}

/// The launcher for this machine, with fault points.
///
/// # Panics
/// When it can't be built.
pub fn faulty_launcher() -> Vec<u8> {
    static LAUNCHER: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let arguments = ["--package", "ekiben-launcher", "--bin", "ekiben-launcher", "--features", "fault-points"];
        fs::read(cargo_build(&arguments, "ekiben-launcher")).unwrap()
    });
    LAUNCHER.clone()
}

/// Writes a program. A copy of it, for the reason that [`copy`] tells.
fn copy_to_run(bytes: &[u8], to: &Path) -> PathBuf {
    let mut made = to.as_os_str().to_owned();
    made.push(".made");
    fs::write(&made, bytes).unwrap();
    fs::set_permissions(&made, fs::Permissions::from_mode(0o755)).unwrap();
    copy(Path::new(&made), to);
    fs::remove_file(made).unwrap();
    to.to_owned()
}
