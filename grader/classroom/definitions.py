"""What of a notebook's cells defines something: what is left where a cell never ends."""

import ast

from grader.student.submission import Source, syntax_tree

DEFINING = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
NAMING = (ast.Assign, ast.AnnAssign)


def definitions_of(source: Source) -> Source:
    """Return a notebook whose cells hold no more than imports, functions, classes and plain values.

    What remains stays in its line. A cell that cannot be parsed stays as it is: it never runs.
    """
    return source._replace(units=tuple((label, _defining(text)) for label, text in source.units))


def _defining(text: str) -> str:
    try:
        tree = syntax_tree(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text
    kept: set[int] = set()
    for statement in tree.body:
        if _defines(statement):
            first = min([statement.lineno, *(d.lineno for d in _decorators(statement))])
            kept |= set(range(first, (statement.end_lineno or first) + 1))
    lines = text.split("\n")
    return "\n".join(line if number in kept else "" for number, line in enumerate(lines, 1))


def _defines(statement: ast.stmt) -> bool:
    """Tell whether a statement names something without calling the learner's own functions."""
    if isinstance(statement, DEFINING):
        return True
    if not isinstance(statement, NAMING):
        return False
    calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
    return all(isinstance(call.func, ast.Attribute) for call in calls)


def _decorators(statement: ast.stmt) -> list[ast.expr]:
    return list(getattr(statement, "decorator_list", []))
