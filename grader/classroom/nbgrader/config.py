"""What a course's `nbgrader_config.py` calls, so that our judge stands where `Execute` stood."""

from typing import Any

HERE = "grader.classroom.nbgrader"  # what a configuration with our judge speaks of
NBGRADER = "nbgrader.preprocessors"
# As nbgrader has them by default, but for what stands first.
SANITIZE = (
    f"{HERE}.reading.Restore",
    f"{NBGRADER}.DeduplicateIds",
    f"{NBGRADER}.OverwriteKernelspec",
    f"{NBGRADER}.OverwriteCells",
    f"{NBGRADER}.CheckCellMetadata",
)
# As nbgrader has them by default, but for `Execute` and `SaveAutoGrades`.
AUTOGRADE = (
    f"{HERE}.preprocessor.Judge",
    f"{NBGRADER}.LimitOutput",
    f"{HERE}.preprocessor.Save",
    f"{NBGRADER}.AssignLatePenalties",
    f"{NBGRADER}.CheckCellMetadata",
)


def configure(c: Any) -> None:
    """Let nbgrader grade with this kit.

    How the judge works is then set by its traits, `c.Judge.level = "inner"` for instance.

    Parameters
    ----------
    c
        nbgrader's configuration, as `get_config()` returns it in `nbgrader_config.py`.
    """
    c.Autograde.exporter_class = f"{HERE}.reading.Reader"
    c.Autograde.sanitize_preprocessors = list(SANITIZE)
    c.Autograde.autograde_preprocessors = list(AUTOGRADE)
    c.GenerateFeedback.exporter_class = f"{HERE}.reading.Page"
