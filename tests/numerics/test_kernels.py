"""What every file of kernels promises; a new topic joins by its name in TOPICS."""

import ast
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

TOPICS = ["backprop", "losses", "optimizers", "regularisers"]
PERMITTED_FASTMATH = {"contract", "reassoc", "arcp", "nsz"}  # NaN and infinity keep their meaning
OTHERS = {"numpy", "numpy.typing", "numba", "typing"}

RUN_EXAMPLES = """
import importlib, json, sys
import numpy as np

kernels = importlib.import_module("numerics.kernels." + sys.argv[1])
results = {}
for name, arguments in kernels.examples().items():
    value = getattr(kernels, name)(*arguments)
    filled = [a.astype(float).ravel().tolist() for a in arguments if isinstance(a, np.ndarray)]
    results[name] = [value, filled]
print(json.dumps(results))
"""


def kernels_of(topic):
    return importlib.import_module(f"numerics.kernels.{topic}")


def compiled(topic):
    """Every compiled function of a file by its name."""
    return {name: f for name, f in vars(kernels_of(topic)).items() if hasattr(f, "py_func")}


def run_examples(topic, call):
    kernels = kernels_of(topic)
    results = {}
    for name, arguments in kernels.examples().items():
        value = call(getattr(kernels, name), arguments)
        results[name] = [value, [a.ravel() for a in arguments if isinstance(a, np.ndarray)]]
    return results


def assert_same(got, want):
    assert got.keys() == want.keys()
    for name, (value, arrays) in want.items():
        if value is None:
            assert got[name][0] is None
        else:
            np.testing.assert_allclose(got[name][0], value, rtol=1e-14, err_msg=name)
        for left, right in zip(got[name][1], arrays, strict=True):
            np.testing.assert_allclose(left, right, rtol=1e-13, atol=1e-16, err_msg=name)


@pytest.mark.parametrize("topic", TOPICS)
def test_kernels_import_nothing_else_of_ours(topic):
    """Numba's cache cannot see a change in another file, so there is none to change."""
    tree = ast.parse(Path(kernels_of(topic).__file__).read_text(encoding="utf-8"))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(node.module)
    assert imported <= OTHERS


@pytest.mark.parametrize("topic", TOPICS)
def test_every_public_kernel_has_an_example_and_the_other_way_round(topic):
    """Whoever compiles the examples ahead of time has compiled everything."""
    public = {name for name in compiled(topic) if not name.startswith("_")}
    assert public == set(kernels_of(topic).examples())


@pytest.mark.parametrize("topic", TOPICS)
def test_kernels_divide_as_numpy_does_and_keep_nan(topic):
    """No kernel uses fast-math flags that let the compiler forget NaN or infinity."""
    for name, kernel in compiled(topic).items():
        options = kernel.targetoptions
        assert options.get("error_model") == "numpy", name
        assert options.get("fastmath") in (None, False) or (
            set(options["fastmath"]) <= PERMITTED_FASTMATH
        ), name


@pytest.mark.parametrize("topic", TOPICS)
def test_kernel_equals_its_own_uncompiled_text(topic):
    """`kernel(...)` and `kernel.py_func(...)` agree to rounding."""
    compiled_results = run_examples(topic, lambda kernel, arguments: kernel(*arguments))
    python_results = run_examples(topic, lambda kernel, arguments: kernel.py_func(*arguments))
    assert_same(python_results, compiled_results)


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("switch", ["NUMBA_BOUNDSCHECK", "NUMBA_DISABLE_JIT"])
def test_examples_run_the_same_in_a_checking_process(topic, switch, tmp_path):
    """No index is out of bounds, and plain Python computes the same."""
    # The cache does not know these switches: an empty one makes sure that they are obeyed.
    environment = {**os.environ, switch: "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN_EXAMPLES, topic],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert_same(
        json.loads(done.stdout),
        run_examples(topic, lambda kernel, arguments: kernel(*arguments)),
    )


@pytest.mark.parametrize("topic", TOPICS)
def test_importing_a_topic_loads_nothing_slow(topic):
    """Neither numba and SciPy nor NumPy's random generators, until they are asked for."""
    program = (
        f"import sys, numerics.{topic} as topic\n"
        "assert not {'numba', 'scipy', 'numpy.random'} & set(sys.modules)\n"
        f"assert topic.load_kernels() is sys.modules['numerics.kernels.{topic}']\n"
        "assert 'numba' in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_small_inputs_stay_with_numpy_until_kernels_are_loaded():
    """A quick check never waits for numba, and a process that has it uses it."""
    program = (
        "import sys, numpy as np\n"
        "from numerics import losses\n"
        "x, y = np.ones((64, 10)), np.zeros(64, int)\n"
        "losses.softmax_loss(x, y)\n"
        "assert 'numba' not in sys.modules\n"
        "assert losses.KERNELS.worth(losses.KERNELS.cold_size - 1) is None\n"
        "losses.softmax_loss(np.ones((losses.KERNELS.cold_size, 1)), np.zeros(65536, int))\n"
        "assert losses.KERNELS.worth(640) is sys.modules['numerics.kernels.losses']\n"
        "assert losses.KERNELS.worth(losses.KERNELS.loaded_size - 1) is None\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
