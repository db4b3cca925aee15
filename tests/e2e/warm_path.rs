//! What a start costs once the app is installed, counted in system calls.

use std::fs;

use ekiben_tests::{Os, TestContext};

/// The most system calls that a warm start makes of its own, from the kernel's start of the launcher to the `execve` of
/// the interpreter, that one included: 18, and room for two of the allocator's, which depend on the lengths of paths.
/// It may only change on purpose.
const SYSTEM_CALLS: usize = 20;

/// The most that may be read: the footer and the launch record, together.
const READ: usize = 4096;

/// Calls that get memory or set up signals and threads; all others touch the world.
const PROCESS_ONLY: &[&str] = &[
    "arch_prctl",
    "brk",
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

/// The system calls of a second start, after the `execve` of the launcher, up to and with that of the interpreter.
fn warm_start(context: &TestContext) -> Vec<Call> {
    let bundle = context.program(context.bundle("hello", Os::Linux));
    bundle.run().quiet_stdout();
    let log = context.path("calls");
    let strace = ["-f", "-s", "512", "-o", log.to_str().unwrap(), "--"].map(Into::into);
    assert_eq!(bundle.started_by("strace", strace).run().quiet_stdout(), "Hello, world!\n");
    let log = fs::read_to_string(log).unwrap();
    let interpreter = log.lines().skip(1).position(|line| line.contains(" execve(")).unwrap();
    log.lines().skip(1).take(interpreter + 1).map(Call::parse).collect()
}

#[test]
fn a_warm_start_opens_one_file_reads_once_and_looks_once() {
    let context = TestContext::new();
    let calls = warm_start(&context);
    let told = || calls.iter().map(|c| format!("{}({}) = {}", c.name, c.arguments, c.result)).collect::<Vec<_>>();
    let outward: Vec<&Call> = calls.iter().filter(|call| !PROCESS_ONLY.contains(&&*call.name)).collect();
    let names: Vec<&str> = outward.iter().map(|call| &*call.name).collect();
    let expected = ["readlink", "open", "fcntl", "fstat", "pread64", "stat", "execve"];
    assert_eq!(names, expected, "{:#?}", told());
    let [link, open, _, _, read, look, exec] = outward[..] else { unreachable!("as many as there are names") };
    assert!(link.arguments.starts_with("\"/proc/self/exe\""), "{}", link.arguments);
    assert!(open.arguments.starts_with("\"/proc/self/exe\", O_RDONLY|"), "{}", open.arguments);
    assert!(read.result.parse::<usize>().unwrap() <= READ, "{}", read.result);
    let version_dir = context.version_dir("hello");
    let version_dir = version_dir.to_str().unwrap();
    assert!(look.arguments.starts_with(&format!("\"{version_dir}\"")), "{}", look.arguments);
    assert!(exec.arguments.starts_with(&format!("\"{version_dir}/python\"")), "{}", exec.arguments);
    assert!(calls.len() <= SYSTEM_CALLS, "{} system calls: {:#?}", calls.len(), told());
}
