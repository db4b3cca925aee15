//! Launchers with fault points: they break where a test says (`launcher/src/install/fault`).

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::builder::{Os, cargo_build};
use crate::context::TestContext;
use crate::shared::Built;
use crate::tiny::{LINUX, WINDOWS, copy_to_run};

/// How the builder has its launchers built.
#[path = "../../builder/build/nested.rs"]
mod nested;
#[path = "../../builder/build/toolchain.rs"]
mod toolchain;
#[path = "../../builder/build/ways.rs"]
mod ways;

const FEATURE: &str = "fault-points";

/// A launcher with fault points.
///
/// # Panics
/// When it can't be built.
pub fn faulty_launcher(os: Os) -> Vec<u8> {
    static LINUX: LazyLock<Vec<u8>> = LazyLock::new(for_this_machine);
    match os {
        Os::Linux => LINUX.clone(),
        Os::Windows => faulty_launcher_as_shipped(os),
    }
}

/// A launcher with fault points that is otherwise as those are that the builder embeds: without words for panics, for one.
///
/// # Panics
/// When it can't be built.
pub(crate) fn faulty_launcher_as_shipped(os: Os) -> Vec<u8> {
    static FOR_LINUX: LazyLock<Vec<u8>> = LazyLock::new(|| as_shipped(LINUX));
    static FOR_WINDOWS: LazyLock<Vec<u8>> = LazyLock::new(|| as_shipped(WINDOWS));
    match os {
        Os::Linux => FOR_LINUX.clone(),
        Os::Windows => FOR_WINDOWS.clone(),
    }
}

/// A finished bundle with a launcher with fault points in the place of its own.
///
/// # Panics
/// When it can't be written.
pub fn with_fault_points(context: &TestContext, bundle: &Path) -> PathBuf {
    let payload_start = bundle::Bundle::open(bundle).unwrap().payload_start() as usize;
    let mut bytes = faulty_launcher(Os::Linux);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes.extend(&fs::read(bundle).unwrap()[payload_start..]);
    let mut name = bundle.file_name().unwrap().to_owned();
    name.push("-faulty");
    copy_to_run(&bytes, &context.path(name))
}

fn for_this_machine() -> Vec<u8> {
    let arguments = ["--package", "ekiben-launcher", "--bin", "ekiben-launcher", "--features", FEATURE];
    fs::read(cargo_build(&arguments, "ekiben-launcher")).unwrap()
}

/// Built as those are that the builder embeds, and where they are: so nothing but the launcher's own code is compiled.
fn as_shipped(target: &str) -> Vec<u8> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let directory = Built::here().target_dir.join("launchers");
    let launcher = ways::LAUNCHERS.iter().find(|launcher| launcher.target == target).unwrap();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let toolchains = toolchain::Toolchain::all(Path::new(&cargo), Path::new(&rustc));
    let directory_for_it = tempfile::tempdir().unwrap();
    let to = directory_for_it.path().join("launcher.exe");
    let only = std::env::var("EKIBEN_LAUNCHER_STD").ok().filter(|value| !value.is_empty());
    let only = only.map(|value| ways::Std::from_setting(&value).unwrap());
    let nested = nested::Nested::new(workspace, &directory, only).unwrap();
    let program = nested::Program { features: FEATURE, ..nested::Program::LAUNCHER };
    nested.program(launcher, &toolchains, program, &to).expect("a launcher with fault points");
    fs::read(to).unwrap()
}
