"""Carry the stubs and the model answers in the wheel.

An editable install reads them from the checkout instead: a copy would go stale.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOMS = ("exercises", "solutions")


class RoomsHook(BuildHookInterface[Any]):
    """Add `exercises/` and `solutions/` to a standard wheel, as `grader/_rooms/`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Extend the files of a standard build; leave an editable one alone."""
        if version == "standard":
            build_data["force_include"].update({room: f"grader/_rooms/{room}" for room in ROOMS})
