//! Bundles made by hand: the real launcher before a payload that holds one program of this machine.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use bundle::LaunchRecord;
use bundle::entry_path::EntryPath;
use bundle::frame::{Item, Position, pack};
use bundle::index::EntryKind;
use bundle::record::{App, AppId, Settings, Start};
use bundle::writer::Writer;
use ekiben::packing::launchers;
use ekiben::platform::Target;

use crate::TestContext;

impl TestContext {
    /// A bundle that starts `program` with one argument of its own, the path of a file that holds `script`; then come
    /// those that are typed. Its app is called `handmade`.
    ///
    /// # Panics
    /// When it can't be made.
    pub fn bundle_around(&self, program: &Path, script: &str) -> PathBuf {
        let path = |path: &str| EntryPath::new(path).unwrap();
        let script = self.write("handmade-script", script);
        let item = |name: &str, source: &Path, executable| {
            let size = fs::metadata(source).unwrap().len();
            Item { path: path(name), kind: EntryKind::File { size, executable }, source: source.to_owned() }
        };
        let items = [item("program", program, true), item("script", &script, false)];
        let record = LaunchRecord {
            app: App { id: AppId::new("handmade").unwrap(), name: "Handmade".to_owned(), version: "1".to_owned() },
            target: Target::host().unwrap().triple().to_owned(),
            python: "3.13.0".to_owned(),
            runtime: "a program of this machine".to_owned(),
            entry_point: "script".to_owned(),
            start: Start {
                interpreter: path("program"),
                flags: Vec::new(),
                script: path("script"),
                windowed: false,
                environment: Vec::new(),
            },
            settings: Settings::default(),
        };
        let mut writer = Writer::new(Vec::new(), launchers::for_target(Target::host().unwrap()).unwrap()).unwrap();
        writer.layer("runtime");
        writer.frame(pack(&items, Position::Last, 1).unwrap()).unwrap();
        let (_, bytes) = writer.finish(&record).unwrap();
        // Written by another process: a child that another test forks meanwhile would hold it open for writing.
        let (written, bundle) = (self.path("handmade-bytes"), self.path("handmade"));
        File::create(&written).unwrap().write_all(&bytes).unwrap();
        fs::set_permissions(&written, fs::Permissions::from_mode(0o755)).unwrap();
        let status = std::process::Command::new("cp").arg("-p").arg(&written).arg(&bundle).status().unwrap();
        assert!(status.success());
        bundle
    }
}
