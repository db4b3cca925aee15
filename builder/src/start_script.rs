//! The start script: the few lines of Python between the interpreter and the app.
//!
//! The launcher runs `python <flags> ekiben-start.py <what the user typed…>`. The script drops its own path from
//! `sys.argv`, so that `sys.argv[0]` is what the user typed, and calls the app. It lies at the top of the version dir, which
//! is on `sys.path` on Windows: its name is none that can be imported, so it hides no module of an app. A child of `multiprocessing` imports it again under another name (`__mp_main__`), hence the guard.

use crate::config::EntryPoint;

/// Its name in the version dir.
pub const NAME: &str = "ekiben-start.py";

/// Into a log, every letter can be written, and each line as soon as it is complete. The launcher sets the variable when both
/// streams lead to one.
const LOGGED: &str = r#"    import os

    if "EKIBEN_LOG" in os.environ:
        for stream in sys.stdout, sys.stderr:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
        del stream
    del os
"#;

/// The script for an entry point. `site_packages` is its path below the version dir.
pub fn text(entry: &EntryPoint, site_packages: &str, windowed: bool) -> String {
    let logged = if windowed { LOGGED } else { "" };
    let start = format!("import sys\n\nif __name__ == \"__main__\":\n    del sys.argv[0]\n{logged}");
    match entry {
        EntryPoint::Function { module, attribute } => {
            let first = attribute.split('.').next().unwrap_or(attribute);
            format!("{start}    from {module} import {first}\n\n    sys.exit({attribute}())\n")
        }
        // What `python -m` does (Lib/runpy.py), but for `sys.argv[0]`.
        EntryPoint::Module(module) => {
            format!("{start}    import runpy\n\n    runpy._run_module_as_main({module:?}, alter_argv=False)\n")
        }
        // The script becomes `__main__` itself, so that what it defines can be pickled and found again.
        EntryPoint::Script(path) => format!(
            "{start}    __file__ = __file__[: -len({NAME:?})] + {:?}\n    del sys\n    \
             exec(compile(open(__file__, \"rb\").read(), __file__, \"exec\"))\n",
            format!("{site_packages}/{path}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_entry_point_has_its_script() {
        let text = |entry| text(&entry, "lib/site-packages", false);
        let function = text(EntryPoint::Function { module: "a.b".into(), attribute: "App.main".into() });
        assert!(function.ends_with("    from a.b import App\n\n    sys.exit(App.main())\n"), "{function}");
        assert!(text(EntryPoint::Module("a.b".into())).contains("_run_module_as_main(\"a.b\", alter_argv=False)"));
        assert!(text(EntryPoint::Script("s.py".into())).contains("+ \"lib/site-packages/s.py\""));
        assert!(!function.contains("EKIBEN_LOG"));
        assert!(
            super::text(&EntryPoint::Script("s.pyw".into()), "", true)
                .contains("    if \"EKIBEN_LOG\" in os.environ:\n")
        );
    }
}
