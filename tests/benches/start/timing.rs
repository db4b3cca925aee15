//! Running things in turn, and medians.

use std::process::{Command, Stdio};
use std::time::Instant;

/// What a run took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// Milliseconds on the clock.
    pub(crate) wall: f64,
    /// Milliseconds of all cores together, in the program and in the system for it: on a busy machine the steadier figure.
    pub(crate) cpu: f64,
    /// The most memory that one of its processes held, in MB.
    pub(crate) peak: f64,
}

/// Something to measure: its name, and one run of it, which gets the number of the round.
pub(crate) struct Contestant<'a> {
    name: &'static str,
    run: Box<dyn FnMut(usize) -> Cost + 'a>,
}

impl<'a> Contestant<'a> {
    pub(crate) fn new(name: &'static str, run: impl FnMut(usize) -> Cost + 'a) -> Self {
        Self { name, run: Box::new(run) }
    }
}

/// What each contestant took, in the order of the rounds.
pub(crate) struct Costs(Vec<(&'static str, Vec<Cost>)>);

/// Runs all contestants once in each round, each round beginning with another one.
pub(crate) fn interleaved(mut contestants: Vec<Contestant<'_>>, rounds: usize) -> Costs {
    let mut costs: Vec<_> = contestants.iter().map(|contestant| (contestant.name, Vec::new())).collect();
    for round in 0..rounds {
        for at in 0..contestants.len() {
            let at = (at + round) % contestants.len();
            costs[at].1.push((contestants[at].run)(round));
        }
    }
    Costs(costs)
}

impl Costs {
    pub(crate) fn median(&self, name: &str, of: impl Fn(&Cost) -> f64) -> f64 {
        median(self.of(name).iter().map(of).collect())
    }

    /// The median of the differences within a round.
    pub(crate) fn beyond(&self, name: &str, base: &str, of: impl Fn(&Cost) -> f64) -> f64 {
        median(self.of(name).iter().zip(self.of(base)).map(|(cost, base)| of(cost) - of(base)).collect())
    }

    fn of(&self, name: &str) -> &[Cost] {
        &self.0.iter().find(|(other, _)| *other == name).unwrap().1
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// Runs a program, which must end well.
pub(crate) fn cost(command: &mut Command) -> Cost {
    let (cost, fine) = ended(command.stdin(Stdio::null()).stdout(Stdio::null()));
    assert!(fine, "{command:?}");
    cost
}

/// Runs a program to its end, and whether that was a good one.
#[expect(unsafe_code, clippy::zombie_processes, reason = "std waits without asking what it took")]
pub(crate) fn ended(command: &mut Command) -> (Cost, bool) {
    let begun = Instant::now();
    let child = command.spawn().unwrap();
    let mut status = 0;
    // SAFETY: all zeros are a valid `rusage`.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: our own child, not waited for before, and two places of the right types.
    let waited = unsafe { libc::wait4(child.id().cast_signed(), &mut status, 0, &mut usage) };
    let wall = begun.elapsed().as_secs_f64() * 1000.0;
    assert_eq!(waited, child.id().cast_signed());
    let cpu = milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
    (Cost { wall, cpu, peak: usage.ru_maxrss as f64 / 1000.0 }, status == 0)
}

pub(crate) fn milliseconds(time: libc::timeval) -> f64 {
    time.tv_sec as f64 * 1000.0 + time.tv_usec as f64 / 1000.0
}
