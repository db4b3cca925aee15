"""Which modules the app imports at the top of its files although the bundle does not have them.

Reads a JSON object from stdin: `application`, the directory of the app's own modules; `path`, all directories that modules are
looked for in, `application` among them; `script`, the file of it that is run, or null; `platform` and `os_name`, what `sys.platform` and `os.name` are on
the target. Writes a list of `[file, line, module]`, in the order of files and lines.

Not reported is what the app can do without: imports in functions, below a condition that the target does not meet or that
nobody can tell beforehand, in a `try` that catches ImportError, in tests, and in files that change `sys.path`.
"""

import ast
import json
import os
import sys
from types import SimpleNamespace

# What CPython has on one system alone.
ONLY_ON = {
    "win32": "msvcrt nt winreg winsound _winapi".split(),
    "linux": "crypt curses fcntl grp nis ossaudiodev posix pty pwd readline resource spwd syslog termios tty".split(),
}
CATCHES = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


class Finder:
    def __init__(self, path, platform):
        self.path = path
        foreign = (name for system, names in ONLY_ON.items() if system != platform for name in names)
        self.standard = (set(sys.stdlib_module_names) | set(sys.builtin_module_names)) - set(foreign)

    def has(self, name, beside):
        """Whether there is such a module. Below a package, only the package itself knows."""
        first, _, rest = name.partition(".")
        if first in self.standard:
            return True
        if first == "distutils" and self.has("setuptools._distutils." + rest if rest else "setuptools._distutils", beside):
            # setuptools finds it under this name, too.
            return True
        places = self.path + [beside]
        for part in name.split("."):
            below = []
            for place in places:
                files = listed(place)
                if any(file.startswith(part + ".") and file.endswith((".py", ".pyc", ".pyw", ".so", ".pyd")) for file in files):
                    return True
                inside = os.path.join(place, part)
                if part in files and os.path.isdir(inside):
                    if any(file.startswith("__init__.") for file in listed(inside)):
                        return True
                    below.append(inside)
            if not below:
                return False
            places = below
        return True


def listed(directory, known={}):
    if directory not in known:
        try:
            known[directory] = set(os.listdir(directory))
        except OSError:
            known[directory] = set()
    return known[directory]


class Truth:
    """What the target makes of a condition: True, False, or None where nobody can tell."""

    def __init__(self, platform, os_name):
        self.names = {
            "TYPE_CHECKING": False,
            "typing": SimpleNamespace(TYPE_CHECKING=False),
            "sys": SimpleNamespace(platform=platform, version_info=sys.version_info),
            "os": SimpleNamespace(name=os_name),
            "__debug__": True,
        }

    def of(self, test):
        """The condition is evaluated if it is made of these names, constants and methods of strings alone."""
        for node in ast.walk(test):
            if isinstance(node, ast.Name) and node.id not in self.names:
                return None
            if isinstance(node, ast.Call) and not (
                isinstance(node.func, ast.Attribute) and node.func.attr in ("startswith", "endswith", "lower")
            ):
                return None
            if isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.NamedExpr, ast.BinOp)):
                return None
        try:
            return bool(eval(compile(ast.Expression(test), "", "eval"), {"__builtins__": {}, **self.names}))
        except Exception:
            return None


def imports(statements, truth):
    """The modules that are imported whenever these statements run, each with its line."""
    for statement in statements:
        if isinstance(statement, ast.Import):
            yield from ((alias.name, statement.lineno) for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            if not statement.level and statement.module:
                yield statement.module, statement.lineno
        elif isinstance(statement, ast.If):
            known = truth.of(statement.test)
            if known is not None:
                yield from imports(statement.body if known else statement.orelse, truth)
        elif isinstance(statement, ast.Try):
            if not any(catches(handler) for handler in statement.handlers):
                yield from imports(statement.body, truth)
            yield from imports(statement.finalbody, truth)
        elif isinstance(statement, ast.With):
            if not any("suppress" in ast.dump(item.context_expr) for item in statement.items):
                yield from imports(statement.body, truth)
        elif isinstance(statement, ast.ClassDef):
            yield from imports(statement.body, truth)


def catches(handler):
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(getattr(one, "attr", getattr(one, "id", "")) in CATCHES for one in types)


def files(directory):
    for here, directories, names in os.walk(directory):
        directories[:] = sorted(
            name for name in directories if name.isidentifier() and name not in ("test", "tests", "testing", "__pycache__")
        )
        for name in sorted(names):
            if name.endswith((".py", ".pyw")) and not name.startswith(("test_", "conftest.")):
                yield os.path.join(here, name)


def main():
    request = json.load(sys.stdin)
    finder, truth = Finder(request["path"], request["platform"]), Truth(request["platform"], request["os_name"])
    found = []
    for file in files(request["application"]):
        try:
            with open(file, "rb") as opened:
                content = opened.read()
            tree = ast.parse(content)
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        if b"sys.path" in content or b"meta_path" in content:
            continue
        path = os.path.relpath(file, request["application"]).replace(os.sep, "/")
        is_run = path == request["script"] or os.path.basename(path) == "__main__.py"
        truth.names["__name__"] = "__main__" if is_run else "a module"
        for name, line in imports(tree.body, truth):
            if not finder.has(name, os.path.dirname(file)):
                found.append([path, line, name])
    json.dump(found, sys.stdout)


main()
