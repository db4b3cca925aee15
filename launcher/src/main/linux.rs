//! C's `main`: it starts the launcher instead of Rust's runtime (`sys/linux/process.rs` tells why).

use std::ffi::{c_char, c_int};

use launcher::sys::Memory;

/// Tests and the builder, which link the launcher's library, keep their own allocator.
#[global_allocator]
static MEMORY: Memory = Memory;

/// Called by the C runtime, once.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "the name is C's")]
extern "C" fn main(argc: c_int, argv: *const *const c_char) -> c_int {
    // SAFETY: these are what the C runtime was given, and nothing else runs yet.
    unsafe { launcher::sys::begin(argc, argv) };
    super::main();
    0
}
