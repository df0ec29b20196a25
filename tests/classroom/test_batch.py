"""Submissions over an executor: none is lost, however its process ends."""

import os
import signal
from concurrent.futures import Executor, Future

import pytest

from grader.classroom.batch import AHEAD, keep_to_one_processor, processes, verdicts
from grader.classroom.judging import Asked, Task, Verdict
from grader.student.limits import Level, Limits

ASKED = Asked(("losses.mse_loss",), {"losses.mse_loss": 2.0}, Level.LAPTOP, Limits(), 5)


def tasks(*names):
    return [Task(name, {}, {}, "", ASKED, 0) for name in names]


def kills(task):
    """Stand for the judge: some submissions take their process down."""
    if task.student.startswith("kill"):
        os.kill(os.getpid(), signal.SIGKILL)
    if task.student.startswith("once"):
        path = task.files["path"].decode()
        if not os.path.exists(path):  # noqa: PTH110 - runs in another process
            with open(path, "x", encoding="ascii"):  # noqa: PTH123
                os.kill(os.getpid(), signal.SIGKILL)
    if task.student.startswith("raise"):
        raise ValueError("of the judge's own")
    return Verdict(task.student, ())


@pytest.mark.skipif(os.name != "posix", reason="signals of a POSIX system")
def test_a_process_that_dies_costs_no_other_submission(tmp_path):
    """One is lost for good, one only the first time, one raises: each has its verdict, once."""
    once = Task("once", {"path": str(tmp_path / "mark").encode()}, {}, "", ASKED, 0)
    given = [*tasks("a", "kill", "b", "raise", "c"), once, *tasks("d", "e")]
    found = list(verdicts(given, 2, processes, kills))
    assert sorted(v.student for v in found) == sorted(t.student for t in given)
    assert {v.student for v in found if v.grader_failed} == {"kill", "raise"}


class Slow(Executor):
    """Finishes what it was given only when it is full, and remembers how much it held."""

    def __init__(self, jobs):
        self.jobs, self.held, self.most = jobs, [], []

    def submit(self, call, /, *args, **kwargs):
        future = Future()
        self.held.append((future, call, args))
        self.most.append(len(self.held))
        if len(self.held) == AHEAD * self.jobs:
            self.flush()
        return future

    def flush(self):
        for future, call, args in self.held:
            future.set_result(call(*args))
        self.held.clear()


def test_a_bounded_number_is_under_way():
    made = []
    taken = []

    def make(jobs):
        made.append(Slow(jobs))
        return made[-1]

    def given():
        for task in tasks(*map(str, range(12))):
            taken.append(task)
            yield task

    seen = 0
    for _ in verdicts(given(), 3, make, kills):
        seen += 1
        assert len(taken) - seen < 2 * AHEAD * 3
    assert seen == 12
    assert max(made[0].most) == AHEAD * 3


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processors to stay on")
def test_a_processor_that_may_not_be_chosen_is_no_failure(monkeypatch):
    def refused(_pid, _processors):
        raise PermissionError

    monkeypatch.setattr(os, "sched_setaffinity", refused)
    keep_to_one_processor(1)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processors to stay on")
@pytest.mark.parametrize("more", [0, 1])
def test_processes_are_bound_only_where_each_processor_has_as_many(more):
    usable = os.sched_getaffinity(0)
    jobs = len(usable) + more
    with processes(jobs) as pool:
        found = {pool.submit(os.sched_getaffinity, 0).result() == usable for _ in range(3)}
    bound = jobs % len(usable) == 0 and len(usable) > 1
    assert found == {not bound}
