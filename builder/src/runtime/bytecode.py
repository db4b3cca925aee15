# Compiles the files named on standard input, and prints the number and the bytecode of each that compiles.
import importlib.util, py_compile, sys

unfinished = sys.argv[1]
for number, source in enumerate(sys.stdin.read().split("\n")):
    # `optimization=""`: what an interpreter without -O looks for.
    target = importlib.util.cache_from_source(source, optimization="") + unfinished
    try:
        py_compile.compile(
            source,
            cfile=target,
            dfile=source,
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    except (py_compile.PyCompileError, ValueError, RecursionError):
        continue
    print(number, target)
