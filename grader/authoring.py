"""For whoever writes exercises: cut the stubs, and prove that the kit can be trusted."""

import doctest
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field

from grader.catalogue import DeclarationError, Exercise, Mistake, Topic
from grader.checks.check import Role
from grader.checks.gates import gates
from grader.engine import judge
from grader.models import ModelError
from grader.report import ExerciseResult, Status
from grader.student.launch import Launcher
from grader.student.limits import Limits
from grader.student.session import Session
from grader.student.submission import from_text
from grader.workspace import write_atomically

HINTS = 3
FEWEST_MISTAKES = 2
PARAMETER = re.compile(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*) :", re.MULTILINE)

# Wrong answers that fit any exercise: what stands for the body, given `right`, its arguments and the
# first `array` among them. `each(change)` applies a change to every number and array that is judged.
SABOTEURS = {
    "raises": "raise RuntimeError('sabotage')",
    "returns None": "return None",
    "wrong shape": "return each(lambda v: np.asarray(v)[np.newaxis])",
    "not a number": "return each(lambda v: v * np.nan)",
    "a thousandth too large": "return each(lambda v: v * 1.001)",
    "wrong for what is large, small or single": (
        "usual = array.size > 1 and array.dtype != np.float32 and 0.01 < np.abs(array).max() < 100\n"
        "usual = usual and not np.isin(array, (0, 1)).any() and array.shape[-1] > 1\n"
        "return each(lambda v: v if usual else v * np.nan)"
    ),
    "never refuses": (
        "try:\n    return right(*args, **named)\nexcept ValueError:\n"
        "    return right(*(np.ones(1) if isinstance(a, np.ndarray) else a for a in args), **named)"
    ),
    "keeps its first answer": (
        "key = [np.shape(a) for a in args if not isinstance(a, (dict, list, tuple))]\n"
        "found = [v for k, v in kept if k == key]\n"
        "kept.append((key, right(*args, **named)))\n"
        "return found[0] if found else kept[-1][1]"
    ),
    "changes its inputs": (
        "result = right(*args, **named)\nfor a in args:\n"
        "    if isinstance(a, np.ndarray):\n        a += 1\nreturn result"
    ),
    "widens to float64": "return each(lambda v: np.asarray(v, dtype=np.float64))",
    "loops over rows": ("for row in array:\n    row = row + 1\nreturn right(*args, **named)"),
}
# What deserves advice only, and the check that gives it.
ADVISED = {
    "changes its inputs": "keeps your inputs unchanged",
    "widens to float64": "float32 in, float32 out",
    "loops over rows": "leaves the loop over rows to NumPy",
}


@dataclass(frozen=True)
class Problem:
    """Something about an exercise that would let the kit be wrong."""

    where: str
    says: str


@dataclass
class Coverage:
    """Which checks of an exercise have been seen to fail, or to advise."""

    bitten: set[str] = field(default_factory=set)

    def add(self, result: ExerciseResult) -> None:
        """Note the checks that spoke in a result."""
        silent = {Status.PASSED, Status.NOT_REACHED}
        self.bitten |= {c.name for c in result.checks if c.status not in silent or c.advice}


def write_stubs(topic: Topic) -> bool:
    """Cut the stub file from the model answers; return whether it changed.

    Raises
    ------
    ModelError
        If the model answers cannot be parsed.
    WorkspaceError
        If the stubs cannot be written.
    """
    if is_fresh(topic):
        return False
    topic.stub_path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(topic.stub_path, topic.answers.stubs())
    return True


def is_fresh(topic: Topic) -> bool:
    """Tell whether the stub file is what would be cut now."""
    path = topic.stub_path
    return path.is_file() and path.read_text(encoding="utf-8") == topic.answers.stubs()


def verify(
    topic: Topic, launcher: Launcher, *, seed: int = 0, done: Callable[[str], None] = lambda _: None
) -> list[Problem]:
    """Return everything that is wrong with a topic; nothing, for one that can be trusted.

    Every stub is unsolved, every solution has full marks, every mistake loses marks and is named,
    and every check is seen to fail.

    Parameters
    ----------
    topic
        What to verify.
    launcher
        Starts the processes that answers run in.
    seed
        That of the cases.
    done
        Told the name of each exercise when it is done.
    """
    try:
        problems = list(_whole_topic(topic))
    except (ModelError, DeclarationError) as error:
        return [Problem(topic.name, str(error))]
    for exercise in topic.exercises.values():
        if exercise.name in topic.answers.functions:
            try:
                problems += _exercise(exercise, launcher, seed)
            except (ModelError, DeclarationError) as error:
                problems.append(Problem(exercise.id, str(error)))
        done(exercise.id)
    return problems


def _whole_topic(topic: Topic) -> Iterator[Problem]:
    if not is_fresh(topic):
        yield Problem(topic.name, f"{topic.stub_path} is stale: run learnkit author stubs")
    declared, written = set(topic.exercises), set(topic.answers.functions)
    for name in sorted(declared - written):
        yield Problem(f"{topic.name}.{name}", "is declared but has no model answer")
    for name in sorted(written - declared):
        yield Problem(f"{topic.name}.{name}", "has a model answer but is not declared")


def _exercise(exercise: Exercise, launcher: Launcher, seed: int) -> Iterator[Problem]:
    yield from (Problem(exercise.id, says) for says in _texts(exercise))
    answers = exercise.topic.answers
    coverage = Coverage()

    def graded(text: str) -> ExerciseResult:
        with Session(from_text(text, exercise.topic.name), launcher, Limits()) as session:
            result = judge(exercise, session, seed)
        coverage.add(result)
        return result

    stub = graded(answers.stubs())
    if stub.status is not Status.UNSOLVED or stub.score:
        yield Problem(exercise.id, f"its stub is {stub.status} with {stub.score:g} points")
    right = graded(answers.text)
    if right.status is not Status.PASSED:
        yield Problem(exercise.id, f"its solution is {right.status}: {_first_words(right)}")
        return
    for advice in [check.advice for check in right.checks if check.advice]:
        yield Problem(exercise.id, f"its solution is advised: {advice}")
    for mistake in exercise.mistakes:
        yield from _mistake(exercise, mistake, graded(mistake.text(answers, exercise.name)))
    yield from _sabotage(exercise, graded)
    for check in (*gates(exercise.question), *exercise.checks):
        if check.name not in coverage.bitten:
            verb = "advises on" if check.role is Role.ADVICE else "fails"
            yield Problem(exercise.id, f'nothing {verb} its check "{check.name}"')


def _mistake(exercise: Exercise, mistake: Mistake, result: ExerciseResult) -> Iterator[Problem]:
    if result.score >= exercise.points:
        yield Problem(exercise.id, f"its mistake {mistake.id} loses no marks")
        return
    says = {m.id: m.says for m in exercise.mistakes}
    named = result.mistake.id if result.mistake else "nothing"
    if says.get(named) != mistake.says:
        yield Problem(exercise.id, f"its mistake {mistake.id} is told as {named}")


def _sabotage(exercise: Exercise, graded: Callable[[str], ExerciseResult]) -> Iterator[Problem]:
    text = exercise.topic.answers.text
    wrong = {name: text + _saboteur(exercise, body) for name, body in SABOTEURS.items()}
    wrong["no function"] = f"{text}\n\ndel {exercise.name}\n"
    wrong["does not parse"] = f"{text}\n\ndef (\n"
    wrong["wrong parameters"] = f"{text}\n\ndef {exercise.name}(*, nothing):\n    return nothing\n"
    advising = {check.name for check in exercise.checks if check.role is Role.ADVICE}
    for name, sabotaged in wrong.items():
        result = graded(sabotaged)
        # Some saboteurs are right for some exercises; these never are.
        hopeless = name not in {*ADVISED, "never refuses"}
        if hopeless and result.status is Status.PASSED:
            yield Problem(exercise.id, f'passes although sabotaged: "{name}"')
        if ADVISED.get(name) in advising and result.score < exercise.points:
            yield Problem(exercise.id, f'"{name}" costs marks; it deserves advice only')


def _saboteur(exercise: Exercise, body: str) -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    name, places = exercise.name, exercise.form.sent
    return (
        f"\n\nimport numpy as np\n\nright, kept, judged = {name}, [], {places}\n\n\n"
        "def nested(change, value):\n"
        "    if isinstance(value, dict):\n"
        "        return {k: nested(change, v) for k, v in value.items()}\n"
        "    if isinstance(value, (list, tuple)):\n"
        "        return type(value)(nested(change, v) for v in value)\n"
        "    return change(value)\n\n\n"
        f"def {name}(*args, **named):\n"
        "    arrays = [np.asarray(a) for a in args if isinstance(a, (np.ndarray, float))]\n"
        "    array = np.atleast_1d(next(iter(arrays), np.ones(2)))\n\n"
        "    def each(change):\n"
        "        result = right(*args, **named)\n"
        "        if not isinstance(result, tuple) or judged is None:\n"
        "            return nested(change, result)\n"
        "        return tuple(\n"
        "            nested(change, v) if i in judged else v for i, v in enumerate(result)\n"
        "        )\n\n"
        f"{lines}"
    )


def _texts(exercise: Exercise) -> Iterator[str]:
    if len(exercise.hints) != HINTS or not all(hint.strip() for hint in exercise.hints):
        yield f"has {len(exercise.hints)} hints; {HINTS} are needed"
    if len(exercise.mistakes) < FEWEST_MISTAKES:
        yield f"has {len(exercise.mistakes)} mistakes; at least {FEWEST_MISTAKES} are needed"
    yield from _repeated("mistake id", [mistake.id for mistake in exercise.mistakes])
    checks = (*gates(exercise.question), *exercise.checks)
    yield from _repeated("check name", [check.name for check in checks])
    seen = [case.label for case in exercise.cases]
    yield from _repeated("case label", seen)
    documented = _documented_parameters(exercise.docstring)
    written = list(exercise.topic.answers.function(exercise.name).named)
    if documented != written:
        yield f"documents the parameters {documented} but takes {written}"
    yield from _examples(exercise)


def _repeated(what: str, names: Sequence[str]) -> Iterator[str]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"uses the {what} {name!r} twice"


def _documented_parameters(docstring: str) -> list[str]:
    _, _, rest = docstring.partition("Parameters\n----------\n")
    section = re.split(r"\n\w[\w ]*\n-{3,}\n", rest)[0]
    return [name.strip("*") for line in PARAMETER.findall(section) for name in line.split(", ")]


def _examples(exercise: Exercise) -> Iterator[str]:
    """Run the worked example of the docstring, as a learner would."""
    namespace = exercise.topic.answers.run()
    parser = doctest.DocTestParser()
    test = parser.get_doctest(exercise.docstring, namespace, exercise.id, None, 0)
    if not test.examples:
        yield "has no worked example in its docstring"
    with redirect_stdout(io.StringIO()) as said:
        failed, _ = doctest.DocTestRunner().run(test)
    if failed:
        yield f"has a worked example that is wrong:\n{said.getvalue()}"


def _first_words(result: ExerciseResult) -> str:
    check = result.decisive
    return f"{check.name}: {check.message}" if check else ""
