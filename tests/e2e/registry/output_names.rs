//! Where a bundle is written: what gives way to it, what never does, and what a build that ends early leaves.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use ekiben_tests::{Program, TestContext, eventually};

/// The names in a directory, hidden ones too.
pub(crate) fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A script with a block, in a directory of its own.
fn script(context: &TestContext) -> Program {
    context.write("place/tool.py", "print('hello')\n");
    context.ekiben().arg("build").arg(context.path("place/tool.py")).arg("--quiet").directory(context.path("place"))
}

#[test]
fn a_build_destroys_neither_its_input_nor_what_is_no_bundle() {
    let context = TestContext::new();
    let build = script(&context);
    let mine = context.write("place/notes.txt", "mine");
    let output = |name: &str| build.clone().args(["-o", name]);
    symlink(&mine, context.path("place/link")).unwrap();
    symlink(context.path("place/nowhere"), context.path("place/dangling")).unwrap();
    let before = names(&context.path("place"));
    let no_bundle = "the file that is there is not a bundle, and would be lost\n\
                     help: choose another name with -o, or replace it with --force";
    for (name, force, why) in [
        ("tool.py", false, "the app is built from this file"),
        ("tool.py", true, "the app is built from this file"),
        ("./../place/tool.py", true, "the app is built from this file"),
        ("notes.txt", false, no_bundle),
        ("link", false, no_bundle),
        ("dangling", false, no_bundle),
        ("/dev/null", true, "it is there, and is not a file"),
    ] {
        let outcome = if force { output(name).arg("--force") } else { output(name) }.run();
        let said = context.complaint(&outcome, 1);
        assert!(said.contains("error: could not write `") && said.contains(why), "{name}: {said}");
        assert_eq!(names(&context.path("place")), before, "{name}");
        assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
    }
    output("notes.txt").arg("--force").run().success();
    let bundle = context.path("place/notes.txt");
    assert_eq!(context.program(&bundle).run().quiet_stdout(), "hello\n");
    // A bundle gives way to another, and so does an empty file.
    output("notes.txt").run().success();
    context.write("place/empty", "");
    output("empty").run().success();
    // By a link to a bundle the link is replaced, and what it leads to stays.
    let inode = fs::metadata(&bundle).unwrap().ino();
    output("link").run().success();
    assert!(!context.path("place/link").is_symlink());
    assert_eq!(fs::metadata(&bundle).unwrap().ino(), inode);
}

#[test]
fn a_build_destroys_no_file_of_its_project() {
    let context = TestContext::new();
    let project = context.project("hello");
    let build = context.ekiben().arg("build").arg(&project).arg("--quiet");
    for name in ["pyproject.toml", "hello.py", "hello/__init__.py", "hello/cli.py"] {
        let file = project.join(name);
        let Ok(before) = fs::read(&file) else { continue };
        for more in [&[][..], &["--force"]] {
            let said = context.complaint(&build.clone().args(more).arg("-o").arg(&file).run(), 1);
            assert!(said.contains("the app is built from this file"), "{name}: {said}");
            assert_eq!(fs::read(&file).unwrap(), before);
        }
    }
    // Nor what another tool has put where bundles go.
    let dist = context.write("projects/hello/dist/hello", "of another tool");
    let said = context.complaint(&build.run(), 1);
    assert!(said.contains("`[DIR]/projects/hello/dist/hello`") && said.contains("is not a bundle"), "{said}");
    assert_eq!(fs::read_to_string(dist).unwrap(), "of another tool");
}

#[test]
fn a_bundle_may_be_executed_by_all_and_written_by_its_owner_whatever_the_umask() {
    let context = TestContext::new();
    let build = script(&context);
    for umask in ["000", "077"] {
        let shell = ["-c".to_owned(), format!("umask {umask}; exec \"$@\""), "sh".to_owned()];
        build.clone().args(["-o", umask]).started_by("sh", shell.map(Into::into)).run().success();
        assert_eq!(fs::metadata(context.path("place").join(umask)).unwrap().permissions().mode() & 0o7777, 0o755);
    }
}

/// A build that waits for as long as a test wants to, while its app's wheel is built.
pub(crate) struct Waiting {
    pub(crate) child: Child,
    /// The directory in ekiben's cache that it works in.
    pub(crate) scratch: PathBuf,
}

/// What builds the wheel: waits, if it is asked to, once it has written down where it is to put it.
pub(crate) const BACKEND: &str = r#"
import os, time, zipfile
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    here = os.path.dirname(os.path.abspath(__file__))
    if os.path.exists(os.path.join(here, "wait-please")):
        with open(os.path.join(here, "waiting.part"), "w") as file:
            file.write(os.path.abspath(wheel_directory))
        os.rename(os.path.join(here, "waiting.part"), os.path.join(here, "waiting"))
        time.sleep(20)
    name = "waits-1-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        wheel.writestr("waits.py", "def main():\n    print('ran')\n")
        wheel.writestr("waits-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: waits\nVersion: 1\n")
        wheel.writestr("waits-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("waits-1.dist-info/RECORD", "")
    return name
"#;

pub(crate) const PROJECT: &str = "[project]\nname = \"waits\"\nversion = \"1\"\nscripts.waits = \"waits:main\"\n\
                       [build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n";

impl Waiting {
    pub(crate) fn start(context: &TestContext, build: &Program) -> Self {
        let mut command = build.clone().command();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let flag = context.path("waits/waiting");
        eventually("the build waits", || flag.exists());
        let wheels = PathBuf::from(fs::read_to_string(&flag).unwrap());
        fs::remove_file(flag).unwrap();
        let scratch = wheels.ancestors().find(|path| path.parent().is_some_and(|above| above.ends_with("scratch")));
        let scratch = scratch.unwrap().to_owned();
        assert!(scratch.exists());
        Self { child, scratch }
    }

    pub(crate) fn end_by(mut self, signal: &str) -> (ExitStatus, PathBuf) {
        let kill = Command::new("kill").args(["-s", signal, &self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
        (self.child.wait().unwrap(), self.scratch)
    }
}

/// The build, into `out/new/waits`, which waits as long as there is a file `waits/wait-please`.
pub(crate) fn waiting_build(context: &TestContext) -> Program {
    context.write("waits/pyproject.toml", PROJECT);
    context.write("waits/backend.py", BACKEND);
    context.write("waits/wait-please", "");
    let build = context.ekiben().arg("build").arg(context.path("waits")).arg("--quiet");
    build.arg("-o").arg(context.path("out/new/waits"))
}

#[test]
fn an_interrupted_build_leaves_nothing_and_ends_by_its_signal() {
    for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        let context = TestContext::new();
        let build = waiting_build(&context);
        fs::create_dir(context.path("out")).unwrap();
        let (status, scratch) = Waiting::start(&context, &build).end_by(signal);
        assert_eq!(status.signal(), Some(number), "{signal}: {status}");
        assert_eq!(names(&context.path("out")), [] as [&str; 0], "{signal}");
        assert!(!scratch.exists(), "{signal}");
    }
}
