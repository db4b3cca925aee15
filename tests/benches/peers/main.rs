//! ekiben beside its peers, and beside what no program could do without: `.ci/bench --help` tells what can be asked.
//!
//! 1. `ground`: one interpreter, one lock and one copy of the packages for each app.
//! 2. `contestants`: each makes a file of each app, once; `built` keeps them.
//! 3. `questions`: each runs what it needs in turn, and answers with a table.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a surprise ends the benchmark")]

use std::fs;
use std::path::Path;

use clap::Parser as _;
use ekiben_tests::measured::{Table, aims, plot};
use serde_json::json;

use crate::ground::Ground;
use crate::options::Options;
use crate::questions::{App, Field};
use crate::samples::SAMPLES;

mod aimed;
mod built;
mod contestants;
mod floor;
mod ground;
mod homes;
mod kept;
mod machine;
mod options;
mod questions;
mod running;
mod samples;

/// What went wrong, for a person.
type Failure = Box<dyn std::error::Error>;

/// Those that a picture shows.
const PICTURED: [&str; 6] = ["warm", "first", "size", "build", "rebuild", "update"];

fn main() -> Result<(), Failure> {
    let arguments: Vec<_> = std::env::args_os().collect();
    match arguments.get(1).and_then(|argument| argument.to_str()) {
        Some(floor::ARGUMENT) => floor::child(&arguments[2..]),
        Some(questions::TELL_PEAK) => questions::tell_peak(&arguments[2..]),
        _ => return bench(Options::parse_from(arguments)),
    }
    Ok(())
}

fn bench(options: Options) -> Result<(), Failure> {
    // Cargo starts benchmarks in their package; whoever names a file means the repository's top, where `.ci/bench` is.
    std::env::set_current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))?;
    let field = field(options)?;
    let about = about(&field);
    println!("{}\n", about.join("  \n"));
    let mut tables: Vec<Table> = Vec::new();
    for (_, ask) in questions::ALL.iter().filter(|(name, _)| field.options.asks(name)) {
        for table in ask(&field) {
            println!("{}", table.markdown());
            tables.push(table);
        }
    }
    if !tables.is_empty() {
        println!("{}", aims(aimed::AIMS, &tables));
    }
    if let Some(file) = &field.options.json {
        let tables: Vec<_> = tables.iter().map(Table::json).collect();
        fs::write(file, serde_json::to_string_pretty(&json!({ "about": about, "tables": tables }))? + "\n")?;
    }
    if let Some(file) = &field.options.svg {
        let pictured: Vec<_> = tables.into_iter().filter(|table| PICTURED.contains(&table.name)).collect();
        fs::write(file, plot(&pictured, &about[0]))?;
    }
    Ok(())
}

/// Everything built.
fn field(options: Options) -> Result<Field, Failure> {
    let ground = Ground::new(&options)?;
    let mut apps = Vec::new();
    for sample in SAMPLES.iter().filter(|sample| options.apps.iter().any(|name| name == sample.name)) {
        let app = ground.for_app(sample)?;
        let invited =
            contestants::all().into_iter().filter(|contestant| options.invites(contestant.name(), Some(sample.name)));
        let entrants = invited.map(|contestant| {
            let built = built::built(&*contestant, sample, &ground, &app, &options);
            (contestant, built)
        });
        let entrants = entrants.collect();
        apps.push(App { sample, ground: app, entrants });
    }
    Ok(Field { ground, options, apps })
}

/// The machine, and the versions of everything.
fn about(field: &Field) -> Vec<String> {
    let mut lines =
        vec![format!("{}, load {} at the beginning, {}", machine::machine(), machine::load(), machine::day())];
    lines.push(format!("CPython {}", field.ground.python_version));
    if let Some(app) = field.apps.first() {
        let versions = app.entrants.iter().filter(|(contestant, _)| contestant.shares_work_with().is_none());
        let versions: Vec<_> = versions
            .map(|(contestant, _)| format!("{} {}", contestant.name(), contestant.version(&app.ground)))
            .collect();
        lines.push(versions.join(", "));
    }
    for app in &field.apps {
        let lock = fs::read_to_string(&app.ground.requirements).unwrap_or_default();
        let packages: Vec<_> =
            lock.lines().map(|line| line.split(" ;").next().unwrap_or(line).replace("==", " ")).collect();
        if !packages.is_empty() {
            lines.push(format!("{}: {}", app.sample.name, packages.join(", ")));
        }
    }
    lines
}
