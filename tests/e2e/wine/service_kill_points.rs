//! As `root::service_kill_points`, on Windows: an installation, an update or a removal that is killed at any moment is completed
//! by doing it again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ekiben_tests::{Program, TestContext, Tiny, Wine, eventually, eventually_some};

use super::services::Server;

/// At how many moments of each; `EKIBEN_SERVICE_MOMENTS=50` takes longer.
fn moments() -> usize {
    std::env::var("EKIBEN_SERVICE_MOMENTS").map_or(4, |number| number.parse().unwrap())
}

/// Runs forever: a Windows service's app.
const INSTALL: &str = "service install --stop-timeout 1 -- /c ping -n 100000 127.0.0.1";

fn tiny(version: &str) -> impl FnOnce(&TestContext, &Wine) -> PathBuf {
    let tiny = Tiny::new(version).windows().files(20);
    move |context, wine| tiny.running(wine.shell()).bundle(context)
}

/// The command of a program, with what `strace` does to its calls of `write`: with each, Wine asks its server for something.
fn traced(program: &Program, options: &[&str]) -> Command {
    let command = program.command();
    let mut traced = Command::new("strace");
    traced.args(["-qq", "-e", "trace=write"]).args(options).arg(command.get_program()).args(command.get_args());
    traced.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    for (name, value) in command.get_envs() {
        traced.env(name, value.unwrap_or_default());
    }
    traced
}

impl Server {
    fn command(&self, bundle: &Path, line: &str) -> Program {
        let words = ["self"].into_iter().chain(line.split_whitespace());
        self.machine.program(&self.context, bundle).args(words)
    }

    /// How many requests a command makes.
    fn requests(&self, bundle: &Path, line: &str) -> usize {
        let log = self.context.path("requests");
        let options = ["-o", log.to_str().unwrap()];
        assert!(traced(&self.command(bundle, line), &options).status().unwrap().success());
        fs::read_to_string(log).unwrap().lines().count()
    }

    /// Kills a command with one request after another.
    fn killed(&self, bundle: &Path, line: &str, prepare: impl Fn(), repaired: impl Fn()) {
        prepare();
        let requests = self.requests(bundle, line);
        let mut kills = 0;
        for moment in 1..=moments() {
            prepare();
            let inject = format!("inject=write:signal=KILL:when={}", requests * moment / (moments() + 1));
            let ended = traced(&self.command(bundle, line), &["-o", "/dev/null", "-e", &inject]).status().unwrap();
            kills += usize::from(!ended.success());
            let again = self.of(&bundle.to_owned(), line);
            assert_eq!(again.code, Some(0), "{inject}: {again:#?}");
            repaired();
        }
        println!("{kills} kills with {requests} requests of {line}");
        assert!(kills > 0, "none was killed");
    }
}

#[test]
fn what_was_killed_halfway_on_windows_is_completed_by_doing_it_again() {
    let Some(server) = Server::with("tiny", tiny("1.0")) else { return };
    let old = server.bundle.clone();
    let new = tiny("2.0")(&server.context, Wine::or_skip().unwrap());
    let check = |bundle: &Path| {
        eventually("it runs", || server.status()["state"] == "running");
        assert!(fs::read(server.root().join("tiny.exe")).unwrap() == fs::read(bundle).unwrap());
        let names = server.of(&bundle.to_owned(), "verify");
        assert_eq!(names.code, Some(0), "{names:#?}");
    };
    let gone = || eventually_some("nothing", || server.left().is_empty().then_some(()));
    let uninstall = || {
        server.of(&new, "uninstall --yes --purge").success();
        gone();
    };
    server.killed(&old, INSTALL, uninstall, || check(&old));
    let older = || {
        server.of(&old, INSTALL).success();
        server.of(&old, "install --system").success();
    };
    server.killed(&new, "install --system", older, || check(&new));
    server.killed(&new, "uninstall --yes --purge", || drop(server.of(&new, INSTALL)), gone);
}
