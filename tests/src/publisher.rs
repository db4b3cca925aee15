//! A publisher of the app `tiny`: keys, a release folder, and bundles that update themselves from it.

use std::fs;
use std::path::{Path, PathBuf};

use bundle::record::{AppId, Policy, Update};
use ekiben::release::secret_key::{self, Protection, Signer};
use release::place::{self, ChannelName};
use release::{Channel, PublicKey, Root};

use crate::context::TestContext;
use crate::outcome::Outcome;
use crate::tiny::Tiny;

/// One with a key.
#[derive(Debug)]
pub struct Publisher<'a> {
    context: &'a TestContext,
    /// The release folder.
    pub folder: PathBuf,
    /// Its secret key.
    pub key: PathBuf,
    /// The public one.
    pub public: PublicKey,
}

impl<'a> Publisher<'a> {
    /// With a new key and a folder of this name.
    ///
    /// # Panics
    /// When there is one already.
    pub fn new(context: &'a TestContext, name: &str) -> Self {
        let key = context.path(format!("{name}.key"));
        let (_, public) = secret_key::generate(&key, Protection::None).unwrap();
        Self { context, folder: context.path(name), key, public }
    }

    /// The same folder, with another key.
    ///
    /// # Panics
    /// When there is no public key beside it.
    #[must_use]
    pub fn signing_with(&self, key: &Path) -> Self {
        let public = PublicKey::new(&fs::read_to_string(format!("{}.pub", key.display())).unwrap()).unwrap();
        Self { context: self.context, folder: self.folder.clone(), key: key.to_owned(), public }
    }

    /// A version that updates itself from `source`.
    ///
    /// # Panics
    /// Never.
    pub fn app(&self, version: &str, source: &str) -> Tiny {
        self.app_with(version, source, Policy::Manual)
    }

    /// The same with automatic checks.
    ///
    /// # Panics
    /// Never.
    pub fn app_with(&self, version: &str, source: &str, policy: Policy) -> Tiny {
        let root = Root::new(AppId::new("tiny").unwrap(), 1, 1, vec![self.public.clone()]).unwrap();
        Tiny::new(version).updating(Update {
            source: source.to_owned(),
            channel: ChannelName::STABLE.to_owned(),
            policy,
            interval: 24,
            root: serde_json::to_string(&root).unwrap(),
        })
    }

    /// `ekiben release FOLDER …`.
    pub fn release(&self, bundles: &[&Path], options: &[&str]) -> Outcome {
        let ekiben = self.context.ekiben().arg("release").arg(&self.folder).args(bundles.iter().copied());
        ekiben.args(options.iter().copied()).arg("--key").arg(&self.key).run()
    }

    /// A channel that was published, with a change, and what this publisher signs it with.
    ///
    /// # Panics
    /// When there is no such channel.
    pub fn changed(&self, change: impl FnOnce(&mut Channel)) -> (Vec<u8>, Vec<u8>) {
        let mut channel = Channel::parse("stable.json", &fs::read(self.folder.join("stable.json")).unwrap()).unwrap();
        change(&mut channel);
        let bytes = serde_json::to_vec(&channel).unwrap();
        let signatures = self.sign(&bytes);
        (bytes, signatures)
    }

    /// This publisher's signature of these bytes.
    ///
    /// # Panics
    /// When the key can't be read.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        let signers = Signer::all(std::slice::from_ref(&self.key)).unwrap();
        signers.iter().flat_map(|signer| signer.sign("x", bytes).unwrap().into_bytes()).collect()
    }

    /// Writes a file of metadata and its signatures.
    ///
    /// # Panics
    /// When it can't be written.
    pub fn write(&self, name: &str, bytes: &[u8], signatures: &[u8]) {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        fs::write(self.folder.join(place::signatures(name)), signatures).unwrap();
    }
}
