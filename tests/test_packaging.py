"""What travels: stubs that are fresh, answers that are found, a wheel with all of it and no more."""

import ast
import importlib.metadata
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import grader
from grader.authoring import is_fresh
from grader.catalogue import Catalogue, Rooms
from grader.demo import SUBMISSION

ROOT = Path(__file__).resolve().parents[1]
IN_TREE = (ROOT / "pyproject.toml").is_file() and (ROOT / "hatch_build.py").is_file()
TOPICS = [topic.name for topic in Catalogue().topics() if topic.rooms.built_in]
PACKAGES = ("grader", "numerics")
SPY = """
import sys
frame = sys._getframe()
while not frame.f_code.co_filename.endswith("session.py"):
    frame = frame.f_back
print(frame.f_code.co_filename)
def mse_loss(prediction, target): pass
"""
# The extras that the packages import from when they are asked for what these are for; pytest is
# imported by the plugin, which nobody else loads.
EXTRAS = ("classroom", "cluster", "plots")
# What a package's own interface is made of, and comes with it.
BROUGHT = {
    "nbgrader": ("nbformat", "nbconvert", "traitlets", "sqlalchemy"),
    "distributed": ("dask",),
    "jinja2": ("markupsafe",),
}
BUILD = """
import sys
from hatchling import build
print(build.build_wheel(sys.argv[1]))
"""


@pytest.mark.parametrize("name", TOPICS)
def test_a_stub_file_is_what_would_be_cut_now(built_in, name):
    assert is_fresh(built_in.topic(name)), "run learnkit author stubs"


@pytest.mark.parametrize("name", TOPICS)
def test_stubs_and_answers_are_found_where_the_kit_is_installed(built_in, name):
    rooms = built_in.topic(name).rooms
    assert rooms == Rooms.own()
    assert (rooms.exercises / f"{name}.py").is_file()
    assert (rooms.solutions / f"{name}.py").is_file()


def test_no_file_is_left_in_a_room_without_a_topic():
    rooms = Rooms.own()
    for room in (rooms.exercises, rooms.solutions, rooms.topics):
        assert {path.stem for path in room.glob("*.py")} - {"__init__"} == set(TOPICS)


def test_the_version_is_that_of_the_distribution():
    assert importlib.metadata.version("learnkit-nn") == grader.__version__


def test_the_command_is_an_entry_point():
    (entry,) = importlib.metadata.entry_points(group="console_scripts", name="learnkit")
    assert entry.value == "grader.cli:main"
    assert callable(entry.load())


def test_the_types_are_announced():
    for package in PACKAGES:
        (folder,) = importlib.util.find_spec(package).submodule_search_locations
        assert (Path(folder) / "py.typed").is_file()


def test_the_demo_travels():
    assert SUBMISSION.is_file()


def built(folder):
    """Build the wheel from the tree without touching it."""
    if not IN_TREE:
        pytest.skip("the tests run outside the source tree")
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling is not installed")
    done = subprocess.run(
        [sys.executable, "-c", BUILD, folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Path(folder) / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    with zipfile.ZipFile(built(tmp_path_factory.mktemp("dist"))) as opened:
        yield opened


def test_the_wheel_carries_the_rooms_as_they_stand(wheel):
    for room in ("exercises", "solutions"):
        for name in TOPICS:
            inside = wheel.read(f"grader/_rooms/{room}/{name}.py")
            assert inside == (ROOT / room / f"{name}.py").read_bytes()
    for name in TOPICS:
        lesson = wheel.read(f"grader/_rooms/docs/topics/{name}.md")
        assert lesson == (ROOT / "docs" / "topics" / f"{name}.md").read_bytes()


def test_the_wheel_carries_the_packages_and_nothing_else(wheel):
    names = wheel.namelist()
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == set(PACKAGES)
    assert {Path(name).suffix for name in names}.isdisjoint(
        {".pyc", ".nbi", ".nbc", ".ipynb", ".toml"}
    )
    assert not [name for name in names if "tests" in Path(name).parts]


def test_the_wheel_says_what_it_is(wheel):
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    told = wheel.read(name).decode("utf-8")
    assert "\nName: learnkit-nn\n" in told
    assert f"\nVersion: {grader.__version__}\n" in told
    assert "\nLicense-Expression: BSD-3-Clause\n" in told
    assert any(name.endswith("/licenses/LICENSE") for name in wheel.namelist())


def test_the_kit_works_from_the_wheel_alone(wheel, tmp_path):
    wheel.extractall(tmp_path / "installed")
    home = tmp_path / "home"
    home.mkdir()
    code = (
        "import sys, grader; print(grader.__file__, file=sys.stderr); "
        "from grader.cli import main; main()"
    )
    done = {
        words: subprocess.run(
            [sys.executable, "-c", code, *words],
            cwd=home,
            env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
            capture_output=True,
            text=True,
            check=False,
        )
        for words in (("init",), ("check", "losses.mse_loss"), ("demo",))
    }
    assert [run.returncode for run in done.values()] == [0, 1, 0]
    for run in done.values():
        assert run.stderr == f"{tmp_path / 'installed' / 'grader' / '__init__.py'}\n"
    for name in TOPICS:
        assert (home / f"{name}.py").read_bytes() == (
            ROOT / "exercises" / f"{name}.py"
        ).read_bytes()


def test_both_sides_of_the_boundary_run_the_same_copy(tmp_path):
    """Who stands in a checkout runs that one, though another is installed."""
    checkout = tmp_path / "checkout"
    rooms = Rooms.own()
    folders = {name: Path(importlib.util.find_spec(name).origin).parent for name in PACKAGES}
    folders |= {"exercises": rooms.exercises, "solutions": rooms.solutions}
    for name, folder in folders.items():
        left_out = shutil.ignore_patterns("__pycache__", "_rooms")
        shutil.copytree(folder, checkout / name, ignore=left_out)
    (tmp_path / "answer.py").write_text(SPY, encoding="utf-8")
    code = "import sys; sys.path.insert(0, ''); from grader.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "check", "--file", tmp_path / "answer.py", "--json"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    printed = json.loads(done.stdout)["printed"]
    assert printed == f"{checkout / 'grader' / 'student' / 'inside' / 'session.py'}\n"


@pytest.mark.parametrize(
    ("version", "rooms"),
    [("standard", {"exercises", "solutions", "docs/topics"}), ("editable", set())],
)
def test_an_editable_install_gets_no_copy_that_would_go_stale(version, rooms):
    if not IN_TREE or importlib.util.find_spec("hatchling") is None:
        pytest.skip("needs the source tree and hatchling")
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    told = {"force_include": {}}
    module.RoomsHook.__new__(module.RoomsHook).initialize(version, told)
    assert told["force_include"] == {room: f"grader/_rooms/{room}" for room in rooms}


@pytest.mark.skipif(not IN_TREE, reason="the tests run outside the source tree")
def test_every_dependency_is_declared():
    """What the packages import beyond the standard library stands in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    named = project["dependencies"] + [name for extra in EXTRAS for name in extras[extra]]
    declared = {name.partition(">")[0].partition("[")[0] for name in named}
    declared |= {name for each in declared for name in BROUGHT.get(each, ())} | {"pytest"}
    imported = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    imported.add(node.module.partition(".")[0])
    foreign = imported - sys.stdlib_module_names - {"grader", "numerics"}
    assert foreign <= declared
