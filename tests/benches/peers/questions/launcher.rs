//! What the launcher alone adds: its app is a program that does nothing. The floor is a static C program that only execs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ekiben_tests::TestContext;
use ekiben_tests::measured::{Cell, Contestant as Timed, Cost, Kind, Table, interleaved};

use super::{Field, row};
use crate::contestants;
use crate::homes::{Homes, at_home, count_as_settled};
use crate::running::cost;

const NOTHING: &str = "int main(void) { return 0; }";
const ONLY_EXECS: &str = "#include <unistd.h>
int main(int argc, char **argv, char **envp) { return execve(argv[1], argv + 1, envp); }";
const DIRECTLY: &str = "directly";

pub(super) fn ask(field: &Field) -> Vec<Table> {
    let (context, homes) = (TestContext::new(), Homes::new());
    let nothing = compiled(&context, "nothing", NOTHING);
    let only_execs = compiled(&context, "only-execs", ONLY_EXECS);
    let bundle = context.bundle_around(&nothing, "");
    let home = homes.lasting("home");
    let start = |program: &Path| at_home(program, &home);
    let pyapp = field.options.invites("PyApp", None).then(|| contestants::pyapp_around(&nothing, &field.ground));
    let mut timed = vec![
        Timed::new(DIRECTLY, |_| cost(&mut start(&nothing))),
        Timed::new(row::ONLY_EXECS, |_| cost(start(&only_execs).arg(&nothing))),
    ];
    cost(&mut start(&bundle));
    count_as_settled(&home);
    timed.push(Timed::new("ekiben", |_| cost(&mut start(&bundle))));
    if let Some(Ok(pyapp)) = &pyapp {
        cost(&mut start(pyapp));
        timed.push(Timed::new("PyApp", |_| cost(&mut start(pyapp))));
    }
    let costs = interleaved(timed, field.rounds(100, 2000, 60), |_| ());
    let columns = ["on the clock", "processor time"].map(str::to_owned);
    let mut table = Table::new("launcher", "what the launcher alone adds, ms", columns.into());
    table.base = row::ONLY_EXECS.to_owned();
    table.digits = 3;
    for (kind, name) in [(Kind::Ours, "ekiben"), (Kind::Peer, "PyApp"), (Kind::Reference, row::ONLY_EXECS)] {
        for (column, of) in [|cost: &Cost| cost.wall, |cost: &Cost| cost.cpu].into_iter().enumerate() {
            let cell = match &pyapp {
                Some(Err(reason)) if name == "PyApp" => Cell::NotBuilt(reason.to_string()),
                None if name == "PyApp" => continue,
                _ => Cell::measured(costs.beyond(name, DIRECTLY, of)),
            };
            table.put(kind, name, column, cell);
        }
    }
    table.notes.push(format!("The launcher of ekiben: {} bytes.", launcher_size()));
    vec![table]
}

fn launcher_size() -> usize {
    ekiben::platform::Target::host().and_then(ekiben::executable::launchers::for_target).map_or(0, <[u8]>::len)
}

fn compiled(context: &TestContext, name: &str, source: &str) -> PathBuf {
    let (source, program) = (context.write(format!("{name}.c"), source), context.path("programs").join(name));
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    let status =
        Command::new("musl-gcc").args(["-static", "-Os", "-s", "-o"]).arg(&program).arg(source).status().unwrap();
    assert!(status.success());
    program
}
