"""A forward and its backward, judged together: the cache between them is the learner's own affair.

So are networks made of such pairs, whose gradients come back as dicts and lists.
"""

import numpy as np
import pytest

from grader.checks import Call, kept
from grader.checks.calls import in_order, rebuilt
from grader.report import Status

APART = "stays right for two layers at once"


@pytest.fixture
def graded(built_in, judged):
    """Judge one exercise of a file: the model answers, with what is given in place of some."""
    topic = built_in.topic("backprop")

    def grade(name, *functions, seed=0, text=topic.answers.text):
        return judged(topic.exercises[name], "\n\n".join([text, *functions]), seed=seed)

    return grade


def said(result):
    return [check.advice for check in result.checks if check.advice]


def failed(result):
    return [check.name for check in result.checks if check.status is not Status.PASSED]


# ---------------------------------------------------------------------------------------------
# A forward that is wrong, and its backward
# ---------------------------------------------------------------------------------------------

# Forwards that are wrong, each with the backward that belongs to it, and those that do not.
PAIRS = {
    "affine": (
        "def affine_forward(x, w, b):\n    return 2 * x.reshape(len(x), -1) @ w + 3 * b, [x, w]\n",
        (
            "def affine_backward(dout, cache):\n"
            "    x, w = cache\n"
            "    rows = x.reshape(len(x), -1)\n"
            "    return 2 * (dout @ w.T).reshape(x.shape), 2 * rows.T @ dout, 3 * dout.sum(axis=0)\n"
        ),
    ),
    "relu": (
        "def relu_forward(x):\n    return np.where(x > 0, x, 0.1 * x), x\n",
        "def relu_backward(dout, cache):\n    return np.where(cache > 0, dout, 0.1 * dout)\n",
    ),
    "sigmoid": (
        "def sigmoid_forward(x):\n    s = 0.5 + 0.5 * np.tanh(x)\n    return s, {'s': s}\n",
        "def sigmoid_backward(dout, cache):\n    return 2 * dout * cache['s'] * (1 - cache['s'])\n",
    ),
    "tanh": (
        "def tanh_forward(x):\n    return np.arctan(x), lambda dout: dout / (1 + x**2)\n",
        "def tanh_backward(dout, cache):\n    return cache(dout)\n",
    ),
    "residual": (
        (
            "def residual_forward(x, w1, b1, w2, b2):\n"
            "    z = x @ w1 + b1\n"
            "    return 2 * x + np.maximum(z, 0) @ w2 + b2, (x, w1, z, w2)\n"
        ),
        (
            "def residual_backward(dout, cache):\n"
            "    x, w1, z, w2 = cache\n"
            "    dz = (dout @ w2.T) * (z > 0)\n"
            "    dw2 = np.maximum(z, 0).T @ dout\n"
            "    return 2 * dout + dz @ w1.T, x.T @ dz, dz.sum(axis=0), dw2, dout.sum(axis=0)\n"
        ),
    ),
}
each_pair = pytest.mark.parametrize("pair", PAIRS)


@each_pair
def test_a_wrong_forward_is_told_and_its_own_derivative_earns_the_backwards_marks(graded, pair):
    forward = graded(f"{pair}_forward", *PAIRS[pair])
    assert forward.status is Status.FAILED
    assert forward.score < forward.max_score
    assert forward.decisive.message
    backward = graded(f"{pair}_backward", *PAIRS[pair])
    assert (backward.status, failed(backward)) == (Status.PASSED, [])
    assert backward.score == backward.max_score
    blamed = f"it is {pair}_forward that is wrong"
    assert any(blamed in advice for advice in said(backward))


@each_pair
@pytest.mark.parametrize("seed", range(1, 4))
def test_that_does_not_hang_on_the_seed(graded, pair, seed):
    assert graded(f"{pair}_backward", *PAIRS[pair], seed=seed).status is Status.PASSED


@each_pair
def test_a_backward_that_is_neither_right_nor_the_own_derivative_loses_its_marks(graded, pair):
    name = f"{pair}_backward"
    bent = (
        f"own_derivative = {name}\n\n\n"
        f"def {name}(dout, cache):\n"
        "    found = own_derivative(dout, cache)\n"
        "    return tuple(0.7 * f for f in found) if isinstance(found, tuple) else 0.7 * found\n"
    )
    result = graded(name, *PAIRS[pair], bent)
    assert result.status is Status.FAILED
    assert result.score < 0.3 * result.max_score
    assert said(result) == []


def test_one_wrong_gradient_of_several_loses_its_own_marks_only(graded):
    forward, backward = PAIRS["affine"]
    result = graded("affine_backward", forward, backward.replace("3 * dout", "dout[0] + dout"))
    lost = [name for name in failed(result) if "matches the truth" in name]
    assert lost == ["db: matches the truth on random batches"]


def test_the_right_gradient_of_a_wrong_forward_is_right(graded):
    """The bias is subtracted on the way forward; the weights' gradients know nothing of it."""
    forward = "def affine_forward(x, w, b):\n    return x.reshape(len(x), -1) @ w - b, (x, w)\n"
    result = graded("affine_backward", forward)
    assert result.status is Status.PASSED
    assert said(result) == []


def test_zero_is_not_taken_for_the_derivative_of_a_constant_forward(graded):
    """It is one, and it would make every network of such layers pass."""
    result = graded(
        "tanh_backward",
        "def tanh_forward(x):\n    return 0 * x, x\n",
        "def tanh_backward(dout, cache):\n    return 0 * cache\n",
    )
    assert result.status is Status.FAILED
    assert result.score < 0.2 * result.max_score


# ---------------------------------------------------------------------------------------------
# A forward that gives nothing to work with
# ---------------------------------------------------------------------------------------------


def test_a_backward_says_that_its_forward_is_still_a_stub(graded):
    stub = (
        'def affine_forward(x, w, b):\n    raise NotImplementedError("backprop.affine_forward")\n'
    )
    result = graded("affine_backward", stub)
    assert (result.status, result.score) == (Status.UNSOLVED, 0)
    assert result.decisive.message == "It needs backprop.affine_forward, still a stub."
    assert "learnkit check backprop.affine_forward" in result.decisive.suggestion


def test_a_backward_says_what_its_forward_raises(graded):
    result = graded("tanh_backward", "def tanh_forward(x):\n    return x.nothing, x\n")
    assert (result.status, result.score) == (Status.ERROR, 0)
    assert result.decisive.message.startswith("It needs your tanh_forward. AttributeError")
    assert "x.nothing" in result.decisive.message


def test_a_backward_says_that_there_is_no_forward(graded):
    result = graded("relu_backward", "del relu_forward\n")
    assert (result.status, result.score) == (Status.MISSING, 0)
    assert "relu_forward" in result.decisive.message
    assert "Write relu_forward first" in result.decisive.suggestion


@pytest.mark.parametrize("returned", ["np.tanh(x)", "None", "3.0", "(np.tanh(x),)"])
def test_a_forward_without_a_cache_is_the_learners_failure(graded, returned):
    result = graded("tanh_backward", f"def tanh_forward(x):\n    return {returned}\n")
    assert result.status in {Status.FAILED, Status.ERROR, Status.UNSOLVED}
    assert result.score < result.max_score
    assert "tanh_forward" in f"{result.decisive.message} {result.decisive.called}"


# ---------------------------------------------------------------------------------------------
# Caches
# ---------------------------------------------------------------------------------------------

GLOBAL = (
    (
        "kept = {}\n\n\n"
        "def affine_forward(x, w, b):\n"
        "    kept['x'], kept['w'] = x, w\n"
        "    return x.reshape(len(x), -1) @ w + b, None\n"
    ),
    (
        "def affine_backward(dout, cache):\n"
        "    x, w = kept['x'], kept['w']\n"
        "    rows = x.reshape(len(x), -1)\n"
        "    return (dout @ w.T).reshape(x.shape), rows.T @ dout, dout.sum(axis=0)\n"
    ),
)
BUFFER = (
    (
        "buffers = {}\n\n\n"
        "def tanh_forward(x):\n"
        "    out = buffers.setdefault(x.shape, np.empty(x.shape))\n"
        "    np.tanh(x, out=out)\n"
        "    return out.copy(), out\n"
    ),
)


@pytest.mark.parametrize(
    ("name", "functions"),
    [("affine_backward", GLOBAL), ("tanh_backward", BUFFER)],
    ids=["in a global", "in a buffer that is used again"],
)
def test_a_cache_that_the_next_forward_overwrites_is_found(graded, name, functions):
    result = graded(name, *functions)
    assert result.status is Status.FAILED
    assert APART in failed(result)
    (check,) = (check for check in result.checks if check.name == APART)
    assert "after the second one's forward" in check.called
    assert "nothing into global variables" in check.suggestion


USED_UP = {
    "emptied": (
        "relu_backward",
        "def relu_forward(x):\n    return np.maximum(x, 0), [x > 0]\n",
        "def relu_backward(dout, cache):\n    return dout * cache.pop()\n",
    ),
    "written over": (
        "sigmoid_backward",
        (
            "def sigmoid_backward(dout, cache):\n"
            "    cache *= 1 - cache\n    cache *= dout\n    return cache\n"
        ),
    ),
    "an iterator": (
        "tanh_backward",
        "def tanh_forward(x):\n    t = np.tanh(x)\n    return t, iter([t])\n",
        "def tanh_backward(dout, cache):\n    return dout * (1 - next(cache) ** 2)\n",
    ),
}


@pytest.mark.parametrize("how", USED_UP)
def test_a_backward_may_use_up_its_cache(graded, how):
    """It is asked once about each: to change what one is given costs no marks."""
    name, *functions = USED_UP[how]
    result = graded(name, *functions)
    assert (result.status, failed(result)) == (Status.PASSED, [])


def test_calls_can_be_made_again_from_the_start():
    first = Call("forward", (np.ones(2),))
    other = Call("forward", (np.zeros(2),), after=(first,))
    last = Call("backward", (1.5, kept(first[1], after=[other])), {"scale": first[0]})
    copy = rebuilt(last, lambda leaf: 2 * leaf)
    before, after = in_order([last]), in_order([copy])
    assert not set(before) & set(after)
    assert [call.function for call in after] == [call.function for call in before]
    assert len(after) == 4
    assert copy.args[0] == 3.0
    assert (after[0].args[0] == 2).all()
    assert copy.named["scale"].call is after[0]


# ---------------------------------------------------------------------------------------------
# Networks that call the learner's own layers
# ---------------------------------------------------------------------------------------------

IMAGES = "    rows = x.reshape(len(x), -1)\n"
LAYERS = {
    "no bias": "def affine_forward(x, w, b):\n    return x.reshape(len(x), -1) @ w, (x, w)\n",
    "db over the wrong axis": (
        "def affine_forward(x, w, b):\n"
        "    return x.reshape(len(x), -1) @ w + b, {'x': x, 'w': w}\n\n\n"
        "def affine_backward(dout, cache):\n"
        "    x, w = cache['x'], cache['w']\n"
        "    rows = x.reshape(len(x), -1)\n"
        "    return (dout @ w.T).reshape(x.shape), rows.T @ dout, dout.sum(axis=1)\n"
    ),
    "a backward that raises": "def affine_backward(dout, cache):\n    x, w, b = cache\n",
    "a stub": "def affine_backward(dout, cache):\n"
    '    raise NotImplementedError("backprop.affine_backward")\n',
    "a matching wrong pair": "\n\n".join(PAIRS["affine"]),
    "no mask": "def relu_backward(dout, cache):\n    return dout\n",
    "an absolute value": (
        "def relu_forward(x):\n    return np.abs(x), np.sign(x)\n\n\n"
        "def relu_backward(dout, cache):\n    return dout * cache\n"
    ),
}
WRONG_FORWARDS = {"no bias", "a matching wrong pair", "an absolute value"}
NETWORKS = ("residual_forward", "residual_backward", "two_layer_loss", "mlp_loss")


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("network", NETWORKS)
def test_a_network_is_judged_fairly_over_wrong_layers(graded, network, layer):
    """Its own lines are right, and the caches of the right layers come back over the wire."""
    result = graded(network, LAYERS[layer])
    assert (result.status, failed(result)) == (Status.PASSED, [])
    assert (result.score, result.mistake) == (result.max_score, None)
    calls_it = network != "residual_forward" or layer in WRONG_FORWARDS
    assert ["not right yet" in advice for advice in said(result)] == [True] * calls_it


def test_the_layer_that_is_wrong_is_the_one_that_is_blamed(graded):
    (advice,) = said(graded("two_layer_loss", LAYERS["no mask"]))
    assert "It calls your backprop.relu_backward, which is not right yet" in advice
    assert "affine" not in advice


def test_a_network_that_is_wrong_stays_wrong_over_wrong_layers(graded, built_in):
    answers = built_in.topic("backprop").answers
    wrong = answers.changed("two_layer_loss", [("dW1 += reg * W1", "pass")])
    result = graded("two_layer_loss", LAYERS["no bias"], text=wrong)
    assert result.status is Status.FAILED
    assert 0 < result.score < result.max_score


def test_a_network_may_call_a_loss_of_another_topic(graded, built_in):
    loss = (
        "def softmax_loss(x, y):\n    return 0.0, x\n\n\n"
        "def mlp_loss(params, x, y):\n"
        "    (w, b), *others = params\n"
        "    if not others:\n"
        "        scores, cache = affine_forward(x, w, b)\n"
        "        loss, dscores = softmax_loss(scores, y)\n"
        "        dx, dw, db = affine_backward(dscores, cache)\n"
        "        mlp_loss.dx = dx\n"
        "        return loss, [(dw, db)]\n"
        "    z, cache = affine_forward(x, w, b)\n"
        "    h, gate = relu_forward(z)\n"
        "    loss, grads = mlp_loss(others, h, y)\n"
        "    dx, dw, db = affine_backward(relu_backward(mlp_loss.dx, gate), cache)\n"
        "    mlp_loss.dx = dx\n"
        "    return loss, [(dw, db), *grads]\n"
    )
    result = graded("mlp_loss", loss)
    assert (result.status, failed(result)) == (Status.PASSED, [])
    assert "It calls your losses.softmax_loss" in said(result)[0]


# ---------------------------------------------------------------------------------------------
# Gradients in dicts and lists
# ---------------------------------------------------------------------------------------------


def changed(built_in, name, *changes):
    """Return the text of the model answers with changes in one of them."""
    return built_in.topic("backprop").answers.changed(name, changes)


def test_a_wrong_gradient_in_a_dict_is_told_by_its_key(graded, built_in):
    text = changed(built_in, "two_layer_loss", ("dW2 += reg * W2", "dW2 += 3 * reg * W2"))
    assert "grads['W2'][" in graded("two_layer_loss", text=text).decisive.message


def test_a_wrong_gradient_in_a_list_is_told_by_its_place(graded, built_in):
    text = changed(
        built_in, "mlp_loss", ("grads.reverse()", "grads.reverse(); grads[1][1][0] += 1")
    )
    messages = [check.message for check in graded("mlp_loss", text=text).checks]
    assert any("grads[1][1][0]" in message for message in messages)


@pytest.mark.parametrize(
    "returned",
    [
        "[[dW, db] for dW, db in grads]",
        "tuple(grads)",
        "tuple([dW, db] for dW, db in grads)",
    ],
)
def test_lists_and_tuples_are_alike(graded, built_in, returned):
    text = changed(built_in, "mlp_loss", ("return loss, grads", f"return loss, {returned}"))
    assert graded("mlp_loss", text=text).status is Status.PASSED


def test_what_a_dict_holds_beyond_the_gradients_is_left_alone(graded, built_in):
    text = changed(
        built_in,
        "two_layer_loss",
        ("return loss, grads", 'return loss, {**grads, "scores": scores, "note": "hello"}'),
    )
    assert graded("two_layer_loss", text=text).status is Status.PASSED


@pytest.mark.parametrize(
    "returned", ["grads[1:]", "{}", "[]", "None", "grads + grads", "dict(enumerate(grads))", "0.0"]
)
def test_gradients_laid_out_otherwise_are_the_learners_failure(graded, built_in, returned):
    text = changed(built_in, "mlp_loss", ("return loss, grads", f"return loss, {returned}"))
    result = graded("mlp_loss", text=text)
    assert result.status is Status.FAILED
    assert 0 < result.score < result.max_score
    assert "grads" in result.decisive.message


CONSISTENT = {
    "two_layer_loss": [
        ("0.5 * reg", "reg"),
        ("dW1 += reg * W1", "dW1 += 2 * reg * W1"),
        ("dW2 += reg * W2", "dW2 += 2 * reg * W2"),
    ],
    "mlp_loss": [("-np.mean(", "-np.sum("), ("dvalues /= len(values)", "pass")],
}
GRADIENT = "grads: is the derivative of the loss"


@pytest.mark.parametrize("name", CONSISTENT)
def test_the_derivative_of_a_wrong_loss_earns_the_gradients_marks(graded, built_in, name):
    result = graded(name, text=changed(built_in, name, *CONSISTENT[name]))
    assert result.status is Status.FAILED
    assert GRADIENT not in failed(result)
    assert "grads is the derivative of your loss; it is the loss that is wrong." in said(result)


@pytest.mark.parametrize("name", CONSISTENT)
def test_one_array_that_is_no_derivative_of_a_wrong_loss_earns_nothing(graded, built_in, name):
    wrong = {
        "two_layer_loss": ('"b1": db1', '"b1": 2 * db1'),
        "mlp_loss": ("grads.reverse()", "grads.reverse(); grads[0][0][:] *= 1.1"),
    }
    text = changed(built_in, name, *CONSISTENT[name], wrong[name])
    assert GRADIENT in failed(graded(name, text=text))


# ---------------------------------------------------------------------------------------------
# What a learner reads
# ---------------------------------------------------------------------------------------------


def test_a_call_shows_what_the_forward_was_given(graded):
    """A backward's arguments are half of what is needed to try it again."""
    shown = graded("relu_backward", "def relu_backward(dout, cache):\n    return dout\n")
    assert "dout=[[ 5., -7.], [ 2., -4.]]" in shown.decisive.called
    assert "cache=relu_forward(x=[[-3. , 2. ], [ 0.5 , -0.25]])[1]" in shown.decisive.called


def test_a_call_shows_the_forward_whose_cache_it_was(graded):
    """Of two forwards the first; large arrays by their shapes."""
    result = graded("affine_backward", *GLOBAL)
    (check,) = (check for check in result.checks if check.name == APART)
    assert "cache=affine_forward(x=array(3, 4), w=array(4, 2), b=array(2,))[1]" in check.called


def test_the_same_advice_is_read_once(learnkit, built_in, here):
    path = here / "answers.py"
    path.write_text("\n\n".join([built_in.topic("backprop").answers.text, *PAIRS["affine"]]))
    names = ("backprop.affine_backward", "backprop.relu_forward")
    output = " ".join(learnkit("check", *names, "--file", path).output.split())
    assert output.count("it is affine_forward that is wrong") == 1
