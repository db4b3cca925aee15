//! The metadata of releases: who may publish an app, which versions there are, and which one a client may install.
//! `docs/FORMAT.md`, "Release metadata", says the same in words.
//!
//! A client verifies in this order, and each step is one call:
//!
//! 1. [`Root::next`]: newer roots, each signed by the keys of the one before it and by its own.
//! 2. [`Channel::verify`]: signatures by the threshold of known keys, app, channel, serial, expiry.
//! 3. [`Channel::choose`]: a version that is allowed.
//!
//! Signatures are over the bytes of a file as they are: nothing is parsed before its signatures were checked, but for the
//! number of the root that a channel names ([`Channel::root_it_names`]).
//!
//! This package reads and verifies. It opens no file, has no clock and no network; the builder signs.

pub mod channel;
pub mod key;
pub mod place;
pub mod refused;
pub mod rollout;
pub mod root;
pub mod source;
pub mod version;

pub use channel::{Channel, ReleasedFile};
pub use key::{PublicKey, Signatures};
pub use refused::Refused;
pub use root::Root;
pub use version::Version;

/// The format version of the metadata that this code writes, and the only one it reads.
pub const FORMAT: u32 = 1;
