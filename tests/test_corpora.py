"""Right answers written in other ways pass in full; wrong ones that people write lose marks.

A file `alternatives/TOPIC.py` or `mistaken/TOPIC.py` holds answers named `EXERCISE__LABEL`:
functions, classes or assignments. Of the file a submission is given what one answer needs.
"""

import ast
from pathlib import Path

import pytest

from grader.report import Status

HERE = Path(__file__).resolve().parent
OTHER_SEEDS = (1, 2, 3)
STRIDE = 32  # at each other seed one answer in so many is judged again


class Corpus:
    """The answers in one file."""

    def __init__(self, path):
        self.topic = path.stem
        self.text = path.read_text(encoding="utf-8")
        self.lines = self.text.splitlines(keepends=True)
        self.nodes = ast.parse(self.text).body
        self.defined = {name: node for node in self.nodes for name in names_of(node)}
        self.answers = [name for name in self.defined if "__" in name.strip("_")]

    def submission(self, answer):
        """Return the file without the answers that this one does not need."""
        others = set(self.answers) - self._needed(answer)
        parts = []
        for node in self.nodes:
            if not others.intersection(names_of(node)):
                first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
                parts.append("".join(self.lines[first - 1 : node.end_lineno]))
        exercise = answer.partition("__")[0]
        return "\n\n".join([*parts, f"{exercise} = {answer}\n"])

    def _needed(self, answer):
        needed, waiting = set(), [answer]
        while waiting:
            name = waiting.pop()
            if name in self.defined and name not in needed:
                needed.add(name)
                walked = ast.walk(self.defined[name])
                waiting += [node.id for node in walked if isinstance(node, ast.Name)]
        return needed


def names_of(node):
    """Return the names that a statement at the top of a file defines."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def corpora(room):
    return {path.stem: Corpus(path) for path in sorted((HERE / room).glob("*.py"))}


ROOMS = {room: corpora(room) for room in ("alternatives", "mistaken")}


def cases(room):
    """Return every answer at seed 0, and a sample of them at other seeds."""
    found = [(c.topic, answer) for c in ROOMS[room].values() for answer in c.answers]
    at_zero = [(*case, 0) for case in found]
    elsewhere = [(*case, seed) for seed in OTHER_SEEDS for case in found[seed::STRIDE]]
    return [
        pytest.param(*case, id=f"{case[0]}.{case[1]}-{case[2]}") for case in at_zero + elsewhere
    ]


@pytest.fixture(scope="module")
def result_of(built_in, judged):
    def judge(room, topic, answer, seed):
        exercise = built_in.topic(topic).exercises[answer.partition("__")[0]]
        return judged(exercise, ROOMS[room][topic].submission(answer), seed=seed)

    return judge


def complaints(result):
    return [(c.name, c.status.value, c.message) for c in result.checks if c.status != Status.PASSED]


@pytest.mark.parametrize(("topic", "answer", "seed"), cases("alternatives"))
def test_a_right_answer_passes_in_full(result_of, topic, answer, seed):
    result = result_of("alternatives", topic, answer, seed)
    assert (result.status, complaints(result)) == (Status.PASSED, [])
    assert result.score == result.max_score
    assert result.mistake is None


@pytest.mark.parametrize(("topic", "answer", "seed"), cases("mistaken"))
def test_a_wrong_answer_loses_marks_and_is_explained(result_of, topic, answer, seed):
    result = result_of("mistaken", topic, answer, seed)
    assert result.status in {Status.FAILED, Status.ERROR, Status.TIMEOUT}, complaints(result)
    assert 0 <= result.score < result.max_score
    decisive = result.decisive
    assert decisive.message
    assert decisive.called


@pytest.mark.parametrize("room", ROOMS)
def test_every_exercise_has_answers_of_people(built_in, room):
    for topic in built_in.topics():
        written = {answer.partition("__")[0] for answer in ROOMS[room][topic.name].answers}
        assert written == set(topic.exercises)
