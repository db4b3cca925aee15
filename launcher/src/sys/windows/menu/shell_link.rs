//! A shortcut, made by the system's own object for them
//! (<https://learn.microsoft.com/en-us/windows/win32/api/shobjidl_core/nn-shobjidl_core-ishelllinkw>).
//!
//! A .lnk file could be written directly, and tested on any machine ([MS-SHLLINK] has the format). But Explorer uses the list of
//! item identifiers in it, which that document does not describe, and no test here could check it.

use std::ffi::c_void;
use std::io;
use std::mem::ManuallyDrop;
use std::path::Path;
use std::ptr;

use windows::Win32::Storage::EnhancedStorage::PKEY_AppUserModel_ID;
use windows::Win32::System::Com::StructuredStorage::{PROPVARIANT, PROPVARIANT_0, PROPVARIANT_0_0, PROPVARIANT_0_0_0};
use windows::Win32::System::Com::{
    CLSCTX_INPROC_SERVER, COINIT_APARTMENTTHREADED, COINIT_DISABLE_OLE1DDE, IPersistFile,
};
use windows::Win32::System::Variant::VT_LPWSTR;
use windows::Win32::UI::Shell::PropertiesSystem::IPropertyStore;
use windows::Win32::UI::Shell::{IShellLinkW, ShellLink};
use windows::core::{Error, GUID, HRESULT, HSTRING, Interface as _, PWSTR};

// The crate `windows` imports them from `ole32.dll`, as documents do. They are in this library since Windows 8, which is loaded at
// every start anyway.
#[expect(unsafe_code, reason = "functions of the system")]
#[link(name = "combase", kind = "raw-dylib")]
unsafe extern "system" {
    fn CoInitializeEx(reserved: *const c_void, how: u32) -> HRESULT;
    fn CoCreateInstance(
        class: *const GUID,
        outer: *mut c_void,
        context: u32,
        interface: *const GUID,
        object: *mut *mut c_void,
    ) -> HRESULT;
}

/// Writes a shortcut to `target`, with its icon, which starts it in `directory`. Its identity for the taskbar is `identity`, if the
/// system has that property (Wine has not).
pub(crate) fn write(to: &Path, target: &Path, directory: &Path, identity: &str) -> io::Result<()> {
    write_link(to, target, directory, identity).map_err(|error| io::Error::from_raw_os_error(error.code().0))
}

#[expect(unsafe_code, reason = "std offers no objects")]
fn write_link(to: &Path, target: &Path, directory: &Path, identity: &str) -> Result<(), Error> {
    let (to, target) = (HSTRING::from(to.as_os_str()), HSTRING::from(target.as_os_str()));
    let link = new_link()?;
    // SAFETY: strings with a NUL at their ends, which the object copies.
    unsafe {
        link.SetPath(&target)?;
        link.SetWorkingDirectory(&HSTRING::from(directory.as_os_str()))?;
        link.SetIconLocation(&target, 0)?;
    }
    if let Ok(store) = link.cast::<IPropertyStore>() {
        let identity = HSTRING::from(identity);
        // SAFETY: a key and a value, which the object copies.
        unsafe {
            let _ = store.SetValue(&PKEY_AppUserModel_ID, &*borrowed_text(&identity));
            let _ = store.Commit();
        }
    }
    // SAFETY: a string with a NUL at its end.
    unsafe { link.cast::<IPersistFile>()?.Save(&to, true) }
}

#[expect(unsafe_code, reason = "std offers no objects")]
fn new_link() -> Result<IShellLinkW, Error> {
    let mut object = ptr::null_mut();
    let how = COINIT_APARTMENTTHREADED.0 | COINIT_DISABLE_OLE1DDE.0;
    // SAFETY: a null where one is wanted. It fails if this thread has been initialised already, which is just as good.
    let _ = unsafe { CoInitializeEx(ptr::null(), how.cast_unsigned()) };
    // SAFETY: identifiers, no outer object, and a place for the answer: an object of this interface, which is ours.
    unsafe {
        CoCreateInstance(&ShellLink, ptr::null_mut(), CLSCTX_INPROC_SERVER.0, &IShellLinkW::IID, &mut object).ok()?;
        Ok(IShellLinkW::from_raw(object))
    }
}

/// A value that borrows the text, so it must not be dropped: that would free the text.
fn borrowed_text(text: &HSTRING) -> ManuallyDrop<PROPVARIANT> {
    let text = PROPVARIANT_0_0_0 { pwszVal: PWSTR(text.as_ptr().cast_mut()) };
    let value = PROPVARIANT_0_0 { vt: VT_LPWSTR, Anonymous: text, ..PROPVARIANT_0_0::default() };
    ManuallyDrop::new(PROPVARIANT { Anonymous: PROPVARIANT_0 { Anonymous: ManuallyDrop::new(value) } })
}
