"""What a submission asks for that is not here: other packages, files, the network, a keyboard.

Where it was written they may have been there, and what stands at the top level draws pictures or
tries things out. A statement that cannot do without is left out, what it would have named is stood
in for, and the rest is run.
"""

import __future__

import ast
import functools
import itertools
import operator
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from types import CodeType
from typing import Any, NoReturn

ENVIRONMENT = (ImportError, OSError, EOFError)
FUTURE = functools.reduce(
    operator.or_, (getattr(__future__, n).compiler_flag for n in __future__.all_feature_names)
)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
Place = tuple[int, int]  # a line, and a column in bytes
SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Absent:
    """Stands for what could not be had, and for all that is in it: to use it raises why not.

    In annotations and as a default it may stand, and nothing is an instance of it.

    Parameters
    ----------
    why
        What was raised where it was asked for.
    """

    def __init__(self, why: BaseException) -> None:
        object.__setattr__(self, "_why", why)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def _itself(self, _: Any) -> "Absent":
        return self

    def _no(self, _: Any) -> bool:
        return False

    def _use(self, *_: Any, **__: Any) -> NoReturn:
        raise object.__getattribute__(self, "_why").with_traceback(None)

    __getitem__ = __or__ = __ror__ = _itself
    __instancecheck__ = __subclasscheck__ = _no
    __call__ = __mro_entries__ = __enter__ = __exit__ = _use
    __setattr__ = __setitem__ = __delitem__ = _use
    __iter__ = __len__ = __contains__ = __array__ = _use
    __bool__ = __index__ = __int__ = __float__ = __complex__ = _use
    __neg__ = __pos__ = __abs__ = __invert__ = __lt__ = __le__ = __gt__ = __ge__ = _use
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __pow__ = __rpow__ = _use
    __matmul__ = __rmatmul__ = __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = _use
    __mod__ = __rmod__ = __and__ = __rand__ = __xor__ = __rxor__ = _use


def compiled(source: str | ast.Module, file: str, flags: int = 0) -> CodeType:
    """Compile a text or a tree, without remarks on it.

    Raises
    ------
    SyntaxError, ValueError, RecursionError, MemoryError
        If it cannot be.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code: CodeType = compile(source, file, "exec", flags, dont_inherit=True)
    return code


def run(
    text: str, file: str, namespace: dict[str, Any], note: Callable[[BaseException], None]
) -> None:
    """Run a text but for the statements at its top level that need what is not here.

    Parameters
    ----------
    text, file
        The text, and what it is called.
    namespace
        Where it runs.
    note
        Told why a statement is left out.

    Raises
    ------
    BaseException
        Whatever else the text raises.
    """
    code = compiled(text, file)
    future = code.co_flags & FUTURE
    statement: ast.stmt | None = None
    waiting: deque[ast.stmt] = deque()
    while True:
        try:
            exec(code, namespace)  # noqa: S102 - here, and only here, it may run
        except Exception as error:
            not_here = _is_of_the_environment(error)
            if not not_here and not _speaks_of_absent(statement, namespace):
                raise
            at = _place(error, code)
            if statement is None:
                # It was the whole text; from here on one statement comes after the other.
                waiting.extend(_from_place(at, ast.parse(text).body))
                statement = waiting.popleft() if waiting else None
            if statement is None:
                raise
            instead = _instead_of(statement, at)
            waiting.extendleft(reversed(instead))
            if not instead:
                for name in _named(statement):
                    namespace.setdefault(name, Absent(error))
            if not_here and not instead:
                note(error)
        if not waiting:
            return
        statement = waiting.popleft()
        code = compiled(ast.Module([statement], type_ignores=[]), file, future)


def _is_of_the_environment(error: Exception) -> bool:
    """Tell whether an error says that something is not here; a name may be missing from a module."""
    if isinstance(error, ImportError) and not isinstance(error, ModuleNotFoundError):
        return "relative import" in str(error)
    return isinstance(error, ENVIRONMENT)


def _speaks_of_absent(statement: ast.stmt | None, namespace: dict[str, Any]) -> bool:
    """Tell whether a statement names something that is stood in for: what else it raises follows."""
    nodes = ast.walk(statement) if statement else ()
    names = (node.id for node in nodes if isinstance(node, ast.Name))
    return any(type(namespace.get(name)) is Absent for name in names)


def _place(error: BaseException, code: CodeType) -> Place:
    """Return the line and the column of the statement that raised."""
    found = error.__traceback__
    while found and found.tb_frame.f_code is not code:
        found = found.tb_next
    if not found:
        return 0, 0
    line, _, column, _ = next(itertools.islice(code.co_positions(), found.tb_lasti // 2, None))
    return line or found.tb_lineno, column or 0


def _from_place(at: Place, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Return the statement at a place and all that follow it."""
    return [each for each in statements if _end(each) > at]


def _end(node: ast.stmt | ast.expr) -> Place:
    return node.end_lineno or 0, node.end_col_offset or 0


def _instead_of(statement: ast.stmt, at: Place) -> list[ast.stmt]:
    """Return what may work where a statement does not: one import at a time, no such decorator."""
    if isinstance(statement, ast.Import) and len(statement.names) > 1:
        return [ast.copy_location(ast.Import([alias]), alias) for alias in statement.names]
    if isinstance(statement, DEFINITIONS):
        for decorator in statement.decorator_list:
            if (decorator.lineno, decorator.col_offset) <= at < _end(decorator):
                statement.decorator_list.remove(decorator)
                return [statement]
    return []


def _named(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement gives to something at the top level."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, DEFINITIONS):
            yield node.name
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif not isinstance(node, SCOPES):
            waiting += ast.iter_child_nodes(node)
