"""The command line: parse, call, render."""

import json
import math
import os
import shlex
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.student.launch import ONE_THREAD, launcher
from grader.student.limits import IsolationUnavailableError, Limits
from grader.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from grader.catalogue import Catalogue, Exercise
    from grader.report import Report
    from grader.student.launch import Launcher
    from grader.student.submission import Submission
    from grader.workspace import Workspace

FAILED, USAGE, GRADER_FAILED = 1, 2, 3
LARGEST_SEED = 2**63 - 1
LEVELS = 3


class Sentence(click.ClickException):
    """An error said in one sentence, with the exit code that belongs to it."""

    def __init__(self, message: object, code: int = USAGE) -> None:
        super().__init__(str(message))
        self.exit_code: int = code  # type: ignore[misc]  # Click declares it on the class

    def show(self, file: Any = None) -> None:
        """Say it on standard error."""
        click.echo(f"learnkit: {self.message}", file=file or sys.stderr)


class Kit(click.Group):
    """A group whose commands never end in a traceback."""

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
    from grader.models import ModelError  # noqa: PLC0415
    from grader.workspace import WorkspaceError  # noqa: PLC0415

    if isinstance(error, (UnknownNameError, WorkspaceError)):
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

    folders = click.get_current_context().obj or ()
    for folder in folders:
        if not (folder / "grader" / "topics").is_dir():
            raise Sentence(f"{folder} has no grader/topics folder with declarations in it")
    return Catalogue(folders)


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
    folders = click.get_current_context().obj or ()
    return "learnkit" + "".join(f" --topics-from {shlex.quote(str(f))}" for f in folders)


def one_exercise(name: str) -> "Exercise":
    """Return the exercise of that name; a topic's name is not enough."""
    found = catalogue().find([name])
    if "." not in name:
        raise Sentence(f"{name} is a topic; name an exercise, {found[0].id} for instance")
    return found[0]


@click.group(cls=Kit, context_settings={"help_option_names": ["-h", "--help"]})
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

    \b
    Example:
      learnkit init
      learnkit check losses.mse_loss
    """
    context.obj = topics_from


@cli.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
def init(folder: Path) -> None:
    """Make a workspace: a file of stubs for each topic.

    Files that are there already are left as they are.

    \b
    Example:
      learnkit init my-networks
    """
    from grader.workspace import Workspace  # noqa: PLC0415

    topics = catalogue().topics()
    _, written = Workspace.create(folder, topics, said)
    for path in written:
        click.echo(f"wrote {path}")
    if not written:
        click.echo("Every topic has its file here already; nothing was changed.")
    first = next(iter(topics[0].exercises.values()))
    go_there = "" if folder.resolve() == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    click.echo(f"Next: write {first.name} in {topics[0].name}.py, then see how it does:")
    click.echo(f"  {go_there}{program()} check {first.id}")


@cli.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--file", type=click.Path(path_type=Path), help="Grade a Python file or notebook.")
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path), help="Grade the files of a folder."
)
@click.option(
    "--seed",
    type=click.IntRange(0, LARGEST_SEED),
    default=0,
    show_default=True,
    help="Decides the random cases.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.05, 3600),
    callback=lambda _context, _option, value: _a_number(value),
    default=Limits().seconds,
    show_default=True,
    metavar="SECONDS",
    help="How long loading the file, and each call, may take.",
)
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


def _a_number(value: float) -> float:
    if math.isnan(value):
        raise click.BadParameter("nan is no number of seconds.")
    return value


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
def list_(names: tuple[str, ...]) -> None:
    """List the exercises, and which of them you have passed.

    \b
    Example:
      learnkit list losses
    """
    from grader.render.listing import listing  # noqa: PLC0415
    from grader.workspace import NoWorkspaceError, Progress  # noqa: PLC0415

    exercises = catalogue().find(names)
    try:
        progress = workspace().progress()
    except NoWorkspaceError:
        progress = Progress()  # outside a workspace: the list, with nothing passed
    console = terminal()
    console.print(listing(exercises, progress.passed))
    first = next((e for e in exercises if e.id not in progress.passed), None)
    click.echo(f"Next: {program()} check {first.id}" if first else "All of them are passed.")


@cli.command()
@click.argument("name", required=False)
@click.option(
    "--level",
    type=click.IntRange(1, LEVELS),
    help="1 nudges, 2 tells the method, 3 nearly the code.",
)
def hint(name: str | None, level: int | None) -> None:
    """Give a hint: the next one of three, or the level you ask for.

    \b
    Example:
      learnkit hint losses.softmax_loss
    """
    from grader.workspace import NoWorkspaceError, Progress  # noqa: PLC0415

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
    levels = len(exercise.hints)
    level = min(level or progress.hints.get(exercise.id, 0) + 1, levels)
    click.echo(f"{exercise.id}, hint {level} of {len(exercise.hints)}:")
    click.echo(click.wrap_text(exercise.hints[level - 1], 78, "  ", "  "))
    if home:
        progress.hints[exercise.id] = max(level, progress.hints.get(exercise.id, 0))
        with _warned("the hint level was not kept"):
            home.save(progress)
    click.echo(f"Next: {program()} check {exercise.id}")
    if level < levels:
        click.echo(f"  or: {program()} hint {exercise.id} --level {level + 1}")


@cli.command()
@click.argument("name")
@click.option("--give-up", is_flag=True, help="Show it although you have not passed.")
def solution(name: str, give_up: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Show the model answer of an exercise you have passed.

    \b
    Example:
      learnkit solution losses.mse_loss
    """
    exercise = one_exercise(name)
    if not give_up:
        passed = workspace().progress().passed
        if exercise.id not in passed:
            raise Sentence(
                f"{exercise.id} is not passed yet; try learnkit hint {exercise.id}, or see the "
                f"answer with: learnkit solution {exercise.id} --give-up",
                FAILED,
            )
    click.echo(exercise.answer())


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


@cli.group()
def author() -> None:
    """For whoever writes exercises.

    \b
    Example:
      learnkit author verify losses
    """


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
@click.option(
    "--seed",
    type=click.IntRange(0, LARGEST_SEED),
    default=0,
    show_default=True,
    help="Decides the random cases.",
)
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


def main() -> None:
    """Run the command line as a program."""
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    cli(prog_name="learnkit")
