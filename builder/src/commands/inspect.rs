//! `ekiben inspect`: what a bundle holds, from its launch record and index; and what takes the room in it.

use std::fmt::Write as _;

use std::process::ExitCode;

use bundle::Bundle;
use bundle::index::{Entry, EntryKind, Index};
use launcher::sys::new_file;
use serde_json::json;

use super::{open, print, print_json};
use crate::commands::cli::InspectCommand;
use crate::commands::summary::{layer_json, layer_line};
use crate::executable::face::Face;
use crate::executable::sign::signature::State;
use crate::packing::sizes::{self, Sizes};
use crate::report::failure::Help as _;
use crate::report::text;
use crate::report::text::bytes;

pub(super) fn run(command: &InspectCommand) -> anyhow::Result<ExitCode> {
    let bundle = open::open(&command.file)?;
    let index =
        bundle.index().or_fail(format!("could not read the index of `{}`", command.file.display()), open::HELP)?;
    let face = Face::of(&command.file, bundle.payload_start())?;
    let wanted = command.sizes || command.html.is_some();
    let sizes = wanted.then(|| sizes::measure(&bundle, &index)).transpose();
    let sizes = sizes.or_fail(format!("could not measure `{}`", command.file.display()), open::HELP)?;
    if let (Some(page), Some(sizes)) = (&command.html, &sizes) {
        new_file::replace(page, sizes::page(sizes, bundle.record()).as_bytes())
            .or_fail(format!("could not write `{}`", page.display()), "name a file in a directory that is there")?;
    }
    let sizes = sizes.filter(|_| command.sizes);
    if command.json {
        let mut value = json(&bundle, &index, face.as_ref(), command.files)?;
        if let (Some(sizes), Some(object)) = (&sizes, value.as_object_mut()) {
            object.insert("sizes".to_owned(), sizes_json(sizes));
        }
        print_json(&value)
    } else {
        let mut all = described(&bundle, &index, face.as_ref(), command.files)?;
        all.push_str(&sizes.as_ref().map(sizes::text).unwrap_or_default());
        print(&all)
    }
}

fn described(bundle: &Bundle, index: &Index, face: Option<&Face>, files: bool) -> anyhow::Result<String> {
    let record = bundle.record();
    let mut text = String::new();
    for (name, value) in [
        ("app", format!("{} {}", record.app.name, record.app.version)),
        ("id", record.app.id.as_str().to_owned()),
        ("target", record.target.clone()),
        ("python", format!("{} ({})", record.python, record.runtime)),
        ("glibc", record.glibc.as_ref().map(|glibc| format!("{glibc} or newer")).unwrap_or_default()),
        ("entry point", record.entry_point.clone()),
        ("commands", commands(record)),
        ("digest", bundle.digest().to_string()),
        ("size", bytes(bundle.file_len()?)),
        ("launcher", bytes(bundle.payload_start())),
    ] {
        if !value.is_empty() {
            writeln!(text, "{name:12} {value}")?;
        }
    }
    if let Some(face) = face {
        text.push_str(&face_text(face));
    }
    text.push_str("layers\n");
    for layer in &index.layers {
        text.push_str(&layer_line(&layer.name, &layer.frames));
    }
    if files {
        for layer in &index.layers {
            writeln!(text, "\n{}", layer.name)?;
            for entry in layer.entries() {
                writeln!(text, "{}", line(entry))?;
            }
        }
    }
    Ok(text)
}

/// The names of the commands, if there are several, and what chooses one.
fn commands(record: &bundle::LaunchRecord) -> String {
    let names: Vec<_> = record.start.commands.iter().map(|command| command.name.as_str()).collect();
    let by = if record.start.command_argument {
        " (by the file's name or the first argument)"
    } else {
        " (by the file's name)"
    };
    if names.is_empty() { String::new() } else { names.join(", ") + by }
}

/// What Windows shows of the program, and who has signed it.
fn face_text(face: &Face) -> String {
    let mut program = vec![if face.windowed { "gui" } else { "console" }];
    program.extend(
        [(face.resources.icon, "icon"), (face.resources.admin, "asks for an administrator's rights")]
            .iter()
            .filter(|(has, _)| *has)
            .map(|(_, what)| what),
    );
    let line =
        |name: &str| face.resources.lines.iter().find(|(known, _)| known == name).map(|(_, line)| text::shown(line));
    let version = ["FileDescription", "ProductVersion", "CompanyName"].into_iter().filter_map(line).collect::<Vec<_>>();
    let version = if version.is_empty() { "none".to_owned() } else { version.join(", ") };
    let signature = match &face.signature {
        State::Unsigned => "none".to_owned(),
        State::Unreadable(why) => format!("damaged: {}", text::shown(why)),
        State::Signed(signature) => format!(
            "{}{}",
            text::shown(&signature.signer),
            match signature.intact {
                Some(true) => ", and not changed since",
                Some(false) => ", BUT THE FILE WAS CHANGED SINCE",
                None => ", with a digest that ekiben does not check",
            }
        ),
    };
    format!(
        "{:12} {}\n{:12} {version}\n{:12} {signature}\n",
        "program",
        program.join(", "),
        "version info",
        "signed by"
    )
}

fn face_json(face: &Face) -> serde_json::Value {
    let properties: serde_json::Map<_, _> =
        face.resources.lines.iter().map(|(name, text)| (name.clone(), json!(text))).collect();
    json!({
        "subsystem": if face.windowed { "windows" } else { "console" },
        "icon": face.resources.icon,
        "admin": face.resources.admin,
        "properties": properties,
        "signature": match &face.signature {
            State::Unsigned => serde_json::Value::Null,
            State::Unreadable(why) => json!({ "error": why }),
            State::Signed(signature) => json!({ "signer": signature.signer, "intact": signature.intact }),
        },
    })
}

fn line(entry: &Entry) -> String {
    match &entry.kind {
        EntryKind::Directory => format!("{:>12} {}/", "", entry.path),
        EntryKind::File { size, executable } => {
            format!("{size:>12} {}{}", entry.path, if *executable { "*" } else { "" })
        }
        EntryKind::Symlink { target } => format!("{:>12} {} -> {}", "", entry.path, text::shown(target)),
    }
}

fn json(bundle: &Bundle, index: &Index, face: Option<&Face>, files: bool) -> anyhow::Result<serde_json::Value> {
    let record = bundle.record();
    let layers = index.layers.iter().map(|layer| {
        let mut value = layer_json(&layer.name, &layer.frames);
        if files && let Some(object) = value.as_object_mut() {
            let entries: Vec<&Entry> = layer.entries().collect();
            object.insert("entries".to_owned(), json!(entries));
        }
        value
    });
    Ok(json!({
        "app": record.app,
        "target": record.target,
        "python": record.python,
        "runtime": record.runtime,
        "glibc": record.glibc,
        "settings": record.settings,
        "entry_point": record.entry_point,
        "start": record.start,
        "digest": bundle.digest(),
        "size": bundle.file_len()?,
        "launcher_size": bundle.payload_start(),
        "payload_size": bundle.footer().payload_len,
        "windows": face.map(face_json),
        "layers": layers.collect::<Vec<_>>(),
    }))
}

fn sizes_json(sizes: &Sizes) -> serde_json::Value {
    json!({
        "parts": sizes.parts,
        "layers": sizes.by(|file| &*file.layer),
        "distributions": sizes.by(|file| &*file.owner),
        "kinds": sizes.by(|file| file.kind.name()),
        "files": sizes.files,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::executable::brand::resources::Described;
    use crate::executable::sign::signature::Signature;

    #[test]
    fn what_a_certificate_or_a_resource_says_forges_no_line() {
        let lines = vec![("CompanyName".to_owned(), "A\nsigned by    CN=Microsoft".to_owned())];
        let signer = "CN=a\nsigned by    CN=Microsoft\u{1b}[2K\u{202e}".to_owned();
        for signature in [
            State::Signed(Signature { signer, intact: Some(true) }),
            State::Unreadable("\u{9b}2K\nsigned by    CN=Microsoft".to_owned()),
        ] {
            let resources = Described { lines: lines.clone(), ..Described::default() };
            let said = face_text(&Face { windowed: false, resources, signature });
            assert_eq!(said.lines().count(), 3, "{said}");
            assert!(!said.contains(|c| text::is_control(c) && c != '\n'), "{said:?}");
        }
    }
}
