//! Looking into a finished file.

use std::fs;
use std::process::Command;

use bundle::Bundle;
use ekiben_tests::{Os, Recipe, TestContext, windows_builds_or_skip};

#[test]
fn inspect_as_json_tells_all_about_a_bundle() {
    let context = TestContext::new();
    for os in [Os::Linux, Os::Windows].into_iter().filter(|os| *os == Os::Linux || windows_builds_or_skip()) {
        let path = context.bundle("terminal", os);
        let inspected = context.ekiben().args(["inspect", "--json"]).arg(&path).run();
        let facts = inspected.json();
        assert_eq!(facts["app"]["name"], "terminal", "{facts:#}");
        assert_eq!(facts["app"]["version"], "1.4.0");
        let triple = if os == Os::Linux { "x86_64-unknown-linux-gnu" } else { "x86_64-pc-windows-msvc" };
        assert_eq!(facts["target"], triple);
        assert_eq!(facts["entry_point"], "terminal.cli:main");
        let names: Vec<_> = facts["layers"].as_array().unwrap().iter().map(|l| l["name"].clone()).collect();
        assert_eq!(names, ["runtime", "dependencies", "application"]);
    }
}

#[test]
fn inspect_for_people_names_app_target_layers_and_digest() {
    let context = TestContext::new();
    let path = context.bundle("terminal", Os::Linux);
    let said = context.ekiben().arg("inspect").arg(&path).run();
    for word in ["terminal", "1.4.0", "x86_64-unknown-linux-gnu", "runtime", "dependencies", "application"] {
        assert!(said.quiet_stdout().contains(word), "{word}: {said:#?}");
    }
    let digest = Bundle::open(&path).unwrap().digest().to_string();
    assert!(said.stdout.contains(&digest[..12]), "{said:#?}");
}

#[test]
fn inspect_lists_the_files() {
    let context = TestContext::new();
    let path = context.bundle("terminal", Os::Linux);
    let said = context.ekiben().args(["inspect", "--files"]).arg(&path).run();
    assert!(said.quiet_stdout().contains("site-packages/rich/table.py"), "{}", said.stdout);
    assert!(said.stdout.contains("site-packages/terminal/cli.py"));
}

#[test]
fn a_build_as_json_tells_what_was_written() {
    let context = TestContext::new();
    let project = context.project("hello");
    let output = context.path("hello");
    let recipe = Recipe::new("hello", Os::Linux).arg("--json");
    let built = context.ekiben().args(recipe.arguments(&project, &output)).run().json();
    assert_eq!(built["path"], serde_json::json!(output), "{built:#}");
    assert_eq!(built["app"]["name"], "hello");
    assert_eq!(built["size"], fs::metadata(&output).unwrap().len());
}

#[test]
fn inspect_tells_what_takes_the_room_to_the_byte() {
    let context = TestContext::new();
    for os in [Os::Linux, Os::Windows].into_iter().filter(|os| *os == Os::Linux || windows_builds_or_skip()) {
        let path = context.bundle("terminal", os);
        let page = context.path("sizes.html");
        let facts =
            context.ekiben().args(["inspect", "--sizes", "--json", "--html"]).arg(&page).arg(&path).run().json();
        let sizes = &facts["sizes"];
        let sum = |table: &str, of: &str| -> u64 {
            sizes[table].as_array().unwrap().iter().map(|row| row[of].as_u64().unwrap()).sum()
        };
        let length = fs::metadata(&path).unwrap().len();
        for table in ["layers", "distributions", "kinds", "files"] {
            assert_eq!(sum("parts", "size") + sum(table, "size"), length, "{table}");
        }
        for layer in facts["layers"].as_array().unwrap() {
            let row = |row: &&serde_json::Value| row["name"] == layer["name"];
            let found = sizes["layers"].as_array().unwrap().iter().find(row).unwrap();
            assert_eq!((&found["size"], &found["files"]), (&layer["size"], &layer["files"]), "{found}");
        }
        let row = |table: &str, start: &str| {
            let named = |row: &&serde_json::Value| row["name"].as_str().unwrap().starts_with(start);
            sizes[table].as_array().unwrap().iter().find(named).unwrap_or_else(|| panic!("{start}: {}", sizes[table]))
        };
        // Every file is somebody's, and each has its part: rich is larger than click in the bundle, too.
        let names: Vec<_> = sizes["distributions"].as_array().unwrap().iter().map(|row| &row["name"]).collect();
        assert!(!names.iter().any(|name| *name == "no distribution"), "{names:?}");
        let size = |row: &serde_json::Value| row["size"].as_u64().unwrap();
        let [rich, click, app] = ["rich ", "click ", "terminal"].map(|name| size(row("distributions", name)));
        assert!(rich > click && click > app && app > 1000, "{rich} {click} {app}");
        let interpreter = row("distributions", "interpreter");
        assert!(size(interpreter) > 1_000_000 && interpreter["uncompressed_size"].as_u64().unwrap() > 4_000_000);
        assert!(size(row("kinds", "machine code")) > size(row("kinds", "sources")));

        let page = fs::read_to_string(page).unwrap();
        assert!(
            page.contains("<title>terminal 1.4.0") && page.contains("[\"table.py\",\"sources\","),
            "{}",
            page.len()
        );
        for address in ["http:", "https:", "src=", "href="] {
            assert!(!page.contains(address), "the page asks for `{address}`");
        }
    }
    let path = context.bundle("terminal", Os::Linux);
    let said = context.ekiben().args(["inspect", "--sizes"]).arg(&path).run();
    for words in ["by distribution", "standard library", "by kind", "machine code", "largest files", "rich 1", " % "] {
        assert!(said.quiet_stdout().contains(words), "{words}: {}", said.stdout);
    }
}

#[test]
fn extract_makes_the_tree_that_a_first_start_makes() {
    let context = TestContext::new();
    let path = context.bundle("terminal", Os::Linux);
    let extracted = context.path("extracted");
    context.ekiben().arg("extract").arg(&path).arg(&extracted).run().success();
    context.program(&path).arg("--version").run().quiet_stdout();
    let version_dir = context.version_dir("terminal");
    let diff = Command::new("diff")
        .args(["-r", "--no-dereference", "--exclude=.ekiben"])
        .arg(&extracted)
        .arg(version_dir)
        .output()
        .unwrap();
    assert!(diff.status.success(), "{}", String::from_utf8_lossy(&diff.stdout));
}

#[test]
fn extract_refuses_a_directory_that_holds_something() {
    let context = TestContext::new();
    let path = context.bundle("hello", Os::Linux);
    let mine = context.write("extracted/mine", "mine");
    let before = context.everything();
    let outcome = context.ekiben().arg("extract").arg(&path).arg(context.path("extracted")).run();
    assert_ne!(outcome.code, Some(0));
    assert_eq!((context.everything(), fs::read(mine).unwrap()), (before, b"mine".to_vec()));
}

#[test]
fn inspect_extract_and_verify_refuse_a_file_that_is_no_bundle() {
    let context = TestContext::new();
    let file = context.write("not a bundle", vec![7; 10_000]);
    for command in ["inspect", "verify", "extract"] {
        let mut program = context.ekiben().arg(command).arg(&file);
        if command == "extract" {
            program = program.arg(context.path("into"));
        }
        let outcome = program.run();
        assert_ne!(outcome.code, Some(0), "{command}");
        assert!(outcome.stdout.is_empty() && outcome.stderr.contains("no payload found"), "{command}: {outcome:#?}");
        assert!(outcome.stderr.contains("\nhelp: "), "{command}: {outcome:#?}");
        assert!(!context.path("into").exists());
    }
}

#[test]
fn the_frames_of_a_layer_are_a_plain_compressed_tar() {
    let context = TestContext::new();
    let path = context.bundle("hello", Os::Linux);
    let bundle = Bundle::open(&path).unwrap();
    let index = bundle.index().unwrap();
    let length = index.layers[0].len();
    let pipeline =
        format!("tail -c +{} hello | head -c {length} | zstd -dc | tar -t | grep -c os.py", bundle.payload_start() + 1);
    if Command::new("zstd").arg("--version").output().is_err() {
        eprintln!("SKIPPED the_frames_of_a_layer_are_a_plain_compressed_tar: there is no zstd");
        return;
    }
    let listed = context.program("sh").args(["-c", &pipeline]).run();
    assert_ne!(listed.stdout.trim(), "0", "{listed:#?}");
}
