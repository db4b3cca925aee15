//! The system's memory, with a note of whether there was not enough of it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering};

/// The allocator of the executable. Launchers that are shipped abort where an allocation fails and can't be reported, with no
/// text and no hook; this note is how the end of such a launcher is told from that by a defect.
#[derive(Debug)]
pub struct Memory;

static LACKED: AtomicBool = AtomicBool::new(false);

/// Whether an allocation has failed. Whoever asked for it may have been able to go on without.
pub(crate) fn has_lacked() -> bool {
    LACKED.load(Ordering::Relaxed)
}

fn noted(block: *mut u8) -> *mut u8 {
    if block.is_null() {
        LACKED.store(true, Ordering::Relaxed);
    }
    block
}

#[expect(unsafe_code, reason = "that is what an allocator is")]
// SAFETY: each method is the system allocator's own, and its result is returned as it is.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the same.
        noted(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the same.
        noted(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is the same.
        unsafe { System.dealloc(block, layout) };
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise is the same.
        noted(unsafe { System.realloc(block, layout, size) })
    }
}
