//! What no application needs of a standard library, wherever a platform has it.

/// Whether a directory or file of the standard library, named from its top, is for tests alone.
pub(super) fn is_in_stdlib(module: &str) -> bool {
    let directory = ["test", "dist-packages"].contains(&module);
    let tests = [
        "lib2to3/tests",
        "idlelib/idle_test",
        "ctypes/test",
        "distutils/tests",
        "sqlite3/test",
        "tkinter/test",
        "unittest/test",
    ]
    .contains(&module);
    directory || tests || module.starts_with("site-packages/")
}

/// Whether an extension module exists for CPython's own test suite.
pub(super) fn is_test_module(file: &str) -> bool {
    ["_test", "_ctypes_test", "_xxtestfuzz", "xxlimited", "xxsubtype"].iter().any(|name| file.starts_with(name))
}
