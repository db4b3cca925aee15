//! Time spans on the command line: `90d`.

use std::str::FromStr;

/// Seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub u64);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a time span such as 12h, 90d or 52w");
        let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
        let seconds = match unit {
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            "w" => 604_800,
            _ => return Err(wrong()),
        };
        // Ten thousand years are enough for everybody, and no sum of them overflows.
        number
            .parse()
            .ok()
            .filter(|number| (1..=3_650_000).contains(number))
            .map(|n: u64| Self(n * seconds))
            .ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        assert_eq!("90d".parse(), Ok(Span(90 * 86_400)));
        assert_eq!("1m".parse(), Ok(Span(60)));
        for wrong in ["", "d", "90", "0d", "-1d", "1y", "99999999999999999999d", "ü"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }
}
