"""What the screen shows, and what each key does to it; it knows no terminal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from grader.answers import own_answer
from grader.catalogue import Exercise
from grader.hints import Hint, hint
from grader.hints import note as note_hint
from grader.progress import Progress
from grader.render.console import clean, render
from grader.render.diff import solution
from grader.render.listing import listing
from grader.render.watching import Page
from grader.report import Report, Status
from grader.student.submission import KINDS, from_folder
from grader.watching.events import Judged
from grader.watching.judging import Ask, Question
from grader.workspace import Workspace, WorkspaceError

WIDEST = 100
END = 10**9  # a line after the last: the page is drawn from where its end shows
BACK = Text("Escape goes back.")
CHECKING = "Checking ... (n goes on to the next, q quits)"


@dataclass(frozen=True)
class View:
    """What fills the middle of the screen: its name, and what is in it at a width."""

    name: str
    body: Callable[[int], RenderableType]


class Study:
    """A learner at work on one exercise after the other.

    Parameters
    ----------
    home
        Where the files are.
    exercises
        All of them, in order.
    current
        Where to begin.
    ask
        Has a question judged.
    plain
        Whether only characters that every terminal has may be used.
    """

    def __init__(
        self,
        home: Workspace,
        exercises: Sequence[Exercise],
        current: Exercise,
        ask: Ask,
        *,
        plain: bool = False,
    ) -> None:
        self._home, self._exercises, self._ask, self._plain = home, exercises, ask, plain
        self.current = current
        self.progress = Progress()
        self.busy = self.asked_all = False
        self._number = 0
        self._report: Report | None = None
        self._hints: list[Hint] = []
        self._chosen = 0
        self._sure = ""  # the key that, pressed again, does what cannot be undone at once
        self._top, self._room = 0, 10
        self._note = self._kept = ""
        self._view = self._asked_from = View("verdict", self._verdict)
        self.recall()

    # What comes in

    def saved(self, files: frozenset[str]) -> None:
        """Note a save; the question itself is asked when the files are at rest."""
        ours = {f"{e.topic.name}{kind}" for e in self._exercises for kind in KINDS}
        here = self.current.topic.name
        others = sorted(n for n in files & ours if n.rpartition(".")[0] != here)
        if others and len(files) == len(others):
            self._note = f"{others[0]} was saved; this exercise is in {here}.py (l lists all)"
        else:
            # What a key did to the file is seen as a save: its sentence stays.
            self._note, self._kept = self._kept, ""

    def check(self) -> None:
        """Ask for a verdict on the current exercise."""
        self.asked_all = False
        self._question((self.current,))

    def judged(self, judged: Judged) -> Report | None:
        """Take a verdict in; return it if it is the one that was waited for."""
        if judged.number != self._number:
            return None
        self.busy = False
        report = judged.report
        view = View("verdict", self._verdict)
        if self.asked_all:
            view = View("all", lambda width: self._everything(report, width))
        here = tuple(e for e in report.exercises if e.id == self.current.id)
        self._report = report._replace(exercises=here)
        if self._view is self._asked_from:
            self._show(view)
            # Where not all of it fits, what is wrong matters more than what is right.
            right = self.asked_all or all(e.status is Status.PASSED for e in here)
            self._top = 0 if right else END
        else:  # the learner has gone to look at something else meanwhile
            self._note = f"{self.current.id} is checked; escape shows the verdict."
        return report

    def remember(self, report: Report) -> None:
        """Keep what a verdict says of progress."""
        self._keep(lambda: self._home.remember(report), "progress was not kept")

    def trouble(self, message: str) -> None:
        """Say what went wrong."""
        self.busy = False
        self._note = message

    def recall(self) -> None:
        """Look up progress: another command may have changed it."""
        self._keep(lambda: None, "progress cannot be read")

    def _keep(self, change: Callable[[], None], otherwise: str) -> None:
        try:
            change()
            self.progress = self._home.progress()
        except WorkspaceError as error:
            self._note = f"{otherwise}: {error}"

    def press(self, key: str) -> str:
        """Do what a key says; return `edit`, `quit`, `suspend` for what is not done here."""
        self._note = self._kept = ""
        sure, self._sure = self._sure == key, ""
        if key in {"q", "interrupt"}:
            return "quit"
        if key in {"e", "suspend"}:
            return {"e": "edit"}.get(key, key)
        if key == "r":
            self._reset(sure=sure)
        elif key == "s":
            self._compare(sure=sure)
        elif key in {"up", "down", "page up", "page down"}:
            self._move(key)
        elif action := {
            "h": self._hint,
            "n": self._next,
            "l": self._list,
            "a": self._all,
            "enter": self._enter,
            "escape": self._back,
        }.get(key):
            action()
        return ""

    # What there is to see

    def page(self, *, waiting: bool) -> Page:
        """Return the page; `waiting` says that a verdict has been waited for a while."""
        passed = sum(exercise.id in self.progress.passed for exercise in self._exercises)
        note = self._note or (CHECKING if self.busy and waiting else "")
        file = f"{self.current.topic.name}.py"
        body = _Sized(self._view.body)
        return Page(
            self.current.id, file, passed, len(self._exercises), body, self._top, clean(note)
        )

    def scroll_within(self, length: int, room: int) -> None:
        """Keep the first line that shows within a body of so many lines, of which some show."""
        self._room = room
        self._top = max(0, min(self._top, length - self._room))

    def _verdict(self, width: int) -> RenderableType:
        first = self.current.docstring.strip().split("\n\n")[0]
        about = Text(" ".join(first.split()), "italic")
        if not self._report:
            return Group(about, Text(), Text("Checking ..."))
        passed = [e.status is Status.PASSED for e in self._report.exercises]
        after = []
        if passed == [True]:
            after = [Text("n goes on to the next one; s shows the model answer beside yours.")]
        elif self._report.exercises and self._report.exercises[0].status is Status.UNSOLVED:
            after = [Text(f"Write it in {self.current.topic.name}.py and save; e opens it.")]
        elif self._report.exercises and self._report.exercises[0].status is Status.MISSING:
            after = [Text("r puts its stub there.")]
        verdict = render(self._report, verbose=True, plain=self._plain, width=width)
        return Group(about, Text(), verdict, *after)

    def _everything(self, report: Report, width: int) -> RenderableType:
        passed = sum(exercise.status is Status.PASSED for exercise in report.exercises)
        summary = Text(f"{passed} of {len(report.exercises)} exercises passed just now:", "bold")
        return Group(summary, render(report, verbose=False, plain=self._plain, width=width), BACK)

    def _hints_so_far(self, width: int) -> RenderableType:
        del width
        parts: list[RenderableType] = []
        for given in self._hints:
            parts.append(Text(f"{self.current.id}, {given.title}:", "bold"))
            parts += [Padding(Text(clean(s)), (0, 2)) for s in given.sentences]
            parts.append(Text())
        more = self._hints[-1].following
        parts.append(Text("h gives the next one; escape goes back." if more else "That is all."))
        return Group(*parts)

    def _listed(self, width: int) -> RenderableType:
        del width
        chosen = self._exercises[self._chosen].id
        return Group(
            Text("Up and down choose, enter goes there, escape goes back."),
            listing(self._exercises, self.progress, chosen=chosen),
        )

    def _show(self, view: View) -> None:
        self._view, self._top = view, 0

    # What keys do

    def _question(self, exercises: tuple[Exercise, ...]) -> None:
        self._number += 1
        self.busy = True
        self._asked_from = self._view
        self._ask(Question(self._number, exercises, self._home.root))

    def _go(self, exercise: Exercise) -> None:
        self.current, self._report, self._hints = exercise, None, []
        self._show(View("verdict", self._verdict))
        self.check()

    def _next(self) -> None:
        following = self.following()
        if following:
            self._go(following)
        else:
            self._note = "Every other exercise is passed. l lists them all."

    def following(self) -> Exercise | None:
        """Return the next exercise that is not passed yet, after the last the first."""
        at = self._exercises.index(self.current)
        later = (*self._exercises[at + 1 :], *self._exercises[:at])
        return next((e for e in later if e.id not in self.progress.passed), None)

    def _hint(self) -> None:
        self.recall()
        given = hint(self.current, self.progress)
        note_hint(self.progress, self.current, given)

        def change() -> None:
            with self._home.changing() as progress:
                note_hint(progress, self.current, given)

        self._keep(change, "the hint level was not kept")
        if given not in self._hints:
            self._hints.append(given)
        self._show(View("hint", self._hints_so_far))

    def _list(self) -> None:
        self.recall()
        self._chosen = self._exercises.index(self.current)
        self._show(View("list", self._listed))
        self._follow_choice()

    def _all(self) -> None:
        self.asked_all = True
        self._question(tuple(self._exercises))

    def _enter(self) -> None:
        if self._view.name == "list":
            self._go(self._exercises[self._chosen])
        else:
            self.check()

    def _back(self) -> None:
        self._show(View("verdict", self._verdict))

    def _move(self, key: str) -> None:
        page = self._room - 1
        step = {"up": -1, "down": 1, "page up": -page, "page down": page}[key]
        if self._view.name == "list":
            self._chosen = max(0, min(self._chosen + step, len(self._exercises) - 1))
            self._follow_choice()
        else:
            self._top = max(0, self._top + step)

    def _follow_choice(self) -> None:
        topics = len(dict.fromkeys(e.topic.name for e in self._exercises[: self._chosen + 1]))
        line = 2 + self._chosen + topics  # a line of help, one of headings, one for each topic
        last = line - self._room + 1
        self._top = max(min(self._top, line), last) if last > 0 else 0

    def _reset(self, *, sure: bool) -> None:
        name = f"{self.current.topic.name}.py"
        if not sure:
            self._sure = "r"
            self._note = f"r again puts the stub back; your {name} is kept in .learnkit/backups."
            return
        try:
            backup = self._home.reset(self.current.topic, self.current)
        except WorkspaceError as error:
            self._note = str(error)
            return
        kept = f"; what it was is in {_within(backup, self._home.root)}" if backup else ""
        self._note = self._kept = f"{self.current.name} is a stub again{kept}"

    def _compare(self, *, sure: bool) -> None:
        self.recall()
        if self.current.id not in self.progress.passed and not sure:
            self._sure = "s"
            self._note = "Not passed yet: h gives a hint; s again gives up and shows the answer."
            return
        own = own_answer(self.current, from_folder(self._home.root, [self.current.topic.name]))
        found = self._report.exercises if self._report else ()
        result = found[0] if found and not self.busy else None
        exercise = self.current
        self._show(
            View("solution", lambda w: Group(solution(exercise, own, result, width=w), BACK))
        )


@dataclass(frozen=True)
class _Sized:
    """A body that is made for the width that there is."""

    body: Callable[[int], RenderableType]

    def __rich_console__(self, console: Console, options: object) -> "list[RenderableType]":
        del options
        return [self.body(max(40, min(console.width, WIDEST)))]


def _within(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path
