//! Bundles around one program of this machine: the real launcher, and a payload that holds the program and a script for it.

use std::fs;
use std::path::{Path, PathBuf};

use ekiben::executable::launchers;
use ekiben::platform::Target;
use ekiben_payload_fixtures::handmade::{Entry, Handmade};

use crate::TestContext;
use crate::tiny::copy_to_run;

impl TestContext {
    /// A bundle that starts `program` with one argument of its own, the path of a file that holds `script`; then come
    /// those that are typed. Its app is called `handmade`.
    ///
    /// # Panics
    /// When it can't be made.
    pub fn bundle_around(&self, program: &Path, script: &str) -> PathBuf {
        let content = fs::read(program).unwrap();
        let mut handmade = Handmade::new("handmade", "1").starting("program", "script");
        Target::host().unwrap().triple().clone_into(&mut handmade.record.target);
        let entries = vec![Entry::program("program", content), Entry::file("script", script)];
        self.written(handmade.layer("runtime", [entries]))
    }

    /// A bundle whose record says that it needs this glibc. It starts a `true` that is linked with one.
    ///
    /// # Panics
    /// When it can't be made.
    pub fn bundle_that_needs_glibc(&self, version: &str) -> PathBuf {
        let mut handmade = Handmade::new("handmade", "1").starting("program", "script");
        Target::host().unwrap().triple().clone_into(&mut handmade.record.target);
        handmade.record.glibc = Some(version.to_owned());
        let entries = vec![Entry::program("program", fs::read("/bin/true").unwrap()), Entry::file("script", "")];
        self.written(handmade.layer("runtime", [entries]))
    }

    fn written(&self, handmade: Handmade) -> PathBuf {
        let launcher = launchers::for_target(Target::host().unwrap()).unwrap();
        copy_to_run(&handmade.bytes(launcher).unwrap(), &self.path("handmade"))
    }
}
