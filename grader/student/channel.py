"""Send and receive frames with a deadline. What comes in is a stranger's and is checked first."""

import contextlib
import os
import queue
import select
import sys
import threading
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

if sys.platform == "linux":
    import fcntl

from grader.student.wire import HEADER, Encoder, pack, unpack_head, unpack_header

CHUNK = 2**16
PIPE_SIZE = 2**18
# Seconds after which what was sent without a ring of the bell is looked for, first and at most: a
# process that hangs has sent some, one that sends more than a pipe holds waits until it is taken.
UNRUNG, LONGEST_UNRUNG = 0.005, 0.05


class ClosedError(Exception):
    """The other side is gone."""


class DeadlineError(Exception):
    """The other side did not answer in time."""


class Pipes(Protocol):
    """Two one-way byte streams with deadlines (absolute, on the monotonic clock)."""

    def write(self, data: bytes, deadline: float) -> None:
        """Write all of `data`."""

    def read(self, size: int, deadline: float, *, begun: bool = False) -> bytes:
        """Return at least one byte and at most `size`; `begun` says that more must be on its way."""

    def close(self) -> None:
        """Close both ends."""


class PolledPipes:
    """Pipes of a POSIX system: non-blocking, waited for with poll.

    Parameters
    ----------
    incoming, outgoing
        File descriptors.
    process
        A descriptor of the process at the other end, readable once that has ended: its end closes
        the pipes even if children of its own hold them open. None where there is none.
    bell
        Where the other end writes a byte when it has sent all that it has to say for now: to be woken
        once for many frames costs a fraction of being woken for each. None where it has no bell.
    """

    def __init__(
        self,
        incoming: int,
        outgoing: int,
        process: int | None = None,
        bell: int | None = None,
    ) -> None:
        self._incoming, self._outgoing, self._process = incoming, outgoing, process
        self._bell = bell
        self._ready: dict[int, select.poll] = {}
        _widen(incoming)
        _widen(outgoing)
        waited_for = {incoming: select.POLLIN, outgoing: select.POLLOUT}
        if bell is not None:
            waited_for[bell] = select.POLLIN
        for fd, event in waited_for.items():
            os.set_blocking(fd, False)
            self._ready[fd] = select.poll()
            self._ready[fd].register(fd, event)
            if self._process is not None:
                self._ready[fd].register(self._process, select.POLLIN)

    def write(self, data: bytes, deadline: float) -> None:
        """Write all of `data`; raises `ClosedError` or `DeadlineError`."""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._outgoing, rest) :]
            except BlockingIOError:
                if self._wait(self._outgoing, deadline):
                    raise ClosedError from None
            except BrokenPipeError as error:
                raise ClosedError from error

    def read(self, size: int, deadline: float, *, begun: bool = False) -> bytes:
        """Return what is there, waiting for the first byte; raises as `write` does."""
        ended, pause = False, UNRUNG
        while True:
            try:
                data = os.read(self._incoming, size)
            except BlockingIOError:
                if ended:
                    raise ClosedError from None
                # Once it has ended, look again: it may have written just before.
                if begun or self._bell is None:
                    ended = self._wait(self._incoming, deadline)
                else:
                    ended = self._wait_for_bell(self._bell, pause, deadline)
                    pause = min(2 * pause, LONGEST_UNRUNG)
                continue
            if not data:
                raise ClosedError
            return data

    def _wait(self, fd: int, deadline: float) -> bool:
        """Wait for a pipe, and tell whether the process ended instead."""
        left = deadline - time.monotonic()
        ready = self._ready[fd].poll(left * 1000) if left > 0 else []
        if not ready:
            raise DeadlineError
        return all(found == self._process for found, _ in ready)

    def _wait_for_bell(self, bell: int, pause: float, deadline: float) -> bool:
        """Wait until all is sent or some time has passed, and tell whether the process ended.

        At the deadline the frames are looked at once more: they may have been sent just before.
        """
        began = time.monotonic()
        try:
            ended = self._wait(bell, min(began + pause, deadline))
        except DeadlineError:
            if began < deadline:
                return False
            raise
        with contextlib.suppress(BlockingIOError):
            if not ended and not os.read(bell, CHUNK):
                self._silence_bell(bell)
        return ended

    def _silence_bell(self, bell: int) -> None:
        """Do without the bell: the other end has closed it."""
        self._bell = None
        del self._ready[bell]
        os.close(bell)

    def close(self) -> None:
        """Close all ends."""
        for fd in (self._incoming, self._outgoing, self._process, self._bell):
            if fd is not None:
                os.close(fd)


def _widen(pipe: int) -> None:
    """Let a pipe hold a whole message, where the system can: the writer need not wait then."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # the user's pipes hold as much as they may already
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_SIZE)


def watch(pid: int) -> int | None:
    """Return a descriptor that is readable once a process has ended, None where there is none."""
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:  # an older kernel, or a sandbox that forbids it: the deadline remains
        return None


class ThreadedPipes:
    """Pipes where nothing can be polled (Windows): one thread reads, one writes."""

    def __init__(
        self,
        incoming: int,
        outgoing: int,
        process: int | None = None,
        bell: int | None = None,
    ) -> None:
        for unused in (
            process,
            bell,
        ):  # nothing here can wait for one of them and for bytes at once
            if unused is not None:
                os.close(unused)
        self._incoming, self._outgoing = incoming, outgoing
        self._arrived: queue.Queue[bytes] = queue.Queue(maxsize=16)
        self._leaving: queue.Queue[bytes | None] = queue.Queue(maxsize=1)
        self._rest = b""
        self._threads = [
            threading.Thread(target=run, daemon=True) for run in (self._reader, self._writer)
        ]
        for thread in self._threads:
            thread.start()

    def _reader(self) -> None:
        with contextlib.suppress(OSError):
            while data := os.read(self._incoming, CHUNK):
                self._arrived.put(data)
        self._arrived.put(b"")

    def _writer(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._leaving.get():
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(self._outgoing, rest) :]

    def write(self, data: bytes, deadline: float) -> None:
        """Hand `data` to the writing thread; a dead reader shows at the next `read`."""
        try:
            self._leaving.put(data, timeout=max(0.0, deadline - time.monotonic()))
        except queue.Full as error:
            raise DeadlineError from error

    def read(self, size: int, deadline: float, *, begun: bool = False) -> bytes:  # noqa: ARG002
        """Return what is there, waiting for the first byte."""
        if not self._rest:
            try:
                self._rest = self._arrived.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty as error:
                raise DeadlineError from error
            if not self._rest:
                self._arrived.put(b"")
                raise ClosedError
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

    def close(self) -> None:
        """Close both ends; call it when the other process is gone, so that the threads end."""
        reader, writer = self._threads
        while reader.is_alive():
            with contextlib.suppress(queue.Empty):
                self._arrived.get(timeout=0.01)
        # A descriptor closed under it could become another file's before it writes.
        while writer.is_alive():
            with contextlib.suppress(queue.Full):
                self._leaving.put_nowait(None)
            writer.join(0.01)
        os.close(self._incoming)
        os.close(self._outgoing)


class Channel:
    """Frames over pipes.

    Parameters
    ----------
    pipes
        The byte streams.
    body_limit
        The largest body that is accepted, in bytes.
    """

    def __init__(self, pipes: Pipes, body_limit: int) -> None:
        self._pipes = pipes
        self._body_limit = body_limit
        self._arrived = bytearray()  # never more than a frame and a chunk

    def send(
        self,
        head: dict[str, Any],
        encoder: Encoder | None,
        deadline: float,
        ready: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Send one frame; `ready` holds more of its head, as JSON already.

        Raises
        ------
        ClosedError
            If the other side is gone.
        DeadlineError
            If it does not read.
        """
        self._pipes.write(pack(head, encoder, ready), deadline)

    def receive(self, deadline: float) -> tuple[dict[str, Any], bytearray]:
        """Return the head and the body of the next frame.

        Raises
        ------
        ClosedError, DeadlineError
            As `send` does.
        WireError
            If what arrives is not a frame within the limits.
        """
        arrived = self._arrived
        self._fill(HEADER.size, deadline)
        head_size, body_size = unpack_header(arrived, self._body_limit)
        body_at = HEADER.size + head_size
        self._fill(body_at, deadline)
        head = unpack_head(arrived[HEADER.size : body_at])
        end = body_at + body_size
        self._fill(end, deadline)
        body = arrived[body_at:end]
        del arrived[:end]
        return head, body

    def _fill(self, size: int, deadline: float) -> None:
        """Read until so many bytes are there."""
        while len(self._arrived) < size:
            self._arrived += self._pipes.read(CHUNK, deadline, begun=bool(self._arrived))

    def close(self) -> None:
        """Close both directions."""
        self._pipes.close()
