//! A console app that was double-clicked owns its console, which closes with it: an error in it stays until it was read.

use std::fs::File;
use std::os::unix::fs::FileExt;

use ekiben_tests::{Os, Screen, TestContext, Wine, all_in_terminal, eventually, windows_path, windows_program};

#[test]
fn an_error_in_a_console_of_its_own_stays_until_a_key_is_pressed() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let bundle = context.bundle("hello", Os::Windows);
    let damaged = File::options().write(true).open(&bundle).unwrap();
    damaged.write_all_at(&[0; 64], damaged.metadata().unwrap().len() / 2).unwrap();
    drop(damaged);
    let screen = Screen::with_frames(wine);

    let mut launcher = screen.in_console(&context, &bundle, &[]);
    let window = screen.window(r"hello\.exe");
    // The same failure where somebody else reads it ends at once, and takes as long as this one.
    for _ in 0..3 {
        assert_eq!(wine.program(&context, &bundle).run().code, Some(124));
    }
    assert_eq!(launcher.try_wait().unwrap(), None, "the console has closed");
    screen.picture("own-console");
    eventually("a key is heard", || {
        // A key before the question is none.
        screen.press_if_there(&window, "space");
        launcher.try_wait().unwrap().is_some()
    });
    assert_eq!(launcher.wait().unwrap().code(), Some(124));
}

#[test]
fn an_app_with_windows_answers_in_the_console_that_it_was_asked_in() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let bundle = context.bundle("windowed", Os::Windows);
    // Wine lets an app with windows into the console of whoever starts it; Windows does not, and neither does this.
    let detaches = context.write("detaches.exe", windows_program(&context, "detaches", &[]));
    let asks = wine.program(&context, detaches).arg(format!("{} self info", windows_path(&bundle)));
    let shown = all_in_terminal(asks).run();
    assert!(shown.code == Some(0) && shown.stdout.contains("Window Seat 1.0"), "{shown:#?}");
}
