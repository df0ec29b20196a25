"""Names are found, unknown ones are answered with the nearest, declarations are guarded."""

import re
import shutil

import numpy as np
import pytest

from grader.catalogue import Catalogue, DeclarationError, Topic, UnknownNameError
from grader.checks import Case, matches_truth
from grader.topics import ORDER

DECLARED = {
    "points": 1,
    "returns": ("y",),
    "cases": [Case("1 number", lambda rng: (rng.normal(size=1),))],
    "checks": [matches_truth()],
    "hints": ["a", "b", "c"],
    "mistakes": [],
}


def ids(exercises):
    return [exercise.id for exercise in exercises]


def test_a_topic_stands_for_all_its_exercises(built_in):
    assert ids(built_in.find(["losses"])) == ids(built_in.topic("losses").exercises.values())


def test_no_name_stands_for_everything(built_in):
    everything = [e for topic in built_in.topics() for e in topic.exercises.values()]
    assert ids(built_in.find([])) == ids(everything)


def test_what_is_named_twice_is_found_once_and_in_the_order_asked(built_in):
    found = ids(built_in.find(["losses.svm_loss", "losses", "losses.svm_loss"]))
    assert found[0] == "losses.svm_loss"
    assert sorted(found) == sorted(ids(built_in.topic("losses").exercises.values()))


def test_topics_come_in_the_order_of_the_curriculum(built_in):
    assert [topic.name for topic in built_in.topics()][: len(ORDER)] == list(ORDER)


@pytest.mark.parametrize(
    ("name", "suggested"),
    [
        ("losses.mse", "losses.mse_loss"),
        ("losses.mseloss", "losses.mse_loss"),
        ("loses", "losses"),
        ("loss", "losses"),
        ("mse_loss", "losses.mse_loss"),
        ("softmax_los", "losses.softmax_loss"),
        ("loses.svm_loss", "losses.svm_loss"),
        ("losses.crossentropy", "losses.binary_cross_entropy"),
        ("Losses", "losses"),
        ("losses/mse_loss", "losses.mse_loss"),
        ("losses.py", "losses"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(built_in, name, suggested):
    with pytest.raises(UnknownNameError, match=re.escape(f'"{name}"')) as refused:
        built_in.find([name])
    said = str(refused.value)
    assert "did you mean" in said
    assert re.search(rf"\b{re.escape(suggested)}(?![\w.])", said.partition("did you mean")[2])


@pytest.mark.parametrize("name", ["", "xyzzy", "losses.", ".", ".mse_loss", "losses.softmax.p"])
def test_a_name_that_is_nothing_is_unknown(built_in, name):
    with pytest.raises(UnknownNameError, match=f'^no .*"{re.escape(name)}"'):
        built_in.find([name])


def test_a_name_like_no_other_is_told_where_names_are_listed(built_in):
    with pytest.raises(UnknownNameError, match="learnkit list"):
        built_in.find(["xyzzy"])


def test_one_unknown_name_among_known_ones_is_refused(built_in):
    with pytest.raises(UnknownNameError):
        built_in.find(["losses.mse_loss", "losses.nothing"])


def test_an_exercise_cannot_be_declared_twice():
    topic = Topic("toy", "A toy")
    topic.exercise("twice", **DECLARED)
    with pytest.raises(DeclarationError, match=r"toy\.twice is declared twice"):
        topic.exercise("twice", **DECLARED)


def test_an_exercise_needs_a_case():
    with pytest.raises(DeclarationError, match=r"toy\.nothing has no cases"):
        Topic("toy", "A toy").exercise("nothing", **{**DECLARED, "cases": []})


@pytest.mark.parametrize("name", [topic.name for topic in Catalogue().topics()])
def test_a_topic_bears_its_name_in_every_room(built_in, name):
    topic = built_in.topic(name)
    assert topic.stub_path.is_file()
    assert (topic.rooms.solutions / f"{name}.py").is_file()
    assert all(callable(topic.truth(exercise)) for exercise in topic.exercises)


@pytest.mark.parametrize("exercise", Catalogue().find([]), ids=lambda exercise: exercise.id)
class TestEveryExercise:
    def test_the_truth_returns_what_is_declared(self, exercise):
        paper = exercise.paper(0)
        wanted = paper.wanted(exercise.cases[0])
        made = wanted.made[paper.call(exercise.cases[0])].value
        assert (len(made) if isinstance(made, tuple) else 1) == len(exercise.returns)
        assert wanted.outputs

    def test_a_case_is_the_same_for_the_same_seed(self, exercise):
        for case in exercise.cases:
            first, second = case.build(_rng()), case.build(_rng())
            assert _written(first) == _written(second)

    def test_the_stub_shows_the_docstring_and_the_answer_does_not(self, exercise):
        assert exercise.docstring
        assert exercise.docstring in _dedented(exercise.topic.stub_path.read_text("utf-8"))
        assert exercise.docstring.splitlines()[0] not in exercise.answer()
        assert exercise.answer().startswith(f"def {exercise.name}(")

    def test_the_shown_answer_is_python(self, exercise):
        compile(exercise.answer(), exercise.id, "exec")


def _written(args):
    """Return arguments as text, without the addresses of functions."""
    return [re.sub(r" at 0x[0-9a-f]+", "", repr(arg)) for arg in args]


def _rng():
    return np.random.default_rng(7)


def _dedented(text):
    return "\n".join(line.removeprefix("    ") for line in text.splitlines())


def test_a_folder_without_declarations_is_refused(tmp_path):
    with pytest.raises((DeclarationError, UnknownNameError), match="no grader/topics folder"):
        Catalogue([tmp_path])


def test_a_foreign_topic_cannot_take_the_name_of_a_built_in_one(meadow):
    root = meadow()
    (root / "grader" / "topics" / "areas.py").rename(root / "grader" / "topics" / "losses.py")
    with pytest.raises(DeclarationError, match="there is a topic losses already"):
        Catalogue([root])


def test_two_foreign_kits_cannot_share_a_name(meadow, tmp_path):
    root = meadow()
    shutil.copytree(root, tmp_path / "other")
    with pytest.raises(DeclarationError, match="there is a topic areas already"):
        Catalogue([root, tmp_path / "other"])


def test_a_kit_may_be_named_twice(meadow):
    root = meadow()
    assert Catalogue([root, root]).topic("areas").name == "areas"


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (('Topic("areas"', 'Topic("fields"'), "does not define topic = Topic('areas')"),
        (("import numpy as np", "import nampy as np"), "ModuleNotFoundError"),
        (("points=2,", "points=2"), "SyntaxError"),
        (("hints=[", "clues=["), "TypeError"),
    ],
)
def test_a_broken_declaration_is_told_with_its_file(meadow, edit, says):
    root = meadow(("grader/topics/areas.py", *edit))
    with pytest.raises(DeclarationError, match=rf"areas\.py\b.*{re.escape(says)}"):
        Catalogue([root]).topic("areas")


def test_a_topic_without_model_answers_is_told(meadow):
    root = meadow()
    (root / "solutions" / "areas.py").unlink()
    with pytest.raises(DeclarationError, match=r"areas\.py cannot be read"):
        Catalogue([root]).topic("areas").answers  # noqa: B018 - read when asked for


def test_a_truth_without_the_function_is_told(meadow):
    root = meadow(("numerics/lengths.py", "def fence(", "def hedge("))
    with pytest.raises(DeclarationError, match="has no function fence"):
        Catalogue([root]).topic("lengths").truth("fence")
