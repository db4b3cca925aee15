//! The launcher, as a library: the bundle format, which the builder shares, and the start.
//!
//! Read [`launch`] first: a start in one page. `docs/ARCHITECTURE.md` is the map.

pub mod background;
pub mod env;
pub mod error;
pub mod exec;
pub mod install;
pub mod launch;
pub mod notify;
pub mod own_file;
pub mod process;
pub mod processes;
pub mod self_cmd;
pub mod service;
mod start;
pub mod sys;
