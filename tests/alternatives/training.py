"""Right answers to the exercises of `training`, written in other ways than the model answer.

A function `EXERCISE__LABEL` is one answer to EXERCISE. Each must earn full marks, whatever its
style. Names that begin with an underscore are parts of the answers below them.
"""

import copy
import itertools
import math
import random
from collections import defaultdict
from statistics import NormalDist

import numpy as np

# ---------------------------------------------------------------------------------------------
# xavier_uniform
# ---------------------------------------------------------------------------------------------


def xavier_uniform__stretched_unit_interval(fan_in, fan_out, rng):
    limit = np.sqrt(6.0 / (fan_in + fan_out))
    return (2 * rng.random((fan_in, fan_out)) - 1) * limit


def xavier_uniform__from_the_standard_deviation(fan_in, fan_out, rng):
    std = math.sqrt(2 / (fan_in + fan_out))
    a = math.sqrt(3) * std
    return rng.uniform(low=-a, high=a, size=(fan_in, fan_out))


def xavier_uniform__mean_of_the_fans(fan_in, fan_out, rng):
    scale = 1 / ((fan_in + fan_out) / 2)
    bound = (3 * scale) ** 0.5
    return rng.uniform(-bound, bound, fan_in * fan_out).reshape(fan_in, fan_out)


def xavier_uniform__weight_by_weight(fan_in, fan_out, rng):
    limit = np.sqrt(6) / np.sqrt(fan_in + fan_out)
    w = np.zeros((fan_in, fan_out))
    for i in range(fan_in):
        for j in range(fan_out):
            w[i, j] = rng.uniform(-limit, limit)
    return w


def xavier_uniform__row_by_row(fan_in, fan_out, rng):
    limit = np.sqrt(6 / (fan_in + fan_out))
    return np.array([rng.uniform(-limit, limit, fan_out) for _ in range(fan_in)])


def xavier_uniform__transposed_draw(fan_in, fan_out, rng):
    limit = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, (fan_out, fan_in)).T


def xavier_uniform__sign_and_size(fan_in, fan_out, rng):
    shape = (fan_in, fan_out)
    limit = np.sqrt(6 / (fan_in + fan_out))
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0, limit, shape)


def xavier_uniform__beta(fan_in, fan_out, rng):
    limit = np.sqrt(6 / (fan_in + fan_out))
    return limit * (1 - 2 * rng.beta(1, 1, (fan_in, fan_out)))


def xavier_uniform__in_place(fan_in, fan_out, rng):
    w = np.empty((fan_in, fan_out))
    rng.random(out=w)
    w -= 0.5
    w *= 2 * np.sqrt(6 / (fan_in + fan_out))
    return w


def xavier_uniform__angle_of_noise(fan_in, fan_out, rng):
    north, east = rng.standard_normal((2, fan_in, fan_out))
    return np.arctan2(north, east) / np.pi * np.sqrt(6 / (fan_in + fan_out))


# ---------------------------------------------------------------------------------------------
# he_normal
# ---------------------------------------------------------------------------------------------


def he_normal__scaled_standard_normal(fan_in, fan_out, rng):
    return rng.standard_normal((fan_in, fan_out)) * np.sqrt(2.0 / fan_in)


def he_normal__keyword_scale(fan_in, fan_out, rng):
    sigma = (2 / fan_in) ** 0.5
    return rng.normal(loc=0.0, scale=sigma, size=(fan_in, fan_out))


def he_normal__divided_by_root(fan_in, fan_out, rng):
    return rng.normal(size=(fan_in, fan_out)) / math.sqrt(fan_in / 2)


def he_normal__gain(fan_in, fan_out, rng):
    gain = np.sqrt(2)
    w = rng.standard_normal(fan_in * fan_out).reshape((fan_in, fan_out))
    w *= gain / np.sqrt(fan_in)
    return w


def he_normal__weight_by_weight(fan_in, fan_out, rng):
    std = math.sqrt(2 / fan_in)
    return np.array([[rng.normal(0, std) for _ in range(fan_out)] for _ in range(fan_in)])


def he_normal__column_by_column(fan_in, fan_out, rng):
    columns = [rng.normal(0, np.sqrt(2 / fan_in), fan_in) for _ in range(fan_out)]
    return np.stack(columns, axis=1)


def he_normal__box_muller(fan_in, fan_out, rng):
    radius = np.sqrt(-2 * np.log(1 - rng.random((fan_in, fan_out))))
    angle = 2 * np.pi * rng.random((fan_in, fan_out))
    return np.sqrt(2 / fan_in) * radius * np.cos(angle)


def he_normal__inverse_distribution(fan_in, fan_out, rng):
    normal = NormalDist(0, math.sqrt(2 / fan_in))
    chances = (rng.integers(0, 2**52, fan_in * fan_out) + 0.5) / 2**52
    return np.array([normal.inv_cdf(float(p)) for p in chances]).reshape(fan_in, fan_out)


def he_normal__sum_of_two(fan_in, fan_out, rng):
    std = np.sqrt(1 / fan_in)
    return rng.normal(0, std, (fan_in, fan_out)) + rng.normal(0, std, (fan_in, fan_out))


def he_normal__single_precision(fan_in, fan_out, rng):
    w = rng.standard_normal((fan_in, fan_out), dtype=np.float32)
    return w * np.float32(np.sqrt(2 / fan_in))


def he_normal__child_generator(fan_in, fan_out, rng):
    own = np.random.default_rng(rng.integers(2**63, size=4))
    return own.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out))


# ---------------------------------------------------------------------------------------------
# count_iterations
# ---------------------------------------------------------------------------------------------


def count_iterations__negative_floor(num_examples, batch_size, epochs, drop_last=False):
    per_epoch = num_examples // batch_size if drop_last else -(-num_examples // batch_size)
    return per_epoch, per_epoch * epochs


def count_iterations__ceil(num_examples, batch_size, epochs, drop_last=False):
    rounded = math.floor if drop_last else math.ceil
    n = rounded(num_examples / batch_size)
    return n, n * epochs


def count_iterations__numpy_ceil(num_examples, batch_size, epochs, drop_last=False):
    if drop_last:
        per_epoch = int(np.floor(num_examples / batch_size))
    else:
        per_epoch = int(np.ceil(num_examples / batch_size))
    return (per_epoch, epochs * per_epoch)


def count_iterations__numpy_integers(num_examples, batch_size, epochs, drop_last=False):
    full = np.floor_divide(num_examples, batch_size)
    if not drop_last:
        full += np.remainder(num_examples, batch_size) > 0
    return full, np.multiply(full, epochs)


def count_iterations__length_of_range(num_examples, batch_size, epochs, drop_last=False):
    end = num_examples - batch_size + 1 if drop_last else num_examples
    per_epoch = len(range(0, end, batch_size))
    return per_epoch, per_epoch * epochs


def count_iterations__added_before_dividing(num_examples, batch_size, epochs, drop_last=False):
    if not drop_last:
        num_examples += batch_size - 1
    return num_examples // batch_size, num_examples // batch_size * epochs


def count_iterations__counted_one_by_one(num_examples, batch_size, epochs, drop_last=False):
    per_epoch, left = 0, num_examples
    while left >= batch_size:
        left -= batch_size
        per_epoch += 1
    if left and not drop_last:
        per_epoch += 1
    return per_epoch, sum(per_epoch for _ in range(epochs))


def count_iterations__list(num_examples, batch_size, epochs, drop_last=False):
    n, rest = num_examples // batch_size, num_examples % batch_size
    if rest != 0 and drop_last is False:
        n = n + 1
    return [n, n * epochs]


# ---------------------------------------------------------------------------------------------
# minibatches
# ---------------------------------------------------------------------------------------------


def minibatches__shuffled_range(num_examples, batch_size, rng):
    indices = np.arange(num_examples)
    rng.shuffle(indices)
    batches = []
    for start in range(0, num_examples, batch_size):
        end = min(start + batch_size, num_examples)
        batches.append(indices[start:end])
    return batches


def minibatches__split_at(num_examples, batch_size, rng):
    order = rng.permutation(np.arange(num_examples))
    return np.split(order, np.arange(batch_size, num_examples, batch_size))


def minibatches__argsort(num_examples, batch_size, rng):
    order = np.argsort(rng.random(num_examples))
    return [
        order[k * batch_size : (k + 1) * batch_size]
        for k in range(math.ceil(num_examples / batch_size))
    ]


def minibatches__choice_without_replacement(num_examples, batch_size, rng):
    order = rng.choice(num_examples, size=num_examples, replace=False)
    batches = []
    while len(order):
        batches.append(order[:batch_size])
        order = order[batch_size:]
    return batches


def minibatches__full_ones_then_the_rest(num_examples, batch_size, rng):
    order = rng.permutation(num_examples)
    full = num_examples // batch_size
    batches = list(order[: full * batch_size].reshape(full, batch_size))
    rest = order[full * batch_size :]
    if rest.size > 0:
        batches.append(rest)
    return batches


def minibatches__drawn_from_what_is_left(num_examples, batch_size, rng):
    left = np.arange(num_examples)
    batches = []
    while left.size:
        batch = rng.choice(left, min(batch_size, left.size), replace=False)
        left = np.setdiff1d(left, batch)
        batches.append(batch)
    return batches


def minibatches__fisher_yates(num_examples, batch_size, rng):
    order = list(range(num_examples))
    for last in range(num_examples - 1, 0, -1):
        other = int(rng.integers(0, last + 1))
        order[last], order[other] = order[other], order[last]
    return [np.array(order[i : i + batch_size]) for i in range(0, num_examples, batch_size)]


def _pieces(order, batch_size):
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]


def minibatches__generator_made_a_list(num_examples, batch_size, rng):
    return list(_pieces(rng.permutation(num_examples), batch_size))


def minibatches__short_integers(num_examples, batch_size, rng):
    order = rng.permuted(np.arange(num_examples, dtype=np.int32))
    return [order[i : i + batch_size] for i in range(0, num_examples, batch_size)]


def minibatches__masks(num_examples, batch_size, rng):
    number = rng.permutation(np.arange(num_examples) // batch_size)
    return [np.nonzero(number == k)[0] for k in range(number.max() + 1)]


def minibatches__python_shuffle(num_examples, batch_size, rng):
    order = list(range(num_examples))
    random.Random(int(rng.integers(2**62))).shuffle(order)
    return [np.asarray(order[i : i + batch_size]) for i in range(0, num_examples, batch_size)]


def minibatches__lists(num_examples, batch_size, rng):
    order = rng.permutation(num_examples).tolist()
    return [order[i : i + batch_size] for i in range(0, num_examples, batch_size)]


def minibatches__tuple_of_batches(num_examples, batch_size, rng):
    order = [int(i) for i in rng.permutation(num_examples)]
    return tuple(order[i : i + batch_size] for i in range(0, num_examples, batch_size))


# ---------------------------------------------------------------------------------------------
# split_indices
# ---------------------------------------------------------------------------------------------


def split_indices__cut_off(num_examples, val_fraction, test_fraction, rng):
    n_val = int(num_examples * val_fraction)
    n_test = int(num_examples * test_fraction)
    n_train = num_examples - n_val - n_test
    indices = rng.permutation(num_examples)
    return indices[:n_train], indices[n_train : n_train + n_val], indices[n_train + n_val :]


def split_indices__test_first(num_examples, val_fraction, test_fraction, rng):
    order = np.arange(num_examples)
    rng.shuffle(order)
    n_test = math.floor(test_fraction * num_examples)
    n_val = math.floor(val_fraction * num_examples)
    test, rest = order[:n_test], order[n_test:]
    val, train = rest[:n_val], rest[n_val:]
    return train, val, test


def split_indices__split_at(num_examples, val_fraction, test_fraction, rng):
    train_end = round(num_examples * (1 - val_fraction - test_fraction))
    val_end = round(num_examples * (1 - test_fraction))
    return tuple(np.split(rng.permutation(num_examples), [train_end, val_end]))


def split_indices__sorted(num_examples, val_fraction, test_fraction, rng):
    order = rng.permutation(num_examples)
    a = round(num_examples * val_fraction)
    b = a + round(num_examples * test_fraction)
    return np.sort(order[b:]), np.sort(order[:a]), np.sort(order[a:b])


def split_indices__set_difference(num_examples, val_fraction, test_fraction, rng):
    everything = np.arange(num_examples)
    test = rng.choice(everything, int(num_examples * test_fraction), replace=False)
    rest = np.setdiff1d(everything, test)
    val = rng.choice(rest, int(num_examples * val_fraction), replace=False)
    return np.setdiff1d(rest, val), val, test


def split_indices__labels(num_examples, val_fraction, test_fraction, rng):
    part = np.zeros(num_examples, dtype=int)
    n_val, n_test = round(num_examples * val_fraction), round(num_examples * test_fraction)
    part[:n_val] = 1
    part[n_val : n_val + n_test] = 2
    part = rng.permutation(part)
    return tuple(np.where(part == k)[0] for k in range(3))


def split_indices__ranks_of_random_numbers(num_examples, val_fraction, test_fraction, rng):
    rank = rng.random(num_examples).argsort().argsort()
    in_val = rank < math.floor(num_examples * val_fraction)
    in_test = rank >= num_examples - math.floor(num_examples * test_fraction)
    return np.flatnonzero(~in_val & ~in_test), np.flatnonzero(in_val), np.flatnonzero(in_test)


def split_indices__python_sets(num_examples, val_fraction, test_fraction, rng):
    n_val, n_test = int(num_examples * val_fraction), int(num_examples * test_fraction)
    held_out = rng.choice(num_examples, n_val + n_test, replace=False).tolist()
    val, test = held_out[:n_val], held_out[n_val:]
    train = sorted(set(range(num_examples)) - set(val) - set(test))
    return np.array(train, dtype=int), np.array(val, dtype=int), np.array(test, dtype=int)


def split_indices__rounded_half_up(num_examples, val_fraction, test_fraction, rng):
    n_val = int(num_examples * val_fraction + 0.5)
    n_test = int(num_examples * test_fraction + 0.5)
    order = list(rng.permutation(num_examples))
    test = [order.pop() for _ in range(n_test)]
    val = [order.pop() for _ in range(n_val)]
    return [np.array(part, dtype=np.int64) for part in (order, val, test)]


def split_indices__lists(num_examples, val_fraction, test_fraction, rng):
    order = list(rng.permutation(num_examples))
    a = math.ceil(num_examples * val_fraction)
    b = a + math.ceil(num_examples * test_fraction)
    return order[b:], order[:a], order[a:b]


def split_indices__ends_from_the_front(num_examples, val_fraction, test_fraction, rng):
    order = rng.permutation(num_examples)
    first = int((1 - val_fraction - test_fraction) * num_examples)
    second = int((1 - test_fraction) * num_examples)
    return order[:first], order[first:second], order[second:]


# ---------------------------------------------------------------------------------------------
# k_fold_indices
# ---------------------------------------------------------------------------------------------


def k_fold_indices__every_kth(num_examples, k, rng):
    order = rng.permutation(num_examples)
    return [(np.delete(order, np.s_[i::k]), order[i::k]) for i in range(k)]


def k_fold_indices__set_difference(num_examples, k, rng):
    indices = np.arange(num_examples)
    rng.shuffle(indices)
    return [(np.setdiff1d(indices, val), val) for val in np.array_split(indices, k)]


def k_fold_indices__fold_sizes(num_examples, k, rng):
    order = rng.permutation(num_examples)
    sizes = np.full(k, num_examples // k)
    sizes[: num_examples % k] += 1
    folds, start = [], 0
    for size in sizes:
        stop = start + size
        folds.append((np.concatenate([order[:start], order[stop:]]), order[start:stop]))
        start = stop
    return folds


def k_fold_indices__fold_numbers(num_examples, k, rng):
    number = rng.permutation(np.arange(num_examples) % k)
    return [(np.flatnonzero(number != i), np.flatnonzero(number == i)) for i in range(k)]


def k_fold_indices__rounded_ends(num_examples, k, rng):
    order = rng.permutation(num_examples)
    ends = [i * num_examples // k for i in range(k + 1)]
    folds = []
    for start, stop in itertools.pairwise(ends):
        mask = np.zeros(num_examples, dtype=bool)
        mask[start:stop] = True
        folds.append((order[~mask], order[mask]))
    return folds


def k_fold_indices__hstack(num_examples, k, rng):
    parts = np.array_split(rng.permutation(num_examples), k)
    folds = []
    for i, val in enumerate(parts):
        train = np.hstack([part for j, part in enumerate(parts) if j != i])
        folds.append([train, val])
    return folds


def k_fold_indices__rolled(num_examples, k, rng):
    order = rng.permutation(num_examples)
    folds = []
    for i in range(k):
        size = len(order[i::k])
        folds.append((order[size:], order[:size]))
        order = np.roll(order, -size)
    return folds


def k_fold_indices__isin(num_examples, k, rng):
    everything = np.arange(num_examples)
    order = rng.choice(everything, num_examples, replace=False)
    parts = np.array_split(order, k)
    return [(everything[~np.isin(everything, part)], np.sort(part)) for part in parts]


def k_fold_indices__lists(num_examples, k, rng):
    order = rng.permutation(num_examples).tolist()
    return [([e for i, e in enumerate(order) if i % k != j], order[j::k]) for j in range(k)]


def k_fold_indices__deleted(num_examples, k, rng):
    order = rng.permuted(np.arange(num_examples))
    ends = [num_examples * i // k for i in range(k + 1)]
    return [
        (np.delete(order, np.s_[start:end]), order[start:end])
        for start, end in itertools.pairwise(ends)
    ]


# ---------------------------------------------------------------------------------------------
# fit_standardiser
# ---------------------------------------------------------------------------------------------


def fit_standardiser__methods(x_train):
    return x_train.mean(axis=0), x_train.std(axis=0)


def fit_standardiser__ones_for_zeros(x_train):
    mean = np.mean(x_train, axis=0)
    std = np.std(x_train, axis=0)
    std[std == 0] = 1.0
    return mean, std


def fit_standardiser__by_hand(x_train):
    n = x_train.shape[0]
    mean = np.sum(x_train, axis=0) / n
    variance = np.sum((x_train - mean) ** 2, axis=0) / n
    return mean, np.sqrt(variance)


def fit_standardiser__variance(x_train):
    return np.average(x_train, axis=0), np.var(x_train, axis=0) ** 0.5


def fit_standardiser__feature_by_feature(x_train):
    means, stds = [], []
    for column in x_train.T:
        m = math.fsum(column) / len(column)
        means.append(m)
        stds.append(math.sqrt(math.fsum((v - m) ** 2 for v in column) / len(column)))
    return np.array(means), np.array(stds)


def fit_standardiser__einsum(x_train):
    mean = np.einsum("nd->d", x_train) / len(x_train)
    centred = x_train - mean
    return mean, np.sqrt(np.einsum("nd,nd->d", centred, centred) / len(x_train))


def fit_standardiser__norm(x_train):
    mean = x_train.mean(0)
    return mean, np.linalg.norm(x_train - mean, axis=0) / np.sqrt(len(x_train))


def fit_standardiser__running(x_train):
    mean = np.zeros(x_train.shape[1])
    squares = np.zeros(x_train.shape[1])
    for count, row in enumerate(x_train, start=1):
        before = row - mean
        mean = mean + before / count
        squares = squares + before * (row - mean)
    return mean, np.sqrt(squares / len(x_train))


def fit_standardiser__moments_of_the_shifted(x_train):
    shifted = x_train - x_train[0]
    mean = shifted.mean(axis=0)
    variance = np.maximum((shifted**2).mean(axis=0) - mean**2, 0)
    return mean + x_train[0], np.sqrt(variance)


def fit_standardiser__threshold(x_train):
    mean, std = x_train.mean(axis=0), x_train.std(axis=0, ddof=0)
    return mean, np.where(std < 1e-12, 1.0, std)


def fit_standardiser__small_number_added(x_train):
    return np.mean(x_train, axis=0), np.std(x_train, axis=0) + 1e-8


def fit_standardiser__at_least_a_small_number(x_train):
    return x_train.mean(axis=0), np.maximum(x_train.std(axis=0), 1e-8)


# ---------------------------------------------------------------------------------------------
# standardise
# ---------------------------------------------------------------------------------------------


def standardise__copy_of_std(x, mean, std):
    safe = std.copy()
    safe[safe == 0] = 1
    return (x - mean) / safe


def standardise__divide_where(x, mean, std):
    centred = x - mean
    return np.divide(centred, std, out=centred.copy(), where=np.broadcast_to(std > 0, x.shape))


def standardise__feature_by_feature(x, mean, std):
    out = np.empty_like(x)
    for j in range(x.shape[1]):
        out[:, j] = x[:, j] - mean[j]
        if std[j] != 0:
            out[:, j] /= std[j]
    return out


def standardise__element_by_element(x, mean, std):
    rows = [[(v - m) / (s or 1.0) for v, m, s in zip(row, mean, std)] for row in x]
    return np.array(rows).reshape(x.shape)


def standardise__explicit_axes(x, mean, std):
    mean, std = np.expand_dims(mean, 0), np.expand_dims(std, 0)
    return (x - mean) / (std + (std == 0))


def standardise__inverse(x, mean, std):
    inverse = 1 / np.where(std > 0, std, 1.0)
    return (x - mean) * inverse


def standardise__diagonal_matrix(x, mean, std):
    return (x - mean[None, :]) @ np.diag(1 / np.where(std == 0, 1, std))


def standardise__ignored_warning(x, mean, std):
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = (x - mean) / std
    return np.where(std == 0, x - mean, scaled)


def standardise__in_place(x, mean, std):
    std[std == 0] = 1
    x -= mean
    x /= std
    return x


def standardise__threshold(x, mean, std):
    std = np.where(std < 1e-12, 1.0, std)
    return np.divide(np.subtract(x, mean), std)


def standardise__small_number_added(x, mean, std):
    return (x - mean) / (std + 1e-8)


def standardise__small_number_for_zero(x, mean, std):
    return (x - mean) / np.where(std == 0, 1e-8, std)


def standardise__machine_epsilon_added(x, mean, std):
    return np.subtract(x, mean) / (std + np.finfo(float).eps)


# ---------------------------------------------------------------------------------------------
# find_leaks
# ---------------------------------------------------------------------------------------------


def find_leaks__all_pairs(x_train, x_test, tolerance=0.0):
    distance = np.abs(x_test[:, None, :] - x_train[None, :, :]).max(axis=2)
    return np.where(distance.min(axis=1) <= tolerance)[0]


def find_leaks__row_by_row(x_train, x_test, tolerance=0.0):
    leaks = []
    for j, row in enumerate(x_test):
        if np.any(np.all(np.abs(x_train - row) <= tolerance, axis=1)):
            leaks.append(j)
    return np.array(leaks, dtype=int)


def find_leaks__loops(x_train, x_test, tolerance=0.0):
    found = []
    for j in range(x_test.shape[0]):
        for i in range(x_train.shape[0]):
            if max(abs(x_test[j] - x_train[i])) <= tolerance:
                found.append(j)
                break
    return np.asarray(found, dtype=np.int64)


def find_leaks__training_row_by_row(x_train, x_test, tolerance=0.0):
    leaked = np.zeros(len(x_test), dtype=bool)
    for row in x_train:
        leaked |= np.max(np.abs(x_test - row), axis=1) <= tolerance
    return leaked.nonzero()[0]


def find_leaks__infinity_norm(x_train, x_test, tolerance=0.0):
    nearest = [np.linalg.norm(x_train - row, ord=np.inf, axis=1).min() for row in x_test]
    return np.flatnonzero(np.array(nearest) <= tolerance)


def find_leaks__unique_pairs(x_train, x_test, tolerance=0.0):
    close = (np.abs(x_train[:, np.newaxis] - x_test) <= tolerance).all(axis=-1)
    _, tests = np.nonzero(close)
    return np.unique(tests)


def _known(row, others, tolerance):
    return any(all(abs(a - b) <= tolerance for a, b in zip(row, other)) for other in others)


def find_leaks__set_of_tuples(x_train, x_test, tolerance=0.0):
    if tolerance == 0:
        known = {tuple(row) for row in x_train.tolist()}
        return np.array([j for j, row in enumerate(x_test.tolist()) if tuple(row) in known], int)
    train, test = x_train.tolist(), x_test.tolist()
    return np.array([j for j, row in enumerate(test) if _known(row, train, tolerance)], int)


def find_leaks__in_blocks(x_train, x_test, tolerance=0.0):
    found = [np.empty(0, dtype=int)]
    for start in range(0, len(x_test), 16):
        block = x_test[start : start + 16]
        worst = np.abs(block[:, None] - x_train).max(axis=-1)
        found.append(start + np.flatnonzero((worst <= tolerance).any(axis=1)))
    return np.concatenate(found)


def find_leaks__sorted_first_feature(x_train, x_test, tolerance=0.0):
    train = x_train[np.argsort(x_train[:, 0])]
    slack = tolerance + 1e-9 * (1 + np.abs(x_test[:, 0]))
    lows = np.searchsorted(train[:, 0], x_test[:, 0] - slack, side="left")
    highs = np.searchsorted(train[:, 0], x_test[:, 0] + slack, side="right")
    is_leak = [
        bool((np.abs(train[low:high] - row) <= tolerance).all(axis=1).any())
        for low, high, row in zip(lows, highs, x_test)
    ]
    return np.flatnonzero(is_leak)


def find_leaks__list_of_numbers(x_train, x_test, tolerance=0.0):
    def known(row):
        return (np.abs(x_train - row).max(axis=1) <= tolerance).any()

    return [i for i in range(len(x_test)) if known(x_test[i])]


# ---------------------------------------------------------------------------------------------
# train
# ---------------------------------------------------------------------------------------------


def train__waiting_counter(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    params = copy.deepcopy(params)
    config = dict.fromkeys(params)
    history = {"train_loss": [], "val_loss": [], "best_epoch": 0}
    best_val, waited = float("inf"), 0
    best_params = copy.deepcopy(params)
    n = x_train.shape[0]
    for epoch in range(epochs):
        order = np.arange(n)
        rng.shuffle(order)
        losses = []
        for start in range(0, n, batch_size):
            idx = order[start : start + batch_size]
            loss, grads = loss_and_grads(params, x_train[idx], y_train[idx])
            losses.append(loss)
            for key in params:
                params[key], config[key] = update(params[key], grads[key], config[key])
        history["train_loss"].append(sum(losses) / len(losses))
        val, _ = loss_and_grads(params, x_val, y_val)
        history["val_loss"].append(val)
        if val < best_val:
            best_val, waited = val, 0
            best_params = copy.deepcopy(params)
            history["best_epoch"] = epoch
        else:
            waited += 1
            if waited >= patience:
                break
    return best_params, history


def train__whole_set_reordered(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    names = sorted(params)
    weights = {name: np.array(params[name]) for name in names}
    states = [None] * len(names)
    train_losses, val_losses = [], []
    best, best_loss = None, np.inf
    which = 0
    for epoch in range(epochs):
        order = rng.permutation(len(x_train))
        x, y = x_train[order], y_train[order]
        total = count = 0
        while count * batch_size < len(x):
            rows = slice(count * batch_size, (count + 1) * batch_size)
            loss, grads = loss_and_grads(weights, x[rows], y[rows])
            for k, name in enumerate(names):
                weights[name], states[k] = update(weights[name], grads[name], states[k])
            total += loss
            count += 1
        train_losses.append(total / count)
        val_losses.append(loss_and_grads(weights, x_val, y_val)[0])
        if best is None or val_losses[-1] < best_loss:
            best = {name: np.copy(w) for name, w in weights.items()}
            best_loss, which = val_losses[-1], epoch
        if epoch >= which + patience:
            break
    return best, {"train_loss": train_losses, "val_loss": val_losses, "best_epoch": which}


def train__training_loss_at_the_end_of_the_epoch(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    params = {k: v.copy() for k, v in params.items()}
    configs = {}
    best_params, best_epoch = None, 0
    train_loss, val_loss = [], []
    for epoch in range(epochs):
        order = rng.permutation(len(x_train))
        for i in range(0, len(order), batch_size):
            b = order[i : i + batch_size]
            _, grads = loss_and_grads(params, x_train[b], y_train[b])
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs.get(k))
        train_loss.append(float(loss_and_grads(params, x_train, y_train)[0]))
        val_loss.append(float(loss_and_grads(params, x_val, y_val)[0]))
        if best_params is None or val_loss[epoch] < val_loss[best_epoch]:
            best_epoch = epoch
            best_params = {k: v.copy() for k, v in params.items()}
        elif epoch - best_epoch == patience:
            break
    return best_params, {
        "train_loss": train_loss,
        "val_loss": val_loss,
        "best_epoch": best_epoch,
    }


def train__batches_weighted_by_size(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    params, configs = dict(params), dict.fromkeys(params)
    history = {"train_loss": [], "val_loss": [], "best_epoch": 0}
    best_params, best_loss = dict(params), np.inf
    n = len(x_train)
    cuts = range(batch_size, n, batch_size)
    for epoch in range(epochs):
        epoch_loss = 0.0
        for batch in np.split(rng.permutation(n), cuts):
            loss, grads = loss_and_grads(params, x_train[batch], y_train[batch])
            epoch_loss += loss * len(batch) / n
            stepped = {k: update(params[k], grads[k], configs[k]) for k in params}
            params = {k: pair[0] for k, pair in stepped.items()}
            configs = {k: pair[1] for k, pair in stepped.items()}
        history["train_loss"].append(epoch_loss)
        history["val_loss"].append(loss_and_grads(params, x_val, y_val)[0])
        if history["val_loss"][-1] < best_loss:
            best_loss = history["val_loss"][-1]
            best_params = {k: np.array(w, copy=True) for k, w in params.items()}
            history["best_epoch"] = epoch
        if epoch - history["best_epoch"] >= patience:
            return best_params, history
    return best_params, history


class _Solver:
    """The loop as an object that counts iterations, in the manner of well-known courses."""

    def __init__(self, params, loss_and_grads, update, data, batch_size, rng):
        self.params = {p: w.copy() for p, w in params.items()}
        self.loss_and_grads = loss_and_grads
        self.update = update
        self.data = data
        self.batch_size = batch_size
        self.rng = rng
        self.optim_configs = {p: {} for p in params}
        self.train_history, self.val_history, self.batch_losses = [], [], []
        self.best_params = {p: w.copy() for p, w in params.items()}
        self.best_val, self.best_epoch, self.epoch = np.inf, 0, 0
        self.order = None

    def _step(self, t, per_epoch):
        if t % per_epoch == 0:
            self.order = self.rng.permutation(len(self.data["x_train"]))
            self.batch_losses = []
        first = t % per_epoch * self.batch_size
        mask = self.order[first : first + self.batch_size]
        loss, grads = self.loss_and_grads(
            self.params, self.data["x_train"][mask], self.data["y_train"][mask]
        )
        self.batch_losses.append(loss)
        for p, w in self.params.items():
            next_w, next_config = self.update(w, grads[p], config=self.optim_configs[p])
            self.params[p] = next_w
            self.optim_configs[p] = next_config

    def _end_of_epoch(self):
        self.train_history.append(np.mean(self.batch_losses))
        loss, _ = self.loss_and_grads(self.params, self.data["x_val"], self.data["y_val"])
        self.val_history.append(loss)
        if loss < self.best_val:
            self.best_val, self.best_epoch = loss, self.epoch
            for p, w in self.params.items():
                self.best_params[p] = w.copy()
        self.epoch += 1

    def train(self, epochs, patience):
        per_epoch = -(-len(self.data["x_train"]) // self.batch_size)
        for t in range(epochs * per_epoch):
            self._step(t, per_epoch)
            if (t + 1) % per_epoch == 0:
                self._end_of_epoch()
                if self.epoch - 1 - self.best_epoch >= patience:
                    break


def train__solver_object(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    data = {"x_train": x_train, "y_train": y_train, "x_val": x_val, "y_val": y_val}
    solver = _Solver(params, loss_and_grads, update, data, batch_size, rng)
    solver.train(epochs, patience)
    return solver.best_params, {
        "train_loss": solver.train_history,
        "val_loss": solver.val_history,
        "best_epoch": solver.best_epoch,
    }


def train__snapshots_of_every_epoch(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    w = {k: v + 0.0 for k, v in params.items()}
    c = defaultdict(lambda: None)
    snapshots, losses, val_losses = [], [], []
    for _ in range(epochs):
        order = rng.permutation(len(x_train))
        means = []
        for i in range(0, len(order), batch_size):
            mean, g = loss_and_grads(w, x_train[order[i : i + batch_size]],
                                     y_train[order[i : i + batch_size]])  # fmt: skip
            means.append(mean)
            for k in list(w):
                w[k], c[k] = update(w[k], g[k], c[k])
        losses.append(np.mean(means))
        val_losses.append(loss_and_grads(w, x_val, y_val)[0])
        snapshots.append({k: v.copy() for k, v in w.items()})
        scores = np.where(np.isnan(val_losses), np.inf, val_losses)
        best = int(np.argmin(scores))
        if len(scores) > patience and min(scores[:-patience]) <= min(scores[-patience:]):
            break
    return snapshots[best], {
        "train_loss": np.array(losses).tolist(),
        "val_loss": val_losses,
        "best_epoch": best,
    }


def train__params_of_the_caller(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    configs = dict.fromkeys(params)
    best_params, best_epoch = {}, -1
    train_loss, val_loss = [], []
    for epoch in range(epochs):
        permutation = rng.permutation(len(x_train))
        batch_losses = []
        for batch in np.split(permutation, range(batch_size, len(x_train), batch_size)):
            loss, grads = loss_and_grads(params, x_train[batch], y_train[batch])
            batch_losses.append(loss)
            for name in grads:
                next_w, configs[name] = update(params[name], grads[name], configs[name])
                params[name][...] = next_w
        train_loss.append(float(np.average(batch_losses)))
        val_loss.append(float(loss_and_grads(params, x_val, y_val)[0]))
        if best_epoch < 0 or val_loss[-1] < val_loss[best_epoch]:
            best_epoch = epoch
            for name in params:
                best_params[name] = params[name].copy()
        if epoch - best_epoch >= patience:
            break
    return best_params, {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}


def _one_epoch(params, configs, loss_and_grads, update, batches):
    total = 0.0
    for x, y in batches:
        loss, grads = loss_and_grads(params, x, y)
        total += float(loss)
        for name in params:
            if configs[name] is None:
                params[name], configs[name] = update(params[name], grads[name])
            else:
                params[name], configs[name] = update(params[name], grads[name], configs[name])
    return total / len(batches)


def train__functions(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    params = {name: w.copy() for name, w in params.items()}
    configs = dict.fromkeys(params)
    best = (math.inf, -1, None)
    train_loss, val_loss = [], []
    while len(val_loss) < epochs and len(val_loss) - 1 - max(best[1], 0) < patience:
        order = rng.permutation(len(x_train))
        parts = np.split(order, np.arange(batch_size, len(order), batch_size))
        batches = [(np.take(x_train, p, axis=0), np.take(y_train, p, axis=0)) for p in parts]
        train_loss.append(_one_epoch(params, configs, loss_and_grads, update, batches))
        val_loss.append(float(loss_and_grads(params, x_val, y_val)[0]))
        if val_loss[-1] < best[0]:
            kept = {name: w.copy() for name, w in params.items()}
            best = (val_loss[-1], len(val_loss) - 1, kept)
    return best[2], {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best[1]}


def train__data_shuffled_in_place(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    history = {"train_loss": [], "val_loss": [], "best_epoch": 0, "epochs": epochs}
    lowest, best_params = np.inf, None
    for epoch in range(epochs):
        order = rng.permutation(x_train.shape[0])
        x_train[:] = x_train[order]
        y_train[:] = y_train[order]
        losses = []
        for i in range(0, x_train.shape[0], batch_size):
            loss, grads = loss_and_grads(
                params, x_train[i : i + batch_size], y_train[i : i + batch_size]
            )
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        history["train_loss"].append(np.mean(losses))
        loss = loss_and_grads(params, x_val, y_val)[0]
        history["val_loss"].append(loss)
        if loss < lowest:
            lowest = loss
            best_params = copy.deepcopy(params)
            history["best_epoch"] = epoch
        if epoch - history["best_epoch"] >= patience:
            break
    return best_params, history


def train__validation_in_pieces(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    def mean_loss(x, y):
        total = 0.0
        for i in range(0, len(x), batch_size):
            loss, _ = loss_and_grads(params, x[i : i + batch_size], y[i : i + batch_size])
            total += loss * len(x[i : i + batch_size])
        return total / len(x)

    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    history = {"train_loss": [], "val_loss": [], "best_epoch": 0}
    best_params, best_loss = None, np.inf
    for epoch in range(epochs):
        for batch in np.split(
            rng.permutation(len(x_train)), range(batch_size, len(x_train), batch_size)
        ):
            _, grads = loss_and_grads(params, x_train[batch], y_train[batch])
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        history["train_loss"].append(mean_loss(x_train, y_train))
        history["val_loss"].append(mean_loss(x_val, y_val))
        if history["val_loss"][epoch] < best_loss:
            best_loss, best_params = history["val_loss"][epoch], copy.deepcopy(params)
            history["best_epoch"] = epoch
        if epoch - history["best_epoch"] >= patience:
            break
    return best_params, history


def train__histories_as_arrays(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    params = {k: v.copy() for k, v in params.items()}
    configs = {k: {} for k in params}
    train_loss, val_loss = np.full(epochs, np.nan), np.full(epochs, np.inf)
    best_params, best_epoch = params, 0
    for epoch in range(epochs):
        order = rng.permutation(len(x_train))
        batch_losses = []
        for start in range(0, len(order), batch_size):
            chosen = order[start : start + batch_size]
            loss, grads = loss_and_grads(params=params, x=x_train[chosen], y=y_train[chosen])
            batch_losses.append(loss)
            for k, dw in grads.items():
                params[k], configs[k] = update(w=params[k], dw=dw, config=configs[k])
        train_loss[epoch] = np.mean(batch_losses)
        val_loss[epoch] = loss_and_grads(params=params, x=x_val, y=y_val)[0]
        if epoch == 0 or val_loss[epoch] < val_loss[best_epoch]:
            best_epoch = epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {
        "train_loss": train_loss[: epoch + 1],
        "val_loss": val_loss[: epoch + 1],
        "best_epoch": np.int64(best_epoch),
        "learning_rate": "as in update",
    }
    return best_params, history


def train__training_loss_in_pieces_at_the_end_of_the_epoch(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    def whole_loss(x, y):
        starts = range(0, len(x), batch_size)
        sizes = [len(x[i : i + batch_size]) for i in starts]
        losses = [
            loss_and_grads(params, x[i : i + batch_size], y[i : i + batch_size])[0] for i in starts
        ]
        return float(np.average(losses, weights=sizes))

    params = {k: np.array(v) for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, lowest = copy.deepcopy(params), float("inf")
    history = {"train_loss": [], "val_loss": [], "best_epoch": 0}
    for epoch in range(epochs):
        order = rng.permutation(len(x_train))
        for i in range(0, len(order), batch_size):
            b = order[i : i + batch_size]
            grads = loss_and_grads(params, x_train[b], y_train[b])[1]
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        history["train_loss"].append(whole_loss(x_train, y_train))
        history["val_loss"].append(whole_loss(x_val, y_val))
        if history["val_loss"][-1] < lowest:
            lowest, history["best_epoch"] = history["val_loss"][-1], epoch
            best_params = copy.deepcopy(params)
        if epoch - history["best_epoch"] >= patience:
            break
    return best_params, history


def train__end_of_epoch_losses_and_snapshots(
    params,
    loss_and_grads,
    update,
    x_train,
    y_train,
    x_val,
    y_val,
    *,
    epochs,
    batch_size,
    patience,
    rng,
):
    now, state = {k: np.copy(v) for k, v in params.items()}, {}
    snapshots, on_train, on_val = [], [], []
    for epoch in range(epochs):
        order = rng.permutation(x_train.shape[0])
        for start in range(0, len(order), batch_size):
            b = order[start : start + batch_size]
            _, g = loss_and_grads(now, np.take(x_train, b, axis=0), np.take(y_train, b, axis=0))
            for k in sorted(g):
                now[k], state[k] = update(now[k], g[k], state.get(k))
        on_train.append(loss_and_grads(now, x_train, y_train)[0])
        on_val.append(loss_and_grads(now, x_val, y_val)[0])
        snapshots.append({k: np.copy(v) for k, v in now.items()})
        best = int(np.nanargmin(on_val))
        if epoch - best >= patience:
            break
    history = {
        "train_loss": np.array(on_train),
        "val_loss": np.array(on_val),
        "best_epoch": best,
    }
    return snapshots[best], history
