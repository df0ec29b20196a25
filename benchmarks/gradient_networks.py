"""The network whose gradient is checked, and the faults that are planted in it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Blocks = dict[str, FloatArray]

REGULARISER = 1e-2
LEAST = 1e-3  # a planted fault changes its block by at least this share of its norm


class Network:
    """A multi-layer perceptron with softmax loss and L2 penalty, He weights, in plain NumPy.

    Parameters
    ----------
    seed : int
        Of the data and the weights.
    activation : str
        ``"tanh"`` or ``"relu"``.
    sizes : tuple of int
        Rows, inputs, hidden units, classes: 64-100-10 on 32 rows has 7 510 parameters.

    """

    def __init__(
        self, seed: int, activation: str, sizes: tuple[int, int, int, int] = (32, 64, 100, 10)
    ) -> None:
        rng = np.random.default_rng(seed)
        rows, inputs, hidden, classes = sizes
        self.activation = activation
        self.rows = np.arange(rows)
        self.x = rng.standard_normal((rows, inputs))
        self.y = rng.integers(0, classes, rows)
        self.params: Blocks = {
            "W1": rng.standard_normal((inputs, hidden)) * np.sqrt(2 / inputs),
            "b1": 0.1 * rng.standard_normal(hidden),
            "W2": rng.standard_normal((hidden, classes)) * np.sqrt(2 / hidden),
            "b2": 0.1 * rng.standard_normal(classes),
        }

    def loss(self, p: Blocks) -> float:
        """Return the loss at the parameters p."""
        hidden = self._activate(self.x @ p["W1"] + p["b1"])
        scores = hidden @ p["W2"] + p["b2"]
        scores -= scores.max(axis=1, keepdims=True)
        chosen = scores[self.rows, self.y]
        penalty = np.vdot(p["W1"], p["W1"]) + np.vdot(p["W2"], p["W2"])
        data = (np.log(np.exp(scores).sum(axis=1)) - chosen).mean()
        return float(data + 0.5 * REGULARISER * penalty)

    def gradient(self, p: Blocks) -> Blocks:
        """Return the gradient at the parameters p, by backpropagation."""
        z = self.x @ p["W1"] + p["b1"]
        hidden = self._activate(z)
        scores = hidden @ p["W2"] + p["b2"]
        scores -= scores.max(axis=1, keepdims=True)
        d = np.exp(scores)
        d /= d.sum(axis=1, keepdims=True)
        d[self.rows, self.y] -= 1
        d /= len(self.rows)
        slope = 1 - hidden * hidden if self.activation == "tanh" else z > 0
        dz = (d @ p["W2"].T) * slope
        return {
            "W1": self.x.T @ dz + REGULARISER * p["W1"],
            "b1": dz.sum(axis=0),
            "W2": hidden.T @ d + REGULARISER * p["W2"],
            "b2": d.sum(axis=0),
        }

    def _activate(self, z: FloatArray) -> FloatArray:
        return np.asarray(np.tanh(z) if self.activation == "tanh" else np.maximum(z, 0))


@dataclass(frozen=True)
class Fault:
    """A wrong gradient: each block times `times`, plus `plus`."""

    times: dict[str, Any]
    plus: dict[str, FloatArray]
    where: tuple[str, ...]  # any of these is the right place to name

    def planted(self, gradient: Blocks) -> Blocks:
        """Return the wrong gradient."""
        return {
            name: block * self.times.get(name, 1.0) + self.plus.get(name, 0.0)
            for name, block in gradient.items()
        }


Planter = Callable[[Network, Blocks, np.random.Generator], Fault]


def _scaled(factor: float) -> Planter:
    return lambda _n, _g, _r: Fault({"W1": factor}, {}, ("W1",))


def _zeroed_column(_network: Network, gradient: Blocks, rng: np.random.Generator) -> Fault:
    w = gradient["W1"]
    shares = np.linalg.norm(w, axis=0) / np.linalg.norm(w)
    column = int(rng.choice(np.flatnonzero(shares >= LEAST)))
    times = np.ones_like(w)
    times[:, column] = 0
    return Fault({"W1": times}, {}, (f"W1[:, {column}]",))


def _missing_bias(_network: Network, _gradient: Blocks, _rng: np.random.Generator) -> Fault:
    return Fault({"b1": 0.0}, {}, ("b1",))


def _half_regulariser(network: Network, _gradient: Blocks, _rng: np.random.Generator) -> Fault:
    plus = {name: -0.5 * REGULARISER * network.params[name] for name in ("W1", "W2")}
    return Fault({}, plus, ("W1", "W2"))


def _one_element(_network: Network, gradient: Blocks, rng: np.random.Generator) -> Fault:
    i, j = (int(rng.integers(n)) for n in gradient["W1"].shape)
    times = np.ones_like(gradient["W1"])
    times[i, j] = 1.1
    return Fault({"W1": times}, {}, (f"W1[{i}, {j}]",))


FAULTS: dict[str, Planter] = {
    "W1 x 1.01": _scaled(1.01),
    "W1 x 1.1": _scaled(1.1),
    "a zeroed column of W1": _zeroed_column,
    "missing gradient of b1": _missing_bias,
    "half the regulariser": _half_regulariser,
    "one element of W1 off by 10 %": _one_element,
}
