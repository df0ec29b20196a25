"""Model answers as text: find a function, change it, cut a stub from it, run it."""

import ast
import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from grader.checks.paper import Parameter

INDENT = "    "


class ModelError(Exception):
    """A model answer that is not what the kit needs; the message says where and why."""


class NoAnswersError(ModelError):
    """There are no model answers here, on purpose."""


class FunctionText(NamedTuple):
    """Where a function stands in its file; line numbers start at 0, ends are exclusive.

    Parameters
    ----------
    start, end
        All of it, decorators included.
    docstring_start, body
        The lines where its docstring and what follows it begin.
    beside
        The signature, where the body begins on the same line.
    parameters
        Those that can be given by position, then those that can be given by name alone.
    named
        The names of all parameters.
    """

    name: str
    start: int
    docstring_start: int
    body: int
    end: int
    beside: str
    parameters: tuple[Parameter, ...]
    named: tuple[str, ...]
    docstring: str


@dataclass(frozen=True)
class ModelAnswers:
    """The text of one topic's model answers.

    Parameters
    ----------
    topic
        Its name.
    text
        The file's text.
    """

    topic: str
    text: str

    @property
    def functions(self) -> Mapping[str, FunctionText]:
        """Return the top-level functions by name.

        Raises
        ------
        ModelError
            If the text cannot be parsed.
        """
        return functions_of(self.text, self.topic)

    def function(self, name: str) -> FunctionText:
        """Return one function.

        Raises
        ------
        ModelError
            If there is none of that name.
        """
        try:
            return self.functions[name]
        except KeyError:
            raise ModelError(f"solutions/{self.topic}.py has no function {name}") from None

    def changed(self, name: str, changes: Sequence[tuple[str, str]]) -> str:
        """Return the text with changes made in the body of one function.

        Raises
        ------
        ModelError
            If a text to be replaced does not stand there exactly once.
        """
        lines = lines_of(self.text)
        place = self.function(name)
        body = "".join(lines[place.body : place.end])
        for old, new in changes:
            if body.count(old) != 1:
                raise ModelError(
                    f"solutions/{self.topic}.py: {old!r} stands {body.count(old)} times in the "
                    f"body of {name}; a mistake's change must find it once"
                )
            body = body.replace(old, new)
        return "".join([*lines[: place.body], body, *lines[place.end :]])

    def with_body(self, name: str, body: str) -> str:
        """Return the text with the body of one function replaced; the docstring stays."""
        lines = lines_of(self.text)
        place = self.function(name)
        new = [INDENT + line if line.strip() else line for line in lines_of(body.rstrip() + "\n")]
        return "".join([*lines[: place.body], place.beside, *new, *lines[place.end :]])

    def without_docstring(self, name: str) -> str:
        """Return the text of one function as it is read beside a learner's own."""
        lines = lines_of(self.text)
        place = self.function(name)
        head = lines[place.start : place.docstring_start]
        return "".join([*head, *lines[place.body : place.end]]).rstrip()

    def stubs(self) -> str:
        """Return the file that a learner starts from: every body gone, every docstring kept."""
        text = self.text
        for name in self.functions:
            text = ModelAnswers(self.topic, text).with_body(name, self.stub_body(name))
        return text

    def stub_body(self, name: str) -> str:
        """Return the one line that stands for a body still to be written."""
        return f'raise NotImplementedError("{self.topic}.{name}")\n'

    def run(self, text: str | None = None) -> dict[str, Any]:
        """Execute the file, or a changed text of it, and return its namespace."""
        namespace: dict[str, Any] = {"__name__": f"solutions.{self.topic}"}
        code = compile(text or self.text, f"solutions/{self.topic}.py", "exec", dont_inherit=True)
        exec(code, namespace)  # noqa: S102 - the kit's own text
        return namespace


@functools.lru_cache(maxsize=64)
def functions_of(text: str, where: str) -> dict[str, FunctionText]:
    """Return the top-level functions of a Python text by name.

    Raises
    ------
    ModelError
        If the text cannot be parsed.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise ModelError(f"{where}: line {error.lineno}: {error.msg}") from error
    lines = lines_of(text)
    return {
        node.name: _place(node, lines) for node in tree.body if isinstance(node, ast.FunctionDef)
    }


def lines_of(text: str) -> list[str]:
    """Split a text as Python counts lines, their ends kept; `str.splitlines` knows more ends."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _place(node: ast.FunctionDef, lines: list[str]) -> FunctionText:
    docstring = ast.get_docstring(node) or ""
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    head = node.body[0]
    body = (head.end_lineno or head.lineno) if docstring else head.lineno - 1
    before = lines[head.lineno - 1].encode()[: head.col_offset].decode()
    given = node.args
    arguments = [*given.posonlyargs, *given.args]
    without_default = len(arguments) - len(given.defaults)
    rest = [given.vararg, *given.kwonlyargs, given.kwarg]
    return FunctionText(
        node.name,
        first - 1,
        head.lineno - 1,
        body,
        node.end_lineno or 0,
        before.rstrip() + "\n" if before.strip() else "",
        (
            *(Parameter(a.arg, i >= without_default) for i, a in enumerate(arguments)),
            *(
                Parameter(a.arg, default is not None, named_only=True)
                for a, default in zip(given.kwonlyargs, given.kw_defaults, strict=True)
            ),
        ),
        tuple(argument.arg for argument in (*arguments, *rest) if argument),
        docstring,
    )
