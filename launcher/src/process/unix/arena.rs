//! Memory for a start.
//!
//! A later start takes a few KiB and gives back little of it before the app takes over. To ask the system for that, as
//! musl's `malloc` does in several small steps, took over a quarter of the launcher's time and 9 of its 23 system calls
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
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: the caller promises a size that is not 0.
        let new = unsafe { self.alloc(wanted) };
        if !new.is_null() {
            // SAFETY: two blocks, which do not overlap, of at least this length.
            unsafe { ptr::copy_nonoverlapping(block, new, layout.size().min(size)) };
            // SAFETY: it was handed out with this layout, and is not used any more.
            unsafe { self.dealloc(block, layout) };
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block of memory that holds nothing but its mark.
    struct Block {
        start: *mut u8,
        layout: Layout,
        mark: u8,
    }

    #[expect(unsafe_code, reason = "an allocator is called")]
    impl Block {
        fn new(arena: &Arena, layout: Layout, zeroed: bool, mark: u8) -> Self {
            // SAFETY: no layout is empty here.
            let start = unsafe { if zeroed { arena.alloc_zeroed(layout) } else { arena.alloc(layout) } };
            assert!(!start.is_null() && start.addr() % layout.align() == 0);
            Self { start, layout, mark }.marked()
        }

        fn marked(self) -> Self {
            // SAFETY: as long as it was asked for.
            unsafe { ptr::write_bytes(self.start, self.mark, self.layout.size()) };
            self
        }

        fn holds_its_mark(&self, length: usize) -> bool {
            // SAFETY: no longer than it was asked for, and not given back yet.
            unsafe { std::slice::from_raw_parts(self.start, length) }.iter().all(|byte| *byte == self.mark)
        }

        fn resized(self, arena: &Arena, size: usize) -> Self {
            // SAFETY: handed out with this layout, and no layout is empty here.
            let start = unsafe { arena.realloc(self.start, self.layout, size) };
            let layout = Layout::from_size_align(size, self.layout.align()).unwrap();
            let resized = Self { start, layout, mark: self.mark };
            assert!(resized.holds_its_mark(self.layout.size().min(size)));
            resized.marked()
        }

        fn give_back(self, arena: &Arena) {
            assert!(self.holds_its_mark(self.layout.size()));
            // SAFETY: handed out with this layout, and not used any more.
            unsafe { arena.dealloc(self.start, self.layout) };
        }
    }

    /// Asks for memory and gives it back, about as much as there is.
    fn use_up(arena: &Arena, seed: u64) {
        let mut state = seed;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let mut blocks: Vec<Block> = Vec::new();
        for round in 0..120 {
            // The last one, mostly: as memory is given back.
            let at = blocks.len().saturating_sub(1 + if random(4) == 0 { random(blocks.len().max(1)) } else { 0 });
            match random(8) {
                0..5 => {
                    let layout = Layout::from_size_align(1 + random(900), 1 << random(7)).unwrap();
                    blocks.push(Block::new(arena, layout, random(2) == 0, round));
                }
                5 if !blocks.is_empty() => {
                    let resized = blocks.swap_remove(at).resized(arena, 1 + random(900));
                    blocks.push(resized);
                }
                _ if !blocks.is_empty() => blocks.swap_remove(at).give_back(arena),
                _ => {}
            }
        }
        blocks.into_iter().rev().for_each(|block| block.give_back(arena));
    }

    #[test]
    fn blocks_do_not_overlap_and_keep_what_is_in_them() {
        for seed in 0..400 {
            use_up(&Arena::new(), seed);
        }
    }

    #[test]
    fn threads_get_blocks_of_their_own() {
        for seed in 0..100 {
            let arena = Arena::new();
            std::thread::scope(|scope| {
                for thread in 0..2 {
                    let arena = &arena;
                    scope.spawn(move || use_up(arena, 2 * seed + thread));
                }
            });
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
