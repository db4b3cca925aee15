//! Rules about documents: what they name exists, and what they should say stands there.

use std::collections::BTreeSet;
use std::fs;

use crate::sources::{rust, top, with_extension};

#[test]
fn every_invariant_and_every_promise_names_a_test_that_exists() {
    let tests: String = rust(&["launcher/", "builder/", "tests/"]).into_iter().map(|f| f.text).collect();
    for (document, heading) in [
        ("docs/ARCHITECTURE.md", "## Invariants"),
        ("docs/ARCHITECTURE.md", "## Which tests check which promise"),
        ("docs/SECURITY.md", "## Which tests check which promise"),
    ] {
        let text = fs::read_to_string(top().join(document)).unwrap();
        let section = text.split(heading).nth(1).expect("this section").split("\n## ").next().unwrap();
        let rows: Vec<_> = section
            .lines()
            .filter(|l| {
                l.starts_with("| ") && !l.contains("---") && !l.starts_with("| promise") && !l.contains("held by")
            })
            .collect();
        assert!(rows.len() >= 12, "{rows:?}");
        for row in rows {
            let names: Vec<_> =
                row.split('`').skip(1).step_by(2).filter(|name| name.contains('_') && !name.contains('/')).collect();
            assert!(!names.is_empty(), "no test in: {row}");
            for name in names.iter().filter(|name| name.len() > 20) {
                assert!(tests.contains(&format!("fn {name}()")), "{name} is no test: {row}");
            }
        }
    }
}

#[test]
fn every_module_that_the_code_map_names_exists() {
    let text = fs::read_to_string(top().join("docs/ARCHITECTURE.md")).unwrap();
    let map = text.split("## Code map\n```\n").nth(1).expect("a code map").split("```").next().unwrap();
    let mut there = BTreeSet::new();
    for file in rust(&["launcher/", "builder/", "payload-fixtures/", "tests/"]) {
        let path = format!("/{}", file.path.trim_end_matches(".rs"));
        there.extend(path.match_indices('/').skip(1).map(|(end, _)| path[..end].to_owned()));
        there.insert(path);
    }
    let exists = |name: &str| {
        let end = format!("/{}", name.trim_end_matches(".rs").trim_end_matches('/'));
        there.iter().any(|path| path.ends_with(&end))
    };
    let names: Vec<_> = map.lines().flat_map(names_in).collect();
    assert!(names.len() > 40, "{names:?}");
    let missing: Vec<_> = names.into_iter().filter(|name| !exists(name)).collect();
    assert!(missing.is_empty(), "the code map names what is not there: {missing:?}");
}

/// What a line of the code map names: `reader` and `writer` of `src/   all of it;   reader, writer   whole bundles`, and `src/`.
fn names_in(line: &str) -> Vec<&str> {
    let is_name = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || "_-/.".contains(c));
    let cells = line.trim().split(";   ").filter_map(|cell| cell.trim().split_once("   "));
    cells.flat_map(|(names, _)| names.split(", ")).filter(is_name).collect()
}

#[test]
fn links_between_documents_lead_somewhere() {
    for document in with_extension("md") {
        let folder = top().join(&document.path).parent().unwrap().to_path_buf();
        for link in document.text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap();
            if !path.is_empty() && !link.contains("://") {
                assert!(folder.join(path).exists(), "{}: {link}", document.path);
            }
        }
    }
}

#[test]
fn exit_codes_of_the_launcher_are_documented() {
    let code = fs::read_to_string(top().join("launcher/src/error.rs")).unwrap();
    let used: BTreeSet<_> = code
        .lines()
        .filter_map(|l| l.trim().strip_prefix("Self::")?.split_once("=> ")?.1.strip_suffix(','))
        .filter(|code| code.parse::<u8>().is_ok())
        .collect();
    assert!(used.len() >= 7, "{used:?}");
    let ends = fs::read_to_string(top().join("launcher/src/error.rs")).unwrap();
    let unexpected =
        ends.lines().filter_map(|l| l.strip_prefix("pub const ")?.split_once(": u32 = ")?.1.strip_suffix(';'));
    let used: BTreeSet<_> = used.into_iter().chain(unexpected).collect();
    assert!(used.contains("119") && used.contains("126"), "{used:?}");
    let document = fs::read_to_string(top().join("docs/INSTALL.md")).unwrap();
    for code in used {
        assert!(document.contains(&format!("| {code} |")), "docs/INSTALL.md does not tell what {code} means");
    }
}

#[test]
fn nothing_names_a_machine_it_was_made_on() {
    let homes = [concat!("/ro", "ot/."), concat!("/ho", "me/"), concat!("/wo", "rk/")];
    for extension in ["rs", "md", "toml", "py", "lock"] {
        for file in with_extension(extension) {
            for home in homes {
                assert!(!file.text.contains(home), "{} names {home}", file.path);
            }
        }
    }
}
