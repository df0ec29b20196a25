"""Numba kernels for the topics of `numerics`, one file per topic."""

from pkgutil import iter_modules


def files() -> list[str]:
    """Return the names of all files of kernels, without importing them."""
    return [module.name for module in iter_modules(__path__)]
