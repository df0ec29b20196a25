"""What a learner's code raised, as plain values: kind, message, and the place in their own file."""

import linecache
import traceback
from typing import Any

TEXT_LIMIT = 500


def describe(error: BaseException, files: set[str]) -> dict[str, Any]:
    """Return the exception's type, message and innermost place within `files`."""
    place: dict[str, Any] = {}
    if isinstance(error, SyntaxError) and error.filename in files:
        place = {"file": error.filename, "line": error.lineno or 0, "code": error.text or ""}
    else:
        for frame, line in traceback.walk_tb(error.__traceback__):
            code = frame.f_code
            if code.co_filename in files:
                text = linecache.getline(code.co_filename, line)
                place = {"file": code.co_filename, "line": line, "code": text}
                place["function"] = code.co_name
    message = error.msg if isinstance(error, SyntaxError) else _text(error)
    kinds = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
    found = {"type": type(error).__name__, "kinds": kinds, "message": message, **place}
    return {k: v.strip()[:TEXT_LIMIT] if isinstance(v, str) else v for k, v in found.items()}


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # noqa: BLE001 - a learner's __str__ may raise anything
        return "(its message could not be read)"
