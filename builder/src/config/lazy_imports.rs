//! `lazy-imports`, `lazy-imports-except` and `lazy-imports-trial`: which import statements of the app wait until what they
//! import is used (CPython 3.15, <https://peps.python.org/pep-0810/>).

use super::document::{Located, Table};
use crate::report::failure::Failure;

/// Which import statements are lazy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum LazyPackages {
    /// None but those that the code itself makes lazy.
    #[default]
    None,
    /// All.
    All,
    /// Those in these packages.
    Named(Vec<String>),
    /// Those in the packages that a trial shows to work.
    Auto,
}

/// The three settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LazyImports {
    /// Which import statements are lazy.
    pub packages: LazyPackages,
    /// Packages with which nothing is lazy: neither their own import statements, nor those that import them.
    pub except: Vec<String>,
    /// The command lines that a trial runs.
    pub trial: Vec<Vec<String>>,
}

/// What the three keys say, as they are written.
#[derive(Debug, Default)]
pub(super) struct LazySettings {
    packages: LazyPackages,
    except: Vec<Located<String>>,
    trial: Option<Vec<Located<String>>>,
}

impl LazySettings {
    pub(super) fn read(table: &Table<'_>) -> Result<Self, Failure> {
        let packages = match table.place("lazy-imports") {
            None => LazyPackages::None,
            Some(place) => match (table.boolean("lazy-imports"), table.string("lazy-imports")) {
                (Ok(Some(lazy)), _) if lazy => LazyPackages::All,
                (Ok(_), _) => LazyPackages::None,
                (_, Ok(Some(word))) if word.value == "auto" => LazyPackages::Auto,
                (_, Ok(_)) => {
                    return Err(place
                        .failure("`lazy-imports` is neither true or false, nor a list, nor `\"auto\"`")
                        .help("write `lazy-imports = true`, or `lazy-imports = [\"my_app\", \"rich\"]`"));
                }
                _ => LazyPackages::Named(names(&table.strings("lazy-imports")?)?),
            },
        };
        let trial = table.has("lazy-imports-trial").then(|| table.strings("lazy-imports-trial")).transpose()?;
        Ok(Self { packages, except: table.strings("lazy-imports-except")?, trial })
    }

    /// With the defaults filled in.
    pub(super) fn resolve(&self) -> Result<LazyImports, Failure> {
        let default = || vec![vec!["--help".to_owned()], vec!["--version".to_owned()]];
        let words = |line: &Located<String>| {
            shlex::split(&line.value).ok_or_else(|| {
                line.place
                    .failure(format!("`{}` in `lazy-imports-trial` is not a command line", line.value))
                    .help("close its quotes: it is written as in a shell, without the app's name")
            })
        };
        let trial = match &self.trial {
            Some(lines) => lines.iter().map(words).collect::<Result<_, _>>()?,
            None => default(),
        };
        Ok(LazyImports { packages: self.packages.clone(), except: names(&self.except)?, trial })
    }
}

/// First names of modules, sorted.
fn names(written: &[Located<String>]) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for Located { value, place } in written {
        let is_name = value.chars().all(|letter| letter.is_alphanumeric() || letter == '_') && !value.is_empty();
        if !is_name {
            return Err(place
                .failure(format!("`{value}` is not the name of a package"))
                .help("write the name by which it is imported, without dots: `yaml`, `google`"));
        }
        names.push(value.clone());
    }
    names.sort();
    names.dedup();
    Ok(names)
}
