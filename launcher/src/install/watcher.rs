//! Progress of an installation, and the way to cancel it.

/// Hears how an installation goes on, and may cancel it. Called from one thread.
pub trait Watcher {
    /// Another process is installing, and this one waits for it. Called several times a second.
    fn waiting(&mut self);
    /// `done` of `total` bytes are extracted. Called several times a second, and at the end.
    fn extracted(&mut self, done: u64, total: u64);
    /// Whether to cancel. Asked after each of the calls above; what was begun is undone then.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Reports that we wait. Whether to go on waiting.
pub(super) fn wait(watcher: &mut dyn Watcher) -> bool {
    watcher.waiting();
    !watcher.is_cancelled()
}
