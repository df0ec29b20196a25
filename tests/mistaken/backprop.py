"""Wrong answers to the exercises of `backprop`, as people really write them.

A function `EXERCISE__LABEL` is one wrong answer to EXERCISE; its docstring says what is wrong with
it. Each must lose marks. Names that begin with an underscore are parts of the answers below them. A
backward that needs a forward of its own finds it in `PARTNERS`; the others read the model answer's
cache: (x, w) of the affine layer, x of the ReLU, the output of sigmoid and tanh, and of the
residual block ((x, w1), hidden, (active, w2)).
"""

import numpy as np

# ---------------------------------------------------------------------------------------------
# affine_forward
# ---------------------------------------------------------------------------------------------


def affine_forward__not_flattened(x, w, b):
    """Multiplies x as it comes: fails or gives three axes where an example is an image."""
    return x @ w + b, (x, w, b)


def affine_forward__no_bias(x, w, b):
    """The bias is missing."""
    return x.reshape(len(x), -1) @ w, (x, w, b)


def affine_forward__bias_subtracted(x, w, b):
    """The bias is subtracted."""
    return x.reshape(len(x), -1) @ w - b, (x, w, b)


def affine_forward__weights_transposed(x, w, b):
    """Multiplies by w.T, as if w had the shape (M, D)."""
    return x.reshape(len(x), -1) @ w.T + b, (x, w, b)


def affine_forward__weights_reshaped(x, w, b):
    """Makes the shapes fit by reshaping w, which is no transposition and no multiplication by w."""
    rows = x.reshape(len(x), -1)
    return rows @ w.reshape(w.shape[1], w.shape[0]).T + b, (x, w, b)


def affine_forward__elementwise(x, w, b):
    """Uses * where a matrix product is meant."""
    return x * w + b, (x, w, b)


def affine_forward__flattened_in_columns(x, w, b):
    """Lays each example out in Fortran order: the weights meet other pixels than they should."""
    rows = np.stack([example.flatten(order="F") for example in x])
    return rows @ w + b, (x, w, b)


def affine_forward__batch_moved(x, w, b):
    """Reshapes to (D, N) and transposes: the numbers of different examples get mixed."""
    return x.reshape(-1, len(x)).T @ w + b, (x, w, b)


def affine_forward__relu_included(x, w, b):
    """Applies a ReLU as well; the affine layer is affine."""
    return np.maximum(0, x.reshape(len(x), -1) @ w + b), (x, w, b)


def affine_forward__bias_per_example(x, w, b):
    """Adds the bias as a column: one bias for each example instead of each output."""
    return x.reshape(len(x), -1) @ w + b[:, None], (x, w, b)


def affine_forward__sum_of_biases(x, w, b):
    """Adds the sum of all biases to every output."""
    return x.reshape(len(x), -1) @ w + np.sum(b), (x, w, b)


def affine_forward__mean(x, w, b):
    """Divides the weighted sum by the number of inputs."""
    rows = x.reshape(len(x), -1)
    return rows @ w / rows.shape[1] + b, (x, w, b)


def affine_forward__no_cache(x, w, b):
    """Returns the output alone."""
    return x.reshape(len(x), -1) @ w + b


# ---------------------------------------------------------------------------------------------
# affine_backward
# ---------------------------------------------------------------------------------------------


def affine_backward__dx_not_reshaped(dout, cache):
    """dx stays flat instead of having the shape of x."""
    x, w = cache
    return dout @ w.T, x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)


def affine_backward__db_over_outputs(dout, cache):
    """db is summed over the outputs: one number for each example."""
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=1)


def affine_backward__db_of_everything(dout, cache):
    """db is one number, the sum of all of dout."""
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, np.sum(dout)


def affine_backward__db_averaged(dout, cache):
    """db is a mean over the examples; gradients add up."""
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.mean(axis=0)


def affine_backward__db_as_a_row(dout, cache):
    """db has the shape (1, M), not that of b."""
    x, w = cache
    db = np.sum(dout, axis=0, keepdims=True)
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, db


def affine_backward__db_not_summed(dout, cache):
    """db is dout itself, one row for each example."""
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout


def affine_backward__db_counts(dout, cache):
    """db is the number of examples: the upstream gradient is taken to be 1."""
    x, w = cache
    db = np.full(w.shape[1], float(len(x)))
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, db


def affine_backward__upstream_ignored(dout, cache):
    """Works with ones in place of dout."""
    x, w = cache
    ones = np.ones_like(dout)
    return (ones @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ ones, ones.sum(axis=0)


def affine_backward__weights_not_transposed(dout, cache):
    """Multiplies dout by w instead of w.T; where w is square nothing complains."""
    x, w = cache
    return (dout @ w).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)


def affine_backward__dw_transposed(dout, cache):
    """dw has the shape (M, D)."""
    x, w = cache
    return (dout @ w.T).reshape(x.shape), dout.T @ x.reshape(len(x), -1), dout.sum(axis=0)


def affine_backward__dw_averaged(dout, cache):
    """Divides dw and db by N, which the loss's own gradient has done already."""
    x, w = cache
    n = len(x)
    dw = x.reshape(n, -1).T @ dout / n
    return (dout @ w.T).reshape(x.shape), dw, dout.sum(axis=0) / n


def affine_backward__images_not_flattened(dout, cache):
    """Transposes x as it comes, which an image does not survive."""
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.T.dot(dout), np.sum(dout, axis=0)


def affine_backward__order_exchanged(dout, cache):
    """Returns dw, dx, db."""
    x, w = cache
    return x.reshape(len(x), -1).T @ dout, (dout @ w.T).reshape(x.shape), dout.sum(axis=0)


def affine_backward__first_example_only(dout, cache):
    """dw is the outer product of the first example alone."""
    x, w = cache
    dw = np.outer(x[0].ravel(), dout[0])
    return (dout @ w.T).reshape(x.shape), dw, dout.sum(axis=0)


def affine_backward__last_example_only(dout, cache):
    """Assigns in the loop over examples where it should add: the last one is left."""
    x, w = cache
    for i in range(len(x)):
        dw = np.outer(x[i].ravel(), dout[i])
    return (dout @ w.T).reshape(x.shape), dw, dout.sum(axis=0)


def affine_backward__sign(dout, cache):
    """Returns the step downhill instead of the gradient."""
    x, w = cache
    return -(dout @ w.T).reshape(x.shape), -(x.reshape(len(x), -1).T @ dout), -dout.sum(axis=0)


def affine_backward__bias_in_dx(dout, cache):
    """Adds the bias's gradient to that of the input."""
    x, w = cache
    db = dout.sum(axis=0)
    return ((dout + db) @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, db


def affine_backward__relu_included(dout, cache):
    """Stops negative upstream gradients, as if a ReLU had been there."""
    x, w = cache
    dout = np.maximum(dout, 0)
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)


_last_call = {}


def _affine_forward_global(x, w, b):
    _last_call["x"], _last_call["w"] = x, w
    return x.reshape(len(x), -1) @ w + b, None


def affine_backward__cache_in_a_global(dout, cache):
    """The forward keeps its inputs in a global: with two layers the first one's are lost."""
    x, w = _last_call["x"], _last_call["w"]
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)


_summed = {}


def affine_backward__accumulates(dout, cache):
    """Adds to the gradients of earlier calls of the same shape, which nobody cleared."""
    x, w = cache
    dw = _summed.setdefault(w.shape, np.zeros(w.shape))
    dw += x.reshape(len(x), -1).T @ dout
    return (dout @ w.T).reshape(x.shape), dw.copy(), dout.sum(axis=0)


# ---------------------------------------------------------------------------------------------
# relu_forward
# ---------------------------------------------------------------------------------------------


def relu_forward__largest_element(x):
    """np.max(x) is one number, the largest of all."""
    return np.max(x), x


def relu_forward__along_an_axis(x):
    """Takes 0 to be the value to compare with; for np.max it is an axis."""
    return np.max(x, 0), x


def relu_forward__absolute(x):
    """Turns negative numbers round instead of cutting them off."""
    return np.abs(x), x


def relu_forward__minimum(x):
    """Keeps the negative numbers instead of the positive ones."""
    return np.minimum(0, x), x


def relu_forward__leaky(x):
    """That is the leaky ReLU: a hundredth of a negative number gets through."""
    return np.where(x > 0, x, 0.01 * x), x


def relu_forward__step(x):
    """Returns the mask instead of the values."""
    return (x > 0).astype(float), x


def relu_forward__cut_at_one(x):
    """Cuts large numbers off at 1 as well."""
    return np.clip(x, 0, 1), x


def relu_forward__positive_ones_only(x):
    """Leaves the negative numbers out: the shape is lost."""
    return x[x > 0], x


def relu_forward__identity(x):
    """Does nothing."""
    return x, x


def relu_forward__whole_rows(x):
    """Sets a whole row to 0 where any of its numbers is negative."""
    out = x.copy()
    out[(x < 0).any(axis=tuple(range(1, x.ndim)))] = 0
    return out, x


def relu_forward__softplus(x):
    """That is the softplus, a smooth relation of the ReLU."""
    return np.logaddexp(0, x), x


def relu_forward__integers(x):
    """The result array holds integers, which cut the fractions off."""
    out = np.zeros(x.shape, dtype=int)
    out[x > 0] = x[x > 0]
    return out, x


# ---------------------------------------------------------------------------------------------
# relu_backward
# ---------------------------------------------------------------------------------------------


def relu_backward__upstream_ignored(dout, cache):
    """Returns the local slope, 1 or 0, and forgets to multiply it by dout."""
    return (cache > 0).astype(float)


def relu_backward__relu_of_the_gradient(dout, cache):
    """Applies the ReLU to dout: it stops negative gradients instead of negative inputs."""
    return np.maximum(dout, 0)


def relu_backward__mask_from_dout(dout, cache):
    """Looks at the sign of dout, not of x."""
    dx = dout.copy()
    dx[dout <= 0] = 0
    return dx


def relu_backward__both_signs(dout, cache):
    """Lets a gradient pass only where x and dout are both positive."""
    return dout * (cache > 0) * (dout > 0)


def relu_backward__mask_reversed(dout, cache):
    """Lets the gradient pass where x was negative."""
    return dout * (cache < 0)


def relu_backward__no_mask(dout, cache):
    """Lets everything pass."""
    return dout


def relu_backward__times_input(dout, cache):
    """Multiplies by the output of the forward instead of its slope."""
    return dout * np.maximum(cache, 0)


def relu_backward__threshold_one(dout, cache):
    """Compares x with 1."""
    return dout * (cache > 1)


def relu_backward__sign(dout, cache):
    """The slope is that of the absolute value: -1 for negative x."""
    return dout * np.sign(cache)


def relu_backward__leaky(dout, cache):
    """Lets a hundredth pass where x was negative."""
    return np.where(cache > 0, dout, 0.01 * dout)


def relu_backward__mask_cut_out(dout, cache):
    """Leaves the stopped elements out: the shape is lost."""
    return dout[cache > 0]


def relu_backward__input_changed(dout, cache):
    """Writes into x and returns that, so dout never comes in."""
    dx = cache.copy()
    dx[cache <= 0] = 0
    dx[cache > 0] = 1
    return dx


def _relu_forward_other_mask(x):
    return np.maximum(x, 0), np.roll(x, 1)


def relu_backward__mask_of_another_layer(dout, cache):
    """The cache holds other numbers than the input of this ReLU."""
    return dout * (cache > 0)


# ---------------------------------------------------------------------------------------------
# sigmoid_forward
# ---------------------------------------------------------------------------------------------


def sigmoid_forward__positive_form_only(x):
    """exp(x) / (1 + exp(x)) is NaN for large x."""
    with np.errstate(all="ignore"):
        out = np.exp(x) / (1 + np.exp(x))
    return out, out


def sigmoid_forward__sign_forgotten(x):
    """exp(x) for exp(-x): the sigmoid is mirrored."""
    with np.errstate(over="ignore"):
        out = 1 / (1 + np.exp(x))
    return out, out


def sigmoid_forward__brackets(x):
    """The brackets are missing: 1 / 1 + exp(-x)."""
    with np.errstate(over="ignore"):
        out = 1 / 1 + np.exp(-x)
    return out, out


def sigmoid_forward__minus(x):
    """Subtracts in the denominator."""
    with np.errstate(all="ignore"):
        out = 1 / (1 - np.exp(-x))
    return out, out


def sigmoid_forward__stable_for_the_positive_only(x):
    """Takes exp(-abs(x)) but not the other form for negative x: the curve is mirrored there."""
    out = 1 / (1 + np.exp(-np.abs(x)))
    return out, out


def sigmoid_forward__clipped_too_early(x):
    """Clips x to -5 and 5, where the sigmoid is still 0.007 from its ends."""
    out = 1 / (1 + np.exp(-np.clip(x, -5, 5)))
    return out, out


def sigmoid_forward__clipped_output(x):
    """Keeps the output from 0 and 1 by a hundredth."""
    out = np.clip(0.5 * (1 + np.tanh(x / 2)), 0.01, 0.99)
    return out, out


def sigmoid_forward__tanh_not_halved(x):
    """Makes the sigmoid of tanh(x) where tanh(x / 2) belongs."""
    out = (np.tanh(x) + 1) / 2
    return out, out


def sigmoid_forward__hard(x):
    """That is the hard sigmoid, made of three straight lines."""
    out = np.clip(0.2 * x + 0.5, 0, 1)
    return out, out


def sigmoid_forward__softmax(x):
    """Divides by the sum over all elements: that is a softmax."""
    powers = np.exp(x - np.max(x))
    return powers / powers.sum(), x


def sigmoid_forward__rounded_to_classes(x):
    """Returns the decision, 0 or 1, instead of the probability."""
    out = (x >= 0).astype(float)
    return out, out


def sigmoid_forward__nan_replaced(x):
    """Replaces the NaN of large x by 0 where 1 is right."""
    with np.errstate(all="ignore"):
        out = np.nan_to_num(np.exp(x) / (1 + np.exp(x)))
    return out, out


def sigmoid_forward__shifted_by_the_maximum(x):
    """Subtracts the maximum first, which a softmax forgives and a sigmoid does not."""
    out = 0.5 * (1 + np.tanh((x - x.max()) / 2))
    return out, out


# ---------------------------------------------------------------------------------------------
# sigmoid_backward
# ---------------------------------------------------------------------------------------------


def sigmoid_backward__upstream_ignored(dout, cache):
    """Returns the slope alone."""
    return cache * (1 - cache)


def sigmoid_backward__output_taken_for_input(dout, cache):
    """The cache holds the output; the sigmoid is applied to it once more."""
    s = 1 / (1 + np.exp(-cache))
    return dout * s * (1 - s)


def sigmoid_backward__square_missing(dout, cache):
    """1 - s in place of s (1 - s)."""
    return dout * (1 - cache)


def sigmoid_backward__as_tanh(dout, cache):
    """1 - s^2 is the slope of the tanh."""
    return dout * (1 - cache**2)


def sigmoid_backward__sign(dout, cache):
    """The factor is the wrong way round: s (s - 1)."""
    return dout * cache * (cache - 1)


def sigmoid_backward__brackets(dout, cache):
    """The brackets are missing: dout * s * 1 - s."""
    return dout * cache * 1 - cache


def sigmoid_backward__added(dout, cache):
    """Adds dout to the slope instead of multiplying."""
    return dout + cache * (1 - cache)


def sigmoid_backward__upstream_through_the_sigmoid(dout, cache):
    """Takes the slope at dout."""
    s = 1 / (1 + np.exp(-dout))
    return s * (1 - s)


def sigmoid_backward__matrix_product(dout, cache):
    """Uses a matrix product where each element has its own slope."""
    return dout @ (cache * (1 - cache)).T


def _sigmoid_forward_caches_input(x):
    return 0.5 * (1 + np.tanh(0.5 * x)), x


def sigmoid_backward__input_taken_for_output(dout, cache):
    """The cache holds the input; x (1 - x) is not the slope."""
    return dout * cache * (1 - cache)


def sigmoid_backward__overflow_over_overflow(dout, cache):
    """exp(-x) / (1 + exp(-x))^2 is infinity by infinity for large negative x."""
    with np.errstate(all="ignore"):
        return dout * np.exp(-cache) / (1 + np.exp(-cache)) ** 2


# ---------------------------------------------------------------------------------------------
# tanh_forward
# ---------------------------------------------------------------------------------------------


def tanh_forward__as_the_formula_stands(x):
    """Infinity divided by infinity for large x."""
    with np.errstate(all="ignore"):
        out = (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))
    return out, out


def tanh_forward__through_large_powers(x):
    """(exp(2x) - 1) / (exp(2x) + 1) is NaN for large positive x."""
    with np.errstate(all="ignore"):
        out = (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1)
    return out, out


def tanh_forward__tangent(x):
    """np.tan is the tangent of an angle."""
    return np.tan(x), x


def tanh_forward__sigmoid(x):
    """Returns the sigmoid, from 0 to 1."""
    out = 0.5 * (1 + np.tanh(0.5 * x))
    return out, out


def tanh_forward__not_doubled(x):
    """2 sigmoid(x) - 1: the 2 inside is missing, so the curve is half as steep."""
    out = np.tanh(0.5 * x)
    return out, out


def tanh_forward__not_shifted(x):
    """2 sigmoid(2x) without the - 1."""
    out = 1 + np.tanh(x)
    return out, out


def tanh_forward__signs_exchanged(x):
    """exp(-x) - exp(x) above the line: the curve falls."""
    out = -np.tanh(x)
    return out, out


def tanh_forward__hard(x):
    """Clips to -1 and 1: that is the hard tanh."""
    out = np.clip(x, -1, 1)
    return out, out


def tanh_forward__sign_lost(x):
    """Works with abs(x) and forgets to put the sign back."""
    e = np.exp(-2 * np.abs(x))
    return (1 - e) / (1 + e), x


def tanh_forward__clipped_too_early(x):
    """Clips x to -2 and 2, where the tanh is still 0.036 from its ends."""
    out = np.tanh(np.clip(x, -2, 2))
    return out, out


def tanh_forward__inverse(x):
    """np.arctan squeezes too, but to plus and minus pi / 2."""
    return np.arctan(x), x


# ---------------------------------------------------------------------------------------------
# tanh_backward
# ---------------------------------------------------------------------------------------------


def tanh_backward__upstream_ignored(dout, cache):
    """Returns the slope alone."""
    return 1 - cache**2


def tanh_backward__as_sigmoid(dout, cache):
    """t (1 - t) is the slope of a sigmoid."""
    return dout * cache * (1 - cache)


def tanh_backward__not_squared(dout, cache):
    """1 - t for 1 - t^2."""
    return dout * (1 - cache)


def tanh_backward__squared_difference(dout, cache):
    """(1 - t)^2 for 1 - t^2."""
    return dout * (1 - cache) ** 2


def tanh_backward__plus(dout, cache):
    """1 + t^2 is the slope of the tangent."""
    return dout * (1 + cache**2)


def tanh_backward__output_taken_for_input(dout, cache):
    """The cache holds the output; the tanh is applied to it once more."""
    return dout * (1 - np.tanh(cache) ** 2)


def tanh_backward__upstream_squared(dout, cache):
    """The brackets are wrong: 1 - (dout * t)^2."""
    return 1 - (dout * cache) ** 2


def tanh_backward__brackets(dout, cache):
    """The brackets are missing: dout * 1 - t^2."""
    return dout * 1 - cache**2


def tanh_backward__doubled(dout, cache):
    """1 - 2t: doubles where it should square."""
    return dout * (1 - 2 * cache)


def tanh_backward__sign(dout, cache):
    """t^2 - 1: the sign is wrong."""
    return dout * (cache**2 - 1)


def _tanh_forward_caches_input(x):
    return np.tanh(x), x


def tanh_backward__input_taken_for_output(dout, cache):
    """The cache holds the input; 1 - x^2 is not the slope."""
    return dout * (1 - cache**2)


def tanh_backward__cosh_overflow(dout, cache):
    """(cosh^2 - sinh^2) / cosh^2 is NaN for large x."""
    with np.errstate(all="ignore"):
        return dout * (np.cosh(cache) ** 2 - np.sinh(cache) ** 2) / np.cosh(cache) ** 2


# ---------------------------------------------------------------------------------------------
# residual_forward
# ---------------------------------------------------------------------------------------------


def residual_forward__no_skip(x, w1, b1, w2, b2):
    """Forgets to add x: that is a plain two-layer block."""
    return np.maximum(x @ w1 + b1, 0) @ w2 + b2, None


def residual_forward__no_relu(x, w1, b1, w2, b2):
    """Forgets the ReLU: the block is affine."""
    return x + (x @ w1 + b1) @ w2 + b2, None


def residual_forward__relu_after_the_sum(x, w1, b1, w2, b2):
    """Has another ReLU after the addition, as the first paper's block does; this one has none."""
    return np.maximum(x + np.maximum(x @ w1 + b1, 0) @ w2 + b2, 0), None


def residual_forward__relu_on_the_branch(x, w1, b1, w2, b2):
    """Has a second ReLU at the end of the branch, which can then only add."""
    return x + np.maximum(np.maximum(x @ w1 + b1, 0) @ w2 + b2, 0), None


def residual_forward__relu_first(x, w1, b1, w2, b2):
    """The ReLU stands before the first layer instead of behind it."""
    return x + (np.maximum(x, 0) @ w1 + b1) @ w2 + b2, None


def residual_forward__relu_on_the_skip(x, w1, b1, w2, b2):
    """The skip connection goes through a ReLU."""
    return np.maximum(x, 0) + np.maximum(x @ w1 + b1, 0) @ w2 + b2, None


def residual_forward__multiplied(x, w1, b1, w2, b2):
    """Multiplies by x instead of adding it."""
    return x * (np.maximum(x @ w1 + b1, 0) @ w2 + b2), None


def residual_forward__averaged(x, w1, b1, w2, b2):
    """Takes the mean of both roads."""
    return (x + np.maximum(x @ w1 + b1, 0) @ w2 + b2) / 2, None


def residual_forward__subtracted(x, w1, b1, w2, b2):
    """Subtracts the branch."""
    return x - (np.maximum(x @ w1 + b1, 0) @ w2 + b2), None


def residual_forward__second_bias_forgotten(x, w1, b1, w2, b2):
    """The second bias is missing."""
    return x + np.maximum(x @ w1 + b1, 0) @ w2, None


def residual_forward__first_bias_after_the_relu(x, w1, b1, w2, b2):
    """The first bias is added after the ReLU."""
    return x + (np.maximum(x @ w1, 0) + b1) @ w2 + b2, None


def residual_forward__added_twice(x, w1, b1, w2, b2):
    """Adds x two times: an in-place sum changed it on the way."""
    out = np.maximum(x @ w1 + b1, 0) @ w2 + b2
    out += x
    return out + x, None


# ---------------------------------------------------------------------------------------------
# residual_backward
# ---------------------------------------------------------------------------------------------


def residual_backward__skip_forgotten(dout, cache):
    """dx comes out of the branch alone."""
    (x, w1), hidden, (active, w2) = cache
    dz = (dout @ w2.T) * (hidden > 0)
    return dz @ w1.T, x.T @ dz, dz.sum(axis=0), active.T @ dout, dout.sum(axis=0)


def residual_backward__branch_forgotten(dout, cache):
    """dx is the gradient of the skip connection alone."""
    (x, _), hidden, (active, w2) = cache
    dz = (dout @ w2.T) * (hidden > 0)
    return dout, x.T @ dz, dz.sum(axis=0), active.T @ dout, dout.sum(axis=0)


def residual_backward__skip_of_ones(dout, cache):
    """Adds 1 for the skip connection: the derivative of x, not times dout."""
    (x, w1), hidden, (active, w2) = cache
    dz = (dout @ w2.T) * (hidden > 0)
    return 1 + dz @ w1.T, x.T @ dz, dz.sum(axis=0), active.T @ dout, dout.sum(axis=0)


def residual_backward__skip_adds_the_input(dout, cache):
    """Adds x to its own gradient, as the forward does."""
    (x, w1), hidden, (active, w2) = cache
    dz = (dout @ w2.T) * (hidden > 0)
    return x + dz @ w1.T, x.T @ dz, dz.sum(axis=0), active.T @ dout, dout.sum(axis=0)


def residual_backward__no_mask(dout, cache):
    """The ReLU is left out on the way back."""
    (x, w1), _, (active, w2) = cache
    dz = dout @ w2.T
    return dout + dz @ w1.T, x.T @ dz, dz.sum(axis=0), active.T @ dout, dout.sum(axis=0)


def residual_backward__mask_from_the_gradient(dout, cache):
    """The ReLU looks at the sign of the gradient that reaches it."""
    (x, w1), _, (active, w2) = cache
    dz = np.maximum(dout @ w2.T, 0)
    return dout + dz @ w1.T, x.T @ dz, dz.sum(axis=0), active.T @ dout, dout.sum(axis=0)


def residual_backward__hidden_for_active(dout, cache):
    """dw2 is made of the numbers before the ReLU; the second layer saw those after it."""
    (x, w1), hidden, (_, w2) = cache
    dz = (dout @ w2.T) * (hidden > 0)
    return dout + dz @ w1.T, x.T @ dz, dz.sum(axis=0), hidden.T @ dout, dout.sum(axis=0)


def residual_backward__mask_too_late(dout, cache):
    """Masks dx's road but not the gradients of the first layer's parameters."""
    (x, w1), hidden, (active, w2) = cache
    dactive = dout @ w2.T
    dx = dout + (dactive * (hidden > 0)) @ w1.T
    return dx, x.T @ dactive, dactive.sum(axis=0), active.T @ dout, dout.sum(axis=0)


def residual_backward__order_exchanged(dout, cache):
    """Returns the second layer's gradients before the first layer's."""
    (x, w1), hidden, (active, w2) = cache
    dz = (dout @ w2.T) * (hidden > 0)
    return dout + dz @ w1.T, active.T @ dout, dout.sum(axis=0), x.T @ dz, dz.sum(axis=0)


def residual_backward__upstream_added_before_the_branch(dout, cache):
    """Adds dout before the last multiplication, which D = H alone allows."""
    (x, w1), hidden, (active, w2) = cache
    dz = (dout @ w2.T) * (hidden > 0)
    return (dout + dz) @ w1.T, x.T @ dz, dz.sum(axis=0), active.T @ dout, dout.sum(axis=0)


def residual_backward__halved(dout, cache):
    """Shares dout between the two roads, half to each; both get all of it."""
    (x, w1), hidden, (active, w2) = cache
    half = dout / 2
    dz = (half @ w2.T) * (hidden > 0)
    return half + dz @ w1.T, x.T @ dz, dz.sum(axis=0), active.T @ half, half.sum(axis=0)


def residual_backward__first_bias_from_dout(dout, cache):
    """Both biases get the sum of dout at the output; the first lies behind w2 and the ReLU."""
    (x, w1), hidden, (active, w2) = cache
    dz = (dout @ w2.T) * (hidden > 0)
    db1 = (dout @ w2.T).sum(axis=0)
    return dout + dz @ w1.T, x.T @ dz, db1, active.T @ dout, dout.sum(axis=0)


# ---------------------------------------------------------------------------------------------
# two_layer_loss
# ---------------------------------------------------------------------------------------------


def _cross_entropy(scores, y):
    n = len(y)
    log_p = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    d = np.exp(log_p)
    d[np.arange(n), y] -= 1
    return -log_p[np.arange(n), y].mean(), d / n


def _penalty(params, reg):
    return 0.5 * reg * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))


def _two_layers(params, x):
    z = x @ params["W1"] + params["b1"]
    h = np.maximum(z, 0)
    return z, h, h @ params["W2"] + params["b2"]


def _gradients(params, x, h, deltas, reg):
    dz, dscores = deltas
    return {
        "W1": x.T @ dz + reg * params["W1"],
        "b1": dz.sum(axis=0),
        "W2": h.T @ dscores + reg * params["W2"],
        "b2": dscores.sum(axis=0),
    }


def two_layer_loss__relu_on_the_scores(params, x, y, reg=0.0):
    """The scores go through a ReLU too, forward and backward."""
    z, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(np.maximum(scores, 0), y)
    dscores *= scores > 0
    dz = (dscores @ params["W2"].T) * (z > 0)
    return loss + _penalty(params, reg), _gradients(params, x, h, (dz, dscores), reg)


def two_layer_loss__no_relu(params, x, y, reg=0.0):
    """There is no ReLU: two affine layers are one."""
    h = x @ params["W1"] + params["b1"]
    loss, dscores = _cross_entropy(h @ params["W2"] + params["b2"], y)
    dz = dscores @ params["W2"].T
    return loss + _penalty(params, reg), _gradients(params, x, h, (dz, dscores), reg)


def two_layer_loss__relu_not_in_backward(params, x, y, reg=0.0):
    """The way back forgets the ReLU."""
    _, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    dz = dscores @ params["W2"].T
    return loss + _penalty(params, reg), _gradients(params, x, h, (dz, dscores), reg)


def two_layer_loss__mask_from_the_gradient(params, x, y, reg=0.0):
    """The ReLU's mask is taken from the gradient."""
    _, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    dz = np.maximum(dscores @ params["W2"].T, 0)
    return loss + _penalty(params, reg), _gradients(params, x, h, (dz, dscores), reg)


def two_layer_loss__sigmoid_inside(params, x, y, reg=0.0):
    """The hidden units are sigmoids."""
    h = 0.5 * (1 + np.tanh(0.5 * (x @ params["W1"] + params["b1"])))
    loss, dscores = _cross_entropy(h @ params["W2"] + params["b2"], y)
    dz = (dscores @ params["W2"].T) * h * (1 - h)
    return loss + _penalty(params, reg), _gradients(params, x, h, (dz, dscores), reg)


def two_layer_loss__penalty_only_in_the_loss(params, x, y, reg=0.0):
    """The penalty is in the loss, not in the gradient."""
    z, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    dz = (dscores @ params["W2"].T) * (z > 0)
    return loss + _penalty(params, reg), _gradients(params, x, h, (dz, dscores), 0.0)


def two_layer_loss__penalty_only_in_the_gradient(params, x, y, reg=0.0):
    """The penalty is in the gradient, not in the loss."""
    z, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    dz = (dscores @ params["W2"].T) * (z > 0)
    return loss, _gradients(params, x, h, (dz, dscores), reg)


def two_layer_loss__no_penalty(params, x, y, reg=0.0):
    """reg is never used."""
    z, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    dz = (dscores @ params["W2"].T) * (z > 0)
    return loss, _gradients(params, x, h, (dz, dscores), 0.0)


def two_layer_loss__penalty_without_the_half(params, x, y, reg=0.0):
    """The loss has reg * sum(W^2) and the gradient 2 * reg * W: twice what is asked."""
    z, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    dz = (dscores @ params["W2"].T) * (z > 0)
    return loss + 2 * _penalty(params, reg), _gradients(params, x, h, (dz, dscores), 2 * reg)


def two_layer_loss__half_missing_in_the_loss(params, x, y, reg=0.0):
    """The loss has reg * sum(W^2), the gradient reg * W: they do not belong together."""
    z, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    dz = (dscores @ params["W2"].T) * (z > 0)
    return loss + 2 * _penalty(params, reg), _gradients(params, x, h, (dz, dscores), reg)


def two_layer_loss__half_in_the_gradient(params, x, y, reg=0.0):
    """The 2 of the square is lost: the gradient has 0.5 * reg * W."""
    z, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    dz = (dscores @ params["W2"].T) * (z > 0)
    return loss + _penalty(params, reg), _gradients(params, x, h, (dz, dscores), 0.5 * reg)


def two_layer_loss__biases_penalised(params, x, y, reg=0.0):
    """The biases are penalised as well."""
    z, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    dz = (dscores @ params["W2"].T) * (z > 0)
    grads = _gradients(params, x, h, (dz, dscores), reg)
    grads["b1"] += reg * params["b1"]
    grads["b2"] += reg * params["b2"]
    loss += 0.5 * reg * sum(np.sum(p**2) for p in params.values())
    return loss, grads


def two_layer_loss__first_layer_not_penalised(params, x, y, reg=0.0):
    """Only W2 is penalised."""
    z, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    dz = (dscores @ params["W2"].T) * (z > 0)
    grads = _gradients(params, x, h, (dz, dscores), reg)
    grads["W1"] -= reg * params["W1"]
    return loss + 0.5 * reg * np.sum(params["W2"] ** 2), grads


def two_layer_loss__penalty_divided_by_n(params, x, y, reg=0.0):
    """The penalty is divided by the number of examples."""
    reg = reg / len(x)
    z, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    dz = (dscores @ params["W2"].T) * (z > 0)
    return loss + _penalty(params, reg), _gradients(params, x, h, (dz, dscores), reg)


def two_layer_loss__absolute_penalty(params, x, y, reg=0.0):
    """Penalises absolute values instead of squares."""
    z, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    dz = (dscores @ params["W2"].T) * (z > 0)
    grads = _gradients(params, x, h, (dz, dscores), 0.0)
    for name in ("W1", "W2"):
        loss += reg * np.abs(params[name]).sum()
        grads[name] += reg * np.sign(params[name])
    return loss, grads


def two_layer_loss__square_of_the_product(params, x, y, reg=0.0):
    """Sums a matrix product of W with itself, which is not the sum of its squares."""
    z, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    dz = (dscores @ params["W2"].T) * (z > 0)
    W1, W2 = params["W1"], params["W2"]
    loss += 0.5 * reg * (np.sum(W1.T.dot(W1)) + np.sum(W2.T.dot(W2)))
    return loss, _gradients(params, x, h, (dz, dscores), reg)


def two_layer_loss__norm_not_squared(params, x, y, reg=0.0):
    """Penalises the norms of the matrices instead of their squares."""
    z, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    dz = (dscores @ params["W2"].T) * (z > 0)
    loss += 0.5 * reg * (np.linalg.norm(params["W1"]) + np.linalg.norm(params["W2"]))
    return loss, _gradients(params, x, h, (dz, dscores), reg)


def two_layer_loss__summed(params, x, y, reg=0.0):
    """Adds the rows' losses up instead of averaging them."""
    z, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    dscores *= len(x)
    dz = (dscores @ params["W2"].T) * (z > 0)
    loss = loss * len(x) + _penalty(params, reg)
    return loss, _gradients(params, x, h, (dz, dscores), reg)


def two_layer_loss__gradient_not_averaged(params, x, y, reg=0.0):
    """The loss is a mean, the gradient that of the sum."""
    z, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    dscores *= len(x)
    dz = (dscores @ params["W2"].T) * (z > 0)
    return loss + _penalty(params, reg), _gradients(params, x, h, (dz, dscores), reg)


def two_layer_loss__divided_again(params, x, y, reg=0.0):
    """Each layer divides by N once more."""
    z, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    dscores /= len(x)
    dz = (dscores @ params["W2"].T) * (z > 0) / len(x)
    return loss + _penalty(params, reg), _gradients(params, x, h, (dz, dscores), reg)


def two_layer_loss__log_of_underflow(params, x, y, reg=0.0):
    """Takes the logarithm of a probability that has been rounded to 0: the loss is infinite."""
    z, h, scores = _two_layers(params, x)
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        loss = -np.log(p[np.arange(len(y)), y]).mean()
    dscores = _cross_entropy(scores, y)[1]
    dz = (dscores @ params["W2"].T) * (z > 0)
    return loss + _penalty(params, reg), _gradients(params, x, h, (dz, dscores), reg)


def two_layer_loss__softmax_overflows(params, x, y, reg=0.0):
    """Takes the exponential of the scores without subtracting the maximum."""
    z, h, scores = _two_layers(params, x)
    with np.errstate(all="ignore"):
        p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        loss = -np.log(p[np.arange(len(y)), y]).mean()
    p[np.arange(len(y)), y] -= 1
    dscores = p / len(y)
    dz = (dscores @ params["W2"].T) * (z > 0)
    return loss + _penalty(params, reg), _gradients(params, x, h, (dz, dscores), reg)


def two_layer_loss__hinge(params, x, y, reg=0.0):
    """Has the multiclass hinge at the end instead of the softmax."""
    n = len(y)
    z, h, scores = _two_layers(params, x)
    m = np.maximum(0, scores - scores[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    dscores = d / n
    dz = (dscores @ params["W2"].T) * (z > 0)
    return m.sum() / n + _penalty(params, reg), _gradients(params, x, h, (dz, dscores), reg)


def two_layer_loss__hidden_for_active(params, x, y, reg=0.0):
    """dW2 is made of the hidden numbers before the ReLU."""
    z, _, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    dz = (dscores @ params["W2"].T) * (z > 0)
    return loss + _penalty(params, reg), _gradients(params, x, z, (dz, dscores), reg)


def two_layer_loss__biases_without_gradient(params, x, y, reg=0.0):
    """Returns the gradients of W1 and W2 only."""
    z, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    dz = (dscores @ params["W2"].T) * (z > 0)
    grads = _gradients(params, x, h, (dz, dscores), reg)
    return loss + _penalty(params, reg), {"W1": grads["W1"], "W2": grads["W2"]}


def two_layer_loss__named_with_d(params, x, y, reg=0.0):
    """Calls the gradients dW1, db1, dW2 and db2; they have the parameters' own names."""
    z, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    dz = (dscores @ params["W2"].T) * (z > 0)
    grads = _gradients(params, x, h, (dz, dscores), reg)
    return loss + _penalty(params, reg), {f"d{name}": value for name, value in grads.items()}


def two_layer_loss__weights_after_the_step(params, x, y, reg=0.0):
    """Updates W2 before the gradient has passed through it on its way to the first layer."""
    z, h, scores = _two_layers(params, x)
    loss, dscores = _cross_entropy(scores, y)
    grads = {"W2": h.T @ dscores + reg * params["W2"], "b2": dscores.sum(axis=0)}
    dz = (dscores @ (params["W2"] - 0.1 * grads["W2"]).T) * (z > 0)
    grads["W1"] = x.T @ dz + reg * params["W1"]
    grads["b1"] = dz.sum(axis=0)
    return loss + _penalty(params, reg), grads


def two_layer_loss__scores_only(params, x, y, reg=0.0):
    """Returns the scores, as a network does at test time."""
    return _two_layers(params, x)[2]


# ---------------------------------------------------------------------------------------------
# mlp_loss
# ---------------------------------------------------------------------------------------------


def _mlp(params, x, relu_behind_the_last=False):
    inputs, zs = [], []
    for depth, (W, b) in enumerate(params):
        inputs.append(x)
        zs.append(x @ W + b)
        last = depth == len(params) - 1
        x = zs[-1] if last and not relu_behind_the_last else np.maximum(zs[-1], 0)
    return inputs, zs, x


def _mlp_gradients(params, inputs, zs, g):
    grads = []
    for i in reversed(range(len(params))):
        grads.append((inputs[i].T @ g, g.sum(axis=0)))
        if i > 0:
            g = (g @ params[i][0].T) * (zs[i - 1] > 0)
    return grads[::-1]


def mlp_loss__relu_on_the_scores(params, x, y):
    """The last layer's scores go through a ReLU too."""
    inputs, zs, out = _mlp(params, x, relu_behind_the_last=True)
    loss, g = _cross_entropy(out, y)
    return loss, _mlp_gradients(params, inputs, zs, g * (zs[-1] > 0))


def mlp_loss__relu_mask_on_the_scores_backward(params, x, y):
    """Only the way back treats the scores as if a ReLU stood behind them."""
    inputs, zs, out = _mlp(params, x)
    loss, g = _cross_entropy(out, y)
    return loss, _mlp_gradients(params, inputs, zs, g * (zs[-1] > 0))


def mlp_loss__no_relu(params, x, y):
    """There is no ReLU between the layers."""
    values = [x]
    for W, b in params:
        values.append(values[-1] @ W + b)
    loss, g = _cross_entropy(values[-1], y)
    grads = []
    for i in reversed(range(len(params))):
        grads.insert(0, (values[i].T @ g, g.sum(axis=0)))
        g = g @ params[i][0].T
    return loss, grads


def mlp_loss__relu_not_in_backward(params, x, y):
    """The way back forgets the ReLUs."""
    inputs, _, out = _mlp(params, x)
    loss, g = _cross_entropy(out, y)
    grads = []
    for i in reversed(range(len(params))):
        grads.insert(0, (inputs[i].T @ g, g.sum(axis=0)))
        g = g @ params[i][0].T
    return loss, grads


def mlp_loss__relu_on_the_input(params, x, y):
    """The input goes through a ReLU before the first layer."""
    inputs, zs, out = _mlp(params, np.maximum(x, 0))
    loss, g = _cross_entropy(out, y)
    return loss, _mlp_gradients(params, inputs, zs, g)


def mlp_loss__mask_of_the_layer_above(params, x, y):
    """Each mask comes from the first hidden layer, which has another width than the rest."""
    inputs, zs, out = _mlp(params, x)
    loss, g = _cross_entropy(out, y)
    grads = []
    for i in reversed(range(len(params))):
        grads.insert(0, (inputs[i].T @ g, g.sum(axis=0)))
        if i > 0:
            g = (g @ params[i][0].T) * (zs[0] > 0)
    return loss, grads


def mlp_loss__order_of_the_gradients(params, x, y):
    """The gradients are left in the order in which the way back finds them, last layer first."""
    inputs, zs, out = _mlp(params, x)
    loss, g = _cross_entropy(out, y)
    return loss, _mlp_gradients(params, inputs, zs, g)[::-1]


def mlp_loss__two_layers_only(params, x, y):
    """Uses the first and the last layer only, whatever lies between them."""
    (W1, b1), (W2, b2) = params[0], params[-1]
    z = x @ W1 + b1
    h = np.maximum(z, 0)
    loss, g = _cross_entropy(h @ W2 + b2, y)
    dz = (g @ W2.T) * (z > 0)
    return loss, [(x.T @ dz, dz.sum(axis=0)), (h.T @ g, g.sum(axis=0))]


def mlp_loss__first_layer_skipped(params, x, y):
    """The loop on the way back stops one layer early: the first layer has no gradient."""
    inputs, zs, out = _mlp(params, x)
    loss, g = _cross_entropy(out, y)
    grads = _mlp_gradients(params, inputs, zs, g)
    grads[0] = (np.zeros_like(params[0][0]), np.zeros_like(params[0][1]))
    return loss, grads


def mlp_loss__gradient_not_averaged(params, x, y):
    """The loss is a mean, the gradient that of the sum."""
    inputs, zs, out = _mlp(params, x)
    loss, g = _cross_entropy(out, y)
    return loss, _mlp_gradients(params, inputs, zs, g * len(x))


def mlp_loss__divided_at_each_layer(params, x, y):
    """Every layer divides its gradients by N, which the loss's own gradient has done already."""
    inputs, zs, out = _mlp(params, x)
    loss, g = _cross_entropy(out, y)
    return loss, [(dW / len(x), db / len(x)) for dW, db in _mlp_gradients(params, inputs, zs, g)]


def mlp_loss__summed(params, x, y):
    """Adds the rows' losses up instead of averaging them, in the gradient too."""
    inputs, zs, out = _mlp(params, x)
    loss, g = _cross_entropy(out, y)
    return loss * len(x), _mlp_gradients(params, inputs, zs, g * len(x))


def mlp_loss__biases_averaged(params, x, y):
    """The biases' gradients are means over the batch; the others are sums."""
    inputs, zs, out = _mlp(params, x)
    loss, g = _cross_entropy(out, y)
    return loss, [(dW, db / len(x)) for dW, db in _mlp_gradients(params, inputs, zs, g)]


def mlp_loss__biases_as_rows(params, x, y):
    """The biases' gradients have the shape (1, H)."""
    inputs, zs, out = _mlp(params, x)
    loss, g = _cross_entropy(out, y)
    return loss, [(dW, db[np.newaxis]) for dW, db in _mlp_gradients(params, inputs, zs, g)]


def mlp_loss__flat_list(params, x, y):
    """Returns the gradients one after the other instead of in pairs."""
    inputs, zs, out = _mlp(params, x)
    loss, g = _cross_entropy(out, y)
    return loss, [array for pair in _mlp_gradients(params, inputs, zs, g) for array in pair]


def mlp_loss__target_not_subtracted(params, x, y):
    """The gradient starts from the probabilities, from which the 1 of the class is not taken."""
    inputs, zs, out = _mlp(params, x)
    loss, _ = _cross_entropy(out, y)
    p = np.exp(out - np.logaddexp.reduce(out, axis=1, keepdims=True))
    return loss, _mlp_gradients(params, inputs, zs, p / len(x))


def mlp_loss__log_of_underflow(params, x, y):
    """Takes the logarithm of a probability that has been rounded to 0: the loss is infinite."""
    inputs, zs, out = _mlp(params, x)
    p = np.exp(out - out.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        loss = -np.log(p[np.arange(len(y)), y]).mean()
    return loss, _mlp_gradients(params, inputs, zs, _cross_entropy(out, y)[1])


def mlp_loss__epsilon_in_the_logarithm(params, x, y):
    """Adds 1e-8 inside the logarithm: finite, but no loss can be more than 18.4."""
    inputs, zs, out = _mlp(params, x)
    p = np.exp(out - out.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(len(y)), y] + 1e-8).mean()
    return loss, _mlp_gradients(params, inputs, zs, _cross_entropy(out, y)[1])


def mlp_loss__penalised(params, x, y):
    """Adds a penalty on the weights that nobody asked for."""
    inputs, zs, out = _mlp(params, x)
    loss, g = _cross_entropy(out, y)
    grads = _mlp_gradients(params, inputs, zs, g)
    loss += 0.005 * sum(np.sum(W**2) for W, _ in params)
    return loss, [(dW + 0.01 * W, db) for (dW, db), (W, _) in zip(grads, params)]


def mlp_loss__only_the_loss(params, x, y):
    """Returns no gradients."""
    _, _, out = _mlp(params, x)
    return _cross_entropy(out, y)[0]


PARTNERS = {
    "affine_backward__cache_in_a_global": {"affine_forward": "_affine_forward_global"},
    "relu_backward__mask_of_another_layer": {"relu_forward": "_relu_forward_other_mask"},
    "sigmoid_backward__input_taken_for_output": {
        "sigmoid_forward": "_sigmoid_forward_caches_input"
    },
    "sigmoid_backward__overflow_over_overflow": {
        "sigmoid_forward": "_sigmoid_forward_caches_input"
    },
    "tanh_backward__input_taken_for_output": {"tanh_forward": "_tanh_forward_caches_input"},
    "tanh_backward__cosh_overflow": {"tanh_forward": "_tanh_forward_caches_input"},
}
