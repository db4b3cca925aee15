//! How long the steps of a build took.

use std::time::{Duration, Instant};

/// How long each step took, in the order in which they ended.
#[derive(Debug, Default)]
pub struct Timings(Vec<(&'static str, Duration)>);

impl Timings {
    /// Does the work and notes how long it took.
    pub fn step<T>(&mut self, name: &'static str, work: impl FnOnce() -> T) -> T {
        let (result, time) = measured(work);
        self.add(name, time);
        result
    }

    /// Notes a step that was measured elsewhere, for example on another thread.
    pub fn add(&mut self, name: &'static str, time: Duration) {
        self.0.push((name, time));
    }

    /// The steps with their times.
    pub fn steps(&self) -> &[(&'static str, Duration)] {
        &self.0
    }
}

/// The result of the work, and how long it took.
pub fn measured<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let result = work();
    (result, begun.elapsed())
}
