"""The screen of `learnkit watch`, driven for real in a pseudo-terminal."""

import json
import os
import re
import select
import signal
import sys

import pytest
from desk import LOOP, RIGHT, STUB, WRONG
from pseudo_terminal import alive, children
from rich.cells import cell_len

from grader.render.watching import KEYS

FRESH = r"losses\.mse_loss +losses\.py[\s\S]+Still the stub"
PASSED = r"✓ losses\.mse_loss +2 / 2"
FAILED = r"✗ losses\.mse_loss +failed"
AFTERWARDS = "Next: learnkit progress"


@pytest.fixture
def watching(terminal):
    """Watch, and wait for the first page."""
    screen = terminal("watch")
    screen.until(FRESH)
    return screen


# What it shows


def test_the_first_page_says_what_is_to_be_done(watching):
    page = watching.until("Write it in losses.py and save")
    assert "Compute the mean squared error and its gradient." in page
    assert "0 of 61 passed" in page
    for word in ("hint", "next", "list", "reset", "run all", "edit", "solution", "quit"):
        assert word in watching.screen[-1]


def test_a_save_shows_the_verdict_without_a_key(watching, desk):
    desk.write(WRONG)
    page = watching.until(FAILED)
    assert "The squared errors are added up" in page
    assert re.search(r"got +loss = 14", page)
    desk.write(RIGHT)
    page = watching.until(PASSED)
    assert "n goes on to the next one" in page
    watching.until("1 of 61 passed")


def test_a_page_fills_the_terminal_and_no_more(watching):
    assert len(watching.screen) == 24
    assert {cell_len(line) for line in watching.screen} == {80}


@pytest.mark.parametrize("size", [(40, 120), (12, 50), (5, 20)])
def test_another_size_is_drawn_for(watching, size):
    watching.resize(*size)
    watching.until("mse_loss")
    assert {cell_len(line) for line in watching.screen} == {size[1]}
    watching.type("q")
    assert watching.ended() == 0


def test_every_key_is_named_on_a_narrow_terminal_too(watching):
    watching.resize(12, 40)
    page = watching.until("q quit")
    assert all(f"{key} {word}" in page for key, word in KEYS)


def test_without_colour_nothing_is_lost(terminal, desk):
    screen = terminal("watch", NO_COLOR="1")
    screen.until(FRESH)
    desk.write(WRONG)
    assert "The squared errors are added up" in screen.until(FAILED)
    assert not re.search(r"\x1b\[(?:\d+;)*[39]\d", screen.seen)


def test_a_terminal_with_few_characters_gets_what_it_can_show(terminal):
    screen = terminal("watch", PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    screen.until(r"-  losses\.mse_loss +unsolved")
    assert screen.seen.isascii()


def test_progress_outlives_the_screen(watching, desk):
    desk.write(WRONG)
    watching.until(FAILED)
    desk.write(RIGHT)
    watching.until("1 of 61 passed")
    watching.type("q")
    assert watching.ended() == 0
    told = json.loads((desk.root / ".learnkit" / "progress.json").read_text("utf-8"))
    assert list(told["passed"]) == ["losses.mse_loss"]
    assert told["attempts"] == {"losses.mse_loss": 2}


def test_it_begins_where_it_is_told_to(terminal):
    screen = terminal("watch", "optimizers")
    screen.until(r"optimizers\.sgd +optimizers\.py[\s\S]+Still the stub")


# Saves


def test_a_half_saved_file_is_not_punished(watching, desk):
    """It is empty first, then ends midway, then is whole: only the last is judged."""
    whole = desk.text(RIGHT)
    with desk.file.open("w", encoding="utf-8") as file:
        file.flush()
        watching.read(0.05)
        file.write(whole[: whole.index("np.mean(") + 8])
        file.flush()
        watching.read(0.05)
        file.write(whole[whole.index("np.mean(") + 8 :])
    watching.until(PASSED)
    assert "cannot be loaded" not in watching.seen
    assert "missing" not in watching.seen


def test_a_file_that_stays_broken_is_told(watching, desk):
    desk.file.write_text("def mse_loss(:\n", "utf-8")
    assert "line 1" in watching.until(r"✗ losses\.mse_loss +error")


def test_a_file_that_is_gone_is_told_and_comes_back(watching, desk):
    desk.file.unlink()
    watching.until("There is no losses.py there")
    desk.write(RIGHT)
    watching.until(PASSED)


def test_the_last_save_of_a_burst_counts(watching, desk):
    for _ in range(10):
        desk.write(WRONG)
    desk.write(RIGHT)
    watching.until(PASSED)


def test_a_save_while_a_loop_runs_is_judged_at_once(terminal, desk):
    screen = terminal("watch", "--timeout", "3600")
    screen.until(FRESH)
    desk.write(LOOP)
    screen.until("Checking")
    desk.write(RIGHT)
    screen.until(PASSED)


def test_a_save_of_another_topic_says_where_one_is(watching, desk):
    file = desk.root / "optimizers.py"
    file.write_text(file.read_text("utf-8") + "\n", "utf-8")
    watching.until(r"optimizers\.py was saved; this exercise is in losses\.py")


# Loops without end


def test_an_infinite_loop_ends_after_the_time_limit(terminal, desk):
    screen = terminal("watch", "--timeout", "0.5")
    screen.until(FRESH)
    desk.write(LOOP)
    assert "0.5" in screen.until(r"⧗ losses\.mse_loss +timeout")
    desk.write(RIGHT)
    screen.until(PASSED)


def test_keys_work_while_a_loop_runs(terminal, desk):
    screen = terminal("watch", "--timeout", "3600")
    screen.until(FRESH)
    desk.write(LOOP)
    screen.until("Checking")
    screen.type("h")
    screen.until("hint 1 of 3")
    screen.type("n")
    screen.until(r"losses\.huber_loss +unsolved")


def test_leaving_a_loop_leaves_no_process(terminal, desk):
    screen = terminal("watch", "--timeout", "3600")
    screen.until(FRESH)
    desk.write(LOOP)
    screen.until("Checking")
    started = children(screen.process.pid)
    assert started
    screen.type("q")
    assert screen.ended() == 0
    assert {pid for pid in started if alive(pid)} == set()


# Keys


def test_hints_begin_with_the_mistake_and_go_on(watching, desk):
    desk.write(WRONG)
    watching.until(FAILED)
    watching.type("h")
    page = watching.until("about your last check")
    assert "The squared errors are added up" in page
    assert "expected loss = 3.5, got loss = 14" in " ".join(page.split())
    for level in (1, 2, 3):
        watching.type("h")
        watching.until(f"hint {level} of 3")
    told = json.loads((desk.root / ".learnkit" / "progress.json").read_text("utf-8"))
    assert told["hints"] == {"losses.mse_loss": 3}
    watching.type("\x1b")
    watching.until(FAILED)


def test_next_goes_on_and_comes_round(watching):
    watching.type("n")
    watching.until(r"losses\.huber_loss +unsolved")


def test_the_list_is_chosen_from(watching):
    watching.type("l")
    watching.until(r"> losses\.mse_loss")
    watching.type("\x1b[B\x1b[B")
    watching.until(r"> losses\.binary_cross_entropy ")
    watching.type("\r")
    watching.until(r"losses\.binary_cross_entropy +unsolved")


def test_the_list_scrolls_to_its_end(watching, built_in):
    last = built_in.find([])[-1].id
    watching.type("l")
    watching.until(r"> losses\.mse_loss")
    watching.type("\x1b[6~" * 10)
    watching.until(f"> {re.escape(last)}")


def test_reset_asks_first_and_keeps_the_old_file(watching, desk):
    desk.write(WRONG)
    watching.until(FAILED)
    watching.type("r")
    watching.until("r again puts")
    assert desk.file.read_text("utf-8") == desk.text(WRONG)
    watching.type("r")
    watching.until("Still the stub")
    watching.until(r"mse_loss is a stub again; what it was is in\s+\.learnkit/backups")
    assert desk.file.read_text("utf-8") == desk.text(STUB)
    (backup,) = (desk.root / ".learnkit" / "backups").iterdir()
    assert backup.read_text("utf-8") == desk.text(WRONG)


def test_a_sentence_that_takes_two_lines_is_shown_whole(watching, desk):
    desk.write(WRONG)
    watching.until(FAILED)
    watching.type("rr")
    page = watching.until(r"what it was is in\s+\.learnkit/backups/losses-[\d-]+\.py\s*$")
    assert len(page.splitlines()) == 24


def test_what_is_printed_leaves_the_verdict_in_sight(watching, desk):
    desk.write("    for i in range(1000):\n        print(i)\n" + WRONG)
    page = watching.until("The squared errors are added up")
    assert re.search(r"got +loss = 14\s+Your code printed:\s+0\s", page)
    assert re.search(r"\.\.\. and \d+ more lines", page)


def test_a_function_that_is_gone_can_be_had_back_as_a_stub(watching, desk):
    desk.file.write_text(desk.text(RIGHT).replace("def mse_loss", "def mean_loss"), "utf-8")
    watching.until("r puts its stub there")
    watching.type("rr")
    watching.until("Still the stub")
    text = desk.file.read_text("utf-8")
    assert "def mean_loss" in text
    assert "def mse_loss" in text


def test_another_key_calls_the_reset_off(watching, desk):
    desk.write(WRONG)
    watching.until(FAILED)
    watching.type("r")
    watching.until("r again puts")
    watching.type("hr")
    watching.until("r again puts")
    assert desk.file.read_text("utf-8") == desk.text(WRONG)


def test_the_solution_opens_after_a_pass(watching, desk):
    watching.type("s")
    watching.until("Not passed yet")
    desk.write(RIGHT)
    watching.until("1 of 61 passed")
    watching.type("s")
    page = watching.until("np.mean")
    assert "def mse_loss(prediction, target):" in page


def test_all_of_them_can_be_run(watching, desk):
    desk.write(RIGHT)
    watching.until(PASSED)
    watching.type("a")
    watching.until("1 of 61 exercises passed just now")


def test_the_editor_is_opened_at_the_function(terminal, desk, tmp_path):
    """It has the terminal for itself: its keys are its own, Ctrl-C too."""
    editor = tmp_path / "vi"
    editor.write_text(
        f"#!{sys.executable}\n"
        "import sys, termios\n"
        "assert termios.tcgetattr(0)[3] & termios.ICANON\n"
        "path, typed = sys.argv[2], input('EDITING ' + sys.argv[1] + chr(10))\n"
        f"text = open(path).read().replace({STUB!r}, {RIGHT!r})\n"
        "open(path, 'w').write(text)\n"
    )
    editor.chmod(0o755)
    screen = terminal("watch", VISUAL=str(editor))
    screen.until(FRESH)
    screen.type("e")
    line = desk.stubs[: desk.stubs.index("def mse_loss")].count("\n") + 1
    screen.until(rf"EDITING \+{line}\b", plain=True)
    screen.type("done\n")
    screen.until(PASSED)
    screen.type("q")
    assert screen.ended() == 0
    assert screen.is_sane()


def test_ctrl_c_in_the_editor_is_the_editors(terminal, tmp_path):
    editor = tmp_path / "editor"
    editor.write_text(
        f"#!{sys.executable}\n"
        "import signal\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})\n"
        "print('EDITING', flush=True)\n"
        "signal.sigwait({signal.SIGINT})\n"
        "print('CANCELLED')\n"
    )
    editor.chmod(0o755)
    screen = terminal("watch", EDITOR=str(editor))
    screen.until(FRESH)
    screen.type("e")
    screen.until("EDITING", plain=True)
    pages = screen.seen.count("\x1b[?1049h")  # it may be back in the same breath as the next word
    screen.type("\x03")
    screen.until("CANCELLED", plain=True)
    while screen.seen.count("\x1b[?1049h") == pages:
        assert screen.read(60)
    screen.type("q")
    assert screen.ended() == 0
    assert screen.is_sane()


@pytest.mark.parametrize(
    ("editor", "says"),
    [("", "Set EDITOR before"), ("/nowhere/editor", "could not be started")],
)
def test_an_editor_that_is_not_there_is_a_sentence(terminal, editor, says):
    screen = terminal("watch", EDITOR=editor)
    screen.until(FRESH)
    screen.type("e")
    screen.until(says)


# The end


@pytest.mark.parametrize("stage", ["first page", "loop", "list", "hint", "solution", "verdict"])
@pytest.mark.parametrize("end", ["\x03", "q", signal.SIGINT, signal.SIGTERM])
def test_an_end_at_any_stage_leaves_the_terminal_sane(terminal, desk, stage, end):
    screen = terminal("watch", "--timeout", "3600")
    screen.until(FRESH)
    if stage in {"list", "hint", "solution"}:
        screen.type(stage[0])
        screen.until({"l": "Up and down", "h": "hint 1 of 3", "s": "Not passed yet"}[stage[0]])
    elif stage != "first page":
        desk.write(LOOP if stage == "loop" else WRONG)
        screen.until("Checking" if stage == "loop" else FAILED)
    started = children(screen.process.pid)
    if isinstance(end, str):
        screen.type(end)
    else:
        screen.process.send_signal(end)
    assert screen.ended() == 0
    assert screen.is_sane()
    assert "Traceback" not in screen.seen
    assert AFTERWARDS in screen.seen
    assert {pid for pid in started if alive(pid)} == set()


@pytest.mark.parametrize("read", [0, 1, 2])
def test_ctrl_c_while_it_starts_leaves_the_terminal_sane(terminal, read):
    """Before anything is there, and right after the first bytes."""
    screen = terminal("watch")
    for _ in range(read):
        screen.read(60)
    started = children(screen.process.pid)
    screen.process.send_signal(signal.SIGINT)
    screen.ended()
    assert screen.is_sane()
    assert {pid for pid in started if alive(pid)} == set()


def test_a_kill_leaves_no_process(terminal, desk):
    """The terminal cannot be put right then, but nothing runs on."""
    screen = terminal("watch", "--timeout", "3600")
    screen.until(FRESH)
    desk.write(LOOP)
    screen.until("Checking")
    started = children(screen.process.pid)
    descriptors = [os.pidfd_open(pid) for pid in started if alive(pid)]
    screen.process.kill()
    screen.ended()
    for descriptor in descriptors:  # readable once it has ended
        assert select.select([descriptor], [], [], 60)[0]
        os.close(descriptor)


def test_a_window_that_is_closed_leaves_no_process(terminal, desk):
    screen = terminal("watch", "--timeout", "3600")
    screen.until(FRESH)
    desk.write(LOOP)
    screen.until("Checking")
    started = children(screen.process.pid)
    screen.hang_up()
    screen.process.wait(60)
    assert {pid for pid in started if alive(pid)} == set()


def test_ctrl_z_where_no_shell_waits_does_no_harm(watching):
    pages = watching.seen.count("\x1b[?1049h")
    watching.type("\x1a")
    while watching.seen.count("\x1b[?1049h") == pages:
        assert watching.read(60)
    watching.type("q")
    assert watching.ended() == 0
    assert watching.is_sane()


def test_a_folder_that_is_gone_ends_it_with_a_sentence(watching, desk):
    desk.root.rename(desk.root.with_name("moved"))
    assert watching.ended() == 2
    assert "cannot be watched any more" in watching.seen
    assert watching.is_sane()
