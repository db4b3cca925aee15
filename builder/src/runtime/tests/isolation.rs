//! Nothing of the machine reaches into an application: what the user installed for themselves, what the
//! environment says, what lies in the working directory. In the interpreter and in the children it starts.

use super::*;

/// Whatever is planted, runs: it then leaves a mark.
struct Hostile {
    home: PathBuf,
    mark: PathBuf,
}

impl Hostile {
    fn new(place: &Place, minor: &str) -> Self {
        let home = place.dir.path().join(format!("home{minor}"));
        let mark = home.join("mark");
        let touch = format!("import os; open({:?}, 'a').write('reached')", mark.to_str().unwrap());
        for base in [".local", "userbase"] {
            let site = home.join(base).join(format!("lib/python{minor}/site-packages"));
            fs::create_dir_all(&site).unwrap();
            fs::write(site.join("planted.pth"), format!("{touch}\n/planted\n")).unwrap();
            fs::write(site.join("usercustomize.py"), &touch).unwrap();
            fs::write(site.join("planted.py"), "").unwrap();
        }
        for file in ["json.py", "sitecustomize.py", "usercustomize.py"] {
            fs::write(home.join(file), &touch).unwrap();
        }
        Self { home, mark }
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.home).env("HOME", &self.home).env("PYTHONPATH", &self.home);
        command.env("PYTHONHOME", "/nowhere").env("PYTHONUSERBASE", self.home.join("userbase"));
        command.env("PYTHONSTARTUP", self.home.join("json.py"));
        command
    }
}

const QUESTION: &str = "
import importlib.util, json, site, sys
print(json.dumps([sys.path, site.ENABLE_USER_SITE, sys.prefix, bool(importlib.util.find_spec('planted'))]))
print(sys.flags.no_user_site, len(sys.flags) > 10, type(sys.flags).__name__, [type(f).__name__ for f in sys.meta_path])
print(site.__spec__.loader.__name__, __import__('encodings.aliases').aliases.aliases['latin1'])
";

const CHILD: &str = "import subprocess, sys; print(subprocess.run([sys.executable, '-c', sys.argv[1]], check=True, capture_output=True, text=True).stdout)";

#[test]
fn nothing_of_the_machine_reaches_in() {
    let place = Place::new();
    for minor in minors_here(shared()) {
        let runtime = host_runtime(Some(&minor));
        let hostile = Hostile::new(&place, &minor);
        let interpreter = runtime.tree.join(&runtime.interpreter);

        // Without the isolation it would have been reached, or this test proved nothing.
        let original = host::find(&Wanted::new(Some(&minor), None).unwrap(), &place.cache).unwrap().program;
        let output = hostile.command(&original).env_remove("PYTHONHOME").args(["-c", "pass"]).output().unwrap();
        assert!(output.status.success() && hostile.mark.exists(), "{minor}: the trap does not work");
        fs::remove_file(&hostile.mark).unwrap();

        let direct = stdout(hostile.command(&interpreter).args(["-c", QUESTION]).output().unwrap());
        let child = stdout(hostile.command(&interpreter).args(["-c", CHILD, QUESTION]).output().unwrap());
        assert_eq!(direct, child);
        let tree = runtime.tree.to_str().unwrap();
        let nodot = minor.replace('.', "");
        let expected = format!(
            "[[\"{tree}/lib/python{nodot}.zip\", \"{tree}/lib/python{minor}\", \"{tree}/lib/python{minor}/lib-dynload\", \
             \"{tree}/lib/python{minor}/site-packages\"], false, \"{tree}\", false]"
        );
        assert!(direct.starts_with(&expected), "{minor}: {direct}");
        assert!(direct.contains("0 True flags ['type', 'type', 'type']"), "{minor}: {direct}");
        assert!(direct.ends_with("FrozenImporter latin_1"), "{minor}: {direct}");
        assert!(!hostile.mark.exists(), "{minor}: something planted was run");
    }
}

#[test]
fn packages_of_the_tree_itself_are_seen_with_their_pth_files() {
    let place = Place::new();
    for minor in minors_here(shared()) {
        let mut runtime = host_runtime(Some(&minor));
        let copy = place.dir.path().join(&minor);
        assert!(Command::new("cp").arg("-a").args([&runtime.tree, &copy]).status().unwrap().success());
        runtime.tree = copy;
        let site = runtime.tree.join(&runtime.site_packages);
        fs::create_dir(site.join("extra")).unwrap();
        fs::write(
            site.join("ours.pth"),
            "extra\nimport sys; sys.seen = [f for f in sys.flags] + [sys.flags.isolated]\n",
        )
        .unwrap();
        let text = stdout(
            python(&runtime).args(["-c", "import sys; print(sys.path[-1], len(sys.seen) > 10)"]).output().unwrap(),
        );
        assert_eq!(text, format!("{} True", site.join("extra").display()), "{minor}");
    }
}
