//! What a one-line change means for those who have the old file: the bytes that have to come.
//!
//! A new bundle by ekiben shares frames with the old one, which its index tells; of the other files all bytes come, unless
//! somebody makes a binary delta of both: the second table, where both have to be at hand when it is made.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use bundle::Bundle;
use ekiben_tests::measured::{Cell, Kind, Table};

use super::Field;
use crate::homes::Homes;

pub(super) fn ask(field: &Field) -> Vec<Table> {
    let mut whole =
        field.table_of("update", "an update after a one-line change transfers, kB", |_, contestant, built| {
            let length = if contestant.kind() == Kind::Ours {
                not_shared(&built.bundle, &built.changed)
            } else {
                fs::metadata(&built.changed).unwrap().len()
            };
            Cell::Measured(length as f64 / 1e3)
        });
    whole.notes.push(
        "ekiben: frames that the old bundle lacks, index, launch record and footer. The others: the file.".to_owned(),
    );
    let mut delta =
        field.table_of("delta", "the same as a binary delta by `zstd -19 --patch-from`, kB", |_, _, built| {
            Cell::Measured(delta(&built.bundle, &built.changed) as f64 / 1e3)
        });
    delta.notes.push("For comparison: no tool here does that by itself.".to_owned());
    vec![whole, delta]
}

/// The bytes of a new bundle that the old one does not hold.
fn not_shared(old: &Path, new: &Path) -> u64 {
    let (old, bundle) = (Bundle::open(old).unwrap(), Bundle::open(new).unwrap());
    let index = old.index().unwrap();
    let known: HashSet<_> = index.layers.iter().flat_map(|layer| &layer.frames).map(|frame| frame.sha256).collect();
    let index = bundle.index().unwrap();
    let frames = index.layers.iter().flat_map(|layer| &layer.frames);
    let shared: u64 = frames.filter(|frame| known.contains(&frame.sha256)).map(|frame| frame.len).sum();
    // The launcher is the same program.
    fs::metadata(new).unwrap().len() - shared - bundle.payload_start()
}

fn delta(old: &Path, new: &Path) -> u64 {
    let homes = Homes::new();
    let delta = homes.path("delta");
    let mut zstd = Command::new("zstd");
    zstd.args(["-19", "--long=31", "--quiet", "--force"]).arg(format!("--patch-from={}", old.display()));
    assert!(zstd.arg(new).arg("-o").arg(&delta).stderr(Stdio::null()).status().unwrap().success());
    fs::metadata(delta).unwrap().len()
}
