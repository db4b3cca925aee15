//! Processes that this one starts. (std's `Command` can't pass startup information on, and all that it can do would be a
//! twentieth of the launcher.)

use std::ffi::c_void;
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::{HANDLE, WAIT_OBJECT_0, WAIT_TIMEOUT};
use windows_sys::Win32::System::JobObjects::{
    CreateJobObjectW, JOB_OBJECT_LIMIT, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
    JobObjectExtendedLimitInformation, SetInformationJobObject,
};
use windows_sys::Win32::System::Threading::{
    CreateProcessW, DeleteProcThreadAttributeList, EXTENDED_STARTUPINFO_PRESENT, GetExitCodeProcess,
    InitializeProcThreadAttributeList, PROC_THREAD_ATTRIBUTE_JOB_LIST, PROCESS_CREATION_FLAGS, PROCESS_INFORMATION,
    STARTUPINFOEXW, STARTUPINFOW, UpdateProcThreadAttribute, WaitForSingleObject,
};

/// How to start a program. Texts have a NUL at their ends.
pub(super) struct Program<'a> {
    /// Its full path; nothing is searched.
    pub(super) path: &'a [u16],
    /// Where it works; this process's directory if that is `None`.
    pub(super) directory: Option<&'a [u16]>,
    pub(super) flags: PROCESS_CREATION_FLAGS,
    pub(super) inherits_handles: bool,
    pub(super) startup: &'a STARTUPINFOW,
}

/// A process that was started.
pub(super) struct Child(OwnedHandle);

impl Child {
    /// Starts it with this command line, which has a NUL at its end.
    pub(super) fn start(program: &Program<'_>, line: &mut [u16]) -> io::Result<Self> {
        let startup = STARTUPINFOEXW { StartupInfo: *program.startup, lpAttributeList: ptr::null_mut() };
        Self::create(program, line, &startup, 0)
    }

    #[expect(unsafe_code, reason = "std can't pass startup information on")]
    fn create(
        program: &Program<'_>,
        line: &mut [u16],
        startup: &STARTUPINFOEXW,
        flags: PROCESS_CREATION_FLAGS,
    ) -> io::Result<Self> {
        let mut created = PROCESS_INFORMATION::default();
        // SAFETY: strings with a NUL at their ends, the second one writable; startup information of the kind that the flags
        // tell, whose pointers live through the call; nulls where they are allowed; a place for the answer.
        let done = unsafe {
            CreateProcessW(
                program.path.as_ptr(),
                line.as_mut_ptr(),
                ptr::null(),
                ptr::null(),
                i32::from(program.inherits_handles),
                program.flags | flags,
                ptr::null(),
                program.directory.map_or(ptr::null(), <[u16]>::as_ptr),
                ptr::from_ref(startup).cast(),
                &mut created,
            )
        };
        if done == 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call succeeded, so both are handles and ours alone. The thread's is closed at once.
        let (process, _thread) =
            unsafe { (OwnedHandle::from_raw_handle(created.hProcess), OwnedHandle::from_raw_handle(created.hThread)) };
        Ok(Self(process))
    }

    /// Its handle.
    pub(super) fn handle(&self) -> HANDLE {
        self.0.as_raw_handle()
    }

    /// Its exit code; none if it still runs after so many milliseconds.
    #[expect(unsafe_code, reason = "the process was not started by std")]
    pub(super) fn wait(&self, milliseconds: u32) -> io::Result<Option<u32>> {
        // SAFETY: a process handle that lives through the call.
        match unsafe { WaitForSingleObject(self.0.as_raw_handle(), milliseconds) } {
            WAIT_OBJECT_0 => {}
            WAIT_TIMEOUT => return Ok(None),
            _ => return Err(io::Error::last_os_error()),
        }
        let mut code = 0;
        // SAFETY: as above, and a place for the answer.
        if unsafe { GetExitCodeProcess(self.0.as_raw_handle(), &mut code) } == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Some(code))
    }
}

/// A job that ends its processes when the last handle to it is closed.
pub(super) struct Job(OwnedHandle);

impl Job {
    /// One with these limits besides.
    #[expect(unsafe_code, reason = "std has no jobs")]
    pub(super) fn new(limits_besides: JOB_OBJECT_LIMIT) -> io::Result<Self> {
        // SAFETY: nulls mean "not inheritable" and "no name".
        let raw = unsafe { CreateJobObjectW(ptr::null(), ptr::null()) };
        if raw.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call succeeded, so this is a handle and ours alone.
        let job = unsafe { OwnedHandle::from_raw_handle(raw) };
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | limits_besides;
        let size = u32::try_from(size_of_val(&limits)).map_err(io::Error::other)?;
        // SAFETY: the structure that belongs to the class, with its size.
        let done = unsafe {
            SetInformationJobObject(
                job.as_raw_handle(),
                JobObjectExtendedLimitInformation,
                ptr::from_ref(&limits).cast::<c_void>(),
                size,
            )
        };
        if done == 0 { Err(io::Error::last_os_error()) } else { Ok(Self(job)) }
    }

    /// Its handle.
    pub(super) fn handle(&self) -> HANDLE {
        self.0.as_raw_handle()
    }

    /// A process that is in it from its first moment.
    #[expect(unsafe_code, reason = "std has no jobs")]
    pub(super) fn child(&self, program: &Program<'_>, line: &mut [u16]) -> io::Result<Child> {
        // Room for a list of one; should it not be enough, that is an error.
        let mut attributes = [0_usize; 16];
        let list = attributes.as_mut_ptr().cast::<c_void>();
        let mut size = size_of_val(&attributes);
        let jobs = [self.0.as_raw_handle()];
        // SAFETY: a place for the list, aligned, with its size.
        if unsafe { InitializeProcThreadAttributeList(list, 1, 0, &mut size) } == 0 {
            return Err(io::Error::last_os_error());
        }
        let attribute = PROC_THREAD_ATTRIBUTE_JOB_LIST as usize;
        // SAFETY: the list, and a value with its size that lives as long as the list; nulls where they are asked for.
        let done = unsafe {
            let size = size_of_val(&jobs);
            UpdateProcThreadAttribute(list, 0, attribute, jobs.as_ptr().cast(), size, ptr::null_mut(), ptr::null())
        };
        let mut startup = STARTUPINFOEXW { StartupInfo: *program.startup, lpAttributeList: list };
        startup.StartupInfo.cb = size_of::<STARTUPINFOEXW>() as u32;
        let child = if done == 0 {
            Err(io::Error::last_os_error())
        } else {
            Child::create(program, line, &startup, EXTENDED_STARTUPINFO_PRESENT)
        };
        // SAFETY: a list that was made, and is not used any more.
        unsafe { DeleteProcThreadAttributeList(list) };
        child
    }
}
