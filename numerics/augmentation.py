"""New training examples from the old: mirrored, shifted, blended.

Crops and flips move pixels and keep their type; blends are float64. Inputs are left as they were.
Every function draws from the `rng` it is given and from nothing else.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.validation import FloatArray, generator, real_array, real_number, whole_number


def horizontal_flip(images: Any, flip_prob: float, rng: "np.random.Generator") -> NDArray[Any]:
    """Mirror each image, left to right, with probability `flip_prob`.

    Parameters
    ----------
    images : array_like of shape (N, H, W) or (N, H, W, C)
    flip_prob : float, 0 <= flip_prob <= 1
    rng : numpy.random.Generator

    Returns
    -------
    images : ndarray of the same shape and dtype

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or out of its range.

    References
    ----------
    A. Krizhevsky, I. Sutskever and G. E. Hinton, ImageNet classification with deep convolutional
    neural networks, NIPS 2012, section 4.1.

    """
    images = _images(images)
    flip_prob = real_number("flip_prob", flip_prob, at_least=0.0, at_most=1.0)
    chosen = generator("rng", rng).random(len(images)) < flip_prob
    flipped: NDArray[Any] = images.copy()
    flipped[chosen] = images[chosen, :, ::-1]
    return flipped


def random_crop(images: Any, padding: int, rng: "np.random.Generator") -> NDArray[Any]:
    """Pad each image with zeros and cut its own random window of the original size.

    Parameters
    ----------
    images : array_like of shape (N, H, W) or (N, H, W, C)
    padding : int >= 0
        Zeros on each side; an image moves by up to as much in either direction, all shifts alike.
    rng : numpy.random.Generator

    Returns
    -------
    images : ndarray of the same shape and dtype

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or out of its range.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, Deep residual learning, CVPR 2016, section 4.2.

    """
    images = _images(images)
    padding = whole_number("padding", padding, at_least=0)
    num_images, height, width = images.shape[:3]
    offsets = generator("rng", rng).integers(0, 2 * padding + 1, size=(2, num_images, 1, 1))
    sides = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
    padded = np.pad(images, sides[: images.ndim])
    rows = offsets[0] + np.arange(height)[:, np.newaxis]
    columns = offsets[1] + np.arange(width)
    cropped: NDArray[Any] = padded[np.arange(num_images)[:, np.newaxis, np.newaxis], rows, columns]
    return cropped


def mixup(
    x: Any, y_onehot: Any, alpha: float, rng: "np.random.Generator"
) -> tuple[FloatArray, FloatArray]:
    r"""Blend each example and its label with those of a partner.

    :math:`\lambda x_i + (1 - \lambda) x_{\pi(i)}`, and the same for the labels, with one
    :math:`\lambda` from Beta(alpha, alpha) for the batch and :math:`\pi` a random permutation.

    Parameters
    ----------
    x : array_like of shape (N, ...)
    y_onehot : array_like of shape (N, C)
    alpha : float > 0
    rng : numpy.random.Generator

    Returns
    -------
    x : ndarray of float64, shape (N, ...)
    y : ndarray of float64, shape (N, C)

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or out of its range, or the lengths differ.

    References
    ----------
    H. Zhang, M. Cisse, Y. N. Dauphin and D. Lopez-Paz, mixup: beyond empirical risk minimization,
    ICLR 2018.

    """
    x = real_array("x", x)
    y_onehot = real_array("y_onehot", y_onehot, ndim=2)
    if x.ndim == 0 or len(x) != len(y_onehot):
        raise ValueError(
            f"x must have a row for each of the {len(y_onehot)} rows of y_onehot, "
            f"got shape {x.shape}"
        )
    alpha = real_number("alpha", alpha, above=0.0)
    share = generator("rng", rng).beta(alpha, alpha)
    partner = rng.permutation(len(x))
    return (
        share * x + (1.0 - share) * x[partner],
        share * y_onehot + (1.0 - share) * y_onehot[partner],
    )


def _images(images: Any) -> NDArray[Any]:
    pixels = np.asarray(images)
    if pixels.dtype.kind not in "fiub":
        raise TypeError(f"images must hold real numbers, got dtype {pixels.dtype}")
    if pixels.ndim not in (3, 4) or pixels.size == 0:
        raise ValueError(
            f"images must have shape (N, H, W) or (N, H, W, C), none of them 0, got {pixels.shape}"
        )
    return pixels
