"""Check gradients against the function they claim to be the gradient of.

`check_gradient` calls the function itself. For a function that lives in another process,
`plan_projections` and `plan_coordinates` name the points and judge the values found there.
"""

from numerics.differentiation.check import check_gradient
from numerics.differentiation.coordinates import CoordinatePlan, plan_coordinates
from numerics.differentiation.projections import ProjectionPlan, plan_projections
from numerics.differentiation.verdicts import Verdict

__all__ = [
    "CoordinatePlan",
    "ProjectionPlan",
    "Verdict",
    "check_gradient",
    "plan_coordinates",
    "plan_projections",
]
