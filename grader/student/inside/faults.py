"""What a learner's code raised, as plain values: kind, message, and the place in their own file."""

import builtins
import linecache
import traceback
from typing import Any

TEXT_LIMIT = 500
BUILT_IN = [
    k for k in vars(builtins).values() if isinstance(k, type) and issubclass(k, BaseException)
]


def describe(error: BaseException, files: set[str]) -> dict[str, Any]:
    """Return the exception's type, message and innermost place within `files`.

    Of a stub it is the place that calls it: that it raises is plain, who needs it is not.
    """
    message = str(error.msg) if isinstance(error, SyntaxError) else _text(error)
    place: dict[str, Any] = {}
    if isinstance(error, SyntaxError) and type(error.filename) is str and error.filename in files:
        line = error.lineno if type(error.lineno) is int else 0
        place = {
            "file": error.filename,
            "line": line,
            "code": linecache.getline(error.filename, line),
        }
    else:
        walked = ((frame.f_code, line) for frame, line in traceback.walk_tb(error.__traceback__))
        places = [(code, line) for code, line in walked if code.co_filename in files]
        if isinstance(error, NotImplementedError) and len(places) > 1:
            named = message.rpartition(".")[2]
            places = places[:-1] if places[-1][0].co_name == named else places
        if places:
            code, line = places[-1]
            text = linecache.getline(code.co_filename, line)
            place = {"file": code.co_filename, "line": line, "code": text}
            place["function"] = code.co_name
    mro = type.__dict__["__mro__"].__get__(type(error))  # a metaclass may hide its own
    kinds = [kind.__name__ for kind in BUILT_IN if kind in mro]
    found = {"type": _name(type(error)), "kinds": kinds, "message": message, **place}
    return {k: v.strip()[:TEXT_LIMIT] if isinstance(v, str) else v for k, v in found.items()}


def _name(kind: type) -> str:
    return str.__str__(type.__dict__["__name__"].__get__(kind))


def _text(error: BaseException) -> str:
    try:
        return str.__str__(str(error))
    except BaseException:  # noqa: BLE001 - a learner's __str__ may raise anything
        return "(its message could not be read)"
