//! The start script: the few lines of Python between the interpreter and the app.
//!
//! The launcher runs `python <flags> ekiben-start.py <what the user typed…>`. The script drops its own path from
//! `sys.argv`, so that `sys.argv[0]` is what the user typed, and calls the app. Where the entry point is a script itself, CPython
//! runs that, so that nothing of ours is on the stack, and `runtime/aliases.py` does what the start script would have done.
//! Then the start script is only for an interpreter that is given the bundle as a script. It lies at the top of the version dir, which
//! is on `sys.path` on Windows: its name is none that can be imported, so it hides no module of an app. A child of `multiprocessing` imports it again under another name (`__mp_main__`), hence the guard.

use std::path::Path;

use crate::config::{Command, CommandChoice, EntryPoint, Project};
use crate::dependencies::Tree;
use crate::platform::Platform;

mod commands;
mod lazy;

pub use lazy::{Laziness, Recorded};

/// Its name in the version dir.
pub const NAME: &str = "ekiben-start.py";

/// For apps that were built with `minimal`: an error about a missing module names the key that keeps it.
const MISSING: &str = r#"    except ModuleNotFoundError as error:
        error.add_note("this bundle was built with `minimal`, which leaves out what no import statement names")
        error.add_note(f"help: if it is needed, build it again with `minimal-keep = [\"{error.name}\"]`")
        raise
"#;

/// A program that is not written in Python replaces the interpreter. On Windows, where a process can't be replaced, the script
/// waits for it, and leaves Ctrl-C to it. What Python would do at its end is done before.
const PROGRAM: &str = r#"    import os

    program = __file__[: -len(NAME)] + PATH
    if os.name == "nt":
        import signal
        import subprocess

        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sys.exit(subprocess.call([program, *sys.argv[1:]]))
    __import__("atexit")._run_exitfuncs()
    os.execv(program, sys.argv)
"#;

/// Click takes the bundle's name for the program's name only if `__main__` seems to belong to no package. The module itself
/// reads its globals, and finds there the package that it has under `python -m`.
const OF_NO_PACKAGE: &str = r#"    main = {"__package__": property(lambda main: None)}
    sys.modules["__main__"].__class__ = type("module", (type(sys),), main)
    del main
"#;

/// An argument of the entry point, which comes before those that the user types.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Argument {
    /// As it was written.
    Text(String),
    /// A file or directory of the app, relative to its modules. The app gets its full path.
    File(String),
}

impl Argument {
    /// What `text` is, in a tree with the app's modules.
    fn new(text: &str, application: &Path) -> Self {
        let below = text.trim_start_matches("./");
        let leads_out = below.is_empty() || Path::new(below).is_absolute() || below.split('/').any(|part| part == "..");
        if !leads_out && application.join(below).exists() {
            Self::File(below.to_owned())
        } else {
            Self::Text(text.to_owned())
        }
    }
}

/// A string as JSON, which Python reads too.
fn python_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// What a start of one app runs.
#[derive(Debug, Clone)]
pub struct StartScript<'a> {
    entry: &'a EntryPoint,
    arguments: Vec<Argument>,
    commands: &'a [Command],
    choice: CommandChoice,
    /// The app's id.
    own: &'a str,
    /// Where the entry point is looked for.
    place: Place,
    content: Content,
    lazy: Lazy,
}

/// Whether import statements are lazy.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Lazy {
    No,
    Yes(Laziness),
    /// In a trial: the statements that begin it.
    Trial(String),
}

/// Where the app's modules are, below the version dir.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// Among the packages.
    Packages(String),
    /// In a directory of their own, which comes before all others.
    Own(String),
    /// The entry point is a command that a package has installed, in the directory for those.
    Commands(&'static str),
}

impl Place {
    fn path(&self) -> &str {
        match self {
            Self::Packages(path) | Self::Own(path) => path,
            Self::Commands(path) => path,
        }
    }

    /// Where an entry point is, below the version dir.
    fn below(&self, path: &str) -> String {
        match self {
            Self::Commands(commands) => format!("{commands}/{}", path.strip_prefix("bin/").unwrap_or(path)),
            Self::Packages(_) | Self::Own(_) => format!("{}/{path}", self.path()),
        }
    }
}

/// How much of the app a bundle holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Whole,
    /// What `minimal` keeps.
    Reduced,
}

impl<'a> StartScript<'a> {
    /// For a project whose modules are in the tree `application`, which is `site_packages` below the version dir.
    pub fn new(project: &'a Project, application: &Tree, site_packages: &str, platform: &dyn Platform) -> Self {
        let modules = application.modules();
        let arguments = project.arguments.iter().map(|text| Argument::new(text, &modules)).collect();
        let place = match application.modules {
            _ if project.installed_command().is_some() => Place::Commands(platform.commands()),
            "" => Place::Packages(site_packages.to_owned()),
            own => Place::Own(format!("{site_packages}/{own}")),
        };
        let content = if project.minimal { Content::Reduced } else { Content::Whole };
        let (commands, choice) = (project.commands.as_slice(), project.command_choice);
        Self { entry: &project.entry, arguments, commands, choice, own: &project.id, place, content, lazy: Lazy::No }
    }

    /// The same with lazy imports.
    #[must_use]
    pub fn importing(self, laziness: Option<Laziness>) -> Self {
        Self { lazy: laziness.map_or(Lazy::No, Lazy::Yes), ..self }
    }

    /// The same for a trial, which appends what it sees to a file.
    #[must_use]
    pub fn recording(&self, laziness: &Laziness, what: Recorded, log: &Path) -> Self {
        Self { lazy: Lazy::Trial(laziness.begin_recording(what, log)), ..self.clone() }
    }

    /// What the launcher runs: options of the interpreter with those that the project chose, and the script, below the
    /// version dir.
    pub fn command_line(&self, project: &Project) -> (Vec<String>, String) {
        let (options, script) = self.command();
        let chosen = project.python_flags.iter().map(String::as_str);
        let flags = ["-I"].into_iter().chain(chosen).chain(options.iter().copied());
        (flags.map(str::to_owned).collect(), script)
    }

    /// The options that are its own, and the script.
    fn command(&self) -> (&'static [&'static str], String) {
        match self.entry {
            // One that is reduced or lazy adds to what users read, which takes a frame on the stack; and only the start script
            // puts arguments before those of a start, and chooses among commands.
            EntryPoint::Script(path)
                if self.content == Content::Whole
                    && self.lazy == Lazy::No
                    && self.arguments.is_empty()
                    && self.commands.is_empty() =>
            {
                (&["-X", "ekiben"], self.place.below(path))
            }
            _ => (&[], NAME.to_owned()),
        }
    }

    /// The script itself.
    pub fn text(&self, platform: &dyn Platform) -> String {
        let prologue = platform.start_script_prologue();
        let run = format!("{}{}", self.given(), self.run(self.entry));
        let body = if self.commands.is_empty() {
            run
        } else {
            let commands: Vec<_> = self.commands.iter().map(|command| (command, self.run(&command.entry))).collect();
            commands::choice(self.choice, self.own, &commands, &run)
        };
        format!("import sys\n\nif __name__ == \"__main__\":\n    del sys.argv[0]\n{prologue}{}{body}", self.begin())
    }

    /// The statements that make imports lazy.
    fn begin(&self) -> String {
        match &self.lazy {
            Lazy::No => String::new(),
            Lazy::Yes(laziness) => laziness.begin(),
            Lazy::Trial(statements) => statements.clone(),
        }
    }

    /// The statements that run an entry point.
    fn run(&self, entry: &EntryPoint) -> String {
        let body = match entry {
            EntryPoint::Function { module, attribute } => {
                let first = attribute.split('.').next().unwrap_or(attribute);
                format!("    from {module} import {first}\n\n    sys.exit({attribute}())\n")
            }
            // What `python -m` does (Lib/runpy.py), but for `sys.argv[0]`.
            EntryPoint::Module(module) => {
                format!(
                    "{OF_NO_PACKAGE}    import runpy\n\n    runpy._run_module_as_main({module:?}, alter_argv=False)\n"
                )
            }
            // The script becomes `__main__` itself, so that what it defines can be pickled and found again.
            EntryPoint::Script(path) => format!(
                "    __file__ = __file__[: -len({NAME:?})] + {:?}\n    del sys\n    \
                 exec(compile(open(__file__, \"rb\").read(), __file__, \"exec\"))\n",
                self.place.below(path),
            ),
            EntryPoint::Program(path) => {
                PROGRAM.replace("NAME", &format!("{NAME:?}")).replace("PATH", &format!("{:?}", self.place.below(path)))
            }
        };
        let body = match self.content {
            Content::Whole => body,
            Content::Reduced => explaining_missing_modules(&body),
        };
        let body = match &self.lazy {
            Lazy::No => body,
            Lazy::Yes(_) | Lazy::Trial(_) => lazy::explaining(&body),
        };
        format!("{}{body}", self.first(entry))
    }

    /// The line that puts the directory of the app's modules, or of its script, first.
    fn first(&self, entry: &EntryPoint) -> String {
        let directory = match (entry, &self.place) {
            (_, Place::Commands(_)) => return String::new(),
            (EntryPoint::Script(path), place) => match (path.rsplit_once('/'), place) {
                (Some((above, _)), place) => format!("{}/{above}", place.path()),
                (None, Place::Own(own)) => own.clone(),
                (None, Place::Packages(_) | Place::Commands(_)) => return String::new(),
            },
            (_, Place::Own(own)) => own.clone(),
            (_, Place::Packages(_)) => return String::new(),
        };
        format!("    sys.path.insert(0, __file__[: -len({NAME:?})] + {directory:?})\n")
    }

    /// The line that puts the arguments where an app looks for them.
    fn given(&self) -> String {
        if self.arguments.is_empty() {
            return String::new();
        }
        let one = |argument: &Argument| match argument {
            Argument::Text(text) => python_text(text),
            Argument::File(path) => {
                format!("__file__[: -len({NAME:?})] + {}", python_text(&format!("{}/{path}", self.place.path())))
            }
        };
        format!("    sys.argv[1:1] = [{}]\n", self.arguments.iter().map(one).collect::<Vec<_>>().join(", "))
    }
}

/// `body` in a statement that adds to what the user reads when a module is missing.
fn explaining_missing_modules(body: &str) -> String {
    format!("    try:\n{}{MISSING}", indented(body))
}

/// Statements, one level deeper.
fn indented(body: &str) -> String {
    body.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{LINUX, WINDOWS};

    fn script<'a>(entry: &'a EntryPoint, arguments: Vec<Argument>, content: Content) -> StartScript<'a> {
        let place = Place::Packages("lib/s".to_owned());
        StartScript {
            entry,
            arguments,
            commands: &[],
            choice: CommandChoice::FileName,
            own: "app",
            place,
            content,
            lazy: Lazy::No,
        }
    }

    #[test]
    fn each_kind_of_entry_point_has_its_script() {
        let text = |entry| script(&entry, Vec::new(), Content::Whole).text(LINUX);
        let function = text(EntryPoint::Function { module: "a.b".into(), attribute: "App.main".into() });
        assert!(function.ends_with("    from a.b import App\n\n    sys.exit(App.main())\n"), "{function}");
        assert!(text(EntryPoint::Module("a.b".into())).contains("_run_module_as_main(\"a.b\", alter_argv=False)"));
        assert!(text(EntryPoint::Script("s.py".into())).contains("+ \"lib/s/s.py\""));
        assert!(!function.contains(".exe") && !function.contains("try"));
        let entry = EntryPoint::Function { module: "a".into(), attribute: "b".into() };
        let minimal = script(&entry, Vec::new(), Content::Reduced).text(LINUX);
        assert!(
            minimal.contains(
                "    try:\n        from a import b\n\n        sys.exit(b())\n    except ModuleNotFoundError as error:\n"
            ),
            "{minimal}"
        );
        let windows = script(&entry, Vec::new(), Content::Whole).text(WINDOWS);
        assert!(windows.contains("removesuffix(\".exe\")"), "{windows}");
    }

    #[test]
    fn with_lazy_imports_the_start_script_runs_a_script_too_and_explains() {
        let entry = EntryPoint::Script("s.py".into());
        let lazy = script(&entry, Vec::new(), Content::Whole).importing(Some(Laziness::default()));
        assert_eq!(lazy.command(), (&[][..], NAME.to_owned()));
        let text = lazy.text(LINUX);
        assert!(text.contains("    sys.set_lazy_imports(\"all\")\n    try:\n        __file__ = "), "{text}");
        assert!(text.ends_with("        raise\n") && text.contains("`lazy-imports-except = "), "{text}");
    }

    #[test]
    fn the_directory_of_a_script_and_one_that_the_app_has_to_itself_come_first() {
        let line = |directory: &str| {
            format!("    sys.path.insert(0, __file__[: -len(\"ekiben-start.py\")] + \"{directory}\")\n")
        };
        let own = || Place::Own("lib/s/own".to_owned());
        let packages = || Place::Packages("lib/s".to_owned());
        let module = || EntryPoint::Module("a".into());
        let of = |path: &str| EntryPoint::Script(path.into());
        for (entry, place, expected) in [
            (of("a.py"), packages(), String::new()),
            (of("tools/a.py"), packages(), line("lib/s/tools")),
            (of("a.py"), own(), line("lib/s/own")),
            (of("tools/a.py"), own(), line("lib/s/own/tools")),
            (module(), packages(), String::new()),
            (module(), own(), line("lib/s/own")),
        ] {
            let script = StartScript { place, ..script(&entry, Vec::new(), Content::Whole) };
            assert_eq!(script.first(&entry), expected, "{entry}");
            assert!(script.text(LINUX).contains(&expected), "{entry}");
        }
    }

    #[test]
    fn a_command_is_chosen_by_the_name_of_the_file_or_the_first_argument() {
        let function = |name: &str| EntryPoint::Function { module: "m".into(), attribute: name.into() };
        let command = |name: &str| Command { name: name.into(), entry: function(name), windowed: false };
        let (entry, commands) = (function("a"), [command("a"), command("b")]);
        let of = |choice| StartScript { commands: &commands, choice, ..script(&entry, Vec::new(), Content::Whole) };
        let by_name = of(CommandChoice::FileName).text(LINUX);
        let b = "    elif name == \"b\":\n        from m import b\n\n        sys.exit(b())\n";
        assert!(
            by_name.ends_with(&format!("{b}    else:\n        from m import a\n\n        sys.exit(a())\n")),
            "{by_name}"
        );
        let by_argument = of(CommandChoice::Argument).text(LINUX);
        assert!(by_argument.contains("    if name == \"app\" or name not in [\"a\", \"b\"]:\n"), "{by_argument}");
        assert!(by_argument.ends_with(b));
    }

    #[test]
    fn python_runs_a_script_itself() {
        let entry = EntryPoint::Script("s.pyw".into());
        let command = |arguments: Vec<Argument>, content| script(&entry, arguments, content).command();
        let by_start_script = (&[][..], NAME.to_owned());
        assert_eq!(command(Vec::new(), Content::Whole), (&["-X", "ekiben"][..], "lib/s/s.pyw".to_owned()));
        assert_eq!(command(Vec::new(), Content::Reduced), by_start_script);
        assert_eq!(command(vec![Argument::Text("run".to_owned())], Content::Whole), by_start_script);
        let module = EntryPoint::Module("a".into());
        assert_eq!(script(&module, Vec::new(), Content::Whole).command(), by_start_script);
    }

    #[test]
    fn arguments_come_before_those_of_a_start_and_files_of_the_app_are_found() {
        let tree = tempfile::tempdir().unwrap();
        std::fs::write(tree.path().join("app.py"), "").unwrap();
        let arguments = ["run", "./app.py", "it's \"x\"", "../app.py"].map(|text| Argument::new(text, tree.path()));
        let entry = EntryPoint::Module("streamlit".into());
        let text = script(&entry, arguments.into(), Content::Whole).text(LINUX);
        let line = "    sys.argv[1:1] = [\"run\", __file__[: -len(\"ekiben-start.py\")] + \"lib/s/app.py\", \
                    \"it's \\\"x\\\"\", \"../app.py\"]\n";
        assert!(text.contains(line), "{text}");
    }
}
