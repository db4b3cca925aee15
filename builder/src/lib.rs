//! The builder: turns a Python project into one executable file.
//!
//! Read [`pipeline`] first: it is the product in one page. `docs/ARCHITECTURE.md` is the map.
//! A module imports those below it in this list, and none above it.

pub mod commands;
pub mod pipeline;
// In this order, from the one that knows most to the one that all others use.
pub mod config;
pub mod dependencies;
pub mod executable;
pub mod host;
pub mod packing;
pub mod platform;
pub mod report;
pub mod runtime;
