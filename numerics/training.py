"""Training: where weights start, in what portions data is seen, and the loop itself.

What keeps a test honest has a file of its own, and is found under this name too. A random function
draws from the `rng` it is given and from nothing else. Arguments are left as they were.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypedDict

import numpy as np

from numerics.splits import (
    find_leaks,
    fit_standardiser,
    k_fold_indices,
    split_indices,
    standardise,
)
from numerics.validation import (
    FloatArray,
    IndexArray,
    function,
    generator,
    real_array,
    whole_number,
)

__all__ = [
    "count_iterations",
    "find_leaks",
    "fit_standardiser",
    "he_normal",
    "k_fold_indices",
    "minibatches",
    "split_indices",
    "standardise",
    "train",
    "xavier_uniform",
]

Params = dict[str, FloatArray]
LossAndGrads = Callable[[Params, FloatArray, Any], tuple[Any, Mapping[str, Any]]]
Update = Callable[[FloatArray, FloatArray, Any], tuple[Any, Any]]


class History(TypedDict):
    """What happened in each epoch, and which one was best, counted from 0."""

    train_loss: list[float]
    val_loss: list[float]
    best_epoch: int


def xavier_uniform(fan_in: int, fan_out: int, rng: "np.random.Generator") -> FloatArray:
    r"""Return weights uniform within :math:`\pm \sqrt{6 / (n_{in} + n_{out})}`.

    Parameters
    ----------
    fan_in, fan_out : int >= 1
        How many inputs and outputs the layer has.
    rng : numpy.random.Generator

    Returns
    -------
    w : ndarray of float64, shape (fan_in, fan_out)

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or out of its range.

    References
    ----------
    X. Glorot and Y. Bengio, Understanding the difficulty of training deep feedforward neural
    networks, AISTATS 2010, equation 16.

    """
    fan_in = whole_number("fan_in", fan_in, at_least=1)
    fan_out = whole_number("fan_out", fan_out, at_least=1)
    limit = float(np.sqrt(6.0 / (fan_in + fan_out)))
    return generator("rng", rng).uniform(-limit, limit, (fan_in, fan_out))


def he_normal(fan_in: int, fan_out: int, rng: "np.random.Generator") -> FloatArray:
    r"""Return normal weights of mean 0 and standard deviation :math:`\sqrt{2 / n_{in}}`.

    Parameters
    ----------
    fan_in, fan_out : int >= 1
        How many inputs and outputs the layer has.
    rng : numpy.random.Generator

    Returns
    -------
    w : ndarray of float64, shape (fan_in, fan_out)

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or out of its range.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, Delving deep into rectifiers, ICCV 2015, equation 10.

    """
    fan_in = whole_number("fan_in", fan_in, at_least=1)
    fan_out = whole_number("fan_out", fan_out, at_least=1)
    return generator("rng", rng).normal(0.0, np.sqrt(2.0 / fan_in), (fan_in, fan_out))


def count_iterations(
    num_examples: int,
    batch_size: int,
    epochs: int,
    drop_last: bool = False,  # noqa: FBT001, FBT002  # the exercise's signature
) -> tuple[int, int]:
    """Return how many updates an epoch takes, and all epochs together.

    Parameters
    ----------
    num_examples, batch_size : int >= 1
    epochs : int >= 0
    drop_last : bool
        Whether a smaller last batch is left out.

    Returns
    -------
    per_epoch, total : int

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or out of its range.

    Notes
    -----
    100 000 examples in batches of 100 for 10 epochs: 1 000 an epoch, 10 000 in all.

    """
    num_examples = whole_number("num_examples", num_examples, at_least=1)
    batch_size = whole_number("batch_size", batch_size, at_least=1)
    epochs = whole_number("epochs", epochs, at_least=0)
    full, rest = divmod(num_examples, batch_size)
    per_epoch = full + (rest > 0 and not drop_last)
    return per_epoch, per_epoch * epochs


def minibatches(num_examples: int, batch_size: int, rng: "np.random.Generator") -> list[IndexArray]:
    """Return the examples of each batch of an epoch: all of them, once, in random order.

    Parameters
    ----------
    num_examples, batch_size : int >= 1
    rng : numpy.random.Generator

    Returns
    -------
    batches : list of ndarray of intp
        Of `batch_size` indices each; the last one may be smaller.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or out of its range.

    References
    ----------
    L. Bottou, Curiously fast convergence of some stochastic gradient descent algorithms, 2009: why
    without replacement.

    """
    num_examples = whole_number("num_examples", num_examples, at_least=1)
    batch_size = whole_number("batch_size", batch_size, at_least=1)
    order = generator("rng", rng).permutation(num_examples)
    return [order[i : i + batch_size] for i in range(0, num_examples, batch_size)]


def train(  # noqa: PLR0917  # the exercise's signature
    params: Mapping[str, Any],
    loss_and_grads: LossAndGrads,
    update: Update,
    x_train: Any,
    y_train: Any,
    x_val: Any,
    y_val: Any,
    *,
    epochs: int,
    batch_size: int,
    patience: int,
    rng: "np.random.Generator",
) -> tuple[Params, History]:
    """Train until the validation loss has not improved for `patience` epochs.

    In each epoch every training example is seen once, in random batches: forward, loss, backward,
    update. All gradients of a batch are taken before the first update. Then the validation loss is
    taken, and where it is below the best so far (NaN never is) the parameters are kept.

    Parameters
    ----------
    params : dict of array_like of real numbers
        Where to start.
    loss_and_grads : callable
        From params, x and y of a batch to its mean loss and the gradients, a dict with the keys and
        shapes of `params`.
    update : callable
        An optimizer, from (w, dw, config) to (next_w, config). Each parameter has a config of its
        own, None at first.
    x_train, x_val : array_like of real numbers, shape (N, ...)
    y_train, y_val : array_like of shape (N, ...)
        One target a row, of any dtype.
    epochs, batch_size, patience : int >= 1
        At most so many epochs; examples a batch; epochs to wait for an improvement.
    rng : numpy.random.Generator
        For the order of the examples.

    Returns
    -------
    best_params : dict of ndarray of float64
        After the best epoch; after the first, where no validation loss was below infinity.
    history : dict
        "train_loss" (a float an epoch: the mean of its batches' losses), "val_loss" (the same,
        after the epoch) and "best_epoch" (int, counted from 0).

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or out of its range, or a function returns a loss that is
        no number, other keys, or arrays of another shape.

    References
    ----------
    I. Goodfellow, Y. Bengio and A. Courville, Deep Learning, MIT Press, 2016, algorithm 7.1.

    """
    params = {name: real_array(f'params["{name}"]', w).copy() for name, w in params.items()}
    loss_and_grads = function("loss_and_grads", loss_and_grads)
    update = function("update", update)
    x_train, y_train = _rows("train", x_train, y_train)
    x_val, y_val = _rows("val", x_val, y_val)
    epochs = whole_number("epochs", epochs, at_least=1)
    patience = whole_number("patience", patience, at_least=1)
    configs: dict[str, Any] = dict.fromkeys(params)
    history: History = {"train_loss": [], "val_loss": [], "best_epoch": 0}
    best_loss, best_params = np.inf, params
    for epoch in range(epochs):
        batch_losses = []
        for batch in minibatches(len(x_train), batch_size, rng):
            loss, grads = loss_and_grads(params, x_train[batch], y_train[batch])
            batch_losses.append(_loss(loss))
            _same_keys(grads, params)
            for name, w in params.items():
                dw = real_array(f'grads["{name}"]', grads[name], shape=w.shape)
                next_w, configs[name] = update(w, dw, configs[name])
                params[name] = real_array("next_w", next_w, shape=w.shape)
        history["train_loss"].append(float(np.mean(batch_losses)))
        val_loss = _loss(loss_and_grads(params, x_val, y_val)[0])
        history["val_loss"].append(val_loss)
        improved = val_loss < best_loss
        if improved:
            best_loss, history["best_epoch"] = val_loss, epoch
        if improved or epoch == 0:
            best_params = {name: w.copy() for name, w in params.items()}
        if epoch - history["best_epoch"] >= patience:
            break
    return best_params, history


def _rows(kind: str, x: Any, y: Any) -> tuple[FloatArray, Any]:
    x, y = real_array(f"x_{kind}", x), np.asarray(y)
    if x.ndim == 0 or y.shape[:1] != x.shape[:1]:
        raise ValueError(
            f"x_{kind} and y_{kind} must have as many rows, got shapes {x.shape} and {y.shape}"
        )
    return x, y


def _loss(value: Any) -> float:
    return float(real_array("loss", value, shape=()))


def _same_keys(grads: Mapping[str, Any], params: Params) -> None:
    if grads.keys() != params.keys():
        raise ValueError(f"grads must have the keys {sorted(params)}, got {sorted(grads)}")
