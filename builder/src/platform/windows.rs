//! Windows: a PE launcher with resources and a signature, and a CPython tree as the installer of python.org lays it out.

use std::path::Path;

use bundle::entry_path::EntryPath;

use super::{BundledLinks, ExecutableFormat, InstalledPython, Marker, Platform, PreparationStep, PythonVersion};
use super::{ballast, detect};

/// The one value of this platform.
#[derive(Debug)]
pub(super) struct Windows;

impl Platform for Windows {
    fn name(&self) -> &'static str {
        "Windows"
    }

    fn exe_suffix(&self) -> &'static str {
        ".exe"
    }

    fn executable_format(&self) -> ExecutableFormat {
        ExecutableFormat::Pe
    }

    fn bundled_links(&self) -> BundledLinks {
        BundledLinks::Followed
    }

    fn has_executable_bits(&self) -> bool {
        false
    }

    fn file_key(&self, path: &EntryPath) -> String {
        bundle::entry_path::fold_case(path.as_str())
    }

    fn interpreter(&self) -> &'static str {
        "python.exe"
    }

    fn commands(&self) -> &'static str {
        "Scripts"
    }

    fn windowed_interpreter(&self) -> Option<&'static str> {
        Some("pythonw.exe")
    }

    fn stdlib(&self, _version: &PythonVersion) -> String {
        "Lib".to_owned()
    }

    fn in_stdlib<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.strip_prefix("Lib/")
    }

    fn is_extension_module(&self, path: &str) -> bool {
        path.ends_with(".pyd")
    }

    fn is_shared_library(&self, name: &str) -> bool {
        [".dll", ".pyd"].iter().any(|end| name.ends_with(end))
    }

    fn module_directories(&self, _version: &PythonVersion) -> Vec<String> {
        ["", "DLLs", "Lib"].map(str::to_owned).into()
    }

    fn path_file(&self, tree: &Path, version: &PythonVersion) -> (String, String) {
        let dlls = if tree.join("DLLs").is_dir() { "DLLs\n" } else { "" };
        let python = format!("python{}", version.nodot());
        let text = format!("{python}.zip\n.\n{dlls}Lib\nLib\\site-packages\nimport site\n");
        (format!("{python}._pth"), text)
    }

    fn is_ballast(&self, path: &str) -> bool {
        if let Some(module) = path.strip_prefix("Lib/") {
            return ballast::is_in_stdlib(module);
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        let top = path.split('/').next().unwrap_or(path);
        let extension = path.strip_prefix("DLLs/").unwrap_or(path);
        let tcl = top == "tcl"
            && (matches!(name, "nmake" | "demos") || name.ends_with(".lib") || name.ends_with("Config.sh"));
        tcl || matches!(top, "libs" | "include" | "Doc" | "Scripts" | "Tools" | "share" | "NEWS.txt" | "python.cat")
            || name.ends_with(".pdb")
            || name.ends_with("._pth")
            || (!extension.contains('/') && name.ends_with(".pyd") && ballast::is_test_module(extension))
    }

    fn preparation(&self) -> &'static [PreparationStep] {
        &[PreparationStep::UnpackLibrary]
    }

    /// `python.exe` with `python313.dll` beside it, and the standard library as `Lib` or `python313.zip`.
    fn installed(&self, root: &Path) -> Option<InstalledPython> {
        let versions = detect::names_in(root)?.filter_map(|name| {
            let digits = name.to_ascii_lowercase();
            let minor = digits.strip_prefix("python3")?.strip_suffix(".dll")?.parse().ok()?;
            Some(PythonVersion { major: 3, minor, patch: None })
        });
        let mut version = versions.max()?;
        let interpreter = root.join(self.interpreter());
        let library = ["Lib/os.py", "Lib/os.pyc", &format!("python{}.zip", version.nodot())];
        if !library.iter().any(|file| root.join(file).is_file()) || !interpreter.is_file() {
            return None;
        }
        let dll = root.join(format!("python{}.dll", version.nodot()));
        version.patch =
            detect::patch_in_header(&root.join("include/patchlevel.h")).or_else(|| detect::patch_in_dll(&dll));
        Some(InstalledPython { interpreter, version })
    }

    fn is_spread_over_prefixes(&self) -> bool {
        false
    }

    fn limit_of_a_host_copy(&self) -> &'static str {
        ""
    }

    fn marker(&self) -> Marker {
        Marker { os_name: "nt", sys_platform: "win32", platform_system: "Windows", machine_x86_64: "AMD64" }
    }

    /// On Windows, commands that pip has installed find their name without `.exe`, and what they say of themselves follows
    /// from it: usage texts, the variables that ask for completions.
    fn start_script_prologue(&self) -> &'static str {
        "    sys.argv[:1] = [name.removesuffix(\".exe\") for name in sys.argv[:1]]\n"
    }
}
