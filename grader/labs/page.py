"""A finding as a page of its own, in the report's style: nothing is loaded from anywhere."""

import base64
import hashlib
import inspect
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader import report
from grader.labs.finding import Finding

HERE = Path(__file__).parent
STYLES = (Path(report.__file__).with_name("page.css"), HERE / "page.css")


def page(name: str, question: str, programs: Sequence[Callable[..., object]], finding: Finding) -> str:
    """Return the page of one lab."""
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = "".join(each.read_text(encoding="utf-8") for each in STYLES)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    columns = range(len(finding.table.columns))
    return environment.get_template("page.html").render(
        name=name,
        question=question,
        finding=finding,
        kinds=["number" if finding.table.is_numeric(each) else "text" for each in columns],
        plot=Markup(finding.plot),  # noqa: S704 - made of elements, its texts escaped
        programs=[source(each) for each in programs],
        style=Markup(style),  # noqa: S704 - our own style sheets
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    )


def source(program: Callable[..., object]) -> str:
    """Return the text of a program as it was run."""
    return textwrap.dedent(inspect.getsource(program)).rstrip()
