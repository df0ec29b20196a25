"""A topic whose truth is its own model answer."""

import numpy as np

from grader.catalogue import Mistake, Topic
from grader.checks import Case, by_hand, gradient_agrees, keeps_inputs, matches_truth, repeatable

topic = Topic("areas", title="How large a figure is")

topic.exercise(
    "circle_area",
    points=2,
    returns=("area", "dradius"),
    cases=[
        Case("2 circles", lambda rng: (rng.uniform(1, 2, 2),)),
        Case("5 circles", lambda rng: (rng.uniform(1, 2, 5),)),
    ],
    checks=[
        by_hand(np.array([1.0]), gives={"area": 3.1415926536, "dradius": [6.2831853072]}),
        matches_truth("area"),
        gradient_agrees("dradius", of="area"),
        repeatable(),
        keeps_inputs(),
    ],
    hints=[
        "What is the area of one circle?",
        "It is pi r squared, and its derivative 2 pi r.",
        "Take np.mean of np.pi * radius**2; divide the gradient by how many there are.",
    ],
    mistakes=[
        Mistake(
            "not_squared",
            "The radius is not squared.",
            ("np.mean(np.pi * radius**2)", "np.mean(np.pi * radius)"),
        ),
        Mistake(
            "gradient_not_averaged",
            "The gradient is that of the sum.",
            (" / radius.size", ""),
        ),
    ],
)
