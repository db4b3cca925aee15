//! uv as it is on this machine, or as it is fetched.

use super::*;

/// Everything that can be asked of uv without a network, in a directory of its own.
struct Place {
    directory: tempfile::TempDir,
    uv: Uv,
}

impl Place {
    fn new() -> Self {
        let uv = Uv::find(&Cache::open().unwrap(), &Report::silent()).unwrap();
        let place = Self { directory: tempfile::tempdir().unwrap(), uv };
        fs::create_dir_all(place.path("wheels")).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// An archive among the wheels, with these files.
    fn wheel(&self, name: &str, files: &[(&str, &str)]) {
        let mut archive = zip::ZipWriter::new(fs::File::create(self.path("wheels").join(name)).unwrap());
        for (file, text) in files {
            archive.start_file(*file, zip::write::SimpleFileOptions::default()).unwrap();
            io::Write::write_all(&mut archive, text.as_bytes()).unwrap();
        }
        archive.finish().unwrap();
    }

    /// A wheel of the package `a` that requires nothing.
    fn wheel_of_a(&self, version: &str) {
        let metadata = format!("Metadata-Version: 2.1\nName: a\nVersion: {version}\n");
        let info = format!("a-{version}.dist-info");
        let (tags, files) =
            ("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n", ["METADATA", "WHEEL", "RECORD"]);
        let files = files.map(|file| format!("{info}/{file}"));
        self.wheel(
            &format!("a-{version}-py3-none-any.whl"),
            &[(&files[0], &metadata), (&files[1], tags), (&files[2], "")],
        );
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.uv.command();
        command.args(words).current_dir(self.directory.path());
        command.env("UV_CACHE_DIR", self.path("cache")).env("UV_PYTHON_DOWNLOADS", "never");
        for variable in ["UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_OFFLINE"] {
            command.env_remove(variable);
        }
        command
    }

    /// What went wrong, which something must.
    fn kind(&self, words: &[&str]) -> ErrorKind {
        self.kind_of(self.command(words))
    }

    fn kind_of(&self, command: Command) -> ErrorKind {
        let shown = shown(&command);
        attempt(command, &Report::silent()).expect_err(&shown).kind
    }
}

#[test]
fn every_kind_of_error_is_known_by_what_this_uv_says() {
    let place = Place::new();
    let requirements = |text: &str| place.write("requirements.txt", text).to_str().unwrap().to_owned();
    place.wheel_of_a("1");
    place.wheel_of_a("2");
    let compile = |text: &str, options: &[&str]| {
        let file = requirements(text);
        place.kind(&[&["pip", "compile", &file, "--no-index", "--find-links", "wheels"], options].concat())
    };
    assert_eq!(compile("a==1\na==2\n", &[]), ErrorKind::Conflict);
    assert_eq!(compile("nobody\n", &[]), ErrorKind::UnknownPackage);
    fs::write(place.path("wheels/b-1.tar.gz"), "").unwrap();
    assert_eq!(compile("b==1\n", &["--only-binary", ":all:"]), ErrorKind::NoWheel("b==1".to_owned()));

    let install = |text: &str| {
        let file = requirements(text);
        let options = ["--no-index", "--find-links", "wheels", "--target", "to", "--require-hashes", "-r", &file];
        place.kind(&[&["pip", "install"], &options[..]].concat())
    };
    assert_eq!(install("a==1\n"), ErrorKind::HashMissing);
    assert_eq!(install(&format!("a==1 --hash=sha256:{}\n", "0".repeat(64))), ErrorKind::HashMismatch);

    let file = requirements("a\n");
    let index = "http://127.0.0.1:1/simple";
    let mut unreachable = place.command(&["pip", "compile", &file, "--default-index", index]);
    unreachable.env("UV_HTTP_RETRIES", "0").env_remove("HTTP_PROXY").env_remove("http_proxy").env_remove("ALL_PROXY");
    assert_eq!(place.kind_of(unreachable), ErrorKind::Unreachable);
    assert_eq!(place.kind(&["pip", "compile", &file, "--offline", "--default-index", index]), ErrorKind::Offline);
    assert_eq!(place.kind(&["pip", "compile", "--no-such-option"]), ErrorKind::Other);
}

#[test]
fn every_kind_of_error_of_a_project_is_known_by_what_this_uv_says() {
    let place = Place::new();
    let project = |version: &str, python: &str, more: &str| {
        let text = format!("[project]\nname = \"p\"\nversion = \"{version}\"\nrequires-python = \"{python}\"\n{more}");
        place.write("pyproject.toml", &text);
    };
    project("1", ">=3.8", "");
    run(place.command(&["lock", "--offline"]), &Report::silent()).unwrap();
    project("2", ">=3.8", "");
    assert_eq!(place.kind(&["export", "--locked", "--offline"]), ErrorKind::StaleLock);
    let said = talk(place.command(&["lock", "--dry-run", "--offline"]), &Report::silent()).unwrap();
    assert_eq!(lock_changes(&said), [(LockChange::Updated, "p")]);
    project("1", ">=3.98", "");
    assert_eq!(place.kind(&["export", "--locked", "--offline"]), ErrorKind::NoInterpreter);

    place.write("backend.py", "def build_wheel(*arguments):\n    raise ValueError('no')\n");
    let backend = "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n";
    project("1", ">=3.8", backend);
    assert_eq!(place.kind(&["build", "--wheel", "--offline"]), ErrorKind::BuildFailed);
}

#[test]
fn a_wheel_that_was_built_for_this_machine_alone_is_known_by_what_this_uv_says() {
    let place = Place::new();
    let backend = r#"
import os, zipfile
def build_wheel(directory, settings=None, metadata=None):
    name = "c-1-cp311-cp311-linux_x86_64.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as file:
        file.writestr("c-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: c\nVersion: 1\n")
        file.writestr("c-1.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: cp311-cp311-linux_x86_64\n")
        file.writestr("c-1.dist-info/RECORD", "")
    return name
"#;
    place.write("c/backend.py", backend);
    let text = "[project]\nname = \"c\"\nversion = \"1\"\n\
                [build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n";
    place.write("c/pyproject.toml", text);
    let options =
        ["--target", "to", "--offline", "--python-platform", "x86_64-pc-windows-msvc", "--python-version", "3.13"];
    let kind = place.kind(&[&["pip", "install", "./c"], &options[..]].concat());
    assert_eq!(kind, ErrorKind::BuiltForAnotherTarget("c-1-cp311-cp311-linux_x86_64.whl".to_owned()));
}

#[test]
fn the_pinned_uv_is_fetched_once_and_works() {
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::at(directory.path().to_owned()).unwrap();
    let uv = Uv::fetched(&cache, &Report::silent()).unwrap();
    let version = uv.run(&["--version"], &Report::silent()).unwrap();
    assert!(version.starts_with("uv 0.13.9"), "{version}");
    assert!(Uv::working(&uv.program, &Report::silent()).is_some());
}

#[test]
fn what_was_found_is_remembered_while_it_is_there_and_the_places_are_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::at(directory.path().join("cache")).unwrap();
    let program = directory.path().join("uv");
    fs::write(&program, "").unwrap();
    let note = |path: &str| {
        let text = format!("{}\n{path}", program.display());
        cache.write(FOUND.0, FOUND.1, text.as_bytes()).unwrap();
        Uv::remembered(&cache).map(|uv| uv.program)
    };
    assert_eq!(Uv::remembered(&cache).map(|uv| uv.program), None);
    assert_eq!(note("/another/path"), None);
    assert_eq!(note(&search_path()), Some(program.clone()));
    fs::remove_file(&program).unwrap();
    assert_eq!(note(&search_path()), None);
}

#[test]
fn only_a_program_that_answers_as_uv_does_is_uv() {
    assert!(Uv::working(Path::new("/bin/false"), &Report::silent()).is_none());
    assert!(Uv::working(Path::new("/bin/echo"), &Report::silent()).is_none());
    assert!(Uv::working(Path::new("/no/uv"), &Report::silent()).is_none());
}

#[test]
fn versions_are_compared_as_numbers() {
    assert_eq!(release("0.13.9 (x86_64-unknown-linux-gnu)"), Some((0, 13)));
    assert!(release("0.9.22").unwrap() < MINIMUM);
    assert_eq!(release("shim"), None);
}
