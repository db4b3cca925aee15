//! Work that nobody should wait for, done beside the app.

use crate::sys::background as system;

/// Does `work` beside the app, or not at all: it has to be work that a later start can do as well. To be called when this
/// process has one thread.
pub fn run(work: impl FnOnce() + Send + 'static) {
    system::run(work);
}
