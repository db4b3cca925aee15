//! Sizes as people and scripts read them: the sizes in a build's result, and of what a bundle contains.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use bundle::index::{EntryKind, Frame};
use serde_json::json;

use crate::packing::lazy_imports::Choice;
use crate::packing::minimal::LeftOut;
use crate::pipeline::Built;
use crate::report::text::bytes;

/// The summary at the end of a build: the file, its layers, the time.
pub fn of(built: &Built) -> String {
    let app = &built.record.app;
    let mut text = format!(
        "built {} {} for {} with CPython {} ({})\n",
        app.name, app.version, built.record.target, built.record.python, built.record.runtime
    );
    let _ = writeln!(text, "  {:14}{:>12}", "launcher", bytes(built.launcher));
    for layer in &built.layers {
        text.push_str(&layer_line(layer.name, &layer.frames));
    }
    if let Some((glibc, _)) = &built.needs.glibc {
        let _ = writeln!(text, "  {:14}{:>12}  or newer", "glibc", glibc.to_string());
    }
    text.push_str(&libraries_line(&built.needs.libraries));
    text.push_str(&left_out_tests_line(&built.left_out_tests));
    if let Some(left_out) = &built.left_out {
        text.push_str(&left_out_lines(left_out));
    }
    if let Some(choice) = &built.lazy_imports {
        text.push_str(&lazy_lines(choice));
    }
    let _ = writeln!(text, "  {:14}{:>12}  in {:.1} s", "total", bytes(built.size), built.time.as_secs_f64());
    let _ = writeln!(text, "{}", built.path.display());
    text
}

/// Of which packages the tests were left out.
fn left_out_tests_line(packages: &BTreeMap<String, usize>) -> String {
    let mut by_size: Vec<_> = packages.iter().collect();
    by_size.sort_by_key(|(_, files)| std::cmp::Reverse(**files));
    let names: Vec<&str> = by_size.iter().take(5).map(|(name, _)| name.as_str()).collect();
    let more = match packages.len().saturating_sub(names.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let files: usize = packages.values().sum();
    match names.is_empty() {
        true => String::new(),
        false => format!(
            "  left out the tests of {}{more}: {files} files (`dependency-tests = true` keeps them)\n",
            names.join(", ")
        ),
    }
}

/// The libraries that the target must have. Of a long list, which is usually that of a desktop, only the first are shown.
fn libraries_line(libraries: &BTreeMap<String, String>) -> String {
    const SHOWN: usize = 8;
    if libraries.is_empty() {
        return String::new();
    }
    let names = libraries.keys().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = match libraries.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more (--verbose lists them)"),
    };
    format!("  libraries of the system: {names}{more}\n")
}

/// What `minimal` left out, and which imports it could not follow.
fn left_out_lines(left_out: &LeftOut) -> String {
    let mut text = String::new();
    for part in left_out.layers.iter().filter(|part| !part.files.is_empty()) {
        let names = part.whole.iter().take(8).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = part.whole.len().saturating_sub(8);
        let more = if more > 0 { format!(", {more} more") } else { String::new() };
        let size = bytes(part.uncompressed_size);
        let (gone, all) = (part.files.len(), part.files.len() + part.kept);
        let _ = writeln!(text, "  minimal left out {gone} of {all} files of {}, {size} extracted", part.layer);
        if !names.is_empty() {
            let _ = writeln!(text, "    {names}{more}");
        }
    }
    if !left_out.unseen.is_empty() {
        text.push_str(
            "  these files compute the names of modules they import, so some imports may be missed; list such modules in `minimal-keep`:\n",
        );
    }
    for unseen in &left_out.unseen {
        let kept = match &unseen.package {
            Some(package) => format!("all of `{package}` stays"),
            None => "nothing stays because of it".to_owned(),
        };
        let _ = writeln!(text, "    {}:{} ({kept})", unseen.module, unseen.line);
    }
    text
}

/// What `lazy-imports = "auto"` found.
fn lazy_lines(choice: &Choice) -> String {
    let except =
        if choice.except.is_empty() { String::new() } else { format!(", except {}", choice.except.join(", ")) };
    let (count, tried) = (choice.packages.len(), choice.trials.join("`, `"));
    format!("  imports are lazy in {count} packages{except}; tried with `{tried}`\n")
}

/// How long each step took, one step in a line.
pub fn timings(built: &Built) -> String {
    let line = |(name, time): &(&str, Duration)| format!("  {name:40}{:>7.2} s\n", time.as_secs_f64());
    built.timings.steps().iter().map(line).collect()
}

/// One row of a table, for one layer: stored size, extracted size, files.
pub fn layer_line(name: &str, frames: &[Frame]) -> String {
    let [stored, raw] = sizes(frames);
    format!("  {name:14}{:>12}  from {:>11} in {} files\n", bytes(stored), bytes(raw), files(frames))
}

/// The same for scripts.
pub fn layer_json(name: &str, frames: &[Frame]) -> serde_json::Value {
    let [stored, raw] = sizes(frames);
    json!({ "name": name, "size": stored, "uncompressed_size": raw, "files": files(frames), "frames": frames.len() })
}

fn sizes(frames: &[Frame]) -> [u64; 2] {
    [frames.iter().map(|f| f.len).sum(), frames.iter().map(|f| f.raw_len).sum()]
}

fn files(frames: &[Frame]) -> usize {
    frames.iter().flat_map(|f| &f.entries).filter(|e| e.kind != EntryKind::Directory).count()
}
