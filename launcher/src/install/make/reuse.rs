//! Linking unchanged files from older version dirs, instead of decoding them again.
//!
//! # How it is known that a file is the right one
//! A version dir holds a list of the frames that it was made of, by their SHA-256 and the filters of their files. A frame in
//! which both are the same decodes to the same files, so those have what the new version needs, unless somebody has changed them
//! since. The list is written after all files. Another one ([`crate::install::version::file_list`]) tells the size and the time that each file was given; a file that
//! has another size, another time, or other modes, is not linked, and neither is the rest of its frame: that is decoded. What
//! the clock says, or said, does not matter. The new link is checked, after it was created: so what was checked is what is there,
//! whatever happens to the old file.
//!
//! Not noticed: a file that was changed to the same size and given its old time on purpose, and a disk that returns other
//! bytes than were written. `verify` compares contents.
//!
//! # Why hard links, and what they cost
//! A link takes no room and a tenth of the time. The versions share the file: a program that writes into its own
//! installed files *in place* changes them in both. (Replacing a file, as pip and CPython do, changes one.)
//! A copy would not be faster than decoding: both create and write files. So where a file can't be linked, because the file
//! system has no links, a file has the most links it can have, or the kernel allows links only to one's own files, the frame is
//! decoded.
//!
//! # Security
//! Only version dirs of the same app and publisher below the same install root are looked at, and only those of the same owner and mode as the new one
//! whose seal is sound: after a power cut, others may have lost files. They are held meanwhile, and nothing is written in them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::install::InstallError;
use crate::install::layout::{InstallRoot, frames_file};
use crate::install::version::file_list::{self, List, Owner};
use crate::install::version::seal::Seal;
use crate::sys::tree::{Linked, Tree};
use bundle::index::{Entry, EntryKind, Frame, Index};

/// The first line of a list. Another one is of another ekiben, and not read.
const HEADER: &str = "ekiben frames 2";
/// A list of so many bytes is not one of ours: thousands of frames.
const LONGEST: u64 = 1 << 20;

/// Version dirs, and which frames they were made of.
#[derive(Default)]
pub struct Older {
    version_dirs: Vec<VersionDir>,
    /// Which of them was made of a frame; the newest, if there are several.
    frames: BTreeMap<String, usize>,
    /// The time of each file that was linked.
    taken: Mutex<BTreeMap<String, SystemTime>>,
}

struct VersionDir {
    tree: Tree,
    /// Nobody removes it meanwhile.
    _seal: Seal,
    /// What was installed there.
    list: List,
}

impl Older {
    /// None at all: everything is decoded.
    pub fn none() -> Self {
        Self::default()
    }

    /// This owner's that files in `directory` may be linked from. What can't be read is left out.
    pub(in crate::install) fn find(root: &InstallRoot, owner: &Owner, directory: &Path) -> Self {
        let Ok(new) = Tree::open(directory) else { return Self::none() };
        let versions = root.installed().into_iter();
        let found = versions.filter_map(|path| {
            let seal = Seal::hold(&path).filter(Seal::is_sound)?;
            let tree = Tree::open(&path).ok()?;
            let list = file_list::read(&path).filter(|found| found.owner == *owner)?.list?;
            let frames = read(&frames_file(&path)).ok()?;
            tree.is_like(&new).ok()?.then_some((VersionDir { tree, _seal: seal, list }, frames))
        });
        let mut older = Self::none();
        for (version_dir, frames) in found {
            let at = older.version_dirs.len();
            older.frames.extend(frames.into_iter().map(|frame| (frame, at)));
            older.version_dirs.push(version_dir);
        }
        older
    }

    /// Links the wanted files of a frame into `tree`, in order, up to the first that can't be linked. Returns how many entries are
    /// done.
    pub(in crate::install) fn link(&self, frame: &Frame, wanted: impl Fn(&Entry) -> bool, tree: &Tree) -> usize {
        let version_dir = self.frames.get(&line(frame)).and_then(|at| self.version_dirs.get(*at));
        let Some(version_dir) = version_dir else { return 0 };
        let mut taken = Vec::new();
        let mut linked =
            |entry: &&Entry| !wanted(entry) || version_dir.link(entry, tree).map(|time| taken.extend(time)).is_some();
        let linked = frame.entries.iter().take_while(|entry| linked(entry)).count();
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).extend(taken);
        linked
    }

    /// The times of the files that were linked.
    pub(in crate::install) fn taken(self) -> BTreeMap<String, SystemTime> {
        self.taken.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl VersionDir {
    /// `None`: it can't be linked. Otherwise the path and time of a file.
    #[expect(clippy::option_option, reason = "what is no file has no time")]
    fn link(&self, entry: &Entry, tree: &Tree) -> Option<Option<(String, SystemTime)>> {
        let EntryKind::File { size, executable } = entry.kind else { return Some(None) };
        let path = entry.path.as_str();
        let linked = tree.link_from(&self.tree, path).ok();
        match linked.and_then(|linked| self.time_if_installed(path, &linked, size, executable)) {
            Some(time) => Some(Some((path.to_owned(), time))),
            // It may have been linked and not be the right one: the name must be free again.
            None => {
                let _ = tree.remove(path);
                None
            }
        }
    }

    fn time_if_installed(&self, path: &str, file: &Linked, size: u64, executable: bool) -> Option<SystemTime> {
        let is_like = file.is_file
            && file.size == size
            && file.executable.is_none_or(|found| found == executable)
            && file.only_ours;
        self.list.time_if_same(path, file.modified).filter(|_| is_like)
    }
}

/// Writes the list of frames that `directory` was extracted from. To be called when all files are there.
pub(in crate::install) fn note_frames(index: &Index, directory: &Path) -> Result<(), InstallError> {
    let path = frames_file(directory);
    let frames = index.frames().flatten().map(|placed| placed.frame);
    let list = frames.fold(HEADER.to_owned() + "\n", |list, frame| list + &line(frame) + "\n");
    let written = crate::sys::files::create_new(&path).and_then(|mut file| file.write_all(list.as_bytes()));
    written.map_err(InstallError::io("write", &path))
}

fn read(path: &Path) -> io::Result<Vec<String>> {
    let file = File::open(path)?;
    let mut list = String::new();
    let read = file.take(LONGEST).read_to_string(&mut list)?;
    let mut lines = list.lines();
    // Of one that goes on, the last line may be cut off.
    let is_ours = lines.next() == Some(HEADER) && (read as u64) < LONGEST;
    let frames = is_ours.then(|| lines.map(str::to_owned).collect());
    Ok(frames.ok_or(io::ErrorKind::InvalidData)?)
}

/// A frame's line in a list: its SHA-256, and the filters of its files. Two frames with the same line hold the same files.
fn line(frame: &Frame) -> String {
    let filters = frame.entries.iter().enumerate().filter_map(|(at, entry)| Some((at, entry.filter?.name())));
    filters.fold(frame.sha256.to_string(), |line, (at, name)| line + " " + &at.to_string() + " " + name)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::install::handmade::{Quiet, bundle, contents, create};
    use crate::install::install_at;
    use crate::install::layout::{InstallRoot, installed_file};
    use crate::install::places::{Candidate, Place};
    use bundle::Bundle;
    use bundle::filter::Filter;

    const FIRST: &[(&str, &[u8])] = &[("bin/tool", b"#!tool"), ("lib/a.py", b"a = 1"), ("lib/b.py", b"b = 1")];

    /// Installs a bundle, in which the first frame is damaged if so wished; only a frame that is not read may be.
    fn start(dir: &Path, version: &str, last: &[u8], damaged: bool) -> Result<PathBuf, InstallError> {
        let mut bytes = bundle(dir, version, &[FIRST, &[("app.py", last)]]);
        if damaged {
            let start = Bundle::new(bytes.clone()).unwrap().payload_start() as usize;
            bytes[start + 20] ^= 1;
        }
        let bundle = Bundle::new(bytes).unwrap();
        let root = InstallRoot::at(dir.join("root"));
        create(&root);
        let candidate = Candidate { place: Place::User, root };
        install_at(&bundle, &bundle.index().unwrap(), &candidate, &mut Quiet).map(|installed| installed.version_dir)
    }

    fn sorted(directory: &Path) -> Vec<(String, Vec<u8>)> {
        let below = |path: PathBuf| path.strip_prefix(directory).unwrap().to_str().unwrap().replace('\\', "/");
        contents(directory).into_iter().map(|(path, content)| (below(path), content)).collect()
    }

    #[test]
    fn an_unchanged_frame_is_not_decoded_again() {
        let dir = tempfile::tempdir().unwrap();
        assert!(start(dir.path(), "0", b"app = 0", true).is_err(), "without an older version, it is read");
        let first = start(dir.path(), "1", b"app = 1", false).unwrap();
        let before = sorted(&first);
        let second = start(dir.path(), "2", b"app = 2", true).unwrap();
        let third = start(dir.path(), "3", b"app = 2", true).unwrap();
        for (version_dir, last) in [(&second, b"app = 2"), (&third, b"app = 2")] {
            let mut expected: Vec<_> =
                FIRST.iter().map(|(path, content)| ((*path).to_owned(), content.to_vec())).collect();
            expected.push(("app.py".to_owned(), last.to_vec()));
            expected.sort();
            let mut found = sorted(version_dir);
            found.retain(|(path, _)| !path.starts_with('.'));
            assert_eq!(found, expected);
        }
        assert_eq!(sorted(&first), before);
    }

    #[test]
    fn the_same_bytes_with_another_filter_are_another_frame() {
        let dir = tempfile::tempdir().unwrap();
        let index = Bundle::new(bundle(dir.path(), "0", &[FIRST])).unwrap().index().unwrap();
        let frame = &index.layers[0].frames[0];
        let mut others = vec![frame.clone(); 2];
        for (at, other) in others.iter_mut().enumerate() {
            other.entries[at].filter = Some(Filter::X86_64);
        }
        assert_eq!(line(frame), frame.sha256.to_string());
        assert!(line(&others[0]) != line(frame) && line(&others[1]) != line(frame));
        assert_ne!(line(&others[0]), line(&others[1]));
    }

    #[test]
    fn a_file_that_is_not_as_installed_is_not_taken() {
        type Change = fn(&Path, SystemTime);
        let changes: &[(&str, Change)] = &[
            ("written to later", |file, complete| {
                fs::write(file, "b = 2").unwrap();
                let file = OpenOptions::new().write(true).open(file).unwrap();
                file.set_modified(complete + Duration::from_millis(10)).unwrap();
            }),
            ("of another size, with an old time", |file, complete| {
                fs::write(file, "b = 12").unwrap();
                let file = OpenOptions::new().write(true).open(file).unwrap();
                file.set_modified(complete - Duration::from_secs(10)).unwrap();
            }),
            ("gone", |file, _| fs::remove_file(file).unwrap()),
            ("a directory", |file, _| {
                fs::remove_file(file).unwrap();
                fs::create_dir(file).unwrap();
            }),
            ("without the list", |file, _| {
                fs::remove_file(frames_file(file.parent().unwrap().parent().unwrap())).unwrap();
            }),
            ("without the list of files", |file, _| {
                fs::remove_file(installed_file(file.parent().unwrap().parent().unwrap())).unwrap();
            }),
            ("with a list of another ekiben", |file, _| {
                let list = frames_file(file.parent().unwrap().parent().unwrap());
                let later = fs::read_to_string(&list).unwrap().replace(HEADER, "ekiben frames 3");
                fs::write(list, later).unwrap();
            }),
        ];
        for (what, change) in changes {
            let dir = tempfile::tempdir().unwrap();
            let first = start(dir.path(), "1", b"app = 1", false).unwrap();
            let complete = fs::metadata(frames_file(&first)).unwrap().modified().unwrap();
            change(&first.join("lib").join("b.py"), complete);
            assert!(start(dir.path(), "2", b"app = 2", true).is_err(), "{what}: its frame is read");
            let second = start(dir.path(), "2", b"app = 2", false).unwrap();
            assert_eq!(fs::read(second.join("lib").join("b.py")).unwrap(), b"b = 1", "{what}");
        }
    }
}
