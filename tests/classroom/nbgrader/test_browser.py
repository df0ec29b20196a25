"""A student's feedback in a real browser: it can be read, and nothing is asked of anybody else."""

import json
import re
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

pytest.importorskip("nbgrader.api", reason="the extra `classroom` is not installed")

from handed_in import SECONDS, Papers, best_level

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")

SUMMED = "def mse_loss(p, t):\n    error = p - t\n    return (error**2).sum(), 2 * error\n"
SHOUTS = "def softmax(x, temperature=1.0):\n    raise ValueError('<b>&hey</b>')\n"
# What a page may try to fetch; each has the path `/asked`.
ASKS = """# Mine

<img src="http://elsewhere.test/asked/picture.png">
<link rel="stylesheet" href="http://elsewhere.test/asked/style.css">
<script>document.body.append("SCRIPT RAN"); fetch("http://elsewhere.test/asked/script")</script>
<iframe src="http://elsewhere.test/asked/frame"></iframe>
<style>@import url("http://elsewhere.test/asked/import.css"); body { background:
url("http://elsewhere.test/asked/background.png") }</style>
![a picture](http://elsewhere.test/asked/markdown.png)
"""
MATHJAX = '<script src="http://elsewhere.test/asked/mathjax.js"></script>'
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


@pytest.fixture(scope="module")
def page(make_course, nbgrader):
    """Return the page of a student with a mistake, a crash and a text that asks for things."""
    root = make_course("losses.mse_loss", "losses.softmax", assignment="ps1")
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(f"c.Judge.level = {best_level().value!r}\nc.Judge.seconds = {SECONDS}\n")
    nbgrader(root, "generate_assignment", "ps1")
    papers = Papers(root / "source/ps1/losses.ipynb", root / "release/ps1/losses.ipynb")
    told = papers.filled(mse_loss=SUMMED, softmax=SHOUTS)
    told["cells"].insert(0, {"cell_type": "markdown", "id": "asks", "metadata": {}, "source": ASKS})
    home = root / "submitted" / "ann" / "ps1"
    home.mkdir(parents=True)
    (home / "losses.ipynb").write_text(json.dumps(told), encoding="utf-8")
    nbgrader(root, "autograde", "ps1")
    nbgrader(root, "generate_feedback", "ps1")
    return root / "feedback" / "ann" / "ps1" / "losses.html"


@pytest.fixture(scope="module")
def asked():
    """Return what was asked of a server that stands for everybody else, and where it listens."""
    paths = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self):
            if "/asked" in self.path:
                paths.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield paths, server.server_port
        server.shutdown()


@pytest.fixture
def opened(asked, tmp_path):
    """Open a page in a browser for which every host is ours; return its document and what it asked."""
    paths, port = asked

    def look(path):
        paths.clear()
        done = subprocess.run(
            [
                CHROMIUM,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                f"--user-data-dir={tmp_path / 'profile'}",
                f"--host-resolver-rules=MAP * 127.0.0.1:{port}",
                "--virtual-time-budget=4000",
                "--dump-dom",
                path.as_uri(),
            ],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        return done.stdout, sorted(paths)

    return look


def test_the_page_can_be_read_and_asks_for_nothing(page, opened):
    shown, paths = opened(page)
    assert paths == []
    assert shown.count("SCRIPT RAN") == 1  # where the script says it, and nowhere else
    assert "The squared errors are added up" in shown
    assert "ValueError: &lt;b&gt;&amp;hey&lt;/b&gt;" in shown
    assert shown.count('<section class="exercise">') == 2


def test_without_its_policy_the_same_page_would_ask(page, opened, tmp_path):
    """The server hears what a page asks for: without this the test above would prove nothing."""
    open_page = tmp_path / "open.html"
    text, count = POLICY.subn(MATHJAX, page.read_text("utf-8"))
    assert count == 1
    open_page.write_text(text, encoding="utf-8")
    shown, paths = opened(open_page)
    assert {"/asked/picture.png", "/asked/mathjax.js"} <= set(paths)
    assert shown.count("SCRIPT RAN") == 2
