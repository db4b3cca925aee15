//! As `registry::output_names`: the tests that need root.

use std::fs;
use std::process::Command;

use ekiben_tests::{Root, TestContext};

use crate::registry::output_names::{Waiting, names, waiting_build};

#[test]
fn the_next_build_removes_what_a_killed_one_has_left_and_nothing_of_a_running_one_or_of_a_stranger() {
    let context = TestContext::new();
    let build = waiting_build(&context);
    let out = context.path("out/new");
    let (_, scratch) = Waiting::start(&context, &build).end_by("KILL");
    assert!(scratch.exists());
    let left = names(&out);
    assert!(left.len() == 1 && left[0].starts_with(".ekiben-") && left[0].ends_with(".partial"), "{left:?}");

    // One that runs, and one that only looks like ours.
    let running = Waiting::start(&context, &build);
    let of_running: Vec<_> = names(&out).into_iter().filter(|name| *name != left[0]).collect();
    assert_eq!((names(&out).len(), of_running.len()), (1, 1), "the killed one's has gone");
    assert!(!scratch.exists(), "and so has what it had in the cache");
    let lookalikes = [".ekiben-abcdef.partial", ".ekiben-ghijkl.partial"];
    context.write(format!("out/new/{}", lookalikes[0]), "a file of somebody's");
    fs::create_dir(out.join(lookalikes[1])).unwrap();
    fs::write(out.join(lookalikes[1]).join("lock"), "mine\n").unwrap();
    let mut stranger = None;
    if let Some(root) = Root::or_skip() {
        // A copy of ours that belongs to another account.
        let copy = out.join(".ekiben-mnopqr.partial");
        assert!(Command::new("cp").arg("-R").arg(out.join(&of_running[0])).arg(&copy).status().unwrap().success());
        root.give(&copy, (64_341, 64_341), 0o700);
        stranger = Some(copy);
    }
    fs::remove_file(context.path("waits/wait-please")).unwrap();
    build.run().success();
    assert!(out.join("waits").exists());
    for name in lookalikes.iter().copied().chain(of_running.iter().map(String::as_str)) {
        assert!(out.join(name).exists(), "{name}");
    }
    assert!(stranger.is_none_or(|copy| copy.exists()));
    assert!(running.scratch.exists());
    running.end_by("KILL");
    build.run().success();
    assert!(!out.join(&of_running[0]).exists());
}
