//! Which shared libraries something that stays is linked with.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use bundle::frame::Item;
use bundle::index::EntryKind;
use object::Object as _;

use crate::runtime::elf;

/// The libraries among `candidates` that `users` need, or that these need in turn; by the names that files ask for, in
/// lower case, as Windows takes them.
///
/// # Errors
/// Those of reading the files.
pub(in crate::packing) fn needed(
    candidates: &HashMap<String, &Item>,
    users: Vec<&Item>,
) -> anyhow::Result<HashSet<String>> {
    let (mut found, mut queue) = (HashSet::new(), users);
    while let Some(item) = queue.pop() {
        let mut names = asked_for(&item.source)?;
        if let EntryKind::Symlink { target } = &item.kind {
            names.push(target.rsplit('/').next().unwrap_or(target).to_owned());
        }
        for name in names {
            let name = name.to_lowercase();
            if let Some(library) = candidates.get(&name)
                && found.insert(name)
            {
                queue.push(library);
            }
        }
    }
    Ok(found)
}

/// The libraries that a file asks the loader for; none, if it is not a program or library.
fn asked_for(path: &Path) -> anyhow::Result<Vec<String>> {
    if let Some(linkage) = elf::linkage(path)? {
        return Ok(linkage.needed);
    }
    let bytes = std::fs::read(path)?;
    if !bytes.starts_with(b"MZ") {
        return Ok(Vec::new());
    }
    let Ok(file) = object::File::parse(bytes.as_slice()) else { return Ok(Vec::new()) };
    let imports = file.imports().unwrap_or_default();
    let mut names: Vec<String> =
        imports.iter().map(|import| String::from_utf8_lossy(import.library()).into_owned()).collect();
    names.dedup();
    Ok(names)
}
