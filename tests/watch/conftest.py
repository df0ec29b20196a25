"""A workspace, and terminals that watch it."""

import os

import pytest
from desk import Desk

if os.name != "posix":
    collect_ignore = ["test_screen.py", "test_paper.py"]  # there is no pseudo-terminal


@pytest.fixture
def desk(tmp_path, built_in):
    return Desk(tmp_path / "home", built_in.topics())


@pytest.fixture
def terminal(desk):
    """Start a command in a terminal on the desk; whatever happens, it is ended."""
    from pseudo_terminal import Terminal

    opened = []

    def start(*args, **kwargs):
        opened.append(Terminal(desk.root, *args, **kwargs))
        return opened[-1]

    yield start
    for each in opened:
        each.close()
