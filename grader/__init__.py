"""Judge what learners write: `check_file` and `check_source` return a `Report`.

In a notebook, `check("losses.mse_loss")` judges the function defined there, and
`show("gradients.gradient_descent")` draws what it does.
"""

from typing import TYPE_CHECKING, Any

from grader.version import __version__

if TYPE_CHECKING:
    from grader.api import check, check_file, check_source, show
    from grader.report import Report

__all__ = ["Report", "__version__", "check", "check_file", "check_source", "show"]


def __getattr__(name: str) -> Any:
    """Load the public API when it is first asked for: a learner's process never does."""
    if name == "Report":
        from grader.report import Report  # noqa: PLC0415

        return Report
    if name in {"check", "check_file", "check_source", "show"}:
        from grader import api  # noqa: PLC0415

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
