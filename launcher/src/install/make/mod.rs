//! Creating version dirs and the other files of an install root.

pub mod extract;
pub(super) mod frames;
pub mod own_copy;
pub mod own_icon;
pub(super) mod publish;
pub mod reuse;
pub(super) mod staging;
