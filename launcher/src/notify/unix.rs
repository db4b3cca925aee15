//! There is always stderr, for whoever started us or for the session's journal; a terminal outlives its programs.

use super::dialog::Dialog;

pub(super) fn has_stderr() -> bool {
    true
}

pub(super) fn show(_dialog: &Dialog) {}

pub(super) fn language() -> u16 {
    0
}

pub(super) fn owns_its_console() -> bool {
    false
}

pub(super) fn wait_for_a_key(_prompt: &str) {}
