"""What must hold, where more than one result is right: asked of each result, or of all together."""

import numpy as np
import pytest

from grader.catalogue import Mistake
from grader.checks import (
    Case,
    Function,
    Generator,
    Named,
    Problem,
    achieves,
    advises,
    holds,
    holds_of_all,
)
from grader.engine import judge
from grader.report import Status
from grader.student.limits import Limits
from grader.student.session import Session
from grader.student.submission import from_text

DRAWS = '''
import numpy as np

def drawn(n, rng, *, scale=1.0):
    """Draw n numbers.

    Parameters
    ----------
    n : int
    rng : numpy.random.Generator
    scale : float
    """
    return scale * rng.random(n)
'''
VISITS = '''
import numpy as np

def visited(f, n):
    """Call f at 0, 1, ... and return the sum."""
    return float(sum(f(float(i)) for i in range(n)))
'''


def numbers(n, scale):
    """Draw n numbers with a scale; which ones is not judged."""

    def build(rng):
        return n, Generator(int(rng.integers(2**32))), Named("scale", scale)

    return Case(f"{n} numbers", build, judged=())


CASES = [numbers(3, 2.0), numbers(5, 3.0)]


def exercise_of(toy, text, name, check, cases):
    topic = toy(text)
    topic.exercise(
        name,
        points=2,
        returns=("x",),
        cases=cases,
        checks=[check],
        hints=("a", "b", "c"),
        mistakes=[
            Mistake("too_large", "They are too large.", ("scale * ", "9 * scale * "))
            if name == "drawn"
            else Mistake("one_more", "One too many.", ("range(n)", "range(n + 1)"))
        ],
    )
    return topic.exercises[name]


def too_large(result):
    if float(np.max(result.got["x"])) > result.call.named["scale"]:
        return Problem("Some are too large.", "at most 1", "more", "Look.", mistake="too_large")
    return None


@pytest.fixture
def drawn(toy):
    return exercise_of(toy, DRAWS, "drawn", holds("stays below", too_large), CASES)


def test_values_of_a_random_function_are_not_compared(drawn, judged):
    other = DRAWS.replace("rng.random(n)", "(1 - rng.random(n))")
    assert judged(drawn, DRAWS).status is Status.PASSED
    assert judged(drawn, other).status is Status.PASSED


def test_a_property_that_does_not_hold_is_told_and_its_mistake_named(drawn, judged):
    result = judged(drawn, DRAWS.replace("scale *", "9 * scale *"))
    assert result.status is Status.FAILED
    assert result.decisive.message == "Some are too large."
    assert (result.decisive.expected, result.decisive.got) == ("at most 1", "more")
    assert result.decisive.suggestion == "Look."
    assert "drawn(n=3, rng=np.random.default_rng(" in result.decisive.called
    assert "scale=2" in result.decisive.called
    assert result.mistake.id == "too_large"


@pytest.mark.parametrize(
    ("new", "status", "words"),
    [
        ("rng.random(n + 1)", Status.FAILED, "shape (4,)"),
        ("None", Status.ERROR, "TypeError"),
        ("np.array(['a'] * n)", Status.ERROR, ""),
        ("list(rng.random(n))", Status.ERROR, ""),
    ],
)
def test_the_kind_is_judged_though_the_values_are_not(drawn, judged, new, status, words):
    result = judged(drawn, DRAWS.replace("rng.random(n)", new))
    assert result.status is status
    assert words in result.decisive.message


def test_a_wrong_kind_in_a_later_case_is_a_failure_of_the_property(drawn, judged):
    text = DRAWS.replace("return scale * rng.random(n)", "return rng.random(n) if n < 5 else None")
    result = judged(drawn, text)
    assert result.decisive.name == "stays below"
    assert "x is None" in result.decisive.message


def test_all_results_are_looked_at_together(toy, judged):
    def all_equal(results):
        values = {float(result.got["x"][0]) for result in results}
        return None if len(values) > 1 else Problem("Every call draws the same.")

    check = holds_of_all("differs", all_equal)
    asked = exercise_of(toy, DRAWS, "drawn", check, CASES)
    assert judged(asked, DRAWS).status is Status.PASSED
    result = judged(asked, DRAWS.replace("scale * rng.random(n)", "np.ones(n)"))
    assert result.decisive.message == "Every call draws the same."


@pytest.mark.parametrize(("about", "shown"), [(0, "n=3"), (1, "n=5"), (None, "n=5")])
def test_of_several_calls_the_one_that_it_is_about_is_shown(toy, judged, about, shown):
    def wrong(results):
        return Problem("No.", about=None if about is None else results[about])

    asked = exercise_of(toy, DRAWS, "drawn", holds_of_all("is never right", wrong), CASES)
    assert f"drawn({shown}, " in judged(asked, DRAWS).decisive.called


def test_it_is_seen_where_a_function_was_called(toy, judged):
    def build(rng):
        return (Function("f", lambda x: x + 1), 3)

    def at_the_right_places(result):
        (f,) = result.evaluations
        at = [float(args[0]) for args in result.evaluations[f]]
        return None if at == [0, 1, 2] else Problem(f"You evaluated f at {at}.")

    check = holds("calls f at 0, 1, 2", at_the_right_places)
    asked = exercise_of(toy, VISITS, "visited", check, [Case("n = 3", build)])
    assert judged(asked, VISITS).status is Status.PASSED
    result = judged(asked, VISITS.replace("range(n)", "range(1, n)"))
    assert result.decisive.message == "You evaluated f at [1.0, 2.0]."
    assert result.mistake is None or result.mistake.id != "one_more"


def test_a_function_that_is_called_for_ever_ends(toy, server):
    def build(rng):
        return (Function("f", lambda x: x + 1), 3)

    check = holds("is finite", lambda result: None)
    asked = exercise_of(toy, VISITS, "visited", check, [Case("n = 3", build)])
    endless = VISITS.replace("range(n)", "range(10**9)")
    with Session(from_text(endless, "toy"), server, Limits(callbacks=300)) as session:
        result = judge(asked, session, 0)
    assert result.status is Status.ERROR
    assert "more than 300 times" in result.decisive.message


def as_list_problem(value):
    return "" if isinstance(value, (list, np.ndarray)) else f"It is a {type(value).__name__}."


FREE = Case("4 numbers", lambda _: (4, Generator(5)), judged=(), form_problem=as_list_problem)


def small(result):
    biggest = float(np.max(result.outcome.value))
    return Problem("One is above 1.") if biggest > 1 else None


@pytest.fixture
def free(toy):
    return exercise_of(toy, DRAWS, "drawn", holds("stays small", small, [FREE]), [FREE])


@pytest.mark.parametrize("new", ["rng.random(n)", "list(rng.random(n))", "rng.random(n + 3)"])
def test_a_form_that_the_case_accepts_need_not_be_the_truths(free, judged, new):
    result = judged(free, DRAWS.replace("scale * rng.random(n)", new))
    assert result.status is Status.PASSED
    assert result.score == result.max_score


def test_a_form_that_the_case_does_not_accept_is_told_in_its_words(free, judged):
    result = judged(free, DRAWS.replace("scale * rng.random(n)", "'text'"))
    assert result.status is not Status.PASSED
    assert result.score == 0
    assert result.decisive.message == "It is a str."


def test_a_property_is_asked_of_a_form_of_ones_own(free, judged):
    result = judged(free, DRAWS.replace("scale * rng.random(n)", "[0.5, 7.0]"))
    assert result.status is Status.FAILED
    assert result.decisive.message == "One is above 1."


def nearly_equal(result):
    return "They hardly differ." if np.ptp(result.got["x"]) < 1e-3 else ""


@pytest.fixture
def advised(toy):
    topic = toy(DRAWS)
    topic.exercise(
        "drawn",
        points=2,
        returns=("x",),
        cases=CASES,
        checks=[
            holds("stays below", too_large),
            advises("draws numbers that differ", nearly_equal, CASES),
        ],
        hints=("a", "b", "c"),
        mistakes=[Mistake("too_large", "They are too large.", ("scale * ", "9 * scale * "))],
    )
    return topic.exercises["drawn"]


def advice_of(result):
    return next(check for check in result.checks if check.name == "draws numbers that differ")


def test_advice_is_given_and_costs_no_mark(advised, judged):
    result = judged(advised, DRAWS.replace("rng.random(n)", "np.full(n, 0.5)"))
    assert (result.status, result.score) == (Status.PASSED, result.max_score)
    assert advice_of(result).advice == "They hardly differ."
    assert advice_of(result).weight == 0


def test_there_is_no_advice_where_there_is_nothing_to_tell(advised, judged):
    assert advice_of(judged(advised, DRAWS)).advice == ""


def test_advice_on_another_kind_of_result_costs_no_mark_of_its_own(advised, judged):
    result = judged(advised, DRAWS.replace("rng.random(n)", "rng.random(n + 1)"))
    assert result.status is not Status.PASSED
    assert advice_of(result).advice == ""


def high_enough(rng, value):
    """Ask for a sum above a number from the state in which the case was built."""
    bound = rng.integers(1000)
    if value.sum() < bound:
        return Problem("Too low.", f"{bound}", f"{value.sum()}", "More.", mistake="too_large")
    return None


def tall(rng):
    return int(rng.integers(1000)) * 3 + 100, Generator(1)


@pytest.fixture
def achieved(toy):
    long = Case("many numbers", tall, form_problem=as_list_problem)
    return exercise_of(toy, DRAWS, "drawn", achieves("adds up", high_enough, long), CASES)


def test_what_is_achieved_is_judged_with_the_stream_that_built_the_case(achieved, judged):
    for seed in range(4):  # n is three times the bound and more, so the sum is above it
        result = judged(achieved, DRAWS, seed=seed)
        assert (result.status, result.score) == (Status.PASSED, result.max_score)


def test_what_is_not_achieved_is_told_and_its_mistake_named(achieved, judged):
    result = judged(achieved, DRAWS.replace("scale * ", "-1 * "))
    assert (result.status, result.score) == (Status.FAILED, 0)
    assert (result.decisive.message, result.decisive.suggestion) == ("Too low.", "More.")
    assert result.decisive.called
    assert result.mistake.id == "too_large"


@pytest.mark.parametrize(
    ("new", "words"), [("'text'", "It is a str."), ("rng.random(n) / None", "TypeError")]
)
def test_what_has_no_form_achieves_nothing(achieved, judged, new, words):
    long_only = DRAWS.replace(
        "    return scale * rng.random(n)",
        f"    return {new} if n > 9 else scale * rng.random(n)",
    )
    result = judged(achieved, long_only)
    assert result.status is not Status.PASSED
    assert result.score == 0
    assert words in result.decisive.message


def test_the_truth_does_not_make_the_long_call(toy, judged):
    counted = DRAWS.replace(
        "return scale", "if n > 9: raise AssertionError('asked')\n    return scale"
    )
    long = Case("many numbers", tall)
    check = achieves("adds up", high_enough, long)
    exercise = exercise_of(toy, counted, "drawn", check, CASES)
    assert judged(exercise, DRAWS).status is Status.PASSED
