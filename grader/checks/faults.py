"""Say in words why a learner's code gave no result."""

from grader.checks.check import Finding
from grader.report import Status
from grader.student.inside import CUT_OFF
from grader.student.limits import MIB, Limits
from grader.student.session import Fault

SEGMENTATION_FAULT = -11
# Killed, by the grader perhaps, since it had closed its pipes; or found them closed before that.
LOST = (-9, CUT_OFF)
TWO_SHAPES = (
    "Two shapes do not fit. A matrix product of (A, B) and (B, C) needs the same B in both: print the "
    "shapes. Is one of them to be transposed, or x to be flattened first?"
)
ON_MESSAGES = {
    "truth value of an array": (
        "if, and, or, not, max and min ask about one number. For each element of an array there are "
        "np.where, &, |, ~, np.maximum and np.minimum."
    ),
    "converted to Python scalar": (
        "One number is wanted there, and an array came. The functions of math take single numbers; "
        "NumPy's of the same name take arrays."
    ),
    "not aligned": TWO_SHAPES,
    "core dimension": TWO_SHAPES,
    "remapped shapes": (
        "In np.einsum each letter is one axis; axes with the same letter must be equally long."
    ),
    "broadcast": (
        "Two shapes do not fit. A sum over axis=1 has shape (N,); keepdims=True makes it the column "
        "(N, 1), which fits (N, C)."
    ),
}
CALLED_WITHOUT_END = "calls of the function it was given"


def fault_finding(fault: Fault, exercise: str, limits: Limits) -> Finding:
    """Return status, sentence and suggestion for a fault.

    Parameters
    ----------
    fault
        What happened.
    exercise
        The id of the exercise that was called.
    limits
        What the process was allowed.
    """
    if fault.needed:
        found = fault_finding(fault._replace(needed=""), exercise, limits)
        if found.status is Status.UNSOLVED:
            return found
        return found._replace(message=f"It needs your {fault.needed}. {found.message}")
    if fault.kind == "raised":
        return _raised(fault, exercise, limits)
    if fault.kind == "timeout":
        return Finding(
            Status.TIMEOUT,
            f"It did not finish: {fault.message}.",
            suggestion="Look for a loop whose condition never becomes false; "
            "on a slow machine, --timeout allows more seconds.",
        )
    if fault.kind == "died":
        return Finding(Status.ERROR, _death(fault), suggestion=_death_suggestion(fault))
    if fault.kind == "runaway":
        return Finding(
            Status.ERROR,
            f"It did not come to an end: {fault.message}.",
            suggestion="Look for a loop whose condition never becomes false.",
        )
    if fault.kind == "unavailable":
        return Finding(Status.NOT_REACHED, f"Not run: {fault.message}.")
    if fault.message.endswith(CALLED_WITHOUT_END):
        return Finding(
            Status.TIMEOUT,
            f"It did not finish: {fault.message}.",
            suggestion="Look for a loop whose condition never becomes false.",
        )
    return Finding(
        Status.ERROR,
        f"What came back is not a result: {fault.message}.",
        suggestion="The function should only compute and return; it must not start processes "
        "or write to files that it did not open.",
    )


def _raised(fault: Fault, exercise: str, limits: Limits) -> Finding:
    place = f", in {fault.file} line {fault.line}: {fault.code}" if fault.file else ""
    if "NotImplementedError" in fault.kinds:
        needed = fault.message
        while_loading = place if fault.function == "<module>" else "."
        if "." in needed and needed != exercise and needed.replace(".", "_").isidentifier():
            return Finding(
                Status.UNSOLVED,
                f"It needs {needed}, still a stub{while_loading}",
                suggestion=f"Write {needed} first: learnkit check {needed}",
            )
        return Finding(
            Status.UNSOLVED,
            "Still the stub.",
            suggestion=f"Read its docstring, then replace the raise line; "
            f"learnkit hint {exercise} gives a nudge.",
        )
    if "SystemExit" in fault.kinds:
        return Finding(
            Status.ERROR,
            f"Your code called sys.exit(){place}.",
            suggestion="A function hands back its result with return; only a program exits.",
        )
    if "MemoryError" in fault.kinds and fault.function:
        limit = f"{limits.memory_bytes // MIB} MB"
        return Finding(
            Status.ERROR,
            f"Your code asked for more memory than the {limit} it may use{place}. {fault.message}",
            suggestion="Check the shapes: a broadcast may have made one array of every pair.",
        )
    if "EOFError" in fault.kinds:
        return Finding(
            Status.ERROR,
            f"Your code waits for input from the keyboard, and there is none here{place}.",
            suggestion="Take everything from the arguments.",
        )
    said = f"{fault.type}: {fault.message}" if fault.message else fault.type
    return Finding(Status.ERROR, f"{said}{place}", suggestion=_suggestion(fault))


def _suggestion(fault: Fault) -> str:
    if "SyntaxError" in fault.kinds:
        return "Python cannot read the file; look at that line and the one before it."
    if fault.type == "BdbQuit":
        return "Take breakpoint() out: nobody is there to answer it."
    if fault.type == "NameError" and "'np'" in fault.message:
        return "Put `import numpy as np` at the top of the file."
    if fault.type == "NameError" and "'xrange'" in fault.message:
        return "That was Python 2; in Python 3 it is range."
    said = next((says for words, says in ON_MESSAGES.items() if words in fault.message), "")
    if said:
        return said
    if "IndexError" in fault.kinds:
        return "An index is out of range: which axis does it count, rows or columns?"
    if "ImportError" in fault.kinds and "relative import" in fault.message:
        return "Your file is loaded by itself: take this line out, and bring along what it needs."
    if "ImportError" in fault.kinds:
        return "Only NumPy and the standard library are needed here."
    if "RecursionError" in fault.kinds and fault.function:
        return "The function calls itself without end; does it have the name of the one it means?"
    return ""


def _death(fault: Fault) -> str:
    if fault.exit_code == SEGMENTATION_FAULT:
        return "Your code crashed Python itself (segmentation fault)."
    if fault.exit_code in LOST:
        return (
            "Your code's process was lost: it was killed (signal 9), for want of memory perhaps, or "
            "it closed the pipe on which it answers."
        )
    if fault.exit_code < 0:
        return f"Your code's process was ended by signal {-fault.exit_code}."
    return f"Your code ended its own process (exit code {fault.exit_code}), as os._exit() does."


def _death_suggestion(fault: Fault) -> str:
    if fault.exit_code in LOST:
        return "Look for arrays too large for this machine, and for os.kill, os.close and the like."
    if fault.exit_code >= 0:
        return "A function hands back its result with return; it must not end the process."
    return "Endless recursion, or memory handled by hand, can do this."
