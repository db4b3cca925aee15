"""The aliases of encodings, and the start of this Python's isolation.

The names are in `encodings/_aliases.py`, which is CPython's own `encodings/aliases.py`, unchanged.

Every CPython imports this module before anything that can be configured, in every process, so it is the place to
see to seven things.

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

2. Most of this standard library is bytecode without sources. CPython puts a module's real path into code
that it loads from `__pycache__`, and forgets to where the bytecode stands alone. Yet `logging`, `warnings` and many
packages (rich, for one) find out whose code it is by comparing that path with a module's `__file__`, and people read it
in tracebacks. So it is put in here too.

3. Programs start themselves again by `sys.executable` and `sys.argv`, counting on `sys.argv[0]` being something that Python
can run. Here it is what the user has typed for the bundle. CPython asks `sys.path_hooks` about what it is to run, as a zip
archive would do: where the others know nothing, the last one answers for the bundle.

4. A script that is an application's entry point is run by CPython itself, with nothing below it on the stack:
`python -I -X ekiben script.py <what the user typed>`. CPython asks the same hooks about it before it runs it. That is the
moment to make `sys.argv` what the user typed, to open the log of an application without a console, and to put the script's
directory first in `sys.path`, unless it is that of the packages.

5. A service of Windows is asked to stop by Ctrl-C and then by Ctrl-Break (`launcher/src/service/stop.rs`). By default the
latter ends a program without any clean-up, so it is made to raise `KeyboardInterrupt`, too. The application may set a
handler of its own.

6. A version that an update has brought is on probation (`launcher/src/probation.rs`): at its end, it notes whether this start
went well.

7. A build of an sdist that pip starts sees the packages that pip has put aside for it.
"""

import sys

from _frozen_importlib_external import SourcelessFileLoader
from _imp import _fix_co_filename
from encodings._aliases import aliases


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
        self.flags = sys.flags
        sys.flags = self
        try:
            self.loader.exec_module(module)
        finally:
            sys.flags = self.flags
        # Debian's `site` reads `.pth` files under this other name of `site-packages`, and adds it. Every distribution would
        # be found twice.
        sys.path[:] = [path for path in sys.path if not path.endswith("dist-packages")]

    # `.pth` files of this tree and `sitecustomize` run meanwhile. They may ask for any other flag, by name or place.
    def __getattr__(self, name):
        return getattr(self.flags, name)

    def __getitem__(self, place):
        return self.flags[place]

    def __iter__(self):
        return iter(self.flags)

    def __len__(self):
        return len(self.flags)


def _get_code(self, fullname, get_code=SourcelessFileLoader.get_code):
    """As CPython's, with the file's real path in the code."""
    code = get_code(self, fullname)
    _fix_co_filename(code, self.path)
    return code


class _Program:
    """What CPython is asked to run: the application, or the bundle, which is the start script with the arguments that it
    has when the launcher starts it."""

    def __init__(self, path):
        # An entry of `sys.path`, and no program.
        if path in sys.path:
            raise ImportError(path)
        started = "ekiben" in sys._xoptions and sys.argv[:1] == [path]
        if started or path.endswith("ekiben-start.py") or "--multiprocessing-fork" in sys.orig_argv:
            _open_log()
            if "ekiben-service" in sys._xoptions:
                _stop_at_ctrl_break()
        if "ekiben-probation" in sys._xoptions and (started or path.endswith("ekiben-start.py")):
            _note_how_it_ends(sys._xoptions.pop("ekiben-probation"))
        if started:
            del sys._xoptions["ekiben"], sys.argv[0]
            if sys.platform == "win32" and sys.argv:
                # As in pip's commands.
                sys.argv[0] = sys.argv[0].removesuffix(".exe")
            directory = path[: max(path.rfind("/"), path.rfind("\\"))]
            if not directory.endswith("site-packages"):
                sys.path.insert(0, directory)
        if path.endswith("_in_process.py") and sys.flags.ignore_environment:
            _enter_build_environment()
        if started or path.endswith("ekiben-start.py"):
            raise ImportError(path)
        import os

        start = os.path.join(sys.prefix, "ekiben-start.py")
        if not _is_bundle(os, path, os.environ.get("EKIBEN_BUNDLE"), start):
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
    from os import environ

    if "EKIBEN_LOG" not in environ:
        return
    for stream in "stdout", "stderr":
        if getattr(sys, stream) is None:
            setattr(sys, stream, open(environ["EKIBEN_LOG"], "a"))
        getattr(sys, stream).reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)


def _stop_at_ctrl_break():
    # `signal` would import `enum`.
    import _signal

    del sys._xoptions["ekiben-service"]
    _signal.signal(_signal.SIGBREAK, _signal.default_int_handler)


def _note_how_it_ends(probation):
    """The launcher has counted this start as one that failed, by one more byte in this file. An uncaught exception leaves it so."""
    import atexit
    import os

    codes, process, sys_exit = [], os.getpid(), sys.exit

    def exit(code=None, /):
        codes[:] = [code]
        sys_exit(code)

    def note():
        # A copy of this process that was forked is not the application.
        if os.getpid() != process or getattr(sys, "last_type", KeyboardInterrupt) is not KeyboardInterrupt:
            return
        try:
            if not any(codes):
                os.remove(probation)
            elif "EKIBEN_SERVICE" not in os.environ:
                # Programs answer by such codes, and people mistype their options: this start shows nothing.
                os.truncate(probation, max(os.path.getsize(probation) - 1, 0))
        except OSError:
            pass

    exit.__doc__ = sys_exit.__doc__
    sys.exit = exit
    atexit.register(note)


def _enter_build_environment():
    """pip builds sdists in a process of this interpreter that runs the script `_in_process.py`. It tells it by PYTHONPATH, which
    it has just set, where a `sitecustomize` is that adds the packages to build with. Elsewhere that variable is ignored."""
    import os

    for directory in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        file = os.path.join(directory, "sitecustomize.py")
        if "pip-build-env-" in directory and os.path.isfile(file):
            with open(file, "rb") as opened:
                exec(compile(opened.read(), file, "exec"), {"__name__": "sitecustomize", "__file__": file})


def _is_bundle(os, path, bundle, start):
    if not bundle or not os.path.isfile(start):
        return False
    try:
        return os.path.samefile(path, bundle)
    except OSError:
        # A name that was found in PATH, and on Windows without its `.exe`.
        names = [os.path.normcase(os.path.basename(name)) for name in (path, bundle)]
        if os.path.exists(path) or names[1] in (names[0], names[0] + ".exe"):
            return not os.path.exists(path)
        # One of several commands, which was chosen by an argument.
        with open(start) as file:
            return f'"{names[0]}"' in file.read() and os.path.dirname(path) == os.path.dirname(bundle)


sys.meta_path.insert(0, _NoUserSite())
sys.path_hooks.append(_Program)
SourcelessFileLoader.get_code = _get_code
