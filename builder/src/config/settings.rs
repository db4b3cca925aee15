//! `[tool.ekiben]`: its keys, and what each may hold.

use super::document::{Document, Located, Table};
use super::lazy_imports::LazySettings;
use super::service;
use super::sign::SignCommand;
use super::update::UpdateSettings;
use super::wanted_commands::Wanted;
use super::windows::{self, Windows};

use crate::report::failure::Failure;

/// What `[tool.ekiben]` says, as it is written.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) name: Option<Located<String>>,
    pub(super) version: Option<Located<String>>,
    pub(super) entry_point: Option<Located<String>>,
    pub(super) commands: Option<Wanted>,
    pub(super) command_argument: Option<bool>,
    pub(super) gui: Option<bool>,
    pub(super) icon: Option<Located<String>>,
    pub(super) python: Option<Located<String>>,
    pub(super) runtime: Option<Located<String>>,
    pub(super) runtime_sha256: Option<Located<String>>,
    pub(super) target: Option<Located<String>>,
    pub(super) glibc: Option<Located<String>>,
    pub(super) requirements: Option<Located<String>>,
    pub(super) extras: Vec<Located<String>>,
    pub(super) groups: Vec<Located<String>>,
    pub(super) dependency_tests: Option<bool>,
    pub(super) include: Vec<Located<String>>,
    pub(super) exclude: Vec<Located<String>>,
    pub(super) python_flags: Vec<Located<String>>,
    pub(super) environment: Vec<Located<String>>,
    pub(super) sources: Option<Vec<Located<String>>>,
    pub(super) stdlib_keep: Vec<Located<String>>,
    pub(super) minimal: Option<bool>,
    pub(super) minimal_keep: Vec<Located<String>>,
    pub(super) minimal_trial: Vec<Located<String>>,
    pub(super) lazy_imports: LazySettings,
    pub(super) compression: Option<Located<String>>,
    pub(super) output: Option<Located<String>>,
    pub(super) check: Option<bool>,
    pub(super) publisher: Option<String>,
    pub(super) self_command: Option<Option<Located<String>>>,
    pub(super) keep_versions: Option<u32>,
    pub(super) windows: Windows,
    pub(super) service: Vec<String>,
    pub(super) update: Option<UpdateSettings>,
    pub(super) sign: Option<SignCommand>,
}

/// Every key, in the order of docs/CONFIG.md.
pub(super) const KEYS: &[&str] = &[
    "name",
    "version",
    "entry-point",
    "commands",
    "command-argument",
    "gui",
    "icon",
    "python",
    "runtime",
    "runtime-sha256",
    "target",
    "glibc",
    "requirements",
    "extras",
    "groups",
    "dependency-tests",
    "include",
    "exclude",
    "python-flags",
    "environment",
    "sources",
    "stdlib-keep",
    "minimal",
    "minimal-keep",
    "minimal-trial",
    "lazy-imports",
    "lazy-imports-except",
    "lazy-imports-trial",
    "compression",
    "output",
    "check",
    "publisher",
    "self-command",
    "keep-versions",
    "windows",
    "service",
    "update",
    "sign",
];

/// Whether this is the name of ekiben's table with letters that are wrong, missing, swapped or too many.
fn is_a_typo(name: &str) -> bool {
    name != "ekiben" && strsim::damerau_levenshtein(&name.to_lowercase(), "ekiben") <= 2
}

impl Settings {
    /// Reads `[tool.ekiben]` of a `pyproject.toml` or of a script's block, if there is one.
    pub(super) fn in_tool_table(document: &Document<'_>) -> Result<Option<Self>, Failure> {
        let Some(tool) = document.root().table("tool")? else { return Ok(None) };
        if let Some(typo) = tool.keys().find(|name| is_a_typo(name)) {
            let message = format!("[tool.{typo}] is probably a typo");
            let failure = match tool.place(typo) {
                Some(place) => place.failure(message),
                None => Failure::new(format!("{}: {message}", document.shown())),
            };
            return Err(failure.help("did you mean [tool.ekiben]?"));
        }
        tool.table("ekiben")?.map(|table| Self::read(&table)).transpose()
    }

    /// Reads a whole `ekiben.toml`.
    pub(super) fn in_own_file(document: &Document<'_>) -> Result<Self, Failure> {
        Self::read(&document.root())
    }

    fn read(table: &Table<'_>) -> Result<Self, Failure> {
        table.only(KEYS)?;
        Ok(Self {
            name: table.string("name")?,
            version: table.string("version")?,
            entry_point: table.string("entry-point")?,
            commands: Wanted::read(table)?,
            command_argument: table.boolean("command-argument")?,
            gui: table.boolean("gui")?,
            icon: table.string("icon")?,
            python: table.string("python")?,
            runtime: table.string("runtime")?,
            runtime_sha256: table.string("runtime-sha256")?,
            target: table.string("target")?,
            glibc: table.string("glibc")?,
            requirements: table.string("requirements")?,
            extras: table.strings("extras")?,
            groups: table.strings("groups")?,
            dependency_tests: table.boolean("dependency-tests")?,
            include: table.strings("include")?,
            exclude: table.strings("exclude")?,
            python_flags: table.strings("python-flags")?,
            environment: table.strings("environment")?,
            sources: table.has("sources").then(|| table.strings("sources")).transpose()?,
            stdlib_keep: table.strings("stdlib-keep")?,
            minimal: table.boolean("minimal")?,
            minimal_keep: table.strings("minimal-keep")?,
            minimal_trial: table.strings("minimal-trial")?,
            lazy_imports: LazySettings::read(table)?,
            compression: table.string("compression")?,
            output: table.string("output")?,
            check: table.boolean("check")?,
            publisher: windows::line(table, "publisher")?,
            self_command: table.string_or_false("self-command")?,
            keep_versions: table.count("keep-versions", 1)?,
            windows: table.table("windows")?.map(|table| Windows::read(&table)).transpose()?.unwrap_or_default(),
            service: table.table("service")?.map(|table| service::read(&table)).transpose()?.unwrap_or_default(),
            update: table.table("update")?.map(|table| UpdateSettings::read(&table)).transpose()?,
            sign: table.table("sign")?.map(|table| SignCommand::read(&table)).transpose()?,
        })
    }
}
