"""Sets of indices: their form, what is missing or repeated, and whether chance has chosen them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader import compare
from grader.checks.statistics import hypergeometric_tail, improbable

Array = np.ndarray[Any, np.dtype[Any]]


def indices(value: Any) -> Array | None:
    """Return an array or a list of whole numbers as an array of one axis, None for anything else."""
    if isinstance(value, (list, tuple)):
        if any(
            isinstance(i, (bool, np.bool_)) or not isinstance(i, (int, np.integer)) for i in value
        ):
            return None
        value = np.array([min(max(int(i), -(2**40)), 2**40) for i in value], np.int64)
    if not isinstance(value, np.ndarray) or value.ndim != 1:
        return None
    if value.size and value.dtype.kind not in "iu":
        return None
    return value.astype(np.int64)


def set_problem(name: str, value: Any) -> str:
    """Say what is wrong with the form of a set of indices."""
    if indices(value) is not None:
        return ""
    found = compare.describe(value)
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return f"{name} is {found}; examples are named by whole numbers, so that x[{name}] works."
    return f"{name} is {found}; an array of indices, of one axis, was expected."


def list_problem(name: str, holds_what: str, value: Any) -> str:
    """Say what is wrong with what should be a list."""
    if isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim > 1):
        return ""
    found = compare.describe(value)
    if isinstance(value, np.ndarray):
        return f"{name} is {found}; a list of {holds_what} was expected."
    if found.startswith("an object"):
        return (
            f"{name} is {found}; list(...) makes of it the list of {holds_what} that is asked for."
        )
    return f"{name} is {found}; a list of {holds_what} was expected."


def sets_of(values: Iterable[Any]) -> list[Array]:
    """Return sets of indices whose form has been looked at."""
    found = [indices(value) for value in values]
    return [each for each in found if each is not None]


@dataclass(frozen=True)
class Dealt:
    """How examples have been dealt out.

    Parameters
    ----------
    strangers
        Indices that name no example.
    missing, repeated
        Examples that are in no set, and those that are in several or several times in one.
    """

    strangers: list[int]
    missing: list[int]
    repeated: list[int]

    @property
    def complete(self) -> bool:
        """Tell whether each example is there once, and nothing else."""
        return not (self.strangers or self.missing or self.repeated)

    @property
    def message(self) -> str:
        """Return what is wrong, in a sentence."""
        if self.strangers:
            return f"{self.strangers[0]} is the index of no example."
        said = []
        if self.repeated:
            said.append(f"{listed(self.repeated)} {verb(self.repeated)} there more than once")
        if self.missing:
            said.append(f"{listed(self.missing)} {verb(self.missing)} missing")
        return f"{' and '.join(said)}.".capitalize()


def verb(things: Sequence[int]) -> str:
    """Return "is" or "are"."""
    return "is" if len(things) == 1 else "are"


def listed(examples: Sequence[int]) -> str:
    """Return the first few examples for reading."""
    noun = "example" if len(examples) == 1 else "examples"
    more = f" and {len(examples) - 3} more" if len(examples) > 3 else ""
    return f"{noun} {', '.join(map(str, examples[:3]))}{more}"


def dealt(sets: Sequence[Array], total: int) -> Dealt:
    """Return how so many examples have been dealt out to sets."""
    everything = np.concatenate([np.zeros(0, np.int64), *sets])
    known = (everything >= 0) & (everything < total)
    counts = np.bincount(everything[known], minlength=total)
    return Dealt(
        everything[~known].tolist(),
        np.flatnonzero(counts == 0).tolist(),
        np.flatnonzero(counts > 1).tolist(),
    )


def unlike_chance(members: Array, total: int, looks: int) -> str:
    """Say how a set of examples differs from one that chance has chosen: seven of the looks.

    How many of the second half are in it, how many even ones, how many of each fifth number.
    """
    marks = {
        f"from the second half, {total // 2} to {total - 1},": np.arange(total) >= total // 2,
        "with an even index": np.arange(total) % 2 == 0,
        **{
            f"whose index leaves {r} when divided by 5": np.arange(total) % 5 == r for r in range(5)
        },
    }
    for what, mark in marks.items():
        found, marked = int(np.count_nonzero(mark[members])), int(np.count_nonzero(mark))
        if improbable(hypergeometric_tail(found, len(members), marked, total), looks):
            expected = len(members) * marked / total
            return (
                f"Of its {len(members)} examples {found} are {what} where about {expected:.0f} should "
                "be: chance does not choose so."
            )
    return ""


def shortened(numbers: Sequence[int]) -> str:
    """Return some numbers for reading."""
    shown = ", ".join(map(str, numbers[:8]))
    return f"{shown}, ..." if len(numbers) > 8 else shown or "no"


def uncapitalised(sentence: str) -> str:
    """Return a sentence to stand inside another."""
    return sentence[:1].lower() + sentence[1:]
