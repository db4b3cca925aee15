//! Which module imports which, as far as source text tells: `use` declarations, and paths that begin with `crate`, `self` or
//! `super`. Names that a module re-exports count for the module that declares them.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::rust;

/// A module's path below its crate, `install::places`; that of the crate itself is empty.
type Module = String;

/// The imports of one crate.
pub(crate) struct Imports {
    modules: BTreeSet<Module>,
    /// What a path leads to that is re-exported there.
    exports: BTreeMap<String, String>,
    /// Absolute paths in each module.
    paths: BTreeMap<Module, Vec<String>>,
}

impl Imports {
    /// Reads the sources below a directory, `launcher/src/`.
    pub(crate) fn read(directory: &str) -> Self {
        let mut sources = BTreeMap::new();
        for file in rust(&[directory]).into_iter().filter(|file| !file.path.contains("tests")) {
            let path = file.path.strip_prefix(directory).unwrap().strip_suffix(".rs").unwrap();
            let module = path.strip_suffix("/mod").unwrap_or(path).replace('/', "::");
            sources.insert(module, without_comments(file.code()));
        }
        let modules: BTreeSet<Module> = sources.keys().cloned().collect();
        let (mut exports, mut paths) = (BTreeMap::new(), BTreeMap::<Module, Vec<String>>::new());
        for (module, code) in &sources {
            let own = paths.entry(module.clone()).or_default();
            for (is_public, tree) in use_declarations(code) {
                for path in flatten(&tree).iter().filter_map(|path| absolute(&modules, module, path)) {
                    if is_public {
                        exports.insert(join(module, path.rsplit("::").next().unwrap()), path.clone());
                    }
                    own.push(path);
                }
            }
            own.extend(paths_in_code(code).iter().filter_map(|path| absolute(&modules, module, path)));
        }
        Self { modules, exports, paths }
    }

    /// Every import of one module from another one: importer and imported.
    pub(crate) fn edges(&self) -> BTreeSet<(Module, Module)> {
        let edge = |(module, path): (&Module, &String)| Some((module.clone(), self.module_of(path)?));
        let all = self.paths.iter().flat_map(|(module, paths)| paths.iter().map(move |path| (module, path)));
        all.filter_map(edge).filter(|(from, to)| from != to).collect()
    }

    /// The module that declares what a path leads to.
    fn module_of(&self, path: &str) -> Option<Module> {
        let mut path = path.to_owned();
        // As often as a name can be handed on.
        for _ in 0..8 {
            let exported = prefixes(&path).find_map(|(start, rest)| Some(join(self.exports.get(start)?, rest)));
            match exported {
                Some(next) if next != path => path = next,
                _ => break,
            }
        }
        prefixes(&path).find(|(start, _)| self.modules.contains(*start)).map(|(start, _)| start.to_owned())
    }
}

/// A path in a module as one from the crate on. `None`: it is another crate's.
fn absolute(modules: &BTreeSet<Module>, module: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = path.split("::").collect();
    let mut base: Vec<&str> = module.split("::").filter(|part| !part.is_empty()).collect();
    match parts[0] {
        "crate" => base.clear(),
        "self" | "super" => {
            while parts.first() == Some(&"super") {
                base.pop();
                parts.remove(0);
            }
            parts.insert(0, "");
        }
        child if modules.contains(&join(module, child)) => parts.insert(0, ""),
        _ => return None,
    }
    base.extend(parts.into_iter().skip(1).filter(|part| *part != "self"));
    Some(base.join("::"))
}

/// The first cycle among units, each import of which is named by `edges`.
pub(crate) fn cycle(edges: &BTreeSet<(String, String)>) -> Option<Vec<String>> {
    fn find(at: &str, edges: &BTreeSet<(String, String)>, way: &mut Vec<String>, done: &mut BTreeSet<String>) -> bool {
        if let Some(start) = way.iter().position(|unit| unit == at) {
            way.drain(..start);
            return true;
        }
        if !done.insert(at.to_owned()) {
            return false;
        }
        way.push(at.to_owned());
        let found = edges.iter().filter(|(from, _)| from == at).any(|(_, to)| find(to, edges, way, done));
        if !found {
            way.pop();
        }
        found
    }
    let mut done = BTreeSet::new();
    edges.iter().find_map(|(from, _)| {
        let mut way = Vec::new();
        find(from, edges, &mut way, &mut done).then_some(way)
    })
}

/// A path and the rest behind each of its starts, the longest first.
fn prefixes(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let ends = path.match_indices("::").map(|(at, _)| at).collect::<Vec<_>>().into_iter().rev();
    std::iter::once((path, "")).chain(ends.map(move |at| (&path[..at], &path[at + 2..])))
}

fn join(module: &str, name: &str) -> String {
    [module, name].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("::")
}

fn without_comments(code: &str) -> String {
    code.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n")
}

/// Each with whether it is a re-export.
fn use_declarations(code: &str) -> Vec<(bool, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let line = code[..at].rsplit('\n').next().unwrap().trim();
        if line.is_empty() || line.starts_with("pub") && !line.contains(' ') || line == "pub(in crate::install)" {
            let tree = code[at + 4..].split(';').next().unwrap();
            found.push((!line.is_empty(), tree.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    found
}

/// The paths of a `use` tree.
fn flatten(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((start, rest)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap().to_owned()];
    };
    let rest = &rest[..rest.rfind('}').unwrap()];
    let (mut depth, mut from, mut parts) = (0, 0, Vec::new());
    for (at, c) in rest.char_indices().chain([(rest.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&rest[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    let parts = parts.into_iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(flatten).map(|path| start.to_owned() + &path).collect()
}

/// Paths that begin with `crate`, `self` or `super`, wherever they stand.
fn paths_in_code(code: &str) -> Vec<String> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = code.split(|c| !is_name(c));
    let starts = ["crate::", "self::", "super::"];
    words
        .filter(|word| starts.iter().any(|start| word.starts_with(start)))
        .map(|word| word.trim_end_matches(':').to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_tree_is_read_as_its_paths() {
        let paths = flatten("crate::a::{self, b::{C, D}, e as f}");
        assert_eq!(paths, ["crate::a::self", "crate::a::b::C", "crate::a::b::D", "crate::a::e"]);
        assert_eq!(
            use_declarations("use a;\npub(crate) use b::{\n    C,\n};\nlet x = because y;"),
            [(false, "a".to_owned()), (true, "b::{ C, }".to_owned())]
        );
    }

    #[test]
    fn a_cycle_is_found() {
        let edges = |all: &[(&str, &str)]| all.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        assert_eq!(cycle(&edges(&[("a", "b"), ("b", "c"), ("a", "c")])), None);
        assert_eq!(cycle(&edges(&[("a", "b"), ("b", "c"), ("c", "b")])), Some(vec!["b".to_owned(), "c".to_owned()]));
    }
}
