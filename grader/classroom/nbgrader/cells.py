"""A submitted notebook, however damaged: read, put right by what nbgrader's database knows, its code.

Nothing that decides about points is taken from the notebook. Which cells count, how much, and what
the locked ones hold stands in the database since the assignment was generated.
"""

import contextlib
import json
import math
import re
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat import NotebookNode

from grader.catalogue import Catalogue, Exercise, UnknownNameError
from grader.classroom.nbgrader.names import SCHEMA, exercise_of
from grader.student.limits import MIB
from grader.student.submission import SIZE_LIMIT

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

FILE_LIMIT = 64 * MIB  # pictures and all; the code in it may be as long as any other file
CELLS_LIMIT = 5_000
KINDS = ("code", "markdown", "raw")
CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
# What of a cell's outputs is shown as it was handed in: nothing that a browser would run or fetch.
HARMLESS = ("image/png", "image/jpeg", "text/plain")
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
SAVE_AGAIN = "Open it in Jupyter, save it, and hand it in again."
WITHOUT_CODE = ""


@dataclass(frozen=True)
class Known:
    """A cell as nbgrader's database knows it.

    Parameters
    ----------
    name
        Its `grade_id`.
    points
        What it is worth; 0 for a cell that gives none.
    """

    name: str
    cell_type: str
    source: str
    checksum: str
    locked: bool
    grade: bool
    solution: bool
    task: bool
    points: float

    @property
    def is_test(self) -> bool:
        """Tell whether its points are given by running it, in nbgrader's own way."""
        return self.grade and not self.solution and self.cell_type == "code"

    @property
    def is_given(self) -> bool:
        """Tell whether it is code that everybody gets: imports, say."""
        return self.locked and not (self.grade or self.task) and self.cell_type == "code"

    @property
    def is_written_here(self) -> bool:
        """Tell whether students write code in it; a fresh one could stand in for what they wrote."""
        return self.solution and self.cell_type == "code"

    @property
    def exercise(self) -> str | None:
        """Return the exercise that it is the test of; None for any other cell."""
        return exercise_of(self.name) if self.is_test else None

    def score(self, found: float) -> float:
        """Return a score as nbgrader takes it: finite, and between 0 and the points.

        Raises
        ------
        ValueError
            If it is not finite.
        """
        if not math.isfinite(found):
            raise ValueError(f"{self.name} has a score of {found}")
        return min(max(float(found), 0.0), self.points)

    def metadata(self) -> dict[str, Any]:
        """Return what nbgrader wants to find in the cell."""
        told = {
            "schema_version": SCHEMA,
            "grade": self.grade,
            "solution": self.solution,
            "locked": self.locked,
            "task": self.task,
            "grade_id": self.name,
            "cell_type": self.cell_type,
            "checksum": self.checksum,
        }
        return {**told, "points": self.points} if self.grade or self.task else told


def known_cells(gradebook: "Gradebook", notebook: str, assignment: str) -> dict[str, Known]:
    """Return what the database knows of a notebook, by `grade_id`.

    Raises
    ------
    nbgrader.api.MissingEntry
        If it knows no such notebook.
    """
    found = gradebook.find_notebook(notebook, assignment)
    graded = {cell.name: float(cell.max_score) for cell in found.grade_cells}
    tasks = {cell.name: float(cell.max_score) for cell in found.task_cells}
    solutions = {cell.name for cell in found.solution_cells}
    return {
        cell.name: Known(
            cell.name,
            cell.cell_type,
            cell.source or "",
            cell.checksum or "",
            bool(cell.locked),
            cell.name in graded,
            cell.name in solutions,
            cell.name in tasks,
            {**tasks, **graded}.get(cell.name, 0.0),
        )
        for cell in found.source_cells
    }


def read(path: Path) -> tuple[NotebookNode, tuple[str, ...]]:
    """Read a notebook that may be damaged.

    Returns
    -------
    notebook, problems
        A notebook that any of nbgrader's steps can work with, empty if need be, and what was wrong
        with the file, for the student.
    """
    try:
        known = path.stat()
        if not stat.S_ISREG(known.st_mode):
            return _empty(), (f"{path.name} is no regular file.",)
        if known.st_size > FILE_LIMIT:
            return _empty(), (f"{path.name} is larger than {FILE_LIMIT // MIB} MiB.",)
        data = path.read_bytes()
    except OSError as error:
        return _empty(), (f"{path.name} cannot be read: {error.strerror}.",)
    return parsed(data, path.name)


def parsed(data: bytes, name: str) -> tuple[NotebookNode, tuple[str, ...]]:
    """Return the notebook that these bytes hold; otherwise as `read`."""
    if not data.strip():
        return _empty(), (f"{name} is empty. {SAVE_AGAIN}",)
    cells = _cells_in(data)
    if cells is None:
        return _empty(), (f"{name} is not a notebook that can be read. {SAVE_AGAIN}",)
    if len(cells) > CELLS_LIMIT:
        return _empty(), (f"{name} has more than {CELLS_LIMIT} cells.",)
    made = _empty()
    ids: set[str] = set()
    for number, cell in enumerate(cells, 1):
        # A cell that is none keeps its place, so that the others keep their numbers.
        made.cells.append(_cell(cell, number, ids) or _new("raw", "", _free("damaged", ids)))
    left_out = sum(not _is_cell(cell) for cell in cells)
    problems = (f"{left_out} of the cells in {name} could not be read.",) if left_out else ()
    return made, problems


def _empty() -> NotebookNode:
    language = NotebookNode(language_info=NotebookNode(name="python"))
    return NotebookNode(nbformat=4, nbformat_minor=5, metadata=language, cells=[])


def _cells_in(data: bytes) -> list[Any] | None:
    """Return the cells that a file holds, as far as it is a notebook."""
    try:
        text = data.decode("utf-8-sig")
        told = json.loads(text)
        if isinstance(told, dict) and told.get("nbformat") in {1, 2, 3}:
            told = nbformat.reads(text, as_version=4)
    except Exception:  # noqa: BLE001 - nbformat raises whatever an old notebook makes it stumble over
        return None
    cells = told.get("cells") if isinstance(told, dict) else None
    return cells if isinstance(cells, list) else None


def _is_cell(cell: Any) -> bool:
    return (
        isinstance(cell, dict)
        and cell.get("cell_type") in KINDS
        and _text(cell.get("source")) is not None
    )


def _cell(cell: Any, number: int, ids: set[str]) -> NotebookNode | None:
    """Return a sound copy of a cell: its text, its id, and what it says nbgrader knows it by."""
    if not _is_cell(cell):
        return None
    source = _text(cell["source"]) or ""
    name = cell.get("id") if isinstance(cell.get("id"), str) else ""
    made = _new(cell["cell_type"], source, _free(name or f"cell-{number}", ids))
    told = cell.get("metadata")
    told = told.get("nbgrader") if isinstance(told, dict) else None
    grade_id = told.get("grade_id") if isinstance(told, dict) else None
    if isinstance(grade_id, str) and made.cell_type != "raw":
        made.metadata["nbgrader"] = NotebookNode(grade_id=grade_id)
    if cell["cell_type"] == "code":
        made.outputs = _outputs(cell.get("outputs"))
    elif made.cell_type == "markdown" and (attachments := _attachments(cell.get("attachments"))):
        made["attachments"] = attachments
    return made


def _new(kind: str, source: str, name: str) -> NotebookNode:
    """Return a cell; nbformat's own functions look each one up in the schema, which takes its time."""
    made = NotebookNode(id=name, cell_type=kind, metadata=NotebookNode(), source=source)
    if kind == "code":
        made |= NotebookNode(execution_count=None, outputs=[])
    return made


def _free(name: str, ids: set[str]) -> str:
    """Return an id for a cell that no other one has."""
    wanted = name if CELL_ID.fullmatch(name) else "cell"
    number = len(ids)
    while wanted in ids:
        number += 1
        wanted = f"cell-{number}"
    ids.add(wanted)
    return wanted


def _text(told: Any) -> str | None:
    """Return a text that can be written as UTF-8; None if it is no text."""
    if isinstance(told, list) and all(isinstance(part, str) for part in told):
        told = "".join(told)
    return told.encode("utf-8", "replace").decode() if isinstance(told, str) else None


def _outputs(told: Any) -> list[NotebookNode]:
    """Return what can be shown of the outputs that were handed in."""
    made = []
    for output in told if isinstance(told, list) else ():
        if not isinstance(output, dict):
            continue
        kind, text = output.get("output_type"), _text(output.get("text"))
        if kind == "stream" and text is not None:
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            made.append(NotebookNode(output_type=kind, name=name, text=text))
        elif kind in {"display_data", "execute_result"} and isinstance(output.get("data"), dict):
            data = {k: _text(output["data"].get(k)) for k in HARMLESS}
            data = {k: v for k, v in data.items() if v and (k == "text/plain" or _is_base64(v))}
            if data:
                made.append(
                    NotebookNode(output_type="display_data", data=data, metadata=NotebookNode())
                )
    return made


def _is_base64(text: str) -> bool:
    return bool(BASE64.fullmatch(text))


def _attachments(told: Any) -> dict[str, dict[str, str]]:
    """Return the pictures in a text cell."""
    found = {}
    for name, kinds in told.items() if isinstance(told, dict) else ():
        pictures = {}
        for kind in HARMLESS[:2]:
            data = _text(kinds.get(kind)) if isinstance(kinds, dict) else None
            if data and _is_base64(data):
                pictures[kind] = data
        shown = _text(name)
        if pictures and shown:
            found[shown] = pictures
    return found


def restored(notebook: NotebookNode, known: Mapping[str, Known]) -> tuple[str, ...]:
    """Put a notebook's cells right, in place.

    Every cell that the database knows gets what the database says of it; a locked one its text as
    well. Of several with one `grade_id` the last counts, as in nbgrader's own way, and the others
    are ordinary cells. What is gone comes back, given code at the beginning and tests at the end:
    what they test may be there. A solution does not.

    Returns
    -------
    problems
        What was wrong, for the student.
    """
    problems = []
    seen: set[str] = set()
    for index in range(len(notebook.cells) - 1, -1, -1):
        cell = notebook.cells[index]
        told = cell.metadata.pop("nbgrader", None)
        name = told.get("grade_id") if isinstance(told, Mapping) else None
        of_database = known.get(name) if isinstance(name, str) else None
        if of_database is None:
            if name:
                problems.append(f"A cell is marked as {_shown(name)}, which was never handed out.")
        elif of_database.name in seen:
            problems.append(f"The cell {name} is there more than once; the last one counts.")
        else:
            seen.add(of_database.name)
            if of_database.locked and cell.source != of_database.source:
                problems.append(f"The locked cell {name} was changed; it is as it was handed out.")
            notebook.cells[index] = _as_known(cell, of_database)
    gone = [cell for cell in known.values() if cell.name not in seen]
    first = [cell for cell in gone if cell.is_given]
    last = [cell for cell in gone if cell.task or (cell.grade and not cell.is_written_here)]
    problems += [f"The cell {cell.name} was missing; it is back." for cell in (*first, *last)]
    notebook.cells[:0] = [_as_known(_missing(cell, notebook), cell) for cell in first]
    for cell in last:
        notebook.cells.append(_as_known(_missing(cell, notebook), cell))
    return tuple(dict.fromkeys(problems))


def _missing(cell: Known, notebook: NotebookNode) -> NotebookNode:
    ids = {each.id for each in notebook.cells}
    return _new(cell.cell_type, cell.source, _free(cell.name, ids))


def _as_known(cell: NotebookNode, known: Known) -> NotebookNode:
    source = known.source if known.locked else cell.source
    if cell.cell_type != known.cell_type:
        cell = _new(known.cell_type, source, cell.id)
    cell.source = source
    if known.is_test:
        cell.outputs = []  # what stands there decides about points
    cell.metadata["nbgrader"] = NotebookNode(known.metadata())
    return cell


def _shown(name: str) -> str:
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name[:80])


def tests_of(known: Iterable[Known], catalogue: Catalogue) -> dict[Exercise, Known]:
    """Return the cells that are tests of ours, by exercise, in the order of the topics.

    A cell that only looks like one is left out: there is no such exercise.
    """
    found: dict[Exercise, Known] = {}
    for cell in known:
        with contextlib.suppress(UnknownNameError):
            if cell.exercise:
                found |= dict.fromkeys(catalogue.find([cell.exercise]), cell)
    places = {e: list(e.topic.exercises.values()).index(e) for e in found}
    return dict(sorted(found.items(), key=lambda pair: (pair[0].topic.name, places[pair[0]])))


def code_of(notebook: NotebookNode, known: Mapping[str, Known]) -> list[str]:
    """Return a student's code, cell by cell; `notebook` is restored.

    All code cells come along but the tests: what a solution needs may stand in any of them. Those
    that are left out keep their place, so that a cell's number is the one that the student sees.
    """
    sources = []
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        is_test = grade_id in known and known[grade_id].is_test
        counts = cell.cell_type == "code" and not is_test
        sources.append(cell.source if counts else WITHOUT_CODE)
    return sources


def files_of(
    code: Mapping[str, Sequence[str]], names: Mapping[str, str]
) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return a student's code as the files that the judge takes.

    Parameters
    ----------
    code
        The cells with the functions of each topic, by its name: there they are looked for.
    names
        What the notebook is called, by topic.

    Returns
    -------
    files, refused
        The bytes by name, and why there are none.
    """
    files, refused = {}, {}
    for topic, sources in code.items():
        if sum(len(source) for source in sources) > SIZE_LIMIT:
            reason = f"The code in {names[topic]} is larger than {SIZE_LIMIT // MIB} MiB."
            refused[f"{topic}.ipynb"] = reason
            continue
        cells = [{"cell_type": "code", "source": source} for source in sources]
        files[f"{topic}.ipynb"] = json.dumps({"cells": cells, "nbformat": 4}).encode()
    return files, refused
