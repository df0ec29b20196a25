"""The same network checked by other libraries, each imported only when it is called for."""

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.gradient_networks import REGULARISER, Blocks, Fault, FloatArray, Network

Check = Callable[[], bool]


def loop(network: Network) -> Check:
    """Return central differences in a Python loop over the coordinates, as courses teach them."""
    gradient = network.gradient(network.params)

    def check() -> bool:
        right = True
        for name, block in network.params.items():
            for index in np.ndindex(block.shape):
                kept = block[index]
                block[index] = kept + 1e-5
                ahead = network.loss(network.params)
                block[index] = kept - 1e-5
                behind = network.loss(network.params)
                block[index] = kept
                right &= bool(abs((ahead - behind) / 2e-5 - gradient[name][index]) < 1e-6)
        return right

    return check


def scipy_approx_fprime(network: Network) -> Check:
    """Return `scipy.optimize.approx_fprime`, forward differences."""
    from scipy.optimize import approx_fprime  # noqa: PLC0415

    loss, x, gradient = _flat(network)
    return lambda: bool(np.abs(approx_fprime(x, loss) - gradient).max() < 1e-5)


def numdifftools_gradient(network: Network) -> Check:
    """Return `numdifftools.Gradient`, adaptive extrapolation."""
    import numdifftools  # noqa: PLC0415

    loss, x, gradient = _flat(network)
    return lambda: bool(np.abs(numdifftools.Gradient(loss)(x) - gradient).max() < 1e-6)


def torch_slow(network: Network, fault: Fault | None = None) -> Check:
    """Return `torch.autograd.gradcheck` over every coordinate."""
    return _torch(network, fault, fast=False)


def torch_fast(network: Network, fault: Fault | None = None) -> Check:
    """Return `torch.autograd.gradcheck` in its fast mode, one random projection."""
    return _torch(network, fault, fast=True)


def _torch(network: Network, fault: Fault | None, *, fast: bool) -> Check:
    import torch  # noqa: PLC0415

    torch.set_num_threads(1)
    x, y = torch.from_numpy(network.x), torch.from_numpy(network.y)
    activate = torch.tanh if network.activation == "tanh" else torch.relu
    names = list(network.params)

    def loss(*blocks: Any) -> Any:
        w1, b1, w2, b2 = blocks
        data = torch.nn.functional.cross_entropy(activate(x @ w1 + b1) @ w2 + b2, y)
        return data + 0.5 * REGULARISER * ((w1 * w1).sum() + (w2 * w2).sum())

    class Faulty(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(context: Any, *blocks: Any) -> Any:
            context.save_for_backward(*blocks)
            return loss(*blocks)

        @staticmethod
        def backward(context: Any, *upstream: Any) -> Any:
            blocks = [block.detach().requires_grad_() for block in context.saved_tensors]
            with torch.enable_grad():
                right = torch.autograd.grad(loss(*blocks), blocks)
            assert fault is not None
            wrong = fault.planted(
                {name: block.numpy() for name, block in zip(names, right, strict=True)}
            )
            return tuple(torch.from_numpy(wrong[name]) * upstream[0] for name in names)

    blocks = [torch.from_numpy(b.copy()).requires_grad_() for b in network.params.values()]
    target = loss if fault is None else Faulty.apply
    return lambda: bool(
        torch.autograd.gradcheck(target, blocks, fast_mode=fast, raise_exception=False)
    )


def jax_check_grads(network: Network, fault: Fault | None = None) -> Check:
    """Return `jax.test_util.check_grads` in reverse mode, compiled, in float64."""
    import jax  # noqa: PLC0415
    import jax.numpy as jnp  # noqa: PLC0415
    from jax.test_util import check_grads  # noqa: PLC0415

    jax.config.update("jax_enable_x64", True)
    activate = jnp.tanh if network.activation == "tanh" else jax.nn.relu

    def loss(p: Any) -> Any:
        scores = activate(network.x @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
        data = -jax.nn.log_softmax(scores)[network.rows, network.y].mean()
        return data + 0.5 * REGULARISER * ((p["W1"] ** 2).sum() + (p["W2"] ** 2).sum())

    target = loss
    if fault is not None:
        target = jax.custom_vjp(loss)
        target.defvjp(
            lambda p: (loss(p), p),
            lambda p, up: ({k: v * up for k, v in fault.planted(jax.grad(loss)(p)).items()},),
        )
    target = jax.jit(target)
    params = {name: jnp.asarray(block) for name, block in network.params.items()}

    def check() -> bool:
        try:
            check_grads(target, (params,), order=1, modes=["rev"])
        except AssertionError:
            return False
        return True

    return check


def _flat(network: Network) -> tuple[Callable[[FloatArray], float], FloatArray, FloatArray]:
    shapes = {name: block.shape for name, block in network.params.items()}
    ends = np.cumsum([block.size for block in network.params.values()])

    def loss(x: FloatArray) -> float:
        parts = np.split(x, ends[:-1])
        blocks: Blocks = {
            name: part.reshape(shape)
            for (name, shape), part in zip(shapes.items(), parts, strict=True)
        }
        return network.loss(blocks)

    def joined(blocks: Blocks) -> FloatArray:
        return np.concatenate([block.ravel() for block in blocks.values()])

    return loss, joined(network.params), joined(network.gradient(network.params))


SLOW: dict[str, Callable[[Network], Check]] = {  # seconds: timed once
    "NumPy loop": loop,
    "scipy approx_fprime": scipy_approx_fprime,
    "numdifftools Gradient": numdifftools_gradient,
    "torch gradcheck": torch_slow,
}
FAST: dict[str, Callable[..., Check]] = {
    "torch gradcheck, fast": torch_fast,
    "jax check_grads": jax_check_grads,
}
