//! Work in the background, in a thread: the launcher waits for the app anyway. If the app ends earlier, a later start does the rest.

/// Does `work` while the app runs, or not at all: it has to be work that a later start can do as well.
pub(crate) fn run(work: impl FnOnce() + Send + 'static) {
    // The app runs also if no thread can be created.
    let _ = std::thread::Builder::new().spawn(work);
}
