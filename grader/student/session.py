"""Talk to a learner's process: load its modules, run steps, tell how each ended."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np

from grader.student.channel import LONGEST_UNRUNG, ClosedError, DeadlineError
from grader.student.launch import NO_START, START_SECONDS, Launcher, Process
from grader.student.limits import WORK_LIMIT, IsolationUnavailableError, Limits
from grader.student.submission import Submission
from grader.student.wire import (
    Callback,
    Decoder,
    Encoder,
    Generator,
    Given,
    Opaque,
    WireError,
    decode,
)

T = TypeVar("T")
# All results of one message together, and of all messages, in units of the largest single one. The
# whole curriculum's own are a sixtieth of one.
CARRIED_FACTOR, CARRIED_IN_ALL = 2, 8
# A function of the grader's runs on the grader's time and in its memory. What one call hands to it is
# bounded so that an outer product, or a step for each number, stays small: the curriculum's own
# calls hand over a fifth of it.
HANDED_LIMIT = 2**14
COUNTED_LIMIT = 2**20  # the largest whole number, times all numbers: so many steps, or rows
WORDS_LIMIT = 500  # of one text that tells of a fault
WARNINGS_LIMIT = 8
PROBLEMS_LIMIT = 20


class Fault(NamedTuple):
    """Why a step has no result.

    Parameters
    ----------
    kind
        `raised`: the learner's code raised an exception; `timeout`: it took too long; `died`: its
        process ended; `runaway`: it called the grader's function without end; `garbled`: what came
        back was no answer; `unavailable`: something that it needs is not there.
    type, message
        The exception's, where one was raised; else what happened, in words.
    kinds
        The built-in exceptions that the exception is one of.
    file, line, code, function
        The innermost place in the learner's own files.
    exit_code
        That of a process that died; negative for a signal.
    needed
        The function that was called, where it is another than the one that was asked about.
    """

    kind: str
    type: str = ""
    message: str = ""
    kinds: tuple[str, ...] = ()
    file: str = ""
    line: int = 0
    code: str = ""
    function: str = ""
    exit_code: int = 0
    needed: str = ""


class Step(NamedTuple):
    """One call of a learner's function.

    Parameters
    ----------
    function
        Its name.
    args, kwargs
        What it is called with: values, or `Reference`, `Callback` and `Generator` for what cannot
        travel.
    send
        Which parts of a returned tuple come back; None for all. The others stay over there.
    after
        Whether the arguments come back as they are after the call.
    count_work
        Whether to count the Python instructions that the call runs.
    """

    function: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = MappingProxyType({})
    send: tuple[int, ...] | None = None
    after: bool = False
    count_work: bool = False


class RunawayError(Exception):
    """The learner's code calls the grader's function more often than anybody needs to."""


class Message:
    """Steps in the form in which they travel, made once for any number of sessions.

    Raises
    ------
    WireError
        If an argument cannot travel.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self.encoder = Encoder(2**40, strict=True)
        self.length = len(steps)
        self.sent = [step.send for step in steps]
        self.given = {text for step in steps for text in _given([step.args, step.kwargs])}
        encode = self.encoder.encode
        self.steps = json.dumps(
            [
                {
                    "function": step.function,
                    "args": [encode(arg) for arg in step.args],
                    "kwargs": {name: encode(arg) for name, arg in step.kwargs.items()},
                    "send": None if step.send is None else list(step.send),
                    "after": step.after,
                    "count_work": WORK_LIMIT if step.count_work else 0,
                }
                for step in steps
            ],
            separators=(",", ":"),
        )


class Outcome(NamedTuple):
    """What came of a step: a value, or a fault."""

    value: Any = None
    fault: Fault | None = None
    after: tuple[Any, ...] = ()
    warnings: tuple[str, ...] = ()
    work: int = 0


class Loaded(NamedTuple):
    """A module over there.

    Parameters
    ----------
    functions
        For each callable its parameters as `(name, kind, has_default)`; None where Python cannot
        tell.
    fault
        Why it could not be loaded, if so.
    problems
        What cells of a notebook raised; the other cells are there.
    """

    functions: Mapping[str, tuple[tuple[str, str, bool], ...] | None]
    fault: Fault | None = None
    problems: tuple[Fault, ...] = ()


class Session:
    """One submission in a process of its own, started when needed and again after it died.

    Parameters
    ----------
    submission
        What is loaded over there.
    launcher
        Starts the process.
    limits
        What it may use.
    """

    def __init__(self, submission: Submission, launcher: Launcher, limits: Limits) -> None:
        self.submission = submission
        self.limits = limits
        self.printed = ""
        self._launcher = launcher
        self._process: Process | None = None
        self._message = 0
        self._carried = 0
        self._callbacks_left = 0
        self._given: set[Given] = set()
        self._loaded: dict[str, Loaded] = {}
        self._present: set[str] = set()
        self._substitutes: Mapping[str, Callable[..., Any]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> int:
        """End the process, if there is one, and return its exit code."""
        process, self._process = self._process, None
        self._present.clear()
        return process.end() if process else 0

    def load(self, module: str) -> Loaded:
        """Load a module and tell what is in it; a module that failed is not tried again."""
        if module in self._loaded and (module in self._present or self._loaded[module].fault):
            return self._loaded[module]
        replies, fault = self._ask({"do": "load", "module": module}, None, {})
        done = replies[-1] if replies else None
        loaded = Loaded({}, fault) if fault or not isinstance(done, Loaded) else done
        self._loaded[module] = loaded
        if not loaded.fault:
            self._present.add(module)
        return loaded

    @property
    def loaded(self) -> Mapping[str, Loaded]:
        """Return what was found in the modules that have been loaded."""
        return self._loaded

    def run(
        self,
        module: str,
        steps: Sequence[Step] | Message,
        callbacks: Mapping[str, Callable[..., Any]] | None = None,
    ) -> list[Outcome]:
        """Run steps in one message; one outcome each. After a lost process the rest is unavailable.

        A function in `callbacks` may raise ValueError or TypeError: the learner's code sees it. It
        is not called with more than `HANDED_LIMIT` numbers.
        """
        message = steps if isinstance(steps, Message) else Message(steps)
        loaded = self.load(module)
        if loaded.fault:
            return [Outcome(fault=loaded.fault)] * message.length
        callbacks = {**self._substitutes, **(callbacks or {})}
        head = {
            "do": "run",
            "module": module,
            "substitutes": list(self._substitutes),
            "callbacks": self.limits.callbacks,
        }
        replies, fault = self._ask(head, message, callbacks)
        outcomes = [reply for reply in replies if isinstance(reply, Outcome)]
        if fault:
            outcomes.append(Outcome(fault=fault))
            lost = Outcome(fault=Fault("unavailable", message="an earlier call ended the process"))
            outcomes += [lost] * (message.length - len(outcomes))
        return outcomes[: message.length]

    @contextlib.contextmanager
    def substituting(self, functions: Mapping[str, Callable[..., Any]]) -> Iterator[None]:
        """Within, calls of these names in the learner's modules come back to the grader."""
        self._substitutes = functions
        try:
            yield
        finally:
            self._substitutes = {}

    def _ask(
        self,
        head: dict[str, Any],
        message: Message | None,
        callbacks: Mapping[str, Callable[..., Any]],
    ) -> tuple[list[Outcome | Loaded], Fault | None]:
        """Send a message and gather its replies: an outcome for each step, or what was loaded."""
        replies: list[Outcome | Loaded] = []
        expected, carried, encoder, steps = 0, 0, None, {}
        if message:
            expected, encoder = message.length, message.encoder
            self._given = message.given
            steps = {"steps": message.steps}
        process = self._open()
        loading = head["do"] == "load"
        self._message += 1
        self._callbacks_left = self.limits.callbacks
        try:
            deadline = self._deadline()
            process.channel.send({"message": self._message, **head}, encoder, deadline, steps)
            while True:
                reply, body = process.channel.receive(deadline)
                carried += len(body)
                self._carried += len(body)
                self._check_order(reply, len(replies), expected, deadline)
                self._check_size(carried)
                if "callback" in reply:
                    self._call_back(process, reply, body, callbacks, deadline)
                    continue
                if "printed" in reply:
                    self._note(reply["printed"])
                if reply.get("done") is True:
                    return [*replies, _parsed(_loaded, reply)] if loading else replies, None
                wanted = message.sent[len(replies)] if message else None
                replies.append(_parsed(_outcome, reply, body, wanted))
                deadline = self._deadline()
        except ClosedError:
            return replies, _death(self.close(), self.limits)
        except DeadlineError:
            self.close()
            return replies, Fault("timeout", message=f"no answer within {self.limits.seconds:g} s")
        except RunawayError:
            self.close()
            said = f"it called a function that it was given more than {self.limits.callbacks} times"
            return replies, Fault("runaway", message=said)
        except WireError as error:
            self.close()
            return replies, Fault("garbled", message=str(error))

    def _deadline(self) -> float:
        """Return when the next answer is due."""
        return time.monotonic() + self.limits.seconds

    def _note(self, printed: Any) -> None:
        """Keep the beginning of what the learner's code printed."""
        self.printed = (self.printed + _parsed(_text, printed))[: self.limits.printed_bytes]

    def _check_order(
        self, reply: dict[str, Any], so_far: int, expected: int, deadline: float
    ) -> None:
        """Accept callbacks while there is time, each step in order, and at last that all is done.

        What was sent in time may be seen a little later.
        """
        if time.monotonic() > deadline + LONGEST_UNRUNG:
            raise DeadlineError
        if reply.get("message") != self._message:
            raise WireError("an answer to another question")
        done = reply.get("done") is True
        in_order = so_far == expected if done else reply.get("step") == so_far < expected
        if "callback" not in reply and not in_order:
            raise WireError("an answer out of order")

    def _check_size(self, carried: int) -> None:
        if carried > CARRIED_FACTOR * self.limits.result_bytes:
            raise WireError("more than can be sent in answer to one message")
        if self._carried > CARRIED_IN_ALL * self.limits.result_bytes:
            raise WireError("more than can be sent in answer to all messages")

    def _open(self) -> Process:
        """Start a process where there is none; its start takes none of the learner's time."""
        if self._process:
            return self._process
        process = self._process = self._launcher.open(self.limits)
        sources = {
            name: {"file": source.file, "units": [list(unit) for unit in source.units]}
            for name, source in self.submission.modules.items()
        }
        limits = {
            "result_bytes": self.limits.result_bytes,
            "printed_bytes": self.limits.printed_bytes,
            "processor_seconds": self.limits.processor_seconds,
        }
        encoder = Encoder(2**40, strict=True)
        head = {"modules": encoder.raw(json.dumps(sources).encode()), "limits": limits}
        trouble = ""
        try:
            deadline = time.monotonic() + START_SECONDS
            process.channel.send(head, encoder, deadline)
            ready, _ = process.channel.receive(deadline)
            if (ready.get("message"), ready.get("done")) != (0, True):
                trouble = "it did not say that it was ready"
        except ClosedError:
            trouble = f"it {_ended(self.close())}"
        except DeadlineError:
            trouble = f"it was not ready within {START_SECONDS:g} s"
        except WireError as error:
            trouble = f"it sent {error}"
        if trouble:
            self.close()
            raise IsolationUnavailableError(f"{NO_START}: {trouble}")
        return process

    def _call_back(
        self,
        process: Process,
        reply: dict[str, Any],
        body: bytearray,
        callbacks: Mapping[str, Callable[..., Any]],
        deadline: float,
    ) -> None:
        name, args, named = _parsed(_call, reply, body)
        self._callbacks_left -= 1
        if name is None or self._callbacks_left < 0:
            raise RunawayError
        if name not in callbacks:
            raise WireError("a call of no function that it was given")
        encoder = Encoder(2**40, strict=True)
        try:
            _refuse_giants([args, named])
            args, named = self._lent([args, named], callbacks)
            answer = {"value": encoder.encode(callbacks[name](*args, **named))}
        except (ValueError, TypeError, MemoryError) as error:
            answer = {"refused": str(error)[:WORDS_LIMIT]}
        process.channel.send(answer, encoder, deadline)

    def _lent(self, value: Any, callbacks: Mapping[str, Callable[..., Any]]) -> Any:
        """Return an argument with what was lent to the learner's code in place of its marker.

        Only functions that this message lent are found: no text of the learner's is ever run.
        """
        if isinstance(value, (list, tuple)):
            return type(value)(self._lent(item, callbacks) for item in value)
        if isinstance(value, dict):
            return {key: self._lent(item, callbacks) for key, item in value.items()}
        if isinstance(value, Callback):
            return callbacks.get(value.name, value)
        if isinstance(value, Given):
            return value.function() if value in self._given else value
        if isinstance(value, Generator):
            return np.random.default_rng(value.seed % 2**63)
        return value


def size_of(value: Any) -> int:
    """Return how many numbers a value holds; a text counts as one for each eight characters."""
    if isinstance(value, (list, tuple)):
        return len(value) + sum(map(size_of, value))
    if isinstance(value, dict):
        return sum(size_of(key) + size_of(item) for key, item in value.items())
    if isinstance(value, np.ndarray):
        return value.size
    return 1 + len(value) // 8 if isinstance(value, str) else 1


def _largest_count(value: Any) -> int:
    """Return the largest whole number in a value, one for each element of an array left out."""
    if isinstance(value, (list, tuple)):
        return max(map(_largest_count, value), default=0)
    if isinstance(value, dict):
        return _largest_count(list(value.values()))
    whole = isinstance(value, (int, np.integer))
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iu":
        whole = True
    return abs(int(value)) if whole else 0


def _refuse_giants(handed: Any) -> None:
    size = size_of(handed)
    if size > HANDED_LIMIT:
        raise ValueError(f"it was handed {size} numbers; at most {HANDED_LIMIT} are taken")
    if size * _largest_count(handed) > COUNTED_LIMIT:
        raise ValueError("it was handed too large a whole number")


def _given(value: Any) -> Iterator[Given]:
    """Yield every function that is handed over as text."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _given(item)
    elif isinstance(value, Given):
        yield value


def _death(exit_code: int, limits: Limits) -> Fault:
    if exit_code == -24:
        seconds = limits.processor_seconds
        return Fault("timeout", message=f"more than {seconds:g} s of processor time")
    return Fault("died", message=f"its process {_ended(exit_code)}", exit_code=exit_code)


def _ended(exit_code: int) -> str:
    if exit_code < 0:
        return f"was ended by signal {-exit_code}"
    return f"ended with exit code {exit_code}"


def _text(told: Any) -> str:
    if not isinstance(told, str):
        raise WireError("words that are no text")
    return told


def _words(told: Any) -> str:
    """Return the beginning of a text: it goes into every report on what needs this."""
    return _text(told)[:WORDS_LIMIT]


def _parsed(parse: Callable[..., T], *told: Any) -> T:
    """Parse what a stranger sent: whatever is not of the kind it should be is a `WireError`."""
    try:
        return parse(*told)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise WireError("an answer of the wrong kind") from error


def _call(reply: dict[str, Any], body: bytearray) -> tuple[str | None, list[Any], dict[str, Any]]:
    """Return the name and the arguments of a call of the grader's function."""
    if reply["callback"] is None:
        return None, [], {}
    pairs = [list(pair) for pair in reply["kwargs"].items()]
    # One tree, so that all arguments together hold no more than the frame does.
    args, named = decode({"tuple": [{"list": reply["args"]}, {"dict": pairs}]}, body)
    return _text(reply["callback"]), args, named


def _outcome(
    reply: dict[str, Any], body: bytearray, wanted: tuple[int, ...] | None = None
) -> Outcome:
    """Return what a reply tells; of a tuple only the wanted parts, whatever else was sent."""
    if "raised" in reply:
        return Outcome(fault=_raised(reply["raised"]))
    if "unavailable" in reply:
        return Outcome(fault=Fault("unavailable", message=_words(reply["unavailable"])))
    work = reply.get("work", 0)
    warnings = tuple([_words(w) for w in reply.get("warnings", ())[:WARNINGS_LIMIT]])
    if type(work) is not int or not 0 <= work <= WORK_LIMIT:
        raise WireError("work beyond any count")
    decoder = Decoder(body)  # one, so that both together hold no more than the frame does
    value = decoder.decode(reply["value"])
    after = decoder.decode(reply["after"]) if "after" in reply else []
    if not isinstance(after, list):
        raise WireError("arguments that are no list")
    if wanted is not None and isinstance(value, tuple):
        value = tuple(v if i in wanted else _stayed(v) for i, v in enumerate(value))
    return Outcome(value, None, tuple(after), warnings, work)


def _stayed(part: Any) -> Opaque:
    return part if isinstance(part, Opaque) else Opaque(type(part).__name__)


def _raised(told: Any) -> Fault:
    words = [_words(told.get(key, "")) for key in ("type", "message", "file", "code", "function")]
    kind, message, file, code, function = words
    kinds, line = tuple(_words(k) for k in told["kinds"]), told.get("line", 0)
    if type(line) is not int:
        raise WireError("a line that is no number")
    return Fault("raised", kind, message, kinds, file, line, code, function)


def _loaded(reply: dict[str, Any]) -> Loaded:
    problems = tuple(_raised(problem) for problem in reply["problems"][:PROBLEMS_LIMIT])
    if reply["loaded"] is not True:
        return Loaded({}, problems[0])
    functions = {}
    for name, told in reply["functions"].items():
        parameters = told and tuple((_words(n), _words(k), bool(d)) for n, k, d in told)
        functions[name] = tuple(parameters) if parameters is not None else None
    return Loaded(functions, None, problems)
