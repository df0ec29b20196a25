"""Tails are exact, far out too; and what stands on them tells chance from mistakes."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from grader.checks.chance import draws, is_exact_share, tied_axis, wrong_rate
from grader.checks.statistics import (
    FALSE_ALARM,
    beta_below,
    binomial_tail,
    chi_square_tail,
    hypergeometric_tail,
    improbable,
    normal_tail,
    together_bound,
)
from grader.student.wire import Generator


def binomial_by_fractions(trials, probability):
    """Return the smaller tail of every count, summed as fractions: nothing is rounded."""
    p = Fraction(probability)
    of = [math.comb(trials, k) * p**k * (1 - p) ** (trials - k) for k in range(trials + 1)]
    lower = list(itertools.accumulate(of))
    return [float(min(below, 1 - below + here)) for below, here in zip(lower, of, strict=True)]


@pytest.mark.parametrize("probability", [0.001, 0.2, 0.5, 0.96, 0.9999])
def test_a_binomial_tail_is_the_exact_sum(probability):
    for trials in (1, 2, 17, 40):
        got = [binomial_tail(k, trials, probability) for k in range(trials + 1)]
        assert got == pytest.approx(binomial_by_fractions(trials, probability), rel=1e-11)


@pytest.mark.parametrize("probability", [0.125, 0.25, 0.75])
def test_a_binomial_tail_is_exact_far_out(probability):
    exact = binomial_by_fractions(300, probability)
    assert 0 < min(exact) < 1e-37
    got = [binomial_tail(k, 300, probability) for k in range(301)]
    assert got == pytest.approx(exact, rel=1e-10, abs=0)


def test_a_binomial_tail_agrees_with_scipy_for_many_trials():
    for successes in (0, 900, 1000, 1100, 1300):
        law = stats.binom(100_000, 0.01)
        right = min(law.cdf(successes), law.sf(successes - 1))
        assert binomial_tail(successes, 100_000, 0.01) == pytest.approx(right, rel=1e-8)


def test_what_never_or_always_happens_has_no_tail():
    assert [binomial_tail(k, 5, 0.0) for k in (0, 1, 5)] == [1.0, 0.0, 0.0]
    assert [binomial_tail(k, 5, 1.0) for k in (5, 4, 0)] == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("terms", [2, 4, 10, 300, 2000])
def test_a_chi_square_tail_agrees_with_scipy(terms):
    law = stats.chi2(terms)
    for sigmas in (-3, -1, 0, 1, 3, 6):
        total = terms + sigmas * math.sqrt(2 * terms)
        if total > 0:
            right = min(law.cdf(total), law.sf(total))
            assert chi_square_tail(total, terms) == pytest.approx(right, rel=1e-8, abs=1e-13)


def test_two_squares_are_an_exponential():
    assert chi_square_tail(200.0, 2) == pytest.approx(math.exp(-100), rel=1e-12)
    assert chi_square_tail(60.0, 4) == pytest.approx(31 * math.exp(-30), rel=1e-12)


def test_a_sum_of_squares_that_is_none_has_no_tail():
    assert [chi_square_tail(x, 4) for x in (0.0, -1.0, math.inf, math.nan)] == [0.0] * 4


def test_an_odd_number_of_squares_is_refused():
    with pytest.raises(ValueError, match="leave one value out"):
        chi_square_tail(3.0, 3)


@pytest.mark.parametrize("sigmas", [0.0, 0.5, 2.0, 6.0, 30.0])
def test_a_normal_tail_agrees_with_scipy_on_either_side(sigmas):
    mean = sigmas * 1.5 / math.sqrt(40)
    right = pytest.approx(stats.norm.sf(sigmas), rel=1e-9)
    assert normal_tail(mean, 40, 1.5) == right
    assert normal_tail(-mean, 40, 1.5) == right


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.5, 1.0, 2.5, 8.0, 10.0])
def test_a_symmetric_beta_law_agrees_with_scipy(alpha):
    for x in (1e-15, 0.02, 0.25, 0.5):
        right = stats.beta(alpha, alpha).cdf(x)
        assert beta_below(x, alpha) == pytest.approx(right, rel=1e-10)
    assert beta_below(0.0, alpha) == 0.0


def test_known_beta_laws():
    assert beta_below(0.3, 1.0) == pytest.approx(0.3, rel=1e-14)
    assert beta_below(0.3, 2.0) == pytest.approx(3 * 0.3**2 - 2 * 0.3**3, rel=1e-14)
    assert beta_below(0.3, 0.5) == pytest.approx(2 / math.pi * math.asin(math.sqrt(0.3)), rel=1e-13)


@pytest.mark.parametrize("x", [-0.1, 0.6, math.nan])
def test_the_other_half_of_a_beta_law_is_refused(x):
    with pytest.raises(ValueError, match=r"from 0 to 0\.5"):
        beta_below(x, 2.0)


def test_looks_share_the_false_alarms():
    """Whatever is drawn, the tails that are called improbable add up to no more than was promised."""
    for looks in (1, 10):
        law = stats.binom(60, 0.3)
        alarms = [k for k in range(61) if improbable(binomial_tail(k, 60, 0.3), looks)]
        alarm = sum(law.pmf(k) for k in alarms)
        assert 0 < alarm * looks <= FALSE_ALARM


def test_a_wrong_rate_is_told_with_the_mistake_that_has_that_rate():
    rng = np.random.default_rng(0)
    happened = rng.random(3000) < 0.75
    assert wrong_rate("went", happened, 0.75, looks=3) is None
    mistakes = [("half", 0.5), ("exchanged", 0.75), ("normal", 0.6)]
    told = wrong_rate("went", happened, 0.25, looks=3, mistakes=mistakes)
    assert told.mistake == "exchanged"
    assert told.expected == "about 750 of 3000"
    assert told.got == f"{happened.sum()} of 3000"
    assert wrong_rate("went", happened, 0.25, looks=3, mistakes=mistakes[:1]).mistake == ""
    assert wrong_rate("went", happened, 0.25, looks=3).mistake == ""


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_what_goes_together_along_an_axis_is_seen(axis):
    rng = np.random.default_rng(axis)
    shape = [9, 10, 11]
    assert tied_axis(rng.random(shape) < 0.3, 0.3, looks=3) is None
    shape[axis] = 1
    shared = np.broadcast_to(rng.random(shape) < 0.3, (9, 10, 11))
    assert tied_axis(shared, 0.3, looks=3) == axis
    turns = np.indices((9, 10, 11)).sum(axis=0) % 2 == 0
    assert tied_axis(turns, 0.5, looks=3) is not None  # neighbours that avoid each other


def test_one_element_on_its_own_is_tied_to_nothing():
    assert tied_axis(np.array([[True]]), 0.3, looks=2) is None


def test_an_exact_share_is_told_from_chance():
    rng = np.random.default_rng(5)
    assert is_exact_share([12] * 14, 40, 0.3)
    assert not is_exact_share([12] * 5, 40, 0.3)
    assert not is_exact_share([0] * 14, 40, 0.3)
    assert not is_exact_share(rng.binomial(40, 0.3, 14).tolist(), 40, 0.3)


def test_draws_differ_in_the_seed_alone():
    cases = draws("five numbers", 3, lambda rng, own: (rng.normal(size=5), own))
    rngs = [np.random.default_rng(7) for _ in cases]  # one label, one stream
    built = [case.build(rng) for case, rng in zip(cases, rngs, strict=True)]
    seeds = [own.seed for _, own in built]
    assert seeds == [seeds[0], seeds[0] + 1, seeds[0] + 2, seeds[0]]
    assert all((x == built[0][0]).all() for x, _ in built)
    assert {case.label for case in cases} == {"five numbers"}
    assert isinstance(built[0][1], Generator)
    assert all(case.judged == () for case in cases)


def test_a_hypergeometric_tail_agrees_with_scipy():
    for drawn, marked, total in ((3, 4, 10), (7, 5, 9), (20, 30, 100), (1, 1, 1)):
        law = stats.hypergeom(total, marked, drawn)
        for found in range(max(0, drawn + marked - total), min(drawn, marked) + 1):
            right = min(law.cdf(found), law.sf(found - 1))
            assert hypergeometric_tail(found, drawn, marked, total) == pytest.approx(right, 1e-9)


def test_a_hypergeometric_tail_is_exact_far_out():
    exact = Fraction(math.comb(100, 0) * math.comb(100, 60), math.comb(200, 60))
    assert hypergeometric_tail(0, 60, 100, 200) == pytest.approx(float(exact), rel=1e-10, abs=0)
    assert float(exact) < 1e-20


def test_what_cannot_be_drawn_has_no_tail():
    assert hypergeometric_tail(4, 3, 5, 10) == 0  # more than were drawn
    assert hypergeometric_tail(6, 8, 5, 10) == 0  # more than are marked
    assert hypergeometric_tail(0, 8, 5, 10) == 0  # three at least must be


def together_exactly(places, size):
    """Return for every number of pairs together how many orders of the places put them there."""
    pairs = [(i, i + 1) for i in range(0, places - 1, 2)]
    orders = list(itertools.permutations(range(places)))
    groups = [{member: place // size for place, member in enumerate(order)} for order in orders]
    counts = [sum(group[i] == group[j] for i, j in pairs) for group in groups]
    return [sum(n >= k for n in counts) / len(orders) for k in range(len(pairs) + 1)]


@pytest.mark.parametrize(("places", "size"), [(6, 2), (6, 3), (7, 3), (7, 2), (6, 4), (6, 1)])
def test_the_bound_on_what_is_together_is_never_below_the_truth(places, size):
    exact = together_exactly(places, size)
    bounds = [together_bound(k, places // 2, places, size) for k in range(len(exact))]
    assert all(bound >= chance - 1e-12 for bound, chance in zip(bounds, exact, strict=True))
    assert bounds[0] == 1
    assert bounds == sorted(bounds, reverse=True)


def test_the_bound_is_exact_where_all_pairs_are_together_in_groups_of_two():
    assert together_bound(3, 3, 6, 2) == pytest.approx(together_exactly(6, 2)[-1], rel=1e-12)


def test_neighbours_that_stay_together_are_told_from_chance():
    rng = np.random.default_rng(3)
    order = rng.permutation(2000) // 20
    by_chance = int((order[::2] == order[1::2]).sum())
    assert not improbable(together_bound(by_chance, 1000, 2000, 20), looks=5)
    assert improbable(together_bound(1000, 1000, 2000, 20), looks=5)
