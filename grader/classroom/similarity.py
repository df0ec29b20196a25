"""Which submissions share more than the stub and the obvious: a place to look, never a verdict.

A text becomes the sequence of its syntax tree's nodes, without names, numbers, comments and
docstrings. Every run of `GRAM` nodes has a hash, and of each `WINDOW` of hashes the smallest is kept:
any stretch of `GRAM + WINDOW - 1` nodes that two texts share leaves a mark that both have
(S. Schleimer, D. Wilkerson and A. Aiken, "Winnowing: Local Algorithms for Document Fingerprinting",
SIGMOD 2003). Marks of the stubs, and marks that much of the class has, say nothing and are left out.
"""

import ast
import functools
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.catalogue import Exercise, Topic
from grader.student.submission import Submission, syntax_tree

GRAM = 16
WINDOW = 8
LARGEST_TEXT = 256 * 1024  # characters of one submission that are looked at
MOST_MARKS = 20_000  # of one submission, the smallest: of equal texts the same ones
COMMON = 0.1  # a mark that more than this share of the class has is the obvious
FEW, MANY = 3, 40  # but never one that so few have; always one that so many have
LEAST_MARKS = 12
LEAST_SHARE = 0.5
PAIRS_SHOWN = 50
NOT_NODES = frozenset(["ctx", "id", "attr", "arg", "name", "kind", "type_comment", "lineno"])
IDLE = (ast.Import, ast.ImportFrom, ast.Pass)
Marks = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pair:
    """Two students whose submissions are alike.

    Parameters
    ----------
    shared
        How many marks both have that few others have.
    share
        Those, as a part of all that the one with fewer has.
    """

    left: str
    right: str
    shared: int
    share: float


def marks_of(submission: Submission, exercises: Sequence[Exercise]) -> bytes:
    """Return the marks of a submission, those of the stubs left out, as bytes.

    What is judged is looked at before other files, and what is too long for the rest is passed over:
    nothing that is handed in beside a copy hides it.
    """
    judged = [submission.module_for(exercise.topic.name) for exercise in exercises]
    modules = [
        submission.modules.get(name) for name in dict.fromkeys([*judged, *submission.modules])
    ]
    left = LARGEST_TEXT
    found = []
    for text in (text for source in modules if source for _, text in source.units):
        if len(text) <= left:
            left -= len(text)
            found.append(marks(tokens(text)))
    stubs = [_stub_marks(topic) for topic in dict.fromkeys(e.topic for e in exercises)]
    own = np.unique(np.concatenate([np.empty(0, np.int64), *found]))
    marked = np.setdiff1d(own, np.concatenate([np.empty(0, np.int64), *stubs]))
    return marked[:MOST_MARKS].tobytes()


def as_numbers(marks_as_bytes: bytes) -> list[int]:
    """Return marks as the numbers that a database holds."""
    numbers: list[int] = np.frombuffer(marks_as_bytes, np.int64).tolist()
    return numbers


def too_common(students: int) -> int:
    """Return how many may have a mark before it says nothing."""
    return min(max(FEW, int(COMMON * students)), MANY)


@functools.cache
def _stub_marks(topic: Topic) -> Marks:
    try:
        text = topic.stub_path.read_text(encoding="utf-8")
    except OSError:
        return np.empty(0, np.int64)  # a topic without stubs has nothing to take away
    return np.unique(_hashes(tokens(text)))


def tokens(text: str) -> list[int]:
    """Return the nodes of a text's syntax tree as numbers; none where it cannot be parsed."""
    try:
        tree = syntax_tree(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return _numbers(tree)


def _numbers(tree: ast.AST) -> list[int]:
    """Return a number for each node, a node before what is below it."""
    found: list[int] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        # What is called of NumPy is part of the method; what a variable is called is not.
        name = f".{node.attr}" if isinstance(node, ast.Attribute) else type(node).__name__
        found.append(_number(name))
        for field in _fields_below(node._fields):
            below: Any = getattr(node, field, None)
            if isinstance(below, list):
                waiting += [each for each in reversed(below) if _counts(each)]
            elif _counts(below):
                waiting.append(below)
    return found


@functools.lru_cache(maxsize=4096)
def _number(name: str) -> int:
    return zlib.crc32(name.encode("utf-8", "replace"))


@functools.cache
def _fields_below(fields: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of a node's fields that may hold nodes, the last one first."""
    return tuple(field for field in reversed(fields) if field not in NOT_NODES)


def _counts(node: Any) -> bool:
    """Tell whether something is a node, and neither an import nor a statement that does nothing."""
    if isinstance(node, ast.Expr):
        value = node.value
        return not (isinstance(value, ast.Constant) and isinstance(value.value, str))
    return isinstance(node, ast.AST) and not isinstance(node, IDLE)


def _hashes(numbers: Sequence[int]) -> Marks:
    """Return a hash of each run of GRAM numbers."""
    if len(numbers) < GRAM:
        return np.empty(0, np.int64)
    runs = np.lib.stride_tricks.sliding_window_view(np.array(numbers, np.uint64), GRAM)
    factors = np.array([pow(1_000_003, GRAM - 1 - i, 2**64) for i in range(GRAM)], np.uint64)
    with np.errstate(over="ignore"):
        mixed = (runs * factors).sum(axis=1)
        mixed ^= mixed >> np.uint64(31)
        mixed *= np.uint64(0x9E3779B97F4A7C15)
    hashes: Marks = mixed.view(np.int64)
    return hashes


def marks(numbers: Sequence[int]) -> Marks:
    """Return the smallest hash of each window."""
    hashes = _hashes(numbers)
    if len(hashes) <= WINDOW:
        return np.unique(hashes)[:1]
    windows = np.lib.stride_tricks.sliding_window_view(hashes, WINDOW)
    return np.unique(windows.min(axis=1))
