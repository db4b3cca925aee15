//! Facts about a version dir: its seal, the list of its files, who runs it, how much space it takes.

pub(super) mod deletion;
pub mod disk_use;
pub mod file_list;
pub mod seal;
pub(super) mod users;
