"""Start of a learner's process: alone, or forked from a warm server that has loaded numpy."""

import gc
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING, Any

import numpy as np  # noqa: F401 - loaded here, before any fork, so that no session waits for it

from grader.student.inside import CONTROL, END, OPEN
from grader.student.inside.session import Session

if TYPE_CHECKING:
    from grader.student.inside.walls import Walls


def alone(memory: int, file_size: int) -> None:
    """Serve one session over standard input and output, where there is no fork server."""
    incoming, outgoing = os.dup(0), os.dup(1)
    _silence()
    _limit(memory, file_size)
    Session(incoming, outgoing).serve()
    os._exit(0)


def serve(control_fd: int, user: int | None = None) -> None:
    """Fork a session for each order on the control socket, and outlive them all.

    Where a user is told, sessions are behind walls, and if this is root it becomes that user.
    A session's orphans come back to this process (it is their subreaper), so that ending a
    session ends everything it started.
    """
    control = socket.socket(fileno=control_fd)
    walls = None if user is None else _walls(user)
    _adopt_orphans()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to handle
    gc.collect()
    gc.freeze()
    leaders: set[int] = set()
    while True:
        data, fds, _, _ = socket.recv_fds(control, CONTROL.size, 3)
        if len(data) < CONTROL.size:
            _end_all_but(set())
            os._exit(0)
        order, pid, memory, file_size = CONTROL.unpack(data)
        if order == OPEN:
            pid = _open(control, fds, memory, file_size, walls)
            leaders.add(pid)
            watch = _watch(pid)
            socket.send_fds(control, [CONTROL.pack(OPEN, pid, 0, 0)], watch)
            for fd in watch:
                os.close(fd)
        else:
            leaders.discard(pid)
            control.sendall(CONTROL.pack(END, _end(pid, leaders), 0, 0))


def _walls(user: int) -> "Walls":
    """Prepare the walls; where they cannot be had, say so and end."""
    from grader.student.inside.walls import MissingWallError, Walls  # noqa: PLC0415 - Linux's alone

    try:
        return Walls(user)
    except (MissingWallError, OSError) as error:
        sys.exit(str(error))


def _watch(pid: int) -> list[int]:
    """Return a descriptor by which a process can be watched and ended from any namespace.

    None where there is none, in an older kernel or a sandbox that forbids it.
    """
    if not hasattr(os, "pidfd_open"):
        return []
    try:
        return [os.pidfd_open(pid)]
    except OSError:
        return []


def _open(
    control: socket.socket, fds: list[int], memory: int, file_size: int, walls: "Walls | None"
) -> int:
    pid = os.fork()
    if pid:
        for fd in fds:
            os.close(fd)
        return pid
    try:
        os.setsid()
        control.close()
        for fd in fds:
            os.set_inheritable(fd, False)  # what the learner's code executes is not given them
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _silence()
        _limit(memory, file_size)
        if walls:
            walls.enter()
        Session(*fds).serve()
    finally:
        os._exit(0)


def _silence() -> None:
    """Keep the learner's code away from the terminal: it reads nothing and its prints are kept."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    os.close(nothing)
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - for the process's life


def _limit(memory: int, file_size: int) -> None:
    """Limit this process as far as its system can: Windows has none of these, macOS no RLIMIT_AS."""
    if os.name != "posix":
        return
    import resource  # noqa: PLC0415 - there is none on Windows

    wanted = [(resource.RLIMIT_FSIZE, file_size), (resource.RLIMIT_CORE, 0)]
    if sys.platform == "linux":
        with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123
            present = int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        wanted.append((resource.RLIMIT_AS, present + memory))
    for kind, value in wanted:
        _, hard = resource.getrlimit(kind)
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (allowed, allowed))


def _adopt_orphans() -> None:
    import ctypes  # noqa: PLC0415

    set_child_subreaper = 36  # PR_SET_CHILD_SUBREAPER, linux/prctl.h
    libc: Any = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(set_child_subreaper, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER) failed")


def _end(pid: int, others: set[int]) -> int:
    """Kill a session with all it started, and return the wait status of its first process.

    What other sessions have left orphaned goes with it: it was not waited for.
    """
    _kill(pid, group=True)
    _kill(pid, group=False)  # it may not lead its group yet
    _, status = os.waitpid(pid, 0)
    _end_all_but(others)
    return status


def _end_all_but(leaders: set[int]) -> None:
    while children := _children() - leaders:
        for child in children:
            _kill(child, group=True)
            _kill(child, group=False)
        for child in children:
            os.waitpid(child, 0)


def _kill(pid: int, *, group: bool) -> None:
    try:
        (os.killpg if group else os.kill)(pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # it ended by itself, or leads no group


def _children() -> set[int]:
    with open(f"/proc/self/task/{os.getpid()}/children", "rb") as listing:  # noqa: PTH123
        return {int(pid) for pid in listing.read().split()}
