"""How fast the compiled ground truth is, beside NumPy, PyTorch and JAX.

    python -m benchmarks.kernels [--json FILE]

Every contender computes the same numbers from the same float64 inputs on one thread, and is checked
to do so before the clock starts. Runs are interleaved, so that a busy machine is busy for all, and
medians are compared. Ours are the public functions, with their checks of the arguments.
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
import importlib
import json
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from numerics import backprop, losses, regularisers

Arrays = tuple[Any, ...]
Contender = Callable[[], Arrays]

OTHERS = ("numpy", "torch", "jax")
SECONDS_PER_ROW = 4.0
SHORTEST_RUN = 2e-3  # seconds: quick calls are repeated until the clock's own cost is nothing


@dataclass(frozen=True)
class Row:
    """One thing to compute, who computes it, and how many times faster ours has to be."""

    name: str
    contenders: dict[str, Contender]
    must: float
    goal: float
    rivals: tuple[str, ...] = OTHERS


def installed(name: str) -> Any:
    """Return the library set to float64 on one thread, or None where it is not installed."""
    try:
        library = importlib.import_module(name)
    except ModuleNotFoundError:
        return None
    if name == "torch":
        library.set_num_threads(1)
    if name == "jax":
        library.config.update("jax_enable_x64", val=True)
    return library


def softmax_cross_entropy(num_rows: int, num_classes: int) -> Row:
    """Loss and gradient from logits and labels."""
    rng = np.random.default_rng(num_rows)
    x = 3.0 * rng.standard_normal((num_rows, num_classes))
    y = rng.integers(0, num_classes, num_rows)
    rows = np.arange(num_rows)

    def with_numpy() -> Arrays:
        shifted = x - x.max(axis=1, keepdims=True)
        dx = np.exp(shifted)
        total = dx.sum(axis=1, keepdims=True)
        loss = np.mean(np.log(total[:, 0]) - shifted[rows, y])
        dx /= total
        dx[rows, y] -= 1.0
        dx /= num_rows
        return loss, dx

    contenders: dict[str, Contender] = {
        "ours": lambda: losses.softmax_loss(x, y),
        "numpy": with_numpy,
    }
    if torch := installed("torch"):
        tx, ty = torch.tensor(x, requires_grad=True), torch.tensor(y)

        def with_torch() -> Arrays:
            loss = torch.nn.functional.cross_entropy(tx, ty)
            return loss.detach(), *torch.autograd.grad(loss, tx)

        contenders["torch"] = with_torch
    if jax := installed("jax"):
        jx, jy = jax.numpy.asarray(x), jax.numpy.asarray(y)

        def mean_cross_entropy(x: Any, y: Any) -> Any:
            log_p = jax.nn.log_softmax(x)
            return -jax.numpy.mean(jax.numpy.take_along_axis(log_p, y[:, None], axis=1))

        compiled = jax.jit(jax.value_and_grad(mean_cross_entropy))
        contenders["jax"] = lambda: jax.block_until_ready(compiled(jx, jy))
    return Row(f"softmax cross-entropy {num_rows}x{num_classes}", contenders, must=2.0, goal=3.0)


def normalisation(kind: str, num_rows: int, num_features: int) -> Row:
    """Forward and backward of batch or layer normalisation in training."""
    rng = np.random.default_rng(num_rows)
    x, dout = 2.0 * rng.standard_normal((2, num_rows, num_features)) + 1.0
    gamma, beta = rng.standard_normal((2, num_features))
    axis = {"batchnorm": 0, "layernorm": 1}[kind]

    def ours() -> Arrays:
        if kind == "batchnorm":
            out, cache = regularisers.batchnorm_forward(x, gamma, beta, {"mode": "train"})
            return out, *regularisers.batchnorm_backward(dout, cache)
        out, layer_cache = regularisers.layernorm_forward(x, gamma, beta, {})
        return out, *regularisers.layernorm_backward(dout, layer_cache)

    def with_numpy() -> Arrays:
        x_hat = x - x.mean(axis=axis, keepdims=True)
        scale = 1.0 / np.sqrt((x_hat * x_hat).mean(axis=axis, keepdims=True) + 1e-5)
        x_hat *= scale
        out = gamma * x_hat + beta
        upstream = dout * gamma
        through = x_hat * (upstream * x_hat).mean(axis=axis, keepdims=True)
        dx = scale * (upstream - upstream.mean(axis=axis, keepdims=True) - through)
        return out, dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)

    contenders: dict[str, Contender] = {"ours": ours, "numpy": with_numpy}
    if torch := installed("torch"):
        inputs = [torch.tensor(a, requires_grad=True) for a in (x, gamma, beta)]
        tdout = torch.tensor(dout)

        def with_torch() -> Arrays:
            tx, tgamma, tbeta = inputs
            if kind == "batchnorm":
                out = torch.nn.functional.batch_norm(tx, None, None, tgamma, tbeta, training=True)
            else:
                out = torch.nn.functional.layer_norm(tx, (num_features,), tgamma, tbeta)
            return out.detach(), *torch.autograd.grad(out, inputs, tdout)

        contenders["torch"] = with_torch
    if jax := installed("jax"):
        arguments = [jax.numpy.asarray(a) for a in (x, gamma, beta, dout)]

        def forward(x: Any, gamma: Any, beta: Any) -> Any:
            mean, var = x.mean(axis=axis, keepdims=True), x.var(axis=axis, keepdims=True)
            return gamma * (x - mean) * jax.lax.rsqrt(var + 1e-5) + beta

        def forward_and_backward(x: Any, gamma: Any, beta: Any, dout: Any) -> Arrays:
            out, pull_back = jax.vjp(forward, x, gamma, beta)
            return out, *pull_back(dout)

        compiled = jax.jit(forward_and_backward)
        contenders["jax"] = lambda: jax.block_until_ready(compiled(*arguments))
    name = f"{kind} forward+backward {num_rows}x{num_features}"
    return Row(name, contenders, must=2.0, goal=3.0)


def affine(num_rows: int, num_inputs: int, num_outputs: int) -> Row:
    """Forward and backward of an affine layer: three matrix products, so BLAS decides."""
    rng = np.random.default_rng(num_rows)
    x, w = (
        rng.standard_normal((num_rows, num_inputs)),
        rng.standard_normal((num_inputs, num_outputs)),
    )
    b, dout = rng.standard_normal(num_outputs), rng.standard_normal((num_rows, num_outputs))

    def ours() -> Arrays:
        out, cache = backprop.affine_forward(x, w, b)
        return out, *backprop.affine_backward(dout, cache)

    def with_numpy() -> Arrays:
        return x @ w + b, dout @ w.T, x.T @ dout, dout.sum(axis=0)

    contenders: dict[str, Contender] = {"ours": ours, "numpy": with_numpy}
    if torch := installed("torch"):
        inputs = [torch.tensor(a, requires_grad=True) for a in (x, w, b)]
        tdout = torch.tensor(dout)

        def with_torch() -> Arrays:
            tx, tw, tb = inputs
            out = torch.addmm(tb, tx, tw)
            return out.detach(), *torch.autograd.grad(out, inputs, tdout)

        contenders["torch"] = with_torch
    if jax := installed("jax"):
        arguments = [jax.numpy.asarray(a) for a in (x, w, b, dout)]

        def forward_and_backward(x: Any, w: Any, b: Any, dout: Any) -> Arrays:
            out, pull_back = jax.vjp(lambda x, w, b: x @ w + b, x, w, b)
            return out, *pull_back(dout)

        compiled = jax.jit(forward_and_backward)
        contenders["jax"] = lambda: jax.block_until_ready(compiled(*arguments))
    name = f"affine forward+backward {num_rows}x{num_inputs}x{num_outputs}"
    return Row(name, contenders, must=0.95, goal=0.95, rivals=("numpy",))


def attention(num_rows: int, depth: int) -> Row:
    """softmax(Q K^T / sqrt d) V: two matrix products, BLAS's for all, around a softmax of ours."""
    rng = np.random.default_rng(num_rows)
    q, k, v = rng.standard_normal((3, num_rows, depth))
    scale = 1.0 / float(np.sqrt(depth))

    def ours() -> Arrays:
        scores = q @ k.T
        scores *= scale
        return (losses.softmax(scores) @ v,)

    def with_numpy() -> Arrays:
        p = q @ k.T
        p *= scale
        p -= p.max(axis=1, keepdims=True)
        np.exp(p, out=p)
        p /= p.sum(axis=1, keepdims=True)
        return (p @ v,)

    contenders: dict[str, Contender] = {"ours": ours, "numpy": with_numpy}
    if torch := installed("torch"):
        tq, tk, tv = (torch.tensor(a)[None] for a in (q, k, v))
        attend = torch.nn.functional.scaled_dot_product_attention
        contenders["torch"] = lambda: (attend(tq, tk, tv)[0],)
    if jax := installed("jax"):
        arguments = [jax.numpy.asarray(a) for a in (q, k, v)]
        compiled = jax.jit(lambda q, k, v: (jax.nn.softmax(q @ k.T * scale) @ v,))
        contenders["jax"] = lambda: jax.block_until_ready(compiled(*arguments))
    name = f"attention forward {num_rows}x{depth}"
    return Row(name, contenders, must=0.95, goal=0.95, rivals=("numpy",))


def workload() -> Iterator[Row]:
    """Yield each row when its turn comes, so that only its own arrays are in memory."""
    yield softmax_cross_entropy(64, 10)
    yield softmax_cross_entropy(1024, 100)
    yield softmax_cross_entropy(4096, 1000)
    yield normalisation("batchnorm", 256, 512)
    yield normalisation("layernorm", 256, 512)
    yield affine(128, 512, 256)
    yield affine(64, 3072, 100)
    yield affine(512, 64, 512)  # the size of Q K^T: 512 places, 64 numbers each
    yield affine(512, 512, 64)  # the size of P V
    yield attention(512, 64)


def keep_freed_memory() -> None:
    """Free a large array once, after which glibc gives smaller ones memory that it has at hand.

    Before, every array of 128 KiB or more costs page faults, several times what is measured here.
    """
    large = np.ones((4096, 1000))
    del large


def check_agreement(row: Row) -> None:
    """Raise AssertionError where a contender computes something else."""
    want = row.contenders["ours"]()
    for name, contender in row.contenders.items():
        for left, right in zip(contender(), want, strict=True):
            message = f"{row.name}: {name}"
            np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-9, err_msg=message)


def seconds(contender: Contender, repeats: int) -> float:
    """Return the mean time of one call among `repeats`."""
    start = time.perf_counter()
    for _ in range(repeats):
        contender()
    return (time.perf_counter() - start) / repeats


def medians(contenders: dict[str, Contender]) -> dict[str, float]:
    """Return microseconds a call, from interleaved runs in an order that is drawn each round."""
    repeats = {}
    for name, contender in contenders.items():
        once = min(seconds(contender, 1) for _ in range(3))
        repeats[name] = max(1, round(SHORTEST_RUN / once))
    rng = np.random.default_rng(0)
    runs: dict[str, list[float]] = {name: [] for name in contenders}
    end = time.perf_counter() + SECONDS_PER_ROW
    while time.perf_counter() < end or len(runs["ours"]) < 7:
        for name in rng.permutation(list(contenders)):
            runs[name].append(seconds(contenders[name], repeats[name]))
    return {name: 1e6 * float(np.median(times)) for name, times in runs.items()}


def measure(row: Row) -> dict[str, Any]:
    """Return a row of the report."""
    check_agreement(row)
    microseconds = medians(row.contenders)
    ratios = {name: microseconds[name] / microseconds["ours"] for name in microseconds}
    del ratios["ours"]
    missing = [name for name in OTHERS if name not in ratios]
    least = min(ratios[name] for name in row.rivals if name in ratios)
    return {
        "name": row.name,
        "microseconds": microseconds,
        "times_as_fast_as": ratios,
        "not_installed": missing,
        "times_as_fast_as_the_best": least,
        "compared_with": [name for name in row.rivals if name in ratios],
        "must": row.must,
        "goal": row.goal,
        "verdict": verdict(least, row),
    }


def verdict(least: float, row: Row) -> str:
    """Return what the smallest ratio amounts to; a rival that is missing cannot be beaten."""
    if any(name not in row.contenders for name in row.rivals):
        return "incomplete"
    return "goal" if least >= row.goal else "must" if least >= row.must else "missed"


def table(rows: list[dict[str, Any]]) -> str:
    """Return the report as text: our time, and how many times longer the others take."""
    lines = [f"{'':42}{'ours, us':>10}" + "".join(f"{name:>15}" for name in OTHERS) + "   verdict"]
    for row in rows:
        cells = [f"{row['name']:42}{row['microseconds']['ours']:10.1f}"]
        for name in OTHERS:
            ratio = row["times_as_fast_as"].get(name)
            cells.append(f"{'not installed' if ratio is None else f'{ratio:.2f}x':>15}")
        wanted = (
            f"must {row['must']:g}x, goal {row['goal']:g}x of {', '.join(row['compared_with'])}"
        )
        lines.append("".join(cells) + f"   {row['verdict']} ({wanted})")
    lines.append(
        "Matrix products are left to BLAS, in ours as in NumPy: no kernel of ours stands there."
    )
    return "\n".join(lines)


def versions() -> dict[str, str | None]:
    """Return what was measured with; None stands for a library that is not installed."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    for name in ("numpy", "numba", "torch", "jax"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every row, print the table and write the JSON where it is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kernels", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args(arguments)
    losses.load_kernels()
    regularisers.load_kernels()
    backprop.load_kernels()
    keep_freed_memory()
    rows = [measure(row) for row in workload()]
    print(table(rows))
    if options.json:
        report = {"schema": 1, "threads": 1, "dtype": "float64", "versions": versions()}
        text = json.dumps({**report, "rows": rows}, indent=2)
        options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
