"""The judge in the place of `Execute`: no kernel, no points for what a notebook says of itself."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode, v4
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from traitlets import Enum, Float, Int, List, Unicode, Union

from grader.classroom import judging
from grader.classroom.assignment import ALL, DECLARED, GIVE_UP_AFTER, NOTHING
from grader.classroom.feedback import KeptBack, shown
from grader.classroom.judging import Asked, Task, Verdict
from grader.classroom.nbgrader.cells import (
    Known,
    code_of,
    files_of,
    restored,
    tests_of,
)
from grader.classroom.nbgrader.names import MARK
from grader.classroom.nbgrader.reading import key_of, notes_of
from grader.classroom.pages import page
from grader.report import LARGEST_SEED
from grader.student.limits import MIB, Level, Limits
from grader.version import __version__

BY_HAND = (
    "This test is none of learnkit's, and was not run: whoever teaches the course gives its points."
)
LEAST_MEMORY = 64


class Judge(NbGraderPreprocessor):
    """Judges the exercises of a notebook behind walls, and writes what nbgrader reads.

    Each test cell of ours gets one output: a number, which nbgrader takes for the score, with the
    report beside it. Autograded tests that are not ours are left to whoever teaches the course.
    Everything else is nbgrader's affair.
    """

    level = Enum(
        [each.value for each in Level],
        Level.STRICT.value,
        help="Behind which walls submissions run; never behind lower ones.",
    ).tag(config=True)
    seconds = Float(
        Limits().seconds,
        min=0.05,
        max=3600.0,
        help="How long loading a notebook's code, and each call, may take.",
    ).tag(config=True)
    memory_mib = Int(
        Limits().memory_bytes // MIB, min=LEAST_MEMORY, help="How much memory a submission may use."
    ).tag(config=True)
    give_up_after = Int(
        GIVE_UP_AFTER,
        min=1,
        help="After so many exercises in a row that time out the rest is not tried.",
    ).tag(config=True)
    hidden = Union(
        [Enum([DECLARED, ALL, NOTHING]), List(Unicode())],
        default_value=DECLARED,
        help="Of which cases feedback says no more than whether they passed: those declared as "
        "hidden, all, nothing, or those declared and all cases of the exercises listed.",
    ).tag(config=True)
    topics_from = List(Unicode(), help="Folders with more topics.").tag(config=True)
    seed = Int(
        None,
        allow_none=True,
        min=0,
        max=LARGEST_SEED,
        help="Decides the random cases; None for a fresh one in every run, from the system.",
    ).tag(config=True)

    @property
    def limits(self) -> Limits:
        """Return what a submission may use."""
        return Limits(seconds=self.seconds, memory_bytes=self.memory_mib * MIB)

    @property
    def kept_back(self) -> KeptBack:
        """Return what feedback leaves out."""
        folders = tuple(self.topics_from)
        if isinstance(self.hidden, str):
            return KeptBack(self.hidden, topics_from=folders)
        return KeptBack(DECLARED, frozenset(self.hidden), folders)

    def prepare(self) -> None:
        """Start what judges; it stays for as long as this process.

        Raises
        ------
        IsolationUnavailableError
            If the level cannot be had here.
        """
        judging.ready(Level(self.level))

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Judge a notebook."""
        student, _, notebook = key = key_of(resources)
        notes = notes_of(self.parent)
        known = notes.known(resources)
        problems = [*notes.problems.get(key, ()), *restored(nb, known)]
        seed = notes.seed if self.seed is None else self.seed
        verdict = self._verdict(nb, known, student, notebook, seed)
        problems += verdict.problems
        rows = {row.exercise: row for row in verdict.rows}
        by_hand = []
        for cell in nb.cells:
            of_database = known.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
            if of_database is None or not of_database.is_test:
                continue
            row = rows.get(of_database.exercise or "")
            if row is None:
                by_hand.append(of_database.name)
                cell.outputs = [_output(0.0, page("cell.html.j2", problems=[BY_HAND], exercise={}))]
                continue
            told = shown({**dataclasses.asdict(row), "seed": seed}, self.kept_back)
            report = page("cell.html.j2", problems=problems, exercise=told)
            problems = []  # said once
            cell.outputs = [_output(of_database.score(row.score), report)]
            cell.metadata[MARK] = NotebookNode(
                exercise=row.exercise,
                status=row.status,
                seed=seed,
                level=verdict.isolation,
                kit=__version__,
            )
        resources[MARK] = {"by_hand": by_hand}
        return nb, resources

    def _verdict(
        self, nb: NotebookNode, known: Mapping[str, Known], student: str, notebook: str, seed: int
    ) -> Verdict:
        folders = tuple(self.topics_from)
        tests = tests_of(known.values(), judging.catalogue_within(folders))
        if not tests:
            return Verdict(student, ())
        code = code_of(nb, known)
        topics = dict.fromkeys(exercise.topic.name for exercise in tests)
        files, refused = files_of(
            dict.fromkeys(topics, code), dict.fromkeys(topics, f"{notebook}.ipynb")
        )
        asked = Asked(
            tuple(exercise.id for exercise in tests),
            {exercise.id: cell.points for exercise, cell in tests.items()},
            Level(self.level),
            self.limits,
            self.give_up_after,
            folders,
        )
        verdict = judging.judged(Task(student, files, refused, "", asked, seed))
        if verdict.grader_failed:
            raise RuntimeError(f"the grader failed on {student}'s {notebook}; run it again")
        return verdict


class Save(SaveAutoGrades):
    """Saves the scores as nbgrader does; a test that was not run waits for whoever teaches."""

    def _add_score(self, cell: NotebookNode, resources: Any) -> None:
        super()._add_score(cell, resources)
        name = cell.metadata["nbgrader"]["grade_id"]
        if name in resources.get(MARK, {}).get("by_hand", ()):
            grade = self.gradebook.find_grade(
                name, self.notebook_id, self.assignment_id, self.student_id
            )
            grade.auto_score, grade.needs_manual_grade = None, True
            self.gradebook.db.commit()


def _output(score: float, report: str) -> NotebookNode:
    return v4.new_output("execute_result", data={"text/plain": repr(score), "text/html": report})
