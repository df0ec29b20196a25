"""A learner's own answer as text, and the model answer beside it."""

from rich.console import Group

from grader.catalogue import Exercise
from grader.engine import grade
from grader.models import ModelAnswers, ModelError
from grader.render.diff import solution
from grader.student.launch import Launcher
from grader.student.limits import Limits
from grader.student.submission import Submission

SEED = 0  # that of `learnkit check`


def beside_own(
    exercise: Exercise, submission: Submission, launcher: Launcher, *, width: int
) -> Group:
    """Return the model answer beside the learner's own, with what the checks can tell of that.

    Parameters
    ----------
    exercise
        Which one.
    submission
        What the learner wrote.
    launcher
        Where it is checked.
    width
        How long a line may be.
    """
    own = own_answer(exercise, submission)
    if not own:
        return solution(exercise, width=width)
    report = grade([exercise], submission, launcher, Limits(), seed=SEED)
    return solution(exercise, own, report.exercises[0], width=width)


def own_answer(exercise: Exercise, submission: Submission) -> str:
    """Return the learner's function without its docstring.

    Empty where there is nothing to read: no such function, one that Python cannot parse, or one
    that is still the stub.
    """
    source = submission.modules.get(submission.module_for(exercise.topic.name))
    if not source:
        return ""
    # The last of several definitions is the one that counts, in a notebook as in a file.
    for _, text in reversed(source.units):
        written = ModelAnswers(exercise.topic.name, text)
        try:
            if exercise.name in written.functions:
                own = written.without_docstring(exercise.name)
                return "" if own == _stub(exercise) else own
        except ModelError:
            continue
    return ""


def _stub(exercise: Exercise) -> str:
    """Return the stub of an exercise, without its docstring."""
    answers = exercise.topic.signatures
    stubs = answers.with_body(exercise.name, answers.stub_body(exercise.name))
    return ModelAnswers(exercise.topic.name, stubs).without_docstring(exercise.name)
