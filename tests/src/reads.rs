//! How much of a file a program reads, counted in system calls.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use crate::context::TestContext;
use crate::outcome::Outcome;
use crate::program::Program;

/// Everything that can read a file; what maps it is another matter.
const CALLS: &str = "trace=read,readv,pread64,preadv,preadv2,sendfile,copy_file_range,splice";

/// Uses the first core that it may use, so that one worker extracts.
const ONE_CORE: &str = r#"exec taskset -c $(taskset -cp $$ | sed 's/.*: //; s/[-,].*//') "$@""#;

/// Runs a program, and tells what it and its children read of `file`, in this order: where, and how many bytes came.
///
/// # Panics
/// When it reads the file in any other way than at a position.
pub fn reads(context: &TestContext, program: Program, file: &Path) -> (Outcome, Vec<(u64, u64)>) {
    let log = context.path("reads");
    let strace = ["-f", "-y", "-s", "0", "-e", "signal=none", "-e", CALLS, "-o", log.to_str().unwrap(), "--"];
    let outcome = program
        .started_by("strace", strace.map(OsString::from))
        .started_by("sh", ["-c", ONE_CORE, "sh"].map(OsString::from))
        .run();
    let log = fs::read_to_string(log).unwrap();
    let name = format!("<{}>", file.to_str().unwrap());
    let mut begun = HashMap::new();
    let mut found = Vec::new();
    for line in log.lines() {
        // A call that another thread's came between stands in two lines.
        let (process, call) = line.split_once(' ').unwrap();
        if let Some(start) = call.strip_suffix(" <unfinished ...>") {
            begun.insert(process, start);
            continue;
        }
        let call = match call.split_once(" resumed>") {
            Some((_, rest)) => format!("{}{rest}", begun.remove(process).unwrap_or_default()),
            None => call.to_owned(),
        };
        if call.contains(&name) {
            found.push(at_position(&call));
        }
    }
    (outcome, found)
}

/// `pread64(3</the/file>, ""..., 4096, 0) = 4096`
fn at_position(call: &str) -> (u64, u64) {
    let (arguments, result) = call.rsplit_once(" = ").unwrap();
    assert!(arguments.trim_start().starts_with("pread64("), "{call}");
    let offset = arguments.trim_end().trim_end_matches(')').rsplit_once(", ").unwrap().1;
    (offset.parse().unwrap(), result.parse().unwrap())
}
