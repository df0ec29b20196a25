"""A topic as a source notebook of nbgrader's: the lesson, the answers to be written, their tests."""

import ast
import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nbformat import NotebookNode, v4, writes

from grader.catalogue import Exercise, Topic
from grader.classroom.nbgrader.names import MARK, SCHEMA, check_id, exercise_of, solution_id
from grader.models import FunctionText, ModelAnswers, lines_of

INDENT = "    "
LONGEST_ID = 64  # what nbformat allows
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
HEADING = re.compile(r"## ")
FENCE = re.compile(r"\s*(```|~~~)")
# A link to another lesson leads nowhere from a notebook.
LESSON_LINK = re.compile(r"\[([^\]]+)\]\((?!\w+:)[^)\s]*\.md(?:#[^)\s]*)?\)")
HOW = """\
**How this notebook works.** Write each function in its own cell, in place of
`raise NotImplementedError()`, and run the cell. Then run the short cell below it: it says what is
right, what is not, and often why. Run both as often as you like: what is said here is for you alone.
The points are given later, for what you hand in. Where the lesson says `learnkit check`, run that
short cell."""


def notebook(topic: Topic, exercises: Sequence[Exercise], points: Mapping[str, float]) -> str:
    """Return the text of a source notebook; from the same topic it is always the same text.

    The parts of the lesson that are about other exercises are left out.

    Parameters
    ----------
    topic
        Whose lesson and answers.
    exercises
        Which of its exercises.
    points
        What each is worth, by its id.

    Raises
    ------
    ModelError
        If the model answers cannot be parsed.
    ValueError
        If nbgrader allows no cells of an exercise's name.
    """
    cells = [*_cells(topic, exercises, points)]
    made = v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    made.metadata[MARK] = {"made": _digest(made)}
    return str(writes(made)) + "\n"


def is_untouched(text: str) -> bool:
    """Tell whether a notebook's cells are as they were made; run or saved again, they still are."""
    try:
        found = json.loads(text)
        return bool(found["metadata"][MARK]["made"] == _digest(found))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False


def points_of(text: str) -> dict[str, float]:
    """Return what the exercises in a notebook are worth, by their ids, as far as it says."""
    try:
        marks = [cell["metadata"].get("nbgrader", {}) for cell in json.loads(text)["cells"]]
        told = {exercise_of(mark.get("grade_id", "")): mark.get("points") for mark in marks}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return {
        name: float(worth)
        for name, worth in told.items()
        if name and type(worth) in {int, float} and math.isfinite(worth) and worth >= 0
    }


def _digest(made: Mapping[str, Any]) -> str:
    told = [
        (cell["cell_type"], "".join(cell["source"]), cell["metadata"].get("nbgrader"))
        for cell in made["cells"]
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _cells(
    topic: Topic, exercises: Sequence[Exercise], points: Mapping[str, float]
) -> Iterator[NotebookNode]:
    answers = topic.answers
    first, *sections = _sections(topic)
    yield _markdown("lesson", first)
    yield _markdown("how", HOW)
    conventions = ast.get_docstring(ast.parse(answers.text)) or ""
    if conventions:
        yield _markdown("conventions", conventions)
    yield _code("imports", _above(answers), {"locked": True})
    owners = _owners(topic, sections)
    for number, section in enumerate([*sections, ""]):
        about = owners.get(number, [])
        chosen = [exercise for exercise in exercises if exercise.name in about]
        if section and (chosen or not about):
            yield _markdown(f"lesson-{number + 1}", section)
        yield from _asked(answers, chosen, points)


def _sections(topic: Topic) -> list[str]:
    """Return the lesson, cut before each of its headings; without a lesson a title alone."""
    path = topic.rooms.lessons / f"{topic.name}.md"
    if not path.is_file():
        return [f"# {topic.title}"]
    parts: list[list[str]] = [[]]
    fenced = False
    for line in path.read_text(encoding="utf-8").splitlines():
        fenced ^= bool(FENCE.match(line))
        if HEADING.match(line) and not fenced:
            parts.append([])
        parts[-1].append(line)
    return [LESSON_LINK.sub(r"\1", "\n".join(part).strip()) for part in parts]


def _owners(topic: Topic, sections: Sequence[str]) -> dict[int, list[str]]:
    """Return the names of the exercises that are asked after each section of the lesson.

    That is the section which names one in its heading, else the first which names it at all, else
    the first whose heading has the beginning of its name (`tanh` for `tanh_forward`). One that is
    named nowhere is asked at the end.
    """
    headings = [_words(section.partition("\n")[0]) for section in sections]
    found: dict[int, list[str]] = {}
    for name in topic.exercises:
        parts = {name[:end] for end, sign in enumerate(name) if sign == "_"}
        places = (
            *(n for n, words in enumerate(headings) if name in words),
            *(n for n, section in enumerate(sections) if name in _words(section)),
            *(n for n, words in enumerate(headings) if parts & words),
            len(sections),
        )
        found.setdefault(places[0], []).append(name)
    return found


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


def _above(answers: ModelAnswers) -> str:
    """Return what stands in the file beside its functions and its docstring: the imports."""
    tree = ast.parse(answers.text)
    lines = lines_of(answers.text)
    kept = [
        "".join(lines[node.lineno - 1 : node.end_lineno])
        for node in tree.body
        if not isinstance(node, ast.FunctionDef)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    return "".join(kept).rstrip()


def _asked(
    answers: ModelAnswers, exercises: Sequence[Exercise], points: Mapping[str, float]
) -> Iterator[NotebookNode]:
    for exercise in exercises:
        place = answers.function(exercise.name)
        marks = {"solution": True, "locked": False}
        yield _code(solution_id(exercise.id), _with_marks(answers, place), marks)
        worth = points[exercise.id]
        yield _code(
            check_id(exercise.id),
            f'import grader\n\ngrader.check("{exercise.id}")',
            {"grade": True, "locked": True, "points": int(worth) if worth % 1 == 0 else worth},
        )


def _with_marks(answers: ModelAnswers, place: FunctionText) -> str:
    """Return a function with nbgrader's marks around its body, so that the stub is what it leaves."""
    lines = lines_of(answers.text)
    body = "".join(lines[place.body : place.end]).removeprefix(place.beside.rstrip("\n"))
    if place.beside:  # the body begins on the line of the signature
        body = INDENT + body.lstrip()
    return (
        "".join(lines[place.start : place.body])
        + place.beside
        + f"{INDENT}### BEGIN SOLUTION\n{body.rstrip()}\n{INDENT}### END SOLUTION"
    )


def _markdown(name: str, text: str) -> NotebookNode:
    return v4.new_markdown_cell(text, id=_cell_id(name))


def _code(grade_id: str, text: str, marks: Mapping[str, Any]) -> NotebookNode:
    told = {
        "cell_type": "code",
        "grade": False,
        "grade_id": grade_id,
        "schema_version": SCHEMA,
        "solution": False,
        "task": False,
    }
    return v4.new_code_cell(text, id=_cell_id(grade_id), metadata={"nbgrader": {**told, **marks}})


def _cell_id(name: str) -> str:
    if len(name) <= LONGEST_ID:
        return name
    return hashlib.sha256(name.encode()).hexdigest()[:32]
