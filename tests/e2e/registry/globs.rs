//! Which source files of a project without a build system are in its bundle.

use ekiben_tests::TestContext;
use serde_json::Value;

const FILES: &[&str] = &[
    "app.py",
    "README.md",
    "unnamed.py",
    "tool/__init__.py",
    "tool/part.py",
    "tool/notes.md",
    "tool/testdata/big.bin",
    "tool/deep/testdata/kept.bin",
    "tool/__pycache__/part.cpython-313.pyc",
    "assets/logo.png",
    "assets/icons/small/a.png",
    "assets/icons/small/a.svg",
    "src/inner/__init__.py",
    "src/inner/data.txt",
    "tests/__init__.py",
    "docs/page.py",
    ".hidden/secret.py",
];

/// The files of the application's layer in a bundle of `files` with `settings`, without the folder that all
/// share, sorted.
fn application(files: &[&str], settings: &str) -> Vec<String> {
    let context = TestContext::new();
    for file in files {
        let code = if file.ends_with("app.py") { "def main():\n    print('it runs')\n" } else { "" };
        context.write(format!("globs/{file}"), code);
    }
    let project = "[project]\nname = \"globs\"\nversion = \"1\"\nscripts = { globs = \"app:main\" }\n[tool.ekiben]\n";
    context.write("globs/pyproject.toml", format!("{project}{settings}"));
    let output = context.path("bundle");
    context.ekiben().args(["build", "globs", "--output", "bundle"]).run().success();
    assert_eq!(context.program(&output).run().quiet_stdout(), "it runs\n");
    let facts = context.ekiben().args(["inspect", "--files", "--json", "bundle"]).run().json();
    let layer = facts["layers"].as_array().unwrap().iter().find(|l| l["name"] == "application").unwrap();
    let paths = layer["entries"].as_array().unwrap().iter().filter(|e| e["kind"] == "file");
    let path = |entry: &Value| entry["path"].as_str().unwrap().to_owned();
    let mut paths: Vec<_> =
        paths.map(path).filter_map(|p| Some(p.split_once("/site-packages/")?.1.to_owned())).collect();
    paths.retain(|path| !path.contains(".dist-info/") && !path.contains("__pycache__/"));
    paths.sort();
    paths
}

#[test]
fn include_and_exclude_say_which_files_are_in_the_bundle() {
    let settings = "include = [\"app.py\", \"tool\", \"assets/**/*.png\", \"src/inner\", \"docs/page.py\"]\n\
                    exclude = [\"*.md\", \"tool/testdata\"]\n";
    assert_eq!(
        application(FILES, settings),
        [
            "app.py",
            "assets/icons/small/a.png",
            "assets/logo.png",
            "docs/page.py",
            "inner/__init__.py",
            "inner/data.txt",
            "tool/__init__.py",
            "tool/deep/testdata/kept.bin",
            "tool/part.py",
        ]
    );
}

#[test]
fn without_include_every_module_and_package_is_in_the_bundle() {
    let flat: Vec<&str> = FILES.iter().copied().filter(|file| !file.starts_with("src/")).collect();
    assert_eq!(
        application(&flat, ""),
        [
            "app.py",
            "tool/__init__.py",
            "tool/deep/testdata/kept.bin",
            "tool/notes.md",
            "tool/part.py",
            "tool/testdata/big.bin",
            "unnamed.py"
        ]
    );
    // Modules in `src/` are the app then, and those beside it are none of its own.
    let source: Vec<String> = flat.iter().map(|file| format!("src/{file}")).chain(["beside.py".to_owned()]).collect();
    let source: Vec<&str> = source.iter().map(String::as_str).collect();
    assert_eq!(application(&source, "").first().unwrap(), "app.py");
}
