//! Memory for a start.
//!
//! A later start takes a few KiB and gives back little of it before the app takes over. To ask the system for that, as
//! musl's `malloc` does in several small steps, took a third of the launcher's time and half of its system calls
//! (docs/BENCHMARKS.md). What a first start needs beyond it comes from the system.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How much there is. It lies in the executable's zeroed pages, which are there once they are used.
const SIZE: usize = 32 << 10;
/// Everything begins at a multiple of this, as `malloc`'s does.
const ALIGN: usize = 16;

/// Hands out a room of 32 KiB from its beginning to its end, and then what the system's allocator gives. What is given
/// back is used again if it was the last of the room.
#[derive(Debug)]
pub struct Arena {
    room: UnsafeCell<Room>,
    taken: AtomicUsize,
}

#[derive(Debug)]
#[repr(align(16))]
struct Room(#[expect(dead_code, reason = "used through a pointer")] [u8; SIZE]);

impl Arena {
    /// With all of its room.
    #[expect(clippy::new_without_default, reason = "for a static")]
    pub const fn new() -> Self {
        Self { room: UnsafeCell::new(Room([0; SIZE])), taken: AtomicUsize::new(0) }
    }

    /// A part of the room, if there is enough of it.
    fn take(&self, layout: Layout) -> Option<*mut u8> {
        let size = size_of(layout)?;
        let take = |taken: usize| taken.checked_add(size).filter(|end| *end <= SIZE);
        let start = self.taken.fetch_update(Ordering::AcqRel, Ordering::Relaxed, take).ok()?;
        Some(self.room.get().cast::<u8>().wrapping_add(start))
    }

    /// Where in the room a block starts; `None` if it is one of the system's.
    fn start(&self, block: *mut u8) -> Option<usize> {
        Some(block.addr().wrapping_sub(self.room.get().addr())).filter(|start| *start < SIZE)
    }
}

/// What a block takes up. `None` if it wants to be aligned more than the room is.
fn size_of(layout: Layout) -> Option<usize> {
    layout.size().checked_next_multiple_of(ALIGN).filter(|_| layout.align() <= ALIGN)
}

#[expect(unsafe_code, reason = "it is for a static")]
// SAFETY: the room is only ever reached through blocks, and no two threads are given the same one.
unsafe impl Sync for Arena {}

#[expect(unsafe_code, reason = "that is what an allocator is")]
// SAFETY: a block of the room is as large and aligned as its layout says, lies in the room, and overlaps no other: `taken` only
// grows by what is handed out, and shrinks by the last block when that is given back.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is ours.
        self.take(layout).unwrap_or_else(|| unsafe { System.alloc(layout) })
    }

    /// Not by `alloc`: the system's zeros cost nothing, and large buffers rely on that.
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let Some(block) = self.take(layout) else {
            // SAFETY: the caller's promise is ours.
            return unsafe { System.alloc_zeroed(layout) };
        };
        // SAFETY: a block of this size, which is ours. It may have been used before.
        unsafe { ptr::write_bytes(block, 0, layout.size()) };
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match (self.start(block), size_of(layout)) {
            (Some(start), Some(size)) => {
                let _ = self.taken.compare_exchange(start + size, start, Ordering::AcqRel, Ordering::Relaxed);
            }
            // SAFETY: it came from there, with this layout.
            _ => unsafe { System.dealloc(block, layout) },
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if self.start(block).is_none() {
            // SAFETY: it came from there, with this layout; the rest is the caller's promise.
            return unsafe { System.realloc(block, layout, size) };
        }
        // SAFETY: the caller promises a size that rounds up to no more than a layout may have.
        let new = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !new.is_null() {
            // SAFETY: two blocks, which do not overlap, of at least this length; the old one was handed out with this layout.
            unsafe {
                ptr::copy_nonoverlapping(block, new, layout.size().min(size));
                self.dealloc(block, layout);
            }
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(unsafe_code, reason = "an allocator is called")]
    fn blocks_do_not_overlap_and_keep_what_is_in_them() {
        let arena = Arena::new();
        let mut state = 1_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let mut blocks: Vec<(*mut u8, Layout, u8)> = Vec::new();
        for round in 0..20_000 {
            let mark = round as u8;
            if blocks.is_empty() || random(5) < 3 {
                let layout = Layout::from_size_align(1 + random(900), 1 << random(7)).unwrap();
                // SAFETY: no layout is empty.
                let block = unsafe { if random(2) == 0 { arena.alloc(layout) } else { arena.alloc_zeroed(layout) } };
                assert!(!block.is_null() && block.addr() % layout.align() == 0);
                // SAFETY: it was just handed out.
                unsafe { ptr::write_bytes(block, mark, layout.size()) };
                blocks.push((block, layout, mark));
            } else {
                // The last one, mostly: as memory is given back.
                let at = blocks.len() - 1 - if random(3) == 0 { random(blocks.len()) } else { 0 };
                let (mut block, mut layout, mark) = blocks.swap_remove(at);
                if random(3) == 0 {
                    let size = 1 + random(900);
                    // SAFETY: handed out with this layout, and no layout is empty.
                    block = unsafe { arena.realloc(block, layout, size) };
                    let kept = layout.size().min(size);
                    layout = Layout::from_size_align(kept, layout.align()).unwrap();
                    // SAFETY: as long as it was asked for.
                    assert!(unsafe { std::slice::from_raw_parts(block, kept) }.iter().all(|byte| *byte == mark));
                    layout = Layout::from_size_align(size, layout.align()).unwrap();
                } else {
                    // SAFETY: as long as it was asked for.
                    let whole = unsafe { std::slice::from_raw_parts(block, layout.size()) };
                    // What grew has the mark at its beginning only.
                    assert_eq!(whole[0], mark);
                }
                // SAFETY: handed out with this layout.
                unsafe { arena.dealloc(block, layout) };
            }
        }
        assert!(blocks.iter().any(|(block, ..)| arena.start(*block).is_none()), "the room was used up");
        for (block, layout, mark) in blocks {
            // SAFETY: as long as it was asked for, and not given back yet.
            assert!(unsafe { std::slice::from_raw_parts(block, layout.size()) }.iter().all(|byte| *byte == mark));
            // SAFETY: handed out with this layout.
            unsafe { arena.dealloc(block, layout) };
        }
    }

    #[test]
    #[expect(unsafe_code, reason = "an allocator is called")]
    fn zeroed_is_zero_and_the_last_block_is_used_again() {
        let arena = Arena::new();
        let layout = Layout::from_size_align(100, 8).unwrap();
        // SAFETY: no layout is empty, and each block is used as long as it was asked for and given back once.
        unsafe {
            let first = arena.alloc(layout);
            ptr::write_bytes(first, 7, 100);
            arena.dealloc(first, layout);
            let again = arena.alloc_zeroed(layout);
            assert_eq!(again, first);
            assert!(std::slice::from_raw_parts(again, 100).iter().all(|byte| *byte == 0));
            let large = Layout::from_size_align(SIZE, 8).unwrap();
            let beyond = arena.alloc(large);
            assert!(arena.start(beyond).is_none());
            arena.dealloc(beyond, large);
        }
    }
}
