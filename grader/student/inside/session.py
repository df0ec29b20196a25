"""The loop of a learner's process: load a module, run steps, send frames back."""

import contextlib
import functools
import io
import json
import os
import sys
import time
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any, TextIO

import numpy as np

from grader.student.inside import CUT_OFF
from grader.student.inside.absent import Absent
from grader.student.inside.calls import Loans, Steps, signature_of
from grader.student.inside.faults import describe
from grader.student.inside.modules import SubmissionFinder, load
from grader.student.wire import (
    HEADER,
    Encoder,
    WireError,
    decode,
    pack,
    unpack_head,
    unpack_header,
)

READ_SIZE = 2**16
RENEWED_AFTER = 0.25  # seconds of processor time; the limit itself counts whole ones
MESSAGE_LIMIT = 2**30  # the grader's own frames; it knows what it sends


class CallbackError(ValueError):
    """The grader's function refused what it was called with."""


class _Printed(io.RawIOBase):
    """Keep the first part of what is printed, count the rest, hold no more memory for it."""

    def __init__(self, kept: bytearray, limit: int) -> None:
        self._kept = kept
        self._limit = limit

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._kept += bytes(data[: self._limit - len(self._kept)])
        return len(data)


def _functions(module: ModuleType) -> dict[str, list[list[Any]] | None]:
    """Return the signatures of what can be called in a module by a plain name."""
    things = {n: thing for n, thing in vars(module).items() if type(n) is str and n[:1] != "_"}
    there = {n: t for n, t in things.items() if callable(t) and type(t) is not Absent}
    return {name: signature_of(thing) for name, thing in there.items()}


class Session:
    """Serve one submission over two pipes until the grader hangs up.

    Parameters
    ----------
    incoming, outgoing
        File descriptors of the frames from and to the grader.
    bell
        Where to write a byte when there is nothing more to say for now; None where the grader
        waits for the frames themselves.
    """

    def __init__(self, incoming: int, outgoing: int, bell: int | None = None) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._bell = bell
        if bell is not None:
            os.set_blocking(bell, False)
        self._pid = os.getpid()
        self._message = 0
        self._callbacks_left = 0
        self._allowed_at = -1.0

    def serve(self) -> None:
        """Answer messages in order; return when the grader closes its end."""
        opening = self._receive()
        if opening is None:
            return
        head, body = opening
        self._limits: dict[str, Any] = head["limits"]
        self._printed = bytearray()
        limit = self._limits["printed_bytes"]
        raw: list[Any] = [_Printed(self._printed, limit) for _ in range(2)]
        # Unbuffered, so that what both streams are given stays in order.
        # Kept here as well: a learner may replace or close what stands in sys.
        self._streams = [
            io.TextIOWrapper(kept, "utf-8", "replace", write_through=True) for kept in raw
        ]
        sys.stdout, sys.stderr = self._streams
        self._finder = SubmissionFinder(json.loads(decode(head["modules"], body).tobytes()))
        self._finder.install()
        warnings.showwarning = self._show_warning
        # Forked from one parent, every session would otherwise draw the same numbers; where the
        # module is not loaded yet (NumPy does so when it is first used), it seeds itself.
        if "numpy.random" in sys.modules:
            np.random.seed(int.from_bytes(os.urandom(4), "little"))  # noqa: NPY002
        self._send({"message": 0, "done": True})
        while message := self._receive():
            self._answer(*message)

    def _answer(self, head: dict[str, Any], body: bytearray) -> None:
        self._message = head["message"]
        self._allow_processor_time()
        if head["do"] == "load":
            self._load(head["module"])
        else:
            self._run(head, body)

    def _load(self, name: str) -> None:
        module, problems = load(name, self._finder)
        found = {} if module is None else _functions(module)
        loaded = {"functions": found, "problems": problems, "loaded": module is not None}
        try:
            self._reply({"done": True, **loaded})
        except WireError:
            error = ImportError("too many functions, or too many cells that raise, to tell of")
            loaded = {"functions": {}, "problems": [describe(error, set())], "loaded": False}
            self._reply({"done": True, **loaded})

    def _run(self, head: dict[str, Any], body: bytearray) -> None:
        self._run_steps(head, body)
        # By now the results are let go of, and what that prints is known.
        self._reply({"done": True})

    def _run_steps(self, head: dict[str, Any], body: bytearray) -> None:
        self._callbacks_left = head["callbacks"]
        module = sys.modules[head["module"]]
        self._loans = Loans(self._call_back)
        steps = Steps(module, self._finder.files, self._loans, self._limits["result_bytes"])
        with self._substituted(head["substitutes"]):
            for reply, encoder in steps.run(head["steps"], body):
                try:
                    self._reply(reply, encoder)
                except WireError:
                    opaque = {"opaque": "a result too large to send"}
                    self._reply({"step": reply["step"], "value": opaque})
                self._allow_processor_time()

    @contextlib.contextmanager
    def _substituted(self, names: list[str]) -> Iterator[None]:
        """Let the grader answer for some of the learner's functions, in every module of theirs."""
        modules = [m for m in map(sys.modules.get, self._finder.names) if m is not None]
        kept = [(m, n, getattr(m, n)) for m in modules for n in names if hasattr(m, n)]
        for module, name, _ in kept:
            setattr(module, name, functools.partial(self._call_back_as, name))
        try:
            yield
        finally:
            for module, name, function in kept:
                setattr(module, name, function)

    def _call_back_as(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return self._call_back(name, args, kwargs)

    def _reply(self, head: dict[str, Any], encoder: Encoder | None = None) -> None:
        """Send a part of the answer, with what was printed meanwhile: the next call may be the end."""
        for stream in self._streams:
            try:
                stream.flush()  # they need it once the learner has made them buffer
            except ValueError:
                continue  # closed or detached by the learner
        printed = {"printed": self._printed.decode("utf-8", "replace")} if self._printed else {}
        self._send({"message": self._message, **head, **printed}, encoder)
        self._printed.clear()

    def _show_warning(  # noqa: PLR0917 - the standard library's own list
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        """Print a warning as Python does, but tell no places outside the learner's own files."""
        text = f"{category.__name__}: {message}\n"
        if filename in self._finder.files:
            text = warnings.formatwarning(message, category, filename, lineno, line)
        with contextlib.suppress(OSError, ValueError, AttributeError):  # an output of the learner's
            (file or sys.stderr).write(text)

    def _call_back(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._callbacks_left -= 1
        encoder = Encoder(self._limits["result_bytes"])
        sent: dict[str, Any] = {
            "callback": name if self._callbacks_left >= 0 else None,
            "args": [encoder.encode(self._loans.marked(a)) for a in args],
            "kwargs": {str(k): encoder.encode(self._loans.marked(v)) for k, v in kwargs.items()},
        }
        self._send({"message": self._message, **sent}, encoder)
        answer = self._receive()
        if answer is None:
            os._exit(0)
        head, body = answer
        if "refused" in head:
            raise CallbackError(head["refused"])
        return decode(head["value"], body)

    def _allow_processor_time(self) -> None:
        """Let this process use so much more than it has: asked before every step, done rarely."""
        used = time.process_time()
        if used < self._allowed_at + RENEWED_AFTER:
            return
        self._allowed_at = used
        try:
            import resource  # noqa: PLC0415 - there is none on Windows
        except ImportError:
            return
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        soft = int(used + self._limits["processor_seconds"]) + 1
        if hard in (resource.RLIM_INFINITY, -1) or soft <= hard:
            resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))

    def _send(self, head: dict[str, Any], encoder: Encoder | None = None) -> None:
        if os.getpid() != self._pid:
            os._exit(0)  # a copy that the learner's code forked: it does not speak for this process
        frame = memoryview(pack(head, encoder))
        try:
            while frame:
                frame = frame[os.write(self._outgoing, frame) :]
        except OSError:
            os._exit(CUT_OFF)

    def _receive(self) -> tuple[dict[str, Any], bytearray] | None:
        try:
            self._ring()
            header = self._read(HEADER.size)
            if len(header) < HEADER.size:
                return None
            head_size, body_size = unpack_header(bytes(header), MESSAGE_LIMIT)
            head = unpack_head(bytes(self._read(head_size)))
            return head, self._read(body_size)
        except (OSError, WireError):
            os._exit(CUT_OFF)

    def _ring(self) -> None:
        """Tell the grader that all is sent; where nobody hears it, the frames themselves tell."""
        if self._bell is not None:
            with contextlib.suppress(OSError):
                os.write(self._bell, b"\0")

    def _read(self, size: int) -> bytearray:
        data = bytearray(size)
        view = memoryview(data)
        filled = 0
        while filled < size:
            chunk = os.read(self._incoming, min(size - filled, READ_SIZE))
            if not chunk:
                return data[:filled]
            view[filled : filled + len(chunk)] = chunk
            filled += len(chunk)
        return data
