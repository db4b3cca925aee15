//! Sizes for people, as tables.

use std::fmt::Write as _;

use super::{Sizes, Sum};
use crate::report::text;
use crate::report::text::bytes;

/// How many of the largest distributions and files a table shows.
const MANY: usize = 15;

/// What takes the space: by layer, distribution and kind, and the largest files.
pub fn text(sizes: &Sizes) -> String {
    let mut text = String::new();
    let layers = sizes.by(|file| &*file.layer);
    let parts = sizes.parts.iter().map(|part| Sum { name: part.name.to_owned(), size: part.size, ..Sum::default() });
    let mut all: Vec<Sum> = layers.into_iter().chain(parts).collect();
    all.sort_by_key(|sum| std::cmp::Reverse(sum.size));
    table(&mut text, "the file", &all, sizes.total);
    table(&mut text, "by distribution", &sizes.by(|file| &*file.owner), sizes.total);
    table(&mut text, "by kind", &sizes.by(|file| file.kind.name()), sizes.total);
    let largest = sizes.largest(MANY).into_iter().map(|file| Sum {
        name: file.path.clone(),
        size: file.size,
        uncompressed_size: file.uncompressed_size,
        files: 1,
    });
    table(&mut text, "largest files", &largest.collect::<Vec<_>>(), sizes.total);
    text
}

fn table(text: &mut String, title: &str, sums: &[Sum], total: u64) {
    let _ = writeln!(text, "\n{title:40}{:>11}{:>8}{:>13}{:>7}", "in bundle", "", "extracted", "files");
    for sum in sums.iter().take(MANY) {
        line(text, sum, total);
    }
    if let Some(rest) = sums.get(MANY..).filter(|rest| !rest.is_empty()) {
        let name = format!("{} more", rest.len());
        let add = |of: fn(&Sum) -> u64| rest.iter().map(of).sum();
        let rest = Sum {
            name,
            size: add(|s| s.size),
            uncompressed_size: add(|s| s.uncompressed_size),
            files: add(|s| s.files),
        };
        line(text, &rest, total);
    }
}

fn line(text: &mut String, sum: &Sum, total: u64) {
    let percent = sum.size as f64 * 100.0 / total.max(1) as f64;
    let _ = write!(text, "  {:38}{:>11}{percent:>6.1} %", shortened(&sum.name), bytes(sum.size));
    if sum.files > 0 {
        let _ = write!(text, "{:>13}{:>7}", bytes(sum.uncompressed_size), sum.files);
    }
    text.push('\n');
}

/// A path that would not fit, without its beginning.
fn shortened(name: &str) -> String {
    let name = text::shown(name);
    let letters = name.chars().count();
    if letters <= 38 {
        name.into_owned()
    } else {
        format!("…{}", name.chars().skip(letters - 37).collect::<String>())
    }
}
