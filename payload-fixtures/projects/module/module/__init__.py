"""Started as `python -m module`."""
