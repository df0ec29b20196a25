"""Measuring how wrong a prediction is.

A network learns by lowering one number, its loss. Every function here but `softmax` returns two
things: the loss itself, and its gradient with respect to the predictions, which tells the network
how to change each of them to be a little less wrong next time.

What holds throughout the file:

- N is the number of examples (rows), which together are called a batch; C is the number of classes
  (columns). N and C are at least 1.
- A loss is one plain number (a Python float, an np.float64 or an array of shape ()), never an array
  of shape (1,). It is a mean, not a sum, so that it does not grow with the size of the batch.
- A gradient has the shape of the array it belongs to. Entry by entry it is the derivative of the
  loss that you return, so what the mean divides by is in the gradient as well.
- Logarithms are natural ones.
- Leave the arrays you are given as they are; float32 in, float32 out is good manners.
"""

import numpy as np


def mse_loss(prediction, target):
    """Compute the mean squared error and its gradient.

    This is the usual loss when the answer is a quantity: a price, a temperature, a position. The
    square makes one large miss cost more than many small ones.

    Formula, with the mean taken over all elements, whatever the shape::

        loss = mean((prediction - target)^2)

    There is no factor 1/2 in front.

    Parameters
    ----------
    prediction : numpy.ndarray of float, shape (N,), (N, D) or with more axes
        What the model said. Any finite values.
    target : numpy.ndarray of float, the shape of `prediction`
        What would have been right.

    Returns
    -------
    loss : float
        The mean squared error, a plain number, 0 or more.
    dprediction : numpy.ndarray of float, the shape of `prediction`
        The derivative of `loss` with respect to each element of `prediction`.

    Notes
    -----
    For an array of shape (N, D) the mean divides by N * D, not by N; so does the gradient.

    The gradient is positive where the prediction is too high, negative where it is too low.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016), section 5.1.4.

    Examples
    --------
    The misses are 1, 0, -2 and 1; their squares 1, 0, 4 and 1 have the mean 1.5.

    >>> prediction = np.array([[2.0, 5.0], [1.0, 4.0]])
    >>> target = np.array([[1.0, 5.0], [3.0, 3.0]])
    >>> loss, dprediction = mse_loss(prediction, target)
    >>> float(loss)
    1.5
    >>> dprediction.tolist()
    [[0.5, 0.0], [-1.0, 0.5]]
    """
    raise NotImplementedError("losses.mse_loss")


def huber_loss(prediction, target, delta=1.0):
    """Compute the Huber loss and its gradient.

    Squared errors let a single wild measurement drag the whole fit along. The Huber loss is squared
    for small misses and grows only linearly for large ones, so an outlier pulls, but no harder than
    `delta` allows.

    Formula, with r = prediction - target and the mean taken over all elements::

        cost(r) = 0.5 * r^2                        where abs(r) <= delta
        cost(r) = delta * (abs(r) - 0.5 * delta)   where abs(r) >  delta
        loss    = mean(cost(r))

    Mind the 0.5: inside `delta` the cost is half the squared error.

    Parameters
    ----------
    prediction : numpy.ndarray of float, shape (N,), (N, D) or with more axes
        What the model said. Any finite values.
    target : numpy.ndarray of float, the shape of `prediction`
        What would have been right.
    delta : float, optional
        The size of a miss from which on the cost grows linearly; greater than 0. Default 1.0.

    Returns
    -------
    loss : float
        The mean cost, a plain number, 0 or more.
    dprediction : numpy.ndarray of float, the shape of `prediction`
        The derivative of `loss` with respect to each element of `prediction`. Like the loss it is
        divided by the number of elements.

    Raises
    ------
    ValueError
        If `prediction` and `target` have different shapes. NumPy would stretch (N, 1) against (N,)
        to (N, N) without a word; here that is an error.

    Notes
    -----
    At abs(r) = delta the two branches meet with the same value and the same slope, so it does not
    matter which of them you use there.

    References
    ----------
    P. J. Huber, "Robust estimation of a location parameter", The Annals of Mathematical Statistics
    35 (1964), 73-101.

    Examples
    --------
    With delta = 2 the misses 1 and -6 cost 0.5 * 1^2 = 0.5 and 2 * (6 - 1) = 10.

    >>> loss, dprediction = huber_loss(np.array([4.0, -3.0]), np.array([3.0, 3.0]), delta=2.0)
    >>> float(loss)
    5.25
    >>> dprediction.tolist()
    [0.5, -1.0]
    """
    raise NotImplementedError("losses.huber_loss")


def binary_cross_entropy(probability, target):
    """Compute the cross-entropy of yes-or-no answers given as probabilities, and its gradient.

    This is the loss when a model says how likely "yes" is: spam or not, ill or healthy. Being
    confidently wrong is what costs most, and the cost has no upper end.

    Formula, with p = probability, t = target and the mean taken over the N answers::

        loss = -mean(t * log(p) + (1 - t) * log(1 - p))

    Since log(0) is minus infinity, p is first clipped to the range from 1e-12 to 1 - 1e-12.

    Parameters
    ----------
    probability : numpy.ndarray of float, shape (N,)
        The predicted probability of "yes" for each example, from 0 to 1, both included.
    target : numpy.ndarray of float, shape (N,)
        1.0 where the answer was yes, 0.0 where it was no.

    Returns
    -------
    loss : float
        The mean cross-entropy, a plain number in nats (natural logarithm), always finite.
    dprobability : numpy.ndarray of float, shape (N,)
        The derivative of `loss` with respect to each probability; like the loss divided by N.

    Notes
    -----
    A probability of exactly 0 for something that happened costs -log(1e-12), about 27.631. A tiny
    number added inside the logarithm is not the same thing: it shifts every answer.

    Where a probability lies outside the clip limits the gradient is not judged. In float32 the
    number 1 - 1e-12 rounds to 1, so these limits are tried in float64 only.

    References
    ----------
    Bishop, *Pattern Recognition and Machine Learning* (Springer, 2006), section 4.3.2.

    Examples
    --------
    A mail that was spam and was given 0.30 costs -log(0.30) = 1.204; one that was given 0.92 costs
    0.083. Their mean is 0.644.

    >>> probability = np.array([0.30, 0.92])
    >>> loss, dprobability = binary_cross_entropy(probability, np.array([1.0, 1.0]))
    >>> round(float(loss), 3)
    0.644
    >>> dprobability.round(3).tolist()
    [-1.667, -0.543]
    """
    raise NotImplementedError("losses.binary_cross_entropy")


def binary_cross_entropy_with_logits(logits, target):
    """Compute the cross-entropy of yes-or-no answers straight from their logits, and its gradient.

    A network's last layer gives a logit z, any real number, that the sigmoid turns into a
    probability. Taking sigmoid and logarithm in one step keeps the loss exact where a probability
    would already have been rounded to 0 or 1.

    Formula, with z = logits, t = target and the mean taken over the N answers::

        p    = 1 / (1 + exp(-z))
        loss = -mean(t * log(p) + (1 - t) * log(1 - p))

    This says what the loss is. Evaluated as it stands it overflows, so rearrange it first, until
    the only exponential left is that of a number that is never positive. Nothing is clipped.

    Parameters
    ----------
    logits : numpy.ndarray of float, shape (N,)
        One score per example: positive means yes, negative no. Any finite values; 1e4 and -1e4
        must work, and without an overflow warning.
    target : numpy.ndarray of float, shape (N,)
        1.0 where the answer was yes, 0.0 where it was no.

    Returns
    -------
    loss : float
        The mean cross-entropy, a plain number in nats (natural logarithm).
    dlogits : numpy.ndarray of float, shape (N,)
        The derivative of `loss` with respect to each logit (not to p); like the loss divided by N.

    Notes
    -----
    A logit of -1e4 where the answer was yes costs 10000, exactly; where it was no, 0.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016), section 6.2.2.2.

    Examples
    --------
    A logit of 0 is a probability of one half and costs log(2) = 0.693. A logit of -2 costs 2.127
    when the answer was yes. Their mean is 1.41.

    >>> logits = np.array([0.0, -2.0])
    >>> loss, dlogits = binary_cross_entropy_with_logits(logits, np.array([0.0, 1.0]))
    >>> round(float(loss), 3)
    1.41
    >>> dlogits.round(3).tolist()
    [0.25, -0.44]
    """
    raise NotImplementedError("losses.binary_cross_entropy_with_logits")


def softmax(x, temperature=1.0):
    """Turn each row of scores into probabilities that add up to one.

    Classifiers choose among classes with it, language models among words. The temperature T sets
    how decided the choice is: near 0 the best score takes all, for large T all classes come out
    nearly equal.

    Formula, for row i and class j, with the sum over all C classes k of the same row::

        p[i, j] = exp(x[i, j] / T) / sum_k exp(x[i, k] / T)

    Parameters
    ----------
    x : numpy.ndarray of float, shape (N, C)
        One row of scores per example, one column per class. Any finite values; 1e4 and -1e4 must
        work, also in the same array, and without an overflow warning.
    temperature : float, optional
        T, by which the scores are divided; greater than 0. Default 1.0.

    Returns
    -------
    p : numpy.ndarray of float, shape (N, C)
        Probabilities from 0 to 1; each row sums to 1.

    Notes
    -----
    exp(1000) is too large for a float. Adding the same number to all scores of a row leaves its
    probabilities as they are: choose one, for each row its own, that leaves no exponent above 0.

    With one class (C = 1) every probability is 1.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016), sections 4.1 and 6.2.2.3.

    Examples
    --------
    Scores that are log(1), log(2) and log(5) give 1, 2 and 5 parts of 8.

    >>> softmax(np.array([[0.0, np.log(2.0), np.log(5.0)]])).round(3).tolist()
    [[0.125, 0.25, 0.625]]

    At temperature 0.5 the parts are squared: 1, 4 and 25 of 30.

    >>> softmax(np.array([[0.0, np.log(2.0), np.log(5.0)]]), temperature=0.5).round(3).tolist()
    [[0.033, 0.133, 0.833]]
    """
    raise NotImplementedError("losses.softmax")


def softmax_loss(x, y):
    """Compute the softmax cross-entropy of class scores and its gradient.

    This is the loss behind most classifiers and all large language models: how surprised was the
    model by the right answer? Its gradient is one of the simplest there is; derive it once.

    Formula, for row i with the correct class y[i], and the mean taken over the N rows::

        p[i]    = softmax(x[i])
        cost[i] = -log(p[i, y[i]]) = log(sum_k exp(x[i, k])) - x[i, y[i]]
        loss    = mean(cost)

    Parameters
    ----------
    x : numpy.ndarray of float, shape (N, C)
        One row of scores (logits) per example, one column per class. Any finite values; 1e4 and
        -1e4 must work, also in the same array, and without an overflow warning.
    y : numpy.ndarray of int, shape (N,)
        The correct class of each row, from 0 to C - 1.

    Returns
    -------
    loss : float
        The mean cross-entropy, a plain number in nats (natural logarithm).
    dx : numpy.ndarray of float, shape (N, C)
        The derivative of `loss` with respect to each score; like the loss divided by N, not by
        N * C. Each of its rows sums to 0.

    Notes
    -----
    The loss is exact for large scores too: for the scores 0 and 1000 and the correct class 0 it is
    1000. The probability of class 0 is then too small for a float, and the logarithm of the rounded
    probability would be minus infinity; so never take that logarithm, use the right-hand form of
    cost[i]. No epsilon is added and nothing is clipped.

    With one class (C = 1) the loss and its gradient are 0.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016), section 6.2.2.3;
    Blanchard, Higham and Higham, "Accurately computing the log-sum-exp and softmax functions",
    IMA Journal of Numerical Analysis 41 (2021), 2311-2330.

    Examples
    --------
    The first row's probabilities are 1/8, 2/8 and 5/8, its correct class is 1, its cost log(4) =
    1.386. The second row is undecided and costs log(3) = 1.099. The mean is 1.242.

    >>> x = np.array([[0.0, np.log(2.0), np.log(5.0)], [0.0, 0.0, 0.0]])
    >>> loss, dx = softmax_loss(x, np.array([1, 2]))
    >>> round(float(loss), 3)
    1.242
    >>> dx.round(4).tolist()
    [[0.0625, -0.375, 0.3125], [0.1667, 0.1667, -0.3333]]
    """
    raise NotImplementedError("losses.softmax_loss")


def temperature_loss(x, y, temperature):
    """Compute the softmax cross-entropy at a temperature and its gradient.

    Language models are trained at temperature 1; distillation and contrastive learning train at
    another one. The temperature divides the scores before anything else happens, and the chain rule
    brings it back in the gradient.

    Formula, for row i with the correct class y[i], and the mean taken over the N rows::

        p[i]    = softmax(x[i] / T)
        cost[i] = -log(p[i, y[i]])
        loss    = mean(cost)

    Parameters
    ----------
    x : numpy.ndarray of float, shape (N, C)
        One row of scores (logits) per example, one column per class, before the division by T. Any
        finite values; 1e4 and -1e4 must work without an overflow warning.
    y : numpy.ndarray of int, shape (N,)
        The correct class of each row, from 0 to C - 1.
    temperature : float
        T; greater than 0.

    Returns
    -------
    loss : float
        The mean cross-entropy, a plain number in nats (natural logarithm). It is not multiplied or
        divided by T or T^2 (some distillation recipes do that).
    dx : numpy.ndarray of float, shape (N, C)
        The derivative of `loss` with respect to each entry of `x` itself, not of x / T; like the
        loss divided by N.

    Notes
    -----
    At T = 1 this is `softmax_loss`, and you may call yours. As there, the loss is exact for large
    scores too: no logarithm of a rounded probability, no epsilon, no clipping.

    References
    ----------
    Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network" (2015),
    arXiv:1503.02531, section 2.

    Examples
    --------
    At T = 2 the scores 0 and log(9) become 0 and log(3): probabilities 1/4 and 3/4. The correct
    class 0 costs log(4) = 1.386.

    >>> loss, dx = temperature_loss(np.array([[0.0, np.log(9.0)]]), np.array([0]), 2.0)
    >>> round(float(loss), 3)
    1.386
    >>> dx.round(3).tolist()
    [[-0.375, 0.375]]
    """
    raise NotImplementedError("losses.temperature_loss")


def svm_loss(x, y):
    """Compute the multiclass hinge loss (support vector machine) and its gradient.

    It asks that the correct class win by a margin of 1 and is content after that: a row that wins
    clearly costs nothing and is left alone. The softmax loss, in contrast, is never quite content.

    Formula, for row i with the correct class y[i], and the mean taken over the N rows::

        cost[i] = sum over all classes j except y[i] of max(0, x[i, j] - x[i, y[i]] + 1)
        loss    = mean(cost)

    Parameters
    ----------
    x : numpy.ndarray of float, shape (N, C)
        One row of scores per example, one column per class. Any finite values.
    y : numpy.ndarray of int, shape (N,)
        The correct class of each row, from 0 to C - 1.

    Returns
    -------
    loss : float
        The mean cost, a plain number, 0 or more. The costs of a row's wrong classes are added up,
        not averaged.
    dx : numpy.ndarray of float, shape (N, C)
        The derivative of `loss` with respect to each score; like the loss divided by N, not by
        N * C. Each of its rows sums to 0.

    Notes
    -----
    The correct class is not counted. If it were, every row would cost exactly 1 more.

    Where x[i, j] - x[i, y[i]] + 1 is exactly 0 the loss has a kink, and the derivative from either
    side, or anything between, is right.

    With one class (C = 1) there is no wrong one: the loss and its gradient are 0.

    References
    ----------
    Weston and Watkins, "Support vector machines for multi-class pattern recognition", European
    Symposium on Artificial Neural Networks (1999), 219-224.

    Examples
    --------
    In the first row class 0 is correct: class 1 costs 2.5 - 3 + 1 = 0.5, class 2 nothing. In the
    second class 2 is correct: class 0 costs 3, class 1 costs 2. The mean of 0.5 and 5 is 2.75.

    >>> x = np.array([[3.0, 2.5, -1.0], [2.0, 1.0, 0.0]])
    >>> loss, dx = svm_loss(x, np.array([0, 2]))
    >>> float(loss)
    2.75
    >>> dx.tolist()
    [[-0.5, 0.5, 0.0], [0.5, 0.5, -1.0]]
    """
    raise NotImplementedError("losses.svm_loss")
