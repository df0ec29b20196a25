"""Assigning credit: finding out what each weight has to do with the loss.

A network is a chain of simple steps. Each step comes as a pair. Its forward computes an output and
a cache, which is whatever the backward will want to remember. Its backward is given `dout`, the
derivative of the loss with respect to that output, and returns the derivatives of the loss with
respect to everything that went in. Run the forwards from the first layer to the last and the
backwards from the last to the first, each handing its result to its neighbour: that is
backpropagation.

What holds throughout the file:

- N is the number of examples (rows), C the number of classes. N and C are at least 1.
- `dout` has the shape of the output, and is not a matrix of ones: it carries all that happens
  between this step and the loss. Every result of a backward depends on it.
- A gradient has the shape of the array it belongs to.
- A backward divides nothing by N. Where the loss is a mean, its own gradient has the division in
  it, and the chain rule carries it along.
- A cache is private to its pair: put into it what you like, in any form. The caches of two calls
  must not get into each other's way, so keep nothing in global variables.
- Leave the arrays you are given as they are; float32 in, float32 out is good manners.
"""

import numpy as np


def affine_forward(x, w, b):
    """Compute an affine layer, also called linear, dense or fully connected.

    Each output is a weighted sum of all the inputs of its example, plus a bias. Nearly every number
    that a network learns is a weight of a layer like this one.

    Formula, with each example of x first laid out as a row of D numbers::

        out = x @ w + b

    Parameters
    ----------
    x : numpy.ndarray of float, shape (N, d1, ..., dk)
        N examples of any shape, a vector (N, D) or an image (N, H, W, 3), of
        D = d1 * ... * dk numbers each.
    w : numpy.ndarray of float, shape (D, M)
        The weights; column m makes output m.
    b : numpy.ndarray of float, shape (M,)
        The biases, the same for every example.

    Returns
    -------
    out : numpy.ndarray of float, shape (N, M)
        The outputs, one row per example.
    cache : any
        What your `affine_backward` needs.

    Notes
    -----
    The numbers of an example keep their order when it is laid out as a row: x.reshape(N, -1).

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016), section 6.1.

    Examples
    --------
    The first output of the first example is 1 * 1 + 2 * 0 + 3 * 1 + 10 = 14.

    >>> x = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]])
    >>> w = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])
    >>> out, cache = affine_forward(x, w, np.array([10.0, 20.0]))
    >>> out.tolist()
    [[14.0, 19.0], [10.0, 21.0]]
    """
    raise NotImplementedError("backprop.affine_forward")


def affine_backward(dout, cache):
    """Compute the gradients of an affine layer with respect to its input, weights and bias.

    The weights' gradients are what the optimizer steps along; the input's gradient is what the
    layer below is given as its own `dout`. These three lines are the heart of backpropagation.

    Formula, with X the examples laid out as rows, X = x.reshape(N, D)::

        dX = dout @ w.T
        dw = X.T @ dout
        db = sum of dout over the N examples

    Parameters
    ----------
    dout : numpy.ndarray of float, shape (N, M)
        The derivative of the loss with respect to `out`.
    cache : any
        What your `affine_forward` returned beside `out`.

    Returns
    -------
    dx : numpy.ndarray of float, shape (N, d1, ..., dk)
        The derivative with respect to `x`, in the shape that `x` had.
    dw : numpy.ndarray of float, shape (D, M)
        The derivative with respect to `w`.
    db : numpy.ndarray of float, shape (M,)
        The derivative with respect to `b`.

    Notes
    -----
    If you forget which factor goes where, write down the shapes: there is one way only in which
    (N, M) and (D, M) make (N, D), and one in which (N, D) and (N, M) make (D, M).

    All N examples use the same w and the same b, so their gradients are added up over the batch,
    not averaged.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016), sections 6.5.2 and 6.5.6.

    Examples
    --------
    With the numbers of `affine_forward`. The first bias gets 1 from one example and 3 from the
    other, 4 together.

    >>> x = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]])
    >>> w = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])
    >>> out, cache = affine_forward(x, w, np.array([10.0, 20.0]))
    >>> dx, dw, db = affine_backward(np.array([[1.0, 2.0], [3.0, -1.0]]), cache)
    >>> dx.tolist()
    [[1.0, 2.0, -1.0], [3.0, -1.0, 4.0]]
    >>> dw.tolist()
    [[1.0, 2.0], [5.0, 3.0], [3.0, 6.0]]
    >>> db.tolist()
    [4.0, 1.0]
    """
    raise NotImplementedError("backprop.affine_backward")


def relu_forward(x):
    """Compute the rectified linear unit: positive numbers pass, negative ones become 0.

    Two affine layers in a row are only another affine layer. What bends the straight line between
    them is what lets a network learn anything more, and this is the simplest bend there is.

    Formula, elementwise::

        out = max(0, x)

    Parameters
    ----------
    x : numpy.ndarray of float, any shape
        Any finite values.

    Returns
    -------
    out : numpy.ndarray of float, the shape of `x`
        Values of 0 or more.
    cache : any
        What your `relu_backward` needs.

    Notes
    -----
    np.max(x) is the one largest element of x; np.maximum compares element by element.

    References
    ----------
    Glorot, Bordes and Bengio, "Deep sparse rectifier neural networks", International Conference on
    Artificial Intelligence and Statistics (2011), 315-323.

    Examples
    --------
    >>> out, cache = relu_forward(np.array([[-2.0, 0.5], [3.0, -0.1]]))
    >>> out.tolist()
    [[0.0, 0.5], [3.0, 0.0]]
    """
    raise NotImplementedError("backprop.relu_forward")


def relu_backward(dout, cache):
    """Compute the gradient of the rectified linear unit with respect to its input.

    Where the input was positive the unit did nothing, so the gradient passes as it is. Where the
    input was negative the output did not depend on it, so nothing passes.

    Formula, elementwise::

        dx = dout   where x > 0
        dx = 0      where x < 0

    Parameters
    ----------
    dout : numpy.ndarray of float, the shape of `x`
        The derivative of the loss with respect to `out`. It may well be negative.
    cache : any
        What your `relu_forward` returned beside `out`.

    Returns
    -------
    dx : numpy.ndarray of float, the shape of `x`
        The derivative with respect to `x`.

    Notes
    -----
    It is the sign of x that decides, not the sign of `dout`.

    At x = 0 exactly there is a kink: 0, `dout` and anything between them are right.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016), section 6.3.

    Examples
    --------
    >>> out, cache = relu_forward(np.array([[-2.0, 0.5], [3.0, -0.1]]))
    >>> relu_backward(np.array([[10.0, -20.0], [30.0, 40.0]]), cache).tolist()
    [[0.0, -20.0], [30.0, 0.0]]
    """
    raise NotImplementedError("backprop.relu_backward")


def sigmoid_forward(x):
    """Compute the sigmoid (logistic function), which squeezes any number into 0 to 1.

    It turns a score into a probability, and in gated networks it decides how far a gate is open.
    It was the usual bend between layers until people saw what its flat ends do to gradients.

    Formula, elementwise::

        out = 1 / (1 + exp(-x))

    Parameters
    ----------
    x : numpy.ndarray of float, any shape
        Any finite values; 1e4 and -1e4 must work, also in the same array, and without an overflow
        warning.

    Returns
    -------
    out : numpy.ndarray of float, the shape of `x`
        Values from 0 to 1.
    cache : any
        What your `sigmoid_backward` needs.

    Notes
    -----
    exp(-x) overflows for x = -1e4. The same fraction multiplied above and below by exp(x) is
    exp(x) / (1 + exp(x)): one form is safe for positive x, the other for negative. np.where
    computes both of its branches everywhere, so choosing between the two with it still overflows;
    take the exponential of a number that is never positive instead.

    For x = 40 the output is rounded to exactly 1, and for x = -1e4 to exactly 0. That is right.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016), sections 3.10 and 6.3.2.

    Examples
    --------
    The sigmoid of log(3) is 3 parts of 4, that of -log(3) is 1 part of 4.

    >>> out, cache = sigmoid_forward(np.array([0.0, np.log(3.0), -np.log(3.0)]))
    >>> out.round(6).tolist()
    [0.5, 0.75, 0.25]
    """
    raise NotImplementedError("backprop.sigmoid_forward")


def sigmoid_backward(dout, cache):
    """Compute the gradient of the sigmoid with respect to its input.

    The slope of the sigmoid is never more than 1/4 and nearly 0 at both ends. So a gradient that
    comes back through many sigmoids all but vanishes, one reason why deep networks once would not
    learn.

    Formula, elementwise, with s the sigmoid of x::

        dx = dout * s * (1 - s)

    Parameters
    ----------
    dout : numpy.ndarray of float, the shape of `x`
        The derivative of the loss with respect to `out`.
    cache : any
        What your `sigmoid_forward` returned beside `out`.

    Returns
    -------
    dx : numpy.ndarray of float, the shape of `x`
        The derivative with respect to `x`, finite also for x = 1e4 and x = -1e4.

    Notes
    -----
    s is the output of the forward, not its input; keep it, and nothing needs computing twice.

    References
    ----------
    LeCun, Bottou, Orr and Müller, "Efficient BackProp", in *Neural Networks: Tricks of the Trade*
    (Springer, 1998), section 4.4.

    Examples
    --------
    Where the sigmoid is 1/2 its slope is 1/4; where it is 3/4 its slope is 3/16 = 0.1875.

    >>> out, cache = sigmoid_forward(np.array([0.0, np.log(3.0)]))
    >>> sigmoid_backward(np.array([8.0, -16.0]), cache).round(6).tolist()
    [2.0, -3.0]
    """
    raise NotImplementedError("backprop.sigmoid_backward")


def tanh_forward(x):
    """Compute the hyperbolic tangent, which squeezes any number into -1 to 1.

    It is a sigmoid stretched to both sides of zero, tanh(x) = 2 sigmoid(2x) - 1. Outputs around
    zero suit the next layer better than outputs that are all positive; recurrent networks use it.

    Formula, elementwise::

        out = (exp(x) - exp(-x)) / (exp(x) + exp(-x))

    Parameters
    ----------
    x : numpy.ndarray of float, any shape
        Any finite values; 1e4 and -1e4 must work, also in the same array, and without an overflow
        warning.

    Returns
    -------
    out : numpy.ndarray of float, the shape of `x`
        Values from -1 to 1.
    cache : any
        What your `tanh_backward` needs.

    Notes
    -----
    This says what the function is. Evaluated as it stands it is infinity divided by infinity for
    large x; NumPy has a tanh that knows better.

    References
    ----------
    LeCun, Bottou, Orr and Müller, "Efficient BackProp", in *Neural Networks: Tricks of the Trade*
    (Springer, 1998), section 4.4.

    Examples
    --------
    For x = log(2): (2 - 1/2) / (2 + 1/2) = 0.6.

    >>> out, cache = tanh_forward(np.array([0.0, np.log(2.0), -np.log(2.0)]))
    >>> out.round(6).tolist()
    [0.0, 0.6, -0.6]
    """
    raise NotImplementedError("backprop.tanh_forward")


def tanh_backward(dout, cache):
    """Compute the gradient of the hyperbolic tangent with respect to its input.

    At 0 its slope is 1, four times the sigmoid's, so it lets more gradient through. At its ends it
    is just as flat.

    Formula, elementwise, with t the hyperbolic tangent of x::

        dx = dout * (1 - t^2)

    Parameters
    ----------
    dout : numpy.ndarray of float, the shape of `x`
        The derivative of the loss with respect to `out`.
    cache : any
        What your `tanh_forward` returned beside `out`.

    Returns
    -------
    dx : numpy.ndarray of float, the shape of `x`
        The derivative with respect to `x`, finite also for x = 1e4 and x = -1e4.

    Notes
    -----
    t is the output of the forward, not its input.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016), section 6.3.2.

    Examples
    --------
    Where the output is 0.6 the slope is 1 - 0.36 = 0.64.

    >>> out, cache = tanh_forward(np.array([0.0, np.log(2.0)]))
    >>> tanh_backward(np.array([3.0, -10.0]), cache).round(6).tolist()
    [3.0, -6.4]
    """
    raise NotImplementedError("backprop.tanh_backward")


def residual_forward(x, w1, b1, w2, b2):
    """Compute a residual block: the input, plus what two layers would like to change about it.

    Stacked plain layers must each pass on all that the next one needs, and gradients get lost on
    the way back. Here the input also takes a road of its own, the skip connection, on which nothing
    is multiplied. Networks of a hundred layers became trainable with it.

    Formula::

        hidden = x @ w1 + b1
        active = max(0, hidden)
        out    = x + active @ w2 + b2

    Parameters
    ----------
    x : numpy.ndarray of float, shape (N, D)
        One example per row.
    w1 : numpy.ndarray of float, shape (D, H)
        Weights of the first layer.
    b1 : numpy.ndarray of float, shape (H,)
        Biases of the first layer.
    w2 : numpy.ndarray of float, shape (H, D)
        Weights of the second layer, which leads back to D numbers so that x can be added.
    b2 : numpy.ndarray of float, shape (D,)
        Biases of the second layer.

    Returns
    -------
    out : numpy.ndarray of float, shape (N, D)
        The block's output, of the shape of `x`.
    cache : any
        What your `residual_backward` needs.

    Notes
    -----
    There is one ReLU, between the two layers; none after the addition.

    With w2 and b2 all zero the block returns x unchanged.

    You may call your `affine_forward` and `relu_forward`.

    References
    ----------
    He, Zhang, Ren and Sun, "Deep residual learning for image recognition", IEEE Conference on
    Computer Vision and Pattern Recognition (2016), 770-778; the same authors, "Identity mappings in
    deep residual networks", European Conference on Computer Vision (2016), 630-645.

    Examples
    --------
    The hidden numbers are 1 - 2 + 0 = -1, which ReLU makes 0, and 1 + 2 + 1 = 4. The second layer
    makes 4 * 3 = 12 and 4 * -1 = -4 of them, and the input 1, 2 is added.

    >>> w1 = np.array([[1.0, 1.0], [-1.0, 1.0]])
    >>> w2 = np.array([[5.0, 5.0], [3.0, -1.0]])
    >>> x = np.array([[1.0, 2.0]])
    >>> out, cache = residual_forward(x, w1, np.array([0.0, 1.0]), w2, np.zeros(2))
    >>> out.tolist()
    [[13.0, -2.0]]
    """
    raise NotImplementedError("backprop.residual_forward")


def residual_backward(dout, cache):
    """Compute the gradients of a residual block with respect to its input and parameters.

    The input went two ways, so its gradient comes back two ways and is added up. On the skip
    connection `dout` arrives just as it was, however deep the network: that is the whole trick.

    Formula, with out = x + branch::

        dbranch = dout, taken back through affine, ReLU and affine
        dx      = dout + what comes out of the branch

    Parameters
    ----------
    dout : numpy.ndarray of float, shape (N, D)
        The derivative of the loss with respect to `out`.
    cache : any
        What your `residual_forward` returned beside `out`.

    Returns
    -------
    dx : numpy.ndarray of float, shape (N, D)
        The derivative with respect to `x`.
    dw1 : numpy.ndarray of float, shape (D, H)
        The derivative with respect to `w1`.
    db1 : numpy.ndarray of float, shape (H,)
        The derivative with respect to `b1`.
    dw2 : numpy.ndarray of float, shape (H, D)
        The derivative with respect to `w2`.
    db2 : numpy.ndarray of float, shape (D,)
        The derivative with respect to `b2`.

    Notes
    -----
    Where one value is used in two places, the gradients of both uses are added; this holds in any
    network.

    The ReLU is told by its own input, `hidden`, where to let the gradient pass.

    You may call your `affine_backward` and `relu_backward`.

    References
    ----------
    He, Zhang, Ren and Sun, "Identity mappings in deep residual networks", European Conference on
    Computer Vision (2016), 630-645, section 2.

    Examples
    --------
    With the numbers of `residual_forward`: of the two hidden units only the second was on. The
    branch gives x the gradient 2, 2 and the skip connection adds 1, 1.

    >>> w1 = np.array([[1.0, 1.0], [-1.0, 1.0]])
    >>> w2 = np.array([[5.0, 5.0], [3.0, -1.0]])
    >>> x = np.array([[1.0, 2.0]])
    >>> out, cache = residual_forward(x, w1, np.array([0.0, 1.0]), w2, np.zeros(2))
    >>> dx, dw1, db1, dw2, db2 = residual_backward(np.array([[1.0, 1.0]]), cache)
    >>> dx.tolist()
    [[3.0, 3.0]]
    >>> dw1.tolist(), db1.tolist()
    ([[0.0, 2.0], [0.0, 4.0]], [0.0, 2.0])
    >>> dw2.tolist(), db2.tolist()
    ([[0.0, 0.0], [4.0, 4.0]], [1.0, 1.0])
    """
    raise NotImplementedError("backprop.residual_backward")


def two_layer_loss(params, x, y, reg=0.0):
    """Compute the loss of a two-layer classifier and the gradient of every parameter.

    This is the first whole network: layers forward, a loss, layers backward. An optimizer that is
    given these gradients again and again trains it.

    Formula, for the N rows of x with the correct classes y::

        hidden = x @ W1 + b1
        active = max(0, hidden)
        scores = active @ W2 + b2
        loss   = mean over rows i of -log(softmax(scores[i])[y[i]])
                 + 0.5 * reg * (sum(W1^2) + sum(W2^2))

    Parameters
    ----------
    params : dict of numpy.ndarray of float
        "W1" of shape (D, H), "b1" of shape (H,), "W2" of shape (H, C) and "b2" of shape (C,).
    x : numpy.ndarray of float, shape (N, D)
        One example per row.
    y : numpy.ndarray of int, shape (N,)
        The correct class of each row, from 0 to C - 1.
    reg : float, optional
        The strength of the penalty on large weights, 0 or more. Default 0.0.

    Returns
    -------
    loss : float
        The mean cross-entropy plus the penalty, a plain number.
    grads : dict of numpy.ndarray of float
        The derivative of `loss` with respect to each parameter, under the same four names and in
        the same shapes.

    Notes
    -----
    The scores go into the softmax as they are: there is no ReLU behind the last layer.

    Biases are not penalised. The penalty is not divided by N, and what it adds to the loss it adds
    to the gradient too: the 0.5 and the 2 of the square cancel, reg * W is left.

    Scores of 1e3 and more must work, without an overflow warning and without an infinite loss; the
    exercise `softmax_loss` of the topic `losses` shows how. You may call functions of yours.

    References
    ----------
    Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", Nature
    323 (1986), 533-536; Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016),
    section 6.5.7.

    Examples
    --------
    The hidden numbers are 1 and -1, so only the first unit is on. The scores are 0 and log(3), the
    probabilities 1/4 and 3/4. The correct class 0 costs log(4) = 1.386.

    >>> params = {
    ...     "W1": np.array([[1.0, 1.0], [0.0, -1.0]]),
    ...     "b1": np.zeros(2),
    ...     "W2": np.array([[0.0, np.log(3.0)], [1.0, 1.0]]),
    ...     "b2": np.zeros(2),
    ... }
    >>> loss, grads = two_layer_loss(params, np.array([[1.0, 2.0]]), np.array([0]))
    >>> round(float(loss), 3)
    1.386
    >>> grads["W2"].round(3).tolist(), grads["b2"].round(3).tolist()
    ([[-0.75, 0.75], [0.0, 0.0]], [-0.75, 0.75])
    >>> grads["W1"].round(3).tolist(), grads["b1"].round(3).tolist()
    ([[0.824, 0.0], [1.648, 0.0]], [0.824, 0.0])

    The squares of W1 add up to 3, those of W2 to 3.207. With reg = 0.1 the penalty is 0.31.

    >>> loss, grads = two_layer_loss(params, np.array([[1.0, 2.0]]), np.array([0]), reg=0.1)
    >>> round(float(loss), 3)
    1.697
    >>> grads["W2"].round(3).tolist()
    [[-0.75, 0.86], [0.1, 0.1]]
    """
    raise NotImplementedError("backprop.two_layer_loss")


def mlp_loss(params, x, y):
    """Compute the loss of a classifier of any depth and the gradient of every parameter.

    A network with more layers needs no new idea, only a loop forward and a loop backward. This is
    the multilayer perceptron, with which you will train a classifier of real images.

    Formula, for layers 1 to L with the parameters (W, b) of each::

        values = x
        for layer 1 to L - 1:   values = max(0, values @ W + b)
        for layer L:            scores = values @ W + b
        loss = mean over rows i of -log(softmax(scores[i])[y[i]])

    Parameters
    ----------
    params : list of (W, b)
        One pair per layer, at least one. The first W has the shape (D, H1), the next (H1, H2), the
        last has C columns; each b has as many entries as its W has columns.
    x : numpy.ndarray of float, shape (N, D)
        One example per row.
    y : numpy.ndarray of int, shape (N,)
        The correct class of each row, from 0 to C - 1.

    Returns
    -------
    loss : float
        The mean cross-entropy, a plain number.
    grads : list of (dW, db)
        The derivatives of `loss`, in the order of `params` and in the same shapes.

    Notes
    -----
    Between two layers there is a ReLU, behind the last there is none. With one layer there is no
    ReLU at all; that is softmax regression.

    The backward loop meets the last layer first, but the first pair of `grads` belongs to the first
    layer.

    Scores of 1e3 and more must work, as in `two_layer_loss`. You may call functions of yours.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016), section 6.5.4, algorithms
    6.3 and 6.4.

    Examples
    --------
    Three layers of one unit, one unit and two classes. The input 2 becomes 2 * 3 - 5 = 1, then
    1 * 2 + 0 = 2, then the scores 0 and log(3): the correct class 0 costs log(4) = 1.386.

    >>> params = [
    ...     (np.array([[3.0]]), np.array([-5.0])),
    ...     (np.array([[2.0]]), np.array([0.0])),
    ...     (np.array([[0.0, np.log(3.0) / 2]]), np.zeros(2)),
    ... ]
    >>> loss, grads = mlp_loss(params, np.array([[2.0]]), np.array([0]))
    >>> round(float(loss), 3)
    1.386
    >>> [(dW.round(3).tolist(), db.round(3).tolist()) for dW, db in grads]
    [([[1.648]], [0.824]), ([[0.412]], [0.412]), ([[-1.5, 1.5]], [-0.75, 0.75])]
    """
    raise NotImplementedError("backprop.mlp_loss")
