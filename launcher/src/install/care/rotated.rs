//! A log that one process writes for as long as it runs, and that is rotated meanwhile: a service's, on Windows.
//!
//! The newest part has the log's own name, the older ones are counted (`service.1.log` is the youngest of them). A part ends
//! where a line ends, when it has grown or begun long ago; the oldest one goes. So the log never takes more than its limit,
//! and only a line that is longer than a sixteenth of a part can be cut in two.
//!
//! Nothing is lost on the way: a part that can't be renamed, because another program has it open and does not share it, goes
//! on growing until it can.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::install::layout;
use crate::sys::files;

/// How many parts there are besides the newest.
const OLDER: u32 = 9;
/// No part covers more time.
const LONGEST_TIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Such a log, open.
#[derive(Debug)]
pub struct RotatedLog {
    path: PathBuf,
    file: File,
    /// Of the newest part.
    length: u64,
    began: SystemTime,
    /// A part that is longer ends with its line. Grows while the part can't be renamed.
    soft_limit: u64,
    /// What the limit of all parts leaves for one.
    part: u64,
    is_at_line_start: bool,
}

impl RotatedLog {
    /// Opens the log at `path`, which may take `limit` bytes with its older parts. Its directory is there.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn open(path: PathBuf, limit: u64) -> io::Result<Self> {
        let file = open(&path)?;
        let length = file.metadata()?.len();
        let part = limit / u64::from(OLDER + 1);
        let began = began(&path).filter(|_| length > 0).unwrap_or_else(SystemTime::now);
        Ok(Self { path, file, length, began, soft_limit: soft(part), part, is_at_line_start: true })
    }

    /// Adds these bytes. Those that can't be written, as on a full disk, are given up: the app must not wait for its log.
    pub fn write(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.is_at_line_start && self.is_due() {
                self.rotate();
            }
            let (part, rest) = bytes.split_at(self.fitting(bytes));
            let _ = self.file.write_all(part);
            self.length += part.len() as u64;
            self.is_at_line_start = part.ends_with(b"\n") || self.length >= self.hard_limit();
            bytes = rest;
        }
    }

    /// How much of `bytes` belongs into this part: up to the end of the line that crosses the soft limit.
    fn fitting(&self, bytes: &[u8]) -> usize {
        let room = |limit: u64| usize::try_from(limit.saturating_sub(self.length)).unwrap_or(usize::MAX);
        let (soft, hard) = (room(self.soft_limit), room(self.hard_limit()).max(1));
        let Some(beyond) = bytes.get(soft..) else { return bytes.len() };
        let line_end = beyond.iter().position(|byte| *byte == b'\n').map(|at| soft + at + 1);
        line_end.unwrap_or(bytes.len()).min(hard)
    }

    fn hard_limit(&self) -> u64 {
        self.soft_limit + (self.part - soft(self.part))
    }

    fn is_due(&self) -> bool {
        let is_old = || self.began.elapsed().is_ok_and(|age| age > LONGEST_TIME);
        self.length >= self.soft_limit || self.length > 0 && is_old()
    }

    fn rotate(&mut self) {
        match self.make_room().and_then(|()| open(&self.path)) {
            Ok(file) => {
                (self.file, self.length, self.began) = (file, 0, SystemTime::now());
                self.soft_limit = soft(self.part);
            }
            // Again when it has grown by another sixteenth.
            Err(_) => {
                self.soft_limit = self.length + self.part / 16;
                self.began = SystemTime::now();
            }
        }
    }

    /// Gives each part the name of the next older one. If one can't have it, no younger one takes its place.
    fn make_room(&self) -> io::Result<()> {
        for age in (1..OLDER).rev() {
            let from = layout::older_log(&self.path, age);
            match fs::rename(&from, layout::older_log(&self.path, age + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::rename(&self.path, layout::older_log(&self.path, 1))
    }
}

/// Leaves a sixteenth of a part for the line that crosses this limit.
fn soft(part: u64) -> u64 {
    part - part / 16
}

fn open(path: &Path) -> io::Result<File> {
    files::open_own(OpenOptions::new().append(true), path)
}

/// When the newest part was begun: when the one before was written last. The file's own time does not tell, since Windows
/// gives a new file the time of the one that had its name a moment ago.
fn began(log: &Path) -> Option<SystemTime> {
    let modified = |path: &Path| fs::metadata(path).and_then(|found| found.modified()).ok();
    modified(&layout::older_log(log, 1)).or_else(|| fs::metadata(log).and_then(|found| found.created()).ok())
}

/// The last lines of a log with its older parts, as they are.
///
/// # Errors
/// When a part that is there can't be read.
pub fn last_lines(log: &Path, count: usize) -> io::Result<Vec<u8>> {
    let mut end = Vec::new();
    let older = (1..=OLDER).map(|age| layout::older_log(log, age));
    for part in [log.to_path_buf()].into_iter().chain(older) {
        let mut bytes = match fs::read(part) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            read => read?,
        };
        bytes.append(&mut end);
        end = bytes;
        if let Some(from) = beginning_of_last(&end, count) {
            return Ok(end.split_off(from));
        }
    }
    Ok(end)
}

/// Where the last `count` lines begin. `None`: there are not more.
fn beginning_of_last(text: &[u8], count: usize) -> Option<usize> {
    let ends = text.iter().enumerate().rev().skip(1).filter(|(_, byte)| **byte == b'\n');
    if count == 0 { Some(text.len()) } else { ends.map(|(at, _)| at + 1).nth(count - 1) }
}

/// What is added to a log from now on, wherever its parts move.
#[derive(Debug)]
pub struct Follower {
    path: PathBuf,
    file: Option<File>,
    position: u64,
}

impl Follower {
    /// Begins at the end of the log at `path`, which may not be there yet.
    pub fn new(path: PathBuf) -> Self {
        let file = File::open(&path).ok();
        let position = file.as_ref().and_then(|file| file.metadata().ok()).map_or(0, |found| found.len());
        Self { path, file, position }
    }

    /// What was added since. Empty: nothing.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn added(&mut self) -> io::Result<Vec<u8>> {
        let Some(file) = &mut self.file else {
            self.file = File::open(&self.path).ok();
            return Ok(Vec::new());
        };
        // Asked before: a part that others write has grown by the next look.
        let named = fs::metadata(&self.path).map(|found| found.len());
        let mut added = Vec::new();
        file.seek(SeekFrom::Start(self.position))?;
        file.take(MOST_AT_ONCE).read_to_end(&mut added)?;
        self.position += added.len() as u64;
        // All of it was read, and another file has the name.
        if added.is_empty() && named.is_ok_and(|length| length != self.position) {
            (self.file, self.position) = (File::open(&self.path).ok(), 0);
        }
        Ok(added)
    }
}

const MOST_AT_ONCE: u64 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: u64 = 160_000;

    struct Logs(tempfile::TempDir);

    impl Logs {
        fn log(&self) -> RotatedLog {
            RotatedLog::open(self.0.path().join("service.log"), LIMIT).unwrap()
        }

        /// The parts from the oldest to the newest.
        fn parts(&self) -> Vec<Vec<u8>> {
            let path = self.0.path().join("service.log");
            let older = (1..=OLDER + 1).rev().map(|age| layout::older_log(&path, age));
            older.chain([path.clone()]).filter_map(|part| fs::read(part).ok()).collect()
        }
    }

    fn logs() -> Logs {
        Logs(tempfile::tempdir().unwrap())
    }

    #[test]
    fn ten_times_the_limit_stays_within_it_and_the_last_lines_are_all_there() {
        let logs = logs();
        let mut log = logs.log();
        let text: Vec<u8> = (0..).map(|n| format!("line {n}\n").into_bytes()).take(150_000).flatten().collect();
        assert!(text.len() as u64 > 10 * LIMIT);
        // As they come from a pipe: in pieces that end anywhere.
        for piece in text.chunks(4093) {
            log.write(piece);
        }
        let parts = logs.parts();
        assert_eq!(parts.len(), OLDER as usize + 1);
        assert!(parts.iter().all(|part| part.ends_with(b"\n")));
        let all = parts.concat();
        assert!(all.len() as u64 <= LIMIT && text.ends_with(&all), "{}", all.len());
        assert!(all.len() as u64 > LIMIT * 8 / 10, "{}", all.len());
    }

    #[test]
    fn a_log_is_continued_and_one_without_an_end_of_line_is_cut() {
        let logs = logs();
        logs.log().write(b"one\n");
        let mut log = logs.log();
        log.write(b"two");
        for _ in 0..30 {
            log.write(&[b'x'; 5000]);
        }
        let all = logs.parts().concat();
        assert!(all.starts_with(b"one\ntwoxxx") && all.len() == 150_007);
        assert!(logs.parts().iter().all(|part| part.len() as u64 <= LIMIT / 10));
    }

    #[test]
    fn a_part_that_was_begun_long_ago_is_ended() {
        let logs = logs();
        let mut log = logs.log();
        log.write(b"old\n");
        log.began = SystemTime::now() - LONGEST_TIME - Duration::from_secs(1);
        log.write(b"new\n");
        assert_eq!(logs.parts(), [b"old\n".to_vec(), b"new\n".to_vec()]);
    }

    #[test]
    fn a_part_that_can_not_be_renamed_goes_on_growing() {
        let logs = logs();
        // What no file can take the place of.
        let path = |age| layout::older_log(&logs.0.path().join("service.log"), age);
        fs::create_dir_all(path(OLDER).join("x")).unwrap();
        fs::write(path(OLDER - 1), "older\n").unwrap();
        let mut log = logs.log();
        for _ in 0..3000 {
            log.write(b"a line\n");
        }
        assert_eq!(fs::read(&log.path).unwrap().len(), 21_000);
        fs::remove_dir_all(path(OLDER)).unwrap();
        for _ in 0..1000 {
            log.write(b"a line\n");
        }
        assert_eq!(logs.parts().concat().len(), 28_000 + "older\n".len());
        assert_eq!(logs.parts().len(), 3);
    }
    #[test]
    fn the_end_of_a_log_is_shown_and_what_is_added_wherever_its_parts_move() {
        let logs = logs();
        let path = logs.0.path().join("service.log");
        let mut follower = Follower::new(path.clone());
        assert_eq!(follower.added().unwrap(), b"");
        let mut log = logs.log();
        let mut followed = Vec::new();
        for line in 0..3000 {
            log.write(format!("line {line}\n").as_bytes());
            if line % 100 == 0 {
                (0..3).for_each(|_| followed.extend(follower.added().unwrap()));
            }
        }
        (0..3).for_each(|_| followed.extend(follower.added().unwrap()));
        let all: String = (0..3000).map(|line| format!("line {line}\n")).collect();
        assert!(all.ends_with(std::str::from_utf8(&followed).unwrap()) && followed.len() > all.len() - 20);
        assert!(logs.parts().len() > 1);
        assert_eq!(last_lines(&path, 2).unwrap(), b"line 2998\nline 2999\n");
        assert_eq!(last_lines(&path, 0).unwrap(), b"");
        assert_eq!(last_lines(&path, 10_000).unwrap(), all.as_bytes());
        assert_eq!(last_lines(&path, 2500).unwrap().iter().filter(|byte| **byte == b'\n').count(), 2500);
    }
}
