"""What must hold of batches: every example once, full but for the last, shuffled without a bias."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.checks.calls import Call, kept
from grader.checks.draws import seed
from grader.checks.properties import Problem
from grader.checks.statistics import (
    binomial_tail,
    hypergeometric_tail,
    improbable,
    together_bound,
)
from grader.checks.training.indices import dealt, list_problem, set_problem, sets_of, shortened
from grader.checks.trial import Result
from grader.student.wire import Generator

Rng = np.random.Generator
Args = tuple[Any, ...]


def batches_problem(value: Any) -> str:
    """Say what is wrong with the form of batches."""
    wrong = list_problem("batches", "arrays of indices", value)
    named = ((f"batches[{i}]", batch) for i, batch in enumerate([] if wrong else value))
    return wrong or next(filter(None, (set_problem(*each) for each in named)), "")


MANY_EXAMPLES, MANY_IN_BATCH = 18_000, 900
COINS = 34


def every_example_once(results: Sequence[Result]) -> Problem | None:
    """Find examples that are lost, or seen twice, within an epoch."""
    for result in results:
        total, batches = result.args[0], sets_of(result.outcome.value)
        found = dealt(batches, total)
        if not found.complete:
            return Problem(
                f"{found.message} Every example belongs into one batch.",
                f"each of the {total} examples once",
                f"{sum(map(len, batches))} indices in {len(batches)} batches",
                mistake=dealing_mistake(results),
                about=result,
            )
    return None


def dealing_mistake(results: Sequence[Result]) -> str:
    """Return which mistake deals out so in all cases."""
    found = [(dealt(sets_of(r.outcome.value), r.args[0]), *r.args[:2]) for r in results]
    wrong = [each for each in found if not each[0].complete]
    if all(d.strangers == [total] and d.missing == [0] for d, total, _ in found):
        return "counted_from_one"
    if any(d.strangers for d, _, _ in found):
        return ""
    if any(d.missing and d.repeated for d, _, _ in found):
        whole = [[b for b in sets_of(r.outcome.value) if len(b) == r.args[1]] for r in results]
        dealt_once = [not dealt(b, r.args[0]).repeated for b, r in zip(whole, results, strict=True)]
        return "rest_from_the_front" if all(dealt_once) else "with_replacement"
    full = all(set(sizes_of(r)) == {r.args[1]} for r in results)
    if full and all(d.repeated for d, _, _ in wrong):
        return "filled_up"
    lost = all(len(d.missing) == total % size for d, total, size in found)
    return "last_lost" if lost and not any(d.repeated for d, _, _ in wrong) else ""


def batch_sizes(results: Sequence[Result]) -> Problem | None:
    """Find batches of another size."""
    for result in results:
        total, size, _ = result.args
        sizes, wanted = sizes_of(result), right_sizes(total, size)
        if sizes != wanted:
            return Problem(
                f"The batches hold {shortened(sizes)} examples; they should hold "
                f"{shortened(wanted)}.",
                f"sizes {shortened(wanted)}",
                f"sizes {shortened(sizes)}",
                mistake=sizes_mistake(results),
                about=result,
            )
    return None


def sizes_of(result: Result) -> list[int]:
    """Return how many examples the batches hold."""
    return [len(batch) for batch in sets_of(result.outcome.value)]


def right_sizes(total: int, size: int) -> list[int]:
    """Return how many examples the batches should hold."""
    return [size] * (total // size) + [total % size] * (total % size > 0)


def even_sizes(total: int, count: int) -> list[int]:
    """Return how many examples np.array_split puts into so many batches."""
    return [total // count + (i < total % count) for i in range(count)]


WRONG_SIZES: dict[str, Callable[[int, int], list[int]]] = {
    "empty_last": lambda n, size: right_sizes(n, size) + [0] * (n % size == 0),
    "rest_first": lambda n, size: right_sizes(n, size)[::-1],
    "evened_out": lambda n, size: even_sizes(n, -(-n // size)),
    "size_as_count": even_sizes,
}


def sizes_mistake(results: Sequence[Result]) -> str:
    """Return which mistake makes batches of these sizes in all cases."""
    found = [(sizes_of(result), *result.args[:2]) for result in results]
    return next(
        (
            mistake
            for mistake, sizes in WRONG_SIZES.items()
            if all(there == sizes(total, size) for there, total, size in found)
        ),
        "",
    )


def shuffled(result: Result) -> Problem | None:
    """Find examples that stay near their place, or near their neighbours: 4 of 5 looks.

    Of the last 40 % the first 35 % of the batches hold a tenth too little where each example is
    exchanged with any other, the best known of the shuffles that are not quite one.
    """
    batches = sets_of(result.outcome.value)
    if not dealt(batches, MANY_EXAMPLES).complete:
        return Problem("Not every example is there once, so that their order cannot be judged.")
    place = np.zeros(MANY_EXAMPLES, np.int64)
    for number, batch in enumerate(batches):
        place[batch] = number
    natural = bool(np.all(place == np.arange(MANY_EXAMPLES) // MANY_IN_BATCH))
    if natural:
        return Problem(
            f"Batch 0 holds examples 0 to {MANY_IN_BATCH - 1}, batch 1 those that follow, and so on.",
            suggestion="rng.permutation(num_examples) gives the indices in random order.",
            mistake="not_shuffled",
        )
    together = int(np.count_nonzero(place[0::2] == place[1::2]))
    pairs = MANY_EXAMPLES // 2
    if improbable(together_bound(together, pairs, MANY_EXAMPLES, MANY_IN_BATCH), looks=5):
        return Problem(
            f"{together} of {pairs} pairs of neighbours (0 and 1, 2 and 3, ...) are in one batch; "
            f"chance puts about {pairs * MANY_IN_BATCH // MANY_EXAMPLES} there.",
            suggestion="Shuffle the examples before you cut, not the batches after it.",
            mistake="neighbours_together",
        )
    early = len(batches) * 35 // 100
    order = np.arange(MANY_EXAMPLES)
    for first, what, mark in (
        (early, "of the last 40 %", order >= MANY_EXAMPLES * 6 // 10),
        (len(batches) // 2, "of the second half", order >= MANY_EXAMPLES // 2),
        (len(batches) // 2, "with an even index", order % 2 == 0),
    ):
        drawn = int(np.count_nonzero(place < first))
        found = int(np.count_nonzero(mark[place < first]))
        marked = int(np.count_nonzero(mark))
        if improbable(hypergeometric_tail(found, drawn, marked, MANY_EXAMPLES), looks=5):
            return Problem(
                f"The first {first} batches hold {found} examples {what} where about "
                f"{drawn * marked / MANY_EXAMPLES:.0f} should be: not all orders are equally likely.",
                suggestion="Use rng.permutation or rng.shuffle.",
            )
    return None


def two_examples_many_times(rng: Rng) -> Args:
    """Deal two examples out again and again, on one generator."""
    lent = kept(Generator(seed(rng)))
    earlier = [Call("minibatches", (2, 1, lent)) for _ in range(COINS - 1)]
    return 2, 1, kept(lent, after=earlier)


def both_orders(result: Result) -> Problem | None:
    """Find two examples that come in the same order too often: 1 of 5 looks."""
    values = [outcome.value for call, outcome in result.before.items() if call.function]
    firsts = [
        next(iter(v), None) for v in [*values, result.outcome.value] if not batches_problem(v)
    ]
    zeros = sum(first is not None and np.asarray(first).tolist() == [0] for first in firsts)
    if not improbable(binomial_tail(zeros, COINS, 0.5), looks=5):
        return None
    return Problem(
        f"Of two examples, dealt out {COINS} times in batches of 1, example 0 came first {zeros} "
        "times; about half is right.",
        suggestion="An example may also stay where it was. Use rng.permutation or rng.shuffle.",
    )
