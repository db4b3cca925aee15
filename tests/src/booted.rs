//! A machine with a real systemd, accounts and reboots: a copy-on-write view of this one, see `linux/booted`. What happens in
//! it reaches nothing outside, and is gone when the test is over.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::accounts::Root;
use crate::context::{TestContext, copy};
use crate::outcome::Outcome;
use crate::program::Program;
use crate::skip::skip;
use crate::wait::eventually;

/// The machine.
#[derive(Debug)]
pub struct Booted {
    script: PathBuf,
    directory: PathBuf,
    bundles: PathBuf,
}

/// Where its bundles are, in the machine.
const BUNDLES: &str = "/srv/bundles";

impl Booted {
    /// Boots one. `None`, said on standard error, where the tests are not root's or there is no systemd.
    ///
    /// # Panics
    /// When it does not come up, or may not be skipped.
    pub fn or_skip(context: &TestContext) -> Option<Self> {
        Root::or_skip()?;
        if !Path::new("/lib/systemd/systemd").exists() {
            skip("EKIBEN_REQUIRE_ROOT", "there is no systemd to boot");
            return None;
        }
        let script = context.write("booted", include_str!("linux/booted"));
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        // Other accounts of the machine start what lies there.
        fs::set_permissions(context.root(), fs::Permissions::from_mode(0o755)).unwrap();
        let [directory, bundles] = ["machine", "bundles"].map(|name| context.path(name));
        fs::create_dir(&directory).unwrap();
        fs::create_dir(&bundles).unwrap();
        let machine = Self { script, directory, bundles };
        machine.ask("start").run().success();
        Some(machine)
    }

    /// Makes a file visible in it; answers where.
    pub fn bring(&self, file: &Path) -> String {
        let name = file.file_name().unwrap();
        copy(file, &self.bundles.join(name));
        format!("{BUNDLES}/{}", name.to_str().unwrap())
    }

    /// Runs a script of bash in it, as root, which ends with the first command that fails.
    pub fn sh(&self, script: &str) -> Outcome {
        self.ask("run").args(["bash", "-euo", "pipefail", "-c", script]).run()
    }

    /// What a script writes to standard output, in which all goes well.
    ///
    /// # Panics
    /// When it does not end with 0.
    #[track_caller]
    pub fn ok(&self, script: &str) -> String {
        self.sh(script).success().stdout.clone()
    }

    /// Waits until a script ends with 0.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn wait_for(&self, script: &str) {
        eventually(script, || self.sh(script).code == Some(0));
    }

    /// Switches it off, without a word to anybody, and on again.
    pub fn power_cycle(&self) {
        self.ask("reboot").run().success();
    }

    /// Everything that an installation could leave: files, accounts, units.
    pub fn inventory(&self) -> String {
        // Caches and logs of the system's own, and what useradd keeps of before.
        let files = "find /etc /home /opt /usr /var -xdev \\( -path /var/log -o -path /var/tmp -o -path /var/cache \
                     -o -path /var/lib/systemd -o -path /var/lib/ekiben-tests \\) -prune -o -print | sort | grep -vE \
                     '^/etc/((passwd|group|shadow|gshadow|subuid|subgid)-|\\.pwd\\.lock|\\.updated)$|^/var/\\.updated$'";
        let accounts = "cut -d: -f1 /etc/passwd /etc/group /etc/shadow /etc/subuid | sort";
        let units = "systemctl list-unit-files --no-legend --no-pager | sort; \
                     systemctl list-units --all --no-legend --no-pager --plain --type=service,socket | \
                     cut -d' ' -f1 | grep -vE '^(user|systemd-)' | sort";
        self.ok(&[files, accounts, units].join("; "))
    }

    /// What has come (`+`) and gone (`-`) since an inventory was taken.
    pub fn changes(&self, before: &str) -> Vec<String> {
        let after = self.inventory();
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
        let (before, after) = (lines(before), lines(&after));
        let come = after.difference(&before).map(|line| format!("+{line}"));
        come.chain(before.difference(&after).map(|line| format!("-{line}"))).collect()
    }

    fn ask(&self, verb: &str) -> Program {
        let path = std::env::var_os("PATH").unwrap();
        let extra = format!("{}:{BUNDLES}", self.bundles.display());
        Program::new(&self.script).arg(verb).arg(&self.directory).env("PATH", path).env("EXTRA", extra)
    }
}

impl Drop for Booted {
    fn drop(&mut self) {
        drop(self.ask("poweroff").run());
    }
}
