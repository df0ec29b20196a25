"""Run the steps of one message: call a learner's functions, send back what they return."""

import contextlib
import inspect
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from types import FrameType, ModuleType
from typing import Any

import numpy as np

from grader.student.inside.faults import describe
from grader.student.wire import Callback, Decoder, Encoder, Generator, Given, Opaque, Reference

WARNINGS_LIMIT = 8
TEXT_LIMIT = 200
PARTS_LIMIT = 100  # what is longer is not what a function of the curriculum returns
Reply = tuple[dict[str, Any], Encoder]


class Loans:
    """What the grader lends to the learner's code: functions, as they are called here.

    Handed on to a function that the grader answers for, each goes back as the marker it came as.

    Parameters
    ----------
    call_back
        Calls a function of the grader's by name.
    """

    def __init__(self, call_back: Callable[[str, tuple[Any, ...], dict[str, Any]], Any]) -> None:
        self._call_back = call_back
        self._markers: dict[int, tuple[Any, Callback | Given]] = {}

    def function(self, marker: Callback | Given) -> Callable[..., Any]:
        """Return the function that a marker stands for."""
        if isinstance(marker, Given):
            function = marker.function()
        else:
            name = marker.name
            function = lambda *args, **named: self._call_back(name, args, named)  # noqa: E731
        self._markers[id(function)] = (function, marker)
        return function

    def marked(self, value: Any) -> Any:
        """Return an argument as it may travel: what was lent as its marker, a generator as a seed."""
        if type(value) in {tuple, list}:
            return type(value)(self.marked(item) for item in value)
        if type(value) is dict:
            return {key: self.marked(item) for key, item in value.items()}
        if isinstance(value, np.random.Generator):
            return Generator(int(value.integers(2**63)))
        found = self._markers.get(id(value))
        return found[1] if found and found[0] is value else value


class StepUnavailableError(Exception):
    """A step needs an earlier step's result that is not there."""


def signature_of(function: Any) -> list[list[Any]] | None:
    """Return `[name, kind, has_default]` for each parameter, or None where Python cannot tell."""
    try:
        # A wrapper is called with its own parameters, whatever it says it wraps.
        parameters = inspect.signature(function, follow_wrapped=False).parameters.values()
    except Exception:  # noqa: BLE001 - whatever a learner's object does when it is looked at
        return None
    return [[p.name, p.kind.name, p.default is not p.empty] for p in parameters]


class Steps:
    """The steps of one message, run in order; results stay here for later steps to refer to.

    Parameters
    ----------
    module
        The learner's module, whose functions are called.
    files
        The names under which the submission's code was compiled.
    loans
        The grader's functions among the arguments.
    body_limit
        The most array bytes one result may send.
    """

    def __init__(
        self,
        module: ModuleType,
        files: set[str],
        loans: Loans,
        body_limit: int,
    ) -> None:
        self._module = module
        self._files = files
        self._loans = loans
        self._body_limit = body_limit
        self._results: dict[int, Any] = {}

    def run(self, steps: Sequence[dict[str, Any]], body: bytearray) -> Iterator[Reply]:
        """Run the steps in order; yield each one's reply and the arrays that go with it."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for index, step in enumerate(steps):
                caught.clear()
                reply, encoder = self._step(index, step, body)
                noted = [str(item.message)[:TEXT_LIMIT] for item in caught[:WARNINGS_LIMIT]]
                yield {"step": index, "warnings": noted, **reply}, encoder

    def _step(self, index: int, step: dict[str, Any], body: bytearray) -> Reply:
        encoder = Encoder(self._body_limit)
        try:
            decoder = Decoder(body, self._meant)
            arguments = [decoder.decode(node) for node in step["args"]]
            keywords = {name: decoder.decode(node) for name, node in step["kwargs"].items()}
        except StepUnavailableError as error:
            return {"unavailable": str(error)}, encoder
        work = _Work(step["count_work"]) if step["count_work"] else contextlib.nullcontext()
        try:
            with np.errstate(all="warn", under="ignore"), work:
                name = step["function"]
                function = getattr(self._module, name) if name else _echo
                result = function(*arguments, **keywords)
        except BaseException as error:  # noqa: BLE001 - whatever a learner's code raises is its result
            return {"raised": describe(error, self._files)}, encoder
        self._results[index] = result
        reply = {"value": _encode(encoder, _selected(result, step["send"]))}
        if step["after"]:
            reply["after"] = _encode(encoder, arguments)
        if isinstance(work, _Work):
            reply["work"] = work.count
        return reply, encoder

    def _meant(self, marker: Any) -> Any:
        if isinstance(marker, Reference):
            return self._referred(marker)
        if isinstance(marker, (Callback, Given)):
            return self._loans.function(marker)
        if isinstance(marker, Generator):
            return np.random.default_rng(marker.seed)
        return marker

    def _referred(self, reference: Reference) -> Any:
        try:
            found = self._results[reference.step]
            for key in reference.path:
                found = found[key]
        except Exception as error:
            message = f"step {reference.step} gave no {list(reference.path)}"
            raise StepUnavailableError(message) from error
        return found


def _echo(value: Any) -> Any:
    """Return an earlier result as it is by now: the step that names no function."""
    return value


def _selected(result: Any, wanted: list[int] | None) -> Any:
    """Keep only the wanted parts of a tuple; the others, a cache say, are named but not sent."""
    if wanted is None or not isinstance(result, (tuple, list)) or len(result) > PARTS_LIMIT:
        return result
    return tuple(
        part if i in wanted else Opaque(type(part).__name__) for i, part in enumerate(result)
    )


def _encode(encoder: Encoder, value: Any) -> Any:
    try:
        return encoder.encode(value)
    except BaseException as error:  # noqa: BLE001 - an object that breaks when looked at
        return {"opaque": f"an object that cannot be read ({type(error).__name__})"}


class _Work:
    """Count the bytecode instructions that Python runs within: a measure without a clock."""

    def __init__(self, limit: int) -> None:
        self.count = 0
        self._limit = limit

    def __enter__(self) -> None:
        limit = self._limit

        def begin(frame: FrameType, _event: str, _: Any) -> Any:
            frame.f_trace_lines, frame.f_trace_opcodes = False, True
            return count

        def count(_frame: FrameType, event: str, _: Any) -> None:
            if event == "opcode":
                self.count += 1
                if self.count >= limit:
                    sys.settrace(None)

        sys.settrace(begin)

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)
