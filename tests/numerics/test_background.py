"""Kernels that are loaded in the background: nobody waits, nobody can tell the difference."""

import importlib
import subprocess
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from numerics import background, compiled, layers, losses, normalisation, optimizers, stepping
from numerics.compiled import BACKGROUND, Kernels

HANG = 60.0  # seconds: what only a test that would fail anyway ever waits
TOPICS = [losses, layers, normalisation, stepping]


@pytest.fixture(autouse=True)
def new_process(monkeypatch):
    """Let nothing be loaded yet, as far as numerics knows."""
    monkeypatch.setattr(BACKGROUND, "ready", {})
    monkeypatch.setattr(BACKGROUND, "goes_on", False)
    monkeypatch.setattr(background, "_started", [])
    for topic in TOPICS:
        monkeypatch.setattr(topic.KERNELS, "_module", None)


class Gate:
    """Imports of kernels that wait until they are let through."""

    def __init__(self):
        self.open = threading.Event()
        self.asked = []

    def import_module(self, name):
        self.asked.append(name)
        assert self.open.wait(HANG)
        return importlib.import_module(name)


@pytest.fixture
def gate(monkeypatch):
    gate = Gate()
    monkeypatch.setattr(background, "importlib", gate)
    yield gate
    gate.open.set()
    for loading in background._started:
        assert loading.wait(HANG)


def test_large_inputs_stay_with_numpy_until_the_kernels_are_ready(gate, rng):
    """Then they take the kernels, and so do small ones; both say the same."""
    x, y = rng.standard_normal((8192, 10)), rng.integers(0, 10, 8192)
    loading = background.load_in_background()
    assert losses.KERNELS.worth(x.size) is None
    assert Kernels("losses").worth(10**9) is None
    loss, dx = losses.softmax_loss(x, y)
    assert not loading.wait(0)

    gate.open.set()
    assert loading.wait(HANG)
    assert loading.error is None
    for kernels in (losses.KERNELS, Kernels("losses")):
        assert kernels.worth(kernels.loaded_size) is sys.modules["numerics.kernels.losses"]
        assert kernels.worth(kernels.loaded_size - 1) is None
    got, gradient = losses.softmax_loss(x, y)
    assert got == pytest.approx(loss, rel=1e-14)
    np.testing.assert_allclose(gradient, dx, rtol=1e-13, atol=1e-18)


def test_every_file_is_loaded_once_however_many_threads_ask(gate):
    """All of them get the same answer."""
    start, found = threading.Barrier(8), []

    def ask():
        start.wait(HANG)
        found.append(background.load_in_background())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HANG)
    gate.open.set()
    assert found[0].wait(HANG)
    assert len(found) == 8
    assert set(map(id, found)) == {id(background.load_in_background())}
    assert gate.asked == [f"numerics.kernels.{file}" for file in background.kernels.files()]


def test_who_asks_for_the_kernels_themselves_gets_them_at_once(gate):
    """`load_kernels` waits for nobody's thread."""
    background.load_in_background()
    assert losses.KERNELS.load() is sys.modules["numerics.kernels.losses"]
    assert losses.KERNELS.worth(losses.KERNELS.loaded_size) is not None


def test_an_error_is_kept_and_met_again_by_whoever_needs_the_kernels(monkeypatch):
    """Small inputs need none, and the next call tries again."""

    def broken(name):
        raise ImportError(f"no {name}")

    monkeypatch.setattr(background, "importlib", SimpleNamespace(import_module=broken))
    monkeypatch.setattr(compiled, "importlib", SimpleNamespace(import_module=broken))
    loading = background.load_in_background()
    assert loading.wait(HANG)
    assert isinstance(loading.error, ImportError)
    losses.mse_loss(np.ones(200), np.zeros(200))
    with pytest.raises(ImportError, match=r"no numerics\.kernels\.losses"):
        losses.mse_loss(np.ones(70_000), np.zeros(70_000))

    monkeypatch.setattr(background, "importlib", importlib)
    again = background.load_in_background()
    assert again is not loading
    assert again.wait(HANG)
    assert again.error is None
    assert losses.KERNELS.worth(200) is not None


@pytest.mark.parametrize(
    ("forward", "backward"),
    [
        (layers.relu_forward, layers.relu_backward),
        (layers.sigmoid_forward, layers.sigmoid_backward),
        (layers.tanh_forward, layers.tanh_backward),
        (
            lambda x: normalisation.batchnorm_forward(x, x[0], x[1], {"mode": "train"}),
            normalisation.batchnorm_backward,
        ),
        (
            lambda x: normalisation.layernorm_forward(x, x[0], x[1], {}),
            normalisation.layernorm_backward,
        ),
    ],
)
@pytest.mark.parametrize("order", ["C", "F"])
def test_kernels_that_take_over_between_forward_and_backward_change_nothing(
    take, rng, forward, backward, order
):
    """A cache of either path serves the other."""
    x = np.asarray(rng.standard_normal((20, 30)), order=order)
    dout = rng.standard_normal((20, 30))
    found = []
    for first, then in (("numpy", "numpy"), ("numpy", "kernel"), ("kernel", "numpy")):
        take(first)
        cache = forward(x)[1]
        take(then)
        gradients = backward(dout, cache)
        found.append(gradients if isinstance(gradients, tuple) else (gradients,))
    for other in found[1:]:
        for got, want in zip(other, found[0], strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-11, atol=1e-13)


def test_a_kernel_that_takes_over_between_steps_changes_nothing(take, rng):
    """The state that NumPy left is the one that the kernel goes on with."""
    gradients = rng.standard_normal((6, 40))
    ends = []
    for paths in (["numpy"] * 6, ["numpy"] * 3 + ["kernel"] * 3):
        w, config = np.ones(40), None
        for path, dw in zip(paths, gradients, strict=True):
            take(path)
            w, config = optimizers.adam(w, dw, config)
        ends.append(w)
    np.testing.assert_allclose(ends[1], ends[0], rtol=1e-13)


def test_threads_that_compute_while_kernels_arrive_agree():
    """With the real kernels, whenever they come."""
    x, y = np.random.default_rng(0).standard_normal((40, 30)), np.arange(40) % 30
    want, loading, found = losses.softmax_loss(x, y), background.load_in_background(), []

    def compute():
        while loading.error is None and not loading.wait(0):
            found.append(losses.softmax_loss(x, y))
        found.append(losses.softmax_loss(x, y))

    threads = [threading.Thread(target=compute) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HANG)
    assert loading.error is None
    assert len(found) >= 3
    for loss, dx in found:
        assert loss == pytest.approx(want[0], rel=1e-14)
        np.testing.assert_allclose(dx, want[1], rtol=1e-13, atol=1e-18)


@pytest.mark.parametrize("then", ["", "loading.wait()", "numerics.losses.load_kernels()"])
def test_a_process_that_ends_meanwhile_ends_quietly(then):
    """The thread is a daemon: it holds up nobody."""
    program = (
        "import numerics.losses\n"
        "from numerics.background import load_in_background\n"
        f"loading = load_in_background()\n{then}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
