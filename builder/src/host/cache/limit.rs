//! How large the cache may get, and how people write sizes and ages.

use std::env;
use std::time::Duration;

use super::Cache;
use crate::report::Report;
use crate::report::failure::Failure;

/// The variable that limits the cache: `10GB`, `500MB`, `none`.
const LIMIT: &str = "EKIBEN_CACHE_LIMIT";

/// The default, enough for some dozens of builds.
const DEFAULT: u64 = 5_000_000_000;

impl Cache {
    /// Removes the least recently used entries if the cache exceeds its limit.
    pub fn keep_within_limit(&self, report: &Report) {
        let said = env::var(LIMIT).unwrap_or_default();
        match said.trim() {
            "" => self.keep_within(DEFAULT, report),
            "none" => {}
            text => match bytes(text) {
                Some(limit) => self.keep_within(limit, report),
                None => report.notice(format!("{LIMIT} is `{text}`, which is not a size: write `10GB`, or `none`")),
            },
        }
    }
}

/// `10GB`, `1.5 GiB`, `500m`.
fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let thousand = if unit.contains('i') { 1024_f64 } else { 1000_f64 };
    let power = match unit.trim_end_matches(['b', 'i']) {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        _ => return None,
    };
    Some((number * thousand.powi(power)) as u64)
}

/// Parses `30d`, `12h`, `2w`, in the form that clap needs.
///
/// # Errors
/// When it has another form.
pub fn age(text: &str) -> Result<Duration, Failure> {
    const HOUR: f64 = 60.0 * 60.0;
    let unit = |unit: &str| match unit {
        "h" | "hours" => Some(HOUR),
        "d" | "days" => Some(24.0 * HOUR),
        "w" | "weeks" => Some(7.0 * 24.0 * HOUR),
        _ => None,
    };
    let seconds = split(text).and_then(|(number, name)| Some(number * unit(&name)?));
    let age = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    age.ok_or_else(|| Failure::new("write a number and `h`, `d` or `w`, such as `30d`"))
}

/// The number and what follows it, in lower case.
fn split(text: &str) -> Option<(f64, String)> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, text[end..].trim().to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_ages_are_read_as_people_write_them() {
        for (text, expected) in [
            ("10GB", Some(10_000_000_000)),
            ("1.5 GiB", Some(1_610_612_736)),
            ("500m", Some(500_000_000)),
            ("0", Some(0)),
            ("7 apples", None),
            ("", None),
        ] {
            assert_eq!(bytes(text), expected, "{text}");
        }
        for (text, hours) in [("12h", Some(12)), ("30d", Some(720)), ("2 weeks", Some(336)), ("30", None), ("d", None)]
        {
            assert_eq!(age(text).ok().map(|age| age.as_secs() / 3600), hours, "{text}");
        }
    }
}
