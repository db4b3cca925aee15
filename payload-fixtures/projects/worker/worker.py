"""What services do. The first argument says what; `note` leaves a line for the test."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor


def note(text):
    with open(os.path.join(os.environ["EKIBEN_DATA_DIR"], "notes"), "a", newline="\n") as notes:
        notes.write(text + "\n")


def loop():
    """A plain loop, which cleans up when it is told to stop."""
    note(f"begin {os.environ['EKIBEN_SERVICE']} {os.environ['EKIBEN_VERSION']}")
    print("working in", os.getcwd(), flush=True)
    try:
        while True:
            time.sleep(0.05)
    finally:
        note("cleaned up")


def end(code):
    """Ends by itself."""
    note("begin")
    print("last words", file=sys.stderr)
    sys.exit(int(code))


def broken_off():
    """Ends itself by Ctrl-Break, which Wine does not pass on."""
    try:
        note("begin")
        signal.raise_signal(signal.SIGBREAK)
    except KeyboardInterrupt:
        note("cleaned up")


def stubborn():
    """Ignores every request."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGBREAK, signal.SIG_IGN)
    note("begin")
    while True:
        time.sleep(1)


GRANDCHILD = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep(3600)"


def family():
    """Has a child with a child of its own, none of which hears anything."""
    child = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {GRANDCHILD!r}]).wait()"
    flags = subprocess.CREATE_NEW_PROCESS_GROUP
    subprocess.Popen([sys.executable, "-c", child], creationflags=flags)
    loop()


def pool():
    """Works with other processes."""
    with ProcessPoolExecutor(2) as workers:
        note(f"squares {list(workers.map(square, range(4)))}")
        loop()


def square(number):
    return number * number


def flood(megabytes):
    """Writes more than its log may hold."""
    for number in range(int(megabytes) * 10_000):
        print(f"{number:<99}")
    print("the end", flush=True)
    note("flooded")
    loop()


def main():
    globals()[sys.argv[1]](*sys.argv[2:])
