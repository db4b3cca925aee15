//! What differs between the systems that the builder runs on.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{
    before_an_interrupt_ends_this, create_directories, create_new_private, hand_over, has_one_name, identity,
    is_executable, is_kept_alike, keep_others_out, keep_temporary_private, link_target, make_executable, symlink,
};
#[cfg(windows)]
pub use windows::{
    before_an_interrupt_ends_this, create_directories, create_new_private, hand_over, has_one_name, identity,
    is_executable, is_kept_alike, keep_others_out, keep_temporary_private, link_target, make_executable, symlink,
};

/// Whether a file that begins like this is a program for a Unix: ELF, or a script with an interpreter.
#[cfg(any(windows, test))]
fn begins_a_program(start: &[u8]) -> bool {
    start.starts_with(b"\x7fELF") || start.starts_with(b"#!")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_known_by_how_they_begin() {
        for (start, is_program) in [(&b"\x7fELF\x02"[..], true), (b"#!/bin/sh", true), (b"# x", false), (b"", false)] {
            assert_eq!(begins_a_program(start), is_program, "{start:?}");
        }
    }
}
