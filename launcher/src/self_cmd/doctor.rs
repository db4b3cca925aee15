//! `self doctor`: a report of everything that decides whether the app starts. It writes nothing, and contains no secrets: of the
//! environment, only the variables that the launcher reads.

use std::fmt::Write as _;
use std::path::Path;

use super::info::{Version, versions};
use super::{Answer, SelfCommand, wording};
use crate::env;
use crate::install::lock::{self, State};
use crate::install::places::{Candidate, Needed};
use crate::install::version::disk_use::disk_use;
use crate::install::version::seal::Seal;
use crate::sys::{access, machine, processes, services};

const VIRUS_SCANNERS: &str = "\na virus scanner may slow down or block a first start, which writes a `python.exe` with many libraries and runs it \
     from the chosen place.\nIf it does, exempt that directory, or the publisher's signature if there is one.\n";

pub(super) fn run(command: &SelfCommand<'_>) -> Answer {
    let mut report = Report { text: String::new(), objections: Vec::new() };
    report.about(command);
    report.places(command);
    report.installed(command);
    let left = services::leftovers(command.bundle.record());
    if !left.is_empty() {
        report.text.push_str("\nleft by an installation that was deleted (`self clean --system` removes it)\n");
    }
    for (what, path) in left {
        let _ = writeln!(report.text, "  {what} {}", wording::path(&path));
    }
    if machine::HAS_VIRUS_SCANNERS {
        report.text.push_str(VIRUS_SCANNERS);
    }
    report.text.push('\n');
    let can_start = report.objections.is_empty();
    if can_start {
        report.text.push_str("result: the app can start\n");
    }
    for objection in &report.objections {
        let _ = writeln!(report.text, "result: the app can't start: {objection}");
    }
    Answer { text: report.text, code: u32::from(!can_start) }
}

struct Report {
    text: String,
    /// Why the app can't start.
    objections: Vec<String>,
}

impl Report {
    fn fact(&mut self, name: &str, value: &str) {
        let _ = writeln!(self.text, "{name:12} {value}");
    }

    fn about(&mut self, command: &SelfCommand<'_>) {
        let (bundle, record) = (command.bundle, command.bundle.record());
        self.fact("app", &format!("{} {} (`{}`)", record.app.name, record.app.version, record.app.id.as_str()));
        self.fact("runs", &format!("{} with Python {} for {}", record.entry_point, record.python, record.target));
        let size = wording::size(bundle.file_len().unwrap_or_default());
        self.fact("bundle", &format!("{}, {size}", wording::path(command.own_path)));
        self.fact("digest", &bundle.digest().to_string());
        let signature = if bundle.has_certificates() { "there is one; it is not checked here" } else { "none" };
        self.fact("signature", signature);
        self.fact("launcher", env!("CARGO_PKG_VERSION"));
        self.fact("system", &machine::system());
        self.fact("account", &access::account());
        for name in [env::ROOT, env::STATE_DIRECTORY, env::CACHE_DIRECTORY] {
            if let Some(value) = std::env::var_os(name) {
                self.fact(name, &wording::text(&value));
            }
        }
        self.fact("started from", &file_system(command.own_path));
    }

    fn places(&mut self, command: &SelfCommand<'_>) {
        let (bundle, record) = (command.bundle, command.bundle.record());
        let needed = match bundle.index() {
            Ok(index) => Needed::from_bundle(bundle, &index),
            Err(error) => {
                self.objections.push(format!("the bundle is damaged: {error}"));
                Needed::default()
            }
        };
        let roots = command.roots();
        let installed = roots.find(bundle);
        let _ = writeln!(
            self.text,
            "\nplaces, in the order in which they are tried ({} needed)",
            wording::size(needed.bytes)
        );
        if roots.is_final() {
            self.text.push_str("  an admin has decided for the first one: no other is tried\n");
        }
        let mut is_chosen = installed.is_some();
        for candidate in roots.all() {
            let is_here = installed.as_ref().is_some_and(|installed| installed.candidate == candidate);
            let verdict = match candidate.assess(needed) {
                _ if is_here => "chosen: this version is installed there".to_owned(),
                Ok(()) if !is_chosen => {
                    is_chosen = true;
                    "chosen: the first that can take it".to_owned()
                }
                Ok(()) => "not needed".to_owned(),
                Err(refusal) => format!("refused: {refusal}"),
            };
            let place = format!("{} ({})", wording::path(candidate.root.path()), candidate.place);
            let free = candidate.free().map_or_else(|| "unknown".to_owned(), wording::size);
            let _ =
                writeln!(self.text, "  {place}\n    {verdict}\n    {}, {free} free", file_system(candidate.there()));
        }
        if !is_chosen {
            self.objections.push("no place can take it".to_owned());
        }
        let Some(installed) = installed else { return };
        let interpreter = record.start.interpreter.below(&installed.version_dir);
        if !interpreter.exists() {
            self.text.push_str("  its interpreter is missing: the next start brings it back\n");
        }
        if machine::file_system(&installed.version_dir).is_some_and(|found| !found.programs) {
            self.objections.push(format!("no programs may run from `{}`", wording::path(&installed.version_dir)));
        }
    }

    fn installed(&mut self, command: &SelfCommand<'_>) {
        let there: Vec<Candidate> = command.roots().all().into_iter().filter(Candidate::is_there).collect();
        for candidate in &there {
            let root = &candidate.root;
            if !candidate.is_safe() {
                let _ = writeln!(self.text, "\nroot {}\n  not safe: not looked into", wording::path(root.path()));
                continue;
            }
            let _ =
                writeln!(self.text, "\nroot {}, {}", wording::path(root.path()), wording::size(disk_use(root.path())));
            let _ = writeln!(self.text, "  lock: {}", lock_state(&root.lock_file()));
            let leftovers = std::fs::read_dir(root.staging()).map_or(0, Iterator::count);
            if leftovers > 0 {
                let _ = writeln!(self.text, "  {} in staging", wording::count(leftovers, "unfinished version"));
            }
            for version in versions(std::slice::from_ref(candidate)) {
                self.text.push_str(&version.line());
                let _ = writeln!(self.text, "    {}", soundness(&version));
            }
        }
        if there.is_empty() {
            self.text.push_str("\nno version is installed\n");
        }
    }
}

fn soundness(version: &Version) -> &'static str {
    match Seal::hold(&version.path) {
        None => "has no seal that can be trusted: it is not used",
        Some(seal) if seal.is_settled() => {
            "settled: all of it is on the disk, and no start compares it with the bundle"
        }
        Some(seal) if seal.is_sound() => "not settled: the machine was not restarted since it was installed",
        Some(_) => "not settled: the next start compares its files with the bundle",
    }
}

fn lock_state(path: &Path) -> String {
    match lock::state(path) {
        State::Free => "free".to_owned(),
        State::Unknown => "can't be told".to_owned(),
        State::Held => match processes::holders(path) {
            holders if holders.is_empty() => "held by another process".to_owned(),
            holders => format!("held by {}", wording::processes(&holders)),
        },
    }
}

fn file_system(path: &Path) -> String {
    let Some(found) = machine::file_system(path) else { return "unknown file system".to_owned() };
    let mut text = found.kind;
    for (applies, remark) in [
        (found.is_remote, ", on a network"),
        (found.is_read_only, ", read-only"),
        (!found.programs, ", no programs may run from it (noexec)"),
    ] {
        if applies {
            text.push_str(remark);
        }
    }
    text
}
