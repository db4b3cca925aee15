//! As `wine::identity`: the tests that need CPython or packages.

use std::fs;

use ekiben_tests::{Os, Recipe, TestContext, read_pe, sha256, windows_builds_or_skip};
use serde_json::{Value, json};

use crate::wine::identity::built;

const SIZES: [u32; 9] = [16, 20, 24, 32, 40, 48, 64, 128, 256];

#[test]
fn another_reader_finds_icon_version_and_manifest() {
    if !windows_builds_or_skip() {
        return;
    }
    let context = TestContext::new();
    let exe = context.bundle("branded", Os::Windows);
    let icon = context.path("icon.ico");
    let facts = read_pe(&exe, Some(&icon));
    let lines = json!({
        "Comments": "An app with a face: an icon, and what Windows shows in a file's properties",
        "CompanyName": "Ekiben Works, 東京",
        "FileDescription": "Bentō Box",
        "FileVersion": "2.5.1rc1",
        "InternalName": "bent-box",
        "LegalCopyright": "© 2024 Ekiben Works",
        "OriginalFilename": "bent-box.exe",
        "ProductName": "Bentō Box",
        "ProductVersion": "2.5.1rc1",
    });
    assert_eq!((&facts["lines"], &facts["language"]), (&lines, &json!(["040904b0"])));
    for version in ["file_version", "product_version"] {
        assert_eq!(facts[version], json!([2, 5, 1, 0]));
    }
    assert_eq!(facts["prerelease"], true);
    assert_eq!((&facts["icon"], &facts["unaligned"], &facts["warnings"]), (&json!(SIZES), &json!([]), &json!([])));
    assert!(facts["sections"].as_array().unwrap().contains(&json!(".rsrc")), "{facts:#}");

    let manifest = facts["manifest"].as_str().unwrap();
    for word in ["asInvoker", "longPathAware", ">UTF-8<", "PerMonitorV2", "Microsoft.Windows.Common-Controls"] {
        assert!(manifest.contains(word), "{word}");
    }
    // An XML reader of somebody else.
    let manifest = context.write("manifest.xml", manifest);
    let parse = "import sys, xml.etree.ElementTree as e; print(e.parse(sys.argv[1]).getroot().tag)";
    let root = context.program("python3").args(["-c", parse]).arg(&manifest).run();
    assert_eq!(root.quiet_stdout().trim(), "{urn:schemas-microsoft-com:asm.v1}assembly");
    let kind = context.program("file").args(["--brief", icon.to_str().unwrap()]).run();
    assert!(kind.quiet_stdout().starts_with("MS Windows icon resource - 9 icons"), "{kind:#?}");
}

#[test]
fn the_header_says_how_the_program_is_loaded() {
    if !windows_builds_or_skip() {
        return;
    }
    let context = TestContext::new();
    let facts = read_pe(&context.bundle("hello", Os::Windows), None);
    let has = |field: &str, flags: u64| facts[field].as_u64().unwrap() & flags == flags;
    // Run from the page file if it comes from removable media, and if it comes from the network.
    assert!(has("characteristics", 0x0400 | 0x0800), "{facts:#}");
    // 64 bits of randomised addresses; no execution of data; no compatibility layer on terminal servers.
    assert!(has("dll_characteristics", 0x0020 | 0x0040 | 0x0100 | 0x8000), "{facts:#}");
    // Addresses are randomised only if there is a table of what to change, which must not be said to be stripped.
    assert!(facts["relocations"].as_u64() > Some(0) && !has("characteristics", 1), "{facts:#}");
    assert_eq!((&facts["subsystem"], &facts["checksum_is_right"]), (&json!(3), &json!(true)));
    assert_eq!((&facts["icon"], &facts["unaligned"], &facts["warnings"]), (&json!([]), &json!([]), &json!([])));
    assert_eq!(facts["lines"]["ProductName"], "hello");
}

#[test]
fn an_app_for_administrators_says_so_and_the_settings_win() {
    if !windows_builds_or_skip() {
        return;
    }
    let context = TestContext::new();
    let exe = built(&context, "windows.admin = true\nwindows.company = \"Another\"\nwindows.description = \"Packs\"");
    let facts = read_pe(&exe, None);
    assert!(facts["manifest"].as_str().unwrap().contains("requireAdministrator"), "{facts:#}");
    assert_eq!(
        (&facts["lines"]["CompanyName"], &facts["lines"]["FileDescription"]),
        (&json!("Another"), &json!("Packs"))
    );
    let inspected = context.ekiben().args(["inspect", "--json"]).arg(&exe).run().json();
    assert_eq!((&inspected["windows"]["admin"], &inspected["windows"]["signature"]), (&json!(true), &Value::Null));
    let said = context.ekiben().arg("inspect").arg(&exe).run();
    let said = said.quiet_stdout();
    assert!(said.contains("program      console, icon, asks for an administrator's rights\n"), "{said}");
    assert!(said.contains("version info Packs, 2.5.1rc1, Another\nsigned by    none\n"), "{said}");
}

#[test]
fn the_same_inputs_make_the_same_face() {
    if !windows_builds_or_skip() {
        return;
    }
    let contexts = [TestContext::new(), TestContext::new()];
    let digests = contexts.each_ref().map(|context| sha256(&built(context, "")));
    assert_eq!(digests[0], digests[1]);
}

#[test]
fn an_icon_that_can_t_be_used_is_told() {
    if !windows_builds_or_skip() {
        return;
    }
    for (setting, content, complaint, help) in [
        (
            "icon = \"none.png\"",
            None,
            "pyproject.toml:13: there is no icon `none.png`",
            "relative to the project's directory",
        ),
        ("icon = \"branded.py\"", None, "pyproject.toml:13: `branded.py` is not an icon", "an .ico, .png or .svg file"),
        ("icon = \"bad.png\"", Some("no picture"), "bad.png` as a PNG: ", "256 × 256"),
        ("icon = \"bad.svg\"", Some("<svg"), "bad.svg` as an SVG: ", "a browser"),
        ("icon = \"bad.ico\"", Some("\0\0\u{1}\0\u{9}\0"), "bad.ico` as an .ico: ", "256 × 256"),
    ] {
        let context = TestContext::new();
        let project = context.project("branded");
        let file = project.join("pyproject.toml");
        let text = fs::read_to_string(&file).unwrap().replace("icon = \"bento.svg\"", setting);
        fs::write(&file, text).unwrap();
        if let Some(content) = content {
            fs::write(project.join(setting.split('"').nth(1).unwrap()), content).unwrap();
        }
        let output = context.path("never.exe");
        let outcome = context
            .ekiben()
            .args(Recipe::new("branded", Os::Windows).arg("--quiet").arguments(&project, &output))
            .run();
        let said = context.complaint(&outcome, 1);
        assert!(said.contains(complaint) && said.contains(help), "{setting}: {said}");
        assert!(!output.exists());
    }
}
