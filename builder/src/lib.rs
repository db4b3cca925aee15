//! The builder: turns a Python project into one executable file.
//!
//! Read [`pipeline`] first: it is the product in one page. `docs/ARCHITECTURE.md` is the map. A module imports those below it
//! in this list, and none above it:
//!
//! 1. [`commands`]: the command line.
//! 2. [`pipeline`]: a build.
//! 3. [`packing`]: from files to a bundle.
//! 4. [`executable`]: what Windows shows of a program.
//! 5. [`dependencies`]: third-party packages and the app.
//! 6. [`runtime`]: the CPython tree.
//! 7. [`context`]: what all of these work with.
//! 8. [`config`]: a project, read.
//! 9. [`platform`]: targets and their operating systems.
//! 10. [`host`]: the machine that builds.
//! 11. [`report`]: what people read.

pub mod commands;
pub mod config;
pub mod context;
pub mod dependencies;
pub mod executable;
pub mod host;
pub mod packing;
pub mod pipeline;
pub mod platform;
pub mod release;
pub mod report;
pub mod runtime;
