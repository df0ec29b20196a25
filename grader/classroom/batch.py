"""Many submissions over any `concurrent.futures.Executor`: a bounded number at a time, none lost."""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from multiprocessing.connection import wait as wait_for
from typing import TYPE_CHECKING

from grader.classroom.errors import ClassroomError
from grader.classroom.judging import Task, Verdict, failed, judged
from grader.student.launch import ONE_THREAD

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

AHEAD = 2  # tasks that wait for each process, so that none has to wait for a task
TRIES_ALONE = 2

MakeExecutor = Callable[[int], Executor]


def processes(jobs: int) -> Executor:
    """Return a pool of processes, started afresh: they hold nothing of this one."""
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    context = multiprocessing.get_context("spawn")
    # Bound to fewer processors than there are, they might stand on one while another is idle.
    turns = context.Value("L", 0) if jobs % processors() == 0 else None
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(turns,))


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def keep_to_one_processor(turn: int) -> None:
    """Stay on one of the processors, in turn, with all that is started from here, if it may be so.

    A grader and its sessions wait for each other all the time. On one processor that is a switch of a
    few microseconds; to wake another one takes up to 70 of each, where processors are virtual.
    """
    if hasattr(os, "sched_setaffinity"):
        usable = sorted(os.sched_getaffinity(0))
        with contextlib.suppress(OSError):  # a sandbox may forbid it; it is a matter of speed alone
            os.sched_setaffinity(0, {usable[turn % len(usable)]})


def _begin(turns: "Synchronized[int] | None") -> None:
    """Prepare a process of the pool: an interrupt is for the first one, and none outlives it."""
    if turns:
        with turns.get_lock():
            turn = turns.value
            turns.value += 1
        keep_to_one_processor(turn)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait_for([sentinel])
    sys.stderr.flush()
    os._exit(1)


def verdicts(
    tasks: Iterable[Task],
    jobs: int,
    make: MakeExecutor = processes,
    judge: Callable[[Task], Verdict] = judged,
) -> Iterator[Verdict]:
    """Judge submissions, and yield each verdict as it comes.

    Where a process of the pool is lost, what was under way in it is judged again, one at a time; a
    submission that takes a process down twice more is told as the grader's failure.

    Parameters
    ----------
    tasks
        The submissions; taken one by one as there is room.
    jobs
        How many at once.
    make
        Makes an executor for a number of jobs.
    judge
        What is done with each.

    Raises
    ------
    ClassroomError
        If it cannot be done as asked wherever the executor would do it.
    """
    waiting = iter(tasks)
    running: dict[Future[Verdict], Task] = {}
    executor = make(jobs)
    try:
        while True:
            lost = _fill(executor, running, waiting, AHEAD * jobs, judge)
            if not running and not lost:
                return
            done = set() if lost else wait(running, return_when=FIRST_COMPLETED).done
            if lost or any(isinstance(future.exception(), BrokenExecutor) for future in done):
                done = wait(running).done  # a broken pool ends them all
            stop: ClassroomError | None = None
            for future in done:
                task = running.pop(future)
                error = future.exception()
                if isinstance(error, ClassroomError):
                    stop = error
                elif isinstance(error, BrokenExecutor):
                    lost.append(task)
                else:
                    yield failed(task, _words(error)) if error else future.result()
            if stop:
                raise stop
            if lost:
                executor.shutdown(wait=True, cancel_futures=True)
                yield from _one_by_one(lost, make, judge)
                executor = make(jobs)
    finally:
        executor.shutdown(wait=not running, cancel_futures=True)


def _fill(
    executor: Executor,
    running: dict[Future[Verdict], Task],
    waiting: Iterator[Task],
    room: int,
    judge: Callable[[Task], Verdict],
) -> list[Task]:
    """Submit tasks while there is room; return the one that a broken pool did not take."""
    while len(running) < room:
        task = next(waiting, None)
        if task is None:
            break
        try:
            running[executor.submit(judge, task)] = task
        except BrokenExecutor:
            return [task]
    return []


def _one_by_one(
    tasks: Iterable[Task], make: MakeExecutor, judge: Callable[[Task], Verdict]
) -> Iterator[Verdict]:
    left = deque((task, 0) for task in tasks)
    executor = make(1)
    try:
        while left:
            task, tries = left.popleft()
            try:
                yield executor.submit(judge, task).result()
            except BrokenExecutor:
                executor.shutdown(wait=True, cancel_futures=True)
                executor = make(1)
                if tries + 1 < TRIES_ALONE:
                    left.appendleft((task, tries + 1))
                else:
                    yield failed(task, "its process was lost whenever it judged this submission")
            except Exception as error:  # noqa: BLE001 - one submission's failure is told as that
                yield failed(task, _words(error))
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _words(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {error}"
