//! A later start: what a user waits for every day.

use ekiben_tests::measured::{Cell, Contestant as Timed, Kind, Table, interleaved};

use super::{Field, references, row};
use crate::homes::{Homes, count_as_settled};
use crate::running::cost;

pub(super) fn ask(field: &Field) -> Vec<Table> {
    let mut table = field.table("warm", "later start, ms");
    for (column, app) in field.apps.iter().enumerate() {
        let homes = Homes::new();
        let home = homes.lasting("home");
        let mut timed = Vec::new();
        for (contestant, built) in app.built() {
            let home = homes.lasting(contestant.name());
            cost(&mut app.start(contestant, &built.bundle, &home));
            count_as_settled(&home);
            timed.push(Timed::new(contestant.name(), move |_| cost(&mut app.start(contestant, &built.bundle, &home))));
        }
        if let Some((_, built)) = app.ours() {
            let tree = references::version_dir(app, &homes, "installed").unwrap();
            let (here, other) = (tree.clone(), home.clone());
            timed.push(Timed::new(row::DIRECTLY, move |_| cost(&mut references::directly(app, &tree, &home))));
            let bundle = &built.bundle;
            timed.push(Timed::new(row::WITHOUT_LAUNCHER, move |_| {
                cost(&mut references::without_launcher(app, &here, bundle, &other))
            }));
        }
        let home = homes.lasting("home");
        if let Some(mut command) = references::plainly(app, &home) {
            timed.push(Timed::new(row::PLAINLY, move |_| cost(&mut command)));
        }
        timed.push(Timed::new(row::CONSOLE_SCRIPT, move |_| cost(&mut references::console_script(app, &home))));
        let costs = interleaved(timed, field.rounds(5, 31, 60), |_| ());
        let median = |name: &str| Cell::measured(costs.median(name, |cost| cost.wall));
        app.put_all(&mut table, column, |contestant, _| median(contestant.name()));
        for reference in [row::DIRECTLY, row::PLAINLY, row::WITHOUT_LAUNCHER, row::CONSOLE_SCRIPT] {
            table.put(Kind::Reference, reference, column, median(reference));
        }
    }
    vec![table]
}
