//! What needs a Rust toolchain and a C compiler, and nothing that has to be fetched: a shell script or a small program is
//! what these bundles start.

pub(crate) mod appended;
pub(crate) mod concurrency;
pub(crate) mod crash_points;
pub(crate) mod data_loss;
pub(crate) mod file_systems;
pub(crate) mod hostile;
mod inherited;
mod interference;
mod launchers;
mod long_lived;
mod metadata;
pub(crate) mod mutants;
pub(crate) mod power_loss;
mod probation;
mod publishers;
mod releases;
pub(crate) mod scarce_resources;
pub(crate) mod share;
pub(crate) mod unexpected_ends;
mod update_attacks;
mod update_faults;
mod update_hosting;
mod updates;
