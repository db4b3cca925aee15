//! `ekiben cache`: where it is, how large, and a smaller one.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;

use super::{print, print_json};
use crate::commands::cli::{CacheCommand, CacheVerb};
use crate::host::cache::Cache;
use crate::report::text::{self, bytes};

pub(super) fn run(command: &CacheCommand) -> anyhow::Result<ExitCode> {
    let cache = Cache::open()?;
    match command.verb {
        CacheVerb::Dir => print(&format!("{}\n", text::path(cache.root()))),
        CacheVerb::Size { json: true } => {
            let sizes = cache.sizes();
            print_json(&json!({ "directory": cache.root(), "size": sizes.values().sum::<u64>(), "kinds": sizes }))
        }
        CacheVerb::Size { json: false } => print(&sizes(&cache)),
        CacheVerb::Clean { older_than } => {
            let removed = cache.clean(older_than.unwrap_or(Duration::ZERO))?;
            let entries = if removed.entries == 1 { "entry" } else { "entries" };
            let removed = format!("removed {} in {} {entries}", bytes(removed.size), removed.entries);
            print(&format!("{removed} from `{}`\n", text::path(cache.root())))
        }
    }
}

fn sizes(cache: &Cache) -> String {
    let sizes = cache.sizes();
    let mut text = String::new();
    for (kind, size) in &sizes {
        let _ = writeln!(text, "  {kind:22}{:>12}", bytes(*size));
    }
    let _ = writeln!(text, "  {:22}{:>12}  in {}", "total", bytes(sizes.values().sum()), text::path(cache.root()));
    text
}
