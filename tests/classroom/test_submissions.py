"""What a class hands in, in the forms it comes in, and what is refused of it."""

import os
import stat
import struct
import warnings
import zipfile

import pytest
from classes import RIGHT, notebook, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.classroom import submissions
from grader.classroom.submissions import SIZE_LIMIT, HandedIn, HandinError, Handins


def read(place, student, assignment=""):
    handins = Handins(place, assignment)
    try:
        return handins.of(student)
    finally:
        handins.close()


def saved(tmp_path, members, name="class.zip"):
    path = tmp_path / name
    path.write_bytes(zipped(members))
    return path


# The forms.


def test_a_folder_for_each_student(handed_in):
    place = handed_in(alice=RIGHT, bob={"losses.ipynb": notebook("x = 1"), "notes.txt": "no"})
    assert Handins(place).students == ["alice", "bob"]
    assert read(place, "alice").files == {"losses.py": RIGHT.encode()}
    assert list(read(place, "bob").files) == ["losses.ipynb"]


@pytest.mark.parametrize("top", ["submitted", "."])
def test_nbgraders_folders(tmp_path, top):
    home = tmp_path / "course" / top / "carol" / "ps1"
    home.mkdir(parents=True)
    (home / "losses.ipynb").write_text(notebook("x = 1"))
    (home / "timestamp.txt").write_text("2026-02-02 12:00:00.000000 UTC")
    found = read(tmp_path / "course", "carol")
    assert list(found.files) == ["losses.ipynb"]


def test_an_assignment_by_name_leaves_the_others_alone(tmp_path):
    for name in ("ps1", "ps2"):
        home = tmp_path / "submitted" / "carol" / name
        home.mkdir(parents=True)
        (home / "losses.py").write_text(name)
    assert read(tmp_path, "carol", "ps2").files == {"losses.py": b"ps2"}
    assert "Two files" in read(tmp_path, "carol").refusal


@pytest.mark.parametrize(
    ("member", "student", "file", "known"),
    [
        (
            "Ann Lee_123_assignsubmission_file_/losses.py",
            "Ann Lee_123",
            "losses.py",
            ("123", False),
        ),
        ("Ann Lee_123_assignsubmission_file_losses.py", "Ann Lee_123", "losses.py", ("123", False)),
        ("leeann_45_678_losses.py", "leeann_45", "losses.py", ("45", False)),
        ("leeann_LATE_45_678_losses-2.py", "leeann_45", "losses.py", ("45", True)),
        ("ann/losses.py", "ann", "losses.py", ("", False)),
        ("submitted/ann/ps1/losses.py", "ann", "losses.py", ("", False)),
        ("ann\\losses.py", "ann", "losses.py", ("", False)),
    ],
)
def test_the_zips_of_learning_platforms(tmp_path, member, student, file, known):
    found = read(saved(tmp_path, [(member, RIGHT)]), student)
    assert list(found.files) == [file]
    assert (found.lms, found.late) == known


def test_what_platforms_name_may_also_lie_in_a_folder(tmp_path):
    (tmp_path / "leeann_45_678_losses.py").write_text(RIGHT)
    (tmp_path / "Bo Ek_7_assignsubmission_file_").mkdir()
    (tmp_path / "Bo Ek_7_assignsubmission_file_" / "losses.py").write_text(RIGHT)
    (tmp_path / "Bo Ek_7_assignsubmission_onlinetext_").mkdir()
    assert Handins(tmp_path).students == ["Bo Ek_7", "leeann_45"]


def test_a_zip_of_each_student_in_the_folder(tmp_path):
    saved(tmp_path, [("work/losses.py", RIGHT)], "dora.zip")
    (tmp_path / "emil.zip").write_bytes(b"no zip at all")
    assert read(tmp_path, "dora").files == {"losses.py": RIGHT.encode()}
    assert "no zip that can be read" in read(tmp_path, "emil").refusal


def test_a_platforms_zip_in_the_folder_is_the_class(tmp_path):
    saved(tmp_path, [("leeann_45_678_losses.py", RIGHT), ("bo_7_9_losses.py", RIGHT)])
    assert Handins(tmp_path).students == ["bo_7", "leeann_45"]


def test_files_that_are_nobodys_are_told(tmp_path):
    (tmp_path / "losses.py").write_text(RIGHT)
    (tmp_path / "ann").mkdir()
    assert Handins(tmp_path).strays == ["losses.py"]


@pytest.mark.parametrize("kind", ["missing", "empty", "no zip"])
def test_a_place_without_submissions_is_said_to_be_that(tmp_path, kind):
    place = tmp_path / "place"
    if kind == "empty":
        place.mkdir()
    elif kind == "no zip":
        place.write_bytes(b"PK nothing")
    with pytest.raises(HandinError, match="place"):
        Handins(place)


# When.


JANUARY, MARCH = 1767225600.0, 1772323200.0


def dated(home, files):
    """Write files below a student's folder; each has a text and a date."""
    for name, (text, when) in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (when, when))


@pytest.mark.parametrize(
    ("files", "when"),
    [
        ({"losses.py": (RIGHT, JANUARY), "comments.txt": ("well done", MARCH)}, JANUARY),
        ({"ps1/losses.py": (RIGHT, JANUARY), "ps2/losses.py": (RIGHT, MARCH)}, JANUARY),
        ({"losses.py": (RIGHT, JANUARY), "losses.ipynb": (notebook(), MARCH)}, JANUARY),
        ({"ps1/losses.py": (RIGHT, JANUARY), "ps1/gradients.py": ("", MARCH)}, MARCH),
        ({"notes.pdf": ("", MARCH)}, None),
    ],
)
def test_files_that_are_not_judged_make_nobody_late(tmp_path, files, when):
    dated(tmp_path / "carol", files)
    assert read(tmp_path, "carol", "ps1").when == when


@pytest.mark.parametrize(
    ("written", "when"),
    [("2026-01-01 00:00:00 UTC", JANUARY), ("yesterday", MARCH), ("2026-01-01 00:00:00", MARCH)],
)
def test_what_nbgrader_noted_wins_over_the_files_dates(tmp_path, written, when):
    files = {"ps1/losses.py": (RIGHT, MARCH), "ps1/timestamp.txt": (written, MARCH)}
    files["ps2/timestamp.txt"] = ("2026-02-02 12:00:00 UTC", MARCH)
    dated(tmp_path / "carol", files)
    assert read(tmp_path, "carol", "ps1").when == when


def test_a_time_in_a_platforms_zip_is_the_students_own_word(tmp_path):
    home = "Ann Lee_123_assignsubmission_file_"
    members = [(f"{home}/losses.py", RIGHT), (f"{home}/w/timestamp.txt", "2026-01-01 00:00:00 UTC")]
    found = read(saved(tmp_path, members), "Ann Lee_123")
    assert found.when
    assert found.when != JANUARY


# What is refused.


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("numpy.py", "Python's own module numpy"),
        ("random.ipynb", "Python's own module random"),
        ("more.zip", "archive within"),
        ("a\x07b.py", "cannot be printed"),
    ],
)
def test_a_file_is_left_out_with_a_sentence(handed_in, name, says):
    found = read(handed_in(alice={"losses.py": RIGHT, name: "x = 1"}), "alice")
    assert list(found.files) == ["losses.py"]
    assert [says in why for why in found.refused.values()] == [True]


def test_a_file_that_is_too_large_is_left_out(handed_in):
    found = read(handed_in(alice=b"#" * (SIZE_LIMIT + 1)), "alice")
    assert found.refused == {"losses.py": "losses.py is larger than 2 MiB."}


@pytest.mark.skipif(os.name != "posix", reason="links and pipes of a POSIX system")
@pytest.mark.parametrize("kind", ["link", "folder link", "pipe", "student link"])
def test_what_is_no_regular_file_is_never_opened(handed_in, tmp_path, kind):
    place = handed_in(alice={"x.py": ""})
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "losses.py").write_text("password = 1")
    if kind == "link":
        (place / "alice" / "losses.py").symlink_to(secret / "losses.py")
    elif kind == "folder link":
        (place / "alice" / "losses").symlink_to(secret)
    elif kind == "pipe":
        os.mkfifo(place / "alice" / "losses.py")
    else:
        (place / "bob").symlink_to(secret)
    found = read(place, "bob" if kind == "student link" else "alice")
    assert "losses.py" not in found.files
    assert found.refusal or found.refused


@pytest.mark.parametrize(
    "member", ["ann/../bob/losses.py", "/ann/losses.py", "C:\\ann\\losses.py", "../losses.py"]
)
def test_a_name_that_leads_out_is_refused_for_that_student(tmp_path, member):
    place = saved(tmp_path, [(member, RIGHT), ("bob/losses.py", "fine = 1")])
    handins = Handins(place)
    assert handins.of("bob").files == {"losses.py": b"fine = 1"}
    others = [handins.of(s) for s in handins.students if s != "bob"]
    assert ["leads out" in str(o.refused) for o in others] == [True]
    assert all(not o.files for o in others)
    handins.close()


def test_the_same_name_twice_is_refused(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        place = saved(tmp_path, [("ann/losses.py", "a = 1"), ("ann/losses.py", "b = 2")])
    assert "unclear which one counts" in read(place, "ann").refusal


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    place = saved(tmp_path, [("ann/losses.py", "0" * (50 * SIZE_LIMIT)), ("bob/losses.py", RIGHT)])
    opened = []
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *a, **k: opened.append(a))
    assert "larger than" in str(read(place, "ann").refused)
    assert opened == []


def test_a_bomb_that_lies_about_its_size_is_cut_off(tmp_path):
    data = bytearray(zipped([("ann/losses.py", "0" * (3 * SIZE_LIMIT))]))
    for sign, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(sign) + offset
        data[at : at + 4] = (100).to_bytes(4, "little")
    (tmp_path / "class.zip").write_bytes(data)
    found = read(tmp_path / "class.zip", "ann")
    assert not found.files
    assert "cannot be unpacked" in found.refused["losses.py"]


@pytest.mark.parametrize("kind", ["link", "encrypted", "lzma"])
def test_odd_members_are_left_out(tmp_path, kind):
    info = zipfile.ZipInfo("ann/losses.py")
    info.compress_type = zipfile.ZIP_LZMA if kind == "lzma" else zipfile.ZIP_DEFLATED
    if kind == "link":
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
    data = bytearray(zipped([(info, "/etc/passwd")]))
    if kind == "encrypted":
        for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            data[data.index(sign) + offset] |= 1
    (tmp_path / "class.zip").write_bytes(data)
    found = read(tmp_path / "class.zip", "ann")
    assert (found.files, list(found.refused)) == ({}, ["losses.py"])


def test_too_many_files_are_refused(handed_in, monkeypatch):
    monkeypatch.setattr(submissions, "FILES_LIMIT", 3)
    place = handed_in(alice={f"f{i}.py": "" for i in range(4)})
    assert "More than 3" in read(place, "alice").refusal


def test_too_much_altogether_is_refused(handed_in, monkeypatch):
    monkeypatch.setattr(submissions, "TOTAL_LIMIT", 10)
    assert "together" in read(handed_in(alice=RIGHT), "alice").refusal


def test_a_file_beats_the_notebook_of_its_name(handed_in):
    found = read(handed_in(alice={"losses.py": RIGHT, "losses.ipynb": notebook()}), "alice")
    assert list(found.files) == ["losses.py"]
    assert "left out" in found.refused["losses.ipynb"]


NAMES = st.text(min_size=1, max_size=30)


@settings(max_examples=150, deadline=None)
@given(members=st.lists(st.tuples(NAMES, st.binary(max_size=50)), max_size=6))
def test_no_member_names_break_the_reading(tmp_path_factory, members):
    path = tmp_path_factory.mktemp("zips") / "class.zip"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            path.write_bytes(zipped([("ok/losses.py", b"x = 1"), *members]))
        except (ValueError, IndexError):
            return  # Python itself writes no such name
    handins = Handins(path)
    found = [handins.of(student) for student in handins.students]
    handins.close()
    assert "ok" in {each.student for each in found}
    for each in found:
        assert isinstance(each, HandedIn)
        assert each.student.encode()
        assert len(each.digest) == 64
        assert all("/" not in name and name.isprintable() for name in each.files)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_damage_breaks_the_reading(tmp_path_factory, data):
    whole = bytearray(
        zipped([("ann/losses.py", RIGHT), ("bob/losses.ipynb", notebook("x = 1", "y = 2"))])
    )
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    path = tmp_path_factory.mktemp("zips") / "class.zip"
    path.write_bytes(whole[:cut] if data.draw(st.booleans()) else whole)
    try:
        handins = Handins(path)
    except HandinError:
        return  # the sentence is tested above; what counts here is that it is this error
    for student in handins.students:
        found = handins.of(student)
        assert all(len(text) <= SIZE_LIMIT for text in found.files.values())
    handins.close()


def test_a_pipe_that_is_called_a_zip_is_not_waited_for(handed_in):
    place = handed_in(alice=RIGHT)
    os.mkfifo(place / "bob.zip")
    assert read(place, "bob").refusal == "bob.zip is no regular file."
    assert read(place, "alice").files


@pytest.mark.parametrize("larger", [False, True])
def test_a_zip_with_a_list_of_a_million_files_is_not_opened(handed_in, monkeypatch, larger):
    """Every one of them would be an object in memory before the first could be counted."""
    monkeypatch.setattr(submissions, "LISTING_LIMIT", 46_000)
    place = handed_in(alice=RIGHT)
    member = b"PK\1\2" + bytes(24) + b"\1" + bytes(17) + b"a"
    listing = member * 1_000
    if larger:
        listing += b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, 2**60, 0)
        listing += b"PK\6\7" + struct.pack("<IQI", 0, 47_000, 1)
    size = 2**32 - 1 if larger else len(listing)
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, size, 0, 0)
    (place / "bob.zip").write_bytes(listing + end)
    assert read(place, "bob").refusal == "bob.zip holds too many files to be read."


def test_a_folder_of_a_million_files_is_not_listed(handed_in, monkeypatch):
    monkeypatch.setattr(submissions, "ENTRIES_LIMIT", 5)
    place = handed_in(alice=RIGHT, bob={f"{i}.txt": "" for i in range(6)})
    assert "More than 5" in read(place, "bob").refusal
    assert read(place, "alice").files


def test_names_are_shown_in_part(tmp_path):
    place = saved(tmp_path, [("alice/losses.py", RIGHT), (f"alice/../{'n' * 60_000}.py", "x")])
    (reason,) = read(place, "alice").refused.values()
    assert len(reason) < 300
