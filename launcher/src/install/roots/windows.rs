//! Owners, access lists, free room.
//!
//! Whose rights matter depends on who runs: what a user installs for himself is his own risk, below a profile that others
//! can't write anyway. For an account with an admin's rights (a service, an elevated prompt) a directory in which ordinary
//! users may create files is a way to those rights, and Windows makes such directories by default right below `C:\`.

use std::ffi::c_void;
use std::fs::OpenOptions;
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::ptr;

use windows_sys::Win32::Foundation::{CloseHandle, ERROR_ALREADY_EXISTS, ERROR_SUCCESS, HANDLE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, ConvertStringSecurityDescriptorToSecurityDescriptorW, GetNamedSecurityInfoW,
    SDDL_REVISION_1, SE_FILE_OBJECT,
};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACL, DACL_SECURITY_INFORMATION, EqualSid, GetAce, GetTokenInformation, IsWellKnownSid,
    OWNER_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, PSID, SECURITY_ATTRIBUTES, TOKEN_ELEVATION, TOKEN_QUERY,
    TOKEN_USER, TokenElevation, TokenUser, WinAuthenticatedUserSid, WinBuiltinAdministratorsSid, WinBuiltinUsersSid,
    WinLocalSystemSid, WinWorldSid,
};
use windows_sys::Win32::Storage::FileSystem::{
    CreateDirectoryW, FILE_ADD_FILE, FILE_ADD_SUBDIRECTORY, FILE_FLAG_BACKUP_SEMANTICS, GetDiskFreeSpaceExW,
};
use windows_sys::Win32::System::Registry::{HKEY_LOCAL_MACHINE, RRF_RT_REG_DWORD, RegGetValueW};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};
use windows_sys::Win32::UI::Shell::FOLDERID_ProgramFiles;
use windows_sys::core::{PCWSTR, w};

use super::rights::{self, Rights};
use super::{Refusal, Room, layout};
use crate::install::system::{known_folder, string};

/// Full control for the owner, the system and admins, and for nobody else; nothing inherited from above
/// (<https://learn.microsoft.com/en-us/windows/win32/secauthz/ace-strings>).
const PRIVATE: &str = "D:P(A;OICI;FA;;;OW)(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";

/// Whether an admin owns what is there; an error when nothing is.
pub(super) fn is_admins(path: &Path) -> io::Result<bool> {
    Security::of(path).map(|found| found.owner_is_admin())
}

pub(super) fn machine_wide() -> Option<PathBuf> {
    known_folder(&FOLDERID_ProgramFiles)
}

/// This account's own directory among the temporary files, whether or not it is there.
#[expect(unsafe_code, reason = "std knows no accounts")]
pub(super) fn temporary() -> Option<PathBuf> {
    let account = Account::of_process()?;
    let mut text = ptr::null_mut();
    // SAFETY: an account's identifier, and a place for the answer.
    let done = unsafe { ConvertSidToStringSidW(account.sid(), &mut text) };
    // SAFETY: null, or a string with a NUL at its end. It is freed with the process.
    let name = unsafe { string(text) }.filter(|_| done != 0)?;
    Some(layout::temporary(name.to_str()?))
}

/// Whether a directory is there, and was made by this account.
pub(super) fn is_private(path: &Path) -> bool {
    path.is_dir() && !path.is_symlink() && Security::of(path).is_ok_and(|found| found.owner_is_us_or_admin())
}

/// Makes a directory that is nobody else's in any way; an error when something else is there.
#[expect(unsafe_code, reason = "std makes no directories with an access list")]
pub(super) fn make_private(path: &Path) -> Result<(), Refusal> {
    let failed = |source| Refusal::Io { action: "create", path: path.to_path_buf(), source };
    let mut descriptor: PSECURITY_DESCRIPTOR = ptr::null_mut();
    // SAFETY: a string with a NUL at its end, and a place for the answer, which is freed with the process.
    let done = unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(
            wide(PRIVATE.as_ref()).as_ptr(),
            SDDL_REVISION_1,
            &mut descriptor,
            ptr::null_mut(),
        )
    };
    if done == 0 {
        return Err(failed(io::Error::last_os_error()));
    }
    let attributes = SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: descriptor,
        bInheritHandle: 0,
    };
    // SAFETY: a string with a NUL at its end, and attributes that live through the call.
    if unsafe { CreateDirectoryW(wide(path.as_os_str()).as_ptr(), &attributes) } != 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    if error.raw_os_error() != Some(ERROR_ALREADY_EXISTS.cast_signed()) {
        return Err(failed(error));
    }
    if is_private(path) { Ok(()) } else { Err(not_private(path)) }
}

pub(super) fn not_private(path: &Path) -> Refusal {
    let why = "was there already, and is not a directory of this account's".to_owned();
    Refusal::Unsafe { path: path.to_path_buf(), why }
}

/// Whether this account may make something in a directory: by opening it for that, which makes nothing.
pub(super) fn may_write(directory: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.access_mode(FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
    options.open(directory).map(drop)
}

pub(super) fn account() -> String {
    let is_elevated = Account::of_process().is_some_and(|account| account.is_elevated());
    if is_elevated { "an admin's rights" } else { "a user's rights" }.to_owned()
}

/// Whether another account could put something else in the place of what we install.
pub(super) fn objection(root: &Path) -> Result<(), Refusal> {
    let there = root.ancestors().find(|path| path.exists()).unwrap_or(root);
    // A file system without access lists (a memory stick) has no owners either; whoever holds the stick owns it.
    let Ok(found) = Security::of(there) else { return Ok(()) };
    let why = rights::objection(Rights {
        is_root: there == root,
        is_foreign: !found.owner_is_us_or_admin(),
        is_open: found.ordinary_users_may_write(),
        we_are_elevated: Account::of_process().is_some_and(|account| account.is_elevated()),
    });
    why.map_or(Ok(()), |why| Err(Refusal::Unsafe { path: there.to_path_buf(), why: why.to_owned() }))
}

/// Its access list keeps everybody else out, wherever it lies.
pub(super) fn objection_to_private(_path: &Path) -> Result<(), Refusal> {
    Ok(())
}

/// Whether an admin has switched long paths on, for programs that say that they can use them.
#[expect(unsafe_code, reason = "std reads no registry")]
pub(super) fn long_paths() -> Option<bool> {
    const KEY: PCWSTR = w!(r"SYSTEM\CurrentControlSet\Control\FileSystem");
    let mut enabled = 0_u32;
    let mut size = size_of_val(&enabled) as u32;
    // SAFETY: strings with a NUL at their end, a place for the answer with its size, and a null for what is not wanted.
    let status = unsafe {
        RegGetValueW(
            HKEY_LOCAL_MACHINE,
            KEY,
            w!("LongPathsEnabled"),
            RRF_RT_REG_DWORD,
            ptr::null_mut(),
            (&raw mut enabled).cast(),
            &mut size,
        )
    };
    Some(status == ERROR_SUCCESS && enabled == 1)
}

#[expect(unsafe_code, reason = "std does not offer it")]
pub(super) fn room(root: &Path) -> Result<Room, Refusal> {
    let mut free = 0;
    // SAFETY: a string with a NUL at its end, a place for one answer, and nulls for those not wanted.
    let done =
        unsafe { GetDiskFreeSpaceExW(wide(root.as_os_str()).as_ptr(), &mut free, ptr::null_mut(), ptr::null_mut()) };
    if done == 0 {
        let source = io::Error::last_os_error();
        return Err(Refusal::Io { action: "ask for the room in", path: root.to_path_buf(), source });
    }
    Ok(Room { free, programs: true })
}

/// Owner and access list of a file or directory.
struct Security {
    owner: PSID,
    access: *const ACL,
    descriptor: PSECURITY_DESCRIPTOR,
}

impl Security {
    #[expect(unsafe_code, reason = "std knows no owners")]
    fn of(path: &Path) -> io::Result<Self> {
        let (mut owner, mut access, mut descriptor) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        // SAFETY: a string with a NUL at its end, places for three answers, and nulls for those not wanted.
        let status = unsafe {
            GetNamedSecurityInfoW(
                wide(path.as_os_str()).as_ptr(),
                SE_FILE_OBJECT,
                OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                &mut owner,
                ptr::null_mut(),
                &mut access,
                ptr::null_mut(),
                &mut descriptor,
            )
        };
        if status != ERROR_SUCCESS {
            return Err(io::Error::from_raw_os_error(status.cast_signed()));
        }
        Ok(Self { owner, access, descriptor })
    }

    #[expect(unsafe_code, reason = "std knows no accounts")]
    fn owner_is_admin(&self) -> bool {
        // SAFETY: the owner lives in our descriptor.
        [WinBuiltinAdministratorsSid, WinLocalSystemSid]
            .into_iter()
            .any(|kind| unsafe { IsWellKnownSid(self.owner, kind) } != 0)
    }

    #[expect(unsafe_code, reason = "std knows no accounts")]
    fn owner_is_us_or_admin(&self) -> bool {
        // SAFETY: both live through the call.
        let ours = |account: Account| unsafe { EqualSid(self.owner, account.sid()) } != 0;
        self.owner_is_admin() || Account::of_process().is_some_and(ours)
    }

    /// Whether one of the groups that every user is in may add, replace or remove something. No list at all means that
    /// everybody may.
    #[expect(unsafe_code, reason = "std knows no access lists")]
    fn ordinary_users_may_write(&self) -> bool {
        // SAFETY: null, or a list that lives in our descriptor.
        let Some(list) = (unsafe { self.access.as_ref() }) else { return true };
        (0..u32::from(list.AceCount)).any(|at| {
            let mut entry: *mut c_void = ptr::null_mut();
            // SAFETY: the list, an index below its length, and a place for the answer.
            if unsafe { GetAce(self.access, at, &mut entry) } == 0 {
                return false;
            }
            let entry = entry.cast::<ACCESS_ALLOWED_ACE>();
            // SAFETY: every entry starts with a header.
            let header = unsafe { (*entry).Header };
            // Only one of this type has the layout below.
            if !rights::allows(header.AceType, header.AceFlags) {
                return false;
            }
            // SAFETY: its type says that it has this layout, with the account's identifier in place of `SidStart`.
            let (mask, account) = unsafe { ((*entry).Mask, (&raw mut (*entry).SidStart).cast::<c_void>()) };
            let is_everyones = [WinWorldSid, WinBuiltinUsersSid, WinAuthenticatedUserSid]
                .into_iter()
                // SAFETY: an identifier that lives in our descriptor.
                .any(|kind| unsafe { IsWellKnownSid(account, kind) } != 0);
            is_everyones && rights::is_to_write(mask)
        })
    }
}

impl Drop for Security {
    #[expect(unsafe_code, reason = "the system allocated it")]
    fn drop(&mut self) {
        // SAFETY: the system says that this is how the descriptor is freed, and nothing of it is used any more.
        unsafe { LocalFree(self.descriptor) };
    }
}

/// Whose rights this process has.
struct Account {
    token: HANDLE,
    /// A `TOKEN_USER` with the identifier that it points to behind it.
    user: Vec<u64>,
}

impl Account {
    #[expect(unsafe_code, reason = "std knows no accounts")]
    fn of_process() -> Option<Self> {
        let mut token = ptr::null_mut();
        // SAFETY: the handle of this process is always valid; a place for the answer.
        if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &mut token) } == 0 {
            return None;
        }
        // An identifier has at most 68 bytes (SECURITY_MAX_SID_SIZE).
        let mut account = Self { token, user: vec![0; 16] };
        let size = (account.user.len() * 8) as u32;
        let mut used = 0;
        // SAFETY: our token, and a buffer of the size that is told.
        let done = unsafe { GetTokenInformation(token, TokenUser, account.user.as_mut_ptr().cast(), size, &mut used) };
        (done != 0).then_some(account)
    }

    #[expect(unsafe_code, reason = "the system's layout")]
    fn sid(&self) -> PSID {
        // SAFETY: the buffer was filled with this structure, is large enough for it, and aligned.
        unsafe { (*self.user.as_ptr().cast::<TOKEN_USER>()).User.Sid }
    }

    #[expect(unsafe_code, reason = "std knows no rights")]
    fn is_elevated(&self) -> bool {
        let mut elevation = TOKEN_ELEVATION { TokenIsElevated: 0 };
        let size = size_of::<TOKEN_ELEVATION>() as u32;
        let mut used = 0;
        // SAFETY: our token, and the structure that belongs to the class, with its size.
        let done =
            unsafe { GetTokenInformation(self.token, TokenElevation, (&raw mut elevation).cast(), size, &mut used) };
        done != 0 && elevation.TokenIsElevated != 0
    }
}

impl Drop for Account {
    #[expect(unsafe_code, reason = "a handle that std does not know")]
    fn drop(&mut self) {
        // SAFETY: our handle, not used any more.
        unsafe { CloseHandle(self.token) };
    }
}

fn wide(text: &std::ffi::OsStr) -> Vec<u16> {
    text.encode_wide().chain([0]).collect()
}
