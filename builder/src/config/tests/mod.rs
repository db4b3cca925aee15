//! Each test reads a whole project and compares the resolved project or the whole error text.

use std::fs;

use super::*;
use crate::report::failure::render;

mod identity;
mod mistakes;

/// A directory with these files.
fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = directory.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    directory
}

fn load(files: &[(&str, &str)]) -> Project {
    load_with(files, &Overrides::default())
}

fn load_with(files: &[(&str, &str)], choice: &Overrides) -> Project {
    let directory = project(files);
    Project::of_files(directory.path(), choice).map_err(|e| render(&e)).unwrap()
}

/// The whole error text, with `DIR` in place of the directory.
fn error(files: &[(&str, &str)], path: &str, choice: &Overrides) -> String {
    let directory = project(files);
    let error = Project::of_files(&directory.path().join(path), choice).unwrap_err();
    render(&error).replace(directory.path().to_str().unwrap(), "DIR").replace("DIR/", "")
}

const PLAIN: &str = "[project]\nname = \"My_App\"\nversion = \"1.2\"\n";

fn with(rest: &str) -> String {
    format!("{PLAIN}{rest}")
}

#[test]
fn a_project_needs_no_settings() {
    let text = with(
        "requires-python = \">=3.11\"\ndependencies = [\"rich\"]\nscripts.my-app = \"my_app.cli:main\"\n\
         [build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n",
    );
    let project = load(&[("pyproject.toml", &text), (".python-version", "3.12\n")]);
    assert_eq!(
        (project.id.as_str(), project.name.as_str(), project.version.as_deref()),
        ("my-app", "My_App", Some("1.2"))
    );
    assert_eq!(project.entry.to_string(), "my_app.cli:main");
    assert_eq!((project.sources, project.windowed, project.check), (AppSource::Wheel, false, true));
    assert_eq!(project.dependencies, Dependencies::Listed(vec!["rich".to_owned()]));
    assert_eq!((project.python.as_deref(), project.requires_python.as_deref()), (Some("3.12"), Some(">=3.11")));
    assert!(project.root.is_absolute() && project.target.is_none() && project.runtime.is_none());
}

#[test]
fn every_key_is_read_and_the_command_line_wins() {
    let digest = "ab".repeat(32);
    let own = format!(
        "name = \"Nice App\"\nversion = \"2\"\nentry-point = \"-m tool\"\ngui = true\npython = \"3.13.2\"\n\
         runtime = \"py.tar.gz\"\nruntime-sha256 = \"{digest}\"\ntarget = \"windows\"\nrequirements = \"req.txt\"\n\
         include = [\"tool\"]\nexclude = [\"*.md\"]\npython-flags = [\"-X\", \"utf8\"]\nenvironment = [\"PYTHONUTF8\"]\noutput = \"out/app.exe\"\n\
         minimal = true\nminimal-keep = [\"a.b\"]\nstdlib-keep = [\"idlelib\"]\nminimal-trial = [\"a 'b c'\"]\ncheck = false\npublisher = \"P\"\nself-command = \"ekiben\"\nkeep-versions = 5\nicon = \"a.svg\"\n[windows]\ncompany = \"C\"\n\
         copyright = \"©\"\ndescription = \"D\"\nadmin = true\napp-user-model-id = \"C.Nice\"\n[sign]\ncommand = [\"signtool\", \"{{file}}\"]\n"
    );
    let files = [("ekiben.toml", own.as_str()), ("py.tar.gz", ""), ("req.txt", ""), ("a.svg", "")];
    let project = load(&files);
    let root = project.root.clone();
    assert_eq!((project.publisher().as_deref(), project.company().as_deref()), (Some("P"), Some("C")));
    assert_eq!(
        (project.id.as_str(), project.name.as_str(), project.version.as_deref()),
        ("nice-app", "Nice App", Some("2"))
    );
    assert_eq!(project.entry, EntryPoint::Module("tool".into()));
    assert_eq!((project.windowed, project.check, project.python.as_deref()), (true, false, Some("3.13.2")));
    let runtime = project.runtime.unwrap();
    assert_eq!((runtime.location, runtime.sha256), (root.join("py.tar.gz").display().to_string(), Some(digest)));
    assert_eq!(project.target.unwrap().triple(), "x86_64-pc-windows-msvc");
    assert_eq!(project.dependencies, Dependencies::Requirements(root.join("req.txt")));
    assert_eq!(project.sources, AppSource::Tree { include: vec!["tool".into()], exclude: vec!["*.md".into()] });
    assert_eq!(project.python_flags, ["-X", "utf8"]);
    assert_eq!(project.environment, ["PYTHONUTF8"]);
    assert_eq!(project.output.unwrap(), root.join("out/app.exe"));
    assert_eq!((project.self_word.as_deref(), project.keep), (Some("ekiben"), 5));
    assert_eq!((project.minimal, project.minimal_keep), (true, vec!["a.b".to_owned()]));
    assert_eq!(project.stdlib_keep, [StdlibPart::Idlelib]);
    assert_eq!(project.minimal_trial, [["a", "b c"]]);
    assert_eq!(project.icon.unwrap(), root.join("a.svg"));
    let text = |text: &str| Some(text.to_owned());
    let windows = Windows {
        company: text("C"),
        copyright: text("©"),
        description: text("D"),
        admin: true,
        app_user_model_id: text("C.Nice"),
    };
    assert_eq!(project.windows, windows);
    assert_eq!(project.sign.map(|sign| sign.words().to_vec()), Some(vec!["signtool".to_owned(), "{file}".to_owned()]));

    let choice = Overrides {
        entry: Some("tool:run".into()),
        name: Some("Other".into()),
        python: Some("3.12".into()),
        runtime: Some("https://host/py.zip".into()),
        target: Some("linux".parse().unwrap()),
        check: Some(true),
        sign: Some(false),
        ..Overrides::default()
    };
    let project = load_with(&files, &choice);
    assert!(project.sign.is_none());
    assert_eq!((project.id.as_str(), project.entry.to_string().as_str()), ("other", "tool:run"));
    assert_eq!((project.python.as_deref(), project.check), (Some("3.12"), true));
    // The digest in the file belongs to the runtime in the file.
    assert_eq!(project.runtime.unwrap(), RuntimeSetting { location: "https://host/py.zip".into(), sha256: None });
    assert_eq!(project.target.unwrap().triple(), "x86_64-unknown-linux-gnu");
}

#[test]
fn a_script_is_a_project_too() {
    let text = "#!/usr/bin/env python\n# /// script\n# requires-python = \">=3.12\"\n# dependencies = [\n#   \"httpx<1\",\n# ]\n\
                #\n# [tool.ekiben]\n# version = \"3\"\n# ///\nprint(1)\n";
    let directory = project(&[("My Tool.py", text), ("pyproject.toml", "no toml")]);
    let script = directory.path().join("My Tool.py");
    let read = Project::of_files(&script, &Overrides::default()).unwrap();
    assert_eq!((read.id.as_str(), read.name.as_str(), read.version.as_deref()), ("my-tool", "My Tool", Some("3")));
    assert_eq!(read.entry, EntryPoint::Script("My Tool.py".into()));
    assert_eq!(read.dependencies, Dependencies::Listed(vec!["httpx<1".into()]));
    assert_eq!((read.sources, read.requires_python.as_deref()), (AppSource::Script(script.clone()), Some(">=3.12")));

    fs::write(directory.path().join("My Tool.py.lock"), "").unwrap();
    assert_eq!(Project::of_files(&script, &Overrides::default()).unwrap().dependencies, Dependencies::UvLock);

    let plain = project(&[("a.pyw", "print(1)\n")]);
    let read = Project::of_files(&plain.path().join("a.pyw"), &Overrides::default()).unwrap();
    assert_eq!((read.dependencies, read.version.as_deref(), read.windowed), (Dependencies::None, Some("0.0.0"), true));
}

#[test]
fn the_entry_point_is_found_in_this_order() {
    let two = with("scripts = { a = \"m:a\", b = \"m:b\" }\ngui-scripts = { g = \"m:g\" }\n");
    let own_name = with("scripts = { a = \"m:a\", my-app = \"m:own\" }\n");
    let gui = with("gui-scripts = { g = \"m:g\" }\n");
    let entry = |name: &str| Overrides { entry: Some(name.into()), ..Overrides::default() };
    for (files, choice, expected, windowed) in [
        (vec![("pyproject.toml", two.as_str())], entry("b"), "m:b", false),
        (vec![("pyproject.toml", &two)], entry("g"), "m:g", true),
        (vec![("pyproject.toml", &two)], entry("other:f"), "other:f", false),
        (vec![("pyproject.toml", &own_name)], Overrides::default(), "m:own", false),
        (vec![("pyproject.toml", &gui)], Overrides::default(), "m:g", true),
        (vec![("pyproject.toml", PLAIN), ("src/my_app/__main__.py", "")], Overrides::default(), "-m my_app", false),
        (vec![("pyproject.toml", PLAIN), ("my_app/__main__.py", "")], Overrides::default(), "-m my_app", false),
        (vec![("pyproject.toml", PLAIN), ("main.py", "")], Overrides::default(), "main.py", false),
    ] {
        let project = load_with(&files, &choice);
        assert_eq!((project.entry.to_string().as_str(), project.windowed), (expected, windowed));
    }
}

#[test]
fn dependencies_come_from_the_first_that_is_there() {
    let listed = with(
        "dependencies = [\"a\"]\nscripts.x = \"m:f\"\n\
         [project.optional-dependencies]\nfast = [\"b\", \"my-app[more]\"]\nmore = [\"c\"]\n\
         [dependency-groups]\ndev = [\"d\", { include-group = \"Type_Check\" }]\ntype-check = [\"e\"]\n",
    );
    let chosen = format!("{listed}[tool.ekiben]\nextras = [\"Fast\"]\ngroups = [\"dev\"]\n");
    let required = format!("{listed}[tool.ekiben]\nrequirements = \"r.txt\"\n");
    let names = |n: &[&str]| Dependencies::Listed(n.iter().map(|&n| n.to_owned()).collect());
    assert_eq!(load(&[("pyproject.toml", &listed)]).dependencies, names(&["a"]));
    assert_eq!(load(&[("pyproject.toml", &chosen)]).dependencies, names(&["a", "b", "c", "d", "e"]));
    let project = load(&[("pyproject.toml", &listed), ("pylock.toml", "")]);
    assert_eq!(project.dependencies, Dependencies::PyLock(project.root.join("pylock.toml")));
    let all = [("pyproject.toml", required.as_str()), ("uv.lock", ""), ("pylock.toml", ""), ("r.txt", "")];
    let project = load(&all);
    assert_eq!(project.dependencies, Dependencies::Requirements(project.root.join("r.txt")));
    let chosen = load(&[("pyproject.toml", &chosen), ("uv.lock", ""), ("pylock.toml", "")]);
    assert_eq!((chosen.dependencies, chosen.extras[0].as_str()), (Dependencies::UvLock, "Fast"));
}

#[test]
fn a_member_of_a_workspace_uses_the_workspaces_lock() {
    let member = with("scripts.x = \"m:f\"\ndependencies = [\"a\"]\n");
    for (workspace, expected) in [
        ("[tool.uv.workspace]\nmembers = [\"packages/*\"]\n", Dependencies::UvLock),
        ("[project]\n", Dependencies::Listed(vec!["a".into()])),
    ] {
        let directory =
            project(&[("uv.lock", ""), ("pyproject.toml", workspace), ("packages/app/pyproject.toml", &member)]);
        let read = Project::of_files(&directory.path().join("packages/app"), &Overrides::default()).unwrap();
        assert_eq!(read.dependencies, expected);
    }
}

#[test]
fn a_dynamic_version_is_left_to_the_wheel() {
    let text = "[project]\nname = \"a\"\ndynamic = [\"version\"]\nscripts.a = \"a:f\"\n[build-system]\nrequires = []\n";
    assert_eq!(load(&[("pyproject.toml", text)]).version, None);
}

#[test]
fn the_word_for_the_launcher_can_be_changed_or_switched_off() {
    let read = |setting: &str| load(&[("ekiben.toml", &format!("entry-point = \"a:b\"\n{setting}"))]).self_word;
    assert_eq!(read("").as_deref(), Some("self"));
    assert_eq!(read("self-command = \"app:self\"").as_deref(), Some("app:self"));
    assert_eq!(read("self-command = false"), None);
    let wrong = |setting: &str| {
        error(&[("ekiben.toml", &format!("entry-point = \"a:b\"\n{setting}"))], "", &Overrides::default())
    };
    assert_eq!(
        wrong("self-command = \"--self\""),
        "error: ekiben.toml:2: `--self` can't be the word for `self-command`\n\
         help: choose a word of letters, digits and hyphens that the app does not use, or `false`"
    );
    for setting in ["self-command = true", "self-command = 1", "keep-versions = 0", "keep-versions = \"2\""] {
        assert!(wrong(setting).starts_with("error: ekiben.toml:2: "), "{}", wrong(setting));
    }
}

#[test]
fn sources_name_the_layers_that_keep_theirs() {
    let kept = |text: &str| load(&[("pyproject.toml", &with(text)), ("my_app.py", "")]).kept_sources;
    let base = "[project.scripts]\na = \"my_app:main\"\n";
    assert_eq!(kept(base), KeptSources { runtime: false, dependencies: true, application: true });
    assert_eq!(
        kept(&format!("{base}[tool.ekiben]\nsources = [\"runtime\"]\n")),
        KeptSources { runtime: true, dependencies: false, application: false }
    );
    assert_eq!(
        kept(&format!("{base}[tool.ekiben]\nsources = []\n")),
        KeptSources { runtime: false, dependencies: false, application: false }
    );
    let text = with(&format!("{base}[tool.ekiben]\nsources = [\"stdlib\"]\n"));
    assert_eq!(
        error(&[("pyproject.toml", &text), ("my_app.py", "")], "", &Overrides::default()),
        "error: pyproject.toml:7: `sources` names `stdlib`, which is not a layer\nhelp: the layers are `runtime`, \
         `dependencies` and `application`: those named keep their .py files"
    );
}

#[test]
fn tests_of_dependencies_stay_when_asked_for() {
    let text = with("[project.scripts]\na = \"my_app:main\"\n");
    let asked = |more: &str| load(&[("pyproject.toml", &format!("{text}{more}")), ("my_app.py", "")]).dependency_tests;
    assert!(!asked("") && asked("[tool.ekiben]\ndependency-tests = true\n"));
}

#[test]
fn compression_is_chosen_by_name() {
    let base = "[project.scripts]\na = \"my_app:main\"\n[tool.ekiben]\ncompression = ";
    let files = |value: &str| [("pyproject.toml", with(&format!("{base}{value}\n"))), ("my_app.py", String::new())];
    let (chosen, wrong) = (files("\"smallest\""), files("\"tiny\""));
    let chosen: Vec<_> = chosen.iter().map(|(name, text)| (*name, text.as_str())).collect();
    assert_eq!(load(&chosen).compression, Compression::Smallest);
    let choice = Overrides { compression: Some(Compression::Fast), ..Overrides::default() };
    assert_eq!(load_with(&chosen, &choice).compression, Compression::Fast);
    let wrong: Vec<_> = wrong.iter().map(|(name, text)| (*name, text.as_str())).collect();
    assert_eq!(
        error(&wrong, "", &Overrides::default()),
        "error: pyproject.toml:7: `tiny` is not a kind of compression\nhelp: it is `fast`, `default` or `smallest`"
    );
}
