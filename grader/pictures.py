"""What there is to see of an exercise: the learner's function is asked, the right one beside it.

An exercise has a picture if it stands in `PICTURES`, or if one of its outputs is a gradient: then
it is shown where that is wrong.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from grader.catalogue import Catalogue, Exercise
from grader.checks.calls import Call, Function, Named
from grader.checks.derivatives import derives_from, is_derivative_of_own_forward
from grader.checks.faults import fault_finding
from grader.checks.trial import Result, Trial
from grader.render.pictures import (
    Array,
    Contours,
    Image,
    Line,
    NotDrawnError,
    Panel,
    Picture,
    PictureError,
    Range,
)
from grader.report import Visibility
from grader.student.launch import Launcher
from grader.student.limits import Limits
from grader.student.session import Fault, Session
from grader.student.submission import Submission
from grader.student.wire import Generator

FEWEST, MOST = 6, 600  # elements of a gradient that are worth a heat map
LARGEST_CELLS = 4  # gradients in one picture
NUMBERS = "biuf"  # the kinds of NumPy's dtypes that are real numbers
Draw = Callable[[Trial], Picture]


def picture(
    exercise: Exercise, submission: Submission, launcher: Launcher, limits: Limits, *, seed: int = 0
) -> Picture:
    """Return the picture of a learner's answer.

    Parameters
    ----------
    exercise
        Which one.
    submission
        Where the learner's function is.
    launcher, limits
        Where and within what it runs.
    seed
        Decides all random arguments.

    Raises
    ------
    PictureError
        If the exercise has no picture.
    NotDrawnError
        If the learner's function gave nothing that can be drawn; the message says why.
    """
    draw = _drawing(exercise)
    if draw is None:
        raise PictureError(f"{exercise.id} has no picture; these have one: {_listed(exercise)}")
    module = submission.module_for(exercise.topic.name)
    if module not in submission.modules:
        told = submission.unreadable.get(module, f"there is no {exercise.topic.name}.py there")
        raise NotDrawnError(f"{exercise.id}: {told}")
    with Session(submission, launcher, limits) as session:
        trial = Trial(exercise.paper(seed), session, module)
        loaded = session.load(module)
        _fail(trial, loaded.fault)
        if exercise.name not in loaded.functions:
            file = submission.modules[module].file
            raise NotDrawnError(f"{exercise.id}: {file} has no function {exercise.name}")
        return draw(trial)


def has_picture(exercise: Exercise) -> bool:
    """Tell whether there is anything to see of an exercise."""
    return _drawing(exercise) is not None


def _drawing(exercise: Exercise) -> Draw | None:
    if exercise.topic.rooms.built_in and exercise.id in PICTURES:
        return PICTURES[exercise.id]
    return where_gradients_are_wrong if any(map(_is_gradient, exercise.returns)) else None


def _listed(exercise: Exercise) -> str:
    """Return the exercises with a picture: those of the same topic, or else of the kit."""
    here = [e.id for e in exercise.topic.exercises.values() if has_picture(e)]
    everywhere = [e.id for topic in Catalogue().topics() for e in topic.exercises.values()]
    return ", ".join(here or [id_ for id_ in everywhere if id_ in PICTURES])


# Asking


def _fail(trial: Trial, fault: Fault | None) -> None:
    if fault:
        said = fault_finding(fault, trial.question.id, trial.session.limits)
        raise NotDrawnError(f"{trial.question.id}: {said.message} {said.suggestion}".rstrip())


def _ask(trial: Trial, calls: Sequence[Call]) -> list[dict[str, Any]]:
    """Return what the learner's function gives for calls, by name."""
    found = []
    for call, outcome in zip(calls, trial.make(calls), strict=True):
        _fail(trial, outcome.fault)
        named = trial.outputs_of(call, outcome)
        if named is None:
            returns = ", ".join(trial.question.form.returns)
            raise NotDrawnError(f"{trial.question.id}: it did not return ({returns}).")
        found.append(named)
    return found


def _both(trial: Trial, *args: Any) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """Return what the learner's function and the right one give for the same arguments."""
    call = trial.paper.asking(args)
    (own,) = _ask(trial, [call])
    return own, trial.paper.truth(call).named


def _array(trial: Trial, name: str, value: Any, shape: tuple[int, ...] | None = None) -> Array:
    """Return an output as numbers of the shape that can be drawn."""
    if isinstance(value, (list, tuple)) and all(isinstance(v, (int, float)) for v in value):
        value = np.asarray(value, np.float64)
    if not isinstance(value, (np.ndarray, np.number, int, float)):
        raise NotDrawnError(f"{trial.question.id}: {name} is not an array of numbers.")
    found = np.asarray(value)
    if found.dtype.kind not in NUMBERS:
        raise NotDrawnError(f"{trial.question.id}: {name} holds {found.dtype}, not real numbers.")
    if shape is not None and found.shape != shape:
        raise NotDrawnError(
            f"{trial.question.id}: {name} has the shape {found.shape}; it should have {shape}."
        )
    return found.astype(np.float64)


def _far(own: Array, right: Array) -> str:
    """Say how far two curves are apart."""
    with np.errstate(all="ignore"):
        apart = np.max(np.abs(own - right), initial=0.0)
    if np.isnan(apart):
        return "not a number in places"
    return "on the right one" if apart < 1e-6 else f"up to {apart:.3g} away from the right one"


# The hill


HILL: Range = (-4.0, 4.5)


def _hill(x: Any) -> tuple[Array, Array]:
    from numerics.gradients import hill  # noqa: PLC0415 - when it is drawn

    return hill(x)


def _ground() -> Line:
    x = np.linspace(*HILL, 400)
    return Line(x, _hill(x)[0], "ground")


def _on_the_hill(title: str, *lines: Line) -> Panel:
    return Panel(
        title, (_ground(), *lines), x_label="x", y_label="height", x_range=HILL, y_range=(-1.7, 3.9)
    )


def hill(trial: Trial) -> Picture:
    """Draw the height and the slope along the road."""
    x = np.linspace(*HILL, 400)
    own, right = _both(trial, x)
    panels, said = [], []
    for name in ("height", "slope"):
        mine = _array(trial, name, own[name], x.shape)
        panels.append(_curves(name, x, mine, right[name], "x"))
        said.append(f"Your {name} is {_far(mine, right[name])}.")
    return Picture("The hill and its slope", " ".join(said), (tuple(panels),))


def _curves(title: str, x: Array, own: Array, right: Array, x_label: str) -> Panel:
    low, high = float(np.min(right)), float(np.max(right))
    room = 0.35 * (high - low) or 0.5
    return Panel(
        title,
        (Line(x, own, "yours", "yours"), Line(x, right, "right", "right")),
        x_label=x_label,
        y_range=(low - room, high + room),
    )


def gradient_descent(trial: Trial) -> Picture:
    """Draw the path on the hill: one rate that crawls, one that arrives, one that leaps about."""
    panels, said = [], []
    slope = Function("slope", lambda x: _hill(x)[1])
    for rate in (0.004, 0.06, 0.45):
        start, steps = np.array(3.3), 25
        own, right = _both(trial, slope, start, rate, steps)
        path = _array(trial, "path", own["path"])
        if path.ndim != 1:
            raise NotDrawnError(
                f"{trial.question.id}: path has the shape {path.shape}; it should have "
                f"({steps + 1},)."
            )
        lines = (
            Line(path, _hill(path)[0], "your path", "your path"),
            Line(right["path"], _hill(right["path"])[0], "right", "right"),
        )
        panels.append(_on_the_hill(f"learning rate {rate:g}", *lines))
        said.append(
            f"At learning rate {rate:g} your {len(path) - 1} steps lead from {path[0]:.4g} to "
            f"{path[-1]:.4g}, the right {steps} to {right['path'][-1]:.4g}."
        )
    return Picture("Downhill from x = 3.3", " ".join(said), (tuple(panels),))


def random_restarts(trial: Trial) -> Picture:
    """Draw where the walks went, and which end is taken for the best."""
    seen: list[float] = []

    def noted(x: Any) -> Array:
        seen.append(float(np.ravel(x)[0]) if np.size(x) else np.nan)
        return _hill(x)[1]

    starts = np.linspace(-3.8, 4.2, 6)
    height, slope = Function("height", lambda x: _hill(x)[0]), Function("slope", noted)
    call = trial.paper.asking((height, slope, starts, 0.05, 30))
    (own,) = _ask(trial, [call])
    visited = np.array(seen)
    right = trial.paper.truth(call).named
    x = _array(trial, "x", own["x"], ())
    lines = (
        Line(visited, _hill(visited)[0] if visited.size else visited, "dots", "where you looked"),
        Line(x, _hill(x)[0], "your point", "your best"),
        Line(np.asarray(right["x"]), np.asarray(right["height"]), "right point", "the best"),
    )
    says = f"From 6 starts you found x = {float(x):.4g}; the best end is {float(right['x']):.4g}."
    return Picture("Six walks downhill", says, ((_on_the_hill("Six walks downhill", *lines),),))


# Steps


VALLEY_X, VALLEY_Y = (-3.0, 3.0), (-2.4, 2.4)
START = (-2.4, 1.6)
STEPS = 40
CONFIGS: dict[str, dict[str, float]] = {
    "sgd": {"learning_rate": 0.12},
    "sgd_momentum": {"learning_rate": 0.03, "momentum": 0.8},
    "nesterov_momentum": {"learning_rate": 0.03, "momentum": 0.8},
    "adagrad": {"learning_rate": 0.6},
    "rmsprop": {"learning_rate": 0.1, "decay_rate": 0.9},
    "adam": {"learning_rate": 0.2},
    "adamw": {"learning_rate": 0.2, "weight_decay": 0.1},
}


def steps(trial: Trial) -> Picture:
    """Draw an optimizer's path over a narrow valley; each gradient is that of where it stands."""
    from numerics.problems import two_modes  # noqa: PLC0415 - when it is drawn

    valley = two_modes(1.0, 12.0)
    name = trial.question.function
    config = CONFIGS[name]
    own = _walk(trial, valley.gradient, config)
    right = _right_walk(trial.question.truths[0](name), valley.gradient, config)
    across = np.linspace(*VALLEY_X, 90), np.linspace(*VALLEY_Y, 80)
    heights = np.array([[valley.value(np.array([x, y])) for x in across[0]] for y in across[1]])
    told = ", ".join(f"{key} {value:g}" for key, value in config.items())
    panel = Panel(
        told,
        (
            Line(own[:, 0], own[:, 1], "your path", "your path"),
            Line(right[:, 0], right[:, 1], "right", "right"),
            Line(valley.minimiser[:1], valley.minimiser[1:], "right point", "the minimum"),
        ),
        contours=Contours(*across, np.log1p(heights)),
        x_label="w[0]",
        y_label="w[1]",
        x_range=VALLEY_X,
        y_range=VALLEY_Y,
    )
    with np.errstate(all="ignore"):
        apart = np.max(np.abs(own - right), axis=1)
    # `not <=`, so that what is not a number is away as well.
    parted = np.flatnonzero(~(apart <= 1e-3))
    says = f"{name} with {told}: {STEPS} steps from {START}, "
    says += f"apart from step {parted[0]} on." if parted.size else "all on the right path."
    return Picture(f"The path of {name}", says, ((panel,),))


def _walk(trial: Trial, gradient: Callable[[Any], Array], config: Mapping[str, Any]) -> Array:
    """Return the learner's way.

    Every step is asked with all before it once more, so that the state may stay over there.
    """
    points = [np.array(START)]
    args: tuple[Any, ...] = (points[0], gradient(points[0]), dict(config))
    for _ in range(STEPS):
        call = trial.paper.asking(args)
        (outputs,) = _ask(trial, [call])
        points.append(_array(trial, "next_w", outputs["next_w"], (2,)))
        if not np.all(np.abs(points[-1]) < 1e9):
            break  # it has left the map
        args = (call[0], gradient(points[-1]), call[1])
    return np.array([*points, *[points[-1]] * (STEPS + 1 - len(points))])


def _right_walk(
    step: Callable[..., Any], gradient: Callable[[Any], Array], config: Mapping[str, Any]
) -> Array:
    w, state = np.array(START), dict(config)
    points = [w]
    for _ in range(STEPS):
        w, state = step(w, gradient(w), state)
        points.append(w)
    return np.array(points)


SCHEDULES: dict[str, tuple[Any, ...]] = {
    "step_decay": (1.0, 0.5, 25),
    "cosine_decay": (1.0, 80),
    "warmup_cosine": (1.0, 20, 80),
}


def schedule(trial: Trial) -> Picture:
    """Draw a rate over a hundred steps."""
    name = trial.question.function
    calls = [trial.paper.asking((step, *SCHEDULES[name])) for step in range(101)]
    own = np.array([float(_array(trial, "rate", o["rate"], ())) for o in _ask(trial, calls)])
    right = np.array([float(trial.paper.truth(call).named["rate"]) for call in calls])
    names = [p.name for p in trial.question.form.parameters[1:]]
    told = ", ".join(f"{n} {v:g}" for n, v in zip(names, SCHEDULES[name], strict=False))
    panel = _curves(told, np.arange(101.0), own, right, "step")
    says = f"{name} with {told}: your rate is {_far(own, right)}."
    return Picture(f"The rate of {name}", says, ((panel,),))


# Layers


def activation(trial: Trial) -> Picture:
    """Draw what comes out over what goes in."""
    x = np.linspace(-6.0, 6.0, 241)
    own, right = _both(trial, x)
    out = _array(trial, "out", own["out"], x.shape)
    name = trial.question.function
    says = f"{name} from -6 to 6: yours is {_far(out, right['out'])}."
    return Picture(name, says, ((_curves("out", x, out, right["out"], "x"),),))


def dropout(trial: Trial) -> Picture:
    """Draw what dropout leaves of ones: in training, and at test time."""
    x, drop = np.ones((24, 36)), 0.3
    panels, said = [], []
    for mode in ("train", "test"):
        call = trial.paper.asking((x, drop, mode, Generator(trial.paper.seed)))
        (own,) = _ask(trial, [call])
        out = _array(trial, "out", own["out"], x.shape)
        zero = np.mean(out == 0)
        left = np.unique(np.round(out[out != 0], 6))
        rest = ", ".join(f"{value:.6g}" for value in left[:3]) + (", ..." if left.size > 3 else "")
        panels.append(Panel(f'"{mode}": {zero:.1%} are 0', image=Image(out, (0.0, 2.0))))
        said.append(
            f'In mode "{mode}" {zero:.1%} of the ones became 0, the others {rest or "none"}.'
        )
    said.append(
        f"It should be about {drop:.0%} and {1 / (1 - drop):.6g} in training, nothing and 1 at test."
    )
    return Picture("Dropout of ones, drop_prob 0.3", " ".join(said), (tuple(panels),))


def dropout_backward(trial: Trial) -> Picture:
    """Draw what dropout leaves of ones, and of an upstream gradient of ones: the same places."""
    ones = np.ones((24, 36))
    forward = Call("dropout_forward", (ones, 0.3, "train", Generator(trial.paper.seed)))
    there, back = _ask(trial, [forward, trial.paper.asking((ones, forward[1]))])
    out = _array(trial, "out", there["out"], ones.shape)
    dx = _array(trial, "dx", back["dx"], ones.shape)
    panels = tuple(
        Panel(name, image=Image(values, (0.0, 2.0)))
        for name, values in (("forward: out", out), ("backward: dx", dx))
    )
    other = int(np.sum(~(np.abs(out - dx) <= 1e-6)))
    says = f"For ones, out and dx should be equal; they differ in {other} of {out.size} places."
    return Picture("Dropout, there and back", says, (panels,))


def images(*more: Any) -> Draw:
    """Return the drawing of images before and after; `more` stands between them and `rng`."""

    def draw(trial: Trial) -> Picture:
        shown = _digits(8)
        call = trial.paper.asking((shown, *more, Generator(trial.paper.seed)))
        (own,) = _ask(trial, [call])
        out = _array(trial, "out", own["out"], shown.shape)
        changed = sum(not np.array_equal(a, b) for a, b in zip(shown, out, strict=True))
        name = trial.question.function
        names = [p.name for p in trial.question.form.parameters[1:-1]]
        told = ", ".join(f"{n} {v:g}" for n, v in zip(names, more, strict=True))
        panels = ((_album("before", shown), _album("after", out)),)
        says = f"{name} with {told}: {changed} of {len(shown)} images changed."
        return Picture(f"{name}, {told}", says, panels)

    return draw


def mixup(trial: Trial) -> Picture:
    """Draw digits, and what they are blended to."""
    shown = _digits(8)
    call = trial.paper.asking((shown, np.eye(8), 0.4, Generator(trial.paper.seed)))
    (own,) = _ask(trial, [call])
    mixed = _array(trial, "mixed_x", own["mixed_x"], shown.shape)
    labels = _array(trial, "mixed_y", own["mixed_y"], (8, 8))
    panels = (
        _album("before", shown),
        _album("after", mixed),
        Panel("mixed_y", image=Image(labels, (0.0, 1.0))),
    )
    shares = ", ".join(f"{share:.2f}" for share in labels.max(axis=1))
    says = f"mixup with alpha 0.4: the largest share in each row of mixed_y is {shares}."
    return Picture("mixup, alpha 0.4", says, (panels,))


def _digits(count: int) -> Array:
    from numerics.digits import load  # noqa: PLC0415 - when it is drawn

    return load().images[:count] / 16.0


def _album(title: str, shown: Array) -> Panel:
    """Return images in two rows, with lines between them."""
    framed = np.pad(shown, ((0, 0), (0, 1), (0, 1)), constant_values=np.nan)
    rows = [np.hstack(list(half)) for half in np.split(framed, 2)]
    return Panel(title, image=Image(np.vstack(rows)[:-1, :-1], (0.0, 1.0)))


# Training


def train(trial: Trial) -> Picture:
    """Draw the losses of softmax regression on a few digits, trained by the learner's loop."""
    from numerics.digits import load  # noqa: PLC0415 - when it is drawn

    digits = load()
    x, y = digits.images[:300].reshape(300, -1) / 16.0, digits.labels[:300]
    args = (
        {"w": np.zeros((64, 10)), "b": np.zeros(10)},
        Function("loss_and_grads", _softmax_regression),
        Function("update", lambda w, dw, _config=None: (w - 0.5 * dw, {})),
        x[:240],
        y[:240],
        x[240:],
        y[240:],
    )
    options = {"epochs": 15, "batch_size": 64, "patience": 15, "rng": Generator(trial.paper.seed)}
    own, right = _both(trial, *args, *(Named(n, v) for n, v in options.items()))
    told = own["history"] if isinstance(own["history"], dict) else {}
    panels, said = [], []
    for name in ("train_loss", "val_loss"):
        mine = _array(trial, f'history["{name}"]', told.get(name))
        if mine.ndim != 1 or not mine.size:
            raise NotDrawnError(f'{trial.question.id}: history["{name}"] is not one loss an epoch.')
        wanted = np.array(right["history"][name])
        lines = (
            Line(np.arange(mine.size, dtype=float), mine, "your path", "yours"),
            Line(np.arange(wanted.size, dtype=float), wanted, "right", "right"),
        )
        limits = (0.0, 1.1 * max(float(np.max(wanted)), 0.1))
        panels.append(Panel(name, lines, x_label="epoch", y_range=limits))
        said.append(
            f"Your {name} goes from {mine[0]:.3g} to {mine[-1]:.3g} in {mine.size} epochs, the "
            f"right one from {wanted[0]:.3g} to {wanted[-1]:.3g}."
        )
    said.append("Batches drawn in another order give other curves of the same kind.")
    return Picture("Learning to read digits", " ".join(said), (tuple(panels),))


def _softmax_regression(params: Any, x: Any, y: Any) -> tuple[float, dict[str, Array]]:
    scores = np.asarray(x) @ params["w"] + params["b"]
    scores = scores - scores.max(axis=1, keepdims=True)
    p = np.exp(scores)
    p /= p.sum(axis=1, keepdims=True)
    rows, labels = np.arange(len(p)), np.asarray(y, np.intp)
    loss = -float(np.mean(np.log(np.maximum(p[rows, labels], 1e-300))))
    p[rows, labels] -= 1
    p /= len(p)
    return loss, {"w": np.asarray(x).T @ p, "b": p.sum(axis=0)}


def weights(trial: Trial) -> Picture:
    """Draw how fresh weights are spread."""
    fan_in, fan_out = 300, 100
    own, right = _both(trial, fan_in, fan_out, Generator(trial.paper.seed))
    mine = _array(trial, "w", own["w"], (fan_in, fan_out))
    edges = np.linspace(-4 * np.std(right["w"]), 4 * np.std(right["w"]), 41)
    centres = 0.5 * (edges[1:] + edges[:-1])
    spread, wanted = (np.histogram(w, edges)[0] / mine.size for w in (mine, right["w"]))
    panel = _curves(f"{fan_in} in, {fan_out} out", centres, spread, wanted, "weight")
    says = (
        f"Your weights have mean {np.mean(mine):.2g} and standard deviation {np.std(mine):.4g}; "
        f"right ones have about 0 and {np.std(right['w']):.4g}."
    )
    return Picture(f"Weights of {trial.question.function}", says, ((panel,),))


def early_stopping(trial: Trial) -> Picture:
    """Draw a curve of validation losses, where to stop, and the best epoch."""
    epochs = np.arange(20.0)
    curve = 0.4 + 1.6 * np.exp(-epochs / 2.5) + 0.004 * np.maximum(0, epochs - 7) ** 2
    curve = curve + 0.05 * np.sin(2.1 * epochs)
    own, right = _both(trial, [float(v) for v in curve], 4)
    lines, said = [Line(epochs, curve, "ground", "validation loss")], []
    for name in ("best_epoch", "stop_epoch"):
        at, wanted = int(_array(trial, name, own[name], ())), int(right[name])
        if not 0 <= at < epochs.size:
            raise NotDrawnError(f"{trial.question.id}: {name} is {at}, no epoch of 20.")
        label = name.replace("_", " ")
        lines += [
            Line(epochs[[at]], curve[[at]], "your point", f"your {label}: {at}"),
            Line(epochs[[wanted]], curve[[wanted]], "right point", f"right {label}: {wanted}"),
        ]
        said.append(f"Your {label} is {at}, the right one {wanted}.")
    panel = Panel("patience 4", tuple(lines), x_label="epoch", y_label="loss")
    return Picture("When to stop", " ".join(said), ((panel,),))


# Gradients


def _is_gradient(output: str) -> bool:
    """Tell whether an output is a gradient by its name: `dx`, `dprediction`, `grads`."""
    return output == "grads" or output.startswith("d")


def where_gradients_are_wrong(trial: Trial) -> Picture:
    """Draw gradients as heat maps: the learner's, the right one, and what is between them."""
    result = _worth_seeing(trial)
    _fail(trial, result.outcome.fault)
    if result.got is None:
        returns = ", ".join(trial.question.form.returns)
        raise NotDrawnError(f"{trial.question.id}: it did not return ({returns}).")
    if not _gradients(result):
        raise PictureError(f"{trial.question.id} has no gradient that could be drawn")
    rows, said = [], []
    # Those that are wrong come first.
    names = sorted(_gradients(result), key=lambda name: not result.difference(name))
    for name in names[:LARGEST_CELLS]:
        want = np.asarray(result.want[name], np.float64)
        got = _array(trial, name, result.got[name], want.shape)
        limit = float(np.max(np.abs(want))) or 1.0
        with np.errstate(all="ignore"):
            apart = got - want
        off = np.abs(apart[np.isfinite(apart)])
        most = float(np.max(off)) if off.size and np.max(off) > 1e-9 * limit else limit
        shown = (("yours", got, limit), ("right", want, limit), ("yours - right", apart, most))
        rows.append(
            tuple(
                Panel(f"{name}: {what}", image=Image(_flat(values), (-top, top), signed=True))
                for what, values, top in shown
            )
        )
        off_places = int(np.sum(~(np.abs(apart) <= 1e-6 * limit)))
        said.append(_said(trial, result, name, f"{off_places} of {want.size} places"))
    wrong = any(" is wrong in " in each for each in said)
    state = "where the gradient is wrong" if wrong else "its gradient"
    title = f"{trial.question.function}: {state}"
    return Picture(f"{title} ({result.case.label})", " ".join(said), tuple(rows))


def _said(trial: Trial, result: Result, name: str, places: str) -> str:
    """Say of a gradient what the checks say of it."""
    difference = result.difference(name)
    if not difference:
        return f"{name} is right."
    blamed = _forward_to_blame(trial, result, name)
    if blamed:
        return (
            f"{name} differs from the right one in {places}, but it is the derivative of your "
            f"{blamed}: {blamed} is what to mend."
        )
    return f"{name} is wrong in {places}. {difference.message}"


def _forward_to_blame(trial: Trial, result: Result, name: str) -> str:
    """Return what is wrong in place of a gradient that is the derivative of it, empty if nothing."""
    forward = trial.question.backward_of
    if forward:
        return forward if is_derivative_of_own_forward(trial, result, name) else ""
    results = trial.results(trial.question.cases)
    off = any(r.got is not None and "loss" in r.want and r.difference("loss") for r in results)
    if not off or any(r.got is None for r in results):
        return ""
    output = name.partition("[")[0]
    wrt = "params" if output == "grads" else output.removeprefix("d")
    return "loss" if derives_from(trial, results, name, "loss", wrt) else ""


def _worth_seeing(trial: Trial) -> Result:
    """Return the first small public case with a wrong gradient, or else the largest of them."""
    results = trial.results(trial.question.cases)
    public = [r for r in results if r.case.visibility is Visibility.PUBLIC and _size(r)] or results
    seen = [r for r in public if FEWEST <= _size(r) <= MOST] or public
    wrong = (r for r in seen if r.got is None or any(r.difference(n) for n in _gradients(r)))
    return next(wrong, max(seen, key=_size))


def _gradients(result: Result) -> list[str]:
    """Return the gradients of a case that are arrays and are judged."""
    return [
        name
        for name in result.judged
        if _is_gradient(name.partition("[")[0]) and np.size(result.want[name]) > 1
    ]


def _size(result: Result) -> int:
    return max((int(np.size(result.want[name])) for name in _gradients(result)), default=0)


def _flat(values: Array) -> Array:
    """Return an array of any shape as rows and columns."""
    return values.reshape(1, -1) if values.ndim < 2 else values.reshape(len(values), -1)


def _each(topic: str, names: Iterable[str], draw: Draw) -> Iterator[tuple[str, Draw]]:
    for name in names:
        yield f"{topic}.{name}", draw


PICTURES: dict[str, Draw] = {
    "gradients.hill": hill,
    "gradients.gradient_descent": gradient_descent,
    "gradients.random_restarts": random_restarts,
    **dict(_each("backprop", ("relu_forward", "sigmoid_forward", "tanh_forward"), activation)),
    **dict(_each("optimizers", CONFIGS, steps)),
    **dict(_each("optimizers", SCHEDULES, schedule)),
    "regularisers.dropout_forward": dropout,
    "regularisers.dropout_backward": dropout_backward,
    "regularisers.early_stopping": early_stopping,
    "regularisers.horizontal_flip": images(0.5),
    "regularisers.random_crop": images(2),
    "regularisers.mixup": mixup,
    **dict(_each("training", ("xavier_uniform", "he_normal"), weights)),
    "training.train": train,
}
