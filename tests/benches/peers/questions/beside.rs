//! A first start of a new version beside the old one, from which it takes what has not changed, against a full first start.

use ekiben_tests::measured::{Cell, Contestant as Timed, Kind, Table, interleaved};

use super::{Field, references, row};
use crate::homes::{Homes, settle};
use crate::running::cost;

pub(super) fn ask(field: &Field) -> Vec<Table> {
    let mut table = field.table("beside", "first start of a new version beyond the app's own time, ms");
    table.base = row::FULL.to_owned();
    table.digits = 0;
    for (column, app) in field.apps.iter().enumerate() {
        let Some((contestant, built)) = app.ours() else { continue };
        let homes = Homes::new();
        let tree = references::version_dir(app, &homes, "installed").unwrap();
        let (home, rounds) = (homes.lasting("directly"), field.rounds(3, 7, 30));
        for round in 0..rounds.at_most {
            cost(&mut app.start(contestant, &built.bundle, &homes.fresh("beside", round)));
        }
        let start = |name: &str, round| {
            let home = homes.fresh(name, round);
            settle();
            cost(&mut app.start(contestant, &built.changed, &home))
        };
        let timed = vec![
            Timed::new("directly", |_| cost(&mut references::directly(app, &tree, &home))),
            Timed::new(row::FULL, |round| start("full", round)),
            Timed::new(contestant.name(), |round| start("beside", round)),
        ];
        let costs = interleaved(timed, rounds, |_| ());
        let beyond = |name: &str| Cell::measured(costs.beyond(name, "directly", |cost| cost.wall));
        table.put(Kind::Ours, contestant.name(), column, beyond(contestant.name()));
        table.put(Kind::Reference, row::FULL, column, beyond(row::FULL));
    }
    vec![table]
}
