"""What one student hands in harms nobody else: no zip, name, link or date ends the batch."""

import bz2
import os
import stat
import zipfile
from datetime import UTC, datetime

import pytest
from classes import RIGHT, zipped

from grader.classroom import submissions
from grader.classroom.submissions import Handins, iso

ALICE = {"losses.py": RIGHT.encode()}
NOON = "2026-01-01 12:00:00 UTC"


@pytest.fixture
def of_all(handed_in):
    """Read what everybody handed in, beside Alice, who is read as ever."""
    handed_in(alice=RIGHT)

    def read():
        handins = Handins(handed_in())
        try:
            found = {student: handins.of(student) for student in handins.students}
        finally:
            handins.close()
        alice = found.pop("alice")
        assert (alice.files, alice.refusal) == (ALICE, "")
        return found

    return read


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "submissions"
    folder.mkdir(exist_ok=True)
    return folder


def member(name, **options):
    """Return a zip's member with a name that `zipfile` itself would not write."""
    info = zipfile.ZipInfo("x", (2026, 1, 1, 0, 0, 0))
    info.filename = name
    for option, value in options.items():
        setattr(info, option, value)
    return info


def class_of(tmp_path, *names, assignment=""):
    """Read a zip of the class; each file holds its own name."""
    path = tmp_path / "class.zip"
    path.write_bytes(zipped([(name, name) for name in names]))
    handins = Handins(path, assignment)
    try:
        return {student: handins.of(student) for student in handins.students}
    finally:
        handins.close()


# Times.


@pytest.mark.parametrize(
    "written", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "1970-01-01 00:00:00 UTC"]
)
def test_a_note_of_an_impossible_time_is_none(of_all, place, written):
    home = place / "eve" / "ps1"
    home.mkdir(parents=True)
    (home / "losses.py").write_text(RIGHT)
    os.utime(home / "losses.py", (1767225600, 1767225600))
    (home / "timestamp.txt").write_text(written)
    assert of_all()["eve"].when == 1767225600


def test_a_note_as_long_as_a_book_is_not_read(of_all, place):
    home = place / "eve" / "ps1"
    home.mkdir(parents=True)
    (home / "timestamp.txt").write_text(NOON + " " * 1_000)
    assert of_all()["eve"].when is None


@pytest.mark.parametrize("when", [0, 10**12])
def test_a_file_of_an_impossible_date_has_none(of_all, place, handed_in, when):
    handed_in(eve=RIGHT)
    os.utime(place / "eve" / "losses.py", (when, when))
    assert of_all()["eve"].when is None


@pytest.mark.parametrize("year", [1980, 2107])
def test_a_zip_without_dates_has_no_time(of_all, place, year):
    info = member("losses.py", date_time=(year, 1, 1, 0, 0, 0))
    (place / "eve.zip").write_bytes(zipped([(info, RIGHT)]))
    found = of_all()["eve"]
    assert (found.files, found.when) == (ALICE, None)


@pytest.mark.parametrize("when", [None, 1e12, -1e12, float("nan")])
def test_no_time_is_written_as_nothing(when):
    assert iso(when) == ""


# Zips.


def test_a_note_in_a_way_of_packing_without_bound_is_not_unpacked(of_all, place, monkeypatch):
    info = member("w/timestamp.txt", compress_type=zipfile.ZIP_BZIP2)
    with zipfile.ZipFile(place / "eve.zip", "w") as archive:
        archive.writestr("w/losses.py", RIGHT)
        archive.writestr(info, NOON, compress_type=zipfile.ZIP_BZIP2)
    unpacked = []
    monkeypatch.setattr(bz2, "BZ2Decompressor", lambda: unpacked.append(1))
    found = of_all()["eve"]
    assert (found.files, list(found.refused), unpacked) == (ALICE, ["timestamp.txt"], [])


def test_damaged_lzma_is_refused_as_any_other_damage(of_all, place):
    info = member("w/timestamp.txt", compress_type=zipfile.ZIP_LZMA)
    with zipfile.ZipFile(place / "eve.zip", "w") as archive:
        archive.writestr("w/losses.py", RIGHT)
        archive.writestr(info, NOON * 50, compress_type=zipfile.ZIP_LZMA)
    data = bytearray((place / "eve.zip").read_bytes())
    at = data.index(b"timestamp.txt") + len("timestamp.txt") + 9
    data[at : at + 5] = b"\xff" * 5
    (place / "eve.zip").write_bytes(data)
    found = of_all()["eve"]
    assert (found.files, list(found.refused)) == (ALICE, ["timestamp.txt"])


@pytest.mark.parametrize("name", ["", "\0losses.py"])
def test_a_member_without_a_name_ends_nothing(of_all, place, name):
    """`ZipInfo.is_dir` fails on it before Python 3.12."""
    data = zipped([("good.py", RIGHT), (member("?" * len(name)), "x")])
    (place / "eve.zip").write_bytes(data.replace(b"?" * len(name), name.encode()))
    assert list(of_all()["eve"].files) == ["good.py"]


def test_folders_count_as_well(of_all, place, monkeypatch):
    monkeypatch.setattr(submissions, "ENTRIES_LIMIT", 10)
    for i in range(11):
        (place / "eve" / str(i // 6) / str(i)).mkdir(parents=True)
    folders = [(member(f"{i}/"), "") for i in range(11)]
    (place / "mallory.zip").write_bytes(zipped(folders))
    found = of_all()
    assert "More than 10 files and folders" in found["eve"].refusal
    assert "more than 10 files and folders" in found["mallory"].refusal


# In another's name.


def test_a_students_zip_is_hers_whatever_its_files_are_called(of_all, place):
    members = [("x_1_2_y.py", ""), ("alice/losses.py", "x = 1"), ("bo_3_4_losses.py", "")]
    (place / "eve.zip").write_bytes(zipped(members))
    found = of_all()
    assert list(found) == ["eve"]
    assert found["eve"].files["losses.py"] == b"x = 1"


def test_a_zip_that_looks_like_the_classs_is_no_students(of_all, place):
    (place / "eve.zip").write_bytes(zipped([("ann_1_2_losses.py", ""), ("bo_3_4_losses.py", "")]))
    found = of_all()
    assert list(found) == ["eve"]
    assert "files of several people" in found["eve"].refusal


def test_a_platforms_zip_that_is_alone_is_the_classs_only_if_all_of_it_is(tmp_path):
    (tmp_path / "eve.zip").write_bytes(zipped([("ann_1_2_losses.py", ""), ("losses.py", "")]))
    assert Handins(tmp_path).students == ["eve"]


@pytest.mark.parametrize(
    ("name", "who", "file"),
    [
        (
            "Eve_123_assignsubmission_file_Bob_456_assignsubmission_file_losses.py",
            "Eve_123",
            "Bob_456_assignsubmission_file_losses.py",
        ),
        (
            "eve_12_34_Bob_456_assignsubmission_file_losses.py",
            "eve_12",
            "Bob_456_assignsubmission_file_losses.py",
        ),
        ("eve_12_34_bob_56_78_losses.py", "eve_12", "bob_56_78_losses.py"),
    ],
)
def test_a_platforms_name_is_read_from_its_beginning(tmp_path, name, who, file):
    found = class_of(tmp_path, name)
    assert {student: list(each.files) for student, each in found.items()} == {who: [file]}


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["plot-1.py", "plot-2.py"], ["plot-1.py", "plot-2.py"]),
        (["losses.py", "losses-1.py"], ["losses.py", "losses-1.py"]),
        (["losses-3.py", "plot-1.py"], ["losses.py", "plot.py"]),
    ],
)
def test_canvas_number_is_left_off_where_the_name_is_free(tmp_path, given, read):
    names = [f"lee_45_{number}_{file}" for number, file in enumerate(given)]
    found = class_of(tmp_path, *names, "bo_46_9_losses-1.py")
    assert (list(found["lee_45"].files), found["lee_45"].refusal) == (read, "")
    assert list(found["bo_46"].files) == ["losses.py"]


# Links.


@pytest.mark.skipif(os.name != "posix", reason="links of a POSIX system")
@pytest.mark.parametrize("name", ["eve", "eve.zip", "submitted"])
@pytest.mark.parametrize("target", ["n" * 300, "eve", "nowhere", "alice"])
def test_a_link_is_refused_without_following_it(of_all, place, name, target):
    (place / name).symlink_to(target)
    (found,) = of_all().values()
    assert found.refusal == f"{name} is a link; hand in what it leads to."


@pytest.mark.skipif(os.name != "posix" or not os.geteuid(), reason="root may enter every folder")
def test_a_link_into_a_closed_folder_is_refused(of_all, place, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir()
    (place / "eve").symlink_to(closed / "x")
    closed.chmod(0)
    try:
        assert "is a link" in of_all()["eve"].refusal
    finally:
        closed.chmod(stat.S_IRWXU)


# Folders and names.


@pytest.mark.parametrize(
    ("names", "students"),
    [
        (
            ["all/ann/losses.py", "all/bo/a/losses.py", "__MACOSX/all/ann/._losses.py"],
            ["ann", "bo"],
        ),
        (["all/ann_1_2_losses.py", "all/bo_3_4_losses.py", "all/.DS_Store"], ["ann_1", "bo_3"]),
        (["all/Ann_1_assignsubmission_file_/losses.py"], ["Ann_1"]),
        (["ann/losses.py", "ann/a/b.py", "ann/c/d.py"], ["ann"]),
        (["ann/work/losses.py"], ["ann"]),
        (["ann/ps1/losses.py", "ann/ps2/losses.py"], ["ann"]),
        (["ann/../losses.py", "ann/work/losses.py"], ["ann"]),
        (["Ann_1_assignsubmission_file_/a/b.py", "Ann_1_assignsubmission_file_/c/d.py"], ["Ann_1"]),
    ],
)
def test_one_folder_around_the_class_is_nobodys(tmp_path, names, students):
    assert sorted(class_of(tmp_path, *names, assignment="ps1")) == students


@pytest.mark.parametrize("depth", [5, 50])
def test_a_file_is_read_however_deep_it_lies(of_all, place, depth):
    home = place / "eve" / "/".join("a" * depth)
    home.mkdir(parents=True)
    (home / "losses.py").write_text(RIGHT)
    assert of_all()["eve"].files == ALICE


@pytest.mark.parametrize("suffix", [".py", ".zip"])
def test_a_name_that_is_too_long_is_told(of_all, place, handed_in, suffix):
    handed_in(eve={f"{'n' * 220}{suffix}": RIGHT})
    (reason,) = of_all()["eve"].refused.values()
    assert reason.endswith("has a name of more than 200 characters.")


def test_packages_of_helpers_refuse_nothing_else(of_all, place):
    for package in "abc":
        (place / "eve" / package).mkdir(parents=True)
        (place / "eve" / package / "__init__.py").write_text("")
    (place / "eve" / "losses.py").write_text(RIGHT)
    found = of_all()["eve"]
    assert (found.files, found.refusal) == (ALICE, "")
    assert "none of them is judged" in found.refused["__init__.py"]


# Whatever nobody foresaw.


def broken(monkeypatch, name, match):
    """Let a function of the reading fail on some of what it is given."""
    works = getattr(submissions, name)

    def fails(given, *args, **options):
        if match(given):
            raise LookupError("what nobody foresaw")
        return works(given, *args, **options)

    monkeypatch.setattr(submissions, name, fails)


@pytest.mark.parametrize("name", ["_walk", "_file_bytes", "_folder_place"])
def test_an_error_nobody_foresaw_refuses_one_student(of_all, handed_in, monkeypatch, name):
    handed_in(eve=RIGHT)
    broken(monkeypatch, name, lambda path: "eve" in path.parts)
    refusal = of_all()["eve"].refusal
    assert "LookupError('what nobody foresaw')" in refusal
    assert "Somebody has to look at it" in refusal


def test_an_error_nobody_foresaw_in_the_only_zip_refuses_it(place, monkeypatch):
    (place / "eve.zip").write_bytes(b"")
    broken(monkeypatch, "_opened", lambda path: path.name == "eve.zip")
    handins = Handins(place)
    assert "LookupError" in handins.of(*handins.students).refusal


def test_an_error_nobody_foresaw_in_the_classs_zip_refuses_one_student(tmp_path, monkeypatch):
    works = submissions._member_place

    def fails(archive, info, parts):
        if info.filename.startswith("eve"):
            raise LookupError
        return works(archive, info, parts)

    monkeypatch.setattr(submissions, "_member_place", fails)
    found = class_of(tmp_path, "ann/losses.py", "eve/losses.py")
    assert found["ann"].files == {"losses.py": b"ann/losses.py"}
    assert "LookupError" in found["eve"].refusal


def test_in_a_zip_of_ones_own_no_folder_is_nbgraders(tmp_path):
    """Neither the time that it notes nor another assignment is there: the names are the student's."""
    path = tmp_path / "in" / "dora.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("work/losses.py", "x = 1")
        archive.writestr("work/timestamp.txt", "2001-01-01 00:00:00 UTC")
    handins = Handins(path.parent, "ps1")
    found = handins.of("dora")
    handins.close()
    assert (list(found.files), found.refused) == (["losses.py"], {})
    assert found.when != datetime(2001, 1, 1, tzinfo=UTC).timestamp()
