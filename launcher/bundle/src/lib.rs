//! The bundle format: writer and reader in one place. `docs/FORMAT.md` says the same in words and bytes.
//!
//! ```text
//! [launcher] [frames of each layer] [index, zstd] [launch record, JSON] [footer] [certificate table or a few bytes]
//! ```
//!
//! Trust goes one way: the footer's digest covers the footer's own numbers, the launch record and (through its
//! SHA-256) the index; the index holds the SHA-256 of each frame. Nothing is believed before its digest was checked.
//! This guards against damage, not against someone who can rewrite the whole file: that is what a code signature
//! is for.
//!
//! This package depends on no other package of ours. Only it knows magic numbers and offsets.

pub mod compression;
pub mod digest;
pub mod entry_path;
pub mod error;
pub mod filter;
pub mod footer;
pub mod frame;
pub mod index;
pub mod layer;
pub mod locate;
mod memory;
mod pe;
pub mod reader;
pub mod record;
pub mod source;
pub mod system;
pub mod text;
pub mod writer;

pub use compression::Compression;
pub use digest::Digest;
pub use error::BundleError;
pub use reader::Bundle;
pub use record::LaunchRecord;
pub use system::System;
