//! How much time is spent for how small a bundle.

use std::str::FromStr;

/// How a bundle's layers are compressed. All of them decode alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// For trying things out: a fortieth of the time, 15 % larger.
    Fast,
    /// The last level of zstd before time and memory grow much faster than what they save.
    #[default]
    Default,
    /// All that zstd can do with the window that every launcher decodes, in frames of four times the size: 2 % smaller.
    Smallest,
}

/// A name that is not in [`Compression::NAMES`].
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a kind of compression", .0.escape_debug())]
pub struct UnknownCompression(String);

impl Compression {
    /// The names of all of them, as users write them.
    pub const NAMES: [&str; 3] = ["fast", "default", "smallest"];

    /// The level of zstd.
    pub fn level(self) -> i32 {
        match self {
            Self::Fast => 6,
            Self::Default => 19,
            Self::Smallest => 22,
        }
    }

    /// How many times as large as usual its frames are: see [`crate::layer::cut`].
    pub fn scale(self) -> u64 {
        match self {
            Self::Fast | Self::Default => 1,
            Self::Smallest => 4,
        }
    }
}

impl FromStr for Compression {
    type Err = UnknownCompression;

    fn from_str(name: &str) -> Result<Self, UnknownCompression> {
        match name {
            "fast" => Ok(Self::Fast),
            "default" => Ok(Self::Default),
            "smallest" => Ok(Self::Smallest),
            _ => Err(UnknownCompression(name.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_that_of_a_compression_and_no_other_text_is() {
        let named: Vec<_> = Compression::NAMES.iter().map(|name| name.parse::<Compression>().unwrap()).collect();
        assert_eq!(named, [Compression::Fast, Compression::Default, Compression::Smallest]);
        let error = "tiny\n".parse::<Compression>().unwrap_err();
        assert_eq!(error.to_string(), "`tiny\\n` is not a kind of compression");
    }
}
