//! The same promises on Windows: genuine CPython for Windows, on Wine.
//!
//! What needs a Windows-side parent (all bits of an exit code, a raw command line) goes through `probe call`.

use std::fs;
use std::path::Path;

use ekiben_tests::{Os, TestContext, Wine, alone_at_home, hex, windows_path};
use serde_json::{Value, json};

/// A context in which the bundle of `probe` is installed.
struct Installed {
    context: TestContext,
    wine: &'static Wine,
    /// The bundle and its interpreter, as Windows names them.
    bundle: String,
    python: String,
}

impl Installed {
    fn new() -> Option<Self> {
        let wine = Wine::or_skip()?;
        let context = TestContext::new();
        let exe = context.bundle("probe", Os::Windows);
        wine.program(&context, &exe).arg("argv").run().quiet_stdout();
        let python = windows_path(&context.version_dir("probe").join("python.exe"));
        Some(Self { bundle: windows_path(&exe), python, wine, context })
    }

    /// How each of these commands ended, seen by a parent on the same system.
    fn call(&self, entries: &Value) -> Vec<Value> {
        let file = self.context.write("call.json", entries.to_string());
        let called =
            self.wine.program(&self.context, self.context.path("probe.exe")).arg("call").arg(windows_path(&file));
        serde_json::from_value(called.run().json()).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Value {
        self.wine.program(&self.context, self.context.path("probe.exe")).args(arguments).run().json()
    }
}

#[test]
fn exit_codes_are_exact_to_the_last_bit() {
    let Some(installed) = Installed::new() else { return };
    let codes = ["0", "1", "121", "255", "256", "300", "65536", "0x7fffffff", "0xC0000005", "0xC000013A", "0xffffffff"];
    for command in ["exit-native", "exit"] {
        // `sys.exit` takes what fits a C int.
        let codes: Vec<&str> = codes
            .into_iter()
            .filter(|c| command == "exit-native" || !c.starts_with("0xC") && *c != "0xffffffff")
            .collect();
        let entries: Vec<Value> =
            codes.iter().map(|code| json!({"command": [installed.bundle, command, code]})).collect();
        let found: Vec<u64> = installed.call(&json!(entries)).iter().map(|r| r["code"].as_u64().unwrap()).collect();
        let expected: Vec<u64> = codes
            .iter()
            .map(|code| {
                code.strip_prefix("0x").map_or_else(|| code.parse(), |hex| u64::from_str_radix(hex, 16)).unwrap()
            })
            .collect();
        assert_eq!(found, expected, "{command}");
    }
}

#[test]
fn a_command_line_means_to_the_app_what_it_means_to_python() {
    let Some(installed) = Installed::new() else { return };
    let table = [
        "",
        "a b c",
        r#""a b" c"#,
        r#""""#,
        r#"a"b c"d"#,
        r#""a\"b" "c\\" d\e"#,
        r#"a\\\"b"#,
        r#"a\\\\"b c" d"#,
        r#""a\\b c\\""#,
        r#""unclosed quote and spaces"#,
        r#""""quoted triple"""#,
        r#""a""b" c"#,
        r#"\ \\ \\\ "\\""#,
        "tab\there \t  many   spaces   ",
        "%PATH% ^& | < > $HOME `x` *.py ?",
        "-c print(1)",
        "-m http.server -V -X utf8 -- --help -",
        "self info",
        "/? /c dir",
        "grüße 弁当 🍱 e\u{301}",
        "new\u{b}line \u{a0}nbsp \u{3000}wide",
    ];
    let mut lines: Vec<Value> = table.iter().map(|line| json!(line)).collect();
    lines.push(json!("x".repeat(30_000)));
    let surrogates = r#"["lone \ud800 high", "lone \udc00 low \udbff", "\udc00\ud800 swapped"]"#;
    let mut entries = Vec::new();
    for line in &lines {
        let line = line.as_str().unwrap();
        entries.push(json!({"command": format!("\"{}\" argv {line}", installed.bundle)}));
        entries.push(json!({"command": format!("\"{}\" -m probe argv {line}", installed.python)}));
    }
    let mut text = serde_json::to_string(&entries).unwrap();
    // serde_json can't say an unpaired surrogate; JSON can, and Python's reader takes it.
    text.pop();
    for line in surrogates.trim_matches(['[', ']']).split(", ") {
        let line = line.trim_matches('"');
        let (bundle, python) = [&installed.bundle, &installed.python].map(|p| p.replace('\\', r"\\")).into();
        text += &format!(r#",{{"command": "\"{bundle}\" argv {line}"}}"#);
        text += &format!(r#",{{"command": "\"{python}\" -m probe argv {line}"}}"#);
    }
    text.push(']');
    let file = installed.context.write("call.json", text);
    let called = installed.wine.program(&installed.context, installed.context.path("probe.exe"));
    let results: Vec<Value> = serde_json::from_value(called.arg("call").arg(windows_path(&file)).run().json()).unwrap();
    assert_eq!(results.len(), 2 * (table.len() + 4));
    for (number, pair) in results.chunks(2).enumerate() {
        let [ours, plain]: [Vec<Value>; 2] = [0, 1].map(|n| {
            let stdout = pair[n]["stdout"].as_str().unwrap();
            serde_json::from_str(stdout).unwrap_or_else(|e| panic!("line {number}: {e}: {:#}", pair[n]))
        });
        assert_eq!(ours[1..], plain[1..], "line {number}: {:?}", table.get(number));
        assert_eq!(ours[0], hex(installed.bundle.strip_suffix(".exe").unwrap()), "line {number}");
    }
}

#[test]
fn the_name_of_the_program_is_what_the_user_typed_or_its_path_if_path_was_searched() {
    let Some(installed) = Installed::new() else { return };
    let cwd = windows_path(installed.context.root());
    let entries = json!([
        {"command": "probe.exe argv", "cwd": cwd},
        {"command": "probe argv", "cwd": cwd},
        {"command": r#""probe" argv x"#, "cwd": cwd},
        {"command": r".\probe argv", "cwd": cwd},
        {"command": r".\probe.exe argv", "cwd": cwd},
    ]);
    let found: Vec<Value> = installed
        .call(&entries)
        .iter()
        .map(|r| serde_json::from_str::<Value>(r["stdout"].as_str().unwrap()).unwrap()[0].clone())
        .collect();
    // Without `.exe`, as pip's commands have it.
    let path = installed.bundle.strip_suffix(".exe").unwrap();
    assert_eq!(found, [path, path, path, r".\probe", r".\probe"].map(hex));
}

#[test]
fn standard_input_is_piped_through_unchanged() {
    let Some(installed) = Installed::new() else { return };
    let program = installed.wine.program(&installed.context, installed.context.path("probe.exe"));
    let bytes: Vec<u8> = (0..1_000_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let digest = {
        let file = installed.context.write("input", &bytes);
        ekiben_tests::sha256(&file)
    };
    assert_eq!(program.arg("stdin").stdin(bytes).run().json(), json!({"length": 1_000_000, "sha256": digest}));
}

#[test]
fn an_app_ends_with_its_launcher_and_what_it_has_started_lives_on() {
    let Some(installed) = Installed::new() else { return };
    let bundle = installed.wine.program(&installed.context, installed.context.path("probe.exe"));
    let mut running = bundle.arg("family").start();
    let family: Value = serde_json::from_str(&running.line()).unwrap();
    // That each is there is worth asking first: a number without a process counts as ended.
    assert_eq!(installed.run(&["ended", &family["pid"].to_string(), "0"]), json!(false));
    let [launcher, python, child] = ["parent", "pid", "child"].map(|name| family[name].to_string());
    assert_eq!(installed.run(&["end", &launcher]), json!(true));
    assert_eq!(installed.run(&["ended", &python, "20000"]), json!(true));
    assert_eq!(installed.run(&["ended", &child, "0"]), json!(false));
    assert_eq!(installed.run(&["end", &child]), json!(true));
    assert_eq!(installed.run(&["ended", &child, "20000"]), json!(true));
}

#[test]
fn the_app_learns_its_bundle_its_version_dir_and_its_version() {
    let Some(installed) = Installed::new() else { return };
    let names = ["EKIBEN_BUNDLE", "EKIBEN_VERSION_DIR", "EKIBEN_VERSION"];
    let environment = installed.run(&[&["environment"][..], &names].concat());
    let version_dir = windows_path(&installed.context.version_dir("probe"));
    assert_eq!(environment, json!({names[0]: installed.bundle, names[1]: version_dir, names[2]: "1.2.3"}));
}

#[test]
fn sys_executable_is_the_interpreter_in_the_version_dir() {
    let Some(installed) = Installed::new() else { return };
    let facts = installed.run(&["interpreter"]);
    assert_eq!(facts["executable"], json!(installed.python));
    let version_dir = windows_path(&installed.context.version_dir("probe"));
    for entry in facts["path"].as_array().unwrap() {
        assert!(entry.as_str().unwrap().starts_with(&version_dir), "{facts:#}");
    }
}

#[test]
fn the_first_start_makes_one_version_dir_and_leaves_nothing_in_staging() {
    let Some(installed) = Installed::new() else { return };
    let versions = installed.context.versions("probe");
    assert!(versions.len() == 1 && versions[0].starts_with("1.2.3-"), "{versions:?}");
    let staging = installed.context.path("installs/probe/staging");
    assert!(fs::read_dir(staging).map_or(0, Iterator::count) == 0);
    installed.run(&["argv"]);
    assert_eq!(installed.context.versions("probe"), versions);
}

#[test]
fn without_a_root_of_its_own_it_installs_among_the_users_programs_on_windows() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let exe = context.bundle("probe", Os::Windows);
    let _alone = alone_at_home();
    let program = wine.program(&context, exe).env_remove("EKIBEN_ROOT").args([
        "environment",
        "LOCALAPPDATA",
        "EKIBEN_VERSION_DIR",
    ]);
    let environment = program.run().json();
    let [local, version_dir] =
        ["LOCALAPPDATA", "EKIBEN_VERSION_DIR"].map(|name| environment[name].as_str().unwrap().to_owned());
    assert!(version_dir.starts_with(&format!(r"{local}\Programs\probe\versions\1.2.3-")), "{environment:#}");
    // It is the one place outside of this test's directory: leave nothing there.
    wine.tool(&["cmd", "/c", "rmdir", "/s", "/q", &format!(r"{local}\probe")]);
}

/// How the app, and an interpreter that it starts, are set up when the machine is `troubled`, must be as when it is not.
fn unchanged_by(installed: &Installed, troubled: &Value) {
    let mut entries = Vec::new();
    for command in ["interpreter", "child"] {
        let quiet = json!({"command": [installed.bundle, command], "cwd": r"C:\"});
        let mut loud = quiet.clone();
        loud.as_object_mut().unwrap().extend(troubled.as_object().unwrap().clone());
        entries.extend([quiet, loud]);
    }
    let results = installed.call(&json!(entries));
    for pair in results.chunks(2) {
        let [quiet, loud] = [0, 1].map(|n| {
            assert_eq!((&pair[n]["code"], pair[n]["stderr"].as_str()), (&json!(0), Some("")), "{:#}", pair[n]);
            let mut facts: Value = serde_json::from_str(pair[n]["stdout"].as_str().unwrap()).unwrap();
            facts.as_object_mut().unwrap().remove("cwd");
            facts
        });
        assert_eq!(quiet, loud);
        assert_eq!(quiet["evidence"], Value::Null);
    }
}

fn hostile_modules(context: &TestContext) -> String {
    for victim in ["json", "site", "sitecustomize", "usercustomize", "encodings", "ctypes", "os", "hashlib", "probe"] {
        let code = "import os\nos.environ['EKIBEN_TEST_EVIDENCE'] = __file__\n";
        context.write(Path::new("hostile").join(format!("{victim}.py")), code);
    }
    windows_path(&context.path("hostile"))
}

#[test]
fn pythonhome_pythonpath_and_pythonstartup_change_nothing() {
    let Some(installed) = Installed::new() else { return };
    let hostile = hostile_modules(&installed.context);
    for (name, value) in [("PYTHONHOME", r"C:\nowhere"), ("PYTHONPATH", &*hostile), ("PYTHONUSERBASE", &*hostile)] {
        unchanged_by(&installed, &json!({"environment": {name: value}}));
    }
    unchanged_by(&installed, &json!({"environment": {"PYTHONSTARTUP": format!(r"{hostile}\json.py")}}));
}

#[test]
fn the_current_directory_changes_nothing() {
    let Some(installed) = Installed::new() else { return };
    let hostile = hostile_modules(&installed.context);
    let results = installed.call(&json!([{"command": [installed.bundle, "interpreter"], "cwd": hostile}]));
    let facts: Value = serde_json::from_str(results[0]["stdout"].as_str().unwrap()).unwrap();
    assert_eq!(facts["evidence"], Value::Null);
}

#[test]
fn the_user_site_changes_nothing() {
    let Some(installed) = Installed::new() else { return };
    let context = &installed.context;
    context.write(
        r"appdata/Python/Python313/site-packages/hostile.pth",
        "import os; os.environ['EKIBEN_TEST_EVIDENCE'] = 'pth'\n",
    );
    let code = "import os\nos.environ['EKIBEN_TEST_EVIDENCE'] = __file__\n";
    context.write("appdata/Python/Python313/site-packages/usercustomize.py", code);
    unchanged_by(&installed, &json!({"environment": {"APPDATA": windows_path(&context.path("appdata"))}}));
}

#[test]
fn the_registry_changes_nothing() {
    let Some(installed) = Installed::new() else { return };
    let before = installed.run(&["interpreter"]);
    let hostile = hostile_modules(&installed.context);
    let keys = [r"HKCU\Software\Python\PythonCore\3.13\PythonPath", r"HKLM\Software\Python\PythonCore\3.13\PythonPath"];
    for key in keys {
        for key in [key.to_owned(), format!(r"{key}\Hostile")] {
            installed.wine.tool(&["reg", "add", &key, "/ve", "/d", &hostile, "/f"]);
        }
    }
    let after = installed.run(&["interpreter"]);
    let child = installed.run(&["child"]);
    for key in keys {
        installed.wine.tool(&["reg", "delete", key, "/f"]);
    }
    assert_eq!(before, after);
    assert_eq!(child["evidence"], Value::Null);
    assert!(!child["path"].to_string().contains("hostile"), "{child:#}");
}

#[test]
fn it_runs_from_a_path_with_spaces_and_letters_of_other_alphabets() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let directory = context.path("Grüße aus 東京, 'quoted' %PATH% ^&/🍱");
    fs::create_dir_all(&directory).unwrap();
    let exe = directory.join("my probe.exe");
    fs::rename(context.bundle("probe", Os::Windows), &exe).unwrap();
    let installs = windows_path(&directory.join("installs"));
    for command in ["interpreter", "child", "interpreter"] {
        let facts = wine.program(&context, &exe).env("EKIBEN_ROOT", &installs).arg(command).run().json();
        assert!(facts["executable"].as_str().unwrap().starts_with(&installs), "{facts:#}");
    }
}
