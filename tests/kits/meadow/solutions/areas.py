"""How large figures are."""

import numpy as np


def circle_area(radius):
    """Compute the mean area of circles and its gradient.

    Parameters
    ----------
    radius : numpy.ndarray of float, shape (N,)
        Greater than 0.

    Returns
    -------
    area : float
        The mean of pi r^2.
    dradius : numpy.ndarray of float, shape (N,)
        Its derivative.

    Examples
    --------
    >>> area, dradius = circle_area(np.array([1.0, 2.0]))
    >>> round(float(area), 3)
    7.854
    >>> dradius.round(3).tolist()
    [3.142, 6.283]
    """
    area = np.mean(np.pi * radius**2)
    dradius = 2 * np.pi * radius / radius.size
    return area, dradius
