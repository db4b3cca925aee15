//! Sharing out a frame's bytes among its entries.

use std::io::{self, Write};

/// Quick, and close enough to the proportions that a bundle's own level gives.
const LEVEL: i32 = 6;
/// As far back as a bundle's own frames look.
const WINDOW_LOG: u32 = 23;

/// A compressor that tells how much longer its output has become.
pub(super) struct Output {
    encoder: zstd::Encoder<'static, Counter>,
    told: u64,
}

impl Output {
    pub(super) fn new() -> io::Result<Self> {
        let mut encoder = zstd::Encoder::new(Counter(0), LEVEL)?;
        encoder.window_log(WINDOW_LOG)?;
        Ok(Self { encoder, told: 0 })
    }

    /// How many bytes came out since the last call, for what was written since then.
    pub(super) fn grown(&mut self) -> io::Result<u64> {
        self.encoder.flush()?;
        let all = self.encoder.get_ref().0;
        Ok(all - std::mem::replace(&mut self.told, all))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.encoder.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.encoder.flush()
    }
}

struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Shares `total` out in proportion to `weights`; the shares add up to it.
pub(super) fn out(total: u64, weights: &[u64]) -> Vec<u64> {
    let all: u128 = weights.iter().map(|weight| u128::from(*weight)).sum::<u128>().max(1);
    // What has been given to all up to and with each, so that no rounding is lost.
    let mut before = 0;
    let mut sum = 0;
    let share = |weight: &u64| {
        sum += u128::from(*weight);
        let upto = u64::try_from(u128::from(total) * sum / all).unwrap_or(total);
        upto - std::mem::replace(&mut before, upto)
    };
    weights.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up() {
        for (total, weights) in
            [(100, vec![1, 1, 1]), (7, vec![10, 0, 1]), (u64::MAX >> 2, vec![u64::MAX >> 2, 3]), (5, vec![2])]
        {
            let shares = out(total, &weights);
            assert_eq!(shares.iter().sum::<u64>(), total, "{weights:?}");
            assert_eq!(shares.len(), weights.len());
        }
        assert_eq!(out(100, &[3, 1, 0]), [75, 25, 0]);
        assert!(out(0, &[]).is_empty());
    }

    #[test]
    fn what_was_there_before_costs_next_to_nothing() {
        let mut output = Output::new().unwrap();
        let text: Vec<u8> = (0..20_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        output.write_all(&text).unwrap();
        let first = output.grown().unwrap();
        output.write_all(&text).unwrap();
        let again = output.grown().unwrap();
        assert!(first > 60_000 && again < 1_000, "{first} {again}");
    }
}
