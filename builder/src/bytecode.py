# Compiles the files named on standard input, and prints what it wrote.
import importlib.util, py_compile, sys

unfinished = sys.argv[1]
for source in sys.stdin.read().splitlines():
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
    print(target)
