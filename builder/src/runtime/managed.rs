//! python-build-standalone through uv: which build uv has for a target, and getting it.
//!
//! uv knows its builds without a network, and installs those of other systems as well as the host's own. Its
//! variables hold here too: `UV_PYTHON_INSTALL_MIRROR`, `UV_PYTHON_DOWNLOADS_JSON_URL`, `UV_PYTHON_CACHE_DIR`,
//! proxies and timeouts.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context;
use serde::Deserialize;

use super::version::Wanted;
use crate::context::Tools;
use crate::host::cache::Cache;
use crate::host::digest;
use crate::host::network;
use crate::host::uv::{ErrorKind, Uv, UvError};
use crate::platform::{PythonVersion, Target};
use crate::report::failure::Failure;

/// For how long a site that could not be reached is not asked again while something else will do.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// A refusal that comes faster than this is not worth remembering.
const SLOW: Duration = Duration::from_secs(1);

/// What uv asked can't be reached from here, in uv's words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct OutOfReach(String);

/// A build that uv can install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Build {
    /// uv's name for it: `cpython-3.13.2-linux-x86_64-gnu`.
    pub(super) key: String,
    /// Where it comes from: it names the release of python-build-standalone.
    pub(super) url: String,
    /// The CPython in it.
    pub(super) version: PythonVersion,
}

impl Build {
    /// The newest build for the target that fits, if there is one.
    ///
    /// # Errors
    /// When uv can't say: [`OutOfReach`] if it would have to ask a list that it can't reach.
    pub(super) fn newest(target: Target, wanted: &Wanted, uv: &Uv) -> anyhow::Result<Option<Self>> {
        let arguments = ["python", "list", "--only-downloads", "--all-platforms", "--all-versions"];
        let output = run(uv, arguments.iter().map(OsString::from).chain(["--output-format".into(), "json".into()]))?;
        let listed: Vec<Listed> = serde_json::from_slice(&output.stdout)
            .context("could not read the list of CPython builds that uv printed")?;
        let builds = listed.into_iter().filter_map(|listed| listed.build(target));
        Ok(builds.filter(|build| wanted.allows(&build.version)).max_by_key(|build| build.version))
    }

    /// Installs it below an empty directory.
    ///
    /// # Errors
    /// [`OutOfReach`] when its site can't be reached, and all else that uv refuses; the directory may hold anything
    /// then.
    pub(super) fn lay_out(&self, into: &Path, tools: Tools<'_>) -> anyhow::Result<()> {
        let Tools { cache, uv, report } = tools;
        let _step = report.step(format!("download CPython {} ({})", self.version, self.key));
        let started = Instant::now();
        let options = ["python", "install", "--no-bin", "--no-registry", "--install-dir"].map(OsString::from);
        let result = run(uv, options.into_iter().chain([into.into(), self.key.clone().into()]));
        match &result {
            Ok(_) => self.forget_failure(cache),
            Err(e) if e.is::<OutOfReach>() && started.elapsed() > SLOW => {
                // Not being able to remember costs the next build some seconds, no more.
                let _ = cache.write("unreachable", &self.failure_key(), &[]);
            }
            Err(_) => {}
        }
        result?;
        // Beside the installation uv leaves its lock, and a link without the patch number.
        for entry in fs::read_dir(into)? {
            let entry = entry?;
            if entry.file_type()?.is_symlink() {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Whether getting it failed a short while ago, after keeping the user waiting.
    pub(super) fn failed_lately(&self, cache: &Cache) -> bool {
        let time = fs::metadata(cache.entry("unreachable", &self.failure_key())).and_then(|m| m.modified());
        time.is_ok_and(|time| SystemTime::now().duration_since(time).is_ok_and(|age| age < PATIENCE))
    }

    /// By where it is fetched from, so that another mirror is tried at once.
    fn failure_key(&self) -> String {
        let variables = ["UV_PYTHON_INSTALL_MIRROR", "UV_PYTHON_DOWNLOADS_JSON_URL", "HTTPS_PROXY", "ALL_PROXY"];
        let values = variables.map(|name| env::var(name).unwrap_or_default());
        let host = network::web_url(&self.url).and_then(|url| url.host_str().map(str::to_owned));
        digest::of_facts(values.iter().map(String::as_str).chain(host.as_deref()))
    }

    fn forget_failure(&self, cache: &Cache) {
        let _ = fs::remove_file(cache.entry("unreachable", &self.failure_key()));
    }
}

/// An entry of `uv python list --output-format json`.
#[derive(Debug, Deserialize)]
struct Listed {
    key: String,
    version: String,
    url: Option<String>,
    os: String,
    arch: String,
    libc: String,
    variant: String,
    implementation: String,
}

impl Listed {
    /// The build, if it is a plain CPython for the target and no pre-release.
    fn build(self, target: Target) -> Option<Build> {
        let platform = format!("{}-{}-{}", self.os, self.arch, self.libc);
        let ours = self.implementation == "cpython" && self.variant == "default" && platform == target.uv_platform();
        let version = self.version.parse().ok().filter(|_| ours)?;
        Some(Build { key: self.key, url: self.url?, version })
    }
}

/// Runs uv, with less patience than it has by itself: there may be something else to fall back on.
fn run(uv: &Uv, arguments: impl Iterator<Item = OsString>) -> anyhow::Result<Output> {
    let mut command = uv.command();
    command.args(arguments).stdin(Stdio::null());
    // A project's own `.python-version` or a setting against downloads is about its development environment.
    command.args(["--no-config", "--no-progress", "--color", "never"]);
    command.env_remove("UV_PYTHON").env_remove("UV_PYTHON_DOWNLOADS").env_remove("UV_PYTHON_PREFERENCE");
    for (name, value) in [("UV_HTTP_CONNECT_TIMEOUT", "5"), ("UV_HTTP_RETRIES", "1")] {
        if env::var_os(name).is_none() {
            command.env(name, value);
        }
    }
    let output = command.output().context("could not run uv")?;
    if output.status.success() {
        return Ok(output);
    }
    let failed = UvError::new(&String::from_utf8_lossy(&output.stderr));
    let said = format!("uv: {}", failed.summary);
    // Something else may do when the site can't be reached. It may not when it was reached and sent what it should not, or
    // when this machine has no room for it.
    match failed.kind {
        ErrorKind::Unreachable | ErrorKind::Offline => Err(OutOfReach(said).into()),
        _ => Err(Failure::new(said).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_releases_for_the_target_count() {
        let listed = |version: &str, variant: &str, libc: &str| Listed {
            key: "k".into(),
            version: version.into(),
            url: Some("https://host/a".into()),
            os: "linux".into(),
            arch: "x86_64".into(),
            libc: libc.into(),
            variant: variant.into(),
            implementation: "cpython".into(),
        };
        let target: Target = "linux".parse().unwrap();
        assert!(listed("3.13.2", "default", "gnu").build(target).is_some());
        assert!(listed("3.14.0rc1", "default", "gnu").build(target).is_none());
        assert!(listed("3.13.2", "freethreaded", "gnu").build(target).is_none());
        assert!(listed("3.13.2", "default", "musl").build(target).is_none());
    }
}
