//! The directories on the way to a version, as open descriptors.
//!
//! # How a version dir is known to be safe
//! It is opened in one call that follows no symbolic link (openat2(2), `RESOLVE_NO_SYMLINKS`). Then every directory above it is
//! checked *from it*: `..` of an open directory is the directory that it really lies in, even if names change meanwhile. If
//! each of these belongs to this account or root, and nobody else may write to it, then nobody else could have put the version
//! dir there, and nobody else can replace anything on the way while the app starts.
//!
//! If there is a link on the way (`/home` may be a link of root's), every directory and every link is opened and checked, one
//! after another. A link must belong to this account or root, and lie in a directory that is safe, as every part of the path.

use std::ffi::{CStr, CString, OsString};
use std::fs::File;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::trusted;
use super::writers::{self, Facts, Objection, Trusted, Verdict, Writer};
use crate::sys::access::Part;
use crate::sys::creation::ok_if_exists;
use crate::sys::path_error::PathError;

/// Directories above a version dir that belong to its install root: `versions`, and the root.
const INSIDE: usize = 2;
/// As many links as the kernel follows in one path (path_resolution(7)).
const MOST_LINKS: usize = 40;

/// Opens a version dir, and checks everything above it, and `interpreter`, a path below it. `None`: it does not exist. The seal
/// is checked when it is held ([`crate::sys::in_use`]).
///
/// # Errors
/// Which part of the path another account could change.
pub(crate) fn open_version(version_dir: &Path, interpreter: &Path, _seal: &Path) -> Result<Option<File>, PathError> {
    let Some(found) = open(version_dir)? else { return Ok(None) };
    check_above(&found, version_dir, INSIDE)?;
    check_file(&found, version_dir, interpreter)?;
    Ok(Some(found))
}

/// Checks an existing directory, such as an install root, and all directories above it.
///
/// # Errors
/// As above; also if it does not exist, since another account could create it the next moment.
pub(crate) fn check(directory: &Path) -> Result<(), PathError> {
    match walk(directory, Missing::Tell)? {
        (found, true) => check_itself(&found, directory, Part::Inside),
        (_, false) => Err(PathError::io("look at", directory)(io::ErrorKind::NotFound.into())),
    }
}

/// Checks the path to a directory as far as it exists: to report what a start would find. Before anything is written, the directory
/// is [made](make).
///
/// # Errors
/// As above.
pub(crate) fn check_existing(directory: &Path) -> Result<(), PathError> {
    match walk(directory, Missing::Tell)? {
        (found, true) => check_itself(&found, directory, Part::Inside),
        (_, false) => Ok(()),
    }
}

/// Creates a directory and those above it that are missing, each in the one before, which is open and was checked. Each is then
/// opened and checked itself: another process may have created it at the same moment.
///
/// # Errors
/// As above, and when one can't be made. Those above it may have been made.
pub(crate) fn make(directory: &Path, part: Part) -> Result<(), PathError> {
    match walk(directory, Missing::Make)? {
        (found, true) => check_itself(&found, directory, part),
        (_, false) => Err(PathError::io("create", directory)(io::ErrorKind::NotFound.into())),
    }
}

/// Creates a directory for this account alone, in one that exists and is safe. Fine if it exists and is such a directory.
///
/// # Errors
/// As above.
pub(crate) fn make_private(directory: &Path) -> Result<(), PathError> {
    let name = directory.file_name().unwrap_or_default();
    let (parent, is_whole) = walk(directory.parent().unwrap_or(directory), Missing::Tell)?;
    if !is_whole {
        return Err(PathError::io("create", directory)(io::ErrorKind::NotFound.into()));
    }
    let relative = CString::new(name.as_bytes()).map_err(|e| PathError::io("create", directory)(e.into()))?;
    make_at(&parent, &relative, 0o700).map_err(PathError::io("create", directory))?;
    let found = open_at(&parent, &relative, OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW);
    let is_private = found
        .and_then(|found| facts(&found, c".", AtFlags::empty()))
        .is_ok_and(|found| found.uid == super::uid() && found.mode & 0o077 == 0);
    if is_private { Ok(()) } else { Err(PathError::not_private(directory)) }
}

fn check_itself(directory: &File, path: &Path, part: Part) -> Result<(), PathError> {
    let look = Look { directory, relative: c".", path };
    let found = facts(look.directory, look.relative, AtFlags::empty()).map_err(PathError::io("look at", path))?;
    judge(look, found, part)
}

fn open(path: &Path) -> Result<Option<File>, PathError> {
    match open_without_links(path) {
        Ok(found) => Ok(Some(found)),
        // A link; or no openat2(2): Linux before 5.6, or a sandbox that does not know the call.
        Err(e) if matches!(Errno::from_io_error(&e), Some(Errno::LOOP | Errno::NOSYS | Errno::PERM)) => {
            let (found, is_whole) = walk(path, Missing::Tell)?;
            Ok(is_whole.then_some(found))
        }
        Err(_) => Ok(None),
    }
}

/// Checks a directory and all above it. The `inside` directories directly above it belong to the install root.
fn check_above(directory: &File, path: &Path, inside: usize) -> Result<(), PathError> {
    for (above, path) in path.ancestors().enumerate() {
        let part = if above <= inside { Part::Inside } else { Part::Above };
        let relative = CString::new("../".repeat(above) + ".").unwrap_or_default();
        let found = facts(directory, &relative, AtFlags::empty()).map_err(PathError::io("look at", path))?;
        judge(Look { directory, relative: &relative, path }, found, part)?;
    }
    Ok(())
}

fn check_file(version_dir: &File, path: &Path, file: &Path) -> Result<(), PathError> {
    let full = || path.join(file);
    let relative =
        CString::new(file.as_os_str().as_bytes()).map_err(|e| PathError::io("look at", &full())(e.into()))?;
    match facts(version_dir, &relative, AtFlags::empty()) {
        // A start that does not find it restores it.
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(()),
        Err(e) => Err(PathError::io("look at", &full())(e)),
        Ok(found) => judge(Look { directory: version_dir, relative: &relative, path: &full() }, found, Part::Inside),
    }
}

/// A file or directory to check: as a path relative to an open directory, and as a full path for messages.
struct Look<'a> {
    directory: &'a File,
    relative: &'a CStr,
    path: &'a Path,
}

fn judge(look: Look<'_>, found: Facts, part: Part) -> Result<(), PathError> {
    let trusted = trusted(found.uid);
    let objection = match writers::verdict(found, part, trusted) {
        Verdict::Safe => return Ok(()),
        Verdict::Unsafe(objection) => objection,
        Verdict::AskGroup => match group_objection(&look, found, trusted) {
            None => return Ok(()),
            Some(objection) => objection,
        },
    };
    Err(PathError::Unsafe { path: look.path.to_path_buf(), why: objection.to_string() })
}

/// The objection to a file or directory that its group may write, or somebody in its access list.
fn group_objection(look: &Look<'_>, found: Facts, trusted: Trusted) -> Option<Objection> {
    let is_private = |group| {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        writers::is_private(group, trusted.ours, &read("/etc/passwd"), &read("/etc/group"))
    };
    let objection = |writer| match writer {
        Writer::User(uid) => (!trusted.is_trusted(uid, Part::Inside)).then_some(Objection::ListedUser(uid)),
        Writer::Group(gid) if gid == found.gid => (!is_private(gid)).then_some(Objection::Group(gid)),
        Writer::Group(gid) => (!is_private(gid)).then_some(Objection::ListedGroup(gid)),
    };
    match access_list(look) {
        Ok(Some(list)) => match writers::writers(&list, found.gid) {
            Some(writers) => writers.into_iter().find_map(objection),
            None => Some(Objection::Group(found.gid)),
        },
        Ok(None) => objection(Writer::Group(found.gid)),
        Err(_) => Some(Objection::Group(found.gid)),
    }
}

/// What to do where a directory is missing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    Tell,
    Make,
}

/// Opens every directory on the way, each in the one before, and follows links by hand. Returns the last one that exists, and
/// whether that is the whole path.
fn walk(path: &Path, missing: Missing) -> Result<(File, bool), PathError> {
    let mut made = 0;
    let mut reached = PathBuf::from("/");
    let mut directory = File::open("/").map_err(PathError::io("open", &reached))?;
    let mut rest: Vec<OsString> = parts(path);
    let mut links = 0;
    loop {
        let found = facts(&directory, c".", AtFlags::empty()).map_err(PathError::io("look at", &reached))?;
        judge(Look { directory: &directory, relative: c".", path: &reached }, found, Part::Above)?;
        let Some(name) = rest.pop() else { return Ok((directory, true)) };
        let next = reached.join(&name);
        let relative = CString::new(name.as_bytes()).map_err(|e| PathError::io("open", &next)(e.into()))?;
        match open_at(&directory, &relative, OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW) {
            Ok(found) => {
                directory = found;
                reached = if name == ".." { reached.parent().unwrap_or(&reached).to_path_buf() } else { next };
            }
            // The limit is for another process that removes it again and again.
            Err(e) if e.kind() == io::ErrorKind::NotFound && missing == Missing::Make && made <= parts(path).len() => {
                make_at(&directory, &relative, 0o755).map_err(PathError::io("create", &next))?;
                made += 1;
                rest.push(name);
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok((directory, false)),
            Err(e) => {
                let Ok(target) = read_link(&directory, &relative) else { return Err(PathError::io("open", &next)(e)) };
                let owner = facts(&directory, &relative, AtFlags::SYMLINK_NOFOLLOW)
                    .map_err(PathError::io("look at", &next))?
                    .uid;
                if !trusted(owner).is_trusted(owner, Part::Above) {
                    let why = Objection::Owner(owner).to_string();
                    return Err(PathError::Unsafe { path: next, why });
                }
                links += 1;
                if links > MOST_LINKS {
                    return Err(PathError::io("open", &next)(Errno::LOOP.into()));
                }
                if target.is_absolute() {
                    reached = PathBuf::from("/");
                    directory = File::open("/").map_err(PathError::io("open", &reached))?;
                }
                rest.extend(parts(&target));
            }
        }
    }
}

/// The parts of a path in reverse order.
fn parts(path: &Path) -> Vec<OsString> {
    let mut parts: Vec<OsString> = path
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some(OsString::from("..")),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
        })
        .collect();
    parts.reverse();
    parts
}

/// openat2(2), with close-on-exec.
fn open_without_links(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat2(rustix::fs::CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS)?.into())
}

fn open_at(directory: &File, relative: &CStr, flags: OFlags) -> io::Result<File> {
    Ok(rustix::fs::openat(directory, relative, flags | OFlags::CLOEXEC, Mode::empty())?.into())
}

/// Fine if it exists: it is checked next.
fn make_at(directory: &File, relative: &CStr, mode: u32) -> io::Result<()> {
    ok_if_exists(rustix::fs::mkdirat(directory, relative, Mode::from(mode)).map_err(io::Error::from))
}

fn facts(directory: &File, relative: &CStr, flags: AtFlags) -> io::Result<Facts> {
    let found = rustix::fs::statat(directory, relative, flags)?;
    Ok(Facts { uid: found.st_uid, gid: found.st_gid, mode: found.st_mode })
}

fn read_link(directory: &File, relative: &CStr) -> io::Result<PathBuf> {
    let target = rustix::fs::readlinkat(directory, relative, Vec::new())?;
    Ok(OsString::from_vec(target.into_bytes()).into())
}

/// The access list; `None` if there is none, or the file system has none.
fn access_list(look: &Look<'_>) -> io::Result<Option<Vec<u8>>> {
    let found = open_at(look.directory, look.relative, OFlags::RDONLY | OFlags::NONBLOCK)?;
    let mut list = vec![0_u8; 1 << 16];
    match rustix::fs::fgetxattr(&found, c"system.posix_acl_access", list.as_mut_slice()) {
        Ok(length) => {
            list.truncate(length);
            Ok(Some(list))
        }
        Err(Errno::NODATA | Errno::OPNOTSUPP) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
