"""Assignment files and rosters: what they hold, and what is said when they are wrong."""

import pytest

from grader.classroom import assignment, roster
from grader.classroom.assignment import AssignmentError
from grader.classroom.roster import RosterError

CANVAS = """Student,ID,SIS Login ID,Section
    Points Possible,,,
"Lee, Ann",45,al,1
"""
MOODLE = """Identifier,Full name,Email address
Participant 123,Ann Lee,a@x.org
"""


@pytest.fixture
def assigned(tmp_path, built_in):
    def read(text):
        path = tmp_path / "week.toml"
        path.write_text(text)
        return assignment.read(path, built_in)

    return read


def test_everything_in_an_assignment_is_read(assigned):
    found = assigned(
        """
        title = "Week 3"
        name = "ps3"
        exercises = ["losses.mse_loss", "losses.softmax"]
        due = 2026-11-30T12:00:00+01:00
        hidden = ["losses.softmax"]
        [points]
        losses.mse_loss = 5
        [limits]
        seconds = 2.5
        memory_mib = 512
        give_up_after = 3
        """
    )
    assert [e.name for e in found.exercises] == ["mse_loss", "softmax"]
    assert found.points == {"losses.mse_loss": 5.0, "losses.softmax": 2.0}
    assert (found.title, found.name, found.give_up_after) == ("Week 3", "ps3", 3)
    assert (found.limits.seconds, found.limits.memory_bytes) == (2.5, 512 * 2**20)
    assert found.due == 1796036400
    assert found.hidden_exercises == {"losses.softmax"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('exercise = ["losses"]', 'no key "exercise"; did you mean exercises?'),
        ("title = 3\nexercises = []", "exercises is empty"),
        ("exercises = []", "exercises is empty"),
        ("", "names no exercises"),
        ('exercises = "losses"', "must be a list"),
        ('exercises = ["losses.mse"]', "did you mean losses.mse_loss"),
        ('exercises = ["losses"]\ntitle = 3', "title must be text"),
        ('exercises = ["losses"]\ndue = "tomorrow"', "due must be a date"),
        ('exercises = ["losses"]\nhidden = "some"', "hidden must be"),
        ('exercises = ["losses.softmax"]\nhidden = ["losses.mse_loss"]', "not among the exercises"),
        ('exercises = ["losses"]\n[points]\nlosses.mse = 3', "did you mean losses.mse_loss"),
        ('exercises = ["losses"]\n[points]\nlosses.mse_loss = -1', "0 or more, got -1"),
        ('exercises = ["losses"]\n[points]\nlosses.mse_loss = true', "must be a number"),
        ('exercises = ["losses"]\n[points]\nlosses.mse_loss = nan', "must be a number"),
        ('exercises = ["losses"]\npoints = 3', "points must be a table"),
        ('exercises = ["losses"]\n[limits]\nsecond = 3', "did you mean seconds?"),
        ('exercises = ["losses"]\n[limits]\nseconds = 0', "from 0.05 to 3600"),
        ('exercises = ["losses"]\n[limits]\nmemory_mib = 1', "from 64 on"),
        ('exercises = ["losses"]\n[limits]\ngive_up_after = 0', "1 or more"),
        ("exercises = [", "is no TOML file"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(assigned, text, says):
    with pytest.raises(AssignmentError) as raised:
        assigned(text)
    assert says in str(raised.value)
    assert "week.toml" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.fixture
def listed(tmp_path):
    def read(text):
        path = tmp_path / "class.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return roster.read(path)

    return read


@pytest.mark.parametrize(
    ("text", "handed_in", "label"),
    [
        ("student,name,id\nann,Ann Lee,45\n", ("ann", ""), "ann"),
        (CANVAS, ("leeann_45", "45"), "al"),
        (MOODLE, ("Ann Lee_123", "123"), "a@x.org"),
        ("First name;Last name;Username\nAnn;Lee;al\n", ("Ann Lee_9", "9"), "al"),
        ("\ufeffname\nZoe\u0308\n", ("Zoë", ""), "Zoe\u0308"),
    ],
)
def test_people_are_found_under_the_names_of_their_platform(listed, text, handed_in, label):
    found = listed(text)
    assert [person.label for person in found.people] == [label]
    assert found.matched([handed_in])[handed_in[0]].label == label


def test_a_name_that_two_people_bear_identifies_neither(listed):
    found = listed("login,name\na1,Ann Lee\na2,Ann Lee\n")
    assert found.matched([("Ann Lee", ""), ("a2", "")]) == {"a2": found.people[1]}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("age,height\n3,4\n", "no column that says who"),
        ("student\nann\nann\n", "line 3: ann stands there twice"),
        (b"student\n\xff\n", "not UTF-8"),
    ],
)
def test_a_wrong_roster_is_said_to_be_that(listed, text, says):
    with pytest.raises(RosterError, match=says):
        listed(text)
