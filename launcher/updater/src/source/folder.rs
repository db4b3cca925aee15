//! A directory: on this machine, or on a share.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

use release::source::Location;

use super::{Body, Range, ReleaseSource, failed, read_small};
use crate::error::UpdateError;

/// See [`ReleaseSource`].
#[derive(Debug)]
pub struct Folder;

impl ReleaseSource for Folder {
    fn small(&self, location: &Location) -> Result<Option<Vec<u8>>, UpdateError> {
        let (place, file) = open(location);
        match file {
            Ok(file) => read_small(&place, file).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&place, error)),
        }
    }

    fn range(&self, location: &Location, wanted: Range) -> Result<Body, UpdateError> {
        let (place, file) = open(location);
        let bytes = file.and_then(|mut file| {
            file.seek(SeekFrom::Start(wanted.start))?;
            Ok(file.take(wanted.len))
        });
        let bytes = bytes.map_err(|error| failed(&place, error))?;
        Ok(Body { start: wanted.start, bytes: Box::new(bytes) })
    }
}

fn open(location: &Location) -> (String, io::Result<File>) {
    let Location::Path(path) = location else {
        return (String::new(), Err(io::ErrorKind::InvalidInput.into()));
    };
    let open = || {
        // A pipe of that name would be waited for.
        if std::fs::metadata(path)?.is_file() { File::open(path) } else { Err(io::ErrorKind::NotFound.into()) }
    };
    (path.display().to_string(), open())
}
