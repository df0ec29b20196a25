"""Judging in a thread: the newest question alone counts, each in a process of its own."""

import queue

import pytest
from desk import LOOP, RIGHT, WRONG

from grader.report import Status
from grader.student.limits import Limits
from grader.watching.events import Judged
from grader.watching.files import Files
from grader.watching.judging import Ahead, CancelledError, Judge, Question

PATIENCE = 60


@pytest.fixture
def told():
    return queue.SimpleQueue()


@pytest.fixture
def mse(built_in):
    return built_in.topic("losses").exercises["mse_loss"]


@pytest.fixture
def judge(server, told):
    judging = Judge(server, Limits(seconds=3600), told.put)
    yield judging
    judging.close()


def status(event):
    assert isinstance(event, Judged), event
    return event.number, event.report.exercises[0].status


def test_a_verdict_bears_its_questions_number(judge, told, desk, mse):
    desk.write(WRONG)
    judge.ask(Question(1, (mse,), desk.root))
    assert status(told.get(timeout=PATIENCE)) == (1, Status.FAILED)
    desk.write(RIGHT)
    judge.ask(Question(2, (mse,), desk.root))
    assert status(told.get(timeout=PATIENCE)) == (2, Status.PASSED)


def test_a_newer_question_ends_a_loop(judge, told, desk, mse):
    desk.write(LOOP)
    for number in range(5):
        judge.ask(Question(number, (mse,), desk.root))
    desk.write(RIGHT)
    judge.ask(Question(5, (mse,), desk.root))
    assert status(told.get(timeout=PATIENCE)) == (5, Status.PASSED)


def test_closing_ends_a_loop(server, told, desk, mse):
    desk.write(LOOP)
    judging = Judge(server, Limits(seconds=3600), told.put)
    judging.ask(Question(1, (mse,), desk.root))
    judging.close()
    assert told.empty()


def test_nothing_is_kept_from_one_run_to_the_next(judge, told, desk, mse):
    """What a run leaves in a module that was loaded before the fork is gone."""
    for number in range(4):
        desk.file.write_text(
            desk.text(RIGHT) + "\nimport math\nassert not hasattr(math, 'seen')\nmath.seen = 1\n",
            "utf-8",
        )
        judge.ask(Question(number, (mse,), desk.root))
        assert status(told.get(timeout=PATIENCE)) == (number, Status.PASSED)


def test_a_ready_process_that_was_ended_is_not_the_learners_fault(server, told, desk, mse):
    desk.write(RIGHT)
    judging = Judge(server, Limits(), told.put)
    try:
        judging.ask(Question(1, (mse,), desk.root))
        told.get(timeout=PATIENCE)
        judging.ask(Question(2, (), desk.root))  # nothing to judge: then one is ready
        told.get(timeout=PATIENCE)
        ready = judging._ahead._ready
        if ready:
            ready.kill()
        judging.ask(Question(3, (mse,), desk.root))
        assert status(told.get(timeout=PATIENCE)) == (3, Status.PASSED)
    finally:
        judging.close()


def test_what_is_ready_is_used_once_and_within_the_same_limits(server):
    ahead = Ahead(server, Limits())
    ahead.prepare()
    ready = ahead._ready
    first = ahead.open(Limits())
    assert first.channel is ready.channel
    assert ahead.used_ready
    assert first.end() < 0
    ahead.prepare()
    ready = ahead._ready
    other = ahead.open(Limits(memory_bytes=2**28))
    assert other.channel is not ready.channel
    other.end()
    ahead.close()


def test_after_a_cancel_nothing_starts_until_the_next_question(server):
    ahead = Ahead(server, Limits())
    ahead.cancel()
    with pytest.raises(CancelledError):
        ahead.open(Limits())
    ahead.begin()
    ahead.open(Limits()).end()


def test_saves_are_noticed_by_name(desk, told):
    files = Files(desk.root, told.put)
    try:
        desk.write(RIGHT)
        assert told.get(timeout=PATIENCE).files == {"losses.py"}
        (desk.root / "helper.py").write_text("x = 1\n", "utf-8")
        assert told.get(timeout=PATIENCE).files == {"helper.py"}
    finally:
        files.close()


def test_where_the_system_tells_nothing_one_looks(desk, told, monkeypatch):
    def deaf(*args, **kwargs):
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr("grader.watching.files.watch", deaf)
    files = Files(desk.root, told.put)
    try:
        assert "noticed a little later" in told.get(timeout=PATIENCE).message
        desk.write(RIGHT)
        assert told.get(timeout=PATIENCE).files == {"losses.py"}
    finally:
        files.close()
