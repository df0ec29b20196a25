"""A class judged on a real Dask cluster: two workers on this machine, one of them killed."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from classes import HANGS, RIGHT, SUMMED

from grader.catalogue import Catalogue
from grader.classroom import cluster as clusters
from grader.classroom import run
from grader.classroom.batch import verdicts
from grader.classroom.cluster import MISSING, Cluster, ClusterError
from grader.classroom.judging import Asked, Task, Verdict
from grader.classroom.store import Store
from grader.student.limits import Level, Limits

distributed = pytest.importorskip("distributed", reason="the extra cluster is not installed")
pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="signals of a POSIX system"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # sockets of a scheduler that was killed
]

ASKED = Asked(("losses.mse_loss",), {"losses.mse_loss": 2.0}, Level.LAPTOP, Limits(), 5)
PROGRAM = """
import asyncio, json, sys
import dask
dask.config.set({"distributed.scheduler.allowed-failures": 1})
if sys.argv[1] == "scheduler":
    from distributed import Scheduler as Made
    options = {"host": "127.0.0.1", "port": 0, "dashboard": False}
else:
    from distributed import Worker as Made
    options = {"scheduler_ip": sys.argv[2], "host": "127.0.0.1", "nthreads": 1, "dashboard": False}
    from grader.classroom import run
    run.kit_text = lambda folders=(): sys.argv[3]
    exec(sys.argv[4])

async def main():
    async with Made(**options) as made:
        print(made.address, flush=True)
        await made.finished()

asyncio.run(main())
"""


class Machines:
    """A scheduler and workers, each a process of its own."""

    def __init__(self):
        self.scheduler, self.address = self._start("scheduler")
        self.workers = {}

    def _start(self, *words):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *words],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},  # where a judge stands
        )
        return process, process.stdout.readline().strip()

    def work(self, first=""):
        """Start one more worker, which does something first."""
        process, address = self._start("worker", self.address, run.kit_text(), first)
        self.workers[address] = process
        return address

    def kill(self, address):
        self.workers[address].send_signal(signal.SIGKILL)
        self.workers.pop(address).communicate()

    def close(self):
        for process in (*self.workers.values(), self.scheduler):
            process.send_signal(signal.SIGKILL)
            process.communicate()


@pytest.fixture
def machines():
    with contextlib.closing(Machines()) as started:
        yield started


def write(place, **students):
    for student, text in students.items():
        (place / student).mkdir(parents=True)
        (place / student / "losses.py").write_text(text)
    return place


def plan(tmp_path, **options):
    told = {"topics": ("losses.mse_loss",), "level": Level.LAPTOP, "catalogue": Catalogue()}
    return run.Plan(tmp_path / "in", tmp_path / "out", **{**told, **options})


def test_a_worker_that_is_lost_costs_no_verdict(machines, tmp_path):
    """Killed with work in hand; its submissions are judged by the other one, each lands once."""
    texts = {f"student-{i:02}": (RIGHT, SUMMED)[i % 2] + f"# {i}\n" for i in range(16)}
    write(tmp_path / "in", **texts, hangs=HANGS, hangs_too=HANGS + "#\n")
    for _ in range(2):
        machines.work()
    held = []
    with Cluster(machines.address) as cluster:

        def tell(done, _total, _student):
            if done == 2:
                busy = {a: keys for a, keys in cluster._client.processing().items() if keys}
                held.append(max(busy, key=lambda address: len(busy[address])))
                machines.kill(held[0])

        assert cluster.size == 2
        done = run.grade_class(
            plan(tmp_path, jobs=2, seconds=0.5), tell, cluster.executor, cluster.ready
        )
        assert cluster.size == 1
    assert (done.graded, done.kept, done.grader_failed) == (18, 0, 0)
    assert len(held) == 1, "it had work in hand"
    found = {told["student"]: told for told in map(json.loads, run.lines(tmp_path / "out"))}
    assert {student: told["exercises"][0]["status"] for student, told in found.items()} == {
        **{student: ("passed", "failed")[i % 2] for i, student in enumerate(texts)},
        "hangs": "timeout",
        "hangs_too": "timeout",
    }
    with Store(tmp_path / "out") as store:
        rows = store._db.execute("SELECT student, exercise FROM results").fetchall()
    assert len(rows) == len(set(map(tuple, rows))) == 18


def test_the_command_grades_on_a_cluster(machines, tmp_path, learnkit):
    write(tmp_path / "in", ann=RIGHT, bob=SUMMED)
    machines.work()
    words = ("grade", tmp_path / "in", "--out", tmp_path / "out", "--topics", "losses.mse_loss")
    where = ("--executor", "dask", "--scheduler", machines.address)
    done = learnkit(*words, "--level", "laptop", *where, "--json")
    assert done.exit_code == 0, done.stderr
    scores = {told["student"]: told["score"] for told in map(json.loads, done.stdout.splitlines())}
    assert scores["ann"] == 2.0
    assert 0 < scores["bob"] < 2


NO_LEVEL = """
from grader.student import limits, launch
def none(level=None):
    raise limits.IsolationUnavailableError(f"level {level}: Landlock is not there")
launch.launcher = none
"""
OTHER_KIT = """
run.kit_text = lambda folders=(): "0.0.1 of another day"
"""


@pytest.mark.parametrize(
    ("first", "says"),
    [(NO_LEVEL, "level inner: Landlock is not there"), (OTHER_KIT, "0.0.1 of another day")],
    ids=["level", "kit"],
)
def test_a_worker_that_cannot_judge_as_asked_refuses(machines, tmp_path, learnkit, first, says):
    """At once, with its address; nothing is graded, and nothing falls back."""
    write(tmp_path / "in", ann=RIGHT)
    machines.work()
    refusing = machines.work(first)
    words = ("grade", tmp_path / "in", "--out", tmp_path / "out", "--topics", "losses.mse_loss")
    done = learnkit(
        *words, "--level", "inner", "--executor", "dask", "--scheduler", machines.address
    )
    assert done.exit_code == 2
    assert f"the worker at {refusing} refuses: " in done.stderr
    assert says in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_worker_that_comes_later_refuses_as_well(machines, tmp_path):
    write(tmp_path / "in", ann=RIGHT, bob=SUMMED)
    first = machines.work()
    with Cluster(machines.address) as cluster:

        def ready(asked):
            cluster.ready(asked)
            machines.work(OTHER_KIT)
            machines.kill(first)

        with pytest.raises(ClusterError, match=r"0\.0\.1 of another day"):
            run.grade_class(plan(tmp_path), make=cluster.executor, ready=ready)


def dies(task):
    """Stand for a judge whose process some submissions take down."""
    if task.student == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    return Verdict(task.student, ())


def test_a_submission_that_takes_workers_down_is_the_graders_failure(machines):
    """Dask asks as many workers as its scheduler's setting says, one more here, and no others."""
    for _ in range(3):
        machines.work()
    tasks = [Task(name, {}, {}, "", ASKED, 0) for name in ("a", "kill", "b", "c")]
    with Cluster(machines.address) as cluster:
        found = {v.student: v for v in verdicts(tasks, 1, cluster.executor, dies)}
    assert {name for name, verdict in found.items() if verdict.grader_failed} >= {"kill"}
    assert "each worker that judged this submission was lost" in found["kill"].problems[0]
    assert set(found) == {"a", "kill", "b", "c"}


@pytest.mark.parametrize("lost", ["scheduler", "workers"])
def test_a_run_without_a_cluster_ends_with_a_sentence(machines, tmp_path, monkeypatch, lost):
    """What was graded before is kept."""
    monkeypatch.setattr(clusters, "PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(clusters, "LOOK_SECONDS", 0.1)
    write(tmp_path / "in", **{f"student-{i}": RIGHT + f"# {i}\n" for i in range(8)})
    worker = machines.work()
    cluster = Cluster(machines.address)

    def tell(done, _total, _student):
        if done == 2 and lost == "workers":
            machines.kill(worker)
        elif done == 2:
            machines.scheduler.send_signal(signal.SIGKILL)

    says = {"scheduler": "was lost", "workers": "no worker was left"}[lost]
    with cluster, pytest.raises(ClusterError, match=says):
        run.grade_class(plan(tmp_path), tell, cluster.executor, cluster.ready)
    with Store(tmp_path / "out") as store:
        assert len(store.students()) >= 2


def test_nobody_listens(learnkit, tmp_path, monkeypatch):
    monkeypatch.setattr(clusters, "CONNECT_SECONDS", 0.2)
    write(tmp_path / "in", ann=RIGHT)
    words = ("grade", tmp_path / "in", "--out", tmp_path / "out", "--topics", "losses")
    done = learnkit(*words, "--executor", "dask", "--scheduler", "tcp://127.0.0.1:1")
    assert done.exit_code == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:1" in done.stderr


def test_there_are_no_workers(machines, monkeypatch):
    monkeypatch.setattr(clusters, "CONNECT_SECONDS", 0.2)
    with pytest.raises(ClusterError, match="has no workers; start some: dask worker"):
        Cluster(machines.address)


@pytest.mark.parametrize("words", [("--executor", "dask"), ("--scheduler", "tcp://host:1")])
def test_an_executor_and_its_address_go_together(learnkit, tmp_path, words):
    write(tmp_path / "in", ann=RIGHT)
    done = learnkit("grade", tmp_path / "in", "--out", tmp_path / "out", *words)
    assert done.exit_code == 2
    assert "go together" in done.stderr


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError) as told:
        Cluster("tcp://host:1")
    assert str(told.value) == MISSING
