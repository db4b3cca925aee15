//! The new version is installed beside the old one, and started for a trial: its interpreter comes up, and its entry point can be
//! imported. The app itself is not run. The new bundle does that (`self prepare`), as it knows best how.

use std::io::Read as _;
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use bundle::Bundle;

use crate::client::Client;
use crate::error::UpdateError;

/// A first start on a slow disk takes its time.
const PATIENCE: Duration = Duration::from_secs(600);
const LOOK: Duration = Duration::from_millis(20);
/// Exit codes of a launcher that could not install its version, for lack of room or memory for example (`docs/INSTALL.md`): they
/// say nothing about the version.
const NOT_INSTALLED: RangeInclusive<i32> = 119..=124;

/// Tries the bundle in `file`, which will be at the place of the client's.
///
/// # Errors
/// [`UpdateError::Trial`] when it does not work; [`UpdateError::NotTried`] when that could not be found out. Both have its words.
pub fn run(client: &Client, version: &str, file: &Path) -> Result<(), UpdateError> {
    let failed = |why: String| UpdateError::Trial { version: version.to_owned(), why };
    let not_tried = |why: String| UpdateError::NotTried { version: version.to_owned(), why };
    let new = Bundle::open(file).map_err(|error| failed(error.to_string()))?;
    let Some(word) = new.record().settings.self_word.clone() else {
        return Err(failed("it has no word for its launcher, so it can't be asked".to_owned()));
    };
    drop(new);
    let mut child = Command::new(file)
        .args([word.as_str(), "prepare", "--as"])
        .arg(&client.path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| not_tried(error.to_string()))?;
    let mut words = child.stderr.take();
    let listener = thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(words) = &mut words {
            let _ = words.take(1 << 16).read_to_end(&mut text);
        }
        text
    });
    let begun = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if begun.elapsed() < PATIENCE => thread::sleep(LOOK),
            result => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(match result {
                    Ok(_) => failed("it did not end".to_owned()),
                    Err(error) => not_tried(error.to_string()),
                });
            }
        }
    };
    if status.success() {
        return Ok(());
    }
    let text = listener.join().unwrap_or_default();
    let text = std::str::from_utf8(&text).unwrap_or("it said something that is not text").trim();
    let last = text.lines().last().unwrap_or_default();
    let why = if last.is_empty() { status.to_string() } else { format!("{status}: {last}") };
    // Without an exit code, a signal has ended it.
    let is_verdict = status.code().is_some_and(|code| !NOT_INSTALLED.contains(&code));
    Err(if is_verdict { failed(why) } else { not_tried(why) })
}
