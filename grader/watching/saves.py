"""When a save is judged: at once, but a burst of them once and a half-written file not yet."""

import time
from collections.abc import Callable

BURST = 0.3  # seconds after a question, or a save of a burst, in which a save is part of one
QUIET = 0.1  # seconds of quiet that end a burst
HALF_SAVED = 0.25  # seconds that a file which looks half-written is given to be finished


class Saves:
    """Says when what was saved is to be judged.

    Parameters
    ----------
    patient
        Whether to wait for quiet after the first save, too: for one report a burst on paper.
    clock
        Tells the time in seconds.
    """

    def __init__(
        self, *, patient: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._patient = patient
        self._clock = clock
        self._recent = float("-inf")  # when a question was asked, or its burst went on
        self._due: float | None = None

    def saved(self, *, unfinished: bool) -> None:
        """Note a save."""
        now = self._clock()
        burst = now - self._recent < BURST
        if burst:
            self._recent = now
        self._due = now + (HALF_SAVED if unfinished else QUIET if burst or self._patient else 0.0)

    def wait(self) -> float | None:
        """Return the seconds until a question is due; None where none is."""
        return None if self._due is None else max(0.0, self._due - self._clock())

    def take(self) -> bool:
        """Tell whether a question is due now; it counts as asked then."""
        now = self._clock()
        if self._due is None or now < self._due:
            return False
        self._due, self._recent = None, now
        return True
