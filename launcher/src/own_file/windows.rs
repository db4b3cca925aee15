//! Through `GetModuleFileNameW`, which `current_exe` calls.

use std::fs::File;
use std::io;

use super::OwnFile;

pub(super) fn open() -> io::Result<OwnFile> {
    let path = std::env::current_exe()?;
    Ok(OwnFile { file: File::open(&path)?, path })
}
