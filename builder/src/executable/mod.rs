//! The executable itself: the launchers, and what Windows shows of a finished .exe, its resources and its code signature.

pub mod brand;
pub mod face;
pub mod launchers;
pub mod sign;
