"""A class judged on a Dask cluster: each worker holds the same walls, and this process the results.

A worker's process keeps one launcher and the papers, as a process of the pool here does. It judges
nothing before it has shown that its kit is the grader's and that it has the level asked for.
"""

import contextlib
import functools
import os
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future, InvalidStateError
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from grader.classroom.errors import ClassroomError
from grader.student.launch import ONE_THREAD, launcher
from grader.student.limits import IsolationUnavailableError, Level

if TYPE_CHECKING:
    from distributed import Client

    from grader.classroom.judging import Task, Verdict
    from grader.classroom.run import Plan

MISSING = "a cluster needs Dask; run: pip install 'learnkit-nn[cluster]'"
NOT_INSTALLED = "learnkit is not installed"
DISTRIBUTION = "learnkit-nn"
CONNECT_SECONDS = 10.0
PATIENCE_SECONDS = 60.0  # without any worker, before a run is given up
LOOK_SECONDS = 1.0
AGAIN = "what was graded is kept, run it again"
LARGE = "64MB"  # more than a submission may hold: Dask need not warn of it

_ONE_AT_A_TIME = threading.Lock()


class ClusterError(ClassroomError):
    """The cluster cannot do what was asked; the message says why."""


class WorkersLostError(Exception):
    """Every worker that judged a submission was lost; the message says how many."""


class Cluster:
    """A connection to a Dask cluster.

    Parameters
    ----------
    address
        Where its scheduler listens, as `tcp://host:8786`.
    folders
        Folders with more topics; they must stand at the same places there.

    Raises
    ------
    ClusterError
        If Dask is not installed, nobody listens there, or there are no workers.
    """

    def __init__(self, address: str, folders: tuple[Path, ...] = ()) -> None:
        from grader.classroom.run import kit_text  # noqa: PLC0415 - which grades over this

        self.address = address
        self._folders = tuple(str(folder.resolve()) for folder in folders)
        self._kit = kit_text(folders)
        self._client = _connected(address)
        try:
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError as error:
            self.close()
            raise ClusterError(
                f"the scheduler at {address} has no workers; start some: dask worker {address}"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def size(self) -> int:
        """Return how many workers there are now."""
        return len(self._client.nthreads())

    def close(self) -> None:
        """Hang up; the cluster goes on."""
        self._client.close()

    def ready(self, plan: "Plan") -> None:
        """Find out on every worker whether its kit is this one and whether it has the level.

        Raises
        ------
        ClusterError
            If one of them has not; the message says which, and what is missing.
        """
        versions = self._client.get_versions(packages=[DISTRIBUTION])
        if not versions["scheduler"]["packages"].get(DISTRIBUTION):  # tasks are unpacked there, too
            raise ClusterError(f"{NOT_INSTALLED} where the scheduler at {self.address} runs")
        reasons = {
            worker: f"{NOT_INSTALLED} there"
            for worker, told in versions["workers"].items()
            if not told["packages"].get(DISTRIBUTION)
        }
        if not reasons:
            asked = (self._kit, plan.level, self._folders)
            answers = self._client.run(refusal, *asked, on_error="return")
            reasons = {worker: str(answer) for worker, answer in answers.items() if answer}
        for worker, reason in sorted(reasons.items()):
            others = len(reasons) - 1
            more = f" ({others} more refuse as well)" if others else ""
            raise ClusterError(f"the worker at {worker} refuses: {reason}{more}")

    def executor(self, _jobs: int) -> Executor:
        """Return an executor of it, as `verdicts` uses one."""
        return ClusterExecutor(self._client, self.address, self._kit)


class ClusterExecutor(Executor):
    """Dask's own executor, with ends that it leaves open.

    Where the scheduler is lost, or no worker is left, what was waiting has an answer: the run cannot
    go on. A worker that is lost is Dask's affair, which asks another one.

    Parameters
    ----------
    client
        The connection.
    address
        Where to, for reading.
    kit
        The grader's kit, without which nothing is judged there.
    """

    def __init__(self, client: "Client", address: str, kit: str) -> None:
        self._client = client
        self._kit = kit
        self._address = address
        self._there = client.get_executor(pure=False)
        self._running: dict[Future[Any], Future[Any]] = {}
        self._ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have one call done by some worker."""
        here: Future[Any] = Future()
        there = self._there.submit(judged_there, self._kit, call, *args, **kwargs)
        self._running[here] = there
        there.add_done_callback(functools.partial(self._arrived, here))
        return here

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as it is called
        """End it; what is under way is waited for, or else cancelled."""
        self._there.shutdown(wait=wait and not cancel_futures)
        self._ended.set()

    def _arrived(self, here: Future[Any], there: Future[Any]) -> None:
        self._running.pop(here, None)
        try:
            result = there.result()
        except CancelledError:
            self._answer(here, ClusterError(f"the scheduler at {self._address} was lost; {AGAIN}"))
        except Exception as error:  # noqa: BLE001 - whatever was raised there is told here
            self._answer(here, _told(error))
        else:
            with contextlib.suppress(InvalidStateError):
                here.set_result(result)

    def _answer(self, here: Future[Any], error: Exception) -> None:
        with contextlib.suppress(InvalidStateError):  # it has been given up in the meantime
            here.set_exception(error)

    def _watch(self) -> None:
        """Give up where no worker is left and none comes."""
        alone_since = None
        while not self._ended.wait(LOOK_SECONDS):
            try:
                workers = self._client.nthreads()
            except Exception as error:  # noqa: BLE001 - a client that is lost raises what it likes
                self._give_up(f"the scheduler at {self._address} was lost ({error}); {AGAIN}")
                return
            if workers:
                alone_since = None
                continue
            alone_since = alone_since or time.monotonic()
            if time.monotonic() - alone_since >= PATIENCE_SECONDS:
                self._give_up(
                    f"no worker was left at {self._address} for {PATIENCE_SECONDS:g} s; {AGAIN}"
                )
                return

    def _give_up(self, why: str) -> None:
        for here in list(self._running):
            self._answer(here, ClusterError(why))


def judged_there(kit: str, call: "Callable[[Task], Verdict]", task: "Task") -> "Verdict":
    """Judge a submission on a worker, if it may; one at a time, however many threads it has."""
    reason = refusal(kit, task.asked.level, task.asked.topics_from)
    if reason:
        raise ClusterError(f"the worker on {socket.gethostname()} refuses: {reason}")
    with _ONE_AT_A_TIME:
        return call(task)


def refusal(kit: str, level: Level, folders: tuple[str, ...]) -> str:
    """Return why this process will judge nothing; empty if it will."""
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    from grader.classroom.run import kit_text  # noqa: PLC0415 - which grades over this

    own = kit_text(tuple(Path(folder) for folder in folders))
    if own != kit:
        return f"its kit is {own}, the grader's is {kit}; install the same and restart it"
    try:
        _try(level)
    except IsolationUnavailableError as error:
        return str(error)
    return ""


@functools.cache
def _try(level: Level) -> None:
    launcher(level).close()


def _connected(address: str) -> "Client":
    try:
        import dask  # noqa: PLC0415 - an extra
        from distributed import Client  # noqa: PLC0415
    except ImportError as error:
        raise ClusterError(MISSING) from error
    dask.config.set({"distributed.admin.large-graph-warning-threshold": LARGE})
    try:
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise ClusterError(f"no Dask scheduler answers at {address} ({error})") from error


def _told(error: Exception) -> Exception:
    """Return an error of a worker's in our words."""
    from distributed import KilledWorker  # noqa: PLC0415 - an extra, connected already

    if isinstance(error, KilledWorker):
        return WorkersLostError("each worker that judged this submission was lost")
    return error
