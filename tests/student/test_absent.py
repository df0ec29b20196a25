"""A submission that asks for what is not here: the rest of it is run and judged."""

import numpy as np
import pytest

from grader.student.inside.absent import Absent, run


def ran(text):
    namespace, told = {"__name__": "mine", "__package__": ""}, []
    run(text, "mine.py", namespace, lambda error: told.append(str(error)))
    return namespace, told


def without(name):
    return f"No module named '{name}'"


@pytest.mark.parametrize(
    "line",
    [
        "import not_there.pictures as plt",
        "import not_there.pictures as plt, math",
        "from not_there import pictures as plt; y = 2",
        "if True:\n    import not_there.pictures as plt",
        "with open('not_there.csv') as file:\n    plt = file.read()",
        "from .not_there import plt",
        "plt = open('not_there.csv').read()",
        "plt = int(open('not_there.csv').read()) + 1",
        "(plt, (other, *more)) = open('not_there.csv')",
        "for plt in open('not_there.csv'):\n    print(plt)",
    ],
)
def test_what_needs_something_that_is_not_here_is_left_out(line):
    namespace, told = ran(f"x = 1\n{line}\nz = 3\ndef f():\n    return plt.draw()\n")
    assert (namespace["x"], namespace["z"]) == (1, 3)
    assert ("math" in namespace, namespace.get("y")) == (
        "math" in line,
        2 if "y = 2" in line else None,
    )
    assert len(told) == 1
    with pytest.raises((ImportError, OSError, NameError)) as raised:
        namespace["f"]()
    assert raised.type is NameError or str(raised.value) == told[0]


USES = """
plt.rc["figure.size"] = 3
plt.style = 1
figure, axes = plt.subplots(2)
axes.plot([1])
for axis in axes:
    axis.grid()
[axis.grid() for axis in axes]
if plt:
    on = 1
while plt.more > 3:
    pass
with plt.style.context("x"):
    styled = 1
print(1 + plt, 1 - plt, plt / 2, plt @ plt, -plt, len(plt), float(plt), 1 in plt)
assert plt == 3
print("%d" % plt.size, f"{plt:.2f}")
import numpy as np
np.asarray(plt) + 1
class Net(plt.Module):
    pass
"""


def test_what_is_made_of_it_is_left_out_too():
    namespace, told = ran(f"import not_there as plt\n{USES}\nend = 1\n")
    assert set(told) == {without("not_there")}
    assert namespace["end"] == 1
    left = {name for name, value in namespace.items() if type(value) is Absent}
    assert left == {"plt", "figure", "axes", "axis", "on", "styled", "Net"}


def test_a_function_that_only_speaks_of_it_works():
    namespace, told = ran(
        "import not_there, numpy as np\n"
        "from typing import Optional\n"
        "def f(x: not_there.Array | np.ndarray, y: Optional[not_there.Box['a', 3]] = None,\n"
        "      *, kind=not_there.float32) -> not_there.Array:\n"
        "    if isinstance(x, (not_there.Array, not_there.Box)):\n"
        "        return x.data\n"
        "    return x + 1\n"
    )
    assert told == [without("not_there")]
    assert namespace["f"](np.ones(2)).tolist() == [2, 2]


def test_a_decorator_that_is_not_here_is_taken_off_and_others_stay():
    namespace, told = ran(
        "from not_there import jit, box\n"
        "def doubled(f):\n    return lambda x: 2 * f(x)\n"
        "@jit\n@doubled\n@box.no_grad(3)\ndef f(x):\n    return x + 1\n"
        "@jit(cache=True)\nclass C:\n    def g(self):\n        return 7\n"
    )
    assert told == [without("not_there")]
    assert (namespace["f"](1), namespace["C"]().g()) == (4, 7)


def test_what_python_does_by_itself_stays_as_it_is():
    namespace, told = ran(
        "from __future__ import annotations\n"
        "try:\n    from not_there import jit\n"
        "except ImportError:\n    jit = lambda f: f\n"
        "import not_there\n"
        "@jit\ndef f(x: not_a_name) -> 3:\n    return x\n"
    )
    assert (namespace["f"](3), len(told)) == (3, 1)
    assert namespace["f"].__annotations__ == {"x": "not_a_name", "return": "3"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("import not_there\n1 / 0\n", ZeroDivisionError),
        ("import not_there as gone\nx = gone\n1 / 0 + len('gone')\n", ZeroDivisionError),
        ("import not_there\nprint(nothing)\n", NameError),
        ("from math import not_there\n", ImportError),
        ("import not_there\nassert False\n", AssertionError),
        ("import not_there\nraise SystemExit\n", SystemExit),
        ("x = (\n", SyntaxError),
    ],
)
def test_whatever_else_is_raised_is_raised(text, kind):
    with pytest.raises(kind):
        ran(text)


def test_a_name_that_has_a_value_keeps_it():
    namespace, _ = ran("data = 5\ndata = open('not_there.csv').read()\n")
    assert namespace["data"] == 5


def test_lines_stay_where_they_are():
    with pytest.raises(ZeroDivisionError) as raised:
        ran("import not_there\n\nimport also_not, math; x = 1\n\n1 / 0\n")
    assert raised.traceback[-1].lineno == 4
