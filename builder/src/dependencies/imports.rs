//! Import statements in the text of a module, line by line.

/// Whether a line imports one of the top-level modules `names`, or something below them.
pub(crate) fn any(text: &str, names: &[&str]) -> bool {
    text.lines().any(|line| line_imports(line, names))
}

fn line_imports(line: &str, names: &[&str]) -> bool {
    let is_meant = |module: &str| {
        let first = module.split_whitespace().next().unwrap_or_default();
        names.contains(&first.split(['.', ';']).next().unwrap_or_default())
    };
    let line = line.trim_start();
    if let Some(modules) = line.strip_prefix("import ") {
        return modules.split(',').any(is_meant);
    }
    line.strip_prefix("from ").is_some_and(is_meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_is_told_from_other_lines() {
        for (text, expected) in [
            ("import tkinter", true),
            ("x = 1\n    from tkinter.ttk import *", true),
            ("import tkinter.ttk as ttk, os", true),
            ("import os, tkinter", true),
            ("import tkinter; import os", true),
            ("from turtle import forward", true),
            ("import tkinters", false),
            ("# import tkinter", false),
            ("print('import tkinter')", false),
            ("from . import tkinter", false),
            ("import", false),
        ] {
            assert_eq!(any(text, &["tkinter", "turtle"]), expected, "{text}");
        }
    }
}
