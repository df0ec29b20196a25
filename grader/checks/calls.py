"""Calls of a learner's functions, written down before they are made; one may take what another gave.

The same calls are made twice: as steps in the learner's process, and here with the right functions.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from grader.student.session import Step
from grader.student.wire import Callback, Generator, Given, Reference

Functions = Callable[[str], Callable[..., Any]]


@dataclass(frozen=True, eq=False)
class Call:
    """One call of one of the learner's functions.

    Parameters
    ----------
    function
        Its name; empty for the call that returns its one argument: `kept` says what that is for.
    args, named
        Its arguments by position and by name: values, and `Part`, `Function` or `Generator`, at the
        top or inside dicts, lists and tuples.
    after
        Calls that are made before this one though it takes nothing of theirs.
    count_work
        Whether the Python instructions that it runs are counted.
    """

    function: str
    args: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    after: tuple["Call", ...] = ()
    count_work: bool = False

    def __getitem__(self, path: Any) -> "Part":
        """Return a part of the result, for another call to take: `call[1]`, `call[1, "m"]`."""
        return Part(self, path if isinstance(path, tuple) else (path,))


@dataclass(frozen=True, eq=False)
class Part:
    """What a call gave, or a part of it, as an argument of another call."""

    call: Call
    path: tuple[int | str, ...] = ()


@dataclass(frozen=True, eq=False)
class Function:
    """A function of the grader's as an argument: the learner's code calls it back.

    Parameters
    ----------
    name
        What it is called, for reading.
    run
        What it does. It may raise ValueError or TypeError.
    """

    name: str
    run: Callable[..., Any]


@dataclass(frozen=True)
class Named:
    """An argument that is passed by its name."""

    name: str
    value: Any


class Made(NamedTuple):
    """What came of a call here: its value, and its positional arguments afterwards."""

    value: Any
    after: tuple[Any, ...]


def kept(value: Any, after: Sequence[Call] = ()) -> Part:
    """Return a value that stays over there: every call that takes it is given the same object.

    Whoever takes it is called after the calls in `after`.
    """
    return Part(Call("", (value,), after=tuple(after)))


def mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return a nest of dicts, lists and tuples with every leaf changed."""
    if isinstance(value, dict):
        return {key: mapped(item, change) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(mapped(item, change) for item in value)
    return change(value)


def leaves(value: Any) -> Iterator[Any]:
    """Yield every leaf of a nest of dicts, lists and tuples."""
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (tuple, list)):
        yield value
        return
    for item in value:
        yield from leaves(item)


def earlier(call: Call) -> list[Call]:
    """Return the calls that must be made just before one."""
    taken = leaves([call.args, call.named])
    return [*call.after, *(leaf.call for leaf in taken if isinstance(leaf, Part))]


def in_order(calls: Sequence[Call]) -> list[Call]:
    """Return calls and all that they stand on, each once, in the order in which they are made."""
    ordered: dict[Call, None] = {}

    def add(call: Call) -> None:
        if call not in ordered:
            for other in earlier(call):
                add(other)
            ordered[call] = None

    for call in calls:
        add(call)
    return list(ordered)


def rebuilt(call: Call, change: Callable[[Any], Any] = lambda leaf: leaf) -> Call:
    """Return a call and all that it stands on as calls of their own, with every value changed."""
    copies: dict[Call, Call] = {}

    def leaf_of(leaf: Any) -> Any:
        return Part(copied(leaf.call), leaf.path) if isinstance(leaf, Part) else change(leaf)

    def copied(each: Call) -> Call:
        if each not in copies:
            args, named = mapped(each.args, leaf_of), mapped(dict(each.named), leaf_of)
            after = tuple(copied(other) for other in each.after)
            copies[each] = replace(each, args=args, named=named, after=after)
        return copies[each]

    return copied(call)


def as_steps(
    calls: Sequence[Call],
    sent: Callable[[Call], tuple[int, ...] | None],
    after: Callable[[Call], bool],
) -> tuple[list[Step], dict[str, Function]]:
    """Return ordered calls as the learner's process is told them, and the functions it may call.

    Parameters
    ----------
    calls
        In order, with all that they stand on.
    sent
        Which parts of a call's result come back; None for all.
    after
        Whether a call's arguments come back as they are after it.
    """
    place = {call: index for index, call in enumerate(calls)}
    functions: dict[str, Function] = {}

    def wire(leaf: Any) -> Any:
        if isinstance(leaf, Part):
            return Reference(place[leaf.call], leaf.path)
        if isinstance(leaf, Function):
            name = f"{leaf.name}/{len(functions)}"
            functions[name] = leaf
            return Callback(name)
        return leaf

    steps = [
        Step(
            call.function,
            mapped(call.args, wire),
            mapped(dict(call.named), wire),
            sent(call),
            after(call),
            call.count_work,
        )
        for call in calls
    ]
    return steps, functions


def evaluate(call: Call, functions: Functions) -> dict[Call, Made]:
    """Make a call and all that it stands on here, with other functions than the learner's.

    Arguments are copies, so that no function changes what the next one is given; what one call
    hands to another is handed on as it is.

    Parameters
    ----------
    call
        The last of the calls.
    functions
        Returns the function of a name.
    """
    made: dict[Call, Made] = {}

    def here(leaf: Any) -> Any:
        if isinstance(leaf, Part):
            value = made[leaf.call].value
            for key in leaf.path:
                value = value[key]
            return value
        if isinstance(leaf, np.ndarray):
            return leaf.copy()
        if isinstance(leaf, Function):
            return leaf.run
        if isinstance(leaf, Generator):
            return np.random.default_rng(leaf.seed)
        if isinstance(leaf, Given):
            return leaf.function()
        return leaf

    with np.errstate(all="ignore"):
        for each in in_order([call]):
            args = mapped(each.args, here)
            named = mapped(dict(each.named), here)
            value = functions(each.function)(*args, **named) if each.function else args[0]
            made[each] = Made(value, args)
    return made
