//! Windows command lines: one string that every program splits into arguments itself.
//!
//! Python splits it with Microsoft's C runtime, whose rules are in
//! <https://learn.microsoft.com/en-us/cpp/c-language/parsing-c-command-line-arguments>:
//!
//! - The first argument ends at the first space or tab outside double quotes. Quotes are dropped, backslashes are
//!   ordinary characters.
//! - In every further one, a run of backslashes is special only before a double quote: `2n` of them give `n` and the
//!   quote opens or closes, `2n+1` give `n` and a literal quote. Inside quotes, `""` is one literal quote.
//!
//! What the user typed is not split and joined again: that part of the line is passed on verbatim, so odd quoting and
//! unpaired surrogates arrive unchanged. Everything here is a pure function over UTF-16 units, tested on any machine.

use std::fmt;

/// The most units a command line may have, without the NUL at its end.
/// <https://learn.microsoft.com/en-us/windows/win32/api/processthreadsapi/nf-processthreadsapi-createprocessw>
pub const LONGEST: usize = 32_766;

const QUOTE: u16 = b'"' as u16;
const BACKSLASH: u16 = b'\\' as u16;
const SPACE: u16 = b' ' as u16;
const TAB: u16 = b'\t' as u16;
const EXE: [u16; 4] = [b'.' as u16, b'e' as u16, b'x' as u16, b'e' as u16];

/// Why a command line can't be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwritable {
    /// A part holds a NUL, which would end the line.
    Nul,
    /// The program's path holds a double quote, which no rule can escape.
    QuoteInProgram,
    /// The line would have `length` units, more than [`LONGEST`].
    TooLong {
        /// Units of the line, without the NUL at its end.
        length: usize,
    },
}

/// A command line as the user typed it, cut behind its first argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed<'a> {
    /// The first argument as a program sees it: without quotes.
    pub argv0: Vec<u16>,
    /// The rest, verbatim: empty, or the space or tab and what follows.
    pub tail: &'a [u16],
}

impl Typed<'_> {
    /// Replaces the program's name by its path, if it was found in PATH by that name: the name has no separator, and the path ends
    /// with it, or with it and `.exe`. ASCII case does not matter. Another name, which the caller chose, stays.
    #[must_use]
    pub fn with_path(mut self, path: &[u16]) -> Self {
        let same = |a: &[u16], b: &[u16]| a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| lower(a) == lower(b));
        let name = path.rsplit(|&unit| is_separator(unit)).next().unwrap_or_default();
        let stem = name.len().checked_sub(EXE.len()).map(|end| name.split_at(end));
        let stem = stem.filter(|(_, suffix)| same(suffix, &EXE)).map(|(stem, _)| stem);
        let typed = &self.argv0;
        if !typed.is_empty() && (same(typed, name) || stem.is_some_and(|stem| same(typed, stem))) {
            self.argv0 = path.to_vec();
        }
        self
    }
}

fn lower(unit: u16) -> u16 {
    u8::try_from(unit).map_or(unit, |byte| byte.to_ascii_lowercase().into())
}

fn is_separator(unit: u16) -> bool {
    unit == BACKSLASH || unit == u16::from(b'/')
}

/// Writes the line for `program arguments… TYPED_ARGV0 TYPED_ARGS…`, with no NUL at its end.
///
/// # Errors
/// [`Unwritable`].
pub fn write(program: &[u16], arguments: &[Vec<u16>], typed: &Typed<'_>) -> Result<Vec<u16>, Unwritable> {
    if program.contains(&QUOTE) {
        return Err(Unwritable::QuoteInProgram);
    }
    let mut line = vec![QUOTE];
    line.extend_from_slice(program);
    line.push(QUOTE);
    for argument in arguments.iter().chain([&typed.argv0]) {
        line.push(SPACE);
        line.extend(quote(argument));
    }
    line.extend_from_slice(typed.tail);
    if line.contains(&0) {
        return Err(Unwritable::Nul);
    }
    if line.len() > LONGEST {
        return Err(Unwritable::TooLong { length: line.len() });
    }
    Ok(line)
}

/// Cuts a command line behind its first argument, by the first of the rules above.
///
/// A line that begins with a space has an empty first argument, as in the runtime.
pub fn split(line: &[u16]) -> Typed<'_> {
    let mut argv0 = Vec::new();
    let mut quoted = false;
    for (at, &unit) in line.iter().enumerate() {
        match unit {
            QUOTE => quoted = !quoted,
            SPACE | TAB if !quoted => return Typed { argv0, tail: &line[at..] },
            _ => argv0.push(unit),
        }
    }
    Typed { argv0, tail: &[] }
}

/// Writes an argument (not the first one) so that the runtime reads exactly it.
pub fn quote(argument: &[u16]) -> Vec<u16> {
    let plain = !argument.is_empty() && !argument.iter().any(|unit| matches!(*unit, SPACE | TAB | QUOTE));
    if plain {
        return argument.to_vec();
    }
    let mut quoted = vec![QUOTE];
    let mut backslashes = 0;
    for &unit in argument {
        if unit == QUOTE {
            // Those before a quote are halved by the reader, and the quote itself needs one.
            quoted.extend(std::iter::repeat_n(BACKSLASH, backslashes + 1));
        }
        backslashes = if unit == BACKSLASH { backslashes + 1 } else { 0 };
        quoted.push(unit);
    }
    quoted.extend(std::iter::repeat_n(BACKSLASH, backslashes));
    quoted.push(QUOTE);
    quoted
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nul => f.write_str("the command line holds a NUL character"),
            Self::QuoteInProgram => f.write_str("the program's path holds a double quote"),
            Self::TooLong { length } => {
                write!(f, "the command line has {length} characters, Windows allows {LONGEST}")
            }
        }
    }
}

impl std::error::Error for Unwritable {}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[test]
    fn a_name_that_was_found_in_path_becomes_a_path() {
        let own = r"C:\Tools\ÄApp.exe";
        let table = [
            ("ÄApp", own),
            ("Äapp.EXE", own),
            (r".\ÄApp", r".\ÄApp"),
            (r"c:\tools\ÄApp.exe", r"c:\tools\ÄApp.exe"),
            ("App", "App"),
            ("", ""),
            (".exe", ".exe"),
        ];
        for (typed, expected) in table {
            let line = units(&format!("\"{typed}\" x"));
            let typed = split(&line).with_path(&units(own));
            assert_eq!((typed.argv0, typed.tail), (units(expected), &units(" x")[..]));
        }
        assert_eq!(split(&units("app")).with_path(&[]).argv0, units("app"));
    }

    /// Reads a whole line as the C runtime does, written from the rules and not from the code above.
    fn read(line: &[u16]) -> Vec<Vec<u16>> {
        let first = split(line);
        let mut arguments = vec![first.argv0];
        let mut rest = first.tail;
        loop {
            while let [SPACE | TAB, after @ ..] = rest {
                rest = after;
            }
            if rest.is_empty() {
                return arguments;
            }
            let mut argument = Vec::new();
            let mut quoted = false;
            while let [unit, after @ ..] = rest {
                let unit = *unit;
                let backslashes = rest.iter().take_while(|unit| **unit == BACKSLASH).count();
                match unit {
                    BACKSLASH if rest.get(backslashes) == Some(&QUOTE) => {
                        argument.extend(vec![BACKSLASH; backslashes / 2]);
                        rest = &rest[backslashes..];
                        if backslashes % 2 == 1 {
                            argument.push(QUOTE);
                            rest = &rest[1..];
                        }
                        continue;
                    }
                    QUOTE if quoted && after.first() == Some(&QUOTE) => {
                        argument.push(QUOTE);
                        rest = &after[1..];
                        continue;
                    }
                    QUOTE => quoted = !quoted,
                    SPACE | TAB if !quoted => break,
                    _ => argument.push(unit),
                }
                rest = after;
            }
            arguments.push(argument);
        }
    }

    /// Every text of up to `longest` characters over the ones that matter.
    fn texts(longest: usize) -> Vec<Vec<u16>> {
        let mut all = vec![Vec::new()];
        let mut from = 0;
        for _ in 0..longest {
            let to = all.len();
            for at in from..to {
                for unit in [QUOTE, BACKSLASH, SPACE, TAB, u16::from(b'a'), 0xd800] {
                    let mut longer = all[at].clone();
                    longer.push(unit);
                    all.push(longer);
                }
            }
            from = to;
        }
        all
    }

    #[test]
    fn the_documented_examples_are_read_as_documented() {
        for (typed, expected) in [
            (r#"x "a b c" d e"#, vec!["x", "a b c", "d", "e"]),
            (r#"x "ab\"c" "\\" d"#, vec!["x", r#"ab"c"#, r"\", "d"]),
            (r#"x a\\\b d"e f"g h"#, vec!["x", r"a\\\b", "de fg", "h"]),
            (r#"x a\\\"b c d"#, vec!["x", r#"a\"b"#, "c", "d"]),
            (r#"x a\\\\"b c" d e"#, vec!["x", r"a\\b c", "d", "e"]),
            (r#"x a"b"" c d"#, vec!["x", r#"ab" c d"#]),
        ] {
            let expected: Vec<_> = expected.into_iter().map(units).collect();
            assert_eq!(read(&units(typed)), expected, "{typed}");
        }
    }

    #[test]
    fn the_first_argument_is_cut_where_the_runtime_cuts_it() {
        for (line, argv0, tail) in [
            ("", "", ""),
            ("app", "app", ""),
            ("app  one", "app", "  one"),
            ("app\tone", "app", "\tone"),
            (r#""C:\my apps\app.exe" one"#, r"C:\my apps\app.exe", " one"),
            (r#""C:\my apps\"app.exe one"#, r"C:\my apps\app.exe", " one"),
            (r#"C:\my" "apps\app.exe "#, r"C:\my apps\app.exe", " "),
            (r#""C:\dir\" one"#, r"C:\dir\", " one"),
            (r#""never closed one"#, "never closed one", ""),
            (" one", "", " one"),
        ] {
            assert_eq!(split(&units(line)), Typed { argv0: units(argv0), tail: &units(tail) }, "{line}");
        }
    }

    #[test]
    fn quoting_adds_no_more_than_needed() {
        for (argument, quoted) in [
            ("", r#""""#),
            ("plain", "plain"),
            (r"C:\dir\", r"C:\dir\"),
            ("a b", r#""a b""#),
            (r"C:\my dir\", r#""C:\my dir\\""#),
            (r#"say "hi""#, r#""say \"hi\"""#),
            (r#"a\"b"#, r#""a\\\"b""#),
        ] {
            assert_eq!(String::from_utf16(&quote(&units(argument))).unwrap(), quoted, "{argument}");
        }
    }

    #[test]
    fn every_short_argument_is_read_back_as_it_was() {
        let typed = units("app.exe typed");
        for argument in texts(5) {
            let line = write(&units(r"C:\p y\python.exe"), std::slice::from_ref(&argument), &split(&typed)).unwrap();
            assert_eq!(read(&line)[1], argument, "{line:?}");
            assert_eq!(read(&line)[2..], [units("app.exe"), units("typed")], "{line:?}");
        }
    }

    #[test]
    fn whatever_was_typed_is_read_behind_our_arguments_as_without_them() {
        let ours = [units("-I"), units(r"a \")];
        for typed in texts(5) {
            let line = write(&units("python.exe"), &ours, &split(&typed)).unwrap();
            assert_eq!(read(&line)[3..], read(&typed), "{typed:?}");
        }
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        let typed = split(&[]);
        assert_eq!(write(&units("a\"b"), &[], &typed), Err(Unwritable::QuoteInProgram));
        assert_eq!(write(&units("a"), &[units("b\0c")], &typed), Err(Unwritable::Nul));
        // `"a" ` and ` ""` stand around it.
        let fits = vec![SPACE + 1; LONGEST - 7];
        assert_eq!(write(&units("a"), std::slice::from_ref(&fits), &typed).map(|line| line.len()), Ok(LONGEST));
        let long = [fits, units("b")];
        assert_eq!(write(&units("a"), &long, &typed), Err(Unwritable::TooLong { length: LONGEST + 2 }));
    }
}
