"""What a learner reads when code gave no result."""

import pytest

from grader.checks.faults import fault_finding
from grader.report import Status
from grader.student.inside import CUT_OFF
from grader.student.limits import Limits
from grader.student.session import Fault, Step


def finding(fault):
    return fault_finding(fault, "layers.affine", Limits())


@pytest.mark.usefixtures("only_linux")
@pytest.mark.parametrize(
    "body", ["os.closerange(3, 1000)", "os.kill(os.getpid(), 9)"], ids=["closes", "kills"]
)
def test_a_process_that_is_lost_is_told_with_both_reasons(opened, body):
    session = opened(f"import os\ndef f(): {body}")
    (outcome,) = session.run("submission", [Step("f")])
    told = finding(outcome.fault)
    assert told.status is Status.ERROR
    assert "killed" in told.message
    assert "closed" in told.message
    assert "os.close" in told.suggestion


def test_a_process_that_found_its_pipes_closed_is_told_as_one_that_was_killed():
    cut_off, killed = (finding(Fault("died", exit_code=code)) for code in (CUT_OFF, -9))
    assert cut_off == killed


def test_a_stub_that_is_called_while_loading_is_told_with_the_line():
    fault = Fault("raised", "NotImplementedError", "layers.relu", ("NotImplementedError",))
    within = Fault(**{**fault._asdict(), "file": "a.py", "line": 7, "code": "y = relu(1)"})
    loading = Fault(**{**within._asdict(), "function": "<module>"})
    assert (
        finding(fault).message == finding(within).message == "It needs layers.relu, still a stub."
    )
    told = finding(loading)
    assert told.status is Status.UNSOLVED
    assert told.message == "It needs layers.relu, still a stub, in a.py line 7: y = relu(1)"
    assert "learnkit check layers.relu" in told.suggestion
