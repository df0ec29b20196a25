"""The gradient checker, on gradients known to be right and known to be wrong."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.differentiation import check_gradient, plan_projections

RNG = np.random.default_rng
REG = 1e-2


class Network:
    """A small perceptron with softmax loss and L2 penalty, as people write it."""

    def __init__(self, seed, activation, sizes=(8, 16, 20, 5)):
        rng = RNG(seed)
        rows, inputs, hidden, classes = sizes
        self.smooth = activation == "tanh"
        self.x = rng.standard_normal((rows, inputs))
        self.y = rng.integers(0, classes, rows)
        self.params = {
            "W1": rng.standard_normal((inputs, hidden)) * np.sqrt(2 / inputs),
            "b1": 0.1 * rng.standard_normal(hidden),
            "W2": rng.standard_normal((hidden, classes)) * np.sqrt(2 / hidden),
            "b2": 0.1 * rng.standard_normal(classes),
        }
        self.calls = 0

    def _forward(self, p):
        z = self.x @ p["W1"] + p["b1"]
        h = np.tanh(z) if self.smooth else np.maximum(z, 0)
        s = h @ p["W2"] + p["b2"]
        s = s - s.max(axis=1, keepdims=True)
        return z, h, s - np.log(np.exp(s).sum(axis=1, keepdims=True))

    def loss(self, p):
        self.calls += 1
        _, _, log_p = self._forward(p)
        penalty = 0.5 * REG * ((p["W1"] ** 2).sum() + (p["W2"] ** 2).sum())
        return penalty - log_p[np.arange(len(self.y)), self.y].mean()

    def gradient(self, p):
        z, h, log_p = self._forward(p)
        d = np.exp(log_p)
        d[np.arange(len(self.y)), self.y] -= 1
        d /= len(self.y)
        dz = d @ p["W2"].T * ((1 - h * h) if self.smooth else (z > 0))
        return {
            "W1": self.x.T @ dz + REG * p["W1"],
            "b1": dz.sum(axis=0),
            "W2": h.T @ d + REG * p["W2"],
            "b2": d.sum(axis=0),
        }


def scaled(block, factor):
    def plant(gradient, _params):
        gradient[block] *= factor

    return plant


def zeroed(block, index=...):
    def plant(gradient, _params):
        gradient[block][index] = 0

    return plant


def element(gradient, _params):
    gradient["W1"][3, 7] *= 1.1


def negative_row(gradient, _params):
    gradient["W2"][4] *= -1


def exchanged(gradient, _params):
    gradient["W1"][3, [7, 9]] = gradient["W1"][3, [9, 7]]


def half_the_regulariser(gradient, params):
    for block in ("W1", "W2"):
        gradient[block] -= 0.5 * REG * params[block]


def not_averaged(gradient, _params):
    for name in gradient:
        gradient[name] *= 32


FAULTS = {  # what is planted: where it must be found, and the factor
    "W1 x 1.01": (scaled("W1", 1.01), "W1", 1.01),
    "W1 x 1.1": (scaled("W1", 1.1), "W1", 1.1),
    "sign of W2": (scaled("W2", -1), "W2", -1),
    "zeroed column": (zeroed("W1", (slice(None), 5)), "W1[:, 5]", 0),
    "missing bias": (zeroed("b1"), "b1", 0),
    "one bias": (zeroed("b2", 2), "b2[2]", 0),
    "negative row": (negative_row, "W2[4, :]", -1),
    "one element": (element, "W1[3, 7]", 1.1),
    "two exchanged": (exchanged, "W1[3, [7, 9]]", None),
    "not averaged": (not_averaged, "gradient", 32),
}


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_right_networks_are_called_right(activation):
    for seed in range(60):
        network = Network(seed, activation)
        verdict = check_gradient(network.loss, network.gradient, network.params, rng=RNG(seed))
        assert verdict.right, (seed, verdict)
        assert verdict.error < 1e-6
        assert not verdict.where


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize(("plant", "where", "factor"), FAULTS.values(), ids=FAULTS)
def test_planted_fault_is_found_where_it_is_and_by_its_factor(plant, where, factor, activation):
    for seed in range(12):
        network = Network(seed, activation)
        gradient = network.gradient(network.params)
        before = {name: block.copy() for name, block in gradient.items()}
        plant(gradient, network.params)
        if not all(np.linalg.norm(before[k] - gradient[k]) != 0 for k in before if k in where):
            continue  # the fault fell on a unit that never fires
        verdict = check_gradient(network.loss, gradient, network.params, rng=RNG(seed))
        assert verdict.right is False, (seed, verdict)
        assert verdict.where == where, (seed, verdict)
        assert verdict.factor == (factor if factor is None else pytest.approx(factor, rel=1e-5))


def test_half_a_regulariser_is_found_in_both_blocks():
    network = Network(0, "tanh")
    gradient = network.gradient(network.params)
    half_the_regulariser(gradient, network.params)
    verdict = check_gradient(network.loss, gradient, network.params)
    assert verdict.right is False
    assert {verdict.where, verdict.reason.rpartition("wrong too: ")[2]} == {"W1", "W2"}


def test_error_is_the_share_of_the_block_that_is_wrong():
    network = Network(0, "tanh")
    gradient = network.gradient(network.params)
    gradient["W1"] *= 1.001
    verdict = check_gradient(network.loss, gradient, network.params, draws=50)
    assert verdict.error == pytest.approx(1e-3, rel=0.3)


def test_index_selects_the_faulty_part_of_its_block():
    network = Network(1, "tanh")
    gradient = network.gradient(network.params)
    gradient["W1"][:, 5] = 0
    verdict = check_gradient(network.loss, gradient, network.params)
    assert (gradient["W1"][verdict.index] == 0).all()


@given(
    where=st.sets(st.integers(0, 34), min_size=1, max_size=35),
    size=st.floats(1e-4, 10.0),
    equal=st.booleans(),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_no_pattern_of_errors_is_passed(where, size, equal, seed):
    rng = RNG(seed)
    a, x = rng.standard_normal((2, 5, 7))
    fault = np.zeros(35)
    at = sorted(where)
    fault[at] = rng.choice([-1.0, 1.0], len(at)) if equal else rng.standard_normal(len(at))
    gradient = a * np.cos(x)
    gradient += size * np.linalg.norm(gradient) * (fault / np.linalg.norm(fault)).reshape(5, 7)
    assert check_gradient(lambda z: np.sum(a * np.sin(z)), gradient, x, rng=rng).right is False


def test_miss_probability_stays_below_the_documented_bound():
    tolerance, draws = 0.05, 20_000
    points = plan_projections(np.zeros(6), RNG(0), draws=draws, step=1.0).points
    directions = points[1::4]
    patterns = [np.eye(6)[0], np.array([1, -1, 0, 0, 0, 0]), np.ones(6), np.arange(6) - 2.0]
    for pattern in patterns:
        passed = np.abs(directions @ pattern) <= tolerance * np.linalg.norm(pattern)
        assert passed.mean() <= np.sqrt(2) * tolerance + 4 * np.sqrt(0.07 / draws)


def test_non_finite_gradient_is_wrong_there():
    network = Network(0, "tanh")
    for bad in (np.nan, np.inf, -np.inf):
        gradient = network.gradient(network.params)
        gradient["b2"][3] = bad
        verdict = check_gradient(network.loss, gradient, network.params)
        assert (verdict.right, verdict.where, verdict.index) == (False, "b2[3]", (3,))


@pytest.mark.parametrize("at_kink", [0.0, 1.0, 0.5])
def test_any_subgradient_at_one_kink_is_right(at_kink):
    x = np.array([1.0, -2.0, 0.0, 0.5])
    gradient = np.array([1.0, 0.0, at_kink, 1.0])
    assert check_gradient(lambda z: np.maximum(z, 0).sum(), gradient, x).right


def test_wrong_gradient_beside_a_kink_is_still_wrong():
    x = np.array([1.0, -2.0, 1e-8, 0.5])
    gradient = np.array([1.0, 0.1, 1.0, 1.0])
    verdict = check_gradient(lambda z: np.maximum(z, 0).sum(), gradient, x)
    assert (verdict.right, verdict.where) == (False, "gradient[1]")


def test_kink_in_another_column_is_not_blamed():
    for seed in range(30):
        rng = RNG(seed)
        a, x = rng.standard_normal((2, 6, 8))
        edge = x[:, 2].sum() - 3e-7
        loss = lambda w, a=a, edge=edge: np.sum(a * w) + max(0.0, w[:, 2].sum() - edge)  # noqa: E731
        gradient = a.copy()
        gradient[:, 2] += 1
        gradient[:, 5] *= 3
        verdict = check_gradient(loss, gradient, x, rng=rng)
        assert (verdict.right, verdict.where) == (False, "gradient[:, 5]"), (seed, verdict)


def test_right_gradient_so_near_kinks_that_every_draw_meets_one_is_never_called_wrong():
    for seed in range(40):
        rng = RNG(seed)
        a, x = rng.standard_normal(50), rng.standard_normal(50) * 10.0 ** rng.uniform(-12, 0, 50)
        verdict = check_gradient(lambda z, a=a: np.abs(z) @ a, a * np.sign(x), x, rng=rng)
        assert verdict.right is not False, verdict


def test_single_precision_gradient_of_a_double_function_is_right():
    network = Network(0, "tanh")
    gradient = {k: v.astype(np.float32) for k, v in network.gradient(network.params).items()}
    assert check_gradient(network.loss, gradient, network.params).right


def test_verdict_repeats_itself_for_the_same_seed():
    network = Network(0, "relu")
    gradient = network.gradient(network.params)
    gradient["W1"][0, 0] += 1
    first = check_gradient(network.loss, gradient, network.params)
    assert check_gradient(network.loss, gradient, network.params) == first


def test_start_is_left_as_it_was():
    network = Network(0, "tanh")
    before = {name: block.copy() for name, block in network.params.items()}
    check_gradient(network.loss, network.gradient, network.params)
    for name, block in before.items():
        np.testing.assert_array_equal(network.params[name], block)


def test_right_gradient_costs_two_calls_a_draw_and_one():
    network = Network(0, "tanh")
    assert check_gradient(network.loss, network.gradient, network.params, draws=4).right
    assert network.calls == 9


@pytest.mark.parametrize(
    ("index", "where", "calls"),
    [
        ((40, 60), "W1[40, 60]", 54),
        ((slice(None), 60), "W1[:, 60]", 70),
        ((40, [7, 60]), "W1[40, [7, 60]]", 95),
    ],
)
def test_a_wrong_part_is_located_within_few_calls(index, where, calls):
    network = Network(0, "tanh", sizes=(8, 64, 100, 10))
    gradient = network.gradient(network.params)
    gradient["W1"][index] += 1
    assert check_gradient(network.loss, gradient, network.params).where == where
    assert network.calls <= calls


def test_a_place_read_off_is_not_taken_for_the_only_one_where_another_is_wrong_too():
    """A fault of a thousandth of the other's size moves the reading by less than a place."""
    network = Network(0, "tanh")
    gradient = network.gradient(network.params)
    gradient["b1"][3] += 1.0
    gradient["b1"][17] += 1e-3
    assert check_gradient(network.loss, gradient, network.params).where == "b1[[3, 17]]"


def test_one_wrong_block_costs_the_others_a_draw_each():
    """Of five blocks one is wrong: a draw of all, one of each, three of the four that agree."""
    calls = 0

    def f(x):
        nonlocal calls
        calls += 1
        return sum(float(np.sin(block).sum()) for block in x)

    x = [np.linspace(0.1, 1.0, 4) + k for k in range(5)]
    gradient = [np.cos(block) for block in x]
    gradient[2] *= 2
    verdict = check_gradient(f, gradient, x)
    assert (verdict.where, verdict.right) == ("gradient[2]", False)
    assert calls == 1 + 2 + 5 * 2 + 3 * 2 + 3 * 4 + 1


def test_import_needs_neither_numba_nor_scipy():
    program = "import sys, numerics.differentiation; print({'numba', 'scipy'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
