//! `self rollback`: the bundle that was replaced last is put back, and the one that it replaces is not offered again.

use bundle::Bundle;

use crate::call::Call;
use crate::client::Client;
use crate::error::UpdateError;
use crate::{json, swap};

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
    let file = client.installed.update_download(left);
    std::fs::copy(&kept, &file).map_err(UpdateError::disk("write", &file))?;
    swap::place(client, &file, previous.sha256)?;
    let _ = std::fs::remove_file(&file);
    if !client.state.bad.contains(&left) {
        client.state.bad.push(left);
    }
    client.remember()?;
    let said = json::object(&[("app", json::string(app.id.as_str())), ("version", json::string(&previous.version))]);
    Ok(if call.json {
        said + "\n"
    } else {
        format!("{} is {} again; it was {}\n", app.name, previous.version, app.version)
    })
}
