//! Maintaining what is installed: comparing it with the bundle, repairing it, removing what is not needed any more.

pub mod compare;
pub(super) mod discard;
pub(super) mod kept;
pub mod logs;
pub mod prune;
pub mod remove;
pub mod restore;
pub mod rotated;
