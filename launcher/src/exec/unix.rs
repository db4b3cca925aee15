//! `execve`, with the process as the launcher inherited it.
//!
//! # What a Rust program does to its process before `main`
//! It ignores SIGPIPE, and opens `/dev/null` where standard stream 0, 1 or 2 is closed. Both would survive `execve`:
//! Python would see an ignored SIGPIPE under a caller who has it at its default, or open streams where there were none.
//! So a function in `.init_array`, which the C runtime calls before Rust's, notes how things were, and [`start`] puts
//! them back. Rust's handlers for SIGSEGV and SIGBUS need no care: `execve` resets handlers.
//!
//! # Why not `CommandExt::exec`
//! It sets SIGPIPE to its default and clears the signal mask, whatever the caller had (under `nohup` or a supervisor
//! that blocks signals). It also rebuilds the environment from pairs, where entries without `=` and duplicates get lost.
//!
//! `#![no_main]` would skip Rust's initialisation altogether, and with it the arguments on musl, and the stack guard.

use std::ffi::{CStr, CString, OsStr, c_char, c_int};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use super::Start;

/// See [`super::start`].
pub(super) fn start(start: &Start) -> io::Result<u32> {
    let program = c_string(start.program.as_os_str())?;
    let arguments = arguments(start, std::env::args_os())?;
    let added = start.environment.iter().map(|(name, value)| variable(name, value)).collect::<io::Result<Vec<_>>>()?;

    let argv = pointers(arguments.iter().map(|argument| argument.as_ptr()));
    let withheld = start.withheld.iter().map(|name| variable(name, OsStr::new(""))).collect::<io::Result<Vec<_>>>()?;
    let ours = |entry: &&CStr| added.iter().chain(&withheld).any(|other| same_name(other, entry));
    let inherited = environment().into_iter().filter(|entry| !ours(entry));
    let envp = pointers(inherited.map(CStr::as_ptr).chain(added.iter().map(|new| new.as_ptr())));
    Err(replace_process(&program, &argv, &envp))
}

/// `program arguments… TYPED_ARGV0 TYPED_ARGS…`, so that Python's own argv[0] is its path.
fn arguments(start: &Start, typed: impl Iterator<Item = std::ffi::OsString>) -> io::Result<Vec<CString>> {
    let mut typed = typed.peekable();
    // A caller may pass no argv[0] at all; the place is kept.
    let argv0 = if typed.peek().is_none() { Some(OsStr::new("").to_owned()) } else { None };
    std::iter::once(start.program.as_os_str().to_owned())
        .chain(start.arguments.iter().cloned())
        .chain(argv0)
        .chain(typed)
        .map(|argument| c_string(&argument))
        .collect()
}

fn variable(name: &str, value: &OsStr) -> io::Result<CString> {
    let mut entry = std::ffi::OsString::from(name);
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

/// Calls `execve`; on failure the process is as before.
#[expect(unsafe_code, reason = "std's exec changes signals and environment, see above")]
fn replace_process(program: &CStr, argv: &[*const c_char], envp: &[*const c_char]) -> io::Error {
    for (fd, closed) in (0..).zip(&BEFORE.closed) {
        if closed.load(Ordering::Relaxed) {
            // SAFETY: takes no pointers. The descriptor is the `/dev/null` that Rust opened.
            unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
        }
    }
    let ignored = BEFORE.sigpipe.load(Ordering::Relaxed) == IGNORED;
    if !ignored {
        // SAFETY: sets a disposition, installs no handler of ours.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    }
    // SAFETY: a string with a NUL and two arrays of such strings, each ended by a null, that outlive the call.
    unsafe { libc::execve(program.as_ptr(), argv.as_ptr(), envp.as_ptr()) };
    let error = io::Error::last_os_error();
    // What comes now is the report of this error, perhaps into a closed pipe.
    // SAFETY: as above.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
    error
}

/// How the process was before Rust's initialisation.
struct Before {
    sigpipe: AtomicU8,
    closed: [AtomicBool; 3],
}

const IGNORED: u8 = 1;

static BEFORE: Before = Before { sigpipe: AtomicU8::new(0), closed: [const { AtomicBool::new(false) }; 3] };

#[used]
#[expect(unsafe_code, reason = "nothing else runs early enough")]
// SAFETY: the section holds pointers to functions which the C runtime calls once, before `main`, and this is one.
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
static LOOK_FIRST: extern "C" fn() = look;

/// Fills [`BEFORE`]. Runs before Rust's runtime is set up, so it only calls libc and never allocates or panics.
#[expect(unsafe_code, reason = "std has no way to ask for these")]
extern "C" fn look() {
    // SAFETY: all zeros are a valid `sigaction`.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: a null asks only; the answer is written to a value of the right type.
    let asked = unsafe { libc::sigaction(libc::SIGPIPE, ptr::null(), &mut action) };
    if asked == 0 && action.sa_sigaction == libc::SIG_IGN {
        BEFORE.sigpipe.store(IGNORED, Ordering::Relaxed);
    }
    let mut streams = [0, 1, 2].map(|fd: c_int| libc::pollfd { fd, events: 0, revents: 0 });
    // SAFETY: an array of that many entries; a timeout of zero returns at once.
    unsafe { libc::poll(streams.as_mut_ptr(), 3, 0) };
    for (closed, stream) in BEFORE.closed.iter().zip(streams) {
        closed.store(stream.revents & libc::POLLNVAL != 0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Output, Stdio};

    use super::*;

    /// Set in the process that plays the launcher: which program to start (through a shell, as a script).
    const SCRIPT: &str = "EKIBEN_TEST_EXEC_SCRIPT";

    /// Not a test of its own: the launcher's part in the ones below, which start this executable again.
    #[test]
    fn the_launchers_part() {
        let Some(script) = std::env::var_os(SCRIPT) else { return };
        let error = super::start(&Start {
            program: "/bin/bash".into(),
            arguments: vec!["-c".into(), script],
            environment: vec![("EKIBEN_TEST_ADDED", "new".into()), ("EKIBEN_TEST_REPLACED", "new".into())],
            withheld: &["EKIBEN_TEST_WITHHELD"],
        });
        panic!("could not start: {error:?}");
    }

    /// Runs `script` after `before`, both in a shell: at once, and with a launcher in between. The script talks on stderr,
    /// because the test harness has written to stdout by then.
    fn directly_and_launched(before: &str, script: &str) -> [String; 2] {
        let launcher = std::env::current_exe().unwrap();
        let direct = shell(&format!("{before}\nexec /bin/bash -c \"${SCRIPT}\""), script, &[]);
        let launched = shell(
            &format!("{before}\nexec \"$0\" --exact exec::unix::tests::the_launchers_part --nocapture"),
            script,
            &[launcher.as_os_str()],
        );
        [direct, launched].map(|output| {
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stderr).unwrap()
        })
    }

    #[expect(unsafe_code, reason = "std can't start a process with signals blocked")]
    fn shell(line: &str, script: &str, arguments: &[&OsStr]) -> Output {
        let mut command = Command::new("/bin/bash");
        command.arg("-c").arg(line).args(arguments).env(SCRIPT, script).env("EKIBEN_TEST_REPLACED", "old");
        command.env("EKIBEN_TEST_WITHHELD", "old");
        // SAFETY: the closure only makes system calls that are allowed between fork and exec.
        unsafe { command.pre_exec(block_two_signals) };
        command.stdin(Stdio::null()).output().unwrap()
    }

    /// So that each comparison also shows what becomes of blocked signals.
    #[expect(unsafe_code, reason = "std can't block signals")]
    fn block_two_signals() -> io::Result<()> {
        // SAFETY: all zeros are a valid set, which the calls below fill and then only read.
        unsafe {
            let mut set = std::mem::zeroed();
            libc::sigaddset(&mut set, libc::SIGUSR1);
            libc::sigaddset(&mut set, libc::SIGWINCH);
            libc::sigprocmask(libc::SIG_BLOCK, &set, ptr::null_mut());
        }
        Ok(())
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn signals_reach_the_program_as_the_launcher_inherited_them() {
        let mut seen = Vec::new();
        for before in ["", "trap '' PIPE", "trap '' INT", "trap '' INT PIPE HUP", "trap '' SEGV BUS"] {
            let [direct, launched] = directly_and_launched(before, "exec grep ^Sig[BIC] /proc/self/status >&2");
            assert_eq!(direct, launched, "{before}");
            assert!(!direct.contains("SigBlk:\t0000000000000000"), "{direct}");
            seen.push(direct);
        }
        seen.dedup();
        assert_eq!(seen.len(), 5, "the traps make a difference: {seen:?}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn closed_standard_streams_stay_closed() {
        for before in ["exec <&-", "exec >&-", "exec <&- >&-"] {
            let script = "for fd in 0 1 2; do [ -e /proc/$$/fd/$fd ] && echo $fd is open >&2; done; true";
            let [direct, launched] = directly_and_launched(before, script);
            assert_eq!(direct, launched, "{before}");
            assert!(launched.lines().count() < 3, "{launched}");
        }
    }

    #[test]
    fn the_environment_is_passed_on_with_ours_added() {
        let [direct, launched] = directly_and_launched("", "env | sort >&2");
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
        let start =
            Start { program: "/py".into(), arguments: vec!["-I".into()], environment: Vec::new(), withheld: &[] };
        let odd = OsStr::from_bytes(b"\xff \"'\\").to_owned();
        let given = arguments(&start, [OsString::from("app"), OsString::new(), odd].into_iter()).unwrap();
        assert_eq!(given, [c"/py", c"-I", c"app", c"", c"\xff \"'\\"].map(CStr::to_owned));
        assert_eq!(arguments(&start, std::iter::empty()).unwrap(), [c"/py", c"-I", c""].map(CStr::to_owned));
    }

    #[test]
    fn a_start_that_fails_is_an_error_and_leaves_sigpipe_ignored() {
        let missing =
            Start { program: "/no/such/python".into(), arguments: Vec::new(), environment: Vec::new(), withheld: &[] };
        assert_eq!(super::start(&missing).unwrap_err().kind(), io::ErrorKind::NotFound);
        let odd = Start { arguments: vec!["a\0b".into()], ..missing };
        assert_eq!(super::start(&odd).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
