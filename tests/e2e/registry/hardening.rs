//! As `wine::hardening`: the tests that need CPython or packages.

use ekiben_tests::{Os, TestContext, read_pe, windows_builds_or_skip};

/// Libraries that a launcher imports by its header. Windows maps each of these from a place of its own, whatever lies beside
/// the program (`HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\KnownDLLs`), or, a set of functions, has no file of it.
const KNOWN: &[&str] = &[
    "advapi32.dll",
    "combase.dll",
    "kernel32.dll",
    "msvcrt.dll",
    "ntdll.dll",
    "ole32.dll",
    "shell32.dll",
    "user32.dll",
];

#[test]
fn a_launcher_names_no_library_that_windows_would_look_for_beside_it() {
    if !windows_builds_or_skip() {
        return;
    }
    let context = TestContext::new();
    let facts = read_pe(&context.bundle("hello", Os::Windows), None);
    let imports: Vec<String> = serde_json::from_value(facts["imports"].clone()).unwrap();
    assert!(imports.len() > 4, "{imports:?}");
    let unknown: Vec<_> = imports
        .iter()
        .map(|name| name.to_lowercase())
        .filter(|name| !KNOWN.contains(&name.as_str()) && !name.starts_with("api-ms-win-"))
        .collect();
    assert_eq!(unknown, [""; 0]);
}
