//! What kind of thing a file is.

use serde::Serialize;

/// What is in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Compiled Python.
    Bytecode,
    /// Python as it was written.
    Sources,
    /// Programs, libraries, extension modules.
    #[serde(rename = "machine code")]
    MachineCode,
    /// Stubs: what type checkers read.
    #[serde(rename = "type hints")]
    TypeHints,
    /// What `importlib.metadata` reads, licenses among it.
    Metadata,
    /// A symbolic link.
    #[serde(rename = "links")]
    Link,
    /// An empty directory.
    #[serde(rename = "directories")]
    Directory,
    /// Everything else.
    Data,
}

impl Kind {
    /// The kind of a file, by its name and how it begins.
    pub fn of(path: &str, content: &[u8]) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        match extension {
            "pyc" => Self::Bytecode,
            "py" | "pyw" => Self::Sources,
            "pyi" => Self::TypeHints,
            _ if name == "py.typed" => Self::TypeHints,
            _ if is_metadata(path) => Self::Metadata,
            _ if content.starts_with(b"\x7fELF") || content.starts_with(b"MZ") => Self::MachineCode,
            _ => Self::Data,
        }
    }

    /// For people, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bytecode => "bytecode",
            Self::Sources => "sources",
            Self::MachineCode => "machine code",
            Self::TypeHints => "type hints",
            Self::Metadata => "metadata",
            Self::Link => "links",
            Self::Directory => "directories",
            Self::Data => "data",
        }
    }
}

fn is_metadata(path: &str) -> bool {
    path.split('/').any(|part| part.ends_with(".dist-info") || part.ends_with(".egg-info"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_has_its_kind() {
        for (path, content, kind) in [
            ("lib/python3.13/os.pyc", "", Kind::Bytecode),
            ("lib/a.py", "", Kind::Sources),
            ("bin/python3.13", "\x7fELF", Kind::MachineCode),
            ("_ssl.pyd", "MZ", Kind::MachineCode),
            ("lib/libz.so.1", "\x7fELF", Kind::MachineCode),
            ("x/y.pyi", "", Kind::TypeHints),
            ("x/py.typed", "", Kind::TypeHints),
            ("x-1.dist-info/licenses/COPYING", "", Kind::Metadata),
            ("python._pth", "lib", Kind::Data),
        ] {
            assert_eq!(Kind::of(path, content.as_bytes()), kind, "{path}");
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}
