//! The operating system: everything that is done in another way on Linux than on Windows, and all unsafe code of the launcher.
//!
//! `linux` and `windows` have modules of the same names with functions of the same names, and one of the two is chosen here, once
//! and for all, as `system`. The files beside them hold what both share: the types, and decisions that need no system call and
//! are tested on any machine. Nothing here knows what installs, starts or reports.

pub(crate) mod access;
pub mod command_line;
pub(crate) mod creation;
pub(crate) mod dialog;
pub mod dialog_template;
pub mod drive;
pub(crate) mod exec;
pub mod faults;
pub mod file_name;
pub(crate) mod machine;
pub(crate) mod memory;
pub mod new_file;
pub(crate) mod own_file;
pub mod path_error;
#[cfg(any(windows, test))]
mod path_list;
pub mod processes;
pub(crate) mod removal;
pub mod renaming;
pub(crate) mod tree;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as system;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as system;

pub use memory::Memory;
pub(crate) use system::failure_dialog::show_failure;
#[cfg(feature = "fault-points")]
pub(crate) use system::kill;
#[cfg(target_os = "linux")]
pub use system::process::begin;
pub use system::process::{ignore_sigpipe, restrict_dll_search};
pub(crate) use system::{
    background, c_library, console, desktop, files, in_use, machine_place, menu, own_exe, process, services,
};
