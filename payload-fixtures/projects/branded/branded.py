"""Tells what Windows says about the bundle it came in, as JSON in the file that is named."""

import ctypes
import json
import os
import sys


def main():
    bundle = os.environ["EKIBEN_BUNDLE"]
    facts = {"properties": properties(bundle), "icons": icons(bundle), "interpreter": os.path.basename(sys.executable)}
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(facts, file)


def properties(path):
    """As Explorer asks for them: the first translation, and the lines that it leads to."""
    version = ctypes.WinDLL("version")
    size = version.GetFileVersionInfoSizeW(path, None)
    block = ctypes.create_string_buffer(size)
    if not version.GetFileVersionInfoW(path, 0, size, block):
        return None

    def query(name):
        found, length = ctypes.c_void_p(), ctypes.c_uint()
        if not version.VerQueryValueW(block, name, ctypes.byref(found), ctypes.byref(length)):
            return None
        return found.value, length.value

    place, _ = query("\\VarFileInfo\\Translation")
    language, code_page = (ctypes.c_ushort * 2).from_address(place)
    fixed, _ = query("\\")
    numbers = (ctypes.c_uint32 * 13).from_address(fixed)
    lines = {}
    for name in ("CompanyName", "FileDescription", "LegalCopyright", "OriginalFilename", "ProductName", "ProductVersion"):
        line = query(f"\\StringFileInfo\\{language:04x}{code_page:04x}\\{name}")
        lines[name] = line and ctypes.wstring_at(line[0])
    halves = [numbers[2], numbers[3]]
    return {"numbers": [part for half in halves for part in (half >> 16, half & 0xFFFF)], "lines": lines}


def icons(path):
    """How many icons there are, and whether the first can be had in two sizes."""
    user32 = ctypes.WinDLL("user32")
    extract = user32.PrivateExtractIconsW
    had = []
    for size in (16, 256):
        icon, number = ctypes.c_void_p(), ctypes.c_uint()
        had.append(extract(path, 0, size, size, ctypes.byref(icon), ctypes.byref(number), 1, 0))
    return [ctypes.WinDLL("shell32").ExtractIconExW(path, -1, None, None, 0), *had]
