"""Pages: templates filled in with every value escaped, complete in themselves."""

import functools
import re
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from grader.render.console import clean, points

TEMPLATES = Path(__file__).with_name("templates")
STATUS_WORDS = {
    "passed": "passed",
    "failed": "not right yet",
    "error": "raised an error",
    "timeout": "did not finish",
    "unsolved": "still the stub",
    "missing": "missing",
    "not_reached": "not reached",
    "grader_error": "the grader failed",
    "": "nothing handed in",
}


def breakable(name: str) -> Markup:
    """Return an exercise's or a mistake's id, which a line may break after a dot or an underscore."""
    parts = re.split(r"(?<=[._])", clean(name))
    return Markup("<wbr>").join(parts)


def page(template: str, **values: Any) -> str:
    """Return a page made from one of the templates."""
    return _environment().get_template(template).render(values)


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    environment.filters["points"] = points
    environment.filters["breakable"] = breakable
    environment.filters["words"] = lambda status: STATUS_WORDS[status]
    environment.filters["percent"] = lambda share: f"{100 * min(max(share, 0.0), 1.0):.1f}"
    return environment
