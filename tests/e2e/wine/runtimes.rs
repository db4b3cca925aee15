//! As `registry::runtimes`: the tests that need Wine.

use std::path::PathBuf;
use std::process::Command;

use ekiben_tests::{Os, Recipe, TestContext, Wine, windows_embeddable};

use crate::registry::runtimes::done;

/// The official embeddable package as python.org serves it: everything at the top of a zip archive.
fn embeddable(context: &TestContext) -> PathBuf {
    let unpacked = context.path("unpacked");
    let archive = context.path("python-3.13.2-embed-amd64.zip");
    let code = "import shutil, sys; shutil.unpack_archive(sys.argv[1], sys.argv[2], 'zip'); \
                shutil.make_archive(sys.argv[3], 'zip', sys.argv[2] + '/cp313')";
    done(
        Command::new("python3")
            .args(["-c", code])
            .arg(windows_embeddable())
            .arg(&unpacked)
            .arg(archive.with_extension("")),
    );
    archive
}

#[test]
fn the_official_embeddable_zip_is_a_runtime_for_windows() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let project = context.project("probe");
    let output = context.path("probe.exe");
    let recipe = Recipe::new("probe", Os::Windows).arg("--runtime").arg(embeddable(&context));
    context.ekiben().args(recipe.arguments(&project, &output)).run().success();
    assert_eq!(wine.program(&context, &output).arg("metadata").run().json()["version"], "1.2.3");
    let facts = wine.program(&context, &output).arg("interpreter").run().json();
    assert_eq!(facts["version"], serde_json::json!([3, 13, 2]));
}
