# Takes the columns out of the bytecode files named on standard input, and leaves the lines, as compiling under
# `-X no_debug_ranges` does. A file of another version, or one that does not come out right, stays as it is.
import importlib.util, marshal, os, sys

unfinished = sys.argv[1]


def varint(table, at):
    """The end of a number of six bits a byte, all but the last one with bit 6 set."""
    while table[at] & 64:
        at += 1
    return at + 1


def lines_of(table):
    """https://github.com/python/cpython/blob/3.11/Objects/locations.md, each entry as one without columns (13)."""
    result, at = bytearray(), 0
    while at < len(table):
        kind, length, at = table[at] >> 3 & 15, table[at] & 7, at + 1
        if kind == 15:
            result.append(128 | 15 << 3 | length)
            continue
        result.append(128 | 13 << 3 | length)
        if kind >= 13:
            end = varint(table, at)
            result += table[at:end]
            at = end
            for _ in range(3 if kind == 14 else 0):
                at = varint(table, at)
        else:
            result.append(kind - 10 << 1 if kind >= 10 else 0)
            at += 2 if kind >= 10 else 1
    return bytes(result)


def reduced(code):
    inner = tuple(reduced(constant) if hasattr(constant, "co_linetable") else constant for constant in code.co_consts)
    new = code.replace(co_linetable=lines_of(code.co_linetable), co_consts=inner)
    if list(new.co_lines()) != list(code.co_lines()):
        raise ValueError
    return new


for name in sys.stdin.read().split("\n"):
    with open(name, "rb") as file:
        content = file.read()
    if content[:4] != importlib.util.MAGIC_NUMBER:
        continue
    try:
        code = marshal.dumps(reduced(marshal.loads(content[16:])))
    except (ValueError, IndexError, EOFError, TypeError):
        continue
    # Replaced, not changed in place: the file may be shared.
    with open(name + unfinished, "wb") as file:
        file.write(content[:16] + code)
    os.replace(name + unfinished, name)
