"""Load all kernels in the background of a process that lives long, and let nobody wait for it."""

import importlib
import threading
from typing import Final

from numerics import kernels
from numerics.compiled import BACKGROUND


class Loading:
    """The kernels on their way into this process, file by file.

    Attributes
    ----------
    error : Exception or None
        Why it ended before all were there. Whoever needs one of the others loads it as if nothing
        had been tried, and is told the same.

    """

    def __init__(self) -> None:
        self.error: Exception | None = None
        self._ended = threading.Event()
        BACKGROUND.goes_on = True
        threading.Thread(target=self._run, name="kernels", daemon=True).start()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it has ended, for so many seconds at most; tell whether it has."""
        return self._ended.wait(timeout)

    def _run(self) -> None:
        try:
            for file in kernels.files():
                module = importlib.import_module(f"numerics.kernels.{file}")
                for name, arguments in module.examples().items():
                    getattr(module, name)(*arguments)  # the first call is what takes time
                BACKGROUND.ready[file] = module
        except Exception as error:  # noqa: BLE001 - kept for whoever asks: a thread has no caller
            self.error = error
        finally:
            BACKGROUND.goes_on = False
            self._ended.set()


_LOCK: Final = threading.Lock()
_started: list[Loading] = []


def load_in_background() -> Loading:
    """Load every kernel in a thread, once for the process, and return at once.

    For a process that lives long, and best called when its first answer is out: the thread shares
    the interpreter with all others for the half second that it takes to load what is in the cache.
    What is not is compiled, which takes seconds; `learnkit author warm` does so beforehand. Until
    the kernels of a topic are ready, its functions use NumPy, however large their arguments.

    Returns
    -------
    Loading
        The same one each time, a new one where the last ended in an error.

    """
    with _LOCK:
        if not _started or _started[-1].error is not None:
            _started.append(Loading())
        return _started[-1]
