"""Calls in chains: memory that lives on, parameters by turns, answers that are right in another way."""

import numpy as np
import pytest

from grader.checks import (
    Case,
    by_hand,
    keeps_inputs,
    keeps_precision,
    kept,
    matches_truth,
    repeatable,
    survives,
)
from grader.checks.calls import Call, evaluate, in_order
from grader.checks.descents import (
    Applied,
    Walk,
    applied,
    by_turns,
    downhill,
    keeps_to_the_way,
    own_walk,
    right_walk,
    valley,
    walked,
)
from grader.checks.properties import holds
from grader.report import Status

ANSWERS = '''"""A toy."""

import numpy as np


def roll(w, dw, memory=None):
    """Roll by a speed that is remembered."""
    memory = {} if memory is None else memory
    speed = 0.5 * memory.get("speed", np.zeros_like(w)) + dw
    memory["speed"] = speed
    return w - memory.get("rate", 0.1) * speed, memory


def roll_slowly(w, dw, memory=None):
    """Roll in another way that is as right: the first step is shorter."""
    memory = {} if memory is None else memory
    first = "speed" not in memory
    w, memory = roll(w, dw, memory)
    return w + (0.05 * dw if first else 0), memory


def slide(w, dw, memory):
    """Return one value; what is remembered changes in place."""
    memory["steps"] = memory.get("steps", 0) + 1
    return w - dw / memory["steps"]
'''

ONE = "def roll(w, dw, memory=None):\n"
RIGHT = {
    "the model answer": ANSWERS,
    "a new dict each time": ONE + "    old = dict(memory or {})\n"
    "    speed = 0.5 * old.get('speed', 0) + dw\n"
    "    return [w - old.get('rate', 0.1) * speed, {**old, 'speed': speed}]\n",
    "all in place": ONE + "    memory = {} if memory is None else memory\n"
    "    speed = memory.setdefault('speed', 0 * dw)\n"
    "    speed *= 0.5\n"
    "    speed += dw\n"
    "    w -= memory.get('rate', 0.1) * speed\n"
    "    return w, memory\n",
    "a memory of its own kind": ONE + "    past = [*(memory or {}).get('past', []), dw.copy()]\n"
    "    start, rate = (memory or {}).get('speed', 0), (memory or {}).get('rate', 0.1)\n"
    "    speed = 0.5 ** len(past) * start\n"
    "    speed = speed + sum(0.5**age * g for age, g in enumerate(reversed(past)))\n"
    "    return w - rate * speed, {'past': past, 'speed': start, 'rate': rate}\n",
}


def draw(rng, count):
    return [rng.normal(size=3) for _ in range(count + 1)]


def rolled(count, *memory):
    def build(rng):
        w, *gradients = draw(rng, count)
        return walked("roll", w, gradients, *(dict(m) for m in memory))

    return build


def in_turn(*memories):
    def build(rng):
        starts, *gradients = (draw(rng, 1) for _ in range(3))
        return by_turns("roll", starts, gradients, [dict(m) for m in memories])

    return build


CASES = [
    Case("1 step", rolled(1, {"rate": 0.3})),
    Case("1 step, a speed given", lambda rng: (*draw(rng, 1), {"speed": rng.normal(size=3)})),
    Case("3 steps", rolled(3, {"rate": 0.2})),
    Case("2 parameters", in_turn({"rate": 0.2}, {})),
    Case("2 parameters without a memory", in_turn()),
]


@pytest.fixture
def roll(toy):
    def declared(checks=None, accepts=(), cases=CASES):
        topic = toy(ANSWERS)
        topic.exercise(
            "roll",
            points=2,
            returns=("w", "memory"),
            stays=("memory",),
            accepts=accepts,
            cases=cases,
            checks=checks or [matches_truth()],
            hints=("a", "b", "c"),
            mistakes=(),
        )
        return topic.exercises["roll"]

    return declared


def submitted(text):
    return f"import numpy as np\n{text}"


def messages(result):
    return {c.name: c.message for c in result.checks if c.status is not Status.PASSED}


# Memory that lives on


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_memory_is_handed_on_whatever_is_in_it(roll, judged, text):
    hand = by_hand(
        *walked("roll", np.array([2.0]), [np.array([4.0]), np.array([1.0])], {"rate": 0.5}),
        gives={"w": [-1.5]},
    )
    asked = roll([hand, matches_truth(), repeatable(), keeps_precision()])
    result = judged(asked, submitted(text))
    assert (result.status, messages(result)) == (Status.PASSED, {})


WRONG = {
    "not stored": (
        RIGHT["a new dict each time"].replace("{**old, 'speed': speed}", "old"),
        "3 steps",
    ),
    "one for all": (
        "memory_of_all = {}\n"
        + RIGHT["a new dict each time"].replace(
            "dict(memory or {})", "memory_of_all | (memory or {})"
        )
        + "\nright = roll\n"
        + ONE
        + "    w, memory = right(w, dw, memory)\n"
        "    memory_of_all['speed'] = memory['speed']\n"
        "    return w, {k: v for k, v in memory.items() if k != 'speed'}\n",
        "2 parameters",
    ),
    "shared default": (
        RIGHT["all in place"].replace("memory=None", "memory={}"),
        "2 parameters without a memory",
    ),
}


@pytest.mark.parametrize(("text", "label"), WRONG.values(), ids=WRONG)
def test_memory_that_is_lost_or_shared_shows_in_the_case_that_asks_for_it(
    roll, judged, text, label
):
    at_fault = [case for case in CASES if case.label in {"1 step", label}]
    result = judged(roll(cases=at_fault), submitted(text))
    assert result.status is Status.FAILED
    assert f"({label}; seed 0)" in result.decisive.called


def test_parameters_are_stepped_by_turns():
    args = by_turns("step", ["a", "b"], [["da", "db"], ["dda", "ddb"]])
    calls = in_order([Call("step", args)])
    assert [call.args[1] for call in calls[:3]] == ["da", "db", "dda"]
    assert calls[2].args[0].call is calls[0]
    assert calls[-1].args[0].call is calls[1]
    assert calls[-1].args[2].path == (1,)


def test_what_is_kept_may_wait_for_other_calls():
    noted = []
    first, second = Call("note", ("first",)), Call("note", ("second",))
    last = Call("note", (kept("last", after=(first, second)),))
    evaluate(last, lambda _: noted.append)
    assert noted == ["first", "second", "last"]


# One value, or in place


def test_an_optimizer_that_returns_one_value_keeps_its_memory_in_place(toy, judged):
    def build(rng):
        w, *gradients = draw(rng, 3)
        memory = kept({})
        for dw in gradients[:-1]:
            w = Call("slide", (w, dw, memory))[()]
        return w, gradients[-1], memory

    topic = toy(ANSWERS)
    topic.exercise(
        "slide",
        points=1,
        returns=("w",),
        cases=[Case("1 step", lambda rng: (*draw(rng, 1), {})), Case("3 steps", build)],
        checks=[matches_truth()],
        hints=("a", "b", "c"),
        mistakes=(),
    )
    asked = topic.exercises["slide"]
    assert judged(asked, ANSWERS).status is Status.PASSED
    forgetful = ANSWERS.replace("slide(w, dw, memory):", "slide(w, dw, memory):\n    memory = {}")
    result = judged(asked, forgetful)
    assert "(3 steps; seed 0)" in result.decisive.called


def test_an_optimizer_that_should_return_two_values_is_told_so(roll, judged):
    result = judged(roll(), submitted(ONE + "    return w - 0.1 * dw\n"))
    assert result.status is Status.FAILED
    assert "2 values were expected" in result.decisive.message


def test_what_fails_on_the_way_is_told_once_with_its_own_words(roll, judged):
    text = ONE + "    if memory is None or 'seen' in memory: raise KeyError('lost')\n"
    text += "    return w - memory.get('rate', 0.1) * dw, {'seen': 1}\n"
    result = judged(roll(cases=[CASES[0], CASES[2]]), submitted(text))
    assert result.status is Status.ERROR
    assert "KeyError: 'lost'" in result.decisive.message
    assert "needs your" not in result.decisive.message


def test_steps_on_the_way_are_seen_as_they_were_when_made(roll, judged):
    seen = []

    def look(result):
        seen.append((own_walk(result), right_walk(result)))

    asked = roll([holds("is looked at", look, CASES[2:3])])
    assert judged(asked, submitted(RIGHT["all in place"])).status is Status.PASSED
    ((own, right),) = seen
    assert len(own.points) == 4
    np.testing.assert_allclose(own.points, right.points)
    assert np.abs(own.steps).min() > 0


def test_parameters_changed_in_place_are_advised_on_and_memory_is_not(roll, judged):
    result = judged(roll([matches_truth(), keeps_inputs()]), submitted(RIGHT["all in place"]))
    assert result.score == result.max_score
    (advice,) = [c.advice for c in result.checks if c.advice]
    assert "changes w:" in advice


# Right in another way


def test_another_right_way_is_right_everywhere(roll, judged):
    checks = [matches_truth(), survives("no gradient", CASES[:1]), repeatable()]
    text = ANSWERS.replace("def roll(", "def _roll(").replace("def roll_slowly(", "def roll(")
    text = text.replace("= roll(w, dw", "= _roll(w, dw")
    assert judged(roll(checks), text).status is Status.FAILED
    assert judged(roll(checks, ("roll_slowly",)), text).status is Status.PASSED
    assert judged(roll(checks, ("roll_slowly",)), ANSWERS).status is Status.PASSED


def test_two_right_ways_by_turns_are_wrong(roll, judged):
    text = ANSWERS.replace("def roll(", "def _roll(").replace("= roll(w, dw", "= _roll(w, dw")
    text += "\n\ndef roll(w, dw, memory=None):\n"
    text += "    way = roll_slowly if memory and 'rate' in memory else _roll\n"
    text += "    return way(w, dw, memory)\n"
    assert judged(roll(accepts=("roll_slowly",)), text).status is Status.FAILED


def test_adam_is_right_in_either_form_and_wrong_in_a_mixture(built_in, judged):
    """The mixture takes the paper's epsilon where it is large, and the usual one elsewhere."""
    topic = built_in.topic("optimizers")
    mixed = topic.answers.changed(
        "adam",
        [
            (
                "np.sqrt(v_hat) + epsilon",
                "np.sqrt(v_hat) + epsilon / (np.sqrt(1 - beta2**t) if epsilon > 0.01 else 1)",
            )
        ],
    )
    assert judged(topic.exercises["adam"], mixed).status is Status.FAILED
    reordered = mixed.replace("if epsilon > 0.01 else 1", "if True else 1")
    assert judged(topic.exercises["adam"], reordered).status is Status.PASSED


# What long descents show


def heavy_ball(w, dw, config):
    old = config.get("velocity", np.zeros_like(w))
    new = config["momentum"] * old - config["learning_rate"] * dw
    ahead = config["momentum"] * (new - old) if config["lookahead"] else 0
    return w + new + ahead, {**config, "velocity": new}


@pytest.mark.parametrize("lookahead", [False, True])
@pytest.mark.parametrize(("rate", "momentum"), [(0.05, 0.8), (0.01, 0.3), (-0.02, 0.5)])
def test_the_rate_and_the_momentum_of_a_walk_are_found(rate, momentum, lookahead):
    """They are found from the steps alone, also where the gradients are those of another descent."""
    start = np.array([2.0, -1.0])
    other = {"learning_rate": 0.06, "momentum": 0.6, "lookahead": False}
    met = downhill(heavy_ball, valley(), start, 12, other)
    points, config = [start], {"learning_rate": rate, "momentum": momentum, "lookahead": lookahead}
    for dw in met:
        w, config = heavy_ball(points[-1], dw, config)
        points.append(w)
    found = applied(Walk(np.array(points), np.array(met)))
    assert found.same(Applied(rate, momentum, lookahead))


def test_plain_descent_has_no_momentum():
    start = np.array([2.0, -1.0])
    met = np.array(downhill(lambda w, dw, c: (w - 0.1 * dw, c), valley(), start, 6, {}))
    points = np.vstack([start, start - 0.1 * np.cumsum(met, axis=0)])
    assert applied(Walk(points, met)).same(Applied(0.1, 0.0, lookahead=False))


def test_a_walk_of_another_kind_has_neither():
    rng = np.random.default_rng(0)
    assert applied(Walk(rng.normal(size=(13, 2)), rng.normal(size=(12, 2)))) is None
    assert applied(Walk(np.full((13, 2), np.nan), rng.normal(size=(12, 2)))) is None


WAYS = {
    "fixed": (
        [('config.setdefault("learning_rate", 1e-2)', "0.02")],
        (
            "Its 12 steps are those of learning rate 0.02 and momentum 0.8; it should apply "
            "learning rate 0.05 and momentum 0.8."
        ),
        "",
    ),
    "forgotten": (
        [('config["velocity"] = velocity', "pass")],
        (
            "Its 12 steps are those of learning rate 0.05 and no momentum; it should apply "
            "learning rate 0.05 and momentum 0.8."
        ),
        "On this quadratic every step leaves 0.950 of the error in the long run; 0.894 is right.",
    ),
    "uphill": (
        [("- learning_rate * dw", "+ learning_rate * dw")],
        (
            "Its 12 steps are those of learning rate -0.05 and momentum 0.8; it should apply "
            "learning rate 0.05 and momentum 0.8."
        ),
        "A learning rate below zero climbs: look at the signs.",
    ),
    "Nesterov": (
        [("w + velocity", "w - momentum * old_velocity + (1 + momentum) * velocity")],
        (
            "Its 12 steps are those of Nesterov's momentum with learning rate 0.05 and momentum 0.8; "
            "momentum with learning rate 0.05 and momentum 0.8 is asked for."
        ),
        None,
    ),
    "one step late": (
        [("w + velocity", "w + old_velocity")],
        "The very first of 12 steps goes by [0, 0], not by",
        None,
    ),
    "without rests": (
        [('config["velocity"] = velocity', 'config["velocity"] = np.round(velocity, 2)')],
        "Of 12 steps the first is right; step 2 goes by [",
        "What is remembered from step to step, and is all of it stored in config?",
    ),
}


@pytest.mark.parametrize(("changes", "message", "suggestion"), WAYS.values(), ids=WAYS)
def test_a_descent_that_leaves_the_way_is_told_what_it_applied(
    built_in, judged, changes, message, suggestion
):
    topic = built_in.topic("optimizers")
    result = judged(topic.exercises["sgd_momentum"], topic.answers.changed("sgd_momentum", changes))
    (way,) = [c for c in result.checks if c.name == "keeps to the way, step by step"]
    assert way.status is Status.FAILED
    assert way.message.startswith(message)
    assert suggestion is None or way.suggestion == suggestion


def test_a_factor_of_all_steps_is_told(built_in, judged):
    topic = built_in.topic("optimizers")
    text = topic.answers.changed("adagrad", [("learning_rate * dw / scale", "0.1 * dw / scale")])
    result = judged(topic.exercises["adagrad"], text)
    (way,) = [c for c in result.checks if c.name == "keeps to the way, step by step"]
    assert way.message == "Each of its 12 steps is 0.333333 times what it should be."


def test_a_step_that_gives_no_point_is_no_failure_of_the_grader(roll, judged):
    text = ONE + "    n = (memory or {}).get('n', 0) + 1\n"
    text += "    return ('nowhere' if n == 2 else np.ones(3)), {'n': n}\n"
    result = judged(roll([keeps_to_the_way(CASES[2:3])]), submitted(text))
    assert result.status is Status.FAILED
    assert "did not give an array of the shape of w" in result.decisive.message
