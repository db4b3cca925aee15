//! `ekiben extract`: a bundle's files, as a first start would extract them, into a directory of the user's choice.

use std::fs;
use std::process::ExitCode;

use launcher::install::Watcher;
use launcher::install::make::extract;

use super::open;
use crate::commands::cli::ExtractCommand;
use crate::host::system;
use crate::report::failure::{Failure, Help as _};
use crate::report::{Report, Step, Verbosity};

pub(super) fn run(command: &ExtractCommand) -> anyhow::Result<ExitCode> {
    let bundle = open::open(&command.file)?;
    let index = bundle.index().or_fail(format!("could not read `{}`", command.file.display()), open::HELP)?;
    let directory = std::path::absolute(&command.directory)?;
    let existed = directory.exists();
    if existed && fs::read_dir(&directory).is_ok_and(|mut entries| entries.next().is_some()) {
        let failure = Failure::new(format!("the directory `{}` is not empty", directory.display()));
        return Err(failure.help("extract into a new one").into());
    }
    system::create_directories(&directory)
        .or_fail(format!("could not create `{}`", directory.display()), "extract into another directory")?;
    let report = Report::new(Verbosity::Normal);
    let mut bar = Bar { step: report.bytes("extracting", index.raw_len()), told: 0 };
    if let Err(failed) = extract::extract(&bundle, &index, &directory, &mut bar) {
        // Everything in the directory was extracted just now, because it was empty before.
        let _ = fs::remove_dir_all(&directory);
        if existed {
            let _ = fs::create_dir(&directory);
        }
        let help = failed.help();
        return Err(failed).or_fail(format!("could not extract `{}`", command.file.display()), help);
    }
    Ok(ExitCode::SUCCESS)
}

struct Bar {
    step: Step,
    told: u64,
}

impl Watcher for Bar {
    fn waiting(&mut self) {}

    fn extracted(&mut self, done: u64, _total: u64) {
        self.step.advance(done.saturating_sub(self.told));
        self.told = done;
    }
}
