//! The executable: launchers, and the resources and the code signature of an .exe.

pub mod brand;
pub mod face;
pub mod launchers;
pub mod sign;
