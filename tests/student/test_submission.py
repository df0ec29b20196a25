"""Files and notebooks as learners save them, and what cannot be read as either."""

import ast
import json
import os
import subprocess
import sys
import textwrap

import pytest

from grader.student import submission
from grader.student.submission import (
    PARSED_LIMIT,
    SIZE_LIMIT,
    Source,
    SubmissionError,
    from_file,
    from_folder,
    from_text,
    notebook_cells,
    python_of,
    read_source,
)


@pytest.fixture
def saved(tmp_path):
    """Save a file, text or bytes, and return its path."""

    def save(name, content=""):
        path = tmp_path / name
        data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
        path.write_bytes(data)
        return path

    return save


def code(source):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}


def notebook(*cells, **more):
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, **more})


def texts(source):
    return [text for _, text in source.units]


# Files.


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"x = 1\n", "x = 1\n"),
        (b"", ""),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        ("x = 'ä😀'\n".encode(), "x = 'ä😀'\n"),
        (b"# -*- coding: utf-8 -*-\nx = 1", "# -*- coding: utf-8 -*-\nx = 1"),
    ],
    ids=["plain", "empty", "byte order mark", "not ASCII", "with a coding line"],
)
def test_a_file_is_read_as_utf_8(saved, content, expected):
    source = read_source(saved("answers.py", content))
    assert source == Source("answers.py", (("", expected),))


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"x = 1\n# caf\xe9\n", "line 2"),
        ("x = 1\n".encode("utf-16"), "line 1"),
        (b"\x00\xff" * 10, "line 1"),
    ],
    ids=["latin-1", "utf-16", "binary"],
)
@pytest.mark.parametrize("name", ["answers.py", "answers.ipynb"])
def test_a_file_that_is_not_utf_8_is_told_with_its_line(saved, name, content, line):
    path = saved(name, content)
    with pytest.raises(SubmissionError, match=f"{name} is not UTF-8.*{line}.*Save it as UTF-8"):
        read_source(path)


@pytest.mark.parametrize("name", ["answers.py", "answers.ipynb"])
def test_a_file_may_be_as_large_as_the_limit_and_no_larger(saved, name):
    largest = b"#" * SIZE_LIMIT if name.endswith("py") else notebook().encode().ljust(SIZE_LIMIT)
    read_source(saved(name, largest))
    with pytest.raises(SubmissionError, match="larger than 2 MiB"):
        read_source(saved(name, largest + b" "))


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="there is no endless file")  # noqa: PTH110
def test_a_file_without_end_is_too_large(tmp_path):
    path = tmp_path / "answers.py"
    path.symlink_to("/dev/zero")
    with pytest.raises(SubmissionError, match="larger than"):
        read_source(path)


@pytest.mark.parametrize("make", ["missing", "folder", "loop"])
def test_what_is_no_file_cannot_be_read(tmp_path, make):
    path = tmp_path / "answers.py"
    if make == "folder":
        path.mkdir()
    elif make == "loop":
        path.symlink_to(path)
    with pytest.raises(SubmissionError, match=r"answers\.py cannot be read: \w+"):
        read_source(path)


def test_a_file_that_cannot_be_read_is_a_submission_that_says_so(saved):
    submission = from_file(saved("answers.py", b"\xff"))
    assert submission.modules == {}
    assert "not UTF-8" in submission.unreadable[submission.module_for("losses")]


def test_a_text_is_a_submission_of_one_module():
    submission = from_text("x = 1")
    assert texts(submission.modules[submission.module_for("losses")]) == ["x = 1"]


# Names and neighbours.


@pytest.mark.parametrize("name", ["losses", "my_answers", "übung", "_private"])
def test_a_module_bears_the_name_of_its_file(saved, name):
    assert list(from_file(saved(f"{name}.py")).modules) == [name]


@pytest.mark.parametrize(
    "name",
    [
        "random",
        "math",
        "typing",
        "numpy",
        "grader",
        "json",
        "pytest",
        "homework 3",
        "3rd",
        "a-b",
        "a.b",
    ],
)
def test_a_name_that_would_hide_another_module_is_not_taken(saved, name):
    submission = from_file(saved(f"{name}.py", "x = 1"))
    (taken,) = submission.modules
    assert taken == submission.module_for("losses")
    assert taken.isidentifier()
    assert taken not in {name, *sys.stdlib_module_names, *sys.modules}
    assert submission.modules[taken].file == f"{name}.py"


@pytest.mark.parametrize(
    "line",
    [
        "import helper",
        "import helper as h",
        "from helper import *",
        "from helper import f, g",
        "from helper.inner import f",
        "import helper.inner",
        "if True:\n    import helper",
        "import os, helper",
        "import os as o, helper as h, sys",
        "import os; import helper",
        "try: import helper\nexcept ImportError: pass",
        "import\thelper",
        "import \\\n    helper",
        "from helper import (\n    f,\n    g,\n)",
    ],
)
def test_an_imported_neighbour_comes_along(saved, line):
    saved("helper.py", "HERE = 1")
    submission = from_file(saved("losses.py", f"import numpy as np\r\n{line}\n"))
    assert texts(submission.modules["helper"]) == ["HERE = 1"]
    assert submission.module_for("losses") == "losses"


def test_neighbours_of_neighbours_come_along_once(saved):
    saved("second.py", "import third, losses")
    saved("third.py", "import second")
    submission = from_file(saved("losses.py", "import second"))
    assert set(submission.modules) == {"losses", "second", "third"}


@pytest.mark.parametrize(
    "line",
    ["import random", "# import helper", "x = 'import helper'", "import helpers", "important = 1"],
)
def test_what_is_not_imported_stays_behind(saved, line):
    for name in ("random.py", "helper.py"):
        saved(name, "raise RuntimeError")
    assert list(from_file(saved("losses.py", line)).modules) == ["losses"]


def test_a_neighbour_that_cannot_be_read_stays_behind(saved):
    saved("helper.py", b"\xff")
    assert list(from_file(saved("losses.py", "import helper")).modules) == ["losses"]


def test_a_folder_gives_each_topic_its_file_or_notebook(saved, tmp_path):
    saved("losses.py", "import shared")
    saved("layers.ipynb", notebook(code("x = 1")))
    saved("shared.py", "y = 1")
    saved("unasked.py", "z = 1")
    saved("broken.py", b"\xff")
    submission = from_folder(tmp_path, ["losses", "layers", "broken", "absent"])
    assert set(submission.modules) == {"losses", "layers", "shared"}
    assert set(submission.unreadable) == {"broken"}
    assert submission.module_for("layers") == "layers"


def test_a_file_comes_before_a_notebook_of_the_same_name(saved, tmp_path):
    saved("losses.py", "first = 1")
    saved("losses.ipynb", notebook(code("second = 1")))
    assert texts(from_folder(tmp_path, ["losses"]).modules["losses"]) == ["first = 1"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def f(x):", True),
        ("  def f(x", True),
        ("async def f", True),
        ("class f:", True),
        ("x = 1\n\tdef\tf(", True),
        ("def ff(x):", False),
        ("f = 1", False),
        ("# def f(x):", False),
        ("undef f", False),
    ],
)
def test_a_text_that_cannot_be_loaded_is_searched_for_its_functions(text, found):
    assert ("f" in Source("a.py", (("", ""), ("", text))).mentioned) is found


@pytest.mark.parametrize(
    "text",
    [
        "import " + "a." * 45_000 + "a",
        "from a" + " . \\\n a" * 300 + " import b",
        "x = 1\n" * 50_000,
    ],
)
def test_a_text_that_would_take_gigabytes_is_not_parsed(text):
    with pytest.raises(ValueError, match="to be read"):
        submission.syntax_tree(text)


def test_names_of_many_parts_are_read():
    text = "import a" + ".b" * 100 + "\nx = " + "a.b + " * 400 + "1\ny = [" + "1., " * 400 + "]\n"
    assert len(submission.syntax_tree(text).body) == 3


PROGRAM = """
import json, pathlib, sys
from grader.student.submission import Source, from_file, python_of
blank = chr(10) * 250_000
path = pathlib.Path(sys.argv[1])
path.write_text("x = 1" + blank + "import os")
assert list(from_file(path).modules) == ["answers"]
assert "f" in Source("a.py", (("", blank + "def f():"),)).mentioned
assert python_of("%magic" + blank + "(").startswith("pass")
"""


def test_many_blank_lines_are_read_in_one_pass(tmp_path):
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "answers.py")]
    # The limit is there to end a search that takes hours, not to measure one.
    subprocess.run(command, check=True, timeout=60)


# Notebooks.


def test_a_notebooks_code_cells_are_its_units_by_their_place(saved):
    cells = [
        {"cell_type": "markdown", "source": "# Title"},
        code(["import numpy as np\n", "x = 1\n"]),
        {"cell_type": "raw", "source": "raw"},
        code("def f():\n    return x"),
        code([]),
    ]
    source = read_source(saved("answers.ipynb", notebook(*cells)))
    assert source.units == (
        ("cell 2", "import numpy as np\nx = 1\n"),
        ("cell 4", "def f():\n    return x"),
        ("cell 5", ""),
    )


def test_a_notebook_with_a_byte_order_mark_is_read(saved):
    path = saved("answers.ipynb", b"\xef\xbb\xbf" + notebook(code("x = 1")).encode())
    assert texts(read_source(path)) == ["x = 1"]


def test_a_notebook_brings_the_neighbours_its_cells_import(saved):
    saved("helper.py", "HERE = 1")
    submission = from_file(saved("answers.ipynb", notebook(code("x = 1"), code("import helper"))))
    assert list(submission.modules) == ["answers", "helper"]


BROKEN = {
    "empty": "",
    "no JSON": "{'cells': []}",
    "cut short": notebook(code("x = 1"))[:-20],
    "a list": "[]",
    "a number": "1",
    "null": "null",
    "no cells": "{}",
    "format 3": json.dumps({"worksheets": [{"cells": [code("x")]}], "nbformat": 3}),
    "cells that are a text": json.dumps({"cells": "abc"}),
    "cells that are none": json.dumps({"cells": None}),
    "cells that are an object": json.dumps({"cells": {"cell_type": "code"}}),
    "cells of numbers": json.dumps({"cells": [1]}),
    "cells of nothing": json.dumps({"cells": [None]}),
    "a cell without a type": json.dumps({"cells": [{"source": "x"}]}),
    "a cell without a source": json.dumps({"cells": [{"cell_type": "code"}]}),
    "a source that is none": notebook(code(None)),
    "a source that is a number": notebook(code(1)),
    "a source of numbers": notebook(code([1, 2])),
    "nested without end": "[" * 100_000,
    "a number without end": '{"cells": ' + "1" * 100_000 + "}",
    "a conflict": "<<<<<<< HEAD\n" + notebook() + "\n=======\n" + notebook() + "\n>>>>>>> theirs",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_notebook_is_told_with_a_remedy(saved, text):
    path = saved("answers.ipynb", text)
    with pytest.raises(SubmissionError, match=r"answers\.ipynb is not a Jupyter notebook.*Jupyter"):
        read_source(path)


@pytest.mark.parametrize(
    ("cell", "expected"),
    {
        "Python": ("x = 5 % 3\ny = 'what?'\n", "x = 5 % 3\ny = 'what?'\n"),
        "a line magic": ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        "a magic with a value": ("t = %timeit f()\nx = 1", "pass\nx = 1"),
        "a shell line": ("!pip install numpy\nx = 1", "pass\nx = 1"),
        "a shell line with a value": ("files = !ls\nx = 1", "pass\nx = 1"),
        "help before": ("?np.mean\nx = 1", "pass\nx = 1"),
        "help after": ("np.mean?\nnp.mean??\nx = 1", "pass\npass\nx = 1"),
        "in a block, by tabs": ("if x:\n\t%time f()\n\ty = 1", "if x:\n\tpass\n\ty = 1"),
        "after a comment": ("# in C:\\\n%time f()", "# in C:\\\npass"),
        "before one that confuses": ("%time f()\n!echo it's", "pass\npass"),
        "in a block": ("for i in y:\n    %time f()\n    !ls", "for i in y:\n    pass\n    pass"),
        "a timed cell": ("%%time\nx = 1", "\nx = 1"),
        "a captured cell": ("%%capture out --no-stderr\nx = 1", "\nx = 1"),
        "a shell cell": ("%%bash\nrm -rf /", ""),
        "a written file": ("%%writefile losses.py\ndef f(): pass", "\ndef f(): pass"),
        "another file": ("%%writefile notes.txt\ndef f(): pass", ""),
        "another magic's namesake": ("%%timers\nx = 1", ""),
    }.values(),
    ids=lambda value: "",
)
def test_a_cell_is_python_without_what_only_jupyter_knows(cell, expected):
    assert python_of(cell) == expected


@pytest.mark.parametrize(
    "cell",
    [
        "text = ('%d'\n        % 5)",
        "x = (17\n     % 3 else)",
        "x = [17\n  % 3 4]",
        "x = f(17,\n  *[5\n  % 3 )\n",
        "x = 17 \\\n  % 3 else",
        "x = (1\n  != 2 else)",
    ],
    ids=ascii,
)
@pytest.mark.parametrize("magic", ["", "%matplotlib inline\n"], ids=["alone", "under a magic"])
def test_a_line_within_an_expression_is_no_magic(cell, magic):
    assert python_of(magic + cell) == magic.replace("%matplotlib inline", "pass") + cell


def test_lines_keep_their_places_when_magics_are_left_out():
    cell = "%load_ext autoreload\n%autoreload 2\n\nimport numpy as np\n!ls\nx = 1 / 0\n"
    tree = ast.parse(python_of(cell))
    assert [node.lineno for node in tree.body if not isinstance(node, ast.Pass)] == [4, 6]


@pytest.mark.parametrize(
    "cell",
    [
        "def f(:",
        "x = (",
        "await f()",
        "\ud800",
        "x = 1\0",
        "(" * 10_000,
        "-" * 100_000 + "1",
        "%",
        "!",
        "?",
    ],
    ids=lambda value: ascii(value[:9]),
)
def test_a_cell_that_is_no_python_is_kept_for_python_to_judge(cell):
    assert isinstance(python_of(cell), str)


def test_remarks_on_a_cell_are_not_made_by_the_grader(saved, capfd):
    program = textwrap.dedent(
        """
        import pathlib, sys
        from grader.student.submission import read_source
        read_source(pathlib.Path(sys.argv[1]))
        """
    )
    path = saved("answers.ipynb", notebook(code("x = 1\nif x is 1: print('\\d')")))
    subprocess.run([sys.executable, "-W", "always", "-c", program, str(path)], check=True)
    assert capfd.readouterr().err == ""


def test_a_notebook_made_to_be_slow_is_left_as_it_is(monkeypatch):
    """Each magic costs a parse of what stands before it; a crafted notebook asks for too many."""
    parsed = []
    found = submission._syntax_error
    monkeypatch.setattr(
        submission, "_syntax_error", lambda text: parsed.append(text) or found(text)
    )
    cell = "x = 1\n" * 2000 + "%magic\n" * 15
    cells = [{"cell_type": "code", "source": cell}] * 40
    units = notebook_cells(json.dumps({"cells": cells}), "a.ipynb")
    assert len(units) == 40
    assert units[0][1].count("pass") == 15
    assert units[-1][1] == cell
    assert sum(map(len, parsed)) <= PARSED_LIMIT
