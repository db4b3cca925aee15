//! Who a service runs as, and the directories that it may write.

use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use crate::service::identity::{self, WindowsAccount};
use crate::service::{ServiceError, ServiceId};
use crate::sys::windows::utf16::wide;
use crate::sys::windows::{access, console};

/// Makes the directories that services of this root write or read, for all of them and for admins.
pub(super) fn give_directories(id: ServiceId<'_>) -> Result<(), ServiceError> {
    let names = super::names(id.root);
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let (written, read) = (identity::service_directory(&names), identity::definitions(&names));
    for (directory, rights) in [(id.root.data(), &written), (id.root.logs(), &written), (id.root.services(), &read)] {
        let give = || {
            match fs::create_dir(&directory) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
            access::set_rights(&directory, rights)
        };
        give().map_err(ServiceError::io("set the rights of", &directory))?;
    }
    Ok(())
}

/// The password of an account that has one: typed, or the first line of what is piped in. Never an argument, which everybody
/// on the machine could read.
pub(super) fn password(id: ServiceId<'_>, account: &WindowsAccount) -> Result<Option<Vec<u16>>, ServiceError> {
    if !account.has_password {
        return Ok(None);
    }
    let mut line = String::new();
    let is_terminal = io::stdin().is_terminal();
    if is_terminal {
        let _ = write!(io::stderr(), "password of {}: ", account.name);
    }
    let hidden = console::HiddenInput::new();
    let read = io::stdin().lock().read_line(&mut line);
    drop(hidden);
    if is_terminal {
        let _ = writeln!(io::stderr());
    }
    let password = line.trim_end_matches(['\r', '\n']);
    if read.is_err() || password.is_empty() {
        return Err(ServiceError::refused(
            ["the service `", id.name.as_str(), "` needs the password of ", &account.name].concat(),
            "type it, or write it to the standard input of this command",
        ));
    }
    Ok(Some(wide(password)))
}
