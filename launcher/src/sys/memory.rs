//! The system's allocator, with a note of whether an allocation has failed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering};

/// The allocator of the executable. A shipped launcher aborts without a text or a hook if an allocation fails where that can't be an
/// error; the note tells such an end from one by a defect.
#[derive(Debug)]
pub struct Memory;

static EXHAUSTED: AtomicBool = AtomicBool::new(false);

/// Whether an allocation has failed. The caller of it may have gone on without.
pub(crate) fn was_exhausted() -> bool {
    EXHAUSTED.load(Ordering::Relaxed)
}

fn noted(block: *mut u8) -> *mut u8 {
    if block.is_null() {
        EXHAUSTED.store(true, Ordering::Relaxed);
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
