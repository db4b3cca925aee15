//! As `registry::self_info`: the tests that need Wine.

use std::fs;

use ekiben_tests::{System, TestContext};
use serde_json::json;

#[test]
fn the_launcher_tells_what_it_is_and_where_it_is_installed() {
    for system in System::all() {
        let context = TestContext::new();
        let exe = context.bundle("hello", system.os);
        let info = |arguments: &[&str]| system.program(&context, &exe).args(["self", "info"]).args(arguments).run();
        let facts = info(&["--json"]).json();
        assert_eq!((&facts["installed"], &facts["version_dir"]), (&json!(false), &json!(null)), "{facts:#}");
        assert_eq!(facts["root"]["place"], "EKIBEN_ROOT");
        assert_eq!(facts["root"]["path"], system.path(&context.installs().join("hello")));
        assert!(fs::read_dir(context.installs()).unwrap().next().is_none(), "asking makes nothing");

        system.program(&context, &exe).run().quiet_stdout();
        let facts = info(&["--json"]).json();
        let version_dir = system.path(&context.version_dir("hello"));
        assert_eq!((&facts["installed"], &facts["version_dir"]), (&json!(true), &json!(version_dir)), "{facts:#}");
        assert_eq!(facts["app"], json!({"id": "hello", "name": "hello", "version": "1.0.0"}));
        assert_eq!(facts["bundle"]["path"], system.path(&exe));
        assert_eq!(facts["bundle"]["size"], fs::metadata(&exe).unwrap().len());
        let version = &facts["installed_versions"][0];
        assert_eq!((&version["path"], &version["this"]), (&json!(version_dir), &json!(true)), "{facts:#}");
        assert_eq!(version["in_use"], false);
        let [all, one] = [&facts["disk_use"], &version["size"]].map(|size| size.as_u64().unwrap());
        assert!(all >= one && one > 10_000_000, "{facts:#}");

        let told = info(&[]);
        for word in ["app          hello 1.0.0\n", "digest  ", &version_dir, "disk use"] {
            assert!(told.quiet_stdout().contains(word), "{word}: {told:#?}");
        }
    }
}
