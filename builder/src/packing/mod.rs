//! From files on this machine to a bundle: which files, how they are packed, and how the finished file is written, read back
//! and published.

pub mod check;
pub mod launch_record;
pub mod lazy_imports;
pub mod minimal;
pub mod needs;
pub mod output;
pub mod pack;
pub mod publish;
pub mod rarely_used;
pub mod sizes;
pub mod stage;
pub mod start_script;
