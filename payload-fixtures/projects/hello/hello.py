"""Says hello."""

import sys


def main():
    names = sys.argv[1:] or ["world"]
    print(f"Hello, {' and '.join(names)}!")
