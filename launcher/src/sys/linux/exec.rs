//! `execve`, with the process state that the launcher inherited: [`super::process`] has changed nothing that `execve` keeps.
//!
//! # Why not `CommandExt::exec`
//! It sets SIGPIPE to its default and clears the signal mask, whatever the caller had (under `nohup` or a supervisor
//! that blocks signals). It also rebuilds the environment from pairs, which loses entries without `=` and duplicates.

use std::ffi::{CStr, CString, OsStr, OsString, c_char};
use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::ptr;

use super::{own_file, process};
use crate::sys::exec::{Ended, Start};

/// Whether an app with windows gets a log. Here what it writes goes where that of whoever started it goes: the session's
/// journal, usually.
pub(crate) const HAS_APP_LOG: bool = false;

/// An app with windows is started as any other.
#[derive(Debug)]
pub(crate) struct Windowed<'a>(PhantomData<&'a Path>);

impl<'a> Windowed<'a> {
    pub(crate) fn new(_app_user_model_id: &'a str, _log: Option<(&'a Path, &'a File)>) -> Self {
        Self(PhantomData)
    }
}

/// See [`crate::sys::exec`].
pub(crate) fn start(start: &Start<'_>, _running: &mut dyn FnMut()) -> io::Result<Ended> {
    let program = c_string(start.program.as_os_str())?;
    let mut typed = process::arguments();
    if let Some(name) = typed.first_mut()
        && let Some(path) = found_in_path(name, own_file::started_as())
    {
        *name = path;
    }
    let arguments = arguments(start, typed.into_iter())?;
    let added = start.environment.iter().map(|(name, value)| variable(name, value)).collect::<io::Result<Vec<_>>>()?;

    let argv = pointers(arguments.iter().map(|argument| argument.as_ptr()));
    let withheld = start.withheld.iter().map(|name| variable(name, OsStr::new(""))).collect::<io::Result<Vec<_>>>()?;
    let ours = |entry: &&CStr| added.iter().chain(&withheld).any(|other| same_name(other, entry));
    let inherited = environment().into_iter().filter(|entry| !ours(entry));
    let envp = pointers(inherited.map(CStr::as_ptr).chain(added.iter().map(|new| new.as_ptr())));
    Err(replace_process(&program, &argv, &envp))
}

/// Replaces this process by a program with these arguments and, in addition to ours, these variables.
///
/// # Errors
/// When it returns.
pub(crate) fn replace(program: &Path, arguments: &[String], added: &[(&str, &str)]) -> io::Result<u32> {
    let path = c_string(program.as_os_str())?;
    let words = arguments.iter().map(|word| c_string(word.as_ref())).collect::<io::Result<Vec<_>>>()?;
    let added = added.iter().map(|(name, value)| variable(name, value.as_ref())).collect::<io::Result<Vec<_>>>()?;
    let argv = pointers([path.as_ptr()].into_iter().chain(words.iter().map(|word| word.as_ptr())));
    let inherited = environment().into_iter().filter(|entry| !added.iter().any(|other| same_name(other, entry)));
    let envp = pointers(inherited.map(CStr::as_ptr).chain(added.iter().map(|new| new.as_ptr())));
    Err(replace_process(&path, &argv, &envp))
}

/// The path of a program that was found in PATH by its name: as the kernel does for a script with `#!`. Another name, which the
/// caller chose, stays, and so does a name with a slash.
fn found_in_path(name: &OsStr, started_as: Option<PathBuf>) -> Option<OsString> {
    started_as.filter(|path| path.file_name() == Some(name)).map(PathBuf::into_os_string)
}

/// `program arguments… TYPED_ARGV0 TYPED_ARGS…`, so that Python's own argv[0] is its path.
fn arguments(start: &Start<'_>, typed: impl Iterator<Item = OsString>) -> io::Result<Vec<CString>> {
    let mut typed = typed.peekable();
    // A caller may pass no argv[0]; then it is empty.
    let argv0 = if typed.peek().is_none() { Some(OsStr::new("").to_owned()) } else { None };
    std::iter::once(start.program.as_os_str().to_owned())
        .chain(start.arguments.iter().cloned())
        .chain(argv0)
        .chain(typed)
        .map(|argument| c_string(&argument))
        .collect()
}

fn variable(name: &str, value: &OsStr) -> io::Result<CString> {
    let mut entry = OsString::from(name);
    entry.push("=");
    entry.push(value);
    c_string(&entry)
}

fn same_name(a: &CStr, b: &CStr) -> bool {
    fn name(entry: &CStr) -> Option<&[u8]> {
        let bytes = entry.to_bytes();
        bytes.iter().position(|byte| *byte == b'=').map(|end| &bytes[..end])
    }
    name(a).is_some_and(|a| name(b) == Some(a))
}

fn c_string(text: &OsStr) -> io::Result<CString> {
    CString::new(text.as_bytes()).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}

fn pointers(strings: impl Iterator<Item = *const c_char>) -> Vec<*const c_char> {
    strings.chain([ptr::null()]).collect()
}

/// The entries of our environment, each as it stands, also those without `=`.
#[expect(unsafe_code, reason = "std gives the environment as pairs only")]
fn environment() -> Vec<&'static CStr> {
    unsafe extern "C" {
        static environ: *const *const c_char;
    }
    let mut entries = Vec::new();
    // SAFETY: `environ` is set before `main`, and the launcher never changes its environment.
    let mut next = unsafe { environ };
    // SAFETY: it is null or points to the entries, which end with a null.
    while let Some(&entry) = unsafe { next.as_ref() }
        && !entry.is_null()
    {
        // SAFETY: an entry is a string with a NUL at its end that lives as long as the process.
        entries.push(unsafe { CStr::from_ptr(entry) });
        // SAFETY: the null that ends the entries has not been reached, so there is a next one.
        next = unsafe { next.add(1) };
    }
    entries
}

/// Becomes a bundle. The updater calls this, which has std's processes anyway, and a runtime of std's that ignores
/// SIGPIPE: this lets it act again.
pub(crate) fn become_bundle(bundle: &Path, typed: &[OsString]) -> io::Result<i32> {
    let mut command = std::process::Command::new(bundle);
    if let Some((name, arguments)) = typed.split_first() {
        command.arg0(name).args(arguments);
    }
    Err(command.exec())
}

/// Calls `execve`; on failure the process is as before.
#[expect(unsafe_code, reason = "std's exec changes signals and environment, see above")]
fn replace_process(program: &CStr, argv: &[*const c_char], envp: &[*const c_char]) -> io::Error {
    // SAFETY: a string with a NUL and two arrays of such strings, each ended by a null, that outlive the call.
    unsafe { libc::execve(program.as_ptr(), argv.as_ptr(), envp.as_ptr()) };
    io::Error::last_os_error()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Output, Stdio};

    use super::*;

    /// Set in the process that plays the launcher: which program to start (through a shell, as a script).
    const SCRIPT: &str = "EKIBEN_TEST_EXEC_SCRIPT";

    /// Not a test of its own: the launcher's part in the ones below, which start this executable again.
    #[test]
    fn the_launchers_part() {
        let Some(script) = std::env::var_os(SCRIPT) else { return };
        let start = Start {
            program: "/bin/bash".into(),
            arguments: vec!["-c".into(), script],
            environment: vec![("EKIBEN_TEST_ADDED", "new".into()), ("EKIBEN_TEST_REPLACED", "new".into())],
            withheld: &["EKIBEN_TEST_WITHHELD"],
            windowed: None,
        };
        let error = super::start(&start, &mut || {});
        panic!("could not start: {error:?}");
    }

    /// Runs `script` in a shell: at once, and with a launcher in between. The script talks on stderr, because the test
    /// harness has written to stdout by then.
    fn directly_and_launched(script: &str) -> [String; 2] {
        let launcher = std::env::current_exe().unwrap();
        let direct = shell(&format!("exec /bin/bash -c \"${SCRIPT}\""), script, &[]);
        let part = "exec \"$0\" --exact sys::linux::exec::tests::the_launchers_part --nocapture";
        let launched = shell(part, script, &[launcher.as_os_str()]);
        [direct, launched].map(|output| {
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stderr).unwrap()
        })
    }

    fn shell(line: &str, script: &str, arguments: &[&OsStr]) -> Output {
        let mut command = Command::new("/bin/bash");
        command.arg("-c").arg(line).args(arguments).env(SCRIPT, script).env("EKIBEN_TEST_REPLACED", "old");
        command.env("EKIBEN_TEST_WITHHELD", "old").stdin(Stdio::null()).output().unwrap()
    }

    #[test]
    fn the_environment_is_passed_on_with_ours_added() {
        let [direct, launched] = directly_and_launched("env | sort >&2");
        let without = |text: &str, names: &[&str]| {
            let keep = |line: &&str| !names.iter().any(|name| line.starts_with(name));
            text.lines().filter(keep).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(
            without(&direct, &["EKIBEN_TEST_R", "EKIBEN_TEST_W", "_="]),
            without(&launched, &["EKIBEN_TEST_R", "EKIBEN_TEST_A", "_="])
        );
        assert!(direct.contains("EKIBEN_TEST_WITHHELD=old\n"), "{direct}");
        assert!(launched.contains("EKIBEN_TEST_ADDED=new\nEKIBEN_TEST_EXEC"), "{launched}");
        assert!(launched.contains("EKIBEN_TEST_REPLACED=new\n") && !launched.contains("=old"), "{launched}");
    }

    #[test]
    fn arguments_stand_between_the_program_and_what_was_typed_byte_for_byte() {
        let start = Start {
            program: "/py".into(),
            arguments: vec!["-I".into()],
            environment: Vec::new(),
            withheld: &[],
            windowed: None,
        };
        let odd = OsStr::from_bytes(b"\xff \"'\\").to_owned();
        let given = arguments(&start, [OsString::from("app"), OsString::new(), odd].into_iter()).unwrap();
        assert_eq!(given, [c"/py", c"-I", c"app", c"", c"\xff \"'\\"].map(CStr::to_owned));
        assert_eq!(arguments(&start, std::iter::empty()).unwrap(), [c"/py", c"-I", c""].map(CStr::to_owned));
    }

    #[test]
    fn a_name_that_was_found_in_path_becomes_a_path() {
        let found = |name: &str, path: Option<&str>| found_in_path(name.as_ref(), path.map(PathBuf::from));
        assert_eq!(found("app", Some("/usr/bin/app")), Some("/usr/bin/app".into()));
        assert_eq!(found("app", Some("bin/app")), Some("bin/app".into()));
        for (name, path) in [("./app", "./app"), ("/bin/app", "/bin/app"), ("-app", "/bin/app"), ("", "/bin/app")] {
            assert_eq!(found(name, Some(path)), None, "{name}");
        }
        assert_eq!(found("app", None), None);
    }

    #[test]
    fn a_start_that_fails_is_an_error() {
        let missing = Start {
            program: "/no/such/python".into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            withheld: &[],
            windowed: None,
        };
        assert_eq!(super::start(&missing, &mut || {}).unwrap_err().kind(), io::ErrorKind::NotFound);
        let odd = Start { arguments: vec!["a\0b".into()], ..missing };
        assert_eq!(super::start(&odd, &mut || {}).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
