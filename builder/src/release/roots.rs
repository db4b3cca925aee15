//! Keys are added and removed: each change makes a new root, signed by the keys before it and by its own.

use bundle::record::AppId;
use release::{PublicKey, Root, place};

use super::folder::Folder;
use super::offer::{self, Offered};
use super::secret_key::Signer;
use crate::report::failure::Failure;

/// What is to be changed about the keys.
#[derive(Debug, Clone)]
pub enum Change {
    /// One more key.
    Add(PublicKey),
    /// One key less.
    Remove(PublicKey),
    /// So many must sign.
    Threshold(usize),
}

/// Makes the next root. One that waits for signatures is changed further, and its signatures are void.
///
/// # Errors
/// When nobody could sign with the new keys, or none of the signers is one of them.
pub fn change(
    folder: &Folder,
    app: Option<&AppId>,
    change: &Change,
    signers: &[Signer],
) -> anyhow::Result<Vec<(String, Offered)>> {
    let roots = folder.roots()?;
    let published = roots.last();
    let number = published.map_or(1, |root| root.number.saturating_add(1));
    let name = place::root(number);
    let pending = folder.pending(&name)?.map(|pending| Root::parse(&name, &pending.bytes)).transpose()?;
    let base = pending.as_ref().or(published);
    let Some(app) = base.map(|root| &root.app).or(app) else {
        return Err(Failure::new(format!("`{}` has no root yet", folder.path().display()))
            .help("say which app it is for: --app ID, as `ekiben inspect` shows the id of a bundle")
            .into());
    };
    let mut keys = base.map(|root| root.keys.clone()).unwrap_or_default();
    let mut threshold = base.map_or(1, |root| root.threshold);
    match change {
        Change::Add(key) => keys.push(key.clone()),
        Change::Remove(key) => {
            let before = keys.len();
            keys.retain(|listed| !listed.is_same_key(key));
            if keys.len() == before {
                return Err(Failure::new(format!("`{key}` is none of the keys"))
                    .help("`ekiben release status` lists them")
                    .into());
            }
        }
        Change::Threshold(number) => threshold = *number,
    }
    let next = Root::new(app.clone(), number, threshold, keys).map_err(|why| {
        Failure::new(format!("there can't be such a root: {why}")).help("change keys and threshold in another order")
    })?;
    let needs: Vec<&Root> = published.into_iter().chain([&next]).collect();
    let offered = offer::offer(folder, &name, offer::text_of(&next)?, &needs, signers)?;
    let mut done = vec![(name, offered.clone())];
    if offered == Offered::Published {
        done.extend(offer::follow(folder, signers)?);
    }
    Ok(done)
}
