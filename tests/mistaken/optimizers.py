"""Wrong answers to the exercises of `optimizers`, as people really write them.

A function `EXERCISE__LABEL` is one wrong answer to EXERCISE; its docstring says what is wrong with
it. Each must lose marks. Names that begin with an underscore are parts of the answers below them.
"""

import math

import numpy as np

# ---------------------------------------------------------------------------------------------
# sgd
# ---------------------------------------------------------------------------------------------


def sgd__uphill(w, dw, config=None):
    """Adds the gradient: climbs."""
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    return w + config["learning_rate"] * dw, config


def sgd__rate_fixed(w, dw, config=None):
    """The learning rate is written into the code; the one in config is not read."""
    return w - 1e-2 * dw, config or {}


def sgd__default_ten_times_smaller(w, dw, config=None):
    """The default is 1e-3, Adam's."""
    config = config or {}
    return w - config.get("learning_rate", 1e-3) * dw, config


def sgd__no_default(w, dw, config=None):
    """Fails where the config is missing."""
    return w - config["learning_rate"] * dw, config


def sgd__default_only_without_config(w, dw, config=None):
    """Fills in the default only if there is no config at all: an empty one raises KeyError."""
    if config is None:
        config = {"learning_rate": 1e-2}
    return w - config["learning_rate"] * dw, config


def sgd__default_wins(w, dw, config=None):
    """Sets the default after reading the config, over what was given."""
    config = dict(config or {})
    config["learning_rate"] = 1e-2
    return w - config["learning_rate"] * dw, config


def sgd__other_key(w, dw, config=None):
    """Looks for the rate under another name, so the one that is given never counts."""
    config = config or {}
    return w - config.get("lr", 1e-2) * dw, config


def sgd__only_weights(w, dw, config=None):
    """Returns no config."""
    config = config or {}
    return w - config.get("learning_rate", 1e-2) * dw


def sgd__step_returned(w, dw, config=None):
    """Returns the step and not the new parameters."""
    config = config or {}
    return -config.get("learning_rate", 1e-2) * dw, config


def sgd__gradient_averaged(w, dw, config=None):
    """Divides the gradient by the number of rows once more."""
    config = config or {}
    return w - config.get("learning_rate", 1e-2) * dw / len(dw), config


def sgd__gradient_normalised(w, dw, config=None):
    """Takes a step of fixed length in the direction of the gradient."""
    config = config or {}
    return w - config.get("learning_rate", 1e-2) * dw / np.linalg.norm(dw), config


def sgd__sign_of_the_gradient(w, dw, config=None):
    """Uses the gradient's sign only."""
    config = config or {}
    return w - config.get("learning_rate", 1e-2) * np.sign(dw), config


def sgd__rate_decays(w, dw, config=None):
    """Shrinks the learning rate with every step, unasked."""
    config = dict(config or {})
    config.setdefault("learning_rate", 1e-2)
    next_w = w - config["learning_rate"] * dw
    config["learning_rate"] *= 0.95
    return next_w, config


def sgd__with_momentum(w, dw, config=None):
    """Has momentum in it: the first step is right, the second is not."""
    config = dict(config or {})
    v = 0.9 * config.get("velocity", 0) - config.get("learning_rate", 1e-2) * dw
    config["velocity"] = v
    return w + v, config


def sgd__weight_decay_too(w, dw, config=None):
    """Lets the weights decay, unasked."""
    config = config or {}
    return w - config.get("learning_rate", 1e-2) * (dw + 1e-4 * w), config


# ---------------------------------------------------------------------------------------------
# sgd_momentum
# ---------------------------------------------------------------------------------------------


def _momentum_settings(config, w):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    config.setdefault("velocity", np.zeros_like(w))
    return config["learning_rate"], config["momentum"], config["velocity"], config


def sgd_momentum__velocity_subtracted(w, dw, config=None):
    """The velocity has the minus in it already, and is then subtracted: climbs."""
    lr, mu, v, config = _momentum_settings(config, w)
    config["velocity"] = mu * v - lr * dw
    return w - config["velocity"], config


def sgd_momentum__plus_gradient(w, dw, config=None):
    """Adds the gradient to the velocity and the velocity to the weights: climbs."""
    lr, mu, v, config = _momentum_settings(config, w)
    config["velocity"] = mu * v + lr * dw
    return w + config["velocity"], config


def sgd_momentum__momentum_sign(w, dw, config=None):
    """The old velocity enters with a minus: the ball turns back at every step."""
    lr, mu, v, config = _momentum_settings(config, w)
    config["velocity"] = -mu * v - lr * dw
    return w + config["velocity"], config


def sgd_momentum__velocity_not_stored(w, dw, config=None):
    """Computes the velocity and forgets it: plain descent."""
    lr, mu, v, config = _momentum_settings(config, w)
    v = mu * v - lr * dw
    return w + v, config


def sgd_momentum__weights_move_first(w, dw, config=None):
    """Moves by the old velocity and updates it afterwards: always one step late."""
    lr, mu, v, config = _momentum_settings(config, w)
    next_w = w + v
    config["velocity"] = mu * v - lr * dw
    return next_w, config


def sgd_momentum__nesterov(w, dw, config=None):
    """Nesterov's step where plain momentum is asked."""
    lr, mu, v_old, config = _momentum_settings(config, w)
    v = mu * v_old - lr * dw
    config["velocity"] = v
    return w - mu * v_old + (1 + mu) * v, config


def sgd_momentum__running_mean(w, dw, config=None):
    """Weighs the gradient by 1 - momentum, as a running mean does: ten times too slow."""
    lr, mu, v, config = _momentum_settings(config, w)
    config["velocity"] = mu * v - (1 - mu) * lr * dw
    return w + config["velocity"], config


def sgd_momentum__running_mean_of_gradients(w, dw, config=None):
    """Keeps a running mean of the gradients and takes the rate outside, as one course does."""
    lr, mu, v, config = _momentum_settings(config, w)
    v = mu * v + (1 - mu) * dw
    config["velocity"] = v
    return w - lr * v, config


def sgd_momentum__stored_under_two_names(w, dw, config=None):
    """Adds w in place to what is stored as the velocity: `next_w = v` makes no copy."""
    lr, mu, v, config = _momentum_settings(config, w)
    v = mu * v - lr * dw
    config["velocity"] = v
    next_w = v
    next_w += w
    return next_w, config


def sgd_momentum__config_taken_for_granted(w, dw, config=None):
    """Asks config whether or not there is one, and has no defaults."""
    v = config.get("velocity", np.zeros_like(w))
    v = config["momentum"] * v - config["learning_rate"] * dw
    config["velocity"] = v
    return w + v, config


def sgd_momentum__velocity_of_gradients(w, dw, config=None):
    """Keeps the velocity without rate and sign: right from zero, wrong for one that is given."""
    lr, mu, v, config = _momentum_settings(config, w)
    config["velocity"] = mu * v + dw
    return w - lr * config["velocity"], config


def sgd_momentum__velocity_uphill(w, dw, config=None):
    """Keeps the velocity with the other sign: right from zero, wrong for one that is given."""
    lr, mu, v, config = _momentum_settings(config, w)
    config["velocity"] = mu * v + lr * dw
    return w - config["velocity"], config


def sgd_momentum__rate_left_out(w, dw, config=None):
    """The learning rate is missing."""
    _, mu, v, config = _momentum_settings(config, w)
    config["velocity"] = mu * v - dw
    return w + config["velocity"], config


def sgd_momentum__rate_twice(w, dw, config=None):
    """The learning rate is in the velocity and multiplies it again."""
    lr, mu, v, config = _momentum_settings(config, w)
    config["velocity"] = mu * v - lr * dw
    return w + lr * config["velocity"], config


def sgd_momentum__numbers_fixed(w, dw, config=None):
    """Momentum is always 0.9, whatever config says."""
    lr, _, v, config = _momentum_settings(config, w)
    config["velocity"] = 0.9 * v - lr * dw
    return w + config["velocity"], config


def sgd_momentum__default_zero(w, dw, config=None):
    """Takes 0 for a momentum that is missing: plain descent unless one is given."""
    config = dict(config or {})
    v = config.get("momentum", 0.0) * config.get("velocity", np.zeros_like(w))
    v = v - config.get("learning_rate", 1e-2) * dw
    config["velocity"] = v
    return w + v, config


def sgd_momentum__restarted_velocity(w, dw, config=None):
    """Starts from a velocity of zero at each call."""
    lr, mu, _, config = _momentum_settings(config, w)
    v = np.zeros_like(w)
    v = mu * v - lr * dw
    config["velocity"] = v
    return w + v, config


_shared_velocity = {}


def sgd_momentum__global_velocity(w, dw, config=None):
    """Keeps one velocity for each shape in a global dict: parameters disturb each other."""
    lr, mu, _, config = _momentum_settings(config, w)
    v = mu * _shared_velocity.get(w.shape, np.zeros_like(w)) - lr * dw
    _shared_velocity[w.shape] = v
    return w + v, config


def sgd_momentum__shared_default(w, dw, config={}):
    """One dict for all calls that leave the config out: the next parameters get its velocity."""
    lr, mu, v, config = _momentum_settings(config, w)
    config["velocity"] = mu * v - lr * dw
    return w + config["velocity"], config


def sgd_momentum__velocity_as_one_number(w, dw, config=None):
    """The velocity is the mean over all weights."""
    lr, mu, v, config = _momentum_settings(config, w)
    config["velocity"] = np.full_like(w, np.mean(mu * v)) - lr * dw
    return w + config["velocity"], config


# ---------------------------------------------------------------------------------------------
# nesterov_momentum
# ---------------------------------------------------------------------------------------------


def nesterov_momentum__plain(w, dw, config=None):
    """Plain momentum where Nesterov's is asked."""
    lr, mu, v, config = _momentum_settings(config, w)
    config["velocity"] = mu * v - lr * dw
    return w + config["velocity"], config


def nesterov_momentum__old_is_new(w, dw, config=None):
    """Overwrites the velocity before the old one is used: -mu v + (1 + mu) v is plain momentum."""
    lr, mu, v, config = _momentum_settings(config, w)
    v = mu * v - lr * dw
    v_old = v
    config["velocity"] = v
    return w - mu * v_old + (1 + mu) * v, config


def nesterov_momentum__old_changed_in_place(w, dw, config=None):
    """Remembers the old velocity without a copy and then changes it in place."""
    lr, mu, v, config = _momentum_settings(config, w)
    v_old = v
    v *= mu
    v -= lr * dw
    return w - mu * v_old + (1 + mu) * v, config


def nesterov_momentum__plus_old(w, dw, config=None):
    """The old velocity is added instead of subtracted."""
    lr, mu, v_old, config = _momentum_settings(config, w)
    v = mu * v_old - lr * dw
    config["velocity"] = v
    return w + mu * v_old + (1 + mu) * v, config


def nesterov_momentum__old_not_scaled(w, dw, config=None):
    """Subtracts the whole old velocity, without the momentum."""
    lr, mu, v_old, config = _momentum_settings(config, w)
    v = mu * v_old - lr * dw
    config["velocity"] = v
    return w - v_old + (1 + mu) * v, config


def nesterov_momentum__weights_exchanged(w, dw, config=None):
    """The factors mu and 1 + mu are exchanged."""
    lr, mu, v_old, config = _momentum_settings(config, w)
    v = mu * v_old - lr * dw
    config["velocity"] = v
    return w - (1 + mu) * v_old + mu * v, config


def nesterov_momentum__one_minus(w, dw, config=None):
    """1 - mu for 1 + mu."""
    lr, mu, v_old, config = _momentum_settings(config, w)
    v = mu * v_old - lr * dw
    config["velocity"] = v
    return w - mu * v_old + (1 - mu) * v, config


def nesterov_momentum__old_left_out(w, dw, config=None):
    """Adds (1 + mu) times the new velocity and leaves the old one out."""
    lr, mu, v_old, config = _momentum_settings(config, w)
    v = mu * v_old - lr * dw
    config["velocity"] = v
    return w + (1 + mu) * v, config


def nesterov_momentum__gradient_left_out(w, dw, config=None):
    """Looks ahead by the velocity alone, without the gradient's own step."""
    lr, mu, v, config = _momentum_settings(config, w)
    v = mu * v - lr * dw
    config["velocity"] = v
    return w + mu * v, config


def nesterov_momentum__uphill(w, dw, config=None):
    """The gradient has the wrong sign."""
    lr, mu, v_old, config = _momentum_settings(config, w)
    v = mu * v_old + lr * dw
    config["velocity"] = v
    return w - mu * v_old + (1 + mu) * v, config


def nesterov_momentum__velocity_not_stored(w, dw, config=None):
    """Forgets the velocity."""
    lr, mu, v_old, config = _momentum_settings(config, w)
    v = mu * v_old - lr * dw
    return w - mu * v_old + (1 + mu) * v, config


def nesterov_momentum__lookahead_stored(w, dw, config=None):
    """Stores the whole step as the velocity."""
    lr, mu, v_old, config = _momentum_settings(config, w)
    v = mu * v_old - lr * dw
    config["velocity"] = -mu * v_old + (1 + mu) * v
    return w + config["velocity"], config


def nesterov_momentum__numbers_fixed(w, dw, config=None):
    """Rate and momentum are written into the code."""
    _, _, v_old, config = _momentum_settings(config, w)
    v = 0.9 * v_old - 0.01 * dw
    config["velocity"] = v
    return w - 0.9 * v_old + 1.9 * v, config


def nesterov_momentum__velocity_of_gradients(w, dw, config=None):
    """Keeps the velocity without rate and sign: right from zero, wrong for one that is given."""
    lr, mu, v, config = _momentum_settings(config, w)
    config["velocity"] = mu * v + dw
    return w - lr * (dw + mu * config["velocity"]), config


# ---------------------------------------------------------------------------------------------
# adagrad
# ---------------------------------------------------------------------------------------------


def _cache_settings(config, w):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("decay_rate", 0.99)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros_like(w))
    return config["learning_rate"], config["decay_rate"], config["epsilon"], config["cache"], config


def adagrad__rmsprop(w, dw, config=None):
    """Lets the cache fade: that is RMSProp."""
    lr, rho, eps, cache, config = _cache_settings(config, w)
    config["cache"] = rho * cache + (1 - rho) * dw**2
    return w - lr * dw / (np.sqrt(config["cache"]) + eps), config


def adagrad__no_root(w, dw, config=None):
    """Divides by the cache itself."""
    lr, _, eps, cache, config = _cache_settings(config, w)
    config["cache"] = cache + dw**2
    return w - lr * dw / (config["cache"] + eps), config


def adagrad__no_square(w, dw, config=None):
    """Adds up the gradients without squaring them: the root of a negative number is NaN."""
    lr, _, eps, cache, config = _cache_settings(config, w)
    config["cache"] = cache + dw
    return w - lr * dw / (np.sqrt(config["cache"]) + eps), config


def adagrad__absolute_values(w, dw, config=None):
    """Adds up absolute values and divides by the sum: the same in the first step only."""
    lr, _, eps, _, config = _cache_settings(config, w)
    config["cache"] = config["cache"] + np.abs(dw)
    return w - lr * dw / (config["cache"] + eps), config


def adagrad__epsilon_inside_the_root(w, dw, config=None):
    """Epsilon stands inside the root: differs where epsilon is not tiny beside the gradient."""
    lr, _, eps, cache, config = _cache_settings(config, w)
    config["cache"] = cache + dw**2
    return w - lr * dw / np.sqrt(config["cache"] + eps), config


def adagrad__epsilon_left_out(w, dw, config=None):
    """No epsilon: 0 / 0 where a gradient was always 0, and other values where epsilon is large."""
    lr, _, _, cache, config = _cache_settings(config, w)
    config["cache"] = cache + dw**2
    return w - lr * dw / np.sqrt(config["cache"]), config


def adagrad__old_cache_used(w, dw, config=None):
    """Divides by the cache before the new square is in it: an enormous first step."""
    lr, _, eps, cache, config = _cache_settings(config, w)
    next_w = w - lr * dw / (np.sqrt(cache) + eps)
    config["cache"] = cache + dw**2
    return next_w, config


def adagrad__cache_not_stored(w, dw, config=None):
    """Forgets the cache: every step has the size of the rate."""
    lr, _, eps, cache, config = _cache_settings(config, w)
    cache = cache + dw**2
    return w - lr * dw / (np.sqrt(cache) + eps), config


def adagrad__one_scale_for_all(w, dw, config=None):
    """Adds up the squares of all weights: one rate for all, where each should have its own."""
    lr, _, eps, cache, config = _cache_settings(config, w)
    config["cache"] = cache + np.sum(dw**2)
    return w - lr * dw / (np.sqrt(config["cache"]) + eps), config


def adagrad__mean_of_squares(w, dw, config=None):
    """Divides the sum of squares by the number of steps."""
    lr, _, eps, cache, config = _cache_settings(config, w)
    config["t"] = config.get("t", 0) + 1
    config["cache"] = cache + dw**2
    return w - lr * dw / (np.sqrt(config["cache"] / config["t"]) + eps), config


def adagrad__uphill(w, dw, config=None):
    """Adds the step."""
    lr, _, eps, cache, config = _cache_settings(config, w)
    config["cache"] = cache + dw**2
    return w + lr * dw / (np.sqrt(config["cache"]) + eps), config


def adagrad__scaled_gradient_in_cache(w, dw, config=None):
    """Squares the gradient after multiplying it by the learning rate."""
    lr, _, eps, cache, config = _cache_settings(config, w)
    step = lr * dw
    config["cache"] = cache + step**2
    return w - step / (np.sqrt(config["cache"]) + eps), config


def adagrad__cache_starts_at_one(w, dw, config=None):
    """The cache starts at 1."""
    config = dict(config or {})
    config["cache"] = config.get("cache", np.ones_like(w)) + dw**2
    scale = np.sqrt(config["cache"]) + config.get("epsilon", 1e-8)
    return w - config.get("learning_rate", 1e-2) * dw / scale, config


# ---------------------------------------------------------------------------------------------
# rmsprop
# ---------------------------------------------------------------------------------------------


def rmsprop__adagrad(w, dw, config=None):
    """Lets nothing fade: that is AdaGrad."""
    lr, _, eps, cache, config = _cache_settings(config, w)
    config["cache"] = cache + dw**2
    return w - lr * dw / (np.sqrt(config["cache"]) + eps), config


def rmsprop__shares_exchanged(w, dw, config=None):
    """The new square gets the share of the old ones."""
    lr, rho, eps, cache, config = _cache_settings(config, w)
    config["cache"] = (1 - rho) * cache + rho * dw**2
    return w - lr * dw / (np.sqrt(config["cache"]) + eps), config


def rmsprop__new_square_not_weighed(w, dw, config=None):
    """The new square lacks its factor 1 - decay_rate."""
    lr, rho, eps, cache, config = _cache_settings(config, w)
    config["cache"] = rho * cache + dw**2
    return w - lr * dw / (np.sqrt(config["cache"]) + eps), config


def rmsprop__half_for_the_root(w, dw, config=None):
    """Writes ** 1/2: the power first, then a half."""
    config = {} if config is None else config
    for key, default in (("learning_rate", 1e-2), ("decay_rate", 0.99), ("epsilon", 1e-8)):
        config.setdefault(key, default)
    decay = config["decay_rate"]
    config["cache"] = decay * config.get("cache", np.zeros_like(w)) + (1 - decay) * dw**2
    scale = config["cache"] ** 1 / 2 + config["epsilon"]
    return w - config["learning_rate"] * dw / scale, config


def rmsprop__not_squared(w, dw, config=None):
    """Averages the gradients themselves."""
    config = {} if config is None else config
    for key, default in (("learning_rate", 1e-2), ("decay_rate", 0.99), ("epsilon", 1e-8)):
        config.setdefault(key, default)
    decay = config["decay_rate"]
    config["cache"] = decay * config.get("cache", np.zeros_like(w)) + (1 - decay) * dw
    scale = np.sqrt(config["cache"]) + config["epsilon"]
    return w - config["learning_rate"] * dw / scale, config


def rmsprop__weight_squared(w, dw, config=None):
    """Squares 1 - decay_rate along with the gradient."""
    lr, rho, eps, cache, config = _cache_settings(config, w)
    config["cache"] = rho * cache + ((1 - rho) * dw) ** 2
    return w - lr * dw / (np.sqrt(config["cache"]) + eps), config


def rmsprop__epsilon_inside_the_root(w, dw, config=None):
    """Epsilon stands inside the root: differs where epsilon is not tiny beside the gradient."""
    lr, rho, eps, cache, config = _cache_settings(config, w)
    config["cache"] = rho * cache + (1 - rho) * dw**2
    return w - lr * dw / np.sqrt(config["cache"] + eps), config


def rmsprop__epsilon_in_the_cache(w, dw, config=None):
    """Adds epsilon to the cache with every step."""
    lr, rho, eps, cache, config = _cache_settings(config, w)
    config["cache"] = rho * cache + (1 - rho) * dw**2 + eps
    return w - lr * dw / np.sqrt(config["cache"]), config


def rmsprop__epsilon_beside_the_quotient(w, dw, config=None):
    """Lacks the brackets: divides by the root, then adds epsilon to the result."""
    lr, rho, eps, cache, config = _cache_settings(config, w)
    config["cache"] = rho * cache + (1 - rho) * dw**2
    return w - lr * dw / np.sqrt(config["cache"]) + eps, config


def rmsprop__no_root(w, dw, config=None):
    """Divides by the cache itself."""
    lr, rho, eps, cache, config = _cache_settings(config, w)
    config["cache"] = rho * cache + (1 - rho) * dw**2
    return w - lr * dw / (config["cache"] + eps), config


def rmsprop__bias_corrected(w, dw, config=None):
    """Corrects the cache for its start at zero, as Adam does."""
    lr, rho, eps, cache, config = _cache_settings(config, w)
    config["t"] = config.get("t", 0) + 1
    config["cache"] = rho * cache + (1 - rho) * dw**2
    return w - lr * dw / (np.sqrt(config["cache"] / (1 - rho ** config["t"])) + eps), config


def rmsprop__cache_not_stored(w, dw, config=None):
    """Forgets the cache."""
    lr, rho, eps, cache, config = _cache_settings(config, w)
    cache = rho * cache + (1 - rho) * dw**2
    return w - lr * dw / (np.sqrt(cache) + eps), config


def rmsprop__old_cache_used(w, dw, config=None):
    """Divides by the cache before the new square is in it."""
    lr, rho, eps, cache, config = _cache_settings(config, w)
    next_w = w - lr * dw / (np.sqrt(cache) + eps)
    config["cache"] = rho * cache + (1 - rho) * dw**2
    return next_w, config


def rmsprop__decay_of_point_nine(w, dw, config=None):
    """Another common default for the decay rate, 0.9."""
    config = dict(config or {})
    rho = config.get("decay_rate", 0.9)
    config["cache"] = rho * config.get("cache", np.zeros_like(w)) + (1 - rho) * dw**2
    scale = np.sqrt(config["cache"]) + config.get("epsilon", 1e-8)
    return w - config.get("learning_rate", 1e-2) * dw / scale, config


def rmsprop__decay_rate_fixed(w, dw, config=None):
    """The decay rate is always 0.99."""
    lr, _, eps, cache, config = _cache_settings(config, w)
    config["cache"] = 0.99 * cache + 0.01 * dw**2
    return w - lr * dw / (np.sqrt(config["cache"]) + eps), config


def rmsprop__cache_starts_with_the_first_square(w, dw, config=None):
    """The cache starts as the first square instead of zero."""
    config = dict(config or {})
    rho = config.get("decay_rate", 0.99)
    config["cache"] = rho * config.get("cache", dw**2) + (1 - rho) * dw**2
    scale = np.sqrt(config["cache"]) + config.get("epsilon", 1e-8)
    return w - config.get("learning_rate", 1e-2) * dw / scale, config


def rmsprop__uphill(w, dw, config=None):
    """Adds the step."""
    lr, rho, eps, cache, config = _cache_settings(config, w)
    config["cache"] = rho * cache + (1 - rho) * dw**2
    return w + lr * dw / (np.sqrt(config["cache"]) + eps), config


# ---------------------------------------------------------------------------------------------
# adam
# ---------------------------------------------------------------------------------------------


def _adam_settings(config, w):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("beta1", 0.9)
    config.setdefault("beta2", 0.999)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("weight_decay", 1e-2)
    config.setdefault("m", np.zeros_like(w))
    config.setdefault("v", np.zeros_like(w))
    config.setdefault("t", 0)
    return config


def _adam_means(config, w, dw):
    """Count t up, update both means and return the config."""
    config = _adam_settings(config, w)
    config["t"] += 1
    config["m"] = config["beta1"] * config["m"] + (1 - config["beta1"]) * dw
    config["v"] = config["beta2"] * config["v"] + (1 - config["beta2"]) * dw**2
    return config


def _adam_corrected(c):
    return c["m"] / (1 - c["beta1"] ** c["t"]), c["v"] / (1 - c["beta2"] ** c["t"])


def adam__no_correction(w, dw, config=None):
    """Leaves the bias correction out: the first steps are too long."""
    c = _adam_means(config, w, dw)
    return w - c["learning_rate"] * c["m"] / (np.sqrt(c["v"]) + c["epsilon"]), c


def adam__t_never_counted(w, dw, config=None):
    """Never counts t up: 1 - beta^0 is 0, and 0 / 0 is NaN."""
    c = _adam_settings(config, w)
    c["m"] = c["beta1"] * c["m"] + (1 - c["beta1"]) * dw
    c["v"] = c["beta2"] * c["v"] + (1 - c["beta2"]) * dw**2
    m_hat = c["m"] / (1 - np.float64(c["beta1"]) ** c["t"])
    v_hat = c["v"] / (1 - np.float64(c["beta2"]) ** c["t"])
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__t_not_stored(w, dw, config=None):
    """Counts t up and does not keep it: every step is corrected as if it were the first."""
    c = _adam_settings(config, w)
    t = c["t"] + 1
    c["m"] = c["beta1"] * c["m"] + (1 - c["beta1"]) * dw
    c["v"] = c["beta2"] * c["v"] + (1 - c["beta2"]) * dw**2
    m_hat, v_hat = c["m"] / (1 - c["beta1"] ** t), c["v"] / (1 - c["beta2"] ** t)
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__t_counted_afterwards(w, dw, config=None):
    """Counts t up after its use, and starts at 0: divides by zero in the first step."""
    c = _adam_settings(config, w)
    c["m"] = c["beta1"] * c["m"] + (1 - c["beta1"]) * dw
    c["v"] = c["beta2"] * c["v"] + (1 - c["beta2"]) * dw**2
    m_hat, v_hat = _adam_corrected(c)
    c["t"] += 1
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__t_from_one_counted_afterwards(w, dw, config=None):
    """Counts from 1 and after the use: right from the start, one behind where t is given."""
    config = dict(config or {})
    config.setdefault("t", 1)
    c = _adam_settings(config, w)
    c["m"] = c["beta1"] * c["m"] + (1 - c["beta1"]) * dw
    c["v"] = c["beta2"] * c["v"] + (1 - c["beta2"]) * dw**2
    m_hat, v_hat = _adam_corrected(c)
    c["t"] += 1
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__correction_without_brackets(w, dw, config=None):
    """Divides by 1 and subtracts the power."""
    c = _adam_means(config, w, dw)
    m_hat = c["m"] / 1 - c["beta1"] ** c["t"]
    v_hat = c["v"] / 1 - c["beta2"] ** c["t"]
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__epsilon_of_another_library(w, dw, config=None):
    """Takes 1e-7 for the epsilon that is not given."""
    config = dict(config or {})
    config.setdefault("epsilon", 1e-7)
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__t_starts_at_one(w, dw, config=None):
    """Starts t at 1 and counts it up as well: always one ahead, unless a t is given."""
    config = dict(config or {})
    config.setdefault("t", 1)
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__correction_from_t_plus_one(w, dw, config=None):
    """Counts t up and then uses t + 1 for the correction."""
    c = _adam_means(config, w, dw)
    m_hat = c["m"] / (1 - c["beta1"] ** (c["t"] + 1))
    v_hat = c["v"] / (1 - c["beta2"] ** (c["t"] + 1))
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__no_power(w, dw, config=None):
    """Corrects by 1 - beta, without the power: right in the first step only."""
    c = _adam_means(config, w, dw)
    m_hat, v_hat = c["m"] / (1 - c["beta1"]), c["v"] / (1 - c["beta2"])
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__times_t(w, dw, config=None):
    """Multiplies beta by t where it is raised to it."""
    c = _adam_means(config, w, dw)
    m_hat = c["m"] / (1 - c["beta1"] * c["t"])
    v_hat = c["v"] / (1 - c["beta2"] * c["t"])
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__only_m_corrected(w, dw, config=None):
    """Corrects m but not v."""
    c = _adam_means(config, w, dw)
    m_hat, _ = _adam_corrected(c)
    return w - c["learning_rate"] * m_hat / (np.sqrt(c["v"]) + c["epsilon"]), c


def adam__only_v_corrected(w, dw, config=None):
    """Corrects v but not m."""
    c = _adam_means(config, w, dw)
    _, v_hat = _adam_corrected(c)
    return w - c["learning_rate"] * c["m"] / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__corrected_means_stored(w, dw, config=None):
    """Stores the corrected means, so that the next step corrects them again."""
    c = _adam_means(config, w, dw)
    c["m"], c["v"] = _adam_corrected(c)
    return w - c["learning_rate"] * c["m"] / (np.sqrt(c["v"]) + c["epsilon"]), c


def adam__one_beta_for_both(w, dw, config=None):
    """Uses beta1 for the squares too."""
    c = _adam_settings(config, w)
    c["t"] += 1
    c["m"] = c["beta1"] * c["m"] + (1 - c["beta1"]) * dw
    c["v"] = c["beta1"] * c["v"] + (1 - c["beta1"]) * dw**2
    m_hat, v_hat = (c[key] / (1 - c["beta1"] ** c["t"]) for key in "mv")
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__betas_exchanged(w, dw, config=None):
    """beta1 and beta2 have changed places."""
    c = _adam_settings(config, w)
    c["t"] += 1
    c["m"] = c["beta2"] * c["m"] + (1 - c["beta2"]) * dw
    c["v"] = c["beta1"] * c["v"] + (1 - c["beta1"]) * dw**2
    m_hat = c["m"] / (1 - c["beta2"] ** c["t"])
    v_hat = c["v"] / (1 - c["beta1"] ** c["t"])
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__corrections_exchanged(w, dw, config=None):
    """m is corrected with beta2, v with beta1."""
    c = _adam_means(config, w, dw)
    m_hat = c["m"] / (1 - c["beta2"] ** c["t"])
    v_hat = c["v"] / (1 - c["beta1"] ** c["t"])
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__epsilon_inside_the_root(w, dw, config=None):
    """Epsilon stands inside the root: differs where epsilon is not tiny beside the gradient."""
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    return w - c["learning_rate"] * m_hat / np.sqrt(v_hat + c["epsilon"]), c


def adam__epsilon_left_out(w, dw, config=None):
    """No epsilon: 0 / 0 for a zero gradient, and other values where epsilon is large."""
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    return w - c["learning_rate"] * m_hat / np.sqrt(v_hat), c


def adam__epsilon_beside_the_quotient(w, dw, config=None):
    """Lacks the brackets: divides by the root and adds epsilon to the result."""
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    return w - c["learning_rate"] * m_hat / np.sqrt(v_hat) + c["epsilon"], c


def adam__no_root(w, dw, config=None):
    """Divides by v_hat itself."""
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    return w - c["learning_rate"] * m_hat / (v_hat + c["epsilon"]), c


def adam__gradient_not_squared(w, dw, config=None):
    """v is the mean of the gradients themselves: roots of negative numbers are NaN."""
    c = _adam_settings(config, w)
    c["t"] += 1
    c["m"] = c["beta1"] * c["m"] + (1 - c["beta1"]) * dw
    c["v"] = c["beta2"] * c["v"] + (1 - c["beta2"]) * dw
    m_hat, v_hat = _adam_corrected(c)
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__mean_squared(w, dw, config=None):
    """v is made of the squares of m, not of the gradient."""
    c = _adam_settings(config, w)
    c["t"] += 1
    c["m"] = c["beta1"] * c["m"] + (1 - c["beta1"]) * dw
    c["v"] = c["beta2"] * c["v"] + (1 - c["beta2"]) * c["m"] ** 2
    m_hat, v_hat = _adam_corrected(c)
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__gradient_in_place_of_m(w, dw, config=None):
    """Steps along the gradient instead of its running mean."""
    c = _adam_means(config, w, dw)
    _, v_hat = _adam_corrected(c)
    return w - c["learning_rate"] * dw / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__rate_of_sgd(w, dw, config=None):
    """The default learning rate is 1e-2, that of the other optimizers."""
    config = dict(config or {})
    config.setdefault("learning_rate", 1e-2)
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__betas_fixed(w, dw, config=None):
    """0.9 and 0.999 are written into the code."""
    c = _adam_settings(config, w)
    c["t"] += 1
    c["m"] = 0.9 * c["m"] + 0.1 * dw
    c["v"] = 0.999 * c["v"] + 0.001 * dw**2
    m_hat, v_hat = c["m"] / (1 - 0.9 ** c["t"]), c["v"] / (1 - 0.999 ** c["t"])
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__state_not_stored(w, dw, config=None):
    """Works on a copy of the config and returns the one it was given."""
    c = _adam_means(dict(config or {}), w, dw)
    m_hat, v_hat = _adam_corrected(c)
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), config or {}


def adam__shared_default(w, dw, config={}):
    """One dict for all calls that leave the config out: two arrays of parameters share state."""
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


_steps_taken = [0]


def adam__global_t(w, dw, config=None):
    """Counts the steps of all parameters in one global counter."""
    c = _adam_settings(config, w)
    _steps_taken[0] += 1
    c["t"] = _steps_taken[0]
    c["m"] = c["beta1"] * c["m"] + (1 - c["beta1"]) * dw
    c["v"] = c["beta2"] * c["v"] + (1 - c["beta2"]) * dw**2
    m_hat, v_hat = _adam_corrected(c)
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__uphill(w, dw, config=None):
    """Adds the step."""
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    return w + c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adam__decays(w, dw, config=None):
    """Lets the weights decay: that is AdamW."""
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    step = m_hat / (np.sqrt(v_hat) + c["epsilon"])
    return w - c["learning_rate"] * (step + c["weight_decay"] * w), c


def adam__largest_v_kept(w, dw, config=None):
    """Never lets v_hat fall (AMSGrad): differs once the gradients become small."""
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    c["largest"] = np.maximum(c.get("largest", 0), v_hat)
    return w - c["learning_rate"] * m_hat / (np.sqrt(c["largest"]) + c["epsilon"]), c


def adam__reordered_root_forgotten(w, dw, config=None):
    """The paper's reordered rate without the root over 1 - beta2^t."""
    c = _adam_means(config, w, dw)
    rate = c["learning_rate"] * (1 - c["beta2"] ** c["t"]) / (1 - c["beta1"] ** c["t"])
    return w - rate * c["m"] / (np.sqrt(c["v"]) + c["epsilon"]), c


# ---------------------------------------------------------------------------------------------
# adamw
# ---------------------------------------------------------------------------------------------


def adamw__decay_in_the_gradient(w, dw, config=None):
    """Puts the decay into the gradient, as a penalty is: divided by Adam's scale like the rest."""
    c = _adam_settings(config, w)
    c = _adam_means(c, w, dw + c["weight_decay"] * w)
    m_hat, v_hat = _adam_corrected(c)
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adamw__no_decay(w, dw, config=None):
    """Plain Adam."""
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    return w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"]), c


def adamw__decay_without_rate(w, dw, config=None):
    """The decay is not multiplied by the learning rate, as in the paper: far too strong."""
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    step = c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"])
    return w - step - c["weight_decay"] * w, c


def adamw__stepped_weights_decay(w, dw, config=None):
    """Takes the decay from the weights after the step, not before."""
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    w = w - c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"])
    return w - c["learning_rate"] * c["weight_decay"] * w, c


def adamw__decay_sign(w, dw, config=None):
    """The decay has the wrong sign: the weights grow."""
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    step = m_hat / (np.sqrt(v_hat) + c["epsilon"])
    return w - c["learning_rate"] * (step - c["weight_decay"] * w), c


def adamw__decay_scaled(w, dw, config=None):
    """Adds the decay to m_hat, so it is divided by Adam's scale."""
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    pull = m_hat + c["weight_decay"] * w
    return w - c["learning_rate"] * pull / (np.sqrt(v_hat) + c["epsilon"]), c


def adamw__decay_twice(w, dw, config=None):
    """The gradient of w^2 without the half: the decay is doubled."""
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    step = m_hat / (np.sqrt(v_hat) + c["epsilon"])
    return w - c["learning_rate"] * (step + 2 * c["weight_decay"] * w), c


def adamw__decay_by_sign(w, dw, config=None):
    """A constant pull towards 0, as an l1 penalty has it."""
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    step = m_hat / (np.sqrt(v_hat) + c["epsilon"])
    return w - c["learning_rate"] * (step + c["weight_decay"] * np.sign(w)), c


def adamw__decay_fixed(w, dw, config=None):
    """The weight decay is always 0.01."""
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    step = m_hat / (np.sqrt(v_hat) + c["epsilon"])
    return w - c["learning_rate"] * (step + 0.01 * w), c


def adamw__default_zero(w, dw, config=None):
    """Takes 0 for a weight decay that is missing."""
    decay = (config or {}).get("weight_decay", 0.0)
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    step = m_hat / (np.sqrt(v_hat) + c["epsilon"])
    return w - c["learning_rate"] * (step + decay * w), c


def adamw__no_correction(w, dw, config=None):
    """Leaves the bias correction out."""
    c = _adam_means(config, w, dw)
    step = c["m"] / (np.sqrt(c["v"]) + c["epsilon"])
    return w - c["learning_rate"] * (step + c["weight_decay"] * w), c


def adamw__t_not_stored(w, dw, config=None):
    """Every step is corrected as if it were the first."""
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    c["t"] -= 1
    step = m_hat / (np.sqrt(v_hat) + c["epsilon"])
    return w - c["learning_rate"] * (step + c["weight_decay"] * w), c


def adamw__epsilon_inside_the_root(w, dw, config=None):
    """Epsilon stands inside the root."""
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    step = m_hat / np.sqrt(v_hat + c["epsilon"])
    return w - c["learning_rate"] * (step + c["weight_decay"] * w), c


def adamw__decay_shrinks_the_step_too(w, dw, config=None):
    """Multiplies the whole new weights by 1 - rate * decay, and subtracts the decay as well."""
    c = _adam_means(config, w, dw)
    m_hat, v_hat = _adam_corrected(c)
    shrink = c["learning_rate"] * c["weight_decay"]
    step = c["learning_rate"] * m_hat / (np.sqrt(v_hat) + c["epsilon"])
    return (1 - shrink) * (w - step) - shrink * w, c


# ---------------------------------------------------------------------------------------------
# step_decay
# ---------------------------------------------------------------------------------------------


def step_decay__not_rounded(step, base_rate, drop, every):
    """Divides without rounding down: a smooth curve instead of stairs."""
    return base_rate * drop ** (step / every)


def step_decay__rounded_to_nearest(step, base_rate, drop, every):
    """Rounds to the nearest number: each stair comes half a stair too early."""
    return base_rate * drop ** round(step / every)


def step_decay__rounded_up(step, base_rate, drop, every):
    """Rounds up: only step 0 has the full rate."""
    return base_rate * drop ** math.ceil(step / every)


def step_decay__one_drop_only(step, base_rate, drop, every):
    """Drops once and never again."""
    return base_rate * drop if step >= every else base_rate


def step_decay__linear(step, base_rate, drop, every):
    """Multiplies by the number of stairs instead of taking a power: the rate of step 0 is 0."""
    return base_rate * drop * (step // every)


def step_decay__divided(step, base_rate, drop, every):
    """Divides by the drop: the rate grows."""
    return base_rate / drop ** (step // every)


def step_decay__counted_from_one(step, base_rate, drop, every):
    """Counts the steps from 1: the stair comes one step early."""
    return base_rate * drop ** ((step + 1) // every)


def step_decay__one_step_late(step, base_rate, drop, every):
    """Step `every` still has the full rate."""
    return base_rate * drop ** (max(step - 1, 0) // every)


def step_decay__drop_is_what_is_lost(step, base_rate, drop, every):
    """Takes drop for the share that is lost."""
    return base_rate * (1 - drop) ** (step // every)


def step_decay__only_at_the_multiples(step, base_rate, drop, every):
    """Drops at the multiples of `every` and is back at the full rate after each."""
    if step > 0 and step % every == 0:
        return base_rate * drop ** (step // every)
    return base_rate


def step_decay__remainder(step, base_rate, drop, every):
    """The remainder for the quotient."""
    return base_rate * drop ** (step % every)


def step_decay__exponential(step, base_rate, drop, every):
    """exp(-drop * stairs) for the power."""
    return base_rate * math.exp(-drop * (step // every))


def step_decay__factor_only(step, base_rate, drop, every):
    """Leaves the base rate out."""
    return drop ** (step // every)


# ---------------------------------------------------------------------------------------------
# cosine_decay
# ---------------------------------------------------------------------------------------------


def cosine_decay__climbs_again(step, base_rate, total_steps):
    """Nothing stops it after the last step: the cosine climbs again."""
    return base_rate / 2 * (1 + math.cos(math.pi * step / total_steps))


def cosine_decay__not_halved(step, base_rate, total_steps):
    """Lacks the half: starts at twice the base rate."""
    return base_rate * (1 + math.cos(math.pi * min(step / total_steps, 1)))


def cosine_decay__without_the_one(step, base_rate, total_steps):
    """Lacks the 1: the rate becomes negative half-way."""
    return base_rate * math.cos(math.pi * min(step / total_steps, 1))


def cosine_decay__quarter_wave(step, base_rate, total_steps):
    """A quarter of a wave instead of half of one: steepest at the end."""
    return base_rate * math.cos(math.pi / 2 * min(step / total_steps, 1))


def cosine_decay__full_wave(step, base_rate, total_steps):
    """A whole wave: back at the top at the end."""
    return base_rate / 2 * (1 + math.cos(2 * math.pi * min(step / total_steps, 1)))


def cosine_decay__sign(step, base_rate, total_steps):
    """1 - cos: rises from 0."""
    return base_rate / 2 * (1 - math.cos(math.pi * min(step / total_steps, 1)))


def cosine_decay__degrees(step, base_rate, total_steps):
    """Gives the cosine degrees."""
    return base_rate / 2 * (1 + math.cos(180 * min(step / total_steps, 1)))


def cosine_decay__whole_division(step, base_rate, total_steps):
    """Divides with //: the full rate until the last step."""
    return base_rate / 2 * (1 + math.cos(math.pi * min(step // total_steps, 1)))


def cosine_decay__linear(step, base_rate, total_steps):
    """A straight line."""
    return base_rate * (1 - min(step / total_steps, 1))


def cosine_decay__off_by_one(step, base_rate, total_steps):
    """Reaches 0 one step early."""
    return base_rate / 2 * (1 + math.cos(math.pi * min(step / max(total_steps - 1, 1), 1)))


def cosine_decay__counted_from_one(step, base_rate, total_steps):
    """Counts the steps from 1."""
    return base_rate / 2 * (1 + math.cos(math.pi * min((step + 1) / total_steps, 1)))


def cosine_decay__restarts(step, base_rate, total_steps):
    """Starts again from the top after the last step."""
    return base_rate / 2 * (1 + math.cos(math.pi * (step % total_steps) / total_steps))


def cosine_decay__full_rate_afterwards(step, base_rate, total_steps):
    """Returns the base rate after the last step."""
    if step > total_steps:
        return base_rate
    return base_rate / 2 * (1 + math.cos(math.pi * step / total_steps))


def cosine_decay__small_rate_at_the_end(step, base_rate, total_steps):
    """Ends at a tenth of the base rate, as some recipes do, not at 0."""
    low = 0.1 * base_rate
    return low + (base_rate - low) / 2 * (1 + math.cos(math.pi * min(step / total_steps, 1)))


# ---------------------------------------------------------------------------------------------
# warmup_cosine
# ---------------------------------------------------------------------------------------------


def _half_wave(progress):
    return 0.5 * (1 + math.cos(math.pi * progress))


def warmup_cosine__no_warmup(step, base_rate, warmup_steps, total_steps):
    """Only the cosine, over all steps."""
    return base_rate * _half_wave(min(step / total_steps, 1))


def warmup_cosine__cosine_over_all_steps(step, base_rate, warmup_steps, total_steps):
    """The cosine runs over all steps, so the rate jumps down after the warm-up."""
    if step < warmup_steps:
        return base_rate * step / warmup_steps
    return base_rate * _half_wave(min(step / total_steps, 1))


def warmup_cosine__starts_at_the_warmup_but_lasts_too_long(
    step, base_rate, warmup_steps, total_steps
):
    """Counts from the end of the warm-up and still divides by all steps: never gets to 0 in time."""
    if step < warmup_steps:
        return base_rate * step / warmup_steps
    return base_rate * _half_wave(min((step - warmup_steps) / total_steps, 1))


def warmup_cosine__steps_left_not_taken_off(step, base_rate, warmup_steps, total_steps):
    """Divides by the right number, but counts from step 0."""
    if step < warmup_steps:
        return base_rate * step / warmup_steps
    return base_rate * _half_wave(min(step / (total_steps - warmup_steps), 1))


def warmup_cosine__counted_from_one(step, base_rate, warmup_steps, total_steps):
    """The warm-up begins at base / warmup instead of 0."""
    if step < warmup_steps:
        return base_rate * (step + 1) / warmup_steps
    return base_rate * _half_wave(min((step - warmup_steps) / (total_steps - warmup_steps), 1))


def warmup_cosine__divides_by_no_warmup(step, base_rate, warmup_steps, total_steps):
    """Tests with <=, so that without a warm-up step 0 divides by zero."""
    if step <= warmup_steps:
        return base_rate * step / warmup_steps
    return base_rate * _half_wave(min((step - warmup_steps) / (total_steps - warmup_steps), 1))


def warmup_cosine__climbs_again(step, base_rate, warmup_steps, total_steps):
    """Nothing stops the cosine after the last step."""
    if step < warmup_steps:
        return base_rate * step / warmup_steps
    return base_rate * _half_wave((step - warmup_steps) / (total_steps - warmup_steps))


def warmup_cosine__flat_warmup(step, base_rate, warmup_steps, total_steps):
    """The warm-up is one tenth of the rate throughout."""
    if step < warmup_steps:
        return 0.1 * base_rate
    return base_rate * _half_wave(min((step - warmup_steps) / (total_steps - warmup_steps), 1))


def warmup_cosine__warmup_on_the_wave(step, base_rate, warmup_steps, total_steps):
    """The warm-up multiplies a cosine over all steps: the top is never reached."""
    factor = min(1.0, step / max(warmup_steps, 1)) if warmup_steps else 1.0
    return base_rate * factor * _half_wave(min(step / total_steps, 1))


def warmup_cosine__cosine_upwards(step, base_rate, warmup_steps, total_steps):
    """The warm-up is half a cosine too, not a line."""
    if step < warmup_steps:
        return base_rate * (1 - _half_wave(step / warmup_steps))
    return base_rate * _half_wave(min((step - warmup_steps) / (total_steps - warmup_steps), 1))


def warmup_cosine__warmup_comes_on_top(step, base_rate, warmup_steps, total_steps):
    """The cosine begins at the top only after one more step."""
    if step <= warmup_steps:
        return base_rate * step / max(warmup_steps, 1) if warmup_steps else base_rate
    done = min((step - warmup_steps - 1) / (total_steps - warmup_steps), 1)
    return base_rate * _half_wave(done)


def warmup_cosine__linear_down(step, base_rate, warmup_steps, total_steps):
    """Falls in a line."""
    if step < warmup_steps:
        return base_rate * step / warmup_steps
    return base_rate * max(0.0, (total_steps - step) / (total_steps - warmup_steps))


def warmup_cosine__stays_at_the_top(step, base_rate, warmup_steps, total_steps):
    """Rises and never falls."""
    return base_rate * min(1.0, step / warmup_steps) if warmup_steps else base_rate


# ---------------------------------------------------------------------------------------------
# clip_gradient_norm
# ---------------------------------------------------------------------------------------------


def clip_gradient_norm__each_by_its_own(grads, max_norm):
    """Clips each array by its own norm: the direction changes."""
    total = math.sqrt(sum(float(np.sum(g**2)) for g in grads.values()))
    clipped = {}
    for name, g in grads.items():
        norm = np.linalg.norm(g)
        clipped[name] = g * max_norm / norm if norm > max_norm else g
    return clipped, total


def clip_gradient_norm__element_by_element(grads, max_norm):
    """Clips the elements to plus and minus max_norm."""
    total = math.sqrt(sum(float(np.sum(g**2)) for g in grads.values()))
    return {name: np.clip(g, -max_norm, max_norm) for name, g in grads.items()}, total


def clip_gradient_norm__always_scaled(grads, max_norm):
    """Scales to max_norm always: short gradients are made longer, and zeros give NaN."""
    norm = np.sqrt(sum(np.sum(g**2) for g in grads.values()))
    return {name: g * max_norm / norm for name, g in grads.items()}, norm


def clip_gradient_norm__always_scaled_but_safe(grads, max_norm):
    """Scales to max_norm always, with a small number against zeros."""
    norm = np.sqrt(sum(np.sum(g**2) for g in grads.values()))
    return {name: g * max_norm / (norm + 1e-6) for name, g in grads.items()}, norm


def clip_gradient_norm__zeros_divided(grads, max_norm):
    """Takes the smaller factor without looking at a norm of 0: 0 * (1 / 0)."""
    norm = float(np.sqrt(sum(np.sum(g**2) for g in grads.values())))
    factor = min(1.0, max_norm / norm)
    return {name: factor * g for name, g in grads.items()}, norm


def clip_gradient_norm__no_root(grads, max_norm):
    """The square of the norm for the norm."""
    norm = sum(np.sum(g**2) for g in grads.values())
    factor = max_norm / norm if norm > max_norm else 1.0
    return {name: factor * g for name, g in grads.items()}, norm


def clip_gradient_norm__norms_added(grads, max_norm):
    """Adds the norms of the arrays instead of their squares."""
    norm = sum(np.linalg.norm(g) for g in grads.values())
    factor = max_norm / norm if norm > max_norm else 1.0
    return {name: factor * g for name, g in grads.items()}, norm


def clip_gradient_norm__largest_array_norm(grads, max_norm):
    """The largest of the arrays' norms for the norm of all."""
    norm = max(np.linalg.norm(g) for g in grads.values())
    factor = max_norm / norm if norm > max_norm else 1.0
    return {name: factor * g for name, g in grads.items()}, norm


def clip_gradient_norm__spectral(grads, max_norm):
    """Takes np.linalg.norm with ord=2, which is another norm for matrices."""
    norms = [np.linalg.norm(g, 2) if g.ndim <= 2 else np.linalg.norm(g) for g in grads.values()]
    norm = math.sqrt(sum(n**2 for n in norms))
    factor = max_norm / norm if norm > max_norm else 1.0
    return {name: factor * g for name, g in grads.items()}, norm


def clip_gradient_norm__absolute_sum(grads, max_norm):
    """The sum of absolute values for the norm."""
    norm = sum(np.sum(np.abs(g)) for g in grads.values())
    factor = max_norm / norm if norm > max_norm else 1.0
    return {name: factor * g for name, g in grads.items()}, norm


def clip_gradient_norm__root_of_the_mean(grads, max_norm):
    """Averages the squares instead of adding them up."""
    count = sum(g.size for g in grads.values())
    norm = math.sqrt(sum(np.sum(g**2) for g in grads.values()) / count)
    factor = max_norm / norm if norm > max_norm else 1.0
    return {name: factor * g for name, g in grads.items()}, norm


def clip_gradient_norm__norm_afterwards(grads, max_norm):
    """Returns the norm after clipping."""
    norm = np.sqrt(sum(np.sum(g**2) for g in grads.values()))
    factor = max_norm / norm if norm > max_norm else 1.0
    return {name: factor * g for name, g in grads.items()}, min(norm, max_norm)


def clip_gradient_norm__to_length_one(grads, max_norm):
    """Divides by the norm and forgets max_norm."""
    norm = np.sqrt(sum(np.sum(g**2) for g in grads.values()))
    if norm > max_norm:
        return {name: g / norm for name, g in grads.items()}, norm
    return grads, norm


def clip_gradient_norm__upside_down(grads, max_norm):
    """The factor is norm / max_norm: long gradients become longer."""
    norm = np.sqrt(sum(np.sum(g**2) for g in grads.values()))
    factor = norm / max_norm if norm > max_norm else 1.0
    return {name: factor * g for name, g in grads.items()}, norm


def clip_gradient_norm__long_ones_dropped(grads, max_norm):
    """Sets gradients that are too long to zero."""
    norm = np.sqrt(sum(np.sum(g**2) for g in grads.values()))
    keep = 1.0 if norm <= max_norm else 0.0
    return {name: keep * g for name, g in grads.items()}, norm


def clip_gradient_norm__last_array_only(grads, max_norm):
    """The norm is overwritten in the loop: that of the last array."""
    norm = 0.0
    for g in grads.values():
        norm = np.sqrt(np.sum(g**2))
    factor = max_norm / norm if norm > max_norm else 1.0
    return {name: factor * g for name, g in grads.items()}, norm


def clip_gradient_norm__biases_left_out(grads, max_norm):
    """Only arrays with two axes or more count and are clipped."""
    norm = math.sqrt(sum(np.sum(g**2) for g in grads.values() if g.ndim > 1))
    factor = max_norm / norm if norm > max_norm else 1.0
    return {name: factor * g if g.ndim > 1 else g for name, g in grads.items()}, norm


def clip_gradient_norm__only_gradients(grads, max_norm):
    """Returns no norm."""
    norm = np.sqrt(sum(np.sum(g**2) for g in grads.values()))
    factor = max_norm / norm if norm > max_norm else 1.0
    return {name: factor * g for name, g in grads.items()}
