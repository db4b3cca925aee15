//! What is wrong in a project, and what people read about it.

use super::*;

#[test]
fn what_cannot_be_meant_is_answered_with_place_and_next_step() {
    let none = Overrides::default();
    let tool = |lines: &str| with(&format!("scripts.my-app = \"m:f\"\n[tool.ekiben]\n{lines}\n"));
    let script = |lines: &str| format!("import os\n# /// script\n{lines}\n# ///\n");
    let cases = [
        (
            tool("entrypoint = \"m:f\""),
            "error: pyproject.toml:6: unknown key `entrypoint` in [tool.ekiben]\nhelp: did you mean `entry-point`?",
        ),
        (
            tool("check = true\nruntime_sha = \"\""),
            "error: pyproject.toml:7: unknown key `runtime_sha` in [tool.ekiben]\nhelp: did you mean `runtime-sha256`?",
        ),
        (
            tool("").replace("[tool.ekiben]", "[tool.ekibne]"),
            "error: pyproject.toml:5: [tool.ekibne] is probably a typo\nhelp: did you mean [tool.ekiben]?",
        ),
        (
            with("dependencies = [\n  \"a\",\n  \"click=>8\",\n]\nscripts.a = \"m:f\""),
            "error: pyproject.toml:6: `click=>8` is not a requirement: no such comparison operator \"=>\", must be one \
             of ~= == != <= >= < > ===\nhelp: write it as `name`, `name==1.2` or `name>=1.2,<2`",
        ),
        (
            tool("colour = 1"),
            "error: pyproject.toml:6: unknown key `colour` in [tool.ekiben]\nhelp: the keys are `name`, `version`, \
             `entry-point`, `commands`, `command-argument`, `gui`, `icon`, `python`, `runtime`, `runtime-sha256`, `target`, `glibc`, `requirements`, \
             `extras`, `groups`, `dependency-tests`, `include`, `exclude`, `python-flags`, `environment`, `sources`, `stdlib-keep`, `minimal`, \
             `minimal-keep`, `minimal-trial`, `lazy-imports`, `lazy-imports-except`, `lazy-imports-trial`, `compression`, `output`, `check`, `publisher`, `self-command`, `keep-versions`, `windows`, `service`, `update`, `sign`",
        ),
        (
            tool("environment = [\"PYTHONUTF8\", \"PYTHONPATH\"]"),
            "error: pyproject.toml:6: `PYTHONPATH` can't be in `environment`: it could make the app run code from outside \
             of the bundle\nhelp: it can hold `PYTHONUNBUFFERED`, `PYTHONUTF8`, `PYTHONDEVMODE`, `PYTHONFAULTHANDLER`, \
             `PYTHONTRACEMALLOC`, `PYTHONPROFILEIMPORTTIME`, `PYTHONINTMAXSTRDIGITS`, `PYTHONWARNDEFAULTENCODING`, \
             `PYTHON_CPU_COUNT`",
        ),
        (
            tool("windows.compny = \"C\""),
            "error: pyproject.toml:6: unknown key `compny` in [tool.ekiben.windows]\nhelp: did you mean `company`?",
        ),
        (
            tool("windows.company = \"two\\nlines\""),
            "error: pyproject.toml:6: `company` must be one line of at most 1000 bytes\n\
             help: Explorer shows it as one line",
        ),
        (
            tool("sign.command = [\"signtool\"]"),
            "error: pyproject.toml:6: `command` does not say which file to sign\nhelp: write `{file}` where a signer \
             works in place (signtool), or `{input}` and `{output}` where it writes another file (osslsigncode)",
        ),
        (
            tool("python = 3.13"),
            "error: pyproject.toml:6: `python` must be a string, not a float\nhelp: write `python = \"3.13\"`",
        ),
        (
            tool("include = \"data\""),
            "error: pyproject.toml:6: `include` must be a list of strings, not a string\nhelp: write `include = [\"data\"]`",
        ),
        (
            tool("include = [\n  \"data\",\n  3,\n]"),
            "error: pyproject.toml:8: `include` must be a list of strings, not an integer\n\
             help: docs/CONFIG.md shows how `include` is written",
        ),
        (
            tool("check = \"false\""),
            "error: pyproject.toml:6: `check` must be true or false, not a string\nhelp: write `check = false`",
        ),
        (
            tool("name = "),
            "error: pyproject.toml:6:8: string values must be quoted, expected literal string\n\
             help: this is not valid TOML; correct the line",
        ),
        (
            tool("target = \"beos\""),
            "error: pyproject.toml:6: unknown target `beos`\nhelp: the targets are x86_64-unknown-linux-gnu (linux), \
             x86_64-pc-windows-msvc (windows)",
        ),
        (
            tool("python = \"3.14t\""),
            "error: pyproject.toml:6: a free-threaded CPython is asked for\n\
             help: ekiben makes bundles of CPython with its global lock only: choose `3.14`",
        ),
        (
            tool("lazy-imports = \"all\""),
            "error: pyproject.toml:6: `lazy-imports` is neither true or false, nor a list, nor `\"auto\"`\n\
             help: write `lazy-imports = true`, or `lazy-imports = [\"my_app\", \"rich\"]`",
        ),
        (
            tool("lazy-imports-except = [\"a.b\"]"),
            "error: pyproject.toml:6: `a.b` is not the name of a package\n\
             help: write the name by which it is imported, without dots: `yaml`, `google`",
        ),
        (
            tool("python = \"py3\""),
            "error: pyproject.toml:6: `py3` is not a Python version\nhelp: write it as `3.13` or `3.13.2`",
        ),
        (
            tool("runtime = \"x\"\nruntime-sha256 = \"abc\""),
            "error: pyproject.toml:7: `abc` is not a SHA-256\n\
             help: a SHA-256 is 64 hexadecimal digits; `sha256sum FILE` prints one",
        ),
        (
            tool("requirements = \"r.txt\""),
            "error: pyproject.toml:6: there is no requirements file `r.txt`\n\
             help: the path is relative to the project's directory",
        ),
        (
            tool("entry-point = \"my_app\""),
            "error: pyproject.toml:6: `my_app` is not an entry point\nhelp: write `pkg.module:function`, `-m pkg` or \
             `script.py`, or the name of a script: `my-app`",
        ),
        (
            tool("name = \"コン\""),
            "error: `コン` can't be the name of an app: its directories are named after it\nhelp: set `name` in \
             [tool.ekiben] to one with ASCII letters or digits, at most 64, and no device of Windows",
        ),
        (
            tool("name = \"COM0\""),
            "error: `COM0` can't be the name of an app: its directories are named after it\nhelp: set `name` in \
             [tool.ekiben] to one with ASCII letters or digits, at most 64, and no device of Windows",
        ),
        (
            tool("extras = [\"gui\"]"),
            "error: pyproject.toml:6: there is no extra `gui` in [project.optional-dependencies]\n\
             help: the project has no [project.optional-dependencies]",
        ),
        (
            tool("include = [\"a[\"]"),
            "error: pyproject.toml:6: `a[` is not a valid glob: unclosed character class; missing ']'\n\
             help: `*` matches within a name, `**` across directories, as in `data/**/*.json`",
        ),
        (
            tool("exclude = [\"a\"]\n[build-system]"),
            "error: pyproject.toml:6: `include` and `exclude` mean nothing for a project with a [build-system]\n\
             help: the build system's own settings choose what its wheel holds",
        ),
        (
            with("requires-python = \">=3.12\"\nscripts.a = \"m:f\"\n[tool.ekiben]\npython = \"3.11\""),
            "error: pyproject.toml:7: Python 3.11 is asked for, but the project requires >=3.12\n\
             help: change one of them, or choose another with `-p`",
        ),
        (
            with("requires-python = \"^3.11\"\nscripts.a = \"m:f\""),
            "error: pyproject.toml: `^3.11` in `requires-python` is not a version specifier\n\
             help: write it as `requires-python = \">=3.11\"`",
        ),
        (
            with("scripts = { a = \"m:a\", b = \"m:b\" }"),
            "error: pyproject.toml: the project has several scripts: `a`, `b`\n\
             help: choose one with `--entry a`, or with `entry-point = \"a\"` in [tool.ekiben]",
        ),
        (
            with("scripts = { a = \"m\" }"),
            "error: pyproject.toml: the script `a` names no function\n\
             help: write it as `name = \"pkg.module:function\"`",
        ),
        (
            PLAIN.to_owned(),
            "error: pyproject.toml: nothing says what to run\nhelp: add `entry-point = \"my_app.module:function\"` to \
             [tool.ekiben], a script to [project.scripts], or a `my_app/__main__.py`",
        ),
        (
            "\n[project]\nname = \"a\"\n".to_owned(),
            "error: pyproject.toml:2: [project] has no `version`\nhelp: add `version = \"…\"`",
        ),
        (
            with("dynamic = [\"dependencies\"]\nscripts.a = \"m:f\""),
            "error: pyproject.toml: the dependencies are `dynamic`\nhelp: lock them with `uv lock`, or name a \
             requirements file: `requirements = \"requirements.txt\"`",
        ),
        (
            "[project]\nname = \"a\"\ndynamic = [\"version\"]\nscripts.a = \"m:f\"".to_owned(),
            "error: pyproject.toml: the version is `dynamic`, but nothing is built that knows it\n\
             help: write `version` in [project] or in [tool.ekiben], or add a [build-system]",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(error(&[("pyproject.toml", &text)], "pyproject.toml", &none), expected);
    }
    let scripts = [
        (
            script("# dependencies = [\"a\"]\n#\n# [tool.ekiben]\n# check = 1"),
            "error: s.py:6: `check` must be true or false, not an integer\nhelp: docs/CONFIG.md shows how `check` is written",
        ),
        (
            script("# dependancies = []"),
            "error: s.py:3: unknown key `dependancies`\nhelp: did you mean `dependencies`?",
        ),
        (
            script("# dependencies = [a]"),
            "error: s.py:3:19: string values must be quoted, expected literal string\n\
             help: this is not valid TOML; correct the line",
        ),
        (
            "# /// script\n# a = 1\nprint()\n".to_owned(),
            "error: s.py:1: the `# /// script` block is never closed\n\
             help: close it with a line `# ///`; every line in between begins with `# `",
        ),
        (
            "# /// script\n# ///\n\n# /// script\n# ///\n".to_owned(),
            "error: s.py:4: a second `# /// script` block\nhelp: a script has one block; the first is in line 1",
        ),
    ];
    for (text, expected) in scripts {
        assert_eq!(error(&[("s.py", &text)], "s.py", &none), expected);
    }
}

#[test]
fn what_is_no_project_says_so() {
    let none = Overrides::default();
    let help = "help: name a directory with a pyproject.toml, a setup.py or a main.py, or a script";
    let empty = &[("x/y", "")];
    assert_eq!(error(empty, "no", &none), format!("error: there is no `no`\n{help}"));
    assert_eq!(
        error(empty, "x", &none),
        format!("error: `x` is not a Python project: it has neither a pyproject.toml, a setup.py nor a script\n{help}")
    );
    assert_eq!(
        error(empty, "x/y", &none),
        format!(
            "error: `x/y` is not a Python script: it ends with neither `.py` nor `.pyw`, and its first line names no \
             Python\n{help}"
        )
    );
    let several = &[("x/a.py", ""), ("x/b.py", "")];
    assert_eq!(
        error(several, "x", &none),
        "error: `x` has several scripts: `a.py`, `b.py`\nhelp: choose one with `--entry a.py`"
    );
    assert_eq!(
        error(empty, "no.py", &none),
        "error: could not read `no.py`: No such file or directory (os error 2)\n\
         help: name a directory with a pyproject.toml, or a .py file in UTF-8"
    );
    let text = with("[tool.ekiben]");
    assert_eq!(
        error(&[("pyproject.toml", &text), ("ekiben.toml", "")], "", &none),
        "error: `pyproject.toml` has a [tool.ekiben] and there is a `ekiben.toml` too\n\
         help: keep the settings in one of them"
    );
    assert_eq!(
        error(&[("ekiben.toml", "pyton = \"3.13\"")], "ekiben.toml", &none),
        "error: ekiben.toml:1: unknown key `pyton`\nhelp: did you mean `python`?"
    );
}
