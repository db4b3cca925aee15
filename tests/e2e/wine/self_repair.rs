//! As `registry::self_repair`: the tests that need Wine.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use ekiben_tests::{Os, System, TestContext};
use serde_json::json;

fn same(one: &Path, other: &Path) -> bool {
    Command::new("diff").args(["-r", "--no-dereference"]).args([one, other]).status().unwrap().success()
}

#[test]
fn verify_finds_what_is_missing_changed_or_extra_and_repair_brings_back_exactly_that() {
    for system in System::all() {
        let context = TestContext::new();
        let exe = context.bundle("hello", system.os);
        let run = |line: &str| system.program(&context, &exe).args(line.split(' ')).run();
        system.program(&context, &exe).run().quiet_stdout();
        let version_dir = context.version_dir("hello");
        let whole = context.path("whole");
        assert!(Command::new("cp").arg("-a").args([&version_dir, &whole]).status().unwrap().success());
        assert!(run("self verify").quiet_stdout().starts_with("ok: "));

        let lib = version_dir.join(if system.os == Os::Linux { "lib/python3.13" } else { "Lib" });
        let below = |path: &Path| system.path(path)[system.path(&version_dir).len() + 1..].to_owned();
        let [missing, changed] = ["colorsys.pyc", "sched.pyc"].map(|name| lib.join(name));
        let [extra, kept] = ["extra.py", "json"].map(|name| lib.join(name));
        fs::remove_file(&missing).unwrap();
        let mut bytes = fs::read(&changed).unwrap();
        bytes[0] ^= 1;
        fs::write(&changed, bytes).unwrap();
        fs::write(&extra, "").unwrap();
        // What Python caches is nobody's business.
        fs::create_dir_all(kept.join("__pycache__")).unwrap();
        fs::write(kept.join("__pycache__/new.cpython-313.pyc"), "").unwrap();
        let mut all_changed = vec![below(&changed)];
        if system.os == Os::Linux {
            let executable = lib.join("this.pyc");
            fs::set_permissions(&executable, fs::Permissions::from_mode(0o755)).unwrap();
            all_changed.push(below(&executable));
        }

        let verified = run("self verify");
        assert_eq!(verified.code, Some(1), "{verified:#?}");
        let mut lines: Vec<_> = verified.stdout.lines().collect();
        let last = lines.pop().unwrap();
        assert_eq!(last, format!("{} differences in `{}`", lines.len(), system.path(&version_dir)));
        let mut expected: Vec<_> = all_changed.iter().map(|path| format!("changed {path}")).collect();
        expected.push(format!("missing {}", below(&missing)));
        expected.push(format!("extra   {}", below(&extra)));
        expected.sort();
        lines.sort_unstable();
        assert_eq!(lines, expected);
        let verified = run("self verify --json");
        let facts: serde_json::Value = serde_json::from_str(&verified.stdout).unwrap();
        assert_eq!((verified.code, &facts["ok"]), (Some(1), &json!(false)), "{facts:#}");
        assert_eq!((&facts["missing"], &facts["extra"]), (&json!([below(&missing)]), &json!([below(&extra)])));
        assert_eq!(facts["changed"], json!(all_changed));

        let repaired = run("self repair");
        assert!(repaired.quiet_stdout().contains(&format!("restored {} file", all_changed.len() + 1)), "{repaired:#?}");
        assert!(repaired.stdout.contains("left 1 file "), "{repaired:#?}");
        assert_eq!(run("self verify").stdout.lines().next(), Some(&*format!("extra   {}", below(&extra))));
        assert!(run("self repair --remove-extra").quiet_stdout().contains("removed 1 file "));
        assert!(run("self verify").quiet_stdout().starts_with("ok: "));
        fs::remove_file(kept.join("__pycache__/new.cpython-313.pyc")).unwrap();
        let _ = fs::remove_dir(kept.join("__pycache__"));
        assert!(same(&whole, &version_dir));
        if system.os == Os::Linux {
            let mode = fs::metadata(lib.join("this.pyc")).unwrap().permissions().mode();
            assert_eq!(mode & 0o111, 0, "{mode:o}");
        }
        assert_eq!(fs::read_dir(context.path("installs/hello/staging")).unwrap().count(), 0);
    }
}

#[test]
fn a_missing_interpreter_comes_back_at_the_next_start() {
    for system in System::all() {
        let context = TestContext::new();
        let exe = context.bundle("hello", system.os);
        let program = system.program(&context, &exe);
        program.run().quiet_stdout();
        let name = if system.os == Os::Linux { "python" } else { "python.exe" };
        let interpreter = context.version_dir("hello").join(name);
        fs::remove_file(&interpreter).unwrap();
        assert_eq!(program.run().quiet_stdout(), "Hello, world!\n");
        assert!(fs::symlink_metadata(interpreter).is_ok());
    }
}
