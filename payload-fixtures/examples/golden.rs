//! Writes the golden bundle of the current format version to stdout. Run once for each version, by hand:
//!
//! ```text
//! cargo run -p ekiben-payload-fixtures --example golden > payload-fixtures/golden/v1.bundle
//! cargo run -p ekiben-payload-fixtures --example golden filtered > payload-fixtures/golden/v1-filtered.bundle
//! ```
//!
//! The second one also holds a file with a filter.
//!
//! A golden bundle that is committed is never made again: it stands for all bundles of its version out there.

use std::io::{self, Write as _};

use ekiben_payload_fixtures::handmade::{Entry, Handmade};

fn main() -> io::Result<()> {
    let interpreter = Entry::program("bin/python3", "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    let mut last = vec![Entry::symlink("python", "bin/python3")];
    if std::env::args_os().nth(1).is_some_and(|word| word == "filtered") {
        last.push(Entry::file("lib/code.so", machine_code()));
    }
    let mut golden = Handmade::new("golden", "1.0")
        .layer("runtime", [vec![interpreter, Entry::directory("empty")], last])
        .layer("application", [vec![Entry::file("start.py", "print('hello')\n")]])
        .level(19);
    "Golden".clone_into(&mut golden.record.app.name);
    golden.record.start.flags = vec!["-I".to_owned()];
    io::stdout().write_all(&golden.bytes(b"a launcher\n")?)
}

/// An ELF header for x86-64, then eight calls of one place, and two loads of its address.
fn machine_code() -> Vec<u8> {
    let mut code = [b"\x7fELF\x02\x01\x01".as_slice(), &[0; 9], &[3, 0, 62, 0]].concat();
    code.resize(64, 0);
    let to = |next: usize| (16_i32 - next as i32).to_le_bytes();
    for _ in 0..8 {
        let next = to(code.len() + 5);
        code.extend([&[0xe8], next.as_slice(), &[0x90]].concat());
    }
    for register in [0x05, 0x3d] {
        let next = to(code.len() + 7);
        code.extend([&[0x48, 0x8d, register], next.as_slice()].concat());
    }
    code
}
