"""Holding on new data: what keeps a network from learning its examples by heart.

A network with many weights can reach a training loss of nearly zero by remembering. Each function
here makes remembering harder, or notices when it begins: penalties keep weights small, dropout and
normalisation change the layers, softened labels, flips, crops and blends change the data, and early
stopping ends the training in time.

What holds throughout the file:

- N is the number of examples (rows), D the number of features (columns), C the number of classes.
- A `*_forward` returns `(out, cache)`. What is in the cache is your choice: whatever its
  `*_backward` needs. `dout` is the gradient of the final loss with respect to `out`, and a gradient
  has the shape of the array it belongs to.
- Chance comes from `rng`, a numpy.random.Generator, and from nowhere else; so the same seed gives
  the same result. How you draw from it is your choice.
- Leave the arrays you are given as they are; float32 in, float32 out is good manners. Only
  `bn_param` is written to.
"""

import numpy as np


def l2_penalty(w, strength):
    """Compute the L2 penalty (weight decay) of an array of weights and its gradient.

    Large weights let a network bend sharply around single examples. The penalty is added to the
    loss, and its gradient pulls each weight towards 0 in proportion to its size.

    Formula, with the sum taken over all elements::

        loss = 0.5 * strength * sum(w^2)

    Parameters
    ----------
    w : numpy.ndarray of float, any shape
        The weights of one layer.
    strength : float
        How much the penalty counts; 0 or more.

    Returns
    -------
    loss : float
        The penalty, a plain number, 0 or more.
    dw : numpy.ndarray of float, the shape of `w`
        The derivative of `loss` with respect to each weight.

    Notes
    -----
    It is a sum, not a mean: a layer with more weights pays more. The factor 0.5 is there to cancel
    the 2 of the derivative.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016), section 7.1.1; Krogh and
    Hertz, "A simple weight decay can improve generalization", NIPS 1991.

    Examples
    --------
    The squares 4, 1 and 9 add up to 14; half of that times 0.5 is 3.5.

    >>> loss, dw = l2_penalty(np.array([2.0, -1.0, 3.0]), 0.5)
    >>> float(loss)
    3.5
    >>> dw.tolist()
    [1.0, -0.5, 1.5]
    """
    sum_of_squares = np.sum(w**2)
    loss = 0.5 * strength * sum_of_squares
    dw = strength * w
    return loss, dw


def l1_penalty(w, strength):
    """Compute the L1 penalty (lasso) of an array of weights and its gradient.

    Its pull on a weight is as strong for a small one as for a large one, so weights that are not
    needed reach 0 and stay there: the network chooses its inputs.

    Formula, with the sum taken over all elements::

        loss = strength * sum(abs(w))

    Parameters
    ----------
    w : numpy.ndarray of float, any shape
        The weights of one layer.
    strength : float
        How much the penalty counts; 0 or more.

    Returns
    -------
    loss : float
        The penalty, a plain number, 0 or more.
    dw : numpy.ndarray of float, the shape of `w`
        The derivative of `loss` with respect to each weight.

    Notes
    -----
    abs has a kink at 0: its slope is -1 to the left and 1 to the right. For a weight of exactly 0
    any number from -strength to strength is right (a subgradient, as it is called); 0 is the usual
    choice, for it leaves the weight where it is.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016), section 7.1.2; Tibshirani,
    "Regression shrinkage and selection via the lasso", Journal of the Royal Statistical Society B
    58 (1996), 267-288.

    Examples
    --------
    The sizes 2, 1 and 3 add up to 6; times 0.5 that is 3.

    >>> loss, dw = l1_penalty(np.array([2.0, -1.0, 3.0]), 0.5)
    >>> float(loss)
    3.0
    >>> dw.tolist()
    [0.5, -0.5, 0.5]
    """
    sum_of_sizes = np.sum(np.abs(w))
    loss = strength * sum_of_sizes
    dw = strength * np.sign(w)
    return loss, dw


def dropout_forward(x, drop_prob, mode, rng):
    """Set elements to zero by chance while training (inverted dropout).

    A unit that may be missing at any step cannot be relied on alone, so the network spreads what it
    knows over many. Dividing the survivors by the probability of surviving keeps the expected value
    of every element, and nothing is left to do at test time.

    Formula, for each element on its own::

        train:  out = 0                      with probability drop_prob
                out = x / (1 - drop_prob)    otherwise
        test:   out = x

    Parameters
    ----------
    x : numpy.ndarray of float, any shape
        The activations of a layer, that is, the numbers that it hands to the next one.
    drop_prob : float
        The probability of being set to zero (not of being kept); 0 or more, less than 1.
    mode : str
        "train" or "test".
    rng : numpy.random.Generator
        Where chance comes from. In mode "test" nothing is drawn.

    Returns
    -------
    out : numpy.ndarray of float, the shape of `x`
        The activations that the next layer sees.
    cache : any
        What `dropout_backward` needs.

    Notes
    -----
    Every element has a draw of its own: neither a whole row nor a whole column goes together.

    Many courses and libraries name the opposite number, the probability of keeping. Look before you
    carry code from one to another: at 0.5 both look right.

    References
    ----------
    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout: a simple way to prevent
    neural networks from overfitting", Journal of Machine Learning Research 15 (2014), 1929-1958.

    Examples
    --------
    At drop_prob 0.75 one element in four survives and counts four times.

    >>> rng = np.random.default_rng(0)
    >>> out, cache = dropout_forward(np.ones((50, 20)), 0.75, "train", rng)
    >>> np.unique(out).tolist()
    [0.0, 4.0]
    >>> out, cache = dropout_forward(np.array([[1.0, 2.0]]), 0.75, "test", rng)
    >>> out.tolist()
    [[1.0, 2.0]]
    """
    if mode == "train":
        keep_prob = 1 - drop_prob
        kept = rng.random(x.shape) < keep_prob
        scale = kept.astype(x.dtype) / keep_prob
    else:
        scale = np.ones_like(x)
    out = x * scale
    cache = scale
    return out, cache


def dropout_backward(dout, cache):
    """Carry the gradient back through dropout.

    An element that was set to zero had no influence on the loss, so its gradient is zero; one that
    was scaled up has its gradient scaled up alike. That holds only for the very mask that the
    forward drew: drawing a new one trains with a gradient of another network.

    Formula, for each element::

        train:  dx = 0                         where the forward dropped it
                dx = dout / (1 - drop_prob)    where it kept it
        test:   dx = dout

    Parameters
    ----------
    dout : numpy.ndarray of float, the shape of the forward's `out`
        The gradient of the loss with respect to `out`.
    cache : any
        What `dropout_forward` returned beside `out`, in either mode.

    Returns
    -------
    dx : numpy.ndarray of float, the shape of `dout`
        The gradient of the loss with respect to the forward's `x`.

    Notes
    -----
    An element that was kept but was 0 in `x` (after a ReLU half of them are) still passes its
    gradient on. So the mask cannot be read from where `out` is 0.

    References
    ----------
    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout: a simple way to prevent
    neural networks from overfitting", Journal of Machine Learning Research 15 (2014), 1929-1958,
    section 5.1.

    Examples
    --------
    A gradient of ones comes back as 0 where `out` is 0 and as 4 where the element was kept.

    >>> rng = np.random.default_rng(0)
    >>> out, cache = dropout_forward(np.ones((50, 20)), 0.75, "train", rng)
    >>> dx = dropout_backward(np.ones((50, 20)), cache)
    >>> bool(np.all(dx == out))
    True
    """
    scale = cache
    return dout * scale


def batchnorm_forward(x, gamma, beta, bn_param):
    """Normalise each feature over the batch, then scale and shift it.

    It keeps the inputs of every layer at one scale while the layers before it change, so larger
    steps are safe. At test time there may be no batch, so running averages from the training take
    the place of the batch's own mean and variance.

    Formula, for each column with its mean and its variance over the N rows::

        out = gamma * (x - mean) / sqrt(variance + eps) + beta

    In mode "train" mean and variance are those of the batch, and for each of the two::

        running = momentum * running + (1 - momentum) * batch

    In mode "test" mean and variance are `running_mean` and `running_var`, which stay as they are.

    Parameters
    ----------
    x : numpy.ndarray of float, shape (N, D)
        One example a row.
    gamma : numpy.ndarray of float, shape (D,)
        The scale of each feature, learnt.
    beta : numpy.ndarray of float, shape (D,)
        The shift of each feature, learnt.
    bn_param : dict
        "mode": "train" or "test", always there. These may be missing: "eps" (default 1e-5, greater
        than 0), "momentum" (default 0.9, from 0 to 1), "running_mean" and "running_var" (shape
        (D,), default zeros). In mode "train" the last two are written back into this dict.

    Returns
    -------
    out : numpy.ndarray of float, shape (N, D)
        The normalised, scaled and shifted features.
    cache : any
        What `batchnorm_backward` needs.

    Notes
    -----
    The variance is the biased one, mean((x - mean)^2), divided by N; also in the running average
    (PyTorch's running average divides by N - 1).

    eps stands inside the root. It keeps a constant feature finite: such a column comes out as beta.

    `momentum` is the share of the old value that is kept; PyTorch calls 1 - momentum by that name.

    References
    ----------
    Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing internal
    covariate shift", ICML 2015, arXiv:1502.03167, algorithm 1.

    Examples
    --------
    The column 1, 5 has the mean 3 and the variance 4, so it becomes -1 and 1 (but for eps). A tenth
    of the mean and of the variance enters the running averages.

    >>> bn_param = {"mode": "train"}
    >>> x = np.array([[1.0], [5.0]])
    >>> out, cache = batchnorm_forward(x, np.array([2.0]), np.array([10.0]), bn_param)
    >>> out.round(3).tolist()
    [[8.0], [12.0]]
    >>> bn_param["running_mean"].round(3).tolist(), bn_param["running_var"].round(3).tolist()
    ([0.3], [0.4])
    """
    zeros = np.zeros(x.shape[1], dtype=x.dtype)
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", zeros)
    running_var = bn_param.get("running_var", zeros)
    if bn_param["mode"] == "train":
        mean = np.mean(x, axis=0)
        var = np.var(x, axis=0)
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    else:
        mean = running_mean
        var = running_var
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    cache = (x_hat, gamma, std)
    return out, cache


def batchnorm_backward(dout, cache):
    """Carry the gradient back through batch normalisation.

    Each x acts in three ways: by itself, through the mean of its column and through the variance of
    its column. Leaving out the last two is the famous mistake here: the gradient still looks
    plausible, and the network learns worse without a word.

    Formula, with x_hat = (x - mean) / std, std = sqrt(variance + eps), and sums and means taken
    over the N rows of each column::

        dbeta  = sum(dout)
        dgamma = sum(dout * x_hat)
        g      = gamma * dout
        dx     = (g - mean(g) - x_hat * mean(g * x_hat)) / std

    Parameters
    ----------
    dout : numpy.ndarray of float, shape (N, D)
        The gradient of the loss with respect to the forward's `out`.
    cache : any
        What `batchnorm_forward` returned beside `out`, called in mode "train".

    Returns
    -------
    dx : numpy.ndarray of float, shape (N, D)
        The gradient of the loss with respect to `x`. Each of its columns sums to 0.
    dgamma : numpy.ndarray of float, shape (D,)
        The gradient with respect to `gamma`.
    dbeta : numpy.ndarray of float, shape (D,)
        The gradient with respect to `beta`.

    Notes
    -----
    You need not use the short form above: going back through the forward one operation at a time
    gives the same numbers.

    `gamma` may hold zeros and negative numbers: never divide by it.

    With one row (N = 1) the output is beta whatever `x` is, so dx is 0.

    References
    ----------
    Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing internal
    covariate shift", ICML 2015, arXiv:1502.03167, section 3.

    Examples
    --------
    The column 0, 0, 4, 4 has the mean 2 and the standard deviation 2, so x_hat is -1, -1, 1, 1 (but
    for eps). Only the first output matters to the loss, so g = 2, 0, 0, 0 with the mean 0.5, and
    mean(g * x_hat) = -0.5. Though the second output does not matter, the second x does: it moves
    the mean and the variance.

    >>> x = np.array([[0.0], [0.0], [4.0], [4.0]])
    >>> out, cache = batchnorm_forward(x, np.array([2.0]), np.array([0.0]), {"mode": "train"})
    >>> dx, dgamma, dbeta = batchnorm_backward(np.array([[1.0], [0.0], [0.0], [0.0]]), cache)
    >>> np.allclose(dx, [[0.5], [-0.5], [0.0], [0.0]], atol=1e-4)
    True
    >>> dgamma.round(3).tolist(), dbeta.tolist()
    ([-1.0], [1.0])
    """
    x_hat, gamma, std = cache
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = gamma * dout
    through_mean = np.mean(dx_hat, axis=0)
    through_variance = x_hat * np.mean(dx_hat * x_hat, axis=0)
    dx = (dx_hat - through_mean - through_variance) / std
    return dx, dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    """Normalise each example over its features, then scale and shift each feature.

    Every row is normalised by its own mean and variance, so the other examples of the batch do not
    matter and training and test are the same. This is what transformers use.

    Formula, for each row with its mean and its variance over the D features::

        out = gamma * (x - mean) / sqrt(variance + eps) + beta

    Parameters
    ----------
    x : numpy.ndarray of float, shape (N, D)
        One example a row.
    gamma : numpy.ndarray of float, shape (D,)
        The scale of each feature, learnt.
    beta : numpy.ndarray of float, shape (D,)
        The shift of each feature, learnt.
    ln_param : dict
        "eps" may be in it (default 1e-5, greater than 0).

    Returns
    -------
    out : numpy.ndarray of float, shape (N, D)
        The normalised, scaled and shifted features.
    cache : any
        What `layernorm_backward` needs.

    Notes
    -----
    The variance is the biased one, mean((x - mean)^2), divided by D; eps stands inside the root.

    The statistics are taken along a row, but gamma and beta still belong to the columns: one number
    for each feature.

    With one feature (D = 1) the output is beta.

    References
    ----------
    Ba, Kiros and Hinton, "Layer normalization" (2016), arXiv:1607.06450.

    Examples
    --------
    The row 1, 5 has the mean 3 and the variance 4, so it becomes -1 and 1 (but for eps); so does the
    row 100, 500, for scale does not matter.

    >>> x = np.array([[1.0, 5.0], [100.0, 500.0]])
    >>> out, cache = layernorm_forward(x, np.array([2.0, 1.0]), np.array([0.0, 10.0]), {})
    >>> out.round(3).tolist()
    [[-2.0, 11.0], [-2.0, 11.0]]
    """
    eps = ln_param.get("eps", 1e-5)
    mean = np.mean(x, axis=1, keepdims=True)
    var = np.var(x, axis=1, keepdims=True)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    cache = (x_hat, gamma, std)
    return out, cache


def layernorm_backward(dout, cache):
    """Carry the gradient back through layer normalisation.

    It is the backward of batch normalisation turned on its side, with one difference: along a row
    every feature has a gamma of its own, so gamma must be multiplied in before the means are taken.
    Transformers take this step two times a block.

    Formula, with x_hat = (x - mean) / std and std = sqrt(variance + eps); the sums run over the N
    rows of each column, the means over the D features of each row::

        dbeta  = sum(dout)
        dgamma = sum(dout * x_hat)
        g      = gamma * dout
        dx     = (g - mean(g) - x_hat * mean(g * x_hat)) / std

    Parameters
    ----------
    dout : numpy.ndarray of float, shape (N, D)
        The gradient of the loss with respect to the forward's `out`.
    cache : any
        What `layernorm_forward` returned beside `out`.

    Returns
    -------
    dx : numpy.ndarray of float, shape (N, D)
        The gradient of the loss with respect to `x`. Each of its rows sums to 0.
    dgamma : numpy.ndarray of float, shape (D,)
        The gradient with respect to `gamma`.
    dbeta : numpy.ndarray of float, shape (D,)
        The gradient with respect to `beta`.

    Notes
    -----
    `gamma` may hold zeros and negative numbers: never divide by it.

    References
    ----------
    Ba, Kiros and Hinton, "Layer normalization" (2016), arXiv:1607.06450, section 3.

    Examples
    --------
    The row 0, 0, 4, 4 has the mean 2 and the standard deviation 2, so x_hat is -1, -1, 1, 1 (but for
    eps). Here g = 2, 0, 4, 0 with the mean 1.5, and mean(g * x_hat) = 0.5; the first entry of dx is
    (2 - 1.5 + 0.5) / 2 = 0.5.

    >>> x = np.array([[0.0, 0.0, 4.0, 4.0]])
    >>> gamma, beta = np.array([2.0, 1.0, 4.0, 1.0]), np.zeros(4)
    >>> out, cache = layernorm_forward(x, gamma, beta, {})
    >>> dx, dgamma, dbeta = layernorm_backward(np.array([[1.0, 0.0, 1.0, 0.0]]), cache)
    >>> dx.round(3).tolist()
    [[0.5, -0.5, 1.0, -1.0]]
    >>> dgamma.round(3).tolist(), dbeta.tolist()
    ([-1.0, 0.0, 1.0, 0.0], [1.0, 0.0, 1.0, 0.0])
    """
    x_hat, gamma, std = cache
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = gamma * dout
    through_mean = np.mean(dx_hat, axis=1, keepdims=True)
    through_variance = x_hat * np.mean(dx_hat * x_hat, axis=1, keepdims=True)
    dx = (dx_hat - through_mean - through_variance) / std
    return dx, dgamma, dbeta


def label_smoothing(y, num_classes, smoothing):
    """Turn class labels into target rows that leave a little probability for every class.

    A target of exactly 1 is reached only by infinite scores, so a network trained on it never stops
    growing its weights. Softened targets have an optimum that is finite, and leave room for labels
    that are wrong.

    Formula, with s = smoothing and C = num_classes::

        target[i, j] = 1 - s + s / C    where j = y[i]
        target[i, j] = s / C            elsewhere

    Parameters
    ----------
    y : numpy.ndarray of int, shape (N,)
        The class of each example, from 0 to C - 1.
    num_classes : int
        C; 1 or more. It may be larger than the largest label that occurs.
    smoothing : float
        s, the part of the probability that is shared out; from 0 to 1.

    Returns
    -------
    target : numpy.ndarray of float, shape (N, C)
        Probabilities; each row sums to 1.

    Notes
    -----
    The part s is shared out among all C classes, the right one included. Some codes share it among
    the other C - 1; that is another smoothing.

    With s = 0 the rows are one-hot: 1 at the right class, 0 elsewhere. With s = 1 every entry is
    1 / C.

    References
    ----------
    Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, "Rethinking the Inception architecture for computer
    vision", CVPR 2016, section 7.

    Examples
    --------
    With s = 0.2 each of 4 classes gets 0.05, and the right one 0.8 in addition.

    >>> label_smoothing(np.array([1, 3]), 4, 0.2).round(3).tolist()
    [[0.05, 0.85, 0.05, 0.05], [0.05, 0.05, 0.05, 0.85]]
    """
    rows = np.arange(len(y))
    share = smoothing / num_classes
    target = np.full((len(y), num_classes), share, dtype=float)
    target[rows, y] = 1 - smoothing + share
    return target


def early_stopping(val_losses, patience, min_delta=0.0):
    """Say when training should have stopped, and which epoch was the best until then.

    While a network learns what holds in general its validation loss falls; when it begins to learn
    its examples by heart that loss rises. Stopping there, with the best epoch's weights, costs
    nothing and is one of the strongest regularisers there are.

    Go through the epochs in order, counted from 0::

        the epoch improves  if  val_losses[epoch] < best - min_delta;
                            then it is the best epoch and its loss is best
        stop there          if  epoch - best_epoch >= patience

    Before the first epoch best is infinity, so the first epoch always improves.

    Parameters
    ----------
    val_losses : numpy.ndarray of float, shape (E,)
        The validation loss (measured on examples kept aside) after each of E epochs (passes through
        the training examples); E is 1 or more. The first is finite; a later one may be NaN.
    patience : int
        After how many epochs in a row without an improvement to stop; 1 or more.
    min_delta : float, optional
        By how much a loss must be lower to count; 0 or more. Default 0.0.

    Returns
    -------
    stop_epoch : int
        The first epoch at which training stops, counted from 0; the last epoch if it never does.
    best_epoch : int
        The epoch that improved last, up to and including `stop_epoch`. What comes after is never
        seen, however good it is.

    Notes
    -----
    An equal loss is no improvement, nor is one that is lower by min_delta or less: it leaves `best`
    as it was, so that many small steps together may count.

    NaN never improves. Mind the direction of your comparison: NaN < 1 and NaN >= 1 are both False.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016), section 7.8; Prechelt,
    "Early stopping - but when?", in *Neural Networks: Tricks of the Trade* (Springer, 1998).

    Examples
    --------
    Epoch 2 is the best; epochs 3 and 4 do not improve on it, and with a patience of 2 training
    stops at epoch 4. The 0.1 after it is never reached.

    >>> losses = np.array([1.0, 0.75, 0.5, 0.625, 0.5, 0.1])
    >>> stop_epoch, best_epoch = early_stopping(losses, patience=2)
    >>> int(stop_epoch), int(best_epoch)
    (4, 2)

    If an improvement must be larger than 0.5, then neither 0.75 nor 0.5 is one, and the patience is
    over at epoch 2.

    >>> stop_epoch, best_epoch = early_stopping(losses, patience=2, min_delta=0.5)
    >>> int(stop_epoch), int(best_epoch)
    (2, 0)
    """
    best = np.inf
    best_epoch = 0
    for epoch, loss in enumerate(val_losses):
        improved = loss < best - min_delta
        if improved:
            best = loss
            best_epoch = epoch
        waited = epoch - best_epoch
        if waited >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


def horizontal_flip(images, flip_prob, rng):
    """Mirror each image, left to right, with a given probability.

    A cat seen in a mirror is a cat: the network gets new examples for nothing. A mirrored 3 is no
    3, so it is the data that decide whether this is allowed.

    Formula, for each image i on its own, with W the width::

        out[i, row, column] = images[i, row, W - 1 - column]    with probability flip_prob
        out[i, row, column] = images[i, row, column]            otherwise

    Parameters
    ----------
    images : numpy.ndarray of float, shape (N, H, W) or (N, H, W, C)
        N images of H rows and W columns, with C colour channels where there is a last axis.
    flip_prob : float
        The probability that an image is mirrored; from 0 to 1.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    out : numpy.ndarray of float, the shape of `images`
        The images, some of them mirrored.

    Notes
    -----
    Each image is mirrored as a whole, its channels stay in order, and each has a draw of its own.

    References
    ----------
    Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural
    networks", NIPS 2012, section 4.1.

    Examples
    --------
    With a probability of 1 every image is mirrored: columns change places, rows do not.

    >>> images = np.array([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])
    >>> horizontal_flip(images, 1.0, np.random.default_rng(0)).tolist()
    [[[3.0, 2.0, 1.0], [6.0, 5.0, 4.0]]]
    """
    chosen = rng.random(len(images)) < flip_prob
    out = images.copy()
    out[chosen] = images[chosen, :, ::-1]
    return out


def random_crop(images, padding, rng):
    """Surround each image with zeros and cut out a random window of its own size.

    A thing a little further left is still that thing. Shifted copies teach the network not to rely
    on the exact place.

    Formula, for each image i, with `top` and `left` two whole numbers from 0 to 2 * padding, both
    included and all equally likely, drawn for that image::

        padded = images[i] with `padding` rows of zeros above and below it
                 and `padding` columns of zeros to its left and right
        out[i] = padded[top : top + H, left : left + W]

    Parameters
    ----------
    images : numpy.ndarray of float, shape (N, H, W) or (N, H, W, C)
        N images of H rows and W columns, with C colour channels where there is a last axis.
    padding : int
        How far an image may move in each direction; 0 or more.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    out : numpy.ndarray of float, the shape of `images`
        The windows.

    Notes
    -----
    With top = left = padding the image stays where it is. All channels of an image move together.

    `rng.integers(low, high)` leaves `high` out.

    References
    ----------
    He, Zhang, Ren and Sun, "Deep residual learning for image recognition", CVPR 2016, section 4.2.

    Examples
    --------
    An image of one row, 1 2, with a padding of 1: a window one row too high or too low sees zeros
    only; the others see 0 1, 1 2 or 2 0.

    >>> images = np.array([[[1.0, 2.0]]]).repeat(200, axis=0)
    >>> out = random_crop(images, 1, np.random.default_rng(0))
    >>> np.unique(out.reshape(200, 2), axis=0).tolist()
    [[0.0, 0.0], [0.0, 1.0], [1.0, 2.0], [2.0, 0.0]]
    """
    num_images, height, width = images.shape[:3]
    sides = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
    padded = np.pad(images, sides[: images.ndim])
    top = rng.integers(0, 2 * padding + 1, size=num_images)
    left = rng.integers(0, 2 * padding + 1, size=num_images)
    rows = top[:, np.newaxis] + np.arange(height)
    columns = left[:, np.newaxis] + np.arange(width)
    image = np.arange(num_images)[:, np.newaxis, np.newaxis]
    return padded[image, rows[:, :, np.newaxis], columns[:, np.newaxis, :]]


def mixup(x, y_onehot, alpha, rng):
    """Blend each example and its label with those of a partner from the same batch.

    A network that sees only pure examples is free to jump between them. Half a cat and half a dog
    with the label "half cat, half dog" asks for a smooth change from one to the other.

    Formula, with lam drawn from Beta(alpha, alpha) and `partner` a permutation of the rows::

        mixed_x[i] = lam * x[i] + (1 - lam) * x[partner[i]]
        mixed_y[i] = lam * y_onehot[i] + (1 - lam) * y_onehot[partner[i]]

    Parameters
    ----------
    x : numpy.ndarray of float, shape (N, ...)
        A batch of examples: (N, D), (N, H, W, C) or any other shape.
    y_onehot : numpy.ndarray of float, shape (N, C)
        The label of each example as a row of probabilities.
    alpha : float
        Greater than 0. Small: mostly pure examples; 1: all blends equally likely; large: halves.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    mixed_x : numpy.ndarray of float, the shape of `x`
        The blended examples.
    mixed_y : numpy.ndarray of float, shape (N, C)
        The blended labels; each row still sums to 1.

    Notes
    -----
    One lam for the whole batch or one for each row: both are right. An example and its label share
    their lam and their partner. As a permutation, `partner` takes every row exactly once; a random
    one is usual, but the next row or the order reversed will do. It may leave some rows in place.

    References
    ----------
    Zhang, Cisse, Dauphin and Lopez-Paz, "mixup: beyond empirical risk minimization", ICLR 2018,
    arXiv:1710.09412.

    Examples
    --------
    With lam = 0.75 the examples 10 and 20 give 12.5 and 17.5, with the labels 0.75, 0.25 and 0.25,
    0.75. Here x is 10 or 20 times what the label says, and that holds for any blend.

    >>> x, y_onehot = np.array([[10.0], [20.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> mixed_x, mixed_y = mixup(x, y_onehot, 0.4, np.random.default_rng(0))
    >>> np.allclose(mixed_x[:, 0], 10 * mixed_y[:, 0] + 20 * mixed_y[:, 1])
    True
    """
    lam = rng.beta(alpha, alpha)
    partner = rng.permutation(len(x))
    mixed_x = lam * x + (1 - lam) * x[partner]
    mixed_y = lam * y_onehot + (1 - lam) * y_onehot[partner]
    return mixed_x, mixed_y
