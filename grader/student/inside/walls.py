"""The walls around a session: what the kernel refuses a learner's code (Linux on x86-64 or arm64).

Three of the kernel's own means, each of which a process can take upon itself and never put off:

- Landlock (landlock(7)): it opens files below Python's and NumPy's own folders, to read, and no others.
- seccomp (seccomp(2)): it makes the system calls of the table below, and no others. It starts no
  process, so that limits of a process are limits of the whole submission.
- Resource limits (setrlimit(2)): descriptors, threads, core files; memory and file size are set
  where every level sets them.

The server prepares them once; a session enters them before it reads a submission.
"""

import contextlib
import ctypes
import importlib
import os
import platform
import resource
import site
import socket
import stat
import struct
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

DESCRIPTORS = 64
THREADS = 256  # beyond what the user has running when the server starts
# Loaded before any fork: their libraries lie outside the folders that can be read from within, or
# nearly every submission needs them.
LOADED = (
    *("bz2", "ctypes", "decimal", "hashlib", "lzma", "pyexpat", "uuid", "zlib"),
    *("collections.abc", "copy", "dataclasses", "datetime", "fractions", "heapq", "math"),
    *("pickle", "random", "statistics", "string", "textwrap", "threading", "time", "typing"),
    *("numpy.fft", "numpy.lib.stride_tricks", "numpy.linalg", "numpy.random"),
)

# System calls that are allowed: their numbers on x86-64 (asm/unistd_64.h) and on arm64
# (asm-generic/unistd.h), None where there is no such call.
ALLOWED: dict[str, tuple[int, int | None]] = {
    # Its two pipes, and files: Landlock decides which.
    "read": (0, 63),
    "write": (1, 64),
    "readv": (19, 65),
    "writev": (20, 66),
    "pread64": (17, 67),
    "close": (3, 57),
    "lseek": (8, 62),
    "fstat": (5, 80),
    "stat": (4, None),
    "lstat": (6, None),
    "newfstatat": (262, 79),
    "statx": (332, 291),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "getcwd": (79, 17),
    "getdents64": (217, 61),
    "dup": (32, 23),
    "dup2": (33, None),
    "dup3": (292, 24),
    "poll": (7, None),
    "ppoll": (271, 73),
    "select": (23, None),
    "pselect6": (270, 72),
    # Memory.
    "mmap": (9, 222),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "mprotect": (10, 226),
    "madvise": (28, 233),
    "brk": (12, 214),
    # Threads.
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    # Signals: it may handle and block its own, and send none.
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "setitimer": (38, 103),
    "getitimer": (36, 102),
    "alarm": (37, None),
    # Time and chance.
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "times": (100, 153),
    "getrandom": (318, 278),
    # Itself.
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getppid": (110, 173),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "getgroups": (115, 158),
    "getresuid": (118, 148),
    "getresgid": (120, 150),
    "getrusage": (98, 165),
    "getrlimit": (97, 163),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
CLONE_THREAD, NEW_NAMESPACES = 0x10000, 0x7E020000
# How files are opened (O_ACCMODE and O_TRUNC): to read, to write or both, and emptied only where
# they may be written. Of emptying what is opened to read Landlock knows nothing before Linux 6.2.
OPENING, OPENINGS = 0x203, (0, 1, 2, 0x201, 0x202)
# Waiting and waking within this process, FUTEX_WAIT to FUTEX_LOCK_PI2: others have the same libraries
# mapped, and could be woken there. A thread's end glibc awaits as if it were somebody else's.
FUTEX_PRIVATE, FUTEX_CLOCK_REALTIME, FUTEX_WAIT, FUTEX_WAIT_BITSET = 0x80, 0x100, 0, 9
FUTEXES = (*range(FUTEX_PRIVATE, FUTEX_PRIVATE + 14), FUTEX_WAIT, FUTEX_WAIT_BITSET)
# Allowed where one argument, its bits of the mask alone, is one of a few values.
ALLOWED_FOR: dict[str, tuple[tuple[int, int | None], int, int, tuple[int, ...]]] = {
    "open": ((2, None), 1, OPENING, OPENINGS),
    "openat": ((257, 56), 2, OPENING, OPENINGS),
    "futex": ((202, 98), 1, 0xFFFFFFFF - FUTEX_CLOCK_REALTIME, FUTEXES),
    # New threads, no new processes.
    "clone": ((56, 220), 0, CLONE_THREAD | NEW_NAMESPACES, (CLONE_THREAD,)),
    # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC: no locks, and no owner of a
    # descriptor, whom the kernel would send signals.
    "fcntl": ((72, 25), 1, 0xFFFFFFFF, (0, 1, 2, 3, 4, 1030)),
    # TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: what opening a file asks.
    "ioctl": ((16, 29), 1, 0xFFFFFFFF, (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)),
    "prlimit64": ((302, 261), 0, 0xFFFFFFFF, (0,)),  # its own limits
}
FIRST_RECENT = 425  # from here on the C library has an older call to fall back on, if told ENOSYS
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, linux/audit.h

# Classic BPF (linux/bpf_common.h, linux/seccomp.h), and where a call's description holds what.
LOAD, AND, EQUAL, AT_LEAST, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000
EPERM, ENOSYS = 1, 38
X32 = 0x40000000  # x86-64 has a second table of calls, from this number on

# linux/landlock.h; the calls bear these numbers everywhere.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
WRITE_FILE, READ_FILE, READ_DIR = 1 << 1, 1 << 2, 1 << 3
NETWORK, SCOPES = 0b11, 0b11  # bind and connect; abstract sockets and signals
# linux/prctl.h, linux/sched.h, linux/mount.h
SET_DUMPABLE, SET_SECCOMP, FILTER, SET_NO_NEW_PRIVS = 4, 22, 2, 38
NEW_MOUNTS = 0x20000
NO_SETUID, NO_DEVICES, BIND, RECURSIVE, PRIVATE = 0x2, 0x4, 0x1000, 0x4000, 0x40000

_libc: Any = ctypes.CDLL(None, use_errno=True)


class MissingWallError(Exception):
    """A wall that cannot be had here; the message says what is missing and what gives it."""


class Walls:
    """What a session enters; prepared once, by a server that then is no longer root.

    Parameters
    ----------
    user
        The user and the group that root becomes.

    Raises
    ------
    MissingWallError
        If this system has no such walls, or they do not hold.
    """

    def __init__(self, user: int) -> None:
        if platform.machine() not in MACHINES or sys.maxsize < 2**32:
            machine = platform.machine()
            raise MissingWallError(f"the walls are built for x86-64 and arm64, this is {machine}")
        _load()
        with contextlib.suppress(OSError):  # where it may not, the limit of memory remains
            # If the machine runs out of memory, a session is ended rather than the grader.
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
        trees = list(_trees())
        _drop_root(trees, user)
        _check_readable(trees)
        self._filter = _filter(platform.machine())
        self._rules = _rules(trees)
        self._threads = _running() + THREADS
        os.chdir("/")
        self._try()

    def enter(self) -> None:
        """Put this process, which has one thread, behind the walls for good."""
        for kind, value in (
            (resource.RLIMIT_NOFILE, DESCRIPTORS),
            (resource.RLIMIT_NPROC, self._threads),
        ):
            _, hard = resource.getrlimit(kind)
            allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (allowed, allowed))
        _must(_libc.prctl(SET_DUMPABLE, 0, 0, 0, 0), "prctl(PR_SET_DUMPABLE)")  # no core files
        _must(_libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(PR_SET_NO_NEW_PRIVS)")
        _must(_libc.syscall(RESTRICT_SELF, self._rules, 0), "landlock_restrict_self")
        os.close(self._rules)
        code = ctypes.create_string_buffer(self._filter, len(self._filter))
        program = struct.pack("HxxxxxxP", len(self._filter) // 8, ctypes.addressof(code))
        _must(_libc.prctl(SET_SECCOMP, FILTER, program, 0, 0), "prctl(PR_SET_SECCOMP)")

    def _try(self) -> None:
        """Enter the walls in a copy of this process, and see that they hold."""
        pid = os.fork()
        if pid == 0:
            try:
                self.enter()
                held = _refused(os.listdir, "/") and _refused(socket.socket)
                Path(os.__file__).read_bytes()
                os._exit(0 if held else 1)
            except OSError as error:
                os.write(2, f"{error}\n".encode())
            finally:
                os._exit(2)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if code == 1:
            raise MissingWallError("the kernel says that it has the walls, but they do not hold")
        if code:
            raise MissingWallError(f"a process could not enter the walls (exit code {code})")


def _refused(action: Any, *args: Any) -> bool:
    try:
        action(*args)
    except PermissionError:
        return True
    return False


def _must(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def _load() -> None:
    """Load what a session could not load itself, and leave it the standard library to import."""
    for name in LOADED:
        with contextlib.suppress(ImportError):  # some builds of Python go without some of these
            importlib.import_module(name)
    np.linalg.inv(np.eye(2)) @ np.eye(2)  # some libraries load their kernels when first used
    # What `site` gives every program, without the folders of others that it would search.
    site.setquit()
    site.sethelper()


def _trees() -> Iterator[Path]:
    """Return the folders that can be read: the standard library and NumPy with its libraries."""
    yield from {Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")}
    package = Path(np.__file__).parent
    yield package
    libraries = package.with_name("numpy.libs")
    if libraries.is_dir():
        yield libraries


# Root.


def _drop_root(trees: Iterable[Path], user: int) -> None:
    """Become a user without rights, if this process is root."""
    if 0 not in os.getresuid():
        return
    try:
        _uncover(trees)
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    except OSError as error:
        raise MissingWallError(
            f"root could not become the user {user} ({error}); run as an ordinary user"
        ) from error


def _uncover(trees: Iterable[Path]) -> None:
    """Show the trees that stand in folders closed to others, and nothing else of those folders.

    A Python below /root is such a tree. The change is this process's alone.
    """
    closed: dict[Path, list[Path]] = {}
    for tree in trees:
        for folder in reversed(tree.parents):
            if not folder.stat().st_mode & stat.S_IXOTH:
                closed.setdefault(folder, []).append(tree)
                break
    if not closed:
        return
    _must(_libc.unshare(NEW_MOUNTS), "unshare(CLONE_NEWNS)")
    _mount("none", "/", RECURSIVE | PRIVATE)
    for folder, within in closed.items():
        held = [(tree, os.open(tree, os.O_PATH)) for tree in within]
        _mount("tmpfs", folder, NO_SETUID | NO_DEVICES, "mode=755,size=1m")
        for tree, fd in held:
            tree.mkdir(0o755, parents=True, exist_ok=True)
            _mount(f"/proc/self/fd/{fd}", tree, BIND | RECURSIVE)
            os.close(fd)


def _mount(source: str, target: str | Path, flags: int, data: str = "") -> None:
    kind = source if data else "none"
    words = [str(word).encode() for word in (source, target, kind)]
    _must(_libc.mount(*words, ctypes.c_ulong(flags), data.encode() or None), f"mount({target})")


def _check_readable(trees: Iterable[Path]) -> None:
    for tree in trees:
        try:
            next(tree.iterdir()).stat()
        except OSError as error:
            raise MissingWallError(
                f"the user {os.getuid()} cannot read {tree} ({error.strerror}); install Python "
                "and NumPy where every user may read them, or run as the user who may"
            ) from error


# Landlock.


def _rules(trees: Iterable[Path]) -> int:
    """Return a descriptor of the rules: the trees can be read, the null device written too."""
    version = _libc.syscall(CREATE_RULESET, None, 0, 1)
    if version < 1:
        raise MissingWallError(
            "the kernel has no Landlock; it needs Linux 5.13 or later, started with landlock "
            "among the names of its parameter lsm= (see /sys/kernel/security/lsm)"
        )
    kinds = {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)  # rights to files known to this version
    sizes = {1: 8, 2: 8, 3: 8, 4: 16, 5: 16}
    handled = struct.pack("QQQ", 2**kinds - 1, NETWORK, SCOPES)[: sizes.get(version, 24)]
    rules = _must(
        _libc.syscall(CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0),
        "landlock_create_ruleset",
    )
    _permit(rules, Path(os.devnull), READ_FILE | WRITE_FILE)
    for tree in trees:
        _permit(rules, tree, READ_DIR)
        for entry in tree.iterdir():
            # Below the standard library there may be everything else that is installed.
            if entry.exists() and not entry.name.endswith("-packages"):
                _permit(rules, entry, READ_FILE | (READ_DIR if entry.is_dir() else 0))
    return rules


def _permit(rules: int, path: Path, rights: int) -> None:
    fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rule = struct.pack("=Qi", rights, fd)
    _must(_libc.syscall(ADD_RULE, rules, 1, rule, 0), f"landlock_add_rule({path})")
    os.close(fd)


# seccomp.


def _filter(machine: str) -> bytes:
    """Return the program that decides on each system call, in the kernel's form."""
    column, architecture = MACHINES[machine]
    lines = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, KILL),
    ]
    for number in (numbers[column] for numbers in ALLOWED.values()):
        if number is not None:
            lines += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW)]
    for numbers, argument, mask, values in ALLOWED_FOR.values():
        number = numbers[column]
        if number is None:
            continue
        rest = [(LOAD, 0, 0, ARGUMENTS + 8 * argument), (AND, 0, 0, mask)]
        for value in values:
            rest += [(EQUAL, 0, 1, value), (RETURN, 0, 0, ALLOW)]
        rest.append((RETURN, 0, 0, REFUSE | EPERM))
        lines += [(EQUAL, 0, len(rest), number), *rest]
    lines += [
        (AT_LEAST, 0, 1, FIRST_RECENT),
        (RETURN, 0, 0, REFUSE | ENOSYS),
        (RETURN, 0, 0, REFUSE | EPERM),
    ]
    return b"".join(struct.pack("HBBI", *line) for line in lines)


def _running() -> int:
    """Return how many threads this user has: the kernel's limit counts them all."""
    count = 0
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):  # it ended meanwhile
            if entry.name.isdigit() and entry.stat().st_uid == os.getuid():
                count += len(list((entry / "task").iterdir()))
    return count
