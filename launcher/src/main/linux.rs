//! C's `main`: what starts the launcher in the place of Rust's runtime (`launcher::process` tells why).

use std::ffi::{c_char, c_int};

use launcher::sys::Memory;

/// Tests and the builder, which have the launcher's library, keep their own.
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
