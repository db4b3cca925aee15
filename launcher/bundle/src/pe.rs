//! Just enough of the PE format to find what a code signature was put behind.
//!
//! From "PE Format" in Microsoft's documentation: the e_lfanew field at 0x3c leads to the signature `PE\0\0`, a COFF
//! header of 20 bytes and the optional header, whose magic tells PE32 from PE32+. Its fifth data directory, the
//! certificate table, is the only one that holds a file offset: signing tools append the table to the file.

use super::source::Source;

/// Where a PE file's certificate table starts. `None` when the file is no PE file or holds no such table.
pub(super) fn certificate_table(source: &(impl Source + ?Sized)) -> Option<u64> {
    let dos = read::<64>(source, 0)?;
    if !dos.starts_with(b"MZ") {
        return None;
    }
    let pe = u64::from(u32_at(&dos, 0x3c)?);
    // Signature, COFF header and an optional header of PE32+ up to and including the certificate table's entry.
    let header = read::<{ 24 + 152 }>(source, pe)?;
    if !header.starts_with(b"PE\0\0") {
        return None;
    }
    let directories = match header.get(24..26)? {
        [0x0b, 0x02] => 24 + 112,
        [0x0b, 0x01] => 24 + 96,
        _ => return None,
    };
    match u32_at(&header, directories + 4 * 8)? {
        0 => None,
        offset => Some(u64::from(offset)),
    }
}

fn read<const N: usize>(source: &(impl Source + ?Sized), offset: u64) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    source.read_exact_at(&mut bytes, offset).ok()?;
    Some(bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
