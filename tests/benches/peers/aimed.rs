//! The aims of ekiben. Figures vary with the machine and the day, so one run may miss an aim that another run meets:
//! see docs/BENCHMARKS.md.

use ekiben_tests::measured::Aim;

use crate::questions::row;

const OURS: &str = "ekiben";
const EVERY: &[&str] = &[];

pub(crate) const AIMS: &[Aim] = &[
    aim("launcher alone, to a C program that only execs", "launcher", Some(row::ONLY_EXECS), &["on the clock"], 4.0),
    aim("launcher alone, to PyApp's", "launcher", Some("PyApp"), &["on the clock"], 0.2),
    aim("later start, to `python -I -m app`", "warm", Some(row::DIRECTLY), &["hello"], 0.75),
    aim("later start, to `python -I -m app`", "warm", Some(row::DIRECTLY), &["terminal", "data"], 0.97),
    aim("later start, to a console script", "warm", Some(row::CONSOLE_SCRIPT), &["hello"], 1.0),
    aim("first start, to the floor", "cores", Some(row::FLOOR), EVERY, 1.25),
    aim("first start, to `cp -r`", "cores", Some(row::CP), EVERY, 0.7),
    aim("first start, to every start of PyInstaller", "first", Some("PyInstaller --strip"), EVERY, 1.0),
    aim("first start of a new version, to a full one", "beside", Some(row::FULL), EVERY, 0.2),
    aim("memory of the launcher, MB", "memory", None, EVERY, 64.0),
    aim("size, to PyInstaller's", "size", Some("PyInstaller --strip"), EVERY, 1.0),
    aim("building from nothing, to PyInstaller", "build", Some("PyInstaller"), &["data"], 0.5),
    aim("building again, s", "rebuild", None, &["data"], 1.0),
];

const fn aim(
    what: &'static str,
    table: &'static str,
    over: Option<&'static str>,
    columns: &'static [&'static str],
    at_most: f64,
) -> Aim {
    Aim { what, table, row: OURS, over, columns, at_most }
}
