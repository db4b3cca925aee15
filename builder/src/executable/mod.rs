//! What Windows shows of a finished .exe: its resources and its code signature.

pub mod brand;
pub mod face;
pub mod sign;
