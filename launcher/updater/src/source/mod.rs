//! Getting files of a release: from the web, or from a directory.

use std::io::{self, Read};

use release::place::LONGEST_METADATA;
use release::source::Location;

use crate::error::UpdateError;

mod folder;
mod http;

pub use folder::Folder;
pub use http::Http;

/// Where files come from. One request is one range of bytes.
pub trait ReleaseSource {
    /// A whole file that is small; `None` if it is not there.
    ///
    /// # Errors
    /// When it can't be got, or is longer than metadata may be.
    fn small(&self, location: &Location) -> Result<Option<Vec<u8>>, UpdateError>;

    /// A range of a file that has `total` bytes.
    ///
    /// # Errors
    /// When it can't be got.
    fn range(&self, location: &Location, wanted: Range) -> Result<Body, UpdateError>;
}

/// A range of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Where it starts.
    pub start: u64,
    /// How long it is: at least one byte.
    pub len: u64,
    /// How long the whole file is.
    pub total: u64,
}

/// What came.
pub struct Body {
    /// Where its bytes belong: what was asked for, or the whole file from its start.
    pub start: u64,
    /// The bytes. They may end early, or be other ones.
    pub bytes: Box<dyn Read>,
}

/// The source of a location.
pub fn of(location: &Location) -> &'static dyn ReleaseSource {
    match location {
        Location::Url(_) => &Http,
        Location::Path(_) => &Folder,
    }
}

/// Reads metadata to its end, which has to come soon.
fn read_small(place: &str, reader: impl Read) -> Result<Vec<u8>, UpdateError> {
    let mut bytes = Vec::new();
    let read = reader.take(LONGEST_METADATA + 1).read_to_end(&mut bytes);
    match read {
        Ok(read) if read as u64 > LONGEST_METADATA => Err(failed(place, "it is longer than metadata may be")),
        Ok(_) => Ok(bytes),
        Err(error) => Err(failed(place, error)),
    }
}

fn failed(place: &str, why: impl ToString) -> UpdateError {
    UpdateError::Fetch { place: place.to_owned(), why: why.to_string() }
}

/// Reads exactly `len` bytes into `to`; answers how many came before the end or an error.
pub fn copy_exactly(
    mut from: impl Read,
    len: u64,
    to: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> (u64, io::Result<()>) {
    let mut buffer = vec![0; 1 << 16];
    let mut done = 0;
    while done < len {
        let most = buffer.len().min(usize::try_from(len - done).unwrap_or(usize::MAX));
        let read = match from.read(&mut buffer[..most]) {
            Ok(0) => return (done, Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it ended early"))),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return (done, Err(error)),
        };
        if let Err(error) = to(&buffer[..read]) {
            return (done, Err(error));
        }
        done += read as u64;
    }
    (done, Ok(()))
}
