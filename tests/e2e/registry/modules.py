# Imports every module of the standard library, each with what is below it, and prints what came of it.
# With arguments: those names instead. Without: the names that this interpreter has, CPython's own tests aside.
import importlib, io, os, pkgutil, sys, warnings

warnings.simplefilter("ignore")
# They open a browser, print, or run when they are imported.
ODD = {"antigravity", "this", "idlelib", "turtledemo", "test", "__main__", "lib2to3.tests", "ensurepip._bundled"}
# tkinter needs the Tcl of the very machine; the rest exists for CPython's tests.
LEFT_OUT = ("_test", "_ctypes_test", "_xx", "xx", "tkinter", "_tkinter", "turtle", "sitecustomize")


def wanted(name):
    parts = name.split(".")
    tests = "__main__" in parts or {"test", "tests"} & set(parts[1:]) or name.endswith("._test")
    return not (tests or name.startswith(LEFT_OUT) or any((name + ".").startswith(odd + ".") for odd in ODD))


def outcome(name):
    output, sys.stdout = sys.stdout, io.StringIO()
    try:
        return "ok" if importlib.import_module(name) else "nothing"
    except BaseException as error:
        return type(error).__name__
    finally:
        sys.stdout = output


if sys.argv[1:]:
    for name in open(sys.argv[1]).read().split():
        print(name, outcome(name), flush=True)
else:
    for name in sorted(filter(wanted, sys.stdlib_module_names)):
        print(name, outcome(name), flush=True)
        for below in pkgutil.walk_packages(getattr(sys.modules.get(name), "__path__", ()), name + "."):
            if wanted(below.name):
                print(below.name, outcome(below.name), flush=True)
os._exit(0)
