//! The least that an extraction of these frames into these files can be: each frame read and decoded in one call, by all
//! cores, and for each file one call that creates it, one that writes it and one that closes it, relative to an open
//! directory. No digest, no tar, no filter, no check, no index: where each file's bytes lie in a decoded frame is known beforehand.
//! Directories and links have to be made here, too.
//!
//! It runs in a process of its own, as the launcher does, and tells how long the work took there, without the start.

use std::ffi::{CString, OsString};
use std::fs::{self, File};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use std::{env, thread};

use bundle::index::EntryKind;
use bundle::{Bundle, frame};

use ekiben_tests::measured::Cost;

use crate::homes::on_cores;
use crate::running::milliseconds;

/// Makes the benchmark's executable this program: the plan, the bundle, and the new directory follow.
pub(crate) const ARGUMENT: &str = "extract-and-nothing-else";

/// What is to be done for a bundle: `F <offset> <len> <raw_len>` begins a frame, `D <path>` is a directory, `L <target>
/// <path>` a link, `W <start> <end> <mode> <path>` a file, each ended by a NUL.
pub(crate) fn plan(bundle_path: &Path, into: PathBuf) -> PathBuf {
    let bundle = Bundle::open(bundle_path).unwrap();
    let (index, start) = (bundle.index().unwrap(), bundle.payload_start());
    let mut plan = String::new();
    let mut directories = std::collections::BTreeSet::new();
    for placed in index.frames().flatten() {
        let mut stored = Vec::new();
        bundle.frame(placed, &mut stored).unwrap();
        let raw = zstd::decode_all(stored.as_slice()).unwrap();
        plan += &format!("F {} {} {}\0", start + placed.offset, placed.frame.len, placed.frame.raw_len);
        // Of an archive that the launcher's own reader has no objection to, in the same order.
        frame::unpack(&stored, placed.frame, |_, _| Ok(())).unwrap();
        let mut tar = tar::Archive::new(raw.as_slice());
        let found: Vec<_> = tar.entries().unwrap().map(|found| found.unwrap().raw_file_position()).collect();
        for (entry, from) in placed.frame.entries.iter().zip(found) {
            let path = &entry.path;
            let above = path.as_str().match_indices('/').map(|(end, _)| path.as_str()[..end].to_owned());
            directories.extend(above);
            match &entry.kind {
                EntryKind::Directory => drop(directories.insert(path.as_str().to_owned())),
                EntryKind::Symlink { target } => plan += &format!("L {target} {path}\0"),
                EntryKind::File { size, executable } => {
                    let mode = if *executable { "755" } else { "644" };
                    plan += &format!("W {from} {} {mode} {path}\0", from + size);
                }
            }
        }
    }
    let directories: String = directories.iter().map(|path| format!("D {path}\0")).collect();
    fs::write(&into, directories + &plan).unwrap();
    into
}

/// Extracts in a process of its own, on these cores; answers what the work took.
pub(crate) fn extract(plan: &Path, bundle: &Path, directory: &Path, cores: &str) -> Cost {
    let mut command = on_cores(cores, &Command::new(env::current_exe().unwrap()));
    let output = command.arg(ARGUMENT).args([plan, bundle, directory]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8(output.stdout).unwrap();
    let (wall, cpu) = told.trim().split_once(' ').unwrap();
    Cost { wall: wall.parse().unwrap(), cpu: cpu.parse().unwrap(), peak: f64::NAN }
}

struct Frame<'a> {
    offset: u64,
    len: usize,
    raw_len: usize,
    files: Vec<(usize, usize, libc::c_uint, CString)>,
    links: Vec<(&'a str, CString)>,
}

/// The other process.
pub(crate) fn child(arguments: &[OsString]) {
    let [plan, bundle, directory] = arguments else { return };
    let plan = fs::read_to_string(plan).unwrap();
    let mut directories = Vec::new();
    let mut frames: Vec<Frame<'_>> = Vec::new();
    for line in plan.split_terminator('\0') {
        let (kind, rest) = line.split_once(' ').unwrap();
        let mut words = rest.splitn(4, ' ');
        let mut number = || words.next().unwrap().parse::<usize>().unwrap();
        match kind {
            "D" => directories.push(CString::new(rest).unwrap()),
            "F" => {
                let (offset, len, raw_len) = (number() as u64, number(), number());
                frames.push(Frame { offset, len, raw_len, files: Vec::new(), links: Vec::new() });
            }
            "L" => {
                let (target, path) = rest.split_once(' ').unwrap();
                frames.last_mut().unwrap().links.push((target, CString::new(path).unwrap()));
            }
            _ => {
                let (start, end) = (number(), number());
                let mode = if number() == 755 { 0o755 } else { 0o644 };
                frames.last_mut().unwrap().files.push((start, end, mode, CString::new(words.next().unwrap()).unwrap()));
            }
        }
    }
    let (begun, before) = (Instant::now(), cpu());
    work(&File::open(bundle).unwrap(), &File::open(directory).unwrap(), &directories, &frames);
    println!("{} {}", begun.elapsed().as_secs_f64() * 1000.0, cpu() - before);
}

/// What this process has used of all cores so far, in milliseconds.
#[expect(unsafe_code, reason = "std does not tell")]
fn cpu() -> f64 {
    // SAFETY: all zeros are a valid `rusage`.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: a place of the right type for the answer.
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
    milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime)
}

#[expect(unsafe_code, reason = "the floor is system calls")]
fn work(bundle: &File, directory: &File, directories: &[CString], frames: &[Frame<'_>]) {
    let directory = directory.as_raw_fd();
    for path in directories {
        // SAFETY: an open descriptor, and a string with a NUL at its end.
        assert_eq!(unsafe { libc::mkdirat(directory, path.as_ptr(), 0o755) }, 0);
    }
    let next = AtomicUsize::new(0);
    let worker = || {
        let (mut stored, mut raw) = (Vec::new(), Vec::new());
        let mut decoder = zstd::bulk::Decompressor::new().unwrap();
        while let Some(frame) = frames.get(next.fetch_add(1, Ordering::Relaxed)) {
            stored.resize(frame.len.max(stored.len()), 0);
            if raw.len() < frame.raw_len {
                raw = vec![0; frame.raw_len];
            }
            bundle.read_exact_at(&mut stored[..frame.len], frame.offset).unwrap();
            decoder.decompress_to_buffer(&stored[..frame.len], &mut raw[..frame.raw_len]).unwrap();
            for (start, end, mode, path) in &frame.files {
                let bytes = &raw[*start..*end];
                // SAFETY: an open descriptor, and a string with a NUL at its end.
                let file = unsafe {
                    libc::openat(directory, path.as_ptr(), libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL, *mode)
                };
                assert!(file >= 0);
                if !bytes.is_empty() {
                    // SAFETY: a slice of that length.
                    let written = unsafe { libc::write(file, bytes.as_ptr().cast(), bytes.len()) };
                    assert_eq!(written, bytes.len() as isize);
                }
                // SAFETY: opened above.
                unsafe { libc::close(file) };
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(worker);
        }
    });
    for (target, path) in frames.iter().flat_map(|frame| &frame.links) {
        let target = CString::new(*target).unwrap();
        // SAFETY: an open descriptor, and two strings with a NUL at their ends.
        assert_eq!(unsafe { libc::symlinkat(target.as_ptr(), directory, path.as_ptr()) }, 0);
    }
}
