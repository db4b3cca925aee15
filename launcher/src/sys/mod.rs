//! The operating system: everything that is done in another way on Linux than on Windows, and all unsafe code of the launcher.
//!
//! `linux` and `windows` have modules of the same names with functions of the same names, and one of the two is chosen here, once
//! and for all. Decisions that need no system call stand beside them and are tested on any machine.

pub mod command_line;
pub mod dialog_template;
pub mod file_name;
pub(crate) mod memory;
#[cfg(any(windows, test))]
mod path_list;
#[cfg(any(windows, test))]
mod rights;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub use linux::begin;
#[cfg(target_os = "linux")]
pub(crate) use linux::*;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::*;

pub use memory::Memory;
