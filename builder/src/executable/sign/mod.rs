//! Sign: runs the command of `[tool.ekiben.sign]` on the finished bundle, before the bundle is renamed into place.
//!
//! Signing comes last, because a signature covers every byte before it: launcher, resources and payload. The signer's
//! output is opened again and must be the same bundle with a matching signature; otherwise the build fails. This does not
//! check whether the certificate is trusted.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use anyhow::Context as _;
use bundle::{Bundle, Digest};

use crate::config::SignCommand;
use crate::host::system;
use crate::report::Report;
use crate::report::failure::{Failure, Help as _};
use crate::report::text;

pub mod signature;
mod words;

use signature::{Signature, State};
use words::Places;

/// Signs `file`, which contains the payload with this `digest` and is in a directory that only this build uses. Returns the path
/// of the signed file, which can be another file in that directory. Programs and paths of the command are relative to `root`,
/// the project's directory.
///
/// # Errors
/// When the command can't be run or fails, or its output is not this bundle with a signature. Then no file is left.
pub fn sign(
    command: &SignCommand,
    root: &Path,
    file: &Path,
    digest: Digest,
    report: &Report,
) -> anyhow::Result<PathBuf> {
    let _step = report.step("signing");
    let signed = if command.in_place() { file.to_owned() } else { beside(file) };
    let places = Places { input: file, output: &signed };
    let exposed = words::exposed(command.words());
    if let Some(name) = exposed.first() {
        report.notice(format!(
            "the arguments of a program can be listed by every account of this machine, and one of the signer's is made of \
             `{name}`: give it in `env` or `stdin` of [tool.ekiben.sign], see docs/SIGNING.md"
        ));
    }
    report.detail(format!("running {}", command.words().join(" ")));
    run(command, root, &places)?;

    let signature = check(&signed, digest).or_fail(
        "what the command of [tool.ekiben.sign] left is not the signed bundle",
        "run the command on a copy of an unsigned bundle (`ekiben build --no-sign`), and look at what it makes",
    )?;
    report.detail(format!("signed by {}", text::shown(&signature.signer)));
    let opened = OpenOptions::new().read(true).write(true).open(&signed)?;
    system::make_executable(&opened)?;
    opened.sync_all()?;
    Ok(signed)
}

/// A path for the signer's output at which there is no file yet: some signers refuse to overwrite files.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push("-signed");
    if let Some(extension) = file.extension() {
        name.push(".");
        name.push(extension);
    }
    file.with_file_name(name)
}

fn run(command: &SignCommand, root: &Path, places: &Places<'_>) -> anyhow::Result<()> {
    let expanded = words::expanded(command, places)?;
    let [program, arguments @ ..] = expanded.words.as_slice() else { return Ok(()) };
    let shown = &command.words()[0];
    let mut signer = Command::new(program);
    signer.args(arguments).envs(expanded.environment.iter().map(|(name, value)| (name, value))).current_dir(root);
    let output = output(signer, &expanded.stdin).or_fail(
        format!("could not run `{shown}`, the signer of [tool.ekiben.sign]"),
        "install it, give its full path, or build with --no-sign",
    )?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).trim().to_owned());
    let said = said.into_iter().filter(|said| !said.is_empty()).collect::<Vec<_>>().join("\n");
    let said = if said.is_empty() { "it said nothing".to_owned() } else { expanded.without_secrets(&said) };
    Err(Failure::new(format!("`{shown}`, the signer of [tool.ekiben.sign], failed with {}:\n{said}", output.status))
        .help("no bundle was written; put it right, or build with --no-sign")
        .into())
}

/// Runs a program with this standard input. Without any, it is empty, so that a signer that asks for a password fails
/// instead of waiting.
fn output(mut program: Command, stdin: &OsStr) -> io::Result<Output> {
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let pipe = child.stdin.take();
    thread::scope(|scope| {
        // The program may print something before it has read all of it, or read nothing at all.
        scope.spawn(move || pipe.map(|mut pipe| pipe.write_all(stdin.as_encoded_bytes())));
        child.wait_with_output()
    })
}

/// Reads the signature of a file, which must be the bundle with this digest.
fn check(file: &Path, digest: Digest) -> anyhow::Result<Signature> {
    let opened = File::open(file).context("it wrote no file")?;
    anyhow::ensure!(fs::symlink_metadata(file)?.is_file(), "it wrote a link, and no file");
    let bundle = Bundle::open(file)?;
    anyhow::ensure!(bundle.digest() == digest, "it holds another payload");
    match signature::of(&opened)? {
        State::Signed(signature) if signature.intact != Some(false) => Ok(signature),
        State::Signed(_) => anyhow::bail!("its signature is for other bytes"),
        State::Unreadable(why) => anyhow::bail!("its signature can't be read: {why}"),
        State::Unsigned => anyhow::bail!("it carries no signature"),
    }
}
