//! What people read of a build: progress, failures, times, and text that is safe to print.

pub mod failure;
mod progress;
pub mod text;
pub mod timings;

pub use progress::{Report, Step, Verbosity};
