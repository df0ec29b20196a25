"""The kit as a wheel for students: all of it but the model answers and the demo, which holds some.

What remains still computes what is true, and its declarations describe mistakes as edits of the
answers: who can read the files on a server can learn from them. It is a fence, not a wall.
"""

import base64
import hashlib
import importlib.util
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from grader.catalogue import Rooms
from grader.classroom.errors import ClassroomError
from grader.version import __version__

PROJECT = "learnkit-nn"
PACKAGES = ("grader", "numerics")
LEFT_OUT = frozenset(["_rooms", "__pycache__"])
COMPILED = frozenset([".pyc", ".nbi", ".nbc"])
ANSWERS = "grader/demo/losses.py"
VERSION = "grader/version.py"
STUDENT = f"{__version__}+student"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # a zip's first day: the same kit gives the same bytes
MODE = 0o644 << 16


def write(folder: Path) -> Path:
    """Write the wheel into a folder; return where it is.

    Raises
    ------
    ClassroomError
        If this is a student's kit itself, or the wheel cannot be written.
    """
    rooms = Rooms.own()
    if not rooms.solutions.is_dir():
        raise ClassroomError(
            "this is a student's kit already: install the full one to make a wheel"
        )
    try:
        installed = distribution(PROJECT)
    except PackageNotFoundError:
        raise ClassroomError(
            f"{PROJECT} is not installed here; install it: pip install ."
        ) from None
    name = f"{PROJECT.replace('-', '_')}-{STUDENT}"
    path = folder / f"{name}-py3-none-any.whl"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _zip(path, f"{name}.dist-info", [*_code(), *_rooms(rooms)], installed)
    except OSError as error:
        where = error.filename or path
        raise ClassroomError(f"{where} cannot be written: {error.strerror}") from error
    return path


def _zip(path: Path, about: str, files: list[tuple[str, bytes]], installed: Distribution) -> None:
    members = [*files, *_about(about, installed)]
    record = "".join(f"{name},{_hash(data)},{len(data)}\n" for name, data in members)
    record += f"{about}/RECORD,,\n"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, data in [*members, (f"{about}/RECORD", record.encode())]:
            info = zipfile.ZipInfo(name, LONG_AGO)
            info.external_attr = MODE
            wheel.writestr(info, data, zipfile.ZIP_DEFLATED)


def _code() -> Iterator[tuple[str, bytes]]:
    """Yield the files of the packages."""
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        assert spec
        assert spec.origin
        root = Path(spec.origin).parent
        for path in sorted(root.rglob("*")):
            name = path.relative_to(root.parent).as_posix()
            wanted = LEFT_OUT.isdisjoint(name.split("/")) and path.suffix not in COMPILED
            if path.is_file() and wanted and name != ANSWERS:
                data = path.read_bytes()
                if name == VERSION:
                    data = data.replace(__version__.encode(), STUDENT.encode())
                yield name, data


def _rooms(rooms: Rooms) -> Iterator[tuple[str, bytes]]:
    """Yield the stubs and the lessons."""
    for room, folder, kind in (
        ("exercises", rooms.exercises, "*.py"),
        ("docs/topics", rooms.lessons, "*.md"),
    ):
        for path in sorted(folder.glob(kind)):
            yield f"grader/_rooms/{room}/{path.name}", path.read_bytes()


def _about(about: str, installed: Distribution) -> Iterator[tuple[str, bytes]]:
    """Yield what says which project this is, as the installed one says it."""
    told = installed.read_text("METADATA") or ""
    version = f"\nVersion: {installed.version}\n"
    yield f"{about}/METADATA", told.replace(version, f"\nVersion: {STUDENT}\n", 1).encode()
    tags = "Wheel-Version: 1.0\nGenerator: learnkit\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    yield f"{about}/WHEEL", tags.encode()
    yield f"{about}/entry_points.txt", (installed.read_text("entry_points.txt") or "").encode()
    for file in sorted(installed.files or []):
        if "licenses" in file.parts and file.parts[0].endswith(".dist-info"):
            yield f"{about}/licenses/{file.name}", file.read_binary()


def _hash(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"
