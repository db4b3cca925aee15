//! As `wine::gui_apps`: the tests that need CPython or packages.

use std::fs;

use ekiben_tests::{Os, TestContext};

/// Windows passes no standard streams on to a program without a console
/// (<https://github.com/python/cpython/issues/122633>); Wine does.
#[test]
fn a_worker_without_streams_writes_to_the_log_of_its_app() {
    let context = TestContext::new();
    let bundle = context.bundle("windowed", Os::Linux);
    assert_eq!(context.program(&bundle).arg("code").run().code, Some(7));
    let version = context.version_dir("window-seat");
    let log = context.write("app.log", "before\n");
    // What `multiprocessing` does first in a process of its own.
    let worker = "import runpy, sys; sys.stdout = sys.stderr = None; runpy.run_path(sys.argv[1], run_name='__mp_main__'); \
                  print('弁当', '\\ud800'); raise RuntimeError('no seat left')";
    let python = context.program(version.join("python")).env("EKIBEN_LOG", &log);
    let outcome = python.args(["-I", "-c", worker]).arg(version.join("ekiben-start.py")).run();
    assert_eq!((outcome.code, outcome.stdout.as_str(), outcome.stderr.as_str()), (Some(1), "", ""));
    let said = fs::read_to_string(&log).unwrap();
    assert!(said.starts_with("before\n弁当 \\ud800\nTraceback"), "{said}");
    assert!(said.ends_with("RuntimeError: no seat left\n"), "{said}");
}
