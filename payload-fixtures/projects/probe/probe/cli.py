"""One subcommand, one view; each prints JSON. Nothing here parses options: the arguments are the subject."""

import ctypes
import hashlib
import importlib
import importlib.metadata
import json
import os
import signal
import site
import subprocess
import sys

COMMANDS = {}


def command(function):
    COMMANDS[function.__name__.rstrip("_").replace("_", "-")] = function
    return function


def main():
    name, *arguments = sys.argv[1:] or ["argv"]
    sys.exit(COMMANDS[name](*arguments))


def show(value):
    print(json.dumps(value), flush=True)


def hexed(text):
    """Bytes on Unix, UTF-8 with surrogates as they are on Windows: nothing is lost, and JSON can carry it."""
    return os.fsencode(text).hex()


@command
def argv(*_):
    """Every argument, the name of the program too."""
    show([hexed(a) for a in sys.argv])


@command
def environment(*names):
    """The named variables, or all."""
    values = {n: os.environ.get(n) for n in names} if names else dict(os.environ)
    show({n: v and v.encode("utf-8", "backslashreplace").decode() for n, v in values.items()})


def interpreter_facts():
    import __main__

    return {
        "executable": sys.executable,
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "exec_prefix": sys.exec_prefix,
        "path": sys.path,
        "flags": {n: int(getattr(sys.flags, n)) for n in dir(sys.flags) if n[0] != "_" and not n.startswith("n_")
                  and isinstance(getattr(sys.flags, n), int)},
        "argv0": sys.argv[0],
        "orig_argv": sys.orig_argv,
        "version": list(sys.version_info[:3]),
        "cwd": os.getcwd(),
        "main": getattr(__main__, "__file__", None),
        "user_site": site.ENABLE_USER_SITE,
        "modules": {n: getattr(importlib.import_module(n), "__file__", None) for n in ("os", "json", "site", "ctypes")},
        "evidence": os.environ.get("EKIBEN_TEST_EVIDENCE"),
    }


@command
def interpreter(*_):
    """How this interpreter was set up."""
    show(interpreter_facts())


@command
def child(*_):
    """How an interpreter that this one starts is set up."""
    return subprocess.run([sys.executable, "-m", "probe", "interpreter"]).returncode


@command
def child_code(code, *arguments):
    """What a child interpreter does with `-c CODE`."""
    return subprocess.run([sys.executable, "-c", code, *arguments]).returncode


@command
def run(*arguments):
    """Starts another program and ends with its code."""
    return subprocess.run(arguments).returncode


@command
def process():
    """Who this process is, and what it inherited."""
    facts = {"pid": os.getpid(), "ppid": os.getppid()}
    if sys.platform == "linux":
        with open("/proc/self/status") as status:
            fields = dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)
        facts |= {name: int(fields[name], 16) for name in ("SigIgn", "SigBlk", "SigCgt")}
        facts["exe"] = os.readlink("/proc/self/exe")
        facts["descriptors"] = {}
        for descriptor in sorted(int(n) for n in os.listdir("/proc/self/fd")):
            try:
                facts["descriptors"][str(descriptor)] = os.readlink(f"/proc/self/fd/{descriptor}")
            except FileNotFoundError:
                pass  # the one that was open to list the directory
    show(facts)


@command
def stdin():
    """How much came in, and what it was."""
    data = sys.stdin.buffer.read()
    show({"length": len(data), "sha256": hashlib.sha256(data).hexdigest()})


@command
def exit_(code):
    """Ends as Python ends."""
    sys.exit(int(code, 0))


@command
def exit_native(code):
    """Ends at once, with all 32 bits of the code where the system has so many."""
    if sys.platform == "win32":
        ctypes.windll.kernel32.ExitProcess(ctypes.c_uint(int(code, 0)))
    os._exit(int(code, 0))


@command
def fail():
    """An exception that nobody catches."""
    raise RuntimeError("nobody catches this")


@command
def kill(name):
    """Ends by a signal of its own."""
    os.kill(os.getpid(), getattr(signal, name))


@command
def sleep():
    """Says that it is there, then waits for a signal that it leaves to Python."""
    show({"ready": True, "pid": os.getpid()})
    while True:
        signal.pause() if hasattr(signal, "pause") else importlib.import_module("time").sleep(0.05)


@command
def hold():
    """Says that it is there, and ends when its standard input does."""
    show({"ready": True, "pid": os.getpid()})
    sys.stdin.buffer.read()


@command
def family():
    """Starts a process that outlives this one, says who is who, and waits for an end that others bring about."""
    nothing = subprocess.DEVNULL
    left_behind = [sys.executable, "-c", "import time; time.sleep(120)"]
    child = subprocess.Popen(left_behind, stdin=nothing, stdout=nothing, stderr=nothing)
    show({"parent": os.getppid(), "pid": os.getpid(), "child": child.pid})
    importlib.import_module("time").sleep(60)


LATER = """
import os, sys, time
while not os.path.exists(sys.argv[1] + ".go"):
    time.sleep(0.02)
try:
    import xml.dom.minidom
    said = "imported"
except Exception as error:
    said = repr(error)
with open(sys.argv[1] + ".part", "w") as answer:
    answer.write(said)
os.rename(sys.argv[1] + ".part", sys.argv[1])
"""


@command
def orphan(file):
    """Starts a process that inherits no open file, and ends. When `<file>.go` is there, that process imports a module for the
    first time and writes to `file` whether it could."""
    nothing = subprocess.DEVNULL
    subprocess.Popen([sys.executable, "-c", LATER, file], stdin=nothing, stdout=nothing, stderr=nothing, close_fds=True)


@command
def daemon():
    """Closes every file that it inherited, as a daemon does, waits for the end of its input, and imports a module then."""
    os.closerange(3, 4096)
    show({"ready": True, "pid": os.getpid()})
    sys.stdin.buffer.read()
    importlib.import_module("xml.dom.minidom")
    show("imported")


@command
def ended(process, milliseconds):
    """Waits for the end of another process, at most so long, and tells whether it came. On Windows."""
    synchronize, done = 0x100000, 0
    handle = ctypes.windll.kernel32.OpenProcess(synchronize, False, int(process))
    show(not handle or ctypes.windll.kernel32.WaitForSingleObject(handle, int(milliseconds)) == done)


@command
def end(process):
    """Ends another process, as TerminateProcess does, and tells whether there was one."""
    try:
        os.kill(int(process), getattr(signal, "SIGKILL", signal.SIGTERM))
    except OSError:
        show(False)
    else:
        show(True)


@command
def wait():
    """Says that it is there, waits for a signal, reports it, and ends as if nothing had been."""

    def report(number, _frame):
        # Not `print`: the signal may come while the line before is still being written.
        os.write(1, json.dumps({"signal": signal.Signals(number).name}).encode() + b"\n")
        sys.exit(0)

    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), report)
    sleep()


@command
def metadata():
    """What importlib.metadata knows of this very project."""
    distribution = importlib.metadata.distribution("probe")
    show(
        {
            "name": distribution.name,
            "version": distribution.version,
            "scripts": {e.name: e.value for e in distribution.entry_points if e.group == "console_scripts"},
            "distributions": sorted(d.name for d in importlib.metadata.distributions()),
        }
    )


@command
def imports(*names):
    """Which files modules come from."""
    show({n: getattr(importlib.import_module(n), "__file__", None) for n in names})


@command
def call(file):
    """Starts the programs that a JSON file lists and tells how each ended: a parent on the same system, which sees
    what a foreign one can't (all bits of an exit code, a command line as it was written).

    Each entry: `command` (a string is passed as the command line itself, where the system has such a thing), and
    if wanted `environment` (added), `cwd`, `stdin` (text).
    """
    with open(file, encoding="utf-8") as source:
        entries = json.load(source)
    results = []
    for entry in entries:
        done = subprocess.run(
            entry["command"],
            input=entry.get("stdin", "").encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=entry.get("cwd"),
            env=os.environ | entry.get("environment", {}),
        )
        results.append(
            {
                "code": done.returncode & 0xFFFFFFFF if sys.platform == "win32" else done.returncode,
                "stdout": done.stdout.decode("utf-8", "backslashreplace"),
                "stderr": done.stderr.decode("utf-8", "backslashreplace"),
            }
        )
    show(results)
