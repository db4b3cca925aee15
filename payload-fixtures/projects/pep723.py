# /// script
# requires-python = ">=3.11"
# dependencies = ["iniconfig>=2"]
# ///
"""One file that names its own dependency."""

import sys

import iniconfig

if __name__ == "__main__":
    config = iniconfig.IniConfig("memory", "[box]\nmeal = salmon\n")
    print("meal", config["box"]["meal"], sys.argv[1:])
