//! A first start on one core and on two, against the floor of any extraction: what it is worth to use all of them.

use ekiben_tests::measured::{Cell, Contestant as Timed, Kind, Table, interleaved};

use super::first::{ITSELF, extractions};
use super::{Field, row};
use crate::homes::{Homes, on_cores, settle};
use crate::running::cost;

pub(super) fn ask(field: &Field) -> Vec<Table> {
    let columns =
        field.apps.iter().flat_map(|app| ["1 core", "2 cores"].map(|cores| format!("{}, {cores}", app.sample.name)));
    let mut table = Table::new("cores", "first start beyond the app's own time, ms", columns.collect());
    table.base = row::FLOOR.to_owned();
    table.digits = 0;
    for (at, app) in field.apps.iter().enumerate() {
        let Some((contestant, built)) = app.ours() else { continue };
        for (more, cores) in ["0", "0,1"].into_iter().enumerate() {
            let homes = Homes::new();
            let mut timed = extractions(app, &homes, cores);
            timed.push(Timed::new(contestant.name(), |round| {
                let home = homes.fresh(contestant.name(), round);
                settle();
                cost(&mut on_cores(cores, &app.start(contestant, &built.bundle, &home)))
            }));
            let costs = interleaved(timed, field.rounds(3, 9, 25), |round| homes.make_room(round));
            let column = at * 2 + more;
            let beyond = costs.beyond(contestant.name(), ITSELF, |cost| cost.wall);
            table.put(Kind::Ours, contestant.name(), column, Cell::measured(beyond));
            for reference in [row::FLOOR, row::CP, row::TAR] {
                table.put(
                    Kind::Reference,
                    reference,
                    column,
                    Cell::measured(costs.median(reference, |cost| cost.wall)),
                );
            }
        }
    }
    vec![table]
}
