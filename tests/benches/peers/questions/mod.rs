//! A question is one file here and one line in [`ALL`]. What counts are medians, their differences and ratios of runs in
//! turn.

use std::time::Duration;

use ekiben_tests::measured::{Cell, Kind, Rounds, Table};

use crate::built::Built;
use crate::contestants::Contestant;
use crate::ground::{AppGround, Ground};
use crate::options::Options;
use crate::samples::Sample;
use crate::{Failure, homes};

mod beside;
mod build;
mod cores;
mod first;
mod launcher;
mod memory;
mod references;
pub(crate) mod row;
mod size;
mod update;
mod warm;

pub(crate) use memory::{TELL_PEAK, tell_peak};

/// What is asked, in the order in which it is answered.
pub(crate) const ALL: [(&str, Ask); 10] = [
    ("launcher", launcher::ask),
    ("warm", warm::ask),
    ("first", first::ask),
    ("cores", cores::ask),
    ("beside", beside::ask),
    ("memory", memory::ask),
    ("size", size::ask),
    ("build", build::ask),
    ("rebuild", build::ask_again),
    ("update", update::ask),
];

/// Measures, and answers: with one table or several.
pub(crate) type Ask = fn(&Field) -> Vec<Table>;

/// Their names.
pub(crate) const NAMES: [&str; 10] =
    ["launcher", "warm", "first", "cores", "beside", "memory", "size", "build", "rebuild", "update"];

/// All that takes part.
pub(crate) struct Field {
    pub(crate) ground: Ground,
    pub(crate) options: Options,
    pub(crate) apps: Vec<App>,
}

/// One app, as everybody made it.
pub(crate) struct App {
    pub(crate) sample: &'static Sample,
    pub(crate) ground: AppGround,
    pub(crate) entrants: Vec<(Box<dyn Contestant>, Result<Built, Failure>)>,
}

impl Field {
    /// A table with a column for each app.
    fn table(&self, name: &'static str, title: &str) -> Table {
        Table::new(name, title, self.apps.iter().map(|app| app.sample.name.to_owned()).collect())
    }

    /// A table with a row for each contestant; `figure` answers for those that were built.
    fn table_of(
        &self,
        name: &'static str,
        title: &str,
        figure: impl Fn(&App, &dyn Contestant, &Built) -> Cell,
    ) -> Table {
        let mut table = self.table(name, title);
        for (column, app) in self.apps.iter().enumerate() {
            app.put_all(&mut table, column, |contestant, built| figure(app, contestant, built));
        }
        table
    }

    /// As many as fit into this many seconds, unless the command line says how many.
    fn rounds(&self, at_least: usize, at_most: usize, seconds: u64) -> Rounds {
        let (at_least, at_most) = self.options.rounds.map_or((at_least, at_most), |rounds| (rounds, rounds));
        Rounds { at_least, at_most, time: Duration::from_secs(seconds) }
    }
}

impl App {
    /// Those that were built.
    fn built(&self) -> impl Iterator<Item = (&dyn Contestant, &Built)> {
        self.entrants.iter().filter_map(|(contestant, built)| Some((&**contestant, built.as_ref().ok()?)))
    }

    /// What ekiben made.
    fn ours(&self) -> Option<(&dyn Contestant, &Built)> {
        self.built().find(|(contestant, _)| contestant.kind() == Kind::Ours)
    }

    /// Puts a cell into the table for each contestant; `figure` answers for those that were built.
    fn put_all(&self, table: &mut Table, column: usize, figure: impl Fn(&dyn Contestant, &Built) -> Cell) {
        for (contestant, built) in &self.entrants {
            let cell = match built {
                Ok(built) => figure(&**contestant, built),
                Err(reason) => Cell::NotBuilt(reason.to_string()),
            };
            table.put(contestant.kind(), contestant.name(), column, cell);
        }
    }

    /// A start of what a contestant made, in this home.
    fn start(
        &self,
        contestant: &dyn Contestant,
        bundle: &std::path::Path,
        home: &std::path::Path,
    ) -> std::process::Command {
        let mut command = contestant.start(bundle, &|program| homes::at_home(program, home));
        command.args(self.sample.arguments);
        command
    }
}
