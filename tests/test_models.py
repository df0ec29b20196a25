"""Model answers as text: functions found, stubs cut, changes made."""

import ast

import pytest

from grader.catalogue import DeclarationError, Mistake
from grader.models import ModelAnswers, ModelError, functions_of

TEXT = '''"""About loops."""

import numpy as np

SCALE = 2.0


def double(x, times=1):
    """Double it.

    It is said here.
    """
    # Twice as much.
    return SCALE * x * times


def _half(x):
    return x / SCALE


@np.vectorize
def both(
    x,
    /,
    y,
):
    """Do both."""
    z = double(x)
    return z + _half(y)
'''
ANSWERS = ModelAnswers("loops", TEXT)
STUBS = ANSWERS.stubs()


def test_functions_are_found_in_order():
    assert list(ANSWERS.functions) == ["double", "_half", "both"]


def test_parameters_are_told_with_their_defaults():
    parameters = ANSWERS.function("double").parameters
    assert [(p.name, p.has_default) for p in parameters] == [("x", False), ("times", True)]
    assert [p.name for p in ANSWERS.function("both").parameters] == ["x", "y"]


def test_a_decorator_belongs_to_its_function():
    assert TEXT.splitlines()[ANSWERS.function("both").start] == "@np.vectorize"


def test_a_missing_function_is_named():
    with pytest.raises(ModelError, match=r"solutions/loops\.py has no function triple"):
        ANSWERS.function("triple")


def test_a_text_that_is_not_python_is_told_with_its_line():
    with pytest.raises(ModelError, match=r"loops: line 2: "):
        functions_of("x = 1\ndef (:\n", "loops")


def test_a_text_with_a_null_byte_is_a_sentence():
    with pytest.raises(ModelError, match="null byte"):
        functions_of("x = 1\0\n", "loops")


@pytest.mark.parametrize("name", ["double", "_half", "both"])
def test_a_stub_is_one_line_that_names_its_exercise(name):
    function = next(
        node
        for node in ast.parse(STUBS).body
        if isinstance(node, ast.FunctionDef) and node.name == name
    )
    body = function.body[1:] if ast.get_docstring(function) else function.body
    assert [ast.unparse(node) for node in body] == [f"raise NotImplementedError('loops.{name}')"]


def test_a_stub_file_keeps_docstrings_signatures_imports_and_constants():
    for kept in (
        "It is said here.",
        '"""Do both."""',
        "import numpy as np",
        "SCALE = 2.0",
        "    /,",
    ):
        assert kept in STUBS


def test_a_stub_file_tells_nothing_of_the_answers():
    for gone in ("Twice as much", "SCALE * x", "z + _half", "x / SCALE"):
        assert gone not in STUBS


def test_cutting_stubs_again_changes_nothing():
    assert ModelAnswers("loops", STUBS).stubs() == STUBS


def test_a_stub_file_ends_as_its_source_does():
    assert ModelAnswers("loops", TEXT.rstrip("\n")).stubs().rstrip("\n") == STUBS.rstrip("\n")


def test_a_change_is_made_in_one_function_alone():
    changed = ANSWERS.changed("double", [("SCALE * x", "SCALE + x")])
    assert changed == TEXT.replace("SCALE * x", "SCALE + x")


def test_changes_are_made_one_after_the_other():
    changed = ANSWERS.changed("double", [("SCALE", "3"), ("3 * x", "x")])
    assert "return x * times" in changed


@pytest.mark.parametrize(
    ("old", "times"),
    [
        ("nowhere", 0),
        ("It is said here.", 0),  # the docstring is no part of the body
        ("x / SCALE", 0),  # nor is another function
        ("e", 3),
    ],
)
def test_a_change_must_apply_exactly_once(old, times):
    with pytest.raises(ModelError, match=rf"stands {times} times in the body of double"):
        ANSWERS.changed("double", [(old, "y")])


def test_a_new_body_keeps_the_docstring_and_the_other_functions():
    changed = ANSWERS.with_body("double", "y = x\n\nreturn y")
    assert '"""\n    y = x\n\n    return y\n\n\ndef _half(x):' in changed
    assert changed.replace("    y = x\n\n    return y\n", "") == TEXT.replace(
        "    # Twice as much.\n    return SCALE * x * times\n", ""
    )


def test_a_function_on_one_line_keeps_its_name():
    """Its body begins on the line of its signature."""
    stubs = ModelAnswers("loops", "def double(x): return 2 * x\n").stubs()
    assert list(functions_of(stubs, "loops")) == ["double"]


@pytest.mark.parametrize("separator", ["\f", "\x0b", "\x1c", "\x85", "\u2028"])
def test_only_newlines_end_lines(separator):
    """Python counts lines by newlines; `str.splitlines` knows eight more ends of a line."""
    text = TEXT.replace("SCALE = 2.0\n", f'SCALE = 2.0\nNOTE = "{separator}"\n')
    if separator == "\f":
        text = TEXT.replace("SCALE = 2.0\n", "SCALE = 2.0\n\f\n")
    changed = ModelAnswers("loops", text).changed("double", [("SCALE * x", "SCALE + x")])
    assert changed == text.replace("SCALE * x", "SCALE + x")


def test_answers_run():
    assert ANSWERS.run(TEXT.replace("@np.vectorize\n", ""))["both"](1.0, 4.0) == 4.0


def test_the_answer_shown_runs_without_its_docstring(toy):
    """A signature may take several lines."""
    topic = toy(TEXT)
    topic.exercise(
        "both", points=1, returns=("z",), cases=[object()], checks=(), hints=(), mistakes=()
    )
    shown = topic.exercises["both"].answer()
    assert "Do both" not in shown
    function = ast.parse(shown).body[0]
    assert function.name == "both"
    assert len(function.decorator_list) == 1
    assert ast.unparse(function.args) == "x, /, y"


@pytest.mark.parametrize("given", [{}, {"changes": (("a", "b"),), "body": "pass"}])
def test_a_mistake_is_either_changes_or_a_body(given):
    with pytest.raises(DeclarationError, match="mistake summed: give either changes or a body"):
        Mistake("summed", "It is summed.", *given.get("changes", ()), body=given.get("body", ""))


@pytest.mark.parametrize(
    "mistake",
    [
        Mistake("half", "It is halved.", ("SCALE * x", "x / SCALE")),
        Mistake("half", "It is halved.", body="return x / SCALE * times\n"),
    ],
    ids=["changes", "body"],
)
def test_a_mistake_is_an_executable_wrong_answer(mistake):
    text = mistake.text(ANSWERS, "double").replace("@np.vectorize\n", "")
    assert ANSWERS.run(text)["double"](6.0) == 3.0
