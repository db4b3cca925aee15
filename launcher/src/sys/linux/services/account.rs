//! Who a service runs as: a system account of the app's own, known by what its entry says. All services of an app share it,
//! as they share `data` and `logs` in the install root, the only places there that it may write.

use std::fs;
use std::io;
use std::os::unix::fs::lchown;
use std::path::Path;

use super::{AppId, InstallRoot, Made, Scope, Service, ServiceError, ServiceId, program, run_program};
use crate::service::definition::DEFINITION;
use crate::service::name::ServiceName;
use crate::service::settings::Account;
use crate::sys::files;

/// What the entry of an account says of it, before the app's id: passwd(5), "comment".
const COMMENT: &str = "ekiben service of ";

/// An account of the system.
struct Entry {
    user: u32,
    group: u32,
    comment: String,
    home: String,
}

/// # Errors
/// When the account can't be the service's.
pub(super) fn accept(service: &Service<'_>) -> Result<(), ServiceError> {
    match &service.settings.account {
        _ if service.id.scope == Scope::User => Ok(()),
        Account::Dynamic => Ok(()),
        Account::Own => found(service, &of_root(service.id.root)).map(drop),
        Account::Named(name) => found(service, name).map(drop),
    }
}

/// The account, if it is there and can be the service's. One of its own need not be there yet.
fn found(service: &Service<'_>, name: &str) -> Result<Option<Entry>, ServiceError> {
    let is_own = service.settings.account == Account::Own;
    match entry(name)? {
        None if is_own => Ok(None),
        None => Err(none(name)),
        Some(found) if found.user == 0 => Err(ServiceError::refused(
            ["`", name, "` is root, and a service that is broken into must not be"].concat(),
            "name another account with `--account`, or leave it out",
        )),
        Some(found) if is_own && !found.is_of(service.id.root) => Err(ServiceError::refused(
            ["there is an account `", name, "` that was not made for this app"].concat(),
            "have it use that account, or one that you make, with `--account`",
        )),
        found => Ok(found),
    }
}

/// Makes sure that the account is there, and that it may write where the service writes. `None`: a dynamic one, which writes
/// nothing there.
pub(super) fn prepare(service: &Service<'_>, account: Option<&str>) -> Result<(), ServiceError> {
    let root = service.id.root;
    create_directories(root)?;
    let Some(name) = account else { return Ok(()) };
    let before = found(service, name)?;
    let is_new = before.is_none();
    if is_new {
        create(name, root)?;
    }
    let found = before.map_or_else(|| entry(name), |found| Ok(Some(found)))?.ok_or_else(|| none(name))?;
    for directory in [root.data(), root.logs()] {
        give(&directory, found.user, found.group)?;
        // What is in them was an earlier account's, which is gone, and nobody but root could look in meanwhile.
        if is_new && fs::read_dir(&directory).is_ok_and(|mut entries| entries.next().is_some()) {
            let whose = [found.user.to_string(), found.group.to_string()].join(":");
            run_program(&["chown", "-hR", &whose, "--", directory.to_str().unwrap_or_default()])?;
        }
    }
    Ok(())
}

/// Makes the directories that the service writes.
pub(super) fn create_directories(root: &InstallRoot) -> Result<(), ServiceError> {
    for directory in [root.data(), root.logs()] {
        match files::create_private_directory(&directory) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            made => made.map_err(ServiceError::io("create", &directory))?,
        }
    }
    Ok(())
}

/// Removes the account, if it was made for this app and no other service is left that may use it.
pub(super) fn remove(id: ServiceId<'_>, gone: &mut Made) -> Result<(), ServiceError> {
    let own = id.root.service_file(id.name.as_str(), DEFINITION);
    let left = fs::read_dir(id.root.services()).into_iter().flatten().flatten();
    if left.map(|entry| entry.path()).any(|path| path != own && path.extension() == own.extension()) {
        return Ok(());
    }
    let name = of_root(id.root);
    if entry(&name)?.is_some_and(|found| found.is_of(id.root)) {
        delete(&name, gone)?;
    }
    Ok(())
}

/// What the account of the app is called.
pub(super) fn of_root(root: &InstallRoot) -> String {
    // An app's id is fit for a service's name, but may be longer.
    let id: String = root.app().chars().take(80).collect();
    ServiceName::new(&id).map_or(id, |name| name.account())
}

/// Removes an account that was made for a service.
pub(super) fn delete(name: &str, gone: &mut Made) -> Result<(), ServiceError> {
    run_program(&["userdel", name])?;
    gone.push(("account", name.into()));
    Ok(())
}

/// Takes the directories that the service writes from it again, because it is gone and what is in them stays.
pub(crate) fn keep_data(root: &InstallRoot) -> Result<(), ServiceError> {
    let there = [root.data(), root.logs()].into_iter().filter(|path| path.is_dir());
    let is_machines = crate::sys::files::account() == 0;
    there.filter(|_| is_machines).try_for_each(|directory| give(&directory, 0, 0))
}

/// The accounts that were made for services of this app, and the roots of these.
pub(super) fn of_app(app: &AppId) -> Vec<(String, InstallRoot)> {
    let table = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let account = |line: &str| {
        let found = Entry::parse(line)?;
        let root = InstallRoot::of(Path::new(&found.home).parent()?.to_path_buf(), app);
        found.is_of(&root).then(|| (line.split(':').next().unwrap_or_default().to_owned(), root))
    };
    table.lines().filter_map(account).collect()
}

/// A directory of root's, in which nobody but root can put another in its place.
fn give(directory: &Path, user: u32, group: u32) -> Result<(), ServiceError> {
    lchown(directory, Some(user), Some(group)).map_err(ServiceError::io("give", directory))
}

fn none(name: &str) -> ServiceError {
    ServiceError::refused(["there is no account `", name, "`"].concat(), "make it, or leave `--account` out")
}

fn create(name: &str, root: &InstallRoot) -> Result<(), ServiceError> {
    let (comment, home) = (comment(root), root.data());
    let home = home.to_str().unwrap_or_default();
    const SHELL: &str = "/usr/sbin/nologin";
    let add = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", SHELL];
    let add: Vec<_> = add.into_iter().chain(["--comment", &comment, "--home-dir", home, name]).collect();
    match program::run(&add) {
        // sysusers.d(5)
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let line = ["u ", name, " - \"", &comment, "\" \"", home, "\" ", SHELL].concat();
            run_program(&["systemd-sysusers", "--inline", &line])
        }
        added => added.map_err(ServiceError::program("useradd")),
    }
}

fn comment(root: &InstallRoot) -> String {
    [COMMENT, root.app()].concat()
}

/// An account by its name, wherever accounts are kept (nsswitch.conf(5)).
fn entry(name: &str) -> Result<Option<Entry>, ServiceError> {
    let said = program::output(&["getent", "passwd", "--", name]);
    let (line, _) = said.map_err(ServiceError::program("getent passwd"))?;
    Ok(Entry::parse(line.trim_end()))
}

impl Entry {
    /// passwd(5): `name:password:uid:gid:comment:home:shell`
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split(':').skip(2);
        Some(Self {
            user: fields.next()?.parse().ok()?,
            group: fields.next()?.parse().ok()?,
            comment: fields.next()?.to_owned(),
            home: fields.next()?.to_owned(),
        })
    }

    /// Whether it was made for a service of this root.
    fn is_of(&self, root: &InstallRoot) -> bool {
        self.comment == comment(root) && Path::new(&self.home) == root.data()
    }
}
