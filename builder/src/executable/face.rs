//! What Windows shows about a finished .exe, read back from the file.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use crate::executable::brand::{header, resources};
use crate::executable::sign::signature::{self, State};

/// What Windows shows about a program.
#[derive(Debug, PartialEq, Eq)]
pub struct Face {
    /// Whether it has windows and gets no console.
    pub windowed: bool,
    /// Its resources.
    pub resources: resources::Described,
    /// Who has signed it.
    pub signature: State,
}

impl Face {
    /// Reads it from a file whose first `launcher` bytes are the program. `None` if it is not a program for Windows.
    ///
    /// # Errors
    /// Those of reading the file.
    pub fn of(file: &Path, launcher: u64) -> io::Result<Option<Self>> {
        let file = File::open(file)?;
        let mut front = Vec::new();
        (&file).take(launcher).read_to_end(&mut front)?;
        let Some(windowed) = header::is_windowed(&front) else { return Ok(None) };
        let resources = resources::describe(&front).unwrap_or_default();
        Ok(Some(Self { windowed, resources, signature: signature::of(&file)? }))
    }
}
