//! Archives over HTTP, from a small server of our own that can break off, forget, and change its files.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use super::*;
use crate::host::download;
use detect::Installation;

/// A file server. One request a connection.
struct Server {
    url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    files: HashMap<String, Vec<u8>>,
    /// How many bytes of each of the next answers are sent before the connection closes.
    breaks: Vec<usize>,
    without_ranges: bool,
    /// Path and `Range` of each request.
    seen: Vec<(String, Option<String>)>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        // Ends with the process: a listener can't be told to stop waiting.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(&stream, &mut shared.lock().unwrap());
            }
        });
        Self { url, state }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn put(&self, path: &str, bytes: Vec<u8>) -> String {
        self.state().files.insert(path.to_owned(), bytes);
        format!("{}{path}", self.url)
    }

    fn ranges(&self) -> Vec<Option<String>> {
        self.state().seen.iter().map(|(_, range)| range.clone()).collect()
    }
}

fn answer(mut stream: &TcpStream, state: &mut State) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let Some(first) = lines.next() else { return };
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let headers: HashMap<String, String> =
        lines.filter_map(|l| l.split_once(": ").map(|(k, v)| (k.to_ascii_lowercase(), v.to_owned()))).collect();
    let range = headers.get("range").cloned();
    state.seen.push((path.clone(), range.clone()));
    let Some(bytes) = state.files.get(&path).cloned() else {
        let _ = write!(stream, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
    };
    let etag = format!("\"{}\"", &crate::host::digest::of_bytes(&bytes)[..8]);
    let start = range.and_then(|r| r.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
    let same = headers.get("if-range").is_none_or(|wanted| *wanted == etag);
    let start = start.filter(|_| same && !state.without_ranges);
    let body = &bytes[start.unwrap_or(0)..];
    let status = start.map_or("200 OK".to_owned(), |start| {
        format!("206 Partial Content\r\nContent-Range: bytes {start}-{}/{}", bytes.len() - 1, bytes.len())
    });
    let length = body.len();
    let _ =
        write!(stream, "HTTP/1.1 {status}\r\nETag: {etag}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    let sent = if state.breaks.is_empty() { length } else { state.breaks.remove(0).min(length) };
    let _ = stream.write_all(&body[..sent]);
}

/// Bytes that don't repeat.
fn noise(count: usize) -> Vec<u8> {
    (0..count as u64).map(|i| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8).collect()
}

fn fetch(place: &Place, url: &str, sha256: Option<&str>) -> anyhow::Result<download::Download> {
    download::fetch(&url.parse().unwrap(), sha256, &place.cache, &Report::silent())
}

/// What is in the download directory, lock files aside.
fn downloads(place: &Place) -> Vec<String> {
    let names = fs::read_dir(place.cache.root().join("archives")).unwrap();
    names.map(|e| e.unwrap().file_name().into_string().unwrap()).filter(|name| !name.ends_with(".lock")).collect()
}

#[test]
fn a_download_that_breaks_off_continues_where_it_broke() {
    let (place, server, bytes) = (Place::new(), Server::start(), noise(300_000));
    let url = server.put("/a.bin", bytes.clone());
    server.state().breaks = vec![100_000, 50_000];
    let download = fetch(&place, &url, Some(&crate::host::digest::of_bytes(&bytes))).unwrap();
    assert!(fs::read(&download.path).unwrap() == bytes);
    assert_eq!(server.ranges(), [None, Some("bytes=100000-".into()), Some("bytes=150000-".into())]);
    assert_eq!(downloads(&place), std::slice::from_ref(&download.sha256));

    // Known by its digest, it costs no request.
    fetch(&place, &url, Some(&download.sha256)).unwrap();
    assert_eq!(server.ranges().len(), 3);
}

#[test]
fn a_later_attempt_continues_and_a_changed_file_starts_again() {
    for changed in [false, true] {
        let (place, server, bytes) = (Place::new(), Server::start(), noise(200_000));
        let url = server.put("/a.bin", bytes.clone());
        server.state().breaks = vec![90_000, 0, 0, 0];
        let text = render(&fetch(&place, &url, None).unwrap_err());
        assert!(text.contains("could not download") && text.contains("broke off after 90000 bytes"), "{text}");
        let expected = if changed { noise(150_000) } else { bytes };
        server.put("/a.bin", expected.clone());
        assert!(fs::read(fetch(&place, &url, None).unwrap().path).unwrap() == expected);
        assert_eq!(server.ranges().last().unwrap().as_deref(), Some("bytes=90000-"));
    }
}

#[test]
fn a_server_without_ranges_is_asked_for_everything_again() {
    let (place, server, bytes) = (Place::new(), Server::start(), noise(200_000));
    let url = server.put("/a.bin", bytes.clone());
    server.state().breaks = vec![90_000];
    server.state().without_ranges = true;
    assert!(fs::read(fetch(&place, &url, None).unwrap().path).unwrap() == bytes);
}

#[test]
fn a_wrong_digest_is_told_and_nothing_is_kept() {
    let (place, server) = (Place::new(), Server::start());
    let url = server.put("/a.bin", noise(1000));
    let text = render(&fetch(&place, &url, Some(&"0".repeat(64))).unwrap_err());
    assert!(text.contains(&crate::host::digest::of_bytes(&noise(1000))) && text.contains("expected 000"), "{text}");
    let text = render(&fetch(&place, &format!("{}/none", server.url), None).unwrap_err());
    assert!(text.contains("404"), "{text}");
    let url = url.replace("http://", "http://user:secret@");
    for (url, sha256) in [(url.clone(), Some("0".repeat(64))), (format!("{url}/none"), None)] {
        let text = render(&fetch(&place, &url, sha256.as_deref()).unwrap_err());
        assert!(text.contains("`http://127.0.0.1") && !text.contains("secret"), "{text}");
    }
    for name in downloads(&place) {
        assert_eq!(fs::metadata(place.cache.entry("archives", &name)).unwrap().len(), 0, "{name}");
    }
}

/// An archive like python-build-standalone's `install_only`: `python/bin`, `python/lib`, made from this host's
/// interpreter, and its version.
fn install_only(place: &Place, minor: Option<&str>) -> (Vec<u8>, PythonVersion) {
    let interpreter = host::find(&Wanted::new(minor, None).unwrap(), &place.cache).unwrap();
    let root = place.dir.path().join("python");
    host::plan(&interpreter, LINUX).unwrap().carry_out(&root).unwrap();
    relocate::relocate(&root, &Report::silent()).unwrap();
    let name = format!("python{}", interpreter.version.minor());
    std::os::unix::fs::symlink(&name, root.join("bin/python3")).unwrap();
    for extra in ["include/Python.h".to_owned(), format!("lib/{name}/test/__init__.py"), "share/man/x".to_owned()] {
        fs::create_dir_all(root.join(&extra).parent().unwrap()).unwrap();
        fs::write(root.join(extra), "").unwrap();
    }
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut tar = tar::Builder::new(gzip);
    tar.follow_symlinks(false);
    tar.append_dir_all("python", &root).unwrap();
    (tar.into_inner().unwrap().finish().unwrap(), interpreter.version)
}

#[test]
fn an_archive_becomes_a_runtime_from_a_path_and_from_a_url() {
    let (place, server) = (Place::new(), Server::start());
    let (bytes, version) = install_only(&place, None);
    let sha256 = crate::host::digest::of_bytes(&bytes);
    let path = place.dir.path().join("cpython.tar.gz");
    fs::write(&path, &bytes).unwrap();
    let from = |location: &str, sha256: Option<&str>| {
        let location = RuntimeLocation::Archive { location: location.into(), sha256: sha256.map(Into::into) };
        place.prepare(&request("linux", location))
    };

    let runtime = from(path.to_str().unwrap(), None).unwrap();
    assert_eq!(stdout(python(&runtime).args(["-c", IMPORTS]).output().unwrap()), version.to_string());
    assert_eq!(runtime.description, format!("archive cpython.tar.gz with CPython {version}"));
    let lib = runtime.tree.join(format!("lib/python{}", version.minor()));
    assert!(!runtime.tree.join("include").exists() && !lib.join("test").exists());
    assert_eq!(fs::read_dir(lib.join("site-packages")).unwrap().count(), 0);

    let url = server.put("/cpython.tar.gz", bytes);
    let text = render(&from(&url, None).unwrap_err());
    assert!(text.contains(&format!("runtime-sha256 = \"{sha256}\"")), "{text}");
    // The same content is the same runtime, whatever its way.
    assert_eq!(from(&url, Some(&sha256)).unwrap(), runtime);
    let text = render(&from(path.to_str().unwrap(), Some(&"0".repeat(64))).unwrap_err());
    assert!(text.contains(&sha256), "{text}");

    let mut wrong = request("linux", RuntimeLocation::Archive { location: url, sha256: Some(sha256) });
    wrong.python = Some("3.11.0".into());
    let text = render(&place.prepare(&wrong).unwrap_err());
    assert!(text.contains(&format!("the runtime is CPython {version}, wanted is CPython 3.11.0")), "{text}");
}

/// A Windows archive like python-build-standalone's: `python/python.exe`, `DLLs`, `Lib`, made from the embeddable
/// package, and its version. One module is a source, as all are in the real thing.
fn install_only_for_windows(place: &Place) -> (Vec<u8>, PythonVersion) {
    let package = embeddable::find("windows".parse().unwrap(), &Wanted::default()).unwrap();
    let dir = place.dir.path().join("windows");
    fs::create_dir(&dir).unwrap();
    package.lay_out(&dir, &place.cache, &Report::silent()).unwrap();
    let root = Installation::find(&dir, "windows".parse().unwrap(), "x").unwrap().root;
    fs::create_dir(root.join("Lib")).unwrap();
    unpack::zip(fs::File::open(root.join("python313.zip")).unwrap(), &root.join("Lib")).unwrap();
    for extra in ["DLLs", "libs", "Scripts", "Lib/site-packages/pip"] {
        fs::create_dir_all(root.join(extra)).unwrap();
    }
    for file in fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()) {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        match name.rsplit('.').next().unwrap() {
            "pyd" => fs::rename(&file, root.join("DLLs").join(name)).unwrap(),
            "zip" | "_pth" => fs::remove_file(&file).unwrap(),
            _ => {}
        }
    }
    fs::remove_file(root.join("Lib/this.pyc")).unwrap();
    fs::write(root.join("Lib/this.py"), "zen = {'beautiful', 'better', 'than', 'ugly'}\n").unwrap();
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut tar = tar::Builder::new(gzip);
    tar.append_dir_all("python", &root).unwrap();
    (tar.into_inner().unwrap().finish().unwrap(), package.version)
}

/// An entry of the list that `UV_PYTHON_DOWNLOADS_JSON_URL` names, its archive served.
fn listed(server: &Server, platform: [&str; 2], archive: &(Vec<u8>, PythonVersion)) -> (String, serde_json::Value) {
    let ([os, libc], (bytes, version)) = (platform, archive);
    let url = server.put(&format!("/{os}.tar.gz"), bytes.clone());
    let entry = serde_json::json!({
        "name": "cpython", "arch": {"family": "x86_64", "variant": null}, "os": os, "libc": libc,
        "major": version.major, "minor": version.minor, "patch": version.patch, "prerelease": "",
        "url": url, "sha256": crate::host::digest::of_bytes(bytes), "variant": null, "build": "20250101",
    });
    (format!("cpython-{version}-{os}-x86_64-{libc}"), entry)
}

/// Prepares a managed runtime in another process. Returns what it said.
fn prepare_with(place: &Place, list: &str, environment: &[(&str, &Path)]) -> String {
    let output = try_with(place, list, environment);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

fn try_with(place: &Place, list: &str, environment: &[(&str, &Path)]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "runtime::tests::prepares_as_told_by_its_environment", "--nocapture"]);
    command.env("EKIBEN_TEST_CACHE", place.cache.root()).env("UV_PYTHON_DOWNLOADS_JSON_URL", list);
    command.envs(environment.iter().copied()).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn a_windows_build_comes_through_uv_with_a_compiler_for_its_bytecode() {
    let (place, server) = (Place::new(), Server::start());
    let windows = install_only_for_windows(&place);
    let minor = windows.1.minor();
    if !minors_here(&place.cache).contains(&minor) {
        panic!("this test makes its Linux build from a CPython {minor} of this machine");
    }
    let linux = install_only(&place, Some(&minor));
    let list: serde_json::Map<_, _> =
        [listed(&server, ["windows", "none"], &windows), listed(&server, ["linux", "gnu"], &linux)]
            .into_iter()
            .collect();
    let list = server.put("/list.json", serde_json::to_vec(&list).unwrap());

    // A machine with no Python at all.
    let (empty, uv) = (place.dir.path().join("empty"), uv());
    fs::create_dir(&empty).unwrap();
    let program = PathBuf::from(uv.command().get_program());
    let on_path = || std::env::split_paths(&std::env::var_os("PATH").unwrap()).find(|dir| dir.join(&program).is_file());
    let bin = if program.is_absolute() { program.parent().unwrap().to_owned() } else { on_path().unwrap() };
    let environment = [
        ("HOME", &*empty),
        ("PATH", &bin),
        ("PYENV_ROOT", &empty),
        ("XDG_DATA_HOME", &empty),
        ("EKIBEN_TEST_TARGET", Path::new("windows")),
    ];
    for _ in 0..2 {
        let text = prepare_with(&place, &list, &environment);
        assert!(text.contains(&format!("description: python-build-standalone {}", windows.1)), "{text}");
        assert!(!text.contains("note:"), "{text}");
    }
    let asked: Vec<_> =
        server.state().seen.iter().map(|(path, _)| path.clone()).filter(|p| p.ends_with("gz")).collect();
    assert_eq!(asked, ["/windows.tar.gz", "/linux.tar.gz"]);

    let tree = fs::read_dir(place.cache.root().join("runtimes")).unwrap().next().unwrap().unwrap().path().join("tree");
    assert_eq!(
        fs::read_to_string(tree.join("python313._pth")).unwrap(),
        "python313.zip\n.\nDLLs\nLib\nLib\\site-packages\nimport site\n"
    );
    assert!(
        tree.join("Lib/this.pyc").is_file()
            && !tree.join("Lib/this.py").exists()
            && tree.join("DLLs/_ssl.pyd").is_file()
    );
    assert!(!tree.join("Scripts").exists() && !tree.join("libs").exists());
    assert_eq!(fs::read_dir(tree.join("Lib/site-packages")).unwrap().count(), 0);
}

#[test]
fn python_build_standalone_comes_through_uv() {
    let (place, server) = (Place::new(), Server::start());
    let archive = install_only(&place, None);
    let version = archive.1;
    let list: serde_json::Map<_, _> = [listed(&server, ["linux", "gnu"], &archive)].into_iter().collect();
    let list = server.put("/list.json", serde_json::to_vec(&list).unwrap());
    for _ in 0..2 {
        let text = prepare_with(&place, &list, &[]);
        assert!(text.contains(&format!("description: python-build-standalone {version}")), "{text}");
        assert!(!text.contains("note:"), "{text}");
    }
    let downloads = server.state().seen.iter().filter(|(path, _)| path == "/linux.tar.gz").count();
    assert_eq!(downloads, 1, "the second time the cache has it");
    let tree = fs::read_dir(place.cache.root().join("runtimes")).unwrap().next().unwrap().unwrap().path().join("tree");
    let here = place.dir.path().to_str().unwrap().as_bytes().to_vec();
    for (name, bytes) in content(&tree) {
        assert!(!bytes.windows(here.len()).any(|window| window == here), "`{name}` names its place");
    }
    assert!(tree.join("python._pth").is_file() && !tree.join("include").exists());
}

#[test]
fn another_archive_than_uv_expects_is_an_error_and_no_reason_to_take_something_else() {
    let (place, server) = (Place::new(), Server::start());
    let version = host::find(&Wanted::default(), &place.cache).unwrap().version;
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let empty = tar::Builder::new(gzip).into_inner().unwrap().finish().unwrap();
    let (key, mut entry) = listed(&server, ["linux", "gnu"], &(empty, version));
    entry["sha256"] = "0".repeat(64).into();
    let list: serde_json::Map<_, _> = [(key, entry)].into_iter().collect();
    let list = server.put("/list.json", serde_json::to_vec(&list).unwrap());
    let output = try_with(&place, &list, &[]);
    // The other process is a test, so what it printed of its panic is on either stream.
    let text = format!("{}{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
    assert!(!output.status.success(), "{text}");
    assert!(
        text.contains("could not install CPython")
            && text.contains("ash mismatch")
            && !text.contains("host interpreter"),
        "{text}"
    );
}
