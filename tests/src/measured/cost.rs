//! Running things in turn, and medians.

use std::time::{Duration, Instant};

/// What a run took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// Milliseconds on the clock.
    pub wall: f64,
    /// Milliseconds of all cores together, in the program and in the system for it: on a busy machine the steadier figure.
    pub cpu: f64,
    /// The most memory that one of its processes held, in MB.
    pub peak: f64,
}

impl Cost {
    /// Both, one after the other.
    #[must_use]
    pub fn and(self, then: Self) -> Self {
        Self { wall: self.wall + then.wall, cpu: self.cpu + then.cpu, peak: self.peak.max(then.peak) }
    }
}

/// Something to measure: its name, and one run of it, which gets the number of the round.
pub struct Contestant<'a> {
    name: String,
    run: Box<dyn FnMut(usize) -> Cost + 'a>,
}

impl<'a> Contestant<'a> {
    /// A contestant; names are told apart in [`Costs`].
    pub fn new(name: impl Into<String>, run: impl FnMut(usize) -> Cost + 'a) -> Self {
        Self { name: name.into(), run: Box::new(run) }
    }
}

impl std::fmt::Debug for Contestant<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contestant").field("name", &self.name).finish_non_exhaustive()
    }
}

/// How often all contestants run: at most, and when time is up, at least.
#[derive(Debug, Clone, Copy)]
pub struct Rounds {
    /// However long they take.
    pub at_least: usize,
    /// However short they take.
    pub at_most: usize,
    /// When this is over, no further round begins.
    pub time: Duration,
}

/// What each contestant took, in the order of the rounds.
#[derive(Debug)]
pub struct Costs(Vec<(String, Vec<Cost>)>);

/// Runs all contestants once in each round, each round beginning with another one. `between` is called after each round.
pub fn interleaved(mut contestants: Vec<Contestant<'_>>, rounds: Rounds, mut between: impl FnMut(usize)) -> Costs {
    let begun = Instant::now();
    let mut costs: Vec<_> = contestants.iter().map(|contestant| (contestant.name.clone(), Vec::new())).collect();
    for round in 0..rounds.at_most {
        if round >= rounds.at_least && begun.elapsed() > rounds.time {
            break;
        }
        for at in 0..contestants.len() {
            let at = (at + round) % contestants.len();
            costs[at].1.push((contestants[at].run)(round));
        }
        between(round);
    }
    Costs(costs)
}

impl Costs {
    /// The median of what a contestant took; `None` if there is no such contestant.
    pub fn median(&self, name: &str, of: impl Fn(&Cost) -> f64) -> Option<f64> {
        median(self.of(name)?.iter().map(of).collect())
    }

    /// The median of the differences within a round.
    pub fn beyond(&self, name: &str, base: &str, of: impl Fn(&Cost) -> f64) -> Option<f64> {
        median(self.of(name)?.iter().zip(self.of(base)?).map(|(cost, base)| of(cost) - of(base)).collect())
    }

    /// How many rounds there were.
    pub fn rounds(&self) -> usize {
        self.0.first().map_or(0, |(_, costs)| costs.len())
    }

    fn of(&self, name: &str) -> Option<&[Cost]> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, costs)| costs.as_slice())
    }
}

fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let upper = *numbers.get(numbers.len() / 2)?;
    let lower = numbers[(numbers.len() - 1) / 2];
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    const EVER: Duration = Duration::from_secs(3600);

    fn took(wall: f64) -> Cost {
        Cost { wall, cpu: 0.0, peak: 0.0 }
    }

    #[test]
    fn a_median_is_in_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0]), Some(3.0));
        assert_eq!(median(vec![9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![9.0, 1.0, 2.0, 4.0]), Some(3.0));
    }

    #[test]
    fn each_round_begins_with_another_contestant_and_differences_are_paired() {
        let order = RefCell::new(Vec::new());
        let contestant = |name: &'static str, costs: [f64; 3]| {
            let order = &order;
            Contestant::new(name, move |round| {
                order.borrow_mut().push(name);
                took(costs[round])
            })
        };
        // The machine is slower by 100 in the second round.
        let contestants = vec![contestant("a", [1.0, 102.0, 3.0]), contestant("b", [11.0, 113.0, 12.0])];
        let costs = interleaved(contestants, Rounds { at_least: 1, at_most: 3, time: EVER }, |_| ());
        assert_eq!(*order.borrow(), ["a", "b", "b", "a", "a", "b"]);
        assert_eq!((costs.rounds(), costs.median("a", |c| c.wall)), (3, Some(3.0)));
        assert_eq!(costs.beyond("b", "a", |c| c.wall), Some(10.0));
        assert_eq!((costs.median("c", |c| c.wall), costs.beyond("a", "c", |c| c.wall)), (None, None));
    }

    #[test]
    fn when_time_is_up_there_is_no_further_round_than_is_needed() {
        let rounds = Rounds { at_least: 2, at_most: 9, time: Duration::ZERO };
        let mut ended = Vec::new();
        let costs = interleaved(vec![Contestant::new("a", |_| took(1.0))], rounds, |round| ended.push(round));
        assert_eq!((costs.rounds(), ended), (2, vec![0, 1]));
    }
}
