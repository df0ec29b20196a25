"""The way of a beginner: where one stands, what comes next, hints that speak to a mistake."""

import re

import pytest
from desk import RIGHT, WRONG, Desk


@pytest.fixture
def at_home(learnkit, here, built_in):
    """Stand in a new workspace."""
    return Desk(here, built_in.topics())


def test_outside_of_a_workspace_the_first_step_is_told(learnkit, here):
    result = learnkit()
    assert result.exit_code == 0
    assert "Usage: learnkit" in result.output
    assert result.output.endswith("Next: learnkit init\n")


@pytest.mark.parametrize("command", [[], ["progress"]])
def test_inside_of_one_it_is_told_where_you_stand(learnkit, at_home, command):
    at_home.write(RIGHT)
    learnkit("check", "losses.mse_loss")
    result = learnkit(*command)
    assert result.exit_code == 0
    assert re.search(r"^losses .* 1 of 8 +2 of 19 +1 *$", result.output, re.MULTILINE)
    assert re.search(r"^all .* 1 of 61 ", result.output, re.MULTILINE)
    assert "losses.huber_loss; or learnkit watch" in result.output
    assert all(len(line) <= 80 for line in result.output.splitlines())


def test_the_first_thing_to_do_is_told_by_init(learnkit, here):
    output = learnkit("init").output
    assert "  learnkit watch\n" in output
    assert learnkit("init").output.startswith("Every topic has its file here already")


def test_a_new_exercise_is_told_by_init(learnkit, at_home):
    text = at_home.stubs
    at_home.file.write_text(text[: text.index("def svm_loss")].rstrip() + "\n", "utf-8")
    (at_home.root / ".learnkit" / "progress.json").unlink()
    output = learnkit("init").output
    assert "added new exercises at the end of losses.py" in output
    assert "def svm_loss" in at_home.file.read_text("utf-8")


def test_the_next_exercise_is_told_with_what_it_is_about(learnkit, at_home):
    output = learnkit("next").output
    assert "losses.mse_loss, 2 points, in losses.py:" in output
    assert "Compute the mean squared error and its gradient." in output
    assert "Next: learnkit watch losses.mse_loss" in output


def test_what_the_next_exercise_needs_is_told(learnkit, at_home, built_in):
    exercise = next(e for e in built_in.find([]) if e.helpers)
    ids = [e.id for e in built_in.find([])]
    with at_home.home.changing() as progress:
        progress.passed = dict.fromkeys(ids[: ids.index(exercise.id)], "then")
    output = learnkit("next").output
    assert output.startswith(exercise.id)
    for needed in exercise.helpers:
        assert f"It may call {needed.id}, which is not written yet." in output


def test_when_all_is_passed_nothing_comes_next(learnkit, at_home, built_in):
    with at_home.home.changing() as progress:
        progress.passed = {e.id: "then" for e in built_in.find([])}
    assert "Every exercise is passed." in learnkit("next").output
    assert "all of them are passed" in learnkit().output


def test_the_list_is_filtered_by_state(learnkit, at_home):
    at_home.write(WRONG)
    learnkit("check", "losses.mse_loss")
    assert "losses.mse_loss" in learnkit("list", "--state", "failed").output.split("Next")[0]
    assert "losses.mse_loss" not in learnkit("list", "--state", "open").output.split("Next")[0]
    at_home.write(RIGHT)
    learnkit("check", "losses.mse_loss")
    shown = learnkit("list", "--state", "passed").output.split("Next")[0]
    assert re.findall(r"losses\.\w+", shown) == ["losses.mse_loss"]
    at_home.write(WRONG)
    learnkit("check", "losses.mse_loss")
    assert "losses.mse_loss" in learnkit("list", "--state", "broken").output
    assert "None of them is passed." in learnkit("list", "--state", "passed").output
    assert learnkit("list", "--state", "good").exit_code == 2


def test_a_hint_speaks_to_the_mistake_of_the_last_check(learnkit, at_home):
    at_home.write(WRONG)
    learnkit("check", "losses.mse_loss")
    first = learnkit("hint").output
    assert first.startswith("losses.mse_loss, about your last check:")
    assert "The squared errors are added up" in first
    assert "loss = 3.5, got loss = 14" in " ".join(first.split())
    assert "learnkit hint losses.mse_loss --level 1" in first
    assert learnkit("hint").output.startswith("losses.mse_loss, hint 1 of 3:")


def test_a_watch_of_nothing_known_is_a_sentence(learnkit, at_home):
    result = learnkit("watch", "losses.mse")
    assert result.exit_code == 2
    assert "did you mean losses.mse_loss" in result.output


def test_a_watch_outside_of_a_workspace_is_a_sentence(learnkit, here):
    result = learnkit("watch")
    assert result.exit_code == 2
    assert "make one with: learnkit init" in result.output
