//! As `wine::gui_apps`: the tests that need CPython or packages.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use ekiben_tests::{Os, TestContext};

/// An X server, which ends with the test.
struct Display(Child, String);

impl Display {
    fn new() -> Self {
        let mut server = Command::new("Xvfb");
        server.args(["-displayfd", "1", "-nolisten", "tcp"]).stdout(Stdio::piped());
        let mut server = server.stderr(Stdio::null()).spawn().unwrap();
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        Self(server, format!(":{}", number.trim()))
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const WINDOW: &str = r"
import os, tkinter, tkinter.ttk, turtle
root = tkinter.Tk()
tkinter.ttk.Button(root, text='Sell').pack()
root.update()
print(root.winfo_viewable(), os.environ.get('TCL_LIBRARY'))
print(root.tk.eval('info library'))
print(root.tk.eval('set tk_library'))
print(root.tk.eval('package require msgcat') > '1')
maps = {line.split()[-1] for line in open('/proc/self/maps') if '.so' in line}
print(*(path for path in sorted(maps) if any(name in path for name in ('libtcl', 'libtk', 'libX11'))), sep='\n')
";

#[test]
fn a_tkinter_app_has_a_window_with_the_tcl_and_tk_of_the_bundle() {
    let context = TestContext::new();
    context.write("seats/main.py", WINDOW);
    context.ekiben().args(["build", "seats", "--compression", "fast", "-o", "seats-app"]).run().success();
    let display = Display::new();
    let start = context.program(context.path("seats-app")).env("DISPLAY", &display.1);
    // What the user has set for another Tcl changes nothing, and is as it was for other programs.
    for (start, variable) in [(start.clone(), "None"), (start.env("TCL_LIBRARY", "/usr/share/none"), "/usr/share/none")]
    {
        let said = start.run().quiet_stdout().to_owned();
        let version = context.version_dir("seats").canonicalize().unwrap();
        let mut lines = said.lines();
        assert_eq!(lines.next(), Some(&*format!("1 {variable}")), "{said}");
        assert!(
            lines.clone().filter(|line| *line != "True").all(|path| path.starts_with(version.to_str().unwrap())),
            "{said}"
        );
        assert!(lines.clone().count() >= 3, "{said}");
    }
}

#[test]
fn a_build_without_tk_is_without_its_libraries_and_says_so_to_whoever_needs_it() {
    let context = TestContext::new();
    let bundle = context.bundle("hello", Os::Linux);
    let files = context.ekiben().args(["inspect", "--files"]).arg(&bundle).run().stdout;
    for name in ["_tkinter.", "/libtk", "/libX11", "/turtle."] {
        assert!(!files.contains(name), "{name}: {files}");
    }
    let tree = context.path("tree");
    context.ekiben().arg("extract").arg(&bundle).arg(&tree).run().success();
    context.write("late/main.py", "def window():\n    import tkinter\n");
    for arguments in [&[][..], &["--no-check"], &["--entry", "-m main"]] {
        let build = context.ekiben().args(["build", "late", "--compression", "fast", "--runtime"]).arg(&tree);
        let built = build.args(arguments).run();
        built.success();
        assert!(
            built.stderr.contains("note: `main.py` imports tkinter, and the directory with CPython "),
            "{built:#?}"
        );
    }
}

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
