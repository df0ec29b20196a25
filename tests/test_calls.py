"""Calls that take what other calls gave: made here, and described as steps for over there."""

import numpy as np
import pytest

from grader.checks.calls import (
    Call,
    Function,
    Part,
    as_steps,
    evaluate,
    in_order,
    kept,
    leaves,
    mapped,
)
from grader.checks.paper import flat, like, top
from grader.student.wire import Callback, Generator, Given, Opaque, Reference

FUNCTIONS = {
    "forward": lambda x: (2 * x, {"x": x}),
    "backward": lambda dout, cache: dout * cache["x"],
    "count": lambda memory: memory.update(n=memory.get("n", 0) + 1) or memory["n"],
    "double": lambda f, x: f(f(x)),
    "draw": lambda rng: rng.random(),
    "spoil": lambda x: x.fill(0.0) or x,
}


def value_of(call):
    return evaluate(call, FUNCTIONS.get)[call].value


def test_a_call_takes_a_part_of_what_another_gave():
    forward = Call("forward", (np.array([1.0, 3.0]),))
    assert value_of(Call("backward", (10.0, forward[1]))).tolist() == [10.0, 30.0]
    assert value_of(Call("backward", (1.0, {"x": forward[1, "x"]}))).tolist() == [1.0, 3.0]


def test_calls_are_made_once_and_after_what_they_stand_on():
    forward = Call("forward", (np.ones(2),))
    other = Call("forward", (np.zeros(2),))
    backward = Call("backward", (1.0, forward[1]), after=(other,))
    assert in_order([backward, forward]) == [other, forward, backward]


def test_what_is_kept_is_one_object_for_every_call():
    memory = kept({})
    first = Call("count", (memory,))
    second = Call("count", (memory,), after=(first,))
    assert value_of(second) == 2
    assert value_of(second) == 2  # and every evaluation starts afresh


def test_an_argument_is_a_copy():
    x = np.ones(3)
    assert value_of(Call("spoil", (x,))).tolist() == [0, 0, 0]
    assert x.tolist() == [1, 1, 1]


def test_functions_and_generators_are_at_hand():
    assert value_of(Call("double", (Function("f", lambda x: x + 1), 3))) == 5
    assert value_of(Call("double", (Given("def f(x):\n    return 3 * x\n", "f"), 1))) == 9
    drawn = [value_of(Call("draw", (Generator(seed),))) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] == np.random.default_rng(1).random() != drawn[2]


def test_steps_refer_to_each_other_by_their_place():
    forward = Call("forward", (np.ones(2),))
    f = Function("f", abs)
    backward = Call("backward", (f, [forward[1]]), {"rng": Generator(3)})
    ordered = in_order([backward])
    steps, functions = as_steps(ordered, lambda call: (0,), lambda call: call is backward)
    assert steps[1].args == (Callback("f/0"), [Reference(0, (1,))])
    assert steps[1].kwargs == {"rng": Generator(3)}
    assert [(step.send, step.after) for step in steps] == [((0,), False), ((0,), True)]
    assert functions == {"f/0": f}


def test_nests_are_walked_leaf_by_leaf():
    nest = {"a": [1, (2, 3)], "b": 4}
    assert list(leaves(nest)) == [1, 2, 3, 4]
    assert mapped(nest, lambda leaf: -leaf) == {"a": [-1, (-2, -3)], "b": -4}


def test_outputs_are_named_leaf_by_leaf():
    outputs = {"loss": 1.0, "grads": {"W1": 2.0, "b": [3.0, None]}, "note": "words", "none": ()}
    assert dict(flat(outputs)) == {
        "loss": 1.0,
        "grads['W1']": 2.0,
        "grads['b'][0]": 3.0,
        "none": (),
    }
    assert top("grads['b'][0]") == "grads"


@pytest.mark.parametrize(
    ("got", "there"),
    [
        ({"g": {"a": 1, "b": [2, 3]}}, [1, 2, 3]),
        ({"g": {"a": 1, "b": [2, 3], "more": 4}}, [1, 2, 3]),
        ({"g": {"a": 1, "b": (2, 3)}}, [1, 2, 3]),
        ({"g": {"a": 1, "b": [2, "x", 3]}}, [1, None, None]),
        ({"g": {"a": 1}}, [1, None, None]),
        ({"g": [1, 2]}, [None, None, None]),
        ({}, [None, None, None]),
    ],
)
def test_outputs_are_read_in_the_layout_of_the_truth(got, there):
    found = dict(like(got, {"g": {"a": 0.0, "b": [0.0, 0.0]}}))
    assert [None if isinstance(v, Opaque) else v for v in found.values()] == there


def test_too_few_numbers_are_seen_as_the_array_that_they_are():
    found = dict(like({"b": [2, 3, 4]}, {"b": [0.0, 0.0]}))
    assert [found[name].tolist() for name in ("b[0]", "b[1]")] == [[2, 3, 4], [2, 3, 4]]


def test_a_part_without_a_path_is_all_of_it():
    forward = Call("forward", (np.ones(1),))
    assert value_of(Call("", (Part(forward),)))[0].tolist() == [2.0]
