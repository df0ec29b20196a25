"""What a learner's process may use, and behind which walls it runs."""

from enum import StrEnum
from typing import NamedTuple

MIB = 2**20
WORK_LIMIT = 200_000  # instructions of Python that are counted, where they are


class Level(StrEnum):
    """How strongly a learner's process is kept apart; written into every report.

    `laptop` is for one's own code. `inner` and `strict` are for strangers': the kernel's walls
    around each submission, and those within a bubblewrap that shows nothing else of the machine.
    """

    LAPTOP = "laptop"
    INNER = "inner"
    STRICT = "strict"


class IsolationUnavailableError(Exception):
    """The isolation asked for is not to be had here; the message says what is missing."""


class Limits(NamedTuple):
    """Limits of one learner's process.

    Parameters
    ----------
    seconds
        Wall-clock time for loading a file and for each call.
    memory_bytes
        Address space beyond what Python and NumPy take at the start.
    result_bytes
        Array bytes that one result may carry.
    printed_bytes
        How much of what the learner's code prints is kept.
    file_bytes
        The largest file the learner's code may write.
    callbacks
        How often one check lets the learner's code call a function of the grader's.
    """

    seconds: float = 10.0
    memory_bytes: int = 2048 * MIB
    result_bytes: int = 64 * MIB
    printed_bytes: int = 16 * 1024
    file_bytes: int = 64 * MIB
    callbacks: int = 20_000

    @property
    def processor_seconds(self) -> float:
        """Processor time for one message: a second wall behind the clock, for every thread."""
        return 4 * self.seconds + 1
