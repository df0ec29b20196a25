"""Compile every kernel ahead of time, in several processes, into the cache on the disk."""

import ast
import importlib
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from importlib import resources
from typing import Any

from numerics.kernels import files

MOST_PROCESSES = 4  # each takes seconds to load numba and learn its types before it compiles


class WarmingError(Exception):
    """The kernels cannot be compiled and kept here; the message says why and what helps."""


@dataclass(frozen=True)
class Kernel:
    """A compiled function that numerics calls, by its file in `numerics.kernels` and its name."""

    file: str
    name: str


@dataclass(frozen=True)
class Warmed:
    """A kernel that is in the cache now, in that folder; `before` if it was there already."""

    kernel: Kernel
    folder: str
    before: bool


def all_kernels() -> list[Kernel]:
    """Return every kernel, read from the text of the files: nothing is imported for it."""
    return [Kernel(file, name) for file in files() for name in _public(file)]


def processes() -> Executor:
    """Return as many new processes as there are processors to use, but a few."""
    if hasattr(os, "sched_getaffinity"):
        processors = len(os.sched_getaffinity(0))
    else:
        processors = os.cpu_count() or 1
    # A forked child of a process with threads may hang; a new one is the same on every system.
    new = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(min(processors, MOST_PROCESSES), mp_context=new)


def warm(kernels: list[Kernel], make: Callable[[], Executor] = processes) -> Iterator[Warmed]:
    """Compile `kernels` in the executor that `make` returns; yield each as soon as it is ready.

    Raises
    ------
    WarmingError
        If numba cannot be imported, is switched off or has no folder for its cache, if a kernel
        does not compile, or if a process was killed.

    """
    with make() as executor:
        waiting = [executor.submit(compile_kernel, kernel) for kernel in kernels]
        try:
            for future in as_completed(waiting):
                yield _result(future.result)
        finally:
            executor.shutdown(cancel_futures=True)


def compile_kernel(kernel: Kernel) -> Warmed:
    """Compile one kernel in this process and write it to the cache, unless it is there.

    Raises
    ------
    WarmingError
        As `warm` does.

    """
    try:
        module = importlib.import_module(f"numerics.kernels.{kernel.file}")
    except ImportError as error:
        raise WarmingError(
            f"numba cannot be loaded ({error}); to install it anew: "
            "python -m pip install --force-reinstall numba"
        ) from error
    except RuntimeError as error:  # what numba raises where no folder can be written
        raise WarmingError(
            f"there is no folder to keep compiled kernels in ({error}); "
            "set NUMBA_CACHE_DIR to one that can be written"
        ) from error
    function: Any = getattr(module, kernel.name)
    if not hasattr(function, "stats"):
        raise WarmingError("numba is switched off; unset NUMBA_DISABLE_JIT to compile the kernels")
    try:
        function(*module.examples()[kernel.name])
    except Exception as error:
        said = str(error).strip().splitlines() or [""]
        raise WarmingError(
            f"the kernel {kernel.file}.{kernel.name} does not compile "
            f"({type(error).__name__}: {said[0]})"
        ) from error
    stats = function.stats
    return Warmed(kernel, stats.cache_path, before=not stats.cache_misses)


def summary(warmed: list[Warmed]) -> str:
    """Return in one line what was done, and where the cache is."""
    before = sum(one.before for one in warmed)
    folders = " and ".join(sorted({one.folder for one in warmed}))
    done = f"{len(warmed) - before} kernels compiled, {before} were compiled before"
    return f"{done}; they are kept in {folders}"


def _result(ask: Callable[[], Warmed]) -> Warmed:
    try:
        return ask()
    except BrokenProcessPool as error:
        raise WarmingError(
            "a process was killed while it compiled; was there too little memory?"
        ) from error


def _public(file: str) -> list[str]:
    text = resources.files("numerics.kernels").joinpath(f"{file}.py").read_text(encoding="utf-8")
    return [
        part.name
        for part in ast.parse(text).body
        if isinstance(part, ast.FunctionDef)
        and part.decorator_list
        and not part.name.startswith("_")
    ]
