"""Right answers to the exercises of `losses`, written in other ways than the model answer.

A function `EXERCISE__LABEL` is one answer to EXERCISE. Each must earn full marks, whatever its
style. Names that begin with an underscore are parts of the answers below them.
"""

import functools
import itertools
import math
from builtins import range  # as old course files begin
from collections import namedtuple
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

# ---------------------------------------------------------------------------------------------
# mse_loss
# ---------------------------------------------------------------------------------------------


def mse_loss__loop_over_elements(prediction, target):
    total = 0.0
    gradient = np.zeros(prediction.shape)
    for index, value in np.ndenumerate(prediction):
        miss = value - target[index]
        total += miss * miss
        gradient[index] = 2.0 * miss
    count = prediction.size
    return total / count, gradient / count


def mse_loss__sum_over_size(prediction, target):
    n = np.prod(prediction.shape)
    diff = np.subtract(prediction, target)
    loss = np.sum(np.square(diff)) / n
    return loss, (2.0 / n) * diff


def mse_loss__dot_of_flat(prediction, target):
    r = (prediction - target).ravel()
    loss = r.dot(r) / r.size
    return loss, (2 * r / r.size).reshape(prediction.shape)


def mse_loss__einsum(prediction, target):
    e = prediction - target
    return np.einsum("i,i->", e.ravel(), e.ravel()) / e.size, e * 2 / e.size


def mse_loss__norm(prediction, target):
    error = prediction - target
    rmse = np.linalg.norm(error.ravel()) / np.sqrt(error.size)
    return rmse**2, 2 * error / error.size


def mse_loss__python_lists(prediction, target):
    p = prediction.flatten().tolist()
    t = target.flatten().tolist()
    misses = [a - b for a, b in zip(p, t)]
    loss = math.fsum(m**2 for m in misses) / len(misses)
    dp = np.array([2 * m / len(misses) for m in misses]).reshape(prediction.shape)
    return loss, dp


def mse_loss__in_place(prediction, target):
    prediction -= target
    loss = (prediction * prediction).mean()
    prediction *= 2.0 / prediction.size
    return loss, prediction


def mse_loss__average_as_list(prediction, target):
    delta = prediction - target
    return [np.average(delta**2), np.divide(2 * delta, delta.size)]


def mse_loss__variance_and_bias(prediction, target):
    d = prediction - target
    return d.var() + d.mean() ** 2, 2 * d / d.size


def mse_loss__axis_by_axis(prediction, target):
    squares = np.power(target - prediction, 2)
    count = 1
    while squares.ndim > 0:
        count *= squares.shape[-1]
        squares = squares.mean(axis=-1)
    return squares, -2.0 * (target - prediction) / count


def mse_loss__complex_step(prediction, target):
    def loss_at(p):
        return ((p - target) ** 2).sum() / target.size

    gradient = np.zeros_like(prediction)
    for index in np.ndindex(*prediction.shape):
        probe = prediction.astype(complex)
        probe[index] += 1e-30j
        gradient[index] = loss_at(probe).imag / 1e-30
    return float(loss_at(prediction)), gradient


def mse_loss__typed(prediction: np.ndarray, target: np.ndarray) -> tuple[float, np.ndarray]:
    error: np.ndarray = prediction - target
    loss: float = float(np.mean(error * error))
    grad: np.ndarray = (error + error) / float(error.size)
    return loss, grad


class _MeanSquaredError:
    def __init__(self):
        self.diff = None

    def forward(self, y_pred, y_true):
        self.diff = y_pred - y_true
        return (self.diff**2).mean()

    def backward(self):
        return self.diff * (2.0 / self.diff.size)


def mse_loss__layer_object(prediction, target):
    criterion = _MeanSquaredError()
    loss = criterion.forward(prediction, target)
    return loss, criterion.backward()


def mse_loss__zero_dimensional(prediction, target):
    diff = prediction - target
    loss = np.array(0.0)
    loss += (diff**2).sum()
    loss /= diff.size
    return loss, 2 * diff / diff.size


# ---------------------------------------------------------------------------------------------
# huber_loss
# ---------------------------------------------------------------------------------------------


def huber_loss__masks(prediction, target, delta=1.0):
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    r = prediction - target
    small = np.abs(r) <= delta
    cost = np.empty(r.shape)
    grad = np.empty(r.shape)
    cost[small] = 0.5 * r[small] ** 2
    grad[small] = r[small]
    cost[~small] = delta * (np.abs(r[~small]) - delta / 2)
    grad[~small] = delta * np.sign(r[~small])
    return cost.mean(), grad / r.size


def huber_loss__loop(prediction, target, delta=1.0):
    if np.shape(prediction) != np.shape(target):
        raise ValueError("prediction and target must have one shape")
    total = 0.0
    grad = np.zeros(prediction.shape)
    for index in np.ndindex(prediction.shape):
        r = prediction[index] - target[index]
        if abs(r) < delta:
            total += 0.5 * r * r
            grad[index] = r
        elif r > 0:
            total += delta * r - 0.5 * delta * delta
            grad[index] = delta
        else:
            total += -delta * r - 0.5 * delta * delta
            grad[index] = -delta
    return total / prediction.size, grad / prediction.size


def huber_loss__split_distance(prediction, target, delta=1.0):
    if prediction.shape == target.shape:
        error = prediction - target
        near = np.minimum(np.abs(error), delta)
        far = np.abs(error) - near
        loss = np.mean(0.5 * near**2 + delta * far)
        return loss, np.sign(error) * near / error.size
    raise ValueError(f"{prediction.shape} is not {target.shape}")


def huber_loss__select(prediction, target, delta=1.0):
    if prediction.shape != target.shape:
        raise ValueError
    r = prediction - target
    conditions = [r < -delta, r > delta]
    cost = np.select(conditions, [-delta * r - delta**2 / 2, delta * r - delta**2 / 2], r**2 / 2)
    slope = np.select(conditions, [-delta, delta], r)
    return np.sum(cost) / r.size, slope / r.size


def huber_loss__piecewise(prediction, target, delta=1.0):
    if list(prediction.shape) != list(target.shape):
        raise ValueError("shape mismatch")
    r = prediction - target
    a = np.abs(r)
    cost = np.piecewise(a, [a <= delta], [lambda v: v * v / 2, lambda v: delta * (v - delta / 2)])
    grad = np.where(a <= delta, r, delta * np.sign(r)) / r.size
    return np.mean(cost), grad


def huber_loss__square_minus_excess(prediction, target, delta=1.0):
    if prediction.shape != target.shape:
        raise ValueError("unequal shapes")
    r = prediction - target
    excess = np.maximum(np.abs(r) - delta, 0)
    loss = 0.5 * (np.square(r) - np.square(excess)).mean()
    return loss, (r - np.sign(r) * excess) / r.size


def huber_loss__clipped_times_rest(prediction, target, delta=1.0):
    if prediction.shape != target.shape:
        raise ValueError("unequal shapes")
    r = prediction - target
    g = np.clip(r, -delta, delta)
    return (g * (r - 0.5 * g)).mean(), g / g.size


def huber_loss__boolean_arithmetic(prediction, target, delta=1.0):
    if prediction.ndim != target.ndim or any(
        a != b for a, b in zip(prediction.shape, target.shape)
    ):
        raise ValueError("every axis must have the same length")
    r = target - prediction
    inside = np.abs(r) < delta
    cost = inside * (0.5 * r**2) + (1 - inside) * delta * (np.abs(r) - 0.5 * delta)
    grad = inside * -r + (1 - inside) * np.where(r > 0, -delta, delta)
    return np.average(cost), grad / r.size


def _huber_of_one(r, delta):
    if -delta <= r <= delta:
        return r * r / 2, r
    return delta * (abs(r) - delta / 2), math.copysign(delta, r)


def huber_loss__python_lists(prediction, target, delta=1.0):
    if prediction.shape != target.shape:
        raise ValueError("unequal shapes")
    pairs = [_huber_of_one(r, delta) for r in (prediction - target).ravel().tolist()]
    costs, slopes = zip(*pairs)
    n = len(pairs)
    return math.fsum(costs) / n, np.array(slopes).reshape(prediction.shape) / n


def huber_loss__vectorize(prediction, target, delta=1.0):
    if prediction.shape != target.shape:
        raise ValueError("unequal shapes")
    both = np.vectorize(lambda r: _huber_of_one(r, delta), otypes=[float, float])
    cost, slope = both(prediction - target)
    return cost.mean(), slope / slope.size


class _ShapeMismatchError(ValueError):
    pass


def huber_loss__own_exception(y_hat, y, threshold=1.0):
    try:
        assert y_hat.shape == y.shape
    except AssertionError as error:
        raise _ShapeMismatchError(str(y.shape)) from error
    r = y_hat - y
    big = np.where(np.abs(r) > threshold)
    cost = 0.5 * r**2
    cost[big] = threshold * np.abs(r[big]) - 0.5 * threshold**2
    dr = r.copy()
    dr[big] = threshold * np.sign(r[big])
    return [float(cost.mean()), dr / dr.size]


def huber_loss__in_place(prediction, target, delta=1.0):
    if prediction.shape != target.shape:
        raise ValueError("unequal shapes")
    prediction -= target
    size = np.absolute(prediction)
    loss = np.where(size > delta, delta * size - delta * delta / 2, size * size / 2).mean()
    np.clip(prediction, -delta, delta, out=prediction)
    prediction /= prediction.size
    return loss, prediction


# ---------------------------------------------------------------------------------------------
# binary_cross_entropy
# ---------------------------------------------------------------------------------------------


def binary_cross_entropy__clip(probability, target):
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    loss = -np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))
    dp = (p - target) / (p * (1 - p)) / p.shape[0]
    return loss, dp


def binary_cross_entropy__where(probability, target):
    n = len(target)
    p = np.minimum(np.maximum(probability, 1e-12), 1 - 1e-12)
    cost = np.where(target == 1, -np.log(p), -np.log(1 - p))
    grad = np.where(target == 1, -1 / p, 1 / (1 - p))
    return cost.sum() / n, grad / n


def binary_cross_entropy__loop(probability, target):
    eps = 1e-12
    loss = 0.0
    grad = np.zeros(len(probability))
    for i in range(len(probability)):
        p = min(max(probability[i], eps), 1 - eps)
        if target[i] == 1:
            loss -= math.log(p)
            grad[i] = -1.0 / p
        else:
            loss -= math.log(1 - p)
            grad[i] = 1.0 / (1 - p)
    return loss / len(probability), grad / len(probability)


def binary_cross_entropy__log1p(probability, target):
    p = probability.clip(1e-12, 1 - 1e-12)
    n = p.size
    loss = (target * -np.log(p) - (1 - target) * np.log1p(-p)).mean()
    return loss, -(target / p) / n + ((1 - target) / (1 - p)) / n


def binary_cross_entropy__dot_products(probability, target):
    n = probability.shape[0]
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    loss = -(np.dot(target, np.log(p)) + np.dot(1 - target, np.log(1 - p))) / n
    grad = -(np.divide(target, p) - np.divide(1 - target, 1 - p)) / n
    return np.squeeze(loss), grad


def binary_cross_entropy__chance_of_what_happened(probability, target):
    happened = target > 0.5
    chance = np.where(happened, probability, 1.0 - probability)
    chance = np.clip(chance, 1e-12, 1 - 1e-12)
    sign = np.where(happened, -1.0, 1.0)
    return -np.log(chance).mean(), sign / chance / chance.size


def binary_cross_entropy__masks(probability, target):
    p = probability.copy()
    p[p < 1e-12] = 1e-12
    p[p > 1 - 1e-12] = 1 - 1e-12
    yes, no = target == 1, target == 0
    loss = (-np.log(p[yes]).sum() - np.log(1 - p[no]).sum()) / p.size
    grad = np.zeros_like(p)
    grad[yes] = -1 / p[yes] / p.size
    grad[no] = 1 / (1 - p[no]) / p.size
    return loss, grad


def binary_cross_entropy__zero_slope_where_clipped(probability, target):
    low, high = 1e-12, 1 - 1e-12
    p = np.clip(probability, low, high)
    loss = np.average(-(target * np.log(p) + (1 - target) * np.log(1 - p)))
    grad = (p - target) / (p - p**2) / len(p)
    grad *= (probability >= low) & (probability <= high)
    return loss, grad


def binary_cross_entropy__two_columns(probability, target):
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    table = np.stack([1 - p, p], axis=1)
    one_hot = np.stack([1 - target, target], axis=1)
    loss = -np.sum(one_hot * np.log(table)) / len(p)
    dtable = -one_hot / table / len(p)
    return loss, dtable[:, 1] - dtable[:, 0]


def binary_cross_entropy__bits_to_nats(probability, target):
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    bits = -(target * np.log2(p) + (1 - target) * np.log2(1 - p))
    return np.log(2) * bits.mean(), ((1 - target) / (1 - p) - target / p) / p.size


def binary_cross_entropy__python_lists(probability, target):
    def cost_and_slope(p, t):
        p = sorted((1e-12, p, 1 - 1e-12))[1]
        return (-math.log(p), -1 / p) if t else (-math.log(1 - p), 1 / (1 - p))

    pairs = [cost_and_slope(p, t) for p, t in zip(probability.tolist(), target.tolist())]
    n = len(pairs)
    return sum(c for c, _ in pairs) / n, np.array([s / n for _, s in pairs])


def binary_cross_entropy__in_place(probability, target):
    np.clip(probability, 1e-12, 1 - 1e-12, out=probability)
    loss = -np.mean(np.log(probability) * target + np.log(1 - probability) * (1 - target))
    probability *= -1
    probability[target == 0] += 1
    return float(loss), 1 / (probability * target.shape[0])


# ---------------------------------------------------------------------------------------------
# binary_cross_entropy_with_logits
# ---------------------------------------------------------------------------------------------


def binary_cross_entropy_with_logits__logaddexp(logits, target):
    n = logits.shape[0]
    loss = np.mean(np.logaddexp(0, logits) - target * logits)
    return loss, (np.exp(-np.logaddexp(0, -logits)) - target) / n


def binary_cross_entropy_with_logits__signed(logits, target):
    sign = 2 * target - 1
    softplus = np.logaddexp(0.0, -sign * logits)
    return softplus.mean(), -sign * np.exp(-np.logaddexp(0.0, sign * logits)) / len(target)


def _stable_sigmoid(z):
    out = np.empty_like(z, dtype=float)
    positive = z >= 0
    out[positive] = 1 / (1 + np.exp(-z[positive]))
    e = np.exp(z[~positive])
    out[~positive] = e / (1 + e)
    return out


def binary_cross_entropy_with_logits__masks(logits, target):
    loss = np.maximum(logits, 0) - logits * target + np.log(1 + np.exp(-np.abs(logits)))
    return loss.mean(), (_stable_sigmoid(logits) - target) / loss.size


def binary_cross_entropy_with_logits__math_loop(logits, target):
    n = len(logits)
    loss = 0.0
    grad = []
    for z, t in zip(logits, target):
        z, t = float(z), float(t)
        if z >= 0:
            e = math.exp(-z)
            loss += (1 - t) * z + math.log1p(e)
            p = 1 / (1 + e)
        else:
            e = math.exp(z)
            loss += -t * z + math.log1p(e)
            p = e / (1 + e)
        grad.append((p - t) / n)
    return loss / n, np.array(grad)


def binary_cross_entropy_with_logits__ignored_overflow(logits, target):
    with np.errstate(over="ignore"):
        p = 1 / (1 + np.exp(-logits))
    loss = np.mean(logits.clip(min=0) - logits * target + np.log1p(np.exp(-abs(logits))))
    return loss, (p - target) / p.size


def binary_cross_entropy_with_logits__tanh(logits, target):
    p = 0.5 * (1 + np.tanh(0.5 * logits))
    hinge = np.where(target == 1, np.maximum(-logits, 0), np.maximum(logits, 0))
    loss = (hinge + np.log1p(np.exp(-np.abs(logits)))).sum() / len(logits)
    return loss, (p - target) / len(logits)


def binary_cross_entropy_with_logits__two_class_softmax(logits, target):
    n = logits.size
    scores = np.zeros((n, 2))
    scores[:, 1] = logits
    y = target.astype(int)
    log_p = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    d = np.exp(log_p)
    d[np.arange(n), y] -= 1
    return -log_p[np.arange(n), y].mean(), d[:, 1] / n


def binary_cross_entropy_with_logits__shift_by_maximum(logits, target):
    top = np.maximum(-logits, 0)
    log_sum = top + np.log(np.exp(-top) + np.exp(-logits - top))
    loss = (1 - target) * logits + log_sum
    p = np.exp(-log_sum)
    return np.mean(loss), (p - target) / p.shape[0]


def binary_cross_entropy_with_logits__clipped_exponent(logits, target):
    p = 1 / (1 + np.exp(np.minimum(-logits, 700)))
    loss = np.maximum(logits, 0) - logits * target + np.log1p(np.exp(-np.abs(logits)))
    return [np.sum(loss) / loss.size, np.divide(p - target, loss.size)]


def binary_cross_entropy_with_logits__select(z, t):
    decay = np.exp(-np.abs(z))
    log_p = np.select([z >= 0], [-np.log1p(decay)], z - np.log1p(decay))
    log_q = log_p - z
    loss = -(t * log_p + (1 - t) * log_q).mean()
    return loss, (np.exp(log_p) - t) / len(z)


def binary_cross_entropy_with_logits__frompyfunc(logits, target):
    def softplus(v):
        return v + math.log1p(math.exp(-v)) if v > 0 else math.log1p(math.exp(v))

    each = np.frompyfunc(softplus, 1, 1)
    wrong_way = np.where(target == 1, -logits, logits)
    cost = each(wrong_way).astype(float)
    slope = np.exp(wrong_way - cost) * np.where(target == 1, -1, 1)
    return cost.mean(), slope / len(cost)


def binary_cross_entropy_with_logits__in_place(logits, target):
    relu = logits * (logits > 0)
    loss = relu - target * logits
    np.abs(logits, out=logits)
    np.negative(logits, out=logits)
    np.exp(logits, out=logits)
    loss += np.log1p(logits)
    p = np.where(relu > 0, 1 / (1 + logits), logits / (1 + logits))
    p -= target
    p /= p.size
    return loss.mean(), p


# ---------------------------------------------------------------------------------------------
# softmax
# ---------------------------------------------------------------------------------------------


def softmax__row_by_row(x, temperature=1.0):
    out = np.zeros_like(x)
    for i in range(x.shape[0]):
        row = x[i] / temperature
        e = np.exp(row - row.max())
        out[i] = e / e.sum()
    return out


def softmax__loops(x, temperature=1.0):
    n, c = x.shape
    p = np.zeros((n, c))
    for i in range(n):
        biggest = x[i, 0]
        for j in range(1, c):
            if x[i, j] > biggest:
                biggest = x[i, j]
        total = 0.0
        for j in range(c):
            p[i, j] = math.exp((x[i, j] - biggest) / temperature)
            total += p[i, j]
        for j in range(c):
            p[i, j] /= total
    return p


def softmax__new_axis(x, temperature=1.0):
    z = x / temperature
    z = z - np.amax(z, axis=1)[:, None]
    e = np.exp(z)
    return e / e.sum(1)[:, None]


def softmax__transposed(x, temperature=1.0):
    z = x.T / temperature
    e = np.exp(z - z.max(axis=0))
    return (e / e.sum(axis=0)).T


def softmax__logaddexp(x, temperature=1.0):
    z = x * (1.0 / temperature)
    return np.exp(z - np.logaddexp.reduce(z, axis=1).reshape(-1, 1))


def softmax__apply_along_axis(x, temperature=1.0):
    def one(row):
        e = np.exp((row - max(row)) / temperature)
        return e / sum(e)

    return np.apply_along_axis(one, 1, x)


def softmax__list_comprehension(x, temperature=1.0):
    rows = []
    for row in x.tolist():
        m = max(row)
        e = [math.exp((v - m) / temperature) for v in row]
        s = math.fsum(e)
        rows.append([v / s for v in e])
    return np.array(rows)


def softmax__in_place(x, temperature=1.0):
    x /= temperature
    x -= x.max(axis=-1, keepdims=True)
    np.exp(x, out=x)
    x /= x.sum(axis=-1, keepdims=True)
    return x


def softmax__einsum(x, temperature=1.0):
    e = np.exp((x - x.max(1, keepdims=True)) / temperature)
    return np.einsum("nc,n->nc", e, 1 / np.einsum("nc->n", e))


def softmax__log_first(logits, T=1.0):
    scaled = logits / T
    top = np.max(scaled, axis=1, keepdims=True)
    log_z = top + np.log(np.sum(np.exp(scaled - top), axis=1, keepdims=True))
    return np.exp(scaled - log_z)


def softmax__one_over_sum_of_ratios(x, temperature=1.0):
    with np.errstate(over="ignore"):
        ratios = np.exp((x[:, None, :] - x[:, :, None]) / temperature)
    return 1.0 / ratios.sum(axis=2)


def softmax__powers_of_two(x, temperature=1.0, axis=1):
    z = (x - x.max(axis=axis, keepdims=True)) / (temperature * np.log(2.0))
    e = np.exp2(z)
    return np.divide(e, np.sum(e, axis=axis, keepdims=True))


def softmax__normalising_matrix(x, temperature=1.0):
    e = np.exp(np.subtract(x, x.max(axis=1).reshape(len(x), 1)) / temperature)
    return np.diag(1 / e.sum(axis=1)) @ e


def softmax__default_none(x, temperature=None):
    temperature = 1.0 if temperature is None else temperature
    e = np.exp((x - functools.reduce(np.maximum, x.T)[:, np.newaxis]) / temperature)
    return e / np.tile(e.sum(axis=1)[:, np.newaxis], (1, e.shape[1]))


# ---------------------------------------------------------------------------------------------
# softmax_loss
# ---------------------------------------------------------------------------------------------


def softmax_loss__loops(x, y):
    N, C = x.shape
    loss = 0.0
    dx = np.zeros((N, C))
    for i in range(N):
        m = max(x[i])
        total = 0.0
        for j in range(C):
            total += np.exp(x[i, j] - m)
        loss += m + np.log(total) - x[i, y[i]]
        for j in range(C):
            dx[i, j] = np.exp(x[i, j] - m) / total
            if j == y[i]:
                dx[i, j] -= 1
    loss /= N
    dx /= N
    return loss, dx


def softmax_loss__row_by_row(x, y):
    loss = 0.0
    dx = np.zeros_like(x)
    for i in range(len(y)):
        scores = x[i] - np.max(x[i])
        exp_scores = np.exp(scores)
        loss += -scores[y[i]] + np.log(np.sum(exp_scores))
        dx[i] = exp_scores / np.sum(exp_scores)
        dx[i, y[i]] -= 1
    return loss / len(y), dx / len(y)


def softmax_loss__course_style(x, y):
    shifted_logits = x - np.max(x, axis=1, keepdims=True)
    Z = np.sum(np.exp(shifted_logits), axis=1, keepdims=True)
    log_probs = shifted_logits - np.log(Z)
    probs = np.exp(log_probs)
    N = x.shape[0]
    loss = -np.sum(log_probs[np.arange(N), y]) / N
    dx = probs.copy()
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx


def softmax_loss__one_hot(x, y):
    n, c = x.shape
    one_hot = np.zeros((n, c))
    one_hot[np.arange(n), y] = 1
    z = x - x.max(axis=1).reshape(n, 1)
    e = np.exp(z)
    s = e.sum(axis=1).reshape(n, 1)
    cost = np.log(s).reshape(n) - (z * one_hot).sum(axis=1)
    return cost.mean(), (e / s - one_hot) / n


def softmax_loss__eye(x, y):
    target = np.eye(x.shape[1])[y]
    z = x - x.max(1)[:, None]
    log_p = z - np.log(np.exp(z).sum(1))[:, None]
    return -(target * log_p).sum(1).mean(), (np.exp(log_p) - target) / x.shape[0]


def softmax_loss__comparison_mask(x, y):
    right = np.arange(x.shape[1]) == y[:, None]
    z = x - np.amax(x, axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    loss = -log_p[right].mean()
    p = np.exp(log_p)
    return loss, np.where(right, p - 1, p) / len(x)


def softmax_loss__take_along_axis(x, y):
    column = np.expand_dims(y, 1)
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    chosen = np.take_along_axis(log_p, column, axis=1)
    dx = np.exp(log_p)
    np.put_along_axis(dx, column, np.exp(chosen) - 1, axis=1)
    return -np.mean(chosen), dx / x.shape[0]


def softmax_loss__choose(x, y):
    n, c = x.shape
    hot = (y.reshape(n, 1) == np.arange(c).reshape(1, c)).astype(int)
    log_p = x - np.logaddexp.reduce(x, axis=1)[:, np.newaxis]
    p = np.exp(log_p)
    loss = np.choose(hot, (np.zeros_like(log_p), -log_p)).sum() / n
    return loss, np.choose(hot, (p, p - 1)) / n


def softmax_loss__add_at(x, y):
    n = y.shape[0]
    z = x - x.max(axis=1, keepdims=True)
    e = np.exp(z)
    dx = e / e.sum(axis=1, keepdims=True) / n
    np.add.at(dx, (np.arange(n), y), -1.0 / n)
    loss = np.log(e.sum(axis=1)).sum() / n - z[np.arange(n), y].sum() / n
    return loss, dx


def softmax_loss__subtract_at(x, y):
    rows = tuple(range(x.shape[0]))
    log_z = np.logaddexp.reduce(x, axis=1)
    dx = np.exp(x - log_z.reshape(-1, 1))
    np.subtract.at(dx, (rows, y), 1)
    return np.average(log_z - x[rows, y]), np.multiply(dx, 1.0 / len(rows))


def softmax_loss__einsum(x, y):
    n, c = x.shape
    onehot = np.identity(c)[y]
    z = x - np.einsum("n,c->nc", x.max(axis=1), np.ones(c))
    e = np.exp(z)
    s = np.einsum("nc->n", e)
    loss = (np.log(s).sum() - np.einsum("nc,nc->", z, onehot)) / n
    return loss, (np.einsum("nc,n->nc", e, 1 / s) - onehot) / n


def softmax_loss__relative_to_correct(x, y):
    relative = x - x[np.arange(x.shape[0]), y][:, None]
    cost = np.logaddexp.reduce(relative, axis=1)
    dx = np.exp(relative - cost[:, None])
    dx[np.arange(x.shape[0]), y] -= 1.0
    return np.mean(cost), dx / cost.size


def softmax_loss__jacobian_per_row(x, y):
    n, c = x.shape
    total = 0.0
    dx = np.zeros((n, c))
    for i in range(n):
        z = x[i] - x[i].max()
        log_p = z - np.log(np.exp(z).sum())
        jacobian = np.eye(c) - np.tile(np.exp(log_p), (c, 1))
        upstream = np.zeros(c)
        upstream[y[i]] = -1.0 / n
        total += upstream @ log_p
        dx[i] = upstream @ jacobian
    return total, dx


def softmax_loss__batched_jacobian(x, y):
    n, c = x.shape
    z = x - x.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    dlog_p = np.zeros((n, c))
    dlog_p[range(n), y] = -1 / n
    jacobian = np.eye(c)[None, :, :] - np.exp(log_p)[:, None, :]
    return (dlog_p * log_p).sum(), np.matmul(dlog_p[:, None, :], jacobian)[:, 0, :]


def softmax_loss__transposed(x, y):
    scores = x.T
    scores = scores - scores.max(axis=0)
    num = len(y)
    exps = np.exp(scores)
    sums = exps.sum(axis=0)
    loss = (np.log(sums) - scores[y, np.arange(num)]).mean()
    d = exps / sums
    d[y, np.arange(num)] -= 1
    return loss, d.T / num


def softmax_loss__math_and_lists(x, y):
    costs, gradient = [], []
    rows, labels = x.tolist(), y.tolist()
    for row, label in zip(rows, labels):
        top = max(row)
        exps = [math.exp(v - top) for v in row]
        s = math.fsum(exps)
        costs.append(math.log(s) + top - row[label])
        gradient.append([(e / s - (k == label)) / len(rows) for k, e in enumerate(exps)])
    return math.fsum(costs) / len(costs), np.array(gradient)


def softmax_loss__returns_list(x, y):
    N = x.shape[0]
    x = x - x.max(axis=1, keepdims=True)
    p = np.exp(x)
    norm = p.sum(axis=1, keepdims=True)
    p /= norm
    loss = float(np.sum(np.log(norm)[:, 0] - x[np.arange(N), y])) / N
    p[np.arange(N), y] -= 1
    return [loss, p / N]


def softmax_loss__in_place(x, y):
    n = len(x)
    every = np.arange(n)
    x -= x.max(axis=1, keepdims=True)
    right = x[every, y].copy()
    np.exp(x, out=x)
    s = x.sum(axis=1)
    x /= s[:, None]
    x[every, y] -= 1
    x /= n
    return (np.log(s) - right).mean(), x


def softmax_loss__closure(x, y):
    n = x.shape[0]

    def forward():
        z = x - x.max(axis=1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))

        def backward(upstream=1.0):
            g = np.exp(log_p)
            g[np.arange(n), y] -= 1
            return upstream * g / n

        return -log_p[np.arange(n), y].mean(), backward

    loss, backward = forward()
    return loss, backward()


class _SoftmaxCrossEntropy:
    def __init__(self, x, y):
        self.x, self.y = x, y
        self.log_prob = None

    def forward(self):
        top = self.x.max(axis=1, keepdims=True)
        partition = np.exp(self.x - top).sum(axis=1, keepdims=True)
        self.log_prob = self.x - top - np.log(partition)
        return -self.log_prob[np.arange(self.y.size), self.y].sum() / self.y.size

    def backward(self):
        delta = np.exp(self.log_prob)
        delta[np.arange(self.y.size), self.y] -= 1.0
        return delta / self.y.size


def softmax_loss__layer_object(x, y):
    layer = _SoftmaxCrossEntropy(x, y)
    return layer.forward(), layer.backward()


class _LossAndGradient(NamedTuple):
    loss: float
    gradient: np.ndarray


def softmax_loss__named_tuple(x, y):
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    hot = np.zeros_like(x)
    hot[np.arange(len(y)), y] = 1
    return _LossAndGradient(
        loss=-np.sum(log_p * hot) / len(y), gradient=(np.exp(log_p) - hot) / len(y)
    )


@dataclass
class _Forward:
    log_p: np.ndarray
    labels: Any

    def loss(self) -> float:
        return float(-np.mean([row[k] for row, k in zip(self.log_p, self.labels)]))


def softmax_loss__dataclass(x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    state = _Forward(x - np.logaddexp.reduce(x, axis=1)[:, None], y)
    gradient = np.exp(state.log_p)
    for row, k in zip(gradient, y):
        row[k] -= 1
    return state.loss(), gradient / len(y)


def softmax_loss__extra_arguments(x, y, axis=1, reduction="mean", *, verbose=False):
    log_p = x - np.max(x, axis=axis, keepdims=True)
    log_p -= np.log(np.sum(np.exp(log_p), axis=axis, keepdims=True))
    scale = len(y) if reduction == "mean" else 1
    loss = -log_p[np.arange(len(y)), y].sum() / scale
    dx = np.exp(log_p)
    dx[np.arange(len(y)), y] -= 1
    if verbose:
        print(loss)
    return loss, dx / scale


def softmax_loss__old_python(X, y):
    num_train = X.shape[0]
    num_classes = X.shape[1]
    loss = 0.0
    dscores = np.zeros_like(X)
    for i in range(0, num_train):
        f = X[i, :].copy()
        f -= np.max(f)
        sum_j = np.sum(np.exp(f))
        loss += -f[y[i]] + np.log(sum_j)
        for k in range(0, num_classes):
            p_k = np.exp(f[k]) / sum_j
            dscores[i, k] += p_k - (k == y[i])
    loss = loss / float(num_train)
    dscores = dscores / float(num_train)
    return loss, dscores


def softmax_loss__flat_index(x, y):
    n, c = x.shape
    flat = np.arange(n) * c + y
    z = x - np.repeat(x.max(axis=1), c).reshape(n, c)
    s = np.exp(z).sum(axis=1)
    loss = (np.log(s) - z.ravel()[flat]).sum() / n
    dx = (np.exp(z) / np.repeat(s, c).reshape(n, c)).ravel()
    dx[flat] -= 1
    return loss, dx.reshape(n, c) / n


def softmax_loss__class_by_class(x, y):
    n, c = x.shape
    log_p = x - np.logaddexp.reduce(x, axis=1)[:, None]
    dx = np.exp(log_p)
    loss = 0.0
    for k in range(c):
        (members,) = np.nonzero(y == k)
        loss -= log_p[members, k].sum()
        dx[members, k] -= 1
    return loss / n, dx / n


def softmax_loss__diagonal(x, y):
    log_p = x - np.logaddexp.reduce(x, axis=1).reshape(-1, 1)
    loss = -np.trace(log_p[:, y]) / len(y)
    dx = np.exp(log_p)
    dx[list(range(len(y))), list(y)] += -1
    return loss, dx / len(y)


def softmax_loss__longdouble(x, y):
    wide = x.astype(np.longdouble)
    wide = wide - wide.max(axis=1, keepdims=True)
    s = np.exp(wide).sum(axis=1, keepdims=True)
    n = len(wide)
    loss = (np.log(s[:, 0]) - wide[np.arange(n), y]).mean()
    dx = np.exp(wide) / s
    dx[np.arange(n), y] -= 1
    return float(loss), (dx / n).astype(np.float64)


def _one_example(scores, label):
    z = scores - scores.max()
    log_sum = np.log(np.exp(z).sum())
    g = np.exp(z - log_sum)
    g[label] -= 1
    return log_sum - z[label], g


def softmax_loss__function_per_example(x, y):
    results = [_one_example(scores, label) for scores, label in zip(x, y)]
    losses = np.array([cost for cost, _ in results])
    grads = np.vstack([g for _, g in results])
    return losses.mean(), grads / len(results)


def softmax_loss__map_and_stack(x, y):
    costs, grads = zip(*map(_one_example, x, y))
    return np.asarray(sum(costs) / len(costs)), np.stack(grads, axis=0) / len(costs)


def softmax_loss__backward_through_log_softmax(x, y):
    n = x.shape[0]
    log_p = x - np.logaddexp.reduce(x, axis=-1, keepdims=True)
    dlog_p = np.zeros(x.shape)
    dlog_p[np.arange(n), y] = -1.0 / n
    dx = dlog_p - np.exp(log_p) * dlog_p.sum(axis=-1, keepdims=True)
    return np.vdot(dlog_p, log_p), dx


def softmax_loss__left_over_print(x, y):
    m = functools.reduce(np.maximum, x.T)
    e = np.exp((x.T - m).T)
    s = e.sum(axis=1)
    hot = np.equal.outer(y, np.arange(x.shape[1]))
    loss = np.mean(m + np.log(s) - x[hot])
    print("loss:", loss)
    return loss, ((e.T / s).T - hot) / len(y)


def softmax_loss__column_by_column(x, y):
    n, c = x.shape
    top = x[:, 0]
    for k in range(1, c):
        top = np.maximum(top, x[:, k])
    s = np.zeros(n)
    for k in range(c):
        s = s + np.exp(x[:, k] - top)
    right = np.zeros(n)
    columns = []
    for k in range(c):
        right = right + np.where(y == k, x[:, k] - top, 0.0)
        columns.append((np.exp(x[:, k] - top) / s - np.where(y == k, 1.0, 0.0)) / n)
    return np.sum(np.log(s) - right) / n, np.column_stack(columns)


# ---------------------------------------------------------------------------------------------
# temperature_loss
# ---------------------------------------------------------------------------------------------


def temperature_loss__scaled_first(x, y, temperature):
    n = x.shape[0]
    z = x / temperature
    z = z - z.max(axis=1, keepdims=True)
    e = np.exp(z)
    s = e.sum(axis=1, keepdims=True)
    loss = np.mean(np.log(s[:, 0]) - z[np.arange(n), y])
    p = e / s
    p[np.arange(n), y] -= 1
    return loss, p / n / temperature


def temperature_loss__inverse_temperature(x, y, T):
    beta = 1.0 / T
    log_p = beta * x - np.logaddexp.reduce(beta * x, axis=1)[:, None]
    hot = np.eye(x.shape[1])[y]
    return -np.sum(hot * log_p) / len(y), beta * (np.exp(log_p) - hot) / len(y)


def _cross_entropy(scores, labels):
    n = len(labels)
    log_p = scores - scores.max(axis=1, keepdims=True)
    log_p = log_p - np.log(np.exp(log_p).sum(axis=1, keepdims=True))
    grad = np.exp(log_p)
    grad[np.arange(n), labels] -= 1
    return -log_p[np.arange(n), labels].mean(), grad / n


def temperature_loss__own_softmax_loss(x, y, temperature):
    loss, grad = _cross_entropy(x / temperature, y)
    grad *= 1 / temperature
    return loss, grad


def temperature_loss__loops(x, y, temperature):
    N, C = x.shape
    loss, dx = 0.0, np.zeros((N, C))
    for i in range(N):
        z = [x[i, j] / temperature for j in range(C)]
        m = max(z)
        s = sum(math.exp(v - m) for v in z)
        loss += (math.log(s) + m - z[y[i]]) / N
        for j in range(C):
            dx[i, j] = math.exp(z[j] - m) / s / N / temperature
        dx[i, y[i]] -= 1 / (N * temperature)
    return loss, dx


def temperature_loss__in_place(x, y, temperature):
    rows = np.arange(x.shape[0])
    x /= temperature
    x -= np.logaddexp.reduce(x, axis=1, keepdims=True)
    loss = -x[rows, y].mean()
    np.exp(x, out=x)
    x[rows, y] -= 1
    x /= len(rows) * temperature
    return loss, x


def temperature_loss__shift_before_scaling(x, y, temperature=1.0):
    shifted = x - x.max(axis=1)[:, np.newaxis]
    e = np.exp(shifted / temperature)
    s = e.sum(axis=1)
    mask = np.arange(x.shape[1])[None, :] == y[:, None]
    loss = (np.log(s) - shifted[mask] / temperature).sum() / len(s)
    return loss, (e / s[:, None] - mask) / (temperature * len(s))


def temperature_loss__relative_to_correct(x, y, temperature):
    gap = (x - np.take_along_axis(x, y[:, None], axis=1)) / temperature
    cost = np.logaddexp.reduce(gap, axis=1)
    dx = np.exp(gap - cost[:, None])
    np.put_along_axis(dx, y[:, None], np.exp(-cost)[:, None] - 1, axis=1)
    return cost.mean(), dx / (cost.size * temperature)


def temperature_loss__chain_of_jacobians(x, y, temperature):
    n, c = x.shape
    dscaled_dx = np.eye(c) / temperature
    loss, dx = 0.0, np.empty_like(x)
    for i, label in enumerate(y):
        scaled = dscaled_dx @ x[i]
        cost, g = _one_example(scaled, label)
        loss += cost / n
        dx[i] = dscaled_dx.T @ g / n
    return loss, dx


class _ScaledCrossEntropy:
    def __init__(self, temperature):
        self.temperature = temperature

    def __call__(self, x, y):
        self.loss, self.grad = _cross_entropy(np.divide(x, self.temperature), y)
        return self.loss

    def backward(self):
        return np.divide(self.grad, self.temperature)


def temperature_loss__callable_object(x, y, temperature):
    criterion = _ScaledCrossEntropy(float(temperature))
    loss = criterion(x, y)
    return [loss, criterion.backward()]


def temperature_loss__transposed(x, y, temperature):
    z = x.T / temperature
    z = z - z.max(axis=0)
    s = np.exp(z).sum(axis=0)
    cols = np.arange(z.shape[1])
    p = np.exp(z) / s
    p[y, cols] -= 1
    return np.asarray((np.log(s) - z[y, cols]).mean()), p.T / z.shape[1] / temperature


def temperature_loss__typed(
    x: np.ndarray, y: np.ndarray, temperature: float = 1.0, num_classes: int | None = None
) -> tuple[float, np.ndarray]:
    labels = np.zeros((x.shape[0], num_classes or x.shape[1]))
    labels[np.arange(x.shape[0]), y] = 1.0
    logits = x / temperature
    log_z = np.logaddexp.reduce(logits, axis=1, keepdims=True)
    loss = np.einsum("nc,nc->", labels, log_z - logits) / x.shape[0]
    return float(loss), (np.exp(logits - log_z) - labels) / x.shape[0] / temperature


def temperature_loss__class_by_class(x, y, temperature):
    z = x / temperature
    log_z = np.logaddexp.reduce(z, axis=1)
    dx = np.zeros_like(x)
    loss = 0.0
    for k in range(x.shape[1]):
        is_k = y == k
        loss += np.sum((log_z - z[:, k])[is_k])
        dx[:, k] = np.exp(z[:, k] - log_z) - is_k
    return loss / len(y), dx / (len(y) * temperature)


# ---------------------------------------------------------------------------------------------
# svm_loss
# ---------------------------------------------------------------------------------------------


def svm_loss__loops(x, y):
    N, C = x.shape
    loss = 0.0
    dx = np.zeros((N, C))
    for i in range(N):
        correct_class_score = x[i, y[i]]
        for j in range(C):
            if j == y[i]:
                continue
            margin = x[i, j] - correct_class_score + 1
            if margin > 0:
                loss += margin
                dx[i, j] += 1
                dx[i, y[i]] -= 1
    return loss / N, dx / N


def svm_loss__row_by_row(x, y):
    loss, dx = 0.0, np.zeros_like(x)
    for i, k in enumerate(y):
        m = np.maximum(0, x[i] - x[i, k] + 1.0)
        m[k] = 0
        loss += m.sum()
        dx[i, m > 0] = 1
        dx[i, k] -= np.count_nonzero(m)
    return loss / len(y), dx / len(y)


def svm_loss__course_style(x, y):
    N = x.shape[0]
    correct_class_scores = x[np.arange(N), y]
    margins = np.maximum(0, x - correct_class_scores[:, np.newaxis] + 1.0)
    margins[np.arange(N), y] = 0
    loss = np.sum(margins) / N
    num_pos = np.sum(margins > 0, axis=1)
    dx = np.zeros_like(x)
    dx[margins > 0] = 1
    dx[np.arange(N), y] -= num_pos
    dx /= N
    return loss, dx


def svm_loss__eye(x, y):
    n, c = x.shape
    hot = np.eye(c)[y]
    correct = (x * hot).sum(axis=1).reshape(n, 1)
    m = np.maximum(x - correct + 1, 0) * (1 - hot)
    active = (m > 0) * 1.0
    dx = active - hot * active.sum(axis=1).reshape(n, 1)
    return m.sum() / n, dx / n


def svm_loss__where(x, y):
    wrong = np.arange(x.shape[1])[None] != y[:, None]
    m = x - x[~wrong][:, None] + 1
    m = np.where(wrong & (m > 0), m, 0.0)
    ones = np.where(m > 0, 1.0, 0.0)
    dx = np.where(wrong, ones, -ones.sum(axis=1, keepdims=True))
    return m.sum(axis=1).mean(), dx / len(x)


def svm_loss__clip(x, y):
    rows = np.arange(len(x))
    m = np.clip(x - np.expand_dims(x[rows, y], axis=-1) + 1, 0, None)
    m[rows, y] = 0
    g = np.sign(m)
    g[rows, y] = -g.sum(axis=1)
    return m.sum() / len(x), g / len(x)


def svm_loss__mask_times_margin(x, y):
    n = len(y)
    m = (x.T - x[range(n), y]).T + 1
    keep = m > 0
    keep[range(n), y] = False
    loss = (m * keep).sum() / n
    dx = keep.astype(float)
    dx[range(n), y] -= keep.sum(axis=1)
    return loss, dx / n


def svm_loss__minus_one(x, y):
    n = x.shape[0]
    m = np.maximum(0, x - x[np.arange(n), y].reshape(-1, 1) + 1)
    loss = np.sum(m) / n - 1
    binary = np.zeros(m.shape)
    binary[m > 0] = 1
    row_sum = np.sum(binary, axis=1)
    binary[np.arange(n), y] -= row_sum
    return loss, binary / n


def svm_loss__take_along_axis(x, y):
    k = y[:, None]
    m = x - np.take_along_axis(x, k, 1) + 1
    np.put_along_axis(m, k, 0.0, 1)
    m[m < 0] = 0
    d = np.heaviside(m, 0)
    np.put_along_axis(d, k, -d.sum(axis=1, keepdims=True), 1)
    return float(m.sum()) / len(m), d / len(m)


def svm_loss__add_at(x, y):
    n = len(x)
    m = x - x[np.arange(n), y][:, None] + 1
    m[np.arange(n), y] = 0
    i, j = np.nonzero(m > 0)
    dx = np.zeros(x.shape)
    np.add.at(dx, (i, j), 1 / n)
    np.add.at(dx, (i, y[i]), -1 / n)
    return m[i, j].sum() / n, dx


def svm_loss__bincount(x, y):
    n, c = x.shape
    margin = x - x[np.arange(n), y][:, None] + 1
    violated = (margin > 0) & (np.arange(c) != y[:, None])
    row, _ = np.where(violated)
    dx = violated / n
    dx[np.arange(n), y] = -np.bincount(row, minlength=n) / n
    return margin[violated].sum() / n, dx


def svm_loss__einsum(x, y):
    hot = np.zeros(x.shape)
    hot[np.arange(len(y)), y] = 1
    m = x - np.einsum("ij,ij->i", x, hot)[:, None] + 1 - hot
    active = (m > 0).astype(x.dtype) * (1 - hot)
    loss = np.einsum("ij,ij->", m, active) / len(y)
    return loss, (active - np.einsum("ij,ik->ik", active, hot)) / len(y)


def svm_loss__wrong_classes_only(x, y):
    n, c = x.shape
    wrong = np.ones((n, c), dtype=bool)
    wrong[np.arange(n), y] = False
    others = x[wrong].reshape(n, c - 1)
    hinge = np.maximum(0, 1 + others - x[~wrong].reshape(n, 1))
    dx = np.zeros((n, c))
    dx[wrong] = (hinge > 0).ravel()
    dx[~wrong] = -(hinge > 0).sum(axis=1)
    return hinge.sum() / n, dx / n


def svm_loss__delete_per_row(x, y):
    total, rows = 0.0, []
    for scores, k in zip(x, y):
        gap = np.delete(scores, k) - scores[k] + 1
        total += gap[gap > 0].sum()
        g = (gap > 0).astype(float)
        rows.append(np.insert(g, k, -g.sum()))
    return total / len(x), np.array(rows) / len(x)


def svm_loss__transposed(x, y):
    s = x.T
    n = s.shape[1]
    m = np.maximum(0, s - s[y, np.arange(n)] + 1)
    m[y, np.arange(n)] = 0
    d = 1.0 * (m > 0)
    d[y, np.arange(n)] = -d.sum(axis=0)
    return m.sum() / n, (d / n).T


def svm_loss__column_by_column(x, y):
    n, c = x.shape
    correct = np.array([x[i, y[i]] for i in range(n)])
    loss, dx = 0.0, np.zeros((n, c))
    for j in range(c):
        m = (x[:, j] - correct + 1) * (y != j)
        hit = m > 0
        loss += m[hit].sum() / n
        dx[hit, j] += 1 / n
        dx[hit, y[hit]] -= 1 / n
    return loss, dx


def svm_loss__correct_set_to_minus_infinity(x, y):
    rows = np.arange(len(x))
    gap = x - x[rows, y][:, None] + 1
    gap[rows, y] = -np.inf
    hinge = np.maximum(gap, 0)
    dx = (hinge > 0) / len(x)
    dx[rows, y] = -dx.sum(axis=1)
    return hinge.sum(axis=1).mean(), dx


def svm_loss__closed_kink(x, y):
    rows = np.arange(x.shape[0])
    m = x - x[rows, y].reshape(-1, 1) + 1
    active = (m >= 0).astype(float)
    active[rows, y] = 0
    loss = (m * active).sum() / len(rows)
    active[rows, y] = -active.sum(axis=1)
    return loss, active / len(rows)


def svm_loss__half_at_the_kink(x, y):
    rows = np.arange(x.shape[0])
    m = x - x[rows, y][:, None] + 1
    m[rows, y] = -1
    g = np.heaviside(m, 0.5)
    g[rows, y] = -g.sum(axis=1)
    return np.maximum(m, 0).sum() / len(rows), g / len(rows)


def svm_loss__absolute_value(x, y):
    n, c = x.shape
    wrong = 1.0 - np.eye(c)[y]
    m = (x - x[np.arange(n), y][:, None] + 1.0) * wrong
    loss = (0.5 * (m + np.abs(m))).sum() / n
    g = 0.5 * (1 + np.sign(m)) * wrong
    return loss, (g - (1 - wrong) * g.sum(axis=1, keepdims=True)) / n


def svm_loss__product_of_ranges(x, y):
    n, c = x.shape
    loss = []
    dx = np.zeros_like(x)
    for i, j in itertools.product(range(n), range(c)):
        k = y[i]
        m = max(0.0, x[i, j] - x[i, k] + 1.0) if j != k else 0.0
        loss.append(m)
        dx[i, j] += (m > 0) / n
        dx[i, k] -= (m > 0) / n
    return sum(loss) / n, dx


def svm_loss__math_and_lists(x, y):
    n = len(y)
    terms, gradient = [], []
    for row, k in zip(x.tolist(), y.tolist()):
        hinge = [max(0.0, v - row[k] + 1.0) for v in row]
        hinge[k] = 0.0
        g = [1.0 / n if h > 0 else 0.0 for h in hinge]
        g[k] = -math.fsum(g)
        terms.extend(hinge)
        gradient.append(g)
    return math.fsum(terms) / n, np.array(gradient)


def svm_loss__in_place(x, y):
    every = np.arange(x.shape[0])
    x -= x[every, y][:, None] - 1
    x[every, y] = 0
    np.maximum(x, 0, out=x)
    loss = x.sum() / len(every)
    x[x > 0] = 1
    x[every, y] = -x.sum(axis=1)
    x /= len(every)
    return loss, x


def svm_loss__flat_index(x, y):
    n, c = x.shape
    at = np.arange(n) * c + y
    m = np.maximum(0, x - np.take(x, at)[:, None] + 1)
    np.put(m, at, 0)
    d = (m != 0).astype(np.float64)
    np.put(d, at, -d.sum(axis=1))
    return m.sum() / n, d / n


def svm_loss__keyword_margin(x, y, delta=1.0, average=True):
    n = len(x) if average else 1
    m = np.maximum(0, x - x[np.arange(len(x)), y][:, None] + delta)
    m[np.arange(len(x)), y] = 0
    d = np.array(m > 0, dtype=x.dtype)
    d[np.arange(len(x)), y] = np.negative(d.sum(axis=1))
    return m.sum() / n, d / n


def svm_loss__typed_list(x: np.ndarray, y: np.ndarray) -> list:
    correct: np.ndarray = np.array([scores[label] for scores, label in zip(x, y)])
    hinge: np.ndarray = np.fmax(x - correct[..., None] + 1.0, 0.0)
    hinge[range(len(y)), y] = 0.0
    active: np.ndarray = hinge.astype(bool).astype(float)
    active[range(len(y)), y] -= active.sum(1)
    return [float(hinge.sum() / len(y)), active / len(y)]


_HingeResult = namedtuple("_HingeResult", "loss dscores")


def svm_loss__named_tuple(x, y):
    one_hot = np.equal.outer(y, np.arange(x.shape[1]))
    m = np.where(one_hot, 0, np.maximum(0, x - x[one_hot][:, None] + 1))
    d = (m > 0).astype(int)
    d = d - one_hot * d.sum(axis=1, keepdims=True)
    return _HingeResult(m.sum() / len(y), d / len(y))


class _Hinge:
    margin = 1.0

    def forward(self, scores, labels):
        self.rows, self.labels = np.arange(len(scores)), labels
        gap = scores - scores[self.rows, labels][:, None] + self.margin
        gap[self.rows, labels] = 0
        self.active = gap > 0
        return np.sum(gap[self.active]) / len(scores)

    def backward(self):
        grad = self.active.astype(float)
        grad[self.rows, self.labels] = -self.active.sum(axis=1)
        return grad / len(self.rows)


def svm_loss__layer_object(x, y):
    hinge = _Hinge()
    return hinge.forward(x, y), hinge.backward()


def svm_loss__class_by_class(x, y):
    n, c = x.shape
    loss, dx = 0.0, np.zeros((n, c))
    for k in np.unique(y):
        members = np.flatnonzero(y == k)
        block = np.maximum(x[members] - x[members, k : k + 1] + 1, 0)
        block[:, k] = 0
        g = np.sign(block)
        g[:, k] = -g.sum(axis=1)
        loss += block.sum() / n
        dx[members] = g / n
    return loss, dx


def svm_loss__all_differences(x, y):
    n, c = x.shape
    hot = np.eye(c)[y]
    against = x[:, :, None] - x[:, None, :] + 1
    used = hot[:, None, :] * (1 - hot)[:, :, None] * (against > 0)
    loss = (against * used).sum() / n
    return loss, (used.sum(axis=2) - used.sum(axis=1)) / n


def svm_loss__masked_array(x, y):
    n, c = x.shape
    gap = x - x[np.arange(n), y][:, None] + 1
    hidden = (gap <= 0) | (np.arange(c) == y[:, None])
    shown = np.ma.masked_array(gap, mask=hidden)
    dx = (~hidden).astype(float)
    dx[np.arange(n), y] = -shown.count(axis=1)
    return float(shown.filled(0.0).sum()) / n, dx / n


def svm_loss__old_python(X, y):
    num_train = X.shape[0]
    loss = 0.0
    dscores = np.zeros(X.shape)
    for i in range(num_train):
        scores = X[i]
        count = 0
        for j in range(X.shape[1]):
            if j != y[i]:
                margin = scores[j] - scores[y[i]] + 1  # note delta = 1
                if margin > 0:
                    loss += margin
                    count += 1
                    dscores[i, j] = 1.0
        dscores[i, y[i]] = -count
    loss /= float(num_train)
    dscores /= float(num_train)
    return loss, dscores


def svm_loss__closure(x, y):
    rows = np.arange(len(y))

    def margins(scores):
        m = scores - scores[rows, y][:, None] + 1
        m[rows, y] = 0
        return np.maximum(m, 0)

    def slope(m):
        on = m > 0
        d = np.zeros(m.shape)
        d += on
        d[rows, y] -= on.sum(axis=1)
        return d

    hinge = margins(x)
    return np.asarray(hinge.sum() / len(y)), slope(hinge) / len(y)
