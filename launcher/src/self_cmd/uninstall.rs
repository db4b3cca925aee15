//! `self uninstall`: removes what was installed, in every place where this account may do so, and what `self install` has
//! created; on request also this file.
//!
//! What the app itself keeps in the same directory is not an installed file: it is named, and stays, unless `--purge` says
//! otherwise. Where another publisher's app with the same id is installed there too, it stays in any case.

use std::fmt::Write as _;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use super::menu::{self, Made};
use super::{Answer, SelfCommand, help, removed, service, wording};
use crate::error::LaunchError;
use crate::install::InstallError;
use crate::install::care::remove::{self, Foreign, Removal, Whose};
use crate::install::layout::InstallRoot;
use crate::install::lock::{self, State};
use crate::install::make::own_copy;
use crate::install::places::{Candidate, Place, marker};
use crate::install::version::disk_use::disk_use;
use crate::notify;
use crate::service::Scope;
use crate::sys::processes::{self, Process};
use crate::sys::removal::remove_file;
use crate::sys::{own_exe, services};

pub(super) fn run(command: &SelfCommand<'_>) -> Result<Answer, LaunchError> {
    let mut plan = Plan::new(command);
    if plan.is_empty() {
        return plan.carry_out(command);
    }
    // Its services are stopped, and only when all of it was confirmed.
    if plan.services(command).is_empty() {
        plan.refuse_while_it_runs(command)?;
    }
    if !command.options.has("--yes") && !plan.is_confirmed(command)? {
        return Ok(Answer { text: "nothing was removed\n".to_owned(), code: 1 });
    }
    let mut gone = Made::new();
    for (root, scope) in plan.services(command) {
        service::remove_all(command, root, scope, &mut gone)?;
    }
    plan.refuse_while_it_runs(command)?;
    let answer = plan.carry_out(command)?;
    Ok(Answer { text: removed(&gone) + &answer.text, ..answer })
}

/// What is to be removed.
struct Plan {
    roots: Vec<Candidate>,
    /// An admin's, most often.
    untouchable: Vec<Candidate>,
    /// Outside of them.
    menu: Made,
    exe: bool,
    purge: bool,
}

impl Plan {
    fn new(command: &SelfCommand<'_>) -> Self {
        let roots = command.own_roots();
        let is_untouchable = |found: &Candidate| found.is_there() && !found.is_ours();
        Self {
            untouchable: command.roots().all().into_iter().filter(is_untouchable).collect(),
            menu: if is_another_publishers(&roots, command) {
                Made::new()
            } else {
                menu::there(command.bundle.record())
            },
            roots,
            exe: command.options.has("--exe"),
            purge: command.options.has("--purge"),
        }
    }

    /// The roots that have services, and whose manager runs these.
    fn services(&self, command: &SelfCommand<'_>) -> Vec<(&InstallRoot, Scope)> {
        let roots = self.roots.iter().map(|found| &found.root).filter(|root| !service::defined(root).is_empty());
        let owner = command.owner();
        let scope = |root| if marker::is_machine_root(root, &owner) { Scope::Machine } else { Scope::User };
        roots.map(|root| (root, scope(root))).collect()
    }

    fn is_empty(&self) -> bool {
        self.roots.is_empty() && self.menu.is_empty() && !self.exe
    }

    fn refuse_while_it_runs(&self, command: &SelfCommand<'_>) -> Result<(), LaunchError> {
        let owner = command.owner();
        // Not the whole root: another publisher's app may run in it.
        let places = |found: &Candidate| {
            let copy = own_copy::find(&found.root, &owner);
            remove::versions_of(&found.root, &owner).into_iter().chain(copy).collect::<Vec<_>>()
        };
        let mut running: Vec<Process> = Vec::new();
        for process in self.roots.iter().flat_map(places).flat_map(|path| processes::below(&path)) {
            if !running.contains(&process) {
                running.push(process);
            }
        }
        if running.is_empty() {
            return Ok(());
        }
        Err(LaunchError::Refused {
            what: format!("`{}` is running: {}", command.bundle.record().app.id.as_str(), wording::processes(&running)),
            help: "end it, and uninstall again".to_owned(),
        })
    }

    fn is_confirmed(&mut self, command: &SelfCommand<'_>) -> Result<bool, LaunchError> {
        let mut data = Vec::new();
        let mut question = String::from("This will be removed:\n");
        for candidate in &self.roots {
            let path = candidate.root.path();
            let _ = writeln!(question, "  {}, {}", wording::path(path), wording::size(disk_use(path)));
            for (_, path) in menu::there_for_all(command.bundle.record(), &candidate.root) {
                let _ = writeln!(question, "    {}", wording::path(&path));
            }
            for name in service::defined(&candidate.root) {
                let _ = writeln!(question, "    the service {name}");
            }
            for Foreign { path, whose } in remove::foreign(&candidate.root, &command.owner()) {
                let is_machine = marker::is_machine_root(&candidate.root, &command.owner());
                if is_machine && whose == Whose::Apps && !self.purge {
                    data.push(path);
                    continue;
                }
                let fate = match whose {
                    Whose::Apps if self.purge => "is not ekiben's: removed, too",
                    Whose::Apps => "is not ekiben's: stays",
                    Whose::Shared => "may be another publisher's app's: stays",
                    Whose::OtherPublishers => "is another publisher's: stays",
                };
                let _ = writeln!(question, "    {} {fate}", wording::path(&path));
            }
            for path in remove::written_into_versions(&candidate.root, &command.owner()) {
                let fate = if self.purge { "removed, too" } else { "moved to" };
                let kept =
                    if self.purge { String::new() } else { format!(" {}", wording::path(&candidate.root.kept())) };
                let _ = writeln!(question, "    {} was written by the app: {fate}{kept}", wording::path(&path));
            }
        }
        for (_, path) in &self.menu {
            let _ = writeln!(question, "  {}", wording::path(path));
        }
        if self.exe {
            let _ = writeln!(question, "  {}", wording::path(command.own_path));
        }
        question.push_str("Remove it? ");
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            if command.bundle.record().start.windowed
                && let Some(answer) = notify::ask(&command.bundle.record().app.name, &question)
            {
                return Ok(answer);
            }
            return Err(LaunchError::Refused {
                what: "there is no terminal to ask on whether all of it may be removed".to_owned(),
                help: format!("add `--yes`; `{}` lists all options", help::command(command.bundle, command.own_path)),
            });
        }
        if !is_yes(&question) {
            return Ok(false);
        }
        if !data.is_empty() {
            let paths: Vec<_> = data.iter().map(|path| wording::path(path)).collect();
            self.purge = is_yes(&["What the app keeps, too: ", &paths.join(", "), "? "].concat());
        }
        Ok(true)
    }

    fn carry_out(&self, command: &SelfCommand<'_>) -> Result<Answer, LaunchError> {
        let mut text = String::new();
        for candidate in &self.roots {
            let root = &candidate.root;
            let path = wording::path(root.path());
            let refused = |what, help: &str| Err(LaunchError::Refused { what, help: help.to_owned() });
            match remove::remove(root, &command.owner()).map_err(command.failed("uninstall"))? {
                Removal::Done => {}
                Removal::InUse(versions) => {
                    let versions: Vec<_> = versions.iter().map(|path| format!("`{}`", wording::path(path))).collect();
                    let what = format!("in use by a process that this account can't see: {}", versions.join(", "));
                    return refused(what, "end it, and uninstall again");
                }
                Removal::Locked if lock::state(&root.lock_file()) == State::Held => {
                    let holders = processes::holders(&root.lock_file());
                    let by =
                        if holders.is_empty() { "another process".to_owned() } else { wording::processes(&holders) };
                    return refused(format!("`{path}` is being installed by {by}"), "uninstall again when it is done");
                }
                Removal::Locked => {
                    return refused(format!("could not lock `{path}`"), "check that this account can write there");
                }
            }
            // Before the program and the marker, by which a second attempt finds it.
            let gone = menu::remove_for_all(command.bundle.record(), root).map_err(command.failed("uninstall"))?;
            text.push_str(&removed(&gone));
            // Empty, unless a service has written there; the last one's, if its removal was killed.
            for directory in [root.data(), root.logs(), root.services()] {
                let _ = std::fs::remove_dir(directory);
            }
            if root.data().exists() {
                services::keep_data(root).map_err(service::failed(command, "uninstall"))?;
            }
            if self.purge {
                remove::remove_foreign(root, &command.owner()).map_err(command.failed("uninstall"))?;
            }
            if let Some(copy) = own_copy::find(root, &command.owner()) {
                own_exe::remove(&copy, Some(root.path()))
                    .map_err(InstallError::io("remove", &copy))
                    .map_err(command.failed("uninstall"))?;
            }
            // Last: until then, it can be done again.
            if marker::is_machine_root(root, &command.owner()) {
                remove_file(&root.marker())
                    .map_err(InstallError::io("remove", &root.marker()))
                    .map_err(command.failed("uninstall"))?;
                let _ = std::fs::remove_dir(root.path());
            }
            // A directory of this account's own among the temporary files.
            if candidate.place == Place::Temporary
                && let Some(parent) = root.path().parent()
            {
                let _ = std::fs::remove_dir(parent);
            }
            let _ = writeln!(text, "removed {path}");
            for Foreign { path, whose } in remove::foreign(root, &command.owner()) {
                let why = match whose {
                    Whose::Apps => "not ekiben's (--purge)",
                    Whose::Shared => "another publisher's app may use it",
                    Whose::OtherPublishers => "it is another publisher's",
                };
                let _ = writeln!(text, "left    {}: {why}", wording::path(&path));
            }
        }
        for candidate in &self.untouchable {
            let path = wording::path(candidate.root.path());
            let _ = writeln!(text, "left    {path}: it is not this account's alone to change");
        }
        if !self.menu.is_empty() {
            for (_, path) in menu::remove(command.bundle.record()).map_err(command.failed("uninstall"))? {
                let _ = writeln!(text, "removed {}", wording::path(&path));
            }
        }
        // It may have been the copy in a root.
        if self.exe && command.own_path.exists() {
            own_exe::remove(command.own_path, None)
                .map_err(InstallError::io("remove", command.own_path))
                .map_err(command.failed("uninstall"))?;
            let _ = writeln!(text, "removed {}", wording::path(command.own_path));
        }
        if text.is_empty() {
            text.push_str("nothing is installed\n");
        }
        Ok(Answer { text, code: 0 })
    }
}

/// Asks on the terminal.
fn is_yes(question: &str) -> bool {
    let _ = io::stderr().write_all([question, "[y/N] "].concat().as_bytes());
    let mut answer = String::new();
    // What can't be read is no yes.
    let _ = io::stdin().lock().read_line(&mut answer);
    matches!(answer.trim(), "y" | "Y" | "yes")
}

/// Whether what the desktop shows of an app with this id leads to another publisher's.
fn is_another_publishers(roots: &[Candidate], command: &SelfCommand<'_>) -> bool {
    roots.iter().filter_map(|found| own_copy::owner(&found.root)).any(|owner| owner != command.owner())
}
