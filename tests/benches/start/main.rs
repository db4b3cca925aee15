//! How long starts take, against what no program could do without.
//!
//! ```text
//! cargo bench --profile dev -p ekiben-tests --bench start                        everything
//! cargo bench --profile dev -p ekiben-tests --bench start -- launcher            what the launcher alone adds
//! cargo bench --profile dev -p ekiben-tests --bench start -- warm first reuse    with three apps
//! ```
//!
//! Runs are interleaved, and what counts are medians, their differences and ratios within one run: machines differ, and are
//! busy. A question is one file; a further program to compare with is a further [`timing::Contestant`] there.

#![expect(clippy::unwrap_used, reason = "a surprise ends the benchmark")]

mod first;
mod floor;
mod launcher;
mod reuse;
mod timing;
mod warm;

fn main() {
    let mut arguments: Vec<_> = std::env::args_os().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.first().is_some_and(|argument| argument == floor::ARGUMENT) {
        return floor::child(&arguments.split_off(1));
    }
    if arguments.first().is_some_and(|argument| argument == first::PEAK) {
        return first::tell_peak(&arguments.split_off(1));
    }
    let asked = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == name);
    let questions: [(&str, fn()); 4] =
        [("launcher", launcher::run), ("warm", warm::run), ("first", first::run), ("reuse", reuse::run)];
    for (name, run) in questions {
        if asked(name) {
            run();
        }
    }
}
