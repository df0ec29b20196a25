"""A wheel made from what is installed, so that the same kit can be installed elsewhere.

It holds the files as they stand, in a checkout as well; the same files give the same bytes. The format
is that of https://packaging.python.org/en/latest/specifications/binary-distribution-format/.
"""

import base64
import hashlib
import importlib.metadata
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from grader.catalogue import Rooms
from grader.classroom.exports.table import ExportError
from grader.version import __version__

DISTRIBUTION = "learnkit-nn"
GRADER = Path(__file__).resolve().parents[3]
LONG_AGO = (1980, 1, 1, 0, 0, 0)
KIND = "Wheel-Version: 1.0\nGenerator: learnkit\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
DESCRIBED = ("METADATA", "entry_points.txt", "licenses/LICENSE")


def wheel() -> tuple[str, bytes]:
    """Return the wheel's name and its content.

    Raises
    ------
    ExportError
        If what is installed does not describe itself.
    """
    try:
        installed = importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError as error:
        raise ExportError(f"{DISTRIBUTION} is not installed; run: pip install -e .") from error
    if installed.version != __version__:
        raise ExportError(
            f"{DISTRIBUTION} is installed as {installed.version}, its files are {__version__}; "
            "install it again"
        )
    stem = f"{DISTRIBUTION.replace('-', '_')}-{__version__}"
    info = f"{stem}.dist-info"
    files = dict(_files())
    files[f"{info}/WHEEL"] = KIND.encode()
    for name in DESCRIBED:
        text = installed.read_text(name)
        if text:
            files[f"{info}/{name}"] = text.encode()
    lines = [f"{name},sha256={_hash(data)},{len(data)}" for name, data in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,", ""]).encode()
    return f"{stem}-py3-none-any.whl", zipped(files)


def zipped(files: dict[str, bytes], programs: frozenset[str] = frozenset()) -> bytes:
    """Return a zip in which nothing depends on when or where it was made.

    Parameters
    ----------
    files
        What stands in it, by name.
    programs
        The names of those that can be executed.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, LONG_AGO)
            info.create_system = 3  # Unix, where modes are
            info.external_attr = (0o100755 if name in programs else 0o100644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return buffer.getvalue()


def files_below(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield what stands below a folder, without what Python and tools leave there."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(p == "__pycache__" or p.startswith(".") for p in parts):
            yield "/".join(parts), path.read_bytes()


def _files() -> Iterator[tuple[str, bytes]]:
    for package in (GRADER, GRADER.parent / "numerics"):
        for name, data in files_below(package):
            yield f"{package.name}/{name}", data
    if not (GRADER / "_rooms").is_dir():  # in a checkout they stand beside the packages
        rooms = Rooms.own()
        for room in (rooms.exercises, rooms.solutions, rooms.lessons):
            below = room.relative_to(GRADER.parent).as_posix()
            for name, data in files_below(room):
                yield f"grader/_rooms/{below}/{name}", data


def _hash(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
