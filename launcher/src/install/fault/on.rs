//! The points, as a test asks for them.
//!
//! `EKIBEN_TEST_FAULT=<what>:<where>[:<argument>]`:
//! - `kill` ends the process with no chance to clean up, `kill:…:<file>` when `<file>` is there;
//! - `error:…:<number>` fails with that error of the system;
//! - `panic` panics, `memory` asks for more memory than there is where that can't be an error;
//! - `stop:…:<file>` makes `<file>.reached` and goes on when `<file>` is there.
//!
//! `<where>` is the number of a point (the first one passed is 1), a point's name, or `<name>*<n>`: the first `n` of that
//! name. `EKIBEN_TEST_FAULT_LOG=<file>` gets the name of each point that is passed, a line each.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::env;
use crate::sys::kill::kill;

static PASSED: AtomicUsize = AtomicUsize::new(0);
/// One thread writes to the log.
static LOG: Mutex<()> = Mutex::new(());
/// How often the rule has matched.
static MATCHED: AtomicUsize = AtomicUsize::new(0);

/// Passes a point. A clean-up that was forked counts on from where it began.
///
/// # Errors
/// The one that the test asked for.
pub(in crate::install) fn point(name: &'static str) -> io::Result<()> {
    let number = PASSED.fetch_add(1, Ordering::SeqCst) + 1;
    if let Some(log) = std::env::var_os(env::TEST_FAULT_LOG) {
        // Wine looks for the end and writes there, in two steps.
        let _alone = LOG.lock();
        OpenOptions::new().create(true).append(true).open(log)?.write_all(format!("{name}\n").as_bytes())?;
    }
    let Ok(rule) = std::env::var(env::TEST_FAULT) else { return Ok(()) };
    let mut parts = rule.splitn(3, ':');
    let (what, place, argument) = (parts.next(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if !is_here(place, name, number) {
        return Ok(());
    }
    match what {
        Some("kill") => {
            wait_for(Path::new(argument));
            kill()
        }
        Some("error") => Err(io::Error::from_raw_os_error(argument.parse().unwrap_or_default())),
        #[expect(clippy::panic, reason = "a test wants to see what becomes of a defect")]
        Some("panic") => panic!("a test wants it"),
        Some("memory") => {
            std::hint::black_box(Vec::<u8>::with_capacity(isize::MAX as usize));
            Ok(())
        }
        Some("stop") => stop(Path::new(argument)),
        _ => Err(io::Error::other(format!("no such fault: {rule}"))),
    }
}

fn is_here(place: &str, name: &str, number: usize) -> bool {
    if let Ok(wanted) = place.parse::<usize>() {
        return wanted == number;
    }
    let (wanted, most) = place.split_once('*').unwrap_or((place, ""));
    wanted == name && MATCHED.fetch_add(1, Ordering::SeqCst) < most.parse().unwrap_or(usize::MAX)
}

fn stop(until: &Path) -> io::Result<()> {
    let mut reached = until.as_os_str().to_owned();
    reached.push(".reached");
    fs::write(reached, "")?;
    wait_for(until);
    Ok(())
}

fn wait_for(file: &Path) {
    while !file.as_os_str().is_empty() && !file.exists() {
        thread::sleep(Duration::from_millis(2));
    }
}
