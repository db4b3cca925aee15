//! A thread: the launcher waits for the app anyway. If the app is faster, a later start does the rest.

pub(crate) fn run(work: impl FnOnce() + Send + 'static) {
    // A thread that can't be had is no reason not to run the app.
    let _ = std::thread::Builder::new().spawn(work);
}
