"""A ticket booth with windows of tkinter: widgets, a turtle, numpy, a pool of processes."""
