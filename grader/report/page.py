"""A report as one HTML file that needs nothing else: no network, no JavaScript to be read.

Whatever is printed goes through `visible` first (Jinja's `finalize`) and is escaped then; so nothing that a
program stored or printed can act on the page, or hide in it.
"""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from grader.model import Outcome, Report
from grader.report import reading, scenarios
from grader.report.records import topic_views
from grader.report.text import count, excerpt, listed, seconds, visible

HERE = Path(__file__).parent
OUTPUT_HEAD_BYTES, OUTPUT_TAIL_BYTES = 8_000, 24_000  # a traceback stands at the end
REQUEST_ROWS = 40
BAR_GAP_PERCENT = 0.25
CODE = re.compile(r"`([^`\n]{1,300})`")
VERBATIM = re.compile(r"^(Traceback \(most recent call last\):| {2,}\S)", re.MULTILINE)


def page(report: Report) -> str:
    """Return a report as one self-contained HTML file."""
    environment = _environment()
    style, script = _part("page.css"), _part("page.js")
    return environment.get_template("page.html").render(
        report=report,
        style=style,
        script=script,
        policy=_policy(style, script),
        bar=_bar(report),
        tally=reading.tally(report),
        earned="–" if reading.earned(report) is None else report.score,
        unjudged=reading.unjudged_points(report),
        start=reading.start(report),
    )


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        finalize=_finalize,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"prose": prose, "said": said, "seconds": seconds, "listed": listed}
    environment.globals |= {
        "reading": reading,
        "scenarios": scenarios,
        "topic_views": topic_views,
        "count": count,
        "output": _output,
        "request_rows": REQUEST_ROWS,
    }
    return environment


def _finalize(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _part(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Return a Content-Security-Policy under which only this very style and script do anything."""
    sources = {"style-src": style, "script-src": script}
    hashes = {
        name: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for name, text in sources.items()
    }
    allowed = "; ".join(f"{name} 'sha256-{digest}'" for name, digest in hashes.items())
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def prose(text: str) -> Markup:
    """Return feedback as HTML: what stands in backticks as code, a traceback as it was printed."""
    text = reading.cut(text)
    found = VERBATIM.search(text)
    before, verbatim = (text[: found.start()], text[found.start() :]) if found else (text, "")
    parts = [Markup("<p>{}</p>").format(said(part)) for part in before.strip().split("\n\n") if part.strip()]
    if verbatim:
        parts.append(Markup("<pre>{}</pre>").format(visible(verbatim)))
    return Markup("\n").join(parts)


def said(text: str) -> Markup:
    """Return one line of feedback or a title as HTML: what stands in backticks as code."""
    parts = CODE.split(visible(text))  # what was in backticks has every second place
    return Markup().join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )


def _output(data: bytes) -> tuple[str, int, str]:
    return excerpt(data, OUTPUT_HEAD_BYTES, OUTPUT_TAIL_BYTES)


def _bar(report: Report) -> Markup:
    """Return the points as a bar, a piece a check, as wide as its points."""
    whole = report.max_score or 1
    pieces = []
    before = 0
    for exercise in report.exercises:
        for outcome in exercise.outcomes:
            points = outcome.check.max_points
            shown = reading.shown(exercise, outcome)
            pieces.append(_piece(shown, outcome, 100 * before / whole, 100 * points / whole))
            before += points
    return Markup().join(pieces)


def _piece(shown: str, outcome: Outcome, left: float, width: float) -> Markup:
    return Markup(
        '<rect class="piece {kind}" x="{x:.3f}%" width="{w:.3f}%" y="1" height="14" rx="2">'
        "<title>{title}: {word}</title></rect>"
    ).format(
        kind=shown,
        word=reading.WORDS[shown],
        x=left,
        w=max(0.1, width - BAR_GAP_PERCENT),
        title=visible(outcome.check.title),
    )
