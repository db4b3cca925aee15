//! What the launcher alone adds: its app is a program that does nothing. The floor is a static C program that only execs.

use std::path::{Path, PathBuf};
use std::process::Command;

use ekiben_tests::TestContext;

use crate::timing::{Contestant, Cost, cost, interleaved};

const ROUNDS: usize = 2000;
const NOTHING: &str = "int main(void) { return 0; }";
const ONLY_EXECS: &str = "#include <unistd.h>
int main(int argc, char **argv, char **envp) { return execve(argv[1], argv + 1, envp); }";

pub(crate) fn run() {
    let context = TestContext::new();
    let nothing = compiled(&context, "nothing", NOTHING);
    let only_execs = compiled(&context, "only-execs", ONLY_EXECS);
    let bundle = context.bundle_around(&nothing, "");
    let start = |program: &Path| {
        let mut command = Command::new(program);
        command.env_clear().env("EKIBEN_ROOT", context.installs());
        command
    };
    cost(&mut start(&bundle));
    let contestants = vec![
        Contestant::new("directly", |_| cost(&mut start(&nothing))),
        Contestant::new("C, only execs", |_| cost(start(&only_execs).arg(&nothing))),
        Contestant::new("launcher", |_| cost(&mut start(&bundle))),
    ];
    let times = interleaved(contestants, ROUNDS);
    println!("{:20}{:>10}{:>12}{:>10}{:>10}{:>10}", "launcher alone", "ms", "adds ms", "ratio", "cpu ms", "ratio");
    let floor = |of: fn(&Cost) -> f64| times.beyond("C, only execs", "directly", of);
    for name in ["directly", "C, only execs", "launcher"] {
        let (adds, cpu) = (times.beyond(name, "directly", |c| c.wall), times.beyond(name, "directly", |c| c.cpu));
        println!(
            "{name:20}{:>10.3}{adds:>12.3}{:>10.2}{cpu:>10.3}{:>10.2}",
            times.median(name, |c| c.wall),
            adds / floor(|c| c.wall),
            cpu / floor(|c| c.cpu)
        );
    }
}

fn compiled(context: &TestContext, name: &str, source: &str) -> PathBuf {
    let (source, program) = (context.write(format!("{name}.c"), source), context.path(name));
    let status =
        Command::new("musl-gcc").args(["-static", "-Os", "-s", "-o"]).arg(&program).arg(source).status().unwrap();
    assert!(status.success());
    program
}
