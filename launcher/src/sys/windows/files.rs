//! Directories. Who may write where is inherited from the directory above: the profile's, or what an admin chose.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::io::AsRawHandle;
use std::path::{Path, PathBuf};
use std::ptr;

use windows_sys::Win32::Foundation::ERROR_SHARING_VIOLATION;
use windows_sys::Win32::Security::Authentication::Identity::RtlGenRandom;
use windows_sys::Win32::Storage::FileSystem::{BY_HANDLE_FILE_INFORMATION, GetFileInformationByHandle};
use windows_sys::Win32::UI::Shell::SHGetKnownFolderPath;
use windows_sys::core::GUID;

/// Who may do what is inherited from the directory above.
#[must_use]
pub(crate) struct ModesAsAsked(());

impl ModesAsAsked {
    pub(crate) fn set() -> Self {
        Self(())
    }
}

/// A number that no other account can know beforehand. (What std seeds its hash maps from lies in a library of its own,
/// which the launcher would load for this alone.)
#[expect(unsafe_code, reason = "std offers no random numbers")]
pub(crate) fn unguessable() -> u64 {
    let mut number = 0_u64;
    // SAFETY: a place of the size that is told. Should it ever fail, the number is 0, and a file of that name is in the way.
    unsafe { RtlGenRandom((&raw mut number).cast(), size_of::<u64>() as u32) };
    number
}

/// Opens a file to lock or to add to, and creates it.
pub(crate) fn open_own(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.create(true).open(path)
}

/// Creates a directory, unless it is there.
pub(crate) fn create_private_directory(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
}

pub(crate) fn create_directories(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

pub(crate) fn create_directory(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

/// Whether a file may be run as a program. `None` where files do not say.
pub(crate) fn is_executable(_file: &Metadata) -> Option<bool> {
    None
}

/// How many names a file has. Not known without opening it: one with several counts several times.
pub(crate) fn names(_file: &Metadata) -> u64 {
    1
}

/// One of the folders that Windows knows, wherever it was moved to
/// (<https://learn.microsoft.com/en-us/windows/win32/shell/known-folders>), and not a variable, which anybody may set.
#[expect(unsafe_code, reason = "std knows no folders")]
pub(crate) fn known_folder(folder: &GUID) -> Option<PathBuf> {
    let mut text = ptr::null_mut();
    // SAFETY: an identifier, nulls where they are allowed, and a place for the answer.
    let failed = unsafe { SHGetKnownFolderPath(folder, 0, ptr::null_mut(), &mut text) };
    // SAFETY: null, or a string with a NUL at its end. It is freed with the process.
    let path = unsafe { string(text) };
    if failed < 0 { None } else { path.map(PathBuf::from) }
}

/// # Safety
/// `text` is null, or points to units that end with a NUL.
#[expect(unsafe_code, reason = "the system's strings")]
pub(crate) unsafe fn string(text: *const u16) -> Option<OsString> {
    if text.is_null() {
        return None;
    }
    // SAFETY: every unit up to the NUL is part of the string, and the search ends there.
    let length = (0..).take_while(|at| unsafe { *text.add(*at) } != 0).count();
    // SAFETY: as many units as were just read.
    Some(OsString::from_wide(unsafe { std::slice::from_raw_parts(text, length) }))
}

/// Creates a file that may be run.
pub(crate) fn create_new_program(path: &Path) -> io::Result<File> {
    create_new(path)
}

/// Creates a file. In a directory of this account's own, nobody else can open it.
pub(crate) fn create_new_private(path: &Path) -> io::Result<File> {
    create_new(path)
}

/// Creates a file.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Takes the attribute "read-only" from a file: one that has it can't be replaced by a rename. Should that fail, the rename
/// tells.
#[expect(clippy::permissions_set_readonly_false, reason = "here it says nothing about who may write")]
pub(crate) fn allow_replacing(file: &Path) {
    let Ok(found) = fs::symlink_metadata(file) else { return };
    let mut permissions = found.permissions();
    if permissions.readonly() {
        permissions.set_readonly(false);
        let _ = fs::set_permissions(file, permissions);
    }
}

/// Whether [`is_loaded`] can tell.
pub(crate) const TELLS_LOADED: bool = true;

/// Whether some process runs this program or has loaded this library: then Windows lets nobody write to it. Of a file with
/// several names, which versions share, that would say nothing of this one.
pub(crate) fn is_loaded(program: &Path) -> bool {
    let denied = OpenOptions::new().write(true).open(program).err().and_then(|e| e.raw_os_error());
    denied == Some(ERROR_SHARING_VIOLATION.cast_signed()) && File::open(program).is_ok_and(|file| has_one_name(&file))
}

#[expect(unsafe_code, reason = "std counts no names")]
fn has_one_name(file: &File) -> bool {
    let mut found = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: a handle that lives through the call, and a place of the right type for the answer.
    let done = unsafe { GetFileInformationByHandle(file.as_raw_handle(), &mut found) };
    done != 0 && found.nNumberOfLinks <= 1
}

/// Removes a directory with all that is in it. Where the file system does not know how to delete files that are "read-only"
/// (a memory stick's, a share's), they are made ordinary ones first.
pub(crate) fn remove_tree(directory: &Path) -> io::Result<()> {
    fs::remove_dir_all(directory).or_else(|e| {
        if e.kind() != io::ErrorKind::PermissionDenied {
            return Err(e);
        }
        make_ordinary(directory)?;
        fs::remove_dir_all(directory)
    })
}

/// A link's target is left alone: a link is no directory here.
fn make_ordinary(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            make_ordinary(&entry.path())?;
        } else {
            allow_replacing(&entry.path());
        }
    }
    Ok(())
}
