//! The parts that have to be in the executable itself, and not in the library.

use launcher::sys::Memory;

/// Tests and the builder, which link the launcher's library, keep their own allocator.
#[global_allocator]
static MEMORY: Memory = Memory;
