//! What needs a Rust toolchain and a C compiler, and nothing that has to be fetched: a shell script or a small program is
//! what these bundles start.

pub(crate) mod appended;
pub(crate) mod concurrency;
pub(crate) mod crash_points;
mod data_loss;
mod file_systems;
pub(crate) mod hostile;
mod inherited;
mod long_lived;
pub(crate) mod mutants;
pub(crate) mod power_loss;
mod publishers;
pub(crate) mod scarce_resources;
mod share;
pub(crate) mod unexpected_ends;
