"""What a class handed in, student by student, from a folder or a zip: read in memory, never unpacked.

A student's files may stand in a folder of their own, in nbgrader's `submitted/STUDENT/ASSIGNMENT/`, or
under the names that Moodle and Canvas give them, in a folder or in a zip.
"""

import contextlib
import functools
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
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from grader.classroom.errors import ClassroomError
from grader.student.limits import MIB
from grader.student.submission import KINDS, SIZE_LIMIT

FILES_LIMIT = 64  # Python files and notebooks of one student
ENTRIES_LIMIT = 1_000  # files of any kind and folders, of one student
TOTAL_LIMIT = 16 * MIB
ZIP_LIMIT = 64 * MIB  # a zip that one student handed in
# The list at the end of a zip: every byte of it takes a dozen in memory.
LISTING_LIMIT = 8 * MIB
TIMESTAMP = "timestamp.txt"  # where nbgrader notes when it collected an assignment
TIMESTAMP_LIMIT = 200
# A zip without dates says 1980, and a damaged one any year up to 2107.
EARLIEST = datetime(1981, 1, 1, tzinfo=UTC).timestamp()
LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()
NAME_LIMIT = 200  # characters of a name
PACKAGE = "__init__.py"
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
JUNK = re.compile(r"^(?:\..*|__MACOSX|__pycache__|Thumbs\.db|desktop\.ini)$")
# The first number that fits: what follows is in the student's own hands.
MOODLE = re.compile(r"^(?P<who>.+?_(?P<id>\d+))_assignsubmission_file_?(?P<rest>.*)$", re.DOTALL)
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
        When it was handed in, in seconds since 1970: what nbgrader noted, or else the date of the
        youngest file that is judged; None where there is neither.
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
    read: Callable[[int], bytes]  # if it is no larger than so many bytes
    when: float | None = None
    refusal: str = ""
    own: bool = False  # whether its folders were named by the student


Place = Callable[[], Iterator[_Entry]]


@dataclass
class _Student:
    """Where a student's files are to be found."""

    lms: str = ""
    late: bool = False
    places: list[Place] = field(default_factory=list)


class _Named(NamedTuple):
    """What the name that a learning platform gave a file, or a folder, says.

    Parameters
    ----------
    who
        The student.
    lms
        The student's number there.
    file
        What the student called the file; empty for a folder.
    before
        That name without the number that Canvas adds to a file that is handed in once more.
    late
        Whether Canvas marked it as late.
    """

    who: str
    lms: str
    file: str
    before: str
    late: bool = False


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

    A zip in the folder is the class's only where it is the one thing there and everything in it bears
    a name that Moodle or Canvas gave. Any other is one student's, whatever its files are called: nobody
    hands in for somebody else.

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
                self._take_folder(inner if not inner.is_symlink() and inner.is_dir() else place)
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
        except Exception as error:  # noqa: BLE001 - the others are to be judged
            return HandedIn(student, {}, {}, _reason(error), known.lms, known.late)
        return HandedIn(student, files, refused, "", known.lms, known.late, when)

    def _files(self, student: _Student) -> tuple[dict[str, bytes], dict[str, str], float | None]:
        files: dict[str, bytes] = {}
        refused: dict[str, str] = {}
        paths: set[tuple[str, ...]] = set()
        dates: dict[str, float | None] = {}
        noted: list[float] = []
        for count, entry in enumerate(e for place in student.places for e in place()):
            if count >= ENTRIES_LIMIT:
                raise _too_many()
            if any(_junk(part) for part in entry.path):
                continue
            name = _shown(entry.path[-1] if entry.path else "")
            if entry.path in paths:
                raise _unclear(name)
            paths.add(entry.path)
            if not entry.own and self._is_elsewhere(entry.path):
                continue
            # In what is not nbgrader's it would be the student's own word.
            if entry.path[1:] == (TIMESTAMP,) and not student.lms and not entry.own:
                noted += _told_time(entry)
            if problem := entry.refusal or _wrong_name(entry.path):
                refused[name] = problem
            elif name.lower().endswith(KINDS):
                _read_into(files, refused, entry, name)
                dates[name] = entry.when
        _prefer_python(files, refused)
        judged = [when for name in files if (when := dates[name])]
        return files, refused, max(noted or judged, default=None)

    def _is_elsewhere(self, path: tuple[str, ...]) -> bool:
        """Tell whether a file is of another assignment."""
        return bool(self._assignment) and len(path) > 1 and path[0] != self._assignment

    def _student(self, name: str, lms: str = "", *, late: bool = False) -> _Student:
        student = self._students.setdefault(_clean(name), _Student())
        student.lms = student.lms or lms
        student.late |= late
        return student

    def _owner(self, named: _Named) -> _Student:
        return self._student(named.who, named.lms, late=named.late)

    @contextlib.contextmanager
    def _apart(self, name: str) -> Iterator[None]:
        """Refuse what bears a name where it cannot be taken; the others are to be judged."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - likewise
            self._student(_name_of(name)).places.append(_refusing(_reason(error)))

    def _take_folder(self, folder: Path) -> None:
        with os.scandir(folder) as listing:
            found = sorted(listing, key=lambda each: each.name)
        found = [each for each in found if not _unasked(each.name)]
        named = _named(each.name for each in found)
        for each in found:
            with self._apart(each.name):
                self._take_entry(each, named.get(each.name), alone=len(found) == 1)

    def _take_entry(self, each: os.DirEntry[str], named: _Named | None, *, alone: bool) -> None:
        path = Path(each.path)
        is_folder = each.is_dir(follow_symlinks=False)
        is_zip = not is_folder and each.name.lower().endswith(".zip")
        if is_zip and alone and not named and (archive := _opened_for_class(path)):
            self._take_zip(archive, path.name)
            return
        if each.is_symlink():  # whatever it leads to: even to ask could fail
            place = _refusing(f"{_shown(each.name)} is a link; hand in what it leads to.")
        elif is_folder:
            place = _folder_place(path)
        elif is_zip:
            place = _zip_place(path)
        elif named:
            place = _file_place(path, named.file)
        else:
            self.strays.append(_clean(each.name))
            return
        student = self._owner(named) if named else self._student(path.stem if is_zip else each.name)
        student.places.append(place)

    def _take_zip(self, archive: zipfile.ZipFile, name: str) -> None:
        self._open.append(archive)
        members = [(i, parts) for i, parts in _members(archive) if not _unasked(parts[0])]
        wrapped = _is_wrapped([parts for _, parts in members], self._assignment)
        members = [(info, parts[wrapped:]) for info, parts in members if parts[wrapped:]]
        named = _named(parts[0] for _, parts in members)
        for info, parts in members:
            if _unasked(parts[0]):
                continue
            with self._apart(parts[0]):
                rest = parts[1:]
                if known := named.get(parts[0]):
                    student = self._owner(known)
                    rest = (known.file, *rest) if known.file else rest
                elif rest:
                    student = self._student(_name_of(parts[0]))
                    rest = rest if parts[0] not in {".", ".."} else parts
                else:
                    self.strays.append(f"{_clean(parts[0])} in {_clean(name)}")
                if rest:
                    student.places.append(_member_place(archive, info, rest))


def _reason(error: Exception) -> str:
    """Return why something is refused; of an error that nobody foresaw, its kind."""
    if isinstance(error, RefusedError):
        return str(error)
    return (
        f"It could not be read, and the grader does not know why: {_shown(repr(error))}. "
        "Somebody has to look at it."
    )


def _named(names: Iterable[str]) -> dict[str, _Named]:
    """Return what names say, as far as they are a learning platform's.

    The number that Canvas adds is left off where no other file of the student's would bear that name.
    """
    found: dict[str, _Named] = {}
    for name in names:
        if match := CANVAS.match(name):
            file = match["rest"]
            before = CANVAS_AGAIN.sub("", file)
            who = f"{match['name']}_{match['id']}"
            found[name] = _Named(who, match["id"], file, before, bool(match["late"]))
        elif match := MOODLE.match(name):
            found[name] = _Named(match["who"], match["id"], match["rest"], match["rest"])
    claims = Counter((each.who, each.before) for each in found.values())
    return {
        name: each._replace(file=each.before) if claims[each.who, each.before] == 1 else each
        for name, each in found.items()
    }


def _is_wrapped(paths: Sequence[tuple[str, ...]], assignment: str) -> bool:
    """Tell whether the one folder around everything is the class's: nbgrader's, or what was zipped.

    It is where what stands in it bears platforms' names, or is several folders and nothing else. A
    folder with but one in it may as well be the only student's.
    """
    asked = [path for path in paths if not any(_unasked(part) for part in path)]
    outer = {path[0] for path in asked}
    inner = {path[1] for path in asked if len(path) > 1}
    if outer == {"submitted"}:
        return True
    if len(outer) != 1 or _named(outer) or not inner or inner & {".", "..", assignment}:
        return False
    if len(_named(inner)) == len(inner):
        return all(len(path) > 1 for path in asked)
    return len(inner) > 1 and all(len(path) > 2 for path in asked)


def _unasked(part: str) -> bool:
    """Tell whether a name is no file's that is asked for: a system's, or a text typed into Moodle."""
    return _junk(part) or bool(MOODLE_TEXT.match(part))


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


def _too_large(name: str) -> RefusedError:
    return RefusedError(f"{name} is larger than {SIZE_LIMIT // MIB} MiB.")


def _too_many() -> RefusedError:
    return RefusedError(f"More than {ENTRIES_LIMIT} files and folders were handed in.")


def _unclear(name: str) -> RefusedError:
    return RefusedError(f"Two files are called {name}: it is unclear which one counts.")


def _read_into(files: dict[str, bytes], refused: dict[str, str], entry: _Entry, name: str) -> None:
    """Read a file, or say why it was not read; too much altogether is refused."""
    if name in files or name in refused:
        if name != PACKAGE:
            raise _unclear(name)
        refused[name] = f"Several files are called {name}: none of them is judged."
        files.pop(name, None)
        return
    if len(files) >= FILES_LIMIT:
        raise RefusedError(f"More than {FILES_LIMIT} Python files were handed in.")
    try:
        files[name] = entry.read(SIZE_LIMIT)
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
    last = path[-1] if path else ""
    name = _shown(last)
    if not path or any(part in {"", ".", ".."} for part in path):
        return f"{name or 'A file'} has a name that leads out of the folder."
    if any(not c.isprintable() for part in path for c in _clean(part)):
        return f"{name} has characters in its name that cannot be printed."
    if len(_clean(last)) > NAME_LIMIT:
        return f"{name} has a name of more than {NAME_LIMIT} characters."
    if name.lower().endswith(ARCHIVES):
        return f"{name} is an archive within the submission; hand in the files themselves."
    return ""


def _told_time(entry: _Entry) -> list[float]:
    """Return the time that nbgrader noted, if it is one in UTC."""
    with contextlib.suppress(RefusedError, ValueError, OverflowError):
        text = entry.read(TIMESTAMP_LIMIT).decode("ascii", "replace").strip()
        zone = "+00:00" if text.endswith("UTC") else ""
        when = datetime.fromisoformat(text.removesuffix("UTC").strip() + zone)
        told = _believed(when.timestamp()) if when.tzinfo else None
        return [told] if told else []
    return []


def _believed(when: float | None) -> float | None:
    """Return a time if it can be one at which something was handed in."""
    return when if when is not None and EARLIEST <= when < LATEST else None


def _refusing(reason: str) -> Place:
    def place() -> Iterator[_Entry]:
        raise RefusedError(reason)

    return place


def _file_place(path: Path, name: str) -> Place:
    return lambda: iter([_file_entry(path, (name,))])


def _folder_place(folder: Path) -> Place:
    return lambda: _walk(folder)


def _walk(home: Path) -> Iterator[_Entry]:
    """Return the files of a folder and of those in it; empty folders count as well."""
    count = 0
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        above = waiting.pop()
        try:
            with os.scandir(home.joinpath(*above)) as listing:
                some = itertools.islice(listing, ENTRIES_LIMIT + 1 - count)
                found = sorted(some, key=lambda each: each.name)
        except OSError as error:
            raise RefusedError(f"The folder cannot be read: {error.strerror}.") from error
        count += len(found)
        if count > ENTRIES_LIMIT:
            raise _too_many()
        for each in found:
            parts = (*above, each.name)
            if not each.is_dir(follow_symlinks=False):
                yield _file_entry(Path(each.path), parts)
            elif not _junk(each.name):
                waiting.append(parts)


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
    read = functools.partial(_file_bytes, path, name)
    return _Entry(parts, read, _believed(known.st_mtime), problem)


def _nothing(_: int) -> bytes:
    return b""


def _file_bytes(path: Path, name: str, limit: int) -> bytes:
    # The file may have become another one since it was listed: a link, a pipe that never answers.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with os.fdopen(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise RefusedError(f"{name} is no regular file.")
            return _bounded(file.read(limit + 1), name, limit)
    except OSError as error:
        raise RefusedError(f"{name} cannot be read: {error.strerror}.") from error


def _bounded(data: bytes, name: str, limit: int) -> bytes:
    if len(data) > limit:
        raise _too_large(name)
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


def _members(archive: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, tuple[str, ...]]]:
    """Return the files in a zip, each with the parts of its name."""
    # `is_dir` fails on an empty name before Python 3.12.
    files = [info for info in archive.infolist() if not info.filename.endswith("/")]
    return [(info, parts) for info in files if (parts := _parts(info))]


def _people(archive: zipfile.ZipFile) -> set[str]:
    """Return whose files a platform put into a zip; nobody's if anything there has another name."""
    heads = {parts[0] for _, parts in _members(archive) if not _unasked(parts[0])}
    named = _named(heads)
    return {each.who for each in named.values()} if len(named) == len(heads) else set()


def _opened_for_class(path: Path) -> zipfile.ZipFile | None:
    """Open a zip if it is a platform's, of a class; what is wrong with it is told to its student."""
    with contextlib.suppress(RefusedError):
        archive = _opened(path)
        if _people(archive):
            return archive
        archive.close()
    return None


def _zip_place(path: Path) -> Place:
    """Return the files of a zip that one student handed in."""

    def place() -> Iterator[_Entry]:
        name = _shown(path.name)
        with _opened(path) as archive:
            if path.stat().st_size > ZIP_LIMIT:
                raise RefusedError(f"{name} is larger than {ZIP_LIMIT // MIB} MiB.")
            if len(archive.infolist()) > ENTRIES_LIMIT:
                raise RefusedError(f"{name} holds more than {ENTRIES_LIMIT} files and folders.")
            if len(_people(archive)) > 1:
                raise RefusedError(
                    f"{name} holds files of several people, as Moodle or Canvas name them. If it is "
                    "the class's, grade that zip by itself."
                )
            for info, parts in _members(archive):
                yield replace(_member_entry(archive, info, parts), own=True)

    return place


def _member_place(archive: zipfile.ZipFile, info: zipfile.ZipInfo, parts: tuple[str, ...]) -> Place:
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
        problem = str(_too_large(name))
    when = None
    with contextlib.suppress(ValueError, OverflowError, OSError):
        when = _believed(datetime(*info.date_time).astimezone().timestamp())

    def read(limit: int) -> bytes:
        if problem:  # not even for a date: some ways of packing are unpacked without bound
            raise RefusedError(problem)
        try:
            with archive.open(info) as file:
                return _bounded(file.read(limit + 1), name, limit)
        except UNPACKING as error:
            raise RefusedError(f"{name} cannot be unpacked: {error}.") from error

    return _Entry(parts, read, when, problem)


def iso(when: float | None) -> str:
    """Return a time as text, in UTC."""
    when = _believed(when)
    if when is None:
        return ""
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
