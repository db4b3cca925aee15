//! The list of installed files: whose version it is, and every file of it, with its size and the time that ekiben gave it.
//!
//! A staging dir gets the first lines as soon as it is created, which tell it from a directory of the app's own. The files and the
//! last line are added when all files are there. With this list, a later ekiben that has the index of another version knows which
//! files are ekiben's, and which the app has written or changed since. A start does not read it.
//!
//! ```text
//! ekiben installed 1
//! app hello by Example Ltd
//! 1764374400<TAB>1021<TAB>lib/python3.13/os.pyc      a file: seconds since 1970, size, path
//! link<TAB>bin/python3<TAB>python                    a symbolic link
//! end
//! ```
//!
//! All files of a version are given the same time, a multiple of two seconds, which every file system can store. So whether a file
//! was changed since does not depend on the clock. Memory sticks with FAT store local time: times that differ by a multiple of a
//! quarter of an hour, and not by more than time zones can, count as the same.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::ops::Bound;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::install::fault;
use crate::install::layout::{OWN, installed_file};
use crate::sys::creation::ensure_directory;
use crate::sys::files;
use crate::sys::removal::remove_file;
use bundle::LaunchRecord;
use bundle::index::{EntryKind, Index};

const HEADER: &str = "ekiben installed 1";
const END: &str = "end";
const LINK: &str = "link";
/// A longer list (hundreds of thousands of files) is not one of ours.
const LONGEST: u64 = 1 << 26;
/// The same for its first two lines.
const LONGEST_HEADER: u64 = 1 << 14;

/// Whose a version is: the app's id, and its publisher. Apps with the same id and different publishers are different apps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner(String);

/// A complete list.
#[derive(Debug)]
pub(in crate::install) struct List(BTreeMap<String, Row>);

/// What was read: the first lines of a staging dir's list, or a complete list.
#[derive(Debug)]
pub(in crate::install) struct Found {
    pub(in crate::install) owner: Owner,
    /// `None`: it is not complete.
    pub(in crate::install) list: Option<List>,
}

#[derive(Debug)]
enum Row {
    File {
        size: u64,
        /// `None` if the list was written later, when the time was not known any more.
        time: Option<Duration>,
    },
    Link {
        target: String,
    },
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Owner {
    /// Of the versions of this bundle.
    pub fn from_record(record: &LaunchRecord) -> Self {
        let by = |publisher: &String| format!(" by {}", publisher.escape_default());
        Self(record.app.id.as_str().to_owned() + &record.settings.publisher.as_ref().map(by).unwrap_or_default())
    }

    /// Of a version dir or staging dir. `None`: it is not ekiben's.
    pub(in crate::install) fn read(directory: &Path) -> Option<Self> {
        header(&mut BufReader::new(File::open(installed_file(directory)).ok()?.take(LONGEST_HEADER)))
    }
}

/// Begins the list of a new staging dir.
pub(in crate::install) fn begin(staging: &Path, owner: &Owner) -> io::Result<()> {
    files::create_directory(&staging.join(OWN))?;
    fault::point("list")?;
    let mut file = files::create_new(&installed_file(staging))?;
    fault::point("list made")?;
    file.write_all(beginning(owner).as_bytes())
}

/// Completes the list of a staging dir in which all files are there; `time` is the time that each file was given.
pub(in crate::install) fn complete(
    staging: &Path,
    index: &Index,
    time: &dyn Fn(&str) -> Option<SystemTime>,
) -> io::Result<()> {
    fault::point("list of files")?;
    let mut file = File::options().append(true).open(installed_file(staging))?;
    file.write_all(rows(index, time).as_bytes())
}

/// Writes the list of a version dir that has lost it. If `is_checked` says that the files are as in the bundle, their present times
/// are noted; otherwise only their sizes.
pub(in crate::install) fn rewrite(
    version_dir: &Path,
    owner: &Owner,
    index: &Index,
    is_checked: bool,
) -> io::Result<()> {
    let time = |path: &str| {
        let found = fs::symlink_metadata(bundle::entry_path::below(version_dir, path)).ok();
        found.filter(|_| is_checked)?.modified().ok()
    };
    let text = beginning(owner) + &rows(index, &time);
    let path = installed_file(version_dir);
    ensure_directory(&version_dir.join(OWN))?;
    remove_file(&path)?;
    files::create_new(&path)?.write_all(text.as_bytes())
}

/// The time that all files of a version get that is installed now.
pub(in crate::install) fn time_of_installation() -> SystemTime {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    UNIX_EPOCH + Duration::from_secs(now / 2 * 2)
}

/// Reads the list of a version dir or staging dir. `None`: there is none, so the directory is not ekiben's.
pub(in crate::install) fn read(directory: &Path) -> Option<Found> {
    let mut file = BufReader::new(File::open(installed_file(directory)).ok()?.take(LONGEST));
    let owner = header(&mut file)?;
    let mut text = String::new();
    let list = file.read_to_string(&mut text).ok().and_then(|_| List::parse(&text));
    Some(Found { owner, list })
}

impl List {
    fn parse(text: &str) -> Option<Self> {
        let rows = text.strip_suffix('\n')?.strip_suffix(END)?;
        // The last path of a list that was cut off may end like that.
        (rows.is_empty() || rows.ends_with('\n')).then_some(())?;
        let row = |line: &str| {
            let mut parts = line.splitn(3, '\t');
            let (first, second, path) = (parts.next()?, parts.next()?, parts.next()?);
            let row = match first {
                LINK => Row::Link { target: second.to_owned() },
                time => Row::File { size: second.parse().ok()?, time: parse_time(time) },
            };
            Some((path.to_owned(), row))
        };
        rows.lines().map(row).collect::<Option<_>>().map(Self)
    }

    /// Whether something was installed at this path: `/` between its parts.
    pub(in crate::install) fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// Whether something was installed below this path.
    pub(in crate::install) fn has_below(&self, path: &str) -> bool {
        let start = format!("{path}/");
        self.0
            .range::<str, _>((Bound::Included(start.as_str()), Bound::Unbounded))
            .next()
            .is_some_and(|(first, _)| first.starts_with(&start))
    }

    /// Whether what is at this path now, of which this is known, is what was installed there.
    pub(in crate::install) fn is_as_installed(&self, path: &str, at: &Path, found: &Metadata) -> bool {
        match self.0.get(path) {
            None => false,
            Some(Row::Link { target }) => {
                found.is_symlink() && fs::read_link(at).is_ok_and(|found| found == Path::new(target))
            }
            Some(Row::File { size, time }) => {
                let modified = || since_1970(found.modified().ok()?);
                found.is_file()
                    && found.len() == *size
                    && time.is_none_or(|time| modified().is_some_and(|found| is_same(time, found)))
            }
        }
    }

    /// Which time a file was given, if it is known and this is the one that it has.
    pub(in crate::install) fn time_if_same(&self, path: &str, found: SystemTime) -> Option<SystemTime> {
        let time = self.time(path)?;
        is_same(since_1970(time)?, since_1970(found)?).then_some(time)
    }

    /// Which time a file was given.
    pub(in crate::install) fn time(&self, path: &str) -> Option<SystemTime> {
        match self.0.get(path)? {
            Row::File { time, .. } => Some(UNIX_EPOCH + (*time)?),
            Row::Link { .. } => None,
        }
    }

    /// All paths.
    pub(in crate::install) fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

fn beginning(owner: &Owner) -> String {
    format!("{HEADER}\napp {}\n", owner.0)
}

fn header(file: &mut impl io::BufRead) -> Option<Owner> {
    let mut lines = file.lines();
    let mut line = || lines.next()?.ok();
    (line()? == HEADER).then_some(())?;
    Some(Owner(line()?.strip_prefix("app ")?.to_owned()))
}

fn rows(index: &Index, time: &dyn Fn(&str) -> Option<SystemTime>) -> String {
    let entries = index.entries();
    let mut text = String::new();
    for entry in entries {
        let path = entry.path.as_str();
        match &entry.kind {
            EntryKind::Directory => continue,
            EntryKind::Symlink { target } => text.extend([LINK, "\t", target]),
            EntryKind::File { size, .. } => {
                let time = time(path).and_then(since_1970).map_or_else(|| "-".to_owned(), show_time);
                text.extend([time.as_str(), "\t", &size.to_string()]);
            }
        }
        text.extend(["\t", path, "\n"]);
    }
    text + END + "\n"
}

fn show_time(time: Duration) -> String {
    match time.subsec_nanos() {
        0 => time.as_secs().to_string(),
        nanos => format!("{}.{nanos:09}", time.as_secs()),
    }
}

fn parse_time(text: &str) -> Option<Duration> {
    let (seconds, nanos) = text.split_once('.').unwrap_or((text, "0"));
    Some(Duration::new(seconds.parse().ok()?, nanos.parse().ok()?))
}

fn since_1970(time: SystemTime) -> Option<Duration> {
    time.duration_since(UNIX_EPOCH).ok()
}

fn is_same(one: Duration, other: Duration) -> bool {
    const QUARTER: u64 = 15 * 60;
    const MOST: u64 = 26 * 60 * 60;
    let apart = one.abs_diff(other);
    apart.subsec_nanos() == 0 && apart.as_secs().is_multiple_of(QUARTER) && apart.as_secs() <= MOST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_the_same_in_any_time_zone_and_no_other_time_is() {
        let at = Duration::from_secs;
        let time = at(1_764_374_400);
        for (other, same) in [
            (time, true),
            (time + at(3600), true),
            (time - at(13 * 3600 + 45 * 60), true),
            (time + at(1), false),
            (time + Duration::from_nanos(100), false),
            (time + at(3600) + Duration::from_nanos(1), false),
            (time + at(27 * 3600), false),
            (at(0), false),
        ] {
            assert_eq!(is_same(time, other), same, "{other:?}");
        }
        for time in [time, time + Duration::from_nanos(1_500), at(0)] {
            assert_eq!(parse_time(&show_time(time)), Some(time));
        }
    }

    #[test]
    fn a_list_that_is_cut_off_anywhere_is_none_or_only_begun() {
        let dir = tempfile::tempdir().unwrap();
        let owner = Owner("app by A\\nB".to_owned());
        begin(dir.path(), &owner).unwrap();
        let found = read(dir.path()).unwrap();
        assert!(found.owner == owner && found.list.is_none());
        let path = installed_file(dir.path());
        let whole = beginning(&owner) + "17\t3\tlib/a b\nlink\tb\tlib/c\n-\t4\tlib/end\nend\n";
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(read(dir.path()).is_none_or(|found| found.list.is_none()), "{length}");
        }
        fs::write(&path, &whole).unwrap();
        let list = read(dir.path()).unwrap().list.unwrap();
        assert!(list.has("lib/a b") && list.has_below("lib") && !list.has_below("li") && !list.has("lib"));
        assert_eq!(Owner::read(dir.path()), Some(owner));
    }
}
