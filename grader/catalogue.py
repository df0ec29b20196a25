"""What is asked: topics and exercises as they are declared, and the rooms they come from."""

import functools
import importlib
import importlib.util
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from grader.checks.calls import Functions
from grader.checks.check import Case, Check
from grader.checks.paper import Form, Paper, Question
from grader.models import ModelAnswers, NoAnswersError
from grader.topics import ORDER

HERE = Path(__file__).resolve().parent
ENTRY_POINTS = "learnkit.topics"
PAPERS_KEPT = (
    256  # a class is asked the same by the thousand; false alarms are sought at many seeds
)


class UnknownNameError(Exception):
    """No topic or exercise of that name; the message suggests the nearest."""


class DeclarationError(Exception):
    """A topic that is declared wrongly; the message says where and what."""


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that people really give, and what to tell them.

    It must lose marks, and a learner whose outputs equal its outputs is told `says`.

    Parameters
    ----------
    id
        Its name within the exercise.
    says
        What went wrong and why, in one or two sentences to the learner.
    *changes
        Pairs of a text that stands once in the body of the model answer and its replacement.
    body
        A whole body instead, where no change says it.
    """

    id: str
    says: str
    changes: tuple[tuple[str, str], ...] = ()
    body: str = ""

    def __init__(self, id: str, says: str, *changes: tuple[str, str], body: str = "") -> None:  # noqa: A002
        for name, value in (("id", id), ("says", says), ("changes", changes), ("body", body)):
            object.__setattr__(self, name, value)
        if bool(changes) == bool(body):
            raise DeclarationError(f"mistake {id}: give either changes or a body")

    def text(self, answers: ModelAnswers, exercise: str) -> str:
        """Return the model answers' text with this mistake made."""
        if self.body:
            return answers.with_body(exercise, self.body)
        return answers.changed(exercise, self.changes)


@dataclass(frozen=True, eq=False)
class Exercise:
    """One function to write.

    Parameters
    ----------
    topic
        Where it belongs.
    name
        The function's name.
    points
        What it is worth.
    returns
        The names of its outputs.
    cases
        Arguments to try it on, smallest first: the first that fails is the one shown.
    checks
        What is asked of it, beyond the gates.
    hints
        Three: a nudge, the method, nearly the code.
    mistakes
        What people get wrong.
    uses
        Earlier exercises that an answer may call, those of another topic as `topic.exercise`;
        where one of them is wrong, this one is judged with a right one in its place.
    stays
        Outputs that are the learner's own affair, a cache say: never looked at.
    updates
        Parameters that the function may change in place; what they hold afterwards is judged.
    backward_of
        The exercise whose backward pass this is. It is called with what the learner's own forward
        kept; where that forward is wrong, its true derivative is right here.
    accepts
        Functions of the topic's truth that are right as well where they differ from the first.
    as_one
        Whether its outputs come of one process, so that a mistake that explains some of them and not
        the others is another one.
    """

    topic: "Topic"
    name: str
    points: float
    returns: tuple[str, ...]
    cases: tuple[Case, ...]
    checks: tuple[Check, ...]
    hints: tuple[str, ...]
    mistakes: tuple[Mistake, ...]
    uses: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    updates: tuple[str, ...] = ()
    backward_of: str = ""
    accepts: tuple[str, ...] = ()
    as_one: bool = False

    @property
    def id(self) -> str:
        """Return `topic.name`."""
        return f"{self.topic.name}.{self.name}"

    @property
    def helpers(self) -> "list[Exercise]":
        """Return the exercises that an answer may call."""
        return [self.topic.exercise_named(name) for name in self.uses]

    @property
    def forward(self) -> "list[Exercise]":
        """Return the exercise whose backward pass this is, where it is one."""
        return [self.topic.exercise_named(self.backward_of)] if self.backward_of else []

    @cached_property
    def form(self) -> Form:
        """Return what the function takes and gives."""
        parameters = self.topic.signatures.function(self.name).parameters
        return Form(self.name, parameters, self.returns, self.stays, self.updates)

    @cached_property
    def question(self) -> Question:
        """Return what checks need to know."""
        topic = self.topic

        def one_way(answer: str) -> Functions:
            return lambda name: topic.truth(answer if name == self.name else name)

        return Question(
            self.id,
            self.form,
            self.cases,
            tuple(one_way(answer) for answer in (self.name, *self.accepts)),
            lambda name: topic.exercises[name].form,
            self.backward_of,
        )

    def paper(self, seed: int) -> Paper:
        """Return the exercise as it is put to everybody with the same seed."""
        return _paper(self, seed)

    @property
    def docstring(self) -> str:
        """Return what the stub says."""
        return self.topic.signatures.function(self.name).docstring

    def answer(self) -> str:
        """Return the text of the model answer, without the docstring that the stub has, too."""
        return self.topic.answers.without_docstring(self.name)


@functools.lru_cache(maxsize=PAPERS_KEPT)
def _paper(exercise: Exercise, seed: int) -> Paper:
    return Paper(exercise.question, exercise.checks, seed)


class Rooms(NamedTuple):
    """Where a kit keeps its files: the same rooms for the built-in topics and for anybody else's.

    Parameters
    ----------
    topics
        The declarations, `grader/topics/`.
    solutions, exercises
        Model answers, and the stubs that are cut from them.
    numerics
        The truth; a topic without a file there takes its own solutions for the truth.
    lessons
        `docs/topics/`.
    built_in
        Whether these are the kit's own, to be imported as packages.
    """

    topics: Path
    solutions: Path
    exercises: Path
    numerics: Path
    lessons: Path
    built_in: bool = False

    @classmethod
    def under(cls, root: Path) -> "Rooms":
        """Return the rooms of a folder laid out as this project is.

        Raises
        ------
        DeclarationError
            If the folder declares no topics.
        """
        if not (root / "grader" / "topics").is_dir():
            raise DeclarationError(f"{root} has no grader/topics folder with declarations in it")
        rooms = (
            root / "solutions",
            root / "exercises",
            root / "numerics",
            root / "docs" / "topics",
        )
        return cls(root / "grader" / "topics", *rooms)

    @classmethod
    def own(cls) -> "Rooms":
        """Return the kit's own rooms: in its wheel, or in the checkout it was installed from."""
        root = HERE.parent
        data = HERE / "_rooms" if (HERE / "_rooms").is_dir() else root
        return cls(
            HERE / "topics",
            data / "solutions",
            data / "exercises",
            root / "numerics",
            data / "docs" / "topics",
            built_in=True,
        )


@dataclass(eq=False)
class Topic:
    """A group of exercises that share a file.

    Parameters
    ----------
    name
        The file's name in every room.
    title
        What it is about, in a phrase.
    neighbour
        Finds another topic by name; the catalogue knows them.
    """

    name: str
    title: str
    exercises: dict[str, Exercise] = field(default_factory=dict)
    rooms: Rooms = field(default_factory=Rooms.own)
    neighbour: "Callable[[str], Topic] | None" = None

    def exercise_named(self, name: str) -> Exercise:
        """Return an exercise of this topic, or of another as `topic.exercise`.

        Raises
        ------
        DeclarationError
            If there is none of that name.
        """
        head, dot, tail = name.rpartition(".")
        try:
            topic = self.neighbour(head) if dot and self.neighbour else self
            return topic.exercises[tail]
        except (KeyError, UnknownNameError):
            raise DeclarationError(f"{self.name}: there is no exercise {name} to use") from None

    def exercise(
        self,
        name: str,
        *,
        points: float,
        returns: Sequence[str],
        cases: Sequence[Case],
        checks: Sequence[Check],
        hints: Sequence[str],
        mistakes: Sequence[Mistake],
        uses: Sequence[str] = (),
        stays: Sequence[str] = (),
        updates: Sequence[str] = (),
        backward_of: str = "",
        accepts: Sequence[str] = (),
        as_one: bool = False,
    ) -> None:
        """Declare an exercise; the parameters are those of `Exercise`.

        Raises
        ------
        DeclarationError
            If the name is taken or there is no case.
        """
        if name in self.exercises:
            raise DeclarationError(f"{self.name}.{name} is declared twice")
        if not cases:
            raise DeclarationError(f"{self.name}.{name} has no cases")
        self.exercises[name] = Exercise(
            self,
            name,
            points,
            tuple(returns),
            tuple(cases),
            tuple(checks),
            tuple(hints),
            tuple(mistakes),
            tuple(uses),
            tuple(stays),
            tuple(updates),
            backward_of,
            tuple(accepts),
            as_one,
        )

    @cached_property
    def answers(self) -> ModelAnswers:
        """Return the text of the model answers.

        Raises
        ------
        NoAnswersError
            If this is a student's kit, which has none.
        DeclarationError
            If they cannot be read.
        """
        if self._without_answers:
            raise NoAnswersError("this is a student's kit: it holds no model answers")
        return _read(self.name, self.rooms.solutions)

    @cached_property
    def signatures(self) -> ModelAnswers:
        """Return a text in which each function has its signature and its docstring.

        That is the model answers or, in a student's kit, the stubs that were cut from them.
        """
        return _read(self.name, self.rooms.exercises) if self._without_answers else self.answers

    @property
    def _without_answers(self) -> bool:
        return self.rooms.built_in and not self.rooms.solutions.is_dir()

    @property
    def stub_path(self) -> Path:
        """Return where the stubs stand."""
        return self.rooms.exercises / f"{self.name}.py"

    def truth(self, name: str) -> Callable[..., Any]:
        """Return the function that computes the truth of an exercise."""
        if self.rooms.built_in:
            module: Any = importlib.import_module(f"numerics.{self.name}")
        elif (self.rooms.numerics / f"{self.name}.py").is_file():
            module = _module(self.rooms.numerics / f"{self.name}.py")
        else:
            found: Callable[..., Any] = self.answers.run()[name]
            return found
        if not hasattr(module, name):
            raise DeclarationError(f"{module.__name__} has no function {name}")
        truth: Callable[..., Any] = getattr(module, name)
        return truth


class Catalogue:
    """All topics within reach, loaded when asked for.

    Parameters
    ----------
    folders
        More rooms to take topics from, each a folder laid out as this project is.
    """

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        self._places: dict[str, Rooms] = dict.fromkeys(ORDER, Rooms.own())
        self._topics: dict[str, Topic] = {}
        self._complete = False
        for folder in folders:
            self._add(Rooms.under(folder))

    def topics(self) -> list[Topic]:
        """Return every topic, the built-in ones first, in the order of the curriculum."""
        self._look_further()
        return [self.topic(name) for name in self._places]

    def topic(self, name: str) -> Topic:
        """Return one topic.

        Raises
        ------
        UnknownNameError
            If there is none of that name.
        """
        if name not in self._places:
            self._look_further()
        if name not in self._places:
            raise UnknownNameError(self._no_such(name))
        if name not in self._topics:
            self._topics[name] = self._load(name, self._places[name])
        return self._topics[name]

    def find(self, names: Sequence[str]) -> list[Exercise]:
        """Return the exercises that names stand for: topics, or `topic.exercise`; none: all.

        Raises
        ------
        UnknownNameError
            If a name is unknown.
        """
        if not names:
            return list(self._all())
        found: dict[str, Exercise] = {}
        for name in names:
            head, dot, tail = name.partition(".")
            if head not in self._places:
                self._look_further()
            if head not in self._places:
                raise UnknownNameError(self._no_such(name))
            topic = self.topic(head)
            if dot and tail not in topic.exercises:
                raise UnknownNameError(self._no_such(name))
            chosen = [topic.exercises[tail]] if dot else topic.exercises.values()
            found |= {exercise.id: exercise for exercise in chosen}
        return list(found.values())

    def _all(self) -> Iterator[Exercise]:
        for topic in self.topics():
            yield from topic.exercises.values()

    def _no_such(self, name: str) -> str:
        import difflib  # noqa: PLC0415 - only for a name that was mistyped

        known = {e.id: e.id for e in self._all()} | {t.name: t.name for t in self.topics()}
        # A bare function name is what people type first.
        bare = {e.name: e.id for e in self._all()}
        near = difflib.get_close_matches(name, [*known, *bare], n=3, cutoff=0.5)
        suggestions = list(dict.fromkeys((known | bare)[match] for match in near))
        ask = f"; did you mean {' or '.join(suggestions)}?" if suggestions else ""
        kind = "exercise" if "." in name else "topic or exercise"
        return f'no {kind} "{name}"{ask or "; learnkit list shows what there is."}'

    def _look_further(self) -> None:
        """Add the topics of installed packages; reading their metadata takes a while."""
        if self._complete:
            return
        self._complete = True
        from importlib.metadata import entry_points  # noqa: PLC0415

        for entry in entry_points(group=ENTRY_POINTS):
            try:
                origin = importlib.util.find_spec(entry.value)
            except ImportError:
                origin = None
            if origin is None or not origin.submodule_search_locations:
                raise DeclarationError(
                    f"entry point {entry.name} in {ENTRY_POINTS}: {entry.value} is no package"
                )
            self._add(Rooms.under(Path(next(iter(origin.submodule_search_locations)))))

    def _add(self, rooms: Rooms) -> None:
        for path in sorted(rooms.topics.glob("*.py")):
            if path.stem == "__init__":
                continue
            if path.stem in self._places and self._places[path.stem].topics != rooms.topics:
                raise DeclarationError(f"{path}: there is a topic {path.stem} already")
            self._places[path.stem] = rooms

    def _load(self, name: str, rooms: Rooms) -> Topic:
        if rooms.built_in:
            module: Any = importlib.import_module(f"grader.topics.{name}")
        else:
            module = _module(rooms.topics / f"{name}.py")
        topic = getattr(module, "topic", None)
        if not isinstance(topic, Topic) or topic.name != name:
            raise DeclarationError(
                f"{rooms.topics / name}.py does not define topic = Topic({name!r})"
            )
        topic.rooms = rooms
        topic.neighbour = self.topic
        return topic


def _read(name: str, room: Path) -> ModelAnswers:
    path = room / f"{name}.py"
    try:
        return ModelAnswers(name, path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DeclarationError(f"{path} cannot be read: {error.strerror}") from error


def _module(path: Path) -> Any:
    """Import a file under a name of its own, so that it hides nobody else's module."""
    spec = importlib.util.spec_from_file_location(f"learnkit_{path.parent.name}_{path.stem}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise DeclarationError(f"{path}: {type(error).__name__}: {error}") from error
    return module
