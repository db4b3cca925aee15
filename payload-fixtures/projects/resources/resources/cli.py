"""Reads its data files through importlib.resources, and beside its own source."""

import hashlib
from importlib.resources import as_file, files
from pathlib import Path


def main():
    package = files("resources")
    print("text", ascii(package.joinpath("greeting.txt").read_text(encoding="utf-8").strip()))
    nested = package.joinpath("data", "deep", "er", "numbers.csv")
    print("nested", nested.read_text(encoding="utf-8").split())
    blob = package.joinpath("data", "blob.bin").read_bytes()
    print("binary", len(blob), hashlib.sha256(blob).hexdigest()[:16])
    with as_file(package.joinpath("data")) as directory:
        names = sorted(p.relative_to(directory).as_posix() for p in directory.rglob("*") if p.is_file())
    print("listed", names)
    print("beside", Path(__file__).with_name("greeting.txt").is_file())
