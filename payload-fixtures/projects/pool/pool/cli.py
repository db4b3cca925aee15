"""Squares numbers in other processes, in each of the ways the standard library offers."""

import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor


def square(number):
    return number * number


def where(_):
    return os.getpid(), sys.executable


def main():
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        print("Pool", pool.map(square, range(5)))
        pids, executables = zip(*pool.map(where, range(4)))
    print("in other processes", os.getpid() not in pids)
    print("same interpreter", {os.path.realpath(e) for e in executables} == {os.path.realpath(sys.executable)})
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        print("ProcessPoolExecutor", list(executor.map(square, range(5))))
    queue = context.SimpleQueue()
    process = context.Process(target=queue.put, args=("from a child",))
    process.start()
    print("Process", queue.get())
    process.join()
    print("exit code", process.exitcode)
