//! Work in the background, in a process that is not a child of this one: `execve` is about to make this one the app, which must not
//! find a child that it did not start, nor a pipe that stays open because another process has it, too.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;
use std::{fs, thread};

use crate::sys::exec::{self, Start};

/// Starts a program that lives on when the app has ended, without streams; or not at all. What was typed follows the arguments;
/// nobody looks at it.
pub(crate) fn start(program: PathBuf, arguments: Vec<OsString>) {
    run(move || {
        let start = Start { program, arguments, environment: Vec::new(), withheld: &[], windowed: None };
        // Nobody is there to be told.
        let _ = exec::start(&start, &mut || {});
    });
}

/// Does `work` while the app runs, or not at all: it has to be work that a later start can do as well. To be called when this
/// process has one thread.
///
/// Forks twice (daemon(7), "SysV Daemons"); the intermediate process has ended before this returns.
#[expect(unsafe_code, reason = "std does not fork")]
pub(crate) fn run(work: impl FnOnce()) {
    // SAFETY: take no pointers.
    let is_init = unsafe { libc::getpid() } == 1;
    // In a container the app may be the init process, and it would have to reap ours.
    if is_init {
        return;
    }
    // SAFETY: this process has one thread, so the child may do anything that this one may.
    match unsafe { libc::fork() } {
        0 => {
            // SAFETY: as above; `_exit` runs nothing of what the C runtime was told to run at an exit.
            unsafe {
                libc::setsid();
                if libc::fork() == 0 {
                    detach();
                    work();
                }
                libc::_exit(0)
            }
        }
        -1 => {}
        // SAFETY: no status is asked for.
        child => unsafe { while libc::waitpid(child, std::ptr::null_mut(), 0) == -1 && interrupted() {} },
    }
}

/// Does `work` after some time if this process, or the program that it has become, still runs then.
pub(crate) fn run_if_alive_after(time: Duration, work: impl FnOnce()) {
    let process = std::process::id();
    let Some(started) = start_time(process) else { return };
    run(move || {
        thread::sleep(time);
        if start_time(process).as_ref() == Some(&started) {
            work();
        }
    });
}

/// When a process was started, which stays the same when it becomes another program (proc(5), "/proc/pid/stat", field 22): a
/// process that has got the number of one that has ended is told by it. `None` if it has ended.
fn start_time(process: u32) -> Option<String> {
    let about = fs::read(format!("/proc/{process}/stat")).ok()?;
    // The second field is a name, which may hold spaces and brackets.
    let after_name = about.rsplit(|byte| *byte == b')').next()?;
    let mut fields = std::str::from_utf8(after_name).ok()?.split_ascii_whitespace();
    let is_zombie = fields.next() == Some("Z");
    fields.nth(18).filter(|_| !is_zombie).map(str::to_owned)
}

fn interrupted() -> bool {
    std::io::Error::last_os_error().kind() == std::io::ErrorKind::Interrupted
}

/// Redirects the standard streams to `/dev/null`, closes other files, and lowers the priority.
#[expect(unsafe_code, reason = "std closes no streams")]
fn detach() {
    const MOST_FILES: libc::c_int = 256;
    // SAFETY: a string with a NUL at its end; numbers. Files of this process that are closed here are never used again.
    unsafe {
        let null = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
        for stream in 0..3 {
            libc::dup2(null, stream);
        }
        for file in 3..MOST_FILES {
            libc::close(file);
        }
        libc::chdir(c"/".as_ptr());
        libc::setpriority(libc::PRIO_PROCESS, 0, 19);
    }
}
