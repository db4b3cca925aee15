//! The setting `compression`.

use std::str::FromStr;

use crate::report::failure::Failure;

/// How much time is spent for how small a bundle. All of them decode alike.
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

impl Compression {
    /// The names of all of them, as users write them.
    pub const NAMES: [&str; 3] = ["fast", "default", "smallest"];

    /// The level of zstd.
    pub(crate) fn level(self) -> i32 {
        match self {
            Self::Fast => 6,
            Self::Default => 19,
            Self::Smallest => 22,
        }
    }

    /// How much larger frames are than usual.
    pub(crate) fn scale(self) -> u64 {
        if self == Self::Smallest { 4 } else { 1 }
    }
}

impl FromStr for Compression {
    type Err = Failure;

    fn from_str(name: &str) -> Result<Self, Failure> {
        match name {
            "fast" => Ok(Self::Fast),
            "default" => Ok(Self::Default),
            "smallest" => Ok(Self::Smallest),
            _ => Err(Failure::new(format!("`{name}` is no kind of compression"))
                .help("it is `fast`, `default` or `smallest`")),
        }
    }
}
