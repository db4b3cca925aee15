"""The aliases of encodings, and the start of this Python's isolation.

The names are in `encodings/_aliases.py`, which is CPython's own `encodings/aliases.py`, unchanged.

Every CPython imports this module before anything that can be configured, in every process, so it is the place to
see to six things.

1. A `._pth` file beside the interpreter keeps PYTHONHOME, PYTHONPATH, the registry and the working directory out
of `sys.path`, but not the user's own site directory (`~/.local/lib/python3.x/site-packages` and the like):
what somebody once installed with `pip install --user` would reach into this application, `.pth` files with
code to run and `usercustomize` included.

The switches that exist do not fit. `-s` and `-I` hold for one process, not for the children that the
application starts through `sys.executable`. `PYTHONNOUSERSITE` would reach them, and also every other Python
that they start. `sitecustomize` and our own `.pth` files run after the user's directory was added.

While the module `site` is executed for the first time, and only then, `sys.flags` says what it
would say under `-s`. `site` then neither adds the user's directory nor reads anything in it. Afterwards
`sys.flags`, `sys.meta_path` and `site` are as they always are.

2. Executing `site` is a quarter of a small program's start, mostly for importing `os`. All it has to do where paths come
from the `._pth` file, if there are no `.pth` files and no `sitecustomize`, is to put `exit`, `help` and the like among
the builtins. That is done here, and `site` is executed when somebody looks into it. Elsewhere, as in a virtual
environment that the application makes, it is executed as ever.

3. Most of this standard library is bytecode without sources. CPython puts a module's real path into code
that it loads from `__pycache__`, and forgets to where the bytecode stands alone. Yet `logging`, `warnings` and many
packages (rich, for one) find out whose code it is by comparing that path with a module's `__file__`, and people read it
in tracebacks. So it is put in here too.

4. Programs start themselves again by `sys.executable` and `sys.argv`, counting on `sys.argv[0]` being something that Python
can run. Here it is what the user has typed for the bundle. CPython asks `sys.path_hooks` about what it is to run, as a zip
archive would do: where the others know nothing, the last one answers for the bundle.

5. A script that is an application's entry point is run by CPython itself, with nothing below it on the stack:
`python -I -X ekiben script.py <what the user typed>`. CPython asks the same hooks about it before it runs it. That is the
moment to make `sys.argv` what the user typed, and to open the log of an application without a console.

6. A service of Windows is asked to stop by Ctrl-C and then by Ctrl-Break (`launcher/src/service/stop.rs`). By default the
latter ends a program without any clean-up, so it is made to raise `KeyboardInterrupt`, too. The application may set a
handler of its own.
"""

import builtins
import sys

from _frozen_importlib_external import SourcelessFileLoader
from _imp import _fix_co_filename
from _thread import RLock
from encodings._aliases import aliases

_Module = type(sys)


class _NoUserSite:
    """`sys.flags` under `-s`, and the finder and loader that show it to `site`."""

    no_user_site = 1

    def find_spec(self, name, path=None, target=None):
        if name != "site":
            return None
        sys.meta_path.remove(self)
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path)
            if spec is not None:
                self.loader, spec.loader = spec.loader, self
                return spec
        return None

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        # The loader looks at its own spec (a frozen one keeps facts there), so it must be in place again.
        module.__spec__.loader = module.__loader__ = self.loader
        if _needs_no_site():
            _add_builtins()
            _Later.flags = self
            module.__class__ = _Later
        else:
            self.execute(module)

    def execute(self, module):
        self.flags = sys.flags
        sys.flags = self
        try:
            module.__spec__.loader.exec_module(module)
        finally:
            sys.flags = self.flags

    # `.pth` files of this tree and `sitecustomize` run meanwhile. They may ask for any other flag, by name or place.
    def __getattr__(self, name):
        return getattr(self.flags, name)

    def __getitem__(self, place):
        return self.flags[place]

    def __iter__(self):
        return iter(self.flags)

    def __len__(self):
        return len(self.flags)


class _Later(_Module):
    """`site`, until somebody looks into it. The import system alone may read `__spec__` without that."""

    lock = RLock()
    begun = False

    def __getattribute__(self, name):
        if name != "__spec__":
            _Later.load(self)
        return _Module.__getattribute__(self, name)

    def __setattr__(self, name, value):
        _Later.load(self)
        _Module.__setattr__(self, name, value)

    def __delattr__(self, name):
        _Later.load(self)
        _Module.__delattr__(self, name)

    @staticmethod
    def load(module):
        """Executes it, as far as it has not been done here: under `-S` it defines everything and changes nothing."""
        with _Later.lock:
            if _Later.begun:
                return
            _Later.begun = True
            _Later.flags.no_site = 1
            _Later.flags.execute(module)
            module.ENABLE_USER_SITE = False
            # Notes where the user's directory is, as `site` does under `-s`.
            module.getusersitepackages()
            _Module.__setattr__(module, "__class__", _Module)


class _Text:
    """`license` and its like, until somebody looks at them: CPython's own need `os`."""

    def __init__(self, name):
        self.name = name

    def real(self):
        import site

        if getattr(builtins, self.name, None) is self:
            site.setcopyright()
        return getattr(builtins, self.name)

    def __repr__(self):
        return repr(self.real())

    def __call__(self):
        return self.real()()


def _needs_no_site():
    if not sys.flags.isolated or not sys.path or not sys.path[-1].endswith(("/site-packages", "\\site-packages")):
        return False
    if sys.version_info >= (3, 15) or any(path.endswith(".") for path in sys.path):
        # Its `site` does more. It would make the paths tidy.
        return False
    directories = [sys.path[-1]]
    if sys.platform == "win32":
        from nt import listdir

        directories.append(sys.prefix)
    else:
        from posix import listdir
    try:
        names = [name for directory in directories for name in listdir(directory)]
    except OSError:
        return False
    return not any(name.endswith(".pth") or name.startswith("sitecustomize") for name in names)


def _add_builtins():
    from _sitebuiltins import Quitter, _Helper

    end = "Ctrl-Z plus Return" if sys.platform == "win32" else "Ctrl-D (i.e. EOF)"
    for name in "quit", "exit":
        setattr(builtins, name, Quitter(name, end))
    for name in "copyright", "credits", "license":
        setattr(builtins, name, _Text(name))
    builtins.help = _Helper()


def _get_code(self, fullname, get_code=SourcelessFileLoader.get_code):
    """As CPython's, with the file's real path in the code."""
    code = get_code(self, fullname)
    _fix_co_filename(code, self.path)
    return code


class _Program:
    """What CPython is asked to run: the application, or the bundle, which is the start script with the arguments that it
    has when the launcher starts it."""

    def __init__(self, path):
        # What every start asks about, and no reason to import `os`.
        if path in sys.path:
            raise ImportError(path)
        started = "ekiben" in sys._xoptions and sys.argv[:1] == [path]
        if started or path.endswith("ekiben-start.py") or "--multiprocessing-fork" in sys.orig_argv:
            _open_log()
            if "ekiben-service" in sys._xoptions:
                _stop_at_ctrl_break()
        if started:
            del sys._xoptions["ekiben"], sys.argv[0]
            if sys.platform == "win32" and sys.argv:
                # As in pip's commands.
                sys.argv[0] = sys.argv[0].removesuffix(".exe")
        if started or path.endswith("ekiben-start.py"):
            raise ImportError(path)
        import os

        start = os.path.join(sys.prefix, "ekiben-start.py")
        if not _is_bundle(os, path, os.environ.get("EKIBEN_BUNDLE")) or not os.path.isfile(start):
            raise ImportError(path)
        self.path, self.start = path, start

    def find_spec(self, name, target=None):
        if name != "__main__":
            return None
        from _frozen_importlib import ModuleSpec

        sys.path.remove(self.path)
        sys.argv.insert(0, self.start)
        return ModuleSpec(name, self, origin=self.start)

    def get_code(self, name):
        with open(self.start, "rb") as file:
            # A program that was started as a script has no `__spec__`: `multiprocessing` tells by it.
            return compile(b"__spec__ = None; " + file.read(), self.start, "exec")


def _open_log():
    """Into a log, every letter can be written, and each line as soon as it is complete. The launcher sets the variable when
    both streams lead to one. The processes of `multiprocessing` ask about the application's script too: to a program without a
    console, Windows passes no streams on, and they open the log themselves."""
    if sys.platform == "win32":
        from nt import environ

        name = "EKIBEN_LOG"
    else:
        from posix import environ

        name = b"EKIBEN_LOG"
    if name not in environ:
        return
    for stream in "stdout", "stderr":
        if getattr(sys, stream) is None:
            setattr(sys, stream, open(environ[name], "a"))
        getattr(sys, stream).reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)


def _stop_at_ctrl_break():
    # `signal` would import `enum`.
    import _signal

    del sys._xoptions["ekiben-service"]
    _signal.signal(_signal.SIGBREAK, _signal.default_int_handler)


def _is_bundle(os, path, bundle):
    if not bundle:
        return False
    try:
        return os.path.samefile(path, bundle)
    except OSError:
        # A name that was found in PATH, and on Windows without its `.exe`.
        names = [os.path.normcase(os.path.basename(name)) for name in (path, bundle)]
        return not os.path.exists(path) and names[1] in (names[0], names[0] + ".exe")


sys.meta_path.insert(0, _NoUserSite())
sys.path_hooks.append(_Program)
SourcelessFileLoader.get_code = _get_code
