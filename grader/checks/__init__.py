"""The vocabulary that topics are written in."""

from grader.checks.check import Case, Check, hidden
from grader.checks.gradients import gradient_agrees
from grader.checks.purity import keeps_inputs, keeps_precision
from grader.checks.scaling import vectorised
from grader.checks.values import by_hand, matches_truth, refuses, repeatable, survives

__all__ = [
    "Case",
    "Check",
    "by_hand",
    "gradient_agrees",
    "hidden",
    "keeps_inputs",
    "keeps_precision",
    "matches_truth",
    "refuses",
    "repeatable",
    "survives",
    "vectorised",
]
