//! Services of Windows, as far as Wine shows them: it has a service control manager, jobs and consoles. It runs every service
//! as its one account, and keeps no event log: what follows from that is in docs/ARCHITECTURE.md.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use ekiben_tests::{
    Os, Outcome, TestContext, WindowsMachine, Wine, eventually, eventually_some, windows_path, windows_program,
};
use launcher::service::{event, identity};

/// A Windows machine with the sample project `worker`, or another one.
pub(super) struct Server {
    pub(super) context: TestContext,
    pub(super) machine: WindowsMachine,
    /// The file that an admin has copied to it.
    pub(super) bundle: PathBuf,
    app: &'static str,
}

impl Server {
    fn new(app: &'static str) -> Option<Self> {
        Self::with(app, |context, _| context.bundle(app, Os::Windows))
    }

    /// With a bundle that is made here.
    pub(super) fn with(app: &'static str, bundle: impl FnOnce(&TestContext, &Wine) -> PathBuf) -> Option<Self> {
        let wine = Wine::or_skip()?;
        let context = TestContext::new();
        let bundle = bundle(&context, wine);
        Some(Self { context, machine: WindowsMachine::new(wine), bundle, app })
    }

    pub(super) fn of(&self, bundle: &PathBuf, line: &str) -> Outcome {
        let words = ["self"].into_iter().chain(line.split_whitespace());
        self.machine.program(&self.context, bundle).args(words).run()
    }

    /// The file that was copied, asked for something.
    pub(super) fn admin(&self, line: &str) -> Outcome {
        self.of(&self.bundle, line)
    }

    pub(super) fn root(&self) -> PathBuf {
        self.machine.drive().join("Program Files").join(self.app)
    }

    fn notes(&self) -> String {
        fs::read_to_string(self.root().join("data/notes")).unwrap_or_default()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.root().join("logs/service.log")).unwrap_or_default()
    }

    #[track_caller]
    fn until_noted(&self, note: &str, times: usize) {
        eventually(note, || self.notes().lines().filter(|line| line.starts_with(note)).count() >= times);
    }

    pub(super) fn status(&self) -> serde_json::Value {
        let told = self.admin("service status --json");
        serde_json::from_str(&told.stdout).unwrap()
    }

    fn has_key(&self, key: &str) -> bool {
        self.machine.program(&self.context, "reg").args(["query", key]).run().code == Some(0)
    }

    /// What is left of the app in the registry and on the disk.
    pub(super) fn left(&self) -> Vec<String> {
        let services = r"HKLM\SYSTEM\CurrentControlSet\Services";
        let keys = [
            format!(r"{services}\{}", self.app),
            format!(r"{services}\EventLog\Application\{}", self.app),
            format!(r"HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall\ekiben.{}", self.app),
        ];
        let mut left: Vec<_> = keys.into_iter().filter(|key| self.has_key(key)).collect();
        let menu = "ProgramData/Microsoft/Windows/Start Menu/Programs";
        let files = [self.root(), self.machine.drive().join(menu).join(format!("{}.lnk", self.app))];
        left.extend(files.iter().filter(|path| path.exists()).map(|path| path.display().to_string()));
        left
    }
}

#[test]
fn a_service_works_stops_with_its_clean_up_and_leaves_nothing_when_it_is_uninstalled() {
    let Some(server) = Server::new("worker") else { return };
    server.admin("service install --display-name Works --stop-timeout 60").success();
    server.until_noted("begin worker 1.0.0", 1);
    let status = server.status();
    assert_eq!((&status["state"], &status["at_boot"]), (&"running".into(), &true.into()), "{status}");
    eventually("its log", || server.log().contains("working in C:\\Program Files\\worker\\data"));
    assert_eq!(server.admin("service logs -n 1").quiet_stdout(), "working in C:\\Program Files\\worker\\data\n");

    server.admin("service stop").success();
    assert!(server.notes().ends_with("cleaned up\n"), "{}", server.log());
    assert_eq!(
        (server.status()["state"].as_str(), server.machine.processes("python.exe")),
        (Some("stopped"), Vec::new())
    );
    assert_eq!(server.admin("service status").code, Some(3));
    server.admin("service restart").success();
    server.until_noted("begin", 2);

    // Installed again, it keeps what an admin has changed by other means.
    let change = windows_program(&server.context, "start_manually", &["-ladvapi32"]);
    let change = server.context.write("start_manually.exe", change);
    server.machine.program(&server.context, change).arg("worker").run().success();
    server.admin("service install").success();
    assert_eq!(server.status()["at_boot"], false);

    server.admin("uninstall --yes --purge").success();
    eventually_some("nothing", || server.left().is_empty().then_some(()));
    assert!(server.machine.processes("python.exe").is_empty());
}

#[test]
fn a_service_starts_at_boot_without_whoever_installed_it_and_its_directory_can_simply_be_deleted() {
    let Some(mut server) = Server::new("worker") else { return };
    server.admin("service install").success();
    server.until_noted("begin", 1);
    server.machine.switch_off();
    assert!(server.machine.processes("python.exe").is_empty());
    fs::remove_dir_all(server.machine.profile()).unwrap();
    server.machine.switch_on();
    server.until_noted("begin", 2);
    let installed = server.root().join("worker.exe");
    server.of(&installed, "service stop").success();
    assert!(server.notes().ends_with("cleaned up\n"), "{}", server.log());

    fs::remove_dir_all(server.root()).unwrap();
    let told = server.admin("doctor");
    assert!(told.stdout.contains("left by an installation that was deleted"), "{told:#?}");
    server.admin("clean --system").success();
    eventually_some("nothing", || server.left().is_empty().then_some(()));
    assert_eq!(server.admin("clean --system").quiet_stdout(), "nothing is left\n");
}

#[test]
fn an_app_that_ends_is_started_again_and_its_code_reaches_the_service_manager() {
    let Some(server) = Server::new("worker") else { return };
    server.admin("service install -- end 3").success();
    server.until_noted("begin", 3);
    let log = server.log();
    for line in ["last words\n", "ended with the exit code 3; it is started again in 1 s", "started again in 2 s"] {
        assert!(log.replace('\r', "").contains(line), "{line}: {log}");
    }
    // It stops at once, though it waits for the next start.
    let begun = Instant::now();
    server.admin("service stop").success();
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());

    server.admin("service install --restart never -- end 3").success();
    server.admin("service start");
    eventually("its end", || server.status()["state"] == "stopped");
    assert_eq!(server.status()["exit_code"], 3);
    server.admin("service install --restart always -- end 7").success();
    server.admin("service start");
    eventually("its end", || server.status()["state"] == "stopped" && server.status()["exit_code"] == 0);
}

#[test]
fn an_app_that_hears_nothing_is_ended_in_time() {
    let Some(server) = Server::new("worker") else { return };
    // Ctrl-Break is an exception in it: Wine passes none on, so it sends itself the signal.
    server.admin("service install --restart never -- broken_off").success();
    server.until_noted("cleaned up", 1);
    eventually("its end", || server.status()["state"] == "stopped");

    server.admin("service install --stop-timeout 3 -- stubborn").success();
    server.admin("service start").success();
    server.until_noted("begin", 2);
    let begun = Instant::now();
    server.admin("service stop").success();
    assert!(begun.elapsed() >= Duration::from_secs(3), "{:?}", begun.elapsed());
    assert!(server.log().contains("did not stop within 3 seconds"), "{}", server.log());
    assert!(server.machine.processes("python.exe").is_empty());
}

#[test]
fn a_service_that_runs_is_updated_and_restarted_or_left_as_it_is() {
    let Some(server) = Server::new("worker") else { return };
    let newer = version(&server.context, "2.0.0");
    server.admin("service install --stop-timeout 60").success();
    server.until_noted("begin worker 1.0.0", 1);
    server.of(&newer, "install --system").success();
    server.until_noted("begin worker 2.0.0", 1);
    assert_eq!(server.notes().lines().filter(|line| *line == "cleaned up").count(), 1, "{}", server.log());
    let installed = server.root().join("worker.exe");
    assert!(fs::read(&installed).unwrap() == fs::read(&newer).unwrap());

    let process = server.status()["process"].clone();
    server.admin("install --system --no-restart").success();
    assert!(fs::read(&installed).unwrap() == fs::read(&server.bundle).unwrap());
    assert_eq!((&server.status()["process"], server.notes().lines().count()), (&process, 3));
    server.of(&installed, "service restart").success();
    server.until_noted("begin worker 1.0.0", 2);
    server.admin("uninstall --yes --purge").success();
    eventually_some("nothing", || server.left().is_empty().then_some(()));
}

/// The sample project `worker`, in another version.
fn version(context: &TestContext, version: &str) -> PathBuf {
    let project = context.project("worker");
    let settings = project.join("pyproject.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text.replace("version = \"1.0.0\"", &format!("version = \"{version}\""))).unwrap();
    let exe = context.path(format!("worker-{version}.exe"));
    context
        .ekiben()
        .args(["build", "--quiet", "--target", "windows", "--output"])
        .arg(&exe)
        .arg(&project)
        .run()
        .success();
    exe
}

#[test]
fn windows_reads_access_rights_and_messages_as_they_are_meant() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let program = windows_program(&context, "read_back", &["-ladvapi32"]);
    let program = context.write("read_back.exe", program);
    let read_back = |arguments: &[&str]| {
        let read = wine.program(&context, &program).args(arguments.iter().map(|argument| (*argument).to_owned())).run();
        read.success().stdout.replace('\r', "")
    };
    let both = ["web", "worker"];
    for rights in [identity::PROGRAM, &identity::service_directory(&both), &identity::definitions(&both)] {
        assert_eq!(read_back(&["rights", rights]), format!("{rights}\n"));
    }
    let bundle = windows_path(&context.bundle("worker", Os::Windows));
    for id in event::IDS {
        assert_eq!(read_back(&["message", &bundle, &id.to_string(), "it was started"]), "it was started\n");
    }
}

/// How often; `EKIBEN_STOPS=100` takes longer.
fn stops() -> usize {
    std::env::var("EKIBEN_STOPS").ok().and_then(|stops| stops.parse().ok()).unwrap_or(10)
}

#[test]
fn no_process_survives_a_stop_or_the_end_of_the_launcher() {
    let Some(server) = Server::new("worker") else { return };
    server.admin("service install --stop-timeout 60 --start manual -- family").success();
    for stop in 1..=stops() {
        server.admin("service start").success();
        server.until_noted("begin", stop);
        eventually("its family", || server.machine.processes("python.exe").len() >= 3);
        server.admin("service stop").success();
        // Windows knows no process any more; this machine may for a moment. A grandchild would sleep for an hour.
        eventually("their end", || server.machine.processes("python.exe").is_empty());
    }
    server.admin("service start").success();
    eventually("its family", || server.machine.processes("python.exe").len() >= 3);
    let launchers = server.machine.processes("service run");
    let [launcher] = launchers[..] else { panic!("{launchers:?}") };
    assert!(std::process::Command::new("kill").args(["-9", &launcher.to_string()]).status().unwrap().success());
    eventually("their end", || server.machine.processes("python.exe").is_empty());
}

#[test]
fn ten_times_the_limit_of_a_log_stays_within_it() {
    const MEGABYTE: u64 = 1 << 20;
    let Some(server) = Server::new("worker") else { return };
    server.admin("service install --log-limit 1 --stop-timeout 60 -- flood 10").success();
    server.until_noted("flooded", 1);
    server.admin("service stop").success();
    let logs =
        || fs::read_dir(server.root().join("logs")).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len());
    assert!(logs().count() > 5 && logs().sum::<u64>() <= MEGABYTE, "{:?}", logs().collect::<Vec<_>>());
    let end = server.admin("service logs -n 1000").quiet_stdout().to_owned();
    let numbers: Vec<u32> = end.lines().filter_map(|line| line.trim().parse().ok()).collect();
    assert!(
        numbers.len() > 900 && numbers.last() == Some(&99_999) && numbers.windows(2).all(|pair| pair[0] + 1 == pair[1])
    );
}

#[test]
fn flask_behind_waitress_and_a_pool_of_processes_are_services() {
    let Some(server) = Server::new("site") else { return };
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    server.admin(&format!("service install --stop-timeout 60 -- {port}")).success();
    let get = |path: &str| {
        let url = format!("http://127.0.0.1:{port}/{path}");
        let told = std::process::Command::new("curl").args(["-s", &url]).output().unwrap();
        Some(String::from_utf8(told.stdout).unwrap()).filter(|text| text.ends_with("of site"))
    };
    let begun = Instant::now();
    server.admin("service restart").success();
    let first = eventually_some("a page", || get(""));
    let started = begun.elapsed();
    // What the launcher does is to wait for a second and to start the app again: the rest is the app's, and Wine's.
    let log = || server.log().matches("started version").count();
    let starts = log();
    get("crash");
    let begun = Instant::now();
    eventually("another start", || log() > starts);
    let again = begun.elapsed();
    eventually_some("another page", || get("").filter(|text| *text != first));
    println!(
        "restarted in {started:?}; after a crash, started again after {again:?}, served after {:?}",
        begun.elapsed()
    );
    server.admin("uninstall --yes --purge").success();
    assert!(server.machine.processes("python.exe").is_empty());

    let pool = server.context.bundle("worker", Os::Windows);
    server.of(&pool, "service install --stop-timeout 60 -- pool").success();
    let notes =
        || fs::read_to_string(server.machine.drive().join("Program Files/worker/data/notes")).unwrap_or_default();
    eventually("its work", || notes().contains("squares [0, 1, 4, 9]\nbegin"));
    server.of(&pool, "service stop").success();
    assert!(notes().ends_with("cleaned up\n"));
    assert!(server.machine.processes("python.exe").is_empty());
}
