"""Other processes work for a window, which stays: one pool of each kind that the standard library has."""

import ctypes
import multiprocessing
import os
import sys
import tkinter
from concurrent.futures import ProcessPoolExecutor

CALCULATED = "#3060c0"


def fare(kilometres):
    print("calculating", kilometres)
    # Writes to a stream, as a library does: there has to be one.
    sys.stderr.write("")
    console = ctypes.windll.kernel32.GetConsoleWindow() if sys.platform == "win32" else 0
    return kilometres * 25, os.getpid(), os.path.basename(sys.executable), console


def show(root):
    label = tkinter.Label(root, text="Return: calculate", background="white", font=("", 14))
    label.pack(fill="both", expand=True)
    context = multiprocessing.get_context("spawn")
    pool = context.Pool(2)
    executor = ProcessPoolExecutor(2, mp_context=context)

    def calculate(_event=None):
        for name, results in (("Pool", pool.map(fare, range(4))), ("Executor", list(executor.map(fare, range(4))))):
            fares, processes, programs, consoles = zip(*results)
            print(name, list(fares), sorted(set(programs)), "consoles", sorted(set(consoles)))
            print(name, "elsewhere", os.getpid() not in processes)
        label.configure(background=CALCULATED, foreground="white", text=f"fares {list(fares)}")
        root.update()
        print("calculated")

    def close(_event=None):
        executor.shutdown()
        pool.close()
        pool.join()
        root.destroy()

    root.bind("<Return>", calculate)
    root.bind("<Escape>", close)
    root.protocol("WM_DELETE_WINDOW", close)
    calculate()
