//! Memory for a start, and a reserve for when the system has no more. The same on Windows.
//!
//! A later start takes a few KiB and gives back little of it before the app takes over. To ask the system for that, as
//! musl's `malloc` does in several small steps, took over a quarter of the launcher's time and 9 of its 23 system calls
//! (docs/BENCHMARKS.md). What a first start needs beyond it comes from the system.
//!
//! # When the system has no more
//! Large buffers are asked for in ways that can fail, and then the start fails as it does for any other reason: it removes
//! what it has written and says why. That takes a few small blocks, which no code of ours can do without (a path, an error):
//! they come from the reserve. When that is used up too, a launcher ends at once, and [`ends`] says why.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr;

use super::room::Room;
use crate::process::ends;

/// What a start takes before it asks the system.
const FIRST: usize = 32 << 10;
/// What there is when the system has no more.
const RESERVE: usize = 256 << 10;
/// A block that is larger does not come from the reserve: whoever asks for it can do without.
const SMALL: usize = 64 << 10;

/// Hands out 32 KiB of its own, then what the system's allocator gives, and then the reserve.
#[derive(Debug)]
pub struct Arena {
    first: Room<FIRST>,
    reserve: Room<RESERVE>,
}

impl Arena {
    /// With nothing handed out.
    #[expect(clippy::new_without_default, reason = "for a static")]
    pub const fn new() -> Self {
        Self { first: Room::new(), reserve: Room::new() }
    }

    fn take_reserve(&self, layout: Layout) -> *mut u8 {
        let small = Some(layout.size()).filter(|size| *size <= SMALL);
        small.and_then(|size| self.reserve.take(size, layout.align())).unwrap_or_else(|| {
            ends::note_lack_of_memory();
            ptr::null_mut()
        })
    }

    fn is_ours(&self, block: *mut u8) -> bool {
        self.first.holds(block) || self.reserve.holds(block)
    }
}

#[expect(unsafe_code, reason = "that is what an allocator is")]
// SAFETY: a block of a room is as large and aligned as its layout says, lies in the room, and overlaps no other that is in use:
// what is taken only grows by what is handed out, and shrinks by the last block or when no block is in use.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if let Some(block) = self.first.take(layout.size(), layout.align()) {
            return block;
        }
        // SAFETY: the caller's promise is ours.
        let block = unsafe { System.alloc(layout) };
        if block.is_null() { self.take_reserve(layout) } else { block }
    }

    /// Not by `alloc`: the system's zeros cost nothing, and large buffers rely on that.
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let mut block = self.first.take(layout.size(), layout.align()).unwrap_or(ptr::null_mut());
        if block.is_null() {
            // SAFETY: the caller's promise is ours.
            let zeroed = unsafe { System.alloc_zeroed(layout) };
            if !zeroed.is_null() {
                return zeroed;
            }
            block = self.take_reserve(layout);
        }
        if !block.is_null() {
            // SAFETY: a block of this size, which is ours. It may have been used before.
            unsafe { ptr::write_bytes(block, 0, layout.size()) };
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if !self.first.give_back(block, layout.size()) && !self.reserve.give_back(block, layout.size()) {
            // SAFETY: it came from there, with this layout.
            unsafe { System.dealloc(block, layout) };
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises a size that rounds up to no more than a layout may have.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        let new = if self.is_ours(block) {
            // SAFETY: the caller promises a size that is not 0.
            unsafe { self.alloc(wanted) }
        } else {
            // SAFETY: it came from there, with this layout; the rest is the caller's promise.
            let resized = unsafe { System.realloc(block, layout, size) };
            if !resized.is_null() {
                return resized;
            }
            self.take_reserve(wanted)
        };
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
            let large = Layout::from_size_align(FIRST, 8).unwrap();
            let beyond = arena.alloc(large);
            assert!(!arena.is_ours(beyond));
            arena.dealloc(beyond, large);
        }
    }

    #[test]
    #[expect(unsafe_code, reason = "an allocator is called")]
    fn a_small_block_comes_from_the_reserve_when_the_system_has_no_more_and_a_large_one_does_not() {
        let arena = Arena::new();
        let small = Layout::from_size_align(SMALL, 16).unwrap();
        let first = arena.take_reserve(small);
        assert!(arena.reserve.holds(first));
        // More than any system has.
        let absurd = Layout::from_size_align(isize::MAX as usize - 64, 16).unwrap();
        // SAFETY: no layout is empty, and each block is given back once, with its layout.
        unsafe {
            assert!(arena.alloc(absurd).is_null() && arena.alloc_zeroed(absurd).is_null());
            assert!(arena.realloc(first, small, absurd.size()).is_null());
            arena.dealloc(first, small);
        }
        for _ in 0..RESERVE / SMALL {
            assert!(!arena.take_reserve(small).is_null());
        }
        assert!(arena.take_reserve(small).is_null());
    }
}
