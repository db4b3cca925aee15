"""Lets Tcl and Tk find their scripts, which are in this tree. Their libraries look in a directory of the machine that they
were built for, or where variables say. These are set only while Tcl starts, so that no other program sees them."""

import os

_LIB = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_PLACES = {"TCL_LIBRARY": os.path.join(_LIB, "{tcl}"), "TK_LIBRARY": os.path.join(_LIB, "{tk}")}


def _with_places(function, *arguments):
    before = {name: os.environ.get(name) for name in _PLACES}
    os.environ.update(_PLACES)
    try:
        return function(*arguments)
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


_tkinter = _with_places(__import__, "_tkinter")


def create(*arguments, _create=_tkinter.create):
    return _with_places(_create, *arguments)


_tkinter.create = create
