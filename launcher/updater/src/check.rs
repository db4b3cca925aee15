//! Metadata is fetched and verified, and a version chosen.

use launcher::sys::new_file;
use release::Refused;
use release::channel::{Channel, Client as Asking, Known, ReleasedFile};
use release::place;
use release::source::Location;

use crate::call::Call;
use crate::client::Client;
use crate::error::UpdateError;
use crate::json;
use crate::source;

/// What a check has found.
#[derive(Debug)]
pub struct Found {
    /// The channel.
    pub channel: Channel,
    /// What this client should have.
    pub offer: Option<Offer>,
}

/// A version that this client may install.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Which.
    pub version: String,
    /// Users should have it soon.
    pub critical: bool,
    /// Its bundle.
    pub file: ReleasedFile,
    /// Where that is.
    pub location: Location,
}

/// More roots than this are not fetched at once.
const MOST_ROOTS: u32 = 1000;

/// Fetches and verifies metadata; what was accepted is remembered.
///
/// # Errors
/// When it can't be got, or is refused.
pub fn run(client: &mut Client, call: &Call) -> Result<Found, UpdateError> {
    let channel = channel(client)?;
    let target = client.bundle.record().target.clone();
    let chosen = match &call.to {
        Some(version) => {
            let (release, file) = channel.find(version, &target)?;
            (file.digest != client.bundle.digest()).then_some((release, file))
        }
        None => channel.choose(Asking {
            version: &client.version,
            digest: client.bundle.digest(),
            target: &target,
            machine: &client.machine(),
            bad: &client.state.bad,
            now: client.now(),
        })?,
    };
    let offer = chosen.map(|(release, file)| Offer {
        version: release.version.clone(),
        critical: release.critical,
        file: file.clone(),
        location: client.source.bundle(&release.version, file.path.as_str()),
    });
    Ok(Found { channel, offer })
}

/// The verified channel. A publisher may be replacing its two files just now, so a wrong signature is looked at twice.
fn channel(client: &mut Client) -> Result<Channel, UpdateError> {
    match try_channel(client) {
        Err(UpdateError::Metadata(Refused::Signatures { .. })) => try_channel(client),
        result => result,
    }
}

fn try_channel(client: &mut Client) -> Result<Channel, UpdateError> {
    let name = place::channel(&client.channel);
    let (bytes, signatures) = signed(client, &name)?.ok_or_else(|| missing(client, &name))?;
    follow_roots(client, Channel::root_it_names(&name, &bytes)?)?;
    let seen = client.state.seen.get(client.channel.as_str()).copied().unwrap_or_default();
    let known = Known { root: &client.root, channel: &client.channel, seen, now: client.now() };
    let channel = Channel::verify(&bytes, &signatures, known)?;
    client.state.seen.insert(client.channel.as_str().to_owned(), channel.seen());
    client.state.latest = client.state.latest.max(channel.published);
    client.remember()?;
    Ok(channel)
}

/// Fetches newer roots, each signed by the one before it, up to the one that the channel names. That number is not verified: it
/// only says how many to ask for.
fn follow_roots(client: &mut Client, to: u32) -> Result<(), UpdateError> {
    let to = to.min(client.root.number.saturating_add(MOST_ROOTS));
    while client.root.number < to {
        let name = place::root(client.root.number + 1);
        let (bytes, signatures) = signed(client, &name)?.ok_or_else(|| missing(client, &name))?;
        client.root = client.root.next(&bytes, &signatures)?;
        client.state.root = String::from_utf8(bytes).ok();
        client.remember()?;
    }
    Ok(())
}

/// A file of metadata, and its signatures.
type Signed = (Vec<u8>, Vec<u8>);

fn signed(client: &Client, name: &str) -> Result<Option<Signed>, UpdateError> {
    let get = |name: &str| {
        let location = client.source.metadata(name);
        source::of(&location).small(&location)
    };
    let Some(bytes) = get(name)? else { return Ok(None) };
    Ok(Some((bytes, get(&place::signatures(name))?.unwrap_or_default())))
}

fn missing(client: &Client, name: &str) -> UpdateError {
    let place = match client.source.metadata(name) {
        Location::Url(url) => url,
        Location::Path(path) => path.display().to_string(),
    };
    UpdateError::Fetch { place, why: "it is not there".to_owned() }
}

/// Notes a newer version for the next start, if nobody listens now; one that is installed is none.
pub fn write_down(client: &Client, call: &Call, found: &Found) {
    let path = client.installed.update_found();
    let offer = found.offer.as_ref().filter(|_| call.is_automatic && call.only_check);
    // Nobody is there to be told that it can't be written.
    let _ = match offer {
        Some(offer) => new_file::replace(&path, offer.version.as_bytes()),
        None => std::fs::remove_file(&path),
    };
}

/// What a check has to say.
pub fn told(client: &Client, call: &Call, found: &Found) -> String {
    let record = client.bundle.record();
    let current = &record.app.version;
    if call.json {
        let offer = found.offer.as_ref().map(|offer| {
            json::object(&[
                ("version", json::string(&offer.version)),
                ("critical", offer.critical.to_string()),
                ("size", offer.file.len.to_string()),
            ])
        });
        let text = json::object(&[
            ("app", json::string(record.app.id.as_str())),
            ("current", json::string(current)),
            ("channel", json::string(found.channel.channel.as_str())),
            ("available", offer.unwrap_or_else(|| "null".to_owned())),
            ("serial", found.channel.serial.to_string()),
            ("expires", found.channel.expires.to_string()),
        ]);
        return text + "\n";
    }
    match &found.offer {
        None => format!("{} {current} is up to date\n", record.app.name),
        Some(offer) => {
            let urgent = if offer.critical { ", and should be installed soon" } else { "" };
            format!("{} {} is available{urgent}; this is {current}\n", record.app.name, offer.version)
        }
    }
}
