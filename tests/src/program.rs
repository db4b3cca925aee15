//! Starting a program with nothing inherited that a test did not ask for.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::outcome::Outcome;

/// A program to start. Its environment is empty but for what is set here.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    directory: Option<PathBuf>,
    stdin: Option<Vec<u8>>,
}

impl Program {
    /// The program at `path`, or that name on the `PATH` of the tests.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), arguments: Vec::new(), environment: Vec::new(), directory: None, stdin: None }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        let name = name.into();
        self.environment.retain(|(n, _)| *n != name);
        self.environment.push((name, value.into()));
        self
    }

    /// Leaves a variable out.
    #[must_use]
    pub fn env_remove(mut self, name: &str) -> Self {
        self.environment.retain(|(n, _)| n != name);
        self
    }

    /// Sets the current directory.
    #[must_use]
    pub fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = Some(directory.into());
        self
    }

    /// Gives it something to read.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// The same program and environment, started by `starter`: its arguments, then this program and its own.
    #[must_use]
    pub fn started_by(mut self, starter: impl Into<PathBuf>, arguments: impl IntoIterator<Item = OsString>) -> Self {
        let own = std::mem::take(&mut self.arguments);
        self.arguments.extend(arguments);
        self.arguments.push(std::mem::replace(&mut self.path, starter.into()).into());
        self.arguments.extend(own);
        self
    }

    /// Another program with other arguments, in the same environment.
    #[must_use]
    pub fn replaced(
        mut self,
        path: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Self {
        self.path = path.into();
        self.arguments = arguments.into_iter().map(Into::into).collect();
        self
    }

    /// Starts it, and waits for its end.
    ///
    /// # Panics
    /// When it can't be started.
    #[track_caller]
    pub fn run(&self) -> Outcome {
        let mut child = self.spawn_with(Stdio::piped());
        let bytes = self.stdin.clone();
        let pipe = child.stdin.take();
        // A thread, because a program that writes before it has read everything would stop both.
        let writer = thread::spawn(move || {
            if let (Some(mut pipe), Some(bytes)) = (pipe, bytes) {
                drop(pipe.write_all(&bytes));
            }
        });
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Outcome::new(&output)
    }

    /// Starts it, and lets it run beside the test.
    ///
    /// # Panics
    /// When it can't be started.
    #[track_caller]
    pub fn start(&self) -> Running {
        let mut child = self.spawn_with(Stdio::piped());
        let lines = BufReader::new(child.stdout.take().unwrap());
        Running { stdin: child.stdin.take(), child: Some(child), lines }
    }

    /// As a [`Command`], for what has no method here.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.args(&self.arguments).env_clear().envs(self.environment.iter().map(|(n, v)| (n, v)));
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        command
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its arguments so far.
    pub fn arguments(&self) -> impl Iterator<Item = &OsStr> {
        self.arguments.iter().map(AsRef::as_ref)
    }

    #[track_caller]
    fn spawn_with(&self, stdout: Stdio) -> Child {
        let stdin = if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() };
        let mut command = self.command();
        command.stdin(stdin).stdout(stdout).stderr(Stdio::piped());
        // A process that another test has just forked may still have a file open that this test has written.
        let mut tries = 0..100;
        loop {
            match command.spawn() {
                Err(e) if e.kind() == io::ErrorKind::ExecutableFileBusy && tries.next().is_some() => {
                    thread::sleep(Duration::from_millis(20));
                }
                result => return result.unwrap_or_else(|e| panic!("could not start `{}`: {e}", self.path.display())),
            }
        }
    }
}

/// A program that runs beside the test. Killed if it still runs when the test forgets it.
#[derive(Debug)]
pub struct Running {
    child: Option<Child>,
    stdin: Option<ChildStdin>,
    lines: BufReader<ChildStdout>,
}

impl Running {
    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// The next line that it writes to standard output: how a test waits until it has come to a certain point.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line
    }

    /// What it writes to standard output up to and with `text`, or up to its end.
    pub fn until(&mut self, text: &str) -> String {
        let mut read = Vec::new();
        let mut byte = [0];
        while !read.ends_with(text.as_bytes()) && self.lines.read(&mut byte).unwrap() == 1 {
            read.extend(byte);
        }
        String::from_utf8(read).unwrap()
    }

    /// Writes to its standard input, which it was given with [`Program::stdin`].
    ///
    /// # Panics
    /// When it has none, or does not read any more.
    pub fn say(&mut self, text: &str) {
        self.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Whether it has come to its end.
    ///
    /// # Panics
    /// When that can't be asked.
    pub fn has_ended(&mut self) -> bool {
        self.child.as_mut().unwrap().try_wait().unwrap().is_some()
    }

    /// Sends it a signal, by its name without `SIG`.
    ///
    /// # Panics
    /// When that can't be done.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Outcome {
        drop(self.stdin.take());
        let mut output = self.child.take().unwrap().wait_with_output().unwrap();
        self.lines.read_to_end(&mut output.stdout).unwrap();
        Outcome::new(&output)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::TestContext;

    #[test]
    fn a_program_sees_what_was_set_and_nothing_else() {
        let context = TestContext::new();
        let program = context.program("/usr/bin/env").env("A", "b").env_remove("LANG");
        let outcome = program.run();
        let mut names: Vec<_> = outcome.quiet_stdout().lines().filter_map(|l| l.split('=').next()).collect();
        names.sort_unstable();
        assert_eq!(names, ["A", "EKIBEN_ROOT", "HOME", "PATH", "TMPDIR"]);
    }

    #[test]
    fn a_running_program_is_heard_line_by_line_and_signalled() {
        let context = TestContext::new();
        let mut running = context.program("sh").args(["-c", "echo one; read x; echo two"]).stdin("").start();
        assert_eq!(running.line(), "one\n");
        running.signal("TERM");
        assert_eq!(running.wait().signal, Some(15));
    }
}
