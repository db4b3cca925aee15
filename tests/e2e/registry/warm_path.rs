//! What a start costs once the app is installed, counted in system calls.

use std::fs;
use std::path::{Path, PathBuf};

use ekiben_tests::{Os, Program, TestContext};

/// The most system calls that a start makes of its own once the version is settled, from the kernel's start of the launcher
/// to the `execve` of the interpreter, that one included, and one more for each directory from the version dir up to the root
/// of the file system. Of these, 9 are `malloc`'s, give or take two by the lengths of paths. It may only change on purpose.
const SYSTEM_CALLS: usize = 28;

/// The most that a start makes until the first reboot after the installation: it also asks which boot this is, and whether
/// a clean-up was cut short.
const SYSTEM_CALLS_UNSETTLED: usize = 56;

/// The most that may be read: the footer and the launch record, together.
const READ: usize = 4096;

/// Calls that get memory or set up signals and threads; all others touch the world.
const PROCESS_ONLY: &[&str] = &[
    "arch_prctl",
    "brk",
    "geteuid",
    "mmap",
    "mprotect",
    "munmap",
    "poll",
    "rt_sigaction",
    "rt_sigprocmask",
    "set_tid_address",
    "sigaltstack",
];

/// One line of strace's: the call's name, its arguments, and what it returned.
struct Call {
    name: String,
    arguments: String,
    result: String,
}

impl Call {
    /// `1234 name(arguments) = result`
    fn parse(line: &str) -> Self {
        let (call, result) = line.rsplit_once(" = ").unwrap();
        let (name, arguments) = call.trim_end().split_once('(').unwrap();
        Self {
            name: name.split_whitespace().last().unwrap().to_owned(),
            arguments: arguments.strip_suffix(')').unwrap().to_owned(),
            result: result.to_owned(),
        }
    }
}

/// Installs `hello`, settled or not, in the user's local data directory.
fn installed(context: &TestContext, settled: bool) -> (Program, PathBuf) {
    let bundle = context.program(context.bundle("hello", Os::Linux)).env_remove("EKIBEN_ROOT");
    bundle.run().quiet_stdout();
    let versions = context.path("home/.local/share/ekiben/hello/versions");
    let version_dir = fs::read_dir(versions).unwrap().next().unwrap().unwrap().path();
    if settled {
        fs::write(version_dir.join(".ekiben/seal"), "settled\n").unwrap();
    }
    (bundle, version_dir)
}

/// The system calls of a start, after the `execve` of the launcher, up to and with that of the interpreter.
fn calls(context: &TestContext, bundle: &Program) -> Vec<Call> {
    let log = context.path("calls");
    let strace = ["-f", "-s", "512", "-o", log.to_str().unwrap(), "--"].map(Into::into);
    assert_eq!(bundle.clone().started_by("strace", strace).run().quiet_stdout(), "Hello, world!\n");
    let log = fs::read_to_string(log).unwrap();
    let interpreter = log.lines().skip(1).position(|line| line.contains(" execve(")).unwrap();
    log.lines().skip(1).take(interpreter + 1).map(Call::parse).collect()
}

fn told(calls: &[Call]) -> Vec<String> {
    calls.iter().map(|c| format!("{}({}) = {}", c.name, c.arguments, c.result)).collect()
}

#[test]
fn a_warm_start_opens_one_file_reads_once_and_looks_once() {
    let context = TestContext::new();
    let (bundle, version_dir) = installed(&context, true);
    let calls = calls(&context, &bundle);
    let outward: Vec<&Call> = calls.iter().filter(|call| !PROCESS_ONLY.contains(&&*call.name)).collect();
    let names: Vec<&str> = outward.iter().map(|call| &*call.name).collect();
    let looks = version_dir.ancestors().count() + 1;
    let mut expected = vec!["readlink", "open", "fcntl", "fstat", "pread64", "lstat", "openat2", "openat2"];
    // Each directory down to the version dir, and the interpreter.
    expected.extend(std::iter::repeat_n("newfstatat", looks));
    expected.extend(["openat", "fcntl", "fstat", "execve"]);
    assert_eq!(names, expected, "{:#?}", told(&calls));
    let [link, open, _, _, read, marker, machine, version] = outward[..8] else { unreachable!("as many as names") };
    let [interpreter, seal, _, _, exec] = outward[outward.len() - 5..] else { unreachable!("as many as names") };
    let version_dir = version_dir.to_str().unwrap();
    assert!(link.arguments.starts_with("\"/proc/self/exe\""), "{}", link.arguments);
    assert!(open.arguments.starts_with("\"/proc/self/exe\", O_RDONLY|"), "{}", open.arguments);
    assert!(read.result.parse::<usize>().unwrap() <= READ, "{}", read.result);
    assert!(marker.arguments.contains("/ekiben.here\""), "{}", marker.arguments);
    assert!(machine.arguments.contains("\"/opt/hello/versions/"), "{}", machine.arguments);
    assert!(version.arguments.contains(&format!("\"{version_dir}\"")), "{}", version.arguments);
    assert!(version.arguments.contains("RESOLVE_NO_SYMLINKS"), "{}", version.arguments);
    assert!(interpreter.arguments.contains("\"python\""), "{}", interpreter.arguments);
    assert!(seal.arguments.contains("\".ekiben/seal\", O_RDONLY|"), "{}", seal.arguments);
    assert!(exec.arguments.starts_with(&format!("\"{version_dir}/python\"")), "{}", exec.arguments);
    assert!(calls.len() < SYSTEM_CALLS + looks, "{} system calls: {:#?}", calls.len(), told(&calls));
}

#[test]
fn a_warm_start_before_the_first_reboot_also_asks_which_boot_this_is_and_what_was_left() {
    let context = TestContext::new();
    let (bundle, version_dir) = installed(&context, false);
    let calls = calls(&context, &bundle);
    let writes = |call: &&Call| {
        !PROCESS_ONLY.contains(&&*call.name)
            && (["O_WRONLY", "O_RDWR", "O_CREAT"].iter().any(|flag| call.arguments.contains(flag))
                || ["mkdir", "rename", "unlink", "rmdir", "write", "fork", "clone"].contains(&&*call.name))
    };
    assert!(!calls.iter().any(|call| writes(&call)), "{:#?}", told(&calls));
    let most = SYSTEM_CALLS_UNSETTLED + version_dir.ancestors().count();
    assert!(calls.len() <= most, "{} system calls: {:#?}", calls.len(), told(&calls));
}

#[test]
fn a_warm_start_from_where_a_variable_says_does_no_more_than_any_other() {
    let context = TestContext::new();
    let bundle = context.program(context.bundle("hello", Os::Linux));
    bundle.run().quiet_stdout();
    fs::write(context.version_dir("hello").join(".ekiben/seal"), "settled\n").unwrap();
    let calls = calls(&context, &bundle);
    // None for a root of the machine, which comes later.
    let most = SYSTEM_CALLS - 1 + context.version_dir("hello").ancestors().count();
    assert!(calls.len() <= most, "{} system calls: {:#?}", calls.len(), told(&calls));
}

#[test]
fn a_warm_start_in_a_home_makes_less_than_40_system_calls() {
    let context = TestContext::new();
    let (bundle, version_dir) = installed(&context, true);
    let calls = calls(&context, &bundle).len();
    let in_a_home = Path::new("/people/user/.local/share/ekiben/hello/versions/1.0.0-0123456789ab").ancestors().count();
    let calls = calls + in_a_home - version_dir.ancestors().count();
    assert!(calls < 40, "{calls}");
}
