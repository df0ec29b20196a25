"""Steps, caches, callbacks and modules: what a session does for a learner's code that is well."""

import contextlib
import textwrap

import numpy as np
import pytest

from grader.student.inside.calls import WARNINGS_LIMIT
from grader.student.limits import WORK_LIMIT
from grader.student.session import Step
from grader.student.submission import Source, Submission
from grader.student.wire import Callback, Generator, Given, Opaque, Reference


def notebook(*cells):
    units = tuple((f"cell {i}", text) for i, text in enumerate(cells, 1))
    return Submission({"notebook": Source("notebook.ipynb", units)}, "notebook")


def folder(**texts):
    modules = {n: Source(f"{n}.py", (("", textwrap.dedent(t)),)) for n, t in texts.items()}
    return Submission(modules)


@pytest.fixture
def program(opened_here):
    """Run steps in the program with the given text, and return their outcomes."""

    def run(text, *steps, callbacks=None, **limits):
        with contextlib.closing(opened_here(textwrap.dedent(text), **limits)) as session:
            return session.run("submission", steps, callbacks)

    return run


@pytest.fixture
def call(program):
    """Call `f` in the program with the given text, and return its one outcome."""

    def run(text, *args, **options):
        (outcome,) = program(text, Step("f", args), **options)
        return outcome

    return run


# Steps.


def test_a_result_comes_back_with_its_dtype_and_shape(call):
    outcome = call(
        "def f(x): return x[:2].astype('f4'), {'n': len(x)}, [None, 'a', 1j]", np.ones(3)
    )
    array, *rest = outcome.value
    assert outcome.fault is None
    assert (array.dtype, array.shape) == (np.float32, (2,))
    assert rest == [{"n": 3}, [None, "a", 1j]]


def test_arguments_are_passed_by_position_and_by_name(program):
    text = "def f(a, b, *, c): return [a, b, c]"
    (outcome,) = program(text, Step("f", (1,), {"c": (2, [3]), "b": {"x": 4}}))
    assert outcome.value == [1, {"x": 4}, (2, [3])]


def test_a_step_may_use_earlier_results_and_parts_of_them(program):
    outcomes = program(
        "def f(x): return {'sum': x.sum(), 'list': [x, x * 2]}\ndef g(*args): return sum(args)",
        Step("f", (np.ones(2),)),
        Step("g", (Reference(0, ("sum",)), 10)),
        Step("g", (Reference(0, ("list", 1)), Reference(1))),
        Step("g", ([Reference(1)][0], (Reference(1)))),
    )
    assert outcomes[1].value == 12
    assert outcomes[2].value.tolist() == [14, 14]
    assert outcomes[3].value == 24


def test_a_reference_within_a_container_is_resolved(program):
    text = "def f(x): return x\ndef g(x): return type(x).__name__, x"
    wrapped = [(Reference(0), [Reference(0)], {"k": Reference(0)})]
    outcomes = program(text, Step("f", (5,)), Step("g", tuple(wrapped)))
    assert outcomes[1].value == ("tuple", (5, [5], {"k": 5}))


CACHING = """
    class Cache:
        def __init__(self, x):
            self.x = x
    def forward(x):
        return x * x, Cache(x)
    def backward(dout, cache):
        return 2 * cache.x * dout
"""


def test_a_cache_that_cannot_travel_stays_and_is_used_over_there(program):
    forward, backward = program(
        CACHING, Step("forward", (3.0,)), Step("backward", (1.0, Reference(0, (1,))))
    )
    assert forward.value == (9.0, Opaque("an object of type Cache"))
    assert backward.value == 6.0


def test_two_caches_live_side_by_side(program):
    *_, first, second = program(
        CACHING,
        Step("forward", (3.0,)),
        Step("forward", (5.0,)),
        Step("backward", (1.0, Reference(0, (1,)))),
        Step("backward", (1.0, Reference(1, (1,)))),
    )
    assert (first.value, second.value) == (6.0, 10.0)


@pytest.mark.parametrize(
    ("send", "expected"),
    [
        (None, (1, 2, [3])),
        ((), (Opaque("int"), Opaque("int"), Opaque("list"))),
        ((0, 2), (1, Opaque("int"), [3])),
    ],
)
def test_only_the_wanted_parts_of_a_tuple_are_sent(program, send, expected):
    (outcome,) = program("def f(): return 1, 2, [3]", Step("f", send=send))
    assert outcome.value == expected


def test_a_part_that_is_not_wanted_is_never_too_large(program):
    text = "import numpy as np\ndef f(): return 1.0, np.ones(10**6)"
    (outcome,) = program(text, Step("f", send=(0,)), result_bytes=100)
    assert outcome.value == (1.0, Opaque("ndarray"))


def test_arguments_come_back_as_they_are_after_the_call(program):
    text = "def f(x, y): x += 1; y.append(2); return 0"
    (outcome,) = program(text, Step("f", (np.zeros(2), [1]), after=True))
    array, several = outcome.after
    assert array.tolist() == [1, 1]
    assert several == [1, 2]


def test_arguments_do_not_come_back_unasked(call):
    assert call("def f(x): return 0", np.zeros(2)).after == ()


def test_a_step_without_a_function_shows_an_earlier_result_as_it_is_by_now(program):
    text = """
        import numpy as np
        buffer = np.zeros(1)
        def f(x):
            buffer[:] = x
            return buffer
    """
    steps = [Step("f", (1.0,)), Step("f", (2.0,)), Step("", (Reference(0),))]
    assert [outcome.value[0] for outcome in program(text, *steps)] == [1, 2, 2]


def test_a_step_that_raises_leaves_the_others_their_results(program):
    text = "def f(x): return 1 / x"
    outcomes = program(text, Step("f", (0,)), Step("f", (2,)), Step("f", (Reference(0),)))
    assert outcomes[0].fault.type == "ZeroDivisionError"
    assert outcomes[1].value == 0.5
    assert outcomes[2].fault.kind == "unavailable"


@pytest.mark.parametrize("path", [(5,), ("key",), (0, 0), (0, "key", 1)])
def test_a_part_that_is_not_there_is_unavailable(program, path):
    outcomes = program(
        "def f(*x): return (1, 2)", Step("f"), Step("f", (Reference(0, path),)), Step("f")
    )
    assert outcomes[1].fault.kind == "unavailable"
    assert outcomes[2].value == (1, 2)


def test_no_steps_give_no_outcomes(program):
    assert program("def f(): pass") == []


def test_a_function_that_is_not_there_is_an_error_of_its_step(program):
    missing, there = program("def f(): return 1", Step("g"), Step("f"))
    assert (missing.fault.kind, missing.fault.type) == ("raised", "AttributeError")
    assert there.value == 1


# What the grader passes in.


def test_a_function_of_the_grader_is_called_with_what_it_was_given(program):
    seen = []

    def loss(*args, **kwargs):
        seen.append((args, kwargs))
        return args[0].sum(), {"more": [1]}

    (outcome,) = program(
        "def f(g, x):\n value, more = g(x, 2, name='text')\n return value + more['more'][0]",
        Step("f", (Callback("loss"), np.ones(3))),
        callbacks={"loss": loss},
    )
    assert outcome.value == 4
    (((array, number), kwargs),) = seen
    assert array.tolist() == [1, 1, 1]
    assert (number, kwargs) == (2, {"name": "text"})


REFUSING = """
    def caught(g):
        try:
            g(1)
        except Exception as error:
            return str(error)
    def uncaught(g):
        g(1)
"""


@pytest.mark.parametrize("error", [ValueError, TypeError])
def test_a_refusal_of_the_graders_function_reaches_the_learners_code(program, error):
    def refuse(_):
        raise error("not with 1")

    caught, uncaught = program(
        REFUSING,
        Step("caught", (Callback("g"),)),
        Step("uncaught", (Callback("g"),)),
        callbacks={"g": refuse},
    )
    assert "not with 1" in caught.value
    assert uncaught.fault.kind == "raised"
    assert "not with 1" in uncaught.fault.message
    assert uncaught.fault.function == "uncaught"


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "1, 2, 3",
        "object()",
        "x=lambda: 0",
        "nonsense=1",
        "'text'",
        "[[]]",
        "None",
        "g",
        "{1: 2}",
    ],
)
def test_nonsense_given_to_the_graders_function_is_refused_and_not_fatal(program, arguments):
    def double(x):
        return 2 * np.asarray(x, dtype=float)

    text = f"""
        def f(g):
            try:
                g({arguments})
            except Exception as error:
                pass
            return g(4)
    """
    (outcome,) = program(text, Step("f", (Callback("g"),)), callbacks={"g": double})
    assert outcome.value == 8


def test_the_graders_function_may_be_called_only_so_often(opened):
    session = opened("def f(g, n): return sum(g(i) for i in range(n))", callbacks=3)

    def run(n):
        step = Step("f", (Callback("g"), n))
        (outcome,) = session.run("submission", [step], {"g": lambda x: x})
        return outcome

    assert run(3).value == 3
    assert run(3).value == 3
    assert run(4).fault.kind == "runaway"
    assert run(3).value == 3


def test_a_generator_is_built_from_its_seed(program):
    text = "def f(rng): return rng.normal(size=3)"
    same = Step("f", (Generator(7),))
    first, again, other = program(text, same, same, Step("f", (Generator(8),)))
    assert first.value.tolist() == np.random.default_rng(7).normal(size=3).tolist()
    assert again.value.tolist() == first.value.tolist()
    assert other.value.tolist() != first.value.tolist()


def test_two_sessions_do_not_draw_the_same_unseeded_numbers(opened):
    drawn = []
    for _ in range(2):
        with contextlib.closing(
            opened("import numpy as np\ndef f(): return np.random.rand()")
        ) as one:
            drawn.append(one.run("submission", [Step("f")])[0].value)
    assert drawn[0] != drawn[1]


def test_within_substituting_calls_of_a_name_come_to_the_grader(opened):
    text = "def g(x): return x\ndef f(x): return g(x) + 1"
    session = opened(folder(main=text, other="from main import g\ndef f(x): return g(x) + 2"))

    def values():
        return [session.run(name, [Step("f", (5,))])[0].value for name in ("main", "other")]

    assert values() == [6, 7]
    with session.substituting({"g": lambda x: 100 * x}):
        assert values() == [501, 502]
    assert values() == [6, 7]


def test_substitutes_are_put_back_when_the_test_of_them_fails(opened_here):
    session = opened_here("def g(x): return x\ndef f(x): return g(x)")
    with contextlib.suppress(LookupError), session.substituting({"g": lambda _: 0}):
        raise LookupError
    assert session.run("submission", [Step("f", (5,))])[0].value == 5


# Work, warnings, prints.


def counted(program, text, *sizes):
    steps = [Step("f", (n,), count_work=True) for n in (sizes[0], *sizes)]
    return [outcome.work for outcome in program(text, *steps)][1:]


def test_work_is_the_same_in_every_run(program):
    text = "def f(n): return sum(i * i for i in range(n))"
    assert len(set(counted(program, text, 20, 20, 20))) == 1


def test_work_grows_with_a_loop_and_not_with_an_array(program):
    few, many = counted(program, "def f(n):\n for i in range(n): pass", 10, 50)
    assert many - few >= 40
    few, many = counted(program, "import numpy as np\ndef f(n): return np.ones(n).sum()", 10, 50)
    assert many == few


def test_work_is_counted_up_to_a_limit(program):
    text = "def f(n):\n for i in range(n): pass"
    assert counted(program, text, 10, 10**6) == [counted(program, text, 10)[0], WORK_LIMIT]


def test_work_is_not_counted_unasked(call):
    assert call("def f(): return [i for i in range(9)]").work == 0


def test_warnings_are_recorded_per_step(program):
    text = """
        import warnings
        import numpy as np
        def f(x):
            np.log(np.array(x))
            warnings.warn("mind " + "x" * 1000)
        def g(x):
            for i in range(100):
                warnings.warn(f"number {i}")
        def h(x):
            return x
    """
    first, many, none = program(text, Step("f", (0.0,)), Step("g", (0,)), Step("h", (0,)))
    assert "divide by zero" in first.warnings[0]
    assert first.warnings[1].startswith("mind xxx")
    assert len(first.warnings[1]) < 1000
    assert len(many.warnings) == WARNINGS_LIMIT
    assert none.warnings == ()


def test_a_coroutine_is_told_with_its_remedy_and_not_by_a_warning(opened):
    session = opened("async def f(): return 1")
    outcomes = session.run("submission", [Step("f"), Step("f", send=(0,))])
    for outcome in outcomes:
        assert "write `def`" in outcome.value.description
        assert outcome.warnings == ()
    session.run("submission", [])
    assert session.printed == ""


UNAWAITED = """
class Box: pass
async def later(): return 1
def at_once():
    later()
def kept():
    box = Box()
    box.later = later()
    return box
"""


def test_a_warning_tells_places_in_the_learners_files_alone(opened):
    session = opened(f"{UNAWAITED}\nimport warnings\nlater()\nwarnings.warn('mind', stacklevel=9)")
    (at_once, _) = session.run("submission", [Step("at_once"), Step("kept")])
    assert at_once.warnings == ("coroutine 'later' was never awaited",)
    loading, own, kept = session.printed.partition("UserWarning: mind\n")
    assert loading.startswith("submission.py:12: RuntimeWarning: coroutine 'later' was never")
    assert "later()" in loading
    assert own
    assert kept == "RuntimeWarning: coroutine 'later' was never awaited\n"


def test_a_warning_that_cannot_be_read_does_no_harm(opened_here):
    session = opened_here(
        textwrap.dedent("""
        import warnings
        class Odd(UserWarning):
            def __str__(self):
                raise RuntimeError
        def f():
            warnings.warn(Odd())
        def g():
            return 1
        """)
    )
    _, after = session.run("submission", [Step("f"), Step("g")])
    assert after.value == 1


def test_prints_are_kept_from_loading_and_from_calls(opened):
    session = opened(
        "import sys\nprint('loaded')\ndef f(x):\n print('called', x)\n sys.stderr.write('ä\\n')"
    )
    session.run("submission", [Step("f", (1,)), Step("f", (2,))])
    assert session.printed == "loaded\ncalled 1\nä\ncalled 2\nä\n"


@pytest.mark.parametrize("end", ["os._exit(3)", "os.kill(os.getpid(), 9)", "while True: pass"])
def test_what_was_printed_before_the_process_ended_is_kept(opened, end):
    text = f"import os\ndef f(): print('before')\ndef bad():\n print('within')\n {end}"
    session = opened(text, seconds=1.5)
    session.run("submission", [Step("f"), Step("bad")])
    assert session.printed == "before\n"


def test_bytes_and_single_characters_are_kept_too(opened):
    session = opened("import sys\nsys.stdout.buffer.write(b'ab\\xff')\nsys.stdout.write('c')")
    session.load("submission")
    assert session.printed == "ab\ufffdc"


def test_prints_arrive_from_a_program_that_has_its_output_buffered(opened_here):
    text = """
        import sys
        sys.stdout.reconfigure(write_through=False)
        def f(n):
            print(n)
            while n > 1: pass
    """
    session = opened_here(textwrap.dedent(text), seconds=0.5)
    outcomes = session.run("submission", [Step("f", (n,)) for n in (0, 1, 2)])
    assert [o.fault.kind if o.fault else "" for o in outcomes] == ["", "", "timeout"]
    assert session.printed == "0\n1\n"


def test_only_the_beginning_of_what_is_printed_is_kept(opened_here):
    session = opened_here("def f(n): print('x' * n)", printed_bytes=100)
    session.run("submission", [Step("f", (1000,)), Step("f", (1000,))])
    assert session.printed == "x" * 100


def test_the_limit_of_prints_holds_for_the_whole_session(opened):
    session = opened("def f(): print('x' * 60)", printed_bytes=100)
    for _ in range(5):
        session.run("submission", [Step("f")])
    assert len(session.printed) <= 100


@pytest.mark.parametrize(
    "line",
    [
        "sys.stdout.close()",
        "sys.stderr.close()",
        "sys.stdout = sys.stderr = None",
        "sys.stdout = object()",
        "sys.stdout = open(os.devnull, 'w')",
        "sys.stdout.detach()",
        "del sys.stdout",
    ],
)
def test_a_program_may_do_away_with_its_output(opened_here, line):
    session = opened_here(f"import os, sys\n{line}\ndef f(): {line}\ndef g(): return 1")
    assert session.load("submission").fault is None
    *_, last = session.run("submission", [Step("f"), Step("g")])
    assert last.value == 1


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("sys.stdin.read()", ""),
        ("len(os.read(0, 9))", 0),
        ("[*sys.stdin]", []),
    ],
)
def test_there_is_nothing_to_read_from_the_keyboard(call, expression, expected):
    assert call(f"import os, sys\ndef f(): return {expression}").value == expected


def test_asking_for_input_raises_end_of_file(call):
    fault = call("def f(): return input('Your name? ')").fault
    assert (fault.type, fault.line) == ("EOFError", 1)


# Modules.


def test_a_module_tells_its_functions_and_their_parameters(opened):
    text = """
        import numpy as np
        from numpy import exp
        number = 1
        def f(a, /, b, *args, c, d=1, **kw): pass
        g = lambda: 0
        class Thing: pass
        def _private(): pass
        odd = type("Odd", (), {"__call__": None, "__signature__": property(lambda _: 1 / 0)})()
    """
    loaded = opened(textwrap.dedent(text)).load("submission")
    assert loaded.fault is None
    assert loaded.functions["f"] == (
        ("a", "POSITIONAL_ONLY", False),
        ("b", "POSITIONAL_OR_KEYWORD", False),
        ("args", "VAR_POSITIONAL", False),
        ("c", "KEYWORD_ONLY", False),
        ("d", "KEYWORD_ONLY", True),
        ("kw", "VAR_KEYWORD", False),
    )
    assert loaded.functions["g"] == ()
    assert {"Thing", "exp", "odd"} <= set(loaded.functions)
    assert not {"number", "_private", "np"} & set(loaded.functions)


def test_a_module_of_more_functions_than_can_be_told_is_an_error_of_the_file(opened_here):
    text = "for i in range(50_000): globals()[f'function_{i}'] = lambda parameter: parameter"
    fault = opened_here(text).load("submission").fault
    assert (fault.kind, fault.type) == ("raised", "ImportError")
    assert "too many functions" in fault.message


def test_a_name_that_is_no_text_does_no_harm(opened_here):
    loaded = opened_here("globals()[1] = len\ndef f(): pass").load("submission")
    assert set(loaded.functions) == {"f"}


def test_several_files_import_each_other(opened):
    session = opened(
        folder(
            a="import b\nfrom c import third\ndef f(x): return b.second(x), third()\nONE = 1",
            b="import a\nimport numpy as np\ndef second(x): return float(np.ones(x).sum() + a.ONE)",
            c="def third(): return __name__, __file__",
        )
    )
    assert session.run("a", [Step("f", (3,))])[0].value == (4, ("c", "c.py"))
    assert session.run("b", [Step("second", (3,))])[0].value == 4


@pytest.mark.parametrize(
    "line",
    [
        "import grader",
        "import grader.student.wire",
        "from grader import check_file",
        "from grader.student import wire",
        "import grader.compare",
        "import numerics",
        "import numerics.losses",
        "from numerics import losses",
        "import solutions",
        "from solutions.losses import mse_loss",
        "import exercises.losses",
        "__import__('numerics')",
        "import importlib; importlib.import_module('grader')",
    ],
)
def test_the_kits_own_packages_cannot_be_imported(opened_here, line):
    fault = opened_here(line).load("submission").fault
    assert fault is not None
    assert "ImportError" in fault.kinds
    assert "belongs to the grader" in fault.message


@pytest.mark.parametrize("name", ["grader", "numerics", "solutions"])
def test_a_learners_own_file_may_have_such_a_name(opened_here, name):
    session = opened_here(folder(**{name: "def f(): return 5", "main": f"from {name} import f"}))
    assert session.run("main", [Step("f")])[0].value == 5


def test_a_raising_cell_does_not_stop_the_cells_after_it(opened):
    cells = ["x = 1", "y = x / 0", "import sys\nsys.exit(3)", "def f(:", "def f(): return x"]
    session = opened(notebook(*cells))
    loaded = session.load("notebook")
    assert loaded.fault is None
    assert [p.type for p in loaded.problems] == ["ZeroDivisionError", "SystemExit", "SyntaxError"]
    assert [(p.file, p.line) for p in loaded.problems] == [
        ("notebook.ipynb, cell 2", 1),
        ("notebook.ipynb, cell 3", 2),
        ("notebook.ipynb, cell 4", 1),
    ]
    assert session.run("notebook", [Step("f")])[0].value == 1


def test_an_error_in_a_cell_names_the_cell(opened_here):
    session = opened_here(notebook("x = 1", "def f():\n    return x / 0"))
    (outcome,) = session.run("notebook", [Step("f")])
    fault = outcome.fault
    assert (fault.file, fault.line, fault.code) == ("notebook.ipynb, cell 2", 2, "return x / 0")


def test_a_module_keeps_its_state_from_call_to_call(opened):
    session = opened("n = 0\ndef f():\n global n\n n += 1\n return n")
    assert [outcome.value for outcome in session.run("submission", [Step("f"), Step("f")])] == [
        1,
        2,
    ]
    assert session.run("submission", [Step("f")])[0].value == 3


def test_another_session_starts_afresh(opened):
    for _ in range(2):
        with contextlib.closing(opened("n = []\ndef f(): n.append(1); return len(n)")) as session:
            assert session.run("submission", [Step("f")])[0].value == 1


def test_a_module_that_failed_is_not_run_again(opened):
    session = opened("print('once')\n1 / 0")
    for _ in range(3):
        assert session.load("submission").fault.type == "ZeroDivisionError"
        (outcome,) = session.run("submission", [Step("f")])
        assert outcome.fault.type == "ZeroDivisionError"
    assert session.printed == "once\n"


# What is told of an exception.

FAILING = """\
import helper
class Mine(ValueError):
    pass
class Mute(Exception):
    def __str__(self):
        raise RuntimeError
def own():
    raise Mine("with ä and \\ud800")
def deep():
    return helper.divide(1)
def library():
    import numpy as np
    return np.linalg.inv(np.zeros((2, 2)))
def mute():
    raise Mute
def endless(n=0):
    return endless(n + 1)
def chatty():
    raise ValueError("x" * 10**6)
def control():
    raise KeyboardInterrupt
"""


@pytest.mark.parametrize(
    ("function", "builtin", "message", "place"),
    [
        ("own", "ValueError", "with ä and \ud800", ("main.py", 8, "own")),
        ("deep", "ZeroDivisionError", "division by zero", ("helper.py", 2, "divide")),
        ("library", "ValueError", "Singular matrix", ("main.py", 13, "library")),
        ("mute", "Exception", "could not be read", ("main.py", 15, "mute")),
        ("endless", "RecursionError", "maximum recursion depth", ("main.py", 17, "endless")),
        ("chatty", "ValueError", "xxx", ("main.py", 19, "chatty")),
        ("control", "KeyboardInterrupt", "", ("main.py", 21, "control")),
    ],
    ids=lambda value: value if str(value).isidentifier() else "",
)
def test_an_exception_is_told_with_the_place_in_the_learners_own_file(
    opened_here, function, builtin, message, place
):
    session = opened_here(folder(main=FAILING, helper="def divide(x):\n    return x / 0"))
    fault = session.run("main", [Step(function)])[0].fault
    assert fault.kind == "raised"
    assert builtin in fault.kinds
    assert message in fault.message
    assert len(fault.message) < 1000
    assert (fault.file, fault.line, fault.function) == place


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("x = 1\ndef f(:\n    pass", 2, "def f(:"),
        ("def f():\nreturn 1", 2, "return 1"),
        ("x = (1,\n\n", 1, "x = (1,"),
        ("if True:\n    x = 1\n  y = 2", 3, "y = 2"),
    ],
)
def test_a_syntax_error_is_told_with_its_line(opened_here, text, line, code):
    fault = opened_here(text).load("submission").fault
    assert "SyntaxError" in fault.kinds
    assert (fault.file, fault.line, fault.code) == ("submission.py", line, code)


STUBS = """\
def relu(x):
    raise NotImplementedError("layers.relu")
def own():
    raise NotImplementedError("not yet")
def layer(x):
    return relu(x)
"""


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("y = relu(1)", (7, "<module>")),
        ("y = layer(1)", (6, "layer")),
        ("y = own()", (4, "own")),
        ("raise NotImplementedError('layers.relu')", (7, "<module>")),
    ],
)
def test_of_a_stub_the_line_that_needs_it_is_told(opened_here, line, place):
    fault = opened_here(STUBS + line).load("submission").fault
    assert (fault.line, fault.function) == place


@pytest.mark.parametrize(
    "raised", ["SyntaxError", "SyntaxError('odd', ('submission.py', 'a', 1, 2))"]
)
def test_an_odd_syntax_error_raised_by_hand_is_told_as_any_other(call, raised):
    fault = call(f"def f(): raise {raised}").fault
    assert (fault.kind, fault.type) == ("raised", "SyntaxError")


@pytest.mark.parametrize("separator", ["\n", "\r\n", "\r", "\n\x0c\n", "\n# \x1c\x1d\x85\u2028\n"])
def test_the_line_told_is_the_line_that_raised_however_lines_are_separated(opened_here, separator):
    text = separator.join(["x = 0", "def f():", "    return 1 / x"])
    fault = opened_here(text).run("submission", [Step("f")])[0].fault
    assert fault.code == "return 1 / x"


def test_a_text_with_null_bytes_is_an_error_of_the_file(opened_here):
    fault = opened_here("x = 1\0").load("submission").fault
    assert fault.kind == "raised"
    assert "null" in fault.message


SUBSTITUTED = """
def helper(f, x, rng=None):
    raise RuntimeError("the learner's own is not called")

def asked(f, x, rng=None):
    return helper(f, x) if rng is None else helper([f], x, rng)
"""


def test_a_lent_function_reaches_the_helper_that_stands_in(opened_here):
    """A wrong helper is replaced by the grader's; what it is handed comes back as what was lent."""
    given = Given("def f(x):\n    return 3 * x\n", "f")
    session = opened_here(SUBSTITUTED)
    with session.substituting({"helper": lambda f, x: f(x) + 1}):
        steps = [Step("asked", (Callback("g"), 5.0)), Step("asked", (given, 5.0))]
        outcomes = session.run("submission", steps, {"g": lambda x: 2 * x})
    assert [outcome.value for outcome in outcomes] == [11.0, 16.0]


def test_a_generator_reaches_the_helper_that_stands_in_as_a_seed(opened_here):
    drawn = []

    def helper(functions, x, rng):
        drawn.append(int(rng.integers(2**31)))
        return functions[0](x)

    session = opened_here(SUBSTITUTED)
    with session.substituting({"helper": helper}):
        steps = [Step("asked", (Callback("g"), 1.0, Generator(seed))) for seed in (3, 3, 4)]
        outcomes = session.run("submission", steps, {"g": lambda x: 2 * x})
    assert [outcome.value for outcome in outcomes] == [2.0, 2.0, 2.0]
    assert drawn[0] == drawn[1] != drawn[2]
