"""What must hold of flips, crops and blends, whatever chance draws.

The mistakes that are named are those of the topic `regularisers`. `looks` is the number of
observations that a check makes, over which its probability of a false alarm is shared.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checks.chance import (
    PLAUSIBLE,
    is_exact_share,
    normal_below,
    out_of,
    tied_axis,
    wrong_rate,
)
from grader.checks.properties import Problem
from grader.checks.statistics import beta_below, binomial_tail, improbable
from grader.checks.trial import Result

Array = np.ndarray[Any, Any]
UNSEEN = 1e-15  # a part so small that it may be none
SMALL, LARGE = 0.1, 8.0  # the two alphas: nearly pure examples, and nearly halves
MARGIN = {SMALL: 0.02, LARGE: 0.25}  # lam is in the middle where it is so far from 0 and from 1
ROWS = 6
STILL = 1 / math.factorial(ROWS)  # how often a random permutation moves no row


def each_alike(left: Array, right: Array, result: Result) -> Array:
    """Tell for every image whether it is the same in both, up to rounding; pixels are at most 1."""
    near = np.abs(left - right) <= 10 * result.tolerance.relative
    alike: Array = near.reshape(len(near), -1).all(axis=1)
    return alike


def flips(result: Result) -> Array:
    """Return which images were mirrored."""
    return each_alike(out_of(result), result.args[0][:, :, ::-1], result)


def flips_only(result: Result) -> Problem | None:
    """Find an image that is neither itself nor its mirror image."""
    images = result.args[0]
    neither = ~(flips(result) | each_alike(out_of(result), images, result))
    if not neither.any():
        return None
    place = int(np.flatnonzero(neither)[0])
    return Problem(
        f"Image {place} is neither what it was nor its mirror image ({int(neither.sum())} of "
        f"{len(images)} are not).",
        expected=f"rows of image {place}, each as it was or each reversed",
        got=np.array2string(out_of(result)[place], precision=3),
        suggestion="The columns are axis 2 of (N, H, W, C); image[:, ::-1] reverses one image's.",
    )


def flip_rate(result: Result) -> Problem | None:
    """Find a wrong rate. Three cases with one look each."""
    p = result.args[1]
    return wrong_rate(
        "images were mirrored",
        flips(result),
        p,
        looks=3,
        mistakes=[
            ("probability_exchanged", 1 - p),
            ("half_fixed", 0.5),
            ("normal_for_uniform", normal_below(p)),
            ("drawn_with_replacement", 1 - math.exp(-p)),
        ],
    )


def flips_on_their_own(results: Sequence[Result]) -> Problem | None:
    """Find images that go together, or the same number every time. Two looks."""
    flipped = np.array([flips(result) for result in results[:-1]])
    p, counts = results[0].args[1], [int(row.sum()) for row in flipped]
    if set(counts) == {flipped.shape[1]}:
        return Problem("In every call all images were mirrored.", mistake="always")
    if set(counts) == {0, flipped.shape[1]}:
        return Problem(
            "In every call either all images were mirrored or none.",
            suggestion="Draw once for each image: rng.random(len(images)).",
            mistake="whole_batch",
        )
    if tied_axis(flipped.ravel(), p, looks=2) is not None:
        return Problem("Neighbouring images are mirrored together more often than by chance.")
    if is_exact_share(counts, flipped.shape[1], p):
        return Problem(
            f"In each of {len(counts)} calls exactly {counts[0]} of {flipped.shape[1]} images were "
            "mirrored; chance would vary.",
            suggestion="Each image has a draw of its own, whatever the others do.",
            mistake="exact_share",
        )
    return None


def surrounded(images: Array, padding: int, **how: Any) -> Array:
    """Return images with a border."""
    border = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
    wider: Array = np.pad(images, border[: images.ndim], **how)
    return wider


def window_of(result: Result, **border: Any) -> Array:
    """Return the number of every image's window, row by row; -1 where it is none of them."""
    images, padding = result.args[:2]
    height, width = images.shape[1:3]
    padded = surrounded(images, padding, **border)
    out, places = out_of(result), 2 * padding + 1
    found = np.full(len(images), -1)
    for place in range(places**2):
        top, left = divmod(place, places)
        window = padded[:, top : top + height, left : left + width]
        found[each_alike(out, window, result)] = place
    return found


def windows_only(result: Result) -> Problem | None:
    """Find an image that is no window of its padded self."""
    outside = window_of(result) < 0
    if not outside.any():
        return None
    borders: dict[str, dict[str, Any]] = {
        "edges_repeated": {"mode": "edge"},
        "edges_mirrored": {"mode": "reflect"},
        "wrapped_around": {"mode": "wrap"},
        "filled_with_the_mean": {"constant_values": result.args[0].mean()},
    }
    known = (name for name, how in borders.items() if (window_of(result, **how) >= 0).all())
    place = int(np.flatnonzero(outside)[0])
    return Problem(
        f"Image {place} is no window of that image with {result.args[1]} rows and columns of zeros "
        f"around it ({int(outside.sum())} of {len(outside)} are none).",
        got=np.array2string(out_of(result)[place], precision=3),
        mistake=next(known, ""),
    )


def places_alike(result: Result) -> Problem | None:
    """Find places that come too often or too seldom. With 3 and 5 places a side: 15 + 35 looks."""
    padding = result.args[1]
    places = 2 * padding + 1
    found = window_of(result)
    tops, lefts = found // places, found % places
    looked_at = [(f"at top {i}", tops == i, 1 / places) for i in range(places)]
    looked_at += [(f"at left {i}", (found >= 0) & (lefts == i), 1 / places) for i in range(places)]
    looked_at += [
        (f"at top {i // places}, left {i % places}", found == i, 1 / places**2)
        for i in range(places**2)
    ]
    for where, here, probability in looked_at:
        wrong = wrong_rate(f"images were cut out {where}", here, probability, looks=50)
        if wrong:
            whole = found.min() >= 0
            mistake = _place_mistake(tops, lefts, padding) if whole else ""
            return Problem(wrong.message, wrong.expected, wrong.got, mistake=mistake)
    return None


def _place_mistake(tops: Array, lefts: Array, padding: int) -> str:
    """Return the mistake that draws such places."""
    highest = int(max(tops.max(), lefts.max()))
    if np.ptp(tops) == 0 and np.ptp(lefts) == 0:
        return "one_place_for_the_batch"
    if np.ptp(tops) == 0 or np.ptp(lefts) == 0:
        return "one_direction"
    if (tops == lefts).all():
        return "along_the_diagonal"
    if highest == 2 * padding - 1 and padding > 1:
        return "last_place_left_out"
    return "half_the_places" if highest == padding and padding > 1 else ""


def parts(result: Result) -> Array:
    """Return, by the labels, how much of each row (columns) is in each blend (rows)."""
    assert result.got is not None
    classes = result.args[1].argmax(axis=1)
    found: Array = np.asarray(result.got["mixed_y"], np.float64)[:, classes]
    return found


def parts_of_x(result: Result) -> Array:
    """Return the same by the examples, where there are more features than rows."""
    x = result.args[0].reshape(len(result.args[0]), -1).astype(np.float64)
    assert result.got is not None
    mixed = np.asarray(result.got["mixed_x"], np.float64).reshape(len(x), -1)
    found: Array = np.linalg.lstsq(x.T, np.nan_to_num(mixed).T, rcond=None)[0].T
    return found


def partners(mix: Array) -> Array:
    """Return which other rows are in each blend."""
    other: Array = np.abs(mix) > UNSEEN
    np.fill_diagonal(other, val=False)
    return other


def blends(result: Result) -> Problem | None:
    """Find an example that is not blended as its label says, or parts that are no blend."""
    x, y = result.args[:2]
    assert result.got is not None
    mix = parts(result)
    mixed_x, mixed_y = (np.asarray(result.got[n], np.float64) for n in ("mixed_x", "mixed_y"))
    told = np.tensordot(mix, x, axes=1)
    if not result.close(mixed_x, told) or not result.close(mixed_y, mix @ y):
        row = int(np.abs(mixed_x - told).reshape(len(x), -1).max(axis=1).argmax())
        return Problem(
            f"Row {row} of mixed_x is not blended as its label says: the label holds "
            f"{_in_words(mix[row])}.",
            suggestion="Use the same lam and the same partner for x and for y_onehot.",
            mistake=_label_mistake(mix, parts_of_x(result)),
        )
    slack = 10 * result.tolerance.relative
    if not (np.abs(mix.sum(axis=1) - 1) <= slack).all() or not (mix >= -slack).all():
        row = int(np.abs(mix.sum(axis=1) - 1).argmax())
        return Problem(
            f"Row {row} of mixed_y holds {_in_words(mix[row])}; its parts should be lam and "
            "1 - lam, none of them negative.",
            mistake="parts_do_not_add_up",
        )
    if (partners(mix).sum(axis=1) > 1).any():
        return Problem("A blend holds more than two examples.")
    if (partners(mix).sum(axis=0) > 1).any():
        row = int(partners(mix).sum(axis=0).argmax())
        return Problem(
            f"Example {row} is the partner of {int(partners(mix)[:, row].sum())} others; in a "
            "permutation every row comes once.",
            suggestion="rng.permutation(len(x)) takes every row exactly once.",
            mistake="not_a_permutation",
        )
    return None


def _in_words(mix: Array) -> str:
    return " and ".join(f"{part:.4g} of row {i}" for i, part in enumerate(mix) if part) or "nothing"


def _label_mistake(mix: Array, of_x: Array) -> str:
    """Return the mistake that blends labels so while it blends examples otherwise."""
    if np.isin(mix, (0, 1)).all():
        return "labels_not_blended"
    if not np.allclose(of_x.sum(axis=1), 1) or not np.allclose(mix.sum(axis=1), 1):
        return ""
    if (partners(mix) != (partners(np.where(np.abs(of_x) > 1e-9, of_x, 0)))).any():
        return "partners_of_their_own"
    blended = partners(mix).any(axis=1)
    exchanged = np.allclose(np.diag(mix)[blended], 1 - np.diag(of_x)[blended])
    return "label_parts_exchanged" if exchanged else "shares_of_their_own"


@dataclass(frozen=True)
class Look:
    """One observation of the lam of many calls.

    Parameters
    ----------
    alpha
        Of which calls.
    where
        What lam is, for reading.
    counts
        Tells for each lam whether it is that.
    right
        How often it is. A lam shows in the rows that have a partner; chance may leave none, and a row
        whose own part is 1 to all digits looks like one without. So there is a small range, given by
        its ends and the value between them.
    mistaken
        How often it is for who makes a mistake.
    """

    alpha: float
    where: str
    counts: Callable[[Array], Array]
    right: tuple[float, ...]
    mistaken: Mapping[str, float]


def _looks() -> Iterator[Look]:
    for alpha, margin in MARGIN.items():
        unseen = beta_below(UNSEEN, alpha)
        middle = 1 - 2 * beta_below(margin, alpha)
        yield Look(
            alpha,
            f"between {margin:g} and {1 - margin:g}",
            lambda lam, margin=margin: (lam > margin) & (lam < 1 - margin),  # type: ignore[misc]
            (middle * (1 - STILL), middle, middle / (1 - unseen)),
            {
                "uniform_share": 1 - 2 * margin,
                "one_over_alpha": 1 - 2 * beta_below(margin, 1 / alpha),
                "larger_part_stays": middle,
                "beta_of_alpha_and_one": (1 - margin) ** alpha - margin**alpha,
            },
        )
        yield Look(
            alpha,
            "above 0.5",
            lambda lam: lam > 0.5,
            ((0.5 - unseen) / (1 - unseen), 0.5, 0.5 + STILL),
            {
                "uniform_share": 0.5,
                "one_over_alpha": 0.5,
                "larger_part_stays": 1.0,
                "beta_of_alpha_and_one": 1 - 0.5**alpha,
            },
        )


LOOKS = tuple(_looks())


def own_parts(results: Sequence[Result], alpha: float) -> Array:
    """Return for each call how much of itself its first blended row has; 1 where none is blended.

    The last call is left out: it repeats the first.
    """
    mixes = np.array([parts(result) for result in results if result.args[2] == alpha][:-1])
    other = np.abs(mixes) > UNSEEN
    other[:, range(ROWS), range(ROWS)] = False
    blended = other.any(axis=2)
    own = mixes[np.arange(len(mixes)), blended.argmax(axis=1), blended.argmax(axis=1)]
    return np.where(blended.any(axis=1), own, 1.0)


def share_drawn(results: Sequence[Result]) -> Problem | None:
    """Find a lam that is not from Beta(alpha, alpha). Four looks."""
    seen = {alpha: own_parts(results, alpha) for alpha in MARGIN}
    if all((lam == 1).all() for lam in seen.values()):
        return Problem("No row was blended with another one.", mistake="not_blended")
    for mistake, of_alpha in (("halves", 0.0), ("alpha_as_share", 1.0)):
        if all(np.allclose(lam, of_alpha * alpha or 0.5) for alpha, lam in seen.items()):
            every = ", ".join(f"{lam[0]:.4g} with alpha {alpha:g}" for alpha, lam in seen.items())
            says = "lam = rng.beta(alpha, alpha) draws it."
            return Problem(
                f"lam is the same in every call: {every}.", suggestion=says, mistake=mistake
            )
    counts = [(int(look.counts(seen[look.alpha]).sum()), seen[look.alpha].size) for look in LOOKS]
    for look, (count, calls) in zip(LOOKS, counts, strict=True):
        if improbable(max(binomial_tail(count, calls, p) for p in look.right), len(LOOKS)):
            about = f"about {calls * look.right[1]:.0f}"
            return Problem(
                f"With alpha {look.alpha:g} lam was {look.where} in {count} of {calls} calls; drawn "
                f"from Beta(alpha, alpha) it is in {about} of them.",
                expected=f"{about} of {calls}",
                got=f"{count} of {calls}",
                mistake=_share_mistake(counts),
            )
    return None


def _share_mistake(counts: Sequence[tuple[int, int]]) -> str:
    """Return the mistake that best explains all looks, if one does."""
    fits = {
        mistake: [
            binomial_tail(count, calls, look.mistaken[mistake])
            for look, (count, calls) in zip(LOOKS, counts, strict=True)
        ]
        for mistake in LOOKS[0].mistaken
    }
    best = max(fits, key=lambda mistake: math.prod(fits[mistake]))
    return best if min(fits[best]) > PLAUSIBLE else ""
