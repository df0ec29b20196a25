"""Wheels made from what is installed, a checkout too, so that the same kit can be had elsewhere.

The same files give the same bytes. The format is that of
https://packaging.python.org/en/latest/specifications/binary-distribution-format/.

A student's kit is all of it but the model answers and the demo, which holds some. What remains still
computes what is true, and its declarations describe mistakes as edits of the answers: who can read the
files on a server can learn from them. It is a fence, not a wall.
"""

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from grader.catalogue import Rooms
from grader.classroom.errors import ClassroomError
from grader.classroom.grades import replace_bytes
from grader.version import __version__

DISTRIBUTION = "learnkit-nn"
STUDENT = f"{__version__}+student"
GRADER = Path(__file__).resolve().parents[1]
ROOMS = "_rooms"  # where exercises, answers and lessons stand in an installed kit
VERSION, DEMO = "grader/version.py", "grader/demo/losses.py"
COMPILED = frozenset([".pyc", ".nbi", ".nbc"])
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # a zip's first day
UNIX = 3  # the system that a zip says it was made on: there modes are kept
KIND = "Wheel-Version: 1.0\nGenerator: learnkit\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def wheel(*, answers: bool = True) -> tuple[str, bytes]:
    """Return a wheel's name and its content.

    Parameters
    ----------
    answers
        Whether the model answers are in it.

    Raises
    ------
    ClassroomError
        If this is a student's kit itself, or what is installed does not describe itself.
    """
    rooms = Rooms.own()
    if not rooms.solutions.is_dir():
        raise ClassroomError(
            "this is a student's kit already: install the full one to make a wheel"
        )
    version = __version__ if answers else STUDENT
    stem = f"{DISTRIBUTION.replace('-', '_')}-{version}"
    files = {**dict(_code()), **dict(_rooms(rooms, answers=answers))}
    if not answers:
        del files[DEMO]
        files[VERSION] = files[VERSION].replace(__version__.encode(), STUDENT.encode())
    info = f"{stem}.dist-info"
    files |= {f"{info}/{name}": data for name, data in _about(version)}
    lines = [f"{name},sha256={_hash(data)},{len(data)}" for name, data in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,", ""]).encode()
    return f"{stem}-py3-none-any.whl", zipped(files)


def write(folder: Path, *, answers: bool = True) -> Path:
    """Write the wheel into a folder; return where it is.

    Raises
    ------
    ClassroomError
        As `wheel`, or if it cannot be written.
    """
    name, data = wheel(answers=answers)
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_bytes(path, [data])
    except OSError as error:
        where = error.filename or path
        raise ClassroomError(f"{where} cannot be written: {error.strerror}") from error
    return path


def zipped(files: Mapping[str, bytes], programs: frozenset[str] = frozenset()) -> bytes:
    """Return a zip in which nothing depends on when or where it was made.

    Parameters
    ----------
    files
        What stands in it, by name.
    programs
        The names of those that can be executed.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, LONG_AGO)
            info.create_system = UNIX
            info.external_attr = (0o100755 if name in programs else 0o100644) << 16
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def files_below(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield what stands below a folder, without what Python and tools leave there."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        left_there = any(part == "__pycache__" or part.startswith(".") for part in parts)
        if path.is_file() and not left_there and path.suffix not in COMPILED:
            yield "/".join(parts), path.read_bytes()


def _code() -> Iterator[tuple[str, bytes]]:
    for package in (GRADER, GRADER.parent / "numerics"):
        for name, data in files_below(package):
            if not name.startswith(f"{ROOMS}/"):
                yield f"{package.name}/{name}", data


def _rooms(rooms: Rooms, *, answers: bool) -> Iterator[tuple[str, bytes]]:
    wanted = {"exercises": rooms.exercises, "docs/topics": rooms.lessons}
    if answers:
        wanted["solutions"] = rooms.solutions
    for room, folder in wanted.items():
        for name, data in files_below(folder):
            yield f"grader/{ROOMS}/{room}/{name}", data


def _about(version: str) -> Iterator[tuple[str, bytes]]:
    """Yield what says which project this is, as the installed one says it."""
    try:
        installed = distribution(DISTRIBUTION)
    except PackageNotFoundError:
        raise ClassroomError(
            f"{DISTRIBUTION} is not installed here; install it: pip install ."
        ) from None
    if installed.version != __version__:
        raise ClassroomError(
            f"{DISTRIBUTION} is installed as {installed.version}, its files are {__version__}; "
            "install it again"
        )
    told = installed.read_text("METADATA") or ""
    told = told.replace(f"\nVersion: {__version__}\n", f"\nVersion: {version}\n", 1)
    yield "METADATA", told.encode()
    yield "WHEEL", KIND.encode()
    for name in ("entry_points.txt", "licenses/LICENSE"):
        if text := installed.read_text(name):
            yield name, text.encode()


def _hash(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
