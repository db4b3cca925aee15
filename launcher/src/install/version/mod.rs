//! What is there: the seal of a version dir, the list of its files, who runs it, how much room it takes.

pub mod disk_use;
pub mod listed;
pub mod seal;
pub(super) mod users;
