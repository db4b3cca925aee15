//! Building again after a small change.

use std::collections::HashSet;
use std::fs;

use bundle::Bundle;
use ekiben_tests::{Os, Recipe, TestContext};

#[test]
fn a_change_to_one_file_of_the_app_changes_the_application_layer_alone() {
    let context = TestContext::new();
    let before = context.bundle("data", Os::Linux);
    let project = context.project("data");
    let source = fs::read_to_string(project.join("data.py")).unwrap();
    fs::write(project.join("data.py"), source + "\nCHANGED = True\n").unwrap();
    let after = context.path("data-after");
    let recipe = Recipe::new("data", Os::Linux).arg("--json");
    let built = context.ekiben().args(recipe.arguments(&project, &after)).run().json();
    let steps: Vec<_> = built["timings"].as_array().unwrap().iter().map(|t| t["step"].as_str().unwrap()).collect();
    assert!(steps.contains(&"packing") && steps.contains(&"reading back"), "{steps:?}");

    let frames = |path| {
        let index = Bundle::open(path).unwrap().index().unwrap();
        let layers = index.layers.into_iter().map(|layer| (layer.name, layer.frames));
        layers.collect::<Vec<_>>()
    };
    let (before, after) = (frames(&before), frames(&after));
    let known: HashSet<_> = before.iter().flat_map(|(_, frames)| frames).map(|frame| frame.sha256).collect();
    for (name, frames) in &after {
        let new = frames.iter().filter(|frame| !known.contains(&frame.sha256)).count();
        assert_eq!(new, if name == "application" { frames.len() } else { 0 }, "{name}");
    }
    let len = |new: bool| -> u64 {
        let all = after.iter().flat_map(|(_, frames)| frames);
        all.filter(|frame| !new || !known.contains(&frame.sha256)).map(|frame| frame.len).sum()
    };
    assert!(len(true) > 0 && len(true) * 100 < len(false), "{} of {}", len(true), len(false));
}
