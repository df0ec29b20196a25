"""When a compiled kernel takes over from NumPy.

A kernel beats NumPy from a few dozen elements on, but the first one costs a process 0.2 to 0.4 s:
small inputs stay with NumPy until something has loaded the kernels.
"""

import importlib
from types import ModuleType


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
        """Return the kernels if they are faster than NumPy for so many elements, else None."""
        if size >= self.cold_size:
            return self.load()
        return self._module if size >= self.loaded_size else None
