//! Owners, access lists, accounts.

use std::ffi::c_void;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::Path;
use std::ptr;

use windows_sys::Win32::Foundation::{CloseHandle, ERROR_SUCCESS, HANDLE, LocalFree};
use windows_sys::Win32::Security::Authorization::{ConvertSidToStringSidW, GetSecurityInfo, SE_FILE_OBJECT};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACL, DACL_SECURITY_INFORMATION, EqualSid, GetAce, GetTokenInformation, IsWellKnownSid,
    LookupAccountSidW, OWNER_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, PSID, TOKEN_ELEVATION, TOKEN_QUERY,
    TOKEN_USER, TokenElevation, TokenUser, WinAccountAdministratorSid, WinBuiltinAdministratorsSid,
    WinCreatorOwnerRightsSid, WinCreatorOwnerSid, WinLocalSystemSid,
};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_READ_ATTRIBUTES, GetVolumeInformationByHandleW,
    READ_CONTROL,
};
use windows_sys::Win32::System::SystemServices::FILE_PERSISTENT_ACLS;
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use crate::sys::access::Part;
use crate::sys::access::rights::{self, Entry, Who};
use crate::sys::windows::utf16::copied;

/// Owns Windows' own files, `C:\` among them
/// (<https://learn.microsoft.com/en-us/windows/security/identity-protection/access-control/security-identifiers>).
const TRUSTED_INSTALLER: &str = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";

/// Why another account could change or replace a file or directory. A link (such as a junction) itself is checked, not what it
/// leads to.
///
/// # Errors
/// When it does not exist, or can't be opened.
pub(crate) fn objection(path: &Path, part: Part) -> io::Result<Option<String>> {
    let found = open(path)?;
    // A file system without access lists (a memory stick's) has no owners either.
    if !has_access_lists(&found) {
        return Ok(None);
    }
    let security = Security::from_file(&found)?;
    Ok(rights::objection(part, &security.owner(), security.entries().as_deref()))
}

/// Whether an admin owns what is there.
///
/// # Errors
/// When nothing is there, or it can't be opened.
pub(crate) fn is_admins(path: &Path) -> io::Result<bool> {
    Ok(is_admin(Security::from_file(&open(path)?)?.owner))
}

/// Whether this account or an admin owns what is there.
pub(crate) fn is_owned(path: &Path) -> bool {
    open(path).and_then(|file| Security::from_file(&file)).is_ok_and(|found| found.owner() == Who::Trusted)
}

pub(super) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.access_mode(READ_CONTROL | FILE_READ_ATTRIBUTES);
    options.custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT).open(path)
}

#[expect(unsafe_code, reason = "std knows no volumes")]
pub(super) fn has_access_lists(file: &File) -> bool {
    let mut flags = 0;
    // SAFETY: an open handle, a place for one answer, and nulls for those not wanted.
    let done = unsafe {
        GetVolumeInformationByHandleW(
            file.as_raw_handle(),
            ptr::null_mut(),
            0,
            ptr::null_mut(),
            ptr::null_mut(),
            &mut flags,
            ptr::null_mut(),
            0,
        )
    };
    done == 0 || flags & FILE_PERSISTENT_ACLS != 0
}

/// Owner and access list of a file or directory.
struct Security {
    owner: PSID,
    access: *const ACL,
    descriptor: PSECURITY_DESCRIPTOR,
}

impl Security {
    #[expect(unsafe_code, reason = "std knows no owners")]
    fn from_file(file: &File) -> io::Result<Self> {
        let (mut owner, mut access, mut descriptor) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        // SAFETY: an open handle, places for three answers, and nulls for those not wanted.
        let status = unsafe {
            GetSecurityInfo(
                file.as_raw_handle(),
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

    fn owner(&self) -> Who {
        who(self.owner)
    }

    /// `None` when there is no list.
    #[expect(unsafe_code, reason = "std knows no access lists")]
    fn entries(&self) -> Option<Vec<Entry>> {
        // SAFETY: null, or a list that lives in our descriptor.
        let list = unsafe { self.access.as_ref() }?;
        let entry = |at| {
            let mut entry: *mut c_void = ptr::null_mut();
            // SAFETY: the list, an index below its length, and a place for the answer.
            if unsafe { GetAce(self.access, at, &mut entry) } == 0 {
                return None;
            }
            let entry = entry.cast::<ACCESS_ALLOWED_ACE>();
            // SAFETY: every entry starts with a header and a mask. Those of the types that are looked at have the account's
            // identifier in place of `SidStart`; `rights` takes no notice of others, nor does `who` look at theirs.
            let (header, mask, account) =
                unsafe { ((*entry).Header, (*entry).Mask, (&raw mut (*entry).SidStart).cast::<c_void>()) };
            let who = if header.AceType == 0 { who(account) } else { Who::Trusted };
            Some(Entry { kind: header.AceType, flags: header.AceFlags, mask, who })
        };
        Some((0..u32::from(list.AceCount)).filter_map(entry).collect())
    }
}

impl Drop for Security {
    #[expect(unsafe_code, reason = "the system allocated it")]
    fn drop(&mut self) {
        // SAFETY: the system says that this is how the descriptor is freed, and nothing of it is used any more.
        unsafe { LocalFree(self.descriptor) };
    }
}

fn who(account: PSID) -> Who {
    if is_us(account) || is_admin(account) { Who::Trusted } else { Who::Other(name(account)) }
}

/// Whether it is this process's account, or stands for the owner of the file, who is checked, too.
#[expect(unsafe_code, reason = "std knows no accounts")]
fn is_us(account: PSID) -> bool {
    let stands_for_the_owner = [WinCreatorOwnerSid, WinCreatorOwnerRightsSid]
        .into_iter()
        // SAFETY: an identifier that lives through the call.
        .any(|kind| unsafe { IsWellKnownSid(account, kind) } != 0);
    // SAFETY: both live through the call.
    let is_ours = |process: Account| unsafe { EqualSid(account, process.sid()) } != 0;
    stands_for_the_owner || Account::current().is_some_and(is_ours)
}

#[expect(unsafe_code, reason = "std knows no accounts")]
fn is_admin(account: PSID) -> bool {
    [WinBuiltinAdministratorsSid, WinLocalSystemSid, WinAccountAdministratorSid]
        .into_iter()
        // SAFETY: an identifier that lives through the call.
        .any(|kind| unsafe { IsWellKnownSid(account, kind) } != 0)
        || identifier(account).is_some_and(|text| text == TRUSTED_INSTALLER)
}

/// `S-1-5-…`
#[expect(unsafe_code, reason = "std knows no accounts")]
fn identifier(account: PSID) -> Option<String> {
    let mut text = ptr::null_mut();
    // SAFETY: an account's identifier, and a place for the answer.
    let done = unsafe { ConvertSidToStringSidW(account, &mut text) };
    // SAFETY: null, or a string with a NUL at its end.
    let found = unsafe { copied(text) }.filter(|_| done != 0);
    // SAFETY: null, or allocated by the call above, which says that this is how it is freed.
    unsafe { LocalFree(text.cast()) };
    found?.into_string().ok()
}

/// `MACHINE\account`, or the identifier if the system has no name for it.
#[expect(unsafe_code, reason = "std knows no accounts")]
fn name(account: PSID) -> String {
    const LONGEST: usize = 256;
    let (mut name, mut domain) = ([0_u16; LONGEST], [0_u16; LONGEST]);
    let (mut name_length, mut domain_length, mut kind) = (LONGEST as u32, LONGEST as u32, 0);
    // SAFETY: an identifier, buffers of the lengths that are told, and a place for an answer.
    let done = unsafe {
        LookupAccountSidW(
            ptr::null(),
            account,
            name.as_mut_ptr(),
            &mut name_length,
            domain.as_mut_ptr(),
            &mut domain_length,
            &mut kind,
        )
    };
    let text = |units: &[u16], length: u32| String::from_utf16(units.get(..length as usize)?).ok();
    let found = (done != 0).then(|| Some((text(&domain, domain_length)?, text(&name, name_length)?))).flatten();
    match found {
        Some((domain, name)) if domain.is_empty() => name,
        Some((domain, name)) => format!("{domain}\\{name}"),
        None => identifier(account).unwrap_or_else(|| "an unknown account".to_owned()),
    }
}

/// The account of this process.
pub(crate) struct Account {
    token: HANDLE,
    /// A `TOKEN_USER` with the identifier that it points to behind it.
    user: Vec<u64>,
}

impl Account {
    #[expect(unsafe_code, reason = "std knows no accounts")]
    pub(crate) fn current() -> Option<Self> {
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

    /// `S-1-5-…`
    pub(crate) fn identifier(&self) -> Option<String> {
        identifier(self.sid())
    }

    #[expect(unsafe_code, reason = "the system's layout")]
    fn sid(&self) -> PSID {
        // SAFETY: the buffer was filled with this structure, is large enough for it, and aligned.
        unsafe { (*self.user.as_ptr().cast::<TOKEN_USER>()).User.Sid }
    }

    #[expect(unsafe_code, reason = "std knows no rights")]
    pub(crate) fn is_elevated(&self) -> bool {
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
