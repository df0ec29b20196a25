"""The terminal while it is ours: another page of it, no cursor; given back as it was found."""

import contextlib
from typing import Self

from rich.console import Console
from rich.control import Control

from grader.render.watching import Page, screen


class Screen:
    """Draws pages; entered, it has the terminal, left, it has given it back.

    Parameters
    ----------
    console
        The terminal; its colours and its encoding are respected.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self.plain = not str(console.encoding).lower().startswith("utf")

    def __enter__(self) -> Self:
        self.console.set_alt_screen(True)
        self.console.show_cursor(False)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):  # a terminal that is gone needs nothing back
            self.console.show_cursor(True)
            self.console.set_alt_screen(False)
            self.console.file.flush()

    def draw(self, page: Page) -> int:
        """Draw a page, and return how many lines its body has."""
        lines, length = screen(page, self.console, plain=self.plain)
        with self.console.capture() as captured:
            self.console.control(Control.home())
            self.console.print(lines, end="", soft_wrap=True)
        encoding = str(self.console.encoding)
        # A learner's words may hold what this terminal cannot show.
        self.console.file.write(captured.get().encode(encoding, "replace").decode(encoding))
        self.console.file.flush()
        return length
