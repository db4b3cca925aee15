//! Variables of Python's that a bundle may pass on. The interpreter runs isolated and ignores all of them, so it gets options
//! that mean the same.
//!
//! Only variables with such an option can be passed on. None of them chooses code: they say how the interpreter of the bundle
//! runs what is in the bundle. Every decision here is a pure function, tested on any machine.

use std::ffi::OsStr;

/// How a value becomes an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Any value except an empty one and 0 turns on an option that is a letter.
    Letter,
    /// Any value except an empty one turns it on.
    Set,
    /// `1` turns it on, `0` off.
    OnOff,
    /// The value is a number, and goes with it.
    Number,
}

/// The names of variables, and their options: a letter, or the name of a `-X` option.
/// <https://docs.python.org/3/using/cmdline.html#environment-variables>
const KNOWN: [(&str, &str, Form); 9] = [
    ("PYTHONUNBUFFERED", "-u", Form::Letter),
    ("PYTHONUTF8", "utf8", Form::OnOff),
    ("PYTHONDEVMODE", "dev", Form::Set),
    ("PYTHONFAULTHANDLER", "faulthandler", Form::Set),
    ("PYTHONTRACEMALLOC", "tracemalloc", Form::Number),
    ("PYTHONPROFILEIMPORTTIME", "importtime", Form::Set),
    ("PYTHONINTMAXSTRDIGITS", "int_max_str_digits", Form::Number),
    ("PYTHONWARNDEFAULTENCODING", "warn_default_encoding", Form::Set),
    ("PYTHON_CPU_COUNT", "cpu_count", Form::Number),
];

/// The names of all variables that can be passed on.
pub fn names() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|(name, ..)| *name)
}

/// The options for those variables among `names` that are set.
pub fn options_from_environment(names: &[String]) -> Vec<String> {
    let set = names.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    set.flat_map(|(name, value)| options(name, &value)).collect()
}

/// The options that mean the same as the variable `name` with this value. None for a value without a meaning, and for variables
/// that can't be passed on.
fn options(name: &str, value: &OsStr) -> Vec<String> {
    let Some((_, option, form)) = KNOWN.iter().find(|(known, ..)| *known == name) else { return Vec::new() };
    // A value that is not UTF-8 is not a number; otherwise any text does.
    let value = value.to_str().unwrap_or("?");
    let value = match form {
        _ if value.is_empty() => return Vec::new(),
        Form::Letter if value.bytes().all(|byte| byte == b'0') => return Vec::new(),
        Form::Letter => return vec![(*option).to_owned()],
        Form::Set => (*option).to_owned(),
        Form::OnOff if matches!(value, "0" | "1") => [option, "=", value].concat(),
        Form::Number if value.bytes().all(|byte| byte.is_ascii_digit()) => [option, "=", value].concat(),
        Form::OnOff | Form::Number => return Vec::new(),
    };
    vec!["-X".to_owned(), value]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_becomes_the_option_that_means_the_same() {
        let table: [(&str, &str, &[&str]); 12] = [
            ("PYTHONUNBUFFERED", "1", &["-u"]),
            ("PYTHONUNBUFFERED", "", &[]),
            ("PYTHONUNBUFFERED", "0", &[]),
            ("PYTHONUTF8", "1", &["-X", "utf8=1"]),
            ("PYTHONUTF8", "0", &["-X", "utf8=0"]),
            ("PYTHONUTF8", "yes", &[]),
            ("PYTHONDEVMODE", "x", &["-X", "dev"]),
            ("PYTHONTRACEMALLOC", "25", &["-X", "tracemalloc=25"]),
            ("PYTHONTRACEMALLOC", "1 -c", &[]),
            ("PYTHONPATH", "/x", &[]),
            ("PYTHONINSPECT", "1", &[]),
            ("-c", "1", &[]),
        ];
        for (name, value, expected) in table {
            assert_eq!(options(name, OsStr::new(value)), expected, "{name}={value}");
        }
    }
}
