//! The most memory that a launcher holds in a first start. The interpreter would hold more: so its start is made to fail,
//! which a launcher answers with an exit code.

use std::env;
use std::ffi::OsString;
use std::process::{Command, Stdio};

use ekiben_tests::measured::{Cell, Table};

use super::Field;
use crate::homes::{Homes, at_home};
use crate::running::ended;

/// Makes the benchmark's executable a program that runs another one and prints what memory that held.
pub(crate) const TELL_PEAK: &str = "tell-peak";

pub(super) fn ask(field: &Field) -> Vec<Table> {
    let homes = Homes::new();
    let mut table =
        field.table_of("memory", "peak memory of the launcher in a first start, MB", |app, contestant, built| {
            if !contestant.is_native() {
                return Cell::Nothing;
            }
            let home = homes.lasting(&format!("{} {}", contestant.name(), app.sample.name));
            let start = app.start(contestant, &built.bundle, &home);
            // Started by a process that holds little itself, because what a process holds before it executes another program
            // counts, too.
            let mut command = at_home(env::current_exe().unwrap(), &home);
            command.args([TELL_PEAK, "strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=execve"]);
            command
                .args(["-e", "inject=execve:error=EACCES:when=1", "--"])
                .arg(start.get_program())
                .args(start.get_args());
            let told = String::from_utf8(command.output().unwrap().stdout).unwrap();
            Cell::measured(told.trim().parse().ok())
        });
    table.notes.push(
        "Of those that extract in Python there is no launcher to measure. What little strace holds is the least."
            .to_owned(),
    );
    vec![table]
}

/// The process that holds little.
pub(crate) fn tell_peak(command: &[OsString]) {
    let (program, arguments) = command.split_first().unwrap();
    let (cost, status) = ended(Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()));
    if status != 0 {
        println!("{}", cost.peak);
    }
}
