//! What needs a Rust toolchain and a C compiler, and nothing that has to be fetched: a shell script or a small program is
//! what these bundles start.

mod appended;
pub(crate) mod concurrency;
pub(crate) mod crash_points;
pub(crate) mod hostile;
mod inherited;
mod long_lived;
mod mutants;
mod power_loss;
mod publishers;
mod scarce_resources;
mod unexpected_ends;
