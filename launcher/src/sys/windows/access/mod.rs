//! This account, long paths, free space; [`security`] reads who could change a path.
//!
//! # How a version dir is known to be safe
//! It is opened so that nobody can rename or delete it while it is open, nor the directories above it
//! (<https://learn.microsoft.com/en-us/windows/win32/fileio/creating-and-opening-files>): so checking the path checks what was
//! opened. Each directory down to it, its seal and its interpreter must belong to this account or an admin, and no entry of
//! their access lists may let anybody else change them. If there is a link on the way (a junction), both the path as it is
//! named and the one that it leads to are checked.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::ptr;

use windows_sys::Win32::Foundation::{ERROR_SUCCESS, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1, SE_FILE_OBJECT, SetNamedSecurityInfoW,
};
use windows_sys::Win32::Security::{
    DACL_SECURITY_INFORMATION, GetSecurityDescriptorDacl, GetSecurityDescriptorOwner, OWNER_SECURITY_INFORMATION,
    PROTECTED_DACL_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, SECURITY_ATTRIBUTES,
};
use windows_sys::Win32::Storage::FileSystem::{
    CreateDirectoryW, FILE_ADD_FILE, FILE_ADD_SUBDIRECTORY, FILE_FLAG_BACKUP_SEMANTICS, GetDiskFreeSpaceExW,
};
use windows_sys::Win32::UI::Shell::FOLDERID_ProgramFiles;

use super::files::known_folder;
use super::in_use;
use super::registry::Key;
use super::utf16::wide;
use crate::sys::access::{Part, Room};
use crate::sys::creation::ok_if_exists;
use crate::sys::path_error::PathError;

mod security;

pub(super) use security::Account;

/// Full control for the owner, the system and admins, and for nobody else; nothing inherited from above
/// (<https://learn.microsoft.com/en-us/windows/win32/secauthz/ace-strings>).
const PRIVATE: &str = "D:P(A;OICI;FA;;;OW)(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";

/// A version dir, `versions` and the install root.
const INSIDE: usize = 3;

/// Whether an admin owns what is there; an error when nothing is.
pub(crate) fn is_admins(path: &Path) -> io::Result<bool> {
    security::is_admins(path)
}

/// Whether this account or an admin owns what is there (files of an elevated account belong to the admins). A link itself is
/// checked.
pub(crate) fn is_owned(path: &Path) -> bool {
    security::is_owned(path)
}

/// Not checked on Windows: the owners of files on a share are up to its server.
pub(crate) fn is_only_ours(_file: &File) -> bool {
    true
}

/// The directory for programs of the whole machine.
pub(crate) fn machine_wide() -> Option<PathBuf> {
    known_folder(&FOLDERID_ProgramFiles)
}

/// Whether a directory is there, and nobody else's in any way.
pub(crate) fn is_private(path: &Path) -> bool {
    let is_directory = fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    is_directory && matches!(security::objection(path, Part::Inside), Ok(None))
}

/// Creates a directory for this account alone, in one that is safe. Fine if it exists and is such a directory.
pub(crate) fn make_private(path: &Path) -> Result<(), PathError> {
    check_path(path.parent().unwrap_or(path), 0)?;
    match create_with_rights(path, PRIVATE) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(PathError::io("create", path)(error)),
        Err(_) if !is_private(path) => Err(PathError::not_private(path)),
        _ => Ok(()),
    }
}

/// Creates a directory with these rights, in Windows' language for them.
#[expect(unsafe_code, reason = "std makes no directories with an access list")]
pub(crate) fn create_with_rights(path: &Path, rights: &str) -> io::Result<()> {
    let descriptor = Descriptor::new(rights)?;
    let attributes = SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: descriptor.0,
        bInheritHandle: 0,
    };
    // SAFETY: a string with a NUL at its end, and attributes that live through the call.
    if unsafe { CreateDirectoryW(wide(path).as_ptr(), &attributes) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Gives a directory this owner and these rights, and what is in it those that it inherits. A link is not followed: it was
/// looked at before ([`check`]).
#[expect(unsafe_code, reason = "std knows no access lists")]
pub(crate) fn set_rights(directory: &Path, rights: &str) -> io::Result<()> {
    let descriptor = Descriptor::new(rights)?;
    let (mut owner, mut list, mut flag) = (ptr::null_mut(), ptr::null_mut(), 0);
    // SAFETY: a valid descriptor, which the answer points into, and places for the answers.
    let told = unsafe {
        GetSecurityDescriptorOwner(descriptor.0, &mut owner, &mut flag) != 0
            && GetSecurityDescriptorDacl(descriptor.0, &mut flag, &mut list, &mut flag) != 0
    };
    if !told {
        return Err(io::Error::last_os_error());
    }
    let what = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
    let mut name = wide(directory);
    // SAFETY: a string with a NUL at its end, an owner and a list that live through the call, nulls for what stays.
    let status = unsafe {
        SetNamedSecurityInfoW(name.as_mut_ptr(), SE_FILE_OBJECT, what, owner, ptr::null_mut(), list, ptr::null())
    };
    if status == ERROR_SUCCESS { Ok(()) } else { Err(io::Error::from_raw_os_error(status.cast_signed())) }
}

/// Rights, as Windows keeps them.
struct Descriptor(PSECURITY_DESCRIPTOR);

impl Descriptor {
    #[expect(unsafe_code, reason = "std knows no access lists")]
    fn new(rights: &str) -> io::Result<Self> {
        let mut descriptor: PSECURITY_DESCRIPTOR = ptr::null_mut();
        // SAFETY: a string with a NUL at its end, and a place for the answer.
        let done = unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                wide(rights).as_ptr(),
                SDDL_REVISION_1,
                &mut descriptor,
                ptr::null_mut(),
            )
        };
        if done == 0 { Err(io::Error::last_os_error()) } else { Ok(Self(descriptor)) }
    }
}

impl Drop for Descriptor {
    #[expect(unsafe_code, reason = "the system allocated it")]
    fn drop(&mut self) {
        // SAFETY: the system says that this is how it is freed, and nothing of it is used any more.
        unsafe { LocalFree(self.0) };
    }
}

/// Whether this account may make something in a directory: by opening it for that, which makes nothing.
pub(crate) fn may_write(directory: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.access_mode(FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
    options.open(directory).map(drop)
}

/// This account, as a part of a file's name.
pub(crate) fn account_id() -> Option<String> {
    Account::current()?.identifier()
}

/// Whose rights this process has, for people.
pub(crate) fn account() -> String {
    let is_elevated = Account::current().is_some_and(|account| account.is_elevated());
    if is_elevated { "an admin's rights" } else { "a user's rights" }.to_owned()
}

/// Opens a version dir, and checks everything above it, and `interpreter` and `seal`, paths below it. `None`: it does not
/// exist.
///
/// # Errors
/// Which part of the path another account could change.
pub(crate) fn open_version(version_dir: &Path, interpreter: &Path, seal: &Path) -> Result<Option<File>, PathError> {
    let Ok(directory) = in_use::open_directory(version_dir) else { return Ok(None) };
    check_path(version_dir, INSIDE)?;
    for file in [seal, interpreter] {
        match check_one(&version_dir.join(file), Part::Inside) {
            // A start that does not find it restores it.
            Err(PathError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            result => result?,
        }
    }
    Ok(Some(directory))
}

/// Checks an existing directory, such as an install root, and all directories above it.
///
/// # Errors
/// Which part of the path another account could change. Also if it does not exist, since another account could create it the
/// next moment.
pub(crate) fn check(directory: &Path) -> Result<(), PathError> {
    check_path(directory, 1)
}

/// Creates a directory and those above it that are missing, and checks each as soon as it exists: nobody else can rename what is
/// ours.
///
/// # Errors
/// As above, and when one can't be made. Those above it may have been made.
pub(crate) fn make(directory: &Path, part: Part) -> Result<(), PathError> {
    let mut downwards: Vec<_> = directory.ancestors().filter(|path| !path.as_os_str().is_empty()).collect();
    downwards.reverse();
    for path in downwards {
        if fs::symlink_metadata(path).is_err() {
            ok_if_exists(fs::create_dir(path)).map_err(PathError::io("create", path))?;
        }
        check_one(path, if path == directory { part } else { Part::Above })?;
    }
    check_path(directory, usize::from(part == Part::Inside))
}

/// Checks the path to a directory as far as it exists: to report what a start would find. Before anything is written, the directory
/// is [made](make).
///
/// # Errors
/// As above.
pub(crate) fn check_existing(root: &Path) -> Result<(), PathError> {
    match root.ancestors().find(|path| fs::symlink_metadata(path).is_ok()) {
        Some(there) => check_path(there, usize::from(there == root)),
        None => Ok(()),
    }
}

/// Checks a directory and all above it, by the path as it is named and as it is without links. The lowest `inside` of them belong
/// to the install root.
fn check_path(path: &Path, inside: usize) -> Result<(), PathError> {
    check_each(path, inside)?;
    match fs::canonicalize(path) {
        Ok(real) if !is_same(&real, path) => check_each(&real, inside),
        _ => Ok(()),
    }
}

fn check_each(path: &Path, inside: usize) -> Result<(), PathError> {
    path.ancestors()
        .filter(|path| !path.as_os_str().is_empty())
        .enumerate()
        .try_for_each(|(above, path)| check_one(path, if above < inside { Part::Inside } else { Part::Above }))
}

fn check_one(path: &Path, part: Part) -> Result<(), PathError> {
    match security::objection(path, part) {
        Ok(None) => Ok(()),
        Ok(Some(why)) => Err(PathError::Unsafe { path: path.to_path_buf(), why }),
        Err(source) => Err(PathError::io("look at", path)(source)),
    }
}

/// Whether a path without links, which Windows spells `\\?\C:\…`, is the one that was named.
fn is_same(real: &Path, named: &Path) -> bool {
    let spelled = |path: &Path| path.as_os_str().to_ascii_lowercase().into_string().unwrap_or_default();
    let (real, named) = (spelled(real), spelled(named));
    let plain = |path: &str| match path.strip_prefix(r"\\?\unc\") {
        Some(share) => format!(r"\\{share}"),
        None => path.strip_prefix(r"\\?\").unwrap_or(path).to_owned(),
    };
    plain(&real) == plain(&named)
}

/// Whether an admin has enabled long paths, for programs whose manifest says that they can use them.
pub(crate) fn long_paths() -> Option<bool> {
    let key = Key::of_machine(r"SYSTEM\CurrentControlSet\Control\FileSystem");
    Some(key.number("LongPathsEnabled") == Some(1))
}

#[expect(unsafe_code, reason = "std does not offer it")]
pub(crate) fn room(root: &Path) -> Result<Room, PathError> {
    let mut free = 0;
    // SAFETY: a string with a NUL at its end, a place for one answer, and nulls for those not wanted.
    let done = unsafe { GetDiskFreeSpaceExW(wide(root).as_ptr(), &mut free, ptr::null_mut(), ptr::null_mut()) };
    if done == 0 {
        let source = io::Error::last_os_error();
        return Err(PathError::io("ask for the room in", root)(source));
    }
    Ok(Room { free, programs: true })
}

/// Whether the file system that a directory is on keeps access rights.
pub(super) fn has_access_lists(directory: &Path) -> bool {
    security::open(directory).is_ok_and(|found| security::has_access_lists(&found))
}
