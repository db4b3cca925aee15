
# Follows the import statements at the top level of a program: what is not the application's is imported, what is its own is
# read and followed in turn. None of the application runs, since a script may do its work as soon as it is imported. A
# statement within another one (`try`, `if`, a function) need not succeed. What comes after a change of `sys.path` is left.


def follow(path, package, seen=set()):
    import ast

    if path in seen:
        return
    seen.add(path)
    with open(path, "rb") as file:
        body = compile(file.read(), path, "exec", ast.PyCF_ONLY_AST).body
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for name, wanted in _modules(node, package):
                _follow_module(name, wanted, node, path, package)
        elif any(ast.unparse(part) in ("sys.path", "site.addsitedir") for part in ast.walk(node) if isinstance(part, ast.Attribute)):
            return


def _modules(node, package):
    """The absolute names in a statement, each with the names that are imported from it."""
    import ast

    if isinstance(node, ast.Import):
        return [(alias.name, []) for alias in node.names]
    parts = package.split(".") if package else []
    if node.level > len(parts):
        # Python says why, in the program's own line, where the package is not known.
        return [("", [])] if not package else []
    above = parts[: len(parts) - node.level + 1] if node.level else []
    name = ".".join(above + ([node.module] if node.module else []))
    return [(name, [alias.name for alias in node.names])]


def _follow_module(name, wanted, node, path, package):
    import ast

    places, found = None, None
    for part in _prefixes(name):
        spec = _find(part, places)
        locations = spec.submodule_search_locations if spec else None
        # A namespace package computes them anew, for which the one around it has to be imported.
        locations = [] if locations is None else list(getattr(locations, "_path", locations))
        if part == name.partition(".")[0] and not _is_own(spec, locations):
            return _run(ast.Module([node], []), path, package)
        if spec is None:
            _run(_missing(part, node), path)
        if (spec.origin or "").endswith(".py"):
            follow(spec.origin, part if locations else part.rpartition(".")[0])
        places, found = locations, part
    if not found:
        return _run(ast.Module([node], []), path, package)
    for attribute in wanted if places else []:
        spec = _find(f"{found}.{attribute}", places)
        if spec is not None and (spec.origin or "").endswith(".py"):
            inside = spec.submodule_search_locations is not None
            follow(spec.origin, f"{found}.{attribute}" if inside else found)


def _find(name, places):
    """The place of a module in these directories. A namespace package asks for the package around it."""
    import importlib.machinery

    above = name.rpartition(".")[0]
    if not above or above in sys.modules:
        return importlib.machinery.PathFinder.find_spec(name, places)
    sys.modules[above] = module = type(sys)(above)
    module.__path__ = places
    try:
        return importlib.machinery.PathFinder.find_spec(name, places)
    finally:
        del sys.modules[above]


def _prefixes(name):
    parts = name.split(".") if name else []
    return [".".join(parts[: count + 1]) for count in range(len(parts))]


def _is_own(spec, locations):
    import os

    if spec is None:
        return False
    return any(place.startswith(own + os.sep) for place in [spec.origin or "", *locations])


def _run(code, path, package=None):
    """Runs an import statement where it stands, for the sake of the traceback. Only a failed import is the check's business."""
    try:
        exec(compile(code, path, "exec"), {"__name__": "__main__", "__package__": package or None})
    except (ImportError, SyntaxError):
        raise
    except BaseException:
        pass


def _missing(name, node):
    import ast

    code = ast.parse(f"raise ModuleNotFoundError({f'No module named {name!r}'!r})")
    return ast.increment_lineno(code, node.lineno - 1)


