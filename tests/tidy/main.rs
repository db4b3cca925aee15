//! The rules of the architecture, as tests: `docs/ARCHITECTURE.md` names each of them.

#![expect(clippy::unwrap_used, reason = "in a test, a surprise is a failure")]

mod dependencies;
mod documents;
mod golden;
mod imports;
mod modules;
mod source;
mod sources;
