//! Archives that mean harm, entry by entry.

use std::fs;
use std::io::Write as _;

use super::*;
use crate::report::failure;

/// An entry as a hostile packer writes it.
#[derive(Clone, Copy)]
struct Entry {
    name: &'static str,
    kind: tar::EntryType,
    /// Where it leads, or what is in it.
    holds: &'static str,
}

fn file(name: &'static str) -> Entry {
    Entry { name, kind: tar::EntryType::Regular, holds: "x" }
}

fn of_kind(kind: tar::EntryType, name: &'static str, holds: &'static str) -> Entry {
    Entry { name, kind, holds }
}

fn link(name: &'static str, to: &'static str) -> Entry {
    of_kind(tar::EntryType::Symlink, name, to)
}

fn tar_of(entries: &[Entry]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for entry in entries {
        let is_file = entry.kind == tar::EntryType::Regular;
        let mut header = tar::Header::new_gnu();
        // By hand: the crate refuses to write such names.
        let fields = header.as_gnu_mut().unwrap();
        fields.realsize = *b"00000000000\0";
        fields.name[..entry.name.len()].copy_from_slice(entry.name.as_bytes());
        if !is_file {
            fields.linkname[..entry.holds.len()].copy_from_slice(entry.holds.as_bytes());
        }
        header.set_entry_type(entry.kind);
        header.set_mode(0o4755);
        header.set_size(if is_file { entry.holds.len() as u64 } else { 0 });
        header.set_cksum();
        builder.append(&header, if is_file { entry.holds.as_bytes() } else { b"" }).unwrap();
    }
    builder.into_inner().unwrap()
}

fn zip_of(entries: &[Entry]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for entry in entries {
        match entry.kind {
            tar::EntryType::Symlink => zip.add_symlink(entry.name, entry.holds, options).unwrap(),
            tar::EntryType::Directory => zip.add_directory(entry.name, options).unwrap(),
            _ => {
                zip.start_file(entry.name, options).unwrap();
                zip.write_all(entry.holds.as_bytes()).unwrap();
            }
        }
    }
    zip.finish().unwrap().into_inner()
}

/// What came of an archive with these bytes: what is said, and every path in and beside the directory.
fn unpacked(bytes: &[u8]) -> (String, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    let archive = dir.path().join("a");
    fs::write(&archive, bytes).unwrap();
    let into = dir.path().join("in");
    fs::create_dir(&into).unwrap();
    let said = unpack(&archive, &into).map_or_else(|e| failure::render(&e), |()| String::new());
    let walk = walkdir::WalkDir::new(dir.path()).min_depth(1).sort_by_file_name();
    let paths = walk.into_iter().map(|entry| entry.unwrap().path().strip_prefix(dir.path()).unwrap().to_owned());
    let found =
        paths.map(|path| path.to_str().unwrap().to_owned()).filter(|path| path != "a" && path != "in").collect();
    (said, found)
}

fn zst(tar: &[u8]) -> Vec<u8> {
    zstd::encode_all(tar, 1).unwrap()
}

#[test]
fn every_way_out_of_the_directory_is_refused_by_name_in_every_kind_of_archive() {
    for (entries, why) in [
        (&[file("../escape")][..], "`../escape` leads out of the archive by `..`"),
        (&[file("a/../../escape")], "`a/../../escape` leads out of the archive by `..`"),
        (&[file("/tmp/escape")], "`/tmp/escape` is an absolute path"),
        (&[link("out", "/tmp")], "`out` is a link that leads out of the archive, to `/tmp`"),
        (&[link("out", "..")], "`out` is a link that leads out of the archive, to `..`"),
        (&[link("a/out", "../../x")], "`a/out` is a link that leads out of the archive, to `../../x`"),
        (&[link("a/b/up", "x/../../../y")], "`a/b/up` is a link that leads out of the archive, to `x/../../../y`"),
        (&[link("d", "e"), file("d/x")], "`d/x` needs the directory `d`, which is a link in the archive"),
        (&[link("d", "e"), link("d/up", "x")], "`d/up` needs the directory `d`, which is a link in the archive"),
        (&[file("d/x"), link("d", "e")], "`d` is there twice"),
        (&[file("d"), file("d/x")], "`d/x` needs the directory `d`, which is a file in the archive"),
        (&[file("d/x"), file("d")], "`d` is there twice"),
        (&[file("a\u{1b}[2K/../b")], "`a\\u{1b}[2K/../b` leads out of the archive by `..`"),
    ] {
        for bytes in [zst(&tar_of(entries)), zip_of(entries)] {
            let (said, found) = unpacked(&bytes);
            assert!(
                said.contains(why) && said.contains("\nhelp: get the archive from a place that you trust"),
                "{said}"
            );
            let harmless = |path: &String| ["in/d", "in/d/x", "in/a", "in/a/b"].contains(&path.as_str());
            assert!(found.iter().all(harmless), "{why}: {found:?}");
        }
    }
}

#[test]
fn what_only_a_tar_can_hold_is_refused_by_name() {
    use tar::EntryType::{Block, Char, Fifo, GNUSparse, Link};
    for (entries, why) in [
        (&[file("a"), file("a")][..], "`a` is there twice"),
        (&[of_kind(Char, "null", "")], "`null` is a device"),
        (&[of_kind(Block, "disk", "")], "`disk` is a device"),
        (&[of_kind(Fifo, "pipe", "")], "`pipe` is a pipe"),
        (&[of_kind(GNUSparse, "holes", "")], "`holes`"),
        (&[of_kind(Link, "shadow", "/etc/passwd")], "`/etc/passwd` is an absolute path"),
        (&[of_kind(Link, "shadow", "../a")], "`../a` leads out of the archive by `..`"),
        (
            &[of_kind(Link, "shadow", "b")],
            "`shadow` is a hard link to `b`, which is not a file before it in the archive",
        ),
        (&[link("b", "c"), of_kind(Link, "x", "b")], "`x` is a hard link to `b`, which is not a file before it"),
    ] {
        let (said, found) = unpacked(&zst(&tar_of(entries)));
        assert!(said.contains(why), "{said}");
        assert!(found.iter().all(|path| path == "in/a"), "{why}: {found:?}");
    }
}

#[test]
fn links_inside_hard_links_and_executable_bits_are_taken_over() {
    let entries = [
        of_kind(tar::EntryType::Directory, "./python/", ""),
        link("./python/bin/python3", "python3.13"),
        file("./python/bin/python3.13"),
        of_kind(tar::EntryType::Link, "python/again", "python/bin/python3.13"),
        link("python/lib/up", "../bin/python3"),
        link("python/lib64", "./lib"),
    ];
    let dir = tempfile::tempdir().unwrap();
    let mut tree = Tree::new(dir.path(), Names::HERE, Limits::of(0));
    tar(&*tar_of(&entries), &mut tree).unwrap();
    tree.finish().unwrap();
    for name in ["python/again", "python/bin/python3", "python/lib/up", "python/lib64/up"] {
        assert_eq!(fs::read_to_string(dir.path().join(name)).unwrap(), "x", "{name}");
    }
    let program = dir.path().join("python/bin/python3.13");
    let metadata = fs::symlink_metadata(&program).unwrap();
    assert!(crate::host::system::is_executable(&program, &metadata).unwrap());
}

#[test]
fn names_are_compared_as_the_system_compares_them() {
    let tried = |names: Names, entries: &[Entry]| {
        let dir = tempfile::tempdir().unwrap();
        let mut tree = Tree::new(dir.path(), names, Limits::of(0));
        tar(&*tar_of(entries), &mut tree).and_then(|()| tree.finish()).map_err(|e| format!("{e:#}"))
    };
    let two = [file("Lib/a"), file("Lib/A")];
    let link_first = [link("Lib", "x"), file("lib/a")];
    assert_eq!((tried(Names::AsTheyAre, &two), tried(Names::AsTheyAre, &link_first)), (Ok(()), Ok(())));
    for names in [Names::WithoutCase, Names::OfWindows] {
        assert!(tried(names, &two).unwrap_err().contains("`Lib/A` is there twice, upper and lower case being one"));
        assert!(tried(names, &link_first).unwrap_err().contains("`lib/a` needs the directory `lib`, which is a link"));
    }
    for name in ["a/nul", "con.x", "a:stream", "C:x", "a/b.", "a\\..\\..\\b"] {
        let refused = tried(Names::OfWindows, &[file(name)]).unwrap_err();
        assert!(refused.contains("has a name that Windows takes for something else"), "{name}: {refused}");
    }
}

#[test]
fn an_archive_that_unpacks_to_too_much_is_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Limits { bytes: 100_000, entries: 3 };
    let tried = |tar: &[u8]| {
        let mut tree = Tree::new(dir.path(), Names::HERE, limits);
        let result = super::tar(tar, &mut tree).map_err(|e| format!("{e:#}"));
        for entry in fs::read_dir(dir.path()).unwrap() {
            let path = entry.unwrap().path();
            assert!(fs::metadata(&path).unwrap().len() <= 100_001);
            fs::remove_file(path).unwrap();
        }
        result
    };
    let zeros = |name: &str, kind: tar::EntryType, len: usize| {
        let mut header = tar::Header::new_gnu();
        header.set_path(name).unwrap();
        header.set_entry_type(kind);
        header.set_mode(0o644);
        header.set_size(len as u64);
        header.set_cksum();
        let mut bytes = header.as_bytes().to_vec();
        bytes.resize(512 + len.next_multiple_of(512), b'0');
        bytes
    };
    let regular = tar::EntryType::Regular;
    let fine = [zeros("a", regular, 60_000), zeros("b", regular, 40_000)].concat();
    assert_eq!(tried(&fine), Ok(()));
    let more = [fine, zeros("c", regular, 1)].concat();
    assert!(tried(&more).unwrap_err().contains("far more than an archive of its length"));
    assert!(tried(&zeros("a", regular, 1 << 20)).unwrap_err().contains("far more than an archive of its length"));
    // A name that fills the memory, and content that nobody reads.
    for kind in [tar::EntryType::GNULongName, tar::EntryType::XHeader, tar::EntryType::XGlobalHeader] {
        assert!(tried(&zeros("a", kind, 3 << 20)).unwrap_err().contains("far more than"), "{kind:?}");
    }
    let many = ["a", "b", "c", "d"].map(file);
    assert!(tried(&tar_of(&many)).unwrap_err().contains("it holds more than 3 files and directories"));

    let mut tree = Tree::new(dir.path(), Names::HERE, limits);
    let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    zip.start_file("bomb", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(&vec![0; 1 << 20]).unwrap();
    let refused = zip_into(zip.finish().unwrap(), &mut tree).unwrap_err();
    assert!(refused.to_string().contains("far more than an archive of its length"), "{refused:#}");
}

#[test]
fn what_is_no_archive_is_refused_with_the_kinds_that_are() {
    let (text, _) = unpacked(b"<html>not found</html>");
    assert!(text.contains("is not an archive") && text.contains(".tar.zst"), "{text}");
}
