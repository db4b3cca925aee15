//! Sizes as a page: one HTML file that needs nothing else, with a treemap in it.

use std::collections::BTreeMap;

use bundle::record::LaunchRecord;
use serde_json::{Value, json};

use super::Sizes;
use crate::report::text;

const PAGE: &str = include_str!("page.html");

/// The page for a bundle.
pub fn page(sizes: &Sizes, record: &LaunchRecord) -> String {
    let name = format!("{} {}", record.app.name, record.app.version);
    let data = json!({
        "name": name,
        "about": format!("{}, CPython {}", record.target, record.python),
        "tree": tree(sizes, &name),
    });
    // Within a script, `<` could end it.
    PAGE.replace("{title}", &escaped(&name)).replacen("{data}", &data.to_string().replace('<', "\\u003c"), 1)
}

/// Layer, owner, then the directories. Files are `[name, kind, in the bundle, extracted]`.
fn tree(sizes: &Sizes, name: &str) -> Value {
    let mut root = Box::default();
    for part in &sizes.parts {
        insert(&mut root, &[part.name], json!([part.name, "ekiben", part.size, part.size]));
    }
    for file in &sizes.files {
        // Where packages go is the same for all of them.
        let below = file.path.split_once("/site-packages/").map_or(&*file.path, |(_, below)| below);
        let mut path = vec![&*file.layer, &*file.owner];
        path.extend(below.split('/'));
        let leaf = path.last().copied().unwrap_or_default();
        insert(&mut root, &path, json!([text::shown(leaf), file.kind, file.size, file.uncompressed_size]));
    }
    json(name, root)
}

#[derive(Default)]
struct Box {
    below: BTreeMap<String, Box>,
    files: Vec<Value>,
}

fn insert(mut at: &mut Box, path: &[&str], file: Value) {
    for name in path.iter().take(path.len().saturating_sub(1)) {
        at = at.below.entry(text::shown(name).into_owned()).or_default();
    }
    at.files.push(file);
}

/// Directories that hold one directory and nothing else are one box with it: `lib/python3.13`.
fn json(name: &str, mut at: Box) -> Value {
    let mut name = name.to_owned();
    while at.files.is_empty() && at.below.len() == 1 {
        let Some((only, below)) = at.below.pop_first() else { break };
        name = format!("{name}/{only}");
        at = below;
    }
    let mut below: Vec<Value> = at.below.into_iter().map(|(name, below)| json(&name, below)).collect();
    below.append(&mut at.files);
    json!({ "name": name, "below": below })
}

fn escaped(text: &str) -> String {
    text::shown(text).replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, SizedFile};
    use super::*;

    #[test]
    fn a_name_can_not_end_the_script() {
        let file = |path: &str| SizedFile {
            path: path.to_owned(),
            layer: "application".to_owned(),
            owner: "<b>".to_owned(),
            kind: Kind::Data,
            size: 7,
            uncompressed_size: 9,
        };
        let sizes =
            Sizes { total: 21, parts: Vec::new(), files: vec![file("a/b/<script>"), file("a/b/c"), file("a/d")] };
        let tree = tree(&sizes, "x");
        assert_eq!(tree["name"], "x/application/<b>/a");
        assert_eq!(tree["below"][0]["name"], "b");
        assert_eq!(tree["below"][0]["below"][0], json!(["<script>", "data", 7, 9]));
        let record = json!({
            "app": { "id": "x", "name": "<x>", "version": "1" }, "target": "t", "python": "3", "runtime": "r",
            "entry_point": "e", "start": { "interpreter": "p", "flags": [], "script": "s" }
        });
        let page = page(&sizes, &serde_json::from_value(record).unwrap());
        assert!(page.contains("<title>&lt;x> 1"), "{page}");
        assert!(page.contains("[\"\\u003cscript>\",\"data\",7,9]"), "{page}");
        assert_eq!(page.matches("<script>").count(), PAGE.matches("<script>").count());
    }
}
