//! Allocating large buffers. Where there is not enough memory, that is an error, and the process goes on.

use std::io::{self, Read};

use zstd::zstd_safe::zstd_sys::ZSTD_ErrorCode::ZSTD_error_memory_allocation;
use zstd::zstd_safe::{DCtx, ErrorCode, get_error_name, is_error_kind};

/// Empties a buffer, and reserves room for `length` elements.
///
/// # Errors
/// `OutOfMemory`.
pub(super) fn clear_and_reserve<T>(buffer: &mut Vec<T>, length: usize) -> io::Result<()> {
    buffer.clear();
    if buffer.capacity() < length {
        // Nothing of the old one has to be copied, nor to be there beside the new one.
        *buffer = Vec::new();
    }
    buffer.try_reserve_exact(length).map_err(|_| io::ErrorKind::OutOfMemory.into())
}

/// A buffer of `length` zeros.
///
/// # Errors
/// `OutOfMemory`.
pub(super) fn zeros(length: usize) -> io::Result<Vec<u8>> {
    let mut buffer = Vec::new();
    clear_and_reserve(&mut buffer, length)?;
    buffer.resize(length, 0);
    Ok(buffer)
}

/// zstd's decoding context.
///
/// # Errors
/// `OutOfMemory`.
pub(super) fn decoder() -> io::Result<DCtx<'static>> {
    DCtx::try_create().ok_or_else(|| io::ErrorKind::OutOfMemory.into())
}

/// A decoder that reports a lack of memory as `OutOfMemory`: tar keeps nothing of an error but its kind.
pub(super) struct Decoding<R>(pub(super) R);

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(error_from_zstd_read)
    }
}

/// zstd's error code as an I/O error: `OutOfMemory` if zstd could not allocate.
pub(super) fn error_from_zstd_code(code: ErrorCode) -> io::Error {
    match is_error_kind(code, ZSTD_error_memory_allocation) {
        true => io::ErrorKind::OutOfMemory.into(),
        false => io::Error::other(get_error_name(code)),
    }
}

/// The same for an error that reading from zstd's decoder has returned.
pub(super) fn error_from_zstd_read(error: io::Error) -> io::Error {
    let said = error.get_ref().and_then(|said| said.downcast_ref::<zstd::Error>());
    match said.is_some_and(|said| said.is(ZSTD_error_memory_allocation)) {
        true => io::ErrorKind::OutOfMemory.into(),
        false => error,
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    #[test]
    fn memory_that_no_machine_has_is_an_error() {
        assert_eq!(zeros(isize::MAX as usize).unwrap_err().kind(), ErrorKind::OutOfMemory);
        let mut buffer = vec![1; 10];
        assert_eq!(clear_and_reserve(&mut buffer, isize::MAX as usize).unwrap_err().kind(), ErrorKind::OutOfMemory);
        clear_and_reserve(&mut buffer, 5).unwrap();
        assert!(buffer.is_empty() && buffer.capacity() >= 5);
        assert_eq!(zeros(3).unwrap(), [0; 3]);
    }

    #[test]
    fn zstd_tells_a_lack_of_memory_from_everything_else() {
        // "zstd_errors.h": the number, negative.
        let [memory, prefix] = [64, 10].map(|number: usize| 0_usize.wrapping_sub(number));
        assert_eq!(error_from_zstd_code(memory).kind(), ErrorKind::OutOfMemory);
        let other = error_from_zstd_code(prefix);
        assert!(other.kind() == ErrorKind::Other && other.to_string().contains("frame"), "{other}");
        let garbage = zstd::stream::decode_all([7; 100].as_slice()).unwrap_err();
        assert_eq!(error_from_zstd_read(garbage).kind(), ErrorKind::Other);
    }
}
