"""Reports as text: 80 columns, any encoding, no colour where none is wanted, nothing hostile."""

import io
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from grader.render.console import PRINTED, clean, next_command, points, show
from grader.render.junit import junit
from grader.report import CheckResult, ExerciseResult, Recognised, Report, Status

SETTINGS = settings(max_examples=40, deadline=None, derandomize=True)
LONG = "a sentence that goes on and on, " * 12
HOSTILE = (
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J \x00 \r over \b\b \x7f [bold red]markup[/] [/nothing] "
    ":smile: \u202ereversed\u2066 \ud800 <b>&amp;</b> ]]> &#0; \ufffe"
)


def exercise(status=Status.FAILED, text="wrong", **changes):
    """Return a result whose every field holds the text."""
    if status is Status.PASSED:
        checks = (CheckResult(text, Status.PASSED, advice=text),)
        return ExerciseResult("toy.right", status, 1.5, 1.5, None, checks)
    checks = (
        CheckResult("your file can be loaded", Status.PASSED),
        CheckResult(text, status, text, text, text, text, text, text, 1.0),
        CheckResult(text, Status.NOT_REACHED, text, weight=2.0),
    )
    told = {"mistake": Recognised("wrong", text), **changes}
    return ExerciseResult("toy.wrong", status, 1 / 3, 1.5, told["mistake"], checks)


def report(text="wrong", statuses=tuple(s for s in Status if s != "not_reached"), printed=""):
    return Report(0, "laptop", tuple(exercise(s, text) for s in statuses), (text,), printed)


def shown(told, *, width=80, encoding="utf-8", color=None, verbose=True):
    """Return what a terminal of that width and encoding receives."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    # The environment is that of the terminal, not of whoever runs the tests.
    console = Console(
        file=stream,
        width=width,
        markup=False,
        highlight=False,
        emoji=False,
        force_terminal=color is not None,
        color_system=color,
        _environ={},
    )
    show(told, console, verbose=verbose)
    stream.flush()
    return stream.buffer.getvalue().decode(encoding)


@pytest.mark.parametrize("text", ["wrong", LONG, "x" * 300, HOSTILE, "字" * 90, "a\tb\n\nc" * 20])
@pytest.mark.parametrize("width", [80, 60, 120])
@pytest.mark.parametrize("verbose", [True, False])
def test_no_line_is_wider_than_the_terminal(text, width, verbose):
    lines = shown(report(text, printed=text), width=width, verbose=verbose).split("\n")
    assert max(cell_len(line) for line in lines) <= width


def test_the_long_name_of_a_check_goes_on_below_its_beginning():
    lines = shown(report(LONG.strip())).splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("    ✗ a sentence"))
    assert lines[first + 1].startswith("      ")


def test_a_line_of_words_is_broken_between_words():
    assert set(re.findall(r"\bsent\w*", shown(report(LONG)))) == {"sentence"}


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437", "utf-8"])
@pytest.mark.parametrize(
    "text", ["wrong", "Größe → ∞ 字", HOSTILE], ids=["plain", "foreign", "hostile"]
)
def test_any_encoding_can_show_a_report(encoding, text):
    """A terminal or a pipe that knows no check mark, and a learner whose words it does not know."""
    assert "toy.wrong" in shown(report(text, printed=text), encoding=encoding)


def test_without_unicode_the_signs_are_letters():
    told = shown(report(), encoding="ascii")
    assert "ok toy.right" in told
    assert re.search(r"^x  toy\.wrong  failed", told, re.MULTILINE)


def test_the_signs_tell_without_colour():
    told = shown(report())
    assert "✓ toy.right" in told
    assert "✗ toy.wrong  failed" in told


def test_a_file_receives_no_colour():
    assert "\x1b" not in shown(report())


@pytest.mark.parametrize("colour", ["standard", "truecolor"])
def test_a_terminal_receives_colour(colour):
    assert "\x1b[" in shown(report(), color=colour)


@pytest.mark.parametrize("color", [None, "standard"])
def test_control_characters_of_a_learner_are_neutralised(color):
    told = shown(report(HOSTILE, printed=HOSTILE), color=color)
    ours = re.sub(r"\x1b\[[\d;]*m", "", told)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", ours)
    assert "\x1b[31mred" not in told or color
    assert "title" in ours


def test_markup_of_a_learner_is_shown_as_it_stands():
    told = shown(report("[bold red]x[/] [/nothing] [link=http://a]b :smile:"))
    assert "[bold red]x[/] [/nothing] [link=http://a]b :smile:" in told


@SETTINGS
@given(st.text())
def test_whatever_a_learner_writes_can_be_shown(text):
    told = shown(report(text, printed=text))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", told)
    assert max(cell_len(line) for line in told.split("\n")) <= 80


@SETTINGS
@given(st.text())
def test_cleaning_keeps_the_length_and_what_is_harmless(text):
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    assert clean(cleaned) == cleaned


def test_the_first_failure_is_shown_in_full():
    check = CheckResult(
        "agrees with an example",
        Status.FAILED,
        "loss is 2; it should be 1.",
        called="f(x=[1.])",
        expected="loss = 1",
        got="loss = 2",
        suggestion="Divide by N.",
    )
    told = shown(Report(0, "laptop", (ExerciseResult("t.f", Status.FAILED, 0, 1, None, (check,)),)))
    for words in (
        "called    f(x=[1.])",
        "expected  loss = 1",
        "got       loss = 2",
        "try       Divide",
    ):
        assert words in told


def test_a_mistake_stands_in_place_of_what_to_try():
    told = shown(Report(0, "laptop", (exercise(text="Divide by N."),)))
    assert "try " not in told


def test_two_failures_in_the_same_words_are_both_explained_where_their_mistakes_differ():
    """Only what is the same failure, a file that does not load, is told once."""
    results = [
        ExerciseResult(
            f"t.{name}",
            Status.FAILED,
            0,
            1,
            Recognised(name, f"You forgot the {name}."),
            (CheckResult("is right", Status.FAILED, "It returned None."),),
        )
        for name in ("mean", "maximum")
    ]
    told = shown(Report(0, "laptop", tuple(results)), verbose=False)
    assert "You forgot the mean." in told
    assert "You forgot the maximum." in told


def test_a_file_that_does_not_load_is_explained_once():
    check = CheckResult("your file can be loaded", Status.ERROR, "Loading your file failed. No.")
    results = [ExerciseResult(f"t.{i}", Status.ERROR, 0, 1, None, (check,)) for i in range(5)]
    assert shown(Report(0, "laptop", tuple(results)), verbose=False).count("Loading your file") == 1


@pytest.mark.parametrize(
    ("statuses", "words"),
    [
        (["passed"], "1 of 1 exercise passed, 1.5 of 1.5 points."),
        (["passed", "failed"], "1 of 2 exercises passed, 1.83 of 3 points."),
        ([], "0 of 0 exercises passed, 0 of 0 points."),
    ],
)
def test_the_last_line_counts(statuses, words):
    told = Report(0, "laptop", tuple(exercise(Status(s)) for s in statuses))
    assert shown(told).rstrip().endswith(words)


@pytest.mark.parametrize(
    ("value", "said"),
    [(2, "2"), (2.0, "2"), (0, "0"), (1.5, "1.5"), (2 / 3, "0.67"), (100.0, "100")],
)
def test_points_have_two_decimals_at_most(value, said):
    assert points(value) == said


@pytest.mark.parametrize(
    ("status", "command"),
    [
        ("passed", "learnkit list"),  # of a file from elsewhere no progress is kept
        ("failed", "learnkit hint toy.wrong"),
        ("unsolved", "learnkit hint toy.wrong"),
        ("error", "learnkit check toy.wrong --file a.py"),
        ("timeout", "learnkit check toy.wrong --file a.py"),
        ("missing", "learnkit check toy.wrong --file a.py"),
    ],
)
def test_the_next_command_makes_sense(status, command):
    told = Report(0, "laptop", (exercise(Status.PASSED), exercise(Status(status))))
    assert next_command(told, " --file a.py") == command


def test_after_a_pass_in_a_workspace_the_next_exercise_comes():
    assert next_command(Report(0, "laptop", (exercise(Status.PASSED),))) == "learnkit next"


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        (PRINTED, f"  {PRINTED - 1}"),
        (PRINTED + 1, "  ... and 1 more line"),
        (PRINTED + 90, "  ... and 90 more lines"),
    ],
)
def test_what_was_printed_does_not_push_the_verdict_away(lines, end):
    told = shown(report("x", printed="\n".join(map(str, range(lines))) + "\n"))
    after = told.partition("Your code printed:\n")[2].splitlines()
    assert after[0] == "  0"
    assert after[-2].rstrip() == end
    assert len(after) <= PRINTED + 2


@pytest.mark.parametrize(("possible", "word"), [(1.0, "point"), (2.0, "points")])
def test_one_point_is_one(possible, word):
    told = Report(0, "laptop", (exercise()._replace(max_score=possible),))
    assert f" of {possible:g} {word}." in shown(told)


# JUnit


def parsed(told):
    return ET.fromstring(junit(told).encode("utf-8"))


@pytest.mark.parametrize("text", ["wrong", HOSTILE, LONG])
def test_junit_is_well_formed_whatever_it_says(text):
    root = parsed(report(text, printed=text))
    assert root.tag == "testsuites"


@SETTINGS
@given(st.text())
def test_junit_holds_any_text(text):
    assert parsed(report(text)).tag == "testsuites"


def test_junit_counts_add_up():
    root = parsed(report())
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.get("tests")) == len(cases)
        for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(count, "0")) == len(suite.findall(f"testcase/{tag}"))
    for count in ("tests", "failures", "errors", "skipped"):
        assert int(root.get(count)) == sum(int(suite.get(count, "0")) for suite in root)


def test_junit_has_a_suite_an_exercise_and_a_case_a_check():
    told = Report(0, "laptop", (exercise(Status.PASSED), exercise(Status.FAILED)))
    suites = parsed(told).findall("testsuite")
    assert [suite.get("name") for suite in suites] == ["toy.right", "toy.wrong"]
    assert [len(suite.findall("testcase")) for suite in suites] == [1, 3]


@pytest.mark.parametrize(
    ("status", "tag"),
    [
        ("failed", "failure"),
        ("error", "error"),
        ("timeout", "error"),
        ("missing", "error"),
        ("unsolved", "error"),
        ("grader_error", "error"),
    ],
)
def test_junit_tells_failures_from_errors(status, tag):
    root = parsed(Report(0, "laptop", (exercise(Status(status)),)))
    found = root.find(f"testsuite/testcase/{tag}")
    assert found.get("message") == "wrong"
    assert "called: wrong" in found.text


def test_junit_tells_of_a_submission_without_exercises():
    root = parsed(Report(0, "laptop", (), ("a.py is not UTF-8 text.",)))
    assert root.find("testsuite/testcase/error").get("message") == "a.py is not UTF-8 text."
    assert (root.get("tests"), root.get("errors")) == ("1", "1")


def test_junit_is_the_same_for_the_same_report():
    assert junit(report()) == junit(report())
