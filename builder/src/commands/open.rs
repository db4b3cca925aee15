//! Opening the bundle that a command names.

use std::io;
use std::path::Path;

use bundle::{Bundle, BundleError};

use crate::report::failure::{Failure, Help as _};
use crate::report::text;

/// Opens the bundle and checks its footer and launch record.
pub(super) fn open(path: &Path) -> anyhow::Result<Bundle> {
    match Bundle::open(path) {
        Err(BundleError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
            let failure = Failure::new(format!("there is no file `{}`", text::path(path)));
            Err(failure.help("check the path; `ekiben build` prints where it has written a bundle").into())
        }
        Err(BundleError::Io(_)) if path.is_dir() => {
            let failure = Failure::new(format!("`{}` is a directory, not a bundle", text::path(path)));
            Err(failure.help("name the file; `ekiben build` writes it to `dist` of the project").into())
        }
        opened => opened.or_fail(format!("could not open the bundle `{}`", path.display()), HELP),
    }
}

pub(super) const HELP: &str = "name a file that `ekiben build` made; if it is one, it is incomplete or was changed: \
                               download or copy it again";
