//! Signing, and publishing what enough keys have signed. Keys on several machines each add their signature to the same bytes.

use release::place::{self, ChannelName};
use release::{Channel, Root, Signatures};

use super::folder::{Folder, Signed};
use super::now;
use super::secret_key::Signer;
use crate::report::failure::Failure;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offered {
    /// Clients see it.
    Published,
    /// It lies in `pending/`: more keys have to sign it.
    Pending {
        /// How many have.
        valid: usize,
        /// How many must.
        needed: usize,
    },
}

/// Signs a file, and publishes it if each of the `needs` has enough signatures then.
///
/// # Errors
/// When none of the signers is a key of one of them, or nothing can be written.
pub fn offer(
    folder: &Folder,
    name: &str,
    bytes: Vec<u8>,
    needs: &[&Root],
    signers: &[Signer],
) -> anyhow::Result<Offered> {
    let before = folder.pending(name)?.filter(|pending| pending.bytes == bytes);
    let mut signatures = before.map(|pending| pending.signatures).unwrap_or_default();
    let listed = |signer: &&Signer| needs.iter().any(|root| root.keys.contains(signer.public()));
    if !signers.iter().any(|signer| listed(&signer)) {
        let given: Vec<_> = signers.iter().map(|signer| signer.public().as_str()).collect();
        return Err(Failure::new(format!("`{}` is none of the keys that may sign `{name}`", given.join("`, `")))
            .help("`ekiben release status` lists them")
            .into());
    }
    for signer in signers.iter().filter(listed) {
        if !parse(name, &signatures)?.is_by(signer.public(), &bytes) {
            signatures.extend(signer.sign(name, &bytes)?.into_bytes());
        }
    }
    let signed = Signed { bytes, signatures };
    match missing(name, &signed, needs)? {
        None => folder.publish(name, &signed).map(|()| Offered::Published),
        Some(pending) => folder.keep_pending(name, &signed).map(|()| pending),
    }
}

/// Adds signatures to all that is pending, and publishes what has enough then. A new root is followed by all channels, signed
/// with its keys.
///
/// # Errors
/// As [`offer`]; when a file there is none of ours.
pub fn sign_pending(folder: &Folder, signers: &[Signer]) -> anyhow::Result<Vec<(String, Offered)>> {
    let mut done = Vec::new();
    for name in folder.all_pending()? {
        let Some(pending) = folder.pending(&name)? else { continue };
        let roots = folder.roots()?;
        require_one(&name, &pending, roots.last())?;
        if name.starts_with("root/") {
            let next = Root::parse(&name, &pending.bytes)?;
            let before = roots.last();
            if next.number != before.map_or(1, |root| root.number + 1) {
                folder.forget_pending(&name)?;
                continue;
            }
            let needs: Vec<&Root> = before.into_iter().chain([&next]).collect();
            done.push((name.clone(), offer(folder, &name, pending.bytes, &needs, signers)?));
            continue;
        }
        let Some(root) = roots.last() else { continue };
        let channel = Channel::parse(&name, &pending.bytes)?;
        if channel.root == root.number {
            done.push((name.clone(), offer(folder, &name, pending.bytes, &[root], signers)?));
        } else {
            done.push((name, offer_channel(folder, channel, root, signers)?));
        }
    }
    done.extend(follow(folder, signers)?);
    Ok(done)
}

/// Signs all channels with the keys of the newest root, if they are not yet. Keys that are no longer listed are left out.
///
/// # Errors
/// As [`offer`].
pub fn follow(folder: &Folder, signers: &[Signer]) -> anyhow::Result<Vec<(String, Offered)>> {
    let roots = folder.roots()?;
    let Some(root) = roots.last() else { return Ok(Vec::new()) };
    let mut done = Vec::new();
    for name in folder.channels()? {
        let Some(channel) = folder.channel(&name, &roots)? else { continue };
        if channel.root == root.number {
            continue;
        }
        // After the last key of a publisher was replaced, it is for the new one to sign.
        let can_sign = signers.iter().any(|signer| root.keys.contains(signer.public()));
        let offered = match can_sign {
            true => offer_channel(folder, channel, root, signers)?,
            false => Offered::Pending { valid: 0, needed: root.threshold },
        };
        done.push((place::channel(&name), offered));
    }
    Ok(done)
}

/// Signs a changed channel: its serial grows, and its time.
///
/// # Errors
/// As [`offer`]; when there is no higher serial.
pub fn offer_channel(folder: &Folder, channel: Channel, root: &Root, signers: &[Signer]) -> anyhow::Result<Offered> {
    let published = now().max(channel.published);
    // A new root begins a new count.
    let serial = if channel.root == root.number { channel.serial.saturating_add(1) } else { 1 };
    if serial > Channel::LAST_SERIAL {
        return Err(Failure::new(format!("the channel `{}` has the highest serial there is", channel.channel))
            .help("`ekiben root threshold` with the same number makes a new root, which begins a new count")
            .into());
    }
    let lasts = channel.expires.saturating_sub(channel.published);
    let channel = Channel { root: root.number, serial, published, expires: published.saturating_add(lasts), ..channel };
    let name = place::channel(&channel.channel);
    offer(folder, &name, text_of(&channel)?, &[root], signers)
}

/// What is written of a root or a channel. For people too: one line a key.
///
/// # Errors
/// Never, in practice.
pub fn text_of(value: &impl serde::Serialize) -> anyhow::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    Ok(text)
}

/// The channel of this name that is to be changed: the one that waits for signatures, or the published one.
///
/// # Errors
/// As [`Folder::channel`].
pub fn newest(folder: &Folder, name: &ChannelName, roots: &[Root]) -> anyhow::Result<Option<Channel>> {
    let file = place::channel(name);
    match folder.pending(&file)? {
        Some(pending) => {
            require_one(&file, &pending, roots.last())?;
            Ok(Some(Channel::parse(&file, &pending.bytes)?))
        }
        None => folder.channel(name, roots),
    }
}

/// Nobody builds upon, or signs blindly, what a stranger has put into `pending/`.
fn require_one(name: &str, pending: &Signed, root: Option<&Root>) -> anyhow::Result<()> {
    let own = Root::parse(name, &pending.bytes).ok();
    let keys = root.or(own.as_ref()).map(|root| root.keys.as_slice()).unwrap_or_default();
    if parse(name, &pending.signatures)?.count(keys, &pending.bytes) == 0 {
        return Err(Failure::new(format!("none of the known keys has signed `pending/{name}`"))
            .help("remove it, and run the command again that was to make it")
            .into());
    }
    Ok(())
}

fn parse(name: &str, signatures: &[u8]) -> anyhow::Result<Signatures> {
    Ok(Signatures::parse(&place::signatures(name), signatures)?)
}

/// What is missing until it can be published.
fn missing(name: &str, signed: &Signed, needs: &[&Root]) -> anyhow::Result<Option<Offered>> {
    let signatures = parse(name, &signed.signatures)?;
    let lacking = needs.iter().find_map(|root| {
        let valid = signatures.count(&root.keys, &signed.bytes);
        (valid < root.threshold).then_some(Offered::Pending { valid, needed: root.threshold })
    });
    Ok(lacking)
}
