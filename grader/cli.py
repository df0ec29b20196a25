"""The command line: parse, call, render."""

import json
import math
import os
import shlex
import signal
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.report import LARGEST_SEED
from grader.student.launch import ONE_THREAD, launcher
from grader.student.limits import IsolationUnavailableError, Level, Limits
from grader.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from grader.catalogue import Catalogue, Exercise
    from grader.classroom.nbgrader.gradebook import Collected
    from grader.classroom.run import Plan
    from grader.progress import Progress
    from grader.report import Report
    from grader.student.launch import Launcher
    from grader.student.submission import Submission
    from grader.workspace import Workspace

FAILED, USAGE, GRADER_FAILED = 1, 2, 3
LEVELS = 3


LONGEST_SENTENCE = 2_000  # what somebody typed, or a file holds, may stand in it


class Sentence(click.ClickException):
    """An error said in one sentence, with the exit code that belongs to it."""

    def __init__(self, message: object, code: int = USAGE) -> None:
        super().__init__(str(message))
        self.exit_code: int = code  # type: ignore[misc]  # Click declares it on the class

    def show(self, file: Any = None) -> None:
        """Say it on standard error."""
        from grader.render.console import clean  # noqa: PLC0415 - an error's affair

        message = self.message
        if len(message) > LONGEST_SENTENCE:
            message = f"{message[:LONGEST_SENTENCE]} ..."
        click.echo(f"learnkit: {clean(message)}", file=file or sys.stderr)


class Seconds(click.FloatRange):
    """A number of seconds; nan is within any range of Click's."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number; raises `click.BadParameter`."""
        found: float = super().convert(value, param, ctx)
        if math.isnan(found):
            self.fail("nan is no number of seconds.", param, ctx)
        return found


SECONDS = Seconds(0.05, 3600)
TIMEOUT = click.option(
    "--timeout",
    type=SECONDS,
    default=Limits().seconds,
    show_default=True,
    metavar="SECONDS",
    help="How long loading the file, and each call, may take.",
)
SEED = click.option(
    "--seed",
    type=click.IntRange(0, LARGEST_SEED),
    default=0,
    show_default=True,
    help="Decides the random cases.",
)


def behind(level: Level) -> "Callable[[Any], Any]":
    """Return the option that says behind which walls submissions run; this level by default."""
    return click.option(
        "--level",
        type=click.Choice([each.value for each in Level]),
        default=level.value,
        show_default=True,
        help="Behind which walls; never behind lower ones.",
    )


LEARNING = ["demo", "init", "watch", "check", "next", "hint", "list", "progress"]
LEARNING += ["solution", "show", "reset"]


class Kit(click.Group):
    """A group whose commands never end in a traceback."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List what a learner needs first, in the order of need; no sentence is cut off."""
        others = [name for name in self.list_commands(ctx) if name not in LEARNING]
        for title, names in (("To learn", LEARNING), ("To teach", others)):
            found = [(name, self.get_command(ctx, name)) for name in names]
            rows = [(name, one.get_short_help_str(200)) for name, one in found if one]
            with formatter.section(title):
                formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn the errors that are ours to explain into sentences."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except IsolationUnavailableError as error:
            raise Sentence(error, GRADER_FAILED) from error
        except Exception as error:
            raise _sentence(error) from error


def _sentence(error: Exception) -> Sentence:
    from grader.catalogue import DeclarationError, UnknownNameError  # noqa: PLC0415
    from grader.classroom.errors import ClassroomError  # noqa: PLC0415
    from grader.models import ModelError, NoAnswersError  # noqa: PLC0415
    from grader.workspace import WorkspaceError  # noqa: PLC0415

    if isinstance(error, (UnknownNameError, WorkspaceError, ClassroomError, NoAnswersError)):
        return Sentence(error, USAGE)
    if isinstance(error, (DeclarationError, ModelError)):
        return Sentence(error, GRADER_FAILED)
    return Sentence(f"the grader failed ({type(error).__name__}: {error})", GRADER_FAILED)


@contextmanager
def started() -> "Iterator[Launcher]":
    """Start the server for submissions at once: it warms up while the rest is imported."""
    start = launcher()
    try:
        yield start
    finally:
        start.close()


def terminal() -> "Console":
    """Return a console; it honours NO_COLOR and COLUMNS."""
    from rich.console import Console  # noqa: PLC0415

    return Console(highlight=False, markup=False, emoji=False)


def catalogue() -> "Catalogue":
    """Return the topics within reach of this command."""
    from grader.catalogue import Catalogue  # noqa: PLC0415

    for folder in topic_folders():
        if not (folder / "grader" / "topics").is_dir():
            raise Sentence(f"{folder} has no grader/topics folder with declarations in it")
    return Catalogue(topic_folders())


def topic_folders() -> tuple[Path, ...]:
    """Return the folders with more topics that this command was given."""
    return tuple(click.get_current_context().obj or ())


def workspace() -> "Workspace":
    """Return the workspace of the current folder."""
    from grader.workspace import Workspace  # noqa: PLC0415

    try:
        here = Path.cwd()
    except FileNotFoundError as error:
        raise Sentence("the current folder is gone; change to one that exists") from error
    return Workspace.find(here, said)


def said(sentence: str) -> None:
    """Say a sentence beside the output."""
    click.echo(f"learnkit: {sentence}", err=True)


def program() -> str:
    """Return how this command was called, as far as the next one must be called alike."""
    return "learnkit" + "".join(f" --topics-from {shlex.quote(str(f))}" for f in topic_folders())


def one_exercise(name: str) -> "Exercise":
    """Return the exercise of that name; a topic's name is not enough."""
    found = catalogue().find([name])
    if "." not in name:
        raise Sentence(f"{name} is a topic; name an exercise, {found[0].id} for instance")
    return found[0]


@click.group(
    cls=Kit,
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
)
@click.version_option(__version__, prog_name="learnkit")
@click.option(
    "--topics-from",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    metavar="DIR",
    help="Take more topics from a folder laid out like this project.",
)
@click.pass_context
def cli(context: click.Context, topics_from: tuple[Path, ...]) -> None:
    """Learn by hand how neural networks learn.

    Without a command, in a workspace: say where you stand and what comes next.

    \b
    Example:
      learnkit init
      learnkit watch
    """
    context.obj = topics_from
    if context.invoked_subcommand is None:
        _where_you_stand(context)


def _where_you_stand(context: click.Context) -> None:
    from grader.workspace import NoWorkspaceError  # noqa: PLC0415

    try:
        home = workspace()
    except NoWorkspaceError:
        click.echo(context.get_help())
        click.echo(f"\nNext: {program()} init")
        return
    _standing(home)


def _standing(home: "Workspace") -> None:
    """Show how far each topic is, and say what comes next."""
    from grader.render.listing import standing  # noqa: PLC0415

    progress, console = home.progress(), terminal()
    plain = not str(console.encoding).lower().startswith("utf")
    console.print(standing(catalogue().topics(), progress, plain=plain))
    following = _first_open(progress)
    if following:
        click.echo(f"Next: {program()} next, which is {following.id}; or {program()} watch")
    else:
        click.echo("Next: nothing, all of them are passed.")


def _first_open(progress: "Progress") -> "Exercise | None":
    return next((e for e in catalogue().find([]) if e.id not in progress.passed), None)


@cli.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
def init(folder: Path) -> None:
    """Make a workspace: a file of stubs for each topic.

    What you wrote stays. In a workspace of an older kit, new exercises are added:
    a new topic as a new file, else at the end of the topic's file.

    \b
    Example:
      learnkit init my-networks
    """
    from grader.workspace import Workspace  # noqa: PLC0415

    topics = catalogue().topics()
    there = {path.name for path in folder.glob("*.py")}
    home, written = Workspace.create(folder, topics, said)
    for path in written:
        if path.name in there:
            click.echo(f"added new exercises at the end of {path}")
        else:
            click.echo(f"wrote {path}")
    if not written:
        click.echo("Every topic has its file here already; nothing was changed.")
    first = _first_open(home.progress()) or next(iter(topics[0].exercises.values()))
    go_there = "" if folder.resolve() == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    click.echo(f"Next: write {first.name} in {first.topic.name}.py. To be told at each save:")
    click.echo(f"  {go_there}{program()} watch")
    click.echo("or once, when you like:")
    click.echo(f"  {go_there}{program()} check {first.id}")


@cli.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--file", type=click.Path(path_type=Path), help="Grade a Python file or notebook.")
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path), help="Grade the files of a folder."
)
@SEED
@TIMEOUT
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option(
    "--junit",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report as JUnit XML.",
)
@click.option("-v", "--verbose", is_flag=True, help="List the checks that passed as well.")
def check(
    names: tuple[str, ...],
    file: Path | None,
    folder: Path | None,
    seed: int,
    timeout: float,
    as_json: bool,  # noqa: FBT001 - a flag of the command line
    junit: Path | None,
    verbose: bool,  # noqa: FBT001
) -> None:
    """Grade what you wrote: all of it, a topic, or an exercise.

    \b
    Examples:
      learnkit check
      learnkit check losses.softmax_loss
      learnkit check --file homework.py losses
    """
    _check_paths(file, folder)
    with started() as start:
        from grader.engine import grade  # noqa: PLC0415

        exercises = catalogue().find(names)
        home = None if file or folder else workspace()
        submission = _submission(exercises, file, folder or (home.root if home else None))
        only_present = file is not None and not names
        report = grade(
            exercises,
            submission,
            start,
            Limits(seconds=timeout),
            seed=seed,
            only_present=only_present,
        )
    if as_json:
        click.echo(json.dumps(report.to_dict(), indent=1))
    else:
        _show(report, verbose=verbose, options=_options(file, folder))
    if home:
        with _warned("progress was not kept"):
            home.remember(report)
    if junit:
        _write_junit(junit, report)
    raise SystemExit(report.exit_code)


def _check_paths(file: Path | None, folder: Path | None) -> None:
    try:
        _check_kinds(file, folder)
    except OSError as error:
        kind = f"file {file}" if file else f"folder {folder}"
        raise Sentence(f"there is no {kind}: {error.strerror}") from error


def _check_kinds(file: Path | None, folder: Path | None) -> None:
    if file and folder:
        raise Sentence("give --file or --dir, not both")
    if file and file.exists() and not file.is_dir() and not file.is_file():
        raise Sentence(f"{file} is no regular file")
    if file and file.is_dir():
        raise Sentence(f"{file} is a folder; for a folder use --dir {shlex.quote(str(file))}")
    if file and not file.exists():
        raise Sentence(f"there is no file {file}")
    if folder and not folder.is_dir():
        raise Sentence(f"there is no folder {folder}")


def _submission(
    exercises: "list[Exercise]", file: Path | None, folder: Path | None
) -> "Submission":
    from grader.student.submission import from_file, from_folder  # noqa: PLC0415

    if file:
        return from_file(file)
    assert folder
    return from_folder(folder, dict.fromkeys(e.topic.name for e in exercises))


def _options(file: Path | None, folder: Path | None) -> str:
    if file:
        return f" --file {shlex.quote(str(file))}"
    return f" --dir {shlex.quote(str(folder))}" if folder else ""


def _show(report: "Report", *, verbose: bool, options: str = "") -> None:
    from grader.render.console import next_command, show  # noqa: PLC0415

    show(report, terminal(), verbose=verbose or len(report.exercises) == 1)
    click.echo(f"Next: {next_command(report, options, program())}")


def _write_junit(path: Path, report: "Report") -> None:
    from grader.render.junit import junit  # noqa: PLC0415

    try:
        path.write_text(junit(report), encoding="utf-8")
    except OSError as error:
        raise Sentence(f"{path} cannot be written: {error.strerror}") from error


@contextmanager
def _warned(what: str) -> "Iterator[None]":
    """Say what could not be noted down: what was asked for has been given all the same."""
    from grader.workspace import WorkspaceError  # noqa: PLC0415

    try:
        yield
    except WorkspaceError as error:
        said(f"{what}: {error}")


@cli.command()
def demo() -> None:
    """Grade a bundled submission: right answers, famous mistakes, a crash and a stub.

    \b
    Example:
      learnkit demo
    """
    with started() as start:
        from grader.demo import SUBMISSION, is_as_it_should_be  # noqa: PLC0415
        from grader.engine import grade  # noqa: PLC0415

        if not SUBMISSION.is_file():
            raise Sentence(
                "this is a student's kit: it holds no demo, since that has answers in it"
            )
        exercises = catalogue().find(["losses"])
        submission = _submission(exercises, SUBMISSION, None)
        report = grade(exercises, submission, start, Limits(), seed=0)
    from grader.render.console import show  # noqa: PLC0415

    show(report, terminal())
    if not is_as_it_should_be(report):
        raise Sentence("this is not the report that the demo should give", GRADER_FAILED)
    click.echo("This is the report it should give. Next: learnkit init")


@cli.command("list")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--state",
    "states",
    type=click.Choice(["open", "failed", "passed", "broken"]),
    multiple=True,
    help="Only those that stand so; broken is what passed once and fails now.",
)
def list_(names: tuple[str, ...], states: tuple[str, ...]) -> None:
    """List the exercises, and how each stands.

    \b
    Example:
      learnkit list losses
      learnkit list --state failed --state broken
    """
    from grader.progress import Progress, State  # noqa: PLC0415
    from grader.render.listing import listing  # noqa: PLC0415
    from grader.workspace import NoWorkspaceError  # noqa: PLC0415

    exercises = catalogue().find(names)
    try:
        home = workspace()
        progress = home.progress()
    except NoWorkspaceError:
        home, progress = None, Progress()  # outside a workspace: the list, with nothing passed
    wanted = [State(state) for state in states] or list(State)
    if any(progress.state(e.id) in wanted for e in exercises):
        terminal().print(listing(exercises, progress, states=wanted))
    else:
        click.echo(f"None of them is {' or '.join(wanted)}.")
    first = next((e for e in exercises if e.id not in progress.passed), None)
    following = f"Next: {program()} check {first.id}" if first else "All of them are passed."
    click.echo(following if home else f"Next: {program()} init")


@cli.command()
def progress() -> None:
    """Say how far you are, topic by topic.

    \b
    Example:
      learnkit progress
    """
    _standing(workspace())


@cli.command("next")
def next_() -> None:
    """Say which exercise comes next, and where it is to be written.

    \b
    Example:
      learnkit next
    """
    from grader.answers import own_answer  # noqa: PLC0415

    home = workspace()
    exercise = _first_open(home.progress())
    if exercise is None:
        click.echo("Every exercise is passed.")
        click.echo(f"Next: {program()} progress")
        return
    worth = "1 point" if exercise.points == 1 else f"{exercise.points:g} points"
    click.echo(f"{exercise.id}, {worth}, in {exercise.topic.name}.py:")
    what = " ".join(exercise.docstring.strip().split("\n\n")[0].split())
    click.echo(click.wrap_text(what, 78, "  ", "  "))
    submission = _submission([exercise, *exercise.helpers], None, home.root)
    for needed in exercise.helpers:
        if not own_answer(needed, submission):
            click.echo(f"  It may call {needed.id}, which is not written yet.")
    click.echo(f"Next: {program()} watch {exercise.id}")
    click.echo(f"  or: {program()} check {exercise.id}")
    click.echo(f"  or: {program()} hint {exercise.id}")


@cli.command()
@click.argument("name", required=False)
@TIMEOUT
def watch(name: str | None, timeout: float) -> None:
    """Check an exercise at each save, on a screen with keys for the rest.

    Without a terminal: a report for each save, in plain lines.

    \b
    Example:
      learnkit watch
      learnkit watch optimizers
    """
    with started() as start:
        from grader.watching.watch import Watched  # noqa: PLC0415
        from grader.watching.watch import watch as look_on  # noqa: PLC0415

        home = workspace()
        kit, passed = catalogue(), home.progress().passed
        exercises, asked = kit.find([]), kit.find([name] if name else [])
        current = next((e for e in asked if e.id not in passed), asked[0])
        why = look_on(Watched(home, exercises, current, start, Limits(seconds=timeout)), terminal())
    if why:
        raise Sentence(why)
    click.echo(f"Next: {program()} progress, or {program()} watch to go on")


@cli.command()
@click.argument("name", required=False)
@click.option(
    "--level",
    type=click.IntRange(1, LEVELS),
    help="1 nudges, 2 tells the method, 3 nearly the code.",
)
def hint(name: str | None, level: int | None) -> None:
    """Give a hint: about a mistake that the last check recognised, then three levels.

    \b
    Example:
      learnkit hint losses.softmax_loss
    """
    from grader import hints  # noqa: PLC0415
    from grader.progress import Progress  # noqa: PLC0415
    from grader.render.console import clean  # noqa: PLC0415
    from grader.workspace import NoWorkspaceError  # noqa: PLC0415

    try:
        home = workspace()
        progress = home.progress()
    except NoWorkspaceError:
        home, progress = None, Progress()  # outside a workspace there is nothing to remember
    if name:
        exercise = one_exercise(name)
    else:
        waiting = [e for e in catalogue().find([]) if e.id not in progress.passed]
        if not waiting:
            click.echo("Every exercise is passed; there is nothing to hint at.")
            return
        exercise = waiting[0]
    given = hints.hint(exercise, progress, level)
    click.echo(f"{exercise.id}, {given.title}:")
    for sentence in given.sentences:
        click.echo(click.wrap_text(clean(sentence), 78, "  ", "  "))
    if home:
        with _warned("that the hint was given was not kept"), home.changing() as progress:
            hints.note(progress, exercise, given)
    if exercise.id in progress.passed:
        click.echo(f"Next: {program()} solution {exercise.id}")
    else:
        click.echo(f"Next: {program()} {f'check {exercise.id}' if home else 'init'}")
    if given.following:
        click.echo(f"  or: {program()} hint {exercise.id} --level {given.following}")


@cli.command()
@click.argument("name")
@click.option("--give-up", is_flag=True, help="Show it although you have not passed.")
def solution(name: str, give_up: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Show the model answer of an exercise you have passed, beside your own.

    \b
    Example:
      learnkit solution losses.mse_loss
    """
    from grader.workspace import NoWorkspaceError  # noqa: PLC0415

    exercise = one_exercise(name)
    try:
        home = workspace()
    except NoWorkspaceError:
        if not give_up:
            raise
        home = None  # outside a workspace there is nothing to compare with
    if home and not give_up and exercise.id not in home.progress().passed:
        raise Sentence(
            f"{exercise.id} is not passed yet; try learnkit hint {exercise.id}, or see the "
            f"answer with: learnkit solution {exercise.id} --give-up",
            FAILED,
        )
    from grader.answers import beside_own, own_answer  # noqa: PLC0415
    from grader.render.console import put  # noqa: PLC0415

    console = terminal()
    submission = _submission([exercise], None, home.root) if home else None
    if submission is None or not own_answer(exercise, submission):
        from grader.render.diff import solution as alone  # noqa: PLC0415

        put(alone(exercise, width=console.width), console, whole=True)  # and no more: to be copied
        return
    with started() as start:
        shown = beside_own(exercise, submission, start, width=console.width)
    put(shown, console, whole=True)
    click.echo(f"Next: {program()} next")


@cli.command("show")
@click.argument("name")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to draw it, an .svg or a .png.  [default: NAME.svg]",
)
@click.option("--file", type=click.Path(path_type=Path), help="Draw from a file or notebook.")
def show_command(name: str, out: Path | None, file: Path | None) -> None:
    """Draw a picture of what your function does, and of what the right one does.

    \b
    Example:
      learnkit show gradients.gradient_descent --out path.svg
    """
    from grader.render.pictures import (  # noqa: PLC0415
        NotDrawnError,
        PictureError,
        available,
        save,
    )

    exercise = one_exercise(name)
    _check_paths(file, None)
    out = out or Path(f"{exercise.id}.svg")
    try:
        available(out)
        with started() as start:
            from grader.pictures import picture  # noqa: PLC0415

            submission = _submission([exercise], file, None if file else workspace().root)
            drawn = picture(exercise, submission, start, Limits())
        save(drawn, out)
    except PictureError as error:
        raise Sentence(error, FAILED if isinstance(error, NotDrawnError) else USAGE) from error
    click.echo(f"wrote {out}")
    click.echo(click.wrap_text(drawn.says, 78, "  ", "  "))
    click.echo(f"Next: {program()} check {exercise.id}{_options(file, None)}")


@cli.command()
@click.argument("name")
def reset(name: str) -> None:
    """Put a stub back, of a topic or of one exercise; your old file is kept.

    \b
    Example:
      learnkit reset losses.mse_loss
    """
    found = catalogue().find([name])
    topic = found[0].topic
    backup = workspace().reset(topic, found[0] if "." in name else None)
    kept = f"; your old {topic.name}.py is kept as {backup}" if backup else ""
    click.echo(f"{name} is a stub again{kept}")
    click.echo(f"Next: {program()} check {found[0].id}")


@cli.command("grade")
@click.argument("submissions", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Where results, feedback and the report go.",
)
@click.option(
    "--assignment", type=click.Path(path_type=Path), help="What is asked, as a TOML file."
)
@click.option(
    "--topics",
    multiple=True,
    metavar="NAME[,NAME]",
    help="What to ask for.  [default: everything, if --out holds nothing else]",
)
@click.option("--roster", type=click.Path(path_type=Path), help="Who is in the class, as CSV.")
@click.option("--only", metavar="STUDENT", default="", help="Grade one student.")
@click.option(
    "--jobs", type=click.IntRange(1, 256), help="How many at once.  [default: processors]"
)
@behind(Level.STRICT)
@click.option("--seed", type=click.IntRange(0, LARGEST_SEED), help="Decides the random cases.")
@click.option("--force", is_flag=True, help="Grade again what has been graded.")
@click.option(
    "--timeout",
    type=SECONDS,
    metavar="SECONDS",
    help="How long loading a file, and each call, may take.",
)
@click.option(
    "--executor",
    type=click.Choice(["processes", "dask"]),
    default="processes",
    show_default=True,
    help="Where to judge: on this machine, or on a Dask cluster.",
)
@click.option(
    "--scheduler", metavar="ADDRESS", help="Where the cluster's scheduler is, tcp://host:8786 say."
)
@click.option(
    "--gradebook",
    type=click.Path(path_type=Path),
    help="Grade what nbgrader collected, and fill in its gradebook.",
)
@click.option(
    "--assignment-name",
    default="",
    metavar="NAME",
    help="Which of the gradebook's assignments.  [default: the one that was handed in]",
)
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each student.")
def grade_command(
    submissions: Path,
    out: Path,
    assignment: Path | None,
    topics: tuple[str, ...],
    roster: Path | None,
    only: str,
    jobs: int | None,
    level: str,
    seed: int | None,
    force: bool,  # noqa: FBT001 - a flag of the command line
    timeout: float | None,
    executor: str,
    scheduler: str | None,
    gradebook: Path | None,
    assignment_name: str,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Grade a class: a folder, or a zip as Moodle and Canvas hand it out.

    What has been graded already is kept; run it again to go on after an interruption.

    \b
    Examples:
      learnkit grade submissions --out results --topics losses
      learnkit grade submitted --gradebook gradebook.db --out results
    """
    from grader.classroom.progress import progress  # noqa: PLC0415
    from grader.classroom.run import Plan, grade_class, lines  # noqa: PLC0415

    plan = Plan(
        submissions,
        out,
        catalogue(),
        tuple(_names(topics)),
        assignment,
        roster,
        only,
        jobs or 1,
        Level(level),
        seed,
        force,
        timeout,
        topic_folders(),
    )
    collected = None
    if gradebook:
        plan, collected = _collected(plan, gradebook, assignment_name)
        level = plan.level.value
    elif assignment_name:
        raise Sentence("--assignment-name goes with --gradebook")
    try:
        with (
            _ended_in_order(),
            _judges(executor, scheduler, plan.topics_from) as (most, judges),
            progress(sys.stderr) as tell,
        ):
            done = grade_class(plan if jobs else replace(plan, jobs=most), tell, **judges)
    except IsolationUnavailableError as error:
        raise Sentence(f"level {level} is not to be had here: {error}") from error
    if as_json:
        for line in lines(out):
            click.echo(line)
    said(
        f"{done.graded} graded, {done.kept} kept; see {out / 'report.html'}, {out / 'grades.csv'} "
        f"and {out / 'feedback'}"
    )
    if collected:
        _fill_in(collected, out)
    if done.grader_failed:
        raise Sentence(
            f"the grader failed on {done.grader_failed} submissions; run it again", GRADER_FAILED
        )


def _collected(plan: "Plan", gradebook: Path, name: str) -> "tuple[Plan, Collected]":
    """Return the plan for what nbgrader collected: its gradebook says what is asked."""
    from grader.classroom.nbgrader.gradebook import open_course  # noqa: PLC0415

    if plan.assignment or plan.topics:
        raise Sentence("with --gradebook the gradebook says what is asked: leave out the rest")
    collected = open_course(gradebook, plan.submissions, name, plan.topics_from)
    given = click.get_current_context().get_parameter_source("level")
    folders = tuple(Path(folder) for folder in collected.judge.topics_from)
    plan = replace(plan, submissions=collected.place, topics_from=folders, course=collected)
    if given is click.core.ParameterSource.DEFAULT:
        plan = replace(plan, level=Level(collected.judge.level))
    if plan.seed is None and collected.judge.seed is not None:
        plan = replace(plan, seed=collected.judge.seed)
    return plan, collected


def _fill_in(collected: "Collected", out: Path) -> None:
    """Write what was found into nbgrader's gradebook."""
    written = collected.write(out)
    said(f"{written.submissions} submissions of {collected.name} stand in {collected.gradebook}")
    if written.unknown:
        names = ", ".join(written.unknown)
        raise Sentence(
            f"{collected.gradebook} has no student {names}; add them with: nbgrader db student add, "
            "and run this again"
        )


@contextmanager
def _ended_in_order() -> "Iterator[None]":
    """Let SIGTERM end what is within as Ctrl-C would, with the exit code that shells know it by."""

    def end(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except SystemExit:
        said("ended early; what was graded is kept, run it again to go on")
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _judges(
    executor: str, scheduler: str | None, folders: tuple[Path, ...]
) -> "Iterator[tuple[int, dict[str, Any]]]":
    """Tell how many can judge at once, and where, as `grade_class` is told."""
    if (executor == "dask") != bool(scheduler):
        raise Sentence("--executor dask and --scheduler ADDRESS go together")
    if scheduler is None:
        from grader.classroom.batch import processors  # noqa: PLC0415

        yield processors(), {}
        return
    from grader.classroom.cluster import Cluster  # noqa: PLC0415

    with Cluster(scheduler, folders) as cluster:
        yield cluster.size, {"make": cluster.executor, "ready": cluster.ready}


@cli.command()
@click.argument("results", type=click.Path(path_type=Path))
@click.argument("student")
def replay(results: Path, student: str) -> None:
    """Grade a student's submission again as it was graded, and show the full report.

    \b
    Example:
      learnkit replay results alice
    """
    from grader.classroom.run import replay as again  # noqa: PLC0415
    from grader.render.console import show  # noqa: PLC0415

    replayed = again(results, student)
    show(replayed.report, terminal(), verbose=True)
    if not replayed.same_kit:
        said("this kit is another one than the one that graded then")
    for difference in replayed.differences:
        said(difference)
    said(f"seed {replayed.report.seed}, level {replayed.report.isolation}")
    if replayed.differences:
        raise Sentence("what is found now differs from what was kept", FAILED)
    click.echo("It is what was found then.")


@cli.command()
@click.argument("results", type=click.Path(path_type=Path))
@click.argument("student")
@click.argument("exercise")
@click.argument("points", type=float, required=False)
@click.option("--why", default="", help="The reason; it stands in every export.")
@click.option("--by", default="", help="Who decides.")
@click.option("--undo", is_flag=True, help="Take the points back: the grader's count again.")
def override(
    results: Path,
    student: str,
    exercise: str,
    points: float | None,
    why: str,
    by: str,
    undo: bool,  # noqa: FBT001 - a flag of the command line
) -> None:
    """Give points by hand; they stay when the class is graded again.

    \b
    Examples:
      learnkit override results alice losses.mse_loss 2 --why "right as well"
      learnkit override results alice losses.mse_loss --undo
    """
    from grader.classroom.run import override as give  # noqa: PLC0415
    from grader.classroom.run import withdraw  # noqa: PLC0415

    if undo == (points is not None):
        raise Sentence("give points, or --undo to take them back")
    if points is None:
        done, told = withdraw(results, student, exercise), "the grader's"
    else:
        done = give(results, student, exercise, points, why=why, by=by)
        told = f"{points:g}"
        if points > done.most:
            said(f"that is more than {exercise} is worth: {done.most:g}")
    says = "says so" if done.shown else "will say so when the run that is at work has ended"
    click.echo(f"{done.student} has {told} points for {exercise}; {results / 'grades.csv'} {says}.")


@cli.command("export")
@click.argument("results", type=click.Path(path_type=Path))
@click.option(
    "--to",
    required=True,
    type=click.Choice(["canvas", "moodle", "gradescope", "csv"]),
    help="The system that is to read it.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to: a file, or a folder that is there; for gradescope a folder.  "
    "[default: RESULTS]",
)
@click.option(
    "--roster",
    type=click.Path(path_type=Path),
    help="The system's own list of the class, as CSV; Canvas needs one.",
)
@click.option("--title", default="", help="What the assignment is called there.")
@click.option(
    "--by",
    type=click.Choice(["email", "idnumber", "username"]),
    help="What identifies people in Moodle.  [default: the first that is known]",
)
@click.option("--zeros", is_flag=True, help="Give 0 points to those who handed in nothing.")
def export_command(
    results: Path,
    to: str,
    out: Path | None,
    roster: Path | None,
    title: str,
    by: str | None,
    zeros: bool,  # noqa: FBT001 - a flag of the command line
) -> None:
    """Write what was graded as another system takes it.

    Points given by hand count. Who handed in nothing has no line, and keeps what they have.

    \b
    Examples:
      learnkit export results --to canvas --roster gradebook.csv
      learnkit export results --to moodle --roster participants.csv --by email
    """
    from grader.classroom.exports.export import Wanted, export  # noqa: PLC0415

    done = export(results, Wanted(to, out, roster, title, by or "", zeros))
    for note in done.notes:
        said(note)
    click.echo(f"wrote {done.path}, {done.students} student{'' if done.students == 1 else 's'}")


@cli.group("gradescope")
def gradescope_group() -> None:
    """For assignments that are graded on Gradescope.

    \b
    Example:
      learnkit gradescope build autograder.zip --topics losses
    """


@gradescope_group.command("build")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--topics", multiple=True, metavar="NAME[,NAME]", help="What to ask for.")
@click.option(
    "--assignment", type=click.Path(path_type=Path), help="What is asked, as a TOML file."
)
@behind(Level.INNER)
@click.option(
    "--minutes",
    type=click.FloatRange(0.1, 600),
    default=9.0,
    show_default=True,
    help="How long it may take; keep below what Gradescope is set to.",
)
def build_autograder(
    file: Path, topics: tuple[str, ...], assignment: Path | None, level: str, minutes: float
) -> None:
    """Make an autograder: a zip with this kit in it, to be given to Gradescope.

    \b
    Example:
      learnkit gradescope build autograder.zip --topics losses
    """
    from grader.classroom.exports.autograder.build import Autograder, build  # noqa: PLC0415

    wanted = Autograder(
        catalogue(), tuple(_names(topics)), assignment, Level(level), minutes, topic_folders()
    )
    exercises = build(file, wanted)
    click.echo(f"wrote {file}: {len(exercises)} exercises, level {level}")
    click.echo("Next, on Gradescope: Configure Autograder, base image Ubuntu 24.04, upload it")


@cli.group("nbgrader")
def nbgrader_group() -> None:
    """For courses that are run with nbgrader.

    \b
    Example:
      learnkit nbgrader build course --topics losses
    """


@nbgrader_group.command("build")
@click.argument("course", type=click.Path(path_type=Path))
@click.option(
    "--topics",
    multiple=True,
    metavar="NAME[,NAME]",
    help="What to ask for, topics or exercises.  [default: everything]",
)
@click.option(
    "--points", multiple=True, metavar="NAME=NUMBER", help="What an exercise is worth; repeat it."
)
@click.option(
    "--assignment",
    default="",
    metavar="NAME",
    help="Put all into one assignment.  [default: one for each topic]",
)
@click.option("--force", is_flag=True, help="Replace notebooks you have edited; yours are kept.")
def build_course(
    course: Path,
    topics: tuple[str, ...],
    points: tuple[str, ...],
    assignment: str,
    force: bool,  # noqa: FBT001 - a flag of the command line
) -> None:
    """Make a course folder for nbgrader, or add to one.

    A notebook you have edited is left as it is, and so is your nbgrader_config.py.

    \b
    Examples:
      learnkit nbgrader build course --topics losses,backprop
      learnkit nbgrader build course --topics losses --points losses.mse_loss=3
    """
    from grader.classroom.nbgrader import CONFIG  # noqa: PLC0415
    from grader.classroom.nbgrader import course as courses  # noqa: PLC0415

    asked = courses.plan(
        course,
        catalogue(),
        names=_names(topics),
        points=_names(points),
        assignment=assignment,
        folders=topic_folders(),
    )
    built = courses.build(asked, force=force)
    for path, holds in built.written.items():
        click.echo(f"wrote {course / path}, {holds}")
    for path, backup in built.backups.items():
        click.echo(f"  your {path.name} is kept as {course / backup}")
    for path in built.same:
        click.echo(f"{course / path} is as it would be made")
    for path in built.kept:
        click.echo(f"{course / path} has been edited and stays as it is (--force replaces it)")
    if built.configured:
        click.echo(f"wrote {course / CONFIG}")
    elif built.config:
        click.echo(f"{course / CONFIG} stays as it is. Add to its end:\n\n{built.config}")
    name = shlex.quote(asked.assignments[0])
    go_there = "" if course.resolve() == Path.cwd() else f"cd {shlex.quote(str(course))} && "
    click.echo(f"Next: {go_there}nbgrader generate_assignment {name}")


@nbgrader_group.command("student-wheel")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def student_wheel_command(folder: Path) -> None:
    """Write a wheel without the model answers, for servers where students have a shell.

    \b
    Example:
      learnkit nbgrader student-wheel dist
    """
    from grader.classroom import wheel  # noqa: PLC0415

    path = wheel.write(folder, answers=False)
    click.echo(f"wrote {path}")
    click.echo(f"Next, where students work: pip install {shlex.quote(str(path))}")


def _names(words: tuple[str, ...]) -> list[str]:
    """Return the names in options that may be repeated, or hold several between commas."""
    names = [name.strip() for word in words for name in word.split(",") if name.strip()]
    if words and not names:
        raise Sentence("--topics names nothing; leave it out to ask for everything")
    return names


@cli.group()
def author() -> None:
    """For whoever writes exercises.

    \b
    Example:
      learnkit author verify losses
    """


@author.command()
@click.argument("name", metavar="TOPIC.NAME")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
def new(name: str, folder: Path) -> None:
    """Begin an exercise of your own: a small one that is whole, for you to change.

    DIR is laid out like this project; a topic that is there already is given one exercise more.

    \b
    Example:
      learnkit author new vectors.half_square my-kit
    """
    from grader.scaffold import BeginError, begin  # noqa: PLC0415

    topic, _, exercise = name.partition(".")
    if not exercise:
        raise Sentence(
            f"{name} is a topic; name an exercise of it, {name}.half_square for instance"
        )
    try:
        written = begin(folder, topic, exercise)
    except BeginError as error:
        raise Sentence(error) from error
    for path in written:
        click.echo(f"wrote {path}")
    click.echo(f"Next: learnkit --topics-from {shlex.quote(str(folder))} author verify {topic}")


@author.command()
@click.argument("names", nargs=-1, metavar="[TOPIC]...")
def stubs(names: tuple[str, ...]) -> None:
    """Cut the stubs from the model answers.

    \b
    Example:
      learnkit author stubs
    """
    from grader.authoring import write_stubs  # noqa: PLC0415

    for topic in {e.topic.name: e.topic for e in catalogue().find(names)}.values():
        changed = write_stubs(topic)
        click.echo(f"{topic.stub_path}: {'written' if changed else 'fresh already'}")


@author.command()
@click.argument("names", nargs=-1, metavar="[TOPIC]...")
@SEED
def verify(names: tuple[str, ...], seed: int) -> None:
    """Prove that topics can be trusted: that each of their checks can fail.

    \b
    Example:
      learnkit author verify losses
    """
    from grader import authoring  # noqa: PLC0415

    topics = {e.topic.name: e.topic for e in catalogue().find(names)}
    problems = []
    with started() as start:
        for topic in topics.values():
            problems += authoring.verify(topic, start, seed=seed, done=click.echo)
    for problem in problems:
        click.echo(f"{problem.where}: {problem.says}")
    if problems:
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        raise Sentence(f"{count}: this kit cannot be trusted yet", FAILED)
    click.echo(
        "Every stub is unsolved, every solution passes, every mistake is named, every check bites."
    )


@author.command()
def warm() -> None:
    """Compile the kernels of the ground truth, so that nobody waits for them later.

    What is compiled already is left as it is.

    \b
    Example:
      learnkit author warm
    """
    from numerics import warming  # noqa: PLC0415

    try:
        kernels = warming.all_kernels()
        with click.progressbar(
            warming.warm(kernels), len(kernels), label="Compiling", file=sys.stderr
        ) as bar:
            warmed = list(bar)
    except warming.WarmingError as error:
        raise Sentence(error, GRADER_FAILED) from error
    click.echo(warming.summary(warmed))


def main() -> None:
    """Run the command line as a program."""
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    cli(prog_name="learnkit")
