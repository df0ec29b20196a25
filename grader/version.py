"""The version of the kit, written into every report."""

__version__ = "0.1.0"
