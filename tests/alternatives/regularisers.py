"""Right answers to the exercises of `regularisers`, written in other ways than the model answer.

A function `EXERCISE__LABEL` is one answer to EXERCISE. Each must earn full marks, whatever its
style. Names that begin with an underscore are parts of the answers below them. A backward that
needs a forward of its own names it in `PARTNERS`; the others read the model answer's cache.
"""

import itertools
import math
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

# ---------------------------------------------------------------------------------------------
# l2_penalty
# ---------------------------------------------------------------------------------------------


def l2_penalty__loop(w, strength):
    total = 0.0
    dw = np.zeros(w.shape)
    for index in np.ndindex(w.shape):
        total += w[index] ** 2
        dw[index] = strength * w[index]
    return 0.5 * strength * total, dw


def l2_penalty__dot(w, strength):
    flat = w.ravel()
    return strength * flat.dot(flat) / 2, w * strength


def l2_penalty__norm(w, strength):
    return strength / 2 * np.linalg.norm(w.ravel()) ** 2, np.multiply(strength, w)


def l2_penalty__from_the_gradient(w, strength):
    dw = strength * w
    return (dw * w).sum() / 2, dw


def l2_penalty__einsum(w, strength):
    flat = w.reshape(-1)
    return 0.5 * strength * np.einsum("i,i->", flat, flat), w.copy() * strength


def l2_penalty__product_rule(w, strength):
    loss = 0.5 * strength * np.sum(np.square(w))
    dw = 0.5 * strength * (w + w)
    return [float(loss), dw]


def l2_penalty__python_lists(w, strength):
    values = w.ravel().tolist()
    loss = 0.5 * strength * math.fsum(v * v for v in values)
    return loss, np.array([strength * v for v in values]).reshape(w.shape)


def l2_penalty__in_place(w, strength):
    loss = np.sum(w * w) * (strength / 2)
    w *= strength
    return loss, w


def l2_penalty__typed(w: np.ndarray, reg: float = 0.0) -> tuple[float, np.ndarray]:
    loss: float = 0.0
    loss += 0.5 * reg * float(np.vdot(w, w))
    return loss, reg * w


# ---------------------------------------------------------------------------------------------
# l1_penalty
# ---------------------------------------------------------------------------------------------


def l1_penalty__loop(w, strength):
    total = 0.0
    dw = np.zeros_like(w)
    for index, value in np.ndenumerate(w):
        total += abs(value)
        if value > 0:
            dw[index] = strength
        elif value < 0:
            dw[index] = -strength
    return strength * total, dw


def l1_penalty__where(w, strength):
    return strength * np.abs(w).sum(), np.where(w > 0, strength, np.where(w < 0, -strength, 0.0))


def l1_penalty__plus_one_at_zero(w, strength):
    sign = np.where(w >= 0, 1.0, -1.0)
    return strength * np.sum(sign * w), strength * sign


def l1_penalty__copysign(w, strength):
    return strength * np.fabs(w).sum(), np.copysign(strength, w)


def l1_penalty__norm(w, strength):
    return strength * np.linalg.norm(w.ravel(), ord=1), strength * np.sign(w)


def l1_penalty__two_halves(w, strength):
    positive, negative = np.maximum(w, 0), np.maximum(-w, 0)
    dw = strength * ((w > 0).astype(float) - (w < 0).astype(float))
    return strength * (positive + negative).sum(), dw


def l1_penalty__masks(w, strength):
    dw = np.full(w.shape, float(strength))
    dw[w < 0] *= -1
    dw[w == 0] = 0
    return float(np.sum(dw * w)), dw


def l1_penalty__safe_division(w, strength):
    size = np.abs(w)
    dw = strength * np.divide(w, size, out=np.zeros_like(w), where=size > 0)
    return strength * size.sum(), dw


def l1_penalty__python_lists(w, strength):
    flat = [float(v) for v in w.flat]
    slopes = [strength * ((v > 0) - (v < 0)) for v in flat]
    return strength * sum(map(abs, flat)), np.array(slopes, dtype=float).reshape(w.shape)


# ---------------------------------------------------------------------------------------------
# dropout_forward
# ---------------------------------------------------------------------------------------------


def _dropout_forward_course_style(x, drop_prob, mode, rng):
    p = 1 - drop_prob
    mask, out = None, None
    if mode == "train":
        mask = (rng.random(x.shape) < p) / p
        out = x * mask
    elif mode == "test":
        out = x
    cache = ({"p": p, "mode": mode}, mask)
    return out.astype(x.dtype, copy=False), cache


dropout_forward__course_style = _dropout_forward_course_style


def _dropout_forward_binomial(x, drop_prob, mode, rng):
    if mode == "test":
        return x, (None, drop_prob)
    mask = rng.binomial(1, 1 - drop_prob, size=x.shape)
    return x * mask / (1 - drop_prob), (mask, drop_prob)


dropout_forward__binomial = _dropout_forward_binomial


def dropout_forward__binomial_of_drops(x, drop_prob, mode, rng):
    if mode != "train":
        return x.copy(), None
    dropped = rng.binomial(1, drop_prob, x.shape).astype(bool)
    out = x / (1.0 - drop_prob)
    out[dropped] = 0
    return out, dropped


def dropout_forward__greater_or_equal(x, drop_prob, mode, rng):
    if mode == "train":
        mask = rng.random(size=x.shape) >= drop_prob
        return np.where(mask, x / (1 - drop_prob), 0.0), (mask, drop_prob)
    return x, (np.ones(x.shape, dtype=bool), 0.0)


def dropout_forward__greater(x, drop_prob, mode, rng):
    mask = np.ones(x.shape)
    if mode == "train":
        mask = np.array(rng.random(x.shape) > drop_prob, dtype=float)
        mask /= 1 - drop_prob
    return mask * x, mask


def _dropout_forward_uniform(x, drop_prob, mode, rng):
    if mode == "test":
        return x, {"mode": mode}
    keep = 1.0 - drop_prob
    factor = np.floor(keep + rng.uniform(0.0, 1.0, x.shape)) / keep
    return np.multiply(x, factor), {"mode": mode, "factor": factor}


dropout_forward__uniform = _dropout_forward_uniform


def _dropout_forward_choice(x, drop_prob, mode, rng):
    if mode == "train":
        values, chances = [0.0, 1 / (1 - drop_prob)], [drop_prob, 1 - drop_prob]
        mask = rng.choice(values, size=x.shape, p=chances)
    else:
        mask = 1.0
    return x * mask, mask


dropout_forward__choice = _dropout_forward_choice


def dropout_forward__choice_of_booleans(x, drop_prob, mode, rng):
    if mode == "test":
        return x, None
    keep = rng.choice([True, False], size=x.shape, p=[1 - drop_prob, drop_prob])
    out = x.copy()
    out[~keep] = 0
    out[keep] /= 1 - drop_prob
    return out, keep


def dropout_forward__element_by_element(x, drop_prob, mode, rng):
    out = np.zeros_like(x)
    mask = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        if mode == "test":
            mask[index] = 1
        elif rng.random() < drop_prob:
            mask[index] = 0
        else:
            mask[index] = 1 / (1 - drop_prob)
        out[index] = x[index] * mask[index]
    return out, mask


def dropout_forward__row_by_row(x, drop_prob, mode, rng):
    if mode == "test":
        return np.copy(x), None
    masks = [rng.random(row.shape) >= drop_prob for row in x]
    return np.stack([row * m / (1 - drop_prob) for row, m in zip(x, masks)]), masks


def dropout_forward__in_place(x, drop_prob, mode, rng):
    if mode == "train":
        mask = rng.random(x.shape) < 1 - drop_prob
        x *= mask
        x /= 1 - drop_prob
        return x, mask
    return x, None


def dropout_forward__single_precision_draws(x, drop_prob, mode, rng):
    if mode == "train":
        draws = np.empty(x.shape, dtype=np.float32)
        rng.random(out=draws, dtype=np.float32)
        scale = np.where(draws >= drop_prob, np.reciprocal(1.0 - drop_prob), 0)
    else:
        scale = np.ones(x.shape)
    return (x * scale).astype(x.dtype), scale


def dropout_forward__bernoulli_of_drop_then_flip(x, drop_prob, mode, rng):
    if mode == "train":
        is_dropped = rng.random(x.shape) <= drop_prob if drop_prob > 0 else np.zeros(x.shape, bool)
        return x * ~is_dropped * (1 / (1 - drop_prob)), is_dropped
    return x * 1, np.zeros(x.shape, bool)


def dropout_forward__indices(x, drop_prob, mode, rng):
    if mode == "test":
        return x, ()
    out = x.flatten() / (1 - drop_prob)
    gone = np.flatnonzero(rng.random(out.size) < drop_prob)
    out[gone] = 0
    return [out.reshape(x.shape), gone]


def dropout_forward__own_stream(x, drop_prob, mode, rng):
    """Derives an older kind of generator from the one given."""
    if mode == "test":
        return x, None
    older = np.random.RandomState(rng.integers(2**31))
    mask = older.rand(*x.shape) < (1 - drop_prob)
    return x * mask / (1 - drop_prob), mask


class _Dropout:
    def __init__(self, p, rng):
        self.p, self.rng, self.mask = p, rng, None

    def forward(self, x, training):
        if not training:
            self.mask = np.ones_like(x)
            return x
        keep = 1.0 - self.p
        self.mask = self.rng.binomial(n=1, p=keep, size=x.shape) / keep
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


def _dropout_forward_layer_object(x, drop_prob, mode, rng):
    layer = _Dropout(drop_prob, rng)
    return layer.forward(x, mode == "train"), layer


dropout_forward__layer_object = _dropout_forward_layer_object


def dropout_forward__bits_of_bytes(x, drop_prob, mode, rng):
    if mode == "test":
        return x, None
    draws = np.frombuffer(rng.bytes(4 * x.size), dtype=np.uint32).reshape(x.shape)
    kept = draws / 2**32 >= drop_prob
    return x * (kept / (1 - drop_prob)).astype(x.dtype), kept


def dropout_forward__permuted_draws(x, drop_prob, mode, rng):
    factor = np.ones_like(x)
    if mode == "train":
        draws = rng.permuted(rng.uniform(0, 1, x.shape), axis=0)
        factor[draws < drop_prob] = 0
        factor /= 1 - drop_prob
    return x * factor, factor


# ---------------------------------------------------------------------------------------------
# dropout_backward
# ---------------------------------------------------------------------------------------------


def dropout_backward__models_cache(dout, cache):
    return np.multiply(cache, dout)


def dropout_backward__models_cache_where(dout, cache):
    dx = np.zeros(dout.shape, dtype=dout.dtype)
    kept = cache > 0
    dx[kept] = dout[kept] * cache[kept]
    return dx


def dropout_backward__models_cache_in_place(dout, cache):
    dout *= cache
    return dout


def dropout_backward__models_cache_loop(dout, cache):
    dx = np.empty_like(dout)
    for index in np.ndindex(dout.shape):
        dx[index] = dout[index] * cache[index]
    return dx


def dropout_backward__course_style(dout, cache):
    dropout_param, mask = cache
    mode = dropout_param["mode"]
    dx = None
    if mode == "train":
        dx = dout * mask
    elif mode == "test":
        dx = dout
    return dx


def dropout_backward__mask_and_probability(dout, cache):
    mask, drop_prob = cache
    if mask is None:
        return dout
    return dout * mask / (1 - drop_prob)


def _dropout_forward_with_mode(x, drop_prob, mode, rng):
    if mode == "test":
        return x, (mode, None, drop_prob)
    dropped = rng.random(x.shape) < drop_prob
    out = np.where(dropped, 0, x / (1 - drop_prob))
    return out, (mode, dropped, drop_prob)


def dropout_backward__dropped_elements(dout, cache):
    mode, dropped, drop_prob = cache
    if mode == "test":
        return dout.copy()
    dx = dout / (1 - drop_prob)
    dx[dropped] = 0
    return dx


def dropout_backward__dictionary(dout, cache):
    return dout if cache["mode"] == "test" else dout * cache["factor"]


def dropout_backward__scalar_at_test_time(dout, cache):
    return cache * dout


def dropout_backward__layer_object(dout, cache):
    return cache.backward(dout)


def _dropout_forward_seed(x, drop_prob, mode, rng):
    """Keeps a seed instead of the mask."""
    if mode == "test":
        return x, None
    seed = int(rng.integers(2**32))
    mask = np.random.default_rng(seed).random(x.shape) < 1 - drop_prob
    return x * mask / (1 - drop_prob), (seed, drop_prob)


def dropout_backward__mask_drawn_again_from_its_seed(dout, cache):
    if cache is None:
        return dout
    seed, drop_prob = cache
    mask = np.random.default_rng(seed).random(dout.shape) < 1 - drop_prob
    return dout * mask / (1 - drop_prob)


def _dropout_forward_state(x, drop_prob, mode, rng):
    """Keeps the generator's state as it was before the draw."""
    state = rng.bit_generator.state
    if mode == "test":
        return x, (None, state)
    keep = 1 - drop_prob
    return x * (rng.random(x.shape) < keep) / keep, (keep, state)


def dropout_backward__mask_drawn_again_from_the_state(dout, cache):
    keep, state = cache
    if keep is None:
        return dout
    rng = np.random.default_rng()
    rng.bit_generator.state = state
    return dout * (rng.random(dout.shape) < keep) / keep


def _dropout_forward_closure(x, drop_prob, mode, rng):
    if mode == "test":
        return x, lambda dout: dout
    mask = (rng.random(x.shape) >= drop_prob).astype(int)
    return x * mask / (1 - drop_prob), lambda dout: dout * mask / (1 - drop_prob)


def dropout_backward__closure(dout, cache):
    return cache(dout)


# ---------------------------------------------------------------------------------------------
# batchnorm_forward
# ---------------------------------------------------------------------------------------------


def _batchnorm_forward_course_style(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    N, D = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    out, cache = None, None
    if mode == "train":
        # one operation at a time, everything kept
        mu = 1.0 / N * np.sum(x, axis=0)
        xmu = x - mu
        sq = xmu**2
        var = 1.0 / N * np.sum(sq, axis=0)
        sqrtvar = np.sqrt(var + eps)
        ivar = 1.0 / sqrtvar
        xhat = xmu * ivar
        out = gamma * xhat + beta
        cache = (xhat, gamma, xmu, ivar, sqrtvar, var, eps)
        running_mean = momentum * running_mean + (1 - momentum) * mu
        running_var = momentum * running_var + (1 - momentum) * var
    elif mode == "test":
        xhat = (x - running_mean) / np.sqrt(running_var + eps)
        out = gamma * xhat + beta
    else:
        raise ValueError('Invalid forward batchnorm mode "%s"' % mode)  # noqa: UP031
    bn_param["running_mean"] = running_mean
    bn_param["running_var"] = running_var
    return out, cache


batchnorm_forward__course_style = _batchnorm_forward_course_style


def _batchnorm_forward_short(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    bn_param.setdefault("running_mean", np.zeros(x.shape[1]))
    bn_param.setdefault("running_var", np.zeros(x.shape[1]))
    if bn_param["mode"] == "test":
        scale = gamma / np.sqrt(bn_param["running_var"] + eps)
        return x * scale + (beta - bn_param["running_mean"] * scale), None
    mu, var = x.mean(axis=0), x.var(axis=0)
    bn_param["running_mean"] += (1 - momentum) * (mu - bn_param["running_mean"])
    bn_param["running_var"] += (1 - momentum) * (var - bn_param["running_var"])
    return gamma * (x - mu) / np.sqrt(var + eps) + beta, (x, mu, var, eps, gamma)


batchnorm_forward__short = _batchnorm_forward_short


def batchnorm_forward__in_place_averages(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    if "running_mean" not in bn_param:
        bn_param["running_mean"] = np.zeros_like(gamma)
    if "running_var" not in bn_param:
        bn_param["running_var"] = np.zeros_like(gamma)
    rm, rv = bn_param["running_mean"], bn_param["running_var"]
    m, v = rm, rv
    if bn_param["mode"] == "train":
        m, v = np.mean(x, 0), np.var(x, 0)
        rm *= momentum
        rm += (1 - momentum) * m
        rv *= momentum
        rv += (1 - momentum) * v
    inv = (v + eps) ** -0.5
    return (x - m) * inv * gamma + beta, (inv, gamma)


def batchnorm_forward__column_by_column(x, gamma, beta, bn_param):
    n, d = x.shape
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    running_mean = np.array(bn_param.get("running_mean", np.zeros(d)), dtype=float)
    running_var = np.array(bn_param.get("running_var", np.zeros(d)), dtype=float)
    out = np.zeros_like(x)
    for j in range(d):
        mean, var = running_mean[j], running_var[j]
        if bn_param["mode"] == "train":
            mean = sum(x[:, j]) / n
            var = sum((v - mean) ** 2 for v in x[:, j]) / n
            running_mean[j] = momentum * running_mean[j] + (1 - momentum) * mean
            running_var[j] = momentum * running_var[j] + (1 - momentum) * var
        for i in range(n):
            out[i, j] = gamma[j] * (x[i, j] - mean) / math.sqrt(var + eps) + beta[j]
    if bn_param["mode"] == "train":
        bn_param.update(running_mean=running_mean, running_var=running_var)
    return out, (x, gamma)


def _batchnorm_forward_kept_dimensions(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    old_mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    old_var = bn_param.get("running_var", np.zeros(x.shape[1]))
    if bn_param["mode"] != "train":
        xhat = (x - old_mean) / np.sqrt(old_var + eps)
        return gamma * xhat + beta, None
    mean = x.mean(axis=0, keepdims=True)
    centred = x - mean
    var = np.mean(centred * centred, axis=0, keepdims=True)
    bn_param["running_mean"] = momentum * old_mean + (1 - momentum) * mean.squeeze(axis=0)
    bn_param["running_var"] = momentum * old_var + (1 - momentum) * var.squeeze(axis=0)
    std = np.sqrt(var + eps)
    out = gamma[np.newaxis, :] * (centred / std) + beta[np.newaxis, :]
    return out, {"centred": centred, "std": std, "gamma": gamma}


batchnorm_forward__kept_dimensions = _batchnorm_forward_kept_dimensions


def batchnorm_forward__transposed(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    xt = x.T
    averages = [bn_param.get(k, np.zeros(len(xt))) for k in ("running_mean", "running_var")]
    if bn_param["mode"] == "train":
        batch = [xt.mean(1), xt.var(1)]
        for key, old, new in zip(("running_mean", "running_var"), averages, batch):
            bn_param[key] = momentum * old + (1 - momentum) * new
        averages = batch
    m, v = (a[:, None] for a in averages)
    return (gamma[:, None] * ((xt - m) / np.sqrt(v + eps)) + beta[:, None]).T, xt


def batchnorm_forward__centring_matrix(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    n, d = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(d))
    running_var = bn_param.get("running_var", np.zeros(d))
    if bn_param["mode"] == "test":
        return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta, None
    ones = np.ones(n) / n
    centred = (np.eye(n) - np.outer(np.ones(n), ones)) @ x
    var = np.einsum("nd,nd->d", centred, centred) / n
    bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * (ones @ x)
    bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    return centred @ np.diag(gamma / np.sqrt(var + eps)) + beta, centred


def batchnorm_forward__mean_of_squares(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1]))
    mean, var = running_mean, running_var
    if bn_param["mode"] == "train":
        wide = x.astype(np.float64)
        mean = wide.mean(axis=0)
        var = np.maximum((wide**2).mean(axis=0) - mean**2, 0)
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, (mean, var)


def batchnorm_forward__own_result_of_running(x, gamma, beta, bn_param):
    """Writes the running averages back at test time too, unchanged, and in a list."""
    eps = bn_param["eps"] if "eps" in bn_param else 1e-5  # noqa: SIM401
    momentum = bn_param["momentum"] if "momentum" in bn_param else 0.9  # noqa: SIM401
    running = [
        np.asarray(bn_param.get("running_" + name, [0.0] * x.shape[1])) for name in ("mean", "var")
    ]
    used = running
    if bn_param["mode"] == "train":
        used = [np.average(x, axis=0), np.std(x, axis=0) ** 2]
        running = [momentum * r + (1 - momentum) * u for r, u in zip(running, used)]
    bn_param["running_mean"], bn_param["running_var"] = running
    normal = (x - used[0]) / np.sqrt(used[1] + eps)
    return [gamma * normal + beta, None]


def batchnorm_forward__averages_written_in_both_modes(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1], dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1], dtype=x.dtype))
    if mode == "train":
        mean, std = x.mean(axis=0), x.std(axis=0)
        running_mean = running_mean + (1 - momentum) * (mean - running_mean)
        running_var = running_var - (1 - momentum) * (running_var - std**2)
        x_hat = (x - mean) * (std**2 + eps) ** -0.5
    elif mode == "test":
        x_hat = (x - running_mean) / np.sqrt(running_var + eps)
    else:
        raise ValueError(f"no such mode: {mode}")
    bn_param["running_mean"], bn_param["running_var"] = running_mean, running_var
    return gamma * x_hat + beta, (x_hat, gamma)


# ---------------------------------------------------------------------------------------------
# batchnorm_backward
# ---------------------------------------------------------------------------------------------


def batchnorm_backward__models_cache_simplified(dout, cache):
    x_hat, gamma, std = cache
    n = len(dout)
    dbeta = dout.sum(axis=0)
    dgamma = np.sum(x_hat * dout, axis=0)
    dx = gamma / (n * std) * (n * dout - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


def batchnorm_backward__models_cache_einsum(dout, cache):
    x_hat, gamma, std = cache
    n = dout.shape[0]
    dgamma = np.einsum("nd,nd->d", dout, x_hat)
    dbeta = np.einsum("nd->d", dout)
    correction = (dbeta[None, :] + np.einsum("nd,d->nd", x_hat, dgamma)) / n
    return np.einsum("d,nd->nd", gamma / std, dout - correction), dgamma, dbeta


def batchnorm_backward__models_cache_jacobian(dout, cache):
    """For each column the whole Jacobian of x_hat with respect to x."""
    x_hat, gamma, std = cache
    n, d = dout.shape
    dx = np.zeros_like(dout)
    for j in range(d):
        h = x_hat[:, j]
        jacobian = (np.eye(n) - np.ones((n, n)) / n - np.outer(h, h) / n) / std[j]
        dx[:, j] = jacobian @ (gamma[j] * dout[:, j])
    return dx, (dout * x_hat).sum(0), dout.sum(0)


def batchnorm_backward__models_cache_loops(dout, cache):
    x_hat, gamma, std = cache
    n, d = dout.shape
    dx, dgamma, dbeta = np.zeros((n, d)), np.zeros(d), np.zeros(d)
    for i in range(n):
        dbeta += dout[i]
        dgamma += dout[i] * x_hat[i]
    for i in range(n):
        for j in range(d):
            rest = (dbeta[j] + x_hat[i, j] * dgamma[j]) / n
            dx[i, j] = gamma[j] * (dout[i, j] - rest) / std[j]
    return dx, dgamma, dbeta


def batchnorm_backward__models_cache_projections(dout, cache):
    """Takes out what points along ones and along x_hat."""
    x_hat, gamma, std = cache
    g = dout * gamma
    g = g - g.mean(axis=0)
    g = g - x_hat * np.mean(g * x_hat, axis=0)
    return [g / std, (dout * x_hat).sum(axis=0), dout.sum(axis=0)]


def batchnorm_backward__staged(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps = cache
    N, D = dout.shape
    # back through the shift and the scale
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    # the product of xmu and ivar
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    # the inverse, then the root
    dsqrtvar = -1.0 / (sqrtvar**2) * divar
    dvar = 0.5 * 1.0 / np.sqrt(var + eps) * dsqrtvar
    # the mean of the squares, then the square
    dsq = 1.0 / N * np.ones((N, D)) * dvar
    dxmu2 = 2 * xmu * dsq
    # the difference, then the mean
    dx1 = dxmu1 + dxmu2
    dmu = -1 * np.sum(dx1, axis=0)
    dx2 = 1.0 / N * np.ones((N, D)) * dmu
    return dx1 + dx2, dgamma, dbeta


def batchnorm_backward__as_in_the_paper(dout, cache):
    x, mu, var, eps, gamma = cache
    m = x.shape[0]
    dxhat = dout * gamma
    dvar = np.sum(dxhat * (x - mu) * -0.5 * (var + eps) ** (-1.5), axis=0)
    dmu = np.sum(dxhat * -1 / np.sqrt(var + eps), axis=0) + dvar * np.mean(-2 * (x - mu), axis=0)
    dx = dxhat / np.sqrt(var + eps) + dvar * 2 * (x - mu) / m + dmu / m
    dgamma = np.sum(dout * (x - mu) / np.sqrt(var + eps), axis=0)
    return dx, dgamma, np.sum(dout, axis=0)


def batchnorm_backward__one_line(dout, cache):
    x, mu, var, eps, gamma = cache
    N = x.shape[0]
    dx = (
        (1.0 / N)
        * gamma
        * (var + eps) ** (-1.0 / 2)
        * (
            N * dout
            - np.sum(dout, axis=0)
            - (x - mu) * (var + eps) ** (-1.0) * np.sum(dout * (x - mu), axis=0)
        )
    )
    dgamma = np.sum((x - mu) * (var + eps) ** (-1.0 / 2) * dout, axis=0)
    return dx, dgamma, dout.sum(axis=0)


def batchnorm_backward__dictionary_of_columns(dout, cache):
    centred, std, gamma = cache["centred"], cache["std"], cache["gamma"]
    n = len(centred)
    dgamma = (dout * centred / std).sum(axis=0)
    dstd = -np.sum(dout * gamma * centred, axis=0, keepdims=True) / std**2
    dcentred = dout * gamma / std + dstd / std * centred / n
    return dcentred - dcentred.mean(axis=0, keepdims=True), dgamma, dout.sum(axis=0)


def _batchnorm_forward_closure(x, gamma, beta, bn_param):
    out, (x, mu, var, eps, gamma) = _batchnorm_forward_short(x, gamma, beta, bn_param)
    inverse = 1 / np.sqrt(var + eps)
    normal = (x - mu) * inverse

    def back(dout):
        dgamma, dbeta = (dout * normal).sum(0), dout.sum(0)
        return gamma * inverse * (dout - dbeta / len(x) - normal * dgamma / len(x)), dgamma, dbeta

    return out, back


def batchnorm_backward__closure(dout, cache):
    return cache(dout)


def _batchnorm_forward_only_inputs(x, gamma, beta, bn_param):
    """Keeps the inputs and computes the statistics again in the backward."""
    out, _ = _batchnorm_forward_course_style(x, gamma, beta, bn_param)
    return out, (x.copy(), gamma.copy(), bn_param.get("eps", 1e-5))


def batchnorm_backward__statistics_computed_again(dout, cache):
    x, gamma, eps = cache
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    dbeta, dgamma = dout.sum(axis=0), (dout * x_hat).sum(axis=0)
    dvar = -0.5 * gamma * dgamma / (var + eps)
    dx = gamma * dout / np.sqrt(var + eps) + dvar * 2 * (x - mean) / len(x)
    dx -= gamma * dbeta / np.sqrt(var + eps) / len(x)
    return dx, dgamma, dbeta


# ---------------------------------------------------------------------------------------------
# layernorm_forward
# ---------------------------------------------------------------------------------------------


def _layernorm_forward_course_style(x, gamma, beta, ln_param):
    out, cache = None, None
    eps = ln_param.get("eps", 1e-5)
    # batch normalisation of the transposed input
    x = x.T
    mu = x.mean(axis=0)
    var = x.var(axis=0)
    std = np.sqrt(var + eps)
    z = ((x - mu) / std).T
    out = gamma * z + beta
    cache = (z, gamma, std)
    return out, cache


layernorm_forward__course_style = _layernorm_forward_course_style


def layernorm_forward__row_by_row(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    out = np.empty_like(x)
    for i, row in enumerate(x):
        out[i] = gamma * (row - row.mean()) / np.sqrt(row.var() + eps) + beta
    return out, x


def layernorm_forward__loops(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    n, d = x.shape
    out = np.zeros((n, d))
    for i in range(n):
        mean = math.fsum(x[i]) / d
        var = math.fsum((v - mean) ** 2 for v in x[i].tolist()) / d
        for j in range(d):
            out[i, j] = (x[i, j] - mean) / math.sqrt(var + eps) * gamma[j] + beta[j]
    return out, (x, gamma, beta)


def _layernorm_forward_staged(x, gamma, beta, ln_param):
    eps = ln_param["eps"] if "eps" in ln_param else 1e-5  # noqa: SIM401
    D = x.shape[-1]
    mu = np.sum(x, axis=1)[:, None] / D
    xmu = x - mu
    var = np.sum(xmu**2, axis=1)[:, None] / D
    ivar = 1 / np.sqrt(var + eps)
    xhat = xmu * ivar
    return xhat * gamma + beta, (xhat, xmu, ivar, var, gamma, eps)


layernorm_forward__staged = _layernorm_forward_staged


def layernorm_forward__einsum(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    d = x.shape[1]
    centred = x - np.einsum("nd->n", x)[:, np.newaxis] / d
    rstd = 1.0 / np.sqrt(np.einsum("nd,nd->n", centred, centred) / d + eps)
    return np.einsum("nd,n,d->nd", centred, rstd, gamma) + beta, (centred, rstd)


def layernorm_forward__centring_matrix(x, gamma, beta, ln_param):
    d = x.shape[1]
    centred = x @ (np.eye(d) - 1 / d)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    eps = ln_param.get("eps", 1e-5)
    return gamma * centred / np.sqrt(length**2 / d + eps) + beta, None


def _layernorm_forward_hat_and_scale(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    std = np.sqrt(np.var(x, axis=-1, ddof=0) + eps).reshape(-1, 1)
    xhat = np.divide(np.subtract(x, x.mean(axis=-1).reshape(-1, 1)), std)
    return xhat * gamma + beta, {"xhat": xhat, "std": std, "gamma": gamma}


layernorm_forward__dictionary = _layernorm_forward_hat_and_scale


def layernorm_forward__apply_along_axis(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)

    def normalised(row):
        return (row - np.mean(row)) / np.sqrt(np.var(row) + eps)

    return [np.apply_along_axis(normalised, 1, x) * gamma + beta, None]


def layernorm_forward__in_place(x, gamma, beta, ln_param):
    x -= x.mean(axis=1, keepdims=True)
    std = np.sqrt((x**2).mean(axis=1, keepdims=True) + ln_param.get("eps", 1e-5))
    x /= std
    return x * gamma + beta, (x, std)


def layernorm_forward__columns_of_the_transposed(x, gamma, beta, ln_param):
    columns = x.T
    var = columns.var(axis=0)
    x_hat = (columns - columns.mean(axis=0)) / np.sqrt(var + ln_param.get("eps", 1e-5))
    return (gamma[:, np.newaxis] * x_hat + beta[:, np.newaxis]).T, (x_hat, gamma, var)


# ---------------------------------------------------------------------------------------------
# layernorm_backward
# ---------------------------------------------------------------------------------------------


def layernorm_backward__models_cache_simplified(dout, cache):
    x_hat, gamma, std = cache
    d = dout.shape[1]
    dy = dout * gamma
    dx = d * dy - dy.sum(1, keepdims=True) - x_hat * (dy * x_hat).sum(1, keepdims=True)
    return dx / (d * std), (dout * x_hat).sum(0), dout.sum(0)


def layernorm_backward__models_cache_jacobian(dout, cache):
    """For each row the whole Jacobian of x_hat with respect to x."""
    x_hat, gamma, std = cache
    d = dout.shape[1]
    dx = np.zeros_like(dout)
    for i, h in enumerate(x_hat):
        jacobian = (np.eye(d) - 1 / d - np.outer(h, h) / d) / std[i]
        dx[i] = jacobian.T @ (gamma * dout[i])
    return dx, np.sum(dout * x_hat, axis=0), np.sum(dout, axis=0)


def layernorm_backward__models_cache_einsum(dout, cache):
    x_hat, gamma, std = cache
    g = np.einsum("nd,d->nd", dout, gamma)
    level = np.einsum("nd->n", g)[:, None] / g.shape[1]
    slope = np.einsum("nd,nd->n", g, x_hat)[:, None] / g.shape[1]
    dx = (g - level - slope * x_hat) / std
    return dx, np.einsum("nd,nd->d", dout, x_hat), np.einsum("nd->d", dout)


def layernorm_backward__models_cache_loops(dout, cache):
    x_hat, gamma, std = cache
    n, d = dout.shape
    dx = np.zeros((n, d))
    dgamma, dbeta = np.zeros(d), np.zeros(d)
    for i in range(n):
        g = [gamma[j] * dout[i, j] for j in range(d)]
        level = sum(g) / d
        slope = sum(g[j] * x_hat[i, j] for j in range(d)) / d
        for j in range(d):
            dx[i, j] = (g[j] - level - x_hat[i, j] * slope) / std[i, 0]
            dgamma[j] += dout[i, j] * x_hat[i, j]
            dbeta[j] += dout[i, j]
    return dx, dgamma, dbeta


def layernorm_backward__course_style(dout, cache):
    z, gamma, std = cache
    dbeta = dout.sum(axis=0)
    dgamma = np.sum(dout * z, axis=0)
    # from here on as in batch normalisation, everything transposed
    dz = (dout * gamma).T
    z = z.T
    n = dz.shape[0]
    dx = (dz - dz.sum(axis=0) / n - z * np.sum(dz * z, axis=0) / n) / std
    return dx.T, dgamma, dbeta


def layernorm_backward__staged(dout, cache):
    xhat, xmu, ivar, var, gamma, eps = cache
    D = dout.shape[1]
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    dxhat = dout * gamma
    divar = np.sum(dxhat * xmu, axis=1, keepdims=True)
    dvar = divar * -0.5 * (var + eps) ** -1.5
    dxmu = dxhat * ivar + dvar * 2 * xmu / D
    dmu = -np.sum(dxmu, axis=1, keepdims=True)
    return dxmu + dmu / D, dgamma, dbeta


def layernorm_backward__dictionary(dout, cache):
    xhat = cache["xhat"]
    g = dout * cache["gamma"]
    g = g - g.mean(axis=1, keepdims=True)
    dx = (g - xhat * (g * xhat).mean(axis=1, keepdims=True)) / cache["std"]
    return [dx, (xhat * dout).sum(axis=0), dout.sum(axis=0)]


def _layernorm_forward_only_inputs(x, gamma, beta, ln_param):
    out, _ = _layernorm_forward_staged(x, gamma, beta, ln_param)
    return out, (x, gamma, dict(ln_param))


def layernorm_backward__statistics_computed_again(dout, cache):
    x, gamma, ln_param = cache
    eps = ln_param.get("eps", 1e-5)
    mean = x.mean(axis=1, keepdims=True)
    std = np.sqrt(x.var(axis=1, keepdims=True) + eps)
    g = dout * gamma
    dstd = -(g * (x - mean)).sum(axis=1, keepdims=True) / std**2
    dx = g / std - (g / std).mean(axis=1, keepdims=True)
    dx += dstd * (x - mean) / (std * x.shape[1])
    return dx, (dout * (x - mean) / std).sum(axis=0), dout.sum(axis=0)


# ---------------------------------------------------------------------------------------------
# label_smoothing
# ---------------------------------------------------------------------------------------------


def label_smoothing__eye(y, num_classes, smoothing):
    onehot = np.eye(num_classes)[y]
    return onehot * (1 - smoothing) + smoothing / num_classes


def label_smoothing__zeros(y, num_classes, smoothing):
    N = y.shape[0]
    labels = np.zeros((N, num_classes))
    labels[np.arange(N), y] = 1
    labels *= 1 - smoothing
    labels += smoothing / num_classes
    return labels


def label_smoothing__mixture_with_uniform(y, num_classes, smoothing):
    uniform = np.ones((len(y), num_classes)) / num_classes
    onehot = (y[:, None] == np.arange(num_classes)[None, :]).astype(float)
    return (1.0 - smoothing) * onehot + smoothing * uniform


def label_smoothing__loops(y, num_classes, smoothing):
    rows = []
    for label in y:
        row = [smoothing / num_classes] * num_classes
        row[int(label)] = 1 - smoothing + smoothing / num_classes
        rows.append(row)
    return np.array(rows)


def label_smoothing__where(y, num_classes, smoothing):
    hit = np.arange(num_classes) == y.reshape(-1, 1)
    low = smoothing / num_classes
    return np.where(hit, 1 - (num_classes - 1) * low, low)


def label_smoothing__add_at(y, num_classes, smoothing):
    out = np.full(shape=(len(y), num_classes), fill_value=smoothing / num_classes)
    np.add.at(out, (np.arange(len(y)), y), 1 - smoothing)
    return out


def label_smoothing__put_along_axis(y, num_classes, smoothing):
    out = np.ones((y.size, num_classes)) * smoothing / num_classes
    np.put_along_axis(out, y[:, np.newaxis].astype(int), 1 - smoothing + smoothing / num_classes, 1)
    return out


def label_smoothing__table_of_classes(y, num_classes, smoothing):
    table = np.identity(num_classes) - smoothing * (np.identity(num_classes) - 1 / num_classes)
    return np.take(table, y, axis=0)


def label_smoothing__flat_index(y, num_classes, smoothing):
    out = np.zeros(len(y) * num_classes)
    out[np.arange(len(y)) * num_classes + y] = 1 - smoothing
    return out.reshape(len(y), num_classes) + smoothing / num_classes


def label_smoothing__one_hot_in_single_precision(y, num_classes, smoothing):
    hot = (np.arange(num_classes) == y[:, None]).astype(np.float32)
    return hot * (1.0 - smoothing) + smoothing / num_classes


# ---------------------------------------------------------------------------------------------
# early_stopping
# ---------------------------------------------------------------------------------------------


def early_stopping__counter(val_losses, patience, min_delta=0.0):
    best_loss = float("inf")
    best_epoch = 0
    counter = 0
    for epoch in range(len(val_losses)):
        if val_losses[epoch] < best_loss - min_delta:
            best_loss = val_losses[epoch]
            best_epoch = epoch
            counter = 0
        else:
            counter += 1
            if counter >= patience:
                return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


def early_stopping__start_from_the_first(val_losses, patience, min_delta=0.0):
    best, best_epoch, wait = val_losses[0], 0, 0
    stop_epoch = len(val_losses) - 1
    for epoch, loss in enumerate(val_losses[1:], start=1):
        if best - loss > min_delta:
            best, best_epoch, wait = loss, epoch, 0
            continue
        wait += 1
        if wait == patience:
            stop_epoch = epoch
            break
    return stop_epoch, best_epoch


def early_stopping__remaining_patience(val_losses, patience, min_delta=0.0):
    left = patience
    best = np.inf
    best_epoch = epoch = -1
    for loss in val_losses:
        epoch += 1
        if loss + min_delta < best:
            best, best_epoch, left = loss, epoch, patience
        else:
            left -= 1
        if left == 0:
            break
    return np.array(epoch), np.array(best_epoch)


def early_stopping__while(val_losses, patience, min_delta=0.0):
    losses = np.asarray(val_losses).tolist()
    epoch, best_epoch = 0, 0
    while epoch - best_epoch < patience and epoch + 1 < len(losses):
        epoch += 1
        if losses[epoch] < losses[best_epoch] - min_delta:
            best_epoch = epoch
    return epoch, best_epoch


def early_stopping__nan_is_infinite(val_losses, patience, min_delta=0.0):
    losses = np.where(np.isnan(val_losses), np.inf, val_losses)
    best_epoch = 0
    for epoch in range(1, len(losses)):
        if losses[best_epoch] - losses[epoch] > min_delta:
            best_epoch = epoch
        elif epoch == best_epoch + patience:
            return [epoch, best_epoch]
    return [len(losses) - 1, best_epoch]


def early_stopping__jump_to_the_next_improvement(val_losses, patience, min_delta=0.0):
    val_losses = np.asarray(val_losses)
    last = len(val_losses) - 1
    best = 0
    while True:
        window = val_losses[best + 1 : best + patience + 1]
        better = np.flatnonzero(window < val_losses[best] - min_delta)
        if better.size == 0:
            return min(best + patience, last), best
        best += 1 + int(better[0])


def early_stopping__recursive(val_losses, patience, min_delta=0.0):
    def look_from(best):
        for epoch in range(best + 1, len(val_losses)):
            if val_losses[epoch] < val_losses[best] - min_delta:
                return look_from(epoch)
            if epoch - best >= patience:
                return epoch, best
        return len(val_losses) - 1, best

    return look_from(0)


class _EarlyStopper:
    def __init__(self, patience=1, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.counter, self.best, self.best_epoch = 0, math.inf, None

    def should_stop(self, epoch, loss):
        improved = not math.isnan(loss) and loss < self.best - self.min_delta
        if improved:
            self.best, self.best_epoch, self.counter = loss, epoch, 0
        else:
            self.counter += 1
        return self.counter >= self.patience


def early_stopping__object(val_losses, patience, min_delta=0.0):
    stopper = _EarlyStopper(patience, min_delta)
    epoch = 0
    for epoch, loss in enumerate(val_losses):
        if stopper.should_stop(epoch, float(loss)):
            break
    return epoch, stopper.best_epoch


# ---------------------------------------------------------------------------------------------
# horizontal_flip
# ---------------------------------------------------------------------------------------------


def horizontal_flip__loop(images, flip_prob, rng):
    out = np.copy(images)
    for i in range(len(images)):
        if rng.random() < flip_prob:
            out[i] = np.fliplr(images[i])
    return out


def horizontal_flip__where(images, flip_prob, rng):
    flips = rng.random(images.shape[0]) < flip_prob
    flips = flips.reshape((-1,) + (1,) * (images.ndim - 1))
    return np.where(flips, np.flip(images, axis=2), images)


def horizontal_flip__binomial(images, flip_prob, rng):
    flips = rng.binomial(1, flip_prob, size=len(images)).astype(bool)
    out = images.copy()
    out[flips] = out[flips][:, :, ::-1]
    return out


def horizontal_flip__list(images, flip_prob, rng):
    return np.array([im[:, ::-1] if rng.uniform() < flip_prob else im for im in images])


def horizontal_flip__choice(images, flip_prob, rng):
    steps = rng.choice([-1, 1], size=len(images), p=[flip_prob, 1 - flip_prob])
    return np.stack([image[:, ::step] for image, step in zip(images, steps)])


def horizontal_flip__column_indices(images, flip_prob, rng):
    n, _, w = images.shape[:3]
    flips = rng.random((n, 1)) >= 1 - flip_prob
    columns = np.where(flips, np.arange(w)[::-1], np.arange(w))
    return images[
        np.arange(n)[:, None, None], np.arange(images.shape[1])[:, None], columns[:, None]
    ]


def horizontal_flip__in_place(images, flip_prob, rng):
    indices = np.nonzero(rng.random(len(images)) < flip_prob)[0]
    images[indices] = np.flip(images[indices], 2)
    return images


def horizontal_flip__arithmetic(images, flip_prob, rng):
    m = (rng.random(len(images)) < flip_prob).astype(images.dtype)
    m = m[(slice(None), *[None] * (images.ndim - 1))]
    return m * images[:, :, ::-1] + (1 - m) * images


def horizontal_flip__pixel_by_pixel(images, flip_prob, rng):
    out = np.zeros_like(images)
    for i, image in enumerate(images):
        mirrored = rng.random() < flip_prob
        for column in range(image.shape[1]):
            source = image.shape[1] - 1 - column if mirrored else column
            out[i, :, column] = image[:, source]
    return out


def horizontal_flip__swap_axes(images, flip_prob, rng):
    turned = np.moveaxis(images, 2, 0).copy()
    chosen = rng.uniform(size=turned.shape[1]) < flip_prob
    turned[:, chosen] = turned[::-1, chosen]
    return np.moveaxis(turned, 0, 2)


# ---------------------------------------------------------------------------------------------
# random_crop
# ---------------------------------------------------------------------------------------------


def random_crop__loop(images, padding, rng):
    n, h, w = images.shape[0], images.shape[1], images.shape[2]
    pad_width = ((0, 0), (padding, padding), (padding, padding))
    if images.ndim == 4:
        pad_width += ((0, 0),)
    padded = np.pad(images, pad_width, mode="constant", constant_values=0)
    out = np.zeros_like(images)
    for i in range(n):
        top = rng.integers(0, 2 * padding + 1)
        left = rng.integers(0, 2 * padding + 1)
        out[i] = padded[i, top : top + h, left : left + w]
    return out


def random_crop__endpoint(images, padding, rng):
    n, h, w, *rest = images.shape
    big = np.zeros((n, h + 2 * padding, w + 2 * padding, *rest), dtype=images.dtype)
    big[:, padding : padding + h, padding : padding + w] = images
    offsets = rng.integers(0, 2 * padding, size=(n, 2), endpoint=True)
    return np.stack([big[i, a : a + h, b : b + w] for i, (a, b) in enumerate(offsets)])


def random_crop__signed_shifts(images, padding, rng):
    """No padding at all: copies the part that stays in view."""
    out = np.zeros_like(images)
    h, w = images.shape[1:3]
    for i, image in enumerate(images):
        dy, dx = rng.integers(-padding, padding + 1, size=2)
        rows = slice(max(0, dy), min(h, h + dy))
        columns = slice(max(0, dx), min(w, w + dx))
        if rows.start < rows.stop and columns.start < columns.stop:
            part = image[rows, columns]
            out[i, max(0, -dy) : max(0, -dy) + len(part)][
                :, max(0, -dx) : max(0, -dx) + part.shape[1]
            ] = part
    return out


def random_crop__roll(images, padding, rng):
    h, w = images.shape[1:3]
    crops = []
    for image in images:
        around = [(padding, padding)] * 2 + [(0, 0)] * (image.ndim - 2)
        shift = rng.integers(2 * padding + 1, size=2) - padding
        rolled = np.roll(np.pad(image, around), shift, axis=(0, 1))
        crops.append(rolled[padding : padding + h, padding : padding + w])
    return np.array(crops)


def random_crop__windows(images, padding, rng):
    n, h, w = images.shape[:3]
    width = [(0, 0), (padding, padding), (padding, padding), (0, 0)][: images.ndim]
    windows = sliding_window_view(np.pad(images, width), (h, w), axis=(1, 2))
    tops, lefts = rng.integers(0, 2 * padding + 1, size=(2, n))
    picked = windows[np.arange(n), tops, lefts]
    return picked if images.ndim == 3 else np.moveaxis(picked, 1, -1).copy()


def random_crop__one_draw_for_both(images, padding, rng):
    n, h, w = images.shape[:3]
    places = 2 * padding + 1
    tops, lefts = np.divmod(rng.integers(places**2, size=n), places)
    padded = np.pad(images, [(0, 0)] + [(padding, padding)] * 2 + [(0, 0)] * (images.ndim - 3))
    out = np.empty(images.shape, dtype=images.dtype)
    for i, (top, left) in enumerate(zip(tops, lefts)):
        out[i] = padded[i][top : top + h][:, left : left + w]
    return out


def random_crop__choice_of_corners(images, padding, rng):
    h, w = images.shape[1:3]
    corners = list(itertools.product(range(2 * padding + 1), repeat=2))
    out = []
    for image in images:
        top, left = corners[rng.choice(len(corners))]
        width = ((padding,) * 2,) * 2 + ((0, 0),) * (image.ndim - 2)
        out.append(np.pad(image, width)[top : top + h, left : left + w, ...])
    return np.asarray(out)


def random_crop__floor_of_uniform(images, padding, rng):
    n, h, w = images.shape[:3]
    offsets = (rng.random((n, 2)) * (2 * padding + 1)).astype(int)
    padded = np.pad(images, ((0, 0), (padding, padding), (padding, padding), (0, 0))[: images.ndim])
    rows = offsets[:, :1] + np.arange(h)
    columns = offsets[:, 1:] + np.arange(w)
    i = np.arange(n)
    return padded[i[:, None, None], rows[:, :, None], columns[:, None, :]]


def random_crop__shift_by_shift(images, padding, rng):
    """Loops over the shifts instead of the images."""
    n, h, w = images.shape[:3]
    padded = np.pad(images, [(0, 0), (padding, padding), (padding, padding), (0, 0)][: images.ndim])
    tops = rng.integers(0, 2 * padding + 1, n)
    lefts = rng.integers(0, 2 * padding + 1, n)
    out = np.zeros_like(images)
    for top in range(2 * padding + 1):
        for left in range(2 * padding + 1):
            here = (tops == top) & (lefts == left)
            out[here] = padded[here, top : top + h, left : left + w]
    return out


def random_crop__rows_then_columns(images, padding, rng):
    """Shifts all rows of every image, then all columns."""
    out = images
    for axis in (1, 2):
        width = [(0, 0)] * images.ndim
        width[axis] = (padding, padding)
        padded = np.pad(out, width)
        start = rng.integers(0, 2 * padding + 1, size=len(images))
        index = start[:, None] + np.arange(images.shape[axis])
        index = np.expand_dims(index, tuple(a for a in range(1, images.ndim) if a != axis))
        out = np.take_along_axis(padded, index, axis=axis)
    return out


# ---------------------------------------------------------------------------------------------
# mixup
# ---------------------------------------------------------------------------------------------


def mixup__shuffled_indices(x, y_onehot, alpha, rng):
    lam = rng.beta(alpha, alpha)
    index = np.arange(x.shape[0])
    rng.shuffle(index)
    x2, y2 = x[index], y_onehot[index]
    return lam * x + (1 - lam) * x2, lam * y_onehot + (1 - lam) * y2


def mixup__one_share_a_row(x, y_onehot, alpha, rng):
    n = len(x)
    lam = rng.beta(alpha, alpha, size=n)
    lam_x = lam.reshape(n, *[1] * (x.ndim - 1))
    lam_y = lam.reshape(n, *[1] * (y_onehot.ndim - 1))
    perm = rng.permutation(n)
    return lam_x * x + (1 - lam_x) * x[perm], lam_y * y_onehot + (1 - lam_y) * y_onehot[perm]


def mixup__permutation_first(x, y_onehot, alpha, rng):
    order = rng.permutation(x.shape[0])
    lam = float(rng.beta(alpha, alpha, 1)[0])
    mixed = [a * lam + a[order] * (1.0 - lam) for a in (x, y_onehot)]
    return tuple(mixed)


def mixup__step_towards_the_partner(x, y_onehot, alpha, rng):
    t = rng.beta(alpha, alpha)
    p = rng.permutation(len(x))
    return [x + t * (x[p] - x), y_onehot + t * (y_onehot[p] - y_onehot)]


def mixup__loop(x, y_onehot, alpha, rng):
    lam = rng.beta(alpha, alpha)
    partner = rng.permutation(len(x))
    mixed_x, mixed_y = np.zeros(x.shape), np.zeros(y_onehot.shape)
    for i, j in enumerate(partner):
        mixed_x[i] = lam * x[i] + (1 - lam) * x[j]
        mixed_y[i] = lam * y_onehot[i] + (1 - lam) * y_onehot[j]
    return mixed_x, mixed_y


def mixup__loop_with_a_share_each(x, y_onehot, alpha, rng):
    partner = list(rng.permutation(len(x)))
    pairs = []
    for i, j in enumerate(partner):
        lam = rng.beta(alpha, alpha)
        pairs.append((lam * x[i] + (1 - lam) * x[j], lam * y_onehot[i] + (1 - lam) * y_onehot[j]))
    xs, ys = zip(*pairs)
    return np.array(xs), np.array(ys)


def mixup__two_gammas(x, y_onehot, alpha, rng):
    """A beta variable is the share of one gamma variable in two."""
    a, b = rng.gamma(alpha), rng.gamma(alpha)
    lam = a / (a + b) if a + b > 0 else float(rng.random() < 0.5)
    p = rng.permutation(len(x))
    return lam * x + (1 - lam) * x[p], lam * y_onehot + (1 - lam) * y_onehot[p]


def mixup__dirichlet(x, y_onehot, alpha, rng):
    shares = rng.dirichlet([alpha, alpha])
    p = rng.permuted(np.arange(len(x)))
    mixed_x = np.tensordot(shares, np.stack([x, x[p]]), axes=1)
    mixed_y = np.tensordot(shares, np.stack([y_onehot, y_onehot[p]]), axes=1)
    return mixed_x, mixed_y


def mixup__mixing_matrix(x, y_onehot, alpha, rng):
    n = len(x)
    lam = rng.beta(alpha, alpha)
    mix = lam * np.eye(n) + (1 - lam) * np.eye(n)[rng.permutation(n)]
    return (mix @ x.reshape(n, -1)).reshape(x.shape), mix @ y_onehot


def mixup__choice_without_replacement(x, y_onehot, alpha, rng):
    lam = rng.beta(a=alpha, b=alpha)
    p = rng.choice(len(x), size=len(x), replace=False)
    return np.average([x, x[p]], axis=0, weights=[lam, 1 - lam]), (
        lam * y_onehot + (1 - lam) * np.take(y_onehot, p, axis=0)
    )


def mixup__sorted_noise(x, y_onehot, alpha, rng):
    p = np.argsort(rng.random(len(x)))
    lam = rng.beta(alpha, alpha, size=(len(x), 1))
    flat = x.reshape(len(x), -1)
    mixed = lam * flat + (1 - lam) * flat[p]
    return mixed.reshape(x.shape), lam * y_onehot + (1 - lam) * y_onehot[p]


def mixup__the_next_row(x, y_onehot, alpha, rng):
    lam = rng.beta(alpha, alpha)
    mixed = [lam * a + (1 - lam) * np.roll(a, -1, axis=0) for a in (x, y_onehot)]
    return mixed[0], mixed[1]


def mixup__reversed_order(x, y_onehot, alpha, rng):
    lam = rng.beta(alpha, alpha, size=len(x))
    as_column = lam.reshape([-1] + [1] * (x.ndim - 1))
    mixed_x = as_column * x + (1 - as_column) * x[::-1]
    return mixed_x, lam[:, None] * y_onehot + (1 - lam[:, None]) * y_onehot[::-1]


def mixup__in_place(x: np.ndarray, y_onehot: np.ndarray, alpha: float, rng: Any):
    lam = rng.beta(alpha, alpha)
    p = rng.permutation(len(x))
    x_partner, y_partner = x[p], y_onehot[p]
    x *= lam
    x += (1 - lam) * x_partner
    y_onehot *= lam
    y_onehot += (1 - lam) * y_partner
    return x, y_onehot


PARTNERS = {
    "dropout_backward__course_style": {"dropout_forward": "_dropout_forward_course_style"},
    "dropout_backward__mask_and_probability": {"dropout_forward": "_dropout_forward_binomial"},
    "dropout_backward__dropped_elements": {"dropout_forward": "_dropout_forward_with_mode"},
    "dropout_backward__dictionary": {"dropout_forward": "_dropout_forward_uniform"},
    "dropout_backward__scalar_at_test_time": {"dropout_forward": "_dropout_forward_choice"},
    "dropout_backward__layer_object": {"dropout_forward": "_dropout_forward_layer_object"},
    "dropout_backward__mask_drawn_again_from_its_seed": {
        "dropout_forward": "_dropout_forward_seed"
    },
    "dropout_backward__mask_drawn_again_from_the_state": {
        "dropout_forward": "_dropout_forward_state"
    },
    "dropout_backward__closure": {"dropout_forward": "_dropout_forward_closure"},
    "batchnorm_backward__staged": {"batchnorm_forward": "_batchnorm_forward_course_style"},
    "batchnorm_backward__as_in_the_paper": {"batchnorm_forward": "_batchnorm_forward_short"},
    "batchnorm_backward__one_line": {"batchnorm_forward": "_batchnorm_forward_short"},
    "batchnorm_backward__dictionary_of_columns": {
        "batchnorm_forward": "_batchnorm_forward_kept_dimensions"
    },
    "batchnorm_backward__closure": {"batchnorm_forward": "_batchnorm_forward_closure"},
    "batchnorm_backward__statistics_computed_again": {
        "batchnorm_forward": "_batchnorm_forward_only_inputs"
    },
    "layernorm_backward__course_style": {"layernorm_forward": "_layernorm_forward_course_style"},
    "layernorm_backward__staged": {"layernorm_forward": "_layernorm_forward_staged"},
    "layernorm_backward__dictionary": {"layernorm_forward": "_layernorm_forward_hat_and_scale"},
    "layernorm_backward__statistics_computed_again": {
        "layernorm_forward": "_layernorm_forward_only_inputs"
    },
}
