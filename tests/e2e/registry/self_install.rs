//! `self install`: the app is in the menu, its copy outlives the file that was downloaded, and uninstalling leaves nothing.

use std::fs;
use std::path::{Path, PathBuf};

use ekiben_tests::{Os, Recipe, TestContext};

/// A bundle for Linux with an icon, and a name that is not as simple as its id.
fn with_icon(context: &TestContext) -> PathBuf {
    let project = context.project("hello");
    context.write(project.join("face.svg"), fs::read(context.project("branded").join("bento.svg")).unwrap());
    let settings = project.join("pyproject.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, format!("{text}\n[tool.ekiben]\nname = \"Hello; 50%\"\nicon = \"face.svg\"\n")).unwrap();
    let exe = context.path("downloaded");
    let recipe = Recipe::new("hello", Os::Linux).arg("--quiet");
    context.ekiben().args(recipe.arguments(&project, &exe)).run().success();
    exe
}

#[test]
fn an_installed_app_is_in_the_menu_and_uninstalling_it_leaves_nothing() {
    let context = TestContext::new();
    let downloaded = with_icon(&context);
    let entry = context.path("home/.local/share/applications/ekiben.hello-50.desktop");
    let copy = context.installs().join("hello-50/hello-50");
    let command = context.path("home/.local/bin/hello-50");
    for _ in 0..2 {
        let path = format!("/usr/bin:{}", command.parent().unwrap().display());
        let said = context.program(&downloaded).args(["self", "install"]).env("PATH", path).run();
        let said = context.redact(said.quiet_stdout());
        let expected = ["version  [DIR]/installs/hello-50/versions/", "program  [DIR]/installs/hello-50/hello-50\n"];
        assert!(expected.iter().all(|line| said.contains(line)), "{said}");
        let outside = format!("menu     {}\ncommand  {}\n", shown(&context, &entry), shown(&context, &command));
        assert!(said.ends_with(&outside), "{said}");
        context.program("desktop-file-validate").arg(&entry).run().quiet_stdout();
        assert!(fs::read(&copy).unwrap() == fs::read(&downloaded).unwrap());
    }
    let written = fs::read_to_string(&entry).unwrap();
    let icon = context.installs().join("hello-50/icon.png");
    assert!(written.contains("\nName=Hello; 50%\n") && written.contains("\nTerminal=true\n"), "{written}");
    assert!(written.contains(&format!("\nExec=\"{}\"\nIcon={}\n", copy.display(), icon.display())), "{written}");
    assert!(fs::read(icon).unwrap().starts_with(b"\x89PNG"));

    // From here on, the copy is all that there is.
    fs::remove_file(&downloaded).unwrap();
    for program in [&copy, &command] {
        assert!(context.program(program).run().quiet_stdout().contains("Hello"));
    }
    let installed = context.program(&copy).args(["self", "install", "--json"]).run();
    assert!(installed.stderr.contains("/.local/bin` is not on PATH: log in again"), "{}", installed.stderr);
    let installed: serde_json::Value = serde_json::from_str(&installed.success().stdout).unwrap();
    assert_eq!((&installed["program"], &installed["menu"]), (&json(&copy), &json(&entry)));
    let said = context.program(&copy).args(["self", "uninstall", "--yes"]).run();
    assert_eq!(
        context.redact(said.quiet_stdout()),
        format!(
            "removed [DIR]/installs/hello-50\nremoved {}\nremoved {}\n",
            shown(&context, &entry),
            shown(&context, &command)
        )
    );
    assert!(!context.installs().join("hello-50").exists() && !entry.exists());
    assert!(fs::symlink_metadata(&command).is_err());
}

#[test]
fn a_command_of_the_users_own_with_the_same_name_stays() {
    let context = TestContext::new();
    let bundle = context.bundle("hello", Os::Linux);
    let theirs = context.write("home/.local/bin/hello", "#!/bin/sh\n");
    let said = context.program(&bundle).args(["self", "install"]).run();
    assert!(context.redact(said.quiet_stdout()).contains(&format!("taken    {}\n", shown(&context, &theirs))));
    context.program(&bundle).args(["self", "uninstall", "--yes"]).run().quiet_stdout();
    assert_eq!(fs::read_to_string(theirs).unwrap(), "#!/bin/sh\n");
}

#[test]
fn an_icon_of_the_apps_own_is_neither_replaced_nor_removed() {
    let context = TestContext::new();
    let exe = with_icon(&context);
    let icon = context.write("installs/hello-50/icon.png", "the app's");
    let said = context.complaint(&context.program(&exe).args(["self", "install"]).run(), 124);
    assert!(said.contains("could not write `[DIR]/installs/hello-50/icon.png`: it is not ekiben's"), "{said}");
    context.program(&exe).args(["self", "uninstall", "--yes"]).run().quiet_stdout();
    assert_eq!(fs::read_to_string(icon).unwrap(), "the app's");
}

fn shown(context: &TestContext, path: &Path) -> String {
    context.redact(path.to_str().unwrap())
}

pub(crate) fn json(path: &Path) -> serde_json::Value {
    path.to_str().unwrap().into()
}

#[test]
fn an_installation_that_fails_leaves_what_was_there() {
    let context = TestContext::new();
    let [old, new] = ["fast", "default"].map(|how| {
        context.bundle_of(&Recipe::new("hello", Os::Linux).arg("--compression").arg(how)).rename_to(&context.path(how))
    });
    let copy = context.installs().join("hello/hello");
    let applications = context.write("home/.local/share/applications", "in the way");
    let install = |exe: &Path| context.program(exe).args(["self", "install"]).run();
    let failed = context.complaint(&install(&old), 124);
    let directory = shown(&context, &applications);
    let wrong = format!("error: could not install `hello`: could not open `{directory}`: Not a directory");
    assert!(failed.starts_with(&wrong), "{failed}");
    assert!(!copy.exists());

    fs::remove_file(&applications).unwrap();
    install(&old).success();
    fs::remove_dir_all(&applications).unwrap();
    fs::write(&applications, "in the way").unwrap();
    context.complaint(&install(&new), 124);
    assert!(fs::read(&copy).unwrap() == fs::read(&old).unwrap(), "the earlier copy is back");

    fs::remove_file(&applications).unwrap();
    install(&new).success();
    assert!(fs::read(&copy).unwrap() == fs::read(&new).unwrap());
    assert_eq!(fs::read_dir(context.installs().join("hello/staging")).unwrap().count(), 0);

    // Somebody else's.
    fs::write(&copy, "a diary").unwrap();
    let refused = context.complaint(&install(&new), 124);
    assert!(refused.contains("[DIR]/installs/hello/hello`: it is not a bundle of this app\nhelp: "), "{refused}");
    context.program(&new).args(["self", "uninstall", "--yes"]).run().success();
    assert_eq!(fs::read_to_string(&copy).unwrap(), "a diary");
}

trait RenameTo {
    fn rename_to(self, to: &Path) -> PathBuf;
}

impl RenameTo for PathBuf {
    fn rename_to(self, to: &Path) -> PathBuf {
        fs::rename(self, to).unwrap();
        to.to_owned()
    }
}
