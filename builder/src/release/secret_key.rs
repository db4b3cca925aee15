//! The publisher's secret keys, in minisign's file format. The crate minisign is used in this file alone.
//!
//! # Security
//! A key file is made for this account alone, and the key in it is encrypted with a password, unless somebody asks for one
//! without: for a store of secrets, which hands it over in a variable.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use minisign::{KeyPair, PublicKey, SecretKey, SecretKeyBox};

use crate::host::system;
use crate::report::failure::{Failure, Help as _};

/// Holds the text of a secret key, where there is no file.
pub const KEY_VARIABLE: &str = "EKIBEN_SIGNING_KEY";
/// Holds the password of a secret key, where nobody can be asked.
pub const PASSWORD_VARIABLE: &str = "EKIBEN_SIGNING_PASSWORD";

/// Whether a new key is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// With a password.
    Password,
    /// Whoever reads the file has the key.
    None,
}

/// A key that can sign.
pub struct Signer {
    secret: SecretKey,
    public: release::PublicKey,
}

/// Makes a key pair: `file` and, with `.pub` at its end, the public key.
///
/// # Errors
/// When one of the files is there, or can't be written. Neither is there then.
pub fn generate(file: &Path, protection: Protection) -> anyhow::Result<(PathBuf, release::PublicKey)> {
    let mut public_file = file.as_os_str().to_owned();
    public_file.push(".pub");
    let public_file = PathBuf::from(public_file);
    if let Some(there) = [file, &public_file].into_iter().find(|file| file.symlink_metadata().is_ok()) {
        return Err(Failure::new(format!("`{}` is there already", there.display()))
            .help("a key is never replaced: choose another name, or move the old one")
            .into());
    }
    let keys = match protection {
        Protection::Password => KeyPair::generate_encrypted_keypair(Some(new_password()?)),
        Protection::None => KeyPair::generate_unencrypted_keypair(),
    };
    let keys = keys.context("could not make a key")?;
    let public = release::PublicKey::new(&keys.pk.to_base64())?;
    let secret_text = keys.sk.to_box(Some("ekiben secret key"))?.into_string();
    let public_text = format!("untrusted comment: ekiben public key\n{public}\n");
    let unwritable =
        |file: &Path| (format!("could not write `{}`", file.display()), "name a file in a directory that is there");
    let (message, help) = unwritable(file);
    write_new(file, &secret_text).or_fail(message, help)?;
    let (message, help) = unwritable(&public_file);
    write_new(&public_file, &public_text).or_fail(message, help).inspect_err(|_| {
        let _ = std::fs::remove_file(file);
    })?;
    Ok((public_file, public))
}

impl Signer {
    /// The keys in these files, or the one in [`KEY_VARIABLE`].
    ///
    /// # Errors
    /// When there is none, one can't be read, or a password is wrong.
    pub fn all(files: &[PathBuf]) -> anyhow::Result<Vec<Self>> {
        if !files.is_empty() {
            return files.iter().map(|file| Self::in_file(file)).collect();
        }
        match std::env::var(KEY_VARIABLE) {
            Ok(text) if !text.trim().is_empty() => {
                Ok(vec![Self::from_text(&text, &format!("the variable {KEY_VARIABLE}"))?])
            }
            _ => Err(Failure::new("there is no key to sign with")
                .help(format!(
                    "name its file with --key, or put its text into {KEY_VARIABLE}; `ekiben keygen` makes one"
                ))
                .into()),
        }
    }

    fn in_file(file: &Path) -> anyhow::Result<Self> {
        let shown = format!("`{}`", file.display());
        let text = std::fs::read_to_string(file)
            .or_fail(format!("could not read the key {shown}"), "name the file that `ekiben keygen` made")?;
        Self::from_text(&text, &shown)
    }

    fn from_text(text: &str, place: &str) -> anyhow::Result<Self> {
        let key = || SecretKeyBox::from(text.to_owned());
        let unusable = || format!("could not use the key in {place}");
        let is_open = is_unencrypted(text).with_context(unusable)?;
        let secret =
            if is_open { key().into_unencrypted_secret_key() } else { key().into_secret_key(Some(password(place)?)) };
        let secret = secret.or_fail(unusable(), "check that the file is whole, and the password the right one")?;
        let public = PublicKey::from_secret_key(&secret).with_context(unusable)?;
        Ok(Self { public: release::PublicKey::new(&public.to_base64())?, secret })
    }

    /// Its public key.
    pub fn public(&self) -> &release::PublicKey {
        &self.public
    }

    /// Its signature of these bytes, which are the file `name`: the text of a `.minisig` file.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn sign(&self, name: &str, bytes: &[u8]) -> anyhow::Result<String> {
        let comment = format!("file:{name}");
        let signature = minisign::sign(None, &self.secret, bytes, Some(&comment), Some("signature by ekiben"));
        let text = signature.with_context(|| format!("could not sign `{name}`"))?.into_string();
        Ok(if text.ends_with('\n') { text } else { text + "\n" })
    }
}

/// Whether the key is not encrypted, which its third and fourth byte say: the fifth character says none if both are zero.
fn is_unencrypted(text: &str) -> anyhow::Result<bool> {
    match SecretKeyBox::from(text.to_owned()).into_unencrypted_secret_key() {
        Ok(_) => Ok(true),
        Err(_) if text.lines().count() >= 2 => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn password(place: &str) -> anyhow::Result<String> {
    if let Ok(password) = std::env::var(PASSWORD_VARIABLE) {
        return Ok(password);
    }
    rpassword::prompt_password(format!("Password of the key in {place}: ")).or_fail(
        "could not ask for the password of the key",
        format!("set {PASSWORD_VARIABLE} where there is no terminal"),
    )
}

fn new_password() -> anyhow::Result<String> {
    if let Ok(password) = std::env::var(PASSWORD_VARIABLE) {
        return Ok(password);
    }
    let help = format!("set {PASSWORD_VARIABLE}, or make a key without a password by --no-password");
    let ask = |what: &str| rpassword::prompt_password(what).or_fail("could not ask for a password", help.clone());
    let password = ask("Password for the new key: ")?;
    if password.is_empty() || password != ask("The same again: ")? {
        return Err(Failure::new("the passwords are empty, or not the same").help("try again").into());
    }
    Ok(password)
}

fn write_new(file: &Path, text: &str) -> std::io::Result<()> {
    let mut opened = system::create_new_private(file)?;
    opened.write_all(text.as_bytes()).and_then(|()| opened.sync_all()).inspect_err(|_| {
        let _ = std::fs::remove_file(file);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_signs_what_its_public_key_verifies() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("key");
        let (public_file, public) = generate(&file, Protection::None).unwrap();
        assert_eq!(release::PublicKey::new(&std::fs::read_to_string(public_file).unwrap()).unwrap(), public);
        let again = generate(&file, Protection::None).unwrap_err().to_string();
        assert!(again.contains("is there already"), "{again}");
        let signer = Signer::in_file(&file).unwrap();
        assert_eq!(signer.public(), &public);
        let signature = signer.sign("stable.json", b"bytes").unwrap();
        let signatures = release::Signatures::parse("s", signature.as_bytes()).unwrap();
        assert!(signatures.is_by(&public, b"bytes") && !signatures.is_by(&public, b"other"));
    }

    #[test]
    fn what_is_no_key_is_told_with_its_place() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("key");
        std::fs::write(&file, "hello").unwrap();
        let error = Signer::in_file(&file).err().unwrap().to_string();
        assert!(error.contains("could not use the key in `") && error.contains("key`"), "{error}");
    }
}
