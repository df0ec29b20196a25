"""Right answers to the exercises of `optimizers`, written in other ways than the model answer.

A function `EXERCISE__LABEL` is one answer to EXERCISE. Each must earn full marks, whatever its
style. Names that begin with an underscore are parts of the answers below them. What an answer keeps
in its config is its own affair, as long as state that is given means what the formula says.
"""

import copy
import functools
import itertools
import math
from collections import ChainMap
from dataclasses import dataclass
from typing import Any

import numpy as np

# ---------------------------------------------------------------------------------------------
# sgd
# ---------------------------------------------------------------------------------------------


def sgd__course_style(w, dw, config=None):
    """
    Performs vanilla stochastic gradient descent.
    """
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)

    w -= config["learning_rate"] * dw
    return w, config


def sgd__loop(w, dw, config=None):
    rate = 0.01
    if config is not None and "learning_rate" in config:
        rate = config["learning_rate"]
    next_w = np.empty_like(w)
    for index in np.ndindex(w.shape):
        next_w[index] = w[index] - rate * dw[index]
    return next_w, config if config is not None else {"learning_rate": rate}


def sgd__get_without_storing(w, dw, config=None):
    config = config or {}
    return w + -config.get("learning_rate", 0.01) * dw, config


def sgd__merged(w, dw, config=None):
    merged = {"learning_rate": 1e-2, **(config or {})}
    return np.subtract(w, np.multiply(merged["learning_rate"], dw)), merged


def sgd__list_of_two(w, dw, config=None):
    config = dict(config) if config else {}
    if "learning_rate" not in config:
        config["learning_rate"] = 0.01
    step = dw.copy()
    step *= -config["learning_rate"]
    return [w + step, config]


def sgd__try_except(w, dw, config=None):
    try:
        lr = config["learning_rate"]
    except (TypeError, KeyError):
        lr = 1e-2
        config = {"learning_rate": lr}
    flat = w.reshape(-1) - lr * dw.reshape(-1)
    return flat.reshape(w.shape), config


class _Descent:
    def __init__(self, learning_rate=0.01):
        self.learning_rate = learning_rate

    def update(self, parameter, gradient):
        return parameter - self.learning_rate * gradient


def sgd__class(w, dw, config=None):
    optimizer = _Descent(**(config or {}))
    return optimizer.update(w, dw), {"learning_rate": optimizer.learning_rate}


def sgd__typed(
    w: np.ndarray, dw: np.ndarray, config: dict[str, Any] | None = None
) -> tuple[np.ndarray, dict[str, Any]]:
    settings: dict[str, Any] = dict(ChainMap(config or {}, {"learning_rate": 1e-2}))
    lr: float = float(settings["learning_rate"])
    return w - lr * dw, settings


sgd__lambda = lambda w, dw, config=None: (  # noqa: E731
    w - (config or {}).get("learning_rate", 1e-2) * dw,
    config or {},
)


# ---------------------------------------------------------------------------------------------
# sgd_momentum
# ---------------------------------------------------------------------------------------------


def sgd_momentum__course_style(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros_like(w))

    v = config["momentum"] * v - config["learning_rate"] * dw
    next_w = w + v

    config["velocity"] = v
    return next_w, config


def sgd_momentum__everything_in_place(w, dw, config=None):
    config = {} if config is None else config
    lr = config.setdefault("learning_rate", 1e-2)
    mu = config.setdefault("momentum", 0.9)
    v = config.setdefault("velocity", np.zeros(w.shape, w.dtype))
    v *= mu
    v -= lr * dw
    w += v
    return w, config


def sgd_momentum__velocity_none(w, dw, config=None):
    config = dict(config or {})
    velocity = config.get("velocity")
    if velocity is None:
        velocity = 0
    velocity = config.get("momentum", 0.9) * velocity - config.get("learning_rate", 0.01) * dw
    config["velocity"] = velocity
    return w + velocity, config


def sgd_momentum__buffer_of_gradients(w, dw, config=None):
    config = dict(config or {})
    lr, mu = config.get("learning_rate", 1e-2), config.get("momentum", 0.9)
    if "buffer" not in config:
        config["buffer"] = -config.get("velocity", np.zeros(w.shape)) / lr
    config["buffer"] = mu * config["buffer"] + dw
    return w - lr * config["buffer"], config


def sgd_momentum__downhill_speed(w, dw, config=None):
    if config is None:
        config = {}
    lr = config.get("learning_rate", 1e-2)
    mu = config.get("momentum", 0.9)
    speed = -1 * config["velocity"] if "velocity" in config else np.zeros_like(dw)
    speed = lr * dw + mu * speed
    config["velocity"] = -speed
    return w - speed, config


def sgd_momentum__from_the_last_point(w, dw, config=None):
    config = dict(config or {})
    lr, mu = config.get("learning_rate", 1e-2), config.get("momentum", 0.9)
    if "previous" not in config:
        config["previous"] = w - config.get("velocity", 0.0)
    next_w = w + mu * (w - config["previous"]) - lr * dw
    config["previous"] = w.copy()
    return next_w, config


def sgd_momentum__history(w, dw, config=None):
    config = dict(config or {})
    lr, mu = config.get("learning_rate", 1e-2), config.get("momentum", 0.9)
    past = [*config.get("past", []), dw.copy()]
    config["past"] = past
    velocity = mu ** len(past) * config.get("velocity", np.zeros_like(w))
    for age, gradient in enumerate(reversed(past)):
        velocity = velocity - lr * mu**age * gradient
    return w + velocity, config


def sgd_momentum__loop(w, dw, config=None):
    config = config or {}
    lr, mu = config.get("learning_rate", 1e-2), config.get("momentum", 0.9)
    velocity, next_w = np.zeros(w.shape), np.zeros(w.shape)
    old = config.get("velocity", velocity)
    for i in np.ndindex(*w.shape):
        velocity[i] = mu * old[i] - lr * dw[i]
        next_w[i] = w[i] + velocity[i]
    return next_w, {"learning_rate": lr, "momentum": mu, "velocity": velocity}


@dataclass
class _Momentum:
    learning_rate: float = 0.01
    momentum: float = 0.9
    velocity: Any = None

    def step(self, w, dw):
        if self.velocity is None:
            self.velocity = np.zeros_like(w)
        self.velocity = self.momentum * self.velocity - self.learning_rate * dw
        return w + self.velocity


def sgd_momentum__dataclass(w, dw, config=None):
    optimizer = _Momentum(**(config or {}))
    return optimizer.step(w, dw), vars(optimizer)


# ---------------------------------------------------------------------------------------------
# nesterov_momentum
# ---------------------------------------------------------------------------------------------


def nesterov_momentum__course_notes(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros_like(w))
    mu = config["momentum"]

    v_prev = v.copy()
    v = mu * v - config["learning_rate"] * dw
    w = w + (-mu * v_prev + (1 + mu) * v)

    config["velocity"] = v
    return w, config


def nesterov_momentum__step_and_velocity(w, dw, config=None):
    config = dict(config or {})
    lr, mu = config.get("learning_rate", 0.01), config.get("momentum", 0.9)
    v = mu * config.get("velocity", 0) - lr * dw
    config["velocity"] = v
    return w + mu * v - lr * dw, config


def nesterov_momentum__expanded(w, dw, config=None):
    config = config if config is not None else {}
    lr, mu = config.get("learning_rate", 0.01), config.get("momentum", 0.9)
    v = config.get("velocity", np.zeros(w.shape))
    next_w = w + mu**2 * v - (1 + mu) * lr * dw
    config["velocity"] = mu * v - lr * dw
    return next_w, config


def nesterov_momentum__new_velocity_and_gradient(w, dw, config=None):
    config = dict(config or {})
    mu, rate = config.get("momentum", 0.9), config.get("learning_rate", 0.01)
    v = mu * config.get("velocity", 0) - rate * dw
    config["velocity"] = v
    return w + mu * v - rate * dw, config


def nesterov_momentum__ball_and_lookahead(w, dw, config=None):
    config = dict(config or {})
    lr, mu = config.get("learning_rate", 0.01), config.get("momentum", 0.9)
    velocity = config.get("velocity", np.zeros_like(w))
    ball = w - mu * velocity
    velocity = mu * velocity - lr * dw
    ball = ball + velocity
    config["velocity"] = velocity
    return ball + mu * velocity, config


def nesterov_momentum__ball_kept(w, dw, config=None):
    config = dict(config or {})
    lr, mu = config.get("learning_rate", 0.01), config.get("momentum", 0.9)
    if "ball" not in config:
        config["ball"] = w - mu * config.get("velocity", np.zeros_like(w))
    moved = w - lr * dw
    next_w = moved + mu * (moved - config["ball"])
    config["ball"] = moved
    return next_w, config


def nesterov_momentum__gradient_buffer(w, dw, config=None):
    config = dict(config or {})
    lr, mu = config.get("learning_rate", 0.01), config.get("momentum", 0.9)
    buffer = config.get("buffer")
    if buffer is None:
        buffer = -config.get("velocity", np.zeros_like(w)) / lr
    buffer = mu * buffer + dw
    config["buffer"] = buffer
    return w - lr * (dw + mu * buffer), config


def nesterov_momentum__in_place(w, dw, config=None):
    config = {} if config is None else config
    lr = config.setdefault("learning_rate", 1e-2)
    mu = config.setdefault("momentum", 0.9)
    v = config.setdefault("velocity", np.zeros_like(w))
    w -= mu * v
    v *= mu
    v -= lr * dw
    w += (1 + mu) * v
    return w, config


# ---------------------------------------------------------------------------------------------
# adagrad
# ---------------------------------------------------------------------------------------------


def adagrad__course_style(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros_like(w))
    config["cache"] += dw * dw
    w += -config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"])
    return w, config


def adagrad__rate_for_each_weight(w, dw, config=None):
    config = dict(config or {})
    config["cache"] = np.square(dw) + config.get("cache", 0.0)
    rates = config.get("learning_rate", 0.01) / (
        config["cache"] ** 0.5 + config.get("epsilon", 1e-8)
    )
    return w - rates * dw, config


def adagrad__history(w, dw, config=None):
    config = dict(config or {})
    config["gradients"] = [*config.get("gradients", []), np.array(dw)]
    squares = np.stack(config["gradients"]) ** 2
    total = config.get("cache", np.zeros(w.shape)) + squares.sum(axis=0)
    step = np.divide(dw, np.sqrt(total) + config.get("epsilon", 1e-8))
    return w - config.get("learning_rate", 0.01) * step, config


def adagrad__norms_kept(w, dw, config=None):
    config = dict(config or {})
    if "norm" not in config:
        config["norm"] = np.sqrt(config.get("cache", np.zeros(w.shape)))
    config["norm"] = np.hypot(config["norm"], dw)
    lr, eps = config.get("learning_rate", 0.01), config.get("epsilon", 1e-8)
    return w - lr * dw / (config["norm"] + eps), config


def adagrad__loop(w, dw, config=None):
    config = config or {}
    rate, epsilon = config.get("learning_rate", 0.01), config.get("epsilon", 1e-8)
    cache = np.array(config.get("cache", np.zeros(w.shape)))
    next_w = w.copy()
    for i, g in np.ndenumerate(dw):
        cache[i] += g**2
        next_w[i] -= rate * g / (math.sqrt(cache[i]) + epsilon)
    return next_w, {**config, "cache": cache}


def adagrad__zero_gradient_left_out(w, dw, config=None):
    config = copy.copy(config) if config else {}
    lr, eps = config.get("learning_rate", 0.01), config.get("epsilon", 1e-8)
    cache = config.get("cache", np.zeros_like(w)) + dw**2
    moving = dw != 0
    next_w = w.copy()
    next_w[moving] -= lr * dw[moving] / (np.sqrt(cache[moving]) + eps)
    config["cache"] = cache
    return next_w, config


# ---------------------------------------------------------------------------------------------
# rmsprop
# ---------------------------------------------------------------------------------------------


def rmsprop__course_style(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("decay_rate", 0.99)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros_like(w))

    config["cache"] = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
    next_w = w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"])
    return next_w, config


def rmsprop__mean_pulled_along(w, dw, config=None):
    config = dict(config or {})
    cache = config.get("cache", np.zeros_like(w))
    cache = cache + (1 - config.get("decay_rate", 0.99)) * (dw * dw - cache)
    config["cache"] = cache
    return w - config.get("learning_rate", 1e-2) * dw / (
        np.sqrt(cache) + config.get("epsilon", 1e-8)
    ), config


def rmsprop__unpacked(w, dw, config=None):
    config = {} if config is None else config
    keys = ("learning_rate", "decay_rate", "epsilon", "cache")
    defaults = (0.01, 0.99, 1e-8, np.zeros(w.shape))
    for key, default in zip(keys, defaults):
        config.setdefault(key, default)
    lr, rho, eps, cache = (config[key] for key in keys)
    cache *= rho
    cache += (1 - rho) * np.power(dw, 2)
    w -= lr * np.divide(dw, np.add(np.sqrt(cache), eps))
    return w, config


def rmsprop__root_kept(w, dw, config=None):
    config = dict(config or {})
    lr, rho = config.get("learning_rate", 0.01), config.get("decay_rate", 0.99)
    if "rms" not in config:
        config["rms"] = np.sqrt(config.get("cache", np.zeros(w.shape)))
    rms = np.hypot(math.sqrt(rho) * config["rms"], math.sqrt(1 - rho) * dw)
    config["rms"] = rms
    return w - lr / (rms + config.get("epsilon", 1e-8)) * dw, config


def rmsprop__history(w, dw, config=None):
    config = dict(config or {})
    rho = config.get("decay_rate", 0.99)
    history = [*config.get("history", ()), dw**2]
    config["history"] = history
    ages = np.arange(len(history))[::-1]
    cache = np.tensordot((1 - rho) * rho**ages, np.array(history), axes=1)
    cache = cache + rho ** len(history) * config.get("cache", 0.0)
    scale = np.sqrt(cache) + config.get("epsilon", 1e-8)
    return w - config.get("learning_rate", 0.01) * dw / scale, config


def rmsprop__average(w, dw, config=None):
    config = dict(config or {})
    rho = config.get("decay_rate", 0.99)
    pair = np.stack([config.get("cache", np.zeros_like(w)), dw**2])
    config["cache"] = np.average(pair, axis=0, weights=[rho, 1 - rho])
    root = np.sqrt(config["cache"]) + config.get("epsilon", 1e-8)
    return w - config.get("learning_rate", 0.01) * (dw / root), config


# ---------------------------------------------------------------------------------------------
# adam
# ---------------------------------------------------------------------------------------------


def adam__course_style(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("beta1", 0.9)
    config.setdefault("beta2", 0.999)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("m", np.zeros_like(w))
    config.setdefault("v", np.zeros_like(w))
    config.setdefault("t", 0)

    config["t"] += 1
    config["m"] = config["beta1"] * config["m"] + (1 - config["beta1"]) * dw
    mt = config["m"] / (1 - config["beta1"] ** config["t"])
    config["v"] = config["beta2"] * config["v"] + (1 - config["beta2"]) * (dw**2)
    vt = config["v"] / (1 - config["beta2"] ** config["t"])
    next_w = w - config["learning_rate"] * mt / (np.sqrt(vt) + config["epsilon"])
    return next_w, config


def _adam_settings(config, w):
    given = config or {}
    return {
        "learning_rate": given.get("learning_rate", 1e-3),
        "beta1": given.get("beta1", 0.9),
        "beta2": given.get("beta2", 0.999),
        "epsilon": given.get("epsilon", 1e-8),
        "m": given.get("m", np.zeros(w.shape, w.dtype)),
        "v": given.get("v", np.zeros(w.shape, w.dtype)),
        "t": given.get("t", 0),
    }


def adam__means_start_as_numbers(w, dw, config=None):
    """A plain 0 grows into an array by itself."""
    c = {} if config is None else config
    for key, value in {
        "learning_rate": 1e-3,
        "beta1": 0.9,
        "beta2": 0.999,
        "epsilon": 1e-8,
    }.items():
        c[key] = c.get(key, value)
    c["t"] = c.get("t", 0) + 1
    c["m"] = c.get("m", 0) + (1 - c["beta1"]) * (dw - c.get("m", 0))
    c["v"] = c.get("v", 0) + (1 - c["beta2"]) * (dw**2 - c.get("v", 0))
    m_hat = c["m"] / (1.0 - np.power(c["beta1"], c["t"]))
    v_hat = c["v"] / (1.0 - np.power(c["beta2"], c["t"]))
    return w - np.divide(c["learning_rate"] * m_hat, np.sqrt(v_hat) + c["epsilon"]), c


def adam__paper_reordered(w, dw, config=None):
    c = _adam_settings(config, w)
    t = c["t"] + 1
    m = c["beta1"] * c["m"] + (1 - c["beta1"]) * dw
    v = c["beta2"] * c["v"] + (1 - c["beta2"]) * dw * dw
    rate = c["learning_rate"] * math.sqrt(1 - c["beta2"] ** t) / (1 - c["beta1"] ** t)
    return w - rate * m / (np.sqrt(v) + c["epsilon"]), {**c, "m": m, "v": v, "t": t}


def adam__means_pulled_along_reordered(w, dw, config=None):
    c = _adam_settings(config, w)
    c["t"] += 1
    lr_t = c["learning_rate"] * np.sqrt(1.0 - c["beta2"] ** c["t"]) / (1.0 - c["beta1"] ** c["t"])
    c["m"] = c["m"] + (1 - c["beta1"]) * (dw - c["m"])
    c["v"] = c["v"] + (1 - c["beta2"]) * (dw**2 - c["v"])
    w -= lr_t * c["m"] / (np.sqrt(c["v"]) + c["epsilon"])
    return w, c


def adam__torch_style(w, dw, config=None):
    c = _adam_settings(config, w)
    c["t"] += 1
    exp_avg = c["beta1"] * c["m"] + (1 - c["beta1"]) * dw
    exp_avg_sq = c["beta2"] * c["v"] + (1 - c["beta2"]) * dw * dw
    step_size = c["learning_rate"] / (1 - c["beta1"] ** c["t"])
    denom = np.sqrt(exp_avg_sq) / math.sqrt(1 - c["beta2"] ** c["t"]) + c["epsilon"]
    c.update(m=exp_avg, v=exp_avg_sq)
    return w - step_size * exp_avg / denom, c


def adam__reordered_with_scaled_epsilon(w, dw, config=None):
    c = _adam_settings(config, w)
    t = c["t"] = c["t"] + 1
    root = math.sqrt(1 - c["beta2"] ** t)
    m = c["m"] = c["beta1"] * c["m"] + (1 - c["beta1"]) * dw
    v = c["v"] = c["beta2"] * c["v"] + (1 - c["beta2"]) * np.square(dw)
    rate = c["learning_rate"] * root / (1 - c["beta1"] ** t)
    return w - rate * m / (np.sqrt(v) + c["epsilon"] * root), c


def adam__running_powers(w, dw, config=None):
    c = {**_adam_settings(config, w), **(config or {})}
    power1 = c.get("power1", c["beta1"] ** c["t"]) * c["beta1"]
    power2 = c.get("power2", c["beta2"] ** c["t"]) * c["beta2"]
    m = c["beta1"] * c["m"] + (1 - c["beta1"]) * dw
    v = c["beta2"] * c["v"] + (1 - c["beta2"]) * dw**2
    step = m / (1 - power1) / (np.sqrt(v / (1 - power2)) + c["epsilon"])
    c.update(m=m, v=v, power1=power1, power2=power2)
    return w - c["learning_rate"] * step, c


def adam__in_place(w, dw, config=None):
    config = {} if config is None else config
    for key, default in _adam_settings(None, w).items():
        config.setdefault(key, default)
    config["t"] += 1
    m, v = config["m"], config["v"]
    beta1, beta2, t = config["beta1"], config["beta2"], config["t"]
    m *= beta1
    m += (1 - beta1) * dw
    v *= beta2
    v += (1 - beta2) * dw * dw
    w -= (
        config["learning_rate"]
        * (m / (1 - beta1**t))
        / (np.sqrt(v / (1 - beta2**t)) + config["epsilon"])
    )
    return w, config


def adam__loop(w, dw, config=None):
    c = _adam_settings(config, w)
    t = c["t"] + 1
    m, v, next_w = (np.empty(w.shape) for _ in range(3))
    for i in itertools.product(*map(range, w.shape)):
        m[i] = c["beta1"] * c["m"][i] + (1 - c["beta1"]) * dw[i]
        v[i] = c["beta2"] * c["v"][i] + (1 - c["beta2"]) * dw[i] ** 2
        m_hat = m[i] / (1 - math.pow(c["beta1"], t))
        v_hat = v[i] / (1 - math.pow(c["beta2"], t))
        next_w[i] = w[i] - c["learning_rate"] * m_hat / (math.sqrt(v_hat) + c["epsilon"])
    return next_w, {**c, "m": m, "v": v, "t": t}


def adam__corrected_means_kept(w, dw, config=None):
    c = {**_adam_settings(config, w), **(config or {})}
    b1, b2, before = c["beta1"], c["beta2"], c["t"]
    m = c["m_hat"] * (1 - b1**before) if "m_hat" in c else c["m"]
    v = c["v_hat"] * (1 - b2**before) if "v_hat" in c else c["v"]
    t = before + 1
    m_hat = (b1 * m + (1 - b1) * dw) / (1 - b1**t)
    v_hat = (b2 * v + (1 - b2) * dw**2) / (1 - b2**t)
    next_w = w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"])
    return next_w, {**c, "m_hat": m_hat, "v_hat": v_hat, "t": t}


def adam__history(w, dw, config=None):
    c = {**_adam_settings(config, w), **(config or {})}
    past = c["past"] = [*c.get("past", []), dw.copy()]

    def running_mean(start, beta, terms):
        return functools.reduce(lambda mean, g: beta * mean + (1 - beta) * g, terms, start)

    t = c["t"] + len(past)
    m_hat = running_mean(c["m"], c["beta1"], past) / (1 - c["beta1"] ** t)
    v_hat = running_mean(c["v"], c["beta2"], [g * g for g in past]) / (1 - c["beta2"] ** t)
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


class _Adam:
    def __init__(self, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, **state):
        self.learning_rate, self.beta1, self.beta2 = learning_rate, beta1, beta2
        self.epsilon = epsilon
        self.m, self.v = state.get("m"), state.get("v")
        self.t = state.get("t", 0)

    def step(self, w, dw):
        if self.m is None:
            self.m = np.zeros_like(w)
        if self.v is None:
            self.v = np.zeros_like(w)
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * dw
        self.v = self.beta2 * self.v + (1 - self.beta2) * dw**2
        m_hat = self.m / (1 - self.beta1**self.t)
        v_hat = self.v / (1 - self.beta2**self.t)
        return w - self.learning_rate * m_hat / (v_hat**0.5 + self.epsilon)


def adam__class(w, dw, config=None):
    optimizer = _Adam(**(config or {}))
    return optimizer.step(w, dw), optimizer.__dict__


# ---------------------------------------------------------------------------------------------
# adamw
# ---------------------------------------------------------------------------------------------


def _adam_direction(w, dw, config):
    """Return the config with the new state, and what Adam would take times the rate."""
    c = _adam_settings(config, w)
    c["weight_decay"] = (config or {}).get("weight_decay", 1e-2)
    c["t"] += 1
    c["m"] = c["beta1"] * c["m"] + (1 - c["beta1"]) * dw
    c["v"] = c["beta2"] * c["v"] + (1 - c["beta2"]) * dw * dw
    m_hat = c["m"] / (1 - c["beta1"] ** c["t"])
    v_hat = c["v"] / (1 - c["beta2"] ** c["t"])
    return c, m_hat / (np.sqrt(v_hat) + c["epsilon"])


def adamw__shrink_first(w, dw, config=None):
    c, direction = _adam_direction(w, dw, config)
    w *= 1 - c["learning_rate"] * c["weight_decay"]
    w -= c["learning_rate"] * direction
    return w, c


def adamw__shrunk_copy(w, dw, config=None):
    c, direction = _adam_direction(w, dw, config)
    lr = c["learning_rate"]
    return (1 - lr * c["weight_decay"]) * w - lr * direction, c


def adamw__two_steps(w, dw, config=None):
    c, direction = _adam_direction(w, dw, config)
    decay = c["learning_rate"] * c["weight_decay"] * w
    next_w = w - c["learning_rate"] * direction
    next_w = next_w - decay
    return next_w, c


def adamw__own_adam_called(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("weight_decay", 1e-2)
    start = w.copy()
    next_w, state = adam__course_style(w, dw, config)
    return next_w - state["learning_rate"] * state["weight_decay"] * start, state


def adamw__setdefaults(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("beta1", 0.9)
    config.setdefault("beta2", 0.999)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("weight_decay", 1e-2)
    config.setdefault("m", np.zeros_like(w))
    config.setdefault("v", np.zeros_like(w))
    config.setdefault("t", 0)
    config["t"] += 1
    t, b1, b2 = config["t"], config["beta1"], config["beta2"]
    config["m"] = b1 * config["m"] + (1 - b1) * dw
    config["v"] = b2 * config["v"] + (1 - b2) * np.power(dw, 2)
    bias_corrected_m = config["m"] / (1 - np.power(b1, t))
    bias_corrected_v = config["v"] / (1 - np.power(b2, t))
    update = bias_corrected_m / (np.sqrt(bias_corrected_v) + config["epsilon"])
    update += config["weight_decay"] * w
    return w - config["learning_rate"] * update, config


def adamw__paper_reordered(w, dw, config=None):
    c = {**_adam_settings(config, w), "weight_decay": (config or {}).get("weight_decay", 0.01)}
    t = c["t"] = c["t"] + 1
    c["m"] = c["beta1"] * c["m"] + (1 - c["beta1"]) * dw
    c["v"] = c["beta2"] * c["v"] + (1 - c["beta2"]) * dw**2
    lr = c["learning_rate"]
    alpha = lr * np.sqrt(1 - c["beta2"] ** t) / (1 - c["beta1"] ** t)
    step = alpha * c["m"] / (np.sqrt(c["v"]) + c["epsilon"])
    return w - step - lr * c["weight_decay"] * w, c


def adamw__loop(w, dw, config=None):
    c, direction = _adam_direction(w, dw, config)
    next_w = w.copy()
    for i in np.ndindex(w.shape):
        next_w[i] = w[i] - c["learning_rate"] * (direction[i] + c["weight_decay"] * w[i])
    return next_w, c


# ---------------------------------------------------------------------------------------------
# step_decay
# ---------------------------------------------------------------------------------------------


def step_decay__floor(step, base_rate, drop, every):
    return base_rate * math.pow(drop, math.floor(step / every))


def step_decay__loop(step, base_rate, drop, every):
    rate = base_rate
    while step >= every:
        rate *= drop
        step -= every
    return rate


def step_decay__every_step_counted(step, base_rate, drop, every):
    rate = base_rate
    for passed in range(1, step + 1):
        if passed % every == 0:
            rate = rate * drop
    return rate


def step_decay__numpy(step, base_rate, drop, every):
    return base_rate * np.power(float(drop), np.floor_divide(step, every))


def step_decay__recursive(step, base_rate, drop, every):
    if step < every:
        return base_rate
    return drop * step_decay__recursive(step - every, base_rate, drop, every)


def step_decay__whole_part(step, base_rate, drop, every):
    stairs, _ = divmod(step, every)
    return math.prod([base_rate, *itertools.repeat(drop, stairs)])


def step_decay__zero_dimensional(step, base_rate, drop, every):
    return np.asarray(base_rate * drop ** np.floor(step / every))


# ---------------------------------------------------------------------------------------------
# cosine_decay
# ---------------------------------------------------------------------------------------------


def cosine_decay__math(step, base_rate, total_steps):
    if step >= total_steps:
        return 0.0
    return 0.5 * base_rate * (1 + math.cos(math.pi * step / total_steps))


def cosine_decay__step_clipped(step, base_rate, total_steps):
    step = min(step, total_steps)
    return base_rate * (1 + np.cos(step * np.pi / total_steps)) / 2


def cosine_decay__half_angle(step, base_rate, total_steps):
    return base_rate * math.cos(0.5 * math.pi * min(1.0, step / total_steps)) ** 2


def cosine_decay__sine(step, base_rate, total_steps):
    left = max(total_steps - step, 0) / total_steps
    return base_rate * np.sin(np.pi / 2 * left) ** 2


def cosine_decay__between_two_rates(step, base_rate, total_steps):
    lowest = 0.0
    angle = math.radians(180 * np.clip(step / total_steps, 0, 1))
    return lowest + (base_rate - lowest) * (1 + math.cos(angle)) * 0.5


def cosine_decay__real_part(step, base_rate, total_steps):
    progress = np.minimum(step, total_steps) / total_steps
    return float(base_rate / 2 * (1 + np.exp(1j * np.pi * progress).real))


# ---------------------------------------------------------------------------------------------
# warmup_cosine
# ---------------------------------------------------------------------------------------------


def warmup_cosine__math(step, base_rate, warmup_steps, total_steps):
    if step < warmup_steps:
        return base_rate * (step / warmup_steps)
    if step >= total_steps:
        return 0.0
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return base_rate * 0.5 * (1.0 + math.cos(math.pi * progress))


def warmup_cosine__own_cosine_called(step, base_rate, warmup_steps, total_steps):
    if warmup_steps > 0 and step <= warmup_steps:
        return step * base_rate / warmup_steps
    return cosine_decay__math(step - warmup_steps, base_rate, total_steps - warmup_steps)


def warmup_cosine__two_factors(step, base_rate, warmup_steps, total_steps):
    up = min(1.0, step / warmup_steps) if warmup_steps else 1.0
    done = max(0, min(step, total_steps) - warmup_steps)
    down = (1 + np.cos(np.pi * done / (total_steps - warmup_steps))) / 2
    return base_rate * up * down


def warmup_cosine__interpolated(step, base_rate, warmup_steps, total_steps):
    progress = np.interp(step, [warmup_steps, total_steps], [0.0, 1.0])
    rate = base_rate * np.cos(np.pi / 2 * progress) ** 2
    if step < warmup_steps:
        rate = np.interp(step, [0, warmup_steps], [0.0, base_rate])
    return rate


def warmup_cosine__whole_schedule(step, base_rate, warmup_steps, total_steps):
    rising = np.arange(warmup_steps) * base_rate / max(warmup_steps, 1)
    left = total_steps - warmup_steps
    falling = base_rate / 2 * (1 + np.cos(np.pi * np.arange(left + 1) / left))
    rates = np.concatenate([rising, falling])
    return rates[min(step, total_steps)]


def warmup_cosine__dummy_divisor(step, base_rate, warmup_steps, total_steps):
    warm = base_rate * step / max(1, warmup_steps)
    angle = np.pi * np.clip((step - warmup_steps) / (total_steps - warmup_steps), 0, 1)
    return float(np.where(step < warmup_steps, warm, base_rate / 2 * (np.cos(angle) + 1)))


# ---------------------------------------------------------------------------------------------
# clip_gradient_norm
# ---------------------------------------------------------------------------------------------


def clip_gradient_norm__torch_style(grads, max_norm):
    norms = [np.linalg.norm(g.ravel()) for g in grads.values()]
    total = np.linalg.norm(np.array(norms))
    coefficient = max_norm / (total + 1e-6)
    coefficient = min(coefficient, 1.0)
    return {name: g * coefficient for name, g in grads.items()}, total


def clip_gradient_norm__all_in_one_row(grads, max_norm):
    row = np.concatenate([g.ravel() for g in grads.values()])
    norm = np.linalg.norm(row)
    if norm <= max_norm:
        return grads, norm
    row = row / norm * max_norm
    clipped, start = {}, 0
    for name, g in grads.items():
        clipped[name] = row[start : start + g.size].reshape(g.shape)
        start += g.size
    return clipped, norm


def clip_gradient_norm__in_place(grads, max_norm):
    total = 0.0
    for name in grads:
        total += (grads[name] ** 2).sum()
    total = total**0.5
    if total > max_norm:
        for name in grads:
            grads[name] *= max_norm / total
    return grads, total


def clip_gradient_norm__loop(grads, max_norm):
    total = math.fsum(float(x) ** 2 for g in grads.values() for x in g.flat)
    norm = math.sqrt(total)
    clipped = {}
    for name, g in grads.items():
        clipped[name] = np.zeros(g.shape)
        for i in np.ndindex(g.shape):
            clipped[name][i] = g[i] * max_norm / norm if norm > max_norm else g[i]
    return clipped, norm


def clip_gradient_norm__larger_of_the_two(grads, max_norm):
    norm = math.sqrt(sum(np.vdot(g, g) for g in grads.values()))
    return {k: g * (max_norm / max(norm, max_norm)) for k, g in grads.items()}, norm


def clip_gradient_norm__guarded_ratio(grads, max_norm):
    norm = np.sqrt(np.sum([np.sum(np.square(g)) for g in grads.values()]))
    if norm == 0:
        return {name: np.zeros_like(g) for name, g in grads.items()}, 0.0
    ratio = np.minimum(1, max_norm / norm)
    return dict(zip(grads.keys(), (ratio * g for g in grads.values()))), float(norm)


def clip_gradient_norm__hypot(grads, max_norm):
    norm = math.hypot(*(math.hypot(*g.ravel().tolist()) for g in grads.values()))
    if norm > max_norm:
        grads = {name: max_norm * (g / norm) for name, g in grads.items()}
    return [copy.deepcopy(grads), norm]


def clip_gradient_norm__tiny_number_in_the_quotient(grads, max_norm):
    norm = np.sqrt(sum(np.einsum("i,i->", g.ravel(), g.ravel()) for g in grads.values()))
    factor = max_norm / (norm + 1e-12)
    if factor < 1:
        return {name: factor * g for name, g in grads.items()}, norm
    return {name: g.copy() for name, g in grads.items()}, norm
