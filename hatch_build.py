"""Carry the stubs, the model answers and the lessons in the wheel.

An editable install reads them from the checkout instead: a copy would go stale.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOMS = ("exercises", "solutions", "docs/topics")


class RoomsHook(BuildHookInterface[Any]):
    """Add the rooms that are no packages to a standard wheel, below `grader/_rooms/`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Extend the files of a standard build; leave an editable one alone."""
        if version == "standard":
            build_data["force_include"].update({room: f"grader/_rooms/{room}" for room in ROOMS})
