"""What slopes measured along random directions say about a gradient: right, wrong, or cannot tell.

Each direction v gives two central differences, D(h) and D(h/2), two second differences and the
slope that the gradient claims. A draw *agrees* when D(h/2) meets the claim within the tolerance, or
at a kink the slope on one side of x does; it *disagrees* when the two miss each other by far more
than the measurement doubts itself; in between, among kinks or in rounding noise, it says nothing.

How a kink gives itself away: let f bend by a jump J of its slope at the distance t h from x,
|t| < 1. Then D(h/2) is wrong by J (1/2 - |t|) at most, D(h) - D(h/2) is J |t| / 2 for |t| < 1/2,
and the second difference S, which halves with h where f is smooth, breaks that rule by
J (1 - 3 |t|). The sum of the two bounds the error for every t, a kink at x itself included.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.validation import FloatArray

Index = tuple[int | slice | tuple[int, ...], ...]

TOLERANCE: Final = {
    np.dtype(np.float64): 1e-6,  # a hundred times the noise of D(h/2) on a loss of order 1
    np.dtype(np.float32): 1e-4,  # sums of a few thousand float32 terms are right to 1e-5
    np.dtype(np.float16): 2e-2,  # a float16 gradient is rounded to 5e-4 in every element
}
STEP: Final = 1e-6  # times max(1, |x|): kinks are rarely nearer, rounding costs 1e-9 of |f|
CLEAR: Final = 10.0  # a draw disagrees when it misses by ten times its own doubt
ROUNDING: Final = 4.0  # f is taken to be right to four units in the last place
COARSEST: Final = 1e-3  # noise above this share of the gradient's norm: nothing is said
SAME_FACTOR: Final = 1e-3  # one factor explains a fault if it leaves this share of it at most
SAFE: Final = 1e-280  # a sum of squares between this and its inverse lost nothing
SPREAD: Final = float(np.sqrt(13 / 12))  # root mean square of an element of a direction


@dataclass(frozen=True)
class Verdict:
    """The outcome of a gradient check.

    Attributes
    ----------
    right : bool or None
        True, False, or None where the measurement cannot tell.
    error : float
        Size of the gradient's error relative to the norm of its block, estimated; NaN where
        nothing could be measured, infinite for a gradient that is not finite.
    factor : float or None
        c where the faulty part of the gradient is c times the right one (0: it is missing).
    reason : str
        One short sentence.
    where : str
        The faulty part as one would write it: ``"W1"``, ``"W1[:, 17]"``, ``"W1[3, 17]"``,
        ``"W1[3, [5, 8]]"``; empty where nothing is known to be faulty.
    index : tuple of int, slice and tuple of int, or None
        The same within its block: ``block[index]`` is the faulty part. () is all of it.

    """

    right: bool | None
    error: float
    factor: float | None
    reason: str
    where: str = ""
    index: Index | None = None


class Slopes(NamedTuple):
    """What was measured along some directions: arrays of shape (draws,), float64."""

    coarse: FloatArray  # D(h)
    fine: FloatArray  # D(h/2)
    coarse_bend: FloatArray  # (f(x + hv) + f(x - hv) - 2 f(x)) / h
    fine_bend: FloatArray  # the same with h/2 in place of h
    claimed: FloatArray  # the gradient's own slope
    noise: FloatArray  # what rounding in f may do to any of these


def rounding_unit(values: NDArray[np.floating]) -> float:
    """Return the rounding unit that `values`, any shape, were computed with.

    Float64 numbers that all fit into float32 come from single precision, or cannot be told
    from it: they get its unit.
    """
    if values.dtype.itemsize < np.dtype(np.float64).itemsize:
        return float(np.finfo(values.dtype).eps)
    with np.errstate(over="ignore", invalid="ignore"):
        coarse = np.array_equal(values.astype(np.float32), values, equal_nan=True)
    return float(np.finfo(np.float32 if coarse else np.float64).eps)


def not_finite(gradient: FloatArray, name: str = "gradient") -> Verdict | None:
    """Return the verdict on a gradient that holds NaN or infinity, or None where it holds none."""
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(np.dot(gradient.ravel(), gradient.ravel())):
            return None
    bad = ~np.isfinite(gradient)
    if not bad.any():  # finite numbers whose square overflows
        return None
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    where = f"{name}[{', '.join(map(str, index))}]" if index else name
    reason = f"{where} is {gradient[index]}; {bad.sum()} of {bad.size} elements are not finite"
    return Verdict(False, float("inf"), None, reason, where, index)


def weigh(
    slopes: Slopes,
    norm: float,
    *,
    tolerance: float,
    name: str = "the gradient",
    reference: float | None = None,
) -> Verdict:
    """Judge a gradient by its slopes along random directions.

    Parameters
    ----------
    slopes : Slopes
        One entry for each direction.
    norm : float
        Norm of the gradient, each element times the scale of its step.
    tolerance : float
        The error that passes, relative to that norm; twice the noise passes too, as long as that
        is below COARSEST of the norm.
    name : str
        What the reason calls it.
    reference : float, optional
        Norm of the whole gradient of which this is one block: a block that is zero to within
        `tolerance` of it is right, however rounded.

    """
    usable = np.isfinite(sum(slopes))
    if not usable.any():
        return Verdict(None, float("nan"), None, "f is not finite at the points around x")
    measured = Slopes(*(part[usable] for part in slopes))
    size = _rms(measured.fine) / SPREAD
    if norm == size == 0.0:
        return Verdict(True, 0.0, None, f"f does not move around x, and {name} is zero")
    miss = np.abs(measured.fine - measured.claimed)
    error = _error(miss, measured.fine, norm)
    majority = (len(usable) + 1) // 2
    noise = measured.noise
    clear = 2 * noise <= COARSEST * np.maximum(norm, np.abs(measured.fine))
    if clear.sum() < majority:
        largest = max(norm, size, float(noise.max()))
        negligible = reference is not None and largest <= tolerance * reference
        right = True if negligible else None
        said = "zero beside the whole gradient" if negligible else "lost in the rounding of f"
        return Verdict(right, error, None, f"the slopes that {name} stands for are {said}")

    doubt = doubt_of(measured)
    limit = np.maximum(tolerance * norm, 2 * noise)
    ahead, behind = slopes_beside(measured)
    beside = np.minimum(abs(ahead - measured.claimed), abs(behind - measured.claimed))
    miss = np.where(doubt > limit, np.minimum(miss, beside), miss)
    agrees = clear & (miss <= limit)
    disagrees = clear & (miss > limit) & (miss > CLEAR * doubt)
    if disagrees.sum() >= majority:
        slope = measured.fine[disagrees]
        error = _error(miss[disagrees], slope, norm)
        doubtful = float(noise[disagrees].max())
        factor = ratio_of(measured.claimed[disagrees], slope, doubtful)
        still = _rms(slope) <= 2 * doubtful
        return Verdict(False, error, factor, fault(name, error, factor, still=still))
    if disagrees.any():
        return Verdict(None, error, None, "the directions contradict each other")
    if agrees.sum() >= majority:
        error = _error(miss[agrees], measured.fine[agrees], norm)
        return Verdict(True, error, None, f"{name} agrees with the slopes of f")
    return Verdict(None, error, None, "f has a kink or bends sharply between the points around x")


def _error(miss: FloatArray, slope: FloatArray, norm: float) -> float:
    """Return the error relative to the norm of the gradient or of f's own, whichever is larger."""
    return _rms(miss) / max(SPREAD * norm, _rms(slope))


def doubt_of(slopes: Slopes) -> FloatArray:
    """Return how far D(h/2) may be off, by what the second step shows of kinks and curvature."""
    bend = np.abs(slopes.coarse_bend - 2 * slopes.fine_bend)
    return np.asarray(np.abs(slopes.coarse - slopes.fine) + bend + slopes.noise)


def slopes_beside(slopes: Slopes) -> tuple[FloatArray, FloatArray]:
    """Return the slopes of f ahead of x and behind it.

    One of them is free of a kink that stands on the other side of x; at a kink at x itself either
    is right. Both are extrapolated from the two steps, so that the curvature of f cancels.
    """
    middle = 2 * slopes.fine - slopes.coarse
    bend = slopes.fine_bend - slopes.coarse_bend / 2
    return middle + bend, middle - bend


def norm_of(values: FloatArray) -> float:
    """Return the Euclidean norm of `values`, any shape, where their squares overflow too."""
    flat = values.ravel()
    square = float(np.dot(flat, flat))
    if SAFE < square < 1 / SAFE:
        return float(np.sqrt(square))
    largest = float(np.abs(flat).max(initial=0.0))
    if largest == 0.0 or not np.isfinite(largest):
        return largest
    flat = flat / largest
    return largest * float(np.sqrt(np.dot(flat, flat)))


def _rms(values: FloatArray) -> float:
    return norm_of(values) / float(np.sqrt(len(values)))


def ratio_of(
    claimed: FloatArray, slope: FloatArray, noise: float, *, least: int = 2
) -> float | None:
    """Return c where claimed is c times slope throughout, in `least` places or more, else None."""
    if not claimed.any():
        return 0.0
    if len(slope) < least or not slope.any():
        return None
    unit = float(np.abs(slope).max())
    claimed, slope = claimed / unit, slope / unit  # so that no square overflows
    factor = float(claimed @ slope / (slope @ slope))
    stray = float(np.abs(claimed - factor * slope).max())
    return factor if max(stray, noise / unit) <= SAME_FACTOR * abs(factor - 1) else None


def fault(name: str, error: float, factor: float | None, *, still: bool) -> str:
    """Say what is wrong; `still` where f does not move."""
    if factor == 0.0:
        return f"{name} is zero where f is not flat"
    if factor is not None:
        return f"{name} is {factor:.6g} times what it should be"
    if still:
        return f"{name} is not zero, yet f does not move"
    return f"{name} misses the slopes of f by {error:.2g} of its norm"
