"""What one submission's files become before it is judged: modules, within bounds."""

import json
import time

import pytest

from grader.classroom.judging import (
    PATIENCE,
    TRIES,
    Asked,
    PatientSession,
    Task,
    report_of,
    submission_of,
)
from grader.classroom.similarity import LARGEST_TEXT, MOST_MARKS, marks_of
from grader.report import Status
from grader.student import submission as reading
from grader.student.launch import Launcher
from grader.student.limits import Level, Limits
from grader.student.submission import PARSED_LIMIT, Source, Submission

RIGHT = "def mse_loss(a, b):\n    return 1, 2\n"


@pytest.fixture(scope="module")
def exercises(built_in):
    return built_in.find(["losses"])


def read(exercises, **files):
    data = {name.replace("_dot_", "."): text.encode() for name, text in files.items()}
    return submission_of(data, {}, exercises)


def notebook(*cells, kind="code"):
    return json.dumps({"cells": [{"cell_type": kind, "source": cell} for cell in cells]})


@pytest.fixture
def parsed(monkeypatch):
    texts = []
    found = reading._syntax_error
    monkeypatch.setattr(reading, "_syntax_error", lambda text: texts.append(text) or found(text))
    return texts


def test_all_notebooks_of_a_submission_are_read_within_one_bound(exercises, parsed):
    cell = "x = 1\n" * (PARSED_LIMIT // 24)
    files = {f"f{i}_dot_ipynb": notebook(cell, cell) for i in range(5)}
    assert len(read(exercises, **files).modules) == 5
    assert PARSED_LIMIT / 2 < sum(map(len, parsed)) <= PARSED_LIMIT


@pytest.mark.parametrize("size", [PARSED_LIMIT, PARSED_LIMIT - 99])
def test_a_cell_too_long_to_be_read_costs_the_others_nothing(exercises, size):
    found = read(
        exercises, a_dot_ipynb=notebook("#" * size), losses_dot_ipynb=notebook("%x\n" + RIGHT)
    )
    ((_, cell),) = found.modules["losses"].units
    assert cell == f"pass\n{RIGHT}"


def test_what_stands_between_the_cells_of_code_costs_nothing(exercises, parsed):
    picture = notebook("![](data:image/png;base64," + "A" * 2**20 + ")\n!\n" * 50, kind="markdown")
    cells = json.loads(picture)["cells"] + json.loads(notebook(RIGHT))["cells"]
    found = read(exercises, losses_dot_ipynb=json.dumps({"cells": cells}))
    assert found.unreadable == {}
    assert parsed == [RIGHT]


def test_the_file_with_most_of_a_topics_functions_is_its_own(exercises):
    found = read(
        exercises, a_dot_py="def softmax(x): pass\n", b_dot_py=RIGHT + "class softmax: pass"
    )
    assert found.renamed == {"losses": "b"}


def test_a_file_may_be_called_main(exercises):
    found = read(exercises, __main___dot_py=RIGHT)
    assert "__main__" not in found.modules
    assert found.renamed["losses"] in found.modules


@pytest.mark.parametrize("other", ["losses_dot_PY", "losses_dot_IPYNB"])
def test_two_files_of_one_name_are_unclear(exercises, other):
    text = notebook(RIGHT) if "IPYNB" in other else RIGHT
    found = read(exercises, losses_dot_py=RIGHT, **{other: text})
    assert found.modules == {}
    assert "unclear which one counts: losses.py or losses." in found.unreadable["losses"]


@pytest.mark.parametrize("sizes", [[LARGEST_TEXT], [LARGEST_TEXT - 9], [LARGEST_TEXT // 40] * 60])
def test_files_beside_a_copy_do_not_hide_it(exercises, sizes):
    text = "".join(f"def f{i}(x, y):\n    return x[{i}] @ y + {i} * x.sum()\n" for i in range(9))
    junk = {f"a{i}": Source(f"a{i}.py", (("", "#" * size),)) for i, size in enumerate(sizes)}
    copy = {"losses": Source("losses.py", (("", text),))}
    alone = marks_of(Submission(copy), exercises)
    assert alone
    assert marks_of(Submission({**junk, **copy}), exercises) == alone


def test_marks_are_bounded_for_a_whole_submission(exercises, monkeypatch):
    marks_of(Submission(), exercises)  # those of the stubs are kept
    seen = []
    monkeypatch.setattr(
        "grader.classroom.similarity.tokens",
        lambda text: seen.append(text) or [hash((text[:9], i)) % 1000 for i in range(200_000)],
    )
    texts = [str(i) * (LARGEST_TEXT // 3) for i in range(5)]
    modules = {f"m{i}": Source(f"m{i}.py", (("", text),)) for i, text in enumerate(texts)}
    found = marks_of(Submission(modules), exercises)
    assert seen[:3] == texts[:3]
    assert not set(texts[3:]) & set(seen)
    assert len(found) == 8 * MOST_MARKS


def test_an_answer_is_not_waited_for_beyond_the_patience_for_all():
    session = PatientSession(Submission(), None, Limits(seconds=2))
    session._began = time.monotonic()
    assert session._deadline() > session._began + 1.9
    session._taken = PATIENCE * 2 - 0.25
    assert session._deadline() == session._began + 0.25


class Killing(Launcher):
    """Kills so many processes as soon as they have started, as the system may for want of memory."""

    def __init__(self, server, kills):
        self.level, self.server, self.kills, self.opened = server.level, server, kills, 0

    def open(self, limits):
        process = self.server.open(limits)
        self.opened += 1
        if self.opened <= self.kills:
            send, killed = process.channel.send, process.kill

            def sent(head, *more):
                send(head, *more)
                if "do" in head:
                    killed()

            process.channel.send = sent
        return process

    def close(self):
        pass


@pytest.mark.parametrize(("kills", "status"), [(0, "passed"), (1, "passed"), (99, "error")])
def test_a_process_that_is_killed_is_not_the_students_fault(server, kills, status):
    (name,) = ids = ("losses.mse_loss",)
    text = b"def mse_loss(p, t):\n    d = p - t\n    return (d**2).mean(), 2 * d / d.size\n"
    asked = Asked(ids, {name: 2.0}, Level.LAPTOP, Limits(), 5)
    start = Killing(server, kills)
    report, _ = report_of(Task("ann", {"losses.py": text}, {}, "", asked, 0), start)
    assert report.exercises[0].status == Status(status)
    assert start.opened <= TRIES * (1 + kills)
