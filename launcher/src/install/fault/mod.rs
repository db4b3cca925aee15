//! Points at which a test breaks an installation, a clean-up or a repair: kills it, fails it, or holds it.
//!
//! Only a launcher with the feature `fault-points` has them. In every other one a point is nothing, not even a branch.

#[cfg(not(feature = "fault-points"))]
mod off;
#[cfg(not(feature = "fault-points"))]
use off as chosen;
#[cfg(feature = "fault-points")]
mod on;
#[cfg(feature = "fault-points")]
use on as chosen;

use crate::sys::files::DENIED_RENAMES_PASS;
pub(super) use chosen::point;

/// Whether a denied rename may be a virus scanner's doing, which passes: on Windows, and where a test plays one.
pub(super) const DENIALS_PASS: bool = DENIED_RENAMES_PASS || cfg!(feature = "fault-points");
