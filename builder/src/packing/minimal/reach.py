"""Which modules can be reached from an entry point, as far as that can be read from bytecode. Nothing is imported.

Reads a JSON object from stdin: `path`, the directories of the target's `sys.path`, each as `[directory, kind]`, where the
kind is "stdlib", "app" (the app's own directory) or "packages" (all of these are one directory in the bundle); `platform`,
its `sys.platform`; `names`, modules to begin with, and those of them that are run as `programs`; `script`, a file to begin
with, or null; `keep`, modules that stay with all that is below them; `recorded`, modules that were imported when the app
was tried. Writes one: `files` of all modules that are reached, `unseen` (what imports names that are computed: module,
line, and the package that stays whole because of it, or null), `absent` (of `keep`, what is not there).

Followed are import statements, wherever they stand, but for the branches that the target never takes; names of modules that
stand as text in what is no standard library; and what CPython itself imports from C, which `known.py` lists.
"""

import dis
import importlib.util
import json
import marshal
import os
import re
import sys
from encodings.aliases import aliases

EXTENSION = re.compile(r"(?:\.cpython-[\w-]+|\.abi3|\.cp\d+-[\w-]+)?\.(?:so|pyd)$")
DYNAMIC = {"import_module", "__import__", "iter_modules", "walk_packages"}


class Module:
    def __init__(self, name, kind):
        self.name, self.kind = name, kind
        self.files, self.code, self.paths, self.extension = [], None, [], False

    @property
    def package(self):
        return self.name if self.paths else self.name.rpartition(".")[0]


class Finder:
    """The modules below the target's path, by name."""

    def __init__(self, path):
        self.path, self.listed, self.found = path, {}, {}

    def list(self, directory):
        if directory not in self.listed:
            try:
                entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
            except OSError:
                entries = []
            self.listed[directory] = {entry.name: entry.is_dir() for entry in entries}
        return self.listed[directory]

    def find(self, name):
        if name not in self.found:
            self.found[name] = self.look(name)
        return self.found[name]

    def look(self, name):
        above, _, base = name.rpartition(".")
        if above:
            parent = self.find(above)
            places = parent.paths if parent else []
        else:
            places = self.path
        namespace = None
        for directory, kind in places:
            module = Module(name, kind)
            if self.list(directory).get(base):
                inside = os.path.join(directory, base)
                self.take(module, inside, "__init__")
                if module.files:
                    module.paths = [(inside, kind)]
                    if kind == "packages":
                        # The trees of the app and of its dependencies are one directory in the bundle.
                        others = [os.path.join(other, base) for other, its in places if its == kind and other != directory]
                        module.paths += [(other, kind) for other in others if os.path.isdir(other)]
                    return module
                if base != "__pycache__":
                    namespace = namespace or Module(name, kind)
                    namespace.paths.append((inside, kind))
            self.take(module, directory, base)
            if module.files:
                return module
        return namespace

    def take(self, module, directory, base):
        """All files that are this module: source, bytecode, extension."""
        files = self.list(directory)
        cached = os.path.join(directory, "__pycache__")
        bytecode = [os.path.join(cached, name) for name in self.list(cached) if name.startswith(base + ".") and name.endswith(".pyc")]
        lone = [os.path.join(directory, base + ".pyc")] if base + ".pyc" in files else []
        source = [os.path.join(directory, base + end) for end in (".py", ".pyw") if base + end in files]
        code = [name for name in files if name.startswith(base + ".") and EXTENSION.fullmatch(name[len(base):])]
        module.extension = bool(code)
        module.files = [os.path.join(directory, name) for name in code] + source + lone + (bytecode if source else [])
        module.code = (bytecode + lone + source) if source else lone

    def below(self, module):
        """The names of all modules below a package."""
        for directory, _ in module.paths:
            for name, is_directory in self.list(directory).items():
                base = name.partition(".")[0]
                if (is_directory or name.endswith((".py", ".pyc", ".so", ".pyd"))) and base.isidentifier() and base != "__pycache__":
                    found = base != "__init__" and self.find(f"{module.name}.{base}")
                    if found:
                        yield found.name
                        yield from self.below(found)


def load(files):
    for file in files:
        with open(file, "rb") as opened:
            content = opened.read()
        if not file.endswith(".pyc"):
            try:
                return compile(content, file, "exec", dont_inherit=True)
            except (SyntaxError, ValueError):
                continue
        if content[:4] == importlib.util.MAGIC_NUMBER:
            return marshal.loads(content[16:])
    return None


def relevant(code, platform, is_program):
    """The instructions of one code object, but for the branches that are never taken."""
    # Before 3.14 a number is a constant as any other.
    instructions = [i for i in dis.get_instructions(code) if i.opname not in ("EXTENDED_ARG", "NOP", "TO_BOOL", "NOT_TAKEN")]
    skip_to = -1
    for at, here in enumerate(instructions):
        if here.offset < skip_to:
            continue
        yield at, here, instructions
        if not here.opname.startswith("POP_JUMP") or "FALSE" not in here.opname or here.argval < here.offset:
            continue
        before = [i.argval for i in instructions[max(0, at - 4):at]]
        if before[-1:] == ["TYPE_CHECKING"]:
            skip_to = here.argval
        elif len(before) >= 3 and instructions[at - 1].opname == "COMPARE_OP" and "==" in str(before[-1]):
            name, value = before[-3], before[-2]
            if name == "__name__" and value == "__main__" and not is_program:
                skip_to = here.argval
            elif name == "platform" and before[-4] == "sys" and isinstance(value, str) and value != platform:
                skip_to = here.argval


def with_pth(path):
    """The path with what `.pth` files add to it, and the modules that they import at each start."""
    places, names = list(path), []
    for directory, kind in path:
        added = os.path.join(directory, *ADDED.split("/"))
        if kind == "packages" and os.path.isdir(added):
            places.append((added, "added"))
        for name in sorted(os.listdir(directory)) if kind == "packages" else ():
            if not name.endswith(".pth"):
                continue
            with open(os.path.join(directory, name), encoding="utf-8-sig", errors="replace") as lines:
                for line in lines:
                    if line.startswith(("import ", "import\t")):
                        names += re.findall(r"\bimport\s+([\w.]+)", line)
                        names += re.findall(r"""__import__\(['"]([\w.]+)""", line)
                    inside = os.path.join(directory, line.strip())
                    if line.strip() and not line.startswith(("#", "import")) and os.path.isdir(inside):
                        places.append((inside, kind))
    return places, names


class Walk:
    def __init__(self, request):
        path, started = with_pth([tuple(place) for place in request["path"]])
        self.finder = Finder(path)
        request["names"] += started
        self.platform, self.programs = request["platform"], set(request["programs"])
        self.reached, self.queue, self.unseen, self.whole, self.with_plugins = {}, [], [], set(), False
        # An encoding whose name stands somewhere as text may be asked for.
        encodings = self.finder.find("encodings")
        self.encodings = {name.rpartition(".")[2]: name for name in self.finder.below(encodings)} if encodings else {}
        for alias, encoding in aliases.items():
            self.encodings.setdefault(alias, "encodings." + encoding)

    def reach(self, name):
        """A module and the packages around it. True if there is such a module."""
        for alias, other in ALIASES.items():
            if name == alias or name.startswith(alias + "."):
                aliased = self.reach(other + name[len(alias):])
                if aliased and self.finder.find(name) is None:
                    return True
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            part = ".".join(parts[:end])
            module = self.finder.find(part)
            if module is None:
                return False
            if part not in self.reached and part not in FROZEN:
                self.reached[part] = module
                self.queue.append(module)
        return True

    def reach_below(self, name):
        if name in self.whole:
            return
        self.whole.add(name)
        module = self.finder.find(name)
        if module:
            self.reach(name)
            for below in list(self.finder.below(module)):
                self.reach(below)

    def imply(self, names):
        for name in names.split():
            if name.endswith(".*"):
                self.reach_below(name[:-2])
            elif name.endswith("*"):
                for directory, _ in self.finder.path:
                    for file in self.finder.list(directory):
                        if file.startswith(name[:-1]):
                            self.reach(file.partition(".")[0])
            else:
                self.reach(name)

    def run(self):
        while self.queue:
            module = self.queue.pop()
            self.imply(IMPLIED.get(module.name, ""))
            if module.extension and module.kind != "stdlib":
                # What compiled code imports stands in it as text, or is of its own package.
                self.reach_below(module.name.partition(".")[0])
                for file in module.files:
                    if EXTENSION.search(file):
                        self.compiled(file)
            code = load(module.code or [])
            if code:
                self.scan(module, code, True)

    def scan(self, module, code, top):
        own = module.kind != "stdlib"
        if code.co_name.startswith("<generic parameters of"):
            self.reach("typing")
        for name in BY_NAME.keys() & set(code.co_names) if module.name not in ("importlib", "pathlib") else ():
            self.imply(BY_NAME[name])
        if "moves" in code.co_names:
            self.moves(code.co_names)
        if own and {"entry_points", "iter_entry_points"} & set(code.co_names):
            self.plugins()
        if own:
            self.texts(code.co_consts)
        for at, here, instructions in relevant(code, self.platform, module.name in self.programs):
            if here.opname == "IMPORT_NAME":
                level, names = instructions[at - 2].argval, instructions[at - 1].argval
                self.statement(module, here.argval or "", level if isinstance(level, int) else 0, names or ())
            elif own and here.argval in DYNAMIC and here.opname.startswith(("LOAD", "IMPORT_FROM")):
                self.call(module, code, here, [i for i in instructions[at + 1:at + 6] if i.opname not in ("PUSH_NULL", "CACHE")])
        for inner in code.co_consts:
            if hasattr(inner, "co_code") and (own or not (top and inner.co_name in PROGRAMS)):
                self.scan(module, inner, False)

    def statement(self, module, name, level, names):
        if level:
            package = module.package.split(".")
            package = package[:len(package) - level + 1]
            name = ".".join(package + ([name] if name else []))
        if "moves" in name.split("."):
            self.moves([*name.split("."), *names])
        never = NEVER.get(module.name, "").split()
        if any(name == one or name.startswith(one + ".") for one in never) or not self.reach(name):
            return
        found = self.finder.find(name)
        for one in names if found is None or found.paths else ():
            if one == "*" and found:
                # What `__all__` names may be a module.
                package = load(found.code or [])
                for text in texts_in(package.co_consts if package else ()):
                    if text.isidentifier():
                        self.reach(f"{name}.{text}")
            elif f"{name}.{one}" not in never:
                self.reach(f"{name}.{one}")

    def call(self, module, code, here, after):
        """`import_module("x")` is as good as a statement; with anything else, what it imports is most likely of its package."""
        if here.opname in ("IMPORT_FROM", "LOAD_FAST") or not after or after[0].opname.startswith("STORE"):
            return
        second = after[1] if len(after) > 1 else None
        if after[0].opname == "LOAD_CONST" and isinstance(after[0].argval, str) and second and (
            second.opname in ("CALL", "PRECALL", "KW_NAMES") or second.argval in ("__name__", "__package__")
        ):
            name = after[0].argval
            dots = len(name) - len(name.lstrip("."))
            return self.statement(module, name[dots:], dots, ())
        package = module.package
        line = here.positions.lineno if here.positions else code.co_firstlineno
        self.unseen.append([module.name, line or code.co_firstlineno, package or None])
        if package:
            self.reach_below(package)

    def plugins(self):
        """The modules of all entry points that are not commands: whoever asks for entry points loads them."""
        for directory, kind in () if self.with_plugins else self.finder.path:
            for name in self.finder.list(directory) if kind == "packages" else ():
                group = ""
                for line in lines_of(os.path.join(directory, name, "entry_points.txt")) if name.endswith(".dist-info") else ():
                    group = line.strip("[] ") if line.startswith("[") else group
                    module = line.partition("=")[2].partition(":")[0].split("[")[0].strip()
                    if group not in ("console_scripts", "gui_scripts"):
                        self.reach(module)
        self.with_plugins = True

    def moves(self, names):
        """What six.moves has under these names."""
        for name in names:
            self.imply(MOVES.get(name, name if name in SAME else ""))

    def compiled(self, file):
        with open(file, "rb") as opened:
            content = opened.read()
        if b"Cython" in content and b"\0__main__\0" not in content:
            for name in OF_CYTHON:
                self.reach(name)
        for text in sorted(set(re.findall(rb"(?<=\0)[A-Za-z_][\w.]{0,99}(?=\0)", content))):
            self.reach(text.decode("ascii", "replace"))

    def texts(self, constants):
        for text in texts_in(constants):
            low = text.lower().replace("-", "_").replace(" ", "_")
            if low in self.encodings:
                self.reach(self.encodings[low])
            if "." in text and len(text) < 200 and all(part.isidentifier() for part in text.split(".")):
                self.reach(text)


def lines_of(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()
    except (OSError, ValueError):
        return []


def texts_in(constants):
    for constant in constants:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, (tuple, frozenset)):
            yield from texts_in(constant)


def main():
    request = json.load(sys.stdin)
    walk = Walk(request)
    for name in ALWAYS + request["names"]:
        walk.reach(name)
    absent = [name for name in request["keep"] if not walk.finder.find(name)]
    for name in request["keep"]:
        walk.reach_below(name)
    for name in request["recorded"]:
        walk.reach(name)
    if request["script"]:
        script = Module("__main__", "packages")
        script.code = [request["script"]]
        walk.programs.add("__main__")
        walk.queue.append(script)
    walk.run()
    files = {file for module in walk.reached.values() for file in module.files}
    # An entry point is its source, which is read to be run.
    files = sorted(files | ({request["script"]} if request["script"] else set()))
    json.dump({"files": files, "unseen": sorted(walk.unseen, key=str), "absent": absent}, sys.stdout)


main()
