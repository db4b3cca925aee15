//! The filter for machine code: relative addresses become absolute ones before a file is compressed, and relative again
//! when it is taken out. A function that is called from many places is then the same four bytes in all of them, which
//! zstd finds. Such filters are known as BCJ (branch, call, jump); this one is for x86-64, and `docs/FORMAT.md` describes
//! it.
//!
//! Each step looks at a few bytes, and changes four in such a way that it would be taken again: of what it looks at it changes
//! the highest byte of an address alone, and that stays `00` or `ff`. So it can be undone. Packing takes the steps from the end
//! of a file to its beginning and unpacking takes them back the other way round: each step finds the bytes as they were when
//! it was taken, whatever they are. This works for any file, whatever its bytes are.

use std::io::{self, BufRead, Read};

use serde::Serialize;

use super::memory;

/// What was done to a file's bytes before they were compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Filter {
    /// The filter that this module describes.
    #[serde(rename = "x86-64")]
    X86_64,
}

/// How many bytes a step looks at: a prefix, an opcode, a ModRM byte and a displacement.
const STEP: usize = 7;

impl Filter {
    /// Its name in an index.
    pub fn name(self) -> &'static str {
        "x86-64"
    }

    /// The filter that an index calls `name`.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        (name == Self::X86_64.name()).then_some(Self::X86_64)
    }

    /// The filter that makes a file with these bytes smaller, chosen by the machine that the header of an ELF file (System V ABI,
    /// "ELF header") or of a PE file ("PE Format" of Microsoft's documentation, "COFF File Header") names.
    pub(super) fn for_file(bytes: &[u8]) -> Option<Self> {
        let at = |place: usize, expected: &[u8]| bytes.get(place..).is_some_and(|rest| rest.starts_with(expected));
        let elf = at(0, b"\x7fELF\x02\x01") && at(18, &62_u16.to_le_bytes());
        let pe = || {
            let header = bytes.get(60..)?.first_chunk().map(|place| u32::from_le_bytes(*place) as usize)?;
            Some(at(0, b"MZ") && at(header, b"PE\0\0\x64\x86"))
        };
        (elf || pe() == Some(true)).then_some(Self::X86_64)
    }

    /// Makes relative addresses absolute, in a whole file.
    pub(super) fn apply(self, file: &mut [u8]) {
        for at in (0..file.len().saturating_sub(STEP - 1)).rev() {
            step(file, at, at, u32::wrapping_add);
        }
    }

    /// Makes absolute addresses relative, in a part of a file that starts `position` bytes from the file's beginning. How many
    /// bytes from the part's beginning are done: those after them depend on what follows, and stay as they are at the
    /// end of the file.
    pub(super) fn undo(self, part: &mut [u8], position: usize) -> usize {
        let steps = part.len().saturating_sub(STEP - 1);
        let mut at = 0;
        while at < steps {
            // Most bytes begin nothing, and seeing that is what takes time.
            if let Some(next) = part.get(at..).and_then(<[u8]>::first_chunk) {
                let found = beginnings(*next);
                // A branch that is seldom taken: the next bytes are looked at meanwhile.
                if found == 0 {
                    at += 6;
                    continue;
                }
                at += found.trailing_zeros() as usize / 8;
            }
            step(part, at, position.wrapping_add(at), u32::wrapping_sub);
            at += 1;
        }
        steps
    }
}

/// Which of the first six bytes may begin what [`step`] changes, of all at once: the lowest byte that is not zero stands for
/// the first that may.
fn beginnings(bytes: [u8; 8]) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let bytes = u64::from_le_bytes(bytes);
    let call = bytes ^ (EACH * 0xe8);
    let beside = (bytes & (EACH * 0xfb)) ^ (EACH * 0x48)
        | ((bytes >> 8) & (EACH * 0xf9)) ^ (EACH * 0x89)
        | ((bytes >> 16) & (EACH * 0xc7)) ^ (EACH * 0x05);
    // The lowest byte that is zero gives one that is not, and those below it do not.
    let zeros = |of: u64| of.wrapping_sub(EACH) & !of & (EACH * 0x80);
    (zeros(call) | zeros(beside)) & (u64::MAX >> 16)
}

/// Changes the displacement of what may be an instruction at `at`, which is the file's byte `position`.
#[inline]
fn step(bytes: &mut [u8], at: usize, position: usize, change: impl Fn(u32, u32) -> u32) {
    let Some(code) = bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut::<STEP>) else { return };
    // Intel's manual, volume 2: `call rel32`; and `mov` or `lea` with REX.W between a register and what lies beside the
    // code (ModRM: mod 00, r/m 101).
    let (length, displacement) = match code {
        [0xe8, displacement @ .., _, _] => (5, displacement),
        [prefix, opcode, modrm, displacement @ ..]
            if *prefix & 0xfb == 0x48 && *opcode & 0xf9 == 0x89 && *modrm & 0xc7 == 0x05 =>
        {
            (7, displacement)
        }
        _ => return,
    };
    // Within 16 MiB before or behind: what else begins like an instruction seldom has that. It stays so.
    if matches!(displacement, [_, _, _, 0 | 0xff]) {
        let next = position.wrapping_add(length) as u32;
        // 25 bits, and the sign in those above.
        let changed = (change(u32::from_le_bytes(*displacement), next) << 7) as i32 >> 7;
        *displacement = changed.to_le_bytes();
    }
}

/// A file on its way out of a frame, in parts, with its filter undone if it has one.
pub(super) struct Unfiltered<R> {
    file: R,
    filter: Option<Filter>,
    part: Vec<u8>,
    /// Where `part` starts in the file.
    position: usize,
    /// Of `part`: what was consumed, what is done, what was read.
    consumed: usize,
    done: usize,
    read: usize,
}

impl<R: Read> Unfiltered<R> {
    /// Reads `part` bytes at a time.
    ///
    /// # Errors
    /// When there is not enough memory for them.
    pub(super) fn new(filter: Option<Filter>, part: usize, file: R) -> io::Result<Self> {
        let part = memory::zeros(part.max(2 * STEP))?;
        Ok(Self { file, filter, part, position: 0, consumed: 0, done: 0, read: 0 })
    }
}

impl<R: Read> BufRead for Unfiltered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.consumed == self.done {
            self.part.copy_within(self.done..self.read, 0);
            self.position = self.position.wrapping_add(self.done);
            (self.consumed, self.done, self.read) = (0, 0, self.read - self.done);
            let mut ended = false;
            while !ended && self.read < self.part.len() {
                match self.file.read(self.part.get_mut(self.read..).unwrap_or_default()) {
                    Ok(0) => ended = true,
                    Ok(more) => self.read += more,
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => (),
                    Err(e) => return Err(e),
                }
            }
            let part = self.part.get_mut(..self.read).unwrap_or_default();
            let done = self.filter.map_or(self.read, |filter| filter.undo(part, self.position));
            self.done = if ended { self.read } else { done };
        }
        Ok(self.part.get(self.consumed..self.done).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.consumed = self.done.min(self.consumed + amount);
    }
}

impl<R: Read> Read for Unfiltered<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of any kind, with more of those that instructions begin with than there would be.
    fn anything(length: usize, seed: u64) -> Vec<u8> {
        const LIKELY: [u8; 8] = [0xe8, 0x48, 0x8b, 0x05, 0x00, 0xff, 0x4c, 0x8d];
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        };
        let mut byte = || if next() < 200 { LIKELY[usize::from(next()) % LIKELY.len()] } else { next() };
        (0..length).map(|_| byte()).collect()
    }

    #[test]
    fn what_was_made_absolute_becomes_relative_again() {
        for seed in 0..2000 {
            let file = anything(seed as usize % 97, seed);
            let mut filtered = file.clone();
            Filter::X86_64.apply(&mut filtered);
            let mut back = filtered.clone();
            Filter::X86_64.undo(&mut back, 0);
            assert_eq!(back, file, "{seed}");
        }
    }

    #[test]
    fn parts_of_any_length_make_the_same_file() {
        for (seed, part) in [(1, 1), (2, 15), (3, 64), (4, 1000), (5, 1 << 20)] {
            let file = anything(10_000, seed);
            let mut filtered = file.clone();
            Filter::X86_64.apply(&mut filtered);
            assert_ne!(filtered, file);
            let mut back = Vec::new();
            let mut parts = Unfiltered::new(Some(Filter::X86_64), part, filtered.as_slice()).unwrap();
            parts.read_to_end(&mut back).unwrap();
            assert!(back == file, "{part}");
        }
    }

    #[test]
    fn calls_of_one_function_become_the_same_bytes() {
        let mut code = vec![0x90; 64];
        for at in [3, 30] {
            code[at] = 0xe8;
            let target = 4096_u32;
            code[at + 1..at + 5].copy_from_slice(&(target - (at as u32 + 5)).to_le_bytes());
        }
        // lea rax, [rip + …]
        code[40..43].copy_from_slice(&[0x48, 0x8d, 0x05]);
        code[43..47].copy_from_slice(&(-47_i32 + 16).to_le_bytes());
        Filter::X86_64.apply(&mut code);
        for at in [4, 31] {
            assert_eq!(code[at..at + 4], 4096_u32.to_le_bytes());
        }
        assert_eq!(code[43..47], 16_u32.to_le_bytes());
    }

    #[test]
    fn a_file_is_stored_as_the_description_of_the_format_shows() {
        let text = include_str!("../../../docs/FORMAT.md");
        let (_, rest) = text.split_once("how it is stored:\n\n```\n").unwrap();
        let bytes = |line: &str| line.split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect::<Vec<_>>();
        let shown: Vec<_> = rest.lines().take(2).map(bytes).collect();
        let mut file = shown[0].clone();
        Filter::X86_64.apply(&mut file);
        assert_eq!(file, shown[1]);
    }

    #[test]
    fn only_machine_code_for_x86_64_is_filtered() {
        let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(Filter::for_file(&own).is_some(), cfg!(target_arch = "x86_64"));
        let mut other = b"\x7fELF\x02\x01".to_vec();
        other.resize(64, 0);
        other[18] = 183;
        for bytes in [&b""[..], b"MZ", b"\x7fELF\x02\x01", &other, &[b'M'; 64], b"print('hello')\n"] {
            assert_eq!(Filter::for_file(bytes), None);
        }
    }
}
