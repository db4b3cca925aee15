//! The builder: turns a Python project into one executable file.
//!
//! Read [`pipeline`] first: it is the product in one page. `docs/ARCHITECTURE.md` is the map.

pub mod brand;
pub mod bytecode;
pub mod cache;
pub mod check;
pub mod cli;
pub mod commands;
pub mod config;
pub mod dependencies;
mod digest;
pub mod face;
pub mod failure;
pub mod host;
pub mod launchers;
pub mod minimal;
pub mod network;
pub mod output;
pub mod pack;
pub mod package_index;
pub mod pipeline;
pub mod publish;
pub mod report;
pub mod runtime;
pub mod scratch;
pub mod sign;
pub mod sizes;
pub mod stage;
pub mod start_script;
pub mod summary;
pub mod target;
pub mod text;
pub mod timings;
pub mod uv;
