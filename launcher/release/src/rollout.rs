//! Staged roll-outs: a part of all machines gets a version first. Which, is decided by each machine for itself, the same way
//! each time, and another way for each salt.

use bundle::Digest;
use serde::{Deserialize, Serialize};

/// Who gets a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollout {
    /// So many of a hundred machines.
    pub percent: u8,
    /// Mixed into the choice, so that another release begins with other machines.
    pub salt: String,
    /// Seconds since 1970: before, no machine gets it.
    #[serde(default)]
    pub start: u64,
}

impl Rollout {
    /// Whether a machine is among those that get it. `machine` is any text that stays the same and that no other machine has.
    pub fn includes(&self, machine: &str, now: u64) -> bool {
        now >= self.start && place(&self.salt, machine) < u64::from(self.percent)
    }
}

/// A number below 100.
fn place(salt: &str, machine: &str) -> u64 {
    let digest = Digest::of_parts(&[salt.as_bytes(), &[0], machine.as_bytes()]);
    let mut first = [0; 8];
    first.copy_from_slice(digest.as_bytes().first_chunk::<8>().unwrap_or(&[0; 8]));
    u64::from_le_bytes(first) % 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollout_reaches_its_part_of_ten_thousand_machines_within_one_percent() {
        for percent in [1, 10, 50, 99] {
            let rollout = Rollout { percent, salt: "1.4.0".to_owned(), start: 0 };
            let reached = (0..10_000).filter(|id| rollout.includes(&format!("machine-{id}"), 1)).count();
            assert!(reached.abs_diff(usize::from(percent) * 100) <= 100, "{percent} %: {reached}");
        }
        let all = Rollout { percent: 100, salt: String::new(), start: 5 };
        assert!((0..1000).all(|id| all.includes(&id.to_string(), 5)) && !all.includes("1", 4));
    }

    #[test]
    fn a_larger_part_includes_the_smaller_one_and_another_salt_chooses_others() {
        let of = |percent, salt: &str| Rollout { percent, salt: salt.to_owned(), start: 0 };
        let ids = || (0..1000).map(|id| id.to_string());
        assert!(ids().filter(|id| of(10, "a").includes(id, 1)).all(|id| of(20, "a").includes(&id, 1)));
        assert!(ids().any(|id| of(10, "a").includes(&id, 1) != of(10, "b").includes(&id, 1)));
    }
}
