//! As `plain::unexpected_ends`: the tests that need Wine.

use ekiben_tests::{Screen, TestContext, Tiny, Wine, windows_program};

use crate::plain::unexpected_ends::{DEFECT, panics_and_lacks_of_memory_are_told};

#[test]
fn a_launcher_for_windows_that_panics_says_so_and_the_next_start_works() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let stays = windows_program(&context, "stays", &[]);
    let app = Tiny::new("1.0").windows().faulty_as_shipped().running(stays).bundle(&context);
    panics_and_lacks_of_memory_are_told(&context, &wine.program(&context, app).stdin(""));
}

#[test]
fn a_launcher_for_windows_that_nobody_reads_tells_a_panic_in_a_dialog() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let stays = windows_program(&context, "stays", &[]);
    let app = Tiny::new("1.0").windows().windowed().faulty_as_shipped().running(stays).bundle(&context);
    let screen = Screen::new(wine);
    let start = screen.program(&context, &app).env("EKIBEN_TEST_FAULT", "panic:file written*1");
    let mut shown = screen.show(start);
    let dialog = screen.window("This program");
    screen.picture("panic");
    assert_eq!(screen.close(&dialog, "Return", &mut shown), Some(DEFECT));
}
