"""The vocabulary that topics are written in."""

from grader.checks.calls import Call, Function, Named, kept
from grader.checks.check import Case, Check, hidden
from grader.checks.gradients import gradient_agrees
from grader.checks.properties import Problem, achieves, advises, holds, holds_of_all
from grader.checks.purity import keeps_inputs, keeps_precision
from grader.checks.scaling import vectorised
from grader.checks.trial import Result
from grader.checks.values import by_hand, matches_truth, refuses, repeatable, survives
from grader.student.wire import Generator, Given

__all__ = [
    "Call",
    "Case",
    "Check",
    "Function",
    "Generator",
    "Given",
    "Named",
    "Problem",
    "Result",
    "achieves",
    "advises",
    "by_hand",
    "gradient_agrees",
    "hidden",
    "holds",
    "holds_of_all",
    "keeps_inputs",
    "keeps_precision",
    "kept",
    "matches_truth",
    "refuses",
    "repeatable",
    "survives",
    "vectorised",
]
