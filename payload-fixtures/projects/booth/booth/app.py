"""One window, and one of four things in it. Whoever watches learns from the log what there is to see, and where."""

import os
import sys
import tkinter
from importlib import import_module

VIEWS = ("counter", "track", "waves", "pool")


def main():
    view = sys.argv[1] if sys.argv[1:] else "counter"
    root = tkinter.Tk()
    root.title(f"Ticket Booth: {view}")
    root.geometry("480x320+60+60")
    if sys.platform == "win32":
        # The bundle's own icon, on every window of this program.
        root.iconbitmap(default=os.environ["EKIBEN_BUNDLE"])
    show = import_module(f"booth.{VIEWS[VIEWS.index(view)]}").show
    print("tcl", root.tk.eval("info patchlevel"), root.tk.eval("info library"))
    # Only when it is on the screen, it has a place there.
    root.wait_visibility()
    show(root)
    root.update()
    print("ready", view)
    root.mainloop()
    print("closed", view)


def places(**widgets):
    """Says where the middle of each widget is on the screen."""
    for name, widget in widgets.items():
        widget.update()
        x = widget.winfo_rootx() + widget.winfo_width() // 2
        y = widget.winfo_rooty() + widget.winfo_height() // 2
        print("place", name, x, y)
