"""Frames arrive whole, in order and in time, or not at all, over either kind of pipes."""

import contextlib
import errno
import gc
import math
import os
import select
import threading
import time

import numpy as np
import pytest

from grader.student import channel as channels
from grader.student.channel import (
    Channel,
    ClosedError,
    DeadlineError,
    PolledPipes,
    ThreadedPipes,
    watch,
)
from grader.student.launch import PlainLauncher
from grader.student.limits import Limits
from grader.student.session import Session, Step
from grader.student.submission import from_text
from grader.student.wire import HEADER, MAGIC, Encoder, WireError, decode, pack

PAST = -math.inf
LIMIT = 2**22
pytestmark = pytest.mark.skipif(os.name != "posix", reason="uses the raw ends of POSIX pipes")


def soon(seconds=60.0):
    """Return a deadline; the usual one is reached only by a test that hangs."""
    return time.monotonic() + seconds


class Peer:
    """The raw other ends of a channel."""

    def __init__(self, reads, writes):
        self.reads, self.writes = reads, writes
        self._open = {reads, writes}

    def close(self, *fds):
        for fd in fds or (self.reads, self.writes):
            if fd in self._open:
                self._open.remove(fd)
                os.close(fd)


@pytest.fixture(params=[PolledPipes, ThreadedPipes])
def pipes(request):
    return request.param


@pytest.fixture
def ends(pipes):
    """Return a channel and its peer."""
    ours_in, theirs_out = os.pipe()
    theirs_in, ours_out = os.pipe()
    channel, peer = Channel(pipes(ours_in, ours_out), LIMIT), Peer(theirs_in, theirs_out)
    yield channel, peer
    peer.close()
    channel.close()


@contextlib.contextmanager
def in_background(work, *args):
    thread = threading.Thread(target=work, args=args, daemon=True)
    thread.start()
    yield
    thread.join()


def write_in_pieces(fd, data, size):
    for at in range(0, len(data), size):
        rest = data[at : at + size]
        while rest:
            rest = rest[os.write(fd, rest) :]


def read_all(fd, size):
    data = b""
    while len(data) < size:
        data += os.read(fd, size - len(data))
    return data


def frame(head, *arrays):
    encoder = Encoder(LIMIT)
    return pack({**head, "arrays": [encoder.encode(a) for a in arrays]}, encoder)


@pytest.mark.parametrize("size", [1, HEADER.size - 1, HEADER.size, HEADER.size + 1, 10**6])
def test_a_frame_that_comes_in_pieces_is_put_together(ends, size):
    channel, peer = ends
    sent = np.arange(10.0)
    with in_background(write_in_pieces, peer.writes, frame({"n": 1}, sent), size):
        head, body = channel.receive(soon())
    assert head["n"] == 1
    assert decode(head["arrays"][0], body).tolist() == sent.tolist()


def test_frames_that_arrive_together_are_taken_apart(ends):
    channel, peer = ends
    together = b"".join(frame({"n": n}, np.full(3, n)) for n in range(3))
    with in_background(write_in_pieces, peer.writes, together, len(together)):
        received = [channel.receive(soon()) for _ in range(3)]
    assert [head["n"] for head, _ in received] == [0, 1, 2]
    assert [decode(head["arrays"][0], body)[0] for head, body in received] == [0, 1, 2]


def test_a_frame_larger_than_any_pipe_goes_both_ways(ends):
    channel, peer = ends
    sent = np.arange(2.0**18)
    encoder = Encoder(LIMIT)
    head = {"array": encoder.encode(sent)}
    size = len(pack(head, encoder))

    def echo():
        write_in_pieces(peer.writes, read_all(peer.reads, size), 2**16)

    with in_background(echo):
        channel.send(head, encoder, soon())
        head, body = channel.receive(soon())
    assert np.array_equal(decode(head["array"], body), sent)


@pytest.mark.parametrize("arrived", [0, 1, HEADER.size, HEADER.size + 5, -1])
def test_the_deadline_ends_the_wait_for_the_rest_of_a_frame(ends, arrived):
    channel, peer = ends
    whole = frame({"n": 1}, np.zeros(3))
    write_in_pieces(peer.writes, whole[: arrived % len(whole)], 10**6)
    with pytest.raises(DeadlineError):
        channel.receive(soon(0.02))


@pytest.mark.parametrize("arrived", [0, 1, HEADER.size, HEADER.size + 5, -1])
def test_an_end_that_closes_within_a_frame_is_told_as_closed(ends, arrived):
    channel, peer = ends
    whole = frame({"n": 1}, np.zeros(3))
    write_in_pieces(peer.writes, whole[: arrived % len(whole)], 10**6)
    peer.close()
    with pytest.raises(ClosedError):
        channel.receive(soon())


def test_a_closed_end_stays_closed(ends):
    channel, peer = ends
    peer.close()
    for _ in range(3):
        with pytest.raises(ClosedError):
            channel.receive(soon())


def test_a_frame_sent_before_the_end_closed_is_still_received(ends):
    channel, peer = ends
    write_in_pieces(peer.writes, frame({"n": 1}), 10**6)
    peer.close()
    assert channel.receive(soon())[0]["n"] == 1
    with pytest.raises(ClosedError):
        channel.receive(soon())


class LastWords:
    """A poll in whose midst a process writes something and ends."""

    def __init__(self, process, fd, data):
        self._process, self._fd, self._data = process, fd, data

    def poll(self, _):
        if self._data:
            write_in_pieces(self._fd, self._data, 10**6)
            self._data = b""
        return [(self._process, select.POLLIN)]


@pytest.mark.usefixtures("only_linux")
def test_a_frame_written_just_before_the_process_ended_is_received(monkeypatch):
    ours_in, theirs_out = os.pipe()
    theirs_in, ours_out = os.pipe()
    pipes = PolledPipes(ours_in, ours_out, watch(os.getpid()))
    channel, peer = Channel(pipes, LIMIT), Peer(theirs_in, theirs_out)
    words = LastWords(pipes._process, theirs_out, pack({"n": 1}))
    monkeypatch.setitem(pipes._ready, ours_in, words)
    assert channel.receive(soon())[0] == {"n": 1}
    with pytest.raises(ClosedError):
        channel.receive(soon())
    peer.close()
    channel.close()


def test_what_is_sent_to_a_closed_end_is_told_as_closed(ends):
    channel, peer = ends
    peer.close()

    def ask():
        # Where a thread does the writing, it shows when the answer is waited for.
        channel.send({"n": 1}, None, soon())
        channel.receive(soon())

    with pytest.raises(ClosedError):
        ask()


def test_the_deadline_ends_the_wait_for_a_reader(ends):
    channel, _ = ends
    encoder = Encoder(LIMIT)
    head = {"array": encoder.encode(np.zeros(2**18))}

    def send_more_than_any_queue_holds():
        for _ in range(4):
            channel.send(head, encoder, PAST)

    with pytest.raises(DeadlineError):
        send_more_than_any_queue_holds()


def test_a_deadline_that_is_past_does_not_wait(ends):
    channel, _ = ends
    with pytest.raises(DeadlineError):
        channel.receive(PAST)


@pytest.mark.parametrize(
    "header",
    [
        b"HTTP/1.1 200 OK\r",
        HEADER.pack(MAGIC, 2**32 - 1, 0),
        HEADER.pack(MAGIC, 2, 2**64 - 1),
        HEADER.pack(MAGIC, 2, LIMIT + 1),
    ],
    ids=["no frame", "a huge head", "a huge body", "a body just too large"],
)
def test_a_header_out_of_bounds_is_refused_before_more_is_read(ends, header):
    channel, peer = ends
    write_in_pieces(peer.writes, header, 100)
    with pytest.raises(WireError):
        channel.receive(soon())


def test_a_head_that_is_no_object_is_refused(ends):
    channel, peer = ends
    write_in_pieces(peer.writes, HEADER.pack(MAGIC, 4, 0) + b"null", 100)
    with pytest.raises(WireError):
        channel.receive(soon())


def test_closing_gives_every_descriptor_and_thread_back(pipes):
    def used():
        gc.collect()  # what earlier tests let go of
        return set(os.listdir("/dev/fd")), set(threading.enumerate())  # noqa: PTH208

    descriptors, threads = used()
    for _ in range(20):
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        channel = Channel(pipes(ours_in, ours_out), LIMIT)
        encoder = Encoder(LIMIT)
        with contextlib.suppress(DeadlineError):
            # More than fits: a writing thread is in the middle of it when the end comes.
            channel.send({"array": encoder.encode(np.zeros(2**17))}, encoder, PAST)
        os.close(theirs_in)
        os.close(theirs_out)
        channel.close()
    after = used()
    assert after[0] <= descriptors
    assert after[1] <= threads


def test_closing_waits_for_the_thread_that_writes():
    ours_in, theirs_out = os.pipe()
    theirs_in, ours_out = os.pipe()
    pipes, peer = ThreadedPipes(ours_in, ours_out), Peer(theirs_in, theirs_out)
    large = bytes(2**20)
    pipes.write(large, soon())  # more than a pipe holds: the thread is stuck in it
    pipes.write(large, soon())  # and more waits
    peer.close(theirs_out)
    left = []

    def close():
        pipes.close()
        left.extend(thread for thread in pipes._threads if thread.is_alive())

    closing = threading.Thread(target=close, daemon=True)
    closing.start()
    closing.join(0.2)  # long enough for one that does not wait
    peer.close()
    closing.join()
    assert left == []


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.EPERM])
def test_a_system_that_cannot_watch_a_process_still_talks_to_it(monkeypatch, code):
    def refuse(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "pidfd_open", refuse, raising=False)
    start = PlainLauncher()
    with contextlib.closing(start), Session(from_text("def f(): return 1"), start, Limits()) as one:
        assert one.run("submission", [Step("f")])[0].value == 1


@pytest.fixture
def threaded_session(monkeypatch):
    """Return a session whose grader's side uses threads, as on Windows."""
    monkeypatch.setattr(channels, "PolledPipes", ThreadedPipes)
    with contextlib.ExitStack() as stack:
        yield lambda text, seconds=30.0: stack.enter_context(
            Session(from_text(text), PlainLauncher(), Limits(seconds=seconds))
        )


def test_a_session_over_threaded_pipes_gives_results(threaded_session):
    session = threaded_session("def f(x): return x + 1")
    steps = [Step("f", (np.full(2**16, n),)) for n in range(3)]
    outcomes = session.run("submission", steps)
    assert [outcome.value[0] for outcome in outcomes] == [1, 2, 3]


@pytest.mark.parametrize(
    ("body", "seconds", "kind"),
    [
        ("while True: pass", 1.5, "timeout"),
        ("os._exit(3)", 30.0, "died"),
        ("os.write(1, b'x'); os.write(4, b'x' * 100)", 30.0, "garbled"),
    ],
)
def test_a_session_over_threaded_pipes_ends_as_any_other(threaded_session, body, seconds, kind):
    session = threaded_session(f"import os\ndef f():\n {body}", seconds)
    (outcome,) = session.run("submission", [Step("f")])
    assert outcome.fault.kind == kind


# The bell.


@pytest.fixture
def belled():
    """Return a channel that waits for a bell, its peer, and where the peer rings."""
    ours_in, theirs_out = os.pipe()
    theirs_in, ours_out = os.pipe()
    ours_bell, theirs_bell = os.pipe()
    channel = Channel(PolledPipes(ours_in, ours_out, None, ours_bell), LIMIT)
    peer, ringer = Peer(theirs_in, theirs_out), Peer(theirs_bell, theirs_bell)
    yield channel, peer, ringer
    peer.close()
    ringer.close(ringer.writes)
    channel.close()


@pytest.mark.parametrize("rings", ["before", "after", "never", "hung up"])
def test_frames_are_found_however_the_bell_rings(belled, rings):
    channel, peer, ringer = belled

    def send():
        if rings == "before":
            os.write(ringer.writes, b"\0" * 3)
        if rings == "hung up":
            ringer.close(ringer.writes)
        write_in_pieces(peer.writes, frame({"n": 1}) + frame({"n": 2}), 7)
        if rings == "after":
            os.write(ringer.writes, b"\0")

    with in_background(send):
        assert [channel.receive(soon())[0]["n"] for _ in range(2)] == [1, 2]


def test_what_was_sent_before_the_deadline_is_seen_without_a_ring(belled):
    channel, peer, _ = belled
    with in_background(write_in_pieces, peer.writes, frame({"n": 1}), 10**6):
        peer_has_sent = time.monotonic() + 0.1
        assert channel.receive(peer_has_sent)[0]["n"] == 1
    with pytest.raises(DeadlineError):
        channel.receive(time.monotonic() + 0.1)


def test_rings_alone_are_no_answer(belled):
    channel, _, ringer = belled
    os.set_blocking(ringer.writes, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(ringer.writes, b"\0" * 2**16)
    with pytest.raises(DeadlineError):
        channel.receive(time.monotonic() + 0.1)
