//! Linux: an ELF launcher, and a CPython tree as `make install` lays it out.

use std::path::Path;

use super::{BundledLinks, ExecutableFormat, InstalledPython, Marker, Platform, PreparationStep, PythonVersion};
use super::{ballast, detect};

/// The one value of this platform.
#[derive(Debug)]
pub(super) struct Linux;

impl Platform for Linux {
    fn name(&self) -> &'static str {
        "Linux"
    }

    fn exe_suffix(&self) -> &'static str {
        ""
    }

    fn executable_format(&self) -> ExecutableFormat {
        ExecutableFormat::Elf
    }

    fn bundled_links(&self) -> BundledLinks {
        BundledLinks::Kept
    }

    fn has_executable_bits(&self) -> bool {
        true
    }

    fn interpreter(&self) -> &'static str {
        "python"
    }

    fn commands(&self) -> &'static str {
        "bin"
    }

    fn windowed_interpreter(&self) -> Option<&'static str> {
        None
    }

    fn stdlib(&self, version: &PythonVersion) -> String {
        format!("lib/python{}", version.minor())
    }

    fn in_stdlib<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.strip_prefix("lib/python3.")?.split_once('/').map(|(_, below)| below)
    }

    /// A name without a tag may as well be that of a library which is loaded by its path.
    fn is_extension_module(&self, path: &str) -> bool {
        let tagged = path.contains("/lib-dynload/") || path.ends_with(".abi3.so");
        path.ends_with(".so") && (tagged || path.rsplit('/').next().is_some_and(|name| name.contains(".cpython-")))
    }

    fn is_shared_library(&self, name: &str) -> bool {
        name.ends_with(".so") || name.contains(".so.")
    }

    fn module_directories(&self, version: &PythonVersion) -> Vec<String> {
        let stdlib = self.stdlib(version);
        vec![stdlib.clone(), format!("{stdlib}/lib-dynload")]
    }

    fn path_file(&self, _tree: &Path, version: &PythonVersion) -> (String, String) {
        let stdlib = self.stdlib(version);
        let zip = format!("lib/python{}.zip", version.nodot());
        let text = format!("{zip}\n{stdlib}\n{stdlib}/lib-dynload\n{stdlib}/site-packages\nimport site\n");
        ("python._pth".to_owned(), text)
    }

    fn is_ballast(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let Some(rest) = path.strip_prefix("lib/") else {
            let top = path.split('/').next().unwrap_or(path);
            let interpreter = path.strip_prefix("bin/python3.").is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
            return matches!(top, "include" | "share" | "man" | "etc" | "build" | "Lib")
                || (path.starts_with("bin/") && !interpreter);
        };
        let Some((stdlib, module)) = rest.split_once('/').filter(|(dir, _)| dir.starts_with("python3.")) else {
            return rest == "pkgconfig"
                || rest == "cmake"
                || (rest.starts_with("tk") && name == "demos")
                || (name.ends_with(".a") && !rest.contains('/'));
        };
        // Debian keeps a link of this name to a hook of its own in /etc.
        module == "sitecustomize.py"
            || module.starts_with(&format!("config-{}", &stdlib["python".len()..]))
            || module.strip_prefix("lib-dynload/").is_some_and(ballast::is_test_module)
            || ballast::is_in_stdlib(module)
    }

    fn preparation(&self) -> &'static [PreparationStep] {
        const STEPS: &[PreparationStep] = &[
            PreparationStep::LinkInterpreter,
            PreparationStep::Relocate,
            PreparationStep::DropUnusedLibpython,
            PreparationStep::CopyLibpythonToVenvs,
            PreparationStep::Strip,
            PreparationStep::NeutraliseSysconfig,
        ];
        STEPS
    }

    /// `bin/python3.13` with `lib/python3.13/os.py`, or its bytecode alone: the newest, if there are several.
    fn installed(&self, root: &Path) -> Option<InstalledPython> {
        let names = detect::names_in(&root.join("bin"))?;
        let versions = names.filter_map(|name| name.strip_prefix("python")?.parse::<PythonVersion>().ok());
        let mut version = versions
            .filter(|v| v.patch.is_none())
            .filter(|v| ["py", "pyc"].iter().any(|os| root.join(format!("lib/python{}/os.{os}", v.minor())).is_file()))
            .max()?;
        let header = root.join(format!("include/python{}/patchlevel.h", version.minor()));
        version.patch = detect::patch_in_header(&header);
        Some(InstalledPython { interpreter: root.join(format!("bin/python{}", version.minor())), version })
    }

    fn is_spread_over_prefixes(&self) -> bool {
        true
    }

    fn limit_of_a_host_copy(&self) -> &'static str {
        "; the bundle needs a C library as new as this machine's"
    }

    fn marker(&self) -> Marker {
        Marker { os_name: "posix", sys_platform: "linux", platform_system: "Linux", machine_x86_64: "x86_64" }
    }
}
