"""Says its version, and waits for a line."""

import sys


def main():
    print("1.0", flush=True)
    print(sys.stdin.readline(), end="")
