//! As `plain::file_systems`: the tests that need root.

use std::fs::{self};

use ekiben_tests::{Root, TestContext, Tiny};

/// A shell's commands that mount an overlay over `installs/`: what is there is its lower layer.
fn overlay(context: &TestContext) -> String {
    // An overlay on an overlay can't be: these layers lie in memory.
    let root = context.root().display();
    format!(
        "mount -t tmpfs none {root}/tmp; cp -a {root}/installs {root}/tmp/lower; mkdir {root}/tmp/upper {root}/tmp/work; \
         mount -t overlay overlay -o lowerdir={root}/tmp/lower,upperdir={root}/tmp/upper,workdir={root}/tmp/work,\
         redirect_dir=off,index=off {root}/installs; "
    )
}

#[test]
fn a_version_in_the_lower_layer_of_an_overlay_is_removed_where_it_is() {
    let Some(root) = Root::or_skip() else { return };
    let context = TestContext::new();
    let [old, new] = ["1.0", "2.0"].map(|version| Tiny::new(version).bundle(&context));
    context.program(&old).run().quiet_stdout();
    let version = context.versions("tiny").remove(0);
    let app = context.path("installs/tiny");
    fs::create_dir_all(app.join("versions").join(&version).join("media/deep")).unwrap();
    fs::write(app.join("versions").join(&version).join("media/deep/photo"), "the app's").unwrap();
    let mounted = |script: &str| {
        let script = overlay(&context) + script;
        root.with_mounts(context.program(&new), &script).run()
    };
    let said = mounted(&format!(
        "\"$@\"; \"$@\" self clean --keep 1; ls {0}/versions {0}/staging; cat {0}/kept/{version}/media/deep/photo",
        app.display()
    ));
    let said = context.redact(said.quiet_stdout());
    assert!(said.contains("removed [DIR]/installs/tiny/versions/1.0-[DIGEST]\n"), "{said}");
    assert!(said.contains("kept    [DIR]/installs/tiny/kept/1.0-[DIGEST]/media: "), "{said}");
    assert!(said.contains("/staging:\n\n") && said.ends_with("/versions:\n2.0-[DIGEST]\nthe app's"), "{said}");

    // What a killed first start left is there, too.
    fs::rename(app.join("versions").join(&version), app.join("staging").join(version + ".7-0")).unwrap();
    let said = mounted(&format!("\"$@\"; \"$@\" self uninstall --yes; ls {}", context.installs().display()));
    assert_eq!(said.quiet_stdout(), format!("ran 2.0\nremoved {}\n", app.display()));
}

#[test]
fn without_an_id_of_the_boot_a_start_looks_at_the_files_until_they_are_settled() {
    let Some(root) = Root::or_skip() else { return };
    let context = TestContext::new();
    let tiny = Tiny::new("1.0");
    let bundle = context.program(tiny.bundle(&context));
    let masked = root.with_mounts(bundle, "mount --bind /dev/null /proc/sys/kernel/random/boot_id; exec \"$@\"");
    assert_eq!(masked.run().quiet_stdout(), "ran 1.0\n");
    let version_dir = context.version_dir("tiny");
    assert_eq!(fs::read_to_string(version_dir.join(".ekiben/seal")).unwrap(), "boot not known\n");
    fs::write(version_dir.join("lib/part1/module1.py"), "").unwrap();
    assert_eq!(masked.run().quiet_stdout(), "ran 1.0\n");
    assert_eq!(tiny.damage(&version_dir), [""; 0]);
    assert_eq!(masked.run().quiet_stdout(), "ran 1.0\n");
    assert_eq!(fs::read_to_string(version_dir.join(".ekiben/seal")).unwrap(), "settled\n");
}
