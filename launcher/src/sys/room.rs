//! A piece of memory that belongs to the executable itself: it lies in the zeroed pages, which cost nothing until they are
//! used. Blocks are handed out from its beginning to its end.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// Every block begins at a multiple of this, as `malloc`'s blocks do.
const ALIGN: usize = 16;

/// `SIZE` bytes. A block that is given back is used again if it was the last one, or if no other block is in use.
#[derive(Debug)]
pub(crate) struct Room<const SIZE: usize> {
    bytes: Bytes<SIZE>,
    /// How many blocks are in use (the upper half), and how many bytes are taken (the lower half).
    state: AtomicU64,
}

#[derive(Debug)]
#[repr(align(16))]
struct Bytes<const SIZE: usize>([AtomicU8; SIZE]);

impl<const SIZE: usize> Room<SIZE> {
    pub(crate) const fn new() -> Self {
        assert!(SIZE < u32::MAX as usize, "`state` holds the size in 32 bits");
        Self { bytes: Bytes([const { AtomicU8::new(0) }; SIZE]), state: AtomicU64::new(0) }
    }

    /// A block, if there is room for it. It may hold what an earlier one held.
    pub(crate) fn take(&self, size: usize, align: usize) -> Option<*mut u8> {
        let size = rounded(size).filter(|_| align <= ALIGN)?;
        let take = |state: u64| {
            let (blocks, taken) = parts(state);
            let end = taken.checked_add(size).filter(|end| *end <= SIZE)?;
            Some(whole(blocks + 1, end))
        };
        let before = self.state.fetch_update(Ordering::AcqRel, Ordering::Relaxed, take).ok()?;
        Some(self.start().wrapping_add(parts(before).1))
    }

    /// Takes back a block of this size, which is not used any more. Whether it was one of this room's.
    pub(crate) fn give_back(&self, block: *mut u8, size: usize) -> bool {
        let Some((start, size)) = self.position(block).zip(rounded(size)) else { return false };
        let give_back = |state: u64| {
            let (blocks, taken) = parts(state);
            let left = match blocks {
                0 | 1 => 0,
                _ if taken == start + size => start,
                _ => taken,
            };
            Some(whole(blocks.saturating_sub(1), left))
        };
        let _ = self.state.fetch_update(Ordering::AcqRel, Ordering::Relaxed, give_back);
        true
    }

    /// Whether a block is one of this room's.
    pub(crate) fn holds(&self, block: *mut u8) -> bool {
        self.position(block).is_some()
    }

    fn position(&self, block: *mut u8) -> Option<usize> {
        Some(block.addr().wrapping_sub(self.start().addr())).filter(|start| *start < SIZE)
    }

    fn start(&self) -> *mut u8 {
        self.bytes.0.as_ptr().cast::<u8>().cast_mut()
    }
}

/// What a block takes up.
fn rounded(size: usize) -> Option<usize> {
    size.checked_next_multiple_of(ALIGN)
}

fn parts(state: u64) -> (u64, usize) {
    (state >> 32, state as u32 as usize)
}

fn whole(blocks: u64, taken: usize) -> u64 {
    blocks << 32 | taken as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_block_is_used_again_and_all_of_the_room_when_no_block_is_in_use() {
        let room = Room::<64>::new();
        let [a, b, c] = [16, 17, 16].map(|size| room.take(size, 8).unwrap());
        assert!(room.take(1, 1).is_none() && room.take(1, 32).is_none());
        assert!(room.give_back(c, 16));
        assert_eq!(room.take(5, 16), Some(c));
        // Not the last one: its bytes stay taken.
        assert!(room.give_back(b, 17));
        assert!(room.take(1, 1).is_none());
        assert!(room.give_back(c, 5) && room.give_back(a, 16));
        assert_eq!(room.take(64, 16), Some(a));
    }

    #[test]
    fn a_block_of_another_allocator_is_not_taken_back() {
        let (room, mut other) = (Room::<64>::new(), [0_u8; 16]);
        assert!(!room.holds(other.as_mut_ptr()) && !room.give_back(other.as_mut_ptr(), 16));
        let block = room.take(16, 16).unwrap();
        assert!(room.holds(block));
    }
}
