//! As `plain::hostile`: the tests that need Wine.

use ekiben_payload_fixtures::hostile::{Hostile, light};
use ekiben_tests::{Confined, TestContext, Wine};

use crate::plain::hostile::{launcher, objection};

const WINDOWS: &str = "x86_64-pc-windows-msvc";

#[test]
fn hostile_bundles_are_refused_by_name_under_wine() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let before = context.everything();
    let bundles = light(launcher(WINDOWS), WINDOWS);
    // One of each kind: what the reader of both systems has in common was shown above.
    let wanted = |hostile: &&Hostile| {
        let stories = [
            "path ../up",
            "path C:/",
            "path C:\\",
            "path x:stream",
            "path dot.",
            "path space",
            "path aux",
            "path COM1",
            "path /tmp",
            "path \\\\\\\\server",
            "kind: setuid",
            "kind: hard-link-out",
            "kind: block",
            "names that differ",
            "a file and a directory",
            "a link",
            "a file twice",
            "/start/interpreter C:",
        ];
        stories.iter().any(|story| hostile.story.starts_with(story))
    };
    let chosen: Vec<_> = bundles.iter().filter(wanted).collect();
    assert!(chosen.len() >= 30, "{}", chosen.len());
    let wrong: Vec<_> = (0..)
        .zip(&chosen)
        .filter_map(|(number, hostile)| {
            objection(hostile, &Confined::on_windows(wine, &context, &format!("hostile-{number}"), &hostile.bytes))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What Wine leaves for itself, if it is started for the first time, is none of the bundles' doing.
    let of_wine = |path: &String| path.starts_with("home/.") || path.starts_with("tmp/wine-");
    let after: Vec<_> = context.everything().into_iter().filter(|path| !of_wine(path)).collect();
    assert_eq!(after, before);
    let look = wine.program(&context, "cmd").args(["/c", "if exist C:\\ekiben-hostile-was-here echo it is there"]);
    assert_eq!(look.run().quiet_stdout(), "");
}
