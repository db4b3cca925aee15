//! How long a start takes against running the same interpreter directly, for three apps.
//!
//! ```text
//! cargo bench --profile dev -p ekiben-tests --bench start
//! ```
//!
//! Runs are interleaved, and what counts are medians and ratios within one run: machines differ, and are busy.

#![expect(clippy::unwrap_used, reason = "a surprise ends the benchmark")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ekiben_tests::{Os, TestContext};

const WARM: usize = 25;
const FIRST: usize = 5;

fn main() {
    println!("{:10}{:>12}{:>12}{:>8}{:>14}{:>12}", "app", "direct ms", "warm ms", "ratio", "difference ms", "first ms");
    for (app, arguments) in [("hello", &[][..]), ("terminal", &["Sendai"][..]), ("data", &[][..])] {
        let context = TestContext::new();
        let bundle = context.bundle(app, Os::Linux);
        let first = median((0..FIRST).map(|n| {
            let root = context.path(format!("first-{n}"));
            time(Command::new(&bundle).args(arguments).env("EKIBEN_ROOT", root))
        }));

        let start = |command: &mut Command| time(command.args(arguments).env("EKIBEN_ROOT", context.installs()));
        start(&mut Command::new(&bundle));
        let version_dir = context.version_dir(app);
        let (mut direct, mut warm, mut differences) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..WARM {
            direct.push(start(&mut interpreter(&version_dir, &bundle)));
            warm.push(start(&mut Command::new(&bundle)));
            differences.push(ms(warm[warm.len() - 1]) - ms(direct[direct.len() - 1]));
        }
        differences.sort_by(f64::total_cmp);
        let (direct, warm) = (ms(median(direct)), ms(median(warm)));
        println!(
            "{app:10}{direct:>12.1}{warm:>12.1}{:>8.3}{:>14.2}{:>12.0}",
            warm / direct,
            differences[differences.len() / 2],
            ms(first)
        );
    }
}

/// What the launcher executes, without the launcher.
fn interpreter(version_dir: &Path, bundle: &Path) -> Command {
    let mut command = Command::new(version_dir.join("python"));
    command.arg("-I").arg(version_dir.join(ekiben::start_script::NAME)).arg(bundle);
    command
}

fn time(command: &mut Command) -> Duration {
    let begun = Instant::now();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status().unwrap();
    let time = begun.elapsed();
    assert!(status.success(), "{command:?}");
    time
}

fn median(times: impl IntoIterator<Item = Duration>) -> Duration {
    let mut times: Vec<_> = times.into_iter().collect();
    times.sort();
    times[times.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
