"""Start learners' processes: forked from a warm server where the system can, else one by one."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.student.inside import CONTROL, END, OPEN
from grader.student.limits import MIB, IsolationUnavailableError, Level, Limits

if TYPE_CHECKING:
    from grader.student.channel import Channel

START_SECONDS = 60.0
END_SECONDS = 10.0
NO_START = "the process for submissions did not start"
# What a program of its own expects: where things are, which language and time it is.
ORDINARY = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "SYSTEMROOT")
# Where the loader finds a Python's own libraries, if that Python was built to be told: the grader
# started with them, so its processes need them too. What would load more code (LD_PRELOAD,
# DYLD_INSERT_LIBRARIES) stays out.
LIBRARIES = (
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "DYLD_FRAMEWORK_PATH",
    "DYLD_FALLBACK_FRAMEWORK_PATH",
)
# With more threads than one, BLAS was four to ten times slower on small arrays under load.
ONE_THREAD = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


@dataclass(frozen=True)
class Process:
    """A learner's process and the way to end it.

    Parameters
    ----------
    channel
        Frames to and from it.
    end
        Kills it with all it started, closes the channel, and returns its exit code: negative for
        the signal that ended it.
    """

    channel: "Channel"
    end: Callable[[], int]


class Launcher(ABC):
    """Opens learners' processes."""

    level: Level

    @abstractmethod
    def open(self, limits: Limits) -> Process:
        """Start a process that waits for its submission."""

    @abstractmethod
    def close(self) -> None:
        """End everything that this launcher started."""


def _command(start: str) -> list[str]:
    """Return the command of a fresh interpreter that finds this package and NumPy, and no more.

    Isolated mode keeps the current folder, where a learner may have a `random.py`, off the path.
    """
    here = Path.cwd().resolve()
    paths = [path for path in sys.path if path and Path(path).resolve() != here]
    home = str(Path(__file__).resolve().parents[2])
    code = (
        f"import sys; sys.path[:] = {[home, *paths]!r}; import grader.student.inside; "
        # Found, and then forgotten: both sides run the same copy, and nothing else is found there.
        f"del sys.path[0]; from grader.student.inside import boot; boot.{start}"
    )
    return [sys.executable, "-I", "-c", code]


def _environment() -> dict[str, str]:
    kept = {n: os.environ[n] for n in (*ORDINARY, *LIBRARIES) if n in os.environ}
    return {**kept, **dict.fromkeys(ONE_THREAD, "1")}


def _channel(incoming: int, outgoing: int, pid: int, limits: Limits) -> "Channel":
    # NumPy comes with it: imported here, a server starts while the rest is still being imported.
    from grader.student.channel import Channel, PolledPipes, ThreadedPipes  # noqa: PLC0415

    pipes = PolledPipes if os.name == "posix" else ThreadedPipes
    return Channel(pipes(incoming, outgoing, pid), limits.result_bytes + MIB)


class ForkServer(Launcher):
    """A process, started afresh with NumPy alone, that forks a session for each order (Linux).

    Raises
    ------
    IsolationUnavailableError
        If it cannot be started.
    """

    level = Level.LAPTOP

    def __init__(self) -> None:
        self._server = _Server()

    def open(self, limits: Limits) -> Process:
        """Fork a session; where the server is gone, a learner's code has ended it, start another."""
        with contextlib.suppress(OSError, IsolationUnavailableError):
            return _forked(self._server, limits)
        self._server.close()
        self._server = _Server()
        try:
            return _forked(self._server, limits)
        except OSError as error:
            raise IsolationUnavailableError(f"{NO_START}: {error}") from error

    def close(self) -> None:
        """Hang up: the server ends its sessions and itself."""
        self._server.close()


class _Server:
    """One running fork server and the socket to it; a session keeps to the one that forked it."""

    def __init__(self) -> None:
        self.control, theirs = socket.socketpair()
        self.control.settimeout(START_SECONDS)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
                _command(f"serve({theirs.fileno()})"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                env=_environment(),
                start_new_session=True,
            )

    def answer(self) -> int:
        """Return the number that it answers an order with."""
        try:
            data = self.control.recv(CONTROL.size, socket.MSG_WAITALL)
        except ConnectionResetError:  # it ended before it read the order
            data = b""
        if len(data) < CONTROL.size:
            assert self._process.stderr
            said = self._process.stderr.read().decode(errors="replace").strip()
            raise IsolationUnavailableError(f"{NO_START}: {said}")
        number: int = CONTROL.unpack(data)[1]
        return number

    def kill(self, session: int) -> None:
        """End it, and a session that it can no longer end."""
        gone = self._process.poll() is not None  # and its number may be another process's by now
        for pid in (session,) if gone else (session, self._process.pid):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        self._process.wait(START_SECONDS)

    def close(self) -> None:
        """Hang up: it ends its sessions and itself."""
        self.control.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stderr:
            self._process.stderr.close()


def _forked(server: _Server, limits: Limits) -> Process:
    their_input, our_output = os.pipe()
    our_input, their_output = os.pipe()
    try:
        order = CONTROL.pack(OPEN, 0, limits.memory_bytes, limits.file_bytes)
        socket.send_fds(server.control, [order], [their_input, their_output])
        pid = server.answer()
    except (OSError, IsolationUnavailableError):
        os.close(our_output)
        os.close(our_input)
        raise
    finally:
        os.close(their_input)
        os.close(their_output)
    channel = _channel(our_input, our_output, pid, limits)
    server.control.settimeout(END_SECONDS)

    def end() -> int:
        try:
            server.control.sendall(CONTROL.pack(END, pid, 0, 0))
            return os.waitstatus_to_exitcode(server.answer())
        except (OSError, IsolationUnavailableError):
            # The server was stopped or ended by what it served: whatever is left goes with it.
            server.kill(pid)
            return -signal.SIGKILL
        finally:
            channel.close()

    return Process(channel, end)


class PlainLauncher(Launcher):
    """A new process for each session, with the limits the system has (macOS, Windows)."""

    level = Level.LAPTOP

    def open(self, limits: Limits) -> Process:
        """Start a process; it limits itself before it reads the submission."""
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
            _command(f"alone({limits.memory_bytes}, {limits.file_bytes})"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=os.name == "posix",
        )
        assert process.stdin
        assert process.stdout
        ends = os.dup(process.stdout.fileno()), os.dup(process.stdin.fileno())
        process.stdin.close()
        process.stdout.close()
        channel = _channel(*ends, process.pid, limits)

        def end() -> int:
            _kill_tree(process)
            channel.close()
            return process.returncode

        return Process(channel, end)

    def close(self) -> None:
        """Nothing outlives its session."""


def _kill_tree(process: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        # Not waited for yet, so its number cannot have been given to another process.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        subprocess.run(  # noqa: S603
            ["taskkill", "/F", "/T", "/PID", str(process.pid)],  # noqa: S607 - part of Windows
            check=False,
            capture_output=True,
        )
    process.wait(START_SECONDS)


def launcher() -> Launcher:
    """Return this system's launcher at level `laptop`."""
    listing = Path(f"/proc/self/task/{os.getpid()}/children")
    return ForkServer() if sys.platform == "linux" and listing.exists() else PlainLauncher()
