"""Has a window and no console, and says things nobody would see."""

import ctypes
import os
import sys


def main():
    if "code" in sys.argv:
        print("code", os.environ.get("EKIBEN_LOG"))
        return 7
    print("弁当", repr(sys.stdin.read()), end=" \ud800\n")
    if "die" in sys.argv:
        raise RuntimeError("no seat left")
    # Returns when it is closed.
    ctypes.windll.user32.MessageBoxW(None, "Your seat is reserved.", "Seat 12A", 0)
    raise RuntimeError("the window was closed")
