//! Building from nothing, and building again after a change to one line of the app.
//!
//! The packages are on the disk, and the peers' tools and environments installed; of what a tool keeps between builds there
//! is nothing the first time, and all of it the second.

use std::cell::RefCell;
use std::path::Path;

use ekiben_tests::measured::{Cell, Contestant as Timed, Cost, Table, interleaved};

use super::{App, Field};
use crate::built::Built;
use crate::contestants::{Contestant, Order};
use crate::homes::Homes;

pub(super) fn ask(field: &Field) -> Vec<Table> {
    let tables = [("build", "building from nothing, s"), ("build-cpu", "building from nothing, s of all cores")];
    measure(
        field,
        tables,
        |built| built.build,
        |app, contestant, _, homes, round| {
            let place = homes.path(format!("round {round}")).join(contestant.name());
            carry_out(field, app, contestant, &place, None)
        },
    )
}

pub(super) fn ask_again(field: &Field) -> Vec<Table> {
    let title = "building again after a one-line change, s";
    let tables = [("rebuild", title), ("rebuild-cpu", "the same, s of all cores")];
    measure(
        field,
        tables,
        |built| built.rebuild,
        |app, contestant, built, _, round| {
            // Whatever was built last, this is another line.
            carry_out(field, app, contestant, &built.place, Some(std::process::id() as usize + round))
        },
    )
}

fn measure(
    field: &Field,
    tables: [(&'static str, &str); 2],
    noted: fn(&Built) -> Cost,
    run: impl Fn(&App, &dyn Contestant, &Built, &Homes, usize) -> Cost,
) -> Vec<Table> {
    let [mut wall, mut cpu] = tables.map(|(name, title)| field.table(name, title));
    for (column, app) in field.apps.iter().enumerate() {
        let homes = Homes::new();
        let timed = |contestant: &dyn Contestant, built: &Built| {
            let quick = noted(built).wall < field.options.patience as f64 * 1000.0;
            contestant.shares_work_with().is_none() && (quick || contestant.is_always_timed())
        };
        let contestants = app.built().filter(|(contestant, built)| timed(*contestant, built));
        let run = RefCell::new(&run);
        let contestants = contestants.map(|(contestant, built)| {
            let (run, homes) = (&run, &homes);
            Timed::new(contestant.name(), move |round| run.borrow()(app, contestant, built, homes, round))
        });
        let costs = interleaved(contestants.collect(), field.rounds(1, 5, 40), |round| homes.make_room(round));
        for (table, of) in [(&mut wall, (|cost| cost.wall) as fn(&Cost) -> f64), (&mut cpu, |cost| cost.cpu)] {
            app.put_all(table, column, |contestant, built| match costs.median(contestant.name(), of) {
                Some(time) => Cell::Measured(time / 1000.0),
                None if contestant.shares_work_with().is_some() => Cell::Nothing,
                None => Cell::Noted(of(&noted(built)) / 1000.0),
            });
        }
    }
    (wall.digits, cpu.digits) = (2, 2);
    vec![wall, cpu]
}

fn carry_out(field: &Field, app: &App, contestant: &dyn Contestant, place: &Path, change: Option<usize>) -> Cost {
    let order = Order::new(&field.ground, &app.ground, app.sample, place);
    if let Some(number) = change {
        app.sample.change(&order.project, number);
    }
    let cost = order.carry_out(contestant);
    cost.unwrap_or_else(|reason| panic!("{}, {}: {reason}", contestant.name(), app.sample.name))
}
