//! Reads and changes the few things of an ELF file that decide whether it runs elsewhere: what it needs, where
//! the loader looks for that, and what only debuggers and linkers read, which would multiply its size.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use object::Endianness;
use object::build::elf::Builder;
use object::elf;
use object::elf::FileHeader64;
use object::read::elf::{Dyn as _, ElfFile64, FileHeader as _, SectionTable};
use object_rewrite::Rewriter;
use tempfile::NamedTempFile;

use crate::platform::Glibc;

/// How the names of glibc's libraries begin.
const GLIBC: [&str; 9] = [
    "ld-linux",
    "libc.so",
    "libm.so",
    "libdl.so",
    "libpthread.so",
    "librt.so",
    "libutil.so",
    "libresolv.so",
    "libanl.so",
];

/// What the loader reads in an ELF file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Linkage {
    /// The libraries it needs, by the names it asks for.
    pub(crate) needed: Vec<String>,
    /// Where it looks for them first: its RUNPATH or RPATH.
    pub(crate) runpath: Option<String>,
    /// The oldest glibc that has all the symbols it asks for.
    pub(crate) glibc: Option<Glibc>,
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
    linkage.glibc = glibc(&sections, endian, bytes).ok().flatten();
    for entry in dynamic {
        match entry.tag32(endian) {
            Some(elf::DT_NEEDED) => linkage.needed.push(text(entry)?),
            Some(elf::DT_RUNPATH | elf::DT_RPATH) => linkage.runpath = text(entry),
            _ => {}
        }
    }
    Some(linkage)
}

/// The newest version of glibc that a symbol asks for.
fn glibc(
    sections: &SectionTable<'_, FileHeader64<Endianness>>,
    endian: Endianness,
    bytes: &[u8],
) -> object::Result<Option<Glibc>> {
    let Some((mut needs, strings)) = sections.gnu_verneed(endian, bytes)? else { return Ok(None) };
    let strings = sections.strings(endian, bytes, strings)?;
    let mut newest = None;
    while let Some((_, mut symbols)) = needs.next()? {
        while let Some(symbol) = symbols.next()? {
            let name = String::from_utf8_lossy(symbol.name(endian, strings)?);
            newest = newest.max(Glibc::from_symbol_version(&name));
        }
    }
    Ok(newest)
}

/// Whether a library comes with every Linux system, is bound to its kernel and loader, and must not be brought along.
pub(crate) fn is_part_of_glibc(library: &str) -> bool {
    GLIBC.iter().any(|name| library.starts_with(name))
}

/// Whether this library is on every system with glibc: part of that, or of the compiler that distributions are made with.
pub(crate) fn is_on_every_system(library: &str) -> bool {
    let others = ["libgcc_s.so", "libstdc++.so", "libnsl.so"];
    is_part_of_glibc(library) || others.iter().any(|name| library.starts_with(name))
}

/// Whether nothing but a debugger or a linker reads the section with this name.
fn is_unloaded(section: &[u8]) -> bool {
    let exactly: [&[u8]; 4] = [b".symtab", b".strtab", b".comment", b".gnu_debuglink"];
    section.starts_with(b".debug_") || section.starts_with(b".zdebug_") || exactly.contains(&section)
}
