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
ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "SYSTEMROOT")
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
    kept = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
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
        self._start()

    def _start(self) -> None:
        self._control, theirs = socket.socketpair()
        self._control.settimeout(START_SECONDS)
        with theirs:
            self._server = subprocess.Popen(  # noqa: S603 - our own interpreter and code
                _command(f"serve({theirs.fileno()})"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                env=_environment(),
                start_new_session=True,
            )

    def open(self, limits: Limits) -> Process:
        """Fork a session; where the server is gone, a learner's code has ended it, start another."""
        try:
            return self._fork(limits)
        except OSError:
            self.close()
            self._start()
            return self._fork(limits)

    def _fork(self, limits: Limits) -> Process:
        their_input, our_output = os.pipe()
        our_input, their_output = os.pipe()
        try:
            order = CONTROL.pack(OPEN, 0, limits.memory_bytes, limits.file_bytes)
            socket.send_fds(self._control, [order], [their_input, their_output])
            pid = self._answer()
        except (OSError, IsolationUnavailableError):
            os.close(our_output)
            os.close(our_input)
            raise
        finally:
            os.close(their_input)
            os.close(their_output)
        channel = _channel(our_input, our_output, pid, limits)
        control = self._control
        self._control.settimeout(END_SECONDS)

        def end() -> int:
            try:
                control.sendall(CONTROL.pack(END, pid, 0, 0))
                return os.waitstatus_to_exitcode(self._answer())
            except (OSError, IsolationUnavailableError):
                # The server was stopped or ended by what it served: whatever is left goes with it.
                self._kill_server(pid)
                return -signal.SIGKILL
            finally:
                channel.close()

        return Process(channel, end)

    def _answer(self) -> int:
        data = self._control.recv(CONTROL.size, socket.MSG_WAITALL)
        if len(data) < CONTROL.size:
            assert self._server.stderr
            said = self._server.stderr.read().decode(errors="replace").strip()
            raise IsolationUnavailableError(f"the process for submissions did not start: {said}")
        number: int = CONTROL.unpack(data)[1]
        return number

    def _kill_server(self, session: int) -> None:
        for pid in (session, self._server.pid):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        self._server.wait(START_SECONDS)

    def close(self) -> None:
        """Hang up: the server ends its sessions and itself."""
        self._control.close()
        try:
            self._server.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        if self._server.stderr:
            self._server.stderr.close()


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
