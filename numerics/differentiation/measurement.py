"""Slopes of a function along random directions, one block of its parameters at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from numerics.differentiation.subject import Subject
from numerics.differentiation.verdicts import (
    COARSEST,
    ROUNDING,
    SPREAD,
    STEP,
    Index,
    Slopes,
    norm_of,
)
from numerics.validation import FloatArray

STENCIL = (1.0, -1.0, 0.5, -0.5)  # x + h v, x - h v, and the same with h/2
PAIR = STENCIL[:2]
REACH: Final = 16.0  # blocks are measured together while their norms are within this ratio


def direction(rng: np.random.Generator, out: FloatArray, scratch: FloatArray) -> None:
    """Fill `out` with independent numbers, uniform on [-1.5, -0.5] and [0.5, 1.5]."""
    rng.random(out=out)
    out *= 2.0
    out -= 1.0
    np.copysign(0.5, out, out=scratch)
    out += scratch


class Cloud:
    """Points around x along random directions, in arrays that every draw uses again.

    Parameters
    ----------
    x : ndarray of float64
    scale : ndarray or None
        As `numerics.differentiation.blocks.scale_of` gives it.
    draws : int
        How many directions at a time.
    stencil : tuple of float
        Which multiples of the step to take along each.

    Attributes
    ----------
    points : ndarray, shape (draws, len(stencil), *x.shape)

    """

    def __init__(
        self,
        x: FloatArray,
        scale: FloatArray | None,
        *,
        draws: int = 1,
        stencil: tuple[float, ...] = STENCIL,
    ) -> None:
        self._x = x
        self._scale = scale
        self._stencil = stencil
        self._move = np.empty(x.shape)
        self._scratch = np.empty(x.shape)
        self.points = np.empty((draws, len(stencil), *x.shape))

    def scatter(self, rng: np.random.Generator, step: float, index: Index = ()) -> None:
        """Put the points around x anew; they move within x[index] only."""
        for draw in range(len(self.points)):
            self._turn(rng, index)
            for k, part in enumerate(self._stencil):
                np.multiply(self._move, part * step, out=self._scratch)
                np.add(self._x, self._scratch, out=self.points[draw, k, ...])

    def _turn(self, rng: np.random.Generator, index: Index) -> None:
        if index:
            part = np.empty(np.shape(self._x[index]))
            direction(rng, part, np.empty(part.shape))
            self._move[...] = 0.0
            self._move[index] = part
        else:
            direction(rng, self._move, self._scratch)
        if self._scale is not None:
            self._move *= self._scale

    def claimed(self, gradient: FloatArray) -> FloatArray:
        """Return `claimed_rises` of `gradient` along the directions as they are."""
        return claimed_rises(self.points, gradient, self._scratch)


def claimed_rises(points: FloatArray, gradient: FloatArray, scratch: FloatArray) -> FloatArray:
    """Return by how much f rises between the last two points of each draw, says `gradient`.

    Their difference as it was rounded is what counts, not the step that was meant.
    """
    rises = np.empty(len(points))
    for draw in range(len(points)):
        np.subtract(points[draw, -2, ...], points[draw, -1, ...], out=scratch)
        rises[draw] = np.dot(scratch.ravel(), gradient.ravel())
    return rises


def scaled_norm(gradient: FloatArray, scale: FloatArray | None) -> float:
    """Return the norm of `gradient`, each element times the scale of its step."""
    return norm_of(np.asarray(gradient if scale is None else gradient * scale))


def rounding(values: FloatArray, step: float, unit: float) -> FloatArray:
    """Return what rounding in f may do to a slope measured with `step`.

    Parameters
    ----------
    values : ndarray, shape (..., k)
        f at the k points of each slope.
    unit : float
        As `rounding_unit` gives it.

    """
    return np.asarray(ROUNDING * unit / step * np.abs(values).max(axis=-1))


def slopes(
    values: FloatArray, centre: float, rises: FloatArray, step: float, unit: float
) -> Slopes:
    """Return what f says along each direction beside what is claimed.

    Parameters
    ----------
    values : ndarray, shape (draws, 4)
        f at the points of a `Cloud`; `centre` is f(x).
    rises : ndarray, shape (draws,)
        As `claimed_rises` gives them.
    unit : float
        As `rounding_unit` gives it.

    """
    ahead, behind, near_ahead, near_behind = values.T
    return Slopes(
        coarse=(ahead - behind) / (2 * step),
        fine=(near_ahead - near_behind) / step,
        coarse_bend=(ahead + behind - 2 * centre) / step,
        fine_bend=(near_ahead + near_behind - 2 * centre) / (step / 2),
        claimed=rises / step,
        noise=rounding(values, step, unit),
    )


@dataclass(frozen=True)
class Claim:
    """What is said to be the gradient of one block.

    Attributes
    ----------
    block : int
        Which block.
    name : str
        What it is called.
    gradient : ndarray of float64, the shape of that block
    norm : float
        `scaled_norm` of the gradient.
    tolerance : float
        The error that passes, relative to the norm.

    """

    block: int
    name: str
    gradient: FloatArray
    norm: float
    tolerance: float


def guarded_slopes(
    subject: Subject,
    claim: Claim,
    rng: np.random.Generator,
    *,
    draws: int,
    step: float,
    centre: float,
    index: Index = (),
) -> Slopes:
    """Measure one block, or its part `index`, with the second step that gives kinks away."""
    x = subject.blocks.arrays[claim.block]
    portion = subject.portion([claim.block], draws, len(STENCIL))
    cloud = Cloud(x, subject.blocks.scales[claim.block], draws=portion)
    parts = []
    for _ in range(0, draws, portion):
        cloud.scatter(rng, step, index)
        rises = cloud.claimed(claim.gradient)
        values = subject.values({claim.block: cloud.points.reshape(-1, *x.shape)})
        parts.append(slopes(values.reshape(portion, -1), centre, rises, step, subject.unit))
    return Slopes(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def agreement(
    subject: Subject, claims: Sequence[Claim], rng: np.random.Generator, draws: int
) -> float | None:
    """Return the error of gradients that meet D(h) in every draw; None where they do not.

    A kink may spoil an agreement but makes none: this needs no second step. All blocks move at
    once, each by a step in inverse proportion to its norm, so that a fault of a given share of
    its block weighs the same in every block.

    Parameters
    ----------
    claims : sequence of Claim
        Their norms within REACH of each other, or a single one.

    """
    largest = max(claim.norm for claim in claims)
    tolerance = min(claim.tolerance for claim in claims)
    arrays = subject.blocks.arrays
    portion = subject.portion([claim.block for claim in claims], draws, len(PAIR))
    clouds = [
        Cloud(arrays[k], subject.blocks.scales[k], draws=portion, stencil=PAIR)
        for k in (claim.block for claim in claims)
    ]
    error = 0.0
    for _ in range(0, draws, portion):
        rises, moved = np.zeros(portion), {}
        for claim, cloud in zip(claims, clouds, strict=True):
            cloud.scatter(rng, STEP * (largest / claim.norm if claim.norm else 1.0))
            rises += cloud.claimed(claim.gradient)
            moved[claim.block] = cloud.points.reshape(-1, *arrays[claim.block].shape)
        values = subject.values(moved)
        miss = float(np.abs(values[::2] - values[1::2] - rises).max()) / (2 * STEP)
        if miss == largest == 0.0:
            continue
        noise = rounding(values, STEP, subject.unit)
        if not (2 * noise <= COARSEST * largest and miss <= tolerance * largest):  # NaN fails too
            return None
        error = max(error, miss / (SPREAD * largest))
    return error
