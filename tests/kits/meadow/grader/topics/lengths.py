"""A topic that brings a truth of its own."""

import numpy as np

from grader.catalogue import Mistake, Topic
from grader.checks import Case, by_hand, matches_truth, repeatable, survives

topic = Topic("lengths", title="How long a thing is")

topic.exercise(
    "fence",
    points=1.5,
    returns=("length",),
    cases=[
        Case("3 sides", lambda rng: (rng.uniform(1, 9, 3),)),
        Case("6 sides", lambda rng: (rng.uniform(1, 9, 6),)),
    ],
    checks=[
        by_hand(np.array([3.0, 4.0, 5.0]), gives={"length": 12.0}),
        matches_truth(),
        survives("one side", [Case("1 side", lambda rng: (rng.uniform(1, 9, 1),))]),
        repeatable(),
    ],
    hints=["Walk around it.", "Add up the sides.", "np.sum(sides) does it."],
    mistakes=[
        Mistake("averaged", "The sides are averaged, not added up.", ("np.sum(", "np.mean(")),
        Mistake("last_side", "The last side is left out.", ("sides)", "sides[:-1])")),
    ],
)
