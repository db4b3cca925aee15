//! `self rollback`: the bundle that was replaced last is put back, and the one that it replaces is not offered again. The same
//! without being asked for, when the first starts of a version have failed ([`launcher::probation`]).

use std::io::Write as _;
use std::time::Duration;

use bundle::Bundle;
use launcher::install::layout;
use launcher::{probation, updates};

use crate::call::Call;
use crate::client::Client;
use crate::error::UpdateError;
use crate::swap::Keep;
use crate::{json, swap};

/// Another start may be going back.
const PATIENCE: Duration = Duration::from_secs(60);

/// Goes back.
///
/// # Errors
/// When there is nothing to go back to, or something can't be written. The bundle that was in place still is then.
pub fn run(client: &mut Client, call: &Call) -> Result<String, UpdateError> {
    let previous = client.state.previous.clone().ok_or(UpdateError::NoPrevious)?;
    let kept = client.installed.update_previous();
    let is_kept = swap::digest_of(&kept).is_ok_and(|found| found == previous.sha256);
    let old = Bundle::open(&kept).ok().filter(|_| is_kept).ok_or(UpdateError::NoPrevious)?;
    let (app, left) = (client.bundle.record().app.clone(), client.bundle.digest());
    if old.record().app.id != app.id || old.digest() == left {
        return Err(UpdateError::NoPrevious);
    }
    drop(old);
    // Copied first: what is replaced takes its name.
    let downloads = client.installed.update_downloads();
    std::fs::create_dir_all(&downloads).map_err(UpdateError::disk("make", &downloads))?;
    let file = client.installed.update_download(left);
    std::fs::copy(&kept, &file).map_err(UpdateError::disk("write", &file))?;
    swap::place(client, &file, previous.sha256, Keep::Last)?;
    let _ = std::fs::remove_file(&file);
    swap::remember_bad(client, left)?;
    let said = json::object(&[("app", json::string(app.id.as_str())), ("version", json::string(&previous.version))]);
    Ok(if call.json {
        said + "\n"
    } else {
        format!("{} is {} again; it was {}\n", app.name, previous.version, app.version)
    })
}

/// Goes back because the version has failed, and then starts the app, whatever came of that: with the version before or, if there is
/// none, with this one, which is off probation in any case. So no start comes here twice. Its exit code.
pub fn go_back_and_start(call: &Call) -> i32 {
    let failed = Client::open_when_free(call, PATIENCE).and_then(|mut client| {
        // Another start may have gone back already.
        let version_dir = client.installed.version_dir(&client.bundle.record().app.version, client.bundle.digest());
        let is_failed = layout::probation(&version_dir).exists();
        let told = if is_failed { run(&mut client, call).map(Some) } else { Ok(None) };
        probation::end(&version_dir);
        told
    });
    let mut errors = std::io::stderr();
    // Whoever does not listen can't be told.
    let _ = match failed {
        Ok(None) => Ok(()),
        Ok(Some(told)) => write!(errors, "its last starts have failed: {told}"),
        Err(error) => writeln!(errors, "could not go back to the version before: {}", error.render()),
    };
    start(call)
}

/// Starts the bundle that is in place.
fn start(call: &Call) -> i32 {
    match updates::start_bundle(&call.bundle, &call.typed) {
        Ok(code) => code,
        Err(source) => {
            let error = UpdateError::Disk { doing: "start", path: call.bundle.clone(), source };
            let _ = writeln!(std::io::stderr(), "{}", error.render());
            error.exit_code()
        }
    }
}
