"""Which part of a gradient is wrong: its columns, rows or elements.

A single wrong place along an axis is read off: with every place moved by a share of the step that
grows along the axis, the gradient misses the slope of f by that place's share of what it missed
before. Several are found by halving.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from numerics.differentiation.measurement import (
    PAIR,
    Claim,
    Cloud,
    claimed_rises,
    guarded_slopes,
    scaled_norm,
)
from numerics.differentiation.subject import Subject
from numerics.differentiation.verdicts import Index, Verdict, weigh
from numerics.validation import FloatArray

MOST: Final = 3  # more wrong places along one axis than this: the fault is spread along it
NEAR: Final = 0.1  # a share this near to a place's own, in units of what parts two places, is its
CONFIRMING: Final = 3  # draws that must agree on what was found


@dataclass(frozen=True)
class Suspect:
    """A block whose gradient is known to be wrong.

    Attributes
    ----------
    subject : Subject
    claim : Claim
    limit : float
        What one slope may be missed by.
    step : float
        The h at which the block was found to be wrong.

    """

    subject: Subject
    claim: Claim
    limit: float
    step: float

    def locate(self, rng: np.random.Generator, centre: float) -> Verdict | None:
        """Return the verdict on the smallest part that is wrong; None where it is the whole block.

        Along each axis it takes six evaluations of f to find a place that alone is wrong, two for
        each halving else. Where more than three places are wrong the axis is left whole.
        """
        shape = self.claim.gradient.shape
        index: list[int | slice | tuple[int, ...]] = [slice(None)] * len(shape)
        for axis in reversed(range(len(shape))):
            wrong = self._wrong_places(axis, index, rng)
            if 1 < len(wrong) <= MOST:  # a kink may have joined them
                trials = [(place, (*index[:axis], place, *index[axis + 1 :])) for place in wrong]
                wrong = tuple(
                    place for place, trial in trials if self._is_wrong(trial, rng, centre)
                )
            if len(wrong) == 1:
                index[axis] = wrong[0]
            elif 1 < len(wrong) <= MOST and len(wrong) < shape[axis] and _whole_or_one(index):
                index[axis] = wrong
        if all(isinstance(part, slice) for part in index):
            return None
        return self._confirm(tuple(index), rng, centre)

    def _wrong_places(
        self, axis: int, index: list[int | slice | tuple[int, ...]], rng: np.random.Generator
    ) -> tuple[int, ...]:
        """Return where along `axis` the gradient is wrong; () where it is in too many places."""
        x = self.subject.blocks.arrays[self.claim.block]
        if x.shape[axis] == 1:
            return ()
        cloud = Cloud(x, self.subject.blocks.scales[self.claim.block], stencil=PAIR)
        cloud.scatter(rng, self.step, tuple(index))
        whole = cloud.points[0]  # two points, moved wherever the search still looks
        miss = self._miss(whole)
        if abs(miss) <= self.limit:
            return ()
        place = self._only_place(axis, whole, miss)
        return self._halved(axis, whole, miss) if place is None else (place,)

    def _only_place(self, axis: int, whole: FloatArray, miss: float) -> int | None:
        """Return the place that alone makes the gradient miss by so much, None if there is none."""
        x = self.subject.blocks.arrays[self.claim.block]
        length = x.shape[axis]
        shares = 0.5 + np.arange(length) / length  # of the step: half of it to one and a half
        part = whole - x
        part *= shares.reshape(-1, *(1,) * (x.ndim - axis - 1))
        part += x
        read = (self._miss(part) / miss - 0.5) * length
        if not (abs(read - np.rint(read)) <= NEAR and -NEAR <= read <= length - 1 + NEAR):
            return None  # NaN as well
        place = round(read)
        part[:] = whole
        there = (slice(None),) * axis + (place,)
        part[:, *there] = x[there]
        return place if abs(self._miss(part)) <= self.limit else None

    def _halved(self, axis: int, whole: FloatArray, miss: float) -> tuple[int, ...]:
        """Return the places that are wrong, or () as soon as they are known to be too many."""
        x = self.subject.blocks.arrays[self.claim.block]
        part = np.empty_like(whole)
        wrong = [(0, x.shape[axis], miss)]
        while len(wrong) <= MOST and any(stop - start > 1 for start, stop, _ in wrong):
            parts = []
            for start, stop, both in wrong:
                if stop - start == 1:
                    parts.append((start, stop, both))
                    continue
                middle = (start + stop) // 2
                half = (slice(None),) * (axis + 1) + (slice(start, middle),)
                part[:] = x
                part[half] = whole[half]
                first = self._miss(part)  # the rest of the miss is the other half's
                parts += [(start, middle, first), (middle, stop, both - first)]
            wrong = [found for found in parts if not abs(found[2]) <= self.limit]  # NaN is wrong
        return tuple(start for start, _, _ in wrong) if len(wrong) <= MOST else ()

    def _miss(self, points: FloatArray) -> float:
        """Return by how much the gradient misses the slope of f between two points."""
        ahead, behind = self.subject.values({self.claim.block: points})
        scratch = np.empty(points.shape[1:])
        rise = claimed_rises(points[None], self.claim.gradient, scratch)[0]
        return float(ahead - behind - rise) / (2 * self.step)

    def _is_wrong(self, index: Index, rng: np.random.Generator, centre: float) -> bool:
        """Tell whether the gradient is wrong within `index`: one draw that is clear is enough."""
        return any(self._confirm(index, rng, centre, draws) for draws in (1, CONFIRMING))

    def _confirm(
        self, index: Index, rng: np.random.Generator, centre: float, draws: int = CONFIRMING
    ) -> Verdict | None:
        """Return the verdict on the gradient within `index`, or None where it is not wrong."""
        measured = guarded_slopes(
            self.subject,
            self.claim,
            rng,
            draws=draws,
            step=self.step,
            centre=centre,
            index=index,
        )
        scale = self.subject.blocks.scales[self.claim.block]
        norm = scaled_norm(self.claim.gradient[index], None if scale is None else scale[index])
        where = written(self.claim.name, index)
        verdict = weigh(measured, norm, tolerance=self.claim.tolerance, name=where)
        if verdict.right is not False:
            return None
        return Verdict(False, verdict.error, verdict.factor, verdict.reason, where, index)


def written(name: str, index: Index) -> str:
    """Write an index as one would in NumPy: ``W1[3, :]``."""
    if not index:
        return name
    parts = [
        ":" if isinstance(part, slice) else str(list(part) if isinstance(part, tuple) else part)
        for part in index
    ]
    return f"{name}[{', '.join(parts)}]"


def enclosing(faulty: NDArray[np.bool_]) -> Index:
    """Return the smallest index that holds every True of `faulty`, of at most MOST places an axis.

    () where that is the whole array. One axis at most is given as several places: NumPy reads
    two such lists as pairs.
    """
    index: list[int | slice | tuple[int, ...]] = []
    for axis, length in enumerate(faulty.shape):
        others = tuple(k for k in range(faulty.ndim) if k != axis)
        places = tuple(int(i) for i in np.flatnonzero(faulty.any(axis=others)))
        if len(places) == 1 and length > 1:
            index.append(places[0])
        elif len(places) <= MOST and len(places) < length and _whole_or_one(index):
            index.append(places)
        else:
            index.append(slice(None))
    return () if all(isinstance(part, slice) for part in index) else tuple(index)


def _whole_or_one(index: list[int | slice | tuple[int, ...]]) -> bool:
    return not any(isinstance(part, tuple) for part in index)
