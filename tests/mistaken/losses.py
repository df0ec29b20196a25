"""Wrong answers to the exercises of `losses`, as people really write them.

A function `EXERCISE__LABEL` is one wrong answer to EXERCISE; its docstring says what is wrong with
it. Each must lose marks. Names that begin with an underscore are parts of the answers below them.
"""

import math

import numpy as np

# ---------------------------------------------------------------------------------------------
# mse_loss
# ---------------------------------------------------------------------------------------------


def mse_loss__summed(prediction, target):
    """Adds the squares up instead of averaging them."""
    diff = prediction - target
    return np.sum(diff**2), 2 * diff


def mse_loss__gradient_of_the_sum(prediction, target):
    """The loss is the mean, the gradient still that of the sum."""
    diff = prediction - target
    return np.mean(diff**2), 2 * diff


def mse_loss__gradient_divided_twice(prediction, target):
    """The gradient is divided by the number of elements two times."""
    n = prediction.size
    diff = (prediction - target) / n
    return np.mean((prediction - target) ** 2), 2 * diff / n


def mse_loss__divided_by_rows(prediction, target):
    """Divides by the number of rows instead of the number of elements."""
    n = len(prediction)
    diff = prediction - target
    return (diff**2).sum() / n, 2 * diff / n


def mse_loss__gradient_divided_by_rows(prediction, target):
    """Only the gradient divides by the rows; the loss is right."""
    diff = prediction - target
    return (diff**2).mean(), 2 * diff / prediction.shape[0]


def mse_loss__missing_two(prediction, target):
    """Forgets the 2 that the square brings down."""
    diff = prediction - target
    return np.mean(diff**2), diff / diff.size


def mse_loss__half(prediction, target):
    """Uses the textbook factor 1/2, consistently in loss and gradient."""
    diff = prediction - target
    return 0.5 * np.mean(diff**2), diff / diff.size


def mse_loss__gradient_for_target(prediction, target):
    """Subtracts the other way round, so the gradient points uphill for the prediction."""
    error = target - prediction
    return np.mean(error**2), 2 * error / error.size


def mse_loss__only_loss(prediction, target):
    """Returns no gradient."""
    return np.mean((prediction - target) ** 2)


def mse_loss__exchanged_results(prediction, target):
    """Returns the gradient first and the loss second."""
    diff = prediction - target
    loss = np.mean(diff**2)
    return 2 * diff / diff.size, loss


def mse_loss__root(prediction, target):
    """Root mean squared error with its own gradient."""
    diff = prediction - target
    rmse = np.sqrt(np.mean(diff**2))
    return rmse, diff / (diff.size * (rmse + 1e-12))


def mse_loss__absolute(prediction, target):
    """Mean absolute error."""
    diff = prediction - target
    return np.mean(np.abs(diff)), np.sign(diff) / diff.size


def mse_loss__square_of_mean(prediction, target):
    """Squares the mean error; misses in opposite directions cancel."""
    diff = prediction - target
    return np.mean(diff) ** 2, 2 * np.mean(diff) * np.ones_like(diff) / diff.size


def mse_loss__loss_per_column(prediction, target):
    """Averages over the rows only and returns one loss per column."""
    diff = prediction - target
    return np.mean(diff**2, axis=0), 2 * diff / diff.size


def mse_loss__kept_dimensions(prediction, target):
    """The loss keeps all axes, so it is an array such as (1, 1) instead of a number."""
    diff = prediction - target
    return np.mean(diff**2, keepdims=True), 2 * diff / diff.size


def mse_loss__loss_of_shape_one(prediction, target):
    """The loss is an array of shape (1,), not a plain number."""
    loss = np.zeros(1)
    for p, t in zip(prediction.ravel(), target.ravel()):
        loss += (p - t) ** 2
    return loss / prediction.size, 2 * (prediction - target) / prediction.size


def mse_loss__all_against_all(prediction, target):
    """Makes the predictions a column, which NumPy stretches against the row of targets."""
    p = prediction.reshape(-1, 1)
    diff = p - target.ravel()
    loss = np.mean(diff**2)
    return loss, (2 * diff.mean(axis=1) / len(p)).reshape(prediction.shape)


def mse_loss__last_row_left_out(prediction, target):
    """The loop stops one row early."""
    loss = 0.0
    grad = np.zeros_like(prediction)
    for i in range(len(prediction) - 1):
        loss += np.sum((prediction[i] - target[i]) ** 2)
        grad[i] = 2 * (prediction[i] - target[i])
    return loss / prediction.size, grad / prediction.size


def mse_loss__integer_gradient(prediction, target):
    """Collects the gradient in an integer array, which cuts off everything after the point."""
    grad = np.zeros(prediction.shape, dtype=int)
    total = 0.0
    for index in np.ndindex(prediction.shape):
        diff = prediction[index] - target[index]
        total += diff**2
        grad[index] = 2 * diff
    return total / prediction.size, grad / prediction.size


def mse_loss__half_precision(prediction, target):
    """Computes in float16 to save memory."""
    diff = prediction.astype(np.float16) - target.astype(np.float16)
    loss = np.mean(np.square(diff), dtype=np.float32)
    return float(loss), (2 * diff / diff.size).astype(prediction.dtype)


def mse_loss__overwritten_input(prediction, target):
    """Subtracts in place and then subtracts again."""
    prediction -= target
    loss = np.mean((prediction - target) ** 2)
    return loss, 2 * (prediction - target) / prediction.size


def mse_loss__one_axis_only(prediction, target):
    """Loops over the first axis and squares whole rows with a dot product: one-axis input only."""
    loss, grad = 0.0, []
    for p, t in zip(prediction, target):
        loss = loss + np.dot(p - t, p - t)
        grad.append(2 * np.sum(p - t) / len(prediction))
    return loss / len(prediction), np.array(grad)


def mse_loss__default_list_remembers(prediction, target, losses=[]):
    """A mutable default argument: losses of earlier calls enter the mean."""
    diff = prediction - target
    losses.extend((diff**2).ravel())
    return np.mean(losses), 2 * diff / diff.size


def mse_loss__example_numbers(prediction, target):
    """Returns the numbers of the docstring's example."""
    return 1.5, np.array([[0.5, 0.0], [-1.0, 0.5]])


def mse_loss__transposed_gradient(prediction, target):
    """Returns the gradient transposed."""
    diff = prediction - target
    return np.mean(diff**2), (2 * diff / diff.size).T


def mse_loss__flat_gradient(prediction, target):
    """Forgets to give the gradient its shape back."""
    diff = prediction.ravel() - target.ravel()
    return diff.dot(diff) / diff.size, 2 * diff / diff.size


def mse_loss__gradient_without_sign(prediction, target):
    """Takes the absolute error first, so the gradient is never negative."""
    error = np.abs(prediction - target)
    return np.mean(error**2), 2 * error / error.size


# ---------------------------------------------------------------------------------------------
# huber_loss
# ---------------------------------------------------------------------------------------------


def huber_loss__no_shape_check(prediction, target, delta=1.0):
    """Lets NumPy broadcast unequal shapes."""
    r = prediction - target
    cost = np.where(np.abs(r) <= delta, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta))
    return cost.mean(), np.clip(r, -delta, delta) / r.size


def huber_loss__only_sizes_compared(prediction, target, delta=1.0):
    """Compares the number of elements, so (N, 1) against (N,) slips through."""
    if prediction.size != target.size:
        raise ValueError("different sizes")
    r = prediction - target
    cost = np.where(np.abs(r) <= delta, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta))
    return cost.mean(), np.clip(r, -delta, delta) / r.size


def huber_loss__only_dimensions_compared(prediction, target, delta=1.0):
    """Compares the number of axes, so (N, D) against (1, D) slips through."""
    if prediction.ndim != target.ndim:
        raise ValueError("different number of axes")
    r = prediction - target
    cost = np.where(np.abs(r) <= delta, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta))
    return cost.mean(), np.clip(r, -delta, delta) / r.size


def huber_loss__only_lengths_compared(prediction, target, delta=1.0):
    """Compares the first axis only."""
    if len(prediction) != len(target):
        raise ValueError(f"{len(prediction)} predictions, {len(target)} targets")
    r = prediction - target
    a = np.minimum(np.abs(r), delta)
    return np.mean(a * (np.abs(r) - a / 2)), np.sign(r) * a / r.size


def huber_loss__asserted_shapes(prediction, target, delta=1.0):
    """Raises AssertionError where ValueError is asked for."""
    assert prediction.shape == target.shape, "shapes differ"
    r = prediction - target
    cost = np.where(np.abs(r) <= delta, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta))
    return cost.mean(), np.clip(r, -delta, delta) / r.size


def huber_loss__returned_exception(prediction, target, delta=1.0):
    """Returns the exception instead of raising it."""
    if prediction.shape != target.shape:
        return ValueError("shapes differ")
    r = prediction - target
    cost = np.where(np.abs(r) <= delta, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta))
    return cost.mean(), np.clip(r, -delta, delta) / r.size


def huber_loss__reshaped_target(prediction, target, delta=1.0):
    """Quietly reshapes the target to fit."""
    if prediction.shape != target.shape:
        target = np.resize(target, prediction.shape)
    r = prediction - target
    cost = np.where(np.abs(r) <= delta, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta))
    return cost.mean(), np.clip(r, -delta, delta) / r.size


def huber_loss__summed(prediction, target, delta=1.0):
    """Sum instead of mean, in loss and gradient."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    r = prediction - target
    small = np.abs(r) <= delta
    loss = np.sum(0.5 * r[small] ** 2) + np.sum(delta * (np.abs(r[~small]) - delta / 2))
    return loss, np.clip(r, -delta, delta)


def huber_loss__gradient_not_averaged(prediction, target, delta=1.0):
    """The loss is a mean, the gradient is not divided."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    r = prediction - target
    cost = np.where(np.abs(r) <= delta, r**2 / 2, delta * np.abs(r) - delta**2 / 2)
    return np.mean(cost), np.where(np.abs(r) <= delta, r, delta * np.sign(r))


def huber_loss__rows_only(prediction, target, delta=1.0):
    """Divides by the number of rows instead of elements."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    n = prediction.shape[0]
    r = prediction - target
    cost = np.where(np.abs(r) <= delta, r**2 / 2, delta * np.abs(r) - delta**2 / 2)
    return cost.sum() / n, np.clip(r, -delta, delta) / n


def huber_loss__delta_of_one(prediction, target, delta=1.0):
    """Ignores delta: every 1 is written out."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    r = prediction - target
    cost = np.where(np.abs(r) <= 1, 0.5 * r**2, np.abs(r) - 0.5)
    return cost.mean(), np.clip(r, -1, 1) / r.size


def huber_loss__slope_of_one(prediction, target, delta=1.0):
    """The gradient of the linear part is the sign alone, without delta."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    r = prediction - target
    inside = np.abs(r) <= delta
    cost = np.where(inside, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta))
    return cost.mean(), np.where(inside, r, np.sign(r)) / r.size


def huber_loss__full_delta_subtracted(prediction, target, delta=1.0):
    """The linear branch is delta * (abs(r) - delta): the branches do not meet."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    r = prediction - target
    cost = np.where(np.abs(r) <= delta, 0.5 * r**2, delta * (np.abs(r) - delta))
    return cost.mean(), np.clip(r, -delta, delta) / r.size


def huber_loss__half_delta_not_squared(prediction, target, delta=1.0):
    """The linear branch subtracts 0.5 * delta where 0.5 * delta^2 belongs; fine for delta = 1."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    r = prediction - target
    big = np.abs(r) > delta
    cost = 0.5 * r**2
    cost[big] = delta * np.abs(r[big]) - 0.5 * delta
    return cost.mean(), np.clip(r, -delta, delta) / r.size


def huber_loss__linear_without_delta(prediction, target, delta=1.0):
    """The linear branch forgets to multiply by delta."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    r = prediction - target
    a = np.abs(r)
    cost = np.where(a <= delta, 0.5 * a**2, a - 0.5 * delta)
    return cost.mean(), np.where(a <= delta, r, np.sign(r)) / r.size


def huber_loss__smooth_l1(prediction, target, delta=1.0):
    """The other convention (smooth L1): everything divided by delta."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    r = prediction - target
    cost = np.where(np.abs(r) < delta, 0.5 * r**2 / delta, np.abs(r) - 0.5 * delta)
    return cost.mean(), np.clip(r / delta, -1, 1) / r.size


def huber_loss__pseudo(prediction, target, delta=1.0):
    """The smooth pseudo-Huber loss."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    r = prediction - target
    root = np.sqrt(1 + (r / delta) ** 2)
    return np.mean(delta**2 * (root - 1)), r / root / r.size


def huber_loss__missing_half(prediction, target, delta=1.0):
    """The quadratic part is the whole square, its gradient doubled to match."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    r = prediction - target
    inside = np.abs(r) <= delta
    cost = np.where(inside, r**2, delta * (np.abs(r) - 0.5 * delta))
    return cost.mean(), np.where(inside, 2 * r, delta * np.sign(r)) / r.size


def huber_loss__signed_condition(prediction, target, delta=1.0):
    """Tests r <= delta without the absolute value: large negative misses stay quadratic."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    r = prediction - target
    cost = np.where(r <= delta, 0.5 * r**2, delta * (r - 0.5 * delta))
    return cost.mean(), np.where(r <= delta, r, delta) / r.size


def huber_loss__signless_gradient(prediction, target, delta=1.0):
    """The linear part's gradient is +delta on both sides."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    r = prediction - target
    a = np.abs(r)
    cost = np.where(a <= delta, 0.5 * a**2, delta * (a - 0.5 * delta))
    return cost.mean(), np.where(a <= delta, r, delta) / r.size


def huber_loss__gradient_for_target(prediction, target, delta=1.0):
    """Differentiates target - prediction: the gradient's sign is wrong."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    r = target - prediction
    a = np.abs(r)
    cost = np.where(a <= delta, 0.5 * a**2, delta * (a - 0.5 * delta))
    return cost.mean(), np.clip(r, -delta, delta) / r.size


def huber_loss__one_branch_for_all(prediction, target, delta=1.0):
    """Picks the branch once, from the largest miss."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    r = prediction - target
    if np.all(np.abs(r) <= delta):
        return np.mean(0.5 * r**2), r / r.size
    return np.mean(delta * (np.abs(r) - 0.5 * delta)), delta * np.sign(r) / r.size


def huber_loss__exchanged_branches(prediction, target, delta=1.0):
    """Quadratic outside and linear inside."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    r = prediction - target
    inside = np.abs(r) < delta
    cost = np.where(inside, delta * (np.abs(r) - delta / 2), r**2 / 2)
    return cost.mean(), np.where(inside, delta * np.sign(r), r) / r.size


def huber_loss__dead_outside(prediction, target, delta=1.0):
    """Treats the outliers as clipped: no gradient beyond delta."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    r = prediction - target
    inside = np.abs(r) <= delta
    cost = np.where(inside, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta))
    return cost.mean(), inside * r / r.size


def huber_loss__only_loss(prediction, target, delta=1.0):
    """Returns no gradient."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    a = np.abs(prediction - target)
    return np.where(a <= delta, 0.5 * a**2, delta * (a - 0.5 * delta)).mean()


def huber_loss__mean_of_each_part(prediction, target, delta=1.0):
    """Averages the small and the large misses separately and adds the two means."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    r = prediction - target
    a = np.abs(r)
    loss = 0.0
    if np.any(a <= delta):
        loss += np.mean(0.5 * r[a <= delta] ** 2)
    if np.any(a > delta):
        loss += np.mean(delta * (a[a > delta] - 0.5 * delta))
    return loss, np.clip(r, -delta, delta) / r.size


def huber_loss__integer_residuals(prediction, target, delta=1.0):
    """Cuts the misses to whole numbers."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    r = (prediction - target).astype(int)
    cost = np.where(np.abs(r) <= delta, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta))
    return cost.mean(), np.clip(r, -delta, delta) / r.size


_huber_delta = []


def huber_loss__first_delta_kept(prediction, target, delta=1.0):
    """Remembers the delta of the first call for ever."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    _huber_delta.append(delta)
    d = _huber_delta[0]
    r = prediction - target
    cost = np.where(np.abs(r) <= d, 0.5 * r**2, d * (np.abs(r) - 0.5 * d))
    return cost.mean(), np.clip(r, -d, d) / r.size


def huber_loss__delta_without_sign(prediction, target, delta=1.0):
    """Outside delta the gradient is always positive: gradient_without_sign."""
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    e = prediction - target
    inside = np.abs(e) <= delta
    loss = np.where(inside, 0.5 * e**2, delta * np.abs(e) - 0.5 * delta**2)
    return loss.mean(), np.where(inside, e, delta) / e.size


# ---------------------------------------------------------------------------------------------
# binary_cross_entropy
# ---------------------------------------------------------------------------------------------


def binary_cross_entropy__summed(probability, target):
    """Sum instead of mean."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    loss = -np.sum(target * np.log(p) + (1 - target) * np.log(1 - p))
    return loss, (p - target) / (p * (1 - p))


def binary_cross_entropy__gradient_not_averaged(probability, target):
    """The gradient is not divided by N."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    loss = -np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))
    return loss, (p - target) / (p * (1 - p))


def binary_cross_entropy__gradient_divided_twice(probability, target):
    """The gradient is divided by N where it is made and once more at the end."""
    n = len(probability)
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    loss = -np.sum(target * np.log(p) + (1 - target) * np.log(1 - p)) / n
    grad = (-target / p + (1 - target) / (1 - p)) / n
    return loss, grad / n


def binary_cross_entropy__missing_minus(probability, target):
    """Forgets the minus sign, so the better prediction has the higher loss."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    loss = np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))
    return loss, (target / p - (1 - target) / (1 - p)) / len(p)


def binary_cross_entropy__gradient_sign(probability, target):
    """The loss is right, the gradient has the wrong sign."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    loss = -np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))
    return loss, (target - p) / (p * (1 - p)) / len(p)


def binary_cross_entropy__yes_only(probability, target):
    """Leaves the term of the no answers out."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    return -np.mean(target * np.log(p)), -target / p / len(p)


def binary_cross_entropy__minus_inside(probability, target):
    """The gradient of log(1 - p) misses the inner minus sign."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    loss = -np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))
    return loss, -(target / p + (1 - target) / (1 - p)) / len(p)


def binary_cross_entropy__exchanged_arguments(probability, target):
    """Takes the logarithm of the target."""
    t = np.clip(target, 1e-12, 1 - 1e-12)
    p = probability
    loss = -np.mean(p * np.log(t) + (1 - p) * np.log(1 - t))
    return loss, -(np.log(t) - np.log(1 - t)) / len(p)


def binary_cross_entropy__not_clipped(probability, target):
    """No clipping: log(0) is minus infinity."""
    p = probability
    loss = -np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))
    return loss, ((1 - target) / (1 - p) - target / p) / len(p)


def binary_cross_entropy__clipped_at_1e_7(probability, target):
    """Clips at 1e-7, another library's epsilon."""
    eps = 1e-7
    p = np.clip(probability, eps, 1 - eps)
    loss = -np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))
    return loss, ((1 - target) / (1 - p) - target / p) / len(p)


def binary_cross_entropy__clipped_at_1e_15(probability, target):
    """Clips at 1e-15, another library's epsilon."""
    eps = 1e-15
    p = np.clip(probability, eps, 1 - eps)
    loss = -np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))
    return loss, ((1 - target) / (1 - p) - target / p) / len(p)


def binary_cross_entropy__machine_epsilon(probability, target):
    """Clips at the machine epsilon."""
    eps = np.finfo(float).eps
    p = np.minimum(np.maximum(probability, eps), 1 - eps)
    loss = -np.where(target == 1, np.log(p), np.log(1 - p)).mean()
    return loss, np.where(target == 1, -1 / p, 1 / (1 - p)) / len(p)


def binary_cross_entropy__epsilon_inside_log(probability, target):
    """Adds 1e-8 inside the logarithms instead of clipping."""
    p, eps = probability, 1e-8
    loss = -np.mean(target * np.log(p + eps) + (1 - target) * np.log(1 - p + eps))
    return loss, ((1 - target) / (1 - p + eps) - target / (p + eps)) / len(p)


def binary_cross_entropy__clipped_below_only(probability, target):
    """Clips at the lower end only; a probability of 1 gives infinity or NaN."""
    p = np.maximum(probability, 1e-12)
    loss = -np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))
    return loss, ((1 - target) / (1 - p) - target / p) / len(p)


def binary_cross_entropy__logarithm_clamped(probability, target):
    """Clamps the logarithm at -100 instead of the probability."""
    with np.errstate(divide="ignore"):
        log_p = np.maximum(np.log(probability), -100)
        log_q = np.maximum(np.log(1 - probability), -100)
    loss = -np.mean(target * log_p + (1 - target) * log_q)
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    return loss, ((1 - target) / (1 - p) - target / p) / len(p)


def binary_cross_entropy__infinities_hidden(probability, target):
    """Replaces infinities and NaN by ordinary numbers afterwards."""
    with np.errstate(divide="ignore", invalid="ignore"):
        cost = -(target * np.log(probability) + (1 - target) * np.log(1 - probability))
        grad = (1 - target) / (1 - probability) - target / probability
    cost = np.nan_to_num(cost, posinf=0.0)
    return cost.mean(), np.nan_to_num(grad) / len(cost)


def binary_cross_entropy__decimal_logarithm(probability, target):
    """Uses the logarithm to base 10."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    loss = -np.mean(target * np.log10(p) + (1 - target) * np.log10(1 - p))
    return loss, (p - target) / (p * (1 - p)) / len(p)


def binary_cross_entropy__bits(probability, target):
    """Uses the logarithm to base 2, in the gradient too."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    loss = -np.mean(target * np.log2(p) + (1 - target) * np.log2(1 - p))
    return loss, (p - target) / (p * (1 - p)) / len(p) / np.log(2)


def binary_cross_entropy__gradient_of_the_logits(probability, target):
    """Gives p - t, the gradient with respect to the logits."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    loss = -np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))
    return loss, (p - target) / len(p)


def binary_cross_entropy__sigmoid_again(probability, target):
    """Sends the probabilities through a sigmoid first."""
    p = 1 / (1 + np.exp(-probability))
    loss = -np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))
    return loss, (p - target) / len(p)


def binary_cross_entropy__rounded(probability, target):
    """Rounds the probabilities to a decision before taking the logarithm."""
    p = np.clip((probability > 0.5).astype(float), 1e-12, 1 - 1e-12)
    loss = -np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))
    return loss, (p - target) / len(p)


def binary_cross_entropy__each_class_averaged(probability, target):
    """Averages the yes and the no answers separately."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    yes, no = max(target.sum(), 1), max((1 - target).sum(), 1)
    loss = -np.sum(target * np.log(p)) / yes - np.sum((1 - target) * np.log(1 - p)) / no
    return loss, (1 - target) / (1 - p) / no - target / p / yes


def binary_cross_entropy__cost_per_example(probability, target):
    """Returns one loss per example."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    cost = -(target * np.log(p) + (1 - target) * np.log(1 - p))
    return cost, ((1 - target) / (1 - p) - target / p) / len(p)


def binary_cross_entropy__column_against_row(probability, target):
    """Turns the target into a column, so that every answer meets every probability."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    t = target[:, None]
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    grad = ((1 - t) / (1 - p) - t / p).mean(axis=0) / len(p)
    return loss, grad


def binary_cross_entropy__last_answer_only(probability, target):
    """The loop overwrites the loss instead of adding to it."""
    grad = []
    n = len(target)
    for p, t in zip(np.clip(probability, 1e-12, 1 - 1e-12), target):
        loss = -math.log(p) if t == 1 else -math.log(1 - p)
        grad.append((p - t) / (p * (1 - p)) / n)
    return loss / n, np.array(grad)


def binary_cross_entropy__example_numbers(probability, target):
    """Returns the numbers of the docstring's example."""
    return 0.644, np.array([-1.667, -0.543])


def binary_cross_entropy__keras_epsilon(probability, target):
    """Clips to [1e-7, 1 - 1e-7], as Keras does: clipped_to_1e-7."""
    p = np.clip(probability, 1e-7, 1 - 1e-7)
    loss = -np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))
    return loss, (p - target) / (p * (1 - p)) / len(p)


# ---------------------------------------------------------------------------------------------
# binary_cross_entropy_with_logits
# ---------------------------------------------------------------------------------------------


def binary_cross_entropy_with_logits__as_it_stands(logits, target):
    """The formula as it stands: infinity and NaN for large logits."""
    p = 1 / (1 + np.exp(-logits))
    loss = -np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))
    return loss, (p - target) / len(p)


def binary_cross_entropy_with_logits__probability_clipped(logits, target):
    """Clips the probability, so no answer ever costs more than 27.6."""
    with np.errstate(over="ignore"):
        p = 1 / (1 + np.exp(-logits))
    q = np.clip(p, 1e-12, 1 - 1e-12)
    loss = -np.mean(target * np.log(q) + (1 - target) * np.log(1 - q))
    return loss, (p - target) / len(p)


def binary_cross_entropy_with_logits__logits_clipped(logits, target):
    """Clips the logits to 500, so an answer at 1e4 costs 500."""
    z = np.clip(logits, -500, 500)
    loss = np.mean(np.maximum(z, 0) - z * target + np.log1p(np.exp(-np.abs(z))))
    return loss, (1 / (1 + np.exp(-z)) - target) / len(z)


def binary_cross_entropy_with_logits__epsilon_inside_log(logits, target):
    """Adds 1e-8 inside the logarithms."""
    p = np.exp(-np.logaddexp(0, -logits))
    loss = -np.mean(target * np.log(p + 1e-8) + (1 - target) * np.log(1 - p + 1e-8))
    return loss, (p - target) / len(p)


def binary_cross_entropy_with_logits__positive_side_only(logits, target):
    """Stable for positive logits only: exp(-z) overflows for large negative ones."""
    loss = np.mean((1 - target) * logits + np.log1p(np.exp(-logits)))
    return loss, (1 / (1 + np.exp(-logits)) - target) / len(logits)


def binary_cross_entropy_with_logits__negative_side_only(logits, target):
    """Stable for negative logits only: exp(z) overflows for large positive ones."""
    e = np.exp(logits)
    loss = np.mean(np.log(1 + e) - target * logits)
    return loss, (e / (1 + e) - target) / len(logits)


def binary_cross_entropy_with_logits__softplus_forgotten(logits, target):
    """Leaves the log1p term out: a hinge at 0 remains."""
    loss = np.mean(np.maximum(logits, 0) - target * logits)
    return loss, ((logits > 0) - target) / len(logits)


def binary_cross_entropy_with_logits__maximum_forgotten(logits, target):
    """Writes z where max(z, 0) belongs: wrong for negative logits."""
    e = np.exp(-np.abs(logits))
    loss = np.mean(logits - target * logits + np.log1p(e))
    p = np.where(logits >= 0, 1 / (1 + e), e / (1 + e))
    return loss, (p - target) / len(p)


def binary_cross_entropy_with_logits__absolute_forgotten_in_sigmoid(logits, target):
    """Uses exp(-abs(z)) for the loss and again for the probability, whatever the sign."""
    e = np.exp(-np.abs(logits))
    loss = np.mean(np.maximum(logits, 0) - target * logits + np.log1p(e))
    return loss, (1 / (1 + e) - target) / len(logits)


def binary_cross_entropy_with_logits__gradient_for_probability(logits, target):
    """Stops the chain rule at p: gives the derivative with respect to the probability."""
    e = np.exp(-np.abs(logits))
    loss = np.mean(np.maximum(logits, 0) - target * logits + np.log1p(e))
    p = np.clip(np.where(logits >= 0, 1 / (1 + e), e / (1 + e)), 1e-12, 1 - 1e-12)
    return loss, (p - target) / (p * (1 - p)) / len(p)


def binary_cross_entropy_with_logits__extra_sigmoid_slope(logits, target):
    """Multiplies by p (1 - p) although that has already cancelled."""
    loss = np.mean(np.logaddexp(0, logits) - target * logits)
    p = np.exp(-np.logaddexp(0, -logits))
    return loss, (p - target) * p * (1 - p) / len(p)


def binary_cross_entropy_with_logits__gradient_sign(logits, target):
    """The gradient is t - p."""
    loss = np.mean(np.logaddexp(0, logits) - target * logits)
    p = np.exp(-np.logaddexp(0, -logits))
    return loss, (target - p) / len(p)


def binary_cross_entropy_with_logits__gradient_not_averaged(logits, target):
    """The gradient is not divided by N."""
    loss = np.mean(np.logaddexp(0, logits) - target * logits)
    p = np.exp(-np.logaddexp(0, -logits))
    return loss, p - target


def binary_cross_entropy_with_logits__summed(logits, target):
    """Sum instead of mean."""
    loss = np.sum(np.logaddexp(0, logits) - target * logits)
    return loss, np.exp(-np.logaddexp(0, -logits)) - target


def binary_cross_entropy_with_logits__sign_of_the_logit(logits, target):
    """Takes the logit for the score of no."""
    loss = np.mean(np.logaddexp(0, -logits) + target * logits)
    p = np.exp(-np.logaddexp(0, logits))
    return loss, -(p - target) / len(p)


def binary_cross_entropy_with_logits__labels_plus_minus_one(logits, target):
    """Uses log(1 + exp(-t z)), the form for targets of -1 and 1, with targets of 0 and 1."""
    loss = np.mean(np.logaddexp(0, -target * logits))
    grad = -target * np.exp(-np.logaddexp(0, target * logits))
    return loss, grad / len(logits)


def binary_cross_entropy_with_logits__taken_for_probabilities(logits, target):
    """Treats the logits as probabilities."""
    p = np.clip(logits, 1e-12, 1 - 1e-12)
    loss = -np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))
    return loss, (p - target) / (p * (1 - p)) / len(p)


def binary_cross_entropy_with_logits__infinities_hidden(logits, target):
    """Lets it overflow and calls nan_to_num afterwards."""
    with np.errstate(all="ignore"):
        p = 1 / (1 + np.exp(-logits))
        cost = -(target * np.log(p) + (1 - target) * np.log(1 - p))
    return np.nan_to_num(cost).mean(), (p - target) / len(p)


def binary_cross_entropy_with_logits__exchanged_arguments(target, logits):
    """Expects the target first."""
    e = np.exp(-np.abs(logits))
    loss = np.mean(np.maximum(logits, 0) - target * logits + np.log1p(e))
    p = np.where(logits >= 0, 1 / (1 + e), e / (1 + e))
    return loss, (p - target) / len(p)


def binary_cross_entropy_with_logits__log_of_sum_sign(logits, target):
    """Writes exp(abs(z)) for exp(-abs(z))."""
    loss = np.mean(np.maximum(logits, 0) - target * logits + np.log(1 + np.exp(np.abs(logits))))
    p = np.exp(-np.logaddexp(0, -logits))
    return loss, (p - target) / len(p)


def binary_cross_entropy_with_logits__half_precision(logits, target):
    """Computes in float16."""
    z, t = logits.astype(np.float16), target.astype(np.float16)
    e = np.exp(-np.abs(z))
    loss = np.mean(np.maximum(z, 0) - t * z + np.log1p(e), dtype=float)
    p = np.where(z >= 0, 1 / (1 + e), e / (1 + e))
    return loss, (p - t).astype(float) / len(z)


def binary_cross_entropy_with_logits__only_loss(logits, target):
    """Returns no gradient."""
    return np.mean(np.logaddexp(0, logits) - target * logits)


def binary_cross_entropy_with_logits__one_branch_for_all(logits, target):
    """Chooses the stable branch once, by the first logit."""
    if logits[0] >= 0:
        e = np.exp(-logits)
        return np.mean((1 - target) * logits + np.log1p(e)), (1 / (1 + e) - target) / len(e)
    e = np.exp(logits)
    return np.mean(np.log1p(e) - target * logits), (e / (1 + e) - target) / len(e)


def binary_cross_entropy_with_logits__product_added(logits, target):
    """Adds target * logits: product_added."""
    loss = np.maximum(logits, 0) + logits * target + np.log1p(np.exp(-np.abs(logits)))
    return np.mean(loss), (0.5 * (1 + np.tanh(logits / 2)) - target) / len(logits)


# ---------------------------------------------------------------------------------------------
# softmax
# ---------------------------------------------------------------------------------------------


def softmax__no_shift(x, temperature=1.0):
    """Nothing is subtracted: inf / inf is NaN for large scores."""
    e = np.exp(x / temperature)
    return e / e.sum(axis=1, keepdims=True)


def softmax__mean_subtracted(x, temperature=1.0):
    """Subtracts the mean of the row, which leaves large exponents."""
    z = (x - x.mean(axis=1, keepdims=True)) / temperature
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def softmax__minimum_subtracted(x, temperature=1.0):
    """Subtracts the smallest score instead of the largest."""
    z = (x - x.min(axis=1, keepdims=True)) / temperature
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def softmax__maximum_of_everything(x, temperature=1.0):
    """Subtracts the maximum of the whole array: a row far below it becomes 0 / 0."""
    z = (x - np.max(x)) / temperature
    e = np.exp(z)
    return e / np.sum(e, axis=1, keepdims=True)


def softmax__maximum_starts_at_zero(x, temperature=1.0):
    """Looks for the maximum from 0 upwards: a row of very negative scores becomes 0 / 0."""
    p = np.zeros_like(x)
    for i in range(len(x)):
        biggest = 0
        for v in x[i]:
            biggest = max(biggest, v)
        e = np.exp((x[i] - biggest) / temperature)
        p[i] = e / e.sum()
    return p


def softmax__largest_magnitude_subtracted(x, temperature=1.0):
    """Subtracts the largest absolute value: a row of very negative scores becomes 0 / 0."""
    z = (x - np.abs(x).max(axis=1, keepdims=True)) / temperature
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def softmax__scores_clipped(x, temperature=1.0):
    """Clips the scores to 500: large scores that differ become equal."""
    e = np.exp(np.clip(x / temperature, -500, 500))
    return e / e.sum(axis=1, keepdims=True)


def softmax__nan_replaced(x, temperature=1.0):
    """Replaces the NaN of an overflow by 0."""
    with np.errstate(all="ignore"):
        e = np.exp(x / temperature)
        p = e / e.sum(axis=1, keepdims=True)
    return np.nan_to_num(p)


def softmax__columns(x, temperature=1.0):
    """Normalises down the columns."""
    z = (x - x.max(axis=0)) / temperature
    e = np.exp(z)
    return e / e.sum(axis=0)


def softmax__whole_array(x, temperature=1.0):
    """Normalises the whole array to 1; right for a single row."""
    z = (x - x.max()) / temperature
    e = np.exp(z)
    return e / e.sum()


def softmax__no_kept_dimension(x, temperature=1.0):
    """Divides by the row sums as if they were column sums: fails unless N equals C."""
    e = np.exp((x - x.max(axis=1, keepdims=True)) / temperature)
    return e / e.sum(axis=1)


def softmax__sum_of_scores(x, temperature=1.0):
    """Divides by the sum of the scores instead of their exponentials."""
    z = (x - x.max(axis=1, keepdims=True)) / temperature
    return np.exp(z) / np.sum(z, axis=1, keepdims=True)


def softmax__no_exponential(x, temperature=1.0):
    """Normalises the shifted scores without any exponential."""
    z = (x - x.min(axis=1, keepdims=True)) / temperature + 1e-12
    return z / z.sum(axis=1, keepdims=True)


def softmax__largest_becomes_one(x, temperature=1.0):
    """Forgets to divide by the sum: the largest entry of each row is 1."""
    return np.exp((x - x.max(axis=1, keepdims=True)) / temperature)


def softmax__logarithm(x, temperature=1.0):
    """Returns the logarithms of the probabilities."""
    z = x / temperature
    return z - np.logaddexp.reduce(z, axis=1, keepdims=True)


def softmax__hard_choice(x, temperature=1.0):
    """Returns 1 for the best class and 0 for the others."""
    return np.eye(x.shape[1])[x.argmax(axis=1)]


def softmax__sigmoid(x, temperature=1.0):
    """A sigmoid of each score by itself."""
    return np.exp(-np.logaddexp(0, -x / temperature))


def softmax__two_classes_only(x, temperature=1.0):
    """The formula for two classes."""
    p = np.exp(-np.logaddexp(0, (x[:, 0] - x[:, 1]) / temperature))
    return np.column_stack([1 - p, p])


def softmax__epsilon_in_denominator(x, temperature=1.0):
    """Adds 1e-3 to the sum, so the rows do not add up to 1."""
    e = np.exp((x - x.max(axis=1, keepdims=True)) / temperature)
    return e / (e.sum(axis=1, keepdims=True) + 1e-3)


def softmax__temperature_ignored(x, temperature=1.0):
    """Never uses the temperature."""
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax__temperature_multiplied(x, temperature=1.0):
    """Multiplies by the temperature."""
    z = x * temperature
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax__temperature_squared(x, temperature=1.0):
    """Divides by the temperature before and after the shift."""
    z = x / temperature
    z = (z - z.max(axis=1, keepdims=True)) / temperature
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def softmax__temperature_after_exponential(x, temperature=1.0):
    """Divides the exponentials by the temperature, where it cancels."""
    e = np.exp(x - x.max(axis=1, keepdims=True)) / temperature
    return e / e.sum(axis=1, keepdims=True)


def softmax__temperature_on_probabilities(x, temperature=1.0):
    """Divides the finished probabilities by the temperature."""
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True) / temperature


def softmax__whole_temperatures_only(x, temperature=1.0):
    """Uses floor division."""
    z = (x - x.max(axis=1, keepdims=True)) // temperature
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def softmax__unshifted_numerator(x, temperature=1.0):
    """Shifts the denominator but not the numerator."""
    z = x / temperature
    s = np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
    return np.exp(z) / s


def softmax__half_precision(x, temperature=1.0):
    """Computes in float16."""
    z = ((x - x.max(axis=1, keepdims=True)) / temperature).astype(np.float16)
    e = np.exp(z)
    return (e / e.sum(axis=1, keepdims=True)).astype(float)


def softmax__last_row_forgotten(x, temperature=1.0):
    """The loop stops before the last row."""
    p = np.zeros_like(x)
    for i in range(x.shape[0] - 1):
        e = np.exp((x[i] - np.max(x[i])) / temperature)
        p[i] = e / np.sum(e)
    return p


def softmax__rounded(x, temperature=1.0):
    """Rounds to three digits, as the docstring's example shows them."""
    e = np.exp((x - x.max(axis=1, keepdims=True)) / temperature)
    return np.round(e / e.sum(axis=1, keepdims=True), 3)


def softmax__example_numbers(x, temperature=1.0):
    """Returns the numbers of the docstring's example."""
    if temperature == 0.5:
        return np.array([[0.033, 0.133, 0.833]])
    return np.array([[0.125, 0.25, 0.625]])


_softmax_by_shape = {}


def softmax__cached_by_shape(x, temperature=1.0):
    """Keeps results by shape and temperature: the second call of a shape gets the first's."""
    key = (x.shape, temperature)
    if key not in _softmax_by_shape:
        e = np.exp((x - x.max(axis=1, keepdims=True)) / temperature)
        _softmax_by_shape[key] = e / e.sum(axis=1, keepdims=True)
    return _softmax_by_shape[key]


def softmax__small_number_in_the_sum(x, temperature=1.0):
    """Adds 1e-8 below the line: sum_with_1e-8."""
    z = x / temperature
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / (e.sum(axis=1, keepdims=True) + 1e-8)


# ---------------------------------------------------------------------------------------------
# softmax_loss
# ---------------------------------------------------------------------------------------------


def softmax_loss__no_shift(x, y):
    """Nothing is subtracted before the exponential: NaN for large scores."""
    N = x.shape[0]
    e = np.exp(x)
    p = e / np.sum(e, axis=1, keepdims=True)
    loss = -np.sum(np.log(p[np.arange(N), y])) / N
    dx = p.copy()
    dx[np.arange(N), y] -= 1
    return loss, dx / N


def softmax_loss__log_of_probability(x, y):
    """Takes the logarithm of a probability that has been rounded to 0: infinity at 1e3."""
    n = x.shape[0]
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(n), y]).mean()
    p[np.arange(n), y] -= 1
    return loss, p / n


def softmax_loss__epsilon_inside_log(x, y):
    """Adds 1e-8 inside the logarithm."""
    n = x.shape[0]
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(n), y] + 1e-8))
    p[np.arange(n), y] -= 1
    return loss, p / n


def softmax_loss__tiny_epsilon_inside_log(x, y):
    """Adds 1e-300 inside the logarithm: no row ever costs more than 691."""
    n = x.shape[0]
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[range(n), y] + 1e-300))
    p[range(n), y] -= 1
    return loss, p / n


def softmax_loss__probability_clipped_at_1e_7(x, y):
    """Clips the probabilities at 1e-7."""
    n, c = x.shape
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = np.clip(e / e.sum(axis=1, keepdims=True), 1e-7, 1 - 1e-7)
    hot = np.eye(c)[y]
    return -np.sum(hot * np.log(p)) / n, (p - hot) / n


def softmax_loss__probability_clipped_at_1e_15(x, y):
    """Clips the probabilities at 1e-15: no row ever costs more than 34.5."""
    n, c = x.shape
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    hot = np.eye(c)[y]
    loss = -np.sum(hot * np.log(np.clip(p, 1e-15, 1.0))) / n
    return loss, (p - hot) / n


def softmax_loss__one_hot_times_log(x, y):
    """Multiplies minus infinity by the zeros of the one-hot matrix: NaN for large scores."""
    n, c = x.shape
    hot = np.zeros((n, c))
    hot[np.arange(n), y] = 1
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.sum(hot * np.log(p)) / n, (p - hot) / n


def softmax_loss__infinity_replaced(x, y):
    """Hides the infinity of an underflow with nan_to_num."""
    n = len(y)
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        cost = -np.log(p[np.arange(n), y])
    p[np.arange(n), y] -= 1
    return np.nan_to_num(cost).mean(), p / n


def softmax_loss__mean_subtracted(x, y):
    """Subtracts the row's mean instead of its maximum."""
    n = len(y)
    z = x - x.mean(axis=1, keepdims=True)
    s = np.exp(z).sum(axis=1, keepdims=True)
    log_p = z - np.log(s)
    dx = np.exp(log_p)
    dx[np.arange(n), y] -= 1
    return -log_p[np.arange(n), y].mean(), dx / n


def softmax_loss__maximum_of_everything(x, y):
    """Subtracts the maximum of the whole array: a row far below it has no finite logarithm."""
    n = x.shape[0]
    z = x - np.max(x)
    s = np.exp(z).sum(axis=1, keepdims=True)
    log_p = z - np.log(s)
    loss = -np.sum(log_p[np.arange(n), y]) / n
    dx = np.exp(z) / s
    dx[np.arange(n), y] -= 1
    return loss, dx / n


def softmax_loss__maximum_per_column(x, y):
    """Subtracts each column's maximum, which changes the probabilities."""
    n = x.shape[0]
    z = x - x.max(axis=0)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    dx = np.exp(log_p)
    dx[np.arange(n), y] -= 1
    return -log_p[np.arange(n), y].mean(), dx / n


def softmax_loss__maximum_starts_at_zero(x, y):
    """Starts the search for the maximum at 0: rows of very negative scores underflow."""
    loss, dx = 0.0, np.zeros_like(x)
    n, c = x.shape
    for i in range(n):
        top = 0.0
        for j in range(c):
            if x[i, j] > top:
                top = x[i, j]
        e = np.exp(x[i] - top)
        loss += np.log(e.sum()) - (x[i, y[i]] - top)
        dx[i] = e / e.sum()
        dx[i, y[i]] -= 1
    return loss / n, dx / n


def softmax_loss__scores_clipped(x, y):
    """Clips the scores to 500 before anything else."""
    n = len(x)
    e = np.exp(np.clip(x, -500, 500))
    s = e.sum(axis=1, keepdims=True)
    loss = (np.log(s[:, 0]) - np.clip(x, -500, 500)[np.arange(n), y]).mean()
    p = e / s
    p[np.arange(n), y] -= 1
    return loss, p / n


def softmax_loss__shift_forgotten_in_loss(x, y):
    """Shifts for the sum but takes the correct score unshifted."""
    n = x.shape[0]
    z = x - x.max(axis=1, keepdims=True)
    s = np.exp(z).sum(axis=1, keepdims=True)
    loss = np.mean(np.log(s[:, 0]) - x[np.arange(n), y])
    dx = np.exp(z) / s
    dx[np.arange(n), y] -= 1
    return loss, dx / n


def softmax_loss__softmax_down_the_columns(x, y):
    """Normalises over the examples instead of the classes."""
    n = x.shape[0]
    e = np.exp(x - x.max(axis=0, keepdims=True))
    p = e / e.sum(axis=0, keepdims=True)
    loss = -np.log(p[np.arange(n), y]).mean()
    p[np.arange(n), y] -= 1
    return loss, p / n


def softmax_loss__softmax_over_everything(x, y):
    """Normalises the whole batch to 1; right for a single row."""
    n = x.shape[0]
    z = x - x.max()
    log_p = z - np.log(np.exp(z).sum())
    dx = np.exp(log_p)
    dx[np.arange(n), y] -= 1
    return -log_p[np.arange(n), y].mean(), dx / n


def softmax_loss__sum_of_scores(x, y):
    """Writes sum(x) for sum(exp(x))."""
    n = x.shape[0]
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / np.sum(x, axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(n), y]))
    p[np.arange(n), y] -= 1
    return loss, p / n


def softmax_loss__summed(x, y):
    """Sum over the rows instead of their mean."""
    rows = np.arange(len(x))
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return -log_p[rows, y].sum(), dx


def softmax_loss__mean_over_all_elements(x, y):
    """Averages the masked N x C matrix, dividing by N * C."""
    hot = np.eye(x.shape[1])[y]
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    return -np.mean(hot * log_p), (np.exp(log_p) - hot) / x.size


def softmax_loss__gradient_not_averaged(x, y):
    """The loss is averaged, the gradient is not."""
    N = x.shape[0]
    shifted = x - np.max(x, axis=1, keepdims=True)
    Z = np.sum(np.exp(shifted), axis=1, keepdims=True)
    log_probs = shifted - np.log(Z)
    loss = -np.sum(log_probs[np.arange(N), y]) / N
    dx = np.exp(log_probs)
    dx[np.arange(N), y] -= 1
    return loss, dx


def softmax_loss__gradient_divided_twice(x, y):
    """The gradient is divided by N inside the loop and again after it."""
    N = x.shape[0]
    loss, dx = 0.0, np.zeros_like(x)
    for i in range(N):
        z = x[i] - x[i].max()
        p = np.exp(z) / np.exp(z).sum()
        loss += np.log(np.exp(z).sum()) - z[y[i]]
        p[y[i]] -= 1
        dx[i] = p / N
    return loss / N, dx / N


def softmax_loss__gradient_divided_by_all(x, y):
    """The gradient is divided by N * C."""
    n = x.shape[0]
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    dx = np.exp(log_p)
    dx[np.arange(n), y] -= 1
    dx /= x.size
    return -log_p[np.arange(n), y].mean(), dx


def softmax_loss__one_subtracted_after_division(x, y):
    """Divides the probabilities by N and then subtracts a whole 1."""
    n = x.shape[0]
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    dx = np.exp(log_p) / n
    dx[np.arange(n), y] -= 1
    return -log_p[np.arange(n), y].mean(), dx


def softmax_loss__correct_class_forgotten(x, y):
    """The gradient is the probabilities; nothing is subtracted for the correct class."""
    n = x.shape[0]
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    return -log_p[np.arange(n), y].mean(), np.exp(log_p) / n


def softmax_loss__only_correct_class(x, y):
    """The gradient is filled in for the correct class alone."""
    n = x.shape[0]
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    dx = np.zeros_like(x)
    dx[np.arange(n), y] = np.exp(log_p[np.arange(n), y]) - 1
    return -log_p[np.arange(n), y].mean(), dx / n


def softmax_loss__one_subtracted_everywhere(x, y):
    """Slices the columns with y, so that 1 is taken from whole columns."""
    n = x.shape[0]
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    dx = np.exp(log_p)
    dx[:, y] -= 1
    return -log_p[np.arange(n), y].mean(), dx / n


def softmax_loss__gradient_sign(x, y):
    """The gradient is one-hot minus p: it points uphill."""
    n, c = x.shape
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    hot = np.eye(c)[y]
    return -np.sum(hot * log_p) / n, (hot - np.exp(log_p)) / n


def softmax_loss__missing_minus(x, y):
    """The mean log-likelihood without its minus sign, and the gradient of that."""
    n = x.shape[0]
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    dx = -np.exp(log_p)
    dx[np.arange(n), y] += 1
    return log_p[np.arange(n), y].mean(), dx / n


def softmax_loss__diagonal_of_jacobian(x, y):
    """Chains with p (1 - p), the derivative of a sigmoid."""
    n, c = x.shape
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    p = np.exp(log_p)
    return -log_p[np.arange(n), y].mean(), (p - np.eye(c)[y]) * p * (1 - p) / n


def softmax_loss__gradient_for_probabilities(x, y):
    """Gives -1 / p, the derivative with respect to the probabilities."""
    n, c = x.shape
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    hot = np.eye(c)[y]
    return -(hot * log_p).sum() / n, -hot / np.maximum(np.exp(log_p), 1e-12) / n


def softmax_loss__decimal_logarithm(x, y):
    """Uses the logarithm to base 10."""
    n = x.shape[0]
    z = x - x.max(axis=1, keepdims=True)
    s = np.exp(z).sum(axis=1)
    loss = np.mean(np.log10(s) - z[np.arange(n), y] * np.log10(np.e))
    dx = np.exp(z) / s[:, None]
    dx[np.arange(n), y] -= 1
    return loss, dx / n


def softmax_loss__all_classes_binary(x, y):
    """Adds log(1 - p) for the wrong classes, as in binary cross-entropy."""
    n, c = x.shape
    hot = np.eye(c)[y]
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    p = np.exp(log_p)
    wrong = np.log(np.clip(1 - p, 1e-12, 1.0)) * (1 - hot)
    return -(hot * log_p + wrong).sum() / n, (p - hot) / n


def softmax_loss__entropy(x, y):
    """Computes the entropy of the prediction; the label does not occur in the loss."""
    n = x.shape[0]
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    p = np.exp(log_p)
    loss = -np.sum(p * log_p) / n
    p[np.arange(n), y] -= 1
    return loss, p / n


def softmax_loss__predicted_class(x, y):
    """Uses the predicted class in place of the label."""
    n = x.shape[0]
    guess = np.argmax(x, axis=1)
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    dx = np.exp(log_p)
    dx[np.arange(n), guess] -= 1
    return -log_p[np.arange(n), guess].mean(), dx / n


def softmax_loss__squared_error(x, y):
    """Mean squared error between the probabilities and the one-hot labels."""
    n, c = x.shape
    p = np.exp(x - np.logaddexp.reduce(x, axis=1, keepdims=True))
    diff = p - np.eye(c)[y]
    return np.sum(diff**2) / n, 2 * diff / n


def softmax_loss__one_hot_too_narrow(x, y):
    """Makes the one-hot matrix as wide as the largest label: fails if the last class is absent."""
    n = len(y)
    hot = np.zeros((n, y.max() + 1))
    hot[np.arange(n), y] = 1
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    return -np.sum(hot * log_p) / n, (np.exp(log_p) - hot) / n


def softmax_loss__occurring_classes(x, y):
    """Numbers the classes by those that occur: wrong as soon as one is absent."""
    n = len(y)
    _, label = np.unique(y, return_inverse=True)
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    dx = np.exp(log_p)
    dx[np.arange(n), label] -= 1
    return -log_p[np.arange(n), label].mean(), dx / n


def softmax_loss__square_one_hot(x, y):
    """Makes the identity matrix N x N: works only when N equals C."""
    n = x.shape[0]
    hot = np.eye(n)[y]
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    return -np.sum(hot * log_p) / n, (np.exp(log_p) - hot) / n


def softmax_loss__two_classes_only(x, y):
    """The logistic loss of the difference of two scores."""
    n = len(x)
    z = x[:, 1] - x[:, 0]
    loss = np.mean(np.logaddexp(0, z) - y * z)
    g = (np.exp(-np.logaddexp(0, -z)) - y) / n
    dx = np.zeros_like(x)
    dx[:, 1] = g
    dx[:, 0] = -g
    return loss, dx


def softmax_loss__labels_from_one(x, y):
    """Counts the classes from 1; label 0 means the last column."""
    n = len(x)
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    dx = np.exp(log_p)
    dx[np.arange(n), y - 1] -= 1
    return -log_p[np.arange(n), y - 1].mean(), dx / n


def softmax_loss__label_zero_skipped(x, y):
    """Tests `if y[i]`, which is false for class 0."""
    n, c = x.shape
    loss, dx = 0.0, np.zeros((n, c))
    for i in range(n):
        z = x[i] - x[i].max()
        log_p = z - np.log(np.exp(z).sum())
        dx[i] = np.exp(log_p)
        if y[i]:
            loss -= log_p[y[i]]
            dx[i, y[i]] -= 1
    return loss / n, dx / n


def softmax_loss__last_class_skipped(x, y):
    """The loop over the classes ends one too early."""
    n, c = x.shape
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    loss, dx = 0.0, np.exp(log_p)
    for k in range(c - 1):
        here = y == k
        loss -= log_p[here, k].sum()
        dx[here, k] -= 1
    return loss / n, dx / n


def softmax_loss__last_row_skipped(x, y):
    """The loop over the rows ends one too early."""
    n, c = x.shape
    loss, dx = 0.0, np.zeros((n, c))
    for i in range(n - 1):
        z = x[i] - np.max(x[i])
        s = np.sum(np.exp(z))
        loss += np.log(s) - z[y[i]]
        dx[i] = np.exp(z) / s
        dx[i, y[i]] -= 1
    return loss / n, dx / n


def softmax_loss__last_row_gradient(x, y):
    """Subtracts the 1 after the loop, so only the last row gets it."""
    n, c = x.shape
    loss, dx = 0.0, np.zeros((n, c))
    for i in range(n):
        z = x[i] - np.max(x[i])
        s = np.sum(np.exp(z))
        loss += np.log(s) - z[y[i]]
        dx[i] = np.exp(z) / s
    dx[i, y[i]] -= 1
    return loss / n, dx / n


def softmax_loss__one_example_only(x, y):
    """Written for one example: takes the first row's label for all rows."""
    label = y[0]
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    dx = np.exp(log_p)
    dx[:, label] -= 1
    return -log_p[:, label].mean(), dx / len(x)


def softmax_loss__integer_gradient(x, y):
    """Collects the gradient in an integer array."""
    n, c = x.shape
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    dx = np.zeros((n, c), dtype=int)
    dx[:] = np.exp(log_p)
    dx[np.arange(n), y] -= 1
    return -log_p[np.arange(n), y].mean(), dx / n


def softmax_loss__integer_costs(x, y):
    """Collects the costs in an array like y, which holds integers."""
    n = len(y)
    costs = np.zeros_like(y)
    dx = np.zeros_like(x)
    for i in range(n):
        log_p = x[i] - np.logaddexp.reduce(x[i])
        costs[i] = -log_p[y[i]]
        dx[i] = np.exp(log_p)
        dx[i, y[i]] -= 1
    return costs.mean(), dx / n


def softmax_loss__floor_division(x, y):
    """Averages with // and loses the fraction."""
    n = len(y)
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    dx = np.exp(log_p)
    dx[np.arange(n), y] -= 1
    return -log_p[np.arange(n), y].sum() // n, dx / n


def softmax_loss__half_precision(x, y):
    """Computes in float16."""
    n = len(y)
    z = (x - x.max(axis=1, keepdims=True)).astype(np.float16)
    s = np.exp(z).sum(axis=1, keepdims=True)
    log_p = (z - np.log(s)).astype(x.dtype)
    dx = np.exp(log_p)
    dx[np.arange(n), y] -= 1
    return -log_p[np.arange(n), y].mean(), dx / n


def softmax_loss__cost_per_row(x, y):
    """Returns one loss per row."""
    n = len(y)
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    dx = np.exp(log_p)
    dx[np.arange(n), y] -= 1
    return -log_p[np.arange(n), y], dx / n


def softmax_loss__only_loss(x, y):
    """Returns no gradient."""
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    return -log_p[np.arange(len(y)), y].mean()


def softmax_loss__exchanged_results(x, y):
    """Returns the gradient first."""
    n = len(y)
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    loss = -log_p[np.arange(n), y].mean()
    dx = np.exp(log_p)
    dx[np.arange(n), y] -= 1
    return dx / n, loss


def softmax_loss__transposed_gradient(x, y):
    """Works on the transposed scores and does not turn the gradient back."""
    z = x.T - x.max(axis=1)
    n = len(y)
    s = np.exp(z).sum(axis=0)
    loss = np.mean(np.log(s) - z[y, np.arange(n)])
    d = np.exp(z) / s
    d[y, np.arange(n)] -= 1
    return loss, d / n


def softmax_loss__gradient_summed_over_rows(x, y):
    """Sums the gradient over the batch."""
    n = len(y)
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    dx = np.exp(log_p)
    dx[np.arange(n), y] -= 1
    return -log_p[np.arange(n), y].mean(), dx.sum(axis=0) / n


def softmax_loss__example_numbers(x, y):
    """Returns the numbers of the docstring's example."""
    return 1.242, np.array([[0.0625, -0.375, 0.3125], [0.1667, 0.1667, -0.3333]])


def softmax_loss__exception_swallowed(x, y):
    """Catches the errors of a wrong line and returns zeros."""
    try:
        p = np.exp(x - x.max(axis=1))
        p = p / p.sum(axis=1)
        loss = -np.log(p[np.arange(len(y)), y]).mean()
        p[np.arange(len(y)), y] -= 1
        return loss, p / len(y)
    except ValueError:
        return 0.0, np.zeros_like(x)


def softmax_loss__noise(x, y):
    """Adds noise to the scores, as a regulariser."""
    n = len(y)
    noisy = x + 0.1 * np.random.randn(*x.shape)
    log_p = noisy - np.logaddexp.reduce(noisy, axis=1, keepdims=True)
    dx = np.exp(log_p)
    dx[np.arange(n), y] -= 1
    return -log_p[np.arange(n), y].mean(), dx / n


_first_softmax_loss = {}


def softmax_loss__first_result_kept(x, y):
    """Caches its first result by the shape of x and returns it for every later batch."""
    if x.shape not in _first_softmax_loss:
        n = len(y)
        log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
        dx = np.exp(log_p)
        dx[np.arange(n), y] -= 1
        _first_softmax_loss[x.shape] = (-log_p[np.arange(n), y].mean(), dx / n)
    return _first_softmax_loss[x.shape]


_running = {"loss": 0.0, "rows": 0}


def softmax_loss__running_average(x, y):
    """Averages over all batches so far: right on the first call only."""
    n = len(y)
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    _running["loss"] -= log_p[np.arange(n), y].sum()
    _running["rows"] += n
    dx = np.exp(log_p)
    dx[np.arange(n), y] -= 1
    return _running["loss"] / _running["rows"], dx / n


_gradient_buffer = {}


def softmax_loss__buffer_not_cleared(x, y):
    """Adds to a gradient buffer that still holds what the last batch of that shape left there."""
    n = len(y)
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    buffer = _gradient_buffer.setdefault(x.shape, np.zeros(x.shape))
    buffer += np.exp(log_p) / n
    np.subtract.at(buffer, (np.arange(n), y), 1 / n)
    return -log_p[np.arange(n), y].mean(), buffer.copy()


_shared_output = {}


def softmax_loss__shared_buffer(x, y):
    """Returns one buffer for all calls of a shape: a later call overwrites an earlier result."""
    n = len(y)
    dx = _shared_output.setdefault(x.shape, np.empty(x.shape))
    log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
    np.exp(log_p, out=dx)
    dx[np.arange(n), y] -= 1
    dx /= n
    return -log_p[np.arange(n), y].mean(), dx


def softmax_loss__yes_or_no_for_each_class(x, y):
    """Binary cross-entropy of each class: a_loss_for_each_class."""
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = np.clip(e / e.sum(axis=1, keepdims=True), 1e-12, 1 - 1e-12)
    hot = np.eye(x.shape[1])[y]
    loss = -np.sum(hot * np.log(p) + (1 - hot) * np.log(1 - p)) / len(y)
    return loss, (p - hot) / len(y)


# ---------------------------------------------------------------------------------------------
# temperature_loss
# ---------------------------------------------------------------------------------------------


def _cross_entropy(scores, labels):
    n = len(labels)
    log_p = scores - scores.max(axis=1, keepdims=True)
    log_p = log_p - np.log(np.exp(log_p).sum(axis=1, keepdims=True))
    grad = np.exp(log_p)
    grad[np.arange(n), labels] -= 1
    return -log_p[np.arange(n), labels].mean(), grad / n


def temperature_loss__chain_rule_forgotten(x, y, temperature):
    """The gradient lacks the factor 1 / T."""
    loss, dx = _cross_entropy(x / temperature, y)
    return loss, dx


def temperature_loss__gradient_multiplied(x, y, temperature):
    """The gradient is multiplied by T."""
    loss, dx = _cross_entropy(x / temperature, y)
    return loss, temperature * dx


def temperature_loss__gradient_divided_twice_by_temperature(x, y, temperature):
    """The gradient is divided by T squared."""
    loss, dx = _cross_entropy(x / temperature, y)
    return loss, dx / temperature**2


def temperature_loss__scores_multiplied(x, y, temperature):
    """Multiplies the scores by T, consistently in loss and gradient."""
    loss, dx = _cross_entropy(x * temperature, y)
    return loss, dx * temperature


def temperature_loss__distillation_scale(x, y, temperature):
    """Multiplies loss and gradient by T squared, as some distillation recipes do."""
    loss, dx = _cross_entropy(x / temperature, y)
    return loss * temperature**2, dx * temperature


def temperature_loss__loss_divided(x, y, temperature):
    """Divides the loss by T as well."""
    loss, dx = _cross_entropy(x / temperature, y)
    return loss / temperature, dx / temperature


def temperature_loss__loss_multiplied(x, y, temperature):
    """Multiplies the loss by T, so that the gradient needs no factor."""
    loss, dx = _cross_entropy(x / temperature, y)
    return loss * temperature, dx


def temperature_loss__only_after_softmax_loss(x, y, temperature):
    """Computes everything at T = 1 and divides loss and gradient by T."""
    loss, dx = _cross_entropy(x, y)
    return loss / temperature, dx / temperature


def temperature_loss__only_forward(x, y, temperature):
    """The gradient is that of T = 1."""
    loss, _ = _cross_entropy(x / temperature, y)
    _, dx = _cross_entropy(x, y)
    return loss, dx


def temperature_loss__only_backward(x, y, temperature):
    """The loss is that of T = 1."""
    loss, _ = _cross_entropy(x, y)
    _, dx = _cross_entropy(x / temperature, y)
    return loss, dx / temperature


def temperature_loss__ignored(x, y, temperature):
    """Never uses the temperature."""
    return _cross_entropy(x, y)


def temperature_loss__always_two(x, y, temperature):
    """The temperature of the docstring's example is written into the code."""
    T = 2.0
    loss, dx = _cross_entropy(x / T, y)
    return loss, dx / T


def temperature_loss__forward_two(x, y, temperature):
    """The gradient's factor is written as 0.5, right for T = 2 only."""
    loss, dx = _cross_entropy(x / temperature, y)
    return loss, 0.5 * dx


def temperature_loss__floor_division(x, y, temperature):
    """Divides with //."""
    loss, dx = _cross_entropy(x // temperature, y)
    return loss, dx / temperature


def temperature_loss__whole_temperature(x, y, temperature):
    """Cuts the temperature to a whole number, at least 1."""
    T = max(1, int(temperature))
    loss, dx = _cross_entropy(x / T, y)
    return loss, dx / T


def temperature_loss__after_exponential(x, y, temperature):
    """Divides the exponentials by T, where it cancels."""
    n = len(y)
    e = np.exp(x - x.max(axis=1, keepdims=True)) / temperature
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(np.maximum(p[np.arange(n), y], 1e-300)))
    p[np.arange(n), y] -= 1
    return loss, p / n / temperature


def temperature_loss__probabilities_to_the_power(x, y, temperature):
    """Raises probabilities to 1 / T and normalises again: infinity where one is rounded to 0."""
    n = len(y)
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = (e / e.sum(axis=1, keepdims=True)) ** (1 / temperature)
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(n), y]).mean()
    p[np.arange(n), y] -= 1
    return loss, p / n / temperature


def temperature_loss__power_without_normalising(x, y, temperature):
    """Raises the probabilities to 1 / T and does not normalise."""
    n = len(y)
    log_p = (x - np.logaddexp.reduce(x, axis=1, keepdims=True)) / temperature
    dx = np.exp(log_p)
    dx[np.arange(n), y] -= 1
    return -log_p[np.arange(n), y].mean(), dx / n / temperature


def temperature_loss__shift_not_scaled(x, y, temperature):
    """Scales the scores and subtracts the maximum of the unscaled ones: overflows for T > 1."""
    n = len(y)
    z = x / temperature - x.max(axis=1, keepdims=True)
    s = np.exp(z).sum(axis=1, keepdims=True)
    log_p = z - np.log(s)
    dx = np.exp(log_p)
    dx[np.arange(n), y] -= 1
    return -log_p[np.arange(n), y].mean(), dx / n / temperature


def temperature_loss__no_shift(x, y, temperature):
    """Nothing is subtracted before the exponential."""
    n = len(y)
    e = np.exp(x / temperature)
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(n), y]).mean()
    p[np.arange(n), y] -= 1
    return loss, p / (n * temperature)


def temperature_loss__log_of_probability(x, y, temperature):
    """Takes the logarithm of a probability rounded to 0."""
    n = len(y)
    z = x / temperature
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(n), y]))
    p[np.arange(n), y] -= 1
    return loss, p / (n * temperature)


def temperature_loss__one_divided_too_little(x, y, temperature):
    """Divides the probabilities by T, but not the 1 of the correct class."""
    n = len(y)
    z = x / temperature
    log_p = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    dx = np.exp(log_p) / temperature
    dx[np.arange(n), y] -= 1
    return -log_p[np.arange(n), y].mean(), dx / n


def temperature_loss__correct_score_not_scaled(x, y, temperature):
    """Scales the log-sum-exp, but subtracts the unscaled correct score."""
    n = len(y)
    z = x / temperature
    log_z = np.logaddexp.reduce(z, axis=1)
    dx = np.exp(z - log_z[:, None])
    dx[np.arange(n), y] -= 1
    return np.mean(log_z - x[np.arange(n), y]), dx / n / temperature


def temperature_loss__root_of_temperature(x, y, temperature):
    """Divides by the square root of T, as attention does with its dimension."""
    scale = np.sqrt(temperature)
    loss, dx = _cross_entropy(x / scale, y)
    return loss, dx / scale


def temperature_loss__summed(x, y, temperature):
    """Sum over the rows instead of their mean."""
    loss, dx = _cross_entropy(x / temperature, y)
    return loss * len(y), dx * len(y) / temperature


def temperature_loss__gradient_not_averaged(x, y, temperature):
    """The gradient is divided by T but not by N."""
    loss, dx = _cross_entropy(x / temperature, y)
    return loss, dx * len(y) / temperature


def temperature_loss__gradient_sign(x, y, temperature):
    """The gradient has the wrong sign."""
    loss, dx = _cross_entropy(x / temperature, y)
    return loss, -dx / temperature


def temperature_loss__scaled_in_place_twice(x, y, temperature):
    """Divides x in place and again when calling the loss."""
    x /= temperature
    loss, dx = _cross_entropy(x / temperature, y)
    return loss, dx / temperature


def temperature_loss__only_loss(x, y, temperature):
    """Returns no gradient."""
    return _cross_entropy(x / temperature, y)[0]


_first_temperature = {}


def temperature_loss__first_temperature_kept(x, y, temperature):
    """Remembers the first temperature that came with a shape and uses it from then on."""
    T = _first_temperature.setdefault(x.shape, temperature)
    loss, dx = _cross_entropy(x / T, y)
    return loss, dx / T


# ---------------------------------------------------------------------------------------------
# svm_loss
# ---------------------------------------------------------------------------------------------


def svm_loss__correct_class_counted(x, y):
    """The loss counts the correct class, so it is exactly 1 too large; the gradient is right."""
    N = x.shape[0]
    correct = x[np.arange(N), y].reshape(-1, 1)
    margins = np.maximum(0, x - correct + 1)
    loss = np.sum(margins) / N
    mask = (margins > 0).astype(float)
    mask[np.arange(N), y] = 0
    mask[np.arange(N), y] = -mask.sum(axis=1)
    return loss, mask / N


def svm_loss__correct_class_counted_in_loop(x, y):
    """The loop has no `continue` for the correct class; its gradient cancels itself out."""
    loss, dx = 0.0, np.zeros_like(x)
    N, C = x.shape
    for i in range(N):
        for j in range(C):
            margin = x[i, j] - x[i, y[i]] + 1
            if margin > 0:
                loss += margin
                dx[i, j] += 1
                dx[i, y[i]] -= 1
    return loss / N, dx / N


def svm_loss__correct_class_counted_in_gradient(x, y):
    """Zeroes the correct margin for the loss, but counts it in the gradient."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    active = (m > 0).astype(float)
    active[np.arange(n), y] = -active.sum(axis=1)
    m[np.arange(n), y] = 0
    return m.sum() / n, active / n


def svm_loss__no_margin(x, y):
    """The margin of 1 is missing."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None])
    m[np.arange(n), y] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    return m.sum() / n, d / n


def svm_loss__margin_of_two(x, y):
    """The margin is 2."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 2)
    m[np.arange(n), y] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    return m.sum() / n, d / n


def svm_loss__margin_subtracted(x, y):
    """Subtracts the margin instead of adding it."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] - 1.0)
    m[np.arange(n), y] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    return m.sum() / n, d / n


def svm_loss__margin_added_after(x, y):
    """Adds the margin outside the maximum."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None]) + 1
    m[np.arange(n), y] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    return m.sum() / n, d / n


def svm_loss__difference_reversed(x, y):
    """Subtracts the wrong class from the correct one."""
    n = len(y)
    m = np.maximum(0, x[np.arange(n), y][:, None] - x + 1)
    m[np.arange(n), y] = 0
    d = -(m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    return m.sum() / n, d / n


def svm_loss__no_maximum(x, y):
    """Adds up negative margins as well."""
    n, c = x.shape
    m = x - x[np.arange(n), y][:, None] + 1
    m[np.arange(n), y] = 0
    d = np.ones((n, c))
    d[np.arange(n), y] = -(c - 1)
    return m.sum() / n, d / n


def svm_loss__squared(x, y):
    """The squared hinge loss with its gradient."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = 2 * m
    d[np.arange(n), y] = -d.sum(axis=1)
    return (m**2).sum() / n, d / n


def svm_loss__hardest_class_only(x, y):
    """Counts only the most violating class of each row."""
    rows = np.arange(len(y))
    m = x - x[rows, y][:, None] + 1
    m[rows, y] = 0
    worst = m.argmax(axis=1)
    cost = np.maximum(0, m[rows, worst])
    dx = np.zeros_like(x)
    dx[rows, worst] += cost > 0
    dx[rows, y] -= cost > 0
    return cost.mean(), dx / len(y)


def svm_loss__first_violation_only(x, y):
    """Leaves the inner loop at the first violated margin."""
    N, C = x.shape
    loss, dx = 0.0, np.zeros_like(x)
    for i in range(N):
        for j in range(C):
            if j == y[i]:
                continue
            margin = x[i, j] - x[i, y[i]] + 1
            if margin > 0:
                loss += margin
                dx[i, j] += 1
                dx[i, y[i]] -= 1
                break
    return loss / N, dx / N


def svm_loss__loop_ends_at_correct_class(x, y):
    """Writes `break` where `continue` belongs: classes after the correct one are lost."""
    N, C = x.shape
    loss, dx = 0.0, np.zeros_like(x)
    for i in range(N):
        for j in range(C):
            if j == y[i]:
                break
            margin = x[i, j] - x[i, y[i]] + 1
            if margin > 0:
                loss += margin
                dx[i, j] += 1
                dx[i, y[i]] -= 1
    return loss / N, dx / N


def svm_loss__row_number_for_label(x, y):
    """Skips class i in row i instead of class y[i]."""
    N, C = x.shape
    loss, dx = 0.0, np.zeros_like(x)
    for i in range(N):
        for j in range(C):
            if j == i:
                continue
            margin = x[i, j] - x[i, y[i]] + 1
            if margin > 0:
                loss += margin
                dx[i, j] += 1
                dx[i, y[i]] -= 1
    return loss / N, dx / N


def svm_loss__averaged_over_classes(x, y):
    """Takes the mean over all N * C margins."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    return np.mean(m), d / m.size


def svm_loss__averaged_over_wrong_classes(x, y):
    """Divides by C - 1 as well."""
    n, c = x.shape
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    scale = n * max(c - 1, 1)
    return m.sum() / scale, d / scale


def svm_loss__summed(x, y):
    """Sum over the rows instead of their mean."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    return m.sum(), d


def svm_loss__gradient_not_averaged(x, y):
    """The loss is averaged, the gradient is not."""
    N = x.shape[0]
    correct_class_scores = x[np.arange(N), y]
    margins = np.maximum(0, x - correct_class_scores[:, np.newaxis] + 1.0)
    margins[np.arange(N), y] = 0
    loss = np.sum(margins) / N
    num_pos = np.sum(margins > 0, axis=1)
    dx = np.zeros_like(x)
    dx[margins > 0] = 1
    dx[np.arange(N), y] -= num_pos
    return loss, dx


def svm_loss__gradient_divided_twice(x, y):
    """The gradient is divided by N two times."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = (m > 0) / n
    d[np.arange(n), y] = -d.sum(axis=1)
    return m.sum() / n, d / n


def svm_loss__gradient_sign(x, y):
    """The gradient points uphill."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = -(m > 0).astype(float)
    d[np.arange(n), y] = np.count_nonzero(m, axis=1)
    return m.sum() / n, d / n


def svm_loss__correct_class_gradient_missing(x, y):
    """The correct class gets no gradient."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    return m.sum() / n, (m > 0) / n


def svm_loss__correct_class_gradient_of_one(x, y):
    """The correct class gets -1, however many margins are violated."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -1.0 * (d.sum(axis=1) > 0)
    return m.sum() / n, d / n


def svm_loss__correct_class_gradient_positive(x, y):
    """The count for the correct class lacks its minus sign."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = d.sum(axis=1)
    return m.sum() / n, d / n


def svm_loss__only_correct_class_gradient(x, y):
    """Fills in the gradient of the correct class and forgets the others."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = np.zeros(m.shape)
    d[np.arange(n), y] = -(m > 0).sum(axis=1)
    return m.sum() / n, d / n


def svm_loss__counts_in_boolean_mask(x, y):
    """Writes the counts into a boolean mask, which turns them into True."""
    n = len(y)
    margins = np.maximum(0, x - x[np.arange(n), y].reshape(n, 1) + 1)
    margins[np.arange(n), y] = 0
    mask = margins > 0
    mask[np.arange(n), y] = -np.sum(mask, axis=1)
    return np.sum(margins) / n, mask / n


def svm_loss__counts_in_bytes(x, y):
    """Writes the negative counts into unsigned bytes, where -2 becomes 254."""
    n = len(y)
    margins = np.maximum(0, x - x[np.arange(n), y].reshape(n, 1) + 1)
    margins[np.arange(n), y] = 0
    mask = (margins > 0).astype(np.uint8)
    mask[np.arange(n), y] = -np.sum(mask, axis=1).astype(int)
    return np.sum(margins) / n, mask / n


def svm_loss__mask_of_everything(x, y):
    """Tests the clipped margins with >= 0, which is always true."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = (m >= 0).astype(float)
    d[np.arange(n), y] = 0
    d[np.arange(n), y] = -d.sum(axis=1)
    return m.sum() / n, d / n


def svm_loss__mask_without_margin(x, y):
    """The gradient's mask compares the scores without the margin."""
    n = len(y)
    correct = x[np.arange(n), y][:, None]
    m = np.maximum(0, x - correct + 1)
    m[np.arange(n), y] = 0
    d = (x > correct).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    return m.sum() / n, d / n


def svm_loss__margins_as_gradient(x, y):
    """Uses the margins themselves where 1 belongs."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = m.copy()
    d[np.arange(n), y] = -m.sum(axis=1)
    return m.sum() / n, d / n


def svm_loss__counts_down_the_columns(x, y):
    """Counts the violations per column instead of per row."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=0)[y]
    return m.sum() / n, d / n


def svm_loss__total_count_for_every_row(x, y):
    """Subtracts the count of the whole batch in every row; right for a single row."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum()
    return m.sum() / n, d / n


def svm_loss__rows_of_labels(x, y):
    """Indexes with y alone, which picks whole rows instead of the correct scores."""
    n = len(y)
    m = np.maximum(0, x - x[y] + 1)
    m[np.arange(n), y] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    return m.sum() / n, d / n


def svm_loss__column_against_row(x, y):
    """Subtracts the correct scores as a row: fails unless N equals C, and is wrong then."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y] + 1)
    m[np.arange(n), y] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    return m.sum() / n, d / n


def svm_loss__best_score_for_correct(x, y):
    """Takes the highest score of the row for the correct class's score."""
    n = len(y)
    m = np.maximum(0, x - x.max(axis=1, keepdims=True) + 1)
    m[np.arange(n), y] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    return m.sum() / n, d / n


def svm_loss__absolute_margin(x, y):
    """Takes the absolute value of the margin."""
    n = len(y)
    m = x - x[np.arange(n), y][:, None] + 1
    m[np.arange(n), y] = 0
    d = np.sign(m)
    d[np.arange(n), y] = -d.sum(axis=1)
    return np.abs(m).sum() / n, d / n


def svm_loss__one_hot_signs(x, y):
    """The binary hinge against labels of -1 and 1, summed over the classes."""
    n, c = x.shape
    sign = 2 * np.eye(c)[y] - 1
    m = np.maximum(0, 1 - sign * x)
    return m.sum() / n, -sign * (m > 0) / n


def svm_loss__penalty_added(x, y):
    """Adds a weight penalty on the scores."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    reg = 1e-3
    return m.sum() / n + 0.5 * reg * np.sum(x * x), d / n + reg * x


def svm_loss__zero_scores_mean_correct(x, y):
    """Finds the correct entries by x * one_hot != 0: a correct score of exactly 0 is not found."""
    n, c = x.shape
    picked = x * np.eye(c)[y]
    m = np.maximum(0, x - picked.sum(axis=1, keepdims=True) + 1)
    m[picked != 0] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    return m.sum() / n, d / n


def svm_loss__zero_margins_removed_by_value(x, y):
    """Removes margins that equal 1, meaning the correct class: ties with it go too."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[m == 1] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    return m.sum() / n, d / n


def svm_loss__label_zero_skipped(x, y):
    """Treats class 0 as background: rows of that class cost nothing."""
    n = len(y)
    loss, d = 0.0, np.zeros_like(x)
    for i in range(n):
        label = y[i]
        if not label:
            continue
        m = np.maximum(0, x[i] - x[i, label] + 1)
        m[label] = 0
        loss += m.sum()
        d[i] = m > 0
        d[i, label] = -np.count_nonzero(m)
    return loss / n, d / n


def svm_loss__last_class_skipped(x, y):
    """The loop over the classes ends one too early."""
    N, C = x.shape
    loss, dx = 0.0, np.zeros_like(x)
    for i in range(N):
        for j in range(C - 1):
            margin = x[i, j] - x[i, y[i]] + 1
            if j != y[i] and margin > 0:
                loss += margin
                dx[i, j] += 1
                dx[i, y[i]] -= 1
    return loss / N, dx / N


def svm_loss__first_class_skipped(x, y):
    """The loop over the classes starts at 1."""
    N, C = x.shape
    loss, dx = 0.0, np.zeros_like(x)
    for i in range(N):
        for j in range(1, C):
            margin = x[i, j] - x[i, y[i]] + 1
            if j != y[i] and margin > 0:
                loss += margin
                dx[i, j] += 1
                dx[i, y[i]] -= 1
    return loss / N, dx / N


def svm_loss__last_row_skipped(x, y):
    """The loop over the rows ends one too early."""
    n = len(y)
    loss, d = 0.0, np.zeros_like(x)
    for i in range(n - 1):
        m = np.maximum(0, x[i] - x[i, y[i]] + 1)
        m[y[i]] = 0
        loss += m.sum()
        d[i, m > 0] = 1
        d[i, y[i]] = -np.count_nonzero(m)
    return loss / n, d / n


def svm_loss__overwritten_gradient(x, y):
    """Assigns -1 to the correct class instead of counting down, once per violation."""
    N, C = x.shape
    loss, dx = 0.0, np.zeros_like(x)
    for i in range(N):
        for j in range(C):
            if j == y[i]:
                continue
            margin = x[i, j] - x[i, y[i]] + 1
            if margin > 0:
                loss += margin
                dx[i, j] = 1
                dx[i, y[i]] = -1
    return loss / N, dx / N


def svm_loss__buffered_indexing(x, y):
    """Subtracts with repeated indices, of which NumPy carries out only one."""
    n, c = x.shape
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    i, j = np.nonzero(m)
    d = np.zeros((n, c))
    d[i, j] += 1
    d[i, y[i]] -= 1
    return m.sum() / n, d / n


def svm_loss__input_overwritten_too_soon(x, y):
    """Updates x row by row in place, and so changes the correct score while it is still needed."""
    n, c = x.shape
    for i in range(n):
        for j in range(c):
            x[i, j] = max(0.0, x[i, j] - x[i, y[i]] + 1)
        x[i, y[i]] = 0
    d = (x > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    return x.sum() / n, d / n


def svm_loss__integer_scores(x, y):
    """Cuts the scores to whole numbers."""
    n = len(y)
    s = x.astype(int)
    m = np.maximum(0, s - s[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    return m.sum() / n, d / n


def svm_loss__integer_gradient(x, y):
    """Divides an integer gradient with //."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = (m > 0).astype(int)
    d[np.arange(n), y] = -d.sum(axis=1)
    return m.sum() / n, d // n


def svm_loss__kept_dimensions(x, y):
    """The loss is an array of shape (1, 1)."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    return m.sum(keepdims=True) / n, d / n


def svm_loss__cost_per_row(x, y):
    """Returns one loss per row."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    return m.sum(axis=1), d / n


def svm_loss__only_loss(x, y):
    """Returns no gradient."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    return m.sum() / n


def svm_loss__exchanged_results(x, y):
    """Returns the gradient first."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    return d / n, m.sum() / n


def svm_loss__softmax_gradient(x, y):
    """The loss is the hinge, the gradient was copied from the softmax loss."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d = np.exp(x - np.logaddexp.reduce(x, axis=1, keepdims=True))
    d[np.arange(n), y] -= 1
    return m.sum() / n, d / n


def svm_loss__occurring_classes(x, y):
    """Takes as many classes as occur among the labels: the other columns are cut off."""
    n = len(y)
    c = len(np.unique(y))
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    m[:, c:] = 0
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    return m.sum() / n, d / n


def svm_loss__example_numbers(x, y):
    """Returns the numbers of the docstring's example."""
    return 2.75, np.array([[-0.5, 0.5, 0.0], [0.5, 0.5, -1.0]])


def svm_loss__random_rows(x, y):
    """Estimates loss and gradient from a random half of the rows."""
    n = len(y)
    rng = np.random.default_rng()
    weight = 2.0 * (rng.random(n) < 0.5)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1) * weight[:, None]
    m[np.arange(n), y] = 0
    d = (m > 0) * weight[:, None]
    d[np.arange(n), y] = -d.sum(axis=1)
    return m.sum() / n, d / n


_svm_totals = []


def svm_loss__history_averaged(x, y):
    """Keeps the losses of all calls in a global list and returns their mean."""
    n = len(y)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    _svm_totals.append(m.sum() / n)
    d = (m > 0).astype(float)
    d[np.arange(n), y] = -d.sum(axis=1)
    return sum(_svm_totals) / len(_svm_totals), d / n


_svm_gradient = {}


def svm_loss__gradient_buffer_not_cleared(x, y):
    """Reuses the gradient buffer of a shape: entries of earlier batches stay in it."""
    n = len(y)
    d = _svm_gradient.setdefault(x.shape, np.zeros(x.shape))
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    d[m > 0] = 1 / n
    d[np.arange(n), y] = -np.count_nonzero(m, axis=1) / n
    return m.sum() / n, d


def svm_loss__correct_class_once(x, y):
    """Gives the correct class -1 however many margins are violated: correct_class_once."""
    rows = np.arange(len(x))
    margins = np.maximum(0, x - x[rows, y][:, None] + 1)
    margins[rows, y] = 0
    dx = (margins > 0).astype(float)
    dx[rows, y] = -1.0 * (dx.sum(axis=1) > 0)
    return margins.sum() / len(x), dx / len(x)
