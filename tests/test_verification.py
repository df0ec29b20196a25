"""The kit's own verification: silent on a kit that can be trusted, and never on one that cannot."""

import importlib
import shutil
import sys

import pytest

from grader.authoring import verify, write_stubs
from grader.catalogue import Catalogue, DeclarationError
from grader.engine import grade
from grader.report import Status
from grader.student.limits import Limits
from grader.student.submission import from_folder, from_text

TOPIC = "grader/topics/areas.py"
ANSWER = "solutions/areas.py"
STUB = "exercises/areas.py"
LAST_CHECK = "        keeps_inputs(),\n"
WORDS = (TOPIC, "import Case, ", "import Case, survives, ")
ENGINE_WORDS = (
    TOPIC,
    "from grader.checks import",
    "from grader.checks.check import Check, Finding, Role\nfrom grader.checks import",
)
ALWAYS_CONTENT = '        Check("is content", lambda trial: Finding(), weight=1),\n'
NEVER_ADVISES = '        Check("is silent", lambda trial: Finding(), role=Role.ADVICE),\n'
JUDGES_NOTHING = (
    '        survives("one circle", [Case("1", lambda rng: (np.ones(1),), judged=())]),\n'
)
ONE_MISTAKE = (
    'ONE = [Mistake("not_averaged", "It is a mean.", ("np.mean(", "np.sum("))]\n\ntopic.exercise('
)
CANNOT_BE_ASKED = '        survives("a second number", [Case("1", lambda rng: (1.0, 2.0))]),\n'


def found(root, server, topic="areas", *, cut=True):
    """Return what verification says of a topic of a kit, its stubs cut afresh."""
    topic = Catalogue([root]).topic(topic)
    if cut:
        write_stubs(topic)
    return [f"{problem.where}: {problem.says}" for problem in verify(topic, server)]


@pytest.mark.parametrize("name", [topic.name for topic in Catalogue().topics()])
def test_a_built_in_topic_can_be_trusted(built_in, server, name):
    done = []
    assert verify(built_in.topic(name), server, done=done.append) == []
    assert done == [exercise.id for exercise in built_in.find([name])]


@pytest.mark.parametrize("topic", ["areas", "lengths"])
def test_a_small_foreign_kit_can_be_trusted(meadow, server, topic):
    assert found(meadow(), server, topic, cut=False) == []


# What is wrong, the edits that make it so, and words that verification must say.
DEFECTS = {
    "a check that nothing fails": (
        [ENGINE_WORDS, (TOPIC, LAST_CHECK, LAST_CHECK + ALWAYS_CONTENT)],
        'nothing fails its check "is content"',
    ),
    "an advisory check that never advises": (
        [ENGINE_WORDS, (TOPIC, LAST_CHECK, LAST_CHECK + NEVER_ADVISES)],
        'nothing advises on its check "is silent"',
    ),
    "a check that judges nothing": (
        [WORDS, (TOPIC, LAST_CHECK, LAST_CHECK + JUDGES_NOTHING)],
        'nothing fails its check "stays right for one circle"',
    ),
    "a case that cannot be asked": (
        [WORDS, (TOPIC, LAST_CHECK, LAST_CHECK + CANNOT_BE_ASKED)],
        "areas.circle_area: its solution is ",
    ),
    "no check of a second call": (
        [(TOPIC, "        repeatable(),\n", "")],
        'passes although sabotaged: "keeps its first answer"',
    ),
    "two checks of one name": (
        [(TOPIC, LAST_CHECK, 2 * LAST_CHECK)],
        "uses the check name 'keeps your inputs unchanged' twice",
    ),
    "two cases of one label": (
        [(TOPIC, '"5 circles"', '"2 circles"')],
        "uses the case label '2 circles' twice",
    ),
    "a mistake that loses no marks": (
        [(TOPIC, '"np.mean(np.pi * radius)"', '"np.mean(np.pi * np.square(radius))"')],
        "its mistake not_squared loses no marks",
    ),
    "a mistake that is taken for another": (
        [
            (
                TOPIC,
                "    mistakes=[\n",
                '    mistakes=[\n        Mistake("other", "Other words.", ("radius**2", "radius")),\n',
            )
        ],
        "its mistake not_squared is told as other",
    ),
    "a change that no longer applies": (
        [(ANSWER, "np.pi * radius**2", "radius**2 * np.pi")],
        "'np.mean(np.pi * radius**2)' stands 0 times in the body of circle_area",
    ),
    "a change that applies more than once": (
        [(TOPIC, '("np.mean(np.pi * radius**2)", "np.mean(np.pi * radius)")', '("radius", "1")')],
        "'radius' stands 5 times in the body of circle_area",
    ),
    "a mistake id used twice": (
        [(TOPIC, '"gradient_not_averaged"', '"not_squared"')],
        "uses the mistake id 'not_squared' twice",
    ),
    "one mistake only": (
        [
            (TOPIC, "    mistakes=[", "    mistakes=ONE + 0 * ["),
            (TOPIC, "topic.exercise(", ONE_MISTAKE),
        ],
        "has 1 mistakes; at least 2 are needed",
    ),
    "two hints only": (
        [(TOPIC, '        "What is the area of one circle?",\n', "")],
        "has 2 hints; 3 are needed",
    ),
    "an empty hint": (
        [(TOPIC, '"What is the area of one circle?"', '" "')],
        "hints; 3 are needed",
    ),
    "documented parameters that are not those taken": (
        [
            (
                ANSWER,
                "radius : numpy.ndarray of float, shape (N,)\n        Gr",
                "r : float\n        Gr",
            )
        ],
        "documents the parameters ['r'] but takes ['radius']",
    ),
    "a parameter without documentation": (
        [(ANSWER, "def circle_area(radius):", "def circle_area(radius, scale=1.0):")],
        "documents the parameters ['radius'] but takes ['radius', 'scale']",
    ),
    "no worked example": (
        [
            (ANSWER, ">>> area, dradius", "area, dradius"),
            (ANSWER, ">>> round(", "round("),
            (ANSWER, ">>> dradius", "dradius"),
        ],
        "has no worked example in its docstring",
    ),
    "a wrong worked example": (
        [(ANSWER, "7.854", "7.855")],
        "has a worked example that is wrong",
    ),
    "an undeclared model answer": (
        [
            (
                ANSWER,
                "import numpy as np\n",
                "import numpy as np\n\n\ndef helper(x):\n    return x\n",
            )
        ],
        "areas.helper: has a model answer but is not declared",
    ),
    "a missing model answer": (
        [(ANSWER, "def circle_area(", "def disc_area(")],
        "areas.circle_area: is declared but has no model answer",
    ),
    "a solution that fails its own checks": (
        [(TOPIC, "3.1415926536", "3.1415926")],
        "its solution is failed: agrees with an example worked by hand: area is 3.14159",
    ),
    "a solution that raises": (
        [(ANSWER, "    area = np.mean", "    raise KeyError('area')\n    area = np.mean")],
        "areas.circle_area: its solution is ",
    ),
    "a solution that deserves advice": (
        [(ANSWER, "    return area, dradius", "    radius *= 1.5\n    return area, dradius")],
        "its solution is advised: The call changes radius",
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_found(meadow, server, defect):
    edits, words = DEFECTS[defect]
    problems = found(meadow(*edits), server)
    assert any(words in problem for problem in problems), problems


def test_model_answers_that_do_not_parse_are_found(meadow, server):
    root = meadow((ANSWER, "def circle_area(radius):", "def circle_area(radius:"))
    (problem,) = found(root, server, cut=False)
    assert problem.startswith("areas: areas: line 6: ")


def test_a_stale_stub_is_found(meadow, server):
    root = meadow((STUB, "Greater than 0.", "Greater than 1."))
    problems = found(root, server, cut=False)
    assert len(problems) == 1
    assert "areas.py is stale: run learnkit author stubs" in problems[0]


def test_a_missing_stub_is_found_and_cut(meadow, server):
    root = meadow()
    (root / STUB).unlink()
    assert any("is stale" in problem for problem in found(root, server, cut=False))
    topic = Catalogue([root]).topic("areas")
    assert write_stubs(topic) is True
    assert write_stubs(topic) is False
    assert found(root, server) == []


def test_model_answers_that_are_missing_altogether_are_found(meadow, server):
    root = meadow()
    (root / ANSWER).unlink()
    problems = verify(Catalogue([root]).topic("areas"), server)
    assert [problem.where for problem in problems] == ["areas"]


@pytest.mark.parametrize(
    "body",
    ["return np.mean(np.pi * radius**2)\n", "return None\n", "return 1.0, 2.0, 3.0\n"],
    ids=["one value too few", "None", "one value too many"],
)
def test_a_mistake_may_return_something_else_altogether(meadow, server, body):
    """Leaving out the gradient is a mistake that people make, and is told by its sentence."""
    mistake = f'        Mistake("other", "That is not what to return.", body={body!r}),\n'
    root = meadow((TOPIC, "    mistakes=[\n", f"    mistakes=[\n{mistake}"))
    assert found(root, server) == []


def test_keyword_only_parameters_can_be_documented(meadow, server):
    root = meadow(
        (ANSWER, "def circle_area(radius):", "def circle_area(radius, *, scale=1.0):"),
        (ANSWER, "    Returns\n", "    scale : float\n        A factor.\n\n    Returns\n"),
    )
    assert found(root, server) == []


# Kits from elsewhere


RIGHT = """
import numpy as np

def circle_area(radius):
    return np.pi * (radius @ radius) / len(radius), 2 * np.pi / len(radius) * radius

def fence(sides):
    return sum(sides.tolist())
"""


def graded(catalogue, server, text, *names):
    return grade(catalogue.find(names), from_text(text), server, Limits(), seed=0)


@pytest.fixture
def installed(meadow, tmp_path, monkeypatch):
    """Install the kit: a package with the rooms inside it, and an entry point that names it."""
    site = tmp_path / "site"
    shutil.copytree(meadow(), site / "meadow_kit")
    (site / "meadow_kit" / "__init__.py").write_text("", encoding="utf-8")
    info = site / "meadow_kit-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: meadow-kit\nVersion: 1.0\n", "utf-8"
    )
    (info / "entry_points.txt").write_text("[learnkit.topics]\nmeadow = meadow_kit\n", "utf-8")
    monkeypatch.syspath_prepend(site)
    importlib.invalidate_caches()
    yield site
    sys.modules.pop("meadow_kit", None)
    sys.path_importer_cache.pop(str(site), None)


@pytest.fixture(params=["a folder", "an entry point"])
def foreign(request):
    """Return a catalogue that holds the kit of the tests."""
    if request.param == "a folder":
        return Catalogue([request.getfixturevalue("meadow")()])
    request.getfixturevalue("installed")
    return Catalogue()


def test_a_foreign_kit_is_graded_like_a_built_in_one(foreign, server):
    report = graded(foreign, server, RIGHT, "areas", "lengths.fence")
    assert [(e.id, e.status, e.score) for e in report.exercises] == [
        ("areas.circle_area", Status.PASSED, 2),
        ("lengths.fence", Status.PASSED, 1.5),
    ]


def test_a_foreign_kits_mistakes_are_named(foreign, server):
    wrong = RIGHT.replace("sum(sides.tolist())", "sum(sides[:-1])").replace("/ len(radius) *", "*")
    report = graded(foreign, server, wrong, "areas", "lengths")
    assert [e.mistake.id for e in report.exercises] == ["gradient_not_averaged", "last_side"]


def test_a_foreign_kits_names_are_suggested(foreign):
    with pytest.raises(Exception, match=r"areas\.circle_area"):
        foreign.find(["circle_are"])


def test_a_foreign_kit_stands_behind_the_built_in_topics(foreign, built_in):
    names = [topic.name for topic in foreign.topics()]
    own = [topic.name for topic in built_in.topics() if topic.rooms.built_in]
    assert names == [*own, "areas", "lengths"]


def test_a_kit_without_numerics_takes_its_own_answers_for_the_truth(meadow, server):
    root = meadow((ANSWER, "np.mean(np.pi * radius**2)", "np.mean(3 * radius**2)"))
    report = graded(Catalogue([root]), server, RIGHT, "areas")
    check = report.exercises[0].checks[5]
    assert (check.name, check.status) == ("area: matches the truth on random batches", "failed")


def test_a_kit_with_numerics_is_judged_by_them(meadow, server):
    root = meadow(("numerics/lengths.py", "math.fsum(", "2 * math.fsum("))
    report = graded(Catalogue([root]), server, RIGHT, "lengths")
    assert report.exercises[0].status is Status.FAILED
    assert "is always 0.5 times" in report.exercises[0].mistake.message or (
        "2 missing" in report.exercises[0].mistake.message
    )


def test_a_wrong_model_answer_costs_no_learner_a_mark_where_there_is_a_truth(meadow, server):
    root = meadow(("solutions/lengths.py", "np.sum(sides)", "np.sum(sides) + 1"))
    report = graded(Catalogue([root]), server, RIGHT, "lengths")
    assert report.exercises[0].status is Status.PASSED


@pytest.mark.parametrize("name", ["statistics", "random"])
def test_a_foreign_topic_may_bear_the_name_of_a_module_of_python(meadow, server, tmp_path, name):
    root = meadow()
    for room in ("grader/topics", "solutions", "exercises", "numerics"):
        path = root / room / "lengths.py"
        path.write_text(
            path.read_text("utf-8").replace('Topic("lengths"', f'Topic("{name}"'), "utf-8"
        )
        path.rename(path.with_name(f"{name}.py"))
    (tmp_path / f"{name}.py").write_text(RIGHT, encoding="utf-8")
    exercises = Catalogue([root]).find([name])
    report = grade(exercises, from_folder(tmp_path, [name]), server, Limits(), seed=0)
    assert [e.status for e in report.exercises] == [Status.PASSED]


@pytest.mark.parametrize("value", ["no_such_package", "no_such_package.kit", "json.decoder"])
def test_an_entry_point_to_nowhere_is_named(installed, value):
    entry = installed / "meadow_kit-1.0.dist-info" / "entry_points.txt"
    entry.write_text(f"[learnkit.topics]\nmeadow = {value}\n", "utf-8")
    with pytest.raises(DeclarationError, match=rf"meadow.*{value}"):
        Catalogue().topics()


def test_a_broken_entry_point_does_not_stand_in_the_way_of_a_known_name(installed):
    entry = installed / "meadow_kit-1.0.dist-info" / "entry_points.txt"
    entry.write_text("[learnkit.topics]\nmeadow = no_such_package\n", "utf-8")
    assert Catalogue().find(["losses.mse_loss"])[0].id == "losses.mse_loss"
