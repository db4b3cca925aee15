//! `self help`: all verbs and their options.

use std::fmt::Write as _;
use std::path::Path;

use super::{Answer, SelfCommand, VERBS, wording};
use bundle::Bundle;

pub(super) fn run(command: &SelfCommand<'_>) -> Answer {
    let record = command.bundle.record();
    let mut text = format!("{} {}: what the launcher of this app can do\n\n", record.app.name, record.app.version);
    let _ = writeln!(text, "usage: {} <verb> [options]\n", prefix(command.bundle, command.own_path));
    for row in VERBS.iter().filter(|row| !row.does.is_empty()) {
        let _ = writeln!(text, "  {:20} {}", row.name, row.does);
        for option in row.options {
            let name = option.value.map_or_else(|| option.name.to_owned(), |value| format!("{} {value}", option.name));
            let _ = writeln!(text, "    {name:18} {}", option.does);
        }
    }
    let commands = &record.start.commands;
    if !commands.is_empty() {
        text.push_str("\nThe app has several commands");
        text.push_str(if record.start.command_argument { ", each named by the first argument" } else { "" });
        text.push_str(" or by the name of a link to this file or of a copy:\n");
        for command in commands {
            text.push_str("  ");
            text.push_str(&command.name);
            text.push('\n');
        }
    }
    text.push_str("\nAnything else is passed to the app.\n");
    Answer { text, code: 0 }
}

/// The command that shows this text.
pub(super) fn command(bundle: &Bundle, own_path: &Path) -> String {
    format!("{} help", prefix(bundle, own_path))
}

fn prefix(bundle: &Bundle, own_path: &Path) -> String {
    let program = own_path.file_name().map(wording::text).unwrap_or_default();
    let word = bundle.record().settings.self_word.as_deref().unwrap_or_default();
    format!("{program} {word}")
}
