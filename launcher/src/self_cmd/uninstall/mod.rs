//! `self uninstall`: removes what was installed, in every place where this account may, with what `self install` has made;
//! told so, this very file, too.
//!
//! What the app itself keeps in the same directory (many put their data in `~/.local/share/<app>`) is no installed file: it is
//! named, and stays, unless `--with-data` says otherwise.

use std::fmt::Write as _;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use super::menu::{self, Made};
use super::{Answer, Asked, help, processes, wording};
use crate::error::LaunchError;
use crate::install::InstallError;
use crate::install::disk_use::disk_use;
use crate::install::lock::{self, State};
use crate::install::own_copy;
use crate::install::remove::{self, Removal};
use crate::install::roots::{Candidate, Place};
use crate::notify;

mod own_exe;

pub(super) fn run(asked: &Asked<'_>) -> Result<Answer, LaunchError> {
    let plan = Plan::of(asked);
    if plan.is_empty() {
        return plan.carry_out(asked);
    }
    plan.refuse_while_it_runs(asked)?;
    if !asked.options.has("--yes") && !plan.is_confirmed(asked)? {
        return Ok(Answer { text: "nothing was removed\n".to_owned(), code: 1 });
    }
    plan.carry_out(asked)
}

/// What is to be removed.
struct Plan {
    roots: Vec<Candidate>,
    /// An admin's, most often.
    untouchable: Vec<Candidate>,
    /// Outside of them.
    menu: Made,
    exe: bool,
    data: bool,
}

impl Plan {
    fn of(asked: &Asked<'_>) -> Self {
        let roots = asked.own_roots();
        let is_untouchable = |found: &Candidate| found.is_there() && !found.is_ours();
        Self {
            untouchable: asked.roots().all().into_iter().filter(is_untouchable).collect(),
            roots,
            menu: menu::there(asked.bundle.record()),
            exe: asked.options.has("--exe"),
            data: asked.options.has("--with-data"),
        }
    }

    fn is_empty(&self) -> bool {
        self.roots.is_empty() && self.menu.is_empty() && !self.exe
    }

    fn refuse_while_it_runs(&self, asked: &Asked<'_>) -> Result<(), LaunchError> {
        let running: Vec<_> = self.roots.iter().flat_map(|found| processes::below(found.root.path())).collect();
        if running.is_empty() {
            return Ok(());
        }
        Err(LaunchError::Refused {
            what: format!("`{}` is running: {}", asked.bundle.record().app.id.as_str(), wording::processes(&running)),
            help: "end it, and uninstall again".to_owned(),
        })
    }

    fn is_confirmed(&self, asked: &Asked<'_>) -> Result<bool, LaunchError> {
        let mut question = String::from("This will be removed:\n");
        for candidate in &self.roots {
            let path = candidate.root.path();
            let _ = writeln!(question, "  {}, {}", wording::path(path), wording::size(disk_use(path)));
            for foreign in remove::foreign(&candidate.root) {
                let fate = if self.data { "removed, too" } else { "stays" };
                let _ = writeln!(question, "    {} is not ekiben's: {fate}", wording::path(&foreign));
            }
        }
        for (_, path) in &self.menu {
            let _ = writeln!(question, "  {}", wording::path(path));
        }
        if self.exe {
            let _ = writeln!(question, "  {}", wording::path(asked.own_path));
        }
        question.push_str("Remove it? ");
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            if asked.bundle.record().start.windowed
                && let Some(answer) = notify::ask(&asked.bundle.record().app.name, &question)
            {
                return Ok(answer);
            }
            return Err(LaunchError::Refused {
                what: "there is no terminal to ask on whether all of it may be removed".to_owned(),
                help: format!("add `--yes`; `{}` lists all options", help::command(asked.bundle, asked.own_path)),
            });
        }
        question.push_str("[y/N] ");
        let _ = io::stderr().write_all(question.as_bytes());
        let mut answer = String::new();
        // What can't be read is no yes.
        let _ = io::stdin().lock().read_line(&mut answer);
        Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
    }

    fn carry_out(&self, asked: &Asked<'_>) -> Result<Answer, LaunchError> {
        let mut text = String::new();
        for candidate in &self.roots {
            let root = &candidate.root;
            let path = wording::path(root.path());
            let refused = |what, help: &str| Err(LaunchError::Refused { what, help: help.to_owned() });
            match remove::remove(root).map_err(asked.failed("uninstall"))? {
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
                    return refused(format!("could not lock `{path}`"), "check that this account may write there");
                }
            }
            if self.data {
                remove::remove_foreign(root).map_err(asked.failed("uninstall"))?;
            }
            if let Some(copy) = own_copy::of(root) {
                own_exe::remove(&copy, Some(root.path()))
                    .map_err(InstallError::io("remove", &copy))
                    .map_err(asked.failed("uninstall"))?;
            }
            // A directory of this account's own among the temporary files.
            if candidate.place == Place::Temporary
                && let Some(parent) = root.path().parent()
            {
                let _ = std::fs::remove_dir(parent);
            }
            let _ = writeln!(text, "removed {path}");
            for foreign in remove::foreign(root) {
                let _ = writeln!(text, "left    {}: not ekiben's (--with-data)", wording::path(&foreign));
            }
        }
        for candidate in &self.untouchable {
            let path = wording::path(candidate.root.path());
            let _ = writeln!(text, "left    {path}: it is not this account's alone to change");
        }
        for (_, path) in menu::remove(asked.bundle.record()).map_err(asked.failed("uninstall"))? {
            let _ = writeln!(text, "removed {}", wording::path(&path));
        }
        // It may have been the copy in a root.
        if self.exe && asked.own_path.exists() {
            own_exe::remove(asked.own_path, None)
                .map_err(InstallError::io("remove", asked.own_path))
                .map_err(asked.failed("uninstall"))?;
            let _ = writeln!(text, "removed {}", wording::path(asked.own_path));
        }
        if text.is_empty() {
            text.push_str("nothing is installed\n");
        }
        Ok(Answer { text, code: 0 })
    }
}
