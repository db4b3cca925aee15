//! Verbs around a build: `init`, `cache`, `schema`, `help`, and `run` as one types it.

use std::fs;
use std::time::{Duration, SystemTime};

use ekiben_tests::TestContext;

#[test]
fn an_empty_directory_becomes_a_project_that_runs() {
    let context = TestContext::new();
    let begun = context.ekiben().args(["init", "lunch"]).run();
    assert_eq!(begun.quiet_stdout(), "wrote `lunch/main.py`\nwrote `lunch/ekiben.toml`\nnext: ekiben build lunch\n");
    let ran = context.ekiben().args(["run", "--quiet", "--compression", "fast", "lunch"]).run();
    assert_eq!(ran.quiet_stdout(), "Hello!\n");
    let again = context.ekiben().args(["init", "lunch"]).run();
    assert_eq!(
        context.complaint(&again, 1),
        "error: `lunch/ekiben.toml` has settings for ekiben already\nhelp: change them there; docs/CONFIG.md has all keys\n"
    );
}

#[test]
fn a_project_gets_a_table_of_comments() {
    let context = TestContext::new();
    let before = "[project]\nname = \"a\"\nversion = \"1\"";
    let file = context.write("a/pyproject.toml", before);
    assert_eq!(
        context.ekiben().args(["init", "a"]).run().quiet_stdout(),
        "wrote `a/pyproject.toml`\nnext: ekiben build a\n"
    );
    let after = fs::read_to_string(&file).unwrap();
    assert!(after.starts_with(&format!("{before}\n\n[tool.ekiben]\n# ")), "{after}");
    // Each comment is a key that ekiben knows.
    let keys: Vec<_> = after.lines().filter_map(|line| Some(line.strip_prefix("# ")?.split_once(" = ")?.0)).collect();
    let schema = context.ekiben().arg("schema").run().json();
    assert!(keys.len() > 2 && keys.iter().all(|key| schema["properties"].get(key).is_some()), "{keys:?}");
    assert_eq!(fs::read_dir(context.path("a")).unwrap().count(), 1);
}

#[test]
fn the_arguments_of_a_run_need_no_mark() {
    let context = TestContext::new();
    context.write("t.py", "import sys; print(sys.argv[1:])\n");
    let run = |arguments: &[&str]| context.ekiben().args(["run", "--compression", "fast", "-q"]).args(arguments).run();
    assert_eq!(run(&["t.py", "a", "-v", "--quiet"]).quiet_stdout(), "['a', '-v', '--quiet']\n");
    assert_eq!(run(&["t.py", "--", "-v"]).quiet_stdout(), "['-v']\n");
}

#[test]
fn help_and_the_version_are_ekibens_after_a_verb_too() {
    let context = TestContext::new();
    let help = context.ekiben().args(["help", "build"]).run();
    assert!(help.quiet_stdout().contains("[possible values: linux, windows]"), "{help:#?}");
    let version = context.ekiben().args(["build", "-V"]).run();
    assert_eq!(version.quiet_stdout(), context.ekiben().arg("-V").run().quiet_stdout());
    let completions = context.ekiben().args(["completions", "bash"]).run();
    assert!(completions.quiet_stdout().contains("linux windows"));
}

#[test]
fn the_cache_is_shown_limited_and_removed() {
    let context = TestContext::new();
    let cache = context.path("cache");
    let ekiben = || context.ekiben().env("EKIBEN_CACHE", &cache);
    context.write("t.py", "print('hello')\n");
    let build = || ekiben().args(["build", "-q", "--compression", "fast", "t.py", "-o", "t"]);
    build().run().success();
    assert_eq!(ekiben().args(["cache", "dir"]).run().quiet_stdout(), format!("{}\n", cache.display()));
    let size = || ekiben().args(["cache", "size", "--json"]).run().json()["size"].as_u64().unwrap();
    let full = size();
    assert!(full > 5_000_000, "{full}");

    // What no build has used for long goes first, when there is too much.
    let old = cache.join("layers/old");
    fs::create_dir(&old).unwrap();
    fs::write(old.join("frames"), vec![1; 1000]).unwrap();
    let ago = |days: u64| SystemTime::now() - Duration::from_secs(days * 86_400);
    fs::File::open(&old).unwrap().set_modified(ago(10)).unwrap();
    let limited = || build().env("EKIBEN_CACHE_LIMIT", full.to_string()).run();
    limited().success();
    assert!(old.exists(), "it was measured just now");
    fs::File::options().write(true).open(cache.join("measured")).unwrap().set_modified(ago(1)).unwrap();
    limited().success();
    assert!(!old.exists());

    let clean = |more: &[&str]| ekiben().args(["cache", "clean"]).args(more).run();
    assert!(clean(&["--older-than", "30d"]).quiet_stdout().starts_with("removed 0 B in 0 entries from "));
    assert!(clean(&["--older-than", "soon"]).stderr.contains("such as `30d`"));
    clean(&[]).success();
    assert_eq!(size(), 0);
    build().run().success();
}
