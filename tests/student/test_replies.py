"""Whatever the other side answers, a session tells it as an outcome: nothing else comes of it."""

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.student.channel import ClosedError, DeadlineError
from grader.student.launch import START_SECONDS, Launcher, Process
from grader.student.limits import IsolationUnavailableError, Level, Limits
from grader.student.session import (
    COUNTED_LIMIT,
    HANDED_LIMIT,
    PROBLEMS_LIMIT,
    WARNINGS_LIMIT,
    WORDS_LIMIT,
    Fault,
    Loaded,
    Outcome,
    Session,
    Step,
)
from grader.student.submission import from_text
from grader.student.wire import Callback, Given, Opaque, WireError

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
LOADED = {"done": True, "loaded": True, "functions": {"f": [["x", "VAR_KEYWORD", False]]}}
LOADED |= {"problems": [], "printed": ""}
DONE = {"done": True, "printed": ""}


class Scripted(Launcher):
    """Starts no process: answers come from a list, and each knows the message it answers."""

    level = Level.LAPTOP

    def __init__(self, *loading, running=(), body=b"", last=ClosedError):
        self.answers = {"load": list(loading), "run": list(running)}
        self.body, self.last = body, last
        self.sent = []
        self.ended = 0

    def open(self, limits):
        del limits
        self.waiting = []
        return Process(self, self.end, self.end)

    def end(self):
        self.ended += 1
        return -9

    def send(self, head, encoder, deadline, ready=None):
        del encoder, deadline, ready
        self.sent.append(head)
        if "do" in head:
            self.waiting = [{"message": head["message"], **a} for a in self.answers[head["do"]]]
        elif "modules" in head:
            self.waiting = [{"message": 0, "done": True}]

    def receive(self, deadline):
        del deadline
        if not self.waiting:
            raise self.last
        return self.waiting.pop(0), self.body

    def close(self):
        pass


def ran(running, *, steps=1, callbacks=None, limits=None, **options):
    launcher = Scripted(LOADED, running=running, **options)
    with Session(from_text(""), launcher, limits or Limits()) as session:
        outcomes = session.run("submission", [Step("f", (Callback("g"),))] * steps, callbacks)
    assert len(outcomes) == steps
    return outcomes


def test_of_a_tuple_only_what_was_asked_for_is_kept():
    sent = {"tuple": [1.5, {"list": [1, 2]}, {"opaque": "a cache"}]}
    launcher = Scripted(LOADED, running=[{"step": 0, "value": sent}, DONE])
    with Session(from_text(""), launcher, Limits()) as session:
        (outcome,) = session.run("submission", [Step("f", send=(0,))])
    assert outcome.value == (1.5, Opaque("list"), Opaque("a cache"))


def test_all_messages_together_carry_no_more_than_so_much():
    launcher = Scripted(LOADED, running=[{"step": 0, "value": 1}, DONE], body=bytearray(1000))
    with Session(from_text(""), launcher, Limits(result_bytes=1024)) as session:
        faults = [session.run("submission", [Step("f")])[0].fault for _ in range(6)]
    # One reply to the load, two to each message: with the fourth message's last one it is too much.
    assert [fault and fault.kind for fault in faults] == [None] * 4 + ["garbled"] * 2
    assert "all messages" in faults[4].message


class Slow(Scripted):
    """Notes how long it is waited for, by a clock that stands still."""

    def __init__(self, *answers, **options):
        super().__init__(*answers, **options)
        self.patience = []

    def send(self, head, encoder, deadline, *more):
        self.patience.append(deadline)
        super().send(head, encoder, deadline, *more)

    def receive(self, deadline):
        self.patience.append(deadline)
        return super().receive(deadline)


def test_a_start_has_its_own_time_and_takes_none_of_the_learners(monkeypatch):
    monkeypatch.setattr("grader.student.session.time.monotonic", lambda: 0.0)
    launcher = Slow(LOADED)
    with Session(from_text(""), launcher, Limits(seconds=0.01)) as session:
        assert session.load("submission").fault is None
    assert launcher.patience == [START_SECONDS, START_SECONDS, 0.01, 0.01]


class Failing(Scripted):
    """Starts, but is never ready."""

    def __init__(self, ready, *answers):
        super().__init__(*answers)
        self.ready = ready

    def send(self, head, encoder, deadline, *more):
        super().send(head, encoder, deadline, *more)
        if "modules" in head:
            self.waiting = []
            if isinstance(self.ready, dict):
                self.waiting = [self.ready]
            else:
                self.last = self.ready


@pytest.mark.parametrize(
    ("ready", "reason"),
    [
        (ClosedError, "ended by signal 9"),
        (DeadlineError, "not ready within 60 s"),
        (WireError("bytes that are not a frame"), "sent bytes that are not a frame"),
        ({}, "did not say"),
        ({"message": 1, "done": True}, "did not say"),
        ({"message": 0, "step": 0, "value": 1}, "did not say"),
    ],
    ids=["ended", "late", "no frame", "nothing", "another message", "a result"],
)
def test_a_start_that_fails_is_not_the_learners_fault(ready, reason):
    launcher = Failing(ready, LOADED)
    session = Session(from_text(""), launcher, Limits())
    for times in (1, 2):
        with pytest.raises(IsolationUnavailableError, match=f"did not start: .*{reason}"):
            session.run("submission", [Step("f")])
        assert launcher.ended == times


def test_the_script_of_an_honest_process_gives_its_result():
    outcomes = ran([{"step": 0, "value": 5}, {"step": 1, "value": {"tuple": [1]}}, DONE], steps=2)
    assert outcomes == [Outcome(5), Outcome((1,))]


VALUE = {"step": 0, "value": 1}
GARBLED = {
    "another message": {**VALUE, "message": 99},
    "no message": {**VALUE, "message": None},
    "another step": {**VALUE, "step": 1},
    "a step before the first": {**VALUE, "step": -1},
    "no step": {"value": 1},
    "done too early": DONE,
    "neither done nor not": {**VALUE, "done": False, "step": 1},
    "no value": {"step": 0},
    "a malformed value": {"step": 0, "value": {"pickle": "gASV"}},
    "an array that is not there": {"step": 0, "value": {"array": ["<f8", [9], 0]}},
    "malformed arguments": {**VALUE, "after": {"array": []}},
    "arguments that are none": {**VALUE, "after": 1},
    "warnings that are none": {**VALUE, "warnings": 1},
    "warnings that are no texts": {**VALUE, "warnings": [{}]},
    "work that is a text": {**VALUE, "work": "1"},
    "work beyond any count": {**VALUE, "work": 10**4000},
    "work below nothing": {**VALUE, "work": -1},
    "an exception that is none": {"step": 0, "raised": "ValueError"},
    "an exception of no text": {"step": 0, "raised": {"message": [[]]}},
    "an exception of no kinds": {"step": 0, "raised": {"kinds": 1}},
    "an exception on no line": {"step": 0, "raised": {"line": "1"}},
    "an absence without a word": {"step": 0, "unavailable": [[]]},
    "a call of a list": {"callback": [], "args": [], "kwargs": {}},
    "a call of an object": {"callback": {}, "args": [], "kwargs": {}},
    "a call of another function": {"callback": "h", "args": [], "kwargs": {}},
    "a call without arguments": {"callback": "g"},
    "a call with malformed arguments": {"callback": "g", "args": [{}], "kwargs": {}},
    "a call with malformed names": {"callback": "g", "args": [], "kwargs": []},
}


@pytest.mark.parametrize("answer", GARBLED.values(), ids=GARBLED)
def test_an_answer_that_makes_no_sense_is_garbled(answer):
    first, second = ran([answer, VALUE, DONE], steps=2, callbacks={"g": lambda: 1})
    assert first.fault.kind == "garbled"
    assert first.fault.message
    assert second.fault.kind == "unavailable"


def test_the_results_before_a_garbled_answer_stand():
    first, second = ran([VALUE, VALUE, DONE], steps=2)
    assert first == Outcome(1)
    assert second.fault.kind == "garbled"


@pytest.mark.parametrize(
    "answer",
    [
        {},
        DONE,
        {**LOADED, "functions": None},
        {**LOADED, "functions": []},
        {**LOADED, "functions": {"f": 5}},
        {**LOADED, "functions": {"f": [5]}},
        {**LOADED, "functions": {"f": [[]]}},
        {**LOADED, "functions": {"f": [[1, 2, 3]]}},
        {**LOADED, "functions": {"f": {"a": 1}}},
        {**LOADED, "problems": 5},
        {**LOADED, "problems": [5]},
        {**LOADED, "printed": [[]]},
        {**LOADED, "loaded": False},
        {**LOADED, "loaded": 1},
        {"done": True, "loaded": True},
        VALUE,
    ],
    ids=str,
)
def test_a_module_that_is_told_wrongly_is_garbled(answer):
    with Session(from_text(""), Scripted(answer), Limits()) as session:
        loaded = session.load("submission")
        assert loaded.fault.kind == "garbled"
        assert session.run("submission", [Step("f")])[0].fault.kind == "garbled"


@pytest.mark.parametrize(
    ("error", "kind"), [(ClosedError, "died"), (DeadlineError, "timeout"), (WireError, "garbled")]
)
def test_a_channel_that_fails_is_told_and_the_process_ended(error, kind):
    launcher = Scripted(LOADED, running=[VALUE], last=error)
    session = Session(from_text(""), launcher, Limits())
    first, second, third = session.run("submission", [Step("f")] * 3)
    assert first == Outcome(1)
    assert (second.fault.kind, third.fault.kind) == (kind, "unavailable")
    assert launcher.ended == 1


def test_calls_are_counted_on_this_side_too():
    call = {"callback": "g", "args": [], "kwargs": {}}
    limits = Limits(callbacks=3)
    (outcome,) = ran([*[call] * 3, VALUE, DONE], callbacks={"g": lambda: 1}, limits=limits)
    assert outcome == Outcome(1)
    (outcome,) = ran([*[call] * 4, VALUE, DONE], callbacks={"g": lambda: 1}, limits=limits)
    assert (outcome.fault.kind, "more than 3 times" in outcome.fault.message) == ("runaway", True)


def test_only_what_was_lent_is_found_when_it_comes_back():
    """A text of the learner's own is never run, and no name of theirs is a function of ours."""
    seen = []
    forged = [{"given": ["raise SystemExit", "f"]}, {"callback": "h"}, {"callback": "g"}]
    call = {"callback": "g", "args": forged, "kwargs": {}}
    ran([call, VALUE, DONE], callbacks={"g": lambda *args: seen.extend(args)})
    assert seen[:2] == [Given("raise SystemExit", "f"), Callback("h")]
    assert callable(seen[2])


def test_calls_that_never_end_do_not_hold_the_clock(monkeypatch):
    clock = itertools.count()
    monkeypatch.setattr("grader.student.session.time.monotonic", lambda: float(next(clock)))
    calls = [{"callback": "g", "args": [], "kwargs": {}}] * 1000
    (outcome,) = ran([*calls, VALUE, DONE], callbacks={"g": lambda: 1}, limits=Limits(seconds=50.0))
    assert outcome.fault.kind == "timeout"


def test_arguments_of_a_call_do_not_multiply_its_bytes():
    seen = []
    shared = {"array": ["|u1", [1000], 0]}
    call = {"callback": "g", "args": [shared] * 1000, "kwargs": {}}
    (outcome,) = ran([call, VALUE, DONE], callbacks={"g": seen.append}, body=bytes(1000))
    assert outcome.fault.kind == "garbled"
    assert not seen


@pytest.mark.parametrize("error", [ValueError("no"), TypeError("no")])
def test_a_refusal_is_sent_back(error):
    def refuse():
        raise error

    launcher = Scripted(LOADED, running=[{"callback": "g", "args": [], "kwargs": {}}, VALUE, DONE])
    with Session(from_text(""), launcher, Limits()) as session:
        assert session.run("submission", [Step("f")], {"g": refuse}) == [Outcome(1)]
    assert {"refused": "no"} in launcher.sent


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyError, IndexError, AttributeError])
def test_an_error_of_the_graders_own_function_is_the_graders(error):
    def broken():
        raise error

    with pytest.raises(error):
        ran([{"callback": "g", "args": [], "kwargs": {}}], callbacks={"g": broken})


def test_a_process_that_prints_more_than_it_may_is_cut_off():
    launcher = Scripted({**LOADED, "printed": "x" * 10**6})
    with Session(from_text(""), launcher, Limits()) as session:
        session.load("submission")
        assert session.printed == "x" * session.limits.printed_bytes


words = st.text(max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["list", "tuple", "dict", "array", "scalar", "opaque", "message", "line"]
            ),
            inner,
            max_size=2,
        )
    ),
    max_leaves=8,
)
ANSWERED = ["step", "done", "value", "after", "warnings", "work", "raised", "unavailable"]
ANSWERED += ["callback", "args", "kwargs", "loaded", "functions", "problems", "printed", "message"]
likely = st.fixed_dictionaries(
    {},
    optional={
        "step": st.integers(0, 2),
        "done": st.just(True),
        "value": values,
        "callback": st.sampled_from(["g", None]),
        "args": st.lists(values, max_size=2),
        "kwargs": st.dictionaries(words, values, max_size=2),
        "loaded": st.booleans(),
        "functions": st.dictionaries(words, values, max_size=2),
        "problems": st.lists(values, max_size=2),
    },
)
answers = st.lists(
    st.builds(dict.__or__, likely, st.dictionaries(st.sampled_from(ANSWERED), values, max_size=2)),
    max_size=4,
)


def accepting(*args, **kwargs):
    return np.float64(len(args) + len(kwargs))


@PATIENT
@given(answers, st.integers(0, 3))
def test_any_answers_to_steps_are_outcomes(running, steps):
    for outcome in ran(running, steps=steps, callbacks={"g": accepting}, body=bytes(64)):
        assert isinstance(outcome, Outcome)
        assert outcome.fault is None or isinstance(outcome.fault, Fault)


@PATIENT
@given(answers)
def test_any_answers_to_loading_are_a_module_or_a_fault(loading):
    with Session(from_text(""), Scripted(*loading, body=bytes(64)), Limits()) as session:
        loaded = session.load("submission")
        assert isinstance(loaded, Loaded)
        for parameters in loaded.functions.values():
            for name, kind, has_default in parameters or ():
                assert (type(name), type(kind), type(has_default)) == (str, str, bool)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([{"array": ["|u1", [HANDED_LIMIT], 0]}], "numbers"),
        ([{"list": [0] * HANDED_LIMIT}], "numbers"),
        (["x" * 8 * HANDED_LIMIT], "numbers"),
        ([COUNTED_LIMIT], "whole number"),
        ([{"dict": [["steps", -COUNTED_LIMIT]]}], "whole number"),
        ([{"array": ["<i8", [], 0]}], "whole number"),
        ([{"scalar": ["<i8", [], 0]}], "whole number"),
    ],
)
def test_giants_are_not_handed_to_the_graders_functions(args, said):
    """What it does with them would take the grader's own memory and time."""
    call = {"callback": "g", "args": args, "kwargs": {}}
    seen = []
    body = bytes([255] * 6 + [0] * HANDED_LIMIT)
    launcher = Scripted(LOADED, running=[call, VALUE, DONE], body=body)
    with Session(from_text(""), launcher, Limits()) as session:
        assert session.run("submission", [Step("f")], {"g": seen.append}) == [Outcome(1)]
    assert not seen
    (refused,) = [head["refused"] for head in launcher.sent if "refused" in head]
    assert said in refused


def test_what_the_graders_function_has_no_memory_for_is_refused():
    def grows():
        raise MemoryError("x" * 10**6)

    launcher = Scripted(LOADED, running=[{"callback": "g", "args": [], "kwargs": {}}, VALUE, DONE])
    with Session(from_text(""), launcher, Limits()) as session:
        assert session.run("submission", [Step("f")], {"g": grows}) == [Outcome(1)]
    assert {"refused": "x" * WORDS_LIMIT} in launcher.sent


def test_words_that_go_into_every_report_are_cut_short():
    long = "x" * 10**6
    raised = {"type": long, "message": long, "kinds": [long], "file": long, "line": 1}
    (outcome,) = ran([{"step": 0, "raised": raised}, DONE])
    fault = outcome.fault
    for words in (fault.type, fault.message, *fault.kinds, fault.file):
        assert words == "x" * WORDS_LIMIT
    (outcome,) = ran([{"step": 0, "value": 1, "warnings": [long] * 100}, DONE])
    assert outcome.warnings == ("x" * WORDS_LIMIT,) * WARNINGS_LIMIT
    loaded = {**LOADED, "problems": [raised] * 100}
    with Session(from_text(""), Scripted(loaded), Limits()) as session:
        assert len(session.load("submission").problems) == PROBLEMS_LIMIT
