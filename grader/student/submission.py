"""What a learner hands in: one or several modules of source text, read from files or notebooks."""

import ast
import contextlib
import json
import re
import sys
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

KINDS = (".py", ".ipynb")  # the first of them counts where both are there
SIZE_LIMIT = 2 * 2**20
MAGICS_LIMIT = 200  # in one cell
# Characters of all notebooks that are parsed, again and again, for their magics: some seconds.
PARSED_LIMIT = 2**19
# Characters of one text that are parsed: a tree takes up to a thousand times as many bytes.
TEXT_LIMIT = 2**18
# Before 3.12, Python searches a whole string for each expression in it: a tenth of a second for this.
BRACES_LIMIT = 2**27  # braces, times characters
# Python joins the names of an import again for each dot, and keeps all of them.
DOTTED = re.compile(r"\b(?:\w++[\s\\]*+\.[\s\\]*+){200}")
NOTHING: Mapping[str, Any] = MappingProxyType({})
IMPORT = re.compile(
    r"(?:^|[;:])[ \t]*(?:from[ \t]+([A-Za-z_]\w*)|import[ \t]+([^\n;#]+))"
    r"|import_module\(\s*[\"']([A-Za-z_]\w*)[\"']",
    re.MULTILINE,
)
DEFINITION = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
# A cell magic whose cell is still Python; any other one hands the cell to something else.
PYTHON_CELL = re.compile(r"%%(?:time|timeit|capture|prun|python3?|writefile [^\n]*\.py)\b[^\n]*\n?")
# A line magic, a shell line or a question mark: not Python, so left out where a cell cannot be read.
NOT_PYTHON = re.compile(r"^([ \t]*)(?:[%!?].*|[\w.]+\s*=\s*[%!].*|[\w.]+\?{1,2})$", re.MULTILINE)


class SubmissionError(Exception):
    """A file that cannot be read as Python or as a notebook; the message says why."""


class Source(NamedTuple):
    """The text of one module.

    Parameters
    ----------
    file
        The name shown to the learner.
    units
        Pairs of a label and a text: one pair with an empty label for a file, one a cell
        ("cell 3") for a notebook.
    """

    file: str
    units: tuple[tuple[str, str], ...]

    @property
    def mentioned(self) -> set[str]:
        """Return what the text seems to define; used only where it has not been loaded."""
        return {name for _, text in self.units for name in DEFINITION.findall(text)}


class Submission(NamedTuple):
    """Modules by name. Functions are looked up in `main`, or else in the topic's own module.

    Parameters
    ----------
    modules
        The modules, loaded under these names so that they can import each other.
    main
        The one module in which every exercise is looked up, for a single file.
    unreadable
        Why a module has no text, by its name.
    renamed
        The names of modules that could not bear their topic's, by topic.
    """

    modules: Mapping[str, Source] = NOTHING
    main: str | None = None
    unreadable: Mapping[str, str] = NOTHING
    renamed: Mapping[str, str] = NOTHING

    def module_for(self, topic: str) -> str:
        """Return the name of the module that should hold the topic's exercises."""
        return self.main or self.renamed.get(topic, topic)


def from_text(text: str, name: str = "submission") -> Submission:
    """Return a submission of one module with the given source text."""
    return Submission({name: Source(f"{name}.py", (("", text),))}, main=name)


def from_file(path: Path) -> Submission:
    """Return a submission of one file, with the files beside it that it imports."""
    name = path.stem
    # A file called random.py must not stand in for the module of that name.
    if not name.isidentifier() or name in sys.stdlib_module_names or name in sys.modules:
        name = "submission_" + re.sub(r"\W", "_", name)
    try:
        modules = {name: read_source(path)}
    except SubmissionError as error:
        return Submission({}, name, {name: str(error)})
    waiting = [name]
    while waiting:
        for _, text in modules[waiting.pop()].units:
            for imported in imported_names(text):
                beside = path.parent / f"{imported}.py"
                known = imported in modules or imported in sys.stdlib_module_names
                if not known and beside.is_file():
                    # One that cannot be read fails where it is imported.
                    with contextlib.suppress(SubmissionError):
                        modules[imported] = read_source(beside)
                        waiting.append(imported)
    return Submission(modules, name)


def imported_names(text: str) -> set[str]:
    """Return the first parts of the names that a text imports, as far as reading it tells."""
    found = set()
    for from_, imports, by_call in IMPORT.findall(text.replace("\\\n", " ")):
        parts = [part.strip().partition(" ")[0] for part in imports.split(",")]
        found |= {name.partition(".")[0] for name in (from_, by_call, *parts)}
    return {name for name in found if name.isidentifier()}


def from_folder(folder: Path, topics: Iterable[str]) -> Submission:
    """Return a submission of a folder that holds a `TOPIC.py` or `TOPIC.ipynb` for each topic."""
    modules: dict[str, Source] = {}
    unreadable: dict[str, str] = {}
    renamed: dict[str, str] = {}
    for topic in topics:
        path = file_of(folder, topic)
        if path.is_file():
            found = from_file(path)
            modules = {**found.modules, **modules}
            unreadable |= found.unreadable
            renamed[topic] = found.main or topic
    return Submission(modules, None, unreadable, renamed)


def file_of(folder: Path, topic: str) -> Path:
    """Return the file in which a topic is written there, or will be."""
    paths = [folder / f"{topic}{kind}" for kind in KINDS]
    return next((path for path in paths if path.is_file()), paths[0])


def read_source(path: Path) -> Source:
    """Read a Python file or a notebook.

    Raises
    ------
    SubmissionError
        If it is too large, not UTF-8, or not a notebook though it is called one.
    """
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise SubmissionError(f"{path.name} cannot be read: {error.strerror}.") from error
    if len(data) > SIZE_LIMIT:
        raise SubmissionError(f"{path.name} is larger than {SIZE_LIMIT // 2**20} MiB.")
    text = text_of(data, path.name)
    if path.suffix == ".ipynb":
        return Source(path.name, tuple(notebook_cells(text, path.name)))
    return Source(path.name, (("", text),))


def text_of(data: bytes, name: str) -> str:
    """Return a file's text, without a byte order mark.

    Raises
    ------
    SubmissionError
        If it is not UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = data[: error.start].count(b"\n") + 1
        raise SubmissionError(
            f"{name} is not UTF-8 text (line {at}). Save it as UTF-8 in your editor."
        ) from error


def notebook_cells(
    text: str, name: str, patience: "Patience | None" = None
) -> list[tuple[str, str]]:
    """Return the code cells of a notebook, labelled by their place among its cells.

    Parameters
    ----------
    text, name
        What stands in the file, and what it is called.
    patience
        That for all notebooks of one submission.

    Raises
    ------
    SubmissionError
        If the text is not a notebook of format 4 (nbformat, "The Notebook file format").
    """
    try:
        cells = json.loads(text)["cells"]
        found = [
            (i, cell["source"]) for i, cell in enumerate(cells, 1) if cell["cell_type"] == "code"
        ]
        joined = [(f"cell {i}", s if isinstance(s, str) else "".join(s)) for i, s in found]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SubmissionError(
            f"{name} is not a Jupyter notebook of format 4. Open it in Jupyter and save it again."
        ) from error
    patience = patience or Patience()
    return [(label, python_of(cell, patience)) for label, cell in joined]


class Patience:
    """How much text is parsed in search of magics: beyond what people write, cells stay as they are."""

    def __init__(self) -> None:
        self._left = PARSED_LIMIT

    def syntax_error(self, text: str) -> SyntaxError | None:
        """Return what Python says of a text; None where it says nothing, or is not asked any more."""
        if len(text) > min(self._left, TEXT_LIMIT):
            return None
        self._left -= len(text)
        return _syntax_error(text)


def python_of(cell: str, patience: Patience | None = None) -> str:
    """Return a cell's Python; magics and shell lines become `pass`, so that line numbers stay.

    Only a line that Python stumbles over is taken for a magic, and only where a statement may begin:
    one that looks like it may be part of a string, or of an expression over several lines.

    Parameters
    ----------
    cell
        Its text.
    patience
        That for all cells of one submission.
    """
    start = PYTHON_CELL.match(cell)
    if start:
        cell = "\n" + cell[start.end() :]
    elif cell.startswith("%%"):
        return ""
    lines = cell.split("\n")
    patience = patience or Patience()
    for _ in range(MAGICS_LIMIT):
        at = _line_of_a_magic(lines, patience)
        if not at:
            break
        indent = lines[at - 1][: -len(lines[at - 1].lstrip())]
        while lines[at - 1].endswith("\\") and at < len(lines):
            lines[at - 1] = ""
            at += 1
        lines[at - 1] = f"{indent}pass"
    return "\n".join(lines)


def _line_of_a_magic(lines: list[str], patience: Patience) -> int:
    """Return the number of the first line that Python takes for no statement; 0 if there is none."""
    at = len(lines) + 1
    error = patience.syntax_error("\n".join(lines))
    # Python may tell of a later one first: what stands before is looked at by itself.
    while error and 0 < (line := error.lineno or 0) < at and NOT_PYTHON.match(lines[line - 1]):
        at = line
        error = patience.syntax_error("\n".join(lines[: at - 1]))
    if at > len(lines):
        return 0
    goes_on = error and ("was never closed" in error.msg or lines[at - 2].endswith("\\"))
    return 0 if goes_on else at


def syntax_tree(text: str) -> ast.Module:
    """Return a stranger's text as a tree; to compile it would double each `finally` in another.

    Raises
    ------
    SyntaxError
        If it is not Python.
    ValueError, RecursionError, MemoryError
        If it is not for Python to read.
    """
    if len(text) > TEXT_LIMIT:
        raise ValueError("too long to be read")
    if text.count("{") * len(text) > BRACES_LIMIT or DOTTED.search(text):
        raise ValueError("too many braces or dots to be read")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # remarks on the text
        return ast.parse(text)


def _syntax_error(text: str) -> SyntaxError | None:
    try:
        syntax_tree(text)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError):
        return None
    return None
