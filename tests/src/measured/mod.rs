//! What benchmarks find, and how it is shown. Nothing here runs a program or looks at a clock but to stop.
//!
//! - [`interleaved`]: contestants in turn, and [`Costs`]: medians and paired differences of what they took;
//! - [`Table`]: the answer to one question, as Markdown and as JSON;
//! - [`plot()`]: answers as a picture;
//! - [`aims()`]: what was aimed at, and whether it is met.

mod aim;
mod cost;
mod plot;
mod table;

pub use aim::{Aim, aims};
pub use cost::{Contestant, Cost, Costs, Rounds, interleaved};
pub use plot::plot;
pub use table::{Cell, Kind, Row, Table};
