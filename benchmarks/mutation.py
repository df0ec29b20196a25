"""Do the checks bite? Every small change of a model answer must lose marks.

    python -m benchmarks.mutation [TOPIC ...] [--sample N] [--seed N] [--json FILE]

A mutant is a model answer with one operator, constant, axis, sign, index, term, argument or statement
changed. Mutants that are no mistakes, because nothing about the result changes or because the
curriculum accepts them, are listed in `benchmarks/equivalent_mutants.json` with their reason.
Exit code 1 when any other mutant passes.
"""

import argparse
import ast
import copy
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

from grader.catalogue import Catalogue, Exercise, Topic
from grader.engine import judge
from grader.report import Status
from grader.student.launch import Launcher, launcher
from grader.student.limits import Limits
from grader.student.session import Session
from grader.student.submission import from_text

EQUIVALENT = Path(__file__).with_name("equivalent_mutants.json")
SECONDS = 2.0  # a mutant may loop for ever

OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Div),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv, ast.Sub),
    ast.Pow: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
FUNCTIONS = {
    "mean": ("sum", "median"),
    "sum": ("mean", "max"),
    "max": ("min", "mean"),
    "min": ("max",),
    "maximum": ("minimum", "add"),
    "minimum": ("maximum",),
    "exp": ("exp2", "expm1"),
    "log": ("log10", "log1p", "log2"),
    "log1p": ("log",),
    "abs": ("negative", "square"),
    "sqrt": ("square", "cbrt"),
    "square": ("abs",),
    "clip": ("maximum",),
    "zeros_like": ("ones_like",),
    "ones_like": ("zeros_like",),
    "argmax": ("argmin",),
    "sin": ("cos",),
    "cos": ("sin",),
    "tanh": ("sin",),
    "floor": ("ceil",),
}


def mutations(tree: ast.FunctionDef) -> Iterator[ast.FunctionDef]:
    """Yield copies of a function, each with one change in its body."""
    nodes = [node for statement in tree.body[1:] for node in ast.walk(statement)]
    for index, node in enumerate(nodes):
        for change in range(len(list(_changed(node)))):
            mutant = copy.deepcopy(tree)
            twins = [twin for statement in mutant.body[1:] for twin in ast.walk(statement)]
            replacement = list(_changed(twins[index]))[change]
            _Replace(twins[index], replacement).visit(mutant)
            yield mutant
    for index in range(1, len(tree.body)):
        if not isinstance(tree.body[index], ast.Return):
            mutant = copy.deepcopy(tree)
            mutant.body[index] = ast.Pass()
            yield mutant


class _Replace(ast.NodeTransformer):
    """Put one node in another's place."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """Replace the node, or look below it."""
        return self._new if node is self._old else super().generic_visit(node)


def _changed(node: ast.AST) -> Iterator[ast.AST]:  # noqa: PLR0912 - a table, a case a line
    """Yield what may stand in a node's place."""
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            for other in OPERATORS.get(type(op), ()):
                yield ast.BinOp(left, other(), right)
            yield from (left, right)
        case ast.AugAssign(target=target, op=op, value=value):
            for other in OPERATORS.get(type(op), ()):
                yield ast.AugAssign(target, other(), value)
        case ast.Compare(left=left, ops=[op], comparators=right):
            for cmp in COMPARISONS.get(type(op), ()):
                yield ast.Compare(left, [cmp()], right)
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            yield operand
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield from (ast.Constant(value + 1), ast.Constant(value - 1))
        case ast.Constant(value=float(value)):
            yield from (ast.Constant(2 * value), ast.Constant(-value), ast.Constant(value / 10))
        case ast.Call():
            yield from _changed_calls(node)
        case ast.Tuple(elts=[first, second], ctx=ast.Load()):
            yield ast.Tuple([second, first], ast.Load())
        case ast.Return():
            yield ast.Return(None)
        case ast.If(test=test, body=body, orelse=orelse):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)


def _changed_calls(node: ast.Call) -> Iterator[ast.AST]:
    function, args = node.func, node.args
    if isinstance(function, ast.Attribute):
        for other in FUNCTIONS.get(function.attr, ()):
            yield ast.Call(ast.Attribute(function.value, other, ast.Load()), args, node.keywords)
    for i in range(len(args) - 1):
        swapped = [*args[:i], args[i + 1], args[i], *args[i + 2 :]]
        yield ast.Call(function, swapped, node.keywords)
    for i in range(len(node.keywords)):
        yield ast.Call(function, args, node.keywords[:i] + node.keywords[i + 1 :])
    yield from args


def mutants(exercise: Exercise) -> Iterator[tuple[str, str]]:
    """Yield each mutant of an exercise's model answer: its changed line, and the whole file."""
    answers = exercise.topic.answers
    (tree,) = (
        node
        for node in ast.parse(answers.text).body
        if isinstance(node, ast.FunctionDef) and node.name == exercise.name
    )
    original = [ast.unparse(statement) for statement in tree.body[1:]]
    seen = {"\n".join(original)}
    for mutant in mutations(tree):
        lines = [ast.unparse(ast.fix_missing_locations(s)) for s in mutant.body[1:]]
        body = "\n".join(lines)
        if body not in seen:
            seen.add(body)
            changed = next(new for old, new in zip(original, lines, strict=True) if old != new)
            yield changed, answers.with_body(exercise.name, body)


def survivors(
    topic: Topic, start: Launcher, sample: int | None, seed: int
) -> tuple[int, list[tuple[str, str]]]:
    """Return how many mutants were tried, and the exercise and changed line of those that passed."""
    tried, passed = 0, []
    for exercise in topic.exercises.values():
        found = list(mutants(exercise))
        if sample is not None:
            found = random.Random(exercise.id).sample(found, min(sample, len(found)))  # noqa: S311
        for line, text in found:
            limits = Limits(seconds=SECONDS)
            with Session(from_text(text, topic.name), start, limits) as session:
                result = judge(exercise, session, seed)
            tried += 1
            if result.status is Status.PASSED:
                passed.append((exercise.id, line))
    return tried, passed


def main() -> None:
    """Try the mutants and print what became of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("topics", nargs="*")
    parser.add_argument("--sample", type=int, help="at most so many mutants an exercise")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    catalogue = Catalogue()
    topics = [catalogue.topic(name) for name in options.topics] or catalogue.topics()
    accepted: dict[str, dict[str, str]] = json.loads(EQUIVALENT.read_text(encoding="utf-8"))
    tried, passed = 0, []
    start = launcher()
    try:
        for topic in topics:
            count, survived = survivors(topic, start, options.sample, options.seed)
            tried += count
            passed += survived
    finally:
        start.close()
    surviving = [(name, line) for name, line in passed if line not in accepted.get(name, {})]
    equivalent = len(passed) - len(surviving)
    killed = tried - len(passed)
    print(f"mutants {tried}, killed {killed}, equivalent {equivalent}, surviving {len(surviving)}")
    for name, line in surviving:
        print(f"  {name}: {line}")
    if options.json:
        told = {
            "mutants": tried,
            "killed": killed,
            "equivalent": equivalent,
            "surviving": surviving,
        }
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    sys.exit(1 if surviving else 0)


if __name__ == "__main__":
    main()
