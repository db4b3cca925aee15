//! The launcher, as a library: what a bundle does when it is started.
//!
//! Read [`launch`] first: a start in one page. `docs/ARCHITECTURE.md` is the map.

pub mod env;
pub mod error;
pub mod exec;
pub mod install;
pub mod launch;
pub mod notify;
pub mod probation;
pub mod self_cmd;
pub mod service;
mod start;
pub mod sys;
pub mod updates;
