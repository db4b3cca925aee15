//! Rules about source files.

use std::collections::BTreeSet;
use std::fs;

use crate::sources::{SourceFile, rust, top};

const ALL: &[&str] = &["launcher/", "builder/", "payload-fixtures/", "tests/"];

/// Fails with every file that breaks the rule, and why.
fn none_breaks(rule: &str, files: &[SourceFile], breach: impl Fn(&SourceFile) -> Option<String>) {
    let breaches: Vec<_> = files.iter().filter_map(|f| Some(format!("{}: {}", f.path, breach(f)?))).collect();
    assert!(breaches.is_empty(), "{rule}:\n{}", breaches.join("\n"));
}

fn line_with(code: &str, wrong: impl Fn(&str) -> bool) -> Option<&str> {
    code.lines().find(|line| !line.trim_start().starts_with("//") && wrong(line))
}

#[test]
fn the_visible_top_level_is_the_owners() {
    let names = fs::read_dir(top()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut directories: Vec<_> = names.filter(|n| !n.starts_with('.') && top().join(n).is_dir()).collect();
    directories.retain(|n| n != "target");
    directories.sort();
    assert_eq!(directories, ["builder", "docs", "launcher", "payload-fixtures", "tests"]);
}

#[test]
fn only_the_package_bundle_knows_the_magic_number() {
    let files: Vec<_> =
        rust(&["launcher/", "builder/"]).into_iter().filter(|f| !f.path.starts_with("launcher/bundle/src/")).collect();
    none_breaks("only launcher/bundle knows the format", &files, |f| {
        line_with(f.code(), |line| line.contains("x89EKIBEN") || line.contains("footer::MAGIC")).map(str::to_owned)
    });
}

#[test]
fn every_path_on_the_users_disk_comes_from_layout_and_every_variable_from_env() {
    let files = rust(&["launcher/src/"]);
    let others: Vec<_> = files.into_iter().filter(|f| f.path != "launcher/src/env.rs").collect();
    none_breaks("names of variables stand in env.rs alone", &others, |f| {
        line_with(f.code(), |line| line.contains("\"EKIBEN_")).map(str::to_owned)
    });
    let others: Vec<_> = others.into_iter().filter(|f| !f.path.starts_with("launcher/src/install/layout")).collect();
    none_breaks("paths stand in install/layout.rs alone", &others, |f| {
        let names = ["\"versions\"", "\"staging\"", "\"lock\"", "dirs::"];
        line_with(f.code(), |line| names.iter().any(|n| line.contains(n))).map(str::to_owned)
    });
}

#[test]
fn the_builder_finds_real_paths_in_one_way() {
    // On Windows, other programs do not understand what `canonicalize` returns.
    let files: Vec<_> = rust(&["builder/src/"]).into_iter().filter(|f| f.path != "builder/src/host/files.rs").collect();
    none_breaks("canonicalize is called by host/files.rs alone", &files, |f| {
        line_with(f.code(), |line| line.contains("canonicalize(")).map(str::to_owned)
    });
}

#[test]
fn what_differs_between_systems_is_in_leaves() {
    let files: Vec<_> = rust(&["launcher/src/", "builder/src/"]).into_iter().filter(|f| !f.is_system_leaf()).collect();
    none_breaks("cfg(unix) and cfg(windows) only choose a leaf", &files, |f| {
        let lines: Vec<_> = f.code().lines().collect();
        let chooses = |next: &str| {
            let next = next.trim_start();
            next.starts_with("mod ")
                || next.starts_with("use ")
                || next.starts_with("pub use ")
                || next.starts_with("pub(")
        };
        let breach = lines.windows(2).find(|pair| {
            let line = pair[0].trim_start();
            (line == "#[cfg(unix)]" || line == "#[cfg(windows)]") && !chooses(pair[1])
        });
        breach.map(|pair| pair[1].trim().to_owned())
    });
}

#[test]
fn what_differs_between_systems_in_the_launcher_is_in_sys() {
    let is_system = |f: &SourceFile| ["launcher/src/sys/", "launcher/src/main"].iter().any(|d| f.path.starts_with(d));
    let files: Vec<_> = rust(&["launcher/src/"]).into_iter().filter(|f| !is_system(f)).collect();
    none_breaks("only launcher/src/sys knows the systems apart and holds unsafe code", &files, |f| {
        let conditions = ["(windows)", "(unix)", "target_os", "std::os::", "windows_sys::", "libc::"];
        let wrong = |line: &str| is_unsafe(line) || conditions.iter().any(|condition| line.contains(condition));
        line_with(f.code(), wrong).map(str::to_owned)
    });
}

fn is_unsafe(line: &str) -> bool {
    ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern"].iter().any(|start| line.contains(start))
}

#[test]
fn unsafe_code_is_in_leaves_and_says_why_it_is_sound() {
    let files = rust(&["launcher/src/", "builder/src/"]);
    let outside: Vec<_> = files.iter().filter(|f| !f.is_system_leaf()).collect();
    for f in outside {
        assert!(line_with(f.code(), is_unsafe).is_none(), "unsafe code in {}", f.path);
    }
    none_breaks("each unsafe block has a SAFETY line above", &files, |f| {
        let lines: Vec<_> = f.code().lines().collect();
        let unexplained = |at: usize| {
            let above = lines[at.saturating_sub(4)..at].join("\n");
            lines[at].contains("unsafe {") && !above.contains("SAFETY:") && !lines[at].contains("// SAFETY:")
        };
        (0..lines.len()).find(|at| unexplained(*at)).map(|at| lines[at].trim().to_owned())
    });
}

#[test]
fn the_ways_in_are_short_and_no_file_is_long() {
    none_breaks("main.rs has at most 40 lines", &rust(&["launcher/src/main.rs", "builder/src/main.rs"]), |f| {
        (f.text.lines().count() > 40).then(|| f.text.lines().count().to_string())
    });
    none_breaks("a file has at most 400 lines", &rust(ALL), |f| {
        (f.text.lines().count() > 400).then(|| f.text.lines().count().to_string())
    });
}

#[test]
fn no_function_takes_more_than_five_parameters() {
    // Clippy counts them; here it is seen that it does, everywhere.
    let settings = fs::read_to_string(top().join("clippy.toml")).unwrap();
    assert!(settings.contains("too-many-arguments-threshold = 5\n"), "{settings}");
    none_breaks("no function is excused", &rust(ALL), |f| {
        line_with(&f.text, |line| line.contains(concat!("too_many_", "arguments"))).map(str::to_owned)
    });
}

#[test]
fn files_are_named_by_what_they_know_and_open_with_what_they_are_for() {
    none_breaks("files are named by what they know", &rust(ALL), |f| {
        let name = f.path.rsplit('/').next()?;
        matches!(name, "util.rs" | "utils.rs" | "misc.rs" | "common.rs" | "helpers.rs").then(|| name.to_owned())
    });
    none_breaks("each file opens with `//!`", &rust(ALL), |f| {
        (!f.text.starts_with("//!")).then(|| "starts otherwise".to_owned())
    });
    none_breaks("no work is left lying", &rust(&["launcher/", "builder/"]), |f| {
        line_with(&f.text, |line| line.contains(concat!("TO", "DO")) || line.contains(concat!("FIX", "ME")))
            .map(str::to_owned)
    });
}

#[test]
fn launcher_arguments_and_paths_are_never_forced_into_text() {
    let files = rust(&["launcher/src/"]);
    let allowed: BTreeSet<_> = ["launcher/bundle/src/frame.rs"].into();
    none_breaks("OsStr end to end", &files, |f| {
        let lossy = line_with(f.code(), |line| line.contains("to_string_lossy") || line.contains("from_utf8_lossy"));
        lossy.filter(|_| !allowed.contains(f.path.as_str())).map(str::to_owned)
    });
}
