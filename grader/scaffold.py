"""A new exercise to start from: small, whole, and proven by `learnkit author verify` as it stands."""

import ast
import keyword
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from grader.authoring import write_stubs
from grader.catalogue import Catalogue, DeclarationError, Rooms
from grader.workspace import write_atomically

NAME = re.compile(r"[a-z][a-z0-9_]*")
SOLUTION = Template('''

def $name(x):
    """Compute half the squared length of a vector, and its gradient.

    An example to be replaced: say what it is and why it matters, then the formula,
    value = 1/2 sum_i x_i^2.

    Parameters
    ----------
    x : numpy.ndarray of float, shape (D,)
        The vector.

    Returns
    -------
    value : float
        Half its squared length.
    dx : numpy.ndarray of float, shape (D,)
        The gradient of value.

    Examples
    --------
    >>> value, dx = $name(np.array([3.0, 4.0]))
    >>> float(value), dx.tolist()
    (12.5, [3.0, 4.0])
    """
    value = 0.5 * np.sum(x**2)
    dx = x.copy()
    return value, dx
''')
TRUTH = Template('''

def $name(x):
    """Return half the squared length, summed exactly, and its gradient: written another way."""
    return 0.5 * math.fsum(float(each) * float(each) for each in x), 1.0 * x
''')
DECLARATION = Template("""

topic.exercise(
    "$name",
    points=2,
    returns=("value", "dx"),
    cases=[  # smallest first: the first that fails is the one shown
        Case("2 numbers", lambda rng: (rng.uniform(1, 2, 2),)),
        Case("5 numbers", lambda rng: (rng.uniform(1, 2, 5),)),
    ],
    checks=[
        by_hand(
            np.array([3.0, 4.0]),
            gives={"value": 12.5, "dx": [3.0, 4.0]},
            because="9 + 16 is 25, and half of it 12.5.",
        ),
        matches_truth("value"),
        gradient_agrees("dx", of="value"),
        survives(
            "large and small numbers",
            [
                Case("numbers near 1e5", lambda rng: (1e5 * rng.uniform(1, 2, 3),)),
                Case("numbers near 1e-5", lambda rng: (1e-5 * rng.uniform(1, 2, 3),)),
            ],
        ),
        repeatable(),
        keeps_inputs(),
    ],
    hints=[
        "What is the squared length of (3, 4)?",
        "Square each number and add the squares up; the derivative of half a square is the number.",
        "np.sum(x**2) adds the squares up; the gradient is a copy of x.",
    ],
    mistakes=[
        Mistake(
            "not_halved",
            "The sum of squares is not halved.",
            ("0.5 * np.sum(x**2)", "np.sum(x**2)"),
        ),
        Mistake(
            "gradient_doubled",
            "The gradient is that of the whole sum of squares, twice what it should be.",
            ("x.copy()", "2 * x"),
        ),
    ],
)
""")
CHECKS = (
    "Case",
    "by_hand",
    "gradient_agrees",
    "keeps_inputs",
    "matches_truth",
    "repeatable",
    "survives",
)
LONGEST_LINE = 88
Imports = Mapping[str, Sequence[str]]  # module -> names, none for the module itself


class BeginError(Exception):
    """An exercise that cannot be begun; the message says why."""


def begin(folder: Path, topic: str, name: str) -> list[Path]:
    """Write an exercise to start from into a folder laid out like this project, and return its files.

    What is there stays: a topic of that name in the folder is given one exercise more.

    Parameters
    ----------
    folder
        Where the rooms are, or shall be.
    topic, name
        The exercise's.

    Raises
    ------
    BeginError
        If a name is none, the topic belongs to the kit, the exercise is there already, or a folder
        cannot be made.
    DeclarationError
        If a file that is there already cannot be read as what it should be.
    WorkspaceError
        If a file cannot be written.
    """
    for word in (topic, name):
        if not NAME.fullmatch(word) or keyword.iskeyword(word):
            raise BeginError(
                f'"{word}" will not do as a name: small letters, digits and underscores are taken, '
                "a letter first, and no word of Python's own"
            )
    if topic in {known.name for known in Catalogue().topics()}:
        raise BeginError(f"there is a topic {topic} already; choose another name for yours")
    _make(folder / "grader" / "topics")
    rooms = Rooms.under(folder)
    declared = rooms.topics / f"{topic}.py"
    begun = declared.exists()
    if begun and name in Catalogue([folder]).topic(topic).exercises:
        raise BeginError(f"{declared} declares {topic}.{name} already")
    answers, truth = rooms.solutions / f"{topic}.py", rooms.numerics / f"{topic}.py"
    written = SOLUTION.substitute(name=name)
    files = {answers: _with(answers, "The model answers", {"numpy as np": ()}, written)}
    # Without a truth of its own a topic is judged by its model answers.
    if not begun or truth.exists():
        files[truth] = _with(truth, "The truth", {"math": ()}, TRUTH.substitute(name=name))
    files[declared] = _declaration(declared, topic, name)
    for path, text in files.items():
        _make(path.parent)
        write_atomically(path, text)
    found = Catalogue([folder]).topic(topic)
    write_stubs(found)
    return [*files, found.stub_path]


def _make(room: Path) -> None:
    try:
        room.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BeginError(f"{room} cannot be made: {error.strerror}") from error


def _declaration(path: Path, topic: str, name: str) -> str:
    imports: Imports = {
        "numpy as np": (),
        "grader.catalogue": ("Mistake", "Topic"),
        "grader.checks": CHECKS,
    }
    first = "" if path.exists() else f'\ntopic = Topic("{topic}", title="What {topic} is about")\n'
    return _with(path, "The exercises", imports, first + DECLARATION.substitute(name=name))


def _from(module: str, names: Sequence[str]) -> str:
    line = f"from {module} import {', '.join(names)}\n"
    if len(line) <= LONGEST_LINE:
        return line
    each = "".join(f"    {name},\n" for name in names)
    return f"from {module} import (\n{each})\n"


def _with(path: Path, what: str, imports: Imports, more: str) -> str:
    """Return a file's text, or that of a new one, with imports that it lacks and more at its end."""
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else f'"""{what}."""\n'
        tree = ast.parse(text)
    except OSError as error:
        raise DeclarationError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DeclarationError(f"{path} is not UTF-8 text: save it as that") from error
    except SyntaxError as error:
        raise DeclarationError(f"{path} cannot be parsed: line {error.lineno}") from error
    here = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    bound = {alias.asname or alias.name for node in here for alias in node.names}
    plain, chosen = [], []
    for module, names in imports.items():
        missing = [name for name in names if name not in bound]
        if missing:
            chosen.append(_from(module, missing))
        elif not names and module.rpartition(" ")[2] not in bound:
            plain.append(f"import {module}\n")
    lines = text.splitlines(keepends=True)
    head = here[-1].end_lineno if here else (tree.body[0].end_lineno if tree.body else 0)
    gap = [] if here else ["\n"]
    between = ["\n"] if plain and chosen else []
    added = [*gap, *plain, *between, *chosen] if plain or chosen else []
    return f"{''.join([*lines[:head], *added, *lines[head:]]).rstrip()}\n{more}"
