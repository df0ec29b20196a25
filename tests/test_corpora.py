"""Right answers written in other ways pass in full; wrong ones that people write lose marks."""

import pytest
from corpora import corpora

from grader.report import Status
from grader.topics import ORDER

OTHER_SEEDS = (1, 2, 3)
STRIDE = 32  # at each other seed one answer in so many is judged again


ROOMS = {room: corpora(room) for room in ("alternatives", "mistaken")}


def cases(room):
    """Return every answer at seed 0, and a sample of them at other seeds."""
    found = [(c.topic, a) for c in ROOMS[room].values() if c.topic in ORDER for a in c.answers]
    at_zero = [(*case, 0) for case in found]
    elsewhere = [(*case, seed) for seed in OTHER_SEEDS for case in found[seed::STRIDE]]
    return [
        pytest.param(*case, id=f"{case[0]}.{case[1]}-{case[2]}") for case in at_zero + elsewhere
    ]


@pytest.fixture(scope="module")
def result_of(built_in, judged):
    def judge(room, topic, answer, seed):
        exercise = built_in.topic(topic).exercises[answer.partition("__")[0]]
        return judged(exercise, ROOMS[room][topic].submission(answer, exercise), seed=seed)

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
