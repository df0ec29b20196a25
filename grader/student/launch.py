"""Start learners' processes: forked from a warm server where the system can, else one by one."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grader.student.inside import CONTROL, END, OPEN
from grader.student.limits import MIB, IsolationUnavailableError, Level, Limits

if TYPE_CHECKING:
    from grader.student.channel import Channel

START_SECONDS = 60.0
END_SECONDS = 10.0
NO_START = "the process for submissions did not start"
# What a program of its own expects: which language and time it is, and where things are.
LANGUAGE = ("LANG", "LC_ALL", "LC_CTYPE", "TZ")
ORDINARY = (*LANGUAGE, "PATH", "HOME", "TMPDIR", "TEMP", "SYSTEMROOT")
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


class Process(NamedTuple):
    """A learner's process and the way to end it.

    Parameters
    ----------
    channel
        Frames to and from it.
    end
        Kills it with all it started, closes the channel, and returns its exit code: negative for
        the signal that ended it.
    kill
        Kills it from another thread, so that whoever waits for its answer sees it gone; not to be
        called once it is being ended.
    """

    channel: "Channel"
    end: Callable[[], int]
    kill: Callable[[], None]


class Launcher(ABC):
    """Opens learners' processes."""

    level: Level

    @abstractmethod
    def open(self, limits: Limits) -> Process:
        """Start a process that waits for its submission."""

    @abstractmethod
    def close(self) -> None:
        """End everything that this launcher started."""


def _paths() -> list[str]:
    """Return where Python looks for modules, but for the current folder.

    There a learner may have a `random.py`.
    """
    here = Path.cwd().resolve()
    return [path for path in sys.path if path and Path(path).resolve() != here]


def _command(start: str) -> list[str]:
    """Return the command of a fresh interpreter that finds this package and NumPy, and no more."""
    paths, home = _paths(), str(Path(__file__).resolve().parents[2])
    code = (
        f"import sys; sys.path[:] = {[home, *paths]!r}; import grader.student.inside; "
        # Found, and then forgotten: both sides run the same copy, and nothing else is found there.
        f"del sys.path[0]; from grader.student.inside import boot; boot.{start}"
    )
    return [sys.executable, "-I", "-c", code]


def _server_command(level: Level, held: contextlib.ExitStack) -> list[str]:
    """Return the command of a fork server, to which its socket's number is to be added.

    What must be kept for it while it runs is held.
    """
    if level is Level.LAPTOP:
        return _command("serve(int(sys.argv.pop()))")
    from grader.student import walled  # noqa: PLC0415 - a quick check does without

    return walled.command(level, _paths(), held.enter_context(walled.own_user()))


def _environment(level: Level) -> dict[str, str]:
    ordinary = ORDINARY if level is Level.LAPTOP else LANGUAGE
    kept = {n: os.environ[n] for n in (*ordinary, *LIBRARIES) if n in os.environ}
    return {**kept, **dict.fromkeys(ONE_THREAD, "1")}


def _channel(
    incoming: int, outgoing: int, process: int | None, limits: Limits, bell: int | None = None
) -> "Channel":
    # NumPy comes with it: imported here, a server starts while the rest is still being imported.
    from grader.student.channel import Channel, PolledPipes, ThreadedPipes  # noqa: PLC0415

    pipes = PolledPipes if os.name == "posix" else ThreadedPipes
    return Channel(pipes(incoming, outgoing, process, bell), limits.result_bytes + MIB)


class ForkServer(Launcher):
    """A process, started afresh with NumPy alone, that forks a session for each order (Linux).

    Parameters
    ----------
    level
        What the sessions run behind. Above `laptop` one is tried at once.

    Raises
    ------
    IsolationUnavailableError
        If it cannot be started, or the level cannot be had; the message says what is missing.
    """

    def __init__(self, level: Level = Level.LAPTOP) -> None:
        self.level = level
        self._server = _Server(level)
        if level is not Level.LAPTOP:
            self._try()

    def _try(self) -> None:
        from grader.student.walled import remedy  # noqa: PLC0415 - a quick check does without

        try:
            _forked(self._server, Limits()).end()
        except (OSError, IsolationUnavailableError) as error:
            self.close()
            raise IsolationUnavailableError(f"level {self.level}: {remedy(str(error))}") from error

    def open(self, limits: Limits) -> Process:
        """Fork a session; where the server is gone, a learner's code has ended it, start another."""
        with contextlib.suppress(OSError, IsolationUnavailableError):
            return _forked(self._server, limits)
        self._server.close()
        try:
            self._server = _Server(self.level)
            return _forked(self._server, limits)
        except OSError as error:
            raise IsolationUnavailableError(f"{NO_START}: {error}") from error

    def close(self) -> None:
        """Hang up: the server ends its sessions and itself."""
        self._server.close()


class _Server:
    """One running fork server and the socket to it; a session keeps to the one that forked it."""

    def __init__(self, level: Level) -> None:
        self._level = level
        self.control, theirs = socket.socketpair()
        self.control.settimeout(START_SECONDS)
        try:
            with contextlib.ExitStack() as held, theirs:
                held.enter_context(self.control)
                self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
                    [*_server_command(level, held), str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    pass_fds=[theirs.fileno()],
                    env=_environment(level),
                    start_new_session=True,
                )
                self._held = held.pop_all()
        except OSError as error:  # a Python, say, whose own files this user may not read
            raise IsolationUnavailableError(f"{NO_START}: {error}") from error

    def answer(self) -> tuple[int, int | None]:
        """Return what it answers an order with: a number, and maybe a session's descriptor."""
        data, fds = b"", list[int]()
        with contextlib.suppress(ConnectionResetError):  # it ended before it read the order
            data, fds, _, _ = socket.recv_fds(self.control, CONTROL.size, 1, socket.MSG_WAITALL)
        if len(data) < CONTROL.size:
            assert self._process.stderr
            said = self._process.stderr.read().decode(errors="replace").strip()
            raise IsolationUnavailableError(f"{NO_START}: {said}")
        return CONTROL.unpack(data)[1], (fds[0] if fds else None)

    def kill(self, session: int) -> None:
        """End it, and what it started: behind a bubblewrap the server itself, and all sessions."""
        ended: set[int] = set()
        if self._process.poll() is None:  # else its number may be another process's by now
            ended = {*self._started(), self._process.pid}
        if self._level is Level.LAPTOP:  # behind walls the number may be its namespace's
            ended.add(session)
        for pid in ended:
            for end in (os.killpg, os.kill):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    end(pid, signal.SIGKILL)
        self._process.wait(START_SECONDS)

    def _started(self) -> set[int]:
        pid = self._process.pid
        with contextlib.suppress(OSError):  # it has ended by itself
            listing = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
            return {int(child) for child in listing.split()}
        return set()

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
        self._held.close()


def _pipe(reader: contextlib.ExitStack, writer: contextlib.ExitStack) -> tuple[int, int]:
    """Return both ends of a pipe; each is closed with the stack of the side that uses it."""
    reads, writes = os.pipe()
    reader.callback(os.close, reads)
    writer.callback(os.close, writes)
    return reads, writes


def _forked(server: _Server, limits: Limits) -> Process:
    with contextlib.ExitStack() as theirs, contextlib.ExitStack() as ours:
        their_input, our_output = _pipe(theirs, ours)
        our_input, their_output = _pipe(ours, theirs)
        our_bell, their_bell = _pipe(ours, theirs)
        order = CONTROL.pack(OPEN, 0, limits.memory_bytes, limits.file_bytes)
        with contextlib.suppress(BrokenPipeError):  # it has ended: what it said is asked for next
            socket.send_fds(server.control, [order], [their_input, their_output, their_bell])
        pid, process = server.answer()
        ours.pop_all()  # the channel closes them
    channel = _channel(our_input, our_output, process, limits, our_bell)
    server.control.settimeout(END_SECONDS)

    def kill() -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if process is not None:
                signal.pidfd_send_signal(process, signal.SIGKILL)
            else:
                os.kill(pid, signal.SIGKILL)

    def end() -> int:
        try:
            if process is not None:
                kill()
            server.control.sendall(CONTROL.pack(END, pid, 0, 0))
            return os.waitstatus_to_exitcode(server.answer()[0])
        except (OSError, IsolationUnavailableError):
            # The server was stopped or ended by what it served: whatever is left goes with it.
            server.kill(pid)
            return -signal.SIGKILL
        finally:
            channel.close()

    return Process(channel, end, kill)


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
            env=_environment(self.level),
            start_new_session=os.name == "posix",
        )
        assert process.stdin
        assert process.stdout
        ends = os.dup(process.stdout.fileno()), os.dup(process.stdin.fileno())
        process.stdin.close()
        process.stdout.close()
        channel = _channel(*ends, _watch(process.pid), limits)

        def end() -> int:
            _kill_tree(process)
            process.wait(START_SECONDS)
            channel.close()
            return process.returncode

        return Process(channel, end, lambda: _kill_tree(process))

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


def _watch(pid: int) -> int | None:
    from grader.student.channel import watch  # noqa: PLC0415 - NumPy comes with it

    return watch(pid)


def launcher(level: Level = Level.LAPTOP) -> Launcher:
    """Return this system's launcher at a level.

    Raises
    ------
    IsolationUnavailableError
        If the level cannot be had here; the message says what is missing. There is no falling
        back to a lower one.
    """
    listing = Path(f"/proc/self/task/{os.getpid()}/children")
    forks = sys.platform == "linux" and listing.exists()
    if level is Level.LAPTOP:
        return ForkServer() if forks else PlainLauncher()
    if not forks:
        raise IsolationUnavailableError(
            f"level {level} needs Linux with /proc mounted; here there is {Level.LAPTOP} alone"
        )
    return ForkServer(level)
