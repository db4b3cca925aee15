//! Which files of a project go in, and what becomes of links.

use walkdir::WalkDir;

use super::*;

fn copied(files: &[&str], include: &[&str], exclude: &[&str]) -> Result<Vec<String>, String> {
    copied_for("-m app", files, include, exclude)
}

/// What goes in of files, each of which has its own name for its text.
fn copied_for(entry: &str, files: &[&str], include: &[&str], exclude: &[&str]) -> Result<Vec<String>, String> {
    let root = tempfile::tempdir().unwrap();
    for file in files {
        fs::create_dir_all(root.path().join(file).parent().unwrap()).unwrap();
        fs::write(root.path().join(file), file).unwrap();
    }
    let tree = tempfile::tempdir().unwrap();
    let list = |l: &[&str]| l.iter().map(|&s| s.to_owned()).collect::<Vec<_>>();
    let treatment = Treatment { links: BundledLinks::Kept, report: &Report::silent() };
    let (include, exclude) = (list(include), list(exclude));
    let entry = &match entry.strip_prefix("-m ") {
        Some(module) => EntryPoint::Module(module.to_owned()),
        None => EntryPoint::Script(entry.to_owned()),
    };
    let selection = Selection { root: root.path(), entry, include: &include, exclude: &exclude };
    copy(selection, tree.path(), treatment)
        .map_err(|e| e.to_string().replace(root.path().to_str().unwrap(), "ROOT"))?;
    let files = WalkDir::new(tree.path()).sort_by_file_name().into_iter().map(|e| e.unwrap());
    let files = files.filter(|e| e.file_type().is_file()).map(|e| e.path().to_owned()).collect::<Vec<_>>();
    Ok(files.iter().map(|f| f.strip_prefix(tree.path()).unwrap().to_str().unwrap().to_owned()).collect())
}

#[test]
fn the_way_from_a_directory_to_a_file_climbs_first() {
    for (from, to, expected) in [
        ("", "a/b", Some("a/b")),
        ("a", "a/b", Some("b")),
        ("a/c", "a/b", Some("../b")),
        ("x/y", "a/b", Some("../../a/b")),
        ("a/b", "a/b", None),
        ("a/b", "a", None),
    ] {
        assert_eq!(relative(Path::new(from), Path::new(to)).as_deref(), expected, "{from} {to}");
    }
}

#[test]
fn links_stay_links_where_what_they_lead_to_is_there_and_go_nowhere_else() {
    let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = |name: &str| root.path().join(name);
    for file in ["app/__init__.py", "app/data/big.bin", "app/data/skip.md", "tests/t.py"] {
        fs::create_dir_all(path(file).parent().unwrap()).unwrap();
        fs::write(path(file), file).unwrap();
    }
    fs::write(outside.path().join("far.txt"), "far").unwrap();
    for (target, link) in [
        ("data", "app/same"),
        ("data/big.bin", "app/big"),
        ("__init__.py", "app/again.py"),
        ("data/skip.md", "app/readme"),
        ("../tests", "app/examples"),
        ("..", "app/loop"),
        ("me@host.1234:5", "app/.#edited.py"),
        ("self", "app/self"),
        (outside.path().to_str().unwrap(), "app/far"),
    ] {
        if system::symlink(target, &path(link)).is_err() {
            return; // This account may not make links.
        }
    }
    let copied = |links: BundledLinks| {
        let tree = tempfile::tempdir().unwrap();
        let treatment = Treatment { links, report: &Report::silent() };
        let (entry, exclude) = (&EntryPoint::Module("app".to_owned()), &["*.md".to_owned()]);
        assert!(copy(Selection { root: root.path(), entry, include: &[], exclude }, tree.path(), treatment).unwrap());
        let files = WalkDir::new(tree.path().join("app")).min_depth(1).sort_by_file_name().into_iter();
        let files = files.map(Result::unwrap).filter(|e| !e.file_type().is_dir()).map(|entry| {
            let name = entry.path().strip_prefix(tree.path().join("app")).unwrap().display().to_string();
            fs::read_link(entry.path()).map_or(name.clone(), |target| format!("{name} -> {}", target.display()))
        });
        files.collect::<Vec<_>>()
    };
    let kept = [
        "__init__.py",
        "again.py",
        "big -> data/big.bin",
        "data/big.bin",
        "examples/t.py",
        "far/far.txt",
        "readme",
        "same -> data",
    ];
    assert_eq!(copied(BundledLinks::Kept), kept);
    let followed =
        ["__init__.py", "again.py", "big", "data/big.bin", "examples/t.py", "far/far.txt", "readme", "same/big.bin"];
    assert_eq!(copied(BundledLinks::Followed), followed);
}

const FLAT: &[&str] = &[
    "pyproject.toml",
    "uv.lock",
    "README.md",
    "main.py",
    "app/__init__.py",
    "app/data/x.json",
    "app/tests/t.py",
    "app/__pycache__/x.pyc",
    "app/.hidden/x",
    "app/node_modules/x.js",
    "app/.mypy_cache/CACHEDIR.TAG",
    "app/.git/x",
    "node_modules/x.py",
    "space/inner/m.py",
    "tests/t.py",
    "docs/conf.py",
    "setup.py",
    ".venv/lib/x.py",
    "my-env/pyvenv.cfg",
    "my-env/x.py",
    "assets/logo.png",
    "app.egg-info/PKG-INFO",
    "dist/x.py",
];

#[test]
fn modules_and_packages_with_their_data_go_in() {
    let expected = [
        "app/.hidden/x",
        "app/__init__.py",
        "app/data/x.json",
        "app/node_modules/x.js",
        "app/tests/t.py",
        "main.py",
        "space/inner/m.py",
    ];
    assert_eq!(copied(FLAT, &[], &[]).unwrap(), expected);
}

#[test]
fn src_is_preferred_when_it_holds_the_modules() {
    let files = ["src/app/__init__.py", "src/one.py", "other.py", "src/notes.txt"];
    assert_eq!(copied(&files, &[], &[]).unwrap(), ["app/__init__.py", "one.py"]);
    assert_eq!(copied(&["src/__init__.py", "main.py"], &[], &[]).unwrap(), ["main.py", "src/__init__.py"]);
    assert_eq!(copied(&["src/c.rs", "main.py"], &[], &[]).unwrap(), ["main.py"]);
}

#[test]
fn globs_choose_files_and_directories() {
    assert_eq!(copied(FLAT, &["main.py", "assets"], &[]).unwrap(), ["assets/logo.png", "main.py"]);
    assert_eq!(copied(FLAT, &["app/**/*.json"], &[]).unwrap(), ["app/data/x.json"]);
    let excluded = ["app/tests/", ".hidden", "node_modules"];
    assert_eq!(copied(FLAT, &["app/*"], &excluded).unwrap(), ["app/__init__.py", "app/data/x.json"]);
    assert_eq!(
        copied(FLAT, &[], &["*.json", "space", "tests", ".hidden", "*.js"]).unwrap(),
        ["app/__init__.py", "main.py"]
    );
    assert_eq!(copied(&["src/a.py", "data/x"], &["src/*", "data"], &[]).unwrap(), ["a.py", "data/x"]);
}

#[test]
fn nothing_to_copy_is_told() {
    assert!(copied(&["README.md"], &[], &[]).unwrap().is_empty() && copied(FLAT, &["nope"], &[]).unwrap().is_empty());
    assert_eq!(nothing_to_copy(Path::new("p"), &[]).to_string(), "`p` has no Python modules");
    let include = ["nope".to_owned()];
    assert_eq!(nothing_to_copy(Path::new("p"), &include).to_string(), "`include` matches no file in `p`");
}

#[test]
fn what_a_script_sees_under_python_goes_in() {
    // Each file's text is its name: one that is called like an import statement is one.
    for (entry, files, expected) in [
        // `src` is imported as a package.
        (
            "main.py",
            &["main.py", "src/core/calc.py", "src/app.py", "from src.core import calc.py"][..],
            &["from src.core import calc.py", "main.py", "src/app.py", "src/core/calc.py"][..],
        ),
        ("-m src.app", &["src/app.py", "other.py"], &["other.py", "src/app.py"]),
        // A script beside `src/` sees its own neighbours, too.
        ("main.py", &["main.py", "helper.py", "src/app.py"], &["app.py", "helper.py", "main.py"]),
        ("run.py", &["src/run.py", "src/app.py", "other.py"], &["app.py", "run.py"]),
        // One in a directory that is not a package sees what is beside it there.
        ("my-tools/run.py", &["my-tools/run.py", "my-tools/helper.py"], &["my-tools/helper.py", "my-tools/run.py"]),
        ("examples/run.py", &["examples/run.py", "examples/a.txt"], &["examples/a.txt", "examples/run.py"]),
    ] {
        assert_eq!(copied_for(entry, files, &[], &[]).unwrap(), expected, "{entry} {files:?}");
    }
}

#[test]
fn empty_directories_inside_packages_go_in() {
    let (root, tree) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::create_dir_all(root.path().join("app/spool")).unwrap();
    fs::create_dir_all(root.path().join("empty")).unwrap();
    fs::write(root.path().join("app/__init__.py"), "").unwrap();
    let selection =
        Selection { root: root.path(), entry: &EntryPoint::Module("app".to_owned()), include: &[], exclude: &[] };
    let treatment = Treatment { links: BundledLinks::Kept, report: &Report::silent() };
    assert!(copy(selection, tree.path(), treatment).unwrap());
    assert!(tree.path().join("app/spool").is_dir() && !tree.path().join("empty").exists());
}

#[test]
fn metadata_goes_in_where_include_asks_for_it() {
    let files = ["app.py", "own-1.0.dist-info/METADATA", "own-1.0.dist-info/entry_points.txt"];
    assert_eq!(copied(&files, &[], &[]).unwrap(), ["app.py"]);
    assert_eq!(copied(&files, &["**"], &[]).unwrap(), ["app.py"]);
    for include in ["*.dist-info", "own-1.0.dist-info", "own-1.0.dist-info/**"] {
        assert_eq!(copied(&files, &["app.py", include], &[]).unwrap(), files, "{include}");
    }
}
