//! Windows: its documented functions, by `windows-sys`.

pub(crate) mod access;
pub(crate) mod background;
pub(crate) mod c_library;
mod child;
pub(crate) mod console;
pub(crate) mod desktop;
mod elevated;
pub(crate) mod exec;
pub(crate) mod failure_dialog;
pub(crate) mod faults;
pub(crate) mod files;
pub(crate) mod in_use;
#[cfg(feature = "fault-points")]
pub(crate) mod kill;
pub(crate) mod machine;
pub(crate) mod machine_place;
pub(crate) mod menu;
pub(crate) mod own_exe;
pub(crate) mod own_file;
pub(crate) mod process;
pub(crate) mod processes;
mod registry;
pub(crate) mod services;
mod standard;
mod station;
pub(crate) mod tree;
mod utf16;
mod volume;
mod window;
