"""Check a gradient against the function it claims to be the gradient of."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from numerics.differentiation.blocks import Blocks
from numerics.differentiation.localisation import Suspect
from numerics.differentiation.measurement import (
    REACH,
    Claim,
    agreement,
    guarded_slopes,
    rounding,
    scaled_norm,
)
from numerics.differentiation.projections import tolerance_for
from numerics.differentiation.subject import Subject
from numerics.differentiation.verdicts import (
    CLEAR,
    SAME_FACTOR,
    STEP,
    Verdict,
    fault,
    norm_of,
    not_finite,
    weigh,
)
from numerics.validation import function, generator, real_array, whole_number

# Where one step cannot tell the next may: shorter, between kinks, or longer, above rounding.
STEPS = (STEP, STEP / 8, STEP * 8, STEP / 64, STEP * 64, STEP / 512, STEP / 4096)


def check_gradient(
    f: Callable[[Any], Any],
    gradient: Any,
    x: Any,
    *,
    rng: np.random.Generator | None = None,
    draws: int = 3,
    tolerance: float | None = None,
    batched: bool = False,
) -> Verdict:
    """Tell whether `gradient` is the gradient of `f` at `x`; if not, where and by what factor.

    Parameters
    ----------
    f : callable
        From something built like `x`, in float64, to one real number. It may be compiled by
        Numba. It must leave its argument as it is; your own arrays are safe from it.
    gradient : array_like or structure or callable
        Built like `x`, or a function of `x` that returns this.
    x : array_like, or dict, list or tuple of such
        Where the gradient is taken: real, finite, not empty. Its arrays are the blocks, each of
        which is judged by itself, however large the others are.
    rng : numpy.random.Generator, optional
        Source of the random directions; by default one with a fixed seed.
    draws : int
        Random directions for each block, at least 1; each costs two evaluations of `f`, and the
        blocks that fail or are in doubt some dozens more.
    tolerance : float, optional
        The error that passes, relative to the norm of the gradient's block; by default 1e-6 in
        double precision, 1e-4 for a float32 gradient. What rounding in `f` hides passes too, up
        to 1e-3: beyond that the answer is None.
    batched : bool
        Whether `f` takes many points at once: every array with one more axis in front, of length
        m, and returns m numbers.

    Returns
    -------
    Verdict
        `right` is True or False where the evidence is clear, and None where f has kinks too near x
        for every step tried, rounds too coarsely, is not finite or gives two values at one point.

    Raises
    ------
    TypeError
        If `f` is not callable or does not return real numbers, if `x` or `gradient` do not hold
        real numbers, if `rng` is no Generator or `draws` no integer.
    ValueError
        If `x` is empty or not finite, `gradient` is not built like `x`, `f` returns an array or
        changes its argument, or a number is out of range.

    Notes
    -----
    A fault of e times its block's norm passes one draw at the tolerance t with probability
    sqrt(2) t / e at most, whatever its pattern, and thrice that at a kink: `plan_projections`
    says why. One kink, wherever it stands, never makes a right gradient look wrong:
    `numerics.differentiation.verdicts` says why. A block too small to be told from rounding is
    right if both it and the rounding are below the tolerance beside the whole gradient.

    Memory: nine times that of the parameters at most, beside what `f` takes.

    Examples
    --------
    >>> import numpy as np
    >>> from numerics.differentiation import check_gradient
    >>> W = np.arange(12.0).reshape(3, 4)
    >>> slope = np.cos(W)
    >>> slope[:, 2] *= 2
    >>> verdict = check_gradient(lambda w: np.sum(np.sin(w)), slope, W)
    >>> verdict.right, verdict.where, verdict.reason
    (False, 'gradient[:, 2]', 'gradient[:, 2] is 2 times what it should be')

    """
    check = _Check(
        Subject(function("f", f), Blocks(x), batched=batched),
        generator("rng", np.random.default_rng(0) if rng is None else rng),
        whole_number("draws", draws, at_least=1),
    )
    if callable(gradient):
        arrays = [array.copy() for array in check.blocks.arrays]
        gradient = gradient(check.blocks.rebuild(arrays))
    with np.errstate(all="ignore"):  # what overflows or is NaN is judged as such
        verdict = check.judge(check.blocks.match(gradient), tolerance)
    changed = check.blocks.changed()
    if changed is not None:
        raise ValueError(f"f must leave its argument unchanged, but it changed {changed}")
    return verdict


class _Check:
    """One gradient check: the function, the start and the source of directions."""

    def __init__(self, subject: Subject, rng: np.random.Generator, draws: int) -> None:
        self.subject = subject
        self.blocks = subject.blocks
        self.rng = rng
        self.draws = draws
        self.centre = 0.0

    def judge(self, gradient: list[tuple[str, Any]], tolerance: float | None) -> Verdict:
        """Judge every block; the worst one speaks for all."""
        claims = self._claims(gradient, tolerance)
        for claim in claims:
            wrong = not_finite(claim.gradient, claim.name)
            if wrong is not None:
                return wrong
        self.centre = self.subject.centre()
        if not np.isfinite(self.centre):
            return Verdict(None, float("nan"), None, f"f(x) is {self.centre}")
        errors = self._errors_together(claims)
        whole = norm_of(np.array([claim.norm for claim in claims]))
        judged = [self._judge_block(claim, errors, whole) for claim in claims]
        if all(verdict.right for verdict, _ in judged):
            error = max(verdict.error for verdict, _ in judged)
            return Verdict(True, error, None, "the gradient agrees with the slopes of f")
        if self.subject.centre() != self.centre:
            reason = "f gives different values at the same point"
            return Verdict(None, float("nan"), None, reason)
        wrong_ones = [claim for claim in claims if judged[claim.block][0].right is False]
        if not wrong_ones:
            return _open(claims, [verdict for verdict, _ in judged])
        shared = _shared_factor([verdict for verdict, _ in judged])
        if shared is not None:
            return shared
        worst = max(wrong_ones, key=lambda claim: judged[claim.block][0].error)
        found = self._located(worst, *judged[worst.block])
        others = ", ".join(claim.name for claim in wrong_ones if claim is not worst)
        return replace(found, reason=f"{found.reason}; wrong too: {others}") if others else found

    def _claims(self, gradient: list[tuple[str, Any]], tolerance: float | None) -> list[Claim]:
        claims = []
        for block, (path, leaf) in enumerate(gradient):
            x = self.blocks.arrays[block]
            array = real_array(path, leaf, shape=x.shape)
            limit = tolerance_for(leaf, tolerance)
            norm = scaled_norm(array, self.blocks.scales[block])
            claims.append(Claim(block, self.blocks.names[block], array, norm, limit))
        return claims

    def _errors_together(self, claims: list[Claim]) -> dict[int, float | None]:
        """Return the errors of blocks that agree, and None for each that does not.

        Those of like norm move at once; where one spoils the agreement, a draw of each finds it,
        and the others move together again. Blocks of which nothing can be said are left out.
        """
        largest = max(claim.norm for claim in claims)
        alike = [claim for claim in claims if 0.0 < largest <= REACH * claim.norm]
        if len(alike) < 2:
            return {}
        errors: dict[int, float | None] = {}
        error = agreement(self.subject, alike, self.rng, self.draws)
        if error is None:
            probed = [(claim, agreement(self.subject, [claim], self.rng, 1)) for claim in alike]
            errors = {claim.block: None for claim, met in probed if met is None}
            alike = [claim for claim, met in probed if met is not None]
            error = agreement(self.subject, alike, self.rng, self.draws) if alike else None
        return errors if error is None else errors | {claim.block: error for claim in alike}

    def _judge_block(
        self, claim: Claim, errors: dict[int, float | None], whole: float
    ) -> tuple[Verdict, float]:
        """Return the verdict on one block, whose error may be known, and the step it took."""
        if claim.block in errors:
            error = errors[claim.block]
        else:
            error = agreement(self.subject, [claim], self.rng, self.draws)
        if error is not None:
            return Verdict(True, error, None, f"{claim.name} agrees with the slopes of f"), STEP
        undecided = []
        for step in STEPS:
            measured = guarded_slopes(
                self.subject, claim, self.rng, draws=self.draws, step=step, centre=self.centre
            )
            verdict = weigh(
                measured,
                claim.norm,
                tolerance=claim.tolerance,
                name=claim.name,
                reference=whole,
            )
            if verdict.right is not None:
                return verdict, step
            undecided.append(verdict)
        return undecided[0], STEP

    def _located(self, claim: Claim, verdict: Verdict, step: float) -> Verdict:
        """Name the smallest part of a wrong block that is wrong."""
        if verdict.factor is None:
            noise = float(rounding(np.array([self.centre]), step, self.subject.unit))
            limit = max(claim.tolerance * claim.norm, CLEAR * noise)
            found = Suspect(self.subject, claim, limit, step).locate(self.rng, self.centre)
            if found is not None:
                return replace(found, error=verdict.error)
        return replace(verdict, where=claim.name, index=())


def _open(claims: list[Claim], verdicts: list[Verdict]) -> Verdict:
    """Return the first verdict that cannot tell, naming its block where there are several."""
    claim, verdict = next(
        pair for pair in zip(claims, verdicts, strict=True) if pair[1].right is None
    )
    if len(claims) == 1:
        return verdict
    return replace(verdict, reason=f"{claim.name} cannot be judged: {verdict.reason}")


def _shared_factor(verdicts: list[Verdict]) -> Verdict | None:
    """Return the verdict on a gradient all of whose blocks are off by one factor, else None."""
    factors = [verdict.factor for verdict in verdicts]
    first = factors[0]
    if first is None or len(verdicts) == 1:
        return None
    if any(c is None or abs(c - first) > SAME_FACTOR * abs(first - 1) for c in factors):
        return None
    error = max(verdict.error for verdict in verdicts)
    reason = fault("the whole gradient", error, first, still=False)
    return Verdict(False, error, first, reason, "gradient")
