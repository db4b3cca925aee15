//! Updating an app. Started by its launcher (`app self update`, `app self rollback`), which says what it is.
//!
//! 1. [`call`]: what the launcher and the user said.
//! 2. [`client`]: the app, its keys, and what it remembers ([`state`]).
//! 3. [`check`]: metadata is fetched ([`source`]) and verified, and a version chosen.
//! 4. [`download`]: the new bundle is put together and verified, byte by byte what was published.
//! 5. [`swap`]: it is installed and started for a trial, then takes the old one's place.
//!
//! Until the swap, nothing that the app uses has changed; after it, all of it has. Whatever fails leaves the app as it was.

use std::ffi::OsString;
use std::io::Write as _;

pub mod call;
pub mod check;
pub mod client;
pub mod download;
pub mod error;
mod json;
pub mod rollback;
pub mod source;
pub mod state;
pub mod swap;
pub mod trial;

use call::{Call, Verb};
use client::Client;
use error::UpdateError;

/// Does what the command line says. The exit code is 0 when all is well, 1 when not, and 2 when the call makes no sense; or the app's,
/// if that was started.
pub fn run(arguments: impl Iterator<Item = OsString>) -> i32 {
    let call = Call::read(arguments);
    if let Ok(call) = &call
        && call.verb == Verb::Back
    {
        return rollback::go_back_and_start(call);
    }
    match call.and_then(|call| answer(&call)) {
        Ok(text) => {
            // A reader that has gone away has read enough.
            let _ = std::io::stdout().write_all(text.as_bytes());
            0
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{}", error.render());
            error.exit_code()
        }
    }
}

fn answer(call: &Call) -> Result<String, UpdateError> {
    let mut client = Client::open(call)?;
    match call.verb {
        Verb::Rollback | Verb::Back => rollback::run(&mut client, call),
        Verb::Update => {
            let found = check::run(&mut client, call)?;
            check::write_down(&client, call, &found);
            if call.only_check {
                return Ok(check::told(&client, call, &found));
            }
            let Some(offer) = &found.offer else {
                download::remove_all(&client);
                return Ok(check::told(&client, call, &found));
            };
            let file = download::run(&client, offer)?;
            swap::run(&mut client, offer, file)?;
            Ok(swap::told(&client, call, offer))
        }
    }
}
