//! The names of the references, as tables show them.

pub(crate) const ONLY_EXECS: &str = "a static C program that only execs";
pub(crate) const DIRECTLY: &str = "`python -I -m app` in the bundle's tree";
pub(crate) const PLAINLY: &str = "`python -I -m app` in a whole CPython";
pub(crate) const WITHOUT_LAUNCHER: &str = "what ekiben's launcher starts, without it";
pub(crate) const CONSOLE_SCRIPT: &str = "console script of a virtual environment";
pub(crate) const FLOOR: &str = "floor: decode, create, write, close";
pub(crate) const CP: &str = "`cp -r` of the tree";
pub(crate) const TAR: &str = "`tar x` of the tree";
pub(crate) const FULL: &str = "full first start";
