//! What each contestant makes of each app: built once, built again after a one-line change, seen to work, and kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ekiben_tests::measured::Cost;
use serde_json::{Value, json};

use crate::contestants::{Contestant, Order};
use crate::ground::{AppGround, Ground};
use crate::homes::{Homes, at_home};
use crate::options::Options;
use crate::samples::Sample;
use crate::{Failure, kept};

/// Raised when contestants are asked for something else.
const RECIPE: u32 = 1;

/// An app as one contestant made it.
pub(crate) struct Built {
    pub(crate) bundle: PathBuf,
    /// The same after a one-line change.
    pub(crate) changed: PathBuf,
    /// What making it took, from nothing.
    pub(crate) build: Cost,
    /// And after the change.
    pub(crate) rebuild: Cost,
    /// Where it was made: an order here begins with what the last one left.
    pub(crate) place: PathBuf,
}

/// Builds, or finds built. What failed is kept too.
pub(crate) fn built(
    contestant: &dyn Contestant,
    sample: &Sample,
    ground: &Ground,
    app: &AppGround,
    options: &Options,
) -> Result<Built, Failure> {
    let versions: Vec<_> = app.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
    let key = format!(
        "{RECIPE} {} {} {} {}",
        contestant.identity(ground, app),
        ground.identity(),
        sample.text(),
        versions.join(" ")
    );
    let name = format!("built/{}-{}", contestant.name().replace([' ', ','], "").to_lowercase(), sample.name);
    let shared = contestant.shares_work_with().map(|other| other.replace([' ', ','], "").to_lowercase());
    let place_of = |directory: &Path| {
        let shared = shared.as_ref().map(|other| kept::path(&format!("built/{other}-{}", sample.name)));
        shared.filter(|other| other.join("project").is_dir()).unwrap_or_else(|| directory.to_owned())
    };
    let make = |directory: &Path| {
        let order = || Order::new(ground, app, sample, &place_of(directory));
        let result = make(contestant, sample, app, &order, directory);
        if let Err(reason) = &result {
            eprintln!("  {}, {}: not built: {reason}", contestant.name(), sample.name);
        }
        let note = result.unwrap_or_else(|reason| json!({ "not_built": reason.to_string() }));
        Ok(fs::write(directory.join("note.json"), note.to_string())?)
    };
    let read = |directory: &Path| -> Value {
        serde_json::from_slice(&fs::read(directory.join("note.json")).unwrap_or_default()).unwrap_or_default()
    };
    let mut directory = kept::directory(&name, &key, make)?;
    if options.retry && read(&directory)["not_built"].is_string() {
        directory = kept::directory(&name, &format!("{key} again"), make)?;
    }
    let note = read(&directory);
    if let Some(reason) = note["not_built"].as_str() {
        return Err(reason.into());
    }
    let cost = |of: &str| {
        let number = |what: &str| note[of][what].as_f64().unwrap_or(f64::NAN);
        Cost { wall: number("wall"), cpu: number("cpu"), peak: number("peak") }
    };
    Ok(Built {
        bundle: directory.join("first").join(sample.name),
        changed: directory.join("changed").join(sample.name),
        build: cost("build"),
        rebuild: cost("rebuild"),
        place: place_of(&directory),
    })
}

fn make<'a>(
    contestant: &dyn Contestant,
    sample: &Sample,
    app: &AppGround,
    order: &dyn Fn() -> Order<'a>,
    directory: &Path,
) -> Result<Value, Failure> {
    let mut note = json!({});
    for (number, (what, step)) in [("first", "build"), ("changed", "rebuild")].into_iter().enumerate() {
        let order = order();
        if number > 0 {
            // Where a directory is shared, the other one has made the first change.
            sample.change(&order.project, if contestant.shares_work_with().is_some() { 2 } else { 1 });
        }
        let cost = order.carry_out(contestant)?;
        fs::create_dir_all(directory.join(what))?;
        let kept = directory.join(what).join(sample.name);
        // By another process: one that this process had written could not be executed while another is being started.
        assert!(Command::new("cp").arg(&order.bundle).arg(&kept).status()?.success());
        works(contestant, sample, app, &kept)?;
        note[step] = json!({ "wall": cost.wall, "cpu": cost.cpu, "peak": cost.peak });
    }
    // Settings and sources that a tool does not notice would make it look quick.
    let bytes = |what: &str| fs::read(directory.join(what).join(sample.name));
    if bytes("first")? == bytes("changed")? { Err("it does not notice a change".into()) } else { Ok(note) }
}

/// A bundle counts when it prints what the app prints.
fn works(contestant: &dyn Contestant, sample: &Sample, app: &AppGround, bundle: &Path) -> Result<(), Failure> {
    let homes = Homes::new();
    let home = homes.lasting("trial");
    let output = contestant.start(bundle, &|program| at_home(program, &home)).args(sample.arguments).output()?;
    if output.status.success() && output.stdout == app.output {
        return Ok(());
    }
    let said = crate::ground::essence(&String::from_utf8_lossy(&output.stderr), "it prints something else");
    Err(format!("it was made, but does not run ({}): {said}", output.status).into())
}
