"""An exercise with a seed: its arguments, the right outputs, and the message that asks for all."""

import zlib
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from grader.checks.calls import (
    Call,
    Function,
    Functions,
    Made,
    Named,
    as_steps,
    evaluate,
    in_order,
    leaves,
)
from grader.checks.check import Case, Script
from grader.compare import Right, Tolerance, magnitude, tolerance_for
from grader.student.session import Message
from grader.student.wire import Opaque

if TYPE_CHECKING:
    from grader.checks.check import Check

LARGEST_RATIO = 4  # an array this many times larger than the right one is remembered by its shape
SMALL = 2**12  # numbers; so many are kept whatever is right
ABSENT = Opaque("nothing")
Outputs = Mapping[str, Any]
T = TypeVar("T")


class Parameter(NamedTuple):
    """A parameter of an exercise's function.

    Parameters
    ----------
    named_only
        Whether it can be given by its name alone.
    """

    name: str
    has_default: bool
    named_only: bool = False


class Form(NamedTuple):
    """What a function takes and gives.

    Parameters
    ----------
    function
        Its name.
    parameters
        Its parameters.
    returns
        The names of what it returns; a tuple where there are several.
    stays
        Which of those are the learner's own affair, a cache say: never looked at, never sent.
    updates
        Parameters that it may change in place; what they hold afterwards is judged.
    """

    function: str
    parameters: tuple[Parameter, ...]
    returns: tuple[str, ...]
    stays: tuple[str, ...] = ()
    updates: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[str, ...]:
        """Return the names of the outputs that are judged."""
        return (*(name for name in self.returns if name not in self.stays), *self.updates)

    @property
    def sent(self) -> tuple[int, ...] | None:
        """Return the places of what comes back, None for all."""
        if not self.stays:
            return None
        return tuple(i for i, name in enumerate(self.returns) if name not in self.stays)

    def place(self, parameter: str) -> int:
        """Return the position of a parameter."""
        return [each.name for each in self.parameters].index(parameter)

    def outputs(self, value: Any, after: Sequence[Any]) -> dict[str, Any] | None:
        """Return what a call gave by name, None if it does not hold these outputs."""
        if len(self.returns) == 1:
            named = {self.returns[0]: value}
        elif isinstance(value, (tuple, list)) and len(value) == len(self.returns):
            named = dict(zip(self.returns, value, strict=True))
        else:
            return None
        for name in self.updates:
            place = self.place(name)
            named[name] = after[place] if place < len(after) else ABSENT
        return {name: named[name] for name in self.shown}


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked: the part of an exercise that checks need.

    Parameters
    ----------
    id
        `topic.name`.
    form
        What the function takes and gives.
    cases
        The arguments that it is tried on, smallest first.
    truths
        The right functions by name; where several ways are right that differ in their values, one
        for each way. All cases must agree with the same.
    form_of
        What any function of the same topic takes and gives.
    backward_of
        The function whose backward pass this is; empty for any other.
    """

    id: str
    form: Form
    cases: tuple[Case, ...]
    truths: tuple[Functions, ...]
    form_of: Callable[[str], Form]
    backward_of: str = ""

    @property
    def function(self) -> str:
        """Return the name of the learner's function."""
        return self.form.function

    @property
    def few(self) -> tuple[Case, ...]:
        """Return some small cases, for what needs no large one."""
        return self.cases[:3]


@dataclass(frozen=True)
class Wanted:
    """What is right for a case.

    Parameters
    ----------
    named
        The right outputs; empty where the right answer is to refuse.
    refusal
        The exception with which the truth refuses the arguments.
    made
        What came of each call on the way.
    """

    named: Outputs
    refusal: str = ""
    made: Mapping[Call, Made] = field(default_factory=dict)
    _rights: dict[tuple[str, Tolerance, float], Right] = field(default_factory=dict, repr=False)

    @cached_property
    def outputs(self) -> Outputs:
        """Return every number and every array of the outputs by a name of its own."""
        return dict(flat(self.named))

    def right(self, output: str, tolerance: Tolerance, scale: float) -> Right:
        """Return an output with how far from it rounding may lead."""
        key = (output, tolerance, scale)
        if key not in self._rights:
            self._rights[key] = Right(self.outputs[output], tolerance, scale)
        return self._rights[key]

    def laid_out(self, named: Outputs) -> Outputs:
        """Return what came back in the layout of what is right, of a size that can be kept.

        Of an array far too large no more than its shape is.
        """
        return {name: self._bounded(name, got) for name, got in like(named, self.named)}

    def _bounded(self, name: str, got: Any) -> Any:
        if isinstance(got, np.ndarray) and got.size > SMALL:
            right = np.size(self.outputs[name])
            if got.size > LARGEST_RATIO * max(right, SMALL):
                return np.broadcast_to(np.zeros((), got.dtype), got.shape)
        return got


class Terms:
    """What is known of a call before it is made.

    Parameters
    ----------
    call
        Any call.
    """

    def __init__(self, call: Call) -> None:
        self._order = in_order([call])
        self._leaves = list(leaves([[each.args, each.named] for each in self._order]))
        self._own = list(leaves([call.args, call.named]))

    @property
    def before(self) -> list[Call]:
        """Return the calls that this one stands on, in order."""
        return self._order[:-1]

    @cached_property
    def functions(self) -> list[Function]:
        """Return the functions of the grader's that are lent."""
        return [leaf for leaf in self._leaves if isinstance(leaf, Function)]

    @cached_property
    def scale(self) -> float:
        """Return the size of the inputs."""
        return magnitude(self._own)

    @cached_property
    def tolerance(self) -> Tolerance:
        """Return what rounding may do."""
        return tolerance_for(self._leaves)


class Request(NamedTuple):
    """Calls in the order in which they are made, as one message, and the functions it lends."""

    calls: tuple[Call, ...]
    message: Message
    functions: Mapping[str, Function]


class Paper:
    """One exercise as it is put to everybody with the same seed: all that is not the learner's.

    Parameters
    ----------
    question
        What is asked.
    checks
        What looks at the answers, and what they ask beyond the cases.
    seed
        Decides all random arguments.
    """

    def __init__(self, question: Question, checks: Sequence["Check"], seed: int) -> None:
        self.question = question
        self.seed = seed
        self._asked = dict.fromkeys([*question.cases, *(i for c in checks for i in c.asks)])
        self._calls: dict[Case | Script, tuple[Call, ...]] = {}
        self._truths: dict[tuple[Call, int], Wanted] = {}
        self._terms: dict[Call, Terms] = {}
        self._made: dict[Hashable, Any] = {}

    def rng(self, purpose: str) -> np.random.Generator:
        """Return a generator of its own for a purpose, the same in every run with this seed."""
        key = zlib.crc32(f"{self.question.id}/{purpose}".encode())
        return np.random.default_rng([self.seed, key])

    def calls(self, item: Case | Script) -> tuple[Call, ...]:
        """Return the calls whose results a case or a script is about."""
        if item not in self._calls:
            if isinstance(item, Script):
                self._calls[item] = tuple(item.calls(self))
            else:
                self._calls[item] = (self.asking(item.build(self.rng(item.label))),)
        return self._calls[item]

    def call(self, case: Case) -> Call:
        """Return the call of a case."""
        return self.calls(case)[0]

    def asking(self, args: Sequence[Any]) -> Call:
        """Return a call of the exercise's function."""
        by_place = tuple(arg for arg in args if not isinstance(arg, Named))
        named = {arg.name: arg.value for arg in args if isinstance(arg, Named)}
        return Call(self.question.function, by_place, named)

    def form(self, call: Call) -> Form:
        """Return what a call takes and gives; one that names no function gives an earlier result."""
        if call.function:
            return self.question.form_of(call.function)
        return self.question.form._replace(updates=())

    def terms(self, call: Call) -> Terms:
        """Return what is known of a call before it is made."""
        if call not in self._terms:
            self._terms[call] = Terms(call)
        return self._terms[call]

    @cached_property
    def first_request(self) -> Request:
        """Return everything that the checks are known to ask, as one message."""
        return self.request(list(self._asked))

    def request(self, items: Sequence[Case | Script]) -> Request:
        """Return the calls of cases and scripts as one message."""
        return self.request_of([call for item in items for call in self.calls(item)])

    def request_of(self, calls: Sequence[Call]) -> Request:
        """Return calls, and all that they stand on, as one message."""
        few = {self.call(case) for case in self.question.few}

        def sent(call: Call) -> tuple[int, ...] | None:
            return () if call.count_work else self.form(call).sent

        def after(call: Call) -> bool:
            return call in few or bool(self.form(call).updates)

        ordered = in_order(calls)
        steps, functions = as_steps(ordered, sent, after)
        return Request(tuple(ordered), Message(steps), functions)

    def wanted(self, case: Case, way: int = 0) -> Wanted:
        """Return what is right for a case, by one of the right ways."""
        return self.truth(self.call(case), way)

    def truth(self, call: Call, way: int = 0) -> Wanted:
        """Return what is right for a call."""
        if (call, way) not in self._truths:
            self._truths[call, way] = self._evaluated(call, way)
        return self._truths[call, way]

    def _evaluated(self, call: Call, way: int) -> Wanted:
        try:
            made = evaluate(call, self.question.truths[way])
        except ValueError as error:
            return Wanted({}, type(error).__name__)
        return Wanted(self.right_outputs(call, made[call]), "", made)

    def right_outputs(self, call: Call, made: Made) -> Outputs:
        """Return the outputs of a call that the truth made."""
        named = self.form(call).outputs(made.value, made.after)
        assert named is not None, f"the truth of {call.function} does not return what it declares"
        return named

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what stands under a key of the caller's own, made when it is first asked for."""
        if key not in self._made:
            self._made[key] = make()
        made: T = self._made[key]
        return made


def flat(named: Outputs) -> Iterator[tuple[str, Any]]:
    """Yield every number and array of outputs with its name: `grads['W1']`, `path[0]`."""
    for name, value in named.items():
        if isinstance(value, dict) and value:
            below = {f"{name}[{key!r}]": item for key, item in value.items()}
        elif isinstance(value, (tuple, list)) and value:
            below = {f"{name}[{index}]": item for index, item in enumerate(value)}
        else:
            if value is not None and not isinstance(value, str):
                yield name, value
            continue
        yield from flat(below)


def like(named: Outputs, wanted: Outputs) -> Iterator[tuple[str, Any]]:
    """Yield outputs in the layout of others: by the same names, `ABSENT` where there is none."""
    for name, want in wanted.items():
        got = named.get(name, ABSENT)
        if isinstance(want, dict) and want:
            found = got if isinstance(got, dict) else {}
            below = {f"{name}[{key!r}]": item for key, item in want.items()}
            there = {f"{name}[{key!r}]": item for key, item in found.items()}
        elif isinstance(want, (tuple, list)) and want:
            below = {f"{name}[{index}]": item for index, item in enumerate(want)}
            there = _by_place(got, list(below))
        else:
            if want is not None and not isinstance(want, str):
                yield name, _indices(got) if _names_rows(want) else got
            continue
        yield from like(there, below)


def _names_rows(want: Any) -> bool:
    return isinstance(want, np.ndarray) and want.ndim == 1 and want.dtype.kind == "i"


def _indices(got: Any) -> Any:
    """Return a list of whole numbers as an array: it names rows as well as an array does."""
    whole = isinstance(got, list) and all(type(i) is int for i in got)
    return np.array(got, np.int64) if whole and all(abs(i) < 2**62 for i in got) else got


def _by_place(got: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return the items of a list or an array by name; of too many or too few numbers, all of them.

    What is compared with them then has another shape, and a mistake that gives as many is known.
    """
    items = got if isinstance(got, (tuple, list)) or np.ndim(got) else []
    if len(items) == len(names):
        return dict(zip(names, items, strict=True))
    if not len(items) or not all(isinstance(item, (int, float, np.number)) for item in items):
        return {}
    try:
        return dict.fromkeys(names, np.asarray(items, np.float64))
    except OverflowError:  # a whole number beyond any float
        return {}


def top(name: str) -> str:
    """Return the output that a flat name belongs to."""
    return name.partition("[")[0]
