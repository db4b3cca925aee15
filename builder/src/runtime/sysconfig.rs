//! Takes the build machine's paths out of what `sysconfig` reads.
//!
//! CPython records how it was configured, with the prefix it was installed to. Only the compilation of C extensions
//! reads it. Left alone, it would make the same CPython a different runtime on every machine: uv also writes
//! the directory it installs to into these files. The prefix becomes the one python-build-standalone uses.

use std::fs;
use std::io;
use std::path::Path;

const NEUTRAL: &str = "/install";

/// Neutralises the files of a Unix tree's standard library.
///
/// # Errors
/// Those of the file system.
pub(super) fn neutralise(stdlib: &Path) -> io::Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(stdlib)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.ends_with(".pyc") {
            // Of a tree that has been neutralised before its sources went.
            continue;
        }
        if name.starts_with("_sysconfigdata_") || name.starts_with("_sysconfig_vars_") || name == "build-details.json" {
            files.push(path);
        }
    }
    let texts = files.into_iter().map(|path| fs::read_to_string(&path).map(|text| (path, text)));
    let texts = texts.collect::<io::Result<Vec<_>>>()?;
    let Some(prefix) = texts.iter().find_map(|(_, text)| prefix(text)).map(str::to_owned) else { return Ok(()) };
    for (path, text) in texts {
        let neutral = text.replace(&prefix, NEUTRAL);
        if neutral != text {
            fs::write(path, neutral)?;
        }
    }
    Ok(())
}

/// The prefix that is recorded, if it is a place of its own: `/usr` says nothing about a machine.
fn prefix(text: &str) -> Option<&str> {
    let quoted = |quote: char| {
        let (_, rest) = text.split_once(&format!("{quote}prefix{quote}: {quote}"))?;
        rest.split(quote).next()
    };
    let found = quoted('\'').or_else(|| quoted('"'))?;
    (found.matches('/').count() > 1 && !found.starts_with("/usr")).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_place_of_its_own_is_a_prefix() {
        assert_eq!(prefix("{'a': 1,\n 'prefix': '/opt/a/py',\n"), Some("/opt/a/py"));
        assert_eq!(prefix("{\"prefix\": \"/opt/a/py\"}"), Some("/opt/a/py"));
        assert_eq!(prefix("'prefix': '/usr'"), None);
        assert_eq!(prefix("'prefix': '/install'"), None);
        assert_eq!(prefix("'exec_prefix': '/opt/a'"), None);
    }
}
