"""Exercises as tests: in a learnkit workspace `pytest` collects one item for each of them.

Loaded by every pytest on this machine, so nothing is imported here but pytest itself, and nothing
is done outside a workspace.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.catalogue import Catalogue, Exercise, Topic
    from grader.report import ExerciseResult, Report
    from grader.student.launch import Launcher
    from grader.student.submission import Submission

MARK = ".learnkit"  # the folder that makes a workspace
SEED = 0  # that of `learnkit check`: the same cases, the same words


class Bench:
    """What all items of one run share: the topics, and a warm server once something is judged."""

    def __init__(self) -> None:
        self._catalogue: Catalogue | None = None
        self._launcher: Launcher | None = None
        self._results: dict[Path, list[ExerciseResult]] = {}

    def topic(self, path: Path) -> "Topic | None":
        """Return the topic that a file of a workspace is about, None for any other file."""
        if path.suffix != ".py" or not (path.parent / MARK).is_dir():
            return None
        if self._catalogue is None:
            from grader.catalogue import Catalogue  # noqa: PLC0415 - there is a workspace

            self._catalogue = Catalogue()
        names = [topic.name for topic in self._catalogue.topics()]
        return self._catalogue.topic(path.stem) if path.stem in names else None

    def judge(self, exercise: "Exercise", submission: "Submission", root: Path) -> "Report":
        """Judge an exercise, and keep what was found for the workspace's progress."""
        from grader.engine import grade  # noqa: PLC0415
        from grader.student.launch import launcher  # noqa: PLC0415
        from grader.student.limits import Limits  # noqa: PLC0415

        self._launcher = self._launcher or launcher()
        report = grade([exercise], submission, self._launcher, Limits(), seed=SEED)
        self._results.setdefault(root, []).extend(report.exercises)
        return report

    def close(self, config: pytest.Config) -> None:
        """End the server; note in each workspace what has passed, as `learnkit check` does."""
        launcher, self._launcher = self._launcher, None
        if not launcher:
            return
        launcher.close()
        from grader.report import Report  # noqa: PLC0415
        from grader.workspace import Workspace, WorkspaceError  # noqa: PLC0415

        for root, results in self._results.items():
            try:
                Workspace(root).remember(Report(SEED, launcher.level, tuple(results)))
            except WorkspaceError as error:
                message = f"learnkit: progress was not kept: {error}"
                config.issue_config_time_warning(pytest.PytestWarning(message), stacklevel=2)


BENCH = pytest.StashKey[Bench]()


def pytest_configure(config: pytest.Config) -> None:
    """Make room for what this run will share."""
    config.stash[BENCH] = Bench()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End what was started."""
    session.config.stash[BENCH].close(session.config)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "TopicFile | None":
    """Collect the exercises of a topic's file that was found in a workspace."""
    if parent.session.isinitpath(file_path):
        return None  # asked for by name: pytest would import it, see below
    return TopicFile.of(file_path, parent)


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> Any:
    """Stand in for the module that pytest would import: a learner's code runs elsewhere."""
    return TopicFile.of(module_path, parent)


class TopicFile(pytest.File):
    """One file of a workspace; its exercises are the items."""

    topic: "Topic"

    @classmethod
    def of(cls, path: Path, parent: pytest.Collector) -> "TopicFile | None":
        """Return the collector of a file, None if it is none of a workspace's topics."""
        topic = parent.config.stash[BENCH].topic(path)
        if topic is None:
            return None
        file: TopicFile = cls.from_parent(parent, path=path)
        file.topic = topic
        return file

    def collect(self) -> "Iterator[ExerciseItem]":
        """Yield the topic's exercises in the order of the curriculum."""
        from grader.student.submission import from_folder  # noqa: PLC0415

        submission = from_folder(self.path.parent, [self.topic.name])
        for exercise in self.topic.exercises.values():
            item: ExerciseItem = ExerciseItem.from_parent(self, name=exercise.name)
            item.exercise, item.submission = exercise, submission
            item.extra_keyword_matches.add(exercise.id)
            yield item


class NotPassedError(Exception):
    """An exercise that is not passed; its report says why."""


class ExerciseItem(pytest.Item):
    """One exercise."""

    exercise: "Exercise"
    submission: "Submission"

    def runtest(self) -> None:
        """Judge the exercise: a stub is skipped, whatever else is not passed has failed."""
        from grader.render.text import text  # noqa: PLC0415
        from grader.report import Status  # noqa: PLC0415

        report = self.config.stash[BENCH].judge(self.exercise, self.submission, self.path.parent)
        (result,) = report.exercises
        if result.status is Status.UNSOLVED and result.decisive:
            raise pytest.skip.Exception(result.decisive.message, _use_item_location=True)
        if result.status is not Status.PASSED:
            raise NotPassedError(text(report))
        advice = dict.fromkeys(check.advice for check in result.checks if check.advice)
        if advice:
            self.add_report_section("call", "advice", "\n".join(advice))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any) -> Any:
        """Return the report as the console shows it; there is nothing of ours to be traced."""
        if isinstance(excinfo.value, NotPassedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *args)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the function stands, for an editor to go there."""
        from grader.models import ModelError, functions_of  # noqa: PLC0415

        line = None
        source = self.submission.modules.get(self.exercise.topic.name)
        try:
            found = functions_of(source.units[0][1], self.path.name) if source else {}
            line = found[self.exercise.name].start
        except (ModelError, KeyError):
            line = None  # it cannot be read, or is not there: the report says so
        return self.path, line, self.exercise.id
