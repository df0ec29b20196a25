"""When a compiled kernel takes over from NumPy.

A kernel beats NumPy from a few dozen elements on, but the first one costs a process 0.2 to 0.4 s:
small inputs stay with NumPy until something has loaded the kernels. While `numerics.background`
loads them, every input does. The two agree to rounding, so it does not matter when one takes over.
"""

import importlib
from types import ModuleType
from typing import Final


class Background:
    """What another thread loads, or has loaded.

    Attributes
    ----------
    ready : dict of str to module
        Topics whose kernels have been loaded there.
    goes_on : bool
        Whether others are still to come.

    """

    def __init__(self) -> None:
        self.ready: dict[str, ModuleType] = {}
        self.goes_on = False


BACKGROUND: Final = Background()


class Kernels:
    """The compiled kernels of one topic, imported when they are first worth it.

    Parameters
    ----------
    topic
        The name of the module in `numerics.kernels`.
    loaded_size
        From how many elements on they are used once they are loaded, as measured.
    cold_size
        From how many elements on they are loaded.
    """

    def __init__(self, topic: str, *, loaded_size: int = 128, cold_size: int = 65_536) -> None:
        self.loaded_size = loaded_size
        self.cold_size = cold_size
        self._topic = topic
        self._module: ModuleType | None = None

    def load(self) -> ModuleType:
        """Import the compiled kernels, which smaller inputs then use as well, and return them."""
        if self._module is None:
            self._module = importlib.import_module(f"numerics.kernels.{self._topic}")
        return self._module

    def worth(self, size: int) -> ModuleType | None:
        """Return the kernels if they are faster than NumPy for so many elements, else None.

        None, too, as long as they are being loaded in the background: nobody waits for that.
        """
        if self._module is None:
            self._module = BACKGROUND.ready.get(self._topic)
        if size >= self.cold_size and not (self._module is None and BACKGROUND.goes_on):
            return self.load()
        return self._module if size >= self.loaded_size else None
