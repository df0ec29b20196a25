"""Runs of `train` whose result is known whatever the order of the examples, and what it must be."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader import compare
from grader.checks.calls import Named
from grader.checks.check import Case
from grader.checks.draws import seed
from grader.checks.properties import Problem
from grader.checks.trial import Result
from grader.student.wire import Generator, Given

Rng = np.random.Generator
Args = tuple[Any, ...]
Array = np.ndarray[Any, np.dtype[Any]]
HISTORY = ("train_loss", "val_loss", "best_epoch")
# Handed over as text: it runs in the learner's process. Two parameters of one shape, whose gradients
# depend on each other; columns 2 of x and 1 of y number the examples and are not looked at.
FIT = """
import numpy as np


def loss_and_grads(params, x, y):
    for name, w in params.items():
        if not isinstance(w, np.ndarray) or w.shape != (2,):
            raise ValueError(
                f"params[{name!r}] is no longer an array of shape (2,) but {type(w).__name__}; update "
                "returns two things, the next w and its config"
            )
    u, v = params["u"], params["v"]
    miss = x[:, :2] @ (u * v) - y[:, 0]
    slope = 2 * (miss @ x[:, :2]) / len(x)
    return np.mean(miss**2), {"u": slope * v, "v": slope * u}


def update(w, dw, config=None):
    velocity = 0.5 * (config or {}).get("velocity", np.zeros_like(w)) - 0.015 * dw
    return w + velocity, {"velocity": velocity}


def update_in_place(w, dw, config=None):
    config = config or {"velocity": np.zeros_like(w)}
    config["velocity"] = 0.5 * config["velocity"] - 0.015 * dw
    w += config["velocity"]
    return w, config
"""
# The one weight counts the steps that were made; the validation loss follows a script, epoch by
# epoch, beginning with the loss before the first one.
COUNT = """
import numpy as np

SCRIPT, STEPS = np.array({script}), {steps}


def loss_and_grads(params, x, y):
    w = params["w"]
    if not isinstance(w, np.ndarray) or w.shape != (1,):
        raise ValueError(
            f"params['w'] is no longer an array of shape (1,) but {{type(w).__name__}}; update returns "
            "two things, the next w and its config"
        )
    steps = float(params["w"][0])
    scripted = SCRIPT[max(0, min(int(steps // STEPS), len(SCRIPT) - 1))]
    losses = np.where(x[:, 0] > 0, scripted, 10 / (1 + max(0.0, steps)))
    return np.mean(losses), {{"w": -np.ones_like(params["w"])}}


def update(w, dw, config=None):
    return w - dw, config
"""


def losses(value: Any) -> Array | None:
    """Return a list or an array of plain numbers as an array, None for anything else."""
    if isinstance(value, np.ndarray) and value.ndim != 1:
        return None
    if not isinstance(value, (list, tuple, np.ndarray)):
        return None
    numbers = [compare.as_number_array(each) for each in value]
    if any(number is None or number.size != 1 for number in numbers):
        return None
    return np.array([float(number.item()) for number in numbers if number is not None])


def outcome_problem(value: Any) -> str:
    """Say what is wrong with the form of what `train` returned."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        found = "one dict" if isinstance(value, dict) else compare.describe(value)
        return f"It returned {found}; two values were expected: best_params, history."
    best, history = value
    if not isinstance(history, dict) or not isinstance(best, dict):
        name, wrong = ("history", history) if isinstance(best, dict) else ("best_params", best)
        return f"{name} is {compare.describe(wrong)}; a dict was expected."
    for name, w in best.items():
        if compare.as_number_array(w) is None:
            return f"best_params[{name!r}] is {compare.describe(w)}; an array was expected."
    absent = next((key for key in HISTORY if key not in history), None)
    if absent:
        there = ", ".join(map(str, history)) or "nothing"
        return f"history has no {absent!r}; there is {there}."
    for key in HISTORY[:2]:
        if losses(history[key]) is None:
            found = compare.describe(history[key])
            return f"history[{key!r}] is {found}; a list of one number for each epoch was expected."
    epoch = compare.as_number_array(history["best_epoch"])
    if epoch is None or epoch.size != 1:
        found = compare.describe(history["best_epoch"])
        return f"history['best_epoch'] is {found}; a whole number was expected."
    return ""


def settings(rng: Rng, epochs: int, batch_size: int, patience: int) -> Args:
    """Return the arguments of `train` that are given by name."""
    given = {"epochs": epochs, "batch_size": batch_size, "patience": patience}
    return (
        *(Named(name, value) for name, value in given.items()),
        Named("rng", Generator(seed(rng))),
    )


def numbered(x: Array, y: Array, first: int) -> tuple[Array, Array]:
    """Return examples and targets with a column more, their number."""
    numbers = first + np.arange(len(x), dtype=np.float64)
    return np.column_stack([x, numbers]), np.column_stack([y, numbers])


FIRST_OF_VALIDATION = 1000


def pulled(rng: Rng, n: int) -> Args:
    """Draw parameters, n equal training examples but for their numbers, and validation examples.

    The training examples pull the prediction past the validation targets, so that the best epoch is
    neither the first nor the last. Being equal, they give the same path in any order.
    """
    a = rng.uniform(0.8, 1.2, 2)
    params = {"u": rng.uniform(0.3, 0.5, 2), "v": rng.uniform(0.3, 0.5, 2)}
    x_val, y_val = a * rng.uniform(0.95, 1.05, (4, 2)), 1.2 * rng.uniform(0.95, 1.05, 4)
    train = numbered(np.tile(a, (n, 1)), np.full(n, 2.0), 0)
    return params, *train, *numbered(x_val, y_val, FIRST_OF_VALIDATION)


def fitting(rng: Rng, update: str) -> Args:
    """Build a run of six epochs with batches of 3, 3 and 1."""
    params, *data = pulled(rng, 7)
    functions = Given(FIT, "loss_and_grads"), Given(FIT, update)
    return params, *functions, *data, *settings(rng, 6, 3, 6)


def scripted(
    script: Sequence[float], *, patience: int, n: int = 7, batch_size: int = 3, before: float = 7.0
) -> Callable[[Rng], Args]:
    """Build a run whose validation losses are known, one for each epoch."""
    numbers = ", ".join("np.nan" if math.isnan(loss) else repr(loss) for loss in (before, *script))
    text = COUNT.format(script=f"[{numbers}]", steps=-(-n // batch_size))
    functions = Given(text, "loss_and_grads"), Given(text, "update")
    train = numbered(np.zeros((n, 1)), np.zeros(n), 0)
    val = numbered(np.ones((4, 1)), np.zeros(4), FIRST_OF_VALIDATION)

    def build(rng: Rng) -> Args:
        named = settings(rng, len(script), batch_size, patience)
        return {"w": np.zeros(1)}, *functions, *train, *val, *named

    return build


MOST_EPOCHS = 16
JUDGED = (
    "best_params",
    *(f"history['val_loss'][{epoch}]" for epoch in range(MOST_EPOCHS)),
    "history['best_epoch']",
)


def running(label: str, build: Callable[[Rng], Args]) -> Case:
    """Make a case of `train` whose result does not depend on the order of the examples."""
    return Case(label, build, judged=JUDGED, form_problem=outcome_problem)


def lengths(result: Result) -> tuple[Array, Array, Array]:
    """Return the validation losses that came back, the right ones, and the training losses."""
    _, history = result.outcome.value
    right = [w for name, w in result.want.items() if name.startswith("history['val_loss']")]
    val, train = losses(history["val_loss"]), losses(history["train_loss"])
    assert val is not None
    assert train is not None
    return val, np.array(right, np.float64), train


def validation_losses(result: Result) -> Problem | None:
    """Find a validation loss that is not that of the parameters at the end of its epoch."""
    got, want, _ = lengths(result)
    epochs = min(len(got), len(want))
    right = compare.Right(want[:epochs], result.tolerance, result.scale)
    wrong = right.difference("history['val_loss']", got[:epochs])
    return Problem(wrong.message, wrong.expected, wrong.got) if wrong else None


def epochs_run(result: Result) -> Problem | None:
    """Find a run that is too long or too short."""
    got, want, train = lengths(result)
    if len(got) == len(want) == len(train):
        return None
    named = result.call.named
    key, found = ("val_loss", got) if len(got) != len(want) else ("train_loss", train)
    shown = ", ".join(compare.number(float(loss), 3) for loss in want)
    ends = "the end of patience" if len(want) < named["epochs"] else "the last epoch"
    return Problem(
        f"history[{key!r}] has {len(found)} entries; with patience {named['patience']} and at most "
        f"{named['epochs']} epochs there are {len(want)}, one for each epoch to {ends}. The "
        f"validation losses: {shown}.",
        f"{len(want)} entries",
        f"{len(found)} entries",
        suggestion="Stop after the epoch in which epoch - best_epoch >= patience.",
    )


def best_epoch(result: Result) -> Problem | None:
    """Find another epoch named as the best."""
    _, history = result.outcome.value
    got = float(np.asarray(history["best_epoch"]).item())
    want = result.want["history['best_epoch']"]
    if got == want:
        return None
    _, right, _ = lengths(result)
    shown = ", ".join(compare.number(float(loss), 3) for loss in right)
    return Problem(
        f"best_epoch is {got:g}; it should be {want}, counted from 0. The validation losses: {shown}.",
        f"best_epoch = {want}",
        f"best_epoch = {got:g}",
    )


def best_parameters(result: Result) -> Problem | None:
    """Find parameters that are not those of the end of the best epoch."""
    assert result.got is not None
    epoch = result.want["history['best_epoch']"]
    for name in (name for name in result.want if name.startswith("best_params")):
        wrong = result.difference(name)
        if wrong:
            return Problem(
                f"{wrong.message} The parameters at the end of epoch {epoch}, the best, are asked for.",
                wrong.expected,
                wrong.got,
            )
    return None
