//! The lines of the start script that make import statements lazy, for the app alone: `-X lazy_imports` would also reach the
//! interpreters that the app starts by `multiprocessing`, which gives its children all options of this kind.

use std::path::Path;

use super::{indented, python_text};

/// Which import statements are lazy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Laziness {
    /// The packages whose import statements are lazy; `None` means all packages.
    pub packages: Option<Vec<String>>,
    /// Packages with which nothing is lazy.
    pub except: Vec<String>,
}

/// What a trial finds out by a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// Nothing is lazy. Names are noted.
    Eager,
    /// What is to be lazy is. Names are noted.
    Lazy,
}

/// The first name of the module with the statement: none for code without `__name__`, as `exec` runs it.
const IMPORTING: &str = "(importing or '').partition('.')[0]";

/// Tells which package to except if the app fails in a way that lazy imports can be the reason of: an import, a submodule that
/// nothing has imported, or an object that stands for an import.
const EXPLAIN: &str = r#"    except Exception as error:
        end = error.__traceback__
        while end.tb_next:
            end = end.tb_next
        name = end.tb_frame.f_globals.get("__name__", "")
        if isinstance(getattr(error, "obj", None), type(sys)):
            name = error.obj.__name__
        elif not isinstance(error, ImportError) and "lazy_import" not in str(error):
            name = ""
        if name:
            error.add_note("this bundle was built with `lazy-imports`, by which modules are imported when they are first used")
            error.add_note("help: if that is the reason, build it with `lazy-imports-except = [\"" + name.partition(".")[0] + "\"]`")
        raise
"#;

/// A trial notes first names: of modules with import statements (`>`), and of what they import (`<`).
const RECORD: &str = r#"    def record(importing, imported, names, seen=set(), log=open(PATH, "a", encoding="utf-8")):
        for kind, name in (">", importing), ("<", imported):
            line = kind + (name or "").partition(".")[0] + "\n"
            if line not in seen:
                seen.add(line)
                log.write(line)
                log.flush()
        return RESULT

    sys.set_lazy_imports_filter(record)
    sys.set_lazy_imports("all")
"#;

impl Laziness {
    /// The statements before anything of the app is imported.
    pub(super) fn begin(&self) -> String {
        let condition = self.condition();
        let filter = if condition == "True" {
            String::new()
        } else {
            format!("    sys.set_lazy_imports_filter(lambda importing, imported, names: {condition})\n")
        };
        format!("{filter}    sys.set_lazy_imports(\"all\")\n")
    }

    /// The same for a trial, which appends what it sees to the file `log`.
    pub fn begin_recording(&self, what: Recorded, log: &Path) -> String {
        let result = if what == Recorded::Eager { "False".to_owned() } else { self.condition() };
        RECORD.replace("PATH", &python_text(&log.to_string_lossy())).replace("RESULT", &result)
    }

    /// Whether a statement is lazy, in Python.
    fn condition(&self) -> String {
        let set =
            |names: &[String]| format!("{{{}}}", names.iter().map(|n| python_text(n)).collect::<Vec<_>>().join(", "));
        let mut parts = Vec::new();
        if let Some(packages) = &self.packages {
            parts.push(format!("{IMPORTING} in {}", if packages.is_empty() { "()".to_owned() } else { set(packages) }));
        }
        if !self.except.is_empty() {
            let except = set(&self.except);
            if self.packages.is_none() {
                parts.push(format!("{IMPORTING} not in {except}"));
            }
            parts.push(format!("imported.partition(\".\")[0] not in {except}"));
        }
        if parts.is_empty() { "True".to_owned() } else { parts.join(" and ") }
    }
}

/// `body` in a statement that adds to what the user reads when a lazy import may have failed.
pub(super) fn explaining(body: &str) -> String {
    format!("    try:\n{}{EXPLAIN}", indented(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lazy_is_a_condition_on_both_names() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for (packages, except, expected) in [
            (None, names(&[]), "True"),
            (
                None,
                names(&["a", "b"]),
                "(importing or '').partition('.')[0] not in {\"a\", \"b\"} and imported.partition(\".\")[0] not in {\"a\", \"b\"}",
            ),
            (Some(names(&["c"])), names(&[]), "(importing or '').partition('.')[0] in {\"c\"}"),
            (
                Some(names(&["c"])),
                names(&["a"]),
                "(importing or '').partition('.')[0] in {\"c\"} and imported.partition(\".\")[0] not in {\"a\"}",
            ),
            (Some(names(&[])), names(&[]), "(importing or '').partition('.')[0] in ()"),
        ] {
            assert_eq!(Laziness { packages, except }.condition(), expected);
        }
        assert_eq!(Laziness::default().begin(), "    sys.set_lazy_imports(\"all\")\n");
    }
}
