//! Who a service runs as: a system account of the app's own, known by what its entry says. All services of an app share it,
//! as they share `data` and `logs` in the install root, the only places there that it may write.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, lchown};
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
    name: String,
    user: u32,
    group: u32,
    comment: String,
    home: String,
}

/// # Errors
/// When the account can't be the service's.
pub(super) fn accept(service: &Service<'_>) -> Result<(), ServiceError> {
    let own = of_root(service.id.root);
    let name = match &service.settings.account {
        _ if service.id.scope == Scope::User => return Ok(()),
        Account::Dynamic => return Ok(()),
        Account::Own => &own,
        Account::Named(name) => name,
    };
    found(service, name)?;
    refuse_data_of_another(service.id.root, name)
}

/// All services of an app share `data` and `logs`, which belong to one account. One that was deleted does not count.
fn refuse_data_of_another(root: &InstallRoot, name: &str) -> Result<(), ServiceError> {
    for directory in [root.data(), root.logs()] {
        let Ok(found) = fs::symlink_metadata(&directory) else { continue };
        let Some(owner) = entry(&found.uid().to_string())?.filter(|owner| owner.user != 0) else { continue };
        if owner.name != name {
            let path = directory.to_str().unwrap_or_default();
            return Err(ServiceError::refused(
                ["`", path, "` belongs to `", &owner.name, "`, and all services of an app share it"].concat(),
                ["add `--account ", &owner.name, "`, or give `data` and `logs` to `", name, "` with chown first"]
                    .concat(),
            ));
        }
    }
    Ok(())
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
    if before.is_none() {
        create(name, root)?;
    }
    let found = before.map_or_else(|| entry(name), |found| Ok(Some(found)))?.ok_or_else(|| none(name))?;
    for directory in [root.data(), root.logs()] {
        let owner = fs::symlink_metadata(&directory).map(|there| there.uid());
        give(&directory, found.user, found.group)?;
        // What is in them is of an account that was deleted: an existing one's was refused, and root let nobody in meanwhile.
        let is_anothers = owner.is_ok_and(|owner| owner != found.user);
        if is_anothers && fs::read_dir(&directory).is_ok_and(|mut entries| entries.next().is_some()) {
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
        // First: whoever has the account's number next must not have its files.
        keep_data(id.root)?;
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
        found.is_of(&root).then_some((found.name, root))
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

/// An account by its name or number, wherever accounts are kept (nsswitch.conf(5)).
fn entry(name: &str) -> Result<Option<Entry>, ServiceError> {
    let said = program::output(&["getent", "passwd", "--", name]);
    let (line, _) = said.map_err(ServiceError::program("getent passwd"))?;
    Ok(Entry::parse(line.trim_end()))
}

impl Entry {
    /// passwd(5): `name:password:uid:gid:comment:home:shell`
    fn parse(line: &str) -> Option<Self> {
        let (name, fields) = line.split_once(':')?;
        let mut fields = fields.split(':').skip(1);
        Some(Self {
            name: name.to_owned(),
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
