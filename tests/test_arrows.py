"""Imports point one way, and a quick check imports nothing that is slow."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import grader
import numerics
from grader.catalogue import Rooms

GRADER = Path(grader.__file__).resolve().parent
NUMERICS = Path(numerics.__file__).resolve().parent
OURS = {"grader", "numerics", "solutions", "exercises"}
SLOW = {
    "numba",
    "llvmlite",
    "scipy",
    "nbgrader",
    "IPython",
    "torch",
    "jax",
    "jinja2",
    "sqlite3",
    "matplotlib",
    "pytest",
}

# What the files of a room may import of ours, by prefix; `*` is the room itself.
ROOMS = {
    "numerics": {"*"},
    "grader.version": set(),
    "grader.report": {"grader.version"},
    "grader.compare": set(),
    "grader.student": {"*"},
    "grader.student.wire": set(),
    "grader.student.inside": {"*", "grader.student.wire"},
    "grader.checks": {"*", "grader.compare", "grader.report", "grader.student", "numerics"},
    "grader.models": {"grader.checks"},
    "grader.catalogue": {"grader.checks", "grader.models", "grader.topics"},
    "grader.topics": {"grader.checks", "grader.catalogue"},
    "grader.signatures": {"grader.compare"},
    "grader.progress": {"grader.report", "grader.version"},
    "grader.hints": {"grader.catalogue", "grader.progress"},
    "grader.stubs": {"grader.catalogue", "grader.models"},
    "grader.durable": set(),
    "grader.render": {"*", "grader.catalogue", "grader.progress", "grader.report"},
    "grader.answers": {
        "grader.catalogue",
        "grader.engine",
        "grader.models",
        "grader.render.diff",
        "grader.student",
    },
    "grader.pictures": {
        "grader.catalogue",
        "grader.checks",
        "grader.render.pictures",
        "grader.report",
        "grader.student",
        "numerics",
    },
}
ON_TOP = {
    "grader.cli",
    "grader.api",
    "grader.workspace",
    "grader.authoring",
    "grader.scaffold",
    "grader.demo",
    "grader.classroom",
    "grader.pytest_plugin",
    "grader.watching",
}


def modules():
    """Return the path of each of our modules by its name."""
    found = {}
    for folder in (GRADER, NUMERICS):
        for path in folder.rglob("*.py"):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            if "_rooms" not in parts:
                found[".".join(parts).removesuffix(".__init__")] = path
    return found


MODULES = modules()


def imported(text, name="", *, is_package=False):
    """Return every module that a text imports, at its top or anywhere inside it."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = name.split(".")[: len(name.split(".")) - node.level + is_package]
                base = ".".join([*above, *([node.module] if node.module else [])])
            # `from grader import compare` imports a module of ours, not a name in one.
            below = {f"{base}.{alias.name}" for alias in node.names} & set(MODULES)
            names |= below if below and base in {"grader", "numerics"} else {base, *below}
    return names


def of(name):
    path = MODULES[name]
    return imported(path.read_text(encoding="utf-8"), name, is_package=path.name == "__init__.py")


def within(name, prefixes):
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def room_of(name):
    return max((room for room in ROOMS if within(name, [room])), key=len, default=None)


@pytest.mark.parametrize("name", sorted(n for n in MODULES if room_of(n)))
def test_a_module_imports_only_what_its_room_allows(name):
    room = room_of(name)
    allowed = (ROOMS[room] - {"*"}) | ({room} if "*" in ROOMS[room] else set())
    ours = {n for n in of(name) if within(n, OURS)}
    assert {n for n in ours if not within(n, allowed)} == set()


@pytest.mark.parametrize("name", sorted(n for n in MODULES if ".kernels." in n))
def test_a_kernel_file_holds_its_callees(name):
    """A changed callee in another file would leave a stale compiled caller behind."""
    assert {n for n in of(name) if within(n, OURS)} == set()


@pytest.mark.parametrize("name", sorted(MODULES))
def test_nothing_imports_what_stands_on_top(name):
    rest = {n for n in of(name) if within(n, ON_TOP)}
    if name in {"grader.cli", "grader"}:
        rest -= {
            "grader.api",
            "grader.workspace",
            "grader.authoring",
            "grader.scaffold",
            "grader.demo",
        }
        rest = {n for n in rest if not within(n, ["grader.classroom", "grader.watching"])}
    if name in {"grader.authoring", "grader.pytest_plugin"} or within(name, ["grader.watching"]):
        rest -= {"grader.workspace"}  # which writes safely, a file or progress
    if name == "grader.scaffold":
        rest -= {"grader.workspace", "grader.authoring"}
    for room in ("grader.demo", "grader.classroom", "grader.watching"):
        if within(name, [room]):
            rest = {n for n in rest if not within(n, [room])}
    assert rest == set()


@pytest.mark.parametrize(
    "name",
    sorted(n for n in MODULES if within(n, ["grader.student.inside", "grader.student.wire"])),
)
def test_the_learners_side_imports_numpy_and_the_standard_library(name):
    others = {n.partition(".")[0] for n in of(name)} - sys.stdlib_module_names
    assert others <= {"numpy", "grader"}


@pytest.mark.parametrize(
    "path", sorted(Rooms.own().solutions.glob("*.py")), ids=lambda path: path.stem
)
def test_a_model_answer_needs_numpy_alone(path):
    roots = {name.partition(".")[0] for name in imported(path.read_text(encoding="utf-8"))}
    assert roots - sys.stdlib_module_names <= {"numpy"}


CHECK = """
import json, sys
from grader.cli import cli
try:
    cli(["check", "losses.mse_loss", "--file", sys.argv[1], "--json"])
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""

ANSWER = """
import sys
import numpy as np

def mse_loss(prediction, target):
    error = prediction - target
    return np.mean(error**2), FACTOR * error / error.size

print("MODULES", *sorted(sys.modules))
"""


@pytest.fixture(scope="module", params=["2", "1"], ids=["right", "wrong"])
def quick_check(request, tmp_path_factory):
    """Check one exercise in a process of its own; return the modules of both sides."""
    path = tmp_path_factory.mktemp("quick") / "answer.py"
    path.write_text(ANSWER.replace("FACTOR", request.param), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", CHECK, path], capture_output=True, text=True, check=False
    )
    assert done.returncode == (0 if request.param == "2" else 1), done.stderr
    printed = json.loads(done.stdout)["printed"]
    assert printed.startswith("MODULES ")
    return {"grader": set(json.loads(done.stderr)), "learner": set(printed.split()[1:])}


@pytest.mark.parametrize("side", ["grader", "learner"])
def test_a_quick_check_imports_nothing_slow(quick_check, side):
    """Not even where an answer is wrong and a mistake is looked for."""
    assert "numpy" in quick_check[side]
    assert {name for name in quick_check[side] if within(name, SLOW)} == set()


def test_the_learners_process_holds_nothing_of_the_graders(quick_check):
    ours = {name for name in quick_check["learner"] if within(name, OURS)}
    side = ["grader.student.inside", "grader.student.wire"]
    assert {n for n in ours if not within(n, side)} <= {
        "grader",
        "grader.student",
        "grader.version",
    }


def test_a_quick_check_loads_one_topic_and_no_kernels(quick_check):
    topics = {n for n in quick_check["grader"] if within(n, ["grader.topics", "numerics.kernels"])}
    assert topics == {"grader.topics", "grader.topics.losses"}
