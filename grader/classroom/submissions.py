"""What a class handed in, student by student, from a folder or a zip: read in memory, never unpacked.

A student's files may stand in a folder of their own, in nbgrader's `submitted/STUDENT/ASSIGNMENT/`, or
under the names that Moodle and Canvas give them, in a folder or in a zip.
"""

import contextlib
import hashlib
import itertools
import os
import re
import stat
import struct
import sys
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from grader.classroom.errors import ClassroomError
from grader.student.limits import MIB
from grader.student.submission import KINDS, SIZE_LIMIT

FILES_LIMIT = 64  # Python files and notebooks of one student
ENTRIES_LIMIT = 1_000  # files of any kind, of one student
TOTAL_LIMIT = 16 * MIB
ZIP_LIMIT = 64 * MIB  # a zip that one student handed in
# The list at the end of a zip: every byte of it takes a dozen in memory.
LISTING_LIMIT = 8 * MIB
NAME_LIMIT = 200  # characters of a name that are shown
DEPTH_LIMIT = 4
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
JUNK = re.compile(r"^(?:\..*|__MACOSX|__pycache__|Thumbs\.db|desktop\.ini)$")
MOODLE = re.compile(r"^(?P<who>.+_(?P<id>\d+))_assignsubmission_file_?(?P<rest>.*)$", re.DOTALL)
MOODLE_TEXT = re.compile(r"^.+_\d+_assignsubmission_onlinetext_?.*$", re.DOTALL)
CANVAS = re.compile(
    r"^(?P<name>[^_]+)(?P<late>_LATE)?_(?P<id>\d+)_(?P<file>\d+)_(?P<rest>.+)$", re.DOTALL
)
CANVAS_AGAIN = re.compile(r"-\d+(?=\.[A-Za-z]+$)")  # a file that was handed in once more
# A module of this name would stand in for one that the grader, or NumPy, needs.
SHADOWED = frozenset(["numpy", "grader", "numerics", "solutions", "exercises"])
SHADOWED |= sys.stdlib_module_names
UNPACKING = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    OverflowError,
)


class HandinError(ClassroomError):
    """The place cannot be read as a class's submissions; the message says why."""


class RefusedError(Exception):
    """A file, or all that a student handed in, that will not be read; the message says why."""


@dataclass(frozen=True)
class HandedIn:
    """All that one student handed in, in memory.

    Parameters
    ----------
    student
        Who, as the rest of the class knows them: the folder's name, or the name and number that
        Moodle or Canvas wrote.
    files
        The bytes of Python files and notebooks, by name.
    refused
        Why a file was left out, by name.
    refusal
        Why nothing of it is judged; empty if it is.
    lms
        The number in Moodle or Canvas, where there is one.
    late
        Whether Canvas marked it as late.
    when
        When it was handed in, in seconds since 1970, as far as the files tell.
    """

    student: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""
    lms: str = ""
    late: bool = False
    when: float | None = None

    @property
    def digest(self) -> str:
        """Return a hash of everything that the verdict depends on."""
        told = hashlib.sha256()
        for kind, parts in (
            (b"file", sorted((n, data) for n, data in self.files.items())),
            (b"refused", sorted((n, why.encode()) for n, why in self.refused.items())),
            (b"refusal", [("", self.refusal.encode())]),
        ):
            for name, data in parts:
                encoded = name.encode()
                told.update(kind + struct.pack(">QQ", len(encoded), len(data)) + encoded + data)
        return told.hexdigest()


@dataclass(frozen=True)
class _Entry:
    """A file in a student's name: where it stands below that name, and how to read it."""

    path: tuple[str, ...]
    read: Callable[[], bytes]
    when: float | None = None
    refusal: str = ""


@dataclass
class _Student:
    """Where a student's files are to be found."""

    lms: str = ""
    late: bool = False
    places: list[Callable[[], Iterator[_Entry]]] = field(default_factory=list)


class Handed(Protocol):
    """What a class handed in, whatever form it has."""

    strays: list[str]

    @property
    def students(self) -> list[str]:
        """Return who handed in, in order."""

    def of(self, student: str) -> HandedIn:
        """Read what one student handed in; what is wrong with it is told in the result."""

    def close(self) -> None:
        """Close what was opened."""


class Handins:
    """Everything that a class handed in; a student's files are read when asked for.

    Parameters
    ----------
    place
        A folder, or a zip as Moodle and Canvas hand it out.
    assignment
        Of nbgrader's `STUDENT/ASSIGNMENT/`, the one that is meant; empty where there is but one.

    Raises
    ------
    HandinError
        If the place is neither, or holds no submissions.
    """

    def __init__(self, place: Path, assignment: str = "") -> None:
        self.place = place
        self.strays: list[str] = []
        self._assignment = assignment
        self._students: dict[str, _Student] = {}
        self._open: list[zipfile.ZipFile] = []
        try:
            if place.is_dir():
                inner = place / "submitted"
                self._take_folder(inner if inner.is_dir() and not inner.is_symlink() else place)
            elif place.is_file():
                self._take_zip(_opened(place, linked=True), place.name)
            else:
                raise HandinError(f"there is no folder or zip {place}")
        except RefusedError as error:
            raise HandinError(str(error)) from error
        except OSError as error:
            raise HandinError(f"{place} cannot be read: {error.strerror}") from error
        if not self._students:
            raise HandinError(
                f"{place} holds no submissions: neither STUDENT/TOPIC.py nor files named as Moodle "
                "or Canvas name them"
            )

    @property
    def students(self) -> list[str]:
        """Return who handed in, in order."""
        return sorted(self._students)

    def close(self) -> None:
        """Close the zips."""
        for archive in self._open:
            archive.close()

    def of(self, student: str) -> HandedIn:
        """Read what one student handed in; what is wrong with it is told in the result."""
        known = self._students[student]
        try:
            files, refused, when = self._files(known)
        except RefusedError as error:
            return HandedIn(student, {}, {}, str(error), known.lms, known.late)
        return HandedIn(student, files, refused, "", known.lms, known.late, when)

    def _files(self, student: _Student) -> tuple[dict[str, bytes], dict[str, str], float | None]:
        files: dict[str, bytes] = {}
        refused: dict[str, str] = {}
        paths: set[tuple[str, ...]] = set()
        times: list[float] = []
        for count, entry in enumerate(e for place in student.places for e in place()):
            if count >= ENTRIES_LIMIT:
                raise RefusedError(f"More than {ENTRIES_LIMIT} files were handed in.")
            if any(_junk(part) for part in entry.path):
                continue
            name = _shown(entry.path[-1] if entry.path else "")
            if entry.path in paths:
                raise _unclear(name)
            paths.add(entry.path)
            times += [entry.when] if entry.when else []
            if name == "timestamp.txt":
                times += _told_time(entry)
            if problem := entry.refusal or _wrong_name(entry.path):
                refused[name] = problem
            elif self._is_asked(entry.path, name):
                if name in files or name in refused:
                    raise _unclear(name)
                _read_into(files, refused, entry, name)
        _prefer_python(files, refused)
        return files, refused, max(times, default=None)

    def _is_asked(self, path: tuple[str, ...], name: str) -> bool:
        """Tell whether a file is Python, and of this assignment."""
        elsewhere = self._assignment and len(path) > 1 and path[0] != self._assignment
        return name.lower().endswith(KINDS) and not elsewhere

    def _student(self, name: str, lms: str = "", *, late: bool = False) -> _Student:
        student = self._students.setdefault(_clean(name), _Student())
        student.lms = student.lms or lms
        student.late |= late
        return student

    def _owner(self, head: str) -> tuple[_Student, str] | None:
        """Return whose file the first part of a path says it is, and the file's own name.

        None where the part follows no learning platform's pattern.
        """
        if match := MOODLE.match(head):
            return self._student(match["who"], match["id"]), match["rest"]
        if match := CANVAS.match(head):
            who = f"{match['name']}_{match['id']}"
            student = self._student(who, match["id"], late=bool(match["late"]))
            return student, CANVAS_AGAIN.sub("", match["rest"])
        return None

    def _take_folder(self, folder: Path) -> None:
        with os.scandir(folder) as listing:
            found = sorted(listing, key=lambda each: each.name)
        for each in found:
            if _junk(each.name) or MOODLE_TEXT.match(each.name):
                continue
            path = Path(each.path)
            is_folder = each.is_dir(follow_symlinks=False)
            if each.is_symlink() and path.is_dir():
                self._student(each.name).places.append(_refusing("The folder is a link."))
                continue
            owner = self._owner(each.name)
            if is_folder:
                student = owner[0] if owner else self._student(each.name)
                student.places.append(_folder_place(path))
            elif each.name.lower().endswith(".zip"):
                self._take_inner_zip(path, owner[0] if owner else None)
            elif owner:
                owner[0].places.append(_file_place(path, owner[1]))
            else:
                self.strays.append(_clean(each.name))

    def _take_inner_zip(self, path: Path, owner: _Student | None) -> None:
        """Take a zip that stands in the folder: a platform's for the class, or one student's."""
        try:
            archive = _opened(path)
        except RefusedError as error:
            student = owner or self._student(path.stem)
            student.places.append(_refusing(str(error)))
            return
        heads = {_parts(info)[0] for info in archive.infolist() if _parts(info)}
        if owner is None and any(MOODLE.match(head) or CANVAS.match(head) for head in heads):
            self._take_zip(archive, path.name)
            return
        members = archive.infolist()
        archive.close()
        too_large = path.stat().st_size > ZIP_LIMIT
        student = owner or self._student(path.stem)
        if too_large:
            reason = f"{_shown(path.name)} is larger than {ZIP_LIMIT // MIB} MiB."
            student.places.append(_refusing(reason))
        else:
            student.places.append(_own_zip(path, members))

    def _take_zip(self, archive: zipfile.ZipFile, name: str) -> None:
        self._open.append(archive)
        members = [i for i in archive.infolist() if not i.is_dir() and _parts(i)]
        # A folder that wraps everything is nobody's name: nbgrader's, or one of a whole course.
        wrapped = bool(members) and all(_parts(i)[0] == "submitted" for i in members)
        for info in members:
            parts = _parts(info)[wrapped:]
            if not parts or _junk(parts[0]) or MOODLE_TEXT.match(parts[0]):
                continue
            owner = self._owner(parts[0])
            rest = parts[1:]
            if owner:
                student, file = owner
                rest = (file, *rest) if file else rest
            elif rest:
                student = self._student(_name_of(parts[0]))
                rest = rest if parts[0] not in {".", ".."} else parts
            else:
                self.strays.append(f"{_clean(parts[0])} in {_clean(name)}")
                continue
            if rest:
                student.places.append(_member_place(archive, info, rest))


def _junk(part: str) -> bool:
    """Tell whether a file or a folder is one that systems leave behind."""
    return part not in {".", ".."} and bool(JUNK.match(part))


def _name_of(part: str) -> str:
    """Return a first part that can be a student's name: never one that leads elsewhere."""
    return part if part not in {"", ".", ".."} else "(no name)"


def _clean(name: str) -> str:
    """Return a name that any encoding and any database holds, the same from every system."""
    written = unicodedata.normalize("NFC", name)
    return written.encode("utf-8", "backslashreplace").decode()


def _shown(name: str) -> str:
    """Return a file's name for reading, without what could steer a terminal."""
    cleaned = _clean(name)
    if len(cleaned) > NAME_LIMIT:
        cleaned = f"{cleaned[:NAME_LIMIT]}..."
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in cleaned)


def _unclear(name: str) -> RefusedError:
    return RefusedError(f"Two files are called {name}: it is unclear which one counts.")


def _read_into(files: dict[str, bytes], refused: dict[str, str], entry: _Entry, name: str) -> None:
    """Read a file, or say why it was not read; too much altogether is refused."""
    if len(files) >= FILES_LIMIT:
        raise RefusedError(f"More than {FILES_LIMIT} Python files were handed in.")
    try:
        files[name] = entry.read()
    except RefusedError as error:
        refused[name] = str(error)
    if sum(len(data) for data in files.values()) > TOTAL_LIMIT:
        raise RefusedError(f"The files are larger than {TOTAL_LIMIT // MIB} MiB together.")


def _prefer_python(files: dict[str, bytes], refused: dict[str, str]) -> None:
    """Leave out names that would shadow a module, and a notebook beside a file of its name."""
    for name in list(files):
        stem, _, suffix = name.rpartition(".")
        if stem in SHADOWED:
            reason = f"{name} would stand in for Python's own module {stem}; rename it."
        elif suffix.lower() == "ipynb" and f"{stem}.py" in files:
            reason = f"{name} was left out: {stem}.py beside it is what counts."
        else:
            continue
        refused[name] = reason
        del files[name]


def _wrong_name(path: tuple[str, ...]) -> str:
    name = _shown(path[-1] if path else "")
    if not path or any(part in {"", ".", ".."} for part in path):
        return f"{name or 'A file'} has a name that leads out of the folder."
    if any(not c.isprintable() for part in path for c in _clean(part)):
        return f"{name} has characters in its name that cannot be printed."
    if name.lower().endswith(ARCHIVES):
        return f"{name} is an archive within the submission; hand in the files themselves."
    return ""


def _told_time(entry: _Entry) -> list[float]:
    """Return the time in nbgrader's timestamp.txt, if it is one in UTC."""
    with contextlib.suppress(RefusedError, ValueError):
        text = entry.read().decode("ascii", "replace").strip()
        zone = "+00:00" if text.endswith("UTC") else ""
        when = datetime.fromisoformat(text.removesuffix("UTC").strip() + zone)
        return [when.timestamp()] if when.tzinfo else []
    return []


def _refusing(reason: str) -> Callable[[], Iterator[_Entry]]:
    def place() -> Iterator[_Entry]:
        raise RefusedError(reason)

    return place


def _file_place(path: Path, name: str) -> Callable[[], Iterator[_Entry]]:
    return lambda: iter([_file_entry(path, (name,))])


def _folder_place(folder: Path) -> Callable[[], Iterator[_Entry]]:
    return lambda: _walk(folder, ())


def _walk(folder: Path, above: tuple[str, ...]) -> Iterator[_Entry]:
    try:
        with os.scandir(folder) as listing:
            some = itertools.islice(listing, ENTRIES_LIMIT + 1)
            found = sorted(some, key=lambda each: each.name)
    except OSError as error:
        raise RefusedError(f"The folder cannot be read: {error.strerror}.") from error
    if len(found) > ENTRIES_LIMIT:
        raise RefusedError(f"More than {ENTRIES_LIMIT} files were handed in.")
    for each in found:
        parts = (*above, each.name)
        if each.is_dir(follow_symlinks=False):
            if len(parts) < DEPTH_LIMIT and not _junk(each.name):
                yield from _walk(Path(each.path), parts)
        else:
            yield _file_entry(Path(each.path), parts)


def _file_entry(path: Path, parts: tuple[str, ...]) -> _Entry:
    name = _shown(parts[-1])
    try:
        known = path.lstat()
    except OSError as error:
        return _Entry(parts, _nothing, None, f"{name} cannot be read: {error.strerror}.")
    problem = ""
    if stat.S_ISLNK(known.st_mode):
        problem = f"{name} is a link; hand in the file itself."
    elif not stat.S_ISREG(known.st_mode):
        problem = f"{name} is no regular file."
    return _Entry(parts, lambda: _file_bytes(path, name), known.st_mtime, problem)


def _nothing() -> bytes:
    return b""


def _file_bytes(path: Path, name: str) -> bytes:
    # The file may have become another one since it was listed: a link, a pipe that never answers.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with os.fdopen(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise RefusedError(f"{name} is no regular file.")
            return _bounded(file.read(SIZE_LIMIT + 1), name)
    except OSError as error:
        raise RefusedError(f"{name} cannot be read: {error.strerror}.") from error


def _bounded(data: bytes, name: str) -> bytes:
    if len(data) > SIZE_LIMIT:
        raise RefusedError(f"{name} is larger than {SIZE_LIMIT // MIB} MiB.")
    return data


def _opened(path: Path, *, linked: bool = False) -> zipfile.ZipFile:
    if path.is_symlink() and not linked:
        raise RefusedError(f"{_shown(path.name)} is a link.")
    if not path.is_file():  # a pipe would be waited for
        raise RefusedError(f"{_shown(path.name)} is no regular file.")
    try:
        if not linked and _listing_size(path) > LISTING_LIMIT:
            raise RefusedError(f"{_shown(path.name)} holds too many files to be read.")
        return zipfile.ZipFile(path)
    except UNPACKING as error:
        raise RefusedError(f"{_shown(path.name)} is no zip that can be read: {error}.") from error


def _listing_size(path: Path) -> int:
    """Return how long a zip says that its list of files is: `zipfile` reads so much at once."""
    with path.open("rb") as file:
        # Its own search for the list: any other might be shown another one.
        found = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # noqa: SLF001
        return int(found[zipfile._ECD_SIZE]) if found else 0  # type: ignore[attr-defined]  # noqa: SLF001


def _parts(info: zipfile.ZipInfo) -> tuple[str, ...]:
    """Return the parts of a member's name; an absolute one, or a drive's, leads out: `..`."""
    name = info.orig_filename.replace("\\", "/")
    drive = re.match(r"^(?:[A-Za-z]:|/+)", name)
    parts = tuple(part for part in name[drive.end() if drive else 0 :].split("/") if part)
    return (*parts[:1], "..", *parts[1:]) if drive and parts else parts


def _own_zip(path: Path, members: Iterable[zipfile.ZipInfo]) -> Callable[[], Iterator[_Entry]]:
    """Return the files of a zip that one student handed in; one folder around all is left off."""
    files = [(info, _parts(info)) for info in members if not info.is_dir() and _parts(info)]

    if len(files) > ENTRIES_LIMIT:  # not kept until it is that student's turn
        return _refusing(f"{_shown(path.name)} holds more than {ENTRIES_LIMIT} files.")

    def place() -> Iterator[_Entry]:
        with _opened(path) as archive:
            for info, parts in files:
                yield _member_entry(archive, info, parts)

    return place


def _member_place(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, parts: tuple[str, ...]
) -> Callable[[], Iterator[_Entry]]:
    return lambda: iter([_member_entry(archive, info, parts)])


def _member_entry(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, parts: tuple[str, ...]
) -> _Entry:
    name = _shown(parts[-1])
    problem = ""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in {0, stat.S_IFREG}:
        problem = f"{name} is a link; hand in the file itself."
    elif info.flag_bits & 1:
        problem = f"{name} is encrypted."
    elif info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        problem = f"{name} is packed in a way that is not unpacked here."
    elif info.file_size > SIZE_LIMIT and name.lower().endswith(KINDS):
        problem = f"{name} is larger than {SIZE_LIMIT // MIB} MiB."
    when = None
    with contextlib.suppress(ValueError, OverflowError, OSError):
        when = datetime(*info.date_time).astimezone().timestamp()

    def read() -> bytes:
        try:
            with archive.open(info) as file:
                return _bounded(file.read(SIZE_LIMIT + 1), name)
        except UNPACKING as error:
            raise RefusedError(f"{name} cannot be unpacked: {error}.") from error

    return _Entry(parts, read, when, problem)


def iso(when: float | None) -> str:
    """Return a time as text, in UTC."""
    if when is None:
        return ""
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
