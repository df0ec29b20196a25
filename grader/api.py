"""The public functions: judge a file, a text, or what stands in the notebook, and draw from it."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.catalogue import Catalogue
from grader.engine import grade
from grader.report import Report
from grader.student.launch import launcher
from grader.student.limits import Limits
from grader.student.submission import Source, Submission, from_file, from_text, python_of

if TYPE_CHECKING:
    from grader.render.pictures import Picture

SELF_STUDY_SEED = 0


class ReadableReport(Report):
    """A report that shows itself: as HTML in a notebook, as text anywhere else."""

    def __repr__(self) -> str:
        from grader.render.text import text  # noqa: PLC0415 - a program may never look at it

        return text(self)

    def _repr_html_(self) -> str:
        from grader.render.html import html  # noqa: PLC0415

        return html(self)


@dataclass(frozen=True)
class Drawing:
    """A picture that shows itself in a notebook; elsewhere it says what can be read from it."""

    picture: "Picture"

    def __repr__(self) -> str:
        return f"{self.picture.title}. {self.picture.says}"

    def _repr_svg_(self) -> str:
        from grader.render.pictures import drawn  # noqa: PLC0415

        return drawn(self.picture, "svg").decode()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file whose name ends in `.svg` or `.png`.

        Raises
        ------
        grader.render.pictures.PictureError
            If the name ends otherwise, or the file cannot be written.
        """
        from grader.render.pictures import save  # noqa: PLC0415

        save(self.picture, Path(path))


def check_file(
    path: str | os.PathLike[str], names: Sequence[str] | None = None, *, seed: int | None = None
) -> Report:
    """Judge the functions in a Python file or notebook.

    Parameters
    ----------
    path
        The file.
    names
        Topics or exercises, one or several; None for every exercise that the file holds.
    seed
        Decides the random cases; None for those of self-study, always the same.

    Returns
    -------
    Report
        A file that cannot be read is a problem in the report, not an exception.

    Raises
    ------
    grader.catalogue.UnknownNameError
        If a name is unknown.
    ValueError
        If the seed is not an integer of 0 or more.
    """
    return _check(from_file(Path(path)), names, seed)


def check_source(
    text: str, names: Sequence[str] | None = None, *, seed: int | None = None
) -> Report:
    """Judge the functions in a Python text; otherwise as `check_file`."""
    return _check(from_text(text), names, seed)


def check(name: str | None = None, *, seed: int | None = None) -> Report:
    """Judge the functions defined in the running notebook or interactive session.

    Every cell run so far is taken along, so that helpers and imports are there.

    Parameters
    ----------
    name
        A topic or an exercise; None for every exercise that the cells hold.
    seed
        As for `check_file`.

    Raises
    ------
    RuntimeError
        If there is no IPython session.
    TypeError
        If `name` is no text, the function itself for instance.
    grader.catalogue.UnknownNameError
        If the name is unknown.
    """
    names = None if name is None else [_name(name)]
    return _check(_cells("grader.check", "grader.check_file"), names, seed)


def show(name: str, *, seed: int | None = None) -> Drawing:
    """Draw what the function defined in the running notebook does.

    Raises
    ------
    RuntimeError
        If there is no IPython session.
    TypeError
        If `name` is no text, the function itself for instance.
    grader.catalogue.UnknownNameError
        If the name is unknown.
    grader.render.pictures.PictureError
        If the exercise has no picture, the function gives nothing to draw, or matplotlib is missing.
    """
    from grader.pictures import picture  # noqa: PLC0415 - checking does without
    from grader.render.pictures import PictureError, available  # noqa: PLC0415

    submission = _cells("grader.show", "learnkit show NAME --file FILE")
    available()
    found = Catalogue().find([_name(name)])
    if "." not in name:
        raise PictureError(f"{name} is a topic; name an exercise, {found[0].id} for instance")
    start = launcher()
    try:
        return Drawing(picture(found[0], submission, start, Limits(), seed=_seed(seed)))
    finally:
        start.close()


def _cells(function: str, elsewhere: str) -> Submission:
    """Return every cell of the running notebook so far, so that helpers and imports are there."""
    shell = _shell()
    if shell is None:
        raise RuntimeError(f"{function} works in a notebook; for a file use {elsewhere}")
    cells = [(f"cell [{i}]", python_of(cell)) for i, cell in enumerate(shell.user_ns["In"]) if cell]
    return Submission({"notebook": Source("notebook", tuple(cells))}, main="notebook")


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def _check(submission: Submission, names: Sequence[str] | None, seed: int | None) -> Report:
    if isinstance(names, str):
        names = [names]
    seed = _seed(seed)
    exercises = Catalogue().find(names or ())
    start = launcher()
    try:
        report = grade(exercises, submission, start, Limits(), seed=seed, only_present=not names)
    finally:
        start.close()
    return ReadableReport(*report)


def _name(name: str) -> str:
    if not isinstance(name, str):
        raise TypeError(f'name must be a text such as "losses.mse_loss", got {name!r}')
    return name


def _seed(seed: int | None) -> int:
    if seed is not None and (not isinstance(seed, int) or seed < 0):
        raise ValueError(f"seed must be an integer, 0 or more, got {seed!r}")
    return SELF_STUDY_SEED if seed is None else seed
