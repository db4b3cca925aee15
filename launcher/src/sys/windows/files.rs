//! Directories. Who may write where is inherited from the directory above: the profile's, or what an admin chose.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::windows::io::AsRawHandle;
use std::path::{Path, PathBuf};
use std::ptr;

use windows_sys::Win32::Foundation::ERROR_SHARING_VIOLATION;
use windows_sys::Win32::Security::Authentication::Identity::RtlGenRandom;
use windows_sys::Win32::Storage::FileSystem::{BY_HANDLE_FILE_INFORMATION, GetFileInformationByHandle};
use windows_sys::Win32::UI::Shell::SHGetKnownFolderPath;
use windows_sys::core::GUID;

use super::utf16::copied;

/// Files have no modes here: who may do what is inherited from the directory above.
#[must_use]
pub(crate) struct FixedUmask(());

impl FixedUmask {
    pub(crate) fn set() -> Self {
        Self(())
    }
}

/// A number that nobody can guess. (std's source of random numbers is in another library, which the launcher would load only for
/// this.)
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

/// Creates a directory.
pub(crate) fn create_private_directory(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
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

/// How many names a file has. Not known without opening it: a file with several names counts several times.
pub(crate) fn names(_file: &Metadata) -> u64 {
    1
}

/// A known folder, wherever it was moved to (<https://learn.microsoft.com/en-us/windows/win32/shell/known-folders>). Variables
/// that name it could be set by anybody.
#[expect(unsafe_code, reason = "std knows no folders")]
pub(crate) fn known_folder(folder: &GUID) -> Option<PathBuf> {
    let mut text = ptr::null_mut();
    // SAFETY: an identifier, nulls where they are allowed, and a place for the answer.
    let failed = unsafe { SHGetKnownFolderPath(folder, 0, ptr::null_mut(), &mut text) };
    // SAFETY: null, or a string with a NUL at its end. It is freed with the process.
    let path = unsafe { copied(text) };
    if failed < 0 { None } else { path.map(PathBuf::from) }
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

/// Removes the attribute "read-only" of a file, which prevents replacing it by a rename. If this fails, the rename fails, too.
#[expect(clippy::permissions_set_readonly_false, reason = "here it says nothing about who may write")]
pub(crate) fn allow_replacing(file: &Path) {
    let Ok(found) = fs::symlink_metadata(file) else { return };
    let mut permissions = found.permissions();
    if permissions.readonly() {
        permissions.set_readonly(false);
        let _ = fs::set_permissions(file, permissions);
    }
}

/// What a user's programs lie in, below the local data directory.
pub(crate) const USERS_PROGRAMS: &str = "Programs";

/// Whether a denied rename may succeed a moment later: a virus scanner has a file open that was just written.
pub(crate) const DENIED_RENAMES_PASS: bool = true;

/// Whether some process runs a program or has loaded a library.
pub(crate) const IS_LOADED: Option<fn(&Path) -> bool> = Some(is_loaded);

/// Of a file with several names, which versions share, it would say nothing of this one.
fn is_loaded(program: &Path) -> bool {
    is_running(program) && File::open(program).is_ok_and(|file| has_one_name(&file))
}

/// Whether a program is running: Windows denies writing to a running program, and to a loaded library.
pub(crate) fn is_running(program: &Path) -> bool {
    let denied = OpenOptions::new().write(true).open(program).err().and_then(|e| e.raw_os_error());
    denied == Some(ERROR_SHARING_VIOLATION.cast_signed())
}

#[expect(unsafe_code, reason = "std counts no names")]
fn has_one_name(file: &File) -> bool {
    let mut found = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: a handle that lives through the call, and a place of the right type for the answer.
    let done = unsafe { GetFileInformationByHandle(file.as_raw_handle(), &mut found) };
    done != 0 && found.nNumberOfLinks <= 1
}

/// Removes a directory with all that is in it. Where the file system can't delete "read-only" files (a memory stick's, a share's),
/// that attribute is removed first.
pub(crate) fn remove_tree(directory: &Path) -> io::Result<()> {
    fs::remove_dir_all(directory).or_else(|e| {
        if e.kind() != io::ErrorKind::PermissionDenied {
            return Err(e);
        }
        make_ordinary(directory)?;
        fs::remove_dir_all(directory)
    })
}

/// Does not follow links: a link is not a directory here.
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
