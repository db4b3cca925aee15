//! Bundles that were damaged, cut off, put together in another order, or made to lie about sizes: each either runs as if
//! nothing had happened, or is refused; none makes the launcher panic, hang, or use much memory.
//!
//! Which mutants there are is the same in every run.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use bundle::footer::Footer;
use bundle::{Bundle, frame};
use ekiben_payload_fixtures::forged::Forged;
use ekiben_tests::{Confined, Ended, TestContext};
use serde_json::Value;

use crate::plain::hostile::{STARTED, launcher};

const LINUX: &str = "x86_64-unknown-linux-gnu";

/// The length of a footer, and of the magic number at its end.
pub(crate) const FOOTER: usize = 128;

pub(crate) const MAGIC: usize = 8;

/// A changed bundle: how it came about, and its bytes.
pub(crate) type Mutant = (String, Vec<u8>);

/// Numbers that look random and are the same in every run (Steele, Lea and Flood's SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) % limit as u64) as usize
    }
}

/// Where the parts of a bundle begin and end.
pub(crate) struct Parts {
    pub(crate) payload: usize,
    pub(crate) index: usize,
    pub(crate) record: usize,
    pub(crate) footer: usize,
    pub(crate) end: usize,
}

impl Parts {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let bundle = Bundle::new(bytes.to_vec()).unwrap();
        let payload = bundle.payload_start() as usize;
        let at = |offset: u64| payload + offset as usize;
        let footer = bundle.footer();
        let end = at(footer.payload_len);
        Self { payload, index: at(footer.index_offset), record: at(footer.record_offset), footer: end - FOOTER, end }
    }
}

/// One byte changed: `count` of them, the footer's and the launch record's all among them.
pub(crate) fn flipped(bytes: &[u8], count: usize) -> impl Iterator<Item = Mutant> {
    let parts = Parts::of(bytes);
    let mut random = Random(count as u64);
    let mut places: Vec<usize> = (parts.record..parts.end).collect();
    while places.len() < count {
        places.push(parts.payload + random.below(parts.record - parts.payload));
    }
    places.into_iter().map(move |at| {
        let mut changed = bytes.to_vec();
        let mask = 1 + random.below(255) as u8;
        changed[at] ^= mask;
        (format!("byte {at} changed by {mask:#04x}"), changed)
    })
}

/// Cut off at `count` lengths, those right at the ends of the parts among them.
pub(crate) fn cut(bytes: &[u8], count: usize) -> impl Iterator<Item = Mutant> {
    let Parts { payload, index, record, footer, end } = Parts::of(bytes);
    let mut random = Random(count as u64 + 1);
    let mut lengths: Vec<usize> =
        [payload, index, record, footer, end].into_iter().flat_map(|at| [at - 1, at, at + 1]).collect();
    lengths.extend((1..=FOOTER).map(|n| end - n));
    while lengths.len() < count {
        lengths.push(payload + random.below(end - payload));
    }
    lengths.retain(|length| *length < end);
    lengths.into_iter().map(|length| (format!("cut to {length}"), bytes[..length].to_vec()))
}

/// Parts in another order, twice, or not at all; digests as they were.
pub(crate) fn shuffled(bytes: &[u8]) -> Vec<Mutant> {
    let parts = Parts::of(bytes);
    let launcher = &bytes[..parts.payload];
    let frames = &bytes[parts.payload..parts.index];
    let index = &bytes[parts.index..parts.record];
    let record = &bytes[parts.record..parts.footer];
    let footer = &bytes[parts.footer..parts.end];
    let magic = &footer[FOOTER - MAGIC..];
    let (first, second) = frames.split_at(frames.len() / 2);
    let payload = &bytes[parts.payload..];
    let many = |part: &[u8], times: usize| part.repeat(times);
    let made: Vec<(&str, Vec<u8>)> = vec![
        ("halves of the frames swapped", [launcher, second, first, index, record, footer].concat()),
        ("index before frames", [launcher, index, frames, record, footer].concat()),
        ("record before index", [launcher, frames, record, index, footer].concat()),
        ("record before frames", [launcher, record, frames, index, footer].concat()),
        ("footer first", [launcher, footer, frames, index, record].concat()),
        ("footer before record", [launcher, frames, index, footer, record].concat()),
        ("no frames", [launcher, index, record, footer].concat()),
        ("no index", [launcher, frames, record, footer].concat()),
        ("no record", [launcher, frames, index, footer].concat()),
        ("no launcher's padding", [&launcher[..launcher.len() - 1], payload].concat()),
        ("frames twice", [launcher, frames, frames, index, record, footer].concat()),
        ("index twice", [launcher, frames, index, index, record, footer].concat()),
        ("record twice", [launcher, frames, index, record, record, footer].concat()),
        ("footer twice", [launcher, payload, footer].concat()),
        ("footer seventeen times", [launcher, frames, index, record, &many(footer, 17)].concat()),
        ("footer among the frames", [launcher, first, footer, second, index, record, footer].concat()),
        ("footer at once behind the launcher", [launcher, footer, payload].concat()),
        ("payload twice", [launcher, payload, payload].concat()),
        ("a bundle in a bundle", [bytes, bytes].concat()),
        ("magic appended", [bytes, magic].concat()),
        ("magic appended fifteen times", [bytes, &many(magic, 15)].concat()),
        ("magic appended twenty times", [bytes, &many(magic, 20)].concat()),
        ("half a footer appended", [bytes, &footer[FOOTER / 2..]].concat()),
        ("zeros for frames", [launcher, &vec![0; frames.len()], index, record, footer].concat()),
        ("zeros for index", [launcher, frames, &vec![0; index.len()], record, footer].concat()),
        ("spaces for record", [launcher, frames, index, &vec![b' '; record.len()], footer].concat()),
        ("zeros for footer", [launcher, frames, index, record, &[0; FOOTER]].concat()),
        ("only magic", [launcher, magic].concat()),
        ("only a footer", [launcher, footer].concat()),
    ];
    made.into_iter().map(|(how, bytes)| (how.to_owned(), bytes)).collect()
}

/// Numbers that replace a number.
fn lies(truth: u64) -> impl Iterator<Item = u64> {
    let all = [0, 1, truth / 2, truth.wrapping_sub(1), truth + 1, truth + 8, truth * 2, 1 << 16, 1 << 26, 1 << 31];
    let huge = [1 << 32, 1 << 40, 1 << 62, i64::MAX as u64, 1 << 63, u64::MAX - truth, u64::MAX - 127, u64::MAX];
    all.into_iter().chain(huge).filter(move |lie| *lie != truth)
}

/// A number of the footer.
type Field = fn(&mut Footer) -> &mut u64;

/// Footers and indexes with one wrong number each, and digests that are right all the same.
fn lying(forged: &Forged, launcher: &[u8]) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    let fields: [(&str, Field); 6] = [
        ("payload_len", |f| &mut f.payload_len),
        ("index_offset", |f| &mut f.index_offset),
        ("index_len", |f| &mut f.index_len),
        ("index_raw_len", |f| &mut f.index_raw_len),
        ("record_offset", |f| &mut f.record_offset),
        ("record_len", |f| &mut f.record_len),
    ];
    for (name, field) in fields {
        let mut truth = 0;
        forged.bytes_with(launcher, |footer| truth = *field(footer));
        for lie in lies(truth) {
            let bytes = forged.bytes_with(launcher, |footer| *field(footer) = lie);
            mutants.push((format!("footer's {name} {lie}, sealed"), bytes));
        }
    }
    for place in numbers(&forged.index, String::new()) {
        let truth = forged.index.pointer(&place).and_then(Value::as_u64).unwrap();
        for lie in lies(truth) {
            let mut lying = forged.clone();
            *lying.index.pointer_mut(&place).unwrap() = lie.into();
            mutants.push((format!("index's {place} {lie}, sealed"), lying.bytes(launcher)));
        }
    }
    let frames = forged.frames.len();
    for (one, other) in (0..frames).flat_map(|one| (0..frames).map(move |other| (one, other))).filter(|(a, b)| a != b) {
        let mut lying = forged.clone();
        lying.frames.swap(one, other);
        mutants.push((format!("frames {one} and {other} swapped"), lying.bytes(launcher)));
        lying.frames[one] = lying.frames[other].clone();
        mutants.push((format!("frame {other} in the place of {one}"), lying.bytes(launcher)));
    }
    let mut layers = forged.clone();
    layers.index["layers"].as_array_mut().unwrap().reverse();
    mutants.push(("layers of the index swapped".to_owned(), layers.bytes(launcher)));
    // Frames and rows in another order that fits: nothing is wrong with it.
    layers.frames.rotate_left(2);
    mutants.push(("layers swapped".to_owned(), layers.bytes(launcher)));
    mutants
}

/// JSON pointers to every number.
fn numbers(value: &Value, at: String) -> Vec<String> {
    match value {
        Value::Number(_) => vec![at],
        Value::Array(values) => values.iter().enumerate().flat_map(|(n, v)| numbers(v, format!("{at}/{n}"))).collect(),
        Value::Object(values) => values.iter().flat_map(|(n, v)| numbers(v, format!("{at}/{n}"))).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn two_thousand_mutants_of_a_bundle_run_identically_or_are_refused() {
    let context = TestContext::new();
    let before = context.everything();
    let forged = Forged::honest(LINUX);
    let good = forged.bytes(launcher(LINUX));
    let mut mutants: Vec<Mutant> = vec![("nothing".to_owned(), good.clone())];
    mutants.extend(flipped(&good, 2_000));
    mutants.extend(cut(&good, 250));
    mutants.extend(shuffled(&good));
    mutants.extend(lying(&forged, launcher(LINUX)));
    let (next, ran) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let at = next.fetch_add(1, Ordering::Relaxed)
                    && let Some((how, bytes)) = mutants.get(at)
                {
                    match Confined::new(&context, &format!("mutant-{at}"), bytes.clone()).start() {
                        Ok(Ended::Ran(said)) => {
                            assert!(said.starts_with(STARTED), "{how}: {said}");
                            ran.fetch_add(1, Ordering::Relaxed);
                            assert!(!how.starts_with("byte "), "{how} went unnoticed");
                        }
                        Ok(Ended::Refused(_)) => assert_ne!(at, 0, "the bundle itself does not start"),
                        Err(wrong) => panic!("{how}: {wrong}"),
                    }
                }
            });
        }
    });
    let ran = ran.into_inner();
    println!("{} mutants: {ran} ran, {} were refused", mutants.len(), mutants.len() - ran);
    assert!(mutants.len() >= 2_500 && ran >= 5, "{} {ran}", mutants.len());
    assert_eq!(context.everything(), before);
}

#[test]
fn the_reader_bears_any_number_of_changes_at_once() {
    let forged = Forged::honest(LINUX);
    let good = forged.bytes(b"launcher");
    let parts = Parts::of(&good);
    let mut random = Random(3);
    let mut read = 0;
    for round in 0..20_000 {
        let mut bytes = good.clone();
        for _ in 0..1 + random.below(6) {
            let at = random.below(bytes.len());
            match random.below(4) {
                0 => bytes[at] = random.below(256) as u8,
                1 => bytes.truncate(at.max(1)),
                2 => bytes.insert(at, random.below(256) as u8),
                _ => {
                    let from = random.below(bytes.len());
                    let to = bytes.len().min(from + random.below(64));
                    bytes.copy_within(from..to, at.min(from));
                }
            }
        }
        // Half of them get a whole footer again, so that the others' numbers mean something.
        if round % 2 == 0 {
            bytes.extend(&good[parts.footer..]);
        }
        read += usize::from(whole(bytes).is_ok());
    }
    assert!(read < 20_000, "changes go unnoticed");
    for (how, bytes) in lying(&forged, b"launcher").into_iter().chain(shuffled(&good)) {
        let known =
            ["swapped", "twice", "appended", "bundle", "launcher", "record_offset", "raw_len", "times", "frames"];
        if whole(bytes).is_ok() {
            assert!(known.iter().any(|word| how.contains(word)), "{how}");
        }
    }
}

/// Reads everything in a bundle.
fn whole(bytes: Vec<u8>) -> Result<(), String> {
    let bundle = Bundle::new(bytes).map_err(|e| e.to_string())?;
    let index = bundle.index().map_err(|e| e.to_string())?;
    let mut stored = Vec::new();
    for placed in index.frames() {
        let placed = placed.unwrap();
        bundle.frame(placed, &mut stored).map_err(|e| e.to_string())?;
        frame::unpack(&stored, placed.frame, |_, content| io::copy(content, &mut io::sink()).map(drop))
            .map_err(|e| e.to_string())?;
    }
    Ok(())
}
