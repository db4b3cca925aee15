//! There is always stderr, for whoever started us or for the session's journal; a terminal outlives its programs. On a
//! desktop, where nobody reads it, there are windows too.

use super::desktop;
use crate::notify::dialog::Dialog;
use crate::notify::words;
pub(crate) use desktop::Window;

pub(crate) fn has_stderr() -> bool {
    true
}

pub(crate) fn has_stdout() -> bool {
    true
}

pub(crate) fn find_the_console() {}

pub(crate) fn ask(_question: &Dialog) -> Option<bool> {
    None
}

pub(crate) fn show(dialog: &Dialog) {
    // Only Windows copies the text of a box by itself.
    let copy = words::of(language()).copy;
    let text = dialog.text.strip_suffix(copy).unwrap_or(&dialog.text).trim_end();
    desktop::show(&dialog.title, text, dialog.is_error);
}

pub(crate) fn somebody_reads_stderr() -> bool {
    desktop::somebody_reads_stderr()
}

/// The language of the session, as Windows numbers it.
pub(crate) fn language() -> u16 {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| {
        // locale(7): the first of these that is set and not empty.
        std::env::var(name).ok().filter(|value| !value.is_empty())
    });
    words::number_of(&set.unwrap_or_default())
}

pub(crate) fn owns_its_console() -> bool {
    false
}

pub(crate) fn wait_for_a_key(_prompt: &str) {}
