"""Starts itself again, in each of the ways that programs do so.

The arguments are ways: each start takes the first one, and passes on the others. Each says, on a line of JSON, what it has
met; the last one ends with 7.
"""

import json
import os
import subprocess
import sys

BUNDLE = os.environ.get("EKIBEN_BUNDLE", "")

WAYS = {
    "module": lambda rest: [sys.executable, "-m", "again", *rest],
    "file": lambda rest: [sys.executable, __file__, *rest],
    # As this process was started, with other arguments.
    "original": lambda rest: [sys.executable, *sys.orig_argv[1 : len(sys.orig_argv) - len(rest) - 1], *rest],
    # What many programs do: it counts on `sys.argv[0]` being something that Python can run.
    "argv": lambda rest: [sys.executable, sys.argv[0], *rest],
    "bundle": lambda rest: [BUNDLE, *rest],
}


def main():
    way, *rest = sys.argv[1:] or ["end"]
    facts = {
        "way": way,
        "executable": sys.executable,
        "path": sys.path,
        "isolated": sys.flags.isolated,
        "environment": dict(os.environ),
        "process": os.getpid(),
    }
    print(json.dumps(facts), flush=True)
    if way == "end":
        return 7
    if way.startswith("exec-"):
        command = WAYS[way.removeprefix("exec-")](rest)
        os.execv(command[0], command)
    return subprocess.run(WAYS[way](rest)).returncode


if __name__ == "__main__":
    sys.exit(main())
