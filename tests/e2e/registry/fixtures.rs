//! The main job: a project goes in, a file comes out that does what the project does.

use std::io::Read;

use ekiben_tests::{Os, TestContext};

/// What the sample project `data` prints.
pub(crate) const DATA: &str = "         sold  turnover
station                
Sendai    105    152100
Tokyo     200    302000
Toyama     30     60000
solution [2.0, 3.0]
numpy 2.1 pandas 2.2
";

/// What the sample project `pool` prints.
pub(crate) const POOL: &str = "Pool [0, 1, 4, 9, 16]
in other processes True
same interpreter True
ProcessPoolExecutor [0, 1, 4, 9, 16]
Process from a child
exit code 0
";

/// What the sample project `resources` prints.
pub(crate) const RESOURCES: &str = r"text 'Gr\xfc\xdfe aus dem Kasten \u5f01\u5f53'
nested ['1,2', '3,4']
binary 1024 785b0751fc2c53dc
listed ['blob.bin', 'deep/er/numbers.csv', 'two words']
beside True
";

fn says_on_linux(project: &str, arguments: &[&str], expected: &str) {
    let context = TestContext::new();
    let bundle = context.bundle(project, Os::Linux);
    // Twice: the first start installs, the second only starts.
    for _ in 0..2 {
        assert_eq!(context.program(&bundle).args(arguments).run().quiet_stdout(), expected);
    }
}

#[test]
fn hello_runs_on_linux() {
    says_on_linux("hello", &["you", "all"], "Hello, you and all!\n");
}

#[test]
fn compiled_dependencies_work_on_linux() {
    says_on_linux("data", &[], DATA);
}

#[test]
fn multiprocessing_works_on_linux() {
    says_on_linux("pool", &[], POOL);
}

#[test]
fn package_data_is_found_on_linux() {
    says_on_linux("resources", &[], RESOURCES);
}

#[test]
fn a_terminal_app_draws_its_table_on_linux() {
    says_on_linux(
        "terminal",
        &["Sendai"],
        "                         Ekiben at Sendai station                         
┏━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━┓
┃ Meal         ┃ Inside                                         ┃  Price ┃
┡━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━┩
│ Gyutan Bento │ grilled beef tongue, barley rice, heats itself │ ¥1,500 │
│ Harako Meshi │ salmon and salmon roe on seasoned rice         │ ¥1,380 │
└──────────────┴────────────────────────────────────────────────┴────────┘
",
    );
}

#[test]
fn a_project_knows_its_own_metadata() {
    let context = TestContext::new();
    let bundle = context.bundle("probe", Os::Linux);
    let metadata = context.program(&bundle).arg("metadata").run().json();
    assert_eq!(metadata["name"], "probe");
    assert_eq!(metadata["version"], "1.2.3");
    assert_eq!(metadata["scripts"], serde_json::json!({"probe": "probe.cli:main"}));
    assert_eq!(metadata["distributions"], serde_json::json!(["probe"]), "nothing of the build machine came along");
}

#[test]
fn run_builds_and_starts_in_one_step() {
    let context = TestContext::new();
    let project = context.project("probe");
    let run = context.ekiben().arg("run").arg("--quiet").arg(&project).args(["--", "exit", "7"]).run();
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(7), "", ""), "{run:#?}");
    let run = context.ekiben().args(["run", "--quiet"]).arg(&project).args(["--", "stdin"]).stdin("abc").run();
    assert_eq!(run.json()["length"], 3);
}

#[test]
fn the_file_is_the_only_thing_a_build_leaves() {
    let context = TestContext::new();
    let project = context.project("hello");
    let before = context.everything();
    let output = context.path("out/deep/hello");
    std::fs::create_dir_all(output.parent().unwrap()).unwrap();
    context.ekiben().arg("build").arg(&project).arg("--output").arg(&output).run().success();
    let mut after = context.everything();
    after.retain(|path| !before.contains(path));
    assert_eq!(after, ["out", "out/deep", "out/deep/hello"]);
    let mut magic = [0; 4];
    std::fs::File::open(&output).unwrap().read_exact(&mut magic).unwrap();
    assert_eq!(&magic, b"\x7fELF");
}
