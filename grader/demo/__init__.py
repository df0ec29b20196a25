"""A submission with right answers and famous mistakes, and what its report must say."""

from pathlib import Path

from grader.report import Report

SUBMISSION = Path(__file__).with_name("losses.py")

# Exercise: status, and the mistake that is recognised.
EXPECTED = {
    "losses.mse_loss": ("passed", None),
    "losses.huber_loss": ("passed", None),
    "losses.binary_cross_entropy": ("error", None),
    "losses.binary_cross_entropy_with_logits": ("passed", None),
    "losses.softmax": ("passed", None),
    "losses.softmax_loss": ("failed", "log_of_softmax"),
    "losses.temperature_loss": ("unsolved", None),
    "losses.svm_loss": ("failed", "boolean_counts"),
}


def is_as_it_should_be(report: Report) -> bool:
    """Tell whether a report on the bundled submission says what it must."""
    found = {
        exercise.id: (exercise.status.value, exercise.mistake.id if exercise.mistake else None)
        for exercise in report.exercises
    }
    return found == EXPECTED
