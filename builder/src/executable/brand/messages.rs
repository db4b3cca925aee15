//! The message resource: what the event log of Windows shows for a service's entries. It is in the bundle itself, so no
//! separate DLL is needed.
//!
//! Every event has the same message: the text that the launcher passes (`launcher::service::event`). The layout is that
//! of `MESSAGE_RESOURCE_DATA`: blocks of numbers that follow each other, then one entry for each number
//! (<https://learn.microsoft.com/en-us/windows/win32/api/winnt/ns-winnt-message_resource_data>).

use launcher::service::event;

/// "The first text that was passed" (<https://learn.microsoft.com/en-us/windows/win32/eventlog/message-text-files>).
const TEXT: &str = "%1\r\n\0";
/// `MESSAGE_RESOURCE_UNICODE`.
const UNICODE: u16 = 1;

/// The resource's data.
pub(super) fn table() -> Vec<u8> {
    const ENTRIES_AT: u32 = 16;
    let (first, last) = (*event::IDS.start(), *event::IDS.end());
    let head = [1, first, last, ENTRIES_AT];
    let entry = entry();
    let entries = event::IDS.flat_map(|_| entry.clone());
    head.into_iter().flat_map(u32::to_le_bytes).chain(entries).collect()
}

fn entry() -> Vec<u8> {
    let mut text: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
    // An entry begins at a multiple of four.
    text.resize(text.len().next_multiple_of(4), 0);
    let length = text.len() as u16 + 4;
    [length, UNICODE].into_iter().flat_map(u16::to_le_bytes).chain(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_an_entry_for_each_event() {
        let table = table();
        let entry = [16, 0, 1, 0, b'%', 0, b'1', 0, b'\r', 0, b'\n', 0, 0, 0, 0, 0];
        assert_eq!(&table[..16], [1, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 16, 0, 0, 0]);
        assert_eq!(table[16..], entry.repeat(7));
    }
}
