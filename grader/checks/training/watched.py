"""A run of `train` in which every call is seen: what it learns from, in what portions and order."""

import functools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader import compare
from grader.checks.calls import Function
from grader.checks.check import Case, Check
from grader.checks.properties import Problem, holds
from grader.checks.training.indices import dealt, listed, shortened, uncapitalised
from grader.checks.training.loop import (
    FIRST_OF_VALIDATION,
    FIT,
    losses,
    numbered,
    outcome_problem,
    settings,
)
from grader.checks.trial import Result
from grader.student.wire import Given

Rng = np.random.Generator
Args = tuple[Any, ...]
WATCHED, WATCHED_BATCH, WATCHED_EPOCHS = 13, 3, 3


@functools.cache
def fit_functions() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return the functions of FIT, to be called here."""
    return Given(FIT, "loss_and_grads").function(), Given(FIT, "update").function()


def refusing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that refuses with ValueError whatever it cannot work with."""

    def call(*args: Any, **named: Any) -> Any:
        try:
            return function(*args, **named)
        except (AttributeError, LookupError, ArithmeticError) as error:
            raise ValueError(f"{type(error).__name__}: {error}") from error

    return call


def watched(rng: Rng) -> Args:
    """Build a run of three epochs on different examples, in which every call is seen."""
    params = {"u": rng.uniform(0.3, 0.5, 2), "v": rng.uniform(0.3, 0.5, 2)}
    train = numbered(rng.normal(size=(WATCHED, 2)), rng.normal(size=WATCHED), 0)
    val = numbered(rng.normal(size=(5, 2)), rng.normal(size=5), FIRST_OF_VALIDATION)
    loss_and_grads, update = (refusing(function) for function in fit_functions())
    functions = Function("loss_and_grads", loss_and_grads), Function("update", update)
    return params, *functions, *train, *val, *settings(rng, WATCHED_EPOCHS, WATCHED_BATCH, 3)


def different_examples(rng: Rng) -> Args:
    """Build a run on different examples, but for rng."""
    params, _, _, *data = watched(rng)
    functions = Given(FIT, "loss_and_grads"), Given(FIT, "update")
    return params, *functions, *data[:-1]


WATCHED_RUN = Case(
    "13 examples, batches of 3, every call watched",
    watched,
    judged=(),
    form_problem=outcome_problem,
)


def watch(name: str, problem: Callable[[Result], Problem | None], weight: float) -> Check:
    """Check something of the run in which every call is seen."""
    return holds(name, problem, [WATCHED_RUN], weight=weight)


@dataclass(frozen=True)
class Look:
    """One call of loss_and_grads.

    Parameters
    ----------
    params, loss
        What it was called with, and what it gave.
    examples, targets
        The numbers of the rows of x and of y.
    used
        Whether an update was given its gradients.
    """

    params: Any
    loss: float
    examples: tuple[int, ...]
    targets: tuple[int, ...]
    used: bool

    @property
    def validates(self) -> bool:
        """Tell whether there is an example of the validation set."""
        return any(example >= FIRST_OF_VALIDATION for example in self.examples)


def looks_of(result: Result) -> list[Look]:
    """Return the calls of loss_and_grads in order, but for those that were refused.

    Where the same gradients came twice, nothing moved in between: it is the later call that an update
    was made of, and the earlier one only looked.
    """
    loss_and_grads, update = result.args[1:3]
    steps = Counter(
        np.asarray(args[1]).tobytes() for args in result.evaluations[update] if args[1:]
    )
    found: list[Look] = []
    for args in reversed(result.evaluations[loss_and_grads]):
        try:
            params, x, y = args[:3]
            loss, grads = loss_and_grads.run(params, x, y)
        except (ValueError, TypeError):
            continue
        taken = [dw.tobytes() for dw in grads.values() if dw.any() and steps[dw.tobytes()]]
        steps.subtract(taken)
        examples, targets = x[:, 2].astype(int).tolist(), y[:, 1].astype(int).tolist()
        found.append(Look(params, float(loss), tuple(examples), tuple(targets), bool(taken)))
    return found[::-1]


def epochs_of(looks: Sequence[Look]) -> list[list[Look]]:
    """Return the looks that updates were made of, epoch by epoch: a validation ends each."""
    epochs: list[list[Look]] = [[]]
    for look in looks:
        if look.used:
            epochs[-1].append(look)
        elif look.validates and epochs[-1]:
            epochs.append([])
    return [epoch for epoch in epochs if epoch]


def only_training_data(result: Result) -> Problem | None:
    """Find an update that was made of validation examples."""
    looks = looks_of(result)
    learnt = [look for look in looks if look.used and look.validates]
    if learnt:
        count = sum(example >= FIRST_OF_VALIDATION for example in learnt[0].examples)
        return Problem(
            f"{len(learnt)} updates are made of gradients of the validation set ({count} of its "
            "examples in the first of them).",
            "updates of the training set alone",
            suggestion="Take the validation loss and leave its gradients unused.",
            mistake="learns_from_validation",
        )
    if not any(look.validates for look in looks):
        looked = any(not look.used for look in looks)
        return Problem(
            "The loss of the validation set is never taken.",
            suggestion="At the end of each epoch: loss_and_grads(params, x_val, y_val).",
            mistake="validates_on_training" if looked else "",
        )
    return None


def targets_with_examples(result: Result) -> Problem | None:
    """Find examples that are given the targets of others."""
    for look in looks_of(result):
        if look.examples != look.targets:
            i = next(
                (
                    i
                    for i, pair in enumerate(zip(*pairs_in(look), strict=True))
                    if len(set(pair)) > 1
                ),
                0,
            )
            return Problem(
                f"loss_and_grads was given example {number_of(look.examples, i)} with the target of "
                f"example {number_of(look.targets, i)}.",
                suggestion="Index x_train and y_train with the same batch.",
                mistake="targets_not_shuffled",
            )
    return None


def pairs_in(look: Look) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return examples and targets that stand side by side."""
    rows = min(len(look.examples), len(look.targets))
    return look.examples[:rows], look.targets[:rows]


def number_of(examples: Sequence[int], i: int) -> str:
    """Return which example stands in a place, for reading."""
    number = examples[i] if i < len(examples) else -1
    if number >= FIRST_OF_VALIDATION:
        return f"{number - FIRST_OF_VALIDATION} of the validation set"
    return str(number)


def whole_epochs(result: Result) -> Problem | None:
    """Find training examples that an epoch leaves out or sees twice, and batches of another size."""
    looks = looks_of(result)
    epochs = epochs_of(looks)
    batches = [each for each in looks if not each.used and len(each.examples) <= WATCHED_BATCH]
    passed_by = {example for each in batches for example in each.examples}
    if not epochs:
        return Problem(
            "No update was given a gradient that loss_and_grads returned.",
            suggestion="After each batch: update(params[name], grads[name], config[name]).",
        )
    for number, epoch in enumerate(epochs):
        seen = [np.array(look.examples, np.int64) for look in epoch]
        found = dealt([each[each < FIRST_OF_VALIDATION] for each in seen], WATCHED)
        sizes = sorted((len(look.examples) for look in epoch), reverse=True)
        if passed_by.intersection(found.missing):
            return Problem(
                f"Epoch {number}: the gradient of the batch with {listed(found.missing)} is not "
                "given to update as loss_and_grads returned it.",
                suggestion="update(params[name], grads[name], config[name]), after every batch.",
            )
        if not found.complete:
            rest = len(found.missing) == WATCHED % WATCHED_BATCH and not found.repeated
            drawn = bool(found.missing and found.repeated)
            return Problem(
                f"Epoch {number}: among the batches, {uncapitalised(found.message)}",
                f"each of {WATCHED} training examples once",
                f"batches of {shortened(sizes)}",
                suggestion="Your minibatches deals all examples out, the smaller last batch included.",
                mistake="last_batch_lost" if rest else "with_replacement" if drawn else "",
            )
        wanted = [WATCHED_BATCH] * (WATCHED // WATCHED_BATCH) + [WATCHED % WATCHED_BATCH]
        if sizes != wanted:
            return Problem(
                f"Epoch {number}: the batches hold {shortened(sizes)} examples; with batch_size "
                f"{WATCHED_BATCH} they hold {shortened(wanted)}.",
                f"sizes {shortened(wanted)}",
                f"sizes {shortened(sizes)}",
            )
    return None


def shuffled_anew(result: Result) -> Problem | None:
    """Find epochs whose batches are those of the data's order, or all the same.

    13 examples can be dealt out to four batches of 3 and one of 1 in 200 200 ways. That chance does
    so in the same way in three epochs, or in one given way, has a probability below 3e-11 each.
    """
    epochs = epochs_of(looks_of(result))
    ways = {frozenset(frozenset(look.examples) for look in epoch) for epoch in epochs}
    starts = range(0, WATCHED, WATCHED_BATCH)
    natural = frozenset(
        frozenset(range(start, min(start + WATCHED_BATCH, WATCHED))) for start in starts
    )
    if len(epochs) < WATCHED_EPOCHS:
        return Problem(
            f"The training examples are seen in {len(epochs)} epochs; there should be "
            f"{WATCHED_EPOCHS}, each followed by a look at the validation set."
        )
    if ways == {natural}:
        return Problem(
            "The batches hold examples 0 to 2, 3 to 5 and so on, in every epoch.",
            suggestion="Your minibatches shuffles; call it in each epoch.",
            mistake="not_shuffled",
        )
    if len(ways) == 1:
        return Problem(
            "The examples are shuffled once: every epoch has the same batches.",
            suggestion="Call minibatches inside the loop over the epochs.",
            mistake="shuffled_once",
        )
    return None


def training_losses(result: Result) -> Problem | None:
    """Find training losses that are none of the three that are right."""
    _, history = result.outcome.value
    got = losses(history["train_loss"])
    assert got is not None
    looks = looks_of(result)
    epochs = epochs_of(looks)
    batches = [np.array([look.loss for look in epoch]) for epoch in epochs]
    sizes = [np.array([len(look.examples) for look in epoch]) for epoch in epochs]
    x_train, y_train = result.args[3:5]
    loss_and_grads, _ = fit_functions()
    ends = [after for epoch in epochs for after in [following(looks, epoch[-1])] if after]
    right = {
        "mean": [np.mean(each) for each in batches],
        "weighted": [np.average(each, weights=n) for each, n in zip(batches, sizes, strict=True)],
        "end": [loss_and_grads(look.params, x_train, y_train)[0] for look in ends],
    }
    if any(
        len(want) == len(got) and np.allclose(got, want, 1e-9, 1e-12) for want in right.values()
    ):
        return None
    so_far = [np.mean(np.concatenate(batches[: i + 1])) for i in range(len(batches))]
    wrong = {
        "loss_of_the_last_batch": [each[-1] for each in batches],
        "losses_summed": [np.sum(each) for each in batches],
        "losses_divided_by_examples": [np.sum(each) / len(x_train) for each in batches],
        "losses_divided_by_full_batches": [
            np.sum(each) / (len(x_train) // WATCHED_BATCH) for each in batches
        ],
        "losses_divided_by_batch_size": [np.sum(each) / WATCHED_BATCH for each in batches],
        "losses_of_all_epochs": so_far,
    }
    same = (
        mistake
        for mistake, made in wrong.items()
        if len(made) == len(got) and np.allclose(got, made, 1e-9, 1e-12)
    )
    wanted = ", ".join(compare.number(float(loss), 5) for loss in right["mean"])
    shown = ", ".join(compare.number(float(loss), 5) for loss in got[:8])
    return Problem(
        f"history['train_loss'] is [{shown}]; the means of the batches' losses are [{wanted}].",
        f"train_loss = [{wanted}]",
        f"train_loss = [{shown}]",
        suggestion="Gather the losses of one epoch's batches in a list and take their mean.",
        mistake=next(same, ""),
    )


def following(looks: Sequence[Look], last: Look) -> Look | None:
    """Return the first look at the validation set after a batch."""
    place = next(i for i, look in enumerate(looks) if look is last)
    return next((look for look in looks[place:] if look.validates), None)
