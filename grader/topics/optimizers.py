"""Taking the step: what is asked of the seven optimizers, three schedules and clipping."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from grader.catalogue import Mistake, Topic
from grader.checks import (
    Case,
    Check,
    by_hand,
    hidden,
    keeps_inputs,
    keeps_precision,
    matches_truth,
    repeatable,
    survives,
    vectorised,
)
from grader.checks.descents import (
    by_turns,
    downhill,
    keeps_to_the_way,
    logistic,
    rosenbrock,
    valley,
    walked,
)

Rng = np.random.Generator
Array = np.ndarray[Any, np.dtype[np.float64]]
Args = tuple[Any, ...]
Numbers = Mapping[str, Any]
Draw = Callable[[Rng, tuple[int, ...]], dict[str, Any]]

SINGLE = np.float32

topic = Topic("optimizers", title="Taking the step")


def weights(rng: Rng, *shape: int, dtype: type = np.float64) -> tuple[Array, Array]:
    """Draw parameters and a gradient, no element of either near 0."""
    sign = rng.choice([-1.0, 1.0], size=(2, *shape))
    w, dw = sign * rng.uniform(0.3, 3.0, size=(2, *shape))
    return w.astype(dtype), dw.astype(dtype)


def no_state(_: Rng, __: tuple[int, ...]) -> dict[str, Any]:
    """Draw the state of an optimizer that has none."""
    return {}


def some_velocity(rng: Rng, shape: tuple[int, ...]) -> dict[str, Any]:
    """Draw a velocity as it may be in the middle of a training."""
    return {"velocity": rng.normal(size=shape)}


def some_cache(rng: Rng, shape: tuple[int, ...]) -> dict[str, Any]:
    """Draw a sum, or a mean, of squares as it may be in the middle of a training."""
    return {"cache": rng.uniform(0.5, 4.0, size=shape)}


def some_means(rng: Rng, shape: tuple[int, ...]) -> dict[str, Any]:
    """Draw both means of Adam as they may be after 5 steps."""
    return {"m": rng.normal(size=shape), "v": rng.uniform(0.2, 2.0, size=shape), "t": 5}


def descent(name: str, count: int, numbers: Numbers, where: str = "valley") -> Any:
    """Return what builds a descent of so many steps; its config is a new one in each case."""

    def build(rng: Rng) -> Args:
        if where == "valley":
            gradient, w = valley(), weights(rng, 2)[0]
        elif where == "logistic":
            gradient, w = logistic(rng), weights(rng, 3)[0]
        else:
            gradient, w = rosenbrock(), np.array([-1.2, 1.0]) + 0.1 * rng.normal(size=2)
        met = downhill(topic.truth(name), gradient, w, count, numbers)
        return walked(name, w, met, dict(numbers))

    return build


def in_turn(name: str, rounds: int, *configs: Numbers) -> Any:
    """Return what builds steps of two parameters by turns; without configs they are left out."""

    def build(rng: Rng) -> Args:
        starts = [weights(rng, 2, 2)[0] for _ in range(2)]
        gradients = [[weights(rng, 2, 2)[1] for _ in range(2)] for _ in range(rounds)]
        return by_turns(name, starts, gradients, [dict(each) for each in configs])

    return build


def ways(name: str, numbers: Numbers, others: Numbers) -> list[Case]:
    """Return the two long descents in the valley."""
    return [
        Case(f"12 steps in a valley, {said(numbers)}", descent(name, 12, numbers)),
        Case(f"5 steps in a valley, {said(others)}", descent(name, 5, others)),
    ]


def said(numbers: Numbers) -> str:
    """Return hyperparameters for reading."""
    return ", ".join(f"{key.replace('_', ' ')} {value:g}" for key, value in numbers.items())


def usual(
    name: str, numbers: Numbers, others: Numbers, state: Draw, long: Sequence[Case]
) -> list[Case]:
    """Return the cases of an optimizer.

    Parameters
    ----------
    name
        Which.
    numbers, others
        Two sets of hyperparameters, complete.
    state
        Draws what it remembers.
    long
        Its `ways`.
    """
    rate = {"learning_rate": numbers["learning_rate"]}
    small = {**numbers, "learning_rate": numbers["learning_rate"] / 100}
    rest = {key: value for key, value in others.items() if key != "learning_rate"}
    remembered = "all state given" if state is not no_state else "another rate"
    return [
        Case("1 step, 3 weights", lambda rng: (*weights(rng, 3), dict(numbers))),
        Case(
            "1 step, 2 x 3 weights, only a rate given", lambda rng: (*weights(rng, 2, 3), {**rate})
        ),
        Case(
            f"1 step, 3 x 2 weights, {remembered}",
            lambda rng: (*weights(rng, 3, 2), {**others, **state(rng, (3, 2))}),
        ),
        Case("2 steps, an empty config", descent(name, 2, {})),
        Case("3 steps, no rate given", descent(name, 3, rest)),
        *long,
        Case("2 parameters by turns, a config each", in_turn(name, 2, numbers, others)),
        Case("2 parameters, no config given", in_turn(name, 1)),
        hidden(Case("4 steps of a logistic regression", descent(name, 4, others, "logistic"))),
        hidden(Case("4 steps down Rosenbrock's valley", descent(name, 4, small, "rosenbrock"))),
    ]


def manners() -> list[Check]:
    """Return the checks that every optimizer ends with."""
    return [
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: (*weights(rng, n, 3), {"learning_rate": 0.1})),
    ]


def extremes(numbers: Numbers, state: Draw) -> list[Case]:
    """Return what every optimizer must survive."""

    def scaled(rng: Rng, factor: float, *shape: int) -> Args:
        w, dw = weights(rng, *(shape or (4,)))
        return w, factor * dw, dict(numbers)

    return [
        Case("1 weight", lambda rng: (*weights(rng, 1), dict(numbers))),
        Case("no gradient", lambda rng: scaled(rng, 0.0)),
        Case(
            "no gradient, state given",
            lambda rng: (*scaled(rng, 0.0)[:2], {**numbers, **state(rng, (4,))}),
        ),
        Case("2 x 3 x 4 gradients of 10 million", lambda rng: scaled(rng, 1e7, 2, 3, 4)),
        Case("float32", lambda rng: (*weights(rng, 5, dtype=SINGLE), dict(numbers))),
    ]


def tiny(numbers: Numbers) -> Case:
    """Return gradients so small that the usual epsilon counts."""

    def build(rng: Rng) -> Args:
        w, dw = weights(rng, 4)
        return 1e-3 * w, 1e-8 * dw, {**numbers}

    return Case("gradients as small as epsilon", build)


# What the model answers have in common, and mistakes that are made in its words.

DEFAULTS = {
    "sgd": {"learning_rate": "1e-2"},
    "sgd_momentum": {"learning_rate": "1e-2", "momentum": "0.9"},
    "nesterov_momentum": {"learning_rate": "1e-2", "momentum": "0.9"},
    "adagrad": {"learning_rate": "1e-2", "epsilon": "1e-8"},
    "rmsprop": {"learning_rate": "1e-2", "decay_rate": "0.99", "epsilon": "1e-8"},
    "adam": {"learning_rate": "1e-3", "beta1": "0.9", "beta2": "0.999", "epsilon": "1e-8"},
    "adamw": {
        "learning_rate": "1e-3",
        "beta1": "0.9",
        "beta2": "0.999",
        "epsilon": "1e-8",
        "weight_decay": "1e-2",
    },
}
NEW_CONFIG = "    if config is None:\n        config = {}\n"


def config_mistakes(name: str) -> list[Mistake]:
    """Return what is got wrong about the config of any optimizer."""
    default = DEFAULTS[name]
    read = [(f'config.setdefault("{k}", {v})', f'config["{k}"]') for k, v in default.items()]
    every = ", ".join(f'"{key}": {value}' for key, value in default.items())
    return [
        Mistake(
            "no_defaults",
            "It fails where no config is given, or one that lacks a number: None stands for an empty "
            "dict, and every hyperparameter has a default.",
            (NEW_CONFIG, ""),
            *read,
        ),
        Mistake(
            "no_defaults_and_asked",
            "It fails where no config is given, or one that lacks a number: None stands for an empty "
            "dict, and every hyperparameter has a default.",
            (NEW_CONFIG, "    config.keys()\n"),
            *read,
        ),
        Mistake(
            "defaults_without_config_only",
            "The defaults are filled in only where there is no config at all; one that is given may "
            "lack them as well. config.setdefault(key, default) fills in what is missing.",
            ("        config = {}", f"        config = {{{every}}}"),
            *read,
        ),
        Mistake(
            "config_not_returned",
            "The config does not come back: return next_w, config.",
            ("return next_w, config", "return next_w"),
        ),
    ]


def fixed(name: str, *keys: str) -> Mistake:
    """Return the mistake of hyperparameters that are written into the code; all, for no keys."""
    default = DEFAULTS[name]
    many = len(keys or default) > 1
    subject = " and ".join(keys or default) if keys or not many else "The hyperparameters"
    what = f"{subject} {'are' if many else 'is'}"
    return Mistake(
        "_and_".join(keys) + "_fixed" if keys else "numbers_fixed",
        f"{what} written into the code, or looked for under another name than the key: what config "
        "says does not count. With the defaults nobody notices.",
        *((f'config.setdefault("{k}", {default[k]})', default[k]) for k in keys or default),
    )


def other_default(name: str, key: str, wrong: str) -> Mistake:
    """Return the mistake of another default."""
    right = DEFAULTS[name][key]
    return Mistake(
        f"default_{key}",
        f"Where config lacks {key}, {wrong} is taken for it; its default is {right}.",
        (f'config.setdefault("{key}", {right})', f'config.setdefault("{key}", {wrong})'),
    )


def state_mistakes(name: str, *keys: str) -> list[Mistake]:
    """Return what is got wrong about the state of any optimizer that has some."""
    return [
        Mistake(
            "state_not_stored",
            f"The new {' and '.join(keys)} must stand in the config that comes back: computed and "
            "not stored, each step is a first step.",
            *((f'config["{key}"] = {key}', "pass") for key in keys),
        ),
        Mistake(
            "state_not_read",
            f"It starts from zero in each call: take {' and '.join(keys)} from config where it has "
            "them.",
            *(
                (f'config.get("{k}", np.zeros_like(w))', "np.zeros_like(w)")
                for k in keys
                if k != "t"
            ),
            *((f'config.get("{k}", 0)', "0") for k in keys if k == "t"),
        ),
        Mistake(
            "shared",
            "Parameters whose config is left out share one. A default argument such as config={} is "
            "made once and keeps what the last call put there; write config=None, and make a new "
            "dict in each call.",
            ("        config = {}", f"        config = {name}.__dict__"),
        ),
    ]


def uphill(old: str = "next_w = w - ") -> Mistake:
    """Return the mistake of the sign."""
    return Mistake(
        "uphill",
        "It climbs: the gradient points uphill, so the step goes against it.",
        (old, old.replace(" - ", " + ")),
    )


def scale_mistakes(squares: str, over: str = "learning_rate * dw / scale") -> list[Mistake]:
    """Return what is got wrong about the root and epsilon.

    Parameters
    ----------
    squares
        What the root is taken of.
    over
        Where the result is divided by.
    """
    scale = f"np.sqrt({squares}) + epsilon"
    return [
        Mistake(
            "epsilon_inside_the_root",
            "Epsilon stands inside the root; it is added to the root: np.sqrt(...) + epsilon.",
            (scale, f"np.sqrt({squares} + epsilon)"),
        ),
        Mistake(
            "epsilon_left_out",
            "Epsilon is missing: where a gradient has always been 0, that is 0 / 0.",
            (scale, f"np.sqrt({squares})"),
        ),
        Mistake(
            "epsilon_beside_the_quotient",
            "Brackets are missing: epsilon is added to the quotient, not to the root that it is "
            "divided by.",
            (scale, f"np.sqrt({squares})"),
            (over, f"{over} + epsilon"),
        ),
        Mistake(
            "no_root",
            "The root is missing: it divides by the squares themselves.",
            (scale, f"{squares} + epsilon"),
        ),
        Mistake(
            "half_instead_of_root",
            "x ** 1/2 is x halved, not its root: the power comes before the division. Write "
            "np.sqrt(x), or x ** 0.5.",
            (scale, f"{squares} ** 1 / 2 + epsilon"),
        ),
    ]


NUMBERS: dict[str, tuple[Numbers, Numbers]] = {
    "sgd": ({"learning_rate": 0.07}, {"learning_rate": 0.12}),
    "sgd_momentum": (
        {"learning_rate": 0.05, "momentum": 0.8},
        {"learning_rate": 0.08, "momentum": 0.5},
    ),
    "nesterov_momentum": (
        {"learning_rate": 0.05, "momentum": 0.8},
        {"learning_rate": 0.08, "momentum": 0.5},
    ),
    "adagrad": (
        {"learning_rate": 0.3, "epsilon": 0.1},
        {"learning_rate": 0.5, "epsilon": 1e-3},
    ),
    "rmsprop": (
        {"learning_rate": 0.05, "decay_rate": 0.8, "epsilon": 0.1},
        {"learning_rate": 0.1, "decay_rate": 0.6, "epsilon": 1e-3},
    ),
    "adam": (
        {"learning_rate": 0.1, "beta1": 0.7, "beta2": 0.9, "epsilon": 0.1},
        {"learning_rate": 0.2, "beta1": 0.5, "beta2": 0.8, "epsilon": 1e-3},
    ),
    "adamw": (
        {"learning_rate": 0.1, "beta1": 0.7, "beta2": 0.9, "epsilon": 0.1, "weight_decay": 0.3},
        {"learning_rate": 0.2, "beta1": 0.5, "beta2": 0.8, "epsilon": 1e-3, "weight_decay": 0.1},
    ),
}
LONG = {name: ways(name, *numbers) for name, numbers in NUMBERS.items()}


def asked(name: str, state: Draw = no_state) -> list[Case]:
    """Return the cases of an optimizer."""
    return usual(name, *NUMBERS[name], state, LONG[name])


EACH_STEP = "steps where the formula says, one step or many"

topic.exercise(
    "sgd",
    points=1,
    returns=("next_w", "config"),
    stays=("config",),
    cases=asked("sgd"),
    checks=[
        by_hand(
            np.array([[2.0, -1.0]]),
            np.array([[5.0, 10.0]]),
            {"learning_rate": 0.2},
            gives={"next_w": [[1.0, -3.0]]},
            because="The steps are -0.2 * 5 and -0.2 * 10.",
        ),
        matches_truth(name=EACH_STEP),
        keeps_to_the_way(LONG["sgd"], fixed="numbers_fixed"),
        survives(
            "huge gradients, none at all, one weight and float32",
            extremes(NUMBERS["sgd"][0], no_state),
        ),
        *manners(),
    ],
    hints=[
        "Uphill is where the gradient points. Which way do you want to go, and how far?",
        "Take the learning rate from config, 1e-2 where it has none (config may also be None), and "
        "subtract rate times gradient from w.",
        "Make None an empty dict first. Fill in what is missing with "
        'config.setdefault("learning_rate", 1e-2), which also returns it; return w minus that '
        "times dw, and config beside it.",
    ],
    mistakes=[
        uphill(),
        *config_mistakes("sgd"),
        fixed("sgd"),
        other_default("sgd", "learning_rate", "1e-3"),
        Mistake(
            "step_returned",
            "What comes back is the step; the new parameters are w and the step together.",
            ("next_w = w - learning_rate * dw", "next_w = -learning_rate * dw"),
        ),
        Mistake(
            "gradient_averaged",
            "The gradient is divided by its number of rows: it is an average already.",
            ("learning_rate * dw", "learning_rate * dw / len(dw)"),
        ),
        Mistake(
            "gradient_normalised",
            "The gradient is divided by its length: plain descent takes long steps where it is "
            "steep.",
            ("learning_rate * dw", "learning_rate * dw / np.linalg.norm(dw)"),
        ),
        Mistake(
            "sign_only",
            "Only the sign of the gradient counts; its size should, too.",
            ("learning_rate * dw", "learning_rate * np.sign(dw)"),
        ),
        Mistake(
            "with_momentum",
            "That is momentum: the first step is right, and plain descent remembers nothing.",
            (
                "next_w = w - learning_rate * dw",
                'config["v"] = 0.9 * config.get("v", 0) - learning_rate * dw\n'
                '    next_w = w + config["v"]',
            ),
        ),
        Mistake(
            "no_rate",
            "The learning rate is missing: multiply dw by it.",
            ("learning_rate * dw", "dw"),
        ),
    ],
)

topic.exercise(
    "sgd_momentum",
    points=2,
    returns=("next_w", "config"),
    stays=("config",),
    cases=asked("sgd_momentum", some_velocity),
    checks=[
        by_hand(
            *walked(
                "sgd_momentum",
                np.array([3.0]),
                [np.array([10.0]), np.array([4.0])],
                {"learning_rate": 0.1, "momentum": 0.5},
            ),
            gives={"next_w": [1.1]},
            because="First the velocity is -0.1 * 10 = -1, and w goes from 3 to 2. Then it is "
            "0.5 * -1 - 0.1 * 4 = -0.9.",
        ),
        matches_truth(name=EACH_STEP),
        keeps_to_the_way(LONG["sgd_momentum"], fixed="numbers_fixed", other_kind="nesterov"),
        survives(
            "huge gradients, none at all, one weight and float32",
            extremes(NUMBERS["sgd_momentum"][0], some_velocity),
        ),
        *manners(),
    ],
    hints=[
        "What must be kept from one call to the next, and where?",
        "The new velocity is a part of the old one, minus rate times gradient. Add it to w, and "
        "store it in config.",
        'Take v from config.get("velocity", np.zeros_like(w)); then v = momentum * v - rate * dw. '
        'The new parameters are w + v; put v back under "velocity".',
    ],
    mistakes=[
        uphill("momentum * old_velocity - learning_rate"),
        Mistake(
            "velocity_subtracted",
            "The velocity has the minus in it already; subtracted, it climbs.",
            ("next_w = w + velocity", "next_w = w - velocity"),
        ),
        Mistake(
            "momentum_sign",
            "The old velocity enters with a minus: the ball turns round at every step.",
            ("momentum * old_velocity - ", "-momentum * old_velocity - "),
        ),
        Mistake(
            "nesterov",
            "That is Nesterov's momentum; here w moves by the velocity and no further.",
            (
                "next_w = w + velocity",
                "next_w = w - momentum * old_velocity + (1 + momentum) * velocity",
            ),
        ),
        Mistake(
            "weights_move_first",
            "w moves by the old velocity: update the velocity first, or every step is one late.",
            ("next_w = w + velocity", "next_w = w + old_velocity"),
        ),
        Mistake(
            "running_mean",
            "The gradient is weighed by 1 - momentum, as in a running mean: at momentum 0.9 that "
            "is ten times too slow.",
            ("- learning_rate * dw", "- (1 - momentum) * learning_rate * dw"),
        ),
        Mistake(
            "running_mean_of_gradients",
            "The velocity is kept as a running mean of the gradients, the new one weighed by "
            "1 - momentum: at momentum 0.9 that is ten times too slow. Here it is momentum * v - "
            "rate * dw, and w + v.",
            (
                "momentum * old_velocity - learning_rate * dw",
                "momentum * old_velocity + (1 - momentum) * dw",
            ),
            ("next_w = w + velocity", "next_w = w - learning_rate * velocity"),
        ),
        Mistake(
            "weights_stored",
            "What is stored as the velocity are the new weights. Was w added to the velocity in "
            "place (v += w), or to another name of it? next_w = v makes no copy.",
            ('config["velocity"] = velocity', 'config["velocity"] = next_w'),
        ),
        Mistake(
            "velocity_of_gradients",
            "The velocity is kept without the rate and the minus. From zero that goes the same way; "
            "but a velocity that is given means what the formula says.",
            ("momentum * old_velocity - learning_rate * dw", "momentum * old_velocity + dw"),
            ("next_w = w + velocity", "next_w = w - learning_rate * velocity"),
        ),
        Mistake(
            "velocity_uphill",
            "The velocity is kept with the opposite sign. From zero that goes the same way; but a "
            "velocity that is given means what the formula says.",
            (
                "momentum * old_velocity - learning_rate * dw",
                "momentum * old_velocity + learning_rate * dw",
            ),
            ("next_w = w + velocity", "next_w = w - velocity"),
        ),
        Mistake(
            "no_rate",
            "The learning rate is missing: multiply dw by it.",
            ("- learning_rate * dw", "- dw"),
        ),
        Mistake(
            "rate_twice",
            "The learning rate is in the velocity already; do not multiply by it again: next_w = "
            "w + velocity.",
            ("next_w = w + velocity", "next_w = w + learning_rate * velocity"),
        ),
        *config_mistakes("sgd_momentum"),
        *state_mistakes("sgd_momentum", "velocity"),
        fixed("sgd_momentum", "learning_rate"),
        fixed("sgd_momentum", "momentum"),
        fixed("sgd_momentum"),
        other_default("sgd_momentum", "momentum", "0.0"),
    ],
)

topic.exercise(
    "nesterov_momentum",
    points=3,
    returns=("next_w", "config"),
    stays=("config",),
    cases=asked("nesterov_momentum", some_velocity),
    checks=[
        by_hand(
            *walked(
                "nesterov_momentum",
                np.array([3.0]),
                [np.array([10.0]), np.array([4.0])],
                {"learning_rate": 0.1, "momentum": 0.5},
            ),
            gives={"next_w": [0.65]},
            because="The velocity is -1 and w goes by 1.5 * -1 to 1.5. Then it is -0.5 - 0.4 = -0.9, "
            "and w goes by 0.5 * 1 - 1.5 * 0.9 = -0.85.",
        ),
        matches_truth(name=EACH_STEP),
        keeps_to_the_way(LONG["nesterov_momentum"], fixed="numbers_fixed", other_kind="plain"),
        survives(
            "huge gradients, none at all, one weight and float32",
            extremes(NUMBERS["nesterov_momentum"][0], some_velocity),
        ),
        *manners(),
    ],
    hints=[
        "The formula needs two velocities. Do you still have the old one when you use it?",
        "Compute the new velocity as in plain momentum, under a name of its own. Step back by "
        "momentum * old, forward by (1 + momentum) * new, and store the new one.",
        "new = momentum * old - rate * dw, with old from config; the step that is added to w is "
        "(1 + momentum) * new minus momentum * old. Never write old *= momentum.",
    ],
    mistakes=[
        Mistake(
            "plain",
            "That is plain momentum. If your formula is Nesterov's, the old velocity was "
            "overwritten before it was used: v_old = v makes no copy, and v *= momentum changes "
            "both.",
            (
                "next_w = w - momentum * old_velocity + (1 + momentum) * velocity",
                "next_w = w + velocity",
            ),
        ),
        uphill("momentum * old_velocity - learning_rate"),
        Mistake(
            "plus_old",
            "The old velocity is added: momentum * old is to be subtracted, which steps back from "
            "the point looked ahead to.",
            ("w - momentum * old_velocity", "w + momentum * old_velocity"),
        ),
        Mistake(
            "old_not_scaled",
            "All of the old velocity is subtracted: only momentum times it was looked ahead.",
            ("w - momentum * old_velocity", "w - old_velocity"),
        ),
        Mistake(
            "factors_exchanged",
            "The factors are exchanged: momentum belongs to the old velocity, 1 + momentum to the "
            "new one.",
            (
                "w - momentum * old_velocity + (1 + momentum) * velocity",
                "w - (1 + momentum) * old_velocity + momentum * velocity",
            ),
        ),
        Mistake(
            "one_minus",
            "1 - momentum stands where 1 + momentum is meant.",
            ("(1 + momentum)", "(1 - momentum)"),
        ),
        Mistake(
            "old_left_out",
            "The step back is missing: momentum times the old velocity is to be subtracted.",
            ("w - momentum * old_velocity + ", "w + "),
        ),
        Mistake(
            "gradient_left_out",
            "w goes by momentum times the new velocity; the gradient's own step, minus rate times "
            "dw, is missing.",
            (
                "w - momentum * old_velocity + (1 + momentum) * velocity",
                "w + momentum * velocity",
            ),
        ),
        Mistake(
            "step_stored",
            "The whole step is stored as the velocity; store momentum * old - rate * dw.",
            ('config["velocity"] = velocity', 'config["velocity"] = next_w - w'),
        ),
        Mistake(
            "velocity_of_gradients",
            "The velocity is kept without the rate and the minus. From zero that goes the same way; "
            "but a velocity that is given means what the formula says.",
            ("momentum * old_velocity - learning_rate * dw", "momentum * old_velocity + dw"),
            (
                "w - momentum * old_velocity + (1 + momentum) * velocity",
                "w - learning_rate * (dw + momentum * velocity)",
            ),
        ),
        *config_mistakes("nesterov_momentum"),
        *state_mistakes("nesterov_momentum", "velocity"),
        fixed("nesterov_momentum", "learning_rate"),
        fixed("nesterov_momentum", "momentum"),
        fixed("nesterov_momentum"),
        other_default("nesterov_momentum", "momentum", "0.0"),
    ],
)

HALTED = "huge and tiny gradients, none at all, one weight and float32"

topic.exercise(
    "adagrad",
    points=2,
    returns=("next_w", "config"),
    stays=("config",),
    cases=asked("adagrad", some_cache),
    checks=[
        by_hand(
            *walked(
                "adagrad",
                np.array([1.0]),
                [np.array([30.0]), np.array([40.0])],
                {"learning_rate": 0.2},
            ),
            gives={"next_w": [0.64]},
            because="The first step is 0.2 * 30 / sqrt(900) = 0.2. Then the cache is 900 + 1600 = "
            "2500, and the step 0.2 * 40 / 50 = 0.16.",
        ),
        matches_truth(name=EACH_STEP),
        keeps_to_the_way(LONG["adagrad"]),
        survives(
            HALTED,
            [
                *extremes(NUMBERS["adagrad"][0], some_cache),
                tiny({"learning_rate": 0.01}),
            ],
        ),
        *manners(),
    ],
    hints=[
        "Each weight remembers how large its own gradients were. Where, and from when on?",
        "Add dw squared to the cache first; then divide rate * dw by the root of the cache, to "
        "which epsilon is added. All of it element by element.",
        'cache = config.get("cache", np.zeros_like(w)) + dw**2; the step is rate * dw / '
        "(np.sqrt(cache) + epsilon). Store the cache before you return.",
    ],
    mistakes=[
        uphill(),
        *scale_mistakes("cache"),
        Mistake(
            "rmsprop",
            "The cache fades: that is RMSProp. AdaGrad adds up all squares and forgets none.",
            ("old_cache + dw**2", "0.99 * old_cache + 0.01 * dw**2"),
        ),
        Mistake(
            "no_square",
            "The gradients are added up as they are: their squares are needed, or the root is of "
            "something negative.",
            ("dw**2", "dw"),
        ),
        Mistake(
            "absolute_values",
            "Absolute values are added up; after the first step their sum is not the root of the "
            "sum of squares.",
            ("dw**2", "np.abs(dw)"),
            ("np.sqrt(cache) + epsilon", "cache + epsilon"),
        ),
        Mistake(
            "old_cache_used",
            "It divides by the cache of before: put the new square in first, or the first step "
            "divides by epsilon alone.",
            ("np.sqrt(cache)", "np.sqrt(old_cache)"),
        ),
        Mistake(
            "one_scale_for_all",
            "The squares of all weights are added up into one number; each weight has a cache of "
            "its own.",
            ("dw**2", "np.sum(dw**2)"),
        ),
        Mistake(
            "mean_of_squares",
            "The sum of squares is divided by the number of steps; AdaGrad takes the sum.",
            (
                "np.sqrt(cache)",
                'np.sqrt(cache / config.setdefault("n", config.pop("n", 0) + 1))',
            ),
        ),
        Mistake(
            "rate_in_the_cache",
            "The gradient is multiplied by the rate before it is squared, and the rate cancels.",
            ("dw**2", "(learning_rate * dw) ** 2"),
        ),
        Mistake(
            "cache_starts_at_one",
            "The cache starts at 1; it starts at 0.",
            ("np.zeros_like(w)", "np.ones_like(w)"),
        ),
        *config_mistakes("adagrad"),
        *state_mistakes("adagrad", "cache"),
        fixed("adagrad", "learning_rate"),
        fixed("adagrad", "epsilon"),
        fixed("adagrad"),
        other_default("adagrad", "epsilon", "1e-10"),
    ],
)

topic.exercise(
    "rmsprop",
    points=2,
    returns=("next_w", "config"),
    stays=("config",),
    cases=asked("rmsprop", some_cache),
    checks=[
        by_hand(
            *walked(
                "rmsprop",
                np.array([1.0]),
                [np.array([40.0]), np.array([20.0])],
                {"learning_rate": 0.1, "decay_rate": 0.75},
            ),
            gives={"next_w": [0.7]},
            because="The cache is 0.25 * 1600 = 400, the step 0.1 * 40 / 20 = 0.2. Then it is "
            "0.75 * 400 + 0.25 * 400 = 400 again, and the step 0.1 * 20 / 20 = 0.1.",
        ),
        matches_truth(name=EACH_STEP),
        keeps_to_the_way(LONG["rmsprop"]),
        survives(
            HALTED,
            [
                *extremes(NUMBERS["rmsprop"][0], some_cache),
                tiny({"learning_rate": 0.01}),
            ],
        ),
        *manners(),
    ],
    hints=[
        "Like AdaGrad, but old squares fade. What are the two shares, and do they add up to 1?",
        "cache = decay_rate * cache + (1 - decay_rate) * dw^2, then the step of AdaGrad: rate * dw "
        "over the root of the cache plus epsilon. There is no bias correction.",
        'Start from config.get("cache", np.zeros_like(w)), make the weighted sum of it and dw**2, '
        "divide rate * dw by (np.sqrt(cache) + epsilon), and store the new cache.",
    ],
    mistakes=[
        uphill(),
        *scale_mistakes("cache"),
        Mistake(
            "adagrad",
            "Nothing fades: that is AdaGrad. Weigh old and new by decay_rate and 1 - decay_rate.",
            ("decay_rate * old_cache + (1 - decay_rate) * dw**2", "old_cache + dw**2"),
        ),
        Mistake(
            "shares_exchanged",
            "The shares are exchanged: the old cache keeps decay_rate, the new square enters with "
            "the little that is left.",
            (
                "decay_rate * old_cache + (1 - decay_rate) * dw**2",
                "(1 - decay_rate) * old_cache + decay_rate * dw**2",
            ),
        ),
        Mistake(
            "square_not_weighed",
            "The new square lacks its share, 1 - decay_rate.",
            ("(1 - decay_rate) * dw**2", "dw**2"),
        ),
        Mistake(
            "no_square",
            "The mean is of the gradients themselves; it is of their squares, or the root is of "
            "something negative.",
            ("dw**2", "dw"),
        ),
        Mistake(
            "share_squared",
            "1 - decay_rate is squared along with the gradient.",
            ("(1 - decay_rate) * dw**2", "((1 - decay_rate) * dw) ** 2"),
        ),
        Mistake(
            "epsilon_in_the_cache",
            "Epsilon is put into the cache, again with every step; add it to the root.",
            ("* dw**2", "* dw**2 + epsilon"),
            ("np.sqrt(cache) + epsilon", "np.sqrt(cache)"),
        ),
        Mistake(
            "bias_corrected",
            "The cache is corrected for its start at zero, as Adam's is; RMSProp's is not.",
            (
                "np.sqrt(cache)",
                'np.sqrt(cache / (1 - decay_rate ** config.setdefault("n", config.pop("n", 0) + 1)))',
            ),
        ),
        Mistake(
            "old_cache_used",
            "It divides by the cache of before: put the new square in first, or the first step "
            "divides by epsilon alone.",
            ("np.sqrt(cache)", "np.sqrt(old_cache)"),
        ),
        Mistake(
            "cache_starts_with_the_first_square",
            "The cache starts as the first square; it starts at 0.",
            ("np.zeros_like(w)", "dw**2"),
        ),
        *config_mistakes("rmsprop"),
        *state_mistakes("rmsprop", "cache"),
        fixed("rmsprop", "learning_rate"),
        fixed("rmsprop", "decay_rate"),
        fixed("rmsprop", "epsilon"),
        fixed("rmsprop"),
        other_default("rmsprop", "decay_rate", "0.9"),
        other_default("rmsprop", "epsilon", "1e-7"),
    ],
)


def adam_mistakes(name: str, step: str) -> list[Mistake]:
    """Return what is got wrong about the means of Adam, and of AdamW.

    Parameters
    ----------
    name
        Which.
    step
        The quotient, as its model answer has it.
    """
    return [
        Mistake(
            "no_correction",
            "The bias correction is missing: m and v start at zero, and are divided by 1 - beta1**t "
            "and 1 - beta2**t before use.",
            ("m / (1 - beta1**t)", "m"),
            ("v / (1 - beta2**t)", "v"),
        ),
        Mistake(
            "t_not_counted",
            "t is not counted up before its use: at 0 the correction divides by 1 - 1 = 0.",
            ('config.get("t", 0) + 1', 'config.get("t", 0)'),
        ),
        Mistake(
            "t_not_stored",
            "t is counted up and not stored: every step is corrected as if it were the first.",
            ('config["t"] = t', "pass"),
        ),
        Mistake(
            "t_starts_at_one",
            "t starts at 1 and is counted up as well: the first step is t = 1, not 2.",
            ('config.get("t", 0)', 'config.get("t", 1)'),
        ),
        Mistake(
            "t_never_counted",
            "t stays what it was: count it up by 1 in each step, before it is used, and store it.",
            ('config.get("t", 0) + 1', 'config.get("t", 1)'),
        ),
        Mistake(
            "brackets",
            "m / 1 - beta1**t is not m / (1 - beta1**t): the brackets are missing.",
            ("m / (1 - beta1**t)", "m / 1 - beta1**t"),
            ("v / (1 - beta2**t)", "v / 1 - beta2**t"),
        ),
        Mistake(
            "t_counted_afterwards",
            "t starts at 1 and is counted up after its use. From the start that goes the same way; "
            "but a t that is given says how many steps were taken before: count up first, from 0.",
            ('config.get("t", 0) + 1', 'config.get("t", 1)'),
            ('config["t"] = t', 'config["t"] = t + 1'),
        ),
        Mistake(
            "t_counted_twice",
            "The correction takes t + 1, though t has been counted up already.",
            ("m / (1 - beta1**t)", "m / (1 - beta1 ** (t + 1))"),
            ("v / (1 - beta2**t)", "v / (1 - beta2 ** (t + 1))"),
        ),
        Mistake(
            "no_power",
            "The power is missing: the correction divides by 1 - beta**t, which is 1 - beta in the "
            "first step only.",
            ("m / (1 - beta1**t)", "m / (1 - beta1)"),
            ("v / (1 - beta2**t)", "v / (1 - beta2)"),
        ),
        Mistake(
            "times_t",
            "beta is multiplied by t; it is raised to the power t: beta**t.",
            ("m / (1 - beta1**t)", "m / (1 - beta1 * t)"),
            ("v / (1 - beta2**t)", "v / (1 - beta2 * t)"),
        ),
        Mistake(
            "only_m_corrected",
            "m is corrected and v is not; both start at zero.",
            ("v / (1 - beta2**t)", "v"),
        ),
        Mistake(
            "only_v_corrected",
            "v is corrected and m is not; both start at zero.",
            ("m / (1 - beta1**t)", "m"),
        ),
        Mistake(
            "corrected_means_stored",
            "The corrected means are stored, and the next step corrects them again: store m and v as "
            "they are before.",
            ('config["m"] = m', 'config["m"] = m_hat'),
            ('config["v"] = v', 'config["v"] = v_hat'),
        ),
        Mistake(
            "one_beta_for_both",
            "beta1 is used for the squares as well; they fade by beta2.",
            ("beta2 * old_v + (1 - beta2)", "beta1 * old_v + (1 - beta1)"),
            ("v / (1 - beta2**t)", "v / (1 - beta1**t)"),
        ),
        Mistake(
            "betas_exchanged",
            "beta1 and beta2 have changed places: beta1 is for m, beta2 for v.",
            ("beta1 * old_m + (1 - beta1)", "beta2 * old_m + (1 - beta2)"),
            ("beta2 * old_v + (1 - beta2)", "beta1 * old_v + (1 - beta1)"),
            ("m / (1 - beta1**t)", "m / (1 - beta2**t)"),
            ("v / (1 - beta2**t)", "v / (1 - beta1**t)"),
        ),
        Mistake(
            "corrections_exchanged",
            "The corrections are exchanged: m is divided by 1 - beta1**t, v by 1 - beta2**t.",
            ("m / (1 - beta1**t)", "m / (1 - beta2**t)"),
            ("v / (1 - beta2**t)", "v / (1 - beta1**t)"),
        ),
        *scale_mistakes("v_hat", step),
        Mistake(
            "not_squared",
            "v is made of the gradients themselves; their squares are needed, or the root is of "
            "something negative.",
            ("dw**2", "dw"),
        ),
        Mistake(
            "means_squared",
            "v is made of the squares of m; it takes the squares of the gradient.",
            ("dw**2", "m**2"),
        ),
        Mistake(
            "no_mean",
            "The step goes along the gradient; it goes along its mean, m_hat.",
            (step, step.replace("m_hat", "dw")),
        ),
        Mistake(
            "largest_v_kept",
            "v_hat never falls: that is AMSGrad. Here it is v / (1 - beta2**t), which falls where "
            "the gradients get smaller.",
            (
                "np.sqrt(v_hat)",
                'np.sqrt(config.setdefault("top", np.maximum(config.pop("top", 0), v_hat)))',
            ),
        ),
        Mistake(
            "root_of_the_correction_missing",
            "In the form with the corrections in the rate, that of v stands under a root: "
            "rate * sqrt(1 - beta2**t) / (1 - beta1**t).",
            ("np.sqrt(v_hat)", "np.sqrt(v)"),
            ("m / (1 - beta1**t)", "m * (1 - beta2**t) / (1 - beta1**t)"),
        ),
        *config_mistakes(name),
        *state_mistakes(name, "m", "v", "t"),
        fixed(name, "learning_rate"),
        fixed(name, "beta1", "beta2"),
        fixed(name, "epsilon"),
        fixed(name),
        other_default(name, "learning_rate", "1e-2"),
        other_default(name, "beta2", "0.99"),
        other_default(name, "epsilon", "1e-7"),
    ]


topic.exercise(
    "adam",
    points=4,
    returns=("next_w", "config"),
    stays=("config",),
    accepts=("adam_reordered",),
    cases=asked("adam", some_means),
    checks=[
        by_hand(
            *walked(
                "adam",
                np.array([1.0]),
                [np.array([400.0]), np.array([200.0])],
                {"learning_rate": 0.1, "beta1": 0.5, "beta2": 0.75},
            ),
            gives={"next_w": [0.8118082896312]},
            because="The first step has the size of the rate, 0.1. Then m = 0.5 * 200 + 0.5 * 200 = "
            "200 and m_hat = 200 / 0.75, v = 0.75 * 40000 + 0.25 * 40000 = 40000 and v_hat = "
            "40000 / 0.4375; 0.1 * 266.67 / 302.37 = 0.0882.",
        ),
        matches_truth(name=EACH_STEP),
        keeps_to_the_way(LONG["adam"]),
        survives(
            HALTED,
            [*extremes(NUMBERS["adam"][0], some_means), tiny({"learning_rate": 0.01})],
        ),
        *manners(),
    ],
    hints=[
        "Two running means, of dw and of its square, and a count of the steps. What is corrected, "
        "and what is stored?",
        "Count t up first. Update m and v and store them as they are; divide copies of them by "
        "1 - beta1**t and 1 - beta2**t, and step by rate * m_hat over the root of v_hat plus "
        "epsilon.",
        't = config.get("t", 0) + 1; m and v are beta times the old plus (1 - beta) times dw, and '
        "times dw**2. m_hat = m / (1 - beta1**t), v_hat likewise; subtract rate * m_hat / "
        "(np.sqrt(v_hat) + epsilon) from w. Store m, v and t.",
    ],
    mistakes=[
        uphill(),
        *adam_mistakes("adam", "learning_rate * m_hat / scale"),
        Mistake(
            "decays",
            "The weights decay besides: that is AdamW. Adam takes nothing off but its step.",
            ("m_hat / scale", "(m_hat / scale + 1e-2 * w)"),
        ),
    ],
)

topic.exercise(
    "adamw",
    points=3,
    returns=("next_w", "config"),
    stays=("config",),
    accepts=("adamw_reordered",),
    uses=("adam",),
    cases=asked("adamw", some_means),
    checks=[
        by_hand(
            np.array([4.0, -2.0]),
            np.array([300.0, -700.0]),
            {"learning_rate": 0.1, "weight_decay": 0.5},
            gives={"next_w": [3.7, -1.8]},
            because="Adam's first step has the size of the rate: 4 - 0.1 and -2 + 0.1. The decay takes "
            "0.1 * 0.5 = 0.05 of each weight besides: 0.2 off 4, and -0.1 off -2.",
        ),
        matches_truth(name=EACH_STEP),
        keeps_to_the_way(LONG["adamw"]),
        survives(
            HALTED,
            [*extremes(NUMBERS["adamw"][0], some_means), tiny({"learning_rate": 0.01})],
        ),
        *manners(),
    ],
    hints=[
        "Where would weight decay have to enter so that Adam's scale does not touch it?",
        "m, v and the step are Adam's, from the gradient alone. Beside the step, "
        "learning_rate * weight_decay * w is subtracted, with w as it was before.",
        "With step = m_hat / (np.sqrt(v_hat) + epsilon), subtract from w the rate times the sum of "
        "step and weight_decay * w.",
    ],
    mistakes=[
        uphill("next_w = w - learning_rate * ("),
        Mistake(
            "decay_in_the_gradient",
            "The decay is put into the gradient, and Adam's scale divides it like the rest: keep it "
            "out of m and v, and subtract learning_rate * weight_decay * w beside the step.",
            ("    t = ", "    dw = dw + weight_decay * w\n    t = "),
            ("(step + decay)", "step"),
        ),
        Mistake(
            "no_decay",
            "The weights do not decay: that is plain Adam. Subtract learning_rate * weight_decay "
            "* w as well.",
            ("(step + decay)", "step"),
        ),
        Mistake(
            "decay_without_rate",
            "The decay is not multiplied by the learning rate; here it is, as in PyTorch.",
            ("w - learning_rate * (step + decay)", "w - learning_rate * step - decay"),
        ),
        Mistake(
            "stepped_weights_decay",
            "The decay is taken of the weights after the step; take it of those before.",
            ("weight_decay * w", "weight_decay * (w - learning_rate * step)"),
        ),
        Mistake(
            "decay_sign",
            "The decay has the wrong sign: the weights grow. Subtract it.",
            ("(step + decay)", "(step - decay)"),
        ),
        Mistake(
            "decay_scaled",
            "The decay is divided by Adam's scale along with m_hat; it stands beside the quotient.",
            ("(step + decay)", "(m_hat + decay) / scale"),
        ),
        Mistake(
            "decay_twice",
            "The decay is twice as strong as it should be: subtract learning_rate * weight_decay "
            "* w once, without a factor 2.",
            ("decay = weight_decay", "decay = 2 * weight_decay"),
        ),
        Mistake(
            "decay_by_sign",
            "The pull is the same for every weight; it should be in proportion to the weight.",
            ("weight_decay * w", "weight_decay * np.sign(w)"),
        ),
        Mistake(
            "decayed_again",
            "The whole of the new weights is shrunk, and the decay is subtracted as well.",
            (
                "w - learning_rate * (step + decay)",
                "(1 - learning_rate * weight_decay) * (w - learning_rate * step)\n"
                "    next_w = next_w - learning_rate * decay",
            ),
        ),
        fixed("adamw", "weight_decay"),
        other_default("adamw", "weight_decay", "0.0"),
        *adam_mistakes("adamw", "m_hat / scale"),
    ],
)


def schedule(*steps: int, of: str, after: Sequence[Any]) -> list[Case]:
    """Return cases of a schedule: some steps, a base rate that is drawn, and the other arguments."""

    def build(step: int) -> Any:
        return lambda rng: (step, float(rng.uniform(0.2, 0.9)), *after)

    return [Case(f"step {step}, {of}", build(step)) for step in steps]


RATE_IS_RIGHT = "is the rate of the formula, before, at and after each edge"

topic.exercise(
    "step_decay",
    points=1,
    returns=("rate",),
    cases=[
        *schedule(0, 9, 10, 25, of="a drop of 0.4 every 10", after=(0.4, 10)),
        *schedule(3, 4, of="a drop of 0.7 every 4", after=(0.7, 4)),
        *map(hidden, schedule(47, 48, of="a drop of 0.9 every 6", after=(0.9, 6))),
        hidden(*schedule(5, of="a drop of 0.3 every 1", after=(0.3, 1))),
    ],
    checks=[
        by_hand(
            7,
            0.8,
            0.5,
            3,
            gives={"rate": 0.2},
            because="7 / 3, rounded down, is 2 stairs: half of a half of 0.8.",
        ),
        matches_truth(name=RATE_IS_RIGHT),
        survives(
            "stairs of one step, hundreds of them and none that drops",
            [
                *schedule(0, 1, of="a drop of 0.5 every 1", after=(0.5, 1)),
                *schedule(300, of="a drop of 0.99 every 1", after=(0.99, 1)),
                *schedule(12, of="a drop of 1 every 5", after=(1.0, 5)),
            ],
        ),
        repeatable(),
    ],
    hints=[
        "How many whole stairs lie behind step 25 if each is 10 steps long?",
        "The number of stairs is step / every, rounded down; the rate is base_rate times drop to "
        "that power.",
        "step // every rounds down for you; ** is the power. Multiply by base_rate.",
    ],
    mistakes=[
        Mistake(
            "not_rounded",
            "The quotient is not rounded down, so that there are no stairs: step // every is.",
            ("step // every", "step / every"),
        ),
        Mistake(
            "rounded_to_nearest",
            "The quotient is rounded to the nearest whole number; round it down.",
            ("step // every", "round(step / every)"),
        ),
        Mistake(
            "rounded_up",
            "The quotient is rounded up; round it down.",
            ("step // every", "int(np.ceil(step / every))"),
        ),
        Mistake(
            "one_drop_only",
            "It drops once and never again: there is a stair after every `every` steps.",
            ("step // every", "min(step // every, 1)"),
        ),
        Mistake(
            "linear",
            "drop is multiplied by the number of stairs; it is raised to that power.",
            ("drop**stairs", "drop * stairs"),
        ),
        Mistake(
            "divided",
            "It divides by drop, and the rate grows: multiply.",
            ("base_rate * drop**stairs", "base_rate / drop**stairs"),
        ),
        Mistake(
            "counted_from_one",
            "Each stair comes a step early: steps are counted from 0, and step `every` is the first "
            "with a smaller rate.",
            ("step // every", "(step + 1) // every"),
        ),
        Mistake(
            "one_step_late",
            "Each stair comes a step late: step `every` is the first with a smaller rate.",
            ("step // every", "max(step - 1, 0) // every"),
        ),
        Mistake(
            "drop_is_what_is_lost",
            "drop is taken for what is lost; it is what is left.",
            ("drop**stairs", "(1 - drop) ** stairs"),
        ),
        Mistake(
            "remainder",
            "% gives the remainder; // gives the quotient.",
            ("step // every", "step % every"),
        ),
        Mistake(
            "only_at_the_multiples",
            "It drops at the multiples of `every` only, and is back at the full rate in between.",
            ("base_rate * drop**stairs", "base_rate * (drop**stairs if step % every == 0 else 1)"),
        ),
        Mistake(
            "exponential",
            "That is exp(-drop * stairs); the formula is a power of drop.",
            ("drop**stairs", "np.exp(-drop * stairs)"),
        ),
        Mistake(
            "factor_only",
            "The base rate is missing: multiply by it.",
            ("base_rate * drop**stairs", "drop**stairs"),
        ),
    ],
)

topic.exercise(
    "cosine_decay",
    points=1,
    returns=("rate",),
    cases=[
        *schedule(0, 3, 7, 11, 12, of="12 in all", after=(12,)),
        *map(hidden, schedule(1, 19, of="20 in all", after=(20,))),
        hidden(*schedule(250, of="1000 in all", after=(1000,))),
    ],
    checks=[
        by_hand(
            4,
            0.4,
            12,
            gives={"rate": 0.3},
            because="A third of the way: 0.2 * (1 + cos(pi / 3)) = 0.2 * 1.5.",
        ),
        matches_truth(name=RATE_IS_RIGHT),
        survives(
            "steps beyond the end and one step in all",
            [
                *schedule(13, 18, 24, 500, of="12 in all", after=(12,)),
                *schedule(0, 1, of="1 in all", after=(1,)),
            ],
            says="After total_steps the rate stays 0; without a min the cosine climbs again.",
        ),
        repeatable(),
    ],
    hints=[
        "What is the cosine of 0, of pi, and what comes after pi?",
        "progress is step / total_steps, but never above 1. The rate is half of base_rate times one "
        "plus the cosine of pi * progress.",
        "min(step / total_steps, 1) for the progress; np.pi and np.cos for the wave, which runs from "
        "1 to -1: add 1 and halve.",
    ],
    mistakes=[
        Mistake(
            "climbs_again",
            "After the last step the cosine climbs again: keep the progress from passing 1.",
            ("min(step / total_steps, 1)", "step / total_steps"),
        ),
        Mistake(
            "not_halved",
            "The half is missing: 1 + cos begins at 2, so base_rate is to be halved.",
            ("base_rate / 2 *", "base_rate *"),
        ),
        Mistake(
            "without_the_one",
            "The 1 is missing: the cosine alone runs from 1 to -1, and a rate is not negative.",
            (
                "base_rate / 2 * (1 + np.cos(np.pi * progress))",
                "base_rate * np.cos(np.pi * progress)",
            ),
        ),
        Mistake(
            "quarter_wave",
            "That is a quarter of a wave, steepest at the end; half a wave is asked for.",
            (
                "base_rate / 2 * (1 + np.cos(np.pi * progress))",
                "base_rate * np.cos(np.pi / 2 * progress)",
            ),
        ),
        Mistake(
            "full_wave",
            "That is a whole wave, back at the top at the end; half a wave is asked for.",
            ("np.pi * progress", "2 * np.pi * progress"),
        ),
        Mistake(
            "sign",
            "1 - cos rises from 0: it is 1 + cos.",
            ("1 + np.cos", "1 - np.cos"),
        ),
        Mistake(
            "degrees",
            "np.cos takes its angle in radians: half a wave is pi, not 180.",
            ("np.pi * progress", "180 * progress"),
        ),
        Mistake(
            "whole_division",
            "// rounds down: the progress is 0 until the last step. Divide with /.",
            ("step / total_steps", "step // total_steps"),
        ),
        Mistake(
            "linear",
            "That is a straight line; half a cosine is asked for.",
            ("base_rate / 2 * (1 + np.cos(np.pi * progress))", "base_rate * (1 - progress)"),
        ),
        Mistake(
            "a_step_early",
            "It is at 0 a step early: the progress is step / total_steps, so that the rate is 0 at "
            "step total_steps and not before.",
            ("step / total_steps", "step / max(total_steps - 1, 1)"),
        ),
        Mistake(
            "counted_from_one",
            "Steps are counted from 0: step 0 has the full rate.",
            ("step / total_steps", "(step + 1) / total_steps"),
        ),
        Mistake(
            "restarts",
            "It starts from the top again; after total_steps the rate stays 0.",
            ("min(step / total_steps, 1)", "(step % total_steps) / total_steps"),
        ),
        Mistake(
            "full_rate_afterwards",
            "After the last step it is back at the full rate; it stays 0.",
            ("min(step / total_steps, 1)", "step / total_steps if step <= total_steps else 0"),
        ),
        Mistake(
            "ends_above_zero",
            "It ends at a tenth of the base rate, as some recipes have it; here it ends at 0.",
            (
                "base_rate / 2 * (1 + np.cos(np.pi * progress))",
                "base_rate * (0.1 + 0.45 * (1 + np.cos(np.pi * progress)))",
            ),
        ),
    ],
)

topic.exercise(
    "warmup_cosine",
    points=2,
    returns=("rate",),
    uses=("cosine_decay",),
    cases=[
        *schedule(0, 1, 3, 4, 5, 9, 12, of="4 up and 12 in all", after=(4, 12)),
        *map(hidden, schedule(6, 7, 8, 29, 30, of="7 up and 30 in all", after=(7, 30))),
        hidden(*schedule(400, of="100 up and 1000 in all", after=(100, 1000))),
    ],
    checks=[
        by_hand(
            6,
            0.8,
            3,
            12,
            gives={"rate": 0.6},
            because="3 of the 9 steps after the warm-up: 0.4 * (1 + cos(pi / 3)) = 0.4 * 1.5.",
        ),
        matches_truth(name=RATE_IS_RIGHT),
        survives(
            "no warm-up, the shortest one, and steps beyond the end",
            [
                *schedule(0, 4, of="0 up and 10 in all", after=(0, 10)),
                *schedule(0, 1, 2, of="1 up and 2 in all", after=(1, 2)),
                *schedule(13, 20, 100, of="4 up and 12 in all", after=(4, 12)),
            ],
            says="Without a warm-up nothing may be divided by its length; after total_steps the rate "
            "stays 0.",
        ),
        repeatable(),
    ],
    hints=[
        "Two pieces. Which of them does step warmup_steps belong to, and how many steps has the "
        "second?",
        "Below warmup_steps: base_rate * step / warmup_steps. From there on half a cosine over the "
        "total_steps - warmup_steps that are left, counted from the end of the warm-up.",
        "if step < warmup_steps, return the line; otherwise return what your cosine_decay gives for "
        "step - warmup_steps out of total_steps - warmup_steps.",
    ],
    mistakes=[
        Mistake(
            "no_warmup",
            "There is no warm-up: below warmup_steps the rate rises in a line from 0.",
            ("step < warmup_steps", "step < 0"),
            ("total_steps - warmup_steps", "total_steps"),
            ("(step - warmup_steps)", "step"),
        ),
        Mistake(
            "cosine_over_all_steps",
            "The cosine runs over all steps, so that the rate jumps down after the warm-up: count "
            "both the step and the total from the end of the warm-up.",
            ("total_steps - warmup_steps", "total_steps"),
            ("(step - warmup_steps)", "step"),
        ),
        Mistake(
            "too_many_steps_down",
            "The cosine takes total_steps for its way down; only total_steps - warmup_steps are left, "
            "so that it is not at 0 in time.",
            ("total_steps - warmup_steps", "total_steps"),
        ),
        Mistake(
            "steps_down_counted_from_zero",
            "The cosine counts from step 0; it begins at warmup_steps.",
            ("(step - warmup_steps)", "step"),
        ),
        Mistake(
            "counted_from_one",
            "The warm-up is a step ahead: step 0 has the rate 0.",
            ("base_rate * step / warmup_steps", "base_rate * (step + 1) / warmup_steps"),
        ),
        Mistake(
            "divides_by_no_warmup",
            "Without a warm-up step 0 is divided by 0: the line is for steps below warmup_steps, "
            "not for step warmup_steps.",
            ("step < warmup_steps", "step <= warmup_steps"),
        ),
        Mistake(
            "climbs_again",
            "After the last step the cosine climbs again: keep the progress from passing 1.",
            (
                "min((step - warmup_steps) / steps_down, 1)",
                "(step - warmup_steps) / steps_down",
            ),
        ),
        Mistake(
            "flat_warmup",
            "The warm-up is flat, a tenth of the rate; it is a line from 0 to base_rate.",
            ("base_rate * step / warmup_steps", "0.1 * base_rate"),
        ),
        Mistake(
            "warmup_times_wave",
            "The line multiplies a cosine over all steps, and the top is never reached: these are "
            "two pieces, one after the other.",
            (
                "return base_rate * step / warmup_steps",
                "return base_rate * step / warmup_steps "
                "* (1 + np.cos(np.pi * step / total_steps)) / 2",
            ),
            ("total_steps - warmup_steps", "total_steps"),
            ("(step - warmup_steps)", "step"),
        ),
        Mistake(
            "cosine_upwards",
            "The warm-up is a wave, too; it is a line.",
            (
                "base_rate * step / warmup_steps",
                "base_rate / 2 * (1 - np.cos(np.pi * step / warmup_steps))",
            ),
        ),
        Mistake(
            "top_lasts_two_steps",
            "The cosine begins a step late: step warmup_steps is its top, and the next is lower.",
            ("(step - warmup_steps)", "max(step - warmup_steps - 1, 0)"),
        ),
        Mistake(
            "linear_down",
            "It falls in a line; half a cosine is asked for.",
            ("base_rate / 2 * (1 + np.cos(np.pi * progress))", "base_rate * (1 - progress)"),
        ),
        Mistake(
            "stays_at_the_top",
            "It rises and never falls: from warmup_steps on, half a cosine leads down to 0.",
            ("base_rate / 2 * (1 + np.cos(np.pi * progress))", "base_rate"),
        ),
    ],
)


def gradients(rng: Rng, norm: float, *shares: float, dtype: type = np.float64) -> dict[str, Array]:
    """Draw the gradients of two layers, of so long together.

    Parameters
    ----------
    rng
        Where they come from.
    norm
        The norm of them all.
    shares
        How long W1, b1 and W2 are beside each other; by default as it comes.
    dtype
        What they are made of.
    """
    drawn = {"W1": rng.normal(size=(3, 4)), "b1": rng.normal(size=4), "W2": rng.normal(size=(4, 2))}
    for name, share in zip(drawn, shares, strict=False):
        drawn[name] *= share / np.linalg.norm(drawn[name])
    whole = np.sqrt(sum(np.sum(array**2) for array in drawn.values()))
    return {name: (norm / whole * array).astype(dtype) for name, array in drawn.items()}


CUT = "shortened"

topic.exercise(
    "clip_gradient_norm",
    points=2,
    returns=("clipped", "norm"),
    cases=[
        Case(
            "2 arrays of length 3 together, limit 2",
            lambda rng: (
                {k: v for k, v in gradients(rng, 3, 1, 0, 1).items() if k != "b1"},
                2.0,
            ),
            tolerance=CUT,
        ),
        Case("3 arrays, shorter than the limit", lambda rng: (gradients(rng, 0.8), 1.5)),
        Case(
            "3 arrays, longer than the limit", lambda rng: (gradients(rng, 7.0), 2.5), tolerance=CUT
        ),
        Case(
            "one array is longer than the limit, the others are not",
            lambda rng: (gradients(rng, 4.0, 9, 1, 2), 3.0),
            tolerance=CUT,
        ),
        Case(
            "no array is longer than the limit, all together are",
            lambda rng: (gradients(rng, 4.0, 1, 1.1, 0.9), 3.0),
            tolerance=CUT,
        ),
        hidden(
            Case(
                "1 array of 3 axes",
                lambda rng: ({"kernel": 5 * rng.normal(size=(2, 3, 4))}, 1.2),
                tolerance=CUT,
            )
        ),
        hidden(Case("just below the limit", lambda rng: (gradients(rng, 0.99), 1.0))),
        hidden(
            Case("just above the limit", lambda rng: (gradients(rng, 1.01), 1.0), tolerance=CUT)
        ),
    ],
    checks=[
        by_hand(
            {"W": np.array([[2.0, 3.0]]), "b": np.array([6.0])},
            3.5,
            gives={"clipped": {"W": [[1.0, 1.5]], "b": [3.0]}, "norm": 7.0},
            because="4 + 9 + 36 = 49, whose root is 7: twice what is allowed, so all are halved.",
            tolerance=CUT,
        ),
        matches_truth("clipped", name="keeps the direction and limits the length"),
        matches_truth("norm", name="is the norm of all arrays, before clipping"),
        survives(
            "gradients that are all zero, a thousand times too long, and float32",
            [
                Case(
                    "all zero",
                    lambda _: ({"W1": np.zeros((3, 4)), "b1": np.zeros(4)}, 1.0),
                ),
                Case(
                    "one array all zero",
                    lambda rng: (gradients(rng, 3.0, 1, 0, 1), 2.0),
                    tolerance=CUT,
                ),
                Case("a million", lambda rng: (gradients(rng, 1e6), 1.0), tolerance=CUT),
                Case("a thousandth", lambda rng: (gradients(rng, 1e-3), 1.0)),
                Case("float32", lambda rng: (gradients(rng, 7.0, dtype=SINGLE), 2.5)),
            ],
            says="Multiply by max_norm / norm only where norm is above max_norm: a norm of 0 is not.",
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
    ],
    hints=[
        "Imagine all gradients laid end to end in one long array: how long is that arrow?",
        "Add up the squares of all elements of all arrays; the norm is the root of it. Where it is "
        "above max_norm, multiply every array by max_norm / norm; else change nothing.",
        "norm = np.sqrt(sum(np.sum(g**2) for g in grads.values())); the factor is max_norm / norm if "
        "norm > max_norm, else 1. Make a new dict of factor * g, and return the norm of before.",
    ],
    mistakes=[
        Mistake(
            "each_by_its_own",
            "Each array is clipped by its own norm, which changes the direction: one norm of "
            "everything together.",
            (
                "{name: factor * grad for",
                "{name: grad * min(1, max_norm / max(np.linalg.norm(grad), 1e-300)) for",
            ),
        ),
        Mistake(
            "element_by_element",
            "Single elements are clipped to plus and minus max_norm; the length is to be limited, "
            "and the direction kept.",
            ("factor * grad", "np.clip(grad, -max_norm, max_norm)"),
        ),
        Mistake(
            "always_scaled",
            "Gradients are always made as long as max_norm: short ones must be left alone, and "
            "zeros are divided by zero.",
            ("max_norm / norm if norm > max_norm else 1", "max_norm / norm"),
        ),
        Mistake(
            "always_scaled_but_safe",
            "Gradients are always made as long as max_norm; short ones must be left alone.",
            ("max_norm / norm if norm > max_norm else 1", "max_norm / (norm + 1e-6)"),
        ),
        Mistake(
            "zeros_divided",
            "Where all gradients are zero, max_norm is divided by a norm of 0: look whether norm is "
            "above max_norm first.",
            (
                "max_norm / norm if norm > max_norm else 1",
                "min(1.0, max_norm / float(norm))",
            ),
        ),
        Mistake(
            "no_root",
            "The norm is the root of the sum of squares; the root is missing.",
            ("np.sqrt(sum(squares))", "sum(squares)"),
        ),
        Mistake(
            "norms_added",
            "The norms of the arrays are added; add up their squares and take the root.",
            ("np.sqrt(sum(squares))", "sum(np.sqrt(squares))"),
        ),
        Mistake(
            "largest_norm",
            "The largest of the arrays' norms is taken for the norm of all: add up the squares of "
            "all elements and take the root.",
            ("np.sqrt(sum(squares))", "np.sqrt(max(squares))"),
        ),
        Mistake(
            "absolute_sum",
            "Absolute values are added up; their squares are to be, and the root taken.",
            ("grad**2", "[abs(element) for element in grad.ravel()]"),
            ("np.sqrt(sum(squares))", "sum(squares)"),
        ),
        Mistake(
            "root_of_the_mean",
            "The squares are averaged over all elements; a norm adds them up.",
            (
                "np.sqrt(sum(squares))",
                "np.sqrt(sum(squares) / sum(grad.size for grad in grads.values()))",
            ),
        ),
        Mistake(
            "norm_afterwards",
            "The norm that comes back is that after clipping; it should tell how long the gradients "
            "were.",
            (
                "return clipped, norm",
                "for name in grads:\n        grads[name][...] = clipped[name]\n"
                "    return clipped, min(norm, max_norm)",
            ),
        ),
        Mistake(
            "to_length_one",
            "The gradients are divided by their norm: that makes their length 1, not max_norm.",
            ("max_norm / norm if", "1 / norm if"),
        ),
        Mistake(
            "upside_down",
            "The factor is upside down, and long gradients get longer: max_norm / norm.",
            ("max_norm / norm if", "norm / max_norm if"),
        ),
        Mistake(
            "long_ones_dropped",
            "Gradients that are too long become zero; they are to be shortened.",
            ("max_norm / norm if", "0.0 if"),
        ),
        Mistake(
            "last_array_only",
            "The norm is that of the last array: it is overwritten in the loop. Add up over all of "
            "them.",
            ("sum(squares)", "squares[-1]"),
        ),
        Mistake(
            "biases_left_out",
            "Arrays of one axis are left out; biases have gradients as well.",
            ("for grad in grads.values()]", "for grad in grads.values() if grad.ndim > 1]"),
            ("factor * grad", "factor * grad if grad.ndim > 1 else grad"),
        ),
        Mistake(
            "spectral",
            "np.linalg.norm with ord=2 is another norm for matrices: the root of the sum of squares "
            "is meant.",
            (
                "np.sum(grad**2)",
                "np.linalg.norm(grad, 2 if grad.ndim < 3 else None) ** 2",
            ),
        ),
        Mistake(
            "norm_not_returned",
            "The norm does not come back: return clipped, norm.",
            ("return clipped, norm", "return clipped"),
        ),
    ],
)
