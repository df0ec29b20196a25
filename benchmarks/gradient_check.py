"""How fast and how sharp the gradient checker is, beside those of other libraries.

    python -m benchmarks.gradient_check [--json FILE] [--trials N] [--peer-trials N]

One thread, float64, a perceptron 64-100-10 on 32 rows: 7 510 parameters.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")

import argparse
import json
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.gradient_networks import FAULTS, Blocks, FloatArray, Network
from benchmarks.gradient_peers import FAST, SLOW
from numerics.differentiation import check_gradient

ACTIVATIONS = ("tanh", "relu")


def milliseconds(call: Callable[[], Any], repeats: int) -> float:
    """Return the median time of a call."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return float(np.median(times)) * 1e3


def speed() -> dict[str, dict[str, float | str]]:
    """Time one loss, our check, and every peer that is installed, on a right gradient."""
    table: dict[str, dict[str, float | str]] = {}
    for activation in ACTIVATIONS:
        network = Network(0, activation)
        params, gradient = network.params, network.gradient(network.params)
        table[activation] = {
            "one loss": milliseconds(partial(network.loss, params), 300),
            "check_gradient": milliseconds(
                partial(check_gradient, network.loss, gradient, params), 200
            ),
        }
    row = table["tanh"]
    for names, repeats in ((FAST, 30), (SLOW, 1)):
        for name, peer in names.items():
            try:
                check = peer(Network(0, "tanh"))
            except ImportError as missing:
                row[name] = f"not measured: {missing.name} is not installed"
                continue
            if repeats > 1:
                check()  # compiles
            row[name] = milliseconds(check, repeats)
    return table


def detection(trials: int) -> dict[str, dict[str, dict[str, int]]]:
    """Count verdicts on right gradients and on every planted fault, one network a trial."""
    table: dict[str, dict[str, dict[str, int]]] = {}
    for activation in ACTIVATIONS:
        rows = table[activation] = {
            name: {"trials": 0, "right": 0, "wrong": 0, "cannot tell": 0, "where it is": 0}
            for name in ("no fault", *FAULTS)
        }
        for seed in range(trials):
            network = Network(seed, activation)
            rng = np.random.default_rng([seed, 1])
            gradient = network.gradient(network.params)
            _count(rows["no fault"], network, gradient, ("",), rng)
            for name, plant in FAULTS.items():
                fault = plant(network, gradient, rng)
                _count(rows[name], network, fault.planted(gradient), fault.where, rng)
    return table


def _count(
    row: dict[str, int],
    network: Network,
    gradient: Blocks,
    where: tuple[str, ...],
    rng: np.random.Generator,
) -> None:
    verdict = check_gradient(network.loss, gradient, network.params, rng=rng)
    row["trials"] += 1
    row[{True: "right", False: "wrong", None: "cannot tell"}[verdict.right]] += 1
    row["where it is"] += verdict.where in where


def peer_detection(trials: int) -> dict[str, dict[str, dict[str, Any]]]:
    """Count what the quick checkers of other libraries call wrong."""
    table: dict[str, dict[str, dict[str, Any]]] = {}
    for name, peer in FAST.items():
        for activation in ACTIVATIONS:
            rows = table.setdefault(name, {})[activation] = {}
            for fault_name in ("no fault", *FAULTS):
                try:
                    wrong = sum(
                        not _peer_trial(peer, seed, activation, fault_name)
                        for seed in range(trials)
                    )
                except ImportError as missing:
                    rows[fault_name] = f"not measured: {missing.name} is not installed"
                    break
                rows[fault_name] = {"trials": trials, "wrong": wrong}
    return table


def _peer_trial(peer: Callable[..., Any], seed: int, activation: str, fault_name: str) -> bool:
    network = Network(seed, activation)
    if fault_name == "no fault":
        return bool(peer(network)())
    gradient = network.gradient(network.params)
    rng = np.random.default_rng([seed, 1])
    return bool(peer(network, FAULTS[fault_name](network, gradient, rng))())


def localisation() -> dict[str, dict[str, float]]:
    """Time a whole check, from the call to the place named, for every fault."""
    table: dict[str, dict[str, float]] = {}
    for activation in ACTIVATIONS:
        network = Network(0, activation)
        gradient = network.gradient(network.params)
        table[activation] = {}
        for name, plant in FAULTS.items():
            wrong = plant(network, gradient, np.random.default_rng(1)).planted(gradient)
            check = partial(check_gradient, network.loss, wrong, network.params)
            table[activation][name] = milliseconds(check, 20)
    return table


def memory() -> dict[str, float]:
    """Return the peak memory of a check of 1e6 parameters, as a multiple of theirs."""
    x = np.random.default_rng(0).standard_normal((1000, 1000))
    right = np.cos(x)
    column = right.copy()
    column[:, 3] = 0
    found = {}
    for name, gradient in (("right", right), ("a zeroed column", column)):
        tracemalloc.start()
        check_gradient(_sum_of_sines, gradient, x)
        found[name] = tracemalloc.get_traced_memory()[1] / x.nbytes
        tracemalloc.stop()
    return found


def _sum_of_sines(w: FloatArray) -> float:
    return sum(float(np.sin(row).sum()) for row in w)  # row by row: no memory of its own


def show(results: dict[str, Any]) -> None:
    """Print the results as tables."""
    print("milliseconds on a right gradient")
    for activation, row in results["speed"].items():
        ours = row["check_gradient"]
        for name, value in row.items():
            said = value if isinstance(value, str) else f"{value:10.3f}  {value / ours:8.1f} x ours"
            print(f"  {activation:5} {name:24} {said}")
    print("\nverdicts of check_gradient")
    for activation, rows in results["detection"].items():
        for name, row in rows.items():
            counts = "  ".join(f"{key} {value}" for key, value in row.items())
            print(f"  {activation:5} {name:30} {counts}")
    print("\ncalled wrong by others")
    for peer, tables in results["peer_detection"].items():
        for activation, rows in tables.items():
            for name, row in rows.items():
                said = row if isinstance(row, str) else f"{row['wrong']} of {row['trials']}"
                print(f"  {peer:22} {activation:5} {name:30} {said}")
    print("\nmilliseconds until a fault is named")
    for activation, row in results["localisation"].items():
        for name, value in row.items():
            print(f"  {activation:5} {name:30} {value:8.2f}")
    print("\npeak memory at 1e6 parameters, in multiples of them")
    for name, value in results["memory"].items():
        print(f"  {name:30} {value:8.2f}")


def main() -> None:
    """Measure, print, and write the JSON where it is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gradient_check")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results here too")
    parser.add_argument("--trials", type=int, default=100, help="networks for each activation")
    parser.add_argument("--peer-trials", type=int, default=10, help="the same for the peers")
    options = parser.parse_args()
    results = {
        "speed": speed(),
        "detection": detection(options.trials),
        "peer_detection": peer_detection(options.peer_trials),
        "localisation": localisation(),
        "memory": memory(),
    }
    show(results)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
