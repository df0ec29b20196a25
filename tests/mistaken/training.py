"""Wrong answers to the exercises of `training`, as people really write them.

A function `EXERCISE__LABEL` is one wrong answer to EXERCISE; its docstring says what is wrong with
it. Each must lose marks. Names that begin with an underscore are parts of the answers below them.
"""

import math

import numpy as np

# ---------------------------------------------------------------------------------------------
# xavier_uniform
# ---------------------------------------------------------------------------------------------


def xavier_uniform__only_positive(fan_in, fan_out, rng):
    """Draws from 0 to the limit: no weight is negative."""
    return rng.random((fan_in, fan_out)) * np.sqrt(6 / (fan_in + fan_out))


def xavier_uniform__standard_deviation_as_limit(fan_in, fan_out, rng):
    """Takes the standard deviation, sqrt(2 / (fan_in + fan_out)), for the limit."""
    limit = np.sqrt(2 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, (fan_in, fan_out))


def xavier_uniform__only_the_inputs(fan_in, fan_out, rng):
    """Leaves the outputs out of the limit."""
    limit = np.sqrt(6 / fan_in)
    return rng.uniform(-limit, limit, (fan_in, fan_out))


def xavier_uniform__three_over_the_inputs(fan_in, fan_out, rng):
    """The other formula of that name, sqrt(3 / fan_in): right only for square layers."""
    limit = np.sqrt(3 / fan_in)
    return rng.uniform(-limit, limit, (fan_in, fan_out))


def xavier_uniform__only_the_outputs(fan_in, fan_out, rng):
    """Takes the outputs twice: right only for square layers."""
    limit = np.sqrt(3 / fan_out)
    return rng.uniform(-limit, limit, (fan_in, fan_out))


def xavier_uniform__no_root(fan_in, fan_out, rng):
    """Forgets the square root."""
    limit = 6 / (fan_in + fan_out)
    return rng.uniform(-limit, limit, (fan_in, fan_out))


def xavier_uniform__root_of_six_only(fan_in, fan_out, rng):
    """The root covers the 6 and not the fans."""
    limit = np.sqrt(6) / (fan_in + fan_out)
    return rng.uniform(-limit, limit, (fan_in, fan_out))


def xavier_uniform__precedence(fan_in, fan_out, rng):
    """Misses the brackets around the sum."""
    limit = np.sqrt(6 / fan_in + fan_out)
    return rng.uniform(-limit, limit, (fan_in, fan_out))


def xavier_uniform__product_of_the_fans(fan_in, fan_out, rng):
    """Divides by the number of weights."""
    limit = np.sqrt(6 / (fan_in * fan_out))
    return rng.uniform(-limit, limit, (fan_in, fan_out))


def xavier_uniform__normal(fan_in, fan_out, rng):
    """The right variance in the wrong distribution: that is Xavier normal."""
    return rng.normal(0, np.sqrt(2 / (fan_in + fan_out)), (fan_in, fan_out))


def xavier_uniform__half_the_width(fan_in, fan_out, rng):
    """Moves the numbers from 0..1 to -0.5..0.5 and forgets the factor 2."""
    return (rng.random((fan_in, fan_out)) - 0.5) * np.sqrt(6 / (fan_in + fan_out))


def xavier_uniform__he(fan_in, fan_out, rng):
    """That is He's normal initialisation."""
    return rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out))


def xavier_uniform__transposed(fan_in, fan_out, rng):
    """The shape is that of a layer which multiplies from the left."""
    limit = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, (fan_out, fan_in))


def xavier_uniform__one_row_repeated(fan_in, fan_out, rng):
    """Draws one row and gives it to every input: the weights are not independent."""
    limit = np.sqrt(6 / (fan_in + fan_out))
    return np.tile(rng.uniform(-limit, limit, fan_out), (fan_in, 1))


def xavier_uniform__mirrored(fan_in, fan_out, rng):
    """Draws half of the weights and uses each twice, once with a minus."""
    limit = np.sqrt(6 / (fan_in + fan_out))
    count = fan_in * fan_out
    half = rng.uniform(-limit, limit, (count + 1) // 2)
    return np.concatenate([half, -half])[:count].reshape(fan_in, fan_out)


def xavier_uniform__one_number(fan_in, fan_out, rng):
    """All weights are the same number: every unit learns the same."""
    limit = np.sqrt(6 / (fan_in + fan_out))
    return np.full((fan_in, fan_out), rng.uniform(-limit, limit))


def xavier_uniform__fixed_seed(fan_in, fan_out, rng):
    """Makes its own generator with seed 0: two layers of one shape start out equal."""
    limit = np.sqrt(6 / (fan_in + fan_out))
    return np.random.default_rng(0).uniform(-limit, limit, (fan_in, fan_out))


def xavier_uniform__global_generator(fan_in, fan_out, rng):
    """Draws from np.random: the same rng does not give the same weights again."""
    limit = np.sqrt(6 / (fan_in + fan_out))
    return np.random.uniform(-limit, limit, (fan_in, fan_out))


def xavier_uniform__small_numbers(fan_in, fan_out, rng):
    """A fixed scale of 0.01, whatever the size of the layer."""
    return 0.01 * rng.standard_normal((fan_in, fan_out))


def xavier_uniform__zeros(fan_in, fan_out, rng):
    """Starts from zero."""
    return np.zeros((fan_in, fan_out))


def xavier_uniform__bias_row(fan_in, fan_out, rng):
    """Adds a row for the biases."""
    limit = np.sqrt(6 / (fan_in + fan_out))
    w = rng.uniform(-limit, limit, (fan_in, fan_out))
    return np.vstack([w, np.zeros(fan_out)])


def xavier_uniform__one_more_input(fan_in, fan_out, rng):
    """Counts the bias among the inputs: a limit too small by little."""
    limit = np.sqrt(6 / (fan_in + fan_out + 1))
    return rng.uniform(-limit, limit, (fan_in, fan_out))


def xavier_uniform__mean_of_the_fans(fan_in, fan_out, rng):
    """Divides 6 by the mean of the fans: mean_of_the_fans."""
    limit = np.sqrt(6 / ((fan_in + fan_out) / 2))
    return rng.uniform(-limit, limit, (fan_in, fan_out))


_kept_weights = {}


def xavier_uniform__kept_by_shape(fan_in, fan_out, rng):
    """Keeps the first weights of each shape: fixed_seed."""
    limit = np.sqrt(6 / (fan_in + fan_out))
    if (fan_in, fan_out) not in _kept_weights:
        _kept_weights[fan_in, fan_out] = rng.uniform(-limit, limit, (fan_in, fan_out))
    return _kept_weights[fan_in, fan_out]


# ---------------------------------------------------------------------------------------------
# he_normal
# ---------------------------------------------------------------------------------------------


def he_normal__variance_for_deviation(fan_in, fan_out, rng):
    """Passes the variance where the standard deviation belongs."""
    return rng.normal(0, 2 / fan_in, (fan_in, fan_out))


def he_normal__no_two(fan_in, fan_out, rng):
    """Forgets the 2 that makes up for ReLU."""
    return rng.standard_normal((fan_in, fan_out)) / np.sqrt(fan_in)


def he_normal__two_outside_the_root(fan_in, fan_out, rng):
    """The 2 stands outside the root."""
    return rng.standard_normal((fan_in, fan_out)) * 2 / np.sqrt(fan_in)


def he_normal__outputs(fan_in, fan_out, rng):
    """Divides by the number of outputs: right only for square layers."""
    return rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / fan_out)


def he_normal__both_fans(fan_in, fan_out, rng):
    """That is Xavier's variance, with the inputs and the outputs."""
    return rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / (fan_in + fan_out))


def he_normal__mean_of_the_fans(fan_in, fan_out, rng):
    """Divides by the mean of inputs and outputs: right only for square layers."""
    return rng.standard_normal((fan_in, fan_out)) * np.sqrt(4 / (fan_in + fan_out))


def he_normal__uniform(fan_in, fan_out, rng):
    """The right variance in the wrong distribution: that is He uniform."""
    limit = np.sqrt(6 / fan_in)
    return rng.uniform(-limit, limit, (fan_in, fan_out))


def he_normal__random_for_normal(fan_in, fan_out, rng):
    """Draws from 0 to 1 instead of from the normal distribution: no weight is negative."""
    return rng.random((fan_in, fan_out)) * np.sqrt(2 / fan_in)


def he_normal__cut_off(fan_in, fan_out, rng):
    """Clips the weights at two standard deviations."""
    std = np.sqrt(2 / fan_in)
    return np.clip(rng.normal(0, std, (fan_in, fan_out)), -2 * std, 2 * std)


def he_normal__truncated(fan_in, fan_out, rng):
    """Draws weights beyond two standard deviations again and makes up for the lost variance.

    So do some libraries; it differs in the tails alone.
    """
    w = rng.standard_normal((fan_in, fan_out))
    while np.any(np.abs(w) > 2):
        far = np.abs(w) > 2
        w[far] = rng.standard_normal(np.count_nonzero(far))
    return w * np.sqrt(2 / fan_in) / 0.87962566103423978


def he_normal__scaled_to_the_exact_variance(fan_in, fan_out, rng):
    """Scales the sample so that its own standard deviation is exactly the wanted one."""
    w = rng.standard_normal((fan_in, fan_out))
    return w / max(w.std(), 1e-12) * np.sqrt(2 / fan_in)


def he_normal__transposed(fan_in, fan_out, rng):
    """The shape is that of a layer which multiplies from the left."""
    return rng.standard_normal((fan_out, fan_in)) * np.sqrt(2 / fan_in)


def he_normal__positive(fan_in, fan_out, rng):
    """Takes the absolute value."""
    return np.abs(rng.standard_normal((fan_in, fan_out))) * np.sqrt(2 / fan_in)


def he_normal__mean_of_one(fan_in, fan_out, rng):
    """The arguments of normal are in the wrong places: the deviation became the mean."""
    return rng.normal(np.sqrt(2 / fan_in), 1.0, (fan_in, fan_out))


def he_normal__one_column_repeated(fan_in, fan_out, rng):
    """Draws one column and repeats it: all units are the same."""
    column = rng.normal(0, np.sqrt(2 / fan_in), (fan_in, 1))
    return np.repeat(column, fan_out, axis=1)


def he_normal__fixed_seed(fan_in, fan_out, rng):
    """Makes its own generator with a seed of its own: every call gives the same weights."""
    rng = np.random.default_rng(42)
    return rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out))


def he_normal__global_generator(fan_in, fan_out, rng):
    """Draws from np.random: the same rng does not give the same weights again."""
    return np.random.randn(fan_in, fan_out) * np.sqrt(2 / fan_in)


def he_normal__integer_division(fan_in, fan_out, rng):
    """2 // fan_in is 0 for three inputs and more."""
    return rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 // fan_in)


def he_normal__with_bias(fan_in, fan_out, rng):
    """Returns the biases as well."""
    return rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out)), np.zeros(fan_out)


def he_normal__two_below(fan_in, fan_out, rng):
    """Takes 1 / sqrt(2 fan_in)."""
    return rng.standard_normal((fan_in, fan_out)) / np.sqrt(2 * fan_in)


def he_normal__upside_down(fan_in, fan_out, rng):
    """Multiplies where it should divide: upside_down."""
    return rng.normal(0, 1, (fan_in, fan_out)) * np.sqrt(fan_in / 2)


def he_normal__a_hundredth_of_standard_normal(fan_in, fan_out, rng):
    """The habit before He: one_hundredth."""
    return 0.01 * rng.standard_normal((fan_in, fan_out))


def he_normal__plain_standard_normal(fan_in, fan_out, rng):
    """No scale at all: unscaled."""
    return rng.standard_normal((fan_in, fan_out))


# ---------------------------------------------------------------------------------------------
# count_iterations
# ---------------------------------------------------------------------------------------------


def count_iterations__article(num_examples, batch_size, epochs, drop_last=False):
    """Takes the epochs for iterations, as a much-read article does: ten times too many."""
    per_epoch = -(-num_examples // batch_size) * epochs
    return per_epoch, per_epoch * epochs


def count_iterations__rest_forgotten(num_examples, batch_size, epochs, drop_last=False):
    """Always rounds down."""
    per_epoch = num_examples // batch_size
    return per_epoch, per_epoch * epochs


def count_iterations__drop_last_ignored(num_examples, batch_size, epochs, drop_last=False):
    """Always rounds up."""
    per_epoch = math.ceil(num_examples / batch_size)
    return per_epoch, per_epoch * epochs


def count_iterations__drop_last_inverted(num_examples, batch_size, epochs, drop_last=False):
    """Keeps the last batch when it is to be dropped, and the other way round."""
    per_epoch = math.ceil(num_examples / batch_size) if drop_last else num_examples // batch_size
    return per_epoch, per_epoch * epochs


def count_iterations__always_one_more(num_examples, batch_size, epochs, drop_last=False):
    """Adds one even where the batches come out even."""
    per_epoch = num_examples // batch_size + (not drop_last)
    return per_epoch, per_epoch * epochs


def count_iterations__rounded(num_examples, batch_size, epochs, drop_last=False):
    """Rounds to the nearest number of batches."""
    per_epoch = num_examples // batch_size if drop_last else round(num_examples / batch_size)
    return per_epoch, per_epoch * epochs


def count_iterations__across_epochs(num_examples, batch_size, epochs, drop_last=False):
    """Lets batches run on into the next epoch, so the total is rounded only once."""
    rounded = math.floor if drop_last else math.ceil
    per_epoch = rounded(num_examples / batch_size)
    return per_epoch, rounded(num_examples * epochs / batch_size)


def count_iterations__fraction(num_examples, batch_size, epochs, drop_last=False):
    """Does not round at all."""
    per_epoch = num_examples / batch_size
    return per_epoch, per_epoch * epochs


def count_iterations__batches_as_examples(num_examples, batch_size, epochs, drop_last=False):
    """Counts every example as an update."""
    return num_examples, num_examples * epochs


def count_iterations__batch_size_as_count(num_examples, batch_size, epochs, drop_last=False):
    """Takes the batch size for the number of batches."""
    return batch_size, batch_size * epochs


def count_iterations__only_total(num_examples, batch_size, epochs, drop_last=False):
    """Returns one number."""
    per_epoch = num_examples // batch_size if drop_last else -(-num_examples // batch_size)
    return per_epoch * epochs


def count_iterations__exchanged(num_examples, batch_size, epochs, drop_last=False):
    """Returns the total first."""
    per_epoch = num_examples // batch_size if drop_last else -(-num_examples // batch_size)
    return per_epoch * epochs, per_epoch


def count_iterations__at_least_one(num_examples, batch_size, epochs, drop_last=False):
    """Counts one iteration where there is none: a single short batch that is dropped."""
    per_epoch = num_examples // batch_size if drop_last else -(-num_examples // batch_size)
    per_epoch = max(1, per_epoch)
    return per_epoch, per_epoch * epochs


def count_iterations__dropped_even_when_full(num_examples, batch_size, epochs, drop_last=False):
    """Drops the last batch even if it is full."""
    per_epoch = -(-num_examples // batch_size) - drop_last
    return per_epoch, per_epoch * epochs


def count_iterations__only_the_last_epoch_dropped(
    num_examples, batch_size, epochs, drop_last=False
):
    """Counts the dropped batch once, not in every epoch."""
    per_epoch = -(-num_examples // batch_size)
    dropped = 1 if drop_last and num_examples % batch_size else 0
    return per_epoch - dropped, per_epoch * epochs - dropped


# ---------------------------------------------------------------------------------------------
# minibatches
# ---------------------------------------------------------------------------------------------


def minibatches__last_lost(num_examples, batch_size, rng):
    """The smaller last batch is left out."""
    order = rng.permutation(num_examples)
    return [order[k * batch_size : (k + 1) * batch_size] for k in range(num_examples // batch_size)]


def minibatches__not_shuffled(num_examples, batch_size, rng):
    """The examples come in their own order."""
    return [
        np.arange(start, min(start + batch_size, num_examples))
        for start in range(0, num_examples, batch_size)
    ]


def minibatches__with_replacement(num_examples, batch_size, rng):
    """Draws each batch from all examples: some are seen twice, others never."""
    count = -(-num_examples // batch_size)
    return [rng.choice(num_examples, batch_size) for _ in range(count)]


def minibatches__order_with_replacement(num_examples, batch_size, rng):
    """Draws the order with rng.integers: some examples are seen twice, others never."""
    order = rng.integers(0, num_examples, num_examples)
    return [order[i : i + batch_size] for i in range(0, num_examples, batch_size)]


def minibatches__choice_in_each_batch(num_examples, batch_size, rng):
    """No example twice in one batch, but some in several batches and others in none."""
    sizes = [batch_size] * (num_examples // batch_size)
    if num_examples % batch_size:
        sizes.append(num_examples % batch_size)
    return [rng.choice(num_examples, size, replace=False) for size in sizes]


def minibatches__evened_out(num_examples, batch_size, rng):
    """Cuts into pieces of nearly equal size instead of full ones and a rest."""
    return np.array_split(rng.permutation(num_examples), -(-num_examples // batch_size))


def minibatches__filled_up(num_examples, batch_size, rng):
    """Fills the last batch up with the first examples of the order."""
    order = rng.permutation(num_examples)
    count = -(-num_examples // batch_size)
    order = np.resize(order, count * batch_size)
    return list(order.reshape(count, batch_size))


def minibatches__rest_first(num_examples, batch_size, rng):
    """The smaller batch comes first."""
    order = rng.permutation(num_examples)
    rest = num_examples % batch_size
    batches = [order[:rest]] if rest else []
    return batches + [order[i : i + batch_size] for i in range(rest, num_examples, batch_size)]


def minibatches__merged_rest(num_examples, batch_size, rng):
    """Adds the rest to the last full batch, which becomes too large."""
    order = rng.permutation(num_examples)
    full = max(1, num_examples // batch_size)
    return np.split(order, [k * batch_size for k in range(1, full)])


def minibatches__batch_size_as_count(num_examples, batch_size, rng):
    """Makes batch_size batches."""
    return np.array_split(rng.permutation(num_examples), batch_size)


def minibatches__empty_last(num_examples, batch_size, rng):
    """Where the batches come out even, an empty one follows."""
    order = rng.permutation(num_examples)
    count = num_examples // batch_size + 1
    return [order[k * batch_size : (k + 1) * batch_size] for k in range(count)]


def minibatches__batches_in_random_order(num_examples, batch_size, rng):
    """Shuffles the batches and not the examples: neighbours stay together."""
    order = np.arange(num_examples)
    batches = [order[i : i + batch_size] for i in range(0, num_examples, batch_size)]
    return [batches[k] for k in rng.permutation(len(batches))]


def minibatches__shuffled_inside(num_examples, batch_size, rng):
    """Shuffles inside the batches only: each holds the same examples every time."""
    order = np.arange(num_examples)
    return [rng.permutation(order[i : i + batch_size]) for i in range(0, num_examples, batch_size)]


def minibatches__rotated(num_examples, batch_size, rng):
    """Starts at a random place and goes on in order."""
    order = np.roll(np.arange(num_examples), int(rng.integers(num_examples)))
    return [order[i : i + batch_size] for i in range(0, num_examples, batch_size)]


def minibatches__permutation_thrown_away(num_examples, batch_size, rng):
    """rng.permutation returns a shuffled copy; the copy is not used."""
    order = np.arange(num_examples)
    rng.permutation(order)
    return [order[i : i + batch_size] for i in range(0, num_examples, batch_size)]


def minibatches__result_of_shuffle(num_examples, batch_size, rng):
    """rng.shuffle works in place and returns None."""
    order = rng.shuffle(np.arange(num_examples))
    return [order[i : i + batch_size] for i in range(0, num_examples, batch_size)]


def minibatches__fixed_seed(num_examples, batch_size, rng):
    """A generator of its own with a fixed seed: the same order in each epoch."""
    order = np.random.default_rng(0).permutation(num_examples)
    return [order[i : i + batch_size] for i in range(0, num_examples, batch_size)]


def minibatches__global_generator(num_examples, batch_size, rng):
    """Shuffles with np.random: the same rng does not give the same order again."""
    order = np.random.permutation(num_examples)
    return [order[i : i + batch_size] for i in range(0, num_examples, batch_size)]


def minibatches__counted_from_one(num_examples, batch_size, rng):
    """The indices run from 1 to N."""
    order = rng.permutation(num_examples) + 1
    return [order[i : i + batch_size] for i in range(0, num_examples, batch_size)]


def minibatches__first_forgotten(num_examples, batch_size, rng):
    """The indices run from 1 to N - 1: example 0 is never seen."""
    order = rng.permutation(np.arange(1, num_examples))
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]


def minibatches__last_included_twice(num_examples, batch_size, rng):
    """The slices overlap by one."""
    order = rng.permutation(num_examples)
    return [order[i : i + batch_size + 1] for i in range(0, num_examples, batch_size)]


def minibatches__one_array(num_examples, batch_size, rng):
    """Returns the order in one piece."""
    return rng.permutation(num_examples)


def minibatches__naive_shuffle(num_examples, batch_size, rng):
    """Swaps each place with any other: every example once, but not all orders equally likely."""
    order = np.arange(num_examples)
    for i in range(num_examples):
        j = int(rng.integers(num_examples))
        order[i], order[j] = order[j], order[i]
    return [order[i : i + batch_size] for i in range(0, num_examples, batch_size)]


def minibatches__nothing_stays(num_examples, batch_size, rng):
    """Shuffles so that each example moves away from the place where it was."""
    order = np.arange(num_examples)
    for i in range(num_examples - 1, 0, -1):
        j = int(rng.integers(0, i))
        order[i], order[j] = order[j], order[i]
    return [order[i : i + batch_size] for i in range(0, num_examples, batch_size)]


def minibatches__rest_from_the_front(num_examples, batch_size, rng):
    """Cuts the last batch from the front of the order again: rest_from_the_front."""
    order = rng.permutation(num_examples)
    full = num_examples // batch_size
    batches = [order[k * batch_size : (k + 1) * batch_size] for k in range(full)]
    if num_examples % batch_size:
        batches.append(order[: num_examples - full * batch_size])
    return batches


# ---------------------------------------------------------------------------------------------
# split_indices
# ---------------------------------------------------------------------------------------------


def split_indices__not_shuffled(num_examples, val_fraction, test_fraction, rng):
    """Takes the first part, the middle and the end of the data as they stand."""
    n_val, n_test = round(num_examples * val_fraction), round(num_examples * test_fraction)
    n_train = num_examples - n_val - n_test
    return tuple(np.split(np.arange(num_examples), [n_train, n_train + n_val]))


def split_indices__overlapping(num_examples, val_fraction, test_fraction, rng):
    """Draws the validation and the test set independently: they share examples."""
    everything = np.arange(num_examples)
    val = rng.choice(num_examples, round(num_examples * val_fraction), replace=False)
    test = rng.choice(num_examples, round(num_examples * test_fraction), replace=False)
    return np.setdiff1d(everything, np.concatenate([val, test])), val, test


def split_indices__test_in_training(num_examples, val_fraction, test_fraction, rng):
    """The training set is all but the validation set: it holds the test set too."""
    order = rng.permutation(num_examples)
    a = round(num_examples * val_fraction)
    b = a + round(num_examples * test_fraction)
    return order[a:], order[:a], order[a:b]


def split_indices__everything_for_training(num_examples, val_fraction, test_fraction, rng):
    """Trains on all examples, those of the other two sets included."""
    order = rng.permutation(num_examples)
    a = round(num_examples * val_fraction)
    b = a + round(num_examples * test_fraction)
    return order, order[:a], order[a:b]


def split_indices__one_set_for_both(num_examples, val_fraction, test_fraction, rng):
    """The validation set begins where the test set does: they are the same examples."""
    order = rng.permutation(num_examples)
    a, b = round(num_examples * val_fraction), round(num_examples * test_fraction)
    return order[max(a, b) :], order[:a], order[:b]


def split_indices__with_replacement(num_examples, val_fraction, test_fraction, rng):
    """rng.integers may draw an example twice."""
    order = rng.integers(0, num_examples, num_examples)
    a = round(num_examples * val_fraction)
    b = a + round(num_examples * test_fraction)
    return order[b:], order[:a], order[a:b]


def split_indices__fraction_of_the_rest(num_examples, val_fraction, test_fraction, rng):
    """Takes the validation fraction from what the test set left: too few."""
    order = rng.permutation(num_examples)
    n_test = round(num_examples * test_fraction)
    n_val = round((num_examples - n_test) * val_fraction)
    return order[n_test + n_val :], order[n_test : n_test + n_val], order[:n_test]


def split_indices__negative_slices(num_examples, val_fraction, test_fraction, rng):
    """Counts from the end: where a fraction is 0, order[-0:] is everything."""
    order = rng.permutation(num_examples)
    n_val, n_test = round(num_examples * val_fraction), round(num_examples * test_fraction)
    test, rest = order[-n_test:], order[:-n_test]
    return rest[:-n_val], rest[-n_val:], test


def split_indices__fractions_exchanged(num_examples, val_fraction, test_fraction, rng):
    """The validation set has the size of the test set, and the other way round."""
    order = rng.permutation(num_examples)
    a = round(num_examples * test_fraction)
    b = a + round(num_examples * val_fraction)
    return order[b:], order[:a], order[a:b]


def split_indices__order_of_results(num_examples, val_fraction, test_fraction, rng):
    """Returns training, test and validation set, in this order."""
    order = rng.permutation(num_examples)
    a = round(num_examples * val_fraction)
    b = a + round(num_examples * test_fraction)
    return order[b:], order[a:b], order[:a]


def split_indices__rest_lost(num_examples, val_fraction, test_fraction, rng):
    """Cuts all three sizes down to whole numbers: an example or two end up nowhere."""
    order = rng.permutation(num_examples)
    n_train = int(num_examples * (1 - val_fraction - test_fraction))
    n_val, n_test = int(num_examples * val_fraction), int(num_examples * test_fraction)
    b = n_train + n_val
    return order[:n_train], order[n_train:b], order[b : b + n_test]


def split_indices__each_by_chance(num_examples, val_fraction, test_fraction, rng):
    """Decides for each example by itself, so that the sizes are left to chance."""
    u = rng.random(num_examples)
    in_val = u < val_fraction
    in_test = (u >= val_fraction) & (u < val_fraction + test_fraction)
    everything = np.arange(num_examples)
    return everything[~in_val & ~in_test], everything[in_val], everything[in_test]


def split_indices__two_sets(num_examples, val_fraction, test_fraction, rng):
    """Forgets the test set."""
    order = rng.permutation(num_examples)
    n_val = round(num_examples * val_fraction)
    return order[n_val:], order[:n_val]


def split_indices__sizes(num_examples, val_fraction, test_fraction, rng):
    """Returns how many examples, not which."""
    n_val, n_test = round(num_examples * val_fraction), round(num_examples * test_fraction)
    return num_examples - n_val - n_test, n_val, n_test


def split_indices__at_least_one(num_examples, val_fraction, test_fraction, rng):
    """No set is empty and each has one more than asked, so that a large fraction misses."""
    order = rng.permutation(num_examples)
    a = int(num_examples * val_fraction) + 2
    b = a + int(num_examples * test_fraction) + 2
    return order[b:], order[:a], order[a:b]


def split_indices__end_for_the_test(num_examples, val_fraction, test_fraction, rng):
    """The test set is the end of the data; only the rest is shuffled."""
    n_val, n_test = round(num_examples * val_fraction), round(num_examples * test_fraction)
    rest = rng.permutation(num_examples - n_test)
    return rest[n_val:], rest[:n_val], np.arange(num_examples - n_test, num_examples)


def split_indices__fixed_seed(num_examples, val_fraction, test_fraction, rng):
    """A generator of its own with a fixed seed: the split is always the same."""
    order = np.random.default_rng(42).permutation(num_examples)
    a = round(num_examples * val_fraction)
    b = a + round(num_examples * test_fraction)
    return order[b:], order[:a], order[a:b]


def split_indices__global_generator(num_examples, val_fraction, test_fraction, rng):
    """Shuffles with np.random: the same rng does not give the same split again."""
    order = np.random.permutation(num_examples)
    a = round(num_examples * val_fraction)
    b = a + round(num_examples * test_fraction)
    return order[b:], order[:a], order[a:b]


def split_indices__shuffled_twice(num_examples, val_fraction, test_fraction, rng):
    """Makes a new order for each set, so that they overlap and leave examples out."""
    n_val, n_test = round(num_examples * val_fraction), round(num_examples * test_fraction)
    train = rng.permutation(num_examples)[n_val + n_test :]
    val = rng.permutation(num_examples)[:n_val]
    test = rng.permutation(num_examples)[n_val : n_val + n_test]
    return train, val, test


def split_indices__validation_from_the_wrong_end(num_examples, val_fraction, test_fraction, rng):
    """Takes the validation set from where the training set begins."""
    order = rng.permutation(num_examples)
    num_val, num_test = int(num_examples * val_fraction), int(num_examples * test_fraction)
    train = order[: num_examples - num_test]
    return train, order[:num_val], order[num_examples - num_test :]


def split_indices__minus_zero(num_examples, val_fraction, test_fraction, rng):
    """For an empty test set order[-0:] is everything."""
    order = rng.permutation(num_examples)
    num_val, num_test = int(num_examples * val_fraction), int(num_examples * test_fraction)
    rest = order[: num_examples - num_test]
    return rest[num_val:], rest[:num_val], order[-num_test:]


# ---------------------------------------------------------------------------------------------
# k_fold_indices
# ---------------------------------------------------------------------------------------------


def k_fold_indices__rest_lost(num_examples, k, rng):
    """num_examples // k in each fold: the rest is never held out, and never learnt from."""
    size = num_examples // k
    order = rng.permutation(num_examples)[: k * size]
    return [
        (np.delete(order, np.s_[i * size : (i + 1) * size]), order[i * size : (i + 1) * size])
        for i in range(k)
    ]


def k_fold_indices__rest_never_held_out(num_examples, k, rng):
    """num_examples // k in each fold: the rest is learnt from but never held out."""
    size = num_examples // k
    order = rng.permutation(num_examples)
    return [
        (np.delete(order, np.s_[i * size : (i + 1) * size]), order[i * size : (i + 1) * size])
        for i in range(k)
    ]


def k_fold_indices__rest_in_the_last(num_examples, k, rng):
    """The last fold takes the whole rest and is too large."""
    size = num_examples // k
    order = rng.permutation(num_examples)
    ends = [i * size for i in range(k)] + [num_examples]
    return [
        (np.delete(order, np.s_[ends[i] : ends[i + 1]]), order[ends[i] : ends[i + 1]])
        for i in range(k)
    ]


def k_fold_indices__rounded_up(num_examples, k, rng):
    """Folds of the size rounded up: the last one is too small, or empty."""
    size = -(-num_examples // k)
    order = rng.permutation(num_examples)
    return [
        (np.delete(order, np.s_[i * size : (i + 1) * size]), order[i * size : (i + 1) * size])
        for i in range(k)
    ]


def k_fold_indices__not_shuffled(num_examples, k, rng):
    """The folds are blocks of the data as it stands."""
    parts = np.array_split(np.arange(num_examples), k)
    return [(np.concatenate(parts[:i] + parts[i + 1 :]), parts[i]) for i in range(k)]


def k_fold_indices__every_kth_not_shuffled(num_examples, k, rng):
    """Takes every k-th example without shuffling."""
    everything = np.arange(num_examples)
    return [(everything[everything % k != i], everything[everything % k == i]) for i in range(k)]


def k_fold_indices__new_order_in_each_fold(num_examples, k, rng):
    """Shuffles anew for each fold: some examples are held out twice, others never."""
    folds = []
    for i in range(k):
        parts = np.array_split(rng.permutation(num_examples), k)
        folds.append((np.concatenate(parts[:i] + parts[i + 1 :]), parts[i]))
    return folds


def k_fold_indices__everything_for_training(num_examples, k, rng):
    """Trains on all examples, the held-out ones included."""
    order = rng.permutation(num_examples)
    return [(order, part) for part in np.array_split(order, k)]


def k_fold_indices__exchanged(num_examples, k, rng):
    """Returns the held-out examples first."""
    parts = np.array_split(rng.permutation(num_examples), k)
    return [(parts[i], np.concatenate(parts[:i] + parts[i + 1 :])) for i in range(k)]


def k_fold_indices__only_validation(num_examples, k, rng):
    """Returns the parts only."""
    return np.array_split(rng.permutation(num_examples), k)


def k_fold_indices__next_part_only(num_examples, k, rng):
    """Trains on the next part only, not on all the others."""
    parts = np.array_split(rng.permutation(num_examples), k)
    return [(parts[(i + 1) % k], parts[i]) for i in range(k)]


def k_fold_indices__growing_training_set(num_examples, k, rng):
    """Trains only on the parts before the held-out one, as for time series."""
    parts = np.array_split(rng.permutation(num_examples), k)
    return [(np.concatenate([parts[i][:0], *parts[:i]]), parts[i]) for i in range(k)]


def k_fold_indices__one_fold_missing(num_examples, k, rng):
    """The loop ends one fold too early."""
    parts = np.array_split(rng.permutation(num_examples), k)
    return [(np.concatenate(parts[:i] + parts[i + 1 :]), parts[i]) for i in range(k - 1)]


def k_fold_indices__one_split(num_examples, k, rng):
    """Returns the first fold alone."""
    parts = np.array_split(rng.permutation(num_examples), k)
    return np.concatenate(parts[1:]), parts[0]


def k_fold_indices__bootstrap(num_examples, k, rng):
    """Draws the held-out examples of each fold with replacement."""
    everything = np.arange(num_examples)
    folds = []
    for _ in range(k):
        val = rng.choice(num_examples, num_examples // k)
        folds.append((np.setdiff1d(everything, val), val))
    return folds


def k_fold_indices__fold_by_chance(num_examples, k, rng):
    """Draws a fold for each example by itself: the sizes are left to chance."""
    number = rng.integers(0, k, num_examples)
    return [(np.flatnonzero(number != i), np.flatnonzero(number == i)) for i in range(k)]


def k_fold_indices__k_as_size(num_examples, k, rng):
    """Takes k for the size of a fold."""
    order = rng.permutation(num_examples)
    starts = range(0, num_examples, k)
    return [(np.delete(order, np.s_[s : s + k]), order[s : s + k]) for s in starts]


def k_fold_indices__positions_for_examples(num_examples, k, rng):
    """The training set holds positions in the order instead of examples."""
    parts = np.array_split(rng.permutation(num_examples), k)
    folds, start = [], 0
    for part in parts:
        positions = np.arange(num_examples)
        folds.append((np.delete(positions, np.s_[start : start + len(part)]), part))
        start += len(part)
    return folds


def k_fold_indices__fixed_seed(num_examples, k, rng):
    """A generator of its own with a fixed seed: the folds are always the same."""
    parts = np.array_split(np.random.default_rng(0).permutation(num_examples), k)
    return [(np.concatenate(parts[:i] + parts[i + 1 :]), parts[i]) for i in range(k)]


def k_fold_indices__global_generator(num_examples, k, rng):
    """Shuffles with np.random: the same rng does not give the same folds again."""
    parts = np.array_split(np.random.permutation(num_examples), k)
    return [(np.concatenate(parts[:i] + parts[i + 1 :]), parts[i]) for i in range(k)]


# ---------------------------------------------------------------------------------------------
# fit_standardiser
# ---------------------------------------------------------------------------------------------


def fit_standardiser__whole_array(x_train):
    """One mean and one std for all features together."""
    return np.mean(x_train), np.std(x_train)


def fit_standardiser__whole_array_repeated(x_train):
    """One mean and one std for all features together, in the right shape."""
    d = x_train.shape[1]
    return np.full(d, x_train.mean()), np.full(d, x_train.std())


def fit_standardiser__rows(x_train):
    """Statistics of each example instead of each feature."""
    return x_train.mean(axis=1), x_train.std(axis=1)


def fit_standardiser__unbiased(x_train):
    """Divides by N - 1."""
    return x_train.mean(axis=0), x_train.std(axis=0, ddof=1)


def fit_standardiser__variance(x_train):
    """Returns the variance for the standard deviation."""
    return x_train.mean(axis=0), x_train.var(axis=0)


def fit_standardiser__epsilon(x_train):
    """Adds a small number to every std, the variance having been close at hand."""
    return x_train.mean(axis=0), np.sqrt(x_train.var(axis=0) + 1e-5)


def fit_standardiser__kept_dimensions(x_train):
    """The shape is (1, D)."""
    return x_train.mean(axis=0, keepdims=True), x_train.std(axis=0, keepdims=True)


def fit_standardiser__squares_minus_square(x_train):
    """The difference of two nearly equal numbers: rounding eats it where the mean is large."""
    mean = x_train.mean(axis=0)
    return mean, np.sqrt(np.maximum((x_train**2).mean(axis=0) - mean**2, 0))


def fit_standardiser__range(x_train):
    """Smallest value and range: that scales to 0..1."""
    low = x_train.min(axis=0)
    return low, x_train.max(axis=0) - low


def fit_standardiser__median(x_train):
    """The median for the mean."""
    return np.median(x_train, axis=0), x_train.std(axis=0)


def fit_standardiser__around_zero(x_train):
    """The std is taken around 0 and not around the mean."""
    return x_train.mean(axis=0), np.sqrt(np.mean(x_train**2, axis=0))


def fit_standardiser__absolute_distance(x_train):
    """The mean absolute distance for the standard deviation."""
    mean = x_train.mean(axis=0)
    return mean, np.abs(x_train - mean).mean(axis=0)


def fit_standardiser__not_divided(x_train):
    """Forgets to divide the squares by N."""
    mean = x_train.mean(axis=0)
    return mean, np.sqrt(np.sum((x_train - mean) ** 2, axis=0))


def fit_standardiser__exchanged(x_train):
    """Returns the std first."""
    return x_train.std(axis=0), x_train.mean(axis=0)


def fit_standardiser__standardised(x_train):
    """Returns the standardised data and not the statistics."""
    std = x_train.std(axis=0)
    return (x_train - x_train.mean(axis=0)) / np.where(std == 0, 1, std)


def fit_standardiser__distances_of_the_whole(x_train):
    """The means are those of the features, the std is that of all numbers together."""
    return x_train.mean(axis=0), np.full(x_train.shape[1], x_train.std())


def fit_standardiser__zeros_left_out(x_train):
    """Leaves zeros out, as if they were missing values."""
    mean, std = np.zeros(x_train.shape[1]), np.zeros(x_train.shape[1])
    for j, column in enumerate(x_train.T):
        present = column[column != 0]
        if present.size:
            mean[j], std[j] = present.mean(), present.std()
    return mean, std


# ---------------------------------------------------------------------------------------------
# standardise
# ---------------------------------------------------------------------------------------------


def standardise__own_statistics(x, mean, std):
    """Takes the statistics of x itself: the test set is standardised by the test set."""
    own = x.std(axis=0)
    return (x - x.mean(axis=0)) / np.where(own == 0, 1, own)


def standardise__own_mean(x, mean, std):
    """Subtracts the mean of x itself."""
    return (x - x.mean(axis=0)) / np.where(std == 0, 1, std)


def standardise__zero_division(x, mean, std):
    """A constant feature gives 0 / 0."""
    return (x - mean) / std


def standardise__epsilon_everywhere(x, mean, std):
    """A small number is added to every std."""
    return (x - mean) / (std + 1e-5)


def standardise__constant_feature_erased(x, mean, std):
    """Sets a feature that was constant to 0, also where x differs from the mean."""
    scale = np.where(std == 0, 1, std)
    return np.where(std == 0, 0, (x - mean) / scale)


def standardise__nan_to_num(x, mean, std):
    """Makes 0 / 0 a 0, but a new value of a constant feature the largest float."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num((x - mean) / std)


def standardise__constant_feature_dropped(x, mean, std):
    """Leaves constant features out: the shape changes."""
    keep = std > 0
    return (x[:, keep] - mean[keep]) / std[keep]


def standardise__only_shifted(x, mean, std):
    """Does not divide."""
    return x - mean


def standardise__only_scaled(x, mean, std):
    """Does not subtract the mean."""
    return x / np.where(std == 0, 1, std)


def standardise__variance(x, mean, std):
    """Divides by the variance."""
    return (x - mean) / np.where(std == 0, 1, std) ** 2


def standardise__root_of_std(x, mean, std):
    """Takes std for a variance and draws the root."""
    return (x - mean) / np.sqrt(np.where(std == 0, 1, std))


def standardise__multiplied(x, mean, std):
    """Multiplies by the std."""
    return (x - mean) * np.where(std == 0, 1, std)


def standardise__precedence(x, mean, std):
    """Misses the brackets."""
    return x - mean / np.where(std == 0, 1, std)


def standardise__added(x, mean, std):
    """Adds the mean."""
    return (x + mean) / np.where(std == 0, 1, std)


def standardise__clipped(x, mean, std):
    """Cuts off everything beyond three standard deviations."""
    return np.clip((x - mean) / np.where(std == 0, 1, std), -3, 3)


def standardise__small_std_ignored(x, mean, std):
    """Treats every std below 1 as if it were 0."""
    return (x - mean) / np.maximum(std, 1)


def standardise__root_of_square_and_epsilon(x, mean, std):
    """As batch normalisation has it: epsilon_in_variance."""
    return (x - mean) / np.sqrt(std**2 + 1e-5)


# ---------------------------------------------------------------------------------------------
# find_leaks
# ---------------------------------------------------------------------------------------------


def find_leaks__strictly_closer(x_train, x_test, tolerance=0.0):
    """Asks for a difference below the tolerance: exact copies are not found at tolerance 0."""
    distance = np.abs(x_test[:, None] - x_train).max(axis=2)
    return np.flatnonzero((distance < tolerance).any(axis=1))


def find_leaks__training_rows(x_train, x_test, tolerance=0.0):
    """Returns the rows of the training set."""
    distance = np.abs(x_test[:, None] - x_train).max(axis=2)
    return np.flatnonzero((distance <= tolerance).any(axis=0))


def find_leaks__once_for_each_partner(x_train, x_test, tolerance=0.0):
    """Names a test row once for every training row that it resembles."""
    distance = np.abs(x_test[:, None] - x_train).max(axis=2)
    return np.nonzero(distance <= tolerance)[0]


def find_leaks__any_feature(x_train, x_test, tolerance=0.0):
    """One feature in common is enough for it."""
    close = np.abs(x_test[:, None] - x_train) <= tolerance
    return np.flatnonzero(close.any(axis=(1, 2)))


def find_leaks__features_from_different_rows(x_train, x_test, tolerance=0.0):
    """Each feature occurs in the training set, though not in one and the same row."""
    close = np.abs(x_test[:, None] - x_train) <= tolerance
    return np.flatnonzero(close.any(axis=1).all(axis=1))


def find_leaks__same_position(x_train, x_test, tolerance=0.0):
    """Compares test row i with training row i only."""
    n = min(len(x_train), len(x_test))
    return np.flatnonzero((np.abs(x_train[:n] - x_test[:n]) <= tolerance).all(axis=1))


def find_leaks__no_absolute_value(x_train, x_test, tolerance=0.0):
    """Forgets the absolute value: every smaller row counts."""
    distance = (x_test[:, None] - x_train).max(axis=2)
    return np.flatnonzero((distance <= tolerance).any(axis=1))


def find_leaks__euclidean(x_train, x_test, tolerance=0.0):
    """The Euclidean distance, which is larger than the largest difference."""
    distance = np.sqrt(((x_test[:, None] - x_train) ** 2).sum(axis=2))
    return np.flatnonzero((distance <= tolerance).any(axis=1))


def find_leaks__sum_of_differences(x_train, x_test, tolerance=0.0):
    """Adds the differences up."""
    distance = np.abs(x_test[:, None] - x_train).sum(axis=2)
    return np.flatnonzero((distance <= tolerance).any(axis=1))


def find_leaks__mean_difference(x_train, x_test, tolerance=0.0):
    """Takes the mean of the differences: one feature may be far off."""
    distance = np.abs(x_test[:, None] - x_train).mean(axis=2)
    return np.flatnonzero((distance <= tolerance).any(axis=1))


def find_leaks__smallest_difference(x_train, x_test, tolerance=0.0):
    """Takes the smallest of the differences."""
    distance = np.abs(x_test[:, None] - x_train).min(axis=2)
    return np.flatnonzero((distance <= tolerance).any(axis=1))


def find_leaks__tolerance_ignored(x_train, x_test, tolerance=0.0):
    """Finds exact copies only."""
    return np.flatnonzero((x_test[:, None] == x_train).all(axis=2).any(axis=1))


def find_leaks__allclose(x_train, x_test, tolerance=0.0):
    """np.allclose adds a relative tolerance of its own: nearly equal rows count at 0."""
    leaks = [
        j
        for j, row in enumerate(x_test)
        if any(np.allclose(row, t, atol=tolerance) for t in x_train)
    ]
    return np.array(leaks, dtype=int)


def find_leaks__rounded(x_train, x_test, tolerance=0.0):
    """Rounds to multiples of the tolerance: neighbours on either side of an edge are missed."""
    if tolerance > 0:
        x_train, x_test = np.round(x_train / tolerance), np.round(x_test / tolerance)
    return np.flatnonzero((x_test[:, None] == x_train).all(axis=2).any(axis=1))


def find_leaks__half_tolerance(x_train, x_test, tolerance=0.0):
    """Takes the tolerance for the width of the whole interval."""
    distance = np.abs(x_test[:, None] - x_train).max(axis=2)
    return np.flatnonzero((distance <= tolerance / 2).any(axis=1))


def find_leaks__twins_in_the_test_set(x_train, x_test, tolerance=0.0):
    """Counts test rows too that resemble another test row."""
    known = np.concatenate([x_train, x_test])
    distance = np.abs(x_test[:, None] - known).max(axis=2)
    n = len(x_train)
    distance[np.arange(len(x_test)), n + np.arange(len(x_test))] = np.inf
    return np.flatnonzero((distance <= tolerance).any(axis=1))


def find_leaks__sums_of_rows(x_train, x_test, tolerance=0.0):
    """Compares the sums of the rows: different rows can have the same sum."""
    distance = np.abs(x_test.sum(axis=1)[:, None] - x_train.sum(axis=1))
    return np.flatnonzero((distance <= tolerance * x_train.shape[1]).any(axis=1))


def find_leaks__membership(x_train, x_test, tolerance=0.0):
    """`row in array` is true as soon as a single number is equal, and knows no tolerance."""
    return np.array([j for j in range(len(x_test)) if x_test[j] in x_train], dtype=int)


def find_leaks__mask(x_train, x_test, tolerance=0.0):
    """Returns a boolean for each row and not the indices."""
    distance = np.abs(x_test[:, None] - x_train).max(axis=2)
    return (distance <= tolerance).any(axis=1)


def find_leaks__tuple_of_nonzero(x_train, x_test, tolerance=0.0):
    """np.nonzero gives a tuple of arrays; its first element is missing."""
    distance = np.abs(x_test[:, None] - x_train).max(axis=2)
    return np.nonzero((distance <= tolerance).any(axis=1))


def find_leaks__column(x_train, x_test, tolerance=0.0):
    """np.argwhere gives a column of shape (n, 1)."""
    distance = np.abs(x_test[:, None] - x_train).max(axis=2)
    return np.argwhere((distance <= tolerance).any(axis=1))


def find_leaks__the_rows_themselves(x_train, x_test, tolerance=0.0):
    """Returns the rows and not their indices."""
    distance = np.abs(x_test[:, None] - x_train).max(axis=2)
    return x_test[(distance <= tolerance).any(axis=1)]


def find_leaks__how_many(x_train, x_test, tolerance=0.0):
    """Returns how many rows have leaked."""
    distance = np.abs(x_test[:, None] - x_train).max(axis=2)
    return np.count_nonzero((distance <= tolerance).any(axis=1))


def find_leaks__the_clean_rows(x_train, x_test, tolerance=0.0):
    """Returns the rows that have not leaked."""
    distance = np.abs(x_test[:, None] - x_train).max(axis=2)
    return np.flatnonzero((distance > tolerance).all(axis=1))


def find_leaks__single_precision(x_train, x_test, tolerance=0.0):
    """Compares in float32: rows that differ in the ninth digit count as copies."""
    distance = np.abs(x_test[:, None].astype(np.float32) - x_train.astype(np.float32)).max(axis=2)
    return np.flatnonzero((distance <= tolerance).any(axis=1))


def find_leaks__first_only(x_train, x_test, tolerance=0.0):
    """Stops at the first leak."""
    for j, row in enumerate(x_test):
        if (np.abs(x_train - row).max(axis=1) <= tolerance).any():
            return np.array([j])
    return np.array([], dtype=int)


def find_leaks__only_the_nearest(x_train, x_test, tolerance=0.0):
    """Looks at the Euclidean-nearest training row alone; another may be within the tolerance."""
    found = []
    for i, row in enumerate(x_test):
        nearest = np.argmin(((x_train - row) ** 2).sum(axis=1))
        if np.abs(x_train[nearest] - row).max() <= tolerance:
            found.append(i)
    return np.array(found, dtype=int)


def find_leaks__tolerance_widened(x_train, x_test, tolerance=0.0):
    """Adds 1e-8 to the tolerance: single_precision, whose sentence holds of it."""
    difference = np.abs(x_test[:, None] - x_train[None]).max(axis=-1)
    return np.where((difference <= tolerance + 1e-8).any(axis=1))[0]


# ---------------------------------------------------------------------------------------------
# train
# ---------------------------------------------------------------------------------------------


def train__last_batch_skipped(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Leaves out the smaller last batch of each epoch."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n - batch_size + 1, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__last_example_skipped(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """The loop over the batches ends one example too early: a last batch of one is lost."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n - 1, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__learns_from_validation(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Updates on the validation set too, once in each epoch."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        loss, grads = loss_and_grads(params, x_val, y_val)
        val_loss.append(loss)
        for k in params:
            params[k], configs[k] = update(params[k], grads[k], configs[k])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__validation_joined_to_training(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Trains on training and validation set together."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    x_train = np.concatenate([x_train, x_val])
    y_train = np.concatenate([y_train, y_val])
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__validation_for_training(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """The sets are exchanged: learns from the validation set and watches the training set."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    x_train, y_train, x_val, y_val = x_val, y_val, x_train, y_train
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__last_parameters(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Returns the parameters of the last epoch, not of the best."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_loss, best_epoch = np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return params, history


def train__best_is_a_second_name(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """best_params = params is no copy: the dict goes on changing."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = params
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__best_shares_the_arrays(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Copies the dict but not the arrays, into which the updates are written."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                next_w, configs[k] = update(params[k], grads[k], configs[k])
                params[k][...] = next_w
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = dict(params)
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__one_config_for_all(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """All parameters share one config."""
    params = {k: v.copy() for k, v in params.items()}
    config = None
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], config = update(params[k], grads[k], config)
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__one_dict_for_all(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """dict.fromkeys gives the same dict to every parameter."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params, {})  # noqa: RUF024 - the mistake
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], config = update(params[k], grads[k], configs[k])
                configs[k].update(config)
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__config_forgotten(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Does not keep the config: each step is the optimizer's first."""
    params = {k: v.copy() for k, v in params.items()}
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], _ = update(params[k], grads[k], None)
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__config_reset_each_epoch(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Begins every epoch with new configs."""
    params = {k: v.copy() for k, v in params.items()}
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        configs = dict.fromkeys(params)
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__not_shuffled(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Takes the examples in their own order."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = np.arange(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__shuffled_once(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Shuffles once: every epoch sees the same batches in the same order."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    order = rng.permutation(n)
    for epoch in range(epochs):
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__targets_not_shuffled(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Shuffles the examples and leaves the targets where they are."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[i : i + batch_size])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__with_replacement(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Draws every batch from all examples: some are seen twice, others never."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        losses = []
        for i in range(0, n, batch_size):
            b = rng.integers(0, n, min(batch_size, n - i))
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__first_batch_only(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Uses the same slice in each step."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for _ in range(0, n, batch_size):
            b = order[:batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__one_update_in_an_epoch(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Adds the gradients of all batches up and steps once, at the end of the epoch."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        total = dict.fromkeys(params, 0.0)
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                total[k] = total[k] + grads[k]
        for k in params:
            params[k], configs[k] = update(params[k], total[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__gradients_pile_up(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Never clears the gradients, so that each step uses the sum of all before it."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        if epoch == 0:
            piled = dict.fromkeys(params, 0.0)
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                piled[k] = piled[k] + grads[k]
                params[k], configs[k] = update(params[k], piled[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__gradient_divided_again(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Divides the gradient by the batch size, though the loss is a mean already."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k] / len(b), configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__partial_batch_scaled_down(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Scales the last batch's gradient by its part of a full batch."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(
                    params[k], grads[k] * len(b) / batch_size, configs[k]
                )
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__gradients_taken_again(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Takes the gradients anew for each parameter, after the others have moved."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                _, grads = loss_and_grads(params, x_train[b], y_train[b])
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__updates_thrown_away(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Does not use what update returns."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                _, configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__patience_ignored(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Never stops early."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__patience_one_more(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Waits one epoch too long."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch > patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__patience_one_less(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Stops one epoch too early."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience - 1:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__patience_in_all(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Counts all epochs without a new best, not those in a row."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    waited = 0
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        else:
            waited += 1
        if waited >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__compared_with_the_epoch_before(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Compares with the epoch before and not with the best."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_epoch = dict(params), 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if epoch == 0 or val_loss[-1] < val_loss[-2]:
            best_epoch = epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__best_by_training_loss(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Chooses the epoch by the training loss, which nearly always falls."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if train_loss[-1] < best_loss:
            best_loss, best_epoch = train_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__highest_validation_loss(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Keeps the highest validation loss, as if it were an accuracy."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), -np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] > best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__later_of_equals(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """An equal validation loss counts as an improvement."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] <= best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__nan_counts_as_better(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """`not (a >= b)` is true for NaN: a diverged epoch becomes the best."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if not (val_loss[-1] >= best_loss):
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__counted_from_one(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """best_epoch is counted from 1."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch + 1}
    return best_params, history


def train__last_epoch_as_best(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Reports the last epoch as the best one."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": epoch}
    return best_params, history


def train__validated_before_the_epoch(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Takes the validation loss before the epoch's updates: it lags by one."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__validation_on_training_data(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Takes the training set for the validation loss."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_train, y_train)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__validation_of_one_batch(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Takes the validation loss of the first batch only."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val[:batch_size], y_val[:batch_size])[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__loss_of_the_last_batch(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Reports the last batch's loss as that of the epoch."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(losses[-1])
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__losses_summed(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Reports the sum of the batches' losses."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.sum(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__one_entry_for_each_batch(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """The history has an entry for each batch."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            train_loss.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__losses_of_all_epochs(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Never empties the list of batch losses: the mean is over all epochs so far."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    losses = []
    for epoch in range(epochs):
        order = rng.permutation(n)
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__only_parameters(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Returns no history."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    return best_params


def train__one_epoch(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """The return stands inside the loop over the epochs."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
        history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
        return best_params, history
    return best_params, {}


def train__stops_before_it_notes(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Breaks before the last epoch's losses are noted."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        now = loss_and_grads(params, x_val, y_val)[0]
        if now < best_loss:
            best_loss, best_epoch = now, epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
        train_loss.append(np.mean(losses))
        val_loss.append(now)
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__back_to_the_best(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Goes back to the best parameters after every epoch that was no better."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        else:
            params = {k: v.copy() for k, v in best_params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__starts_anew(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Ignores the parameters that it is given and starts from zero."""
    params = {k: np.zeros_like(v) for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = rng.permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__fixed_seed(
    params, loss_and_grads, update, x_train, y_train, x_val, y_val, *, epochs, batch_size,
    patience, rng
):  # fmt: skip
    """Shuffles with a new generator of the same seed in every epoch: always the same batches."""
    params = {k: v.copy() for k, v in params.items()}
    configs = dict.fromkeys(params)
    best_params, best_loss, best_epoch = dict(params), np.inf, 0
    train_loss, val_loss = [], []
    n = len(x_train)
    for epoch in range(epochs):
        order = np.random.default_rng(0).permutation(n)
        losses = []
        for i in range(0, n, batch_size):
            b = order[i : i + batch_size]
            loss, grads = loss_and_grads(params, x_train[b], y_train[b])
            losses.append(loss)
            for k in params:
                params[k], configs[k] = update(params[k], grads[k], configs[k])
        train_loss.append(np.mean(losses))
        val_loss.append(loss_and_grads(params, x_val, y_val)[0])
        if val_loss[-1] < best_loss:
            best_loss, best_epoch = val_loss[-1], epoch
            best_params = {k: v.copy() for k, v in params.items()}
        if epoch - best_epoch >= patience:
            break
    history = {"train_loss": train_loss, "val_loss": val_loss, "best_epoch": best_epoch}
    return best_params, history


def train__losses_divided_by_examples(
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
    """Divides the sum of the batches' mean losses by the number of examples."""
    params = {name: w.copy() for name, w in params.items()}
    best_params, best_epoch, configs = dict(params), 0, dict.fromkeys(params)
    history = {"train_loss": [], "val_loss": []}
    n = len(x_train)
    for epoch in range(epochs):
        order, total = rng.permutation(n), 0.0
        for start in range(0, n, batch_size):
            batch = order[start : start + batch_size]
            loss, grads = loss_and_grads(params, x_train[batch], y_train[batch])
            total += loss
            for name in params:
                params[name], configs[name] = update(params[name], grads[name], configs[name])
        history["train_loss"].append(total / n)
        history["val_loss"].append(loss_and_grads(params, x_val, y_val)[0])
        if epoch == 0 or history["val_loss"][-1] < history["val_loss"][best_epoch]:
            best_epoch, best_params = epoch, {name: w.copy() for name, w in params.items()}
        if epoch - best_epoch >= patience:
            break
    return best_params, {**history, "best_epoch": best_epoch}


def train__losses_divided_by_full_batches(
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
    """Divides the sum of the losses by the number of full batches, the last one forgotten."""
    params = {name: w.copy() for name, w in params.items()}
    best_params, best_epoch, configs = dict(params), 0, dict.fromkeys(params)
    history = {"train_loss": [], "val_loss": []}
    n = len(x_train)
    for epoch in range(epochs):
        order, total = rng.permutation(n), 0.0
        for start in range(0, n, batch_size):
            batch = order[start : start + batch_size]
            loss, grads = loss_and_grads(params, x_train[batch], y_train[batch])
            total += loss
            for name in params:
                params[name], configs[name] = update(params[name], grads[name], configs[name])
        history["train_loss"].append(total / max(1, n // batch_size))
        history["val_loss"].append(loss_and_grads(params, x_val, y_val)[0])
        if epoch == 0 or history["val_loss"][-1] < history["val_loss"][best_epoch]:
            best_epoch, best_params = epoch, {name: w.copy() for name, w in params.items()}
        if epoch - best_epoch >= patience:
            break
    return best_params, {**history, "best_epoch": best_epoch}


def train__losses_divided_by_batch_size(
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
    """Divides the sum of the batches' losses by batch_size: losses_divided_by_batch_size."""
    params = {name: w.copy() for name, w in params.items()}
    configs = dict.fromkeys(params)
    best, lowest, best_epoch = {}, np.inf, 0
    history = {"train_loss": [], "val_loss": []}
    for epoch in range(epochs):
        order, losses = rng.permutation(len(x_train)), []
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            loss, grads = loss_and_grads(params, x_train[batch], y_train[batch])
            losses.append(loss)
            for name in params:
                params[name], configs[name] = update(params[name], grads[name], configs[name])
        history["train_loss"].append(sum(losses) / batch_size)
        history["val_loss"].append(loss_and_grads(params, x_val, y_val)[0])
        if history["val_loss"][-1] < lowest:
            lowest, best_epoch = history["val_loss"][-1], epoch
            best = {name: w.copy() for name, w in params.items()}
        elif epoch - best_epoch >= patience:
            break
    history["best_epoch"] = best_epoch
    return best, history


def train__losses_weighted_by_batch_size(
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
    """Weighs the smaller last batch like a full one and divides by the examples."""
    params = {name: w.copy() for name, w in params.items()}
    configs = dict.fromkeys(params)
    best, lowest, best_epoch = {}, np.inf, 0
    history = {"train_loss": [], "val_loss": []}
    for epoch in range(epochs):
        order, losses = rng.permutation(len(x_train)), []
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            loss, grads = loss_and_grads(params, x_train[batch], y_train[batch])
            losses.append(loss)
            for name in params:
                params[name], configs[name] = update(params[name], grads[name], configs[name])
        history["train_loss"].append(sum(losses) * batch_size / len(x_train))
        history["val_loss"].append(loss_and_grads(params, x_val, y_val)[0])
        if history["val_loss"][-1] < lowest:
            lowest, best_epoch = history["val_loss"][-1], epoch
            best = {name: w.copy() for name, w in params.items()}
        elif epoch - best_epoch >= patience:
            break
    history["best_epoch"] = best_epoch
    return best, history


def train__gradient_divided_by_batch_size(
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
    """Divides by batch_size: gradient_divided_by_batch_size."""
    params = {name: w.copy() for name, w in params.items()}
    configs = dict.fromkeys(params)
    best, lowest, best_epoch = {}, np.inf, 0
    history = {"train_loss": [], "val_loss": []}
    for epoch in range(epochs):
        order, losses = rng.permutation(len(x_train)), []
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            loss, grads = loss_and_grads(params, x_train[batch], y_train[batch])
            losses.append(loss)
            for name in params:
                params[name], configs[name] = update(
                    params[name], grads[name] / batch_size, configs[name]
                )
        history["train_loss"].append(sum(losses) / len(losses))
        history["val_loss"].append(loss_and_grads(params, x_val, y_val)[0])
        if history["val_loss"][-1] < lowest:
            lowest, best_epoch = history["val_loss"][-1], epoch
            best = {name: w.copy() for name, w in params.items()}
        elif epoch - best_epoch >= patience:
            break
    history["best_epoch"] = best_epoch
    return best, history


def train__least_improvement(
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
    """Asks for an improvement of at least 1e-4: least_improvement."""
    params = {name: w.copy() for name, w in params.items()}
    configs = dict.fromkeys(params)
    best, lowest, best_epoch = {}, np.inf, 0
    history = {"train_loss": [], "val_loss": []}
    for epoch in range(epochs):
        order, losses = rng.permutation(len(x_train)), []
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            loss, grads = loss_and_grads(params, x_train[batch], y_train[batch])
            losses.append(loss)
            for name in params:
                params[name], configs[name] = update(params[name], grads[name], configs[name])
        history["train_loss"].append(sum(losses) / len(losses))
        history["val_loss"].append(loss_and_grads(params, x_val, y_val)[0])
        if history["val_loss"][-1] < lowest - 1e-4:
            lowest, best_epoch = history["val_loss"][-1], epoch
            best = {name: w.copy() for name, w in params.items()}
        elif epoch - best_epoch >= patience:
            break
    history["best_epoch"] = best_epoch
    return best, history


def train__epochs_for_patience(
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
    """Compares the number of epochs with patience, not how many have passed since the best."""
    params = {name: w.copy() for name, w in params.items()}
    configs = dict.fromkeys(params)
    best, lowest, best_epoch = {}, np.inf, 0
    history = {"train_loss": [], "val_loss": []}
    for epoch in range(epochs):
        order, losses = rng.permutation(len(x_train)), []
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            loss, grads = loss_and_grads(params, x_train[batch], y_train[batch])
            losses.append(loss)
            for name in params:
                params[name], configs[name] = update(params[name], grads[name], configs[name])
        history["train_loss"].append(sum(losses) / len(losses))
        history["val_loss"].append(loss_and_grads(params, x_val, y_val)[0])
        if history["val_loss"][-1] < lowest:
            lowest, best_epoch = history["val_loss"][-1], epoch
            best = {name: w.copy() for name, w in params.items()}
        elif epoch >= patience:
            break
    history["best_epoch"] = best_epoch
    return best, history


def train__last_where_epochs_run_out(
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
    """Returns the best parameters only if it stops early."""
    params = {name: w.copy() for name, w in params.items()}
    configs = dict.fromkeys(params)
    best, lowest, best_epoch = {}, np.inf, 0
    history = {"train_loss": [], "val_loss": []}
    for epoch in range(epochs):
        order, losses = rng.permutation(len(x_train)), []
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            loss, grads = loss_and_grads(params, x_train[batch], y_train[batch])
            losses.append(loss)
            for name in params:
                params[name], configs[name] = update(params[name], grads[name], configs[name])
        history["train_loss"].append(sum(losses) / len(losses))
        history["val_loss"].append(loss_and_grads(params, x_val, y_val)[0])
        if history["val_loss"][-1] < lowest:
            lowest, best_epoch = history["val_loss"][-1], epoch
            best = {name: w.copy() for name, w in params.items()}
        elif epoch - best_epoch >= patience:
            break
    history["best_epoch"] = best_epoch
    return best if len(history["val_loss"]) < epochs else params, history
