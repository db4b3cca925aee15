//! Who is told how an installation goes on, and may stop it.

/// What a first start tells while it works. Called from one thread.
pub trait Watcher {
    /// Another process is installing, and this one waits for it. Called several times a second.
    fn waiting(&mut self);
    /// `done` of `total` bytes are extracted. Called several times a second, and at the end.
    fn extracted(&mut self, done: u64, total: u64);
    /// Whether to stop. Asked after each of the calls above; what was begun is then undone.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Tells that we wait; whether to go on with that.
pub(super) fn wait(watcher: &mut dyn Watcher) -> bool {
    watcher.waiting();
    !watcher.is_cancelled()
}
