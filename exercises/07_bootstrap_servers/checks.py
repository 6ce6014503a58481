"""The rubric of 07: all brokers are found through a few addresses, and each leader gets its records."""

import ast
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from grader import (
    Draw,
    Evidence,
    FirstContactDies,
    Scenario,
    Topic,
    advises,
    after,
    expect,
    points,
    reads_requests,
    under,
)

TOPIC = "discovery"
NODES = (1, 2, 3)
# Nobody writes them down by habit, and records that go anywhere hardly ever fill each of them once.
PARTITIONS = (9, 10, 11)
FIELDS = {"id": int, "host": str, "port": int}
FORM = '`[{"id": 1, "host": "…", "port": 9092}, …]`'

Entry = dict[str, Any]


def _led_by_two(draw: Draw) -> Topic:
    """Return the topic with its partitions led by two of the brokers, so that one leads nothing."""
    two = draw.sample(NODES, 2)
    leaders = [*two, *draw.choices(two, k=draw.choice(PARTITIONS) - 2)]
    return Topic(TOPIC, len(leaders), replicas=tuple((leader,) for leader in leaders))


def cluster(draw: Draw) -> Scenario:
    """Three brokers; of four addresses the first and the last are dead."""
    topic = _led_by_two(draw)
    return Scenario(
        name="cluster",
        title="two of the four addresses are dead",
        topics=(topic,),
        brokers=len(NODES),
        contacts=(None, *draw.sample(NODES, 2), None),
    )


def first_contact_dies(draw: Draw) -> Scenario:
    """The address that answers first shuts for good; two others live."""
    contacts = draw.sample(NODES, 3)
    return Scenario(
        name="first_contact_dies",
        title="the address that answers first goes away",
        topics=(_led_by_two(draw),),
        brokers=len(NODES),
        contacts=(None, *contacts),
        fault=FirstContactDies(),
    )


@points(1)
@under(cluster)
def check_program_ends(evidence: Evidence) -> None:
    """The program ends by itself, with exit code 0."""
    expect.contact_made(evidence)
    expect.program_ends(evidence)


@points(1)
@under(cluster)
def check_list(evidence: Evidence) -> None:
    """A JSON array on stdout lists brokers as objects with `id`, `host` and `port`."""
    expect.contact_made(evidence)
    _brokers(evidence)


@points(2)
@under(cluster)
@after(check_list)
def check_every_broker(evidence: Evidence) -> None:
    """Every broker of the cluster is in the list, once, and nothing else is."""
    _expect_every_broker(evidence, _brokers(evidence))


@points(2)
@under(cluster)
@after(check_every_broker)
def check_addresses(evidence: Evidence) -> None:
    """Each broker is listed with the host and the port at which it can be reached."""
    _expect_addresses(evidence, _brokers(evidence))


@points(1)
@under(cluster)
def check_records_arrive(evidence: Evidence) -> None:
    """Records arrive in `discovery`."""
    expect.contact_made(evidence)
    expect.records_arrive(evidence, TOPIC)


@points(3)
@under(cluster)
@after(check_records_arrive)
def check_each_partition(evidence: Evidence) -> None:
    """Each partition of `discovery` holds one record."""
    _expect_each_partition(evidence)


@points(2)
@under(cluster)
@after(check_records_arrive)
@reads_requests
def check_each_leader(evidence: Evidence) -> None:
    """Each leader got a Produce request, for partitions that it leads."""
    leaders = evidence.leaders[TOPIC]
    reached = {
        request.broker
        for request in evidence.requests_of("PRODUCE")
        for part in request.parts
        if part.topic == TOPIC and part.error is None and leaders[part.partition or 0] == request.broker
    }
    passed_over = sorted(set(leaders) - reached)
    if passed_over:
        node = passed_over[0]
        led = [number for number, leader in enumerate(leaders) if leader == node]
        which = f"partition{'s' if len(led) > 1 else ''} {_listed(led)}"
        expect.fail(
            f"Broker {node} leads {which} of `{TOPIC}`, and got no Produce request.",
            expected="A Produce request at each broker that leads a partition.",
            advice="Send to every partition: the client takes each record to the broker that leads its own.",
        )


@points(1)
@under(first_contact_dies)
@after(check_program_ends)
def check_survives(evidence: Evidence) -> None:
    """Where the address that answers first goes away, the program still ends with exit code 0."""
    try:
        expect.contact_made(evidence)
        expect.program_ends(evidence)
        if evidence.traffic is not None and evidence.traffic.fault_reached is False:
            expect.fail(
                "None had the occasion: the program asked none of them for Metadata.",
                expected="A program that learns of the brokers from whichever address answers.",
            )
    except expect.Failure as failure:
        said = failure.feedback
        expect.fail(
            f"The address that answers first goes away after its first answer. {said.seen}",
            expected=said.expected,
            advice="The brokers are all there, and so are two of the addresses. Give every client the whole "
            "list; where a call fails once, call it again.",
        )


@points(2)
@under(first_contact_dies)
@after(check_addresses, check_survives)
def check_list_survives(evidence: Evidence) -> None:
    """Where the address that answers first goes away, every broker is listed all the same."""
    brokers = _brokers(evidence)
    _expect_every_broker(evidence, brokers)
    _expect_addresses(evidence, brokers)


@points(2)
@under(first_contact_dies)
@after(check_each_partition, check_survives)
def check_records_survive(evidence: Evidence) -> None:
    """Where the address that answers first goes away, each partition gets its record all the same."""
    _expect_each_partition(evidence)


@advises
@under(cluster)
def remark_on_address(evidence: Evidence) -> Iterator[str]:
    """A remark on an address that is written outright."""
    yield from expect.remark_on_address(evidence)


@advises
@under(cluster)
def remark_on_producers(evidence: Evidence) -> Iterator[str]:
    """A remark on more producers than one."""
    senders = {request.client_id for request in evidence.requests_of("PRODUCE")}
    if len(senders) > 1:
        yield f"{len(senders)} producers sent records; one knows all brokers, and is enough."


def _brokers(evidence: Evidence) -> list[Entry]:
    """Return the list that the program printed: a right one if there is one among several arrays."""
    text = evidence.run.stdout.decode("utf-8", "replace")
    arrays = list(_arrays(text))
    right = [each for each in arrays if not any(_why_no_list(each))]
    true = [each for each in right if _pairs(each) == _true(evidence)]
    if not right:
        of_objects = [each for each in arrays if any(isinstance(part, dict) for part in each)]
        nearest = (of_objects or arrays)[-1:]
        seen, advice = next(_why_no_list(nearest[0]) if nearest else _why_no_array(evidence, text))
        expect.fail(seen, expected=f"A JSON array on stdout, {FORM}.", advice=advice)
    return (true or right)[-1]


def _arrays(text: str) -> Iterator[list[Any]]:
    """Yield the JSON arrays in a text, whatever is around them."""
    decoder, start = json.JSONDecoder(), text.find("[")
    while start >= 0:
        try:
            found, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            if isinstance(found, list) and found:
                yield found
        start = text.find("[", end)


def _pairs(entries: Sequence[Entry]) -> list[tuple[int, str]]:
    return sorted((each["id"], f"{each['host']}:{each['port']}") for each in entries)


def _true(evidence: Evidence) -> list[tuple[int, str]]:
    return sorted(evidence.brokers.items())


def _why_no_list(found: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """Yield what keeps an array from being a list of brokers; nothing when it is one."""
    for each in found:
        shown = f"`{json.dumps(each, ensure_ascii=False)[:80]}`"
        if not isinstance(each, dict):
            yield f"The array holds {shown}, which is no object.", f"One object for each broker: {FORM}."
            return
        missing = [field for field in FIELDS if field not in each]
        if missing:
            advice = f"Name the fields as the task does: {FORM}. Clients have names of their own for them."
            yield f"An object of the array has no `{missing[0]}`: {shown}.", advice
        if not missing and isinstance(each["host"], int) and isinstance(each["port"], str):
            yield f"Host and port are swapped: {shown}.", "The host is a text, the port a number."
        for field, kind in FIELDS.items():
            if field in each and (not isinstance(each[field], kind) or isinstance(each[field], bool)):
                wanted = "a number" if kind is int else "a text"
                yield (
                    f"`{field}` is not {wanted}: {shown}.",
                    f"`id` and `port` are numbers, `host` is a text: {FORM}.",
                )


def _why_no_array(evidence: Evidence, text: str) -> Iterator[tuple[str, str]]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    objects = [line for line in lines if isinstance(_parsed(line), dict)]
    if objects:
        which = (
            f"{len(objects)} JSON objects, a line each"
            if len(objects) > 1
            else f"the object `{objects[0][:80]}`"
        )
        yield (
            f"There is no array on stdout, but {which}.",
            "Gather them in a list, and print it once: `json.dumps(brokers)`.",
        )
    python = next((line for line in lines if isinstance(_literal(line), list | tuple | set | dict)), "")
    if python:
        yield f"`{python[:80]}` is Python's notation and no JSON.", "Print `json.dumps(brokers)`."
    if any(_arrays(evidence.run.stderr.decode("utf-8", "replace"))):
        yield "The array is on stderr.", "Print it to stdout: that is where results go."
    if lines:
        advice = "Make objects of what the client gives you, and print `json.dumps(brokers)`."
        yield f"There is no JSON array on stdout; the last line is `{lines[-1][:80]}`.", advice
    yield (
        "Nothing was printed to stdout.",
        "Ask the cluster for its brokers, and print `json.dumps(brokers)`.",
    )


def _parsed(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _literal(line: str) -> object:
    try:
        return ast.literal_eval(line)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None


def _expect_every_broker(evidence: Evidence, entries: Sequence[Entry]) -> None:
    counts = Counter(each["id"] for each in entries)
    if sorted(counts.elements()) == sorted(evidence.brokers):
        return
    seen, advice = next(_why_not_every_broker(evidence, entries, counts))
    expect.fail(seen, expected=f"The brokers {_listed(sorted(evidence.brokers))}, each once.", advice=advice)


def _why_not_every_broker(
    evidence: Evidence, entries: Sequence[Entry], counts: Counter[int]
) -> Iterator[tuple[str, str]]:
    ids = _listed([each["id"] for each in entries])
    given = evidence.bootstrap_servers.split(",")
    known = set(evidence.brokers.values())
    ways_in = [f"{each['host']}:{each['port']}" for each in entries]
    if all(each in given and each not in known for each in ways_in):
        advice = (
            "That list is only the way in: some of it is dead, and brokers may be missing. Ask the cluster, "
            "with `KafkaAdminClient(…).describe_cluster()` or confluent-kafka's `list_topics().brokers`."
        )
        yield f"What is listed are the addresses that the program was given, such as `{ways_in[0]}`.", advice
    missing = sorted(set(evidence.brokers) - set(counts))
    leading = set(evidence.leaders[TOPIC])
    if missing and not set(missing) & leading and set(counts) == leading:
        advice = "Not every broker leads a partition of this topic: ask for the cluster's brokers."
        yield f"Broker {_listed(missing)} is missing: it leads no partition of `{TOPIC}`.", advice
    if missing:
        yield f"Listed are the ids {ids}; {_listed(missing)} is missing.", "List all that the cluster names."
    doubled = [node for node, count in counts.items() if count > 1]
    if doubled:
        yield f"Broker {_listed(doubled)} is listed {counts[doubled[0]]} times.", "List each broker once."
    foreign = sorted(set(counts) - set(evidence.brokers))
    advice = "A client's first contacts have made-up ids until the cluster has answered: leave them out."
    yield f"There is no broker {_listed(foreign)} in the cluster; listed are {ids}.", advice


def _expect_addresses(evidence: Evidence, entries: Sequence[Entry]) -> None:
    given = evidence.bootstrap_servers.split(",")
    for node, address in _pairs(entries):
        if address != evidence.brokers[node]:
            at_the_way_in = address in given
            expect.fail(
                f"Broker {node} is listed at `{address}`; it can be reached at `{evidence.brokers[node]}`."
                + (" The address listed is one that the program was given." if at_the_way_in else ""),
                expected="For each broker the host and the port that the cluster names for it.",
                advice="Take id, host and port from one and the same answer of the cluster.",
            )


def _expect_each_partition(evidence: Evidence) -> None:
    records = evidence.of_topic(TOPIC)
    counts = Counter(record.partition for record in records)
    size = evidence.topics[TOPIC]
    empty = [number for number in range(size) if not counts[number]]
    full = [number for number in range(size) if counts[number] > 1]
    if not empty and not full:
        return
    seen, advice = next(_why_not_each(evidence, counts, empty, full))
    expect.fail(
        seen, expected=f"{size} records, one in each of the partitions 0 to {size - 1}.", advice=advice
    )


def _why_not_each(
    evidence: Evidence, counts: Counter[int], empty: Sequence[int], full: Sequence[int]
) -> Iterator[tuple[str, str]]:
    records, size = evidence.of_topic(TOPIC), evidence.topics[TOPIC]
    stored = f"{len(records)} record{'s' if len(records) > 1 else ''}"
    ask = 'Ask how many there are, `producer.partitions_for("discovery")`, and send to each: `partition=…`.'
    if not records:
        yield f"Nothing is stored in `{TOPIC}`.", ask
    if len(counts) == 1 and size > 1:
        only = next(iter(counts))
        yield f"{stored}, on partition {only}; `{TOPIC}` has {size} partitions.", ask
    if not full and empty == list(range(len(counts), size)):
        yield f"{stored}, on the partitions 0 to {len(counts) - 1}; `{TOPIC}` has {size} partitions.", ask
    if not empty:
        most = max(full, key=lambda number: counts[number])
        advice = "Is there a loop around the one that goes through the partitions, or a second call of it?"
        yield f"{stored} are stored; partition {most} holds {counts[most]}.", advice
    one = len(empty) == 1
    where = f"partition{'' if one else 's'} {_listed(empty)} of {size} hold{'s' if one else ''} none"
    if full:
        seen = f"{stored}: {where}, partition {full[0]} holds {counts[full[0]]}."
        if stated := expect.line_giving(evidence, "partition"):
            yield seen, f"The numbers given as `partition=` are to be 0 to {size - 1}, each once. {stated}"
        keyed = any(record.key is not None for record in records)
        by = "A key's hash chooses its partition" if keyed else "Without a key, the client chooses by chance"
        yield seen, f"{by}, and some are missed. State it: `send(…, partition=…)`."
    yield f"{stored}: {where}.", ask


def _listed(numbers: Sequence[object]) -> str:
    texts = [f"{number}" for number in numbers]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
