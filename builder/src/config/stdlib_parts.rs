//! `stdlib-keep`: parts of the standard library that a bundle has only if something in it names them, or this key.

use super::document::{Located, quoted};
use crate::report::failure::Failure;

/// One of these parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StdlibPart {
    /// tkinter and turtle with Tcl and Tk, where these were collected from this machine.
    Tkinter,
    /// The wheel of pip that `ensurepip` installs.
    Ensurepip,
    /// The editor IDLE.
    Idlelib,
    /// The examples of turtle.
    Turtledemo,
}

impl StdlibPart {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::Tkinter, Self::Ensurepip, Self::Idlelib, Self::Turtledemo];

    /// The package that it is, or is in.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tkinter => "tkinter",
            Self::Ensurepip => "ensurepip",
            Self::Idlelib => "idlelib",
            Self::Turtledemo => "turtledemo",
        }
    }
}

/// The parts that a project names.
pub(super) fn kept(written: &[Located<String>]) -> Result<Vec<StdlibPart>, Failure> {
    let part = |name: &Located<String>| {
        StdlibPart::ALL.into_iter().find(|part| part.name() == name.value).ok_or_else(|| {
            let failure = name.place.failure(format!("`stdlib-keep` names `{}`, which is not such a part", name.value));
            let names = quoted(&StdlibPart::ALL.map(StdlibPart::name));
            failure.help(format!("the parts are {names}; the rest of the standard library is always in a bundle"))
        })
    };
    written.iter().map(part).collect()
}
