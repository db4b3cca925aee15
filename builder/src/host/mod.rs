//! The machine that builds: its files, the cache, temporary directories, the network, and uv.

pub mod cache;
pub(crate) mod digest;
pub(crate) mod download;
pub(crate) mod files;
pub mod network;
pub mod package_index;
pub mod scratch;
pub mod system;
pub mod uv;
