"""A truth of the kit's own."""

import math


def fence(sides):
    """Return the exactly rounded sum."""
    return math.fsum(sides.tolist())
