"""How fast one step of Adam is, beside NumPy, PyTorch and JAX.

    python -m benchmarks.optimizers [--json FILE]

Every contender starts from the same float64 parameters and gradients and is checked to end at the
same parameters after a few steps, on one thread. Runs of ten steps are interleaved and medians
compared. Ours are the public functions, with their checks of the arguments: `adam`, which returns
new parameters, and `adam_in_place`, which writes over them as NumPy (without a temporary that can be
saved), PyTorch and JAX (whose arrays are donated) do here. The first moves a seventh more memory.

The floor is what it costs to read and write the arrays of a step in place, with one multiplication
and one addition for each that is written: no step can be faster, whoever takes it.
"""

import os

os.environ.update(  # read when NumPy, PyTorch and JAX are imported
    OPENBLAS_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
    OMP_NUM_THREADS="1",
    XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    JAX_PLATFORMS="cpu",
)

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from benchmarks.kernels import installed, keep_freed_memory, medians, versions
from numerics import optimizers
from numerics.validation import FloatArray

SIZES = (7_510, 1_000_000)  # a perceptron 64-100-10, and one whose arrays no cache holds
RATE, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-8
MUST, GOAL = 1.3, 2.0
STEPS_COMPARED = 5
IN_A_ROW = 10
OURS = {"": "ours", " in place": "ours in place"}
FLOOR = "floor"
OTHERS = ("numpy", "torch", "torch foreach", "torch fused", "jax")


class Runner(NamedTuple):
    """Somebody who takes steps, and how to read the parameters after them."""

    step: Callable[[], tuple[()]]
    reached: Callable[[], Any]


def with_ours(w: FloatArray, dw: FloatArray) -> Runner:
    """Return steps of the ground truth."""
    config: dict[str, Any] = {"learning_rate": RATE}

    def step() -> tuple[()]:
        nonlocal w, config
        w, config = optimizers.adam(w, dw, config)
        return ()

    return Runner(step, lambda: w)


def with_ours_in_place(w: FloatArray, dw: FloatArray) -> Runner:
    """Return steps of the ground truth that write over the parameters."""
    w = w.copy()
    config: dict[str, Any] = {"learning_rate": RATE}

    def step() -> tuple[()]:
        optimizers.adam_in_place(w, dw, config)
        return ()

    return Runner(step, lambda: w)


def floor(size: int) -> Callable[[], tuple[()]]:
    """Return what reads the four arrays of a step and writes three of them."""
    w, dw, m, v = np.random.default_rng(0).random((4, size))
    w, m, v = w.copy(), m.copy(), v.copy()  # apart, as a step has them

    def move() -> tuple[()]:
        _stream(w, dw, m, v)
        return ()

    return move


@njit(error_model="numpy", fastmath={"contract"})  # type: ignore[untyped-decorator]
def _stream(w: FloatArray, dw: FloatArray, m: FloatArray, v: FloatArray) -> None:
    for i in range(w.size):
        m[i] = 0.5 * m[i] + dw[i]
        v[i] = 0.5 * v[i] + dw[i]
        w[i] = 0.5 * w[i] + m[i]


def with_numpy(w: FloatArray, dw: FloatArray) -> Runner:
    """Return steps of NumPy, its constants folded and its temporaries kept."""
    w, m, v = w.copy(), np.zeros_like(w), np.zeros_like(w)
    root, change = np.empty_like(w), np.empty_like(w)
    t = 0

    def step() -> tuple[()]:
        nonlocal t
        t += 1
        np.multiply(dw, 1.0 - BETA1, out=change)
        np.multiply(m, BETA1, out=m)
        np.add(m, change, out=m)
        np.multiply(dw, dw, out=change)
        np.multiply(change, 1.0 - BETA2, out=change)
        np.multiply(v, BETA2, out=v)
        np.add(v, change, out=v)
        correction = float(np.sqrt(1.0 - BETA2**t))
        np.sqrt(v, out=root)
        np.add(root, EPSILON * correction, out=root)
        np.divide(m, root, out=change)
        np.multiply(change, RATE * correction / (1.0 - BETA1**t), out=change)
        np.subtract(w, change, out=w)
        return ()

    return Runner(step, lambda: w)


def with_torch(torch: Any, w: FloatArray, dw: FloatArray, **form: bool) -> Runner:
    """Return steps of PyTorch's own Adam: a loop over tensors, `foreach` or `fused`."""
    parameter = torch.nn.Parameter(torch.tensor(w))
    parameter.grad = torch.tensor(dw)
    peer = torch.optim.Adam([parameter], lr=RATE, betas=(BETA1, BETA2), eps=EPSILON, **form)

    def step() -> tuple[()]:
        peer.step()
        return ()

    return Runner(step, lambda: parameter.detach().numpy())


def with_jax(jax: Any, w: FloatArray, dw: FloatArray) -> Runner:
    """Return steps of the formula as JAX compiles it, writing over its arrays."""

    def formula(w: Any, m: Any, v: Any, t: Any, dw: Any) -> tuple[Any, ...]:
        t = t + 1
        m = BETA1 * m + (1.0 - BETA1) * dw
        v = BETA2 * v + (1.0 - BETA2) * dw * dw
        root = jax.numpy.sqrt(v / (1.0 - BETA2**t))
        return w - RATE * (m / (1.0 - BETA1**t)) / (root + EPSILON), m, v, t

    compiled = jax.jit(formula, donate_argnums=(0, 1, 2))
    zeros = jax.numpy.zeros_like
    state = [jax.numpy.array(w), zeros(w), zeros(w), jax.numpy.array(0.0)]
    gradient = jax.numpy.array(dw)

    def step() -> tuple[()]:
        state[:] = jax.block_until_ready(compiled(*state, gradient))
        return ()

    return Runner(step, lambda: state[0])


def contenders(size: int) -> dict[str, Runner]:
    """Return everybody who is installed, at the same start."""
    w, dw = np.random.default_rng(size).standard_normal((2, size))
    found = {"ours": with_ours(w, dw), "ours in place": with_ours_in_place(w, dw)}
    found["numpy"] = with_numpy(w, dw)
    if torch := installed("torch"):
        found["torch"] = with_torch(torch, w, dw, foreach=False)
        found["torch foreach"] = with_torch(torch, w, dw, foreach=True)
        found["torch fused"] = with_torch(torch, w, dw, fused=True)
    if jax := installed("jax"):
        found["jax"] = with_jax(jax, w, dw)
    return found


def check_agreement(runners: dict[str, Runner]) -> None:
    """Raise AssertionError where a contender computes something else."""
    for _ in range(STEPS_COMPARED):
        for runner in runners.values():
            runner.step()
        want = runners["ours"].reached()
        for name, runner in runners.items():
            reached = np.asarray(runner.reached())
            np.testing.assert_allclose(reached, want, rtol=1e-9, atol=1e-12, err_msg=name)


def measure(size: int) -> list[dict[str, Any]]:
    """Return two rows of the report, for new parameters and for steps in place."""
    runners = contenders(size)
    check_agreement(runners)
    runs = {name: _in_a_row(runner.step) for name, runner in runners.items()}
    runs[FLOOR] = _in_a_row(floor(size))
    microseconds = {name: total / IN_A_ROW for name, total in medians(runs).items()}
    missing = [name for name in OTHERS if name not in runners]
    rows = []
    for form, ours in OURS.items():
        ratios = {
            name: microseconds[name] / microseconds[ours] for name in OTHERS if name in runners
        }
        least = min(ratios.values())
        verdict = "goal" if least >= GOAL else "must" if least >= MUST else "missed"
        rows.append(
            {
                "name": f"Adam step{form}, {size} parameters",
                "ours": ours,
                "microseconds": microseconds,
                "times_as_fast_as": ratios,
                "not_installed": missing,
                "times_as_fast_as_the_best": least,
                "possible_at_most": min(microseconds[name] for name in ratios)
                / microseconds[FLOOR],
                "must": MUST,
                "goal": GOAL,
                "verdict": "incomplete" if missing else verdict,
            }
        )
    return rows


def _in_a_row(step: Callable[[], tuple[()]]) -> Callable[[], tuple[()]]:
    def run() -> tuple[()]:
        for _ in range(IN_A_ROW):
            step()
        return ()

    return run


def table(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of the report: our time, and how many times longer the others take."""
    yield f"{'':38}{'ours, us':>10}" + "".join(f"{name:>15}" for name in OTHERS) + "   verdict"
    for row in rows:
        cells = [f"{row['name']:38}{row['microseconds'][row['ours']]:10.1f}"]
        for name in OTHERS:
            ratio = row["times_as_fast_as"].get(name)
            cells.append(f"{'not installed' if ratio is None else f'{ratio:.2f}x':>15}")
        yield "".join(cells) + f"   {row['verdict']} (must {MUST:g}x, goal {GOAL:g}x of the best)"
    for row in rows[:: len(OURS)]:
        size = row["name"].partition(", ")[2]
        yield (
            f"floor, {size}: to read and write the arrays alone takes "
            f"{row['microseconds'][FLOOR]:.1f} us, {row['possible_at_most']:.2f}x the best of "
            "the others: nothing that steps once through memory is faster"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table and write the JSON where it is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.optimizers", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args(arguments)
    optimizers.load_kernels()
    keep_freed_memory()
    rows = [row for size in SIZES for row in measure(size)]
    print("\n".join(table(rows)))
    if options.json:
        report = {"schema": 1, "threads": 1, "dtype": "float64", "versions": versions()}
        text = json.dumps({**report, "rows": rows}, indent=2)
        options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
