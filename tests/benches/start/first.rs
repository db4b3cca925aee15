//! A first start, beyond a later one: against the floor of any extraction (`floor.rs`), `cp -r` of the tree, and `tar x` of
//! an uncompressed archive; on one core and on two.
//!
//! Each run has a directory of its own, and they are deleted at the end: a disk that deletes and creates in turns gets
//! slower by the minute.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use ekiben_tests::{Os, TestContext};

use crate::floor;
use crate::timing::{Contestant, Cost, cost, ended, interleaved};
use crate::warm::APPS;

const ROUNDS: usize = 7;

pub(crate) fn run() {
    let heads = ["cores", "floor ms", "ekiben ms", "cp -r ms", "tar x ms", "to floor", "to cp", "cpu floor", "peak MB"];
    println!("{:12}{}", "first start", heads.map(|head| format!("{head:>11}")).concat());
    for (app, arguments) in APPS {
        for (cores, started_by) in [(2, &["taskset", "-c", "0,1"][..]), (1, &["taskset", "-c", "0"][..])] {
            measure(app, arguments, cores, started_by);
        }
    }
}

fn measure(app: &str, arguments: &[&str], cores: usize, started_by: &[&str]) {
    let context = TestContext::new();
    let bundle = context.bundle(app, Os::Linux);
    let start = |root: &str| {
        let mut command = on(started_by, &bundle);
        command.args(arguments).env("EKIBEN_ROOT", context.path(root));
        command
    };
    cost(&mut start("installs"));
    let tree = context.version_dir(app);
    let tar = context.path("tree.tar");
    assert!(Command::new("tar").arg("cf").arg(&tar).arg("-C").arg(&tree).arg(".").status().unwrap().success());
    let plan = floor::plan(&bundle, context.path("plan"));
    let fresh = |name: &str, round: usize| {
        let path = context.path(format!("{name}-{round}"));
        fs::create_dir(&path).unwrap();
        path
    };
    let contestants = vec![
        Contestant::new("later", |_| cost(&mut start("installs"))),
        Contestant::new("first", |round| cost(&mut start(&format!("first-{round}")))),
        Contestant::new("floor", |round| floor::extract(&plan, &bundle, &fresh("floor", round), started_by)),
        Contestant::new("cp", |round| cost(on(started_by, "cp").arg("-r").arg(tree.join(".")).arg(fresh("cp", round)))),
        Contestant::new("tar", |round| {
            cost(on(started_by, "tar").arg("xf").arg(&tar).arg("-C").arg(fresh("tar", round)))
        }),
    ];
    let times = interleaved(contestants, ROUNDS);
    let wall = |name| times.median(name, |c| c.wall);
    let beyond = |of: fn(&Cost) -> f64| times.beyond("first", "later", of);
    let (floor, first, cp, tar) = (wall("floor"), beyond(|c| c.wall), wall("cp"), wall("tar"));
    let cpu = beyond(|c| c.cpu) / times.median("floor", |c| c.cpu);
    println!(
        "{app:12}{cores:>11}{floor:>11.0}{first:>11.0}{cp:>11.0}{tar:>11.0}{:>11.2}{:>11.2}{cpu:>11.2}{:>11.1}",
        first / floor,
        first / cp,
        peak(&context, &bundle, started_by)
    );
}

/// A program on some of the machine's cores.
pub(crate) fn on(started_by: &[&str], program: impl AsRef<OsStr>) -> Command {
    let (starter, arguments) = started_by.split_first().unwrap();
    let mut command = Command::new(starter);
    command.args(arguments).arg(program);
    command
}

/// Makes the benchmark's executable a program that runs another one and prints what memory that held.
pub(crate) const PEAK: &str = "tell-peak";

/// The most memory that the launcher holds in a first start, in MB. The interpreter would hold more: so its start is made
/// to fail, which the launcher answers with an exit code. Started by a process that holds little itself, because what a
/// process holds before it executes another program counts, too.
fn peak(context: &TestContext, bundle: &Path, started_by: &[&str]) -> f64 {
    let mut command = on(started_by, env::current_exe().unwrap());
    command.args([PEAK, "strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=execve"]);
    command.args(["-e", "inject=execve:error=EACCES:when=1", "--"]).arg(bundle);
    let output = command.env("EKIBEN_ROOT", context.path("peak")).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// The process that holds little.
pub(crate) fn tell_peak(command: &[OsString]) {
    let (program, arguments) = command.split_first().unwrap();
    let (cost, fine) = ended(Command::new(program).args(arguments).stdout(Stdio::null()));
    assert!(!fine, "the interpreter was started");
    println!("{}", cost.peak);
}
