//! The resources of a PE file: written into a launcher, and read back. The one place that knows the crate
//! `editpe`.
//!
//! Data of a resource has to start at a multiple of four bytes
//! (<https://learn.microsoft.com/en-us/windows/win32/menurc/resource-file-formats>). The crate writes them one after another
//! without padding. So each is padded here to a multiple of four bytes, and all are named by numbers, which makes the length
//! of the tables before them a multiple of four, too.

use editpe::types::{VersionU16, VersionU32};
use editpe::{Image, ResourceData, ResourceEntry, ResourceEntryName, ResourceTable, VersionInfo, VersionStringTable};
use object::LittleEndian;
use object::read::pe::PeFile64;

use super::icon::Icon;
use super::identity::Identity;
use super::manifest::{self, ADMINISTRATOR};
use super::messages;

/// <https://learn.microsoft.com/en-us/windows/win32/menurc/resource-types>
const RT_ICON: u32 = 3;
const RT_MESSAGETABLE: u32 = 11;
const RT_GROUP_ICON: u32 = 14;
const RT_VERSION: u32 = 16;
const RT_MANIFEST: u32 = 24;
/// English (United States), as in most programs. Windows uses it if it finds no resource in another language.
const LANGUAGE: u16 = 0x0409;
/// UTF-16.
const CODE_PAGE: u16 = 1200;
const VS_FF_PRERELEASE: u32 = 2;

/// The launcher with exactly these resources.
///
/// # Errors
/// When it is not a PE file that can be changed.
pub(super) fn with(launcher: &[u8], icon: Option<&Icon>, identity: &Identity) -> anyhow::Result<Vec<u8>> {
    let mut root = ResourceTable::default();
    if let Some(icon) = icon {
        let mut images = ResourceTable::default();
        for (number, image) in (1..).zip(&icon.images) {
            images.insert(ResourceEntryName::ID(number), in_language(image.data.clone()));
        }
        root.insert(ResourceEntryName::ID(RT_ICON), ResourceEntry::Table(images));
    }
    root.insert(ResourceEntryName::ID(RT_MESSAGETABLE), only(messages::table()));
    if let Some(icon) = icon {
        root.insert(ResourceEntryName::ID(RT_GROUP_ICON), only(icon.group()));
    }
    root.insert(ResourceEntryName::ID(RT_VERSION), only(version_info(identity).try_build()?));
    // White space is allowed after the root element of an XML document.
    root.insert(ResourceEntryName::ID(RT_MANIFEST), only(padded(manifest::text(identity).into_bytes(), b'\n')));

    let mut image = Image::parse(launcher)?;
    let mut directory = image.resource_directory().cloned().unwrap_or_default();
    *directory.root_mut() = root;
    image.set_resource_directory(directory)?;
    Ok(named_rsrc(image.data().to_vec()))
}

/// What the resources of a program contain.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Described {
    /// The lines of the version resource, such as `ProductName`.
    pub lines: Vec<(String, String)>,
    /// Whether there is an icon.
    pub icon: bool,
    /// Whether it asks for an administrator's rights.
    pub admin: bool,
}

/// Reads the resources of a PE file from its front part. `None` when there are none to be read.
///
/// The file may come from anybody. `editpe` reads whole trees, and a damaged one could keep it busy for hours. This function
/// reads only three tables for each of three resources.
pub fn describe(image: &[u8]) -> Option<Described> {
    let file = PeFile64::parse(image).ok()?;
    let sections = file.section_table();
    let directory = file.data_directories().resource_directory(image, &sections).ok()??;
    let resource = |kind: u32| {
        let of_kind =
            directory.root().ok()?.entries.iter().find(|e| e.name_or_id().id().map(u32::from) == Some(kind))?;
        let by_name = of_kind.data(directory).ok()?.table()?;
        let by_language = by_name.entries.first()?.data(directory).ok()?.table()?;
        let place = by_language.entries.first()?.data(directory).ok()?.data()?;
        let data = sections.pe_data_at(image, place.offset_to_data.get(LittleEndian))?;
        data.get(..place.size.get(LittleEndian) as usize)
    };
    let version = resource(RT_VERSION).and_then(|data| VersionInfo::parse(data).ok());
    let lines = version.and_then(|version| version.strings.into_iter().next()).map(|table| table.strings);
    let manifest = resource(RT_MANIFEST).map(String::from_utf8_lossy);
    Some(Described {
        lines: lines.into_iter().flatten().collect(),
        icon: resource(RT_GROUP_ICON).is_some(),
        admin: manifest.is_some_and(|text| text.contains(ADMINISTRATOR)),
    })
}

fn version_info(identity: &Identity) -> VersionInfo {
    let mut info = VersionInfo::default();
    let [major, minor] = identity.numbers.halves();
    (info.info.file_version, info.info.product_version) = (VersionU32 { major, minor }, VersionU32 { major, minor });
    info.info.file_flags = if identity.numbers.prerelease { VS_FF_PRERELEASE } else { 0 };
    let mut table = VersionStringTable { key: format!("{LANGUAGE:04x}{CODE_PAGE:04x}"), ..Default::default() };
    for (name, text) in &identity.lines {
        table.strings.insert((*name).to_owned(), text.clone());
    }
    info.strings = vec![table];
    info.vars = vec![VersionU16 { major: LANGUAGE, minor: CODE_PAGE }];
    info
}

/// The one resource of its type: number 1, which for a manifest means "of this program".
fn only(data: Vec<u8>) -> ResourceEntry {
    let mut names = ResourceTable::default();
    names.insert(ResourceEntryName::ID(1), in_language(data));
    ResourceEntry::Table(names)
}

fn in_language(data: Vec<u8>) -> ResourceEntry {
    let mut entry = ResourceData::default();
    entry.set_data(padded(data, 0));
    let mut languages = ResourceTable::default();
    languages.insert(ResourceEntryName::ID(LANGUAGE.into()), ResourceEntry::Data(entry));
    ResourceEntry::Table(languages)
}

fn padded(mut data: Vec<u8>, with: u8) -> Vec<u8> {
    data.resize(data.len().next_multiple_of(4), with);
    data
}

/// Gives the new section its usual name. Windows finds resources by the directory, but some tools look for the name.
fn named_rsrc(mut image: Vec<u8>) -> Vec<u8> {
    const GIVEN: &[u8; 8] = b".pedata\0";
    let headers = image.len().min(4096);
    if let Some(at) = image[..headers].windows(GIVEN.len()).position(|name| name == GIVEN) {
        image[at..at + GIVEN.len()].copy_from_slice(b".rsrc\0\0\0");
    }
    image
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::{Overrides, Project};
    use crate::executable::brand::{self, header};
    use crate::report::Report;

    /// A branded launcher, if there is a launcher.
    fn branded() -> Option<Vec<u8>> {
        let target = "windows".parse().unwrap();
        let launcher = crate::executable::launchers::for_target(target).ok()?;
        let directory = tempfile::tempdir().unwrap();
        let text = "[project]\nname = \"app\"\nversion = \"1.2\"\nscripts.app = \"app:main\"\n[tool.ekiben]\nicon = \"a.svg\"\n\
                    windows.admin = true\n";
        let picture = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><path d='M0 0h9v9z'/></svg>";
        fs::write(directory.path().join("pyproject.toml"), text).unwrap();
        fs::write(directory.path().join("a.svg"), picture).unwrap();
        let project = Project::of_files(directory.path(), &Overrides::default()).unwrap();
        Some(brand::brand(launcher, &project, "1.2", target, &Report::silent()).unwrap().into_owned())
    }

    #[test]
    fn what_was_written_is_read_back_and_is_the_same_every_time() {
        let Some(image) = branded() else { return };
        assert_eq!(Some(&image), branded().as_ref());
        let described = describe(&image).unwrap();
        assert!(described.icon && described.admin);
        let line = described.lines.iter().find(|(name, _)| name == "OriginalFilename").unwrap();
        assert_eq!(line.1, "app.exe");
    }

    #[test]
    fn no_damage_makes_reading_panic() {
        let Some(good) = branded() else { return };
        // The headers, the tables, and the version at the end.
        let end = good.len() - 4096..good.len();
        let tables = good.windows(8).position(|bytes| bytes == [0, 0, 0, 0, 4, 0, 3, 0]);
        let tables = tables.map_or(end.clone(), |at| at..at + 1500);
        let places = [0..1024, tables, end];
        let mut state = 1_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % below
        };
        let mut image = good.clone();
        for round in 0..2000 {
            let place = &places[round % places.len()];
            let changed: Vec<usize> = (0..1 + random(4)).map(|_| place.start + random(place.len())).collect();
            for at in &changed {
                image[*at] = random(256) as u8;
            }
            drop(describe(&image));
            let _ = (header::is_windowed(&image), header::signed_parts(&image));
            for at in changed {
                image[at] = good[at];
            }
        }
        for length in (0..good.len()).step_by(4999) {
            drop(describe(&good[..length]));
        }
    }
}
