//! The choice among several commands in one bundle: by the name of the file that was started, or by the first argument.
//!
//! The name is the last part of `sys.argv[0]`, without capitals on Windows, so a command starts itself again as itself. The launcher makes the same choice
//! from the launch record (`launcher/src/exec/command.rs`) where it has to know whether a command has windows.

use crate::config::{Command, CommandChoice};

/// The name that chooses. It is the app's own if the bundle was built under it.
const NAME: &str = r#"    program = sys.argv[0] if sys.argv else ""
    place = max(program.rfind("/"), program.rfind("\\")) + 1
    name = program[place:]
    if sys.platform == "win32":
        name = next((it for it in COMMANDS if it.lower() == name.lower().removesuffix(".exe")), name)
"#;

/// Where the name is not that of a command, the first argument is; the program's name then ends with it, as in usage texts.
const ARGUMENT: &str = r#"    if name == OWN or name not in COMMANDS:
        if sys.argv[1:] and sys.argv[1] in COMMANDS:
            name = sys.argv[1]
            sys.argv[:2] = [program[:place] + name]
        else:
            help = sys.argv[1:2] in (["-h"], ["--help"])
            stream = sys.stdout if help else sys.stderr
            if not help and sys.argv[1:]:
                print(f"{name}: there is no command `{sys.argv[1]}`", file=stream)
            print(f"usage: {name} COMMAND ...", "", "commands:", *(f"  {it}" for it in COMMANDS), sep="\n", file=stream)
            sys.exit(0 if help else 2)
"#;

/// The statements that choose, each command running the body that is given for it; `otherwise` runs under any other name.
pub(super) fn choice(how: CommandChoice, own: &str, commands: &[(&Command, String)], otherwise: &str) -> String {
    let names: Vec<_> = commands.iter().map(|(command, _)| super::python_text(&command.name)).collect();
    let list = format!("[{}]", names.join(", "));
    let mut text = NAME.replace("COMMANDS", &list);
    if how == CommandChoice::Argument {
        text.push_str(&ARGUMENT.replace("OWN", &super::python_text(own)).replace("COMMANDS", &list));
    }
    let mut keyword = "if";
    for ((_, body), name) in commands.iter().zip(&names) {
        text.push_str(&format!("    {keyword} name == {name}:\n{}", super::indented(body)));
        keyword = "elif";
    }
    if how == CommandChoice::FileName {
        text.push_str(&format!("    else:\n{}", super::indented(otherwise)));
    }
    text
}
