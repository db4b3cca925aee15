//! A first start, beyond what the app itself takes: each in a new home.

use std::process::Command;
use std::thread;

use ekiben_tests::measured::{Cell, Contestant as Timed, Cost, Kind, Table, interleaved};

use super::{Field, references, row};
use crate::floor;
use crate::homes::{Homes, at_home, settle};
use crate::running::cost;

/// The app itself, which is what is subtracted.
pub(super) const ITSELF: &str = "itself";

pub(super) fn ask(field: &Field) -> Vec<Table> {
    let all = format!("0-{}", thread::available_parallelism().map_or(0, |cores| cores.get() - 1));
    let mut table = field.table("first", "first start beyond the app's own time, ms");
    for (column, app) in field.apps.iter().enumerate() {
        let homes = Homes::new();
        let mut timed = extractions(app, &homes, &all);
        for (contestant, built) in app.built() {
            let homes = &homes;
            timed.push(Timed::new(contestant.name(), move |round| {
                let home = homes.fresh(contestant.name(), round);
                settle();
                cost(&mut app.start(contestant, &built.bundle, &home))
            }));
        }
        let costs = interleaved(timed, field.rounds(3, 9, 90), |round| homes.make_room(round));
        let beyond = |name: &str| Cell::measured(costs.beyond(name, ITSELF, |cost| cost.wall));
        app.put_all(&mut table, column, |contestant, _| beyond(contestant.name()));
        for reference in [row::FLOOR, row::CP, row::TAR] {
            table.put(Kind::Reference, reference, column, Cell::measured(costs.median(reference, |cost| cost.wall)));
        }
    }
    table.notes.push("PyInstaller, makeself and Nuitka's temporary mode take that at every start.".to_owned());
    vec![table]
}

/// The app itself, from ekiben's tree, and that tree extracted and copied by others, on these cores.
pub(super) fn extractions<'a>(app: &'a super::App, homes: &'a Homes, cores: &'a str) -> Vec<Timed<'a>> {
    let Some((_, built)) = app.ours() else { return Vec::new() };
    let tree = references::version_dir(app, homes, "installed").unwrap();
    let (tar, home) = (homes.path("tree.tar"), homes.lasting("directly"));
    assert!(Command::new("tar").arg("cf").arg(&tar).arg("-C").arg(&tree).arg(".").status().unwrap().success());
    let plan = floor::plan(&built.bundle, homes.path("plan"));
    let on = move |command: &Command| crate::homes::on_cores(cores, command);
    let source = tree.clone();
    let fresh = move |name: &'static str, round| {
        let directory = homes.fresh(&format!("{name} {cores}"), round);
        settle();
        directory
    };
    let copy = move |directory: &std::path::Path| -> Cost {
        cost(on(&at_home("cp", directory)).arg("-r").arg(source.join(".")).arg(directory))
    };
    vec![
        Timed::new(ITSELF, move |_| cost(&mut on(&references::directly(app, &tree, &home)))),
        Timed::new(row::FLOOR, move |round| floor::extract(&plan, &built.bundle, &fresh("floor", round), cores)),
        Timed::new(row::CP, move |round| copy(&fresh("cp", round))),
        Timed::new(row::TAR, move |round| {
            let directory = fresh("tar", round);
            cost(on(&at_home("tar", &directory)).arg("xf").arg(&tar).arg("-C").arg(&directory))
        }),
    ]
}
