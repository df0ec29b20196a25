"""Right answers to the exercises of `backprop`, written in other ways than the model answer.

A function `EXERCISE__LABEL` is one answer to EXERCISE. Each must earn full marks, whatever its
style. Names that begin with an underscore are parts of the answers below them. A backward that
needs a forward of its own finds it in `PARTNERS`; the others read the model answer's cache.
"""

import math
from collections import namedtuple
from dataclasses import dataclass
from functools import reduce

import numpy as np

# ---------------------------------------------------------------------------------------------
# affine_forward, affine_backward
# ---------------------------------------------------------------------------------------------


def _affine_forward_course(x, w, b):
    num_train = x.shape[0]
    out = x.reshape(num_train, -1).dot(w) + b
    cache = (x, w, b)
    return out, cache


affine_forward__course = _affine_forward_course


def affine_backward__course(dout, cache):
    x, w, _b = cache
    dx, dw, db = None, None, None
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    db = np.sum(dout, axis=0)
    return dx, dw, db


def affine_backward__ones_for_the_bias(dout, cache):
    x, w, _ = cache
    n = dout.shape[0]
    x_rows = np.reshape(x, (n, np.prod(x.shape[1:])))
    dx = np.dot(w, dout.T).T
    dw = np.dot(dout.T, x_rows).T
    db = np.dot(np.ones(n), dout)
    return np.reshape(dx, x.shape), dw, db


def affine_backward__outer_products(dout, cache):
    x, w, b = cache
    dx, dw, db = np.zeros_like(x), np.zeros_like(w), np.zeros_like(b)
    for i in range(len(x)):
        dx[i] = (w @ dout[i]).reshape(x[i].shape)
        dw += np.outer(x[i], dout[i])
        db += dout[i]
    return dx, dw, db


def affine_backward__as_list(dout, cache):
    x, w, b = cache
    db = dout.mean(axis=0) * dout.shape[0]
    rows = x.reshape(-1, w.shape[0])
    dw = np.einsum("nd,nm->dm", rows, dout)
    dx = np.einsum("nm,dm->nd", dout, w)
    dx.shape = x.shape
    return [dx, dw, db.reshape(b.shape)]


def _affine_forward_loops(x, w, b):
    n, d, m = x.shape[0], w.shape[0], w.shape[1]
    flat = x.reshape(n, d)
    out = np.zeros((n, m))
    for i in range(n):
        for j in range(m):
            total = b[j]
            for k in range(d):
                total += flat[i, k] * w[k, j]
            out[i, j] = total
    return out, [flat, w, x.shape]


affine_forward__loops = _affine_forward_loops


def affine_backward__loops(dout, cache):
    flat, w, shape = cache
    n, d = flat.shape
    m = w.shape[1]
    dflat, dw, db = np.zeros((n, d)), np.zeros((d, m)), np.zeros(m)
    for i in range(n):
        for j in range(m):
            upstream = dout[i, j]
            db[j] += upstream
            for k in range(d):
                dflat[i, k] += w[k, j] * upstream
                dw[k, j] += flat[i, k] * upstream
    return dflat.reshape(shape), dw, db


def _affine_forward_bias_trick(x, w, b):
    ones = np.ones((x.shape[0], 1))
    augmented = np.hstack([x.reshape(x.shape[0], -1), ones])
    stacked = np.vstack([w, b])
    return augmented @ stacked, {"A": augmented, "S": stacked, "shape": x.shape}


affine_forward__bias_trick = _affine_forward_bias_trick


def affine_backward__bias_trick(dout, cache):
    dstacked = cache["A"].T @ dout
    daugmented = dout @ cache["S"].T
    return daugmented[:, :-1].reshape(cache["shape"]), dstacked[:-1], dstacked[-1]


def _affine_forward_tensordot(x, w, b):
    kernel = w.reshape(*x.shape[1:], b.size)
    return np.tensordot(x, kernel, axes=x.ndim - 1) + b, (x, kernel, w.shape)


affine_forward__tensordot = _affine_forward_tensordot


def affine_backward__tensordot(dout, cache):
    x, kernel, w_shape = cache
    dx = np.tensordot(dout, kernel, axes=([1], [kernel.ndim - 1]))
    dw = np.tensordot(x, dout, axes=([0], [0])).reshape(w_shape)
    return dx, dw, np.einsum("nm->m", dout)


def _affine_forward_closure(x, w, b):
    flat = x.reshape(x.shape[0], w.shape[0])

    def back(dout):
        return (dout @ w.T).reshape(x.shape), flat.T @ dout, dout.sum(0)

    return flat @ w + b, back


affine_forward__closure = _affine_forward_closure


def affine_backward__closure(dout, cache):
    return cache(dout)


class _Linear:
    def __init__(self, w, b):
        self.w = w
        self.b = b
        self.x = None

    def forward(self, x):
        self.x = x
        return np.matmul(x.reshape(len(x), -1), self.w) + self.b[None, :]

    def backward(self, dout):
        self.dw = np.matmul(self.x.reshape(len(self.x), -1).transpose(), dout)
        self.db = dout.sum(axis=0, keepdims=True).flatten()
        return np.matmul(dout, self.w.transpose()).reshape(self.x.shape)


def _affine_forward_layer_object(x, w, b):
    layer = _Linear(w, b)
    return layer.forward(x), layer


affine_forward__layer_object = _affine_forward_layer_object


def affine_backward__layer_object(dout, cache):
    dx = cache.backward(dout)
    return dx, cache.dw, cache.db


_AffineCache = namedtuple("_AffineCache", ["x", "w", "b"])


def _affine_forward_columns(x, w, b):
    columns = x.reshape(x.shape[0], -1).T
    out = (w.T @ columns + b.reshape(-1, 1)).T
    return out, _AffineCache(x=x.copy(), w=w.copy(), b=b.copy())


affine_forward__columns = _affine_forward_columns


def affine_backward__columns(dout, cache):
    upstream = dout.T
    columns = cache.x.reshape(len(cache.x), -1).T
    dx = (cache.w @ upstream).T.reshape(cache.x.shape)
    return dx, columns @ upstream.T, upstream.sum(axis=1)


def _affine_forward_lists(x, w, b):
    rows = [example.ravel().tolist() for example in x]
    weights = w.tolist()
    out = [
        [math.fsum(v * weights[k][j] for k, v in enumerate(row)) + bias for j, bias in enumerate(b)]
        for row in rows
    ]
    return np.array(out), (rows, weights, x.shape)


affine_forward__lists = _affine_forward_lists


def affine_backward__lists(dout, cache):
    rows, weights, shape = cache
    dout = dout.tolist()
    dx = [[sum(g * v for g, v in zip(gs, ws)) for ws in weights] for gs in dout]
    columns = list(zip(*dout))
    dw = [
        [sum(r[k] * g for r, g in zip(rows, col)) for col in columns] for k in range(len(rows[0]))
    ]
    return np.array(dx).reshape(shape), np.array(dw), np.array([sum(col) for col in columns])


def affine_forward__shape_set_and_put_back(x, w, b):
    shape = x.shape
    x.shape = (shape[0], x.size // shape[0])
    out = x.dot(w) + b
    x.shape = shape
    return out, (x, w, b)


def affine_forward__einsum(x, w, b):
    flat = np.reshape(x, (np.shape(x)[0], -1))
    return np.einsum("nd,dm->nm", flat, w) + b, None


def affine_forward__explicit_size(x, w, b):
    n = x.shape[0]
    d = int(np.prod(x.shape[1:]))
    out = np.zeros((n, w.shape[1]))
    np.matmul(x.reshape(n, d), w, out=out)
    out += np.tile(b, (n, 1))
    return [out, (x, w, b)]


def affine_forward__example_by_example(x, w, b):
    out = np.stack([example.flatten() @ w + b for example in x])
    return out, (x, w, b)


def affine_forward__broadcast_product(inputs, weights, bias):
    rows = inputs.reshape(inputs.shape[0], -1)
    return (rows[:, :, None] * weights[None]).sum(axis=1) + bias, inputs


# ---------------------------------------------------------------------------------------------
# relu_forward, relu_backward
# ---------------------------------------------------------------------------------------------


def relu_forward__course(x):
    out = None
    out = np.maximum(0, x)
    cache = x
    return out, cache


def relu_forward__product_with_mask(x):
    mask = x > 0
    return x * mask, mask


def relu_forward__where(x):
    return np.where(x > 0, x, 0.0), (x,)


def relu_forward__absolute_value(x):
    return (np.abs(x) + x) / 2, x


def relu_forward__copy_and_cut(x):
    out = np.copy(x)
    out[out < 0] = 0
    return out, {"input": x}


def relu_forward__clip(x):
    return x.clip(min=0), x.copy()


def relu_forward__in_place(x):
    x[x < 0] = 0
    return x, x


def relu_forward__vectorize(x):
    return np.vectorize(lambda v: max(0.0, v), otypes=[float])(x), x


def relu_forward__loop(x):
    out = np.empty(x.shape)
    for index in np.ndindex(*x.shape):
        out[index] = max(x[index], 0)
    return out, x


def relu_forward__heaviside(x):
    return np.heaviside(x, 0.5) * x, None


def relu_backward__course(dout, cache):
    dx, x = None, cache
    dx = np.array(dout, copy=True)
    dx[x <= 0] = 0
    return dx


def relu_backward__times_mask(dout, cache):
    return dout * (cache > 0)


def relu_backward__one_at_zero(dout, cache):
    dx = dout.copy()
    dx[cache < 0] = 0
    return dx


def relu_backward__half_at_zero(dout, cache):
    return dout * (np.sign(cache) + 1) / 2


def relu_backward__sign_halved(dout, cache):
    return dout * (np.sign(cache) + 1) / 2


def relu_backward__putmask(dout, cache):
    dx = np.array(dout, copy=True)
    np.putmask(dx, cache <= 0, 0)
    return dx


def relu_backward__heaviside(dout, cache):
    return np.multiply(dout, np.heaviside(cache, 0))


def relu_backward__in_place(dout, cache):
    dx = dout
    dx[cache <= 0] = 0
    return dx


def relu_backward__indices(dout, cache):
    dx = np.zeros_like(dout)
    on = np.nonzero(cache > 0)
    dx[on] = dout[on]
    return dx


def relu_backward__loop(dout, cache):
    dx = np.zeros(dout.shape)
    for index, value in np.ndenumerate(cache):
        if value >= 0:
            dx[index] = dout[index]
    return dx


def relu_backward__through_the_forward(dout, cache):
    kept = np.maximum(cache, 0)
    return np.where(np.equal(kept, cache), dout, np.zeros_like(dout))


def relu_backward__local_gradient(dout, cache):
    local = np.ones(cache.shape, dtype=cache.dtype)
    local[cache <= 0] = 0
    return local * dout


def _relu_forward_caches_output(x):
    out = np.maximum(x, 0)
    return out, out


def relu_backward__from_the_output(dout, cache):
    return dout * np.sign(cache)


def _relu_forward_caches_mask(x):
    off = x <= 0
    out = x.copy()
    out[off] = 0
    return out, off


def relu_backward__from_a_mask(dout, cache):
    dx = dout.copy()
    dx[cache] = 0
    return dx


def _relu_forward_masked_array(x):
    blocked = np.ma.masked_less(x, 0)
    return blocked.filled(0), np.ma.getmaskarray(blocked)


def relu_backward__from_a_masked_array(dout, cache):
    return np.ma.array(dout, mask=cache).filled(0)


def _relu_forward_flat_positions(x):
    where = np.flatnonzero(x > 0)
    out = np.zeros(x.size)
    out[where] = x.ravel()[where]
    return out.reshape(x.shape), (where, x.shape)


def relu_backward__from_flat_positions(dout, cache):
    where, shape = cache
    dx = np.zeros(shape)
    np.put(dx, where, dout.ravel()[where])
    return dx


# ---------------------------------------------------------------------------------------------
# sigmoid_forward, sigmoid_backward
# ---------------------------------------------------------------------------------------------


def _sigmoid(x):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def sigmoid_forward__overflow_is_harmless(x):
    # 1 / (1 + inf) is 0, as it should be: right, and at most advised to do without the warning.
    out = 1.0 / (1.0 + np.exp(-x))
    return out, out


def sigmoid_forward__overflow_ignored(x):
    out = _sigmoid(x)
    return out, x


def sigmoid_forward__clipped(x):
    z = np.clip(x, -500, 500)
    out = 1 / (1 + np.exp(-z))
    return out, (out,)


def sigmoid_forward__masks(x):
    out = np.zeros_like(x)
    positive = x >= 0
    out[positive] = 1 / (1 + np.exp(-x[positive]))
    grown = np.exp(x[~positive])
    out[~positive] = grown / (1 + grown)
    return out, out


def sigmoid_forward__through_tanh(x):
    return 0.5 * (1 + np.tanh(0.5 * x)), x


def sigmoid_forward__logaddexp(x):
    return np.exp(-np.logaddexp(0, -x)), x


def sigmoid_forward__reciprocal_by_sign(x):
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e / (1 + e), np.reciprocal(1 + e)), None


def sigmoid_forward__piecewise(x):
    out = np.piecewise(
        x,
        [x < 0, x >= 0],
        [lambda v: np.exp(v) / (1 + np.exp(v)), lambda v: 1 / (1 + np.exp(-v))],
    )
    return out, out.copy()


def sigmoid_forward__minimum_and_maximum(x):
    out = np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))
    return out, {"s": out}


def sigmoid_forward__softmax_of_two(x):
    scores = np.stack([np.zeros_like(x), x], axis=-1)
    scores -= scores.max(axis=-1, keepdims=True)
    powers = np.exp(scores)
    out = powers[..., 1] / powers.sum(axis=-1)
    return out, out


def _sigmoid_of_one(z):
    if z >= 0:
        return 1 / (1 + math.exp(-z))
    return math.exp(z) / (1 + math.exp(z))


def sigmoid_forward__math_loop(x):
    out = np.array([_sigmoid_of_one(z) for z in x.ravel().tolist()]).reshape(x.shape)
    return out, out


def sigmoid_backward__expanded(dout, cache):
    return dout * cache - dout * cache**2


def sigmoid_backward__distance_from_half(dout, cache):
    return dout * (0.25 - np.square(cache - 0.5))


def sigmoid_backward__three_factors(dout, cache):
    dx = np.multiply(1.0 - cache, cache)
    dx *= dout
    return dx


def sigmoid_backward__loop(dout, cache):
    dx = np.zeros_like(cache)
    for index, s in np.ndenumerate(cache):
        dx[index] = dout[index] * s * (1 - s)
    return dx


def _sigmoid_forward_caches_input(x):
    return _sigmoid(x), x


def sigmoid_backward__computed_again(dout, cache):
    s = _sigmoid(cache)
    return s * (1 - s) * dout


def sigmoid_backward__bell_of_the_input(dout, cache):
    decay = np.exp(-np.abs(cache))
    return dout * decay / (1 + decay) ** 2


def sigmoid_backward__both_sides(dout, cache):
    return dout * _sigmoid(cache) * _sigmoid(-cache)


def sigmoid_backward__hyperbolic(dout, cache):
    half = np.tanh(cache / 2)
    return dout * (1 - half * half) / 4


def _sigmoid_forward_caches_slope(x):
    s = _sigmoid(x)
    return s, {"local_gradient": s * (1 - s)}


def sigmoid_backward__slope_from_the_forward(dout, cache):
    return cache["local_gradient"] * dout


def _sigmoid_forward_closure(x):
    s = _sigmoid(x)
    return s, lambda dout: dout * s * (1 - s)


def sigmoid_backward__closure(dout, cache):
    return cache(dout)


# ---------------------------------------------------------------------------------------------
# tanh_forward, tanh_backward
# ---------------------------------------------------------------------------------------------


def tanh_forward__caches_input(x):
    return np.tanh(x), x


def tanh_forward__stretched_sigmoid(x):
    out = 2 * _sigmoid(2 * x) - 1
    return out, out


def tanh_forward__decay(x):
    e = np.exp(-2 * np.abs(x))
    out = np.sign(x) * (1 - e) / (1 + e)
    return out, (x, out)


def tanh_forward__expm1(x):
    shrink = np.expm1(-2 * np.abs(x))
    return np.copysign(-shrink / (2 + shrink), x), None


def tanh_forward__clipped(x):
    z = np.clip(x, -25, 25)
    up, down = np.exp(z), np.exp(-z)
    out = (up - down) / (up + down)
    return out, out


def tanh_forward__one_minus(x):
    with np.errstate(over="ignore"):
        out = 1 - 2 / (np.exp(2 * x) + 1)
    return out, out


def tanh_forward__math_loop(x):
    out = np.zeros(x.shape)
    for index in np.ndindex(*x.shape):
        out[index] = math.tanh(x[index])
    return out, x


def tanh_forward__out_argument(x):
    out = np.empty_like(x)
    np.tanh(x, out=out)
    return [out, out]


def tanh_backward__factored(dout, cache):
    return dout * (1 - cache) * (1 + cache)


def tanh_backward__expanded(dout, cache):
    return dout - dout * cache * cache


def tanh_backward__power(dout, cache):
    return (1 - np.power(cache, 2)) * dout


def tanh_backward__loop(dout, cache):
    flat = [g * (1 - t * t) for g, t in zip(dout.ravel().tolist(), cache.ravel().tolist())]
    return np.array(flat).reshape(cache.shape)


def _tanh_forward_caches_input(x):
    return np.tanh(x), x


def tanh_backward__computed_again(dout, cache):
    return dout * (1 - np.tanh(cache) ** 2)


def tanh_backward__hyperbolic_cosine(dout, cache):
    return dout / np.cosh(np.clip(cache, -300, 300)) ** 2


def tanh_backward__of_a_sigmoid(dout, cache):
    s = _sigmoid(2 * cache)
    return 4 * dout * s * (1 - s)


def tanh_backward__decay(dout, cache):
    e = np.exp(-2 * np.abs(cache))
    return dout * 4 * e / (1 + e) ** 2


class _Tanh:
    def __init__(self):
        self.slope = None

    def __call__(self, x):
        out = np.tanh(x)
        self.slope = 1 - out * out
        return out


def _tanh_forward_object(x):
    layer = _Tanh()
    return layer(x), layer


def tanh_backward__object(dout, cache):
    return np.multiply(cache.slope, dout)


# ---------------------------------------------------------------------------------------------
# residual_forward, residual_backward
# ---------------------------------------------------------------------------------------------


def _residual_forward_flat(x, w1, b1, w2, b2):
    z = x.dot(w1) + b1
    h = np.maximum(0, z)
    out = h.dot(w2) + b2 + x
    return out, (x, w1, b1, w2, b2, z, h)


residual_forward__flat = _residual_forward_flat


def residual_backward__flat(dout, cache):
    x, w1, _b1, w2, _b2, z, h = cache
    dw2 = h.T.dot(dout)
    db2 = dout.sum(axis=0)
    dh = dout.dot(w2.T)
    dz = dh * (z > 0)
    dw1 = x.T.dot(dz)
    db1 = dz.sum(axis=0)
    dx = dz.dot(w1.T)
    dx += dout
    return dx, dw1, db1, dw2, db2


def residual_backward__mask_of_the_activation(dout, cache):
    x, w1, b1, w2, b2, _z, h = cache
    grads = {"dx": dout.copy(), "b2": np.ones(len(x)) @ dout, "w2": (dout.T @ h).T}
    dz = dout @ w2.T
    dz[h <= 0] = 0
    grads["dx"] += dz @ w1.T
    grads["b1"] = np.add.reduce(dz, axis=0).reshape(b1.shape)
    grads["w1"] = (dz.T @ x).T
    return grads["dx"], grads["w1"], grads["b1"], grads["w2"], grads["b2"].reshape(b2.shape)


def residual_backward__row_by_row(dout, cache):
    x, w1, b1, w2, b2, z, h = cache
    dx, dw1, db1 = np.zeros_like(x), np.zeros_like(w1), np.zeros_like(b1)
    dw2, db2 = np.zeros_like(w2), np.zeros_like(b2)
    for i in range(len(x)):
        dw2 += np.outer(h[i], dout[i])
        db2 += dout[i]
        dz = np.where(z[i] >= 0, w2 @ dout[i], 0)
        dw1 += np.outer(x[i], dz)
        db1 += dz
        dx[i] = dout[i] + w1 @ dz
    return dx, dw1, db1, dw2, db2


def residual_backward__jacobians(dout, cache):
    x, w1, _, w2, _, z, h = cache
    on = (z > 0).astype(float)
    jacobian = np.einsum("ih,nh,hj->nij", w1, on, w2) + np.eye(x.shape[1])
    dx = np.einsum("nij,nj->ni", jacobian, dout)
    dz = np.einsum("nj,hj,nh->nh", dout, w2, on)
    dw1 = np.einsum("ni,nh->ih", x, dz)
    return [dx, dw1, dz.sum(0), np.einsum("nh,nj->hj", h, dout), dout.sum(0)]


def _layer_forward(x, w, b):
    return x @ w + b, (x, w)


def _layer_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)


def _residual_forward_dictionary(x, w1, b1, w2, b2):
    cache = {}
    out, cache["layer1"] = _layer_forward(x, w1, b1)
    cache["mask"] = out > 0
    out = np.where(cache["mask"], out, 0)
    out, cache["layer2"] = _layer_forward(out, w2, b2)
    out += x
    return out, cache


residual_forward__dictionary = _residual_forward_dictionary


def residual_backward__dictionary(dout, cache):
    dx2, dw2, db2 = _layer_backward(dout, cache["layer2"])
    dx1, dw1, db1 = _layer_backward(np.where(cache["mask"], dx2, 0), cache["layer1"])
    return np.add(dx1, dout), dw1, db1, dw2, db2


def _residual_forward_wide_matrix(x, w1, b1, w2, b2):
    hidden = np.clip(x @ w1 + b1, 0, None)
    wide = np.concatenate([x, hidden], axis=1)
    tall = np.concatenate([np.eye(x.shape[1]), w2], axis=0)
    return wide @ tall + b2, (x, w1, wide, tall)


residual_forward__wide_matrix = _residual_forward_wide_matrix


def residual_backward__wide_matrix(dout, cache):
    x, w1, wide, tall = cache
    d = x.shape[1]
    dwide = dout @ tall.T
    dtall = wide.T @ dout
    dhidden = dwide[:, d:] * (wide[:, d:] > 0)
    dx = dwide[:, :d] + dhidden @ w1.T
    return dx, x.T @ dhidden, dhidden.sum(axis=0), dtall[d:], dout.sum(axis=0)


@dataclass
class _Block:
    x: np.ndarray
    w1: np.ndarray
    b1: np.ndarray
    w2: np.ndarray
    b2: np.ndarray

    def hidden(self):
        return self.x @ self.w1 + self.b1

    def forward(self):
        return self.x + np.maximum(self.hidden(), 0) @ self.w2 + self.b2


def _residual_forward_computed_again(x, w1, b1, w2, b2):
    block = _Block(x, w1, b1, w2, b2)
    return block.forward(), block


residual_forward__block_object = _residual_forward_computed_again


def residual_backward__computed_again(dout, cache):
    hidden = cache.hidden()
    dhidden = (dout @ cache.w2.T) * (hidden > 0)
    dw2 = np.maximum(hidden, 0).T @ dout
    dx = dout + dhidden @ cache.w1.T
    return dx, cache.x.T @ dhidden, dhidden.sum(0), dw2, dout.sum(0)


def residual_backward__chain_written_out(dout, cache):
    (x, w1), hidden, (active, w2) = cache
    dhidden = (dout @ w2.T) * (hidden > 0)
    dx = dhidden @ w1.T + dout
    return dx, x.T @ dhidden, dhidden.sum(axis=0), active.T @ dout, dout.sum(axis=0)


class _Value:
    """An array that remembers where it came from: the smallest tape that does."""

    def __init__(self, data, parents=(), back=None):
        self.data = np.asarray(data)
        self.parents = parents
        self.back = back
        self.grad = np.zeros(self.data.shape)

    def __matmul__(self, other):
        return _Value(
            self.data @ other.data,
            (self, other),
            lambda g: (g @ other.data.T, self.data.T @ g),
        )

    def __add__(self, other):
        def back(g):
            right = g.sum(axis=0) if other.data.ndim < g.ndim else g
            return g, right

        return _Value(self.data + other.data, (self, other), back)

    def relu(self):
        return _Value(np.maximum(self.data, 0), (self,), lambda g: (g * (self.data > 0),))

    def backward(self, seed):
        order, seen = [], set()

        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for parent in node.parents:
                    visit(parent)
                order.append(node)

        visit(self)
        for node in order:
            node.grad = np.zeros(node.data.shape)
        self.grad = seed
        for node in reversed(order):
            if node.back:
                for parent, grad in zip(node.parents, node.back(node.grad)):
                    parent.grad = parent.grad + grad


def _residual_forward_tape(x, w1, b1, w2, b2):
    leaves = [_Value(a) for a in (x, w1, b1, w2, b2)]
    vx, vw1, vb1, vw2, vb2 = leaves
    out = ((vx @ vw1 + vb1).relu() @ vw2 + vb2) + vx
    return out.data, (out, leaves)


residual_forward__tape = _residual_forward_tape


def residual_backward__tape(dout, cache):
    out, leaves = cache
    out.backward(dout)
    return tuple(leaf.grad for leaf in leaves)


# ---------------------------------------------------------------------------------------------
# two_layer_loss
# ---------------------------------------------------------------------------------------------


def two_layer_loss__course(params, x, y, reg=0.0):
    W1, b1 = params["W1"], params["b1"]
    W2, b2 = params["W2"], params["b2"]
    N, _D = x.shape
    hidden = np.maximum(0, x.dot(W1) + b1)
    scores = hidden.dot(W2) + b2

    shifted = scores - scores.max(axis=1).reshape(N, 1)
    Z = np.exp(shifted).sum(axis=1, keepdims=True)
    log_probs = shifted - np.log(Z)
    loss = -log_probs[np.arange(N), y].sum() / N
    loss += 0.5 * reg * (np.sum(W1 * W1) + np.sum(W2 * W2))

    grads = {}
    dscores = np.exp(log_probs)
    dscores[np.arange(N), y] -= 1
    dscores /= N
    grads["W2"] = hidden.T.dot(dscores) + reg * W2
    grads["b2"] = np.sum(dscores, axis=0)
    dhidden = dscores.dot(W2.T)
    dhidden[hidden <= 0] = 0
    grads["W1"] = x.T.dot(dhidden) + reg * W1
    grads["b1"] = np.sum(dhidden, axis=0)
    return loss, grads


def two_layer_loss__one_hot(params, X, labels, lam=0.0):
    W1, b1, W2, b2 = (params[k] for k in ("W1", "b1", "W2", "b2"))
    T = np.eye(W2.shape[1])[labels]
    Z1 = X @ W1 + b1
    A1 = Z1 * (Z1 > 0)
    Z2 = A1 @ W2 + b2
    lse = np.logaddexp.reduce(Z2, axis=1, keepdims=True)
    data = np.sum(T * (lse - Z2)) / len(X)
    delta2 = (np.exp(Z2 - lse) - T) / len(X)
    delta1 = (delta2 @ W2.T) * (Z1 > 0)
    grads = {
        "b1": delta1.sum(0),
        "b2": delta2.sum(0),
        "W1": X.T @ delta1 + lam * W1,
        "W2": A1.T @ delta2 + lam * W2,
    }
    return data + lam / 2 * sum(np.linalg.norm(W) ** 2 for W in (W1, W2)), grads


def two_layer_loss__example_by_example(params, x, y, reg=0.0):
    W1, b1, W2, b2 = params["W1"], params["b1"], params["W2"], params["b2"]
    grads = {name: np.zeros_like(value) for name, value in params.items()}
    loss = 0.0
    for row, label in zip(x, y):
        hidden = W1.T @ row + b1
        active = np.where(hidden > 0, hidden, 0)
        scores = W2.T @ active + b2
        top = scores.max()
        log_sum = top + math.log(np.exp(scores - top).sum())
        loss += log_sum - scores[label]
        dscores = np.exp(scores - log_sum)
        dscores[label] -= 1
        grads["W2"] += np.outer(active, dscores)
        grads["b2"] += dscores
        dhidden = np.where(hidden > 0, W2 @ dscores, 0)
        grads["W1"] += np.outer(row, dhidden)
        grads["b1"] += dhidden
    for name in grads:
        grads[name] /= len(x)
    loss /= len(x)
    for name in ("W1", "W2"):
        loss += reg / 2 * float((params[name] ** 2).sum())
        grads[name] += reg * params[name]
    return loss, grads


def _softmax_cross_entropy(scores, y):
    n = scores.shape[0]
    shifted = scores - np.amax(scores, axis=1, keepdims=True)
    exps = np.exp(shifted)
    sums = np.sum(exps, axis=1, keepdims=True)
    loss = np.mean(np.log(sums[:, 0]) - shifted[np.arange(n), y])
    dscores = exps / sums
    dscores[range(n), y] -= 1.0
    return loss, dscores / n


def two_layer_loss__layers(params, x, y, reg=0.0):
    a1, cache1 = _layer_forward(x, params["W1"], params["b1"])
    r1 = np.maximum(a1, 0)
    scores, cache2 = _layer_forward(r1, params["W2"], params["b2"])
    loss, dout = _softmax_cross_entropy(scores, y)
    grads = {}
    dout, grads["W2"], grads["b2"] = _layer_backward(dout, cache2)
    _, grads["W1"], grads["b1"] = _layer_backward(dout * (a1 > 0), cache1)
    for key in grads:
        if key.startswith("W"):
            loss += 0.5 * reg * np.sum(np.square(params[key]))
            grads[key] += reg * params[key]
    return np.array(loss), grads


class _TwoLayerNet:
    def __init__(self, params, reg):
        self.params = params
        self.reg = reg

    def penalty(self):
        return sum(0.5 * self.reg * np.vdot(self.params[k], self.params[k]) for k in ("W1", "W2"))

    def scores(self, x):
        self.x = x
        self.h = np.maximum(x @ self.params["W1"] + self.params["b1"], 0)
        return self.h @ self.params["W2"] + self.params["b2"]

    def gradients(self, dscores):
        dh = np.where(self.h > 0, dscores @ self.params["W2"].T, 0)
        return {
            "W1": self.x.T @ dh + self.reg * self.params["W1"],
            "b1": dh.sum(axis=0),
            "W2": self.h.T @ dscores + self.reg * self.params["W2"],
            "b2": dscores.sum(axis=0),
        }


def two_layer_loss__model_object(params, x, y, reg=0.0):
    net = _TwoLayerNet(params, reg)
    loss, dscores = _softmax_cross_entropy(net.scores(x), y)
    return loss + net.penalty(), net.gradients(dscores)


def two_layer_loss__bias_in_the_matrix(params, x, y, reg=0.0):
    V1 = np.vstack([params["W1"], params["b1"]])
    V2 = np.vstack([params["W2"], params["b2"]])
    ones = np.ones((len(x), 1))
    x1 = np.hstack([x, ones])
    z = x1 @ V1
    h1 = np.hstack([np.maximum(z, 0), ones])
    loss, dscores = _softmax_cross_entropy(h1 @ V2, y)
    dV2 = h1.T @ dscores
    dz = (dscores @ V2.T)[:, :-1] * (z > 0)
    dV1 = x1.T @ dz
    loss += reg / 2 * ((V1[:-1] ** 2).sum() + (V2[:-1] ** 2).sum())
    dV1[:-1] += reg * V1[:-1]
    dV2[:-1] += reg * V2[:-1]
    return loss, {"W1": dV1[:-1], "b1": dV1[-1], "W2": dV2[:-1], "b2": dV2[-1]}


def two_layer_loss__tape(params, x, y, reg=0.0):
    leaves = {name: _Value(value) for name, value in params.items()}
    scores = (_Value(x) @ leaves["W1"] + leaves["b1"]).relu() @ leaves["W2"] + leaves["b2"]
    loss, dscores = _softmax_cross_entropy(scores.data, y)
    scores.backward(dscores)
    grads = {name: leaf.grad for name, leaf in leaves.items()}
    for name in ("W1", "W2"):
        loss = loss + 0.5 * reg * (params[name] ** 2).sum()
        grads[name] = grads[name] + reg * params[name]
    return float(loss), grads


def two_layer_loss__penalty_only_when_asked(params, x, y, reg=0.0):
    w1, w2 = params["W1"].copy(), params["W2"].copy()
    z = x @ w1
    z += params["b1"]
    off = z < 0
    z[off] = 0
    scores = z @ w2
    scores += params["b2"]
    loss, dscores = _softmax_cross_entropy(scores, y)
    dz = dscores @ w2.T
    dz[off] = 0
    grads = {"W1": x.T @ dz, "b1": dz.sum(0), "W2": z.T @ dscores, "b2": dscores.sum(0)}
    if reg:
        loss += reg * ((w1**2).sum() + (w2**2).sum()) / 2
        grads["W1"] += reg * w1
        grads["W2"] += reg * w2
    return loss, grads


# ---------------------------------------------------------------------------------------------
# mlp_loss
# ---------------------------------------------------------------------------------------------


def mlp_loss__activations_in_a_list(params, x, y):
    activations = [x]
    L = len(params)
    for i in range(L - 1):
        W, b = params[i]
        activations.append(np.maximum(0, activations[-1].dot(W) + b))
    W, b = params[L - 1]
    scores = activations[-1].dot(W) + b
    loss, delta = _softmax_cross_entropy(scores, y)
    grads = [None] * L
    for i in range(L - 1, -1, -1):
        grads[i] = (activations[i].T.dot(delta), delta.sum(axis=0))
        if i > 0:
            delta = delta.dot(params[i][0].T)
            delta[activations[i] == 0] = 0
    return loss, grads


def mlp_loss__recursive(params, x, y):
    def descend(values, layers):
        (W, b), rest = layers[0], layers[1:]
        z = values @ W + b
        if not rest:
            loss, dz = _softmax_cross_entropy(z, y)
            below = []
        else:
            loss, dactive, below = descend(np.maximum(z, 0), rest)
            dz = dactive * (z > 0)
        return loss, dz @ W.T, [(values.T @ dz, dz.sum(axis=0)), *below]

    loss, _, grads = descend(x, list(params))
    return loss, grads


def mlp_loss__closures(params, x, y):
    backs = []

    def affine(values, W, b):
        backs.append(lambda g: (g @ W.T, (values.T @ g, g.sum(axis=0))))
        return values @ W + b

    def relu(values):
        backs.append(lambda g: (np.where(values > 0, g, 0.0), None))
        return np.maximum(values, 0)

    values = affine(x, *params[0])
    for W, b in params[1:]:
        values = affine(relu(values), W, b)
    loss, g = _softmax_cross_entropy(values, y)
    grads = []
    while backs:
        g, pair = backs.pop()(g)
        if pair is not None:
            grads.insert(0, pair)
    return loss, grads


def mlp_loss__one_hot_and_lists(params, x, y):
    n = len(x)
    zs, inputs = [], []
    a = x
    for W, b in params:
        inputs.append(a)
        zs.append(a @ W + b)
        a = zs[-1] * (zs[-1] > 0)
    log_p = zs[-1] - np.logaddexp.reduce(zs[-1], axis=1)[:, None]
    target = np.zeros_like(log_p)
    target[np.arange(n), y] = 1
    loss = -(target * log_p).sum() / n
    g = (np.exp(log_p) - target) / n
    grads = []
    for (W, _), z_below, a_below in zip(params[::-1], [None, *zs[:-1]][::-1], inputs[::-1]):
        grads.append([a_below.T @ g, np.sum(g, axis=0)])
        if z_below is not None:
            g = (g @ W.T) * (z_below > 0)
    return loss, list(reversed(grads))


def mlp_loss__tape(params, x, y):
    leaves = [(_Value(W), _Value(b)) for W, b in params]
    first, *others = leaves
    scores = reduce(lambda v, wb: v.relu() @ wb[0] + wb[1], others, _Value(x) @ first[0] + first[1])
    loss, dscores = _softmax_cross_entropy(scores.data, y)
    scores.backward(dscores)
    return loss, [(W.grad, b.grad) for W, b in leaves]


def mlp_loss__example_by_example(params, x, y):
    total = 0.0
    grads = [(np.zeros_like(W), np.zeros_like(b)) for W, b in params]
    for row, label in zip(x, y):
        values = [row]
        for depth, (W, b) in enumerate(params):
            z = values[-1] @ W + b
            values.append(z if depth == len(params) - 1 else np.maximum(z, 0))
        scores = values.pop()
        log_sum = np.logaddexp.reduce(scores)
        total += log_sum - scores[label]
        g = np.exp(scores - log_sum)
        g[label] -= 1
        for (W, _), (dW, db), v in zip(params[::-1], grads[::-1], values[::-1]):
            dW += np.outer(v, g) / len(x)
            db += g / len(x)
            g = (W @ g) * (v > 0)
    return total / len(x), grads


class _Relu:
    def forward(self, x):
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dout[self.mask] = 0
        return dout


def mlp_loss__layer_objects(params, x, y):
    layers = []
    for W, b in params:
        layers += [_Linear(W, b), _Relu()]
    layers.pop()
    for layer in layers:
        x = layer.forward(x)
    loss, dout = _softmax_cross_entropy(x, y)
    for layer in layers[::-1]:
        dout = layer.backward(dout)
    return loss, [(layer.dw, layer.db) for layer in layers if isinstance(layer, _Linear)]


def mlp_loss__suffix_products(params, x, y):
    values, masks = [x], []
    for W, b in params[:-1]:
        z = values[-1] @ W + b
        masks.append((z > 0).astype(float))
        values.append(z * masks[-1])
    last_W, last_b = params[-1]
    loss, dscores = _softmax_cross_entropy(values[-1] @ last_W + last_b, y)
    grads = []
    for i in range(len(params)):
        g = dscores
        for j in range(len(params) - 1, i, -1):
            g = (g @ params[j][0].T) * masks[j - 1]
        grads.append((values[i].T @ g, g.sum(axis=0)))
    return loss, grads


PARTNERS = {
    "affine_backward__course": {"affine_forward": "_affine_forward_course"},
    "affine_backward__ones_for_the_bias": {"affine_forward": "_affine_forward_course"},
    "affine_backward__outer_products": {"affine_forward": "_affine_forward_course"},
    "affine_backward__as_list": {"affine_forward": "_affine_forward_course"},
    "affine_backward__loops": {"affine_forward": "_affine_forward_loops"},
    "affine_backward__bias_trick": {"affine_forward": "_affine_forward_bias_trick"},
    "affine_backward__tensordot": {"affine_forward": "_affine_forward_tensordot"},
    "affine_backward__closure": {"affine_forward": "_affine_forward_closure"},
    "affine_backward__layer_object": {"affine_forward": "_affine_forward_layer_object"},
    "affine_backward__columns": {"affine_forward": "_affine_forward_columns"},
    "affine_backward__lists": {"affine_forward": "_affine_forward_lists"},
    "relu_backward__from_the_output": {"relu_forward": "_relu_forward_caches_output"},
    "relu_backward__from_a_mask": {"relu_forward": "_relu_forward_caches_mask"},
    "relu_backward__from_a_masked_array": {"relu_forward": "_relu_forward_masked_array"},
    "relu_backward__from_flat_positions": {"relu_forward": "_relu_forward_flat_positions"},
    "sigmoid_backward__computed_again": {"sigmoid_forward": "_sigmoid_forward_caches_input"},
    "sigmoid_backward__bell_of_the_input": {"sigmoid_forward": "_sigmoid_forward_caches_input"},
    "sigmoid_backward__both_sides": {"sigmoid_forward": "_sigmoid_forward_caches_input"},
    "sigmoid_backward__hyperbolic": {"sigmoid_forward": "_sigmoid_forward_caches_input"},
    "sigmoid_backward__slope_from_the_forward": {
        "sigmoid_forward": "_sigmoid_forward_caches_slope"
    },
    "sigmoid_backward__closure": {"sigmoid_forward": "_sigmoid_forward_closure"},
    "tanh_backward__computed_again": {"tanh_forward": "_tanh_forward_caches_input"},
    "tanh_backward__hyperbolic_cosine": {"tanh_forward": "_tanh_forward_caches_input"},
    "tanh_backward__of_a_sigmoid": {"tanh_forward": "_tanh_forward_caches_input"},
    "tanh_backward__decay": {"tanh_forward": "_tanh_forward_caches_input"},
    "tanh_backward__object": {"tanh_forward": "_tanh_forward_object"},
    "residual_backward__flat": {"residual_forward": "_residual_forward_flat"},
    "residual_backward__mask_of_the_activation": {"residual_forward": "_residual_forward_flat"},
    "residual_backward__row_by_row": {"residual_forward": "_residual_forward_flat"},
    "residual_backward__jacobians": {"residual_forward": "_residual_forward_flat"},
    "residual_backward__dictionary": {"residual_forward": "_residual_forward_dictionary"},
    "residual_backward__wide_matrix": {"residual_forward": "_residual_forward_wide_matrix"},
    "residual_backward__computed_again": {"residual_forward": "_residual_forward_computed_again"},
    "residual_backward__tape": {"residual_forward": "_residual_forward_tape"},
}
