//! The template of the progress window, as Windows reads it: a `DLGTEMPLATE` in memory
//! (<https://learn.microsoft.com/en-us/windows/win32/dlgbox/dialog-boxes#templates-in-memory>).
//!
//! A dialog of standard controls needs no code for sizes by the font and the screen's resolution (also after it is moved to another
//! screen), for Tab and Esc, and for the names that a screen reader reads.

/// The number of the picture.
pub const ICON: u16 = 100;
/// The number of the line that says what is done.
pub const TEXT: u16 = 101;
/// The number of the bar.
pub const BAR: u16 = 102;
/// The number of the button, `IDCANCEL`: also what Esc and closing the window press.
pub const CANCEL: u16 = 2;

const BUTTON: &[u16] = &[0xFFFF, 0x0080];
const STATIC: &[u16] = &[0xFFFF, 0x0082];

const CHILD_VISIBLE: u32 = 0x5000_0000;
const TAB_STOP: u32 = 0x0001_0000;
const SS_ICON: u32 = 0x03;
const SS_NOPREFIX: u32 = 0x80;
/// Popup, visible, with a caption, a close box and a minimise box; centred, with a font of its own.
const WINDOW: u32 = 0x8000_0000 | 0x1000_0000 | 0x00C0_0000 | 0x0008_0000 | 0x0002_0000 | 0x800 | 0x40;

/// The window: icon and text beside each other, the bar below the text, and the button.
pub fn build(title: &str, text: &str, cancel: &str) -> Vec<u32> {
    let mut template = Vec::new();
    long(&mut template, WINDOW);
    long(&mut template, 0);
    template.extend([4, 0, 0, 240, 74, 0, 0]);
    string(&mut template, title);
    template.push(9);
    string(&mut template, "Segoe UI");
    let bar: Vec<u16> = "msctls_progress32\0".encode_utf16().collect();
    control(&mut template, (SS_ICON, ICON), [10, 10, 21, 20], STATIC, "");
    control(&mut template, (SS_NOPREFIX, TEXT), [42, 10, 188, 18], STATIC, text);
    control(&mut template, (0, BAR), [42, 32, 188, 10], &bar, "");
    control(&mut template, (TAB_STOP, CANCEL), [176, 52, 54, 15], BUTTON, cancel);
    // Windows wants it at an address that four divides.
    if template.len() % 2 == 1 {
        template.push(0);
    }
    template.chunks(2).map(|pair| u32::from(pair[0]) | u32::from(pair[1]) << 16).collect()
}

fn control(template: &mut Vec<u16>, (style, number): (u32, u16), place: [u16; 4], class: &[u16], text: &str) {
    if template.len() % 2 == 1 {
        template.push(0);
    }
    long(template, CHILD_VISIBLE | style);
    long(template, 0);
    template.extend(place);
    template.push(number);
    template.extend(class);
    string(template, text);
    template.push(0);
}

fn long(template: &mut Vec<u16>, value: u32) {
    template.extend([value as u16, (value >> 16) as u16]);
}

fn string(template: &mut Vec<u16>, text: &str) {
    template.extend(text.encode_utf16().filter(|unit| *unit != 0));
    template.push(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_begin_at_multiples_of_four_and_say_what_they_are() {
        for title in ["A", "AB", "弁当"] {
            let units: Vec<u16> =
                build(title, "t\0t", "Cancel").iter().flat_map(|two| [*two as u16, (two >> 16) as u16]).collect();
            assert_eq!(units[4], 4);
            for (number, class) in [(ICON, 0x82), (TEXT, 0x82), (CANCEL, 0x80)] {
                // Style, extended style, place, number, class.
                let at = units.windows(3).position(|three| three == [number, 0xFFFF, class]).unwrap();
                assert_eq!((at - 8) % 2, 0, "{title}: {number}");
                assert_eq!(units[at - 7] & 0x5000, 0x5000);
            }
        }
    }
}
