//! What has to stand in the executable itself.

use launcher::sys::Memory;

/// Tests and the builder, which have the launcher's library, keep their own.
#[global_allocator]
static MEMORY: Memory = Memory;
