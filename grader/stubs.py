"""Stubs in a learner's file: put one back, or add those that are not there yet."""

import ast
from collections.abc import Iterator

from grader.catalogue import Exercise, Topic
from grader.models import ModelAnswers, functions_of, lines_of

NOTE = "# New in this kit, added by learnkit init."


class UnclearError(Exception):
    """What a file holds cannot be told by reading it; the message says why."""


def put_back(name: str, old: str, topic: Topic, exercise: Exercise | None) -> str:
    """Return a file's text with the stub of an exercise in it, or the whole topic's stubs.

    Raises
    ------
    ModelError
        If the text cannot be parsed.
    """
    stubs = topic.stub_path.read_text(encoding="utf-8")
    if not exercise or not old:
        return stubs
    place = functions_of(old, name).get(exercise.name)
    text = _stub(stubs, exercise)
    if place is None:
        return old.rstrip("\n") + "\n\n\n" + text
    lines = lines_of(old)
    return "".join([*lines[: place.start], text, *lines[place.end :]])


def missing(topic: Topic, old: str, known: frozenset[str] | None) -> str:
    """Return what is to be added to a file for it to hold every exercise that is new to it.

    Parameters
    ----------
    topic
        Whose exercises.
    old
        The file's text.
    known
        The exercises whose stubs the learner has had; one of these that is gone was taken out.
        None where that is not known: then a file that holds any has had all that it holds.

    Raises
    ------
    UnclearError
        If it cannot be told what the text defines.
    """
    try:
        bound = set(_bound(ast.parse(old.removeprefix("\ufeff"))))
    except (SyntaxError, ValueError) as error:
        raise UnclearError(f"it cannot be read as Python ({error})") from error
    ours = list(topic.exercises.values())
    if known is None and not any(exercise.name in bound for exercise in ours):
        return ""  # a file of the learner's own that happens to bear this name
    new = [e for e in ours if e.name not in bound and (known is None or e.id not in known)]
    if not new:
        return ""
    if "*" in bound:
        raise UnclearError("it imports names that cannot be seen in it (import *)")
    stubs = topic.stub_path.read_text(encoding="utf-8")
    parts = ["" if old.endswith("\n") or not old else "\n", f"\n\n{NOTE}\n"]
    parts += [f"\n\n{_stub(stubs, exercise)}" for exercise in new]
    text = "".join(parts)
    return text.replace("\n", "\r\n") if "\r\n" in old else text


def _stub(stubs: str, exercise: Exercise) -> str:
    place = ModelAnswers(exercise.topic.name, stubs).function(exercise.name)
    return "".join(lines_of(stubs)[place.start : place.end])


def _bound(tree: ast.AST) -> Iterator[str]:
    """Yield every name that a text gives a meaning to, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name
