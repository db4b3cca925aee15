//! A runtime that somebody else has packed: it is unpacked into ekiben's own directory, and nothing outside of it changes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ekiben_tests::{TestContext, windows_builds_or_skip, windows_embeddable};

/// Makes an archive with Python: `a` is the open archive, `tree` the directory of a CPython for Windows, `target` a directory
/// of the user's.
fn archive(context: &TestContext, name: &str, code: &str) -> PathBuf {
    let file = context.path(name);
    let prepare = "import io, os, shutil, stat, sys, tarfile, zipfile\n\
                   file, embeddable, target = sys.argv[1:]\n\
                   tree = file + '.tree'\n\
                   shutil.unpack_archive(embeddable, tree, 'zip')\n\
                   tree += '/cp313'\n";
    let output = Command::new("python3")
        .args(["-c", &format!("{prepare}{code}")])
        .arg(&file)
        .arg(windows_embeddable())
        .arg(victim(context))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    file
}

/// A directory of the user's, with one file.
fn victim(context: &TestContext) -> PathBuf {
    context.write("victim/encodings/aliases.py", "mine");
    context.path("victim")
}

fn files(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(format!("{}: {}", path.display(), String::from_utf8_lossy(&fs::read(&path).unwrap())));
        }
    }
    found.sort();
    found
}

#[test]
fn an_archive_with_a_link_to_a_directory_of_the_users_writes_nothing_there() {
    if !windows_builds_or_skip() {
        return;
    }
    let tar = "a = tarfile.open(file, 'w:gz')\n\
               link = tarfile.TarInfo('python/Lib')\n\
               link.type, link.linkname = tarfile.SYMTYPE, target\n\
               a.addfile(link)\n\
               a.add(tree, 'python')\n\
               a.close()\n";
    let zip = "a = zipfile.ZipFile(file, 'w')\n\
               link = zipfile.ZipInfo('python/Lib')\n\
               link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16\n\
               a.writestr(link, target)\n\
               for name in sorted(os.listdir(tree)):\n\
               \x20   a.write(os.path.join(tree, name), 'python/' + name)\n\
               a.close()\n";
    for (name, code) in [("evil.tar.gz", tar), ("evil.zip", zip)] {
        let context = TestContext::new();
        let file = archive(&context, name, code);
        let before = files(&context.path("victim"));
        let build =
            context.ekiben().arg("build").arg(context.project("hello")).args(["--target", "windows", "--runtime"]);
        let outcome = build.arg(&file).run();
        assert_eq!(files(&context.path("victim")), before, "{name}: {outcome:#?}");
        let said = context.complaint(&outcome, 1);
        assert!(said.contains(&format!("could not unpack `[DIR]/{name}`")), "{said}");
        assert!(said.contains("`python/Lib` is a link that leads out of the archive, to `[DIR]/victim`"), "{said}");
        assert!(said.contains("\nhelp: "), "{said}");
    }
}

#[test]
fn a_runtime_directory_is_copied_and_nothing_is_written_through_its_links() {
    if !windows_builds_or_skip() {
        return;
    }
    let context = TestContext::new();
    archive(&context, "tree", "");
    let (tree, library) = (context.path("tree.tree/cp313"), context.path("elsewhere/Lib"));
    fs::create_dir_all(library.parent().unwrap()).unwrap();
    // The library lies elsewhere, and so does a file of the program's: what they lead to goes in.
    let unzip = "import shutil, sys; shutil.unpack_archive(sys.argv[1], sys.argv[2], 'zip')";
    let zip = tree.join("python313.zip");
    assert!(Command::new("python3").args(["-c", unzip]).args([&zip, &library]).status().unwrap().success());
    fs::remove_file(&zip).unwrap();
    std::os::unix::fs::symlink(&library, tree.join("Lib")).unwrap();
    let before = fs::read_dir(library.join("encodings")).unwrap().count();
    let output = context.path("hello.exe");
    let build = context.ekiben().arg("build").arg(context.project("hello")).args(["--target", "windows", "--runtime"]);
    let outcome = build.arg(&tree).arg("-o").arg(&output).run();
    outcome.success();
    assert!(outcome.stderr.contains("note: "), "{outcome:#?}");
    assert!(outcome.stderr.contains("`Lib` is a link that leads out of the runtime directory"), "{outcome:#?}");
    assert_eq!(fs::read_dir(library.join("encodings")).unwrap().count(), before);
    assert!(!library.join("encodings/aliases.py").exists());
}
