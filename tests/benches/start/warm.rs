//! A later start against running the same interpreter directly.

use std::path::Path;
use std::process::Command;

use ekiben_tests::{Os, TestContext};

use crate::timing::{Contestant, cost, interleaved};

const ROUNDS: usize = 25;
/// The sample projects, and what to type.
pub(crate) const APPS: &[(&str, &[&str])] = &[("hello", &[]), ("terminal", &["Sendai"]), ("data", &[])];

pub(crate) fn run() {
    println!("{:20}{:>10}{:>12}{:>10}{:>12}", "later start", "bundle ms", "directly ms", "ratio", "adds ms");
    for (app, arguments) in APPS {
        let context = TestContext::new();
        let bundle = context.bundle(app, Os::Linux);
        let start = |command: &mut Command| cost(command.args(*arguments).env("EKIBEN_ROOT", context.installs()));
        start(&mut Command::new(&bundle));
        let version_dir = context.version_dir(app);
        let contestants = vec![
            Contestant::new("directly", |_| start(&mut interpreter(&version_dir, &bundle))),
            Contestant::new("bundle", |_| start(&mut Command::new(&bundle))),
        ];
        let times = interleaved(contestants, ROUNDS);
        let (directly, bundle) = (times.median("directly", |c| c.wall), times.median("bundle", |c| c.wall));
        let adds = times.beyond("bundle", "directly", |c| c.wall);
        println!("{app:20}{bundle:>10.1}{directly:>12.1}{:>10.3}{adds:>12.2}", bundle / directly);
    }
}

/// What the launcher executes, without the launcher.
fn interpreter(version_dir: &Path, bundle: &Path) -> Command {
    let mut command = Command::new(version_dir.join("python"));
    command.arg("-I").arg(version_dir.join(ekiben::start_script::NAME)).arg(bundle);
    command
}
