//! What a start of the bundle runs, and how it is written in a config.

use std::fmt;

/// What a start of the bundle runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryPoint {
    /// A function, as `[project.scripts]` names it: `pkg.mod:func`.
    Function {
        /// The module, dotted.
        module: String,
        /// The attribute of it that is called, dotted if it is inside a class.
        attribute: String,
    },
    /// A module or package, as `python -m` runs it.
    Module(String),
    /// A file among the sources, relative to them, with `/`.
    Script(String),
    /// A program that is not written in Python, likewise. It belongs to a package.
    Program(String),
}

impl EntryPoint {
    /// Reads `pkg.mod:func`, `-m pkg` or `script.py`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(module) = text.strip_prefix("-m ") {
            let module = module.trim();
            return dotted(module).then(|| Self::Module(module.to_owned()));
        }
        if text.ends_with(".py") || text.ends_with(".pyw") {
            let path = text.replace('\\', "/");
            let path = path.strip_prefix("./").unwrap_or(&path);
            let inside = !path.starts_with('/') && !path.contains(':') && path.split('/').all(|s| s != "..");
            return inside.then(|| Self::Script(path.to_owned()));
        }
        // `pkg.mod:func [extra]` is allowed in an entry point, though of no use any more.
        let (module, attribute) = text.split('[').next()?.split_once(':')?;
        let (module, attribute) = (module.trim(), attribute.trim());
        (dotted(module) && dotted(attribute))
            .then(|| Self::Function { module: module.to_owned(), attribute: attribute.to_owned() })
    }
}

impl fmt::Display for EntryPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function { module, attribute } => write!(f, "{module}:{attribute}"),
            Self::Module(module) => write!(f, "-m {module}"),
            Self::Script(path) | Self::Program(path) => f.write_str(path),
        }
    }
}

/// Whether this is a dotted name in Python.
fn dotted(text: &str) -> bool {
    text.split('.').all(|part| {
        part.chars().all(|c| c.is_alphanumeric() || c == '_') && part.chars().next().is_some_and(|c| !c.is_numeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_ways_to_write_one_are_read_and_shown_alike() {
        for text in ["a.b:c.d", "-m a.b", "tools/run.py", "gui.pyw"] {
            assert_eq!(EntryPoint::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(EntryPoint::parse(" a : b [x]").unwrap().to_string(), "a:b");
        assert_eq!(EntryPoint::parse(r".\tools\run.py").unwrap().to_string(), "tools/run.py");
        for text in ["", "a", "a:", ":b", "a:b()", "-m a:b", "-m a-b", "../x.py", "/x.py", "C:/x.py", "1a:b"] {
            assert_eq!(EntryPoint::parse(text), None, "{text}");
        }
    }
}
