//! Reads and changes the few things of an ELF file that decide whether it runs elsewhere: what it needs, where
//! the loader looks for that, and debug information that would triple its size.

use std::fs;
use std::io;
use std::path::Path;

use object::Endianness;
use object::elf;
use object::read::elf::{Dyn as _, ElfFile64, FileHeader as _};
use object_rewrite::Rewriter;

/// What the loader reads in an ELF file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Linkage {
    /// The libraries it needs, by the names it asks for.
    pub(super) needed: Vec<String>,
    /// Where it looks for them first: its RUNPATH or RPATH.
    pub(super) runpath: Option<String>,
    /// Whether it carries DWARF sections.
    pub(super) has_debug_info: bool,
}

/// The linkage of a file, or `None` if it is no 64-bit ELF file that is dynamically linked.
///
/// # Errors
/// Those of reading it. A file that only looks like ELF counts as none.
pub(super) fn linkage(path: &Path) -> io::Result<Option<Linkage>> {
    let mut magic = [0; 4];
    let mut file = fs::File::open(path)?;
    match io::Read::read_exact(&mut file, &mut magic) {
        Ok(()) if magic == elf::ELFMAG => Ok(parse(&fs::read(path)?)),
        Ok(()) => Ok(None),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(e) => Err(e),
    }
}

/// Sets the RUNPATH and drops debug information. The file is replaced by a rename; its mode is kept.
///
/// # Errors
/// Those of the file system, and of a file too unusual to be rewritten: it is unchanged then.
pub(super) fn rewrite(path: &Path, runpath: Option<&str>, drop_debug_info: bool) -> anyhow::Result<()> {
    let bytes = fs::read(path)?;
    let mut rewriter = Rewriter::read(&bytes)?;
    if let Some(runpath) = runpath {
        rewriter.elf_set_runpath(runpath.into())?;
        rewriter.elf_use_runpath()?;
    }
    if drop_debug_info {
        rewriter.delete_sections(&debug_sections(&bytes).into_iter().collect());
    }
    let mut rewritten = Vec::with_capacity(bytes.len());
    rewriter.write(&mut rewritten)?;
    let beside = super::appended(path, ".new");
    fs::write(&beside, rewritten)?;
    fs::set_permissions(&beside, fs::metadata(path)?.permissions())?;
    fs::rename(beside, path)?;
    Ok(())
}

fn parse(bytes: &[u8]) -> Option<Linkage> {
    let file = ElfFile64::<Endianness>::parse(bytes).ok()?;
    let endian = file.endian();
    let sections = file.elf_header().sections(endian, bytes).ok()?;
    let (dynamic, strings) = sections.dynamic(endian, bytes).ok()??;
    let strings = sections.strings(endian, bytes, strings).ok()?;
    let text = |entry: &elf::Dyn64<Endianness>| {
        let bytes = strings.get(entry.val32(endian)?).ok()?;
        String::from_utf8(bytes.to_vec()).ok()
    };
    let mut linkage = Linkage { has_debug_info: !debug_sections(bytes).is_empty(), ..Linkage::default() };
    for entry in dynamic {
        match entry.tag32(endian) {
            Some(elf::DT_NEEDED) => linkage.needed.push(text(entry)?),
            Some(elf::DT_RUNPATH | elf::DT_RPATH) => linkage.runpath = text(entry),
            _ => {}
        }
    }
    Some(linkage)
}

/// The names of the sections that only a debugger reads.
fn debug_sections(bytes: &[u8]) -> Vec<Vec<u8>> {
    let Ok(file) = ElfFile64::<Endianness>::parse(bytes) else { return Vec::new() };
    let endian = file.endian();
    let Ok(sections) = file.elf_header().sections(endian, bytes) else { return Vec::new() };
    let names = sections.iter().filter_map(|section| sections.section_name(endian, section).ok());
    let unloaded = |name: &&[u8]| name.starts_with(b".debug_") || name.starts_with(b".zdebug_");
    names.filter(unloaded).map(<[u8]>::to_vec).collect()
}
