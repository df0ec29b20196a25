"""What an instructor looks at: how the class did, in pictures and tables on one page."""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from grader.classroom.assignment import due_as_text
from grader.classroom.feedback import WITHOUT_CASES
from grader.classroom.grades import Mark, Standing, standings
from grader.classroom.pages import STATUS_WORDS, page
from grader.classroom.similarity import too_common
from grader.classroom.store import Run, Store

STATUSES = ("passed", "failed", "error", "timeout", "unsolved", "missing", "grader_error")
BINS = 20
MOST_MISTAKES = 60
MOST_LISTED = 200
SLOWEST = 15
MOST_SEEDS = 3
LONGEST_PROBLEM = 300
UNJUDGED = frozenset(["error", "timeout", "missing"])  # how exercises end without their file
# The histogram, in the units of its viewBox.
WIDTH, HEIGHT, FOOT = 800, 200, 24


def overview(store: Store, run: Run) -> str:
    """Return the page of the whole class."""
    class_ = _Tally(store)
    students = len(store.students())
    common = too_common(students)
    names = class_.pages
    return page(
        "report.html.j2",
        title=run.told.get("title") or "The class",
        run=run,
        kit=run.kit.partition(" ")[0],
        due=due_as_text(run.told.get("due")),
        class_=class_,
        statuses=[(status, STATUS_WORDS[status]) for status in STATUSES],
        exercises=_exercises(store),
        histogram=_histogram(class_.shares),
        mistakes=list(store.mistakes())[:MOST_MISTAKES],
        students=students,
        slowest=store.slowest(SLOWEST),
        timed_out=store.timed_out()[:MOST_LISTED],
        pairs=store.similar(common),
        common=common,
        strays=store.strays()[:MOST_LISTED],
        pages=names,
        most=MOST_LISTED,
        most_seeds=MOST_SEEDS,
        now=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )


class _Tally:
    """What is counted in one pass over everybody; lists end where nobody would read on."""

    def __init__(self, store: Store) -> None:
        self.count = Counter[str]()
        seeds = Counter[int]()
        self.late: list[str] = []
        self.nothing: list[str] = []
        self.unknown: list[str] = []
        self.gone: list[str] = []
        self.problems: list[tuple[str, tuple[str, ...]]] = []
        self.overrides: list[Any] = []
        self.shares: list[float] = []
        self.pages: dict[str, str] = {}
        self.table: list[dict[str, Any]] = []
        roster = False
        for each in standings(store):
            roster |= each.person is not None
            self.count[each.state] += 1
            self.overrides += [mark.override for mark in each.marks if mark.override]
            if each.kept is None:
                self.nothing.append(each.name)
                continue
            self.pages[each.student] = each.kept.page
            self.shares.append(each.score / each.max_score if each.max_score else 0.0)
            kept = ("student", "name", "score", "max_score", "state", "late")
            self.table.append({name: getattr(each, name) for name in kept})
            if each.late:
                self.late.append(each.student)
            if each.person is None:
                self.unknown.append(each.student)
            if each.kept.gone:
                self.gone.append(each.student)
            if problems := dict.fromkeys([*each.kept.problems, *_unjudged(each, store)]):
                self.problems.append((each.student, tuple(problems)))
            seeds.update({mark.row["seed"] for mark in each.marks if mark.row})
        self.seeds = [seed for seed, _ in seeds.most_common()]
        if not roster:
            self.unknown.clear()

    @property
    def mean(self) -> float:
        """Return the mean share of the points."""
        return sum(self.shares) / len(self.shares) if self.shares else 0.0

    @property
    def median(self) -> float:
        """Return the median share of the points."""
        ordered = sorted(self.shares)
        if not ordered:
            return 0.0
        middle = len(ordered) // 2
        return (ordered[middle] + ordered[-middle - 1]) / 2


def _unjudged(each: Standing, store: Store) -> Iterator[str]:
    """Yield why nothing of a topic could be judged: its first exercise tells."""
    topics: dict[str, list[Mark]] = defaultdict(list)
    for mark in each.marks:
        topics[mark.exercise.partition(".")[0]].append(mark)
    asked = [marks[0].exercise for marks in topics.values() if _ended_alike(marks)]
    for row in store.results(each.student, reports=True) if asked else ():
        if row["exercise"] in asked:
            checks = json.loads(row["report"])["checks"]
            wrong = next(check for check in checks if check["status"] != "passed")
            if wrong["name"].startswith(WITHOUT_CASES):
                said = wrong["message"]
                yield said if len(said) <= LONGEST_PROBLEM else f"{said[:LONGEST_PROBLEM]} ..."


def _ended_alike(marks: Sequence[Mark]) -> bool:
    """Tell whether all exercises of a topic ended as they do without the file."""
    statuses = {mark.status for mark in marks}
    return len(statuses) == 1 and statuses <= UNJUDGED


def _exercises(store: Store) -> list[dict[str, Any]]:
    counts: Mapping[str, dict[str, int]] = defaultdict(dict)
    sums: dict[str, float] = defaultdict(float)
    for exercise, status, count, mean in store.counts():
        counts[exercise][status] = count
        sums[exercise] += count * mean
    told = []
    for name, most in store.exercises().items():
        total = sum(counts[name].values())
        told.append(
            {
                "id": name,
                "points": most,
                "total": total,
                "mean": sums[name] / total if total else 0.0,
                "parts": [
                    (status, counts[name][status], counts[name][status] / total)
                    for status in STATUSES
                    if counts[name].get(status)
                ],
            }
        )
    return told


def _histogram(shares: Iterable[float]) -> dict[str, Any]:
    counts = [0] * BINS
    for share in shares:
        counts[min(max(math.floor(share * BINS), 0), BINS - 1)] += 1
    tallest = max(counts) or 1
    step = WIDTH / BINS
    bars = [
        {
            "x": round(i * step + 2, 1),
            "y": round(HEIGHT - (HEIGHT - FOOT) * count / tallest, 1),
            "width": round(step - 4, 1),
            "height": round((HEIGHT - FOOT) * count / tallest, 1),
            "count": count,
            "label": f"{100 * i // BINS}-{100 * (i + 1) // BINS} %: {count}",
            "middle": round((i + 0.5) * step, 1),
        }
        for i, count in enumerate(counts)
    ]
    ticks = [(round(WIDTH * i / 4, 1), f"{25 * i} %") for i in range(5)]
    return {"bars": bars, "ticks": ticks, "width": WIDTH, "height": HEIGHT, "foot": FOOT}
