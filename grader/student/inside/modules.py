"""A submission's modules, loaded from memory under their own names; nothing touches the disk."""

import builtins
import importlib.abc
import importlib.machinery
import linecache
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from types import ModuleType
from typing import Any, Self

from grader.student.inside.absent import run
from grader.student.inside.faults import describe


class _Bar:
    """Stands for a progress bar: hands on what it is given, and shows nothing."""

    def __init__(self, items: Iterable[Any] = (), *_: Any, **__: Any) -> None:
        self._items = items

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind."""

    def __getattr__(self, _: str) -> Any:
        return _nothing


def _count(*bounds: int, **_: Any) -> _Bar:
    return _Bar(range(*bounds))


def _nothing(*_: Any, **__: Any) -> None:
    """Stand for a function that need do nothing here."""


# What stands in for packages that hardly change what a function gives: of "future", which the
# best-known course's older files import, and of progress bars.
BARS = {"tqdm": _Bar, "trange": _count}
STAND_INS: dict[str, dict[str, Any]] = {
    "past": {},
    "past.builtins": {"xrange": range, "basestring": str, "unicode": str, "long": int},
    "tqdm": BARS,
    "tqdm.auto": BARS,
    "tqdm.notebook": BARS,
}
GRADER_FUNCTIONS = ("check", "check_file", "check_source")
FORBIDDEN = frozenset(["grader", "numerics", "solutions", "exercises"])


class SubmissionFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the submission's own modules, and refuses the kit's.

    Parameters
    ----------
    sources
        For each module its file name and its units: `[label, text]` pairs, one for a file, one a
        cell for a notebook.
    """

    def __init__(self, sources: dict[str, dict[str, Any]]) -> None:
        self._sources = sources
        self._is_notebook = any(label for s in sources.values() for label, _ in s["units"])
        self.names = tuple(sources)
        self.files: set[str] = set()

    def install(self) -> None:
        """Ask this finder first from now on, for the kit's own modules too."""
        for name in [name for name in sys.modules if name.partition(".")[0] in FORBIDDEN]:
            del sys.modules[name]
        sys.meta_path.insert(0, self)
        # As in Jupyter: a file may be what it wrote of a notebook.
        vars(builtins).update(get_ipython=_Shell, display=_nothing)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Claim the submission's names, refuse the kit's, leave the rest to Python."""
        del path, target
        if fullname in self._sources or (fullname == "grader" and self._is_notebook):
            return importlib.machinery.ModuleSpec(fullname, self)
        if fullname in STAND_INS:
            return importlib.machinery.ModuleSpec(fullname, self, is_package="." not in fullname)
        if fullname.partition(".")[0] in FORBIDDEN:
            message = f"{fullname} belongs to the grader and cannot be used in a submission"
            raise ImportError(message, name=fullname)
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's units in order; a notebook goes on after a cell that raised."""
        if module.__name__ in STAND_INS:
            vars(module).update(STAND_INS[module.__name__])
            return
        if module.__name__ not in self._sources:
            # A notebook calls grader.check between its cells; over here that does nothing.
            vars(module).update(dict.fromkeys(GRADER_FUNCTIONS, _nothing))
            return
        source = self._sources[module.__name__]
        units: list[list[str]] = source["units"]
        module.__file__ = source["file"]
        problems: list[dict[str, Any]] = []
        module.__dict__["__problems__"] = problems

        def note(error: BaseException) -> None:
            told = describe(error, self.files)
            if all(told["message"] != known["message"] for known in problems):
                problems.append(told)

        for label, text in units:
            name = f"{source['file']}, {label}" if label else source["file"]
            self.files.add(name)
            linecache.cache[name] = (len(text), None, _lines(text), name)
            try:
                run(text, name, module.__dict__, note)
            except BaseException as error:
                if not label:
                    raise
                problems.append(describe(error, self.files))


class _Shell:
    """Stands for IPython's shell: whatever it is asked to do, it does nothing."""

    def __getattr__(self, _: str) -> Any:
        return _nothing


def _lines(text: str) -> list[str]:
    """Split a text as Python counts lines; `str.splitlines` knows more ends of a line."""
    return [f"{line}\n" for line in re.split(r"\r\n|\r|\n", text)]


def load(name: str, finder: SubmissionFinder) -> tuple[ModuleType | None, list[dict[str, Any]]]:
    """Import a module of the submission.

    Returns
    -------
    module, problems
        None and what was raised, where the whole file could not be run.
    """
    try:
        __import__(name)
    except BaseException as error:  # noqa: BLE001 - whatever a learner's file raises is its result
        return None, [describe(error, finder.files)]
    module = sys.modules[name]
    return module, list(module.__dict__.get("__problems__", []))
