"""Taking the step: from a gradient to better weights.

The gradient says which way is uphill and how steep it is. An optimizer decides what to do about it:
how far to go, what to remember of earlier steps, whether each weight gets a step size of its own.

What holds for the seven optimizers, all of the form `next_w, config = name(w, dw, config)`:

- `w` holds parameters, in an array of any shape; `dw` is the gradient of the loss there, of the
  same shape. `next_w` has that shape too.
- `config` is a dict with the hyperparameters (learning rate and so on) and the state (what the
  optimizer remembers). A hyperparameter that it lacks gets its default; state that it lacks starts
  at zero. If `config` is None, everything is missing.
- The config that comes back goes into the next call for the same parameters. You may change the
  one you were given, or make a new one. All memory is in there: none in global variables, since
  each array of parameters has a config of its own.
- State that is given under the names below means what the formula says. What else you keep in
  `config` is your own affair: judged is where `w` goes, step after step.
- Leave `w` and `dw` as they are; float32 in, float32 out is good manners.

Squares, roots, products and quotients of arrays are taken element by element. After the optimizers
come schedules, which change the learning rate on the way, and a guard against huge gradients.
"""

import numpy as np


def sgd(w, dw, config=None):
    """Take one step of plain gradient descent.

    This is the simplest optimizer and the yardstick for all others. Its name, stochastic gradient
    descent, says that the gradient usually comes from a random batch of the examples.

    Formula::

        next_w = w - learning_rate * dw

    Parameters
    ----------
    w : numpy.ndarray of float, any shape
        The parameters.
    dw : numpy.ndarray of float, the shape of `w`
        The gradient of the loss with respect to `w`.
    config : dict, optional
        "learning_rate" : float, 0 or more. Default 1e-2.

    Returns
    -------
    next_w : numpy.ndarray of float, the shape of `w`
        The parameters after the step.
    config : dict
        For the next call. There is no state: it holds no more than the learning rate.

    Notes
    -----
    Minus, since the gradient points uphill.

    References
    ----------
    Robbins and Monro, "A stochastic approximation method", The Annals of Mathematical Statistics
    22 (1951), 400-407.

    Examples
    --------
    A step at the rate 0.1 against the gradient 4 goes from 1 to 1 - 0.4.

    >>> next_w, config = sgd(np.array([1.0, 2.0]), np.array([4.0, -3.0]), {"learning_rate": 0.1})
    >>> next_w.round(3).tolist()
    [0.6, 2.3]
    """
    raise NotImplementedError("optimizers.sgd")


def sgd_momentum(w, dw, config=None):
    """Take one step of gradient descent with momentum.

    A ball that rolls downhill keeps some of its speed: where gradients agree from step to step it
    gets faster, where they point to and fro they cancel. That helps most in long narrow valleys.

    Formula::

        velocity = momentum * velocity - learning_rate * dw
        next_w   = w + velocity

    Parameters
    ----------
    w : numpy.ndarray of float, any shape
        The parameters.
    dw : numpy.ndarray of float, the shape of `w`
        The gradient of the loss with respect to `w`.
    config : dict, optional
        "learning_rate" : float, 0 or more. Default 1e-2.

        "momentum" : float from 0 to 1, the share of the velocity that is kept. Default 0.9.

        "velocity" : numpy.ndarray, the shape of `w`. Zeros at the start.

    Returns
    -------
    next_w : numpy.ndarray of float, the shape of `w`
        The parameters after the step.
    config : dict
        For the next call, with the new velocity in it.

    Notes
    -----
    The velocity points where the parameters go: it has the minus sign in it, and the learning rate
    too. PyTorch's keeps both outside. For a constant rate that is the same path, but a velocity
    given in `config` would mean something else, and here it means what the formula says.

    Under a constant gradient the speed approaches learning_rate * dw / (1 - momentum): with
    momentum 0.9, ten times that of plain descent.

    References
    ----------
    Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Computational
    Mathematics and Mathematical Physics 4 (1964), 1-17.

    Examples
    --------
    The first step is that of plain descent, -0.1 * 4 = -0.4. The second has the same gradient and
    keeps half of the old velocity: -0.2 - 0.4 = -0.6.

    >>> config = {"learning_rate": 0.1, "momentum": 0.5}
    >>> w, config = sgd_momentum(np.array([2.0]), np.array([4.0]), config)
    >>> w.round(3).tolist()
    [1.6]
    >>> w, config = sgd_momentum(w, np.array([4.0]), config)
    >>> w.round(3).tolist()
    [1.0]
    """
    raise NotImplementedError("optimizers.sgd_momentum")


def nesterov_momentum(w, dw, config=None):
    """Take one step of gradient descent with Nesterov's momentum.

    Momentum will carry the parameters on whatever the gradient says, so Nesterov measures the
    gradient where it will carry them to. Looking ahead like this brakes before the bottom of the
    valley and not after it.

    Formula, in which `w` is already the point looked ahead to, where `dw` was measured::

        new_velocity = momentum * velocity - learning_rate * dw
        next_w       = w - momentum * velocity + (1 + momentum) * new_velocity

    Parameters
    ----------
    w : numpy.ndarray of float, any shape
        The parameters.
    dw : numpy.ndarray of float, the shape of `w`
        The gradient of the loss with respect to `w`.
    config : dict, optional
        "learning_rate" : float, 0 or more. Default 1e-2.

        "momentum" : float from 0 to 1, the share of the velocity that is kept. Default 0.9.

        "velocity" : numpy.ndarray, the shape of `w`. Zeros at the start.

    Returns
    -------
    next_w : numpy.ndarray of float, the shape of `w`
        The parameters after the step.
    config : dict
        For the next call, with the new velocity in it.

    Notes
    -----
    Where the formula comes from: let p be where the ball is. It is looked ahead to
    w = p + momentum * velocity, then the ball moves to p + new_velocity, and from there one looks
    ahead again, to p + new_velocity + momentum * new_velocity. Replace p by
    w - momentum * velocity.

    Written out it is also w + momentum * new_velocity - learning_rate * dw.

    References
    ----------
    Nesterov, "A method of solving a convex programming problem with convergence rate O(1/k^2)",
    Soviet Mathematics Doklady 27 (1983), 372-376; in this form: Bengio, Boulanger-Lewandowski and
    Pascanu, "Advances in optimizing recurrent networks", ICASSP (2013), section 3.5.

    Examples
    --------
    The velocity becomes -0.1 * 4 = -0.4; the first step is 1.5 times that. Then it becomes
    -0.2 - 0.4 = -0.6, and the second step is 0.5 * 0.4 - 1.5 * 0.6 = -0.7.

    >>> config = {"learning_rate": 0.1, "momentum": 0.5}
    >>> w, config = nesterov_momentum(np.array([2.0]), np.array([4.0]), config)
    >>> w.round(3).tolist()
    [1.4]
    >>> w, config = nesterov_momentum(w, np.array([4.0]), config)
    >>> w.round(3).tolist()
    [0.7]
    """
    raise NotImplementedError("optimizers.nesterov_momentum")


def adagrad(w, dw, config=None):
    """Take one step of AdaGrad.

    One learning rate seldom suits all weights: a rare word's gradient is nearly always 0, a common
    word's never. AdaGrad divides each weight's steps by the size of all its gradients so far.

    Formula, element by element::

        cache  = cache + dw^2
        next_w = w - learning_rate * dw / (sqrt(cache) + epsilon)

    Parameters
    ----------
    w : numpy.ndarray of float, any shape
        The parameters.
    dw : numpy.ndarray of float, the shape of `w`
        The gradient of the loss with respect to `w`.
    config : dict, optional
        "learning_rate" : float, 0 or more. Default 1e-2.

        "epsilon" : float greater than 0, against a division by zero. Default 1e-8.

        "cache" : numpy.ndarray, the shape of `w`, 0 or more: the sum of the squares so far. Zeros
        at the start.

    Returns
    -------
    next_w : numpy.ndarray of float, the shape of `w`
        The parameters after the step.
    config : dict
        For the next call, with the new cache in it.

    Notes
    -----
    The cache has the new square in it before it is used. Epsilon is added to the root; it does not
    stand inside it.

    The cache only grows, so the steps only shrink. In a long training they shrink too far.

    A weight whose gradient was always 0 stays where it is.

    References
    ----------
    Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic
    optimization", Journal of Machine Learning Research 12 (2011), 2121-2159.

    Examples
    --------
    The first step has the size of the rate, 0.1, whatever the gradient: 3 / sqrt(9) = 1. Then the
    cache is 9 + 16 = 25, and the second step 0.1 * 4 / 5 = 0.08.

    >>> w, config = adagrad(np.array([1.0]), np.array([3.0]), {"learning_rate": 0.1})
    >>> w.round(3).tolist()
    [0.9]
    >>> w, config = adagrad(w, np.array([4.0]), config)
    >>> w.round(3).tolist()
    [0.82]
    """
    raise NotImplementedError("optimizers.adagrad")


def rmsprop(w, dw, config=None):
    """Take one step of RMSProp.

    AdaGrad remembers every gradient for ever and comes to a halt. RMSProp lets old squares fade, so
    that each step is measured by the size of the recent gradients alone.

    Formula, element by element::

        cache  = decay_rate * cache + (1 - decay_rate) * dw^2
        next_w = w - learning_rate * dw / (sqrt(cache) + epsilon)

    Parameters
    ----------
    w : numpy.ndarray of float, any shape
        The parameters.
    dw : numpy.ndarray of float, the shape of `w`
        The gradient of the loss with respect to `w`.
    config : dict, optional
        "learning_rate" : float, 0 or more. Default 1e-2.

        "decay_rate" : float, from 0 to less than 1: how much of the cache is kept. Default 0.99.

        "epsilon" : float greater than 0, against a division by zero. Default 1e-8.

        "cache" : numpy.ndarray, the shape of `w`, 0 or more: the fading mean of the squares. Zeros
        at the start.

    Returns
    -------
    next_w : numpy.ndarray of float, the shape of `w`
        The parameters after the step.
    config : dict
        For the next call, with the new cache in it.

    Notes
    -----
    The cache has the new square in it before it is used. Epsilon is added to the root; it does not
    stand inside it.

    A cache that starts at zero is too small at first, and that is not corrected here: with
    decay_rate 0.99 the very first step has ten times the size of the learning rate.

    References
    ----------
    Tieleman and Hinton, "Lecture 6.5: rmsprop", Neural Networks for Machine Learning, Coursera
    (2012).

    Examples
    --------
    The cache is 0.75 * 0 + 0.25 * 16 = 4, its root 2, the step 0.1 * 4 / 2 = 0.2.

    >>> config = {"learning_rate": 0.1, "decay_rate": 0.75}
    >>> next_w, config = rmsprop(np.array([1.0]), np.array([4.0]), config)
    >>> next_w.round(3).tolist()
    [0.8]
    """
    raise NotImplementedError("optimizers.rmsprop")


def adam(w, dw, config=None):
    """Take one step of Adam.

    Momentum for the direction, RMSProp for the size, and a correction for the first steps: Adam
    works on many problems without much tuning. It is where most people start.

    Formula, element by element::

        t      = t + 1
        m      = beta1 * m + (1 - beta1) * dw
        v      = beta2 * v + (1 - beta2) * dw^2
        m_hat  = m / (1 - beta1^t)
        v_hat  = v / (1 - beta2^t)
        next_w = w - learning_rate * m_hat / (sqrt(v_hat) + epsilon)

    Parameters
    ----------
    w : numpy.ndarray of float, any shape
        The parameters.
    dw : numpy.ndarray of float, the shape of `w`
        The gradient of the loss with respect to `w`.
    config : dict, optional
        "learning_rate" : float, 0 or more. Default 1e-3.

        "beta1" : float, from 0 to less than 1: how much of m is kept. Default 0.9.

        "beta2" : float, from 0 to less than 1: how much of v is kept. Default 0.999.

        "epsilon" : float greater than 0, against a division by zero. Default 1e-8.

        "m", "v" : numpy.ndarray, the shape of `w`: the fading means of the gradients and of their
        squares, not corrected. Zeros at the start.

        "t" : int, how many steps were taken before. 0 at the start.

    Returns
    -------
    next_w : numpy.ndarray of float, the shape of `w`
        The parameters after the step.
    config : dict
        For the next call, with the new m, v and t in it.

    Notes
    -----
    Count t up before you use it: in the first step it is 1, and with 0 you would divide by zero.
    Keep m and v as they are before the correction, and keep t.

    In 1 - beta1^t the power is a power, beta1**t. It is what makes the correction fade with time.

    The paper also gives a form that saves some work: the rate becomes
    learning_rate * sqrt(1 - beta2^t) / (1 - beta1^t), and m / (sqrt(v) + epsilon) is left as it is.
    Its epsilon counts for more in the first steps; either form is right.

    References
    ----------
    Kingma and Ba, "Adam: a method for stochastic optimization", ICLR (2015), arXiv:1412.6980,
    algorithm 1.

    Examples
    --------
    After one step m_hat is the gradient and v_hat its square: the step has the size of the rate,
    0.1, in the direction of the sign.

    >>> config = {"learning_rate": 0.1, "beta1": 0.5, "beta2": 0.75}
    >>> w, config = adam(np.array([1.0, 1.0]), np.array([4.0, -0.001]), config)
    >>> w.round(3).tolist()
    [0.9, 1.1]

    A second gradient of 0 halves m, from 2 to 1, and m_hat is 1 / (1 - 0.5^2) = 1.333. v falls from
    4 to 3, v_hat is 3 / (1 - 0.75^2) = 6.857, and the step 0.1 * 1.333 / 2.619 = 0.051.

    >>> w, config = adam(w, np.array([0.0, 0.0]), config)
    >>> w.round(3).tolist()
    [0.849, 1.151]
    """
    raise NotImplementedError("optimizers.adam")


def adamw(w, dw, config=None):
    """Take one step of Adam with decoupled weight decay.

    Weight decay pulls every weight towards 0. Put into the gradient, as a penalty is, it would be
    divided by Adam's scale like the rest, and the weights with large gradients would hardly decay;
    AdamW applies it beside the step, to all alike. Large language models are trained with it.

    Formula, with t, m_hat and v_hat as in `adam`::

        step   = m_hat / (sqrt(v_hat) + epsilon)
        next_w = w - learning_rate * (step + weight_decay * w)

    Parameters
    ----------
    w : numpy.ndarray of float, any shape
        The parameters.
    dw : numpy.ndarray of float, the shape of `w`
        The gradient of the loss with respect to `w`, without any penalty.
    config : dict, optional
        "learning_rate" : float, 0 or more. Default 1e-3.

        "beta1" : float, from 0 to less than 1: how much of m is kept. Default 0.9.

        "beta2" : float, from 0 to less than 1: how much of v is kept. Default 0.999.

        "epsilon" : float greater than 0, against a division by zero. Default 1e-8.

        "weight_decay" : float, 0 or more. Default 1e-2.

        "m", "v" : numpy.ndarray, the shape of `w`: the fading means of the gradients and of their
        squares, not corrected. Zeros at the start.

        "t" : int, how many steps were taken before. 0 at the start.

    Returns
    -------
    next_w : numpy.ndarray of float, the shape of `w`
        The parameters after the step.
    config : dict
        For the next call, with the new m, v and t in it.

    Notes
    -----
    The decay is multiplied by the learning rate, as in PyTorch; in the paper only a schedule's
    factor multiplies it. It is taken from `w` as it was before the step. It never enters m or v.

    With a gradient of 0 from the start the weights still shrink, by the factor
    1 - learning_rate * weight_decay each step. With weight_decay 0 this is `adam`.

    References
    ----------
    Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR (2019), arXiv:1711.05101,
    algorithm 2.

    Examples
    --------
    The first step of Adam has the size of the rate. The decay takes away 0.1 * 0.5 = 0.05 of each
    weight: 2 - 0.1 - 0.1 and -4 - 0.1 + 0.2.

    >>> config = {"learning_rate": 0.1, "weight_decay": 0.5}
    >>> next_w, config = adamw(np.array([2.0, -4.0]), np.array([3.0, 7.0]), config)
    >>> next_w.round(3).tolist()
    [1.8, -3.9]
    """
    raise NotImplementedError("optimizers.adamw")


def step_decay(step, base_rate, drop, every):
    """Compute a learning rate that falls in stairs.

    Large steps get near the minimum fast and then jump about it; small ones settle. The oldest way
    to have both is to cut the rate now and then.

    Formula, with the quotient rounded down to a whole number::

        rate = base_rate * drop^floor(step / every)

    Parameters
    ----------
    step : int
        How many steps were taken before; 0 or more.
    base_rate : float
        The rate of the first steps; 0 or more.
    drop : float
        What the rate is multiplied by at each stair; from 0 to 1.
    every : int
        How many steps a stair is long; 1 or more.

    Returns
    -------
    rate : float
        The learning rate for this step.

    Notes
    -----
    Steps are counted from 0, so the steps 0 to every - 1 have the full rate, and step `every` is
    the first with a smaller one.

    References
    ----------
    He, Zhang, Ren and Sun, "Deep residual learning for image recognition", CVPR (2016), 770-778,
    which divides the rate by 10 at times.

    Examples
    --------
    Half the rate every 10 steps: step 9 has the full one, step 10 half of it, step 25 a quarter.

    >>> [step_decay(step, 0.8, 0.5, 10) for step in (0, 9, 10, 25)]
    [0.8, 0.8, 0.4, 0.2]
    """
    raise NotImplementedError("optimizers.step_decay")


def cosine_decay(step, base_rate, total_steps):
    """Compute a learning rate that falls along half a wave of the cosine.

    It falls slowly at first, fast in the middle and slowly at the end, without jumps, and there is
    nothing to tune but where it ends.

    Formula::

        progress = min(step / total_steps, 1)
        rate     = base_rate / 2 * (1 + cos(pi * progress))

    Parameters
    ----------
    step : int
        How many steps were taken before; 0 or more.
    base_rate : float
        The rate of the first step; 0 or more.
    total_steps : int
        The step at which the rate has come down to 0; 1 or more.

    Returns
    -------
    rate : float
        The learning rate for this step.

    Notes
    -----
    After `total_steps` the rate stays 0. Without the min the cosine would climb again.

    The cosine takes its angle in radians.

    References
    ----------
    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR (2017),
    arXiv:1608.03983, equation 5, here without restarts.

    Examples
    --------
    The full rate, then after a third of the way three quarters, after half of it one half.

    >>> [round(float(cosine_decay(step, 0.4, 12)), 3) for step in (0, 4, 6, 12, 20)]
    [0.4, 0.3, 0.2, 0.0, 0.0]
    """
    raise NotImplementedError("optimizers.cosine_decay")


def warmup_cosine(step, base_rate, warmup_steps, total_steps):
    """Compute a learning rate that first rises in a line, then falls along half a cosine.

    A fresh network's gradients are large and point anywhere, and an optimizer such as Adam has not
    yet seen enough of them to know their size. Some steps at a small rate keep it from being thrown
    off. Most large models are trained with this schedule.

    Formula::

        rate = base_rate * step / warmup_steps                      where step < warmup_steps

        progress = min((step - warmup_steps) / (total_steps - warmup_steps), 1)
        rate = base_rate / 2 * (1 + cos(pi * progress))             from warmup_steps on

    Parameters
    ----------
    step : int
        How many steps were taken before; 0 or more.
    base_rate : float
        The rate at the top; 0 or more.
    warmup_steps : int
        The step at which the top is reached; from 0 to total_steps - 1.
    total_steps : int
        The step at which the rate has come down to 0, the warm-up counted in.

    Returns
    -------
    rate : float
        The learning rate for this step.

    Notes
    -----
    Step 0 has the rate 0, unless `warmup_steps` is 0: then there is no warm-up, and nothing may be
    divided by it. At step `warmup_steps` the rate is `base_rate` exactly. After `total_steps` it
    stays 0.

    The cosine takes its whole half wave in the steps that are left after the warm-up. You may call
    your `cosine_decay` for it.

    References
    ----------
    Goyal and others, "Accurate, large minibatch SGD: training ImageNet in 1 hour" (2017),
    arXiv:1706.02677, section 2.2; Loshchilov and Hutter, "SGDR", ICLR (2017), arXiv:1608.03983.

    Examples
    --------
    Four steps up to 0.8, then eight down: step 8 is half-way down, step 12 the end.

    >>> [round(float(warmup_cosine(step, 0.8, 4, 12)), 3) for step in (0, 1, 4, 8, 12, 20)]
    [0.0, 0.2, 0.8, 0.4, 0.0, 0.0]
    """
    raise NotImplementedError("optimizers.warmup_cosine")


def clip_gradient_norm(grads, max_norm):
    """Shorten gradients that are too long, all of them by one factor.

    Now and then a batch has a gradient a thousand times the usual, and one step along it undoes
    hours of training. Clipping keeps its direction and limits its length.

    Formula, with g any element of any of the arrays::

        norm    = sqrt(sum of g^2 over all elements of all arrays)
        clipped = grads                        where norm <= max_norm
        clipped = grads * max_norm / norm      where norm >  max_norm

    Parameters
    ----------
    grads : dict of str to numpy.ndarray of float
        The gradients of all parameters, by name, in arrays of any shapes.
    max_norm : float
        How long they may be, all together; greater than 0.

    Returns
    -------
    clipped : dict of str to numpy.ndarray of float
        The gradients after clipping: same names, same shapes.
    norm : float
        Their norm before clipping, a plain number, 0 or more.

    Notes
    -----
    There is one norm, of everything together. If each array were clipped by its own, the direction
    of the step would change.

    Gradients that are short enough come back as they were; they are never made longer. All zeros
    are a norm of 0: mind the division.

    The results are judged to one part in 100 000, since PyTorch's way, which adds 1e-6 to the norm
    that it divides by, is as good.

    References
    ----------
    Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", ICML
    (2013), arXiv:1211.5063, algorithm 1.

    Examples
    --------
    The norm of 3, 4 and 12 together is sqrt(9 + 16 + 144) = 13. For at most 6.5 all are halved.

    >>> grads = {"W": np.array([[3.0, 4.0]]), "b": np.array([12.0])}
    >>> clipped, norm = clip_gradient_norm(grads, 6.5)
    >>> float(norm)
    13.0
    >>> {name: array.tolist() for name, array in clipped.items()}
    {'W': [[1.5, 2.0]], 'b': [6.0]}
    """
    raise NotImplementedError("optimizers.clip_gradient_norm")
