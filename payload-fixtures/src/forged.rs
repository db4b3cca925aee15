//! Bundles that lie, with every digest right: what someone with bad intentions could make who knows the format. The writer in
//! `bundle` can't be made to write them, so they are put together from their parts.

use bundle::footer::Footer;
use bundle::system::System;
use bundle::{Bundle, BundleError, Digest};
use serde_json::{Value, json};

use crate::handmade::{Entry, Handmade};

/// What the app of a forged bundle is called: the name of its install root.
pub const APP: &str = "forged";

/// An entry of a tar, with nothing checked.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name, perhaps not UTF-8.
    pub name: Vec<u8>,
    /// Its kind.
    pub kind: tar::EntryType,
    /// Its mode.
    pub mode: u32,
    /// Where a link leads.
    pub target: String,
    /// What a file holds.
    pub content: Vec<u8>,
}

impl Member {
    /// A regular file.
    pub fn file(name: impl Into<Vec<u8>>, content: impl Into<Vec<u8>>) -> Self {
        let (name, content) = (name.into(), content.into());
        Self { name, kind: tar::EntryType::Regular, mode: 0o644, target: String::new(), content }
    }

    /// An empty entry of any other kind.
    pub fn special(name: impl Into<Vec<u8>>, kind: tar::EntryType, target: &str) -> Self {
        Self { kind, target: target.to_owned(), ..Self::file(name, "") }
    }

    /// The same with another mode.
    #[must_use]
    pub fn mode(self, mode: u32) -> Self {
        Self { mode, ..self }
    }

    /// Its row of the index, which has no word for some kinds: they pass for files there.
    pub fn row(&self) -> Value {
        let path = String::from_utf8_lossy(&self.name);
        match self.kind {
            tar::EntryType::Directory => json!({"path": path, "kind": "directory"}),
            tar::EntryType::Symlink => json!({"path": path, "kind": "symlink", "target": self.target}),
            _ => {
                let executable = self.mode & 0o111 != 0;
                json!({"path": path, "kind": "file", "size": self.content.len(), "executable": executable})
            }
        }
    }

    /// Its bytes in a tar, the header as `change` leaves it.
    pub fn bytes(&self, change: impl FnOnce(&mut tar::Header)) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (kind, name) in
            [(tar::EntryType::GNULongName, &self.name[..]), (tar::EntryType::GNULongLink, self.target.as_bytes())]
        {
            if name.len() > 100 {
                let long = Self { kind, ..Self::file("././@LongLink", [name, b"\0"].concat()) };
                bytes.extend(long.header(|_| ()));
                bytes.extend(in_blocks(&long.content));
            }
        }
        bytes.extend(self.header(change));
        bytes.extend(in_blocks(&self.content));
        bytes
    }

    fn header(&self, change: impl FnOnce(&mut tar::Header)) -> [u8; 512] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(self.kind);
        header.set_mode(self.mode);
        header.set_mtime(0);
        header.set_size(self.content.len() as u64);
        // Past the crate's own methods, which refuse what is wanted here.
        for (place, text) in [(0, &self.name[..]), (157, self.target.as_bytes())] {
            let text = &text[..text.len().min(100)];
            header.as_mut_bytes()[place..place + text.len()].copy_from_slice(text);
        }
        change(&mut header);
        header.set_cksum();
        *header.as_bytes()
    }
}

fn in_blocks(content: &[u8]) -> Vec<u8> {
    let mut bytes = content.to_vec();
    bytes.resize(content.len().next_multiple_of(512), 0);
    bytes
}

/// The two blocks that end an archive.
pub const END: [u8; 1024] = [0; 1024];

/// A tar of these entries, whole.
pub fn archive(members: &[Member]) -> Vec<u8> {
    let mut bytes: Vec<u8> = members.iter().flat_map(|member| member.bytes(|_| ())).collect();
    bytes.extend(END);
    bytes
}

/// A payload whose parts need not fit each other. [`Forged::bytes`] makes the digests right.
#[derive(Debug, Clone)]
pub struct Forged {
    /// The frames as stored.
    pub frames: Vec<Vec<u8>>,
    /// The index, as JSON.
    pub index: Value,
    /// The launch record, as JSON.
    pub record: Value,
}

impl Forged {
    /// One frame that holds these entries, and an index that lists those.
    pub fn new(target: &str, held: &[Member], listed: &[Member]) -> Self {
        let mut forged = Self { frames: Vec::new(), index: json!({"layers": []}), record: json!(app(target).record) };
        forged.layer("runtime", &[(archive(held), listed.iter().map(Member::row).collect())]);
        forged
    }

    /// An app whose interpreter is a shell script that prints what it is given, with two layers and three frames. For
    /// Windows it installs and does not start.
    #[expect(clippy::expect_used, reason = "the writer takes what is said here")]
    pub fn honest(target: &str) -> Self {
        let interpreter = Entry::program("bin/python3", "#!/bin/sh\nprintf '%s\\n' \"started with\" \"$@\"\n");
        let python = match System::from_triple(target) {
            System::Windows => Entry::file("python", "MZ"),
            _ => Entry::symlink("python", "bin/python3"),
        };
        let text: String = (0..400).map(|n| format!("value_{n} = {}\n", n * n % 977)).collect();
        let application = vec![Entry::file("lib/values.py", text), Entry::file("start.py", "print('hello')\n")];
        let bundle = app(target)
            .layer("runtime", [vec![interpreter, Entry::directory("empty")], vec![python]])
            .layer("application", [application]);
        Self::from_bundle(bundle.bytes(b"").expect("a bundle")).expect("a bundle that can be read")
    }

    /// The parts of a bundle.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn from_bundle(bytes: Vec<u8>) -> Result<Self, BundleError> {
        let bundle = Bundle::new(bytes)?;
        let index = bundle.index()?;
        let mut frames = Vec::new();
        for placed in index.frames().flatten() {
            let mut stored = Vec::new();
            bundle.frame(placed, &mut stored)?;
            frames.push(stored);
        }
        Ok(Self { frames, index: json!(index), record: json!(bundle.record()) })
    }

    /// Adds a layer of frames, each as its bytes decompressed and its entries in the index.
    pub fn layer(&mut self, name: &str, frames: &[(Vec<u8>, Value)]) {
        let mut rows = Vec::new();
        for (raw, entries) in frames {
            let stored = compressed(raw, 3);
            rows.push(row(&stored, raw.len() as u64, entries));
            self.frames.push(stored);
        }
        if let Some(layers) = self.index["layers"].as_array_mut() {
            layers.push(json!({"name": name, "frames": rows}));
        }
    }

    /// The bundle, behind this launcher.
    pub fn bytes(&self, launcher: &[u8]) -> Vec<u8> {
        self.bytes_with(launcher, |_| ())
    }

    /// The bundle with a footer whose numbers `change` has changed; its digest is right all the same.
    pub fn bytes_with(&self, launcher: &[u8], change: impl FnOnce(&mut Footer)) -> Vec<u8> {
        let index = self.index.to_string();
        self.bytes_with_index(launcher, &compressed(index.as_bytes(), 3), index.len() as u64, change)
    }

    /// The bundle with an index as it is stored, which should decompress to `raw_len` bytes.
    pub fn bytes_with_index(
        &self,
        launcher: &[u8],
        index: &[u8],
        raw_len: u64,
        change: impl FnOnce(&mut Footer),
    ) -> Vec<u8> {
        let (frames, record) = (self.frames.concat(), self.record.to_string());
        let parts = Parts { frames: &frames, index, index_raw_len: raw_len, record: record.as_bytes() };
        sealed(launcher, parts, change)
    }
}

/// A frame's row of the index.
pub fn row(stored: &[u8], raw_len: u64, entries: &Value) -> Value {
    json!({"len": stored.len(), "raw_len": raw_len, "sha256": Digest::of(stored).to_string(), "entries": entries})
}

/// A zstd frame.
#[expect(clippy::expect_used, reason = "compressing into memory does not fail")]
pub fn compressed(raw: &[u8], level: i32) -> Vec<u8> {
    zstd::bulk::compress(raw, level).expect("zstd compresses")
}

/// What lies between a launcher and a footer, as stored.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// All frames, one after another.
    pub frames: &'a [u8],
    /// The index, compressed.
    pub index: &'a [u8],
    /// How long the footer says the index is when it is decompressed, in bytes.
    pub index_raw_len: u64,
    /// The launch record.
    pub record: &'a [u8],
}

/// Launcher, frames, index and launch record with a footer that fits them, but for what `change` does to its numbers.
pub fn sealed(launcher: &[u8], parts: Parts<'_>, change: impl FnOnce(&mut Footer)) -> Vec<u8> {
    let Parts { frames, index, index_raw_len, record } = parts;
    let record_offset = (frames.len() + index.len()) as u64;
    let mut footer = Footer {
        payload_len: 0,
        index_offset: frames.len() as u64,
        index_len: index.len() as u64,
        index_raw_len,
        record_offset,
        record_len: record.len() as u64,
        index_sha256: Digest::of(index),
        digest: Digest::of(b""),
    };
    footer.payload_len = record_offset + (record.len() + footer.to_bytes().len()) as u64;
    change(&mut footer);
    [launcher, frames, index, record, &footer.sealed(record).to_bytes()].concat()
}

fn app(target: &str) -> Handmade {
    let mut app = Handmade::new(APP, "1.0");
    "Forged".clone_into(&mut app.record.app.name);
    target.clone_into(&mut app.record.target);
    app.record.start.flags = vec!["-I".to_owned()];
    app
}
