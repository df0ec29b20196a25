"""A fork server behind walls: its user and its command, at `strict` within a bubblewrap (bwrap(1)).

A bubblewrap shows a tree of folders of its own: Python, NumPy, the system's libraries and the few
files of ours that run in there, all of them read-only. There is no home, no course, no network and
no process from outside. One is enough around all sessions of a server: each is behind walls of
its own, which keep it from the others.

It is not told to die with its parent: the kernel takes that for the thread that started it, which
may end before the grader does. The server ends when the grader's end of the socket is closed,
however that came about.
"""

import contextlib
import importlib.machinery
import os
import random
import re
import shutil
import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.student.limits import IsolationUnavailableError, Level

HOME = Path(__file__).resolve().parents[2]
# The files of ours that a learner's process runs.
INSIDE = ("__init__.py", "version.py", "student/__init__.py", "student/wire.py", "student/inside")
NULL = Path(os.devnull)
PROGRAM = "bwrap"
SYSTEM = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64")
PACKAGES = ("site-packages", "dist-packages")
# No system gives these to anybody (systemd.io/UIDS-GIDS); a container of 65536 users has them too.
USERS = range(60578, 61184)
# A user who is not root gets a namespace of users too; root needs none, and stops being root within.
APART = ("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try")
AS_ROOT = ("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
AS_USER = ("--unshare-user", "--cap-drop", "ALL")

PROFILE = "/usr/share/apparmor/extra-profiles/bwrap-userns-restrict"
# What may keep namespaces from ordinary users: a setting, the value that does, and the way out.
SETTINGS = (
    (
        "kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "AppArmor allows bubblewrap no namespaces until it is given a profile",
        f"sudo apt-get install apparmor-profiles && sudo apparmor_parser -r {PROFILE}",
    ),
    (
        "kernel/unprivileged_userns_clone",
        "0",
        "namespaces are kept from ordinary users",
        "sudo sysctl -w kernel.unprivileged_userns_clone=1",
    ),
    (
        "user/max_user_namespaces",
        "0",
        "there may be no namespaces of users",
        "sudo sysctl -w user.max_user_namespaces=10000",
    ),
)


@contextlib.contextmanager
def own_user() -> Iterator[int]:
    """Lend the number of the user that a server is to run as, and of its group.

    That is this user, or for root one that nobody else is meanwhile: the kernel counts threads by
    user, so sessions of the same one could take each other's.

    Raises
    ------
    IsolationUnavailableError
        If none is free.
    """
    if 0 not in os.getresuid():
        yield os.getuid()
        return
    running = _running_users()
    for number in random.SystemRandom().sample(USERS, len(USERS)):
        with socket.socket(socket.AF_UNIX) as claim:
            if number not in running and not _has_name(number) and _bound(claim, number):
                yield number
                return
    raise IsolationUnavailableError(
        f"root found no free user from {USERS.start} to {USERS.stop - 1} for submissions; run as "
        "an ordinary user"
    )


def _bound(claim: socket.socket, number: int) -> bool:
    """Claim a number by a name that the kernel gives once, and takes back when its holder ends."""
    try:
        claim.bind(f"\0learnkit-user-{number}")
    except OSError:
        return False
    return True


def _running_users() -> set[int]:
    found = set[int]()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):  # it ended meanwhile
                numbers = re.search(rb"^Uid:(.*)$", (entry / "status").read_bytes(), re.MULTILINE)
                found.update(map(int, numbers[1].split()) if numbers else ())
    return found


def _has_name(number: int) -> bool:
    import grp  # noqa: PLC0415 - there is none on Windows
    import pwd  # noqa: PLC0415

    for find in (pwd.getpwuid, grp.getgrgid):
        with contextlib.suppress(KeyError):
            find(number)
            return True
    return False


def command(level: Level, paths: Sequence[str], user: int) -> list[str]:
    """Return the command of a fork server, to which its socket's number is to be added.

    It starts without the folders where packages are installed, and forgets NumPy's once that is
    loaded: whatever else stands there is not found from within.

    Parameters
    ----------
    level
        `inner` or `strict`.
    paths
        Where NumPy is looked for.
    user
        Whom it becomes, if it is root.

    Raises
    ------
    IsolationUnavailableError
        If NumPy or bubblewrap is not there.
    """
    spec = importlib.machinery.PathFinder.find_spec("numpy", paths)
    if spec is None or not spec.origin:
        raise IsolationUnavailableError(
            f"level {level}: NumPy is not installed as a folder of files"
        )
    numpy = Path(spec.origin).parent
    code = (
        f"import sys; sys.path += {[str(HOME), str(numpy.parent)]!r}; import numpy; "
        "from grader.student.inside import boot; del sys.path[-2:]; "
        f"boot.serve(int(sys.argv.pop()), {user})"
    )
    python = [os.path.realpath(sys.executable), "-I", "-S", "-c", code]
    if level is Level.INNER:
        return python
    ours = [HOME / "grader" / name for name in INSIDE]
    return [*_bubblewrap([numpy, numpy.with_name("numpy.libs"), *ours]), "--", *python]


def _bubblewrap(read: Sequence[Path]) -> list[str]:
    """Return the beginning of a command that runs where only Python and these paths are shown."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise IsolationUnavailableError(
            "level strict: bubblewrap is not installed; run: sudo apt-get install bubblewrap"
        )
    shown = list(dict.fromkeys(map(Path, _python())))
    above = {folder for path in (*shown, *read, NULL) for folder in path.parents}
    # In order: what is mounted later covers what was there, and Python may stand below /tmp.
    mounts = ["--tmpfs", "/tmp"]  # noqa: S108 - its own
    for folder in sorted(above):
        mounts += ["--perms", "0755", "--dir", str(folder)]
    for path in shown:
        mounts += _shown(path)
    for folder in _packages(shown):
        mounts += ["--tmpfs", str(folder)]
    for path in read:
        mounts += _shown(path)
    return [
        program,
        *(*APART, *(AS_USER if os.geteuid() else AS_ROOT), "--new-session"),
        *mounts,
        *("--proc", "/proc", "--dev-bind", str(NULL), str(NULL), "--remount-ro", "/"),
        *("--chdir", "/"),
    ]


def _python() -> Iterator[str]:
    """Return where Python and the libraries that it is linked to may stand."""
    yield from SYSTEM
    yield "/etc/ld.so.cache"
    yield os.path.realpath(sys.executable)
    yield from (f"{prefix}/lib" for prefix in (sys.base_prefix, sys.base_exec_prefix))
    yield str(Path(os.__file__).parent)
    told = os.environ.get("LD_LIBRARY_PATH", "")
    yield from (path for path in told.split(os.pathsep) if path)


def _shown(path: Path) -> list[str]:
    if path.is_symlink():
        return ["--symlink", str(path.readlink()), str(path)]
    return ["--ro-bind-try", str(path), str(path)]


def _packages(shown: Sequence[Path]) -> set[Path]:
    """Return the folders below what is shown where packages are installed, the course's maybe."""
    folders = [path for path in shown if not path.is_symlink()]
    patterns = [f"{above}{kind}" for above in ("", "python3*/") for kind in PACKAGES]
    found = (path for folder in folders for pattern in patterns for path in folder.glob(pattern))
    return {path for path in found if path.is_dir()}


def remedy(said: str, settings: Path = Path("/proc/sys")) -> str:
    """Return what was said when bubblewrap failed, with what to do about it where that is known."""
    if f"{PROGRAM}:" not in said:
        return said
    for name, value, reason, command in SETTINGS:
        setting = settings / name
        if setting.exists() and setting.read_text(encoding="ascii").strip() == value:
            return f"{reason}; run: {command} ({said})"
    return said
