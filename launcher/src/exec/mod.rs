//! What is handed over to the interpreter, and what its exit code says. [`crate::sys`] hands over.

pub mod command;
pub mod exit_code;
pub mod variables;
