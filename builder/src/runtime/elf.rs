//! Reads and changes the few things of an ELF file that decide whether it runs elsewhere: what it needs, where
//! the loader looks for that, and what only debuggers and linkers read, which would multiply its size.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use object::Endianness;
use object::build::elf::Builder;
use object::elf;
use object::read::elf::{Dyn as _, ElfFile64, FileHeader as _};
use object_rewrite::Rewriter;
use tempfile::NamedTempFile;

/// What the loader reads in an ELF file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Linkage {
    /// The libraries it needs, by the names it asks for.
    pub(crate) needed: Vec<String>,
    /// Where it looks for them first: its RUNPATH or RPATH.
    pub(crate) runpath: Option<String>,
    /// Whether it carries sections that the loader does not read.
    pub(crate) is_unstripped: bool,
}

/// The linkage of a file, or `None` if it is no 64-bit ELF file that is dynamically linked.
///
/// # Errors
/// Those of reading it. A file that only looks like ELF counts as none.
pub(crate) fn linkage(path: &Path) -> io::Result<Option<Linkage>> {
    let mut magic = [0; 4];
    let mut file = fs::File::open(path)?;
    match io::Read::read_exact(&mut file, &mut magic) {
        Ok(()) if magic == elf::ELFMAG => Ok(parse(&fs::read(path)?)),
        Ok(()) => Ok(None),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(e) => Err(e),
    }
}

/// Sets the RUNPATH. The file is replaced by a rename; its mode is kept.
///
/// # Errors
/// Those of the file system, and of a file too unusual to be rewritten: it is unchanged then.
pub(super) fn set_runpath(path: &Path, runpath: &str) -> anyhow::Result<()> {
    let bytes = fs::read(path)?;
    let mut rewriter = Rewriter::read(&bytes)?;
    rewriter.elf_set_runpath(runpath.into())?;
    rewriter.elf_use_runpath()?;
    let mut rewritten = Vec::with_capacity(bytes.len());
    rewriter.write(&mut rewritten)?;
    replace(path, &rewritten)
}

/// Drops debug information and the symbols that only debuggers and linkers of static libraries read, as `strip` does.
/// The file is replaced by a rename; its mode is kept.
///
/// # Errors
/// As [`set_runpath`].
pub(super) fn strip(path: &Path) -> anyhow::Result<()> {
    let bytes = fs::read(path)?;
    let mut builder = Builder::read(&*bytes)?;
    for symbol in &mut builder.symbols {
        symbol.delete = true;
    }
    for section in &mut builder.sections {
        section.delete = is_unloaded(&section.name);
    }
    builder.delete_orphans();
    builder.delete_unused_versions();
    builder.set_section_sizes();
    let mut stripped = Vec::with_capacity(bytes.len());
    builder.write(&mut stripped)?;
    replace(path, &stripped)
}

fn replace(path: &Path, rewritten: &[u8]) -> anyhow::Result<()> {
    let mut beside = NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    beside.write_all(rewritten)?;
    beside.as_file().set_permissions(fs::metadata(path)?.permissions())?;
    beside.persist(path)?;
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
    let mut names = sections.iter().filter_map(|section| sections.section_name(endian, section).ok());
    let mut linkage = Linkage { is_unstripped: names.any(is_unloaded), ..Linkage::default() };
    for entry in dynamic {
        match entry.tag32(endian) {
            Some(elf::DT_NEEDED) => linkage.needed.push(text(entry)?),
            Some(elf::DT_RUNPATH | elf::DT_RPATH) => linkage.runpath = text(entry),
            _ => {}
        }
    }
    Some(linkage)
}

/// Whether nothing but a debugger or a linker reads the section with this name.
fn is_unloaded(section: &[u8]) -> bool {
    let exactly: [&[u8]; 4] = [b".symtab", b".strtab", b".comment", b".gnu_debuglink"];
    section.starts_with(b".debug_") || section.starts_with(b".zdebug_") || exactly.contains(&section)
}
