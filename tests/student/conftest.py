"""Sessions over every launcher that this system has."""

import contextlib
import os
import sys

import pytest

from grader.student.launch import ForkServer, PlainLauncher, launcher
from grader.student.limits import Limits
from grader.student.session import Session
from grader.student.submission import Submission, from_text

FORKS = pytest.param(
    ForkServer,
    id="fork-server",
    marks=pytest.mark.skipif(sys.platform != "linux", reason="the fork server is Linux's"),
)
PLAIN = pytest.param(PlainLauncher, id="plain")


@pytest.fixture(scope="session", params=[FORKS, PLAIN])
def kind(request):
    """Return a class of launchers."""
    return request.param


@pytest.fixture(scope="session")
def start(kind):
    """Return a launcher that serves many tests, one session at a time."""
    with contextlib.closing(kind()) as shared:
        yield shared


@pytest.fixture
def fresh(kind):
    """Return a launcher that a test may harm."""
    with contextlib.closing(kind()) as own:
        yield own


@pytest.fixture(scope="session")
def usual_start():
    """Return the launcher that this system would use."""
    with contextlib.closing(launcher()) as shared:
        yield shared


@contextlib.contextmanager
def opening(start):
    """Open sessions with a program's text, or with a whole submission."""
    with contextlib.ExitStack() as stack:

        def open_session(program, **limits):
            submission = program if isinstance(program, Submission) else from_text(program)
            session = Session(submission, start, Limits(**{"seconds": 30.0, **limits}))
            return stack.enter_context(session)

        yield open_session


@pytest.fixture
def opened(start):
    """Open sessions, in a test that runs over each launcher."""
    with opening(start) as open_session:
        yield open_session


@pytest.fixture
def opened_here(usual_start):
    """Open sessions where nothing depends on the launcher."""
    with opening(usual_start) as open_session:
        yield open_session


@pytest.fixture
def only_posix():
    if os.name != "posix":
        pytest.skip("signals and descriptors of a POSIX system")


@pytest.fixture
def only_linux():
    if sys.platform != "linux":
        pytest.skip("looks into /proc")


@pytest.fixture
def only_fork_server(kind):
    if kind is not ForkServer:
        pytest.skip("only the fork server finds what left its group")
