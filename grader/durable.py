"""What the system must be asked for so that files outlast a crash and a second process."""

import os
import sys
from pathlib import Path


def keep_names(folder: Path) -> None:
    """Make the names in a folder outlast a loss of power; Windows does so by itself."""
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def wait_for(lock: int) -> None:
    """Wait until no other process holds a lock; it is let go when its file is closed."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - Windows alone has it

        msvcrt.locking(lock, msvcrt.LK_LOCK, 1)
    else:
        import fcntl  # noqa: PLC0415 - Windows has none

        fcntl.flock(lock, fcntl.LOCK_EX)
