"""The report as JSON: the published schema, finite scores, exit codes."""

import json
import math
import sys
from types import SimpleNamespace

import pytest

import grader
from grader.catalogue import UnknownNameError
from grader.engine import grade
from grader.report import CheckResult, ExerciseResult, Recognised, Report, Status, Visibility
from grader.student.limits import Limits
from grader.student.submission import from_text

EXERCISE_STATUSES = {
    "passed",
    "failed",
    "error",
    "timeout",
    "unsolved",
    "missing",
    "grader_error",
}
CHECK_STATUSES = EXERCISE_STATUSES | {"not_reached"}
NUMBER = (int, float)
# The published fields and their types; fields may be added.
REPORT = {
    "schema": int,
    "kit": str,
    "seed": int,
    "isolation": str,
    "score": NUMBER,
    "max_score": NUMBER,
    "exercises": list,
}
EXERCISE = {
    "id": str,
    "status": str,
    "score": NUMBER,
    "max_score": NUMBER,
    "mistake": (dict, type(None)),
    "checks": list,
}
CHECK = {"name": str, "status": str, "message": str, "advice": str}

SUBMISSION = '''
import numpy as np

print("printed at import")


def mse_loss(prediction, target):
    difference = prediction - target
    return np.mean(difference**2), 2 * difference / difference.size


def huber_loss(prediction, target, delta=1.0):
    raise NotImplementedError("losses.huber_loss")


def binary_cross_entropy(probability, target):
    return undefined


def binary_cross_entropy_with_logits(logits):
    return logits


def softmax(x, temperature=1.0):
    """Forget the maximum, and be slow about it."""
    e = np.exp(x / temperature)
    return e / e.sum(axis=1, keepdims=True)


def softmax_loss(x, y):
    return float("nan"), x * np.nan


def svm_loss(x, y):
    while True:
        pass
'''


def obeys(record, fields):
    """Tell whether a JSON object has the fields, each of its type; true is no number."""
    return all(
        name in record and isinstance(record[name], kinds) and not isinstance(record[name], bool)
        for name, kinds in fields.items()
    )


@pytest.fixture(scope="module")
def graded(server, built_in):
    """Return a report in which most kinds of endings occur, as a program reads it."""
    report = grade(
        built_in.find(["losses"]), from_text(SUBMISSION), server, Limits(seconds=1.0), seed=7
    )
    return json.loads(json.dumps(report.to_dict(), allow_nan=False))


def test_the_report_has_the_published_fields(graded):
    assert obeys(graded, REPORT)
    assert all(obeys(exercise, EXERCISE) for exercise in graded["exercises"])
    assert all(obeys(check, CHECK) for e in graded["exercises"] for check in e["checks"])


def test_the_report_says_how_it_was_made(graded):
    assert (graded["schema"], graded["kit"]) == (1, grader.__version__)
    assert (graded["seed"], graded["isolation"]) == (7, "laptop")


def test_every_status_is_a_published_one(graded):
    found = {exercise["status"] for exercise in graded["exercises"]}
    assert found == {"passed", "failed", "error", "timeout", "unsolved", "missing"}
    checks = {check["status"] for e in graded["exercises"] for check in e["checks"]}
    assert checks <= CHECK_STATUSES
    assert "not_reached" in checks


def test_each_exercise_ends_as_its_code_does(graded):
    assert {e["id"].partition(".")[2]: e["status"] for e in graded["exercises"]} == {
        "mse_loss": "passed",
        "huber_loss": "unsolved",
        "binary_cross_entropy": "error",
        "binary_cross_entropy_with_logits": "failed",
        "softmax": "failed",
        "softmax_loss": "failed",
        "temperature_loss": "missing",
        "svm_loss": "timeout",
    }


def test_a_mistake_is_an_id_and_a_sentence(graded):
    named = {e["id"]: e["mistake"] for e in graded["exercises"]}
    assert named["losses.softmax"]["id"] == "no_maximum_subtracted"
    assert set(named["losses.softmax"]) == {"id", "message"}
    assert named["losses.mse_loss"] is None
    assert named["losses.svm_loss"] is None


def test_scores_are_finite_and_add_up(graded):
    scores = [(e["score"], e["max_score"]) for e in graded["exercises"]]
    assert all(math.isfinite(s) and 0 <= s <= most for s, most in scores)
    assert graded["score"] == pytest.approx(sum(s for s, _ in scores))
    assert graded["max_score"] == pytest.approx(sum(most for _, most in scores))
    assert all(
        s == most
        for (s, most), e in zip(scores, graded["exercises"], strict=True)
        if e["status"] == "passed"
    )


def test_a_failure_says_what_was_called_expected_and_got(graded):
    failed = [
        check
        for exercise in graded["exercises"]
        for check in exercise["checks"]
        if check["status"] == "failed" and check["weight"]
    ]
    assert failed
    assert all(check["called"] and check["expected"] and check["got"] for check in failed)


def test_what_was_printed_is_kept(graded):
    assert graded["printed"].startswith("printed at import\n")


def results(*statuses):
    return tuple(
        ExerciseResult(f"t.e{i}", status, 1.0 if status == "passed" else 0.0, 1.0)
        for i, status in enumerate(statuses)
    )


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        (["passed"], 0),
        (["passed", "passed"], 0),
        *(
            [["passed", status], 1]
            for status in sorted(EXERCISE_STATUSES - {"passed", "grader_error"})
        ),
        (["grader_error"], 3),
        (["passed", "grader_error"], 3),
        (["failed", "grader_error", "timeout"], 3),
        ([], 1),
    ],
)
def test_the_exit_code_tells_the_ending(statuses, code):
    assert Report(0, "laptop", results(*map(Status, statuses))).exit_code == code


def test_a_problem_of_the_whole_submission_is_not_a_success():
    assert Report(0, "laptop", results(Status.PASSED), problems=("unreadable",)).exit_code == 1
    assert Report(0, "laptop", (), problems=("unreadable",)).exit_code == 1


def test_an_empty_report_has_numbers_for_scores():
    told = Report(0, "laptop", ()).to_dict()
    assert obeys(told, REPORT)
    assert (told["score"], told["max_score"]) == (0, 0)


def test_the_decisive_check_is_the_first_that_did_not_pass():
    checks = [
        CheckResult("a", Status.PASSED, advice="mind this"),
        CheckResult("b", Status.FAILED),
        CheckResult("c", Status.ERROR),
    ]
    assert ExerciseResult("t.e", Status.FAILED, 0, 1, None, tuple(checks)).decisive is checks[1]
    assert ExerciseResult("t.e", Status.PASSED, 1, 1, None, tuple(checks[:1])).decisive is None


def test_advice_that_was_not_reached_decides_nothing():
    """An exercise may pass though its manners could not be looked at."""
    checks = (CheckResult("a", Status.PASSED), CheckResult("keeps", Status.NOT_REACHED, "No."))
    assert ExerciseResult("t.e", Status.PASSED, 1, 1, None, checks).decisive is None


def test_records_cannot_be_changed():
    with pytest.raises(AttributeError):
        Recognised("a", "b").id = "c"
    with pytest.raises(AttributeError):
        Report(0, "laptop", ()).seed = 1


def test_visibility_is_written_as_a_word():
    check = CheckResult("a", Status.FAILED, visibility=Visibility.HIDDEN)
    told = Report(0, "laptop", (ExerciseResult("t.e", Status.FAILED, 0, 1, None, (check,)),))
    assert (
        json.loads(json.dumps(told.to_dict()))["exercises"][0]["checks"][0]["visibility"]
        == "hidden"
    )


@pytest.mark.parametrize("name", ["Report", "check", "check_file", "check_source", "__version__"])
def test_the_public_names_are_there(name):
    assert name in grader.__all__
    assert getattr(grader, name) is not None


def test_a_name_that_is_not_public_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'judge'"):
        grader.judge  # noqa: B018 - looked up, not used


def test_python_gives_the_same_report_as_the_command(learnkit, here):
    path = here / "answers.py"
    path.write_text(SUBMISSION, encoding="utf-8")
    names = ["losses.mse_loss", "losses.softmax"]
    told = [
        json.loads(learnkit("check", *names, "--file", path, "--seed", 3, "--json").output),
        grader.check_file(path, names, seed=3).to_dict(),
        grader.check_source(SUBMISSION, names, seed=3).to_dict(),
    ]
    assert without_seconds(told[0]) == without_seconds(told[1]) == without_seconds(told[2])


def test_python_without_names_judges_what_is_there():
    text = SUBMISSION.partition("def huber_loss")[0]
    report = grader.check_source(text)
    assert [e.id for e in report.exercises] == ["losses.mse_loss"]
    assert (report.seed, report.exit_code) == (0, 0)


def test_python_refuses_an_unknown_name():
    with pytest.raises(UnknownNameError, match=r"losses\.mse_loss"):
        grader.check_source("", ["losses.mse"])


def test_a_file_that_holds_nothing_is_a_failure_in_python_too(here):
    path = here / "empty.py"
    path.write_text("", encoding="utf-8")
    report = grader.check_file(path)
    assert report.exit_code == 1
    assert report.problems


def test_a_file_that_is_not_there_is_a_problem_of_the_report(here):
    report = grader.check_file(here / "nowhere.py")
    assert report.exit_code == 1
    assert report.problems == ("nowhere.py cannot be read: No such file or directory.",)


def without_seconds(told):
    """Leave out how long it took, the one field that two runs do not share."""
    told = json.loads(json.dumps(told))
    for exercise in told["exercises"]:
        exercise.pop("seconds")
    return told


class Shell:
    """What IPython offers of itself."""

    def __init__(self, *cells):
        self.user_ns = {"In": ["", *cells]}


FIRST_CELLS = {
    "imports numpy first": ["import numpy as np", "import grader"],
    "imports grader first": ["import grader", "import numpy as np"],
    "imports both in one cell": ["import grader\nimport numpy as np"],
    "takes the function alone": ["from grader import check\nimport numpy as np"],
    "uses magics": ["%matplotlib inline\nimport numpy as np\n!ls"],
}
MSE = "def mse_loss(p, t):\n    d = p - t\n    return np.mean(d**2), 2 * d / d.size"


@pytest.mark.parametrize("first", FIRST_CELLS)
def test_a_notebook_judges_the_function_defined_there(monkeypatch, first):
    shell = Shell(*FIRST_CELLS[first], MSE, "grader.check('losses.mse_loss')")
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    report = grader.check("losses.mse_loss")
    assert [e.status for e in report.exercises] == ["passed"], report.exercises[0].decisive.message


def test_outside_a_notebook_one_is_told_what_to_use(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    with pytest.raises(RuntimeError, match=r"grader\.check_file"):
        grader.check("losses.mse_loss")
