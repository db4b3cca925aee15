//! Same inputs, same bytes.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use ekiben_tests::{Os, Recipe, TestContext, sha256, windows_builds_or_skip};

/// Builds a project in a directory, with a cache, and at a time, that no other build has.
fn built_somewhere(recipe: &Recipe, project: &str, nested: &str) -> (TestContext, PathBuf) {
    let context = TestContext::new();
    let copied = context.path(nested).join(project);
    fs::create_dir_all(copied.parent().unwrap()).unwrap();
    fs::rename(context.project(project), &copied).unwrap();
    // Another day, and another umask, for the sources too.
    let date = if nested.is_empty() { "2001-01-01" } else { "2024-02-29" };
    let touched = Command::new("find").arg(&copied).args(["-exec", "touch", "-d", date, "{}", "+"]).status().unwrap();
    assert!(touched.success());
    let output = context.path("output");
    let umask = if nested.is_empty() { "umask 022; exec \"$0\" \"$@\"" } else { "umask 077; exec \"$0\" \"$@\"" };
    let build = context.ekiben().args(recipe.arguments(&copied, &output)).env("EKIBEN_CACHE", context.path("cache"));
    build.directory(context.path(nested)).started_by("sh", ["-c".into(), umask.into()]).run().success();
    (context, output)
}

fn is_the_same_wherever_it_is_built(project: &str, os: Os) {
    let recipe = Recipe::new(project, os);
    let (_one, first) = built_somewhere(&recipe, project, "");
    let (_two, second) = built_somewhere(&recipe, project, "another/Größe 2");
    assert_eq!(sha256(&first), sha256(&second));
}

#[test]
fn a_bundle_for_linux_is_the_same_wherever_and_whenever_it_is_built() {
    is_the_same_wherever_it_is_built("probe", Os::Linux);
}

#[test]
fn a_bundle_for_windows_is_the_same_wherever_and_whenever_it_is_built() {
    if windows_builds_or_skip() {
        is_the_same_wherever_it_is_built("probe", Os::Windows);
    }
}

#[test]
fn a_second_build_with_a_warm_cache_is_the_same() {
    let context = TestContext::new();
    let project = context.project("terminal");
    let outputs = ["first", "second"].map(|name| context.path(name));
    for output in &outputs {
        context.ekiben().args(Recipe::new("terminal", Os::Linux).arguments(&project, output)).run().success();
    }
    assert_eq!(sha256(&outputs[0]), sha256(&outputs[1]));
}
