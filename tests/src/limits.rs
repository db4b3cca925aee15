//! Programs that get few threads or little memory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::accounts::Root;
use crate::context::TestContext;
use crate::program::Program;

impl TestContext {
    /// The program in a sandbox that denies new threads and processes, as a service's may.
    ///
    /// # Panics
    /// When the program that sets it up can't be compiled.
    pub fn without_threads(&self, program: Program) -> Program {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/linux/no_threads.c");
        let starter = self.path("no_threads");
        if !starter.exists() {
            let mut compiler = Command::new("cc");
            compiler.args(["-O1", "-Wall", "-Werror", "-o"]).args([&starter, &source]);
            let compiler = compiler.output().unwrap();
            assert!(compiler.status.success(), "{}", String::from_utf8_lossy(&compiler.stderr));
        }
        program.started_by(starter, [])
    }
}

impl Program {
    /// With so many KiB of address space.
    #[must_use]
    pub fn with_memory(self, kib: u64) -> Self {
        let script = ["-c", "ulimit -v \"$0\" && exec \"$@\"", &kib.to_string()].map(Into::into);
        self.started_by("sh", script)
    }
}

impl Root {
    /// The program as the account of this number, which may have so many processes and threads.
    pub fn as_account_with_processes(self, program: Program, number: u32, processes: u32) -> Program {
        // The limit is set by the account itself: a change of accounts above it would fail the start of the program.
        let limit = [format!("--nproc={processes}"), "--".to_owned()].map(Into::into);
        self.as_account(program.started_by("prlimit", limit), number)
    }
}

/// A control group in which so many processes and threads may be. Gone when dropped.
#[derive(Debug)]
pub struct FewProcesses(PathBuf);

impl FewProcesses {
    /// `None` where this machine lets nobody make one.
    pub fn new(_root: Root, processes: u32) -> Option<Self> {
        let name = format!("ekiben-test-{}-{processes}", std::process::id());
        // Version 1 has a hierarchy for each controller, version 2 has one.
        ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"].into_iter().find_map(|hierarchy| {
            let made = Self(Path::new(hierarchy).join(&name));
            fs::create_dir(&made.0).ok()?;
            fs::write(made.0.join("pids.max"), processes.to_string()).ok()?;
            Some(made)
        })
    }

    /// The program in it.
    pub fn around(&self, program: Program) -> Program {
        let procs = self.0.join("cgroup.procs");
        let script = ["-c".into(), "echo $$ >\"$0\" && exec \"$@\"".into(), procs.into()];
        program.started_by("sh", script)
    }
}

impl Drop for FewProcesses {
    fn drop(&mut self) {
        drop(fs::remove_dir(&self.0));
    }
}
