//! Linux: system calls, and what `/proc` tells.

pub(crate) mod access;
pub(crate) mod background;
pub(crate) mod c_library;
pub(crate) mod console;
pub(crate) mod desktop;
pub(crate) mod exec;
pub(crate) mod failure_dialog;
pub(crate) mod faults;
mod file_rights;
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
pub(crate) mod program;
pub(crate) mod services;
pub(crate) mod tree;
