"""Schedules: how large the learning rate is at each step.

Found under `numerics.optimizers` too. Steps are counted from 0 and are whole numbers; rates are
Python floats.
"""

import math

from numerics.validation import real_number, whole_number

__all__ = ["cosine_decay", "step_decay", "warmup_cosine"]


def step_decay(step: int, base_rate: float, drop: float, every: int) -> float:
    r"""Return the rate that is multiplied by `drop` once `every` so many steps.

    :math:`r\,d^{\lfloor s / e \rfloor}`.

    Parameters
    ----------
    step : int >= 0
    base_rate : float >= 0
        The :math:`r` of the formula.
    drop : float, 0 <= drop <= 1
        What is left of the rate each time, :math:`d`.
    every : int >= 1
        How many steps the rate stays the same, :math:`e`.

    Returns
    -------
    rate : float

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or out of its range.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, Deep residual learning for image recognition, CVPR 2016.

    """
    step = whole_number("step", step, at_least=0)
    base_rate = real_number("base_rate", base_rate, at_least=0.0)
    drop = real_number("drop", drop, at_least=0.0, at_most=1.0)
    every = whole_number("every", every, at_least=1)
    return float(base_rate * drop ** (step // every))


def cosine_decay(step: int, base_rate: float, total_steps: int) -> float:
    r"""Return the rate that falls from `base_rate` to 0 along half a cosine, and stays there.

    :math:`\frac{r}{2} (1 + \cos(\pi \min(s / n, 1)))`, computed as
    :math:`r \sin^2(\frac{\pi}{2} (n - s) / n)`, which keeps its digits near the end too.

    Parameters
    ----------
    step : int >= 0
        The :math:`s` of the formula.
    base_rate : float >= 0
        The :math:`r` of the formula.
    total_steps : int >= 1
        When the rate reaches 0, :math:`n`.

    Returns
    -------
    rate : float

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or out of its range.

    References
    ----------
    I. Loshchilov and F. Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017.

    """
    step = whole_number("step", step, at_least=0)
    base_rate = real_number("base_rate", base_rate, at_least=0.0)
    total_steps = whole_number("total_steps", total_steps, at_least=1)
    left = max(total_steps - step, 0) / total_steps
    return base_rate * math.sin(0.5 * math.pi * left) ** 2


def warmup_cosine(step: int, base_rate: float, warmup_steps: int, total_steps: int) -> float:
    r"""Return the rate that rises to `base_rate` in a line and then falls along half a cosine.

    :math:`r s / w` before step :math:`w`, then `cosine_decay` over the other :math:`n - w` steps.

    Parameters
    ----------
    step : int >= 0
        The :math:`s` of the formula; at 0 the rate is 0, unless there is no warm-up.
    base_rate : float >= 0
        The :math:`r` of the formula.
    warmup_steps : int >= 0
        When the rate is largest, :math:`w`.
    total_steps : int > warmup_steps
        When it is back at 0, :math:`n`.

    Returns
    -------
    rate : float

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or out of its range.

    References
    ----------
    P. Goyal et al., Accurate, large minibatch SGD: training ImageNet in 1 hour, 2017, section 2.2.

    """
    step = whole_number("step", step, at_least=0)
    base_rate = real_number("base_rate", base_rate, at_least=0.0)
    warmup_steps = whole_number("warmup_steps", warmup_steps, at_least=0)
    total_steps = whole_number("total_steps", total_steps, at_least=warmup_steps + 1)
    if step < warmup_steps:
        return base_rate * (step / warmup_steps)
    return cosine_decay(step - warmup_steps, base_rate, total_steps - warmup_steps)
