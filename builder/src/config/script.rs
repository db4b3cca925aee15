//! The metadata inside a `.py` file: PEP 723's `# /// script` block.

use std::path::Path;

use crate::report::failure::Failure;

/// The TOML of a script, without the comment signs.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) text: String,
    /// How many lines of the script come before it.
    pub(super) after: usize,
}

/// The block of this script; `None` when it has none.
///
/// # Errors
/// When it has two, or one is never closed.
pub(super) fn block(file: &Path, text: &str) -> Result<Option<Block>, Failure> {
    let shown = file.strip_prefix(".").unwrap_or(file).display();
    let mut found: Option<Block> = None;
    let lines: Vec<&str> = text.lines().collect();
    let mut number = 0;
    while number < lines.len() {
        let start = number + 1;
        number += 1;
        if lines[start - 1].trim_end() != "# /// script" {
            continue;
        }
        if let Some(first) = &found {
            return Err(Failure::new(format!("{shown}:{start}: a second `# /// script` block"))
                .help(format!("a script has one block; the first is in line {}", first.after)));
        }
        // The block ends at the last `# ///` of the run of comments: PEP 723 allows the marker inside.
        let run = lines[start..].iter().take_while(|l| **l == "#" || l.starts_with("# ")).count();
        let Some(length) = lines[start..start + run].iter().rposition(|l| l.trim_end() == "# ///") else {
            return Err(Failure::new(format!("{shown}:{start}: the `# /// script` block is never closed"))
                .help("close it with a line `# ///`; every line in between begins with `# `"));
        };
        let content = lines[start..start + length].iter().map(|l| l.get(2..).unwrap_or_default());
        found = Some(Block { text: content.collect::<Vec<_>>().join("\n") + "\n", after: start });
        number = start + length + 1;
    }
    Ok(found)
}
