//! As `plain::share`: the tests that need root.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;

use bundle::Bundle;
use ekiben_tests::{Root, Tiny};

use crate::plain::share::Stopped;

/// The kernel keeps everybody on this machine from writing to a file that runs. A server's file is another matter, and so is
/// one below an overlay, which stands for it here.
fn changed_behind_its_back(change: impl Fn(&File, &Path), said: &str) {
    let Some(root) = Root::or_skip() else { return };
    let stopped = Stopped::new();
    let context = &stopped.context;
    let kept = fs::read(&stopped.bundle).unwrap();
    for name in ["mounted", "nothing"] {
        fs::create_dir(context.path(name)).unwrap();
    }
    let path = |name: &str| context.path(name).to_str().unwrap().to_owned();
    let (share, nothing, mounted) = (path("share"), path("nothing"), path("mounted"));
    let script = format!("mount -t overlay overlay -o lowerdir={share}:{nothing} {mounted}; exec \"$@\"");
    let program = stopped.program().replaced(format!("{mounted}/tiny"), [""; 0]);
    let running = root.with_mounts(program, &script).start();
    stopped.has_begun();
    let file = File::options().write(true).open(&stopped.bundle).unwrap();
    change(&file, &Tiny::new("2.0").faulty().bundle(context));
    drop(file);
    fs::write(&stopped.go_on, "").unwrap();
    let failed = running.wait();
    let complaint = context.complaint(&failed, 124);
    assert!(complaint.contains(said), "{complaint}");
    assert!(complaint.contains("help: the file was changed or damaged: download it again"), "{complaint}");
    assert_eq!(context.versions("tiny"), [""; 0]);
    assert_eq!(fs::read_dir(context.path("installs/tiny/staging")).unwrap().count(), 0);
    fs::write(&stopped.bundle, kept).unwrap();
    assert_eq!(context.program(&stopped.bundle).run().quiet_stdout(), "ran 1.0\n");
    assert_eq!(stopped.tiny.damage(&context.version_dir("tiny")), [""; 0]);
}

#[test]
fn a_bundle_that_is_overwritten_in_place_while_it_extracts_is_noticed_and_nothing_of_it_runs() {
    let overwrite = |file: &File, new: &Path| file.write_all_at(&fs::read(new).unwrap(), 0).unwrap();
    changed_behind_its_back(overwrite, "the bundle can't be used: the frame does not match its SHA-256");
}

#[test]
fn a_bundle_that_is_cut_off_while_it_extracts_is_noticed_and_nothing_of_it_runs() {
    let cut_off = |file: &File, new: &Path| file.set_len(Bundle::open(new).unwrap().payload_start()).unwrap();
    changed_behind_its_back(cut_off, "the bundle can't be used: could not read it");
}
