//! Public keys and signatures, in minisign's formats (<https://jedisct1.github.io/minisign/>): Ed25519 over the BLAKE2b-512 of a
//! file. minisign-verify is used in this file alone.

use std::fmt;

use minisign_verify::Signature;
use serde::{Deserialize, Serialize};

use crate::Refused;

/// Most signatures that are looked at. A file with more is refused.
const MOST_SIGNATURES: usize = 64;
/// A signature is four lines: a comment, itself, a comment that it covers, the signature of that.
const LINES: usize = 4;

/// A public key, as minisign writes it on the second line of a `.pub` file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey(String);

impl PublicKey {
    /// From its text: the line, or a `.pub` file.
    ///
    /// # Errors
    /// When it is none.
    pub fn new(text: &str) -> Result<Self, Refused> {
        let line = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
        match minisign_verify::PublicKey::from_base64(line) {
            Ok(_) => Ok(Self(line.to_owned())),
            Err(_) => Err(Refused::NotAKey(line.chars().take(60).collect())),
        }
    }

    /// As minisign writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both are the same Ed25519 key, whatever number each was given. The first 14 of the 56 characters hold that
    /// number, and the first four bits of the key.
    pub fn is_same_key(&self, other: &Self) -> bool {
        self.0.get(14..) == other.0.get(14..)
    }

    /// Whether it has signed exactly these bytes. Signatures of the old kind, over the file itself, do not count.
    fn has_signed(&self, bytes: &[u8], signature: &Signature) -> bool {
        const OLD_KIND: bool = false;
        minisign_verify::PublicKey::from_base64(&self.0).is_ok_and(|key| key.verify(bytes, signature, OLD_KIND).is_ok())
    }
}

impl TryFrom<String> for PublicKey {
    type Error = Refused;

    fn try_from(text: String) -> Result<Self, Refused> {
        Self::new(&text)
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.0
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The signatures of one file: minisign signatures, one after another. A file with one is as minisign itself makes it.
pub struct Signatures(Vec<Signature>);

impl Signatures {
    /// Reads a file of signatures, `name`.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, Refused> {
        let refused = |why| Refused::NotSignatures { file: name.to_owned(), why };
        let text = std::str::from_utf8(bytes).map_err(|_| refused("it is not text"))?;
        let lines: Vec<&str> = text.lines().collect();
        let blocks = lines.chunks(LINES);
        if blocks.len() > MOST_SIGNATURES {
            return Err(refused("too many signatures"));
        }
        let signature =
            |block: &[&str]| Signature::decode(&block.join("\n")).map_err(|_| refused("a malformed signature"));
        Ok(Self(blocks.map(signature).collect::<Result<_, _>>()?))
    }

    /// How many of these keys have signed exactly these bytes. A key counts once, however often it has signed.
    pub fn count(&self, keys: &[PublicKey], bytes: &[u8]) -> usize {
        keys.iter().filter(|key| self.0.iter().any(|signature| key.has_signed(bytes, signature))).count()
    }

    /// Whether this key is one of those that have signed these bytes.
    pub fn is_by(&self, key: &PublicKey, bytes: &[u8]) -> bool {
        self.count(std::slice::from_ref(key), bytes) == 1
    }

    /// Passes if at least `needed` of the keys have signed `bytes`, which are the file `name`.
    ///
    /// # Errors
    /// How many have.
    pub fn require(&self, keys: &[PublicKey], needed: usize, name: &str, bytes: &[u8]) -> Result<(), Refused> {
        let valid = self.count(keys, bytes);
        // A threshold of nothing would let everything pass.
        if needed == 0 || valid < needed {
            return Err(Refused::Signatures { file: name.to_owned(), valid, needed: needed.max(1) });
        }
        Ok(())
    }
}

impl fmt::Debug for Signatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} signatures", self.0.len())
    }
}
