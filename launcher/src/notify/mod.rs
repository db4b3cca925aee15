//! What the launcher says to people: nothing while all is well, progress when a first start takes long, and failures.

mod terminal;

pub use terminal::Progress;

use crate::error::LaunchError;

/// Tells why the app was not started, on stderr. A closed stderr is no reason to fail differently.
pub fn failure(error: &LaunchError) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{}", error.render());
}
