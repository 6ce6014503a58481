"""Which broker gives what, and which checks are blocked there: the tables of docs/brokers.md.

.venv/bin/python -m grader.offers      write the tables anew into docs/brokers.md
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader import exercise
from grader.broker import Offer
from grader.broker.docker import DockerBroker
from grader.broker.external import ExternalBroker
from grader.broker.local import LocalBroker
from grader.exercise import KIT, Exercise
from grader.model import Check

PAGE = KIT / "docs" / "brokers.md"
# Names of checks are the same with every seed.
ANY_SEED = 1


@dataclass(frozen=True)
class Kind:
    """A kind of broker, as `--broker` names it.

    Attributes:
        asked_by: What follows `--broker`.
        needs: What has to be there first.
        known_by: How a run's requests are told from all others.
        topics: Which topics a grading deletes and makes.
    """

    asked_by: str
    offer: Offer
    needs: str
    known_by: str
    topics: str


KINDS = (
    Kind(
        "local",
        LocalBroker.offer,
        "nothing",
        "the relay's own source address",
        "all: the broker is the kit's",
    ),
    Kind(
        "docker",
        DockerBroker.offer,
        "Docker or Podman",
        "the listener, whose address only the relay has",
        "all: the broker is the kit's",
    ),
    Kind("HOST:PORT,…", ExternalBroker.offer, "a broker", "not at all", "those that the kit made there"),
)


def blocked(each: Exercise, offer: Offer) -> tuple[tuple[Check, str], ...]:
    """Return the checks of an exercise that cannot be judged where a broker offers this, each with the lack.

    A check that hangs on one of them is blocked, too.
    """
    wanting = {scenario.name: offer.lack_for(scenario) for scenario in each.rubric.scenarios}
    found: dict[str, tuple[Check, str]] = {}
    for check, _ in each.rubric.checks:
        lacks = [wanting[name] for name in check.scenarios if wanting[name]]
        if lacks:
            found[check.id] = check, lacks[0]
        elif not offer.request_log and check.request_log:
            found[check.id] = check, "the request log"
        elif hangs_on := [other for other in check.after if other in found]:
            found[check.id] = check, f"“{found[hangs_on[0]][0].title}”"
    return tuple(found.values())


def gives() -> Iterator[str]:
    """Yield the lines of the table of what each kind gives."""
    heads = (
        "`--broker`",
        "needs",
        "faults, caps, pens down",
        "three brokers",
        "request log",
        "a run is known by",
        "topics it touches",
    )
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for kind in KINDS:
        given = (kind.offer.relay, kind.offer.cluster, kind.offer.request_log)
        answers = ("yes" if each else "no" for each in given)
        yield f"| {' | '.join((f'`{kind.asked_by}`', kind.needs, *answers, kind.known_by, kind.topics))} |"


def lacks(exercises: Sequence[Exercise]) -> Iterator[str]:
    """Yield the lines of the table of blocked checks."""
    yield "| exercise | `--broker` | check | points | for want of |"
    yield "|---|---|---|---:|---|"
    for each in exercises:
        for kind in KINDS:
            for check, lack in blocked(each, kind.offer):
                yield f"| `{each.id}` | `{kind.asked_by}` | {check.title} | {check.max_points} | {lack} |"


def rendered(page: str) -> str:
    """Return the page with its tables written anew, between the comments that name them."""
    exercises = [exercise.load(each, seed=ANY_SEED) for each in exercise.ids()]
    for name, lines in (("gives", gives()), ("lacks", lacks(exercises))):
        before, rest = page.split(f"<!-- {name} -->\n", 1)
        after = rest[rest.index("<!-- end -->") :]
        page = "\n".join([f"{before}<!-- {name} -->", *lines, after])
    return page


def main() -> None:
    """Write the tables anew."""
    PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
