"""`learnkit author warm`: everything is compiled, and what stands in the way is said."""

import importlib
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from types import SimpleNamespace

import pytest

from numerics import kernels, warming
from numerics.warming import Kernel, WarmingError

ALL = warming.all_kernels()


def warm_by_command(**environment):
    """Run the command in a process of its own, as one does who has just installed the kit."""
    return subprocess.run(
        [sys.executable, "-c", "from grader.cli import main; main()", "author", "warm"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", **environment},
    )


@pytest.fixture(scope="module")
def warmed(tmp_path_factory):
    """Return what the command said with an empty cache, and the folder of that cache."""
    cache = tmp_path_factory.mktemp("cache")
    return warm_by_command(NUMBA_CACHE_DIR=str(cache)), cache


def compiled_functions():
    """Every compiled function of every file of kernels, those that only kernels call too."""
    for file in kernels.files():
        module = importlib.import_module(f"numerics.kernels.{file}")
        for name, function in vars(module).items():
            if hasattr(function, "py_func"):
                yield file, name


def test_one_line_says_what_was_done_and_where_it_is(warmed):
    """The bar is on standard error, so that the line can be read by a program."""
    done, cache = warmed
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    said = f"{len(ALL)} kernels compiled, 0 were compiled before; they are kept in {cache}"
    assert done.stdout.startswith(said)
    assert "Compiling" in done.stderr


def test_no_compiled_function_is_without_a_signature_in_the_cache(warmed):
    """Whatever is decorated in any file of kernels, by name of its file and its own."""
    _, cache = warmed
    kept = {path.name.partition("-")[0] for path in cache.rglob("*.nbi")}
    assert kept == {f"{file}.{name}" for file, name in compiled_functions()}


def test_a_warm_process_compiles_nothing(warmed):
    """It loads every kernel that its example calls from the cache."""
    _, cache = warmed
    program = (
        "import importlib\n"
        "from numerics import kernels\n"
        "for file in kernels.files():\n"
        "    module = importlib.import_module('numerics.kernels.' + file)\n"
        "    for name, arguments in module.examples().items():\n"
        "        kernel = getattr(module, name)\n"
        "        kernel(*arguments)\n"
        "        assert kernel.stats.cache_hits and not kernel.stats.cache_misses, name\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NUMBA_CACHE_DIR": str(cache)},
    )
    assert done.returncode == 0, done.stderr


def test_what_is_compiled_is_left_as_it_is(warmed):
    """No file of the cache is written anew."""
    _, cache = warmed
    before = {path: path.stat().st_mtime_ns for path in cache.rglob("*.nb?")}
    again = warm_by_command(NUMBA_CACHE_DIR=str(cache))
    assert again.stdout.startswith(f"0 kernels compiled, {len(ALL)} were compiled before; ")
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*.nb?")} == before


def test_all_kernels_are_those_that_the_files_have_examples_of():
    """They are read from the text; the files themselves say the same."""
    want = []
    for file in kernels.files():
        module = importlib.import_module(f"numerics.kernels.{file}")
        want += [Kernel(file, name) for name in module.examples()]
    assert sorted(ALL, key=str) == sorted(want, key=str)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        (
            {
                "NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator",
                "NUMBA_CACHE_DIR": os.devnull + "/cache",
            },
            "there is no folder to keep compiled kernels in",
        ),
        ({"NUMBA_DISABLE_JIT": "1"}, "numba is switched off; unset NUMBA_DISABLE_JIT"),
    ],
    ids=["no folder", "switched off"],
)
def test_what_stands_in_the_way_is_one_sentence(environment, words):
    """On standard error, with the grader's exit code."""
    done = warm_by_command(**environment)
    assert done.returncode == 3
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert f"learnkit: {words}" in done.stderr


def test_a_broken_numba_is_one_sentence_with_the_remedy(tmp_path):
    """An import that fails, for a NumPy that is too new for instance."""
    (tmp_path / "numba.py").write_text('raise ImportError("Numba needs NumPy 1.0 or less")')
    done = warm_by_command(PYTHONPATH=str(tmp_path))
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert "numba cannot be loaded (Numba needs NumPy 1.0 or less); to install it" in done.stderr


def test_a_kernel_that_does_not_compile_is_named(monkeypatch):
    """With the first line of what numba says."""

    def kernel(x):
        raise TypeError(f"no type for {x}\nand many lines more")

    kernel.stats = None
    module = SimpleNamespace(kernel=kernel, examples=lambda: {"kernel": (1,)})
    monkeypatch.setitem(sys.modules, "numerics.kernels.losses", module)
    with pytest.raises(WarmingError) as caught:
        list(warming.warm([Kernel("losses", "kernel")], partial(ThreadPoolExecutor, 1)))
    assert str(caught.value) == (
        "the kernel losses.kernel does not compile (TypeError: no type for 1)"
    )


def test_a_process_that_is_killed_is_told():
    """As the system does where memory runs out."""
    dying = partial(
        ProcessPoolExecutor, 1, get_context("spawn"), initializer=os._exit, initargs=(9,)
    )
    with pytest.raises(WarmingError, match="a process was killed while it compiled"):
        list(warming.warm(ALL[:1], dying))
