//! Programs of the system: systemctl, useradd, zenity, … They are looked for in root's directories alone, and no variable says
//! which one is run. `std::process` would be a large part of a launcher.

use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{FromRawFd, RawFd};
use std::os::unix::fs::MetadataExt;
use std::ptr;

/// A stream that leads nowhere.
pub(super) const NULL: RawFd = -1;

/// Runs a program to its end. What it says goes to standard error: it is no answer of ours.
///
/// # Errors
/// When it is not there, or ends with another code than 0.
pub(crate) fn run(words: &[&str]) -> io::Result<()> {
    let process = spawn(words, [NULL, libc::STDERR_FILENO, libc::STDERR_FILENO])?;
    match code(process) {
        0 => Ok(()),
        code => Err(io::Error::other(["it ended with ", &code.to_string()].concat())),
    }
}

/// The same for a program that talks to whoever started us. Its exit code.
///
/// # Errors
/// When it is not there.
pub(crate) fn show(words: &[&str]) -> io::Result<u32> {
    Ok(code(spawn(words, [libc::STDIN_FILENO, libc::STDOUT_FILENO, libc::STDERR_FILENO])?))
}

/// What a program writes, and the code that it ends with.
///
/// # Errors
/// When it is not there, or what it writes is not UTF-8.
#[expect(unsafe_code, reason = "std's pipes come with std's processes")]
pub(crate) fn output(words: &[&str]) -> io::Result<(String, u32)> {
    let mut pipe = [0; 2];
    // SAFETY: a place for two descriptors, which are then ours alone.
    let [mut ours, its] = unsafe {
        if libc::pipe2(pipe.as_mut_ptr(), libc::O_CLOEXEC) != 0 {
            return Err(io::Error::last_os_error());
        }
        pipe.map(|descriptor| File::from_raw_fd(descriptor))
    };
    let process = spawn(words, [NULL, pipe[1], NULL])?;
    drop(its);
    let mut text = String::new();
    let read = ours.read_to_string(&mut text);
    let code = code(process);
    read.map(|_| (text, code))
}

fn code(process: libc::pid_t) -> u32 {
    let status = end_of(process, 0).unwrap_or(-1);
    let code = if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { 128 + libc::WTERMSIG(status) };
    code.cast_unsigned()
}

#[expect(unsafe_code, reason = "std gives copies alone")]
unsafe extern "C" {
    /// environ(7): null, or a list with a null at its end.
    static environ: *const *mut libc::c_char;
}

/// Starts a program of the system's with these standard streams.
///
/// # Errors
/// When it is not there, or others could change it.
#[expect(unsafe_code, reason = "std's own way is a large part of a launcher")]
pub(super) fn spawn(words: &[&str], streams: [RawFd; 3]) -> io::Result<libc::pid_t> {
    let path = CString::new(find(words.first().copied().unwrap_or_default()).ok_or(io::ErrorKind::NotFound)?)?;
    let words: Vec<_> = words.iter().map(|word| CString::new(*word)).collect::<Result<_, _>>()?;
    let arguments: Vec<_> = words.iter().map(|word| word.as_ptr().cast_mut()).chain([ptr::null_mut()]).collect();
    // SAFETY: lists of strings with a NUL at their ends, and a null at theirs, which live through the call; actions that were
    // made before they are used and unmade after; nothing here changes the environment. `posix_spawn` is safe beside other threads.
    unsafe {
        let mut actions: libc::posix_spawn_file_actions_t = std::mem::zeroed();
        libc::posix_spawn_file_actions_init(&raw mut actions);
        for (stream, from) in (0..).zip(streams) {
            if from == NULL {
                libc::posix_spawn_file_actions_addopen(
                    &raw mut actions,
                    stream,
                    c"/dev/null".as_ptr(),
                    libc::O_RDWR,
                    0,
                );
            } else {
                libc::posix_spawn_file_actions_adddup2(&raw mut actions, from, stream);
            }
        }
        let mut process = 0;
        let failed = libc::posix_spawn(
            &raw mut process,
            path.as_ptr(),
            &raw const actions,
            ptr::null(),
            arguments.as_ptr(),
            environ,
        );
        libc::posix_spawn_file_actions_destroy(&raw mut actions);
        if failed == 0 { Ok(process) } else { Err(io::Error::from_raw_os_error(failed)) }
    }
}

/// Where a program of the system's is, which nobody but root can change.
pub(super) fn find(name: &str) -> Option<String> {
    let is_roots = |path: &String| {
        std::fs::metadata(path).is_ok_and(|file| file.uid() == 0 && file.mode() & 0o022 == 0 && file.is_file())
    };
    let paths = ["/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/"].map(|directory| [directory, name].concat());
    paths.into_iter().find(is_roots)
}

/// Its wait status, once it has ended.
#[expect(unsafe_code, reason = "the process was not started by std")]
pub(super) fn end_of(process: libc::pid_t, options: libc::c_int) -> Option<libc::c_int> {
    let mut status = 0;
    loop {
        // SAFETY: a place for the answer.
        match unsafe { libc::waitpid(process, &raw mut status, options) } {
            -1 if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
            found => return (found == process).then_some(status),
        }
    }
}
