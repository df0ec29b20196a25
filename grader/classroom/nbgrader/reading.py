"""Where notebooks come into nbgrader, whole, and its pages go out, complete in themselves."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from nbconvert.exporters import HTMLExporter, NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import NbGraderPreprocessor

from grader.classroom.nbgrader.cells import Known, known_cells, read, restored
from grader.report import LARGEST_SEED
from grader.student.limits import IsolationUnavailableError

# A page asks for nothing from anywhere, and runs nothing: not nbgrader's MathJax from a network of
# others, not what a student wrote into a text cell.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
SCRIPTS = re.compile(r"<script\b.*?</script\s*>", re.DOTALL | re.IGNORECASE)
Key = tuple[str, str, str]


@dataclass
class Notes:
    """What is remembered from one of nbgrader's steps to the next.

    Parameters
    ----------
    seed
        That of the run, from the operating system.
    problems
        What was wrong with a notebook, for its student.
    """

    seed: int = field(default_factory=lambda: secrets.randbelow(LARGEST_SEED + 1))
    problems: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    _known: dict[Key, Mapping[str, Known]] = field(default_factory=dict)

    def known(self, resources: Any) -> Mapping[str, Known]:
        """Return what the database knows of a notebook: the same for the whole class."""
        told = resources["nbgrader"]
        database, assignment, notebook = key = told["db_url"], told["assignment"], told["notebook"]
        if key not in self._known:
            with Gradebook(database) as gradebook:
                self._known[key] = known_cells(gradebook, notebook, assignment)
        return self._known[key]


_NOTES: WeakKeyDictionary[Any, Notes] = WeakKeyDictionary()


def notes_of(exporter: Any) -> Notes:
    """Return the notes of a run of `nbgrader autograde`, which has one exporter from end to end."""
    return _NOTES.setdefault(exporter, Notes())


def key_of(resources: Any) -> Key:
    """Return whose notebook of which assignment is being worked on."""
    told = resources["nbgrader"]
    return told["student"], told["assignment"], told["notebook"]


class Reader(NotebookExporter):
    """Reads notebooks that nbgrader could not: empty ones, broken ones, and ones made up.

    What is wrong is told to the student, and the batch goes on. Before the first one is read it is
    made sure that the judge can work behind the walls that were asked for.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.optimistic_validation = True  # once at the end of a step: what was read is sound
        from grader.classroom.nbgrader.preprocessor import Judge  # noqa: PLC0415 - it imports us

        try:
            Judge(parent=self).prepare()
        except IsolationUnavailableError as error:
            level = Judge(parent=self).level
            sentence = f"learnkit: level {level} is not to be had here: {error}"
            self.log.error(sentence)  # noqa: TRY400 - a sentence, and no traceback
            raise NbGraderException(sentence) from error

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> tuple[str, Any]:
        """Convert a notebook; one that is still as it was handed in is read with care."""
        notes, key = notes_of(self), key_of(resources)
        if key in notes.problems:  # read before: this one is nbgrader's own
            again: tuple[str, Any] = super().from_filename(filename, resources=resources, **kwargs)
            return again
        path = Path(filename)
        notebook, problems = read(path)
        for problem in problems:
            self.log.warning("%s: %s", filename, problem)
        notes.problems[key] = problems
        resources["metadata"] = ResourcesDict(name=path.stem, path=os.fspath(path.parent))
        made: tuple[str, Any] = self.from_notebook_node(notebook, resources=resources, **kwargs)
        return made


class Restore(NbGraderPreprocessor):
    """Puts right what nbgrader's database knows of a notebook's cells, before anything reads it."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Restore the cells."""
        student, _, notebook = key = key_of(resources)
        notes = notes_of(self.parent)
        problems = restored(nb, notes.known(resources))
        for problem in problems:
            self.log.warning("%s, %s: %s", student, notebook, problem)
        notes.problems[key] = (*notes.problems.get(key, ()), *problems)
        return nb, resources


class Page(HTMLExporter):
    """nbgrader's feedback, complete in itself: nothing is fetched, nothing runs."""

    def from_notebook_node(
        self, nb: NotebookNode, resources: Any = None, **kwargs: Any
    ) -> tuple[str, Any]:
        """Convert a notebook into a page."""
        page, resources = super().from_notebook_node(nb, resources, **kwargs)
        head, end, body = page.partition("</head>")
        meta = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        head = SCRIPTS.sub("", head).replace("<head>", f"<head>\n{meta}", 1)
        return head + end + body, resources
