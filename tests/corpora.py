"""Answers as people write them: right ones in `alternatives/TOPIC.py`, wrong ones in `mistaken/`.

An answer is named `EXERCISE__LABEL`: a function, a class or an assignment. Of its file a submission is
given what it needs. Where an answer needs another function of its own beside it, a backward pass its
forward, the file's `PARTNERS` says which; otherwise the model answers stand beside it.
"""

import ast
from pathlib import Path

from grader.catalogue import Exercise

HERE = Path(__file__).resolve().parent


class Corpus:
    """The answers in one file, `answers` by name."""

    def __init__(self, path: Path) -> None:
        self.topic = path.stem
        self.text = path.read_text(encoding="utf-8")
        self.lines = self.text.splitlines(keepends=True)
        self.nodes = ast.parse(self.text).body
        self.defined = {name: node for node in self.nodes for name in names_of(node)}
        self.answers = [name for name in self.defined if "__" in name.strip("_")]
        partners = self.defined.get("PARTNERS")
        self.partners: dict[str, dict[str, str]] = {}
        if isinstance(partners, ast.Assign):
            self.partners = ast.literal_eval(partners.value)

    def submission(self, answer: str, exercise: Exercise) -> str:
        """Return a file with this answer to an exercise, without those that it does not need."""
        partners = self.partners.get(answer, {})
        others = set(self.answers) - self._needed([answer, *partners.values()])
        parts = []
        for node in self.nodes:
            if not others.intersection(names_of(node)):
                first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
                parts.append("".join(self.lines[first - 1 : node.end_lineno]))
        names = {**partners, exercise.name: answer}
        parts += [f"{name} = {own}\n" for name, own in names.items()]
        if exercise.backward_of and not partners:
            parts.insert(0, exercise.topic.answers.text)
        return "\n\n".join(parts)

    def _needed(self, answers: list[str]) -> set[str]:
        needed, waiting = set(), list(answers)
        while waiting:
            name = waiting.pop()
            if name in self.defined and name not in needed:
                needed.add(name)
                walked = ast.walk(self.defined[name])
                waiting += [node.id for node in walked if isinstance(node, ast.Name)]
        return needed


def names_of(node: ast.AST) -> list[str]:
    """Return the names that a statement at the top of a file defines."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def corpora(room: str) -> dict[str, Corpus]:
    """Return the corpora of a room by topic."""
    return {path.stem: Corpus(path) for path in sorted((HERE / room).glob("*.py"))}
