# /// script
# requires-python = ">=3.11"
# dependencies = ["rich>=13"]
#
# [tool.ekiben]
# version = "1.0"
# python-flags = ["-X", "utf8"]
# ///
"""Paints a sunset in as many colours as it is given, and says how many these are. With `wait`, it does not end by itself."""

import sys

from rich.console import Console
from rich.text import Text

console = Console(highlight=False)
print("colours", console.color_system, "terminal", console.is_terminal)
for step in range(4):
    line = Text(f"██ 夕焼け {step}", style=f"#ff{0x80 - 0x20 * step:02x}00 on #102030")
    console.print(line)
if sys.argv[1:] == ["wait"]:
    input("Return: the night falls ")
