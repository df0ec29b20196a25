"""A report as HTML: the console's words, complete in itself, with nothing that could run."""

import re
from html.parser import HTMLParser

import pytest

from grader.render.html import COLOURS, html
from grader.render.text import text
from grader.report import CheckResult, ExerciseResult, Recognised, Report, Status

SCRIPT = "<script>alert('&amp;')</script>"


def report(*exercises, **fields):
    return Report(0, "laptop", exercises, **fields)


def exercise(status, *checks, mistake=None, name="losses.mse_loss"):
    score = 2.0 if status is Status.PASSED else 0.5
    return ExerciseResult(name, status, score, 2.0, mistake, checks)


def check(status, **fields):
    return CheckResult("agrees with an example worked by hand", status, **fields)


REPORTS = {
    "passed": report(exercise(Status.PASSED, check(Status.PASSED))),
    "advised": report(exercise(Status.PASSED, check(Status.PASSED, advice="Work on a copy."))),
    "failed": report(
        exercise(
            Status.FAILED,
            check(
                Status.FAILED,
                message="loss is 7; it should be 3.5.",
                called="mse_loss(x=[1, 2])",
                expected="loss = 3.5",
                got="loss = 7",
            ),
            check(Status.NOT_REACHED),
            mistake=Recognised("summed", "The mean also divides by how many there are."),
        )
    ),
    "several": report(
        *(
            exercise(status, check(status, message=f"It is {status}."), name=f"losses.{status}")
            for status in Status
            if status is not Status.NOT_REACHED
        ),
        problems=("cell 3 raised",),
        printed="hello\nthere",
    ),
    "hostile": report(
        exercise(Status.ERROR, check(Status.ERROR, message=SCRIPT, suggestion='" onload="x')),
        problems=(SCRIPT,),
        printed=f"{SCRIPT} \x1b[31m \ud800",
    ),
}


class Parsed(HTMLParser):
    """What a browser would find: the text, and the elements with their attributes."""

    def __init__(self, page):
        super().__init__()
        self.words, self.elements, self.open = "", [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data


@pytest.mark.parametrize("name", REPORTS)
def test_the_words_are_those_of_the_console(name):
    said = text(REPORTS[name], width=88)
    shown = Parsed(html(REPORTS[name])).words
    assert [line.rstrip() for line in shown.split("\n")] == said.split("\n")


@pytest.mark.parametrize("name", REPORTS)
def test_it_is_complete_in_itself_and_runs_nothing(name):
    page = Parsed(html(REPORTS[name]))
    assert page.open == []
    assert {tag for tag, _ in page.elements} <= {"pre", "span"}
    assert {key for _, attributes in page.elements for key in attributes} <= {"class", "style"}
    assert "url(" not in html(REPORTS[name])


def test_what_a_learner_wrote_is_shown_as_text():
    page = html(REPORTS["hostile"])
    assert "<script" not in page
    assert SCRIPT in Parsed(page).words
    assert "\x1b" not in page
    page.encode("utf-8")


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("page", ["#ffffff", "#111111"], ids=["light", "dark"])
@pytest.mark.parametrize("name", COLOURS)
def test_every_colour_can_be_read_on_a_light_and_on_a_dark_page(name, page):
    """Contrast as WCAG 2.2 defines it; no colour has its 4.5 on both, the best have 4.3."""
    high, low = sorted((luminance(COLOURS[name]), luminance(page)), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 4


def test_no_colour_is_set_where_none_is_meant_and_none_behind():
    page = html(REPORTS["several"])
    assert set(re.findall(r"(?<![-\w])color:([^;\"]+)", page)) <= set(COLOURS.values())
    assert set(re.findall(r"background:([^;\"]+)", page)) == {"transparent"}


def test_one_exercise_shows_its_checks_and_several_only_where_something_is_wrong():
    alone = Parsed(html(REPORTS["passed"])).words
    assert "worked by hand" in alone
    two = report(*REPORTS["passed"].exercises * 2)
    assert "worked by hand" not in Parsed(html(two)).words
    assert "worked by hand" in Parsed(html(two, verbose=True)).words


def test_the_text_is_plain_whatever_the_environment_asks_for(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" not in text(REPORTS["several"])
