"""The loop: what is asked of first weights, of batches and splits, and of `train` itself.

A random function is judged by what must hold of whatever it draws, and by exact tails: how that is
found out, and by which mistake it is explained, stands in `grader.checks.training`. Each check there
states its looks: a right answer fails it with a probability of at most `FALSE_ALARM`, 1e-9.
"""

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.catalogue import Mistake, Topic
from grader.checks import (
    Case,
    Generator,
    Given,
    Named,
    Problem,
    Result,
    achieves,
    advises,
    by_hand,
    hidden,
    holds,
    holds_of_all,
    keeps_inputs,
    keeps_precision,
    matches_truth,
    repeatable,
    survives,
    vectorised,
)
from grader.checks.draws import drawing, draws_from_rng
from grader.checks.training.batches import (
    COINS,
    MANY_EXAMPLES,
    MANY_IN_BATCH,
    batch_sizes,
    batches_problem,
    both_orders,
    every_example_once,
    shuffled,
    two_examples_many_times,
)
from grader.checks.training.digits import DIGITS_RUN, reads_digits
from grader.checks.training.loop import (
    COUNT,
    FIRST_OF_VALIDATION,
    best_epoch,
    best_parameters,
    epochs_run,
    fitting,
    numbered,
    running,
    scripted,
    validation_losses,
)
from grader.checks.training.splits import (
    SETS,
    chosen_at_random,
    each_in_one_set,
    equal_parts,
    folds_at_random,
    folds_problem,
    held_out_once,
    learns_from_the_others,
    set_sizes,
    splits_problem,
)
from grader.checks.training.watched import (
    different_examples,
    only_training_data,
    shuffled_anew,
    targets_with_examples,
    training_losses,
    watch,
    whole_epochs,
)
from grader.checks.training.weights import (
    each_on_its_own,
    even_spread,
    he_deviation,
    normal_shape,
    within_xavier_limit,
)

Rng = np.random.Generator
Args = tuple[Any, ...]
Array = np.ndarray[Any, np.dtype[Any]]

topic = Topic("training", title="The loop that learns")


# ---------------------------------------------------------------------------------------------
# Randomness: from rng, and from nothing else
# ---------------------------------------------------------------------------------------------

FIXED_SEED = (
    "Two calls with the same rng give the same result: rng does not move on. A generator with a seed "
    "of its own, a copy of rng, or an earlier result that is kept gives the same each time. Draw from "
    "the argument rng."
)
GLOBAL_GENERATOR = (
    "The same seed does not give the same result again: the numbers come from np.random, which does "
    "not know of rng. Draw from the argument rng."
)


def fixed_seed(*changes: tuple[str, str]) -> Mistake:
    """Make the mistake of a generator with a seed of its own."""
    return Mistake("fixed_seed", FIXED_SEED, *changes)


def global_generator(*changes: tuple[str, str]) -> Mistake:
    """Make the mistake of NumPy's global generator."""
    return Mistake("global_generator", GLOBAL_GENERATOR, *changes)


# ---------------------------------------------------------------------------------------------
# First weights
# ---------------------------------------------------------------------------------------------

WIDE = [
    Case("30 inputs, 110 outputs", drawing(30, 110), judged=()),
    hidden(Case("90 inputs, 40 outputs", drawing(90, 40), judged=())),
]
FEW_WEIGHTS = [
    Case("4 inputs, 3 outputs", drawing(4, 3), judged=()),
    Case("3 inputs, 1 output", drawing(3, 1), judged=()),
    hidden(Case("1 input, 5 outputs", drawing(1, 5), judged=())),
]


topic.exercise(
    "xavier_uniform",
    points=2,
    returns=("w",),
    cases=[*FEW_WEIGHTS, *WIDE],
    checks=[
        holds_of_all(
            "stays within the limit, and comes close to it", within_xavier_limit, weight=3
        ),
        holds_of_all("fills the interval evenly", even_spread, WIDE, weight=2),
        holds_of_all("draws each weight on its own", each_on_its_own, WIDE),
        draws_from_rng("xavier_uniform", lambda _: (4, 3)),
    ],
    hints=[
        "Two things are to be found out: how far the numbers go, and how to draw evenly between two "
        "ends, one of them negative.",
        "The limit is the root of 6 over the number of inputs and outputs together. rng.uniform "
        "takes the two ends and a shape.",
        "limit = np.sqrt(6 / (...)), then rng.uniform with -limit and limit as its ends and "
        "size=(fan_in, fan_out).",
    ],
    mistakes=[
        Mistake(
            "only_positive",
            "No weight is negative: rng.random draws from 0 to 1. The weights go from -limit to "
            "limit.",
            ("rng.uniform(-limit, limit,", "rng.uniform(0, limit,"),
        ),
        Mistake(
            "deviation_as_limit",
            "sqrt(2 / (fan_in + fan_out)) is the standard deviation. A uniform distribution goes "
            "sqrt(3) times as far: the limit is sqrt(6 / (fan_in + fan_out)).",
            ("6 / (fan_in", "2 / (fan_in"),
        ),
        Mistake(
            "half_the_width",
            "The weights go only half as far as they should: numbers from 0 to 1, moved by 0.5, "
            "reach 0.5 and are to be multiplied by 2 * limit.",
            ("-limit, limit", "-limit / 2, limit / 2"),
        ),
        Mistake(
            "only_the_inputs",
            "The limit is that of the inputs alone; Xavier's has fan_in + fan_out under the root.",
            ("(fan_in + fan_out)", "fan_in"),
        ),
        Mistake(
            "no_root",
            "The square root is missing: the limit is sqrt(6 / (fan_in + fan_out)).",
            ("np.sqrt(6 / (fan_in + fan_out))", "6 / (fan_in + fan_out)"),
        ),
        Mistake(
            "mean_of_the_fans",
            "The limit is sqrt(2) times too large: under the root stands 6 / (fan_in + fan_out), "
            "the sum of the two and not their mean, and no other factor.",
            ("6 / (fan_in", "12 / (fan_in"),
        ),
        Mistake(
            "of_sigmoid",
            "The limit is four times too large, as some have it for the sigmoid; here it is "
            "sqrt(6 / (fan_in + fan_out)).",
            ("np.sqrt(6", "4 * np.sqrt(6"),
        ),
        Mistake(
            "pytorchs_default",
            "1 / sqrt(fan_in) is the limit of PyTorch's linear layers; Xavier's is "
            "sqrt(6 / (fan_in + fan_out)).",
            ("np.sqrt(6 / (fan_in + fan_out))", "1 / np.sqrt(fan_in)"),
        ),
        Mistake(
            "unscaled",
            "The weights go from -1 to 1 whatever the size of the layer: multiply by the limit.",
            ("np.sqrt(6 / (fan_in + fan_out))", "1"),
        ),
        Mistake(
            "normal",
            "The weights have the right standard deviation and are normal; here they are uniform, "
            "and none lies beyond the limit.",
            ("rng.uniform(-limit, limit,", "rng.normal(0, limit / np.sqrt(3),"),
        ),
        Mistake(
            "zeros",
            "All weights are zero: every unit computes the same and stays like all the others.",
            ("rng.uniform(-limit, limit, size=(fan_in, fan_out))", "np.zeros((fan_in, fan_out))"),
        ),
        Mistake(
            "repeated",
            "The same numbers stand there several times: units that start equal learn the same. "
            "Draw fan_in * fan_out numbers.",
            (
                "rng.uniform(-limit, limit, size=(fan_in, fan_out))",
                "np.tile(rng.uniform(-limit, limit, size=fan_out), (fan_in, 1))",
            ),
        ),
        fixed_seed(("rng.uniform", "np.random.default_rng(0).uniform")),
        global_generator(("rng.uniform", "np.random.uniform")),
    ],
)

topic.exercise(
    "he_normal",
    points=2,
    returns=("w",),
    cases=[*FEW_WEIGHTS, *WIDE],
    checks=[
        holds_of_all("has mean 0 and the right standard deviation", he_deviation, WIDE, weight=3),
        holds_of_all("is normal, tails and all", normal_shape, WIDE, weight=2),
        holds_of_all("draws each weight on its own", each_on_its_own, WIDE),
        draws_from_rng("he_normal", lambda _: (4, 3)),
    ],
    hints=[
        "The formula gives a standard deviation. Which of the two fans is in it?",
        "The standard deviation is the root of 2 / fan_in; rng.normal takes a mean, a standard "
        "deviation (not a variance) and a shape.",
        "std = np.sqrt(2 / ...), then rng.normal with mean 0, that std and size=(fan_in, fan_out).",
    ],
    mistakes=[
        Mistake(
            "variance_for_deviation",
            "2 / fan_in is the variance; rng.normal wants the standard deviation, its root.",
            ("np.sqrt(2 / fan_in)", "2 / fan_in"),
        ),
        Mistake(
            "no_two",
            "The 2 is missing: ReLU removes half of the signal's power, and the 2 makes up for it.",
            ("2 / fan_in", "1 / fan_in"),
        ),
        Mistake(
            "outputs",
            "You divide by the number of outputs; a unit adds up fan_in products, so fan_in counts.",
            ("2 / fan_in", "2 / fan_out"),
        ),
        Mistake(
            "both_fans",
            "That is Xavier's variance, of inputs and outputs together; He's is 2 / fan_in.",
            ("2 / fan_in", "2 / (fan_in + fan_out)"),
        ),
        Mistake(
            "two_outside",
            "The 2 belongs under the root: sqrt(2 / fan_in), not 2 / sqrt(fan_in).",
            ("np.sqrt(2 / fan_in)", "2 / np.sqrt(fan_in)"),
        ),
        Mistake(
            "two_below",
            "The 2 stands below the line: sqrt(2 / fan_in), not 1 / sqrt(2 * fan_in).",
            ("2 / fan_in", "1 / (2 * fan_in)"),
        ),
        Mistake(
            "upside_down",
            "The fraction is upside down: multiply by sqrt(2 / fan_in), or divide by "
            "sqrt(fan_in / 2).",
            ("2 / fan_in", "fan_in / 2"),
        ),
        Mistake(
            "mean_of_the_fans",
            "The mean of fan_in and fan_out stands under the root; He's formula has fan_in alone.",
            ("2 / fan_in", "4 / (fan_in + fan_out)"),
        ),
        Mistake(
            "unscaled",
            "The standard deviation is 1 whatever the size of the layer: multiply by "
            "sqrt(2 / fan_in).",
            ("np.sqrt(2 / fan_in)", "1"),
        ),
        Mistake(
            "one_hundredth",
            "The standard deviation is 0.01 whatever the size of the layer; it should be "
            "sqrt(2 / fan_in).",
            ("np.sqrt(2 / fan_in)", "0.01"),
        ),
        Mistake(
            "only_positive",
            "No weight is negative: a normal distribution of mean 0 has two sides.",
            ("rng.normal(0, std, size=(fan_in, fan_out))", "rng.random((fan_in, fan_out)) * std"),
        ),
        Mistake(
            "uniform",
            "The weights have the right standard deviation and are uniform; here they are normal.",
            ("rng.normal(0, std,", "rng.uniform(-np.sqrt(3) * std, np.sqrt(3) * std,"),
        ),
        Mistake(
            "zeros",
            "All weights are zero: every unit computes the same and stays like all the others.",
            ("rng.normal(0, std, size=(fan_in, fan_out))", "np.zeros((fan_in, fan_out))"),
        ),
        Mistake(
            "repeated",
            "The same numbers stand there several times: units that start equal learn the same. "
            "Draw fan_in * fan_out numbers.",
            (
                "rng.normal(0, std, size=(fan_in, fan_out))",
                "np.repeat(rng.normal(0, std, size=(fan_in, 1)), fan_out, axis=1)",
            ),
        ),
        Mistake(
            "truncated",
            "Nothing lies further out than two standard deviations or so. The normal distribution "
            "is used whole here: of a thousand weights nine are beyond 2.6.",
            body="std = np.sqrt(2 / fan_in)\n"
            "w = rng.normal(0, 1, size=(fan_in, fan_out))\n"
            "while np.any(np.abs(w) > 2):\n"
            "    w = np.where(np.abs(w) > 2, rng.normal(0, 1, size=w.shape), w)\n"
            "return w / 0.8796256610342398 * std",
        ),
        fixed_seed(("rng.normal", "np.random.default_rng(0).normal")),
        global_generator(("rng.normal", "np.random.normal")),
    ],
)

# ---------------------------------------------------------------------------------------------
# Counting
# ---------------------------------------------------------------------------------------------

EPOCHS_TWICE = (
    "The epochs are counted twice: per_epoch is for one epoch. 100 000 examples in batches of 100 are "
    "1 000 iterations an epoch and 10 000 in ten epochs."
)

topic.exercise(
    "count_iterations",
    points=1,
    returns=("per_epoch", "total"),
    cases=[
        Case("7 examples, batches of 3", lambda _: (7, 3, 2)),
        Case("7 examples, batches of 3, the last one dropped", lambda _: (7, 3, 2, True)),
        Case("11 examples, batches of 4", lambda _: (11, 4, 3)),
        Case("6 examples, batches of 3", lambda _: (6, 3, 5)),
        Case("6 examples, batches of 3, nothing to drop", lambda _: (6, 3, 5, True)),
        Case(
            "11 examples, batches of 4, dropped by name",
            lambda _: (11, 4, 3, Named("drop_last", True)),
        ),
        hidden(Case("1 025 examples, batches of 64", lambda _: (1025, 64, 7, False))),
        hidden(Case("1 087 examples, batches of 64, dropped", lambda _: (1087, 64, 10, True))),
    ],
    checks=[
        by_hand(
            100_000,
            100,
            10,
            gives={"per_epoch": 1000, "total": 10_000},
            because="100 000 / 100 = 1 000 updates are one epoch, 10 times as many are ten.",
        ),
        matches_truth("per_epoch"),
        matches_truth("total"),
        survives(
            "a batch larger than all, batches of 1, and no epoch",
            [
                Case("3 examples, batches of 8", lambda _: (3, 8, 4)),
                Case("3 examples, batches of 8, dropped", lambda _: (3, 8, 4, True)),
                Case("5 examples, batches of 1", lambda _: (5, 1, 2, True)),
                Case("9 examples, batches of 2, no epoch", lambda _: (9, 2, 0)),
                Case("1 example", lambda _: (1, 1, 1)),
            ],
        ),
        repeatable(),
    ],
    hints=[
        "Cut 7 examples into batches of 3 on paper, for two epochs. How many batches do you have?",
        "Full batches by whole division; one more for what is left over, unless it is dropped. Only "
        "then multiply by the epochs.",
        "divmod(num_examples, batch_size) gives the full batches and the rest; add 1 if the rest "
        "is not 0 and drop_last is False.",
    ],
    mistakes=[
        Mistake(
            "exchanged",
            "The results are in the wrong order: per_epoch first, then total.",
            (
                "return per_epoch, per_epoch * epochs",
                "return per_epoch * epochs, per_epoch",
            ),
        ),
        Mistake(
            "article",
            EPOCHS_TWICE,
            ("per_epoch = full + partial", "per_epoch = (full + partial) * epochs"),
        ),
        Mistake(
            "article_nothing_dropped",
            EPOCHS_TWICE,
            ("per_epoch = full + partial", "per_epoch = (full + (rest > 0)) * epochs"),
        ),
        Mistake(
            "size_as_count",
            "batch_size is how many examples a batch holds, not how many batches there are.",
            ("per_epoch = full + partial", "per_epoch = batch_size"),
        ),
        Mistake(
            "rounded",
            "The number of batches is rounded to the nearest; what is left over makes a batch of its "
            "own, however small: round up.",
            (
                "per_epoch = full + partial",
                "per_epoch = full if drop_last else round(num_examples / batch_size)",
            ),
        ),
        Mistake(
            "rest_forgotten",
            "The last, smaller batch is not counted: without drop_last, round up.",
            ("1 if rest > 0 and not drop_last else 0", "0"),
        ),
        Mistake(
            "drop_last_ignored",
            "With drop_last the smaller batch at the end is not counted.",
            ("1 if rest > 0 and not drop_last else 0", "1 if rest > 0 else 0"),
        ),
        Mistake(
            "drop_last_inverted",
            "drop_last works the wrong way round: True leaves the smaller batch out.",
            ("not drop_last", "drop_last"),
        ),
        Mistake(
            "always_one_more",
            "Where the batches come out even there is no smaller one: do not add one then.",
            ("rest > 0 and not drop_last", "not drop_last"),
        ),
        Mistake(
            "across_epochs",
            "Every epoch begins with a full batch again: round for one epoch first, then multiply.",
            (
                "return per_epoch, per_epoch * epochs",
                "whole, rest = divmod(num_examples * epochs, batch_size)\n"
                "    return per_epoch, whole + (1 if rest > 0 and not drop_last else 0)",
            ),
        ),
        Mistake(
            "fraction",
            "There is no half an update: round up, or down with drop_last.",
            ("per_epoch = full + partial", "per_epoch = num_examples / batch_size"),
        ),
        Mistake(
            "examples",
            "An iteration is an update, one for each batch, not one for each example.",
            ("per_epoch = full + partial", "per_epoch = num_examples"),
        ),
    ],
)

# ---------------------------------------------------------------------------------------------
# Batches
# ---------------------------------------------------------------------------------------------


def batching(label: str, num_examples: int, batch_size: int) -> Case:
    """Make a case of minibatches."""
    build = drawing(num_examples, batch_size)
    return Case(label, build, judged=(), form_problem=batches_problem)


MANY_BATCHES = batching("18 000 examples, batches of 900", MANY_EXAMPLES, MANY_IN_BATCH)


topic.exercise(
    "minibatches",
    points=2,
    returns=("batches",),
    cases=[
        batching("7 examples, batches of 3", 7, 3),
        batching("6 examples, batches of 2", 6, 2),
        batching("10 examples, batches of 3", 10, 3),
        batching("9 examples, batches of 5", 9, 5),
        batching("3 examples, batches of 8", 3, 8),
        batching("4 examples, batches of 4", 4, 4),
        batching("5 examples, batches of 1", 5, 1),
        batching("1 example", 1, 1),
        hidden(batching("101 examples, batches of 9", 101, 9)),
    ],
    checks=[
        holds_of_all("holds every example exactly once", every_example_once, weight=3),
        holds_of_all("fills every batch but the last", batch_sizes, weight=2),
        holds("shuffles the examples", shuffled, [MANY_BATCHES], weight=2),
        holds(
            "makes all orders equally likely",
            both_orders,
            [
                Case(
                    f"2 examples in batches of 1, {COINS} times",
                    two_examples_many_times,
                    judged=(),
                    form_problem=batches_problem,
                )
            ],
        ),
        draws_from_rng("minibatches", lambda _: (40, 3)),
    ],
    hints=[
        "Think of a pack of cards: shuffle it once, then deal it out until nothing is left.",
        "rng.permutation(num_examples) is the shuffled pack. The batches begin at 0, batch_size, "
        "2 * batch_size, ...; a slice that goes beyond the end is simply shorter.",
        "Loop with range(0, num_examples, batch_size) over the starts, and append "
        "order[start : start + batch_size] to a list.",
    ],
    mistakes=[
        Mistake(
            "last_lost",
            "The last, smaller batch is missing: its examples are never seen.",
            (
                "range(0, num_examples, batch_size)",
                "range(0, num_examples - batch_size + 1, batch_size)",
            ),
        ),
        Mistake(
            "with_replacement",
            "Examples are drawn with replacement: some are seen twice, others never. Shuffle all of "
            "them once and cut.",
            ("rng.permutation(num_examples)", "rng.integers(0, num_examples, num_examples)"),
        ),
        Mistake(
            "rest_from_the_front",
            "The last, smaller batch holds examples that have had their turn, and those that are left "
            "over are lost: it begins where the last full batch ends.",
            (
                "return [order[start : start + batch_size] for start in starts]",
                "size = num_examples // batch_size * batch_size\n"
                "    last = [order[: num_examples - size]] if size < num_examples else []\n"
                "    return [order[start : start + batch_size] for start in starts\n"
                "            if start + batch_size <= num_examples] + last",
            ),
        ),
        Mistake(
            "filled_up",
            "The last batch is filled up with examples that had their turn; it may be smaller.",
            (
                "order = rng.permutation(num_examples)",
                "order = rng.permutation(num_examples)\n"
                "    order = np.resize(order, -(-num_examples // batch_size) * batch_size)",
            ),
        ),
        Mistake(
            "counted_from_one",
            "The indices run from 1 to N; they begin at 0 and end at N - 1.",
            ("rng.permutation(num_examples)", "rng.permutation(num_examples) + 1"),
        ),
        Mistake(
            "empty_last",
            "Where the batches come out even an empty one follows: there is nothing left for it.",
            ("range(0, num_examples, batch_size)", "range(0, num_examples + 1, batch_size)"),
        ),
        Mistake(
            "rest_first",
            "The smaller batch comes first; it is the last one that takes what is left.",
            (
                "return [order[start : start + batch_size] for start in starts]",
                "sizes = [len(order[start : start + batch_size]) for start in starts]\n"
                "    return np.split(order, np.cumsum(sizes[::-1])[:-1])",
            ),
        ),
        Mistake(
            "evened_out",
            "The batches are made equally large, as np.array_split does; each is to hold batch_size "
            "examples, and only the last one what is left.",
            (
                "return [order[start : start + batch_size] for start in starts]",
                "return np.array_split(order, len(starts))",
            ),
        ),
        Mistake(
            "size_as_count",
            "You make batch_size batches; it says how many examples a batch holds.",
            (
                "return [order[start : start + batch_size] for start in starts]",
                "return np.array_split(order, batch_size)",
            ),
        ),
        Mistake(
            "not_shuffled",
            "The batches take the examples in the order in which they lie. Data sorted by class then "
            "gives batches of one class. (rng.permutation returns a shuffled copy; rng.shuffle works "
            "in place and returns None.)",
            ("rng.permutation(num_examples)", "np.arange(num_examples)"),
        ),
        Mistake(
            "neighbours_together",
            "Neighbours stay together: batches or longer runs of the data are moved about, not single "
            "examples. Shuffle first, cut afterwards.",
            ("rng.permutation(num_examples)", "np.arange(num_examples)"),
            (
                "return [order[start : start + batch_size] for start in starts]",
                "batches = [order[start : start + batch_size] for start in starts]\n"
                "    small = batches.pop()\n"
                "    return [*(batches[i] for i in rng.permutation(len(batches))), small]",
            ),
        ),
        fixed_seed(("rng.permutation", "np.random.default_rng(0).permutation")),
        global_generator(("rng.permutation", "np.random.permutation")),
    ],
)

# ---------------------------------------------------------------------------------------------
# Splits
# ---------------------------------------------------------------------------------------------


def splitting(label: str, num_examples: int, val: float, test: float) -> Case:
    """Make a case of split_indices."""
    build = drawing(num_examples, val, test)
    return Case(label, build, judged=(), form_problem=splits_problem)


MANY_TO_SPLIT = splitting("600 examples, 30 % and 20 %", 600, 0.3, 0.2)


topic.exercise(
    "split_indices",
    points=2,
    returns=SETS,
    cases=[
        splitting("10 examples, 30 % and 20 %", 10, 0.3, 0.2),
        splitting("11 examples, 30 % and 20 %", 11, 0.3, 0.2),
        splitting("8 examples, a quarter and a half", 8, 0.25, 0.5),
        splitting("40 examples, 10 % and 40 %", 40, 0.1, 0.4),
        splitting("9 examples, none for validation", 9, 0.0, 0.4),
        splitting("7 examples, none for the test", 7, 0.5, 0.0),
        hidden(splitting("1 797 examples, 15 % and 25 %", 1797, 0.15, 0.25)),
    ],
    checks=[
        holds_of_all("puts each example into exactly one set", each_in_one_set, weight=3),
        holds_of_all("makes the sets as large as asked", set_sizes, weight=2),
        holds("chooses at random", chosen_at_random, [MANY_TO_SPLIT], weight=2),
        draws_from_rng("split_indices", lambda _: (60, 0.3, 0.2)),
    ],
    hints=[
        "Shuffle all indices once. How many of them go into each set, and where does one set end and "
        "the next begin?",
        "Two numbers, num_val and num_test, mark two places in the shuffled order. The three slices "
        "share these ends, so nothing can be in two sets and nothing is lost.",
        "order[:num_val], order[num_val : num_val + num_test] and what follows; count from the "
        "front, since order[-0:] is everything. Return training first.",
    ],
    mistakes=[
        Mistake(
            "drawn_twice",
            "The validation and the test set share examples: take both from one shuffled order, the "
            "one beginning where the other ends.",
            (
                "test = order[num_val : num_val + num_test]",
                "test = rng.permutation(num_examples)[:num_test]",
            ),
        ),
        Mistake(
            "everything_for_training",
            "The training set holds all examples, those held out as well: it may only have the rest.",
            ("train = order[num_val + num_test :]", "train = order"),
        ),
        Mistake(
            "test_in_training",
            "The test set is in the training set too: training begins after both of the others.",
            ("train = order[num_val + num_test :]", "train = order[num_val:]"),
        ),
        Mistake(
            "overlapping",
            "The training set shares examples with another one: it is what is left when both of the "
            "others have been taken.",
            ("train = order[num_val + num_test :]", "train = order[: len(order) - num_test]"),
        ),
        Mistake(
            "minus_zero",
            "For an empty test set everything becomes test: order[-0:] is the whole order. Cut from "
            "the front, or at num_examples - num_test.",
            (
                "val = order[:num_val]\n    test = order[num_val : num_val + num_test]\n"
                "    train = order[num_val + num_test :]",
                "test = order[-num_test:]\n    val = order[: len(order) - num_test][:num_val]\n"
                "    train = order[num_val : len(order) - num_test]",
            ),
        ),
        Mistake(
            "rest_lost",
            "Some examples are in no set. Whatever the other two leave belongs to the training set, "
            "also what is left over when sizes are rounded down.",
            (
                "train = order[num_val + num_test :]",
                "num_train = int(num_examples * (1 - val_fraction - test_fraction))\n"
                "    num_train = min(num_train, num_examples - num_val - num_test - 1)\n"
                "    train = order[num_val + num_test :][:num_train]",
            ),
        ),
        Mistake(
            "fraction_of_the_rest",
            "val_fraction is taken from what the test set has left; it is a part of all examples.",
            (
                "num_val = round(num_examples * val_fraction)\n"
                "    num_test = round(num_examples * test_fraction)",
                "num_test = round(num_examples * test_fraction)\n"
                "    num_val = round((num_examples - num_test) * val_fraction)",
            ),
        ),
        Mistake(
            "exchanged",
            "The validation and the test set have changed places: the order is train, val, test.",
            ("return train, val, test", "return train, test, val"),
        ),
        Mistake(
            "not_shuffled",
            "A set is a block of the data as it lies. Data is often sorted, by class or by date: "
            "shuffle all of it before you cut.",
            ("rng.permutation(num_examples)", "np.arange(num_examples)"),
        ),
        fixed_seed(("rng.permutation", "np.random.default_rng(0).permutation")),
        global_generator(("rng.permutation", "np.random.permutation")),
    ],
)


def folding(label: str, num_examples: int, k: int) -> Case:
    """Make a case of k_fold_indices."""
    return Case(label, drawing(num_examples, k), judged=(), form_problem=folds_problem)


MANY_TO_FOLD = folding("600 examples, 3 parts", 600, 3)


topic.exercise(
    "k_fold_indices",
    points=2,
    returns=("folds",),
    cases=[
        folding("6 examples, 3 parts", 6, 3),
        folding("10 examples, 4 parts", 10, 4),
        folding("7 examples, 2 parts", 7, 2),
        folding("5 examples, each held out alone", 5, 5),
        folding("11 examples, 7 parts", 11, 7),
        hidden(folding("103 examples, 5 parts", 103, 5)),
    ],
    checks=[
        holds("holds every example out exactly once", held_out_once, weight=3),
        holds("learns from all the others", learns_from_the_others, weight=2),
        holds("makes parts of equal size", equal_parts),
        holds("chooses at random", folds_at_random, [MANY_TO_FOLD]),
        draws_from_rng("k_fold_indices", lambda _: (40, 4)),
    ],
    hints=[
        "Shuffle once and cut into k parts. Each part is held out in one fold and learnt from in all "
        "the others.",
        "np.array_split(order, k) makes the parts, also where k does not divide the number of "
        "examples. For fold i, join all parts but part i.",
        "others = parts[:i] + parts[i + 1 :]; the fold is the pair (np.concatenate(others), parts[i]).",
    ],
    mistakes=[
        Mistake(
            "rest_never_held_out",
            "With num_examples // k in each part some examples are left over: they are learnt from "
            "in every fold and never held out.",
            (
                "parts = np.array_split(order, k)",
                "size = num_examples // k\n"
                "    *parts, rest = np.split(order, [size * (i + 1) for i in range(k)])",
            ),
            ("others = parts[:i] + parts[i + 1 :]", "others = [*parts[:i], *parts[i + 1 :], rest]"),
        ),
        Mistake(
            "rest_lost",
            "With num_examples // k in each part some examples are left over, and in no fold at all.",
            (
                "parts = np.array_split(order, k)",
                "parts = np.split(order[: num_examples // k * k], k)",
            ),
        ),
        Mistake(
            "rest_in_the_last",
            "The last part takes all that is left over and is too large: share the rest out, as "
            "np.array_split does.",
            (
                "parts = np.array_split(order, k)",
                "size = num_examples // k\n"
                "    parts = np.split(order, [size * (i + 1) for i in range(k - 1)])",
            ),
        ),
        Mistake(
            "shuffled_for_each",
            "The order is made anew for each fold, so that some examples are held out twice and "
            "others never: shuffle once, before the loop.",
            (
                "    for i in range(k):\n",
                "    for i in range(k):\n"
                "        parts = np.array_split(rng.permutation(num_examples), k)\n",
            ),
        ),
        Mistake(
            "everything_for_training",
            "The training set holds the examples that are held out as well.",
            ("np.concatenate(others)", "order"),
        ),
        Mistake(
            "exchanged",
            "Training and validation set are exchanged: a fold is (train, val), and the small one "
            "is held out.",
            ("(np.concatenate(others), parts[i])", "(parts[i], np.concatenate(others))"),
        ),
        Mistake(
            "next_part_only",
            "Some parts are not learnt from: in each fold all parts but the one held out are.",
            ("np.concatenate(others)", "others[0]"),
        ),
        Mistake(
            "not_shuffled",
            "The parts follow the order of the data. Data is often sorted, by class or by date: "
            "shuffle it before you cut.",
            ("rng.permutation(num_examples)", "np.arange(num_examples)"),
        ),
        fixed_seed(("rng.permutation", "np.random.default_rng(0).permutation")),
        global_generator(("rng.permutation", "np.random.permutation")),
    ],
)

# ---------------------------------------------------------------------------------------------
# One scale, and leaks
# ---------------------------------------------------------------------------------------------


def features(rng: Rng, n: int, d: int, dtype: type = np.float64) -> Array:
    """Draw n examples with d features, of standard deviations near 1 and means of some units."""
    spread, middle = rng.uniform(0.6, 1.2, d), rng.uniform(-5, 5, d)
    return (middle + spread * rng.normal(size=(n, d))).astype(dtype)


def with_constant(rng: Rng, n: int) -> Args:
    """Draw n examples of three features, the second always 2.5, whose sums are exact."""
    x = features(rng, n, 3)
    x[:, 1] = 2.5
    return (x,)


def statistics_of(label: str, build: Callable[[Rng], Args]) -> Case:
    """Make a case of fit_standardiser."""
    return Case(label, build, tolerance="epsilon")


CONSTANT = [
    Case(
        "4 rows, the second of 3 columns constant",
        lambda rng: with_constant(rng, 4),
        judged=("mean",),
        tolerance="epsilon",
    ),
    Case(
        "1 row, so that all columns are constant",
        lambda _: (np.array([[1.5, -4.0]]),),
        judged=("mean",),
        tolerance="epsilon",
    ),
    hidden(
        Case(
            "3 rows, a column of zeros",
            lambda _: (np.eye(3) * [0.0, 2.0, -3.0],),
            judged=("mean",),
            tolerance="epsilon",
        )
    ),
]


def constant_std(result: Result) -> Problem | None:
    """Find a constant feature whose std is neither 0 nor 1, or a feature that suffers from it."""
    assert result.got is not None
    wrong = result.difference("mean")
    if wrong:
        return Problem(wrong.message, wrong.expected, wrong.got)
    std, right = np.asarray(result.got["std"], np.float64), np.asarray(result.want["std"])
    allowed = result.tolerance
    for j, (there, truth) in enumerate(zip(std, right, strict=True)):
        off = abs(there - truth) <= allowed.absolute + allowed.relative * truth
        if not (off or (truth == 0 and there == 1)):
            wanted = "0 (or 1, to be divided by)" if truth == 0 else f"{truth:.7g}"
            constant = " is constant, and" if truth == 0 else ""
            return Problem(
                f"Column {j}{constant} has std {there:.6g}; it should be {wanted}.",
                f"std[{j}] = {wanted}",
                f"std[{j}] = {there:.6g}",
            )
    return None


topic.exercise(
    "fit_standardiser",
    points=2,
    returns=("mean", "std"),
    cases=[
        statistics_of("3 rows, 2 columns", lambda rng: (features(rng, 3, 2),)),
        statistics_of("5 rows, 4 columns", lambda rng: (features(rng, 5, 4),)),
        statistics_of("4 rows, 1 column", lambda rng: (features(rng, 4, 1),)),
        hidden(statistics_of("257 rows, 7 columns", lambda rng: (features(rng, 257, 7),))),
    ],
    checks=[
        by_hand(
            np.array([[1.0, 4.0], [3.0, 4.0], [5.0, 10.0]]),
            gives={"mean": [3.0, 6.0], "std": [1.632993, 2.828427]},
            because="The first column's distances from 3 are -2, 0 and 2; their squares have the mean "
            "8/3, whose root is 1.633. The second's are -2, -2 and 4: the root of 24/3.",
            tolerance="epsilon",
        ),
        matches_truth("mean"),
        matches_truth("std"),
        holds("takes a constant feature for what it is", constant_std, CONSTANT),
        survives(
            "a mean of 10 million and float32",
            [
                statistics_of(
                    "6 rows around 10 million", lambda rng: (1e7 + 2 * features(rng, 6, 3),)
                ),
                Case("float32", lambda rng: (features(rng, 6, 3, np.float32),)),
            ],
            says="The mean of the squares less the square of the mean is the difference of two nearly "
            "equal numbers. Subtract the mean first, square then.",
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: (features(rng, n, 3),)),
    ],
    hints=[
        "One mean and one standard deviation for each feature: along which axis are the rows?",
        "Means and standard deviations over axis=0, with N below the fraction, as NumPy does by "
        "default. A feature that never changes has std 0; that is no mistake of yours.",
        "np.mean(x_train, axis=0) and np.std(x_train, axis=0) are nearly all of it. To be exact for "
        "a constant column, compare all rows with the first one and use np.where.",
    ],
    mistakes=[
        Mistake(
            "whole_array",
            "That is the mean and the std of all numbers together; each feature has its own: axis=0.",
            body="d = x_train.shape[1]\nreturn np.full(d, x_train.mean()), np.full(d, x_train.std())",
        ),
        Mistake(
            "rows",
            "Those are the statistics of each example; a feature is a column: axis=0.",
            body="return np.mean(x_train, axis=1), np.std(x_train, axis=1)",
        ),
        Mistake(
            "unbiased",
            "You divide by N - 1 under the root; here it is N, as np.std does by default.",
            ("np.std(x_train, axis=0)", "np.std(x_train, axis=0, ddof=min(1, len(x_train) - 1))"),
        ),
        Mistake(
            "variance",
            "That is the variance; the standard deviation is its square root.",
            ("np.std(", "np.var("),
        ),
        Mistake(
            "epsilon",
            "A number like 1e-5 is added to the variance: nothing is added here. What is 0 is dealt "
            "with where it is divided by.",
            (
                "np.where(constant, 0, np.std(x_train, axis=0))",
                "np.sqrt(np.var(x_train, axis=0) + 1e-5)",
            ),
        ),
        Mistake(
            "exchanged",
            "The results are in the wrong order: return mean, std.",
            ("return mean, std", "return std, mean"),
        ),
        Mistake(
            "squares_minus_square",
            "The mean of the squares less the square of the mean loses its digits where the mean is "
            "large: subtract the mean first, square then.",
            (
                "np.std(x_train, axis=0)",
                "np.sqrt(np.maximum(np.mean(x_train**2, axis=0) - np.mean(x_train, axis=0) ** 2, 0))",
            ),
        ),
        Mistake(
            "range",
            "Smallest value and range: that scales to 0..1. Here mean and standard deviation are "
            "asked for.",
            body="low = np.min(x_train, axis=0)\nreturn low, np.max(x_train, axis=0) - low",
        ),
        Mistake(
            "absolute_distance",
            "That is the mean distance from the mean; the standard deviation squares the distances, "
            "takes their mean and then the root.",
            ("np.std(x_train, axis=0)", "np.mean(np.abs(x_train - mean), axis=0)"),
        ),
        Mistake(
            "not_divided",
            "The squared distances are added up; their mean, the sum over N, belongs under the root.",
            (
                "np.std(x_train, axis=0)",
                "np.sqrt(np.sum((x_train - mean) ** 2, axis=0))",
            ),
        ),
        Mistake(
            "around_zero",
            "The std is taken around 0; subtract the mean of each feature before squaring.",
            ("np.std(x_train, axis=0)", "np.sqrt(np.mean(x_train**2, axis=0))"),
        ),
    ],
)


def new_examples(rng: Rng, n: int, d: int, dtype: type = np.float64) -> Args:
    """Draw examples, some of them far out, and statistics that are not their own."""
    mean, std = rng.uniform(-5, 5, d), rng.uniform(0.5, 2.0, d)
    x = mean + 3 * std * rng.normal(size=(n, d))
    x[0] = mean + 6 * std
    return x.astype(dtype), mean.astype(dtype), std.astype(dtype)


def with_constant_feature(rng: Rng, n: int, *, as_before: bool) -> Args:
    """Draw examples and statistics in which the second feature was always 2.5."""
    x, mean, std = new_examples(rng, n, 3)
    mean[1], std[1] = 2.5, 0.0
    x[:, 1] = 2.5 if as_before else 2.5 + rng.uniform(0.5, 1.5, n) * rng.permutation([-1, 1, 1, -1])
    return x, mean, std


def standardising(label: str, build: Callable[[Rng], Args]) -> Case:
    """Make a case of standardise."""
    return Case(label, build, tolerance="epsilon")


NEW_VALUES = [
    Case(
        "4 rows, the constant feature has new values",
        lambda rng: with_constant_feature(rng, 4, as_before=False),
        judged=(),
    )
]
SMALLEST_DIVISOR = 1e-17  # less is no longer a number that people add to a standard deviation


def new_value_kept(result: Result) -> Problem | None:
    """Find a new value of a constant feature that is lost, or becomes infinite.

    The difference itself is right. What a small number added to every std makes of it is accepted,
    however large, and advised on by another check.
    """
    assert result.got is not None
    out, want = np.asarray(result.got["out"], np.float64)[:, 1], result.want["out"][:, 1]
    with np.errstate(all="ignore"):
        ratios = out / want
        off = np.where(np.isfinite(ratios), np.abs(np.log(np.abs(ratios))), np.inf)
    if bool(np.all((ratios > 1 - 1e-6) & (ratios < 1 / SMALLEST_DIVISOR))):
        return None
    i = int(np.argmax(np.where(ratios < 0, np.inf, off)))
    return Problem(
        f"The feature was always 2.5; of the new value {result.args[0][i, 1]:.6g} you make "
        f"{out[i]:.6g}. It should be the difference, {want[i]:.6g}.",
        f"out[{i}, 1] = {want[i]:.6g}",
        f"out[{i}, 1] = {out[i]:.6g}",
        suggestion="Divide by 1 where std is 0: np.where(std == 0, 1, std).",
        mistake="erased"
        if not out.any()
        else "zero_division"
        if not np.isfinite(out).all()
        else "",
    )


def new_value_enormous(result: Result) -> str:
    """Say that a new value of a constant feature has become enormous."""
    assert result.got is not None
    out, want = np.asarray(result.got["out"], np.float64), result.want["out"]
    ratio = float(np.abs(out[0, 1] / want[0, 1]))
    if ratio < 1.001:
        return ""
    return (
        f"A feature that was always 2.5 has the new value {result.args[0][0, 1]:.3g}; you make "
        f"{out[0, 1]:.3g} of it, more than all other features together. Divide by 1 where std is 0."
    )


topic.exercise(
    "standardise",
    points=2,
    returns=("out",),
    cases=[
        standardising("1 row, 2 columns", lambda rng: new_examples(rng, 1, 2)),
        standardising("4 rows, 3 columns", lambda rng: new_examples(rng, 4, 3)),
        standardising(
            "4 rows, the second column as constant as before",
            lambda rng: with_constant_feature(rng, 4, as_before=True),
        ),
        hidden(standardising("257 rows, 7 columns", lambda rng: new_examples(rng, 257, 7))),
    ],
    checks=[
        by_hand(
            np.array([[7.0, 5.0], [2.0, 5.0]]),
            np.array([3.0, 5.0]),
            np.array([2.0, 0.0]),
            gives={"out": [[2.0, 0.0], [-0.5, 0.0]]},
            because="(7 - 3) / 2 = 2 and (2 - 3) / 2 = -0.5; what was always 5 and is 5 becomes 0.",
            tolerance="epsilon",
        ),
        matches_truth(weight=4),
        holds("keeps a new value of a feature that was constant", new_value_kept, NEW_VALUES),
        survives("float32", [Case("float32", lambda rng: new_examples(rng, 4, 3, np.float32))]),
        repeatable(),
        advises("keeps new values of moderate size", new_value_enormous, NEW_VALUES),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: new_examples(rng, n, 3)),
    ],
    hints=[
        "The statistics are given: nothing about x is to be measured. What happens where std is 0?",
        "Subtract mean, divide by std; NumPy lines the (D,) arrays up with the columns. Replace a "
        "std of 0 by 1 before dividing.",
        "scale = np.where(std == 0, 1, std); the result is (x - mean), brackets and all, divided by "
        "scale.",
    ],
    mistakes=[
        Mistake(
            "own_statistics",
            "x is standardised by its own mean and std. Use those you are given, of the training "
            "set: otherwise a 7 here does not mean what a 7 meant in training.",
            ("x - mean", "x - np.mean(x, axis=0)"),
            (
                "np.where(std == 0, 1, std)",
                "np.where(np.std(x, axis=0) == 0, 1, np.std(x, axis=0))",
            ),
        ),
        Mistake(
            "own_mean",
            "The mean of x itself is subtracted; use the one you are given, of the training set.",
            ("x - mean", "x - np.mean(x, axis=0)"),
        ),
        Mistake(
            "zero_division",
            "A feature that was constant has std 0, and 0 / 0 is NaN: divide by 1 there.",
            ("np.where(std == 0, 1, std)", "std"),
        ),
        Mistake(
            "erased",
            "A feature that was constant is always made 0, also where a new example differs from it: "
            "that difference is to be kept.",
            ("return centred / scale", "return np.where(std == 0, 0, centred / scale)"),
        ),
        Mistake(
            "epsilon",
            "A number like 1e-5 is added to every std; the result is off in the fifth digit. Nothing "
            "needs to be added: divide by 1 where std is 0.",
            ("np.where(std == 0, 1, std)", "std + 1e-5"),
        ),
        Mistake(
            "epsilon_in_variance",
            "A number like 1e-5 is added to the square of every std; nothing needs to be added: "
            "divide by 1 where std is 0.",
            ("np.where(std == 0, 1, std)", "np.sqrt(std**2 + 1e-5)"),
        ),
        Mistake(
            "only_shifted",
            "The difference is not divided by std.",
            ("return centred / scale", "return centred"),
        ),
        Mistake(
            "only_scaled",
            "The mean is not subtracted.",
            ("x - mean", "x - 0 * mean"),
        ),
        Mistake(
            "variance",
            "You divide by the square of std: what you are given is the standard deviation already.",
            ("return centred / scale", "return centred / scale**2"),
        ),
        Mistake(
            "precedence",
            "x - mean / std divides only the mean: brackets around the difference.",
            ("return centred / scale", "return x - mean / scale"),
        ),
    ],
)


def copies(  # noqa: PLR0917 - sizes and places, as one reads them
    rng: Rng, m: int, n: int, d: int, places: Sequence[int], moved: float = 0.0, others: float = 0.0
) -> Args:
    """Draw a training and a test set on a grid of eighths; some test rows are moved training rows.

    All numbers and differences are exact, so that no rounding decides. `moved` is by how much the
    first feature of such a row differs, `others` by how much the rest of them do.
    """
    train = np.round(8 * rng.normal(size=(m, d))) / 8
    test = np.round(8 * rng.normal(size=(n, d))) / 8
    test[:, -1] = 16 + np.arange(n)
    for k, place in enumerate(places):
        test[place] = train[(3 * k + 1) % m]
        test[place, 0] += moved if k % 2 else -moved
        test[place, 1:] += others
    return train, test


def mixed_rows(rng: Rng) -> Args:
    """Draw sets in which one test row is made of features of different training rows."""
    train, test = copies(rng, 6, 4, 3, [3])
    train[:, 0] = np.arange(6) - 2.5
    test[3] = train[1]
    test[1] = [train[4, 0], train[5, 1], train[2, 2]]
    return train, test


def twins(rng: Rng) -> Args:
    """Draw sets with equal test rows, equal training rows, and one leak of each of the latter."""
    train, test = copies(rng, 7, 5, 2, [4])
    train[5] = train[3] = train[1]
    test[4], test[2] = train[1], test[0]
    return train, test


def nearer(rng: Rng) -> Args:
    """Draw sets in which a test row has a leak, and nearer to it, in all features, a row that is none.

    Two more rows are moved by a half and are no leaks.
    """
    train, test = copies(rng, 6, 5, 3, [1, 4], 0.5)
    test[2] = train[0]
    train[5] = train[0] + [0.3125, 0, 0]
    train[0] += [0.25, -0.25, 0.25]
    return train, test


def nearly(rng: Rng) -> Args:
    """Draw sets in which one test row is a copy; two others differ by 1e-9 and by 1e-6."""
    train, test = copies(rng, 5, 4, 3, [1, 2])
    for place, moved in ((2, 2.0**-30), (3, 2.0**-20)):
        train[place, 0] = 3.0
        test[place] = train[place]
        test[place, 0] += moved
    return train, test


topic.exercise(
    "find_leaks",
    points=3,
    returns=("leaks",),
    cases=[
        Case("5 training rows, 3 test rows, one copy", lambda rng: copies(rng, 5, 3, 2, [1])),
        Case(
            "6 training rows, 5 test rows, moved by a quarter",
            lambda rng: (*copies(rng, 6, 5, 3, [0, 3], 0.25, 0.125), 0.25),
        ),
        Case(
            "8 training rows, 6 test rows, three copies",
            lambda rng: copies(rng, 8, 6, 4, [5, 0, 2]),
        ),
        Case("a row made of features of different rows", mixed_rows),
        Case(
            "moved by less than the tolerance of a quarter",
            lambda rng: (*copies(rng, 8, 6, 2, [5, 1], 0.1875, 0.125), 0.25),
        ),
        Case("twins within each of the sets", twins),
        Case(
            "differences that add up to nothing, tolerance a quarter",
            lambda rng: (*copies(rng, 7, 5, 3, [4, 1], 1.0, -0.5), 0.25),
        ),
        Case("a nearer row that is no copy, tolerance a quarter", lambda rng: (*nearer(rng), 0.25)),
        Case("a copy, and rows that differ in the seventh and in the tenth digit", nearly),
        hidden(
            Case(
                "83 training rows, 31 test rows, tolerance one eighth",
                lambda rng: (*copies(rng, 83, 31, 7, [30, 2, 9, 17], 0.125, 0.0625), 0.125),
            )
        ),
        hidden(
            Case(
                "tolerance by name",
                lambda rng: (*copies(rng, 9, 4, 2, [2, 3], 0.5), Named("tolerance", 0.5)),
            )
        ),
    ],
    checks=[
        by_hand(
            np.array([[1.0, 2.0], [3.0, 4.0]]),
            np.array([[1.0, 4.0], [3.0, 4.0], [1.25, 1.875]]),
            0.25,
            gives={"leaks": [1, 2]},
            because="Row 1 is a copy of the second training row; row 2 differs from the first by 0.25 "
            "and 0.125. Row 0 takes its numbers from two different rows.",
        ),
        matches_truth(name="finds the rows that have leaked, and no others", weight=5),
        survives(
            "no leak at all, one feature, and float32",
            [
                Case("no leak", lambda rng: copies(rng, 5, 4, 3, [])),
                Case("1 training row, 1 test row", lambda rng: copies(rng, 1, 1, 2, [0])),
                Case(
                    "1 feature",
                    lambda _: (np.array([[1.0], [4.0]]), np.array([[4.5], [2.0], [0.5]]), 0.5),
                ),
                Case(
                    "float32",
                    lambda rng: tuple(a.astype(np.float32) for a in copies(rng, 5, 4, 3, [2])),
                ),
            ],
        ),
        repeatable(),
        keeps_inputs(),
        vectorised(lambda rng, n: copies(rng, n, n, 3, [1])),
    ],
    hints=[
        "When are two rows the same, up to a tolerance? Say it for one pair of rows first.",
        "A pair is alike if all features are within the tolerance; a test row leaks if it is alike "
        "to any training row. First all over the features, then any over the training rows.",
        "alike starts as an (N, M) array of True; for each feature, alike &= np.abs(a column of "
        "x_test - a row of x_train's) <= tolerance. np.flatnonzero gives the indices.",
    ],
    mistakes=[
        Mistake(
            "strictly_closer",
            "A difference of exactly the tolerance counts: with < in place of <= and a tolerance of "
            "0 nothing is ever found.",
            ("<= tolerance", "< tolerance"),
        ),
        Mistake(
            "training_rows",
            "Those are rows of the training set; the indices of the test rows are asked for.",
            ("np.any(alike, axis=1)", "np.any(alike, axis=0)"),
        ),
        Mistake(
            "once_for_each_partner",
            "A test row is named once for each training row that it resembles; once is enough.",
            (
                "leaked = np.any(alike, axis=1)\n    return np.flatnonzero(leaked)",
                "return np.nonzero(alike)[0]",
            ),
        ),
        Mistake(
            "any_feature",
            "One feature in common is enough for you; all features must be within the tolerance.",
            ("alike = np.ones(", "alike = np.zeros("),
            ("alike &=", "alike |="),
        ),
        Mistake(
            "features_from_different_rows",
            "Each feature occurs in the training set, but in different rows: it must be one and the "
            "same training row that agrees in all features.",
            (
                "alike &= np.abs(difference) <= tolerance\n    leaked = np.any(alike, axis=1)",
                "alike &= np.any(np.abs(difference) <= tolerance, axis=1, keepdims=True)\n"
                "    leaked = np.any(alike, axis=1)",
            ),
        ),
        Mistake(
            "same_position",
            "Test row i is compared with training row i alone; compare it with all of them.",
            ("leaked = np.any(alike, axis=1)", "leaked = np.diagonal(alike)"),
        ),
        Mistake(
            "no_absolute_value",
            "The absolute value is missing: every smaller number counts as close.",
            ("np.abs(difference)", "difference"),
        ),
        Mistake(
            "tolerance_ignored",
            "The tolerance is not used: only exact copies are found.",
            ("np.abs(difference) <= tolerance", "difference == 0"),
        ),
        Mistake(
            "euclidean",
            "You measure the Euclidean distance; it is the largest difference of all features that "
            "must be within the tolerance.",
            body="distance = np.sqrt(((x_test[:, np.newaxis] - x_train) ** 2).sum(axis=2))\n"
            "return np.flatnonzero(np.any(distance <= tolerance, axis=1))",
        ),
        Mistake(
            "sum_of_differences",
            "You add the differences up; it is the largest of them that must be within the tolerance.",
            body="distance = np.abs(x_test[:, np.newaxis] - x_train).sum(axis=2)\n"
            "return np.flatnonzero(np.any(distance <= tolerance, axis=1))",
        ),
        Mistake(
            "mean_difference",
            "You take the mean of the differences, so that one feature may be far off; the largest "
            "must be within the tolerance.",
            body="distance = np.abs(x_test[:, np.newaxis] - x_train).mean(axis=2)\n"
            "return np.flatnonzero(np.any(distance <= tolerance, axis=1))",
        ),
        Mistake(
            "single_precision",
            "With a tolerance of 0 rows that differ late, in the tenth digit say, count as copies: "
            "float32 has seven digits only, and nothing is to be rounded or added to the tolerance.",
            (
                "x_test[:, feature, np.newaxis] - x_train[:, feature]",
                "(\n            x_test[:, feature, np.newaxis].astype(np.float32)\n"
                "            - x_train[:, feature].astype(np.float32)\n        )",
            ),
        ),
        Mistake(
            "half_tolerance",
            "You ask for half the tolerance; it is the largest difference that is allowed, to either "
            "side.",
            ("<= tolerance", "<= tolerance / 2"),
        ),
        Mistake(
            "sums_of_rows",
            "You compare the sums of the rows, and different rows can have the same sum: compare "
            "feature by feature.",
            body="distance = np.abs(x_test.sum(axis=1)[:, np.newaxis] - x_train.sum(axis=1))\n"
            "return np.flatnonzero(np.any(distance <= tolerance * x_train.shape[1], axis=1))",
        ),
        Mistake(
            "allclose",
            "np.allclose allows a relative difference of 1e-5 on top: rows that are nearly equal "
            "count as copies even with a tolerance of 0. Compare with <= yourself.",
            (
                "np.abs(difference) <= tolerance",
                "np.abs(difference) <= tolerance + 1e-5 * np.abs(x_train[:, feature])",
            ),
        ),
        Mistake(
            "twins_in_the_test_set",
            "Test rows that resemble another test row are counted as well; only copies of training "
            "rows are leaks.",
            (
                "leaked = np.any(alike, axis=1)",
                "leaked = np.any(alike, axis=1)\n"
                "    pairs = np.abs(x_test[:, np.newaxis] - x_test).max(axis=2) <= tolerance\n"
                "    leaked |= pairs.sum(axis=1) > 1",
            ),
        ),
    ],
)

# ---------------------------------------------------------------------------------------------
# The loop
# ---------------------------------------------------------------------------------------------

# A new best comes in epochs 0, 2 and 4, and patience ends with epoch 6. How many epochs are run and
# which one is called the best tells each wrong way to wait from the others.
UPS_AND_DOWNS = [5.0, 6.0, 4.0, 4.5, 3.0, 3.5, 3.2, 3.1, 2.2, 2.5, 2.4]
PATIENCE_CASES = [
    running("patience 2, losses that go up and down", scripted(UPS_AND_DOWNS, patience=2)),
    running(
        "patience 3, two equal losses", scripted([5.0, 3.0, 4.0, 3.0, 3.2, 1.0, 2.0], patience=3)
    ),
    running(
        "patience 1, a loss that falls a little",
        scripted([4.0, 3.5, 3.5 - 2.0**-20, 3.75, 2.0], patience=1),
    ),
]
RUN_CASES = [
    running("2 examples, a batch of 5, 1 epoch", scripted([3.0], patience=1, n=2, batch_size=5)),
    running("7 examples, batches of 3", functools.partial(fitting, update="update")),
    running(
        "an optimizer that works in place", functools.partial(fitting, update="update_in_place")
    ),
    *PATIENCE_CASES,
    running(
        "a loss of NaN in epoch 1",
        scripted([3.0, math.nan, 4.0, 5.0, 4.5], patience=4, batch_size=2),
    ),
    running(
        "6 examples, batches of 2, losses that fall to the end",
        scripted([5.0, 4.0, 3.0], patience=2, n=6, batch_size=2),
    ),
]


UPDATE_LINE = "params[name], configs[name] = update(params[name], grads[name], configs[name])"
ONE_UPDATE = "There is one update an epoch; each batch is to be followed by an update."
LAST_OR_NO_COPY = (
    "You return the parameters of the last epoch, not of the best. Keep a copy of each array when an "
    "epoch is the best so far: best_params = params is a second name for the same dict, and goes on "
    "changing."
)

topic.exercise(
    "train",
    points=4,
    returns=("best_params", "history"),
    uses=("minibatches",),
    as_one=True,
    cases=RUN_CASES,
    checks=[
        by_hand(
            {"w": np.zeros(1)},
            Given(COUNT.format(script="[9.0, 4.0, 2.0, 3.0, 2.5]", steps=2), "loss_and_grads"),
            Given(COUNT.format(script="[9.0, 4.0, 2.0, 3.0, 2.5]", steps=2), "update"),
            *numbered(np.zeros((3, 1)), np.zeros(3), 0),
            *numbered(np.ones((1, 1)), np.zeros(1), FIRST_OF_VALIDATION),
            Named("epochs", 9),
            Named("batch_size", 2),
            Named("patience", 2),
            Named("rng", Generator(0)),
            gives={
                "best_params": {"w": [4.0]},
                "history": {"best_epoch": 1},
            },
            because="3 examples in batches of 2 are 2 updates an epoch, and each adds 1 to w. The "
            "validation loss is lowest after epoch 1, when w is 4; after two more epochs patience "
            "is at its end.",
        ),
        watch("learns from the training set alone", only_training_data, 2),
        watch("keeps examples and their targets together", targets_with_examples, 1),
        watch("sees every training example once in each epoch", whole_epochs, 2),
        watch("shuffles anew in each epoch", shuffled_anew, 1),
        holds("takes the validation loss after each epoch", validation_losses, weight=2),
        watch("notes the training loss of each epoch", training_losses, 1),
        holds("stops when patience is at its end", epochs_run, weight=1),
        holds("names the best epoch", best_epoch, weight=1),
        holds("returns the parameters of the best epoch", best_parameters, weight=2),
        draws_from_rng("train", different_examples, rng_by_name=True),
        achieves("learns to read handwritten digits", reads_digits, DIGITS_RUN, weight=2),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
    ],
    hints=[
        "Two loops, one inside the other. What belongs to an epoch, what to a batch, and what must "
        "outlive both?",
        "For each batch: loss and gradients, then one update for each parameter with a config of its "
        "own. At the end of an epoch: note the losses, copy the parameters if the validation loss is "
        "the lowest so far, stop if the best epoch is patience epochs ago.",
        "Before the loops copy params, and make a dict of configs that starts with None for each "
        "name. for batch in minibatches(...): x_train[batch], y_train[batch]. Compare with <, and "
        "copy each array into best_params.",
    ],
    mistakes=[
        Mistake(
            "learns_from_validation",
            "Updates are made of gradients of the validation set. It may only be looked at: once it "
            "has been learnt from, it no longer tells what new data would say.",
            (
                "epoch_loss, _ = loss_and_grads(params, x_val, y_val)\n",
                "epoch_loss, grads = loss_and_grads(params, x_val, y_val)\n"
                "        for name in params:\n"
                f"            {UPDATE_LINE}\n",
            ),
        ),
        Mistake(
            "validates_on_training",
            "What you note as val_loss is a loss of the training set: take x_val and y_val.",
            ("loss_and_grads(params, x_val, y_val)", "loss_and_grads(params, x_train, y_train)"),
        ),
        Mistake(
            "targets_not_shuffled",
            "The targets are not shuffled along with the examples: index x_train and y_train with "
            "the same batch.",
            ("y_train[batch]", "y_train[: len(batch)]"),
        ),
        Mistake(
            "last_batch_lost",
            "The last, smaller batch of each epoch is left out: its examples are not learnt from.",
            (
                "in minibatches(len(x_train), batch_size, rng):",
                "in minibatches(len(x_train), batch_size, rng)[: max(1, len(x_train) // batch_size)]:",
            ),
        ),
        Mistake(
            "with_replacement",
            "Batches are drawn with replacement: some examples are seen twice in an epoch, others "
            "never. Shuffle all of them and cut.",
            (
                "            loss, grads =",
                "            batch = rng.integers(0, len(x_train), len(batch))\n"
                "            loss, grads =",
            ),
        ),
        Mistake(
            "not_shuffled",
            "The examples come in the same order as they lie: shuffle them, anew in each epoch.",
            (
                "in minibatches(len(x_train), batch_size, rng):",
                "in np.split(np.arange(len(x_train)), range(batch_size, len(x_train), batch_size)):",
            ),
        ),
        Mistake(
            "shuffled_once",
            "Every epoch has the same batches: shuffle inside the loop over the epochs, with the rng "
            "that you are given and not with a new one.",
            (
                "    for epoch in range(epochs):\n",
                "    batches = minibatches(len(x_train), batch_size, rng)\n"
                "    for epoch in range(epochs):\n",
            ),
            ("in minibatches(len(x_train), batch_size, rng):", "in batches:"),
        ),
        Mistake(
            "last_parameters",
            LAST_OR_NO_COPY,
            ("return best_params, history", "return params, history"),
        ),
        Mistake(
            "best_not_copied",
            LAST_OR_NO_COPY,
            (
                "best_params = {name: w.copy() for name, w in params.items()}",
                "best_params = params",
            ),
        ),
        Mistake(
            "arrays_not_copied",
            "The dict of the best parameters is copied, but not the arrays in it: an optimizer that "
            "works in place goes on changing them. Copy each array.",
            (
                "best_params = {name: w.copy() for name, w in params.items()}",
                "best_params = dict(params)",
            ),
        ),
        Mistake(
            "one_config",
            "All parameters share one config, so the optimizer mixes their memories up: each one "
            "needs a config of its own.",
            (
                UPDATE_LINE,
                "params[name], configs[0] = update(params[name], grads[name], configs.get(0))",
            ),
        ),
        Mistake(
            "config_forgotten",
            "The config that update returns is not given to its next call: every step is the "
            "optimizer's first.",
            (UPDATE_LINE, "params[name], _ = update(params[name], grads[name], None)"),
        ),
        Mistake(
            "config_reset",
            "The configs are made anew in each epoch: the optimizer's memory is to last as long as "
            "the training.",
            (
                "        batch_losses = []\n",
                "        batch_losses, configs = [], dict.fromkeys(params)\n",
            ),
        ),
        Mistake(
            "gradients_taken_again",
            "The gradients are taken anew for each parameter, when the others have moved already: "
            "take all gradients of a batch before the first update.",
            (
                "            for name in params:\n",
                "            for name in params:\n"
                "                grads = loss_and_grads(params, x_train[batch], y_train[batch])[1]\n",
            ),
        ),
        Mistake(
            "gradient_divided",
            "The gradient is divided by the size of the batch: the loss is a mean already.",
            (
                UPDATE_LINE,
                "params[name], configs[name] = update(\n"
                "                    params[name], grads[name] / len(batch), configs[name]\n"
                "                )",
            ),
        ),
        Mistake(
            "gradient_divided_by_batch_size",
            "The gradient is divided by batch_size: the loss is a mean already.",
            (
                UPDATE_LINE,
                "params[name], configs[name] = update(\n"
                "                    params[name], grads[name] / batch_size, configs[name]\n"
                "                )",
            ),
        ),
        Mistake(
            "small_batch_scaled",
            "The smaller last batch is given less weight. The loss is a mean over its rows; the "
            "update needs no correction.",
            (
                UPDATE_LINE,
                "params[name], configs[name] = update(\n"
                "                    params[name],\n"
                "                    len(batch) / batch_size * grads[name],\n"
                "                    configs[name],\n"
                "                )",
            ),
        ),
        Mistake(
            "gradients_added_up",
            ONE_UPDATE,
            (
                "        batch_losses = []\n",
                "        batch_losses, total = [], dict.fromkeys(params, 0.0)\n",
            ),
            (
                "            for name in params:\n                " + UPDATE_LINE,
                "            for name in params:\n"
                "                total[name] = total[name] + grads[name]\n"
                "        for name in params:\n"
                "            params[name], configs[name] = update(\n"
                "                params[name], total[name], configs[name]\n"
                "            )",
            ),
        ),
        Mistake(
            "gradients_pile_up",
            "The gradients of all batches so far are added up; each update takes those of its own "
            "batch alone.",
            (
                "    configs = dict.fromkeys(params)\n",
                "    configs, piled = dict.fromkeys(params), dict.fromkeys(params, 0.0)\n",
            ),
            (
                UPDATE_LINE,
                "piled[name] = piled[name] + grads[name]\n"
                "                params[name], configs[name] = update(\n"
                "                    params[name], piled[name], configs[name]\n"
                "                )",
            ),
        ),
        Mistake(
            "starts_anew",
            "The training does not start from the parameters that you are given: begin with a "
            "copy of them.",
            (
                "    params = {name: w.copy()",
                "    params = {name: np.zeros_like(w)",
            ),
        ),
        Mistake(
            "back_to_the_best",
            "After an epoch that was no better it goes back to the best parameters; go on from where "
            "you are, and only return the best.",
            (
                "        if epoch - best_epoch >= patience:",
                "        if best_epoch < epoch:\n"
                "            params = {name: best_params[name].copy() for name in params}\n"
                "        if epoch - best_epoch >= patience:",
            ),
        ),
        Mistake(
            "one_epoch",
            "It ends after the first epoch: does the return stand inside the loop?",
            ("            break\n", "            break\n        break\n"),
        ),
        Mistake(
            "stops_before_it_notes",
            "It stops before the losses of the last epoch are noted: note them first.",
            (
                "            break\n",
                "            train_loss.pop()\n            val_loss.pop()\n            break\n",
            ),
        ),
        Mistake(
            "part_of_validation",
            "The validation loss is that of the first examples only; take all of them.",
            (
                "loss_and_grads(params, x_val, y_val)",
                "loss_and_grads(params, x_val[:batch_size], y_val[:batch_size])",
            ),
        ),
        Mistake(
            "one_update_an_epoch",
            ONE_UPDATE,
            (
                "            for name in params:\n                " + UPDATE_LINE,
                "        for name in params:\n            " + UPDATE_LINE,
            ),
        ),
        Mistake(
            "updates_thrown_away",
            "What update returns is not used, so that nothing is learnt: put the new w back into "
            "params, and keep its config.",
            (UPDATE_LINE, "update(params[name], grads[name], configs[name])"),
        ),
        Mistake(
            "validated_before",
            "The validation loss is taken before the epoch's updates, so that it lags by one epoch.",
            (
                "        batch_losses = []\n",
                "        batch_losses = []\n"
                "        epoch_loss, _ = loss_and_grads(params, x_val, y_val)\n",
            ),
            (
                "        epoch_loss, _ = loss_and_grads(params, x_val, y_val)\n        val_loss",
                "        val_loss",
            ),
        ),
        Mistake(
            "patience_one_more",
            "It waits one epoch too long: stop when epoch - best_epoch >= patience.",
            (">= patience", "> patience"),
        ),
        Mistake(
            "patience_one_less",
            "It stops one epoch too early: stop when epoch - best_epoch >= patience, not before.",
            (">= patience", ">= patience - 1"),
        ),
        Mistake(
            "patience_ignored",
            "It never stops early: patience is not used. Stop when epoch - best_epoch >= patience.",
            (">= patience", "> epochs"),
        ),
        Mistake(
            "patience_in_all",
            "It counts all epochs without a new best; the count begins again after each new best.",
            (
                "        if epoch - best_epoch >= patience:",
                "        lows = [min(val_loss[:i]) for i in range(1, epoch + 1)]\n"
                "        if sum(v > low for v, low in zip(val_loss[1:], lows)) >= patience:",
            ),
        ),
        Mistake(
            "compared_with_the_one_before",
            "The validation loss is compared with that of the epoch before; compare with the best so "
            "far.",
            ("epoch_loss < best_loss", "len(val_loss) == 1 or epoch_loss < val_loss[-2]"),
        ),
        Mistake(
            "later_of_equals",
            "A validation loss that equals the best counts as better: compare with <.",
            ("epoch_loss < best_loss", "epoch_loss <= best_loss"),
        ),
        Mistake(
            "least_improvement",
            "A validation loss counts as better only if it is lower by some least amount; here every "
            "lower one is, however little.",
            ("epoch_loss < best_loss", "epoch_loss < best_loss - 1e-4"),
        ),
        Mistake(
            "nan_is_best",
            "A validation loss of NaN becomes the best: every comparison with NaN is false, so ask "
            "whether the loss is lower, not whether it is not higher.",
            ("epoch_loss < best_loss", "not epoch_loss >= best_loss"),
        ),
        Mistake(
            "best_by_training_loss",
            "The best epoch is chosen by the training loss, which nearly always falls; the validation "
            "loss decides.",
            ("epoch_loss < best_loss", "train_loss[-1] < best_loss"),
            (
                "best_loss, best_epoch = epoch_loss, epoch",
                "best_loss, best_epoch = train_loss[-1], epoch",
            ),
        ),
        Mistake(
            "highest_loss",
            "You keep the epoch of the highest validation loss: a loss is better when it is lower.",
            ("np.inf", "-np.inf"),
            ("epoch_loss < best_loss", "epoch_loss > best_loss"),
        ),
        Mistake(
            "counted_from_one",
            "best_epoch is counted from 1; epochs are counted from 0 here.",
            ('"best_epoch": best_epoch', '"best_epoch": best_epoch + 1'),
        ),
        Mistake(
            "last_epoch_as_best",
            "best_epoch is the last epoch; it should be that of the lowest validation loss.",
            ('"best_epoch": best_epoch', '"best_epoch": epoch'),
        ),
        Mistake(
            "loss_of_the_last_batch",
            "train_loss holds the loss of each epoch's last batch; take the mean over all of them.",
            ("np.mean(batch_losses)", "batch_losses[-1]"),
        ),
        Mistake(
            "losses_summed",
            "train_loss holds the sum of the batches' losses; take their mean.",
            ("np.mean(batch_losses)", "np.sum(batch_losses)"),
        ),
        Mistake(
            "losses_divided_by_examples",
            "The sum of the batches' losses is divided by the number of examples; each is a mean "
            "over its batch already, so divide by the number of batches.",
            ("np.mean(batch_losses)", "np.sum(batch_losses) / len(x_train)"),
        ),
        Mistake(
            "losses_divided_by_batch_size",
            "The sum of the batches' losses is divided by batch_size, which is how many examples a "
            "batch holds; divide by the number of batches.",
            ("np.mean(batch_losses)", "np.sum(batch_losses) / batch_size"),
        ),
        Mistake(
            "losses_divided_by_full_batches",
            "The sum of the batches' losses is divided by the number of full batches, "
            "num_examples // batch_size; the smaller last one counts, too.",
            (
                "np.mean(batch_losses)",
                "np.sum(batch_losses) / max(len(x_train) // batch_size, 1)",
            ),
        ),
        Mistake(
            "losses_of_all_epochs",
            "The list of batch losses is never emptied, so that train_loss is the mean of all epochs "
            "so far.",
            (
                "    for epoch in range(epochs):\n        batch_losses = []\n",
                "    batch_losses = []\n    for epoch in range(epochs):\n",
            ),
        ),
        fixed_seed(
            (
                "in minibatches(len(x_train), batch_size, rng):",
                "in minibatches(len(x_train), batch_size, np.random.default_rng(epoch)):",
            ),
        ),
        global_generator(
            (
                "in minibatches(len(x_train), batch_size, rng):",
                "in minibatches(len(x_train), batch_size, np.random):",
            ),
        ),
    ],
)
