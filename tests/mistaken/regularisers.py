"""Wrong answers to the exercises of `regularisers`, as people really write them.

A function `EXERCISE__LABEL` is one wrong answer to EXERCISE; its docstring says what is wrong with
it. Each must lose marks. Names that begin with an underscore are parts of the answers below them. A
backward that needs a forward of its own names it in `PARTNERS`; the others read the model answer's
cache.
"""

import numpy as np

# ---------------------------------------------------------------------------------------------
# l2_penalty
# ---------------------------------------------------------------------------------------------


def l2_penalty__no_half(w, strength):
    """Leaves the factor 0.5 out, in loss and gradient alike."""
    return strength * np.sum(w**2), 2 * strength * w


def l2_penalty__half_in_the_loss_only(w, strength):
    """Halves the loss but keeps the 2 of the derivative."""
    return 0.5 * strength * np.sum(w**2), 2 * strength * w


def l2_penalty__half_in_the_gradient_only(w, strength):
    """The gradient belongs to half the loss that is returned."""
    return strength * np.sum(w**2), strength * w


def l2_penalty__half_in_the_gradient_too(w, strength):
    """The 0.5 stays in the gradient, where the derivative of the square cancels it."""
    return 0.5 * strength * np.sum(w**2), 0.5 * strength * w


def l2_penalty__mean(w, strength):
    """Averages over the weights instead of adding up."""
    return 0.5 * strength * np.mean(w**2), strength * w / w.size


def l2_penalty__divided_by_rows(w, strength):
    """Divides by the first axis, taken for the number of examples."""
    n = w.shape[0]
    return 0.5 * strength * np.sum(w**2) / n, strength * w / n


def l2_penalty__norm_not_squared(w, strength):
    """Takes the root: the norm instead of its square."""
    norm = np.sqrt(np.sum(w**2))
    return 0.5 * strength * norm, 0.5 * strength * w / (norm + 1e-12)


def l2_penalty__strength_squared(w, strength):
    """Squares the strength together with the weights."""
    return 0.5 * np.sum((strength * w) ** 2), strength**2 * w


def l2_penalty__no_strength_in_the_gradient(w, strength):
    """The gradient forgets the strength."""
    return 0.5 * strength * np.sum(w * w), w


def l2_penalty__gradient_sign(w, strength):
    """Returns the step that shrinks the weights, not the gradient."""
    return 0.5 * strength * np.sum(w * w), -strength * w


def l2_penalty__decayed_weights(w, strength):
    """Returns weights that have decayed already instead of a gradient."""
    return 0.5 * strength * np.sum(w * w), (1 - strength) * w


def l2_penalty__square_of_the_sum(w, strength):
    """Squares the sum, in which weights of opposite sign cancel."""
    return 0.5 * strength * np.sum(w) ** 2, strength * np.sum(w) * np.ones_like(w)


def l2_penalty__per_column(w, strength):
    """Adds up over the first axis only."""
    return 0.5 * strength * np.sum(w**2, axis=0), strength * w


def l2_penalty__only_loss(w, strength):
    """Returns no gradient."""
    return 0.5 * strength * np.sum(w**2)


def l2_penalty__summed_gradient(w, strength):
    """Adds the gradient up into one number."""
    return 0.5 * strength * np.sum(w**2), np.sum(strength * w)


def l2_penalty__absolute(w, strength):
    """Penalises sizes instead of squares."""
    return strength * np.sum(np.abs(w)), strength * np.sign(w)


def l2_penalty__norm_of_a_matrix(w, strength):
    """np.linalg.norm(w, 2) is right for vectors only: norm_of_a_matrix."""
    return 0.5 * strength * np.linalg.norm(w, 2) ** 2, strength * w


def l2_penalty__sum_of_a_matrix_product(w, strength):
    """Multiplies different rows as well: matrix_product."""
    return 0.5 * strength * np.sum(np.dot(w, w.T)), strength * w


# ---------------------------------------------------------------------------------------------
# l1_penalty
# ---------------------------------------------------------------------------------------------


def l1_penalty__half(w, strength):
    """Carries the 0.5 over from the L2 penalty."""
    return 0.5 * strength * np.abs(w).sum(), 0.5 * strength * np.sign(w)


def l1_penalty__no_sign(w, strength):
    """The gradient is the strength everywhere, whatever a weight's sign."""
    return strength * np.abs(w).sum(), strength * np.ones_like(w)


def l1_penalty__gradient_of_l2(w, strength):
    """The gradient was copied from the L2 penalty."""
    return strength * np.sum(np.abs(w)), strength * w


def l1_penalty__gradient_is_size(w, strength):
    """The gradient grows with the size of the weight."""
    return strength * np.sum(np.abs(w)), strength * np.abs(w)


def l1_penalty__no_absolute(w, strength):
    """Adds the weights up without taking their size: the loss may be negative."""
    return strength * np.sum(w), strength * np.sign(w)


def l1_penalty__size_of_the_sum(w, strength):
    """Takes the absolute value after adding up."""
    total = np.sum(w)
    return strength * abs(total), strength * np.sign(total) * np.ones_like(w)


def l1_penalty__mean(w, strength):
    """Averages instead of adding up."""
    return strength * np.mean(np.abs(w)), strength * np.sign(w) / w.size


def l1_penalty__no_strength_in_the_gradient(w, strength):
    """The gradient forgets the strength."""
    return strength * np.sum(np.abs(w)), np.sign(w)


def l1_penalty__no_strength_in_the_loss(w, strength):
    """The loss forgets the strength."""
    return np.sum(np.abs(w)), strength * np.sign(w)


def l1_penalty__only_positive(w, strength):
    """Negative weights get no gradient, as in a ReLU."""
    return strength * np.sum(np.abs(w)), strength * (w > 0)


def l1_penalty__division_by_zero(w, strength):
    """Divides by the size: NaN where a weight is exactly 0."""
    return strength * np.sum(np.abs(w)), strength * w / np.abs(w)


def l1_penalty__matrix_norm(w, strength):
    """For a matrix this norm is the largest column sum; for more axes it raises."""
    return strength * np.linalg.norm(w, 1), strength * np.sign(w)


def l1_penalty__gradient_sign(w, strength):
    """The gradient has the wrong sign."""
    return strength * np.sum(np.abs(w)), -strength * np.sign(w)


def l1_penalty__norm_of_a_matrix(w, strength):
    """np.linalg.norm(w, 1) is right for vectors only: norm_of_a_matrix."""
    return strength * np.linalg.norm(w, 1), strength * np.sign(w)


# ---------------------------------------------------------------------------------------------
# dropout_forward
# ---------------------------------------------------------------------------------------------


def dropout_forward__keep_and_drop_exchanged(x, drop_prob, mode, rng):
    """Takes drop_prob for the probability of keeping."""
    if mode == "test":
        return x, None
    mask = (rng.random(x.shape) < drop_prob) / max(drop_prob, 1e-12)
    return x * mask, mask


def dropout_forward__mask_exchanged(x, drop_prob, mode, rng):
    """Keeps with drop_prob but scales by 1 / (1 - drop_prob)."""
    if mode == "test":
        return x, None
    mask = (rng.random(x.shape) < drop_prob) / (1 - drop_prob)
    return x * mask, mask


def dropout_forward__scale_exchanged(x, drop_prob, mode, rng):
    """Keeps the right share but divides by drop_prob."""
    if mode == "test":
        return x, None
    mask = (rng.random(x.shape) >= drop_prob) / max(drop_prob, 1e-12)
    return x * mask, mask


def dropout_forward__not_scaled(x, drop_prob, mode, rng):
    """Does not scale the survivors up."""
    if mode == "test":
        return x, None
    mask = rng.random(x.shape) >= drop_prob
    return x * mask, mask


def dropout_forward__scaled_at_test_time(x, drop_prob, mode, rng):
    """The older form: nothing in training, times the keep probability at test time."""
    if mode == "test":
        return x * (1 - drop_prob), None
    mask = rng.random(x.shape) >= drop_prob
    return x * mask, mask


def dropout_forward__scaled_twice(x, drop_prob, mode, rng):
    """Scales in training and at test time."""
    if mode == "test":
        return x * (1 - drop_prob), None
    mask = (rng.random(x.shape) >= drop_prob) / (1 - drop_prob)
    return x * mask, mask


def dropout_forward__multiplied_by_keep(x, drop_prob, mode, rng):
    """Multiplies by the keep probability instead of dividing by it."""
    if mode == "test":
        return x, None
    keep = 1 - drop_prob
    mask = (rng.random(x.shape) < keep) * keep
    return x * mask, mask


def dropout_forward__normal_for_uniform(x, drop_prob, mode, rng):
    """Draws normal numbers where uniform ones are needed, so the rate is wrong."""
    if mode == "test":
        return x, None
    keep = 1 - drop_prob
    mask = (rng.standard_normal(x.shape) < keep) / keep
    return x * mask, mask


def dropout_forward__drops_at_test_time(x, drop_prob, mode, rng):
    """Ignores the mode."""
    mask = (rng.random(x.shape) >= drop_prob) / (1 - drop_prob)
    return x * mask, mask


def dropout_forward__modes_exchanged(x, drop_prob, mode, rng):
    """Drops at test time and not in training."""
    if mode == "train":
        return x, None
    mask = (rng.random(x.shape) >= drop_prob) / (1 - drop_prob)
    return x * mask, mask


def dropout_forward__mode_as_truth_value(x, drop_prob, mode, rng):
    """Tests the text itself, which is true for "test" as well."""
    mask = np.ones_like(x)
    if mode:
        mask = (rng.random(x.shape) >= drop_prob) / (1 - drop_prob)
    return x * mask, mask


def dropout_forward__one_mask_for_all_rows(x, drop_prob, mode, rng):
    """Draws one mask along the last axis: whole columns go together."""
    if mode == "test":
        return x, None
    mask = (rng.random(x.shape[-1]) >= drop_prob) / (1 - drop_prob)
    return x * mask, mask


def dropout_forward__whole_rows(x, drop_prob, mode, rng):
    """Draws once a row: whole examples go."""
    if mode == "test":
        return x, None
    mask = (rng.random((len(x), *[1] * (x.ndim - 1))) >= drop_prob) / (1 - drop_prob)
    return x * mask, mask


def dropout_forward__all_or_nothing(x, drop_prob, mode, rng):
    """Draws a single number for the whole array."""
    if mode == "test":
        return x, None
    mask = (rng.random() >= drop_prob) / (1 - drop_prob)
    return x * mask, mask


def dropout_forward__own_fixed_seed(x, drop_prob, mode, rng):
    """Starts a generator of its own with a fixed seed: the same mask at every step."""
    if mode == "test":
        return x, None
    mask = (np.random.default_rng(0).random(x.shape) >= drop_prob) / (1 - drop_prob)
    return x * mask, mask


def dropout_forward__global_seed(x, drop_prob, mode, rng):
    """Seeds NumPy's global generator inside the layer: the same mask at every step."""
    if mode == "test":
        return x, None
    np.random.seed(42)
    mask = (np.random.rand(*x.shape) >= drop_prob) / (1 - drop_prob)
    return x * mask, mask


def dropout_forward__global_generator(x, drop_prob, mode, rng):
    """Draws from NumPy's global generator and leaves rng alone: no seed brings the mask back."""
    if mode == "test":
        return x, None
    mask = (np.random.rand(*x.shape) >= drop_prob) / (1 - drop_prob)
    return x * mask, mask


def dropout_forward__half_hard_coded(x, drop_prob, mode, rng):
    """Drops half of the elements, whatever drop_prob says."""
    if mode == "test":
        return x, None
    mask = (rng.random(x.shape) < 0.5) / 0.5
    return x * mask, mask


def dropout_forward__random_factors(x, drop_prob, mode, rng):
    """Multiplies by the uniform numbers themselves; no comparison was made."""
    if mode == "test":
        return x, None
    mask = rng.random(x.shape) / (1 - drop_prob)
    return x * mask, mask


def dropout_forward__exact_share(x, drop_prob, mode, rng):
    """Drops exactly the same number of elements every time, so they are not independent."""
    if mode == "test":
        return x, None
    mask = np.ones(x.size)
    mask[rng.permutation(x.size)[: round(drop_prob * x.size)]] = 0
    mask = mask.reshape(x.shape) / (1 - drop_prob)
    return x * mask, mask


def dropout_forward__threshold_on_x(x, drop_prob, mode, rng):
    """Drops what is small instead of what chance says."""
    if mode == "test":
        return x, None
    mask = (np.abs(x) > drop_prob) / (1 - drop_prob)
    return x * mask, mask


def dropout_forward__dropped_entries_negative(x, drop_prob, mode, rng):
    """Subtracts the mask instead of multiplying by it."""
    if mode == "test":
        return x, None
    dropped = rng.random(x.shape) < drop_prob
    return (x - dropped) / (1 - drop_prob), dropped


def dropout_forward__rescaled_to_the_old_sum(x, drop_prob, mode, rng):
    """Scales by the share that was really kept, so the factor changes from draw to draw."""
    if mode == "test":
        return x, None
    kept = rng.random(x.shape) >= drop_prob
    mask = kept / max(kept.mean(), 1e-12)
    return x * mask, mask


def dropout_forward__only_out(x, drop_prob, mode, rng):
    """Returns no cache."""
    if mode == "test":
        return x
    return x * (rng.random(x.shape) >= drop_prob) / (1 - drop_prob)


# ---------------------------------------------------------------------------------------------
# dropout_backward
# ---------------------------------------------------------------------------------------------


def dropout_backward__upstream_unchanged(dout, cache):
    """Passes the gradient through as if nothing had been dropped."""
    return dout


def dropout_backward__mask_alone(dout, cache):
    """Returns the mask and ignores the upstream gradient."""
    return cache * np.ones_like(dout)


def dropout_backward__not_scaled(dout, cache):
    """Takes the mask as yes or no and forgets the scale."""
    return dout * (cache > 0)


def dropout_backward__divided_by_scale(dout, cache):
    """Divides by the scale where the element was kept."""
    return np.where(cache > 0, dout / np.where(cache > 0, cache, 1), 0)


def dropout_backward__scaled_twice(dout, cache):
    """Multiplies by the scaled mask two times."""
    return dout * cache * cache


def dropout_backward__dropped_elements_only(dout, cache):
    """Sends the gradient through the elements that were dropped."""
    return dout * (cache == 0)


def dropout_backward__scale_everywhere(dout, cache):
    """Scales but does not set anything to zero."""
    return dout * np.max(cache)


def dropout_backward__mask_transposed(dout, cache):
    """Reads the mask in another order than it was drawn in."""
    return dout * cache.ravel()[::-1].reshape(dout.shape)


def dropout_backward__sign(dout, cache):
    """The gradient has the wrong sign."""
    return -dout * cache


def _dropout_forward_keeps_rng(x, drop_prob, mode, rng):
    if mode == "test":
        return x, (mode, drop_prob, rng)
    mask = (rng.random(x.shape) >= drop_prob) / (1 - drop_prob)
    return x * mask, (mode, drop_prob, rng)


def dropout_backward__fresh_mask(dout, cache):
    """Draws a new mask in the backward."""
    mode, drop_prob, rng = cache
    if mode == "test":
        return dout
    return dout * (rng.random(dout.shape) >= drop_prob) / (1 - drop_prob)


def _dropout_forward_keeps_x_and_out(x, drop_prob, mode, rng):
    if mode == "test":
        return x, (x, drop_prob, mode)
    out = x * (rng.random(x.shape) >= drop_prob) / (1 - drop_prob)
    return out, (out, drop_prob, mode)


def dropout_backward__mask_from_out(dout, cache):
    """Takes for dropped whatever is 0 in out, also where x itself was 0 (as after a ReLU)."""
    out, drop_prob, mode = cache
    if mode == "test":
        return dout
    return dout * (out != 0) / (1 - drop_prob)


def _dropout_forward_no_mode(x, drop_prob, mode, rng):
    mask = rng.random(x.shape) >= drop_prob
    out = x * mask / (1 - drop_prob) if mode == "train" else x
    return out, (mask, drop_prob)


def dropout_backward__masked_at_test_time(dout, cache):
    """Masks the gradient of a forward that ran in mode "test", too."""
    mask, drop_prob = cache
    return dout * mask / (1 - drop_prob)


def _dropout_forward_exchanged_scale(x, drop_prob, mode, rng):
    if mode == "test":
        return x, None
    mask = rng.random(x.shape) >= drop_prob
    return x * mask / (1 - drop_prob), (mask, drop_prob)


def dropout_backward__scale_exchanged(dout, cache):
    """The backward divides by drop_prob, the forward by 1 - drop_prob."""
    if cache is None:
        return dout
    mask, drop_prob = cache
    return dout * mask / max(drop_prob, 1e-12)


_last_mask = {}


def _dropout_forward_global_mask(x, drop_prob, mode, rng):
    mask = np.ones_like(x)
    if mode == "train":
        mask = (rng.random(x.shape) >= drop_prob) / (1 - drop_prob)
    _last_mask["mask"] = mask
    return x * mask, None


def dropout_backward__mask_in_a_global(dout, cache):
    """Keeps the mask in a global: with two layers the first one gets the second one's mask."""
    return dout * np.resize(_last_mask["mask"], dout.shape)


# ---------------------------------------------------------------------------------------------
# batchnorm_forward
# ---------------------------------------------------------------------------------------------


def _settings(x, bn_param):
    zeros = np.zeros(x.shape[1])
    return (
        bn_param["mode"],
        bn_param.get("eps", 1e-5),
        bn_param.get("momentum", 0.9),
        bn_param.get("running_mean", zeros),
        bn_param.get("running_var", zeros),
    )


def batchnorm_forward__batch_statistics_at_test_time(x, gamma, beta, bn_param):
    """Normalises by the batch's own statistics at test time, too."""
    mode, eps, momentum, rm, rv = _settings(x, bn_param)
    mean, var = x.mean(axis=0), x.var(axis=0)
    if mode == "train":
        bn_param["running_mean"] = momentum * rm + (1 - momentum) * mean
        bn_param["running_var"] = momentum * rv + (1 - momentum) * var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, x


def batchnorm_forward__running_statistics_in_training(x, gamma, beta, bn_param):
    """Normalises by the running averages in training, too."""
    mode, eps, momentum, rm, rv = _settings(x, bn_param)
    if mode == "train":
        rm = momentum * rm + (1 - momentum) * x.mean(axis=0)
        rv = momentum * rv + (1 - momentum) * x.var(axis=0)
        bn_param.update(running_mean=rm, running_var=rv)
    return gamma * (x - rm) / np.sqrt(rv + eps) + beta, x


def batchnorm_forward__unbiased_variance(x, gamma, beta, bn_param):
    """Divides the variance by N - 1."""
    mode, eps, momentum, mean, var = _settings(x, bn_param)
    if mode == "train":
        batch_mean, batch_var = x.mean(axis=0), x.var(axis=0, ddof=1)
        bn_param["running_mean"] = momentum * mean + (1 - momentum) * batch_mean
        bn_param["running_var"] = momentum * var + (1 - momentum) * batch_var
        mean, var = batch_mean, batch_var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, x


def batchnorm_forward__unbiased_running_variance(x, gamma, beta, bn_param):
    """Divides by N - 1 in the running average, as PyTorch does."""
    mode, eps, momentum, mean, var = _settings(x, bn_param)
    if mode == "train":
        n = len(x)
        batch_mean, batch_var = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = momentum * mean + (1 - momentum) * batch_mean
        bn_param["running_var"] = momentum * var + (1 - momentum) * batch_var * n / max(n - 1, 1)
        mean, var = batch_mean, batch_var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, x


def batchnorm_forward__momentum_exchanged(x, gamma, beta, bn_param):
    """Keeps 1 - momentum of the old value, as PyTorch's momentum does."""
    mode, eps, momentum, mean, var = _settings(x, bn_param)
    if mode == "train":
        batch_mean, batch_var = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = (1 - momentum) * mean + momentum * batch_mean
        bn_param["running_var"] = (1 - momentum) * var + momentum * batch_var
        mean, var = batch_mean, batch_var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, x


def batchnorm_forward__momentum_hard_coded(x, gamma, beta, bn_param):
    """Uses a momentum of 0.9 whatever bn_param says."""
    mode, eps, _, mean, var = _settings(x, bn_param)
    if mode == "train":
        batch_mean, batch_var = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = 0.9 * mean + 0.1 * batch_mean
        bn_param["running_var"] = 0.9 * var + 0.1 * batch_var
        mean, var = batch_mean, batch_var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, x


def batchnorm_forward__eps_outside_the_root(x, gamma, beta, bn_param):
    """Adds eps to the standard deviation instead of the variance."""
    mode, eps, momentum, mean, var = _settings(x, bn_param)
    if mode == "train":
        batch_mean, batch_var = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = momentum * mean + (1 - momentum) * batch_mean
        bn_param["running_var"] = momentum * var + (1 - momentum) * batch_var
        mean, var = batch_mean, batch_var
    return gamma * (x - mean) / (np.sqrt(var) + eps) + beta, x


def batchnorm_forward__eps_hard_coded(x, gamma, beta, bn_param):
    """Uses an eps of 1e-5 whatever bn_param says."""
    mode, _, momentum, mean, var = _settings(x, bn_param)
    if mode == "train":
        batch_mean, batch_var = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = momentum * mean + (1 - momentum) * batch_mean
        bn_param["running_var"] = momentum * var + (1 - momentum) * batch_var
        mean, var = batch_mean, batch_var
    return gamma * (x - mean) / np.sqrt(var + 1e-5) + beta, x


def batchnorm_forward__no_eps(x, gamma, beta, bn_param):
    """Leaves eps out: a constant column divides 0 by 0."""
    mode, _, momentum, mean, var = _settings(x, bn_param)
    if mode == "train":
        batch_mean, batch_var = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = momentum * mean + (1 - momentum) * batch_mean
        bn_param["running_var"] = momentum * var + (1 - momentum) * batch_var
        mean, var = batch_mean, batch_var
    return gamma * (x - mean) / np.sqrt(var) + beta, x


def batchnorm_forward__eps_in_the_running_variance(x, gamma, beta, bn_param):
    """Adds eps to the variance before it enters the running average, and again at test time."""
    mode, eps, momentum, mean, var = _settings(x, bn_param)
    if mode == "test":
        return gamma * (x - mean) / np.sqrt(var + eps) + beta, x
    batch_mean, batch_var = x.mean(axis=0), x.var(axis=0) + eps
    bn_param["running_mean"] = momentum * mean + (1 - momentum) * batch_mean
    bn_param["running_var"] = momentum * var + (1 - momentum) * batch_var
    return gamma * (x - batch_mean) / np.sqrt(batch_var) + beta, x


def batchnorm_forward__over_features(x, gamma, beta, bn_param):
    """Takes the statistics of each row, as layer normalisation does."""
    mode, eps, momentum, mean, var = _settings(x, bn_param)
    if mode == "train":
        row_mean, row_var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
        bn_param["running_mean"] = momentum * mean + (1 - momentum) * row_mean.mean()
        bn_param["running_var"] = momentum * var + (1 - momentum) * row_var.mean()
        mean, var = row_mean, row_var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, x


def batchnorm_forward__over_everything(x, gamma, beta, bn_param):
    """Takes one mean and one variance for the whole array."""
    mode, eps, momentum, mean, var = _settings(x, bn_param)
    if mode == "train":
        batch_mean, batch_var = x.mean(), x.var()
        bn_param["running_mean"] = momentum * mean + (1 - momentum) * batch_mean
        bn_param["running_var"] = momentum * var + (1 - momentum) * batch_var
        mean, var = batch_mean, batch_var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, x


def batchnorm_forward__no_root(x, gamma, beta, bn_param):
    """Divides by the variance instead of its root."""
    mode, eps, momentum, mean, var = _settings(x, bn_param)
    if mode == "train":
        batch_mean, batch_var = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = momentum * mean + (1 - momentum) * batch_mean
        bn_param["running_var"] = momentum * var + (1 - momentum) * batch_var
        mean, var = batch_mean, batch_var
    return gamma * (x - mean) / (var + eps) + beta, x


def batchnorm_forward__running_deviation(x, gamma, beta, bn_param):
    """Averages the standard deviation under the name of the variance."""
    mode, eps, momentum, mean, var = _settings(x, bn_param)
    if mode == "test":
        return gamma * (x - mean) / np.sqrt(var + eps) + beta, x
    batch_mean, std = x.mean(axis=0), np.sqrt(x.var(axis=0) + eps)
    bn_param["running_mean"] = momentum * mean + (1 - momentum) * batch_mean
    bn_param["running_var"] = momentum * var + (1 - momentum) * std
    return gamma * (x - batch_mean) / std + beta, x


def batchnorm_forward__running_not_stored(x, gamma, beta, bn_param):
    """Computes the running averages in local names and never writes them back."""
    mode, eps, momentum, rm, rv = _settings(x, bn_param)
    if mode == "test":
        return gamma * (x - rm) / np.sqrt(rv + eps) + beta, x
    mean, var = x.mean(axis=0), x.var(axis=0)
    rm = momentum * rm + (1 - momentum) * mean
    rv = momentum * rv + (1 - momentum) * var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, (x, rm, rv)


def batchnorm_forward__latest_batch_only(x, gamma, beta, bn_param):
    """Overwrites the running averages with the latest batch."""
    mode, eps, _, mean, var = _settings(x, bn_param)
    if mode == "train":
        mean, var = x.mean(axis=0), x.var(axis=0)
        bn_param.update(running_mean=mean, running_var=var)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, x


def batchnorm_forward__running_of_shape_1_d(x, gamma, beta, bn_param):
    """The running averages come back with shape (1, D)."""
    mode, eps, momentum, mean, var = _settings(x, bn_param)
    if mode == "train":
        batch_mean, batch_var = x.mean(axis=0, keepdims=True), x.var(axis=0, keepdims=True)
        bn_param["running_mean"] = momentum * mean + (1 - momentum) * batch_mean
        bn_param["running_var"] = momentum * var + (1 - momentum) * batch_var
        mean, var = batch_mean, batch_var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, x


def batchnorm_forward__running_moves_at_test_time(x, gamma, beta, bn_param):
    """Test batches enter the running averages as well."""
    mode, eps, momentum, rm, rv = _settings(x, bn_param)
    mean, var = x.mean(axis=0), x.var(axis=0)
    bn_param["running_mean"] = momentum * rm + (1 - momentum) * mean
    bn_param["running_var"] = momentum * rv + (1 - momentum) * var
    if mode == "test":
        mean, var = rm, rv
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, x


def batchnorm_forward__only_the_mean_runs(x, gamma, beta, bn_param):
    """Forgets to update the running variance."""
    mode, eps, momentum, mean, var = _settings(x, bn_param)
    bn_param["running_var"] = var
    if mode == "train":
        batch_mean, batch_var = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = momentum * mean + (1 - momentum) * batch_mean
        mean, var = batch_mean, batch_var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, x


def batchnorm_forward__running_starts_at_the_first_batch(x, gamma, beta, bn_param):
    """Where there is no running average yet, starts it at the batch instead of at zeros."""
    mode, eps, momentum, mean, var = _settings(x, bn_param)
    if mode == "train":
        batch_mean, batch_var = x.mean(axis=0), x.var(axis=0)
        old_mean = bn_param.get("running_mean", batch_mean)
        old_var = bn_param.get("running_var", batch_var)
        bn_param["running_mean"] = momentum * old_mean + (1 - momentum) * batch_mean
        bn_param["running_var"] = momentum * old_var + (1 - momentum) * batch_var
        mean, var = batch_mean, batch_var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, x


def batchnorm_forward__gamma_and_beta_exchanged(x, gamma, beta, bn_param):
    """Scales by beta and shifts by gamma."""
    mode, eps, momentum, mean, var = _settings(x, bn_param)
    if mode == "train":
        batch_mean, batch_var = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = momentum * mean + (1 - momentum) * batch_mean
        bn_param["running_var"] = momentum * var + (1 - momentum) * batch_var
        mean, var = batch_mean, batch_var
    return beta * (x - mean) / np.sqrt(var + eps) + gamma, x


def batchnorm_forward__no_scale_at_test_time(x, gamma, beta, bn_param):
    """Returns x_hat itself at test time, without gamma and beta."""
    mode, eps, momentum, rm, rv = _settings(x, bn_param)
    if mode == "test":
        return (x - rm) / np.sqrt(rv + eps), x
    mean, var = x.mean(axis=0), x.var(axis=0)
    bn_param["running_mean"] = momentum * rm + (1 - momentum) * mean
    bn_param["running_var"] = momentum * rv + (1 - momentum) * var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, x


def batchnorm_forward__squares_not_centred(x, gamma, beta, bn_param):
    """Takes the mean of the squares for the variance."""
    mode, eps, momentum, mean, var = _settings(x, bn_param)
    if mode == "train":
        batch_mean, batch_var = x.mean(axis=0), (x**2).mean(axis=0)
        bn_param["running_mean"] = momentum * mean + (1 - momentum) * batch_mean
        bn_param["running_var"] = momentum * var + (1 - momentum) * batch_var
        mean, var = batch_mean, batch_var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, x


def batchnorm_forward__running_var_from_ones(x, gamma, beta, bn_param):
    """Begins with a running variance of 1, as PyTorch does."""
    d = x.shape[1]
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    mean = bn_param.setdefault("running_mean", np.zeros(d))
    var = bn_param.setdefault("running_var", np.ones(d))
    if bn_param["mode"] == "train":
        bn_param["running_mean"] = momentum * mean + (1 - momentum) * x.mean(axis=0)
        bn_param["running_var"] = momentum * var + (1 - momentum) * x.var(axis=0)
        mean, var = x.mean(axis=0), x.var(axis=0)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None


def batchnorm_forward__no_eps_at_test_time(x, gamma, beta, bn_param):
    """Divides by the root of the running variance alone."""
    d = x.shape[1]
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    mean = bn_param.get("running_mean", np.zeros(d))
    var = bn_param.get("running_var", np.zeros(d))
    if bn_param["mode"] == "test":
        return gamma * (x - mean) / np.sqrt(var) + beta, None
    bn_param["running_mean"] = momentum * mean + (1 - momentum) * x.mean(axis=0)
    bn_param["running_var"] = momentum * var + (1 - momentum) * x.var(axis=0)
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta, None


# ---------------------------------------------------------------------------------------------
# batchnorm_backward
# ---------------------------------------------------------------------------------------------


def batchnorm_backward__statistics_are_constants(dout, cache):
    """Treats mean and variance as constants."""
    x_hat, gamma, std = cache
    return gamma * dout / std, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def batchnorm_backward__not_through_the_mean(dout, cache):
    """Leaves out the path through the mean."""
    x_hat, gamma, std = cache
    g = gamma * dout
    dx = (g - x_hat * (g * x_hat).mean(axis=0)) / std
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def batchnorm_backward__not_through_the_variance(dout, cache):
    """Leaves out the path through the variance."""
    x_hat, gamma, std = cache
    g = gamma * dout
    return (g - g.mean(axis=0)) / std, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def batchnorm_backward__sums_for_means(dout, cache):
    """Subtracts sums where means belong."""
    x_hat, gamma, std = cache
    g = gamma * dout
    dx = (g - g.sum(axis=0) - x_hat * (g * x_hat).sum(axis=0)) / std
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def batchnorm_backward__divided_by_features(dout, cache):
    """Divides the sums by the number of features instead of the number of rows."""
    x_hat, gamma, std = cache
    d = dout.shape[1]
    dbeta, dgamma = dout.sum(axis=0), (dout * x_hat).sum(axis=0)
    return gamma / std * (dout - dbeta / d - x_hat * dgamma / d), dgamma, dbeta


def batchnorm_backward__signs_of_the_corrections(dout, cache):
    """Adds the two corrections instead of subtracting them."""
    x_hat, gamma, std = cache
    g = gamma * dout
    dx = (g + g.mean(axis=0) + x_hat * (g * x_hat).mean(axis=0)) / std
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def batchnorm_backward__no_gamma(dout, cache):
    """Forgets gamma in dx."""
    x_hat, _, std = cache
    dx = (dout - dout.mean(axis=0) - x_hat * (dout * x_hat).mean(axis=0)) / std
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def batchnorm_backward__divided_by_variance(dout, cache):
    """Divides by the variance instead of its root."""
    x_hat, gamma, std = cache
    g = gamma * dout
    dx = (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / std**2
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def batchnorm_backward__multiplied_by_deviation(dout, cache):
    """Multiplies by the standard deviation instead of dividing."""
    x_hat, gamma, std = cache
    g = gamma * dout
    dx = (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) * std
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def batchnorm_backward__averaged_parameters(dout, cache):
    """Averages the gradients of gamma and beta over the rows."""
    x_hat, gamma, std = cache
    g = gamma * dout
    dx = (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / std
    return dx, (dout * x_hat).mean(axis=0), dout.mean(axis=0)


def batchnorm_backward__parameters_not_summed(dout, cache):
    """The gradients of gamma and beta keep a row for each example."""
    x_hat, gamma, std = cache
    g = gamma * dout
    dx = (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / std
    return dx, dout * x_hat, dout


def batchnorm_backward__parameters_of_shape_1_d(dout, cache):
    """The gradients of gamma and beta come back with shape (1, D)."""
    x_hat, gamma, std = cache
    g = gamma * dout
    dx = (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / std
    return dx, (dout * x_hat).sum(axis=0, keepdims=True), dout.sum(axis=0, keepdims=True)


def batchnorm_backward__parameters_exchanged(dout, cache):
    """Returns dbeta and dgamma in the wrong order."""
    x_hat, gamma, std = cache
    g = gamma * dout
    dx = (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / std
    return dx, dout.sum(axis=0), (dout * x_hat).sum(axis=0)


def batchnorm_backward__dgamma_without_dout(dout, cache):
    """The gradient of gamma ignores the upstream gradient."""
    x_hat, gamma, std = cache
    g = gamma * dout
    dx = (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / std
    return dx, x_hat.sum(axis=0), dout.sum(axis=0)


def batchnorm_backward__dgamma_of_the_output(dout, cache):
    """Multiplies by gamma * x_hat, the output, where x_hat alone belongs."""
    x_hat, gamma, std = cache
    g = gamma * dout
    dx = (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / std
    return dx, (dout * gamma * x_hat).sum(axis=0), dout.sum(axis=0)


def batchnorm_backward__upstream_ignored(dout, cache):
    """Takes the upstream gradient for ones."""
    x_hat, gamma, std = cache
    g = gamma * np.ones_like(dout)
    dx = (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / std
    return dx, x_hat.sum(axis=0), np.full_like(gamma, len(dout))


def _batchnorm_forward_keeps_x(x, gamma, beta, bn_param):
    mode, eps, momentum, mean, var = _settings(x, bn_param)
    if mode == "train":
        batch_mean, batch_var = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = momentum * mean + (1 - momentum) * batch_mean
        bn_param["running_var"] = momentum * var + (1 - momentum) * batch_var
        mean, var = batch_mean, batch_var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, (x, mean, var, eps, gamma)


def batchnorm_backward__x_for_x_hat(dout, cache):
    """Uses x where the normalised x belongs."""
    x, _, var, eps, gamma = cache
    g, std = gamma * dout, np.sqrt(var + eps)
    dx = (g - g.mean(axis=0) - x * (g * x).mean(axis=0)) / std
    return dx, (dout * x).sum(axis=0), dout.sum(axis=0)


def batchnorm_backward__power_of_the_variance(dout, cache):
    """Takes the derivative of the inverse root with the power -1/2 instead of -3/2."""
    x, mean, var, eps, gamma = cache
    n = len(x)
    g = gamma * dout
    dvar = np.sum(g * (x - mean) * -0.5 * (var + eps) ** -0.5, axis=0)
    dmean = np.sum(-g / np.sqrt(var + eps), axis=0)
    dx = g / np.sqrt(var + eps) + dvar * 2 * (x - mean) / n + dmean / n
    dgamma = np.sum(dout * (x - mean) / np.sqrt(var + eps), axis=0)
    return dx, dgamma, dout.sum(axis=0)


def batchnorm_backward__two_of_the_square_forgotten(dout, cache):
    """Forgets the 2 of the derivative of the square in the variance."""
    x, mean, var, eps, gamma = cache
    n = len(x)
    g = gamma * dout
    dvar = np.sum(g * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(-g / np.sqrt(var + eps), axis=0)
    dx = g / np.sqrt(var + eps) + dvar * (x - mean) / n + dmean / n
    dgamma = np.sum(dout * (x - mean) / np.sqrt(var + eps), axis=0)
    return dx, dgamma, dout.sum(axis=0)


def batchnorm_backward__unbiased_in_the_backward(dout, cache):
    """The variance's path divides by N - 1, while the forward divides by N."""
    x, mean, var, eps, gamma = cache
    n = len(x)
    g = gamma * dout
    dvar = np.sum(g * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(-g / np.sqrt(var + eps), axis=0)
    dx = g / np.sqrt(var + eps) + dvar * 2 * (x - mean) / max(n - 1, 1) + dmean / n
    dgamma = np.sum(dout * (x - mean) / np.sqrt(var + eps), axis=0)
    return dx, dgamma, dout.sum(axis=0)


def batchnorm_backward__mean_path_not_divided(dout, cache):
    """Forgets that each x has only 1 / N of the mean."""
    x_hat, gamma, std = cache
    dx_hat = dout * gamma
    dmean = -np.sum(dx_hat / std, axis=0)
    dx = dx_hat / std + dmean - x_hat * np.mean(dx_hat * x_hat, axis=0) / std
    return dx, np.sum(dout * x_hat, axis=0), np.sum(dout, axis=0)


def batchnorm_backward__sign_of_the_variance_path(dout, cache):
    """Loses the minus of the power -1/2."""
    x_hat, gamma, std = cache
    dx_hat = dout * gamma
    dx = dx_hat - dx_hat.mean(axis=0) + x_hat * np.mean(dx_hat * x_hat, axis=0)
    return dx / std, np.sum(dout * x_hat, axis=0), np.sum(dout, axis=0)


# ---------------------------------------------------------------------------------------------
# layernorm_forward
# ---------------------------------------------------------------------------------------------


def layernorm_forward__over_the_batch(x, gamma, beta, ln_param):
    """Takes batch normalisation's axis."""
    std = np.sqrt(x.var(axis=0) + ln_param.get("eps", 1e-5))
    return gamma * (x - x.mean(axis=0)) / std + beta, x


def layernorm_forward__over_everything(x, gamma, beta, ln_param):
    """Takes one mean and one variance for the whole array."""
    return gamma * (x - x.mean()) / np.sqrt(x.var() + ln_param.get("eps", 1e-5)) + beta, x


def layernorm_forward__kept_dimensions_forgotten(x, gamma, beta, ln_param):
    """The row statistics lose their axis: raises unless N equals D, and is wrong there."""
    std = np.sqrt(x.var(axis=1) + ln_param.get("eps", 1e-5))
    return gamma * (x - x.mean(axis=1)) / std + beta, x


def layernorm_forward__unbiased_variance(x, gamma, beta, ln_param):
    """Divides the variance by D - 1."""
    var = x.var(axis=1, ddof=1, keepdims=True)
    std = np.sqrt(var + ln_param.get("eps", 1e-5))
    return gamma * (x - x.mean(axis=1, keepdims=True)) / std + beta, x


def layernorm_forward__eps_outside_the_root(x, gamma, beta, ln_param):
    """Adds eps to the standard deviation instead of the variance."""
    std = x.std(axis=1, keepdims=True) + ln_param.get("eps", 1e-5)
    return gamma * (x - x.mean(axis=1, keepdims=True)) / std + beta, x


def layernorm_forward__eps_hard_coded(x, gamma, beta, ln_param):
    """Uses an eps of 1e-5 whatever ln_param says."""
    std = np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
    return gamma * (x - x.mean(axis=1, keepdims=True)) / std + beta, x


def layernorm_forward__other_default_eps(x, gamma, beta, ln_param):
    """Takes 1e-3 where ln_param names no eps."""
    std = np.sqrt(x.var(axis=1, keepdims=True) + ln_param.get("eps", 1e-3))
    return gamma * (x - x.mean(axis=1, keepdims=True)) / std + beta, x


def layernorm_forward__eps_required(x, gamma, beta, ln_param):
    """Raises where ln_param names no eps."""
    std = np.sqrt(x.var(axis=1, keepdims=True) + ln_param["eps"])
    return gamma * (x - x.mean(axis=1, keepdims=True)) / std + beta, x


def layernorm_forward__no_root(x, gamma, beta, ln_param):
    """Divides by the variance instead of its root."""
    var = x.var(axis=1, keepdims=True) + ln_param.get("eps", 1e-5)
    return gamma * (x - x.mean(axis=1, keepdims=True)) / var + beta, x


def layernorm_forward__mean_not_subtracted(x, gamma, beta, ln_param):
    """Divides by the standard deviation but leaves the mean in."""
    return gamma * x / np.sqrt(x.var(axis=1, keepdims=True) + ln_param.get("eps", 1e-5)) + beta, x


def layernorm_forward__root_mean_square(x, gamma, beta, ln_param):
    """That is RMS normalisation: no mean is taken at all."""
    rms = np.sqrt((x**2).mean(axis=1, keepdims=True) + ln_param.get("eps", 1e-5))
    return gamma * x / rms + beta, x


def layernorm_forward__no_scale(x, gamma, beta, ln_param):
    """Forgets gamma and beta."""
    std = np.sqrt(x.var(axis=1, keepdims=True) + ln_param.get("eps", 1e-5))
    return (x - x.mean(axis=1, keepdims=True)) / std, x


def layernorm_forward__gamma_for_rows(x, gamma, beta, ln_param):
    """Gives gamma and beta to the rows: raises unless N equals D, and is wrong there."""
    std = np.sqrt(x.var(axis=1, keepdims=True) + ln_param.get("eps", 1e-5))
    normal = (x - x.mean(axis=1, keepdims=True)) / std
    return gamma[:, np.newaxis] * normal + beta[:, np.newaxis], x


def layernorm_forward__annotated_transformer(x, gamma, beta, ln_param):
    """D - 1 below the fraction and eps outside the root: deviation_of_the_annotated_transformer."""
    ddof = min(1, x.shape[1] - 1)
    std = x.std(-1, keepdims=True, ddof=ddof) + ln_param.get("eps", 1e-5)
    x_hat = (x - x.mean(-1, keepdims=True)) / std
    return gamma * x_hat + beta, (x_hat, gamma, std)


# ---------------------------------------------------------------------------------------------
# layernorm_backward
# ---------------------------------------------------------------------------------------------


def layernorm_backward__over_the_batch(dout, cache):
    """Takes the means over the batch, as in batch normalisation."""
    x_hat, gamma, std = cache
    g = gamma * dout
    dx = (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / std
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def layernorm_backward__gamma_after_the_means(dout, cache):
    """Multiplies by gamma at the end, as batch normalisation allows; a row has many gammas."""
    x_hat, gamma, std = cache
    inner = dout - dout.mean(axis=1, keepdims=True)
    inner = inner - x_hat * (dout * x_hat).mean(axis=1, keepdims=True)
    return gamma * inner / std, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def layernorm_backward__divided_by_rows(dout, cache):
    """Divides the row sums by N instead of D."""
    x_hat, gamma, std = cache
    n = dout.shape[0]
    g = gamma * dout
    level = g.sum(axis=1, keepdims=True) / n
    slope = (g * x_hat).sum(axis=1, keepdims=True) / n
    return (g - level - x_hat * slope) / std, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def layernorm_backward__parameters_over_features(dout, cache):
    """Adds the gradients of gamma and beta up along the rows."""
    x_hat, gamma, std = cache
    g = gamma * dout
    dx = g - g.mean(axis=1, keepdims=True) - x_hat * (g * x_hat).mean(axis=1, keepdims=True)
    return dx / std, (dout * x_hat).sum(axis=1), dout.sum(axis=1)


def layernorm_backward__statistics_are_constants(dout, cache):
    """Treats mean and variance as constants."""
    x_hat, gamma, std = cache
    return gamma * dout / std, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def layernorm_backward__not_through_the_mean(dout, cache):
    """Leaves out the path through the mean."""
    x_hat, gamma, std = cache
    g = gamma * dout
    dx = (g - x_hat * (g * x_hat).mean(axis=1, keepdims=True)) / std
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def layernorm_backward__not_through_the_variance(dout, cache):
    """Leaves out the path through the variance."""
    x_hat, gamma, std = cache
    g = gamma * dout
    dx = (g - g.mean(axis=1, keepdims=True)) / std
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def layernorm_backward__no_gamma(dout, cache):
    """Forgets gamma in dx."""
    x_hat, _, std = cache
    dx = dout - dout.mean(axis=1, keepdims=True)
    dx = (dx - x_hat * (dout * x_hat).mean(axis=1, keepdims=True)) / std
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def layernorm_backward__gamma_twice(dout, cache):
    """Puts gamma into the gradient of gamma as well."""
    x_hat, gamma, std = cache
    g = gamma * dout
    dx = g - g.mean(axis=1, keepdims=True) - x_hat * (g * x_hat).mean(axis=1, keepdims=True)
    return dx / std, (g * x_hat).sum(axis=0), g.sum(axis=0)


def layernorm_backward__sums_for_means(dout, cache):
    """Subtracts sums where means belong."""
    x_hat, gamma, std = cache
    g = gamma * dout
    dx = g - g.sum(axis=1, keepdims=True) - x_hat * (g * x_hat).sum(axis=1, keepdims=True)
    return dx / std, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def layernorm_backward__averaged_parameters(dout, cache):
    """Averages the gradients of gamma and beta over the rows."""
    x_hat, gamma, std = cache
    g = gamma * dout
    dx = g - g.mean(axis=1, keepdims=True) - x_hat * (g * x_hat).mean(axis=1, keepdims=True)
    return dx / std, (dout * x_hat).mean(axis=0), dout.mean(axis=0)


def layernorm_backward__divided_by_variance(dout, cache):
    """Divides by the variance instead of its root."""
    x_hat, gamma, std = cache
    g = gamma * dout
    dx = g - g.mean(axis=1, keepdims=True) - x_hat * (g * x_hat).mean(axis=1, keepdims=True)
    return dx / std**2, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


# ---------------------------------------------------------------------------------------------
# label_smoothing
# ---------------------------------------------------------------------------------------------


def label_smoothing__shared_among_the_others(y, num_classes, smoothing):
    """Shares s among the other C - 1 classes and leaves 1 - s on the right one."""
    out = np.full((len(y), num_classes), smoothing / max(num_classes - 1, 1))
    out[np.arange(len(y)), y] = 1 - smoothing
    return out


def label_smoothing__rows_not_one(y, num_classes, smoothing):
    """Puts 1 - s on the class and s / C elsewhere: a row sums to less than 1."""
    out = np.full((len(y), num_classes), smoothing / num_classes)
    out[np.arange(len(y)), y] = 1 - smoothing
    return out


def label_smoothing__added_on_top(y, num_classes, smoothing):
    """Adds s / C without taking s away: a row sums to more than 1."""
    return np.eye(num_classes)[y] + smoothing / num_classes


def label_smoothing__not_divided_by_classes(y, num_classes, smoothing):
    """Adds s itself to every class instead of s / C."""
    return np.eye(num_classes)[y] * (1 - smoothing) + smoothing


def label_smoothing__parts_exchanged(y, num_classes, smoothing):
    """Keeps s on the class and shares out 1 - s."""
    return np.eye(num_classes)[y] * smoothing + (1 - smoothing) / num_classes


def label_smoothing__plain_one_hot(y, num_classes, smoothing):
    """Does not smooth at all."""
    return np.eye(num_classes)[y]


def label_smoothing__classes_that_occur(y, num_classes, smoothing):
    """Takes as many classes as the largest label says, not num_classes."""
    count = int(y.max()) + 1
    return np.eye(count)[y] * (1 - smoothing) + smoothing / count


def label_smoothing__transposed(y, num_classes, smoothing):
    """One column an example instead of one row."""
    return (np.eye(num_classes)[y] * (1 - smoothing) + smoothing / num_classes).T


def label_smoothing__whole_columns(y, num_classes, smoothing):
    """Writes whole columns: out[:, y] takes every row."""
    out = np.full((len(y), num_classes), smoothing / num_classes)
    out[:, y] = 1 - smoothing + smoothing / num_classes
    return out


def label_smoothing__integers(y, num_classes, smoothing):
    """Collects the targets in an integer array, which cuts everything after the point off."""
    out = np.zeros((len(y), num_classes), dtype=int)
    out[np.arange(len(y)), y] = 1
    out[:] = out * (1 - smoothing) + smoothing / num_classes
    return out


def label_smoothing__two_classes(y, num_classes, smoothing):
    """Divides by 2, as in the yes-or-no case."""
    return np.eye(num_classes)[y] * (1 - smoothing) + smoothing / 2


def label_smoothing__divided_by_rows(y, num_classes, smoothing):
    """Divides s by the number of examples."""
    return np.eye(num_classes)[y] * (1 - smoothing) + smoothing / len(y)


def label_smoothing__softmax(y, num_classes, smoothing):
    """Sends the smoothed rows through a softmax, although they are probabilities already."""
    rows = np.exp(np.eye(num_classes)[y] * (1 - smoothing) + smoothing / num_classes)
    return rows / rows.sum(axis=1, keepdims=True)


def label_smoothing__whole_part_for_each(y, num_classes, smoothing):
    """Gives all of s to every other class: whole_part_for_each."""
    target = np.full((len(y), num_classes), smoothing)
    target[np.arange(len(y)), y] = 1 - smoothing
    return target


# ---------------------------------------------------------------------------------------------
# early_stopping
# ---------------------------------------------------------------------------------------------


def early_stopping__one_epoch_late(val_losses, patience, min_delta=0.0):
    """Waits until more than patience epochs have passed."""
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best, best_epoch = loss, epoch
        if epoch - best_epoch > patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


def early_stopping__one_epoch_early(val_losses, patience, min_delta=0.0):
    """Counts the best epoch itself as one of the patience."""
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch + 1 >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


def early_stopping__last_for_best(val_losses, patience, min_delta=0.0):
    """Returns the epoch at which it stops as the best one, too."""
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best, best_epoch = loss, epoch
        if epoch - best_epoch >= patience:
            return epoch, epoch
    return len(val_losses) - 1, len(val_losses) - 1


def early_stopping__sees_the_future(val_losses, patience, min_delta=0.0):
    """Takes the best epoch of all, also of those that come after the stop."""
    best, best_epoch = np.inf, 0
    stop = len(val_losses) - 1
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best, best_epoch = loss, epoch
        if epoch - best_epoch >= patience:
            stop = epoch
            break
    return stop, int(np.nanargmin(val_losses))


def early_stopping__counter_never_reset(val_losses, patience, min_delta=0.0):
    """Counts all epochs without improvement, not those in a row."""
    best, best_epoch, counter = np.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best, best_epoch = loss, epoch
        else:
            counter += 1
        if counter >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


def early_stopping__compares_with_the_epoch_before(val_losses, patience, min_delta=0.0):
    """Asks whether the loss fell since the last epoch, not whether it beat the best."""
    best_epoch, counter = 0, 0
    for epoch in range(1, len(val_losses)):
        if val_losses[epoch] < val_losses[epoch - 1] - min_delta:
            best_epoch, counter = epoch, 0
        else:
            counter += 1
        if counter >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


def early_stopping__counted_from_one(val_losses, patience, min_delta=0.0):
    """Counts the epochs from 1."""
    best, best_epoch = np.inf, 1
    for epoch, loss in enumerate(val_losses, start=1):
        if loss < best - min_delta:
            best, best_epoch = loss, epoch
        if epoch - best_epoch >= patience:
            return epoch, best_epoch
    return len(val_losses), best_epoch


def early_stopping__min_delta_ignored(val_losses, patience, min_delta=0.0):
    """Any decrease counts, however small."""
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best:
            best, best_epoch = loss, epoch
        if epoch - best_epoch >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


def early_stopping__min_delta_sign(val_losses, patience, min_delta=0.0):
    """Adds min_delta, so that slightly worse epochs count as improvements."""
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best + min_delta:
            best, best_epoch = loss, epoch
        if epoch - best_epoch >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


def early_stopping__min_delta_relative(val_losses, patience, min_delta=0.0):
    """Takes min_delta for a share of the best loss."""
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best * (1 - min_delta):
            best, best_epoch = loss, epoch
        if epoch - best_epoch >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


def early_stopping__best_follows_small_steps(val_losses, patience, min_delta=0.0):
    """Lowers the best loss by steps too small to count, so that they never add up."""
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best_epoch = epoch
        best = np.fmin(best, loss)
        if epoch - best_epoch >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


def early_stopping__equal_is_better(val_losses, patience, min_delta=0.0):
    """An equal loss counts as an improvement."""
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(val_losses):
        if loss <= best - min_delta:
            best, best_epoch = loss, epoch
        if epoch - best_epoch >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


def early_stopping__nan_improves(val_losses, patience, min_delta=0.0):
    """Asks whether the loss is not worse, which lets NaN through."""
    best, best_epoch, counter = np.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss >= best - min_delta:
            counter += 1
            if counter >= patience:
                return epoch, best_epoch
        else:
            best, best_epoch, counter = loss, epoch, 0
    return len(val_losses) - 1, best_epoch


def early_stopping__higher_is_better(val_losses, patience, min_delta=0.0):
    """Waits for the highest value, as for an accuracy."""
    best, best_epoch = -np.inf, 0
    for epoch, loss in enumerate(val_losses):
        if loss > best + min_delta:
            best, best_epoch = loss, epoch
        if epoch - best_epoch >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


def early_stopping__exchanged_results(val_losses, patience, min_delta=0.0):
    """Returns the best epoch first."""
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best, best_epoch = loss, epoch
        if epoch - best_epoch >= patience:
            return best_epoch, epoch
    return best_epoch, len(val_losses) - 1


def early_stopping__loss_for_epoch(val_losses, patience, min_delta=0.0):
    """Returns the best loss instead of the epoch it belongs to."""
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best, best_epoch = loss, epoch
        if epoch - best_epoch >= patience:
            return epoch, best
    return len(val_losses) - 1, best


def early_stopping__none_if_never_stopped(val_losses, patience, min_delta=0.0):
    """Returns None as the stop epoch where the patience never runs out."""
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best, best_epoch = loss, epoch
        if epoch - best_epoch >= patience:
            return epoch, best_epoch
    return None, best_epoch


def early_stopping__number_of_epochs(val_losses, patience, min_delta=0.0):
    """Returns the number of epochs where the patience never runs out: one too many."""
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best, best_epoch = loss, epoch
        if epoch - best_epoch >= patience:
            return epoch, best_epoch
    return len(val_losses), best_epoch


def early_stopping__noticed_at_the_next_epoch(val_losses, patience, min_delta=0.0):
    """Looks at the counter at the start of the next epoch."""
    best, best_epoch, waited = np.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if waited >= patience:
            return epoch, best_epoch
        if loss < best - min_delta:
            best, best_epoch, waited = loss, epoch, 0
        else:
            waited += 1
    return epoch, best_epoch


def early_stopping__epochs_that_were_run(val_losses, patience, min_delta=0.0):
    """Returns how many epochs were run."""
    best, best_epoch = np.inf, 0
    run = 0
    for epoch, loss in enumerate(val_losses):
        run += 1
        if loss < best - min_delta:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch >= patience:
            break
    return run, best_epoch


def early_stopping__only_worse_ones_count(val_losses, patience, min_delta=0.0):
    """An epoch between the best and min_delta below it does not count."""
    best, best_epoch, waited = np.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best, best_epoch, waited = loss, epoch, 0
        elif loss > best:
            waited += 1
            if waited >= patience:
                return epoch, best_epoch
    return epoch, best_epoch


def early_stopping__rises_in_a_row(val_losses, patience, min_delta=0.0):
    """Waits for the loss to rise several times in a row."""
    best_epoch, rises = 0, 0
    for epoch in range(1, len(val_losses)):
        if val_losses[epoch] < val_losses[best_epoch] - min_delta:
            best_epoch = epoch
        rises = rises + 1 if val_losses[epoch] > val_losses[epoch - 1] else 0
        if rises >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


def early_stopping__starts_at_a_hundred(val_losses, patience, min_delta=0.0):
    """No loss of 100 or more is ever the best: finite_start."""
    best, best_epoch = 100.0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best, best_epoch = loss, epoch
        if epoch - best_epoch >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


def early_stopping__nan_does_not_wait(val_losses, patience, min_delta=0.0):
    """NaN is neither better nor counted as a wait: nan_does_not_wait."""
    best, best_epoch, waited = np.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best, best_epoch, waited = loss, epoch, 0
        elif loss >= best - min_delta:
            waited += 1
        if waited >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


def early_stopping__lowest_so_far(val_losses, patience, min_delta=0.0):
    """min_delta decides when to stop but not which epoch is the best: lowest_for_best."""
    best, waited, seen = np.inf, 0, []
    for loss in val_losses:
        seen.append(loss)
        if loss < best - min_delta:
            best, waited = loss, 0
        else:
            waited += 1
        if waited >= patience:
            break
    return len(seen) - 1, int(np.nanargmin(seen))


# ---------------------------------------------------------------------------------------------
# horizontal_flip
# ---------------------------------------------------------------------------------------------


def horizontal_flip__upside_down(images, flip_prob, rng):
    """Reverses the rows: the images stand on their heads."""
    chosen = rng.random(len(images)) < flip_prob
    out = images.copy()
    out[chosen] = images[chosen, ::-1]
    return out


def horizontal_flip__last_axis(images, flip_prob, rng):
    """Reverses the last axis: in colour images the channels, not the columns."""
    chosen = rng.random(len(images)) < flip_prob
    out = images.copy()
    out[chosen] = images[chosen, ..., ::-1]
    return out


def horizontal_flip__both_axes(images, flip_prob, rng):
    """Reverses rows and columns: half a turn instead of a mirror image."""
    chosen = rng.random(len(images)) < flip_prob
    out = images.copy()
    out[chosen] = images[chosen, ::-1, ::-1]
    return out


def horizontal_flip__whole_batch(images, flip_prob, rng):
    """Draws once for the whole batch."""
    if rng.random() < flip_prob:
        return images[:, :, ::-1].copy()
    return images.copy()


def horizontal_flip__probability_exchanged(images, flip_prob, rng):
    """Mirrors with probability 1 - flip_prob."""
    chosen = rng.random(len(images)) > flip_prob
    out = images.copy()
    out[chosen] = images[chosen, :, ::-1]
    return out


def horizontal_flip__half_hard_coded(images, flip_prob, rng):
    """Mirrors half of the images, whatever flip_prob says."""
    chosen = rng.integers(0, 2, len(images)) == 1
    out = images.copy()
    out[chosen] = images[chosen, :, ::-1]
    return out


def horizontal_flip__normal_for_uniform(images, flip_prob, rng):
    """Compares normal numbers with the probability."""
    chosen = rng.standard_normal(len(images)) < flip_prob
    out = images.copy()
    out[chosen] = images[chosen, :, ::-1]
    return out


def horizontal_flip__row_by_row(images, flip_prob, rng):
    """Draws for every row of pixels, which tears the images apart."""
    chosen = rng.random(images.shape[:2]) < flip_prob
    out = images.copy()
    out[chosen] = images[chosen][:, ::-1]
    return out


def horizontal_flip__always(images, flip_prob, rng):
    """Mirrors every image."""
    return images[:, :, ::-1].copy()


def horizontal_flip__batch_axis(images, flip_prob, rng):
    """Reverses the order of the images: np.flip was given the wrong axis."""
    chosen = rng.random(len(images)) < flip_prob
    out = images.copy()
    out[chosen] = np.flip(images, axis=0)[chosen]
    return out


def horizontal_flip__overwritten_while_reading(images, flip_prob, rng):
    """Copies column by column in place: the right half is mirrored from a half already changed."""
    out = images.copy()
    width = images.shape[2]
    for i in range(len(images)):
        if rng.random() < flip_prob:
            for column in range(width):
                out[i, :, column] = out[i, :, width - 1 - column]
    return out


def horizontal_flip__fixed_seed(images, flip_prob, rng):
    """Starts a generator of its own: the same images are mirrored every time."""
    chosen = np.random.default_rng(0).random(len(images)) < flip_prob
    out = images.copy()
    out[chosen] = images[chosen, :, ::-1]
    return out


def horizontal_flip__exact_share(images, flip_prob, rng):
    """Always mirrors the same number of images, so they are not independent."""
    count = round(flip_prob * len(images))
    chosen = rng.permutation(len(images))[:count]
    out = images.copy()
    out[chosen] = images[chosen, :, ::-1]
    return out


def horizontal_flip__appended(images, flip_prob, rng):
    """Appends the mirrored images, so the batch grows."""
    chosen = rng.random(len(images)) < flip_prob
    return np.concatenate([images, images[chosen, :, ::-1]])


def horizontal_flip__colour_only(images, flip_prob, rng):
    """Unpacks four axes: raises for images without channels."""
    n, _, _, _ = images.shape
    chosen = rng.random(n) < flip_prob
    out = images.copy()
    out[chosen] = images[chosen, :, ::-1, :]
    return out


def horizontal_flip__indices_with_replacement(images, flip_prob, rng):
    """Draws the right number of images, some of them twice."""
    out = images.copy()
    chosen = rng.choice(len(images), round(flip_prob * len(images)))
    out[chosen] = images[chosen][:, :, ::-1]
    return out


# ---------------------------------------------------------------------------------------------
# random_crop
# ---------------------------------------------------------------------------------------------


def _cut(padded, tops, lefts, height, width):
    places = zip(padded, tops, lefts)
    return np.stack([p[t : t + height, k : k + width] for p, t, k in places])


def _padded(images, padding, **how):
    sides = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
    return np.pad(images, sides[: images.ndim], **how)


def random_crop__last_place_left_out(images, padding, rng):
    """The upper end of integers() is not included: the lowest and rightmost places never come."""
    n, h, w = images.shape[:3]
    tops, lefts = rng.integers(0, max(2 * padding, 1), size=(2, n))
    return _cut(_padded(images, padding), tops, lefts, h, w)


def random_crop__half_the_places(images, padding, rng):
    """Draws from 0 to padding: images move in one direction only."""
    n, h, w = images.shape[:3]
    tops, lefts = rng.integers(0, padding + 1, size=(2, n))
    return _cut(_padded(images, padding), tops, lefts, h, w)


def random_crop__one_place_for_the_batch(images, padding, rng):
    """Draws one window for the whole batch."""
    h, w = images.shape[1:3]
    top, left = rng.integers(0, 2 * padding + 1, size=2)
    return _padded(images, padding)[:, top : top + h, left : left + w]


def random_crop__along_the_diagonal(images, padding, rng):
    """Uses the same draw for top and left."""
    n, h, w = images.shape[:3]
    places = rng.integers(0, 2 * padding + 1, size=n)
    return _cut(_padded(images, padding), places, places, h, w)


def random_crop__columns_only(images, padding, rng):
    """Moves images sideways but never up or down."""
    n, h, w = images.shape[:3]
    lefts = rng.integers(0, 2 * padding + 1, size=n)
    return _cut(_padded(images, padding), np.full(n, padding), lefts, h, w)


def random_crop__centre(images, padding, rng):
    """Always cuts out the middle, which is the image itself."""
    h, w = images.shape[1:3]
    return _padded(images, padding)[:, padding : padding + h, padding : padding + w]


def random_crop__wrapped_around(images, padding, rng):
    """What leaves on one side comes in on the other, where zeros belong."""
    shifts = rng.integers(-padding, padding + 1, size=(len(images), 2))
    return np.stack([np.roll(im, s, axis=(0, 1)) for im, s in zip(images, shifts)])


def random_crop__edges_repeated(images, padding, rng):
    """Fills up with the outermost pixels instead of zeros."""
    n, h, w = images.shape[:3]
    tops, lefts = rng.integers(0, 2 * padding + 1, size=(2, n))
    return _cut(_padded(images, padding, mode="edge"), tops, lefts, h, w)


def random_crop__filled_with_the_mean(images, padding, rng):
    """Fills up with the mean pixel instead of zeros."""
    n, h, w = images.shape[:3]
    tops, lefts = rng.integers(0, 2 * padding + 1, size=(2, n))
    padded = _padded(images, padding, constant_values=images.mean())
    return _cut(padded, tops, lefts, h, w)


def random_crop__height_and_width_exchanged(images, padding, rng):
    """Cuts windows of W rows and H columns: the shape is wrong unless they are equal."""
    n, h, w = images.shape[:3]
    tops, lefts = rng.integers(0, 2 * padding + 1, size=(2, n))
    return _cut(_padded(images, padding), tops, lefts, w, h)


def random_crop__square_windows(images, padding, rng):
    """Takes the height for the width as well."""
    n, h = images.shape[:2]
    tops, lefts = rng.integers(0, 2 * padding + 1, size=(2, n))
    return _cut(_padded(images, padding), tops, lefts, h, h)


def random_crop__not_cut(images, padding, rng):
    """Pads and forgets to cut."""
    return _padded(images, padding)


def random_crop__cut_without_padding(images, padding, rng):
    """Cuts from the image itself, so the result is smaller than the image."""
    n, h, w = images.shape[:3]
    tops, lefts = rng.integers(0, 2 * padding + 1, size=(2, n))
    return _cut(images, tops, lefts, h - 2 * padding, w - 2 * padding)


def random_crop__all_axes_padded(images, padding, rng):
    """np.pad with one number pads the batch and the channels, too."""
    n, h, w = images.shape[:3]
    tops, lefts = rng.integers(0, 2 * padding + 1, size=(2, n))
    return _cut(np.pad(images, padding), tops, lefts, h, w)


def random_crop__padded_on_one_side(images, padding, rng):
    """Puts all the zeros below and to the right."""
    n, h, w = images.shape[:3]
    sides = [(0, 0), (0, 2 * padding), (0, 2 * padding), (0, 0)]
    tops, lefts = rng.integers(0, 2 * padding + 1, size=(2, n))
    return _cut(np.pad(images, sides[: images.ndim]), tops, lefts, h, w)


def random_crop__middle_preferred(images, padding, rng):
    """Adds two draws up, so that the middle comes more often than the corners."""
    n, h, w = images.shape[:3]
    tops, lefts = rng.integers(0, padding + 1, size=(2, 2, n)).sum(axis=0)
    return _cut(_padded(images, padding), tops, lefts, h, w)


def random_crop__rounded(images, padding, rng):
    """Rounds a uniform number: the first and the last place come half as often."""
    n, h, w = images.shape[:3]
    tops, lefts = np.round(rng.random((2, n)) * 2 * padding).astype(int)
    return _cut(_padded(images, padding), tops, lefts, h, w)


def random_crop__fixed_seed(images, padding, rng):
    """Starts a generator of its own: the same windows every time."""
    n, h, w = images.shape[:3]
    tops, lefts = np.random.default_rng(0).integers(0, 2 * padding + 1, size=(2, n))
    return _cut(_padded(images, padding), tops, lefts, h, w)


def random_crop__channels_first(images, padding, rng):
    """Takes the channels for the first axis after the batch; raises without channels."""
    n, _, h, w = images.shape
    padded = np.pad(images, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    tops, lefts = rng.integers(0, 2 * padding + 1, size=(2, n))
    return np.stack([p[:, t : t + h, k : k + w] for p, t, k in zip(padded, tops, lefts)])


def random_crop__reflected(images, padding, rng):
    """Mirrors the pixels at the border."""
    height, width = images.shape[1:3]
    sides = [(0, 0), (padding, padding), (padding, padding), (0, 0)][: images.ndim]
    padded = np.pad(images, sides, mode="reflect")
    corners = rng.integers(0, 2 * padding + 1, (len(images), 2))
    cut = [p[t : t + height, s : s + width] for p, (t, s) in zip(padded, corners, strict=True)]
    return np.array(cut)


# ---------------------------------------------------------------------------------------------
# mixup
# ---------------------------------------------------------------------------------------------


def _blended(a, partner, lam):
    lam = np.reshape(lam, (-1,) + (1,) * (a.ndim - 1)) if np.ndim(lam) else lam
    return lam * a + (1 - lam) * a[partner]


def mixup__labels_untouched(x, y_onehot, alpha, rng):
    """Blends the examples and leaves the labels pure."""
    lam, partner = rng.beta(alpha, alpha), rng.permutation(len(x))
    return _blended(x, partner, lam), y_onehot.copy()


def mixup__label_of_the_larger_part(x, y_onehot, alpha, rng):
    """Gives each blend the label of the example that has the larger part in it."""
    lam, partner = rng.beta(alpha, alpha), rng.permutation(len(x))
    return _blended(x, partner, lam), y_onehot if lam >= 0.5 else y_onehot[partner]


def mixup__partners_of_their_own(x, y_onehot, alpha, rng):
    """Draws one permutation for the examples and another for the labels."""
    lam = rng.beta(alpha, alpha)
    mixed_x = _blended(x, rng.permutation(len(x)), lam)
    return mixed_x, _blended(y_onehot, rng.permutation(len(x)), lam)


def mixup__shares_of_their_own(x, y_onehot, alpha, rng):
    """Draws one share for the examples and another for the labels."""
    partner = rng.permutation(len(x))
    mixed_x = _blended(x, partner, rng.beta(alpha, alpha))
    return mixed_x, _blended(y_onehot, partner, rng.beta(alpha, alpha))


def mixup__label_parts_exchanged(x, y_onehot, alpha, rng):
    """The label of the partner gets the share of the example itself."""
    lam, partner = rng.beta(alpha, alpha), rng.permutation(len(x))
    return _blended(x, partner, lam), _blended(y_onehot, partner, 1 - lam)


def mixup__uniform_share(x, y_onehot, alpha, rng):
    """Draws the share uniformly: right only for alpha = 1."""
    lam, partner = rng.random(), rng.permutation(len(x))
    return _blended(x, partner, lam), _blended(y_onehot, partner, lam)


def mixup__alpha_as_share(x, y_onehot, alpha, rng):
    """Takes alpha itself for the share: no chance, and outside 0 to 1 for a large alpha."""
    partner = rng.permutation(len(x))
    return _blended(x, partner, alpha), _blended(y_onehot, partner, alpha)


def mixup__halves(x, y_onehot, alpha, rng):
    """Always blends half and half."""
    partner = rng.permutation(len(x))
    return _blended(x, partner, 0.5), _blended(y_onehot, partner, 0.5)


def mixup__beta_of_alpha_and_one(x, y_onehot, alpha, rng):
    """Draws from Beta(alpha, 1), which is lopsided."""
    lam, partner = rng.beta(alpha, 1), rng.permutation(len(x))
    return _blended(x, partner, lam), _blended(y_onehot, partner, lam)


def mixup__one_over_alpha(x, y_onehot, alpha, rng):
    """Draws from Beta(1 / alpha, 1 / alpha)."""
    lam, partner = rng.beta(1 / alpha, 1 / alpha), rng.permutation(len(x))
    return _blended(x, partner, lam), _blended(y_onehot, partner, lam)


def mixup__larger_part_stays(x, y_onehot, alpha, rng):
    """Gives the example itself always the larger part, as another method does."""
    lam, partner = rng.beta(alpha, alpha), rng.permutation(len(x))
    lam = max(lam, 1 - lam)
    return _blended(x, partner, lam), _blended(y_onehot, partner, lam)


def mixup__partners_drawn_with_replacement(x, y_onehot, alpha, rng):
    """Draws partners that may repeat: no permutation."""
    lam, partner = rng.beta(alpha, alpha), rng.integers(0, len(x), len(x))
    return _blended(x, partner, lam), _blended(y_onehot, partner, lam)


def mixup__one_partner_for_all(x, y_onehot, alpha, rng):
    """Blends every row with the same random row."""
    lam, partner = rng.beta(alpha, alpha), np.full(len(x), rng.integers(len(x)))
    return _blended(x, partner, lam), _blended(y_onehot, partner, lam)


def mixup__parts_do_not_add_up(x, y_onehot, alpha, rng):
    """Multiplies both sides by the share: forgets 1 minus it."""
    lam, partner = rng.beta(alpha, alpha), rng.permutation(len(x))
    return lam * x + lam * x[partner], lam * y_onehot + lam * y_onehot[partner]


def mixup__shuffled_in_place(x, y_onehot, alpha, rng):
    """rng.shuffle changes x itself, so example and partner are the same row afterwards."""
    lam = rng.beta(alpha, alpha)
    x_partner, y_partner = x, y_onehot
    state = rng.bit_generator.state
    rng.shuffle(x_partner)
    rng.bit_generator.state = state
    rng.shuffle(y_partner)
    return lam * x + (1 - lam) * x_partner, lam * y_onehot + (1 - lam) * y_partner


def mixup__share_for_every_pixel(x, y_onehot, alpha, rng):
    """Draws a share for every element of x, which no single label fits."""
    lam = rng.beta(alpha, alpha, size=x.shape)
    partner = rng.permutation(len(x))
    mixed_x = lam * x + (1 - lam) * x[partner]
    return mixed_x, _blended(y_onehot, partner, lam.reshape(len(x), -1).mean(axis=1))


def mixup__appended(x, y_onehot, alpha, rng):
    """Appends the blends to the batch instead of returning them alone."""
    lam, partner = rng.beta(alpha, alpha), rng.permutation(len(x))
    mixed = [_blended(a, partner, lam) for a in (x, y_onehot)]
    return np.concatenate([x, mixed[0]]), np.concatenate([y_onehot, mixed[1]])


def mixup__fixed_seed(x, y_onehot, alpha, rng):
    """Starts a generator of its own: the same blend every time."""
    own = np.random.default_rng(0)
    lam, partner = own.beta(alpha, alpha), own.permutation(len(x))
    return _blended(x, partner, lam), _blended(y_onehot, partner, lam)


def mixup__three_things_returned(x, y_onehot, alpha, rng):
    """Returns both labels and the share, as the paper's own code does."""
    lam, partner = rng.beta(alpha, alpha), rng.permutation(len(x))
    return _blended(x, partner, lam), y_onehot, y_onehot[partner], lam


def mixup__with_itself(x, y_onehot, alpha, rng):
    """Forgets the partner: each example is blended with itself."""
    lam = rng.beta(alpha, alpha)
    return lam * x + (1 - lam) * x, lam * y_onehot + (1 - lam) * y_onehot


def mixup__unchanged(x, y_onehot, alpha, rng):
    """Does nothing."""
    return x, y_onehot


PARTNERS = {
    "dropout_backward__fresh_mask": {"dropout_forward": "_dropout_forward_keeps_rng"},
    "dropout_backward__mask_from_out": {"dropout_forward": "_dropout_forward_keeps_x_and_out"},
    "dropout_backward__masked_at_test_time": {"dropout_forward": "_dropout_forward_no_mode"},
    "dropout_backward__scale_exchanged": {"dropout_forward": "_dropout_forward_exchanged_scale"},
    "dropout_backward__mask_in_a_global": {"dropout_forward": "_dropout_forward_global_mask"},
    "batchnorm_backward__x_for_x_hat": {"batchnorm_forward": "_batchnorm_forward_keeps_x"},
    "batchnorm_backward__power_of_the_variance": {
        "batchnorm_forward": "_batchnorm_forward_keeps_x"
    },
    "batchnorm_backward__two_of_the_square_forgotten": {
        "batchnorm_forward": "_batchnorm_forward_keeps_x"
    },
    "batchnorm_backward__unbiased_in_the_backward": {
        "batchnorm_forward": "_batchnorm_forward_keeps_x"
    },
}
