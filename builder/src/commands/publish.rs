//! `ekiben publish`: a bundle takes the place of the one that people use.

use std::process::ExitCode;

use serde_json::json;

use super::{print, print_json};
use crate::commands::cli::PublishCommand;
use crate::packing::publish;
use crate::report::{Report, Verbosity};

pub(super) fn run(command: &PublishCommand) -> anyhow::Result<ExitCode> {
    let report = Report::new(Verbosity::Normal);
    let published = publish::publish(&command.file, &command.destination, command.force, &report)?;
    for left in &published.left {
        report.notice(format!("`{}` is still in use; a later publish removes it", left.display()));
    }
    let app = &published.record.app;
    if command.json {
        return print_json(&json!({
            "path": published.path,
            "app": app,
            "target": published.record.target,
            "digest": published.digest,
            "unchanged": published.unchanged,
            "replaced": published.replaced,
            "left": published.left,
        }));
    }
    let path = published.path.display();
    print(&match &published.replaced {
        _ if published.unchanged => format!("`{path}` is {} {} already\n", app.name, app.version),
        Some(version) => format!("published {} {} as `{path}`, in place of {version}\n", app.name, app.version),
        None => format!("published {} {} as `{path}`\n", app.name, app.version),
    })
}
