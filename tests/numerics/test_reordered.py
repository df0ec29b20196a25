"""Adam in the paper's reordered form: where it is Adam, and where its epsilon makes it another."""

import math

import numpy as np
import pytest
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer

from numerics import optimizers

ROUNDING = {"rtol": 1e-13, "atol": 1e-15}
FORMS = {"adam_reordered": "adam", "adamw_reordered": "adamw"}
SETTINGS = {"learning_rate": 0.05, "beta1": 0.7, "beta2": 0.9}


@pytest.fixture
def gradients():
    return np.random.default_rng(3).standard_normal((12, 3, 2))


def path(name, w, gradients, config, epsilon=None):
    """Return `w` after each step; epsilon may be another in each."""
    points = []
    for step, dw in enumerate(gradients):
        if epsilon is not None:
            config["epsilon"] = epsilon(step + 1)
        w, config = getattr(optimizers, name)(w, dw, config)
        points.append(w)
    return np.array(points)


def test_it_is_the_form_that_scikit_learn_has(gradients):
    start = np.full((3, 2), 0.5)
    theirs = start.copy()
    other = AdamOptimizer([theirs], 0.05, 0.7, 0.9, 0.1)
    got = path("adam_reordered", start, gradients, {**SETTINGS, "epsilon": 0.1})
    for point, dw in zip(got, gradients, strict=True):
        other.update_params([theirs], [dw])
        np.testing.assert_allclose(point, theirs, **ROUNDING)


@pytest.mark.parametrize(("reordered", "usual"), FORMS.items())
def test_scaled_by_the_correction_its_epsilon_gives_the_usual_form(reordered, usual, gradients):
    start = np.full((3, 2), 0.5)
    want = path(usual, start, gradients, {**SETTINGS, "epsilon": 0.1})
    got = path(reordered, start, gradients, dict(SETTINGS), lambda t: 0.1 * math.sqrt(1 - 0.9**t))
    np.testing.assert_allclose(got, want, **ROUNDING)


@pytest.mark.parametrize(("reordered", "usual"), FORMS.items())
def test_a_large_epsilon_tells_the_forms_apart(reordered, usual, gradients):
    settings = {**SETTINGS, "epsilon": 0.1}
    got = path(reordered, np.ones((3, 2)), gradients[:1], dict(settings))
    want = path(usual, np.ones((3, 2)), gradients[:1], dict(settings))
    assert np.abs(got - want).max() > 1e-3


def test_the_first_step_by_hand():
    """m = 2, v = 4, t = 1: 0.1 sqrt(0.25) / 0.5 = 0.1 times 2 / (2 + 0.5), and 0.1 * 0.5 * 3."""
    settings = {"learning_rate": 0.1, "beta1": 0.5, "beta2": 0.75, "epsilon": 0.5}
    w, _ = optimizers.adam_reordered([3.0], [4.0], dict(settings))
    np.testing.assert_allclose(w, [2.92], **ROUNDING)
    w, _ = optimizers.adamw_reordered([3.0], [4.0], {**settings, "weight_decay": 0.5})
    np.testing.assert_allclose(w, [2.77], **ROUNDING)


@pytest.mark.parametrize("name", FORMS)
def test_arguments_are_left_alone_and_state_moves_on(name):
    w, dw, m, v = np.ones(2), np.full(2, 4.0), np.ones(2), np.ones(2)
    config = {"m": m, "v": v, "t": 2, "beta1": 0.5, "beta2": 0.75}
    _, given_back = getattr(optimizers, name)(w, dw, config)
    assert given_back is config
    assert config["t"] == 3
    np.testing.assert_allclose(config["m"], 2.5)
    np.testing.assert_allclose(config["v"], 4.75)
    for array, value in ((w, 1), (dw, 4), (m, 1), (v, 1)):
        np.testing.assert_array_equal(array, value)


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("wrong", [{"epsilon": 0.0}, {"beta2": 1.0}, {"t": -1}, {"m": np.ones(3)}])
def test_what_makes_no_sense_is_refused(name, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        getattr(optimizers, name)(np.ones(2), np.ones(2), wrong)
