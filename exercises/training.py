"""The loop that turns a loss, a gradient and an optimizer into something that has learnt.

The parts are all there by now: a loss says how wrong the network is, backpropagation which way is
downhill, an optimizer takes the step. This file puts them together: where the weights start, in
what portions the data is seen, what is kept aside for an honest test, and the loop itself.

What holds throughout the file:

- N is the number of examples, D the number of features. Arrays of examples have one example a row,
  one feature a column: x of shape (N, D).
- A set of examples is named by its indices, whole numbers from 0 to N - 1: `x[indices]` are the
  examples themselves, `y[indices]` their targets.
- All randomness comes from the argument `rng`, a `numpy.random.Generator`, so that the same seed
  gives the same run. Make one with `np.random.default_rng(0)`; never `np.random.rand` or
  `np.random.shuffle`, which do not know of it, and never a new generator inside a function.
- Leave the arrays you are given as they are; float32 in, float32 out is good manners.
"""

import numpy as np


def xavier_uniform(fan_in, fan_out, rng):
    """Draw the first weights of a layer, uniform and of a size that suits tanh and sigmoid.

    Weights that start too large make the signal grow from layer to layer, weights that start too
    small make it fade. Xavier's choice is a compromise between keeping the size of the signal on
    its way forward and that of the gradient on its way back.

    Formula, each weight drawn on its own::

        limit   = sqrt(6 / (fan_in + fan_out))
        w[i, j] ~ uniform from -limit to limit

    Parameters
    ----------
    fan_in : int
        How many inputs the layer has; 1 or more.
    fan_out : int
        How many outputs the layer has; 1 or more.
    rng : numpy.random.Generator
        Where the random numbers come from.

    Returns
    -------
    w : numpy.ndarray of float, shape (fan_in, fan_out)
        Random weights, other ones with each call.

    Notes
    -----
    A uniform number between -limit and limit has the variance limit^2 / 3, here 2 / (fan_in +
    fan_out). The 6 is that 2 times the 3.

    `rng.random` gives numbers from 0 to 1: without moving them, all weights would be positive.

    References
    ----------
    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
    AISTATS (2010), 249-256, equation 16.

    Examples
    --------
    With 4 inputs and 2 outputs the limit is sqrt(6 / 6) = 1.

    >>> w = xavier_uniform(4, 2, np.random.default_rng(0))
    >>> w.shape
    (4, 2)
    >>> bool(np.all(np.abs(w) <= 1))
    True

    With 200 and 400 it is sqrt(6 / 600) = 0.1; of so many weights some come close to either end.

    >>> w = xavier_uniform(200, 400, np.random.default_rng(0))
    >>> [round(float(end), 3) for end in (w.min(), w.max())]
    [-0.1, 0.1]
    """
    raise NotImplementedError("training.xavier_uniform")


def he_normal(fan_in, fan_out, rng):
    """Draw the first weights of a layer, normal and of a size that suits ReLU.

    ReLU sets about half of all numbers to zero, and with them half of the signal's power. He's
    choice makes up for that with weights of twice the variance, so that a network of many ReLU
    layers can be trained at all.

    Formula, each weight drawn on its own::

        std     = sqrt(2 / fan_in)
        w[i, j] ~ normal with mean 0 and standard deviation std

    Parameters
    ----------
    fan_in : int
        How many inputs the layer has; 1 or more.
    fan_out : int
        How many outputs the layer has; 1 or more.
    rng : numpy.random.Generator
        Where the random numbers come from.

    Returns
    -------
    w : numpy.ndarray of float, shape (fan_in, fan_out)
        Random weights, other ones with each call.

    Notes
    -----
    2 / fan_in is the variance; the second argument of `rng.normal` is the standard deviation, its
    root. The number of outputs decides the shape and nothing else.

    The normal distribution is used whole: nothing is cut off or drawn again, however far out.

    References
    ----------
    He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV (2015), 1026-1034, equation 10.

    Examples
    --------
    With 200 inputs the standard deviation is sqrt(2 / 200) = 0.1, whatever the number of outputs.

    >>> w = he_normal(200, 500, np.random.default_rng(0))
    >>> w.shape
    (200, 500)
    >>> round(float(w.std()), 3)
    0.1
    """
    raise NotImplementedError("training.he_normal")


def count_iterations(num_examples, batch_size, epochs, drop_last=False):
    """Count how many updates an epoch takes, and how many the whole training.

    An iteration is one update, made after one batch; an epoch is one pass through all examples.
    Whoever mixes the two up trains ten times too long, or reads a learning-rate schedule wrongly.

    Formula::

        per_epoch = num_examples / batch_size, rounded up
        total     = per_epoch * epochs

    With `drop_last` the division is rounded down instead.

    Parameters
    ----------
    num_examples : int
        How many examples there are; 1 or more.
    batch_size : int
        How many examples a batch holds; 1 or more.
    epochs : int
        How many times all examples are seen; 0 or more.
    drop_last : bool, optional
        Whether the last batch of an epoch is left out when it is smaller than the others. Default
        False: it is used, and counts as one iteration.

    Returns
    -------
    per_epoch : int
        Iterations in one epoch.
    total : int
        Iterations in all epochs together.

    Notes
    -----
    Every epoch begins with a full batch. What is left over at the end of one epoch is not filled up
    with examples of the next, so round first and multiply then.

    With `drop_last` and fewer examples than a batch holds, both numbers are 0.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016), section 8.1.3.

    Examples
    --------
    100 000 examples in batches of 100 make 1 000 iterations an epoch, and 10 000 in 10 epochs.

    >>> count_iterations(100_000, 100, 10)
    (1000, 10000)

    7 examples in batches of 3 make batches of 3, 3 and 1.

    >>> count_iterations(7, 3, 2)
    (3, 6)
    >>> count_iterations(7, 3, 2, drop_last=True)
    (2, 4)
    """
    raise NotImplementedError("training.count_iterations")


def minibatches(num_examples, batch_size, rng):
    """Deal all examples out to batches, in random order.

    A gradient from 64 examples costs a thousandth of one from 64 000 and points in nearly the same
    direction. Shuffling keeps a batch from being all of one kind, as it would be in data sorted by
    class.

    Formula::

        order   = the numbers from 0 to num_examples - 1, shuffled
        batches = order cut into pieces of batch_size, the last one as long as what is left

    Parameters
    ----------
    num_examples : int
        How many examples there are; 1 or more.
    batch_size : int
        How many examples a batch holds; 1 or more.
    rng : numpy.random.Generator
        Where the random order comes from.

    Returns
    -------
    batches : list of numpy.ndarray of int, each of shape (batch_size,)
        The indices of each batch's examples. Together the batches hold every index from 0 to
        num_examples - 1 exactly once. Only the last batch may be smaller; it is never empty.

    Notes
    -----
    Every order is equally likely, and each call makes a new one.

    If there are fewer examples than a batch holds, they make one batch.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016), section 8.1.3; Bottou,
    "Curiously fast convergence of some stochastic gradient descent algorithms" (2009).

    Examples
    --------
    7 examples in batches of 3: the sizes are always the same, the order is not.

    >>> batches = minibatches(7, 3, np.random.default_rng(0))
    >>> [len(batch) for batch in batches]
    [3, 3, 1]
    >>> sorted(np.concatenate(batches).tolist())
    [0, 1, 2, 3, 4, 5, 6]
    """
    raise NotImplementedError("training.minibatches")


def split_indices(num_examples, val_fraction, test_fraction, rng):
    """Divide the examples at random into a training, a validation and a test set.

    The network learns from the first, you choose settings by the second, and the third is looked at
    once, at the very end. An example that stands in two of them makes the result look better than
    it is.

    Formula::

        num_val   = val_fraction * num_examples, as a whole number
        num_test  = test_fraction * num_examples, as a whole number
        val, test = that many examples, chosen at random
        train     = all the others

    Parameters
    ----------
    num_examples : int
        How many examples there are; 1 or more.
    val_fraction : float
        Which part of them is for validation, from 0 to 1.
    test_fraction : float
        Which part of them is for the test, from 0 to 1; val_fraction + test_fraction is less than
        1.
    rng : numpy.random.Generator
        Where the random choice comes from.

    Returns
    -------
    train, val, test : numpy.ndarray of int, each of one axis
        The indices of each set's examples. Each index from 0 to num_examples - 1 is in exactly one
        of the three.

    Notes
    -----
    Round as you like, up, down or to the nearest: the validation and the test set are right if
    their sizes lie within one of num_examples times their fraction. Whatever is left is for
    training.

    A fraction of 0 makes an empty set: an array of shape (0,).

    Every example is as likely as any other to be in the test set. Data is often sorted, by class or
    by date, so never take the last part as it stands. The order inside a set does not matter.

    References
    ----------
    Hastie, Tibshirani and Friedman, *The Elements of Statistical Learning*, 2nd edition (Springer,
    2009), section 7.2.

    Examples
    --------
    Of 10 examples 3 are for validation, 2 for the test, and the other 5 for training.

    >>> train, val, test = split_indices(10, 0.3, 0.2, np.random.default_rng(0))
    >>> len(train), len(val), len(test)
    (5, 3, 2)
    >>> sorted([*train.tolist(), *val.tolist(), *test.tolist()])
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    raise NotImplementedError("training.split_indices")


def k_fold_indices(num_examples, k, rng):
    """Divide the examples into k parts and hold out each of them once.

    With little data, a single validation set is small and its verdict partly luck. Cross-validation
    trains k times, each time with another part held out, and every example is used for both.

    Formula::

        part[0], ..., part[k - 1] = all examples in random order, cut into k parts
        fold i: val = part[i], train = all the other parts

    Parameters
    ----------
    num_examples : int
        How many examples there are; 2 or more.
    k : int
        How many parts; from 2 to num_examples.
    rng : numpy.random.Generator
        Where the random order comes from.

    Returns
    -------
    folds : list of k tuples (train, val), each two numpy.ndarray of int of one axis
        The indices of the examples to learn from and of those held out. In each fold every index is
        in exactly one of the two, and each index is held out in exactly one fold.

    Notes
    -----
    Where num_examples is no multiple of k, some parts have one example more than others, and none
    is left over: 10 examples in 4 parts make sizes of 3, 3, 2 and 2, in any order.

    Shuffle once, before cutting. A new order for each fold would hold some examples out twice and
    others never.

    With k = num_examples each fold holds out a single example ("leave one out").

    References
    ----------
    Hastie, Tibshirani and Friedman, *The Elements of Statistical Learning*, 2nd edition (Springer,
    2009), section 7.10.

    Examples
    --------
    5 examples in 2 parts: 3 are held out first, then the other 2.

    >>> folds = k_fold_indices(5, 2, np.random.default_rng(0))
    >>> [(len(train), len(val)) for train, val in folds]
    [(2, 3), (3, 2)]
    >>> sorted(np.concatenate([val for train, val in folds]).tolist())
    [0, 1, 2, 3, 4]
    """
    raise NotImplementedError("training.k_fold_indices")


def fit_standardiser(x_train):
    """Measure the mean and the standard deviation of each feature of the training set.

    Features in metres and in millimetres differ a thousandfold and make the loss a narrow valley.
    The two numbers that put a feature right are learnt like everything else: from the training set
    alone, since a test set that helped to choose them is no longer unseen.

    Formula, for feature j, the sums running over the N rows::

        mean[j] = sum_i x_train[i, j] / N
        std[j]  = sqrt(sum_i (x_train[i, j] - mean[j])^2 / N)

    Parameters
    ----------
    x_train : numpy.ndarray of float, shape (N, D)
        The examples to learn from, one a row. N is 1 or more.

    Returns
    -------
    mean : numpy.ndarray of float, shape (D,)
        The mean of each column.
    std : numpy.ndarray of float, shape (D,)
        The standard deviation of each column, with N below the fraction (not N - 1).

    Notes
    -----
    The std of a constant column is 0. You may give it as 1 instead, to be divided by later on;
    `standardise` below has to cope with 0 anyway. Nothing is added to the std of other columns.

    Rounding: the mean of ten times 0.1 comes out as 0.09999999999999999 and the std then as 1.4e-17
    instead of 0. Comparing a column with its first row tells for certain that it is constant.

    References
    ----------
    LeCun, Bottou, Orr and Müller, "Efficient BackProp", in *Neural Networks: Tricks of the Trade*
    (Springer, 1998), section 4.3.

    Examples
    --------
    The first column has the mean 3 and the squared distances 4, 0 and 4; their mean is 2.667, its
    root 1.633. The second column is constant.

    >>> mean, std = fit_standardiser(np.array([[1.0, 7.0], [3.0, 7.0], [5.0, 7.0]]))
    >>> mean.tolist()
    [3.0, 7.0]
    >>> std.round(3).tolist()
    [1.633, 0.0]
    """
    raise NotImplementedError("training.fit_standardiser")


def standardise(x, mean, std):
    """Shift and scale each feature by the statistics of the training set.

    Afterwards every feature of the training set has mean 0 and standard deviation 1, so that one
    learning rate suits all of them. Validation and test set are treated with the same two numbers,
    never with their own.

    Formula, for feature j::

        out[i, j] = (x[i, j] - mean[j]) / std[j]

    where std[j] is 0, divide by 1.

    Parameters
    ----------
    x : numpy.ndarray of float, shape (N, D)
        Examples of any set, one a row.
    mean : numpy.ndarray of float, shape (D,)
        From `fit_standardiser`.
    std : numpy.ndarray of float, shape (D,)
        From `fit_standardiser`; 0 or more.

    Returns
    -------
    out : numpy.ndarray of float, shape (N, D)
        The standardised examples, a new array.

    Notes
    -----
    A feature that was constant in the training set becomes 0 there. Where a later example differs
    from it after all, the difference stays as it is; no 0/0, no infinity. A tiny number added to
    std would turn that difference into hundreds of millions.

    N may be 1: a single new example is standardised like any other.

    References
    ----------
    LeCun, Bottou, Orr and Müller, "Efficient BackProp", in *Neural Networks: Tricks of the Trade*
    (Springer, 1998), section 4.3.

    Examples
    --------
    The first feature had mean 3 and std 2: a 7 lies two standard deviations above. The second was
    always 5 in the training set: 5 becomes 0, and 6 becomes 1.

    >>> x = np.array([[7.0, 5.0], [2.0, 6.0]])
    >>> standardise(x, np.array([3.0, 5.0]), np.array([2.0, 0.0])).tolist()
    [[2.0, 0.0], [-0.5, 1.0]]
    """
    raise NotImplementedError("training.standardise")


def find_leaks(x_train, x_test, tolerance=0.0):
    """Find the test examples that stand, exactly or nearly, in the training set too.

    A test example that was learnt by heart proves nothing about new data. Copies get in more easily
    than one thinks: a photo uploaded twice, a scan saved again with slightly other pixels.

    Formula: test row j is a leak if there is a training row i with::

        max over all features d of abs(x_test[j, d] - x_train[i, d]) <= tolerance

    Parameters
    ----------
    x_train : numpy.ndarray of float, shape (M, D)
        The training set, one example a row.
    x_test : numpy.ndarray of float, shape (N, D)
        The test set, one example a row.
    tolerance : float, optional
        By how much any feature may differ at most; 0 or more. Default 0.0: only exact copies count.

    Returns
    -------
    leaks : numpy.ndarray of int, shape (number of leaks,)
        The indices of those rows of `x_test`, from the smallest to the largest, each only once,
        however many training rows it resembles.

    Notes
    -----
    If nothing has leaked the result is an empty array, of shape (0,).

    It is the largest difference that counts, not the sum or the mean, and a difference of exactly
    `tolerance` still counts. Rows that are the same among the test examples alone are no leak.

    All differences at once make an array of shape (N, M, D): gigabytes for a data set of medium
    size. Feature by feature, (N, M) is enough.

    References
    ----------
    Barz and Denzler, "Do we train on test data? Purging CIFAR of near-duplicates", Journal of
    Imaging 6 (2020), 41.

    Examples
    --------
    Test row 1 is a copy of the second training row; test row 2 differs from the first one by 0.25
    at most.

    >>> x_train = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> x_test = np.array([[1.0, 4.0], [3.0, 4.0], [1.25, 1.875]])
    >>> find_leaks(x_train, x_test).tolist()
    [1]
    >>> find_leaks(x_train, x_test, tolerance=0.25).tolist()
    [1, 2]
    """
    raise NotImplementedError("training.find_leaks")


def train(
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
    """Train a model: forward, loss, backward, update, and again; keep the best epoch's parameters.

    This is the loop that all of deep learning runs, from the smallest network to the largest. The
    validation set is only looked at, to see when learning turns into learning by heart.

    Formula, for each epoch, counted from 0::

        for each batch of the shuffled training examples:
            loss, grads = loss_and_grads(params, x of the batch, y of the batch)
            for each name in params:
                params[name], config[name] = update(params[name], grads[name], config[name])
        train_loss[epoch] = mean of the batches' losses
        val_loss[epoch]   = loss_and_grads(params, x_val, y_val)[0]
        if val_loss[epoch] is lower than any before: best_epoch = epoch, keep a copy of params
        if epoch - best_epoch >= patience: stop

    Parameters
    ----------
    params : dict of numpy.ndarray of float
        The parameters to start from, by name; of any names and shapes.
    loss_and_grads : callable
        `loss_and_grads(params, x, y)` returns `(loss, grads)`: the mean loss over the rows of x,
        and a dict of its gradients with the names and shapes of `params`.
    update : callable
        An optimizer: `update(w, dw, config)` returns `(next_w, config)`. The config that it returns
        goes into its next call for the same parameter; None in the first one.
    x_train, y_train : numpy.ndarray, shapes (N, ...) and (N, ...)
        The examples to learn from and their targets, one a row; targets may have any dtype.
    x_val, y_val : numpy.ndarray, shapes (M, ...) and (M, ...)
        The examples to watch, and their targets. M need not be N.
    epochs : int
        How many times the training examples are seen at most; 1 or more.
    batch_size : int
        How many examples a batch holds; 1 or more. A smaller last batch is used as well.
    patience : int
        After how many epochs without a new best validation loss to stop; 1 or more.
    rng : numpy.random.Generator
        Where the order of the examples comes from, a new one for each epoch.

    Returns
    -------
    best_params : dict of numpy.ndarray of float
        The parameters as they were at the end of the best epoch, not those of the last one.
    history : dict
        "train_loss" and "val_loss": lists of one float for each epoch that was run; "best_epoch":
        int, counted from 0, the epoch of the lowest validation loss (the first of equals).

    Notes
    -----
    Each parameter has a config of its own. An optimizer keeps its memory there, and the velocity of
    one weight matrix does not even fit another.

    Take all gradients of a batch before the first update, and never any of the validation set.

    An optimizer may change `w` in place. Copy the parameters at the start, so that the caller's
    stay as they are, and copy again what you keep as the best: a second name for the same array
    would follow every later update.

    For "train_loss" you may also weight the batches by their sizes, or take the loss over the whole
    training set at the end of the epoch. A validation loss of NaN is never the best.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016), algorithms 7.1 and 8.1.

    Examples
    --------
    One weight w, the loss (w - mean of the batch)^2, steps of a quarter of the gradient, which
    halve the distance each time. The training examples pull w from 0 to 4: 2, 3, 3.5, 3.75. The
    validation example says 3: the second epoch is the best, and after two more that were not
    better, patience is at its end.

    >>> def loss_and_grads(params, x, y):
    ...     miss = params["w"] - np.mean(x)
    ...     return float(miss**2), {"w": 2 * miss}
    >>> def update(w, dw, config):
    ...     return w - 0.25 * dw, config
    >>> best, history = train(
    ...     {"w": np.array(0.0)}, loss_and_grads, update,
    ...     np.array([4.0]), np.zeros(1), np.array([3.0]), np.zeros(1),
    ...     epochs=10, batch_size=1, patience=2, rng=np.random.default_rng(0),
    ... )
    >>> float(best["w"])
    3.0
    >>> history["train_loss"]
    [16.0, 4.0, 1.0, 0.25]
    >>> history["val_loss"]
    [1.0, 0.0, 0.25, 0.5625]
    >>> history["best_epoch"]
    1
    """
    raise NotImplementedError("training.train")
