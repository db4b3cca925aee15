//! The logs of an install root: what an app without a console writes, and what its launcher reports where nobody may see it.
//!
//! Several processes can write to a log at once: it is opened for appending, so each line goes to the end. Logs are for this account
//! alone. A log that has grown too long is renamed at the next start, which begins a new one; processes that have the old one open
//! go on writing to it. A log that can't be opened is no reason to fail: there is no log then.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::str::Utf8Chunk;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

use crate::install::layout::{self, InstallRoot};
use crate::sys::creation::ensure_private_directory;

/// A longer log is renamed at the next start.
const LONGEST: u64 = 1 << 20;
/// How many older logs are kept.
pub(in crate::install) const OLDER: u32 = 3;
/// How much of the end of a log is shown.
const SHOWN_BYTES: u64 = 4096;
const SHOWN_LINES: usize = 12;

/// A log that this start writes to.
#[derive(Debug)]
pub struct Log {
    /// Opened for appending.
    pub file: File,
    /// Where it is.
    pub path: PathBuf,
    /// Its length before this start.
    before: u64,
}

impl Log {
    /// The app's log, a new one if the last one has grown.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn open_app(root: &InstallRoot) -> io::Result<Self> {
        Self::open(root.app_log())
    }

    /// The last lines that were written since this start began, as text without control characters.
    pub fn last_lines(&self) -> Vec<String> {
        last_lines_since(&self.path, self.before)
    }

    fn open(path: PathBuf) -> io::Result<Self> {
        if let Some(directory) = path.parent() {
            ensure_private_directory(directory)?;
        }
        if length(&path) > LONGEST {
            rotate(&path);
        }
        let file = crate::sys::files::open_own(OpenOptions::new().append(true), &path)?;
        let before = file.metadata()?.len();
        Ok(Self { file, path, before })
    }
}

/// Adds a text with the time to the launcher's log, if that can be written.
pub fn note(path: &Path, text: &str) {
    // One call, so that lines of other launchers don't come between.
    let _ = Log::open(path.to_path_buf()).and_then(|mut log| log.file.write_all(entry(text).as_bytes()));
}

/// A line of a log: the time, and this text.
pub fn entry(text: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{} {text}\n", utc(now))
}

/// The last lines of a log that stand behind its first bytes, as text without control characters. If it has become shorter,
/// it was begun anew: then all of it counts.
pub fn last_lines_since(path: &Path, first_bytes: u64) -> Vec<String> {
    let before = if length(path) < first_bytes { 0 } else { first_bytes };
    read_end(path, before).map_or_else(|_| Vec::new(), |end| last_lines(&end))
}

/// Renames each log to the next older one, unless another process is doing that. If a rename fails, for instance because another
/// program has the file open and does not share it, the log goes on growing.
fn rotate(log: &Path) {
    let lock = crate::sys::files::open_own(OpenOptions::new().write(true), &layout::log_lock(log));
    let Ok(lock) = lock else { return };
    // Checked again, because another start may just have done it.
    if lock.try_lock().is_err() || length(log) <= LONGEST {
        return;
    }
    for age in (1..OLDER).rev() {
        let _ = fs::rename(layout::older_log(log, age), layout::older_log(log, age + 1));
    }
    let _ = fs::rename(log, layout::older_log(log, 1));
}

/// How many bytes are there.
pub fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |found| found.len())
}

fn read_end(path: &Path, before: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let from = file.metadata()?.len().saturating_sub(SHOWN_BYTES).max(before);
    file.seek(SeekFrom::Start(from))?;
    let mut end = Vec::new();
    file.take(SHOWN_BYTES).read_to_end(&mut end)?;
    Ok(end)
}

fn last_lines(end: &[u8]) -> Vec<String> {
    // For a person to read: what is not UTF-8 is shown as a box.
    let readable =
        |chunk: Utf8Chunk<'_>| chunk.valid().to_owned() + if chunk.invalid().is_empty() { "" } else { "\u{fffd}" };
    let text: String = end.utf8_chunks().map(readable).collect();
    let shown = |line: &str| line.chars().filter(|c| !c.is_control() || *c == '\t').collect::<String>();
    let lines: Vec<_> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).map(shown).collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].to_vec()
}

/// `2026-01-31 23:59:59Z`; nothing for times after the year 9999.
fn utc(since_1970: Duration) -> String {
    let seconds = i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX);
    let rfc3339 = Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default();
    rfc3339.replacen('T', " ", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> (tempfile::TempDir, InstallRoot) {
        let dir = tempfile::tempdir().unwrap();
        let root = InstallRoot::at(dir.path().to_path_buf());
        (dir, root)
    }

    fn names(root: &InstallRoot) -> Vec<String> {
        let names = fs::read_dir(root.app_log().parent().unwrap()).unwrap();
        let mut names: Vec<_> = names.map(|name| name.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_log_that_has_grown_is_renamed_and_three_older_ones_are_kept() {
        let (_dir, root) = root();
        for start in 0..6 {
            let mut log = Log::open_app(&root).unwrap();
            log.file.write_all(&vec![b'0' + start; LONGEST as usize + 1]).unwrap();
        }
        assert_eq!(names(&root), ["app.1.log", "app.2.log", "app.3.log", "app.log", "lock"]);
        for (age, start) in [(1, b'4'), (2, b'3'), (3, b'2')] {
            assert_eq!(fs::read(layout::older_log(&root.app_log(), age)).unwrap()[0], start);
        }
    }

    #[test]
    fn two_starts_write_into_one_log_and_each_shows_what_came_after_it() {
        let (_dir, root) = root();
        let mut one = Log::open_app(&root).unwrap();
        one.file.write_all("one\nééé\u{7}\n\n".as_bytes()).unwrap();
        let mut two = Log::open_app(&root).unwrap();
        two.file.write_all(b"two\r\n").unwrap();
        one.file.write_all(b"\xffthree").unwrap();
        assert_eq!(one.last_lines(), ["one", "ééé", "two", "\u{fffd}three"]);
        assert_eq!(two.last_lines(), ["two", "\u{fffd}three"]);
        assert_eq!(last_lines("x\n".repeat(100).as_bytes()).len(), SHOWN_LINES);
    }

    #[test]
    fn a_start_that_finds_another_one_renaming_leaves_it_to_that() {
        let (_dir, root) = root();
        let mut log = Log::open_app(&root).unwrap();
        log.file.write_all(&vec![b'x'; LONGEST as usize + 1]).unwrap();
        let lock = File::create(layout::log_lock(&log.path)).unwrap();
        lock.lock().unwrap();
        let second = Log::open_app(&root).unwrap();
        assert_eq!((second.before, names(&root)), (LONGEST + 1, vec!["app.log".to_owned(), "lock".to_owned()]));
    }

    #[test]
    fn a_launchers_report_begins_with_the_time() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00Z"),
            (951_827_696, "2000-02-29 12:34:56Z"),
            (1_798_761_599, "2026-12-31 23:59:59Z"),
        ] {
            assert_eq!(utc(Duration::from_secs(seconds)), text);
        }
        let (_dir, root) = root();
        note(&root.launcher_log(), "error: x\nhelp: y");
        let text = fs::read_to_string(root.launcher_log()).unwrap();
        assert!(text.starts_with("20") && text.ends_with("Z error: x\nhelp: y\n"), "{text}");
    }
}
