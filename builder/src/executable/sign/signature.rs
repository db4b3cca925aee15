//! Reads an Authenticode signature: who signed, and whether the file is unchanged since.
//!
//! The format: "Windows Authenticode Portable Executable Signature Format" and
//! <https://learn.microsoft.com/en-us/windows/win32/debug/pe-format#the-attribute-certificate-table-image-only>.
//!
//! # Security
//! This only compares the file with the digest in the signature. It verifies neither the signature itself nor the
//! certificate's chain of trust; Windows, `signtool verify` and `osslsigncode verify` do.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};

use authenticode::AuthenticodeSignature;
use cms::signed_data::SignerIdentifier;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::executable::brand::header::{self, SignedParts};

/// Whether a file is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It has no signature, or can't have one because it is not a PE file.
    Unsigned,
    /// It is signed.
    Signed(Signature),
    /// It has a signature that can't be read, for this reason.
    Unreadable(String),
}

/// A signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The subject of the signer's certificate, as RFC 4514 writes it: `CN=Example Ltd,C=JP`.
    pub signer: String,
    /// Whether the file is unchanged since it was signed; `None` if the digest is of an unknown kind (SHA-1).
    pub intact: Option<bool>,
}

/// A limit that no certificate table reaches.
const LONGEST_TABLE: u64 = 1 << 20;
/// The fields before a certificate: its length, a revision, a type.
const CERTIFICATE_HEADER: usize = 8;

/// Reads a file's first signature.
///
/// # Errors
/// Those of reading the file.
pub fn of(mut file: &File) -> io::Result<State> {
    let mut front = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(header::FRONT).read_to_end(&mut front)?;
    let Some(parts) = header::signed_parts(&front) else { return Ok(State::Unsigned) };
    if parts.table_len > LONGEST_TABLE || parts.table_len <= CERTIFICATE_HEADER as u64 {
        return Ok(State::Unreadable("its length can't be right".to_owned()));
    }
    let mut table = vec![0; parts.table_len as usize];
    file.seek(SeekFrom::Start(parts.table_start))?;
    match file.read_exact(&mut table) {
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
            return Ok(State::Unreadable("the file ends before it".to_owned()));
        }
        read => read?,
    }
    match AuthenticodeSignature::from_bytes(&table[CERTIFICATE_HEADER..]) {
        Ok(signature) => {
            let intact = digest(file, &parts, &signature.digest_algorithm().oid.to_string())?;
            let intact = intact.map(|digest| digest == signature.digest());
            Ok(State::Signed(Signature { signer: signer(&signature), intact }))
        }
        Err(error) => Ok(State::Unreadable(error.to_string())),
    }
}

/// The subject of the signer's certificate.
fn signer(signature: &AuthenticodeSignature) -> String {
    let SignerIdentifier::IssuerAndSerialNumber(named) = &signature.signer_info().sid else {
        return "somebody without a name".to_owned();
    };
    let certificate = signature
        .certificates()
        .map(|certificate| &certificate.tbs_certificate)
        .find(|certificate| certificate.serial_number == named.serial_number && certificate.issuer == named.issuer);
    certificate.map_or_else(|| format!("somebody certified by {}", named.issuer), |found| found.subject.to_string())
}

/// The digest of what a signature covers: everything except the signature and the two fields that signing changes. `None`
/// for an unknown algorithm.
fn digest(file: &File, parts: &SignedParts, algorithm: &str) -> io::Result<Option<Vec<u8>>> {
    match algorithm {
        "2.16.840.1.101.3.4.2.1" => hashed(file, parts, Sha256::new()).map(Some),
        "2.16.840.1.101.3.4.2.2" => hashed(file, parts, Sha384::new()).map(Some),
        "2.16.840.1.101.3.4.2.3" => hashed(file, parts, Sha512::new()).map(Some),
        _ => Ok(None),
    }
}

fn hashed<D: sha2::Digest>(mut file: &File, parts: &SignedParts, mut digest: D) -> io::Result<Vec<u8>> {
    let end = file.metadata()?.len();
    let covered = [
        (0, parts.checksum),
        (parts.checksum + 4, parts.entry),
        (parts.entry + 8, parts.table_start),
        (parts.table_start.saturating_add(parts.table_len), end),
    ];
    let mut buffer = vec![0; 1 << 20];
    for (from, to) in covered {
        file.seek(SeekFrom::Start(from))?;
        let mut part = file.take(to.saturating_sub(from));
        loop {
            match part.read(&mut buffer)? {
                0 => break,
                read => digest.update(&buffer[..read]),
            }
        }
    }
    Ok(digest.finalize().to_vec())
}
