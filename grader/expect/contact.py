"""Expectations on how a program makes its first contact, of the addresses that it is given."""

import ast
from collections.abc import Iterator

from grader import diagnosis
from grader.diagnosis.case import Case
from grader.expect.failure import fail
from grader.model import Evidence

SPLITS = frozenset({"split", "rsplit", "partition", "rpartition"})


def contact_made(evidence: Evidence) -> None:
    """Expect that the program reached one of its addresses, whichever of them live."""
    given = evidence.bootstrap_servers.split(",")
    if evidence.traffic is None or evidence.traffic.connections or len(given) == 1:
        return
    found = next(_why_not(Case(evidence)), None)
    if found is None:
        return
    seen, advice = found
    dead = sum(contact is None for contact in evidence.scenario.contacts)
    fail(
        f"The program reached none of its {len(given)} addresses, of which {len(given) - dead} live. {seen}",
        expected="A connection to one of the addresses that live.",
        advice=advice,
    )


def _why_not(case: Case) -> Iterator[tuple[str, str]]:
    whole = 'Give the client the whole list, `servers.split(",")`: it tries one address after the other.'
    for file, node in case.source.nodes():
        if isinstance(node, ast.Subscript) and _picks_one(node):
            yield f"It dials one of them alone, at {case.source.place(file, node.lineno)}.", whole
    for file, node in case.source.nodes():
        if isinstance(node, ast.List) and len(node.elts) == 1 and "environ" in ast.unparse(node):
            seen = f"It takes the list for one address, at {case.source.place(file, node.lineno)}."
            yield (
                seen,
                'The addresses are one text with commas between them: `servers.split(",")` parts them.',
            )
    if case.timed_out or case.evidence.run.exit.code != 0:
        stopped = diagnosis.why_it_ended_so(case.evidence)
        if case.raised is None or "bootstrap" in case.raised.message:
            yield stopped.seen, whole


def _picks_one(node: ast.Subscript) -> bool:
    picked = node.value
    return (
        isinstance(node.slice, ast.Constant | ast.UnaryOp)
        and isinstance(picked, ast.Call)
        and isinstance(picked.func, ast.Attribute)
        and picked.func.attr in SPLITS
    )
