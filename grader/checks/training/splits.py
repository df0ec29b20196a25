"""What must hold of splits and folds: disjoint, complete, as large as asked, chosen by chance."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader import compare
from grader.checks.properties import Problem
from grader.checks.training.indices import (
    dealt,
    list_problem,
    listed,
    set_problem,
    sets_of,
    shortened,
    uncapitalised,
    unlike_chance,
)
from grader.checks.trial import Result

Array = np.ndarray[Any, np.dtype[Any]]
SETS = ("train", "val", "test")


def splits_problem(value: Any) -> str:
    """Say what is wrong with the form of a split."""
    if not isinstance(value, (list, tuple)) or len(value) != len(SETS):
        return (
            f"It returned {compare.describe(value)}; three sets were expected: (train, val, test)."
        )
    return next(filter(None, map(set_problem, SETS, value)), "")


def folds_problem(value: Any) -> str:
    """Say what is wrong with the form of folds."""
    wrong = list_problem("folds", "pairs (train, val)", value)
    for i, fold in enumerate([] if wrong else value):
        if not isinstance(fold, (list, tuple)) or len(fold) != 2:
            return f"folds[{i}] is {compare.describe(fold)}; a pair (train, val) was expected."
        wrong = (
            wrong
            or set_problem(f"folds[{i}][0]", fold[0])
            or set_problem(f"folds[{i}][1]", fold[1])
        )
    return wrong


def each_in_one_set(results: Sequence[Result]) -> Problem | None:
    """Find examples in two sets, or in none."""
    return next((p for result in results if (p := split_problem(result, results))), None)


def split_problem(result: Result, results: Sequence[Result]) -> Problem | None:
    """Find examples in two sets of one split, or in none."""
    total = result.args[0]
    sets = sets_of(result.outcome.value)
    pairs = ((0, 1), (0, 2), (1, 2))
    shared = {(i, j): np.intersect1d(sets[i], sets[j]) for i, j in pairs}
    for (i, j), both in shared.items():
        if both.size:
            return Problem(
                f"{SETS[i]} and {SETS[j]} have {both.size} examples in common, "
                f"{listed(both.tolist())}.",
                "no example in two sets",
                suggestion="Shuffle once, then cut the order into three slices that share their ends.",
                mistake=overlap_mistake(results),
                about=result,
            )
    found = dealt(sets, total)
    if found.complete:
        return None
    lost = bool(found.missing) and not found.repeated and not found.strangers
    return Problem(
        f"{found.message} Every example belongs into one set.",
        f"{total} examples in all",
        f"{sum(map(len, sets))} indices",
        mistake="rest_lost" if lost else "",
        about=result,
    )


def overlap_mistake(results: Sequence[Result]) -> str:
    """Return which mistake puts examples into two sets."""
    splits = [(sets_of(result.outcome.value), result.args[0]) for result in results]
    asked = [result.args[2] for result in results]
    whole = [
        f for f, ((_, _, test), total) in zip(asked, splits, strict=True) if len(test) == total
    ]
    if whole and not any(whole):
        return "minus_zero"
    if any(np.intersect1d(val, test).size for (_, val, test), _ in splits):
        return "drawn_twice"
    if all(len(train) == total for (train, _, _), total in splits):
        return "everything_for_training"
    if all(np.isin(test, train).all() for (train, _, test), _ in splits):
        return "test_in_training"
    return "overlapping"


def set_sizes(results: Sequence[Result]) -> Problem | None:
    """Find a validation or test set of another size than was asked for."""
    for result in results:
        total, val_fraction, test_fraction, _ = result.args
        _, val, test = sets_of(result.outcome.value)
        for name, members, part in (("val", val, val_fraction), ("test", test, test_fraction)):
            if not fits(len(members), total * part):
                rounded = ", rounded as you like" if part else ": an empty set"
                return Problem(
                    f"{name} holds {len(members)} examples; {part:g} of {total} are "
                    f"{total * part:g}{rounded}.",
                    f"{total * part:g} examples, within one",
                    f"{len(members)} examples",
                    mistake=split_sizes_mistake(results),
                    about=result,
                )
    return None


def split_sizes_mistake(results: Sequence[Result]) -> str:
    """Return which mistake makes sets of these sizes in all cases."""
    asked = [(*result.args[:3], *sets_of(result.outcome.value)[1:]) for result in results]
    if all(fits(len(val), n * t) and fits(len(test), n * v) for n, v, t, val, test in asked):
        return "exchanged"
    if all(
        fits(len(test), n * t) and fits(len(val), v * (n - len(test)))
        for n, v, t, val, test in asked
    ):
        return "fraction_of_the_rest"
    return ""


def fits(size: int, wanted: float) -> bool:
    """Tell whether a set is as large as its fraction of the examples, up to rounding."""
    return size == 0 if wanted == 0 else abs(size - wanted) <= 1 + 1e-9


def chosen_at_random(result: Result) -> Problem | None:
    """Find a validation or a test set that chance has not chosen: 14 looks."""
    _, val, test = sets_of(result.outcome.value)
    for name, members in (("val", val), ("test", test)):
        if members.size == 0 or members.min() < 0 or members.max() >= result.args[0]:
            return Problem(f"{name} does not hold the examples that it should.")
        wrong = unlike_chance(np.unique(members), result.args[0], looks=14)
        if wrong:
            block = bool(np.all(np.diff(np.sort(members)) == 1))
            return Problem(
                f"{name} is not chosen at random. {wrong}",
                suggestion="Shuffle all examples, rng.permutation(num_examples), before you cut.",
                mistake="not_shuffled" if block else "",
            )
    return None


def pairs_of(result: Result) -> list[tuple[Array, Array]]:
    """Return training and validation set of each fold."""
    found = [sets_of(fold) for fold in result.outcome.value]
    return [(train, val) for train, val in found]


def held_out_once(result: Result) -> Problem | None:
    """Find examples that are held out twice, or never."""
    total, k, _ = result.args
    folds = pairs_of(result)
    if len(folds) != k:
        return Problem(
            f"There are {len(folds)} folds; k is {k}.", f"{k} folds", f"{len(folds)} folds"
        )
    found = dealt([val for _, val in folds], total)
    if found.complete:
        return None
    mistake = ""
    if k > 2 and dealt([train for train, _ in folds], total).complete:
        mistake = "exchanged"
    elif found.missing and found.repeated:
        mistake = "shuffled_for_each"
    elif len(found.missing) == total % k and not found.repeated and not found.strangers:
        learnt = np.unique(np.concatenate([train for train, _ in folds]))
        mistake = "rest_lost" if len(learnt) < total else "rest_never_held_out"
    return Problem(
        f"Over all folds together, {uncapitalised(found.message)} Every example is held out once.",
        f"each of {total} examples in one val",
        f"{sum(len(val) for _, val in folds)} indices in {k} sets",
        mistake=mistake,
    )


def learns_from_the_others(result: Result) -> Problem | None:
    """Find a fold whose two sets overlap, or leave examples out."""
    total = result.args[0]
    for i, (train, val) in enumerate(pairs_of(result)):
        both = np.intersect1d(train, val)
        if both.size:
            return Problem(
                f"Fold {i}: train and val have {both.size} examples in common, "
                f"{listed(both.tolist())}.",
                "no example in both",
                mistake="everything_for_training" if len(train) == total else "",
            )
        found = dealt([train, val], total)
        if not found.complete:
            return Problem(
                f"Fold {i}: {uncapitalised(found.message)} All that is not held out is learnt from.",
                f"{total} examples in train and val together",
                f"{len(train)} + {len(val)} indices",
                mistake="next_part_only" if found.missing and not found.repeated else "",
            )
    return None


def equal_parts(result: Result) -> Problem | None:
    """Find folds that differ by more than one example."""
    total, k, _ = result.args
    sizes = [len(val) for _, val in pairs_of(result)]
    if sizes and max(sizes) - min(sizes) <= 1:
        return None
    return Problem(
        f"The sets that are held out hold {shortened(sizes)} examples; of {total} in {k} parts none "
        "may hold more than one example more than another.",
        suggestion="np.array_split shares the rest out.",
        mistake="rest_in_the_last" if sizes and sizes[-1] == total // k + total % k else "",
    )


def folds_at_random(result: Result) -> Problem | None:
    """Find a part that chance has not chosen: 7 looks at each of 3 parts."""
    total, k, _ = result.args
    for i, (_, val) in enumerate(pairs_of(result)):
        if val.size == 0 or val.min() < 0 or val.max() >= total:
            return Problem(f"Fold {i}: val does not hold the examples that it should.")
        wrong = unlike_chance(np.unique(val), total, looks=7 * k)
        if wrong:
            steps = np.diff(np.sort(val))
            regular = bool(np.all(steps == 1) or np.all(steps == k))
            return Problem(
                f"Fold {i}: val is not chosen at random. {wrong}",
                suggestion="Shuffle all examples, rng.permutation(num_examples), before you cut.",
                mistake="not_shuffled" if regular else "",
            )
    return None
