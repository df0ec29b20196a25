"""How long things are."""

import numpy as np


def fence(sides):
    """Compute how much fence goes around a field.

    Parameters
    ----------
    sides : numpy.ndarray of float, shape (N,)
        The lengths of its sides, each greater than 0.

    Returns
    -------
    length : float
        Their sum.

    Examples
    --------
    >>> float(fence(np.array([3.0, 4.0, 5.0])))
    12.0
    """
    return np.sum(sides)
