//! `environment`: which of Python's variables reach the app although it runs isolated.

use launcher::exec::variables;

use super::document::Located;
use crate::report::failure::Failure;

/// Variables that choose which code the interpreter loads, its own or other code, and so would break the isolation.
const CHOOSE_CODE: &[&str] = &[
    "PYTHONBREAKPOINT",
    "PYTHONCASEOK",
    "PYTHONEXECUTABLE",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONNOUSERSITE",
    "PYTHONPATH",
    "PYTHONPLATLIBDIR",
    "PYTHONPYCACHEPREFIX",
    "PYTHONSAFEPATH",
    "PYTHONSTARTUP",
    "PYTHONUSERBASE",
    "PYTHONWARNINGS",
    "PYTHON_BASIC_REPL",
    "PYTHON_FROZEN_MODULES",
    "PYTHON_PRESITE",
];

/// The names, if all of them can be let through.
///
/// # Errors
/// The first name that can't be let through, with its line.
pub(super) fn checked(names: &[Located<String>]) -> Result<Vec<String>, Failure> {
    let known: Vec<_> = variables::names().collect();
    if let Some(name) = names.iter().find(|name| !known.contains(&name.value.as_str())) {
        let variable = &name.value;
        let message = if CHOOSE_CODE.contains(&variable.as_str()) {
            format!("`{variable}` can't be in `environment`: it could make the app run code from outside of the bundle")
        } else {
            format!("`{variable}` can't be in `environment`: the interpreter has no option that does the same")
        };
        let list = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        return Err(name.place.failure(message).help(format!("it can hold {list}")));
    }
    Ok(names.iter().map(|name| name.value.clone()).collect())
}
