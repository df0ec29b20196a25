"""Pictures as plain records, and how they are drawn; matplotlib is loaded by the first drawing."""

import importlib.util
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray[Any, np.dtype[np.float64]]
Range = tuple[float, float]

FORMATS = (".svg", ".png")
MISSING = "pictures need matplotlib; install it with: pip install 'learnkit-nn[plots]'"
PANEL = (4.4, 3.4)  # inches
LONGEST = 3  # a picture longer than this for its height has pixels that are not square
BEYOND = 1e30  # a path that blows up is drawn as far as this: its direction is all there is to see

# Colours that the colour-blind tell apart (Wong, Nature Methods 8, 2011); dashes say the same.
YOURS = {"color": "#d55e00", "linewidth": 1.8, "marker": ".", "markersize": 6, "zorder": 3}
STYLES: dict[str, dict[str, Any]] = {
    "yours": YOURS | {"marker": ""},
    "your path": YOURS,
    "right": {"color": "#0072b2", "linewidth": 1.8, "linestyle": "--", "zorder": 4},
    "ground": {"color": "#9a9a9a", "linewidth": 1.2, "zorder": 1},
    "your point": {
        "color": "#d55e00",
        "linestyle": "",
        "marker": "o",
        "markersize": 10,
        "zorder": 5,
    },
    "right point": {
        "color": "#0072b2",
        "linestyle": "",
        "marker": "x",
        "markersize": 9,
        "zorder": 6,
    },
    "dots": {"color": "#d55e00", "linestyle": "", "marker": ".", "markersize": 3, "zorder": 2},
}


class PictureError(Exception):
    """Something stands in the way of a picture; the message says what, and the remedy."""

    def _render_traceback_(self) -> list[str]:
        """Say it in a notebook in one line: there is nothing to be traced."""
        return [f"{type(self).__name__}: {self}"]


class NotDrawnError(PictureError):
    """The learner's function gave nothing that can be drawn."""


@dataclass(frozen=True)
class Line:
    """Points that belong together; `style` is a name in `STYLES`."""

    x: Array
    y: Array
    style: str = "yours"
    label: str = ""


@dataclass(frozen=True)
class Image:
    """Numbers as colours.

    Parameters
    ----------
    values
        Rows and columns.
    limits
        The numbers at the ends of the scale.
    signed
        Whether 0 is in the middle of the scale: below it is blue, above it red.
    """

    values: Array
    limits: Range
    signed: bool = False


@dataclass(frozen=True)
class Contours:
    """Heights over a plane."""

    x: Array
    y: Array
    heights: Array


@dataclass(frozen=True)
class Panel:
    """One pair of axes."""

    title: str
    lines: tuple[Line, ...] = ()
    image: Image | None = None
    contours: Contours | None = None
    x_label: str = ""
    y_label: str = ""
    x_range: Range | None = None
    y_range: Range | None = None


@dataclass(frozen=True)
class Picture:
    """What there is to see, and the same in words.

    Parameters
    ----------
    title
        What it shows.
    says
        What can be read from it, in sentences: for whoever cannot see it, too.
    panels
        Rows of panels, of equal lengths.
    """

    title: str
    says: str
    panels: tuple[tuple[Panel, ...], ...] = field(repr=False)


def available(path: Path | None = None) -> None:
    """Make sure that pictures can be drawn here, and into a file of that name.

    Raises
    ------
    PictureError
        If matplotlib is not installed, or the name ends neither in .svg nor in .png.
    """
    if path and path.suffix.lower() not in FORMATS:
        raise PictureError(f"{path} ends neither in .svg nor in .png")
    if importlib.util.find_spec("matplotlib") is None:
        raise PictureError(MISSING)


def save(picture: Picture, path: Path) -> None:
    """Draw a picture into a file, SVG or PNG as its name ends.

    Raises
    ------
    PictureError
        If matplotlib is missing, the name ends otherwise, or the file cannot be written.
    """
    available(path)
    data = drawn(picture, path.suffix.lower()[1:])
    try:
        path.write_bytes(data)
    except OSError as error:
        raise PictureError(f"{path} cannot be written: {error.strerror}") from error


def drawn(picture: Picture, form: str) -> bytes:
    """Return a picture as the bytes of an `svg` or a `png`; the same picture, the same bytes.

    Raises
    ------
    PictureError
        If matplotlib is missing.
    """
    available()
    from matplotlib import rc_context  # noqa: PLC0415 - an extra, and slow to import

    page = io.BytesIO()
    # No letters as outlines: text in an SVG stays text, to be read aloud and searched.
    with rc_context({"svg.hashsalt": "learnkit", "svg.fonttype": "none"}):
        metadata = {"Date": None, "Description": picture.says} if form == "svg" else {}
        _figure(picture).savefig(page, format=form, dpi=120, metadata=metadata)
    return page.getvalue()


def _figure(picture: Picture) -> "Figure":
    from matplotlib.figure import Figure  # noqa: PLC0415

    rows, columns = len(picture.panels), len(picture.panels[0])
    size = (PANEL[0] * columns, PANEL[1] * rows + 0.4)
    # A background of its own: it can be read on a dark page as well.
    figure = Figure(figsize=size, layout="constrained", facecolor="white")
    figure.suptitle(picture.title)
    axes = figure.subplots(rows, columns, squeeze=False)
    for row, places in zip(picture.panels, axes, strict=True):
        for panel, place in zip(row, places, strict=True):
            _draw(panel, place)
    return figure


def _draw(panel: Panel, axes: "Axes") -> None:
    axes.set_title(panel.title, fontsize="medium")
    axes.set_xlabel(panel.x_label)
    axes.set_ylabel(panel.y_label)
    if panel.image:
        _draw_image(panel.image, axes)
    if panel.contours:
        ground = panel.contours
        axes.contour(
            ground.x, ground.y, ground.heights, levels=14, colors="#b8b8b8", linewidths=0.8
        )
    for line in panel.lines:
        x, y = _bounded(line.x, panel.x_range), _bounded(line.y, panel.y_range)
        axes.plot(x, y, label=line.label or None, **STYLES[line.style])
    if panel.x_range:
        axes.set_xlim(*panel.x_range)
    if panel.y_range:
        axes.set_ylim(*panel.y_range)
    if any(line.label for line in panel.lines):
        axes.legend(fontsize="small")


def _bounded(values: Array, limits: Range | None) -> Array:
    """Return values that can be drawn: what is far outside stays outside, not as far."""
    low, high = limits or (-BEYOND, BEYOND)
    room = 20 * (high - low) if limits else 0.0
    return np.clip(np.asarray(values, np.float64), low - room, high + room)


def _draw_image(image: Image, axes: "Axes") -> None:
    low, high = image.limits
    if not low < high:
        low, high = low - 0.5, low + 0.5
    values = np.ma.masked_invalid(image.values)
    colours = "RdBu_r" if image.signed else "viridis"
    square = max(values.shape) <= LONGEST * min(values.shape)
    shown = axes.imshow(
        values,
        vmin=low,
        vmax=high,
        cmap=colours,
        aspect="equal" if square else "auto",
        interpolation="nearest",
    )
    axes.set_facecolor("black")  # what is no number
    axes.set_xticks([])
    axes.set_yticks([])
    axes.figure.colorbar(shown, ax=axes, shrink=0.8)
