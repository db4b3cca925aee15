//! A shortcut, made by the system's own object for them
//! (<https://learn.microsoft.com/en-us/windows/win32/api/shobjidl_core/nn-shobjidl_core-ishelllinkw>).
//!
//! A .lnk file could be written directly, and tested on any machine ([MS-SHLLINK] has the format). But Explorer uses the list of
//! item identifiers in it, which that document does not describe, and no test here could check it. The object costs 1.5 KB.
//!
//! `windows-sys` has no methods of objects. They are called by their place in the object's table, which is theirs for ever.

use std::ffi::c_void;
use std::io;
use std::path::Path;
use std::ptr;

use windows_sys::core::GUID;

use crate::sys::windows::utf16::wide;

const SHELL_LINK: GUID = GUID::from_u128(0x00021401_0000_0000_c000_000000000046);
const ISHELL_LINK_W: GUID = GUID::from_u128(0x000214f9_0000_0000_c000_000000000046);
const IPERSIST_FILE: GUID = GUID::from_u128(0x0000010b_0000_0000_c000_000000000046);
const IPROPERTY_STORE: GUID = GUID::from_u128(0x886d8eeb_8cf2_4446_8d02_cdba1dbdcf99);

/// Places in the tables: of `IUnknown`, which every table begins with, `IShellLinkW`, `IPersistFile`, `IPropertyStore`.
const QUERY_INTERFACE: usize = 0;
const RELEASE: usize = 2;
const SET_WORKING_DIRECTORY: usize = 9;
const SET_ICON_LOCATION: usize = 17;
const SET_PATH: usize = 20;
const SAVE: usize = 6;
const SET_VALUE: usize = 6;
const COMMIT: usize = 7;

type Of0 = unsafe extern "system" fn(*mut c_void) -> i32;
type Of1 = unsafe extern "system" fn(*mut c_void, *const c_void) -> i32;
type OfTextAndNumber = unsafe extern "system" fn(*mut c_void, *const u16, i32) -> i32;
type Of2 = unsafe extern "system" fn(*mut c_void, *const c_void, *const c_void) -> i32;

// Where `ole32.dll`, which documents name, has them from since Windows 8; it is loaded at every start anyway.
#[expect(unsafe_code, reason = "functions of the system")]
#[link(name = "combase", kind = "raw-dylib")]
unsafe extern "system" {
    fn CoInitializeEx(reserved: *const c_void, how: u32) -> i32;
    fn CoCreateInstance(
        class: *const GUID,
        outer: *mut c_void,
        context: u32,
        interface: *const GUID,
        object: *mut *mut c_void,
    ) -> i32;
}

/// `PROPERTYKEY`.
#[repr(C)]
struct PropertyKey {
    set: GUID,
    number: u32,
}

/// `System.AppUserModel.ID` (propkey.h).
static APP_USER_MODEL_ID: PropertyKey =
    PropertyKey { set: GUID::from_u128(0x9f4c2855_9f79_4b39_a8d0_e1d42de1d5f3), number: 5 };

/// A `PROPVARIANT` that holds a string.
#[repr(C)]
struct Text {
    kind: u16,
    reserved: [u16; 3],
    text: *const u16,
    unused: usize,
}

/// `VT_LPWSTR`.
const STRING: u16 = 31;

/// Writes a shortcut to `target`, with its icon, which starts it in `directory`. Its identity for the taskbar is `identity`, if the
/// system has that property (Wine has not).
#[expect(unsafe_code, reason = "std knows no objects")]
pub(crate) fn write(to: &Path, target: &Path, directory: &Path, identity: &str) -> io::Result<()> {
    const APARTMENT_WITHOUT_DDE: u32 = 0x2 | 0x4;
    let (to, target, directory) = (wide(to), wide(target), wide(directory));
    let identity = wide(identity);
    // SAFETY: a null where one is wanted. If this thread has it already, all the better.
    unsafe { CoInitializeEx(ptr::null(), APARTMENT_WITHOUT_DDE) };
    let link = Object::shell_link()?;
    // SAFETY: methods of `IShellLinkW` with their own types; strings with a NUL at their ends, which are copied.
    unsafe {
        done(link.method::<Of1>(SET_PATH)(link.0, target.as_ptr().cast()))?;
        done(link.method::<Of1>(SET_WORKING_DIRECTORY)(link.0, directory.as_ptr().cast()))?;
        done(link.method::<OfTextAndNumber>(SET_ICON_LOCATION)(link.0, target.as_ptr(), 0))?;
    }
    if let Ok(store) = link.query(&IPROPERTY_STORE) {
        let value = Text { kind: STRING, reserved: [0; 3], text: identity.as_ptr(), unused: 0 };
        // SAFETY: methods of `IPropertyStore`; a key and a value, which is copied.
        unsafe {
            store.method::<Of2>(SET_VALUE)(store.0, (&raw const APP_USER_MODEL_ID).cast(), (&raw const value).cast());
            store.method::<Of0>(COMMIT)(store.0);
        }
    }
    let file = link.query(&IPERSIST_FILE)?;
    // SAFETY: a method of `IPersistFile`; a string with a NUL at its end.
    done(unsafe { file.method::<OfTextAndNumber>(SAVE)(file.0, to.as_ptr(), 1) })
}

/// One interface of an object, released at the end.
struct Object(*mut c_void);

impl Object {
    #[expect(unsafe_code, reason = "std knows no objects")]
    fn shell_link() -> io::Result<Self> {
        const IN_THIS_PROCESS: u32 = 1;
        let mut object = ptr::null_mut();
        // SAFETY: identifiers, no outer object, and a place for the answer.
        done(unsafe { CoCreateInstance(&SHELL_LINK, ptr::null_mut(), IN_THIS_PROCESS, &ISHELL_LINK_W, &mut object) })?;
        Ok(Self(object))
    }

    #[expect(unsafe_code, reason = "std knows no objects")]
    fn query(&self, interface: &GUID) -> io::Result<Self> {
        let mut object: *mut c_void = ptr::null_mut();
        // SAFETY: an identifier, and a place for the answer.
        done(unsafe {
            self.method::<Of2>(QUERY_INTERFACE)(self.0, ptr::from_ref(interface).cast(), (&raw mut object).cast())
        })?;
        Ok(Self(object))
    }

    /// # Safety
    /// The method at this place of the interface's table is such a function.
    #[expect(unsafe_code, reason = "std knows no objects")]
    unsafe fn method<F: Copy>(&self, place: usize) -> F {
        // SAFETY: an object begins with a pointer to its table, which is one of functions.
        unsafe { *(*self.0.cast::<*const *const c_void>()).add(place).cast::<F>() }
    }
}

impl Drop for Object {
    #[expect(unsafe_code, reason = "std knows no objects")]
    fn drop(&mut self) {
        // SAFETY: ours to release, and not used any more.
        unsafe { self.method::<Of0>(RELEASE)(self.0) };
    }
}

fn done(result: i32) -> io::Result<()> {
    if result < 0 { Err(io::Error::from_raw_os_error(result)) } else { Ok(()) }
}
