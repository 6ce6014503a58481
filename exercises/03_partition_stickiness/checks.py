"""The rubric of 03: orders keyed by their customer, and predictions held against experiments."""

import dataclasses
import itertools
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from grader import (
    Draw,
    Evidence,
    Prediction,
    Record,
    Scenario,
    Stall,
    Topic,
    advises,
    after,
    claims,
    drawing,
    expect,
    points,
    under,
)

ORDERS = expect.Lines(topic="orders", noun="order", identity="order_id", key="customer_id", owner="customer")
EXPERIMENTS = Path(__file__).parent / "experiments"
LEAST_ORDERS, MOST_ORDERS = 6, 36
# So many orders are placed once more at once, alike in all but their order_id.
REPEATED = 0.1


@cache
def _days(number: float) -> tuple[int, dict[str, bytes]]:
    """Draw a number of partitions and two days' files of the same customers.

    There are more customers than partitions: some share one, whatever the hash.
    """
    draw = Draw(number)
    partitions = draw.randint(3, 12)
    customers = drawing.ids(draw, "c")
    identities = iter(drawing.unique(draw, "o", 3000))
    day = draw.randint(100, 364)
    return partitions, {f"orders-{day + n}.jsonl": _file(draw, customers, identities) for n in (0, 1)}


def _file(draw: Draw, customers: Sequence[str], identities: Iterator[str]) -> bytes:
    owners = [
        each for each in customers for _ in range(draw.randint(LEAST_ORDERS, draw.randint(12, MOST_ORDERS)))
    ]
    draw.shuffle(owners)
    orders: list[dict[str, object]] = []
    for owner in owners:
        coupon = draw.choice((None, "SPRING", f"{draw.randint(0, 99):05}"))
        order = {
            "customer_id": owner,
            "item": drawing.text(draw),
            "quantity": draw.randint(1, 3),
            "coupon": coupon,
        }
        orders += [
            {"order_id": next(identities), **order} for _ in range(2 if draw.random() < REPEATED else 1)
        ]
    return drawing.json_lines(draw, orders)


def _orders(draw: Draw, name: str, title: str, *, day: int = 0) -> Scenario:
    partitions, files = _days(draw.random())
    file = list(files)[day]
    topics = (Topic(ORDERS.topic, partitions),)
    return Scenario(name=name, title=title, topics=topics, args=(file,), files={file: files[file]})


def healthy(draw: Draw) -> Scenario:
    """The first day's orders, on a free path."""
    return _orders(draw, "healthy", "the path is free")


def second_run(draw: Draw) -> Scenario:
    """The next day's orders, in another process."""
    return _orders(draw, "second_run", "a second run, on the next day's orders", day=1)


def stalled(draw: Draw) -> Scenario:
    """The first day's orders again, and the first Produce is held."""
    free = _orders(draw, "stalled", "the broker gets the first records 4 to 5 s late")
    return dataclasses.replace(free, fault=Stall(hold_s=draw.uniform(4, 5)))


def _experiment(name: str, title: str, topics: dict[str, int], args: Sequence[str]) -> Scenario:
    return Scenario(
        name=name,
        title=title,
        topics=tuple(Topic(*each) for each in topics.items()),
        args=tuple(args),
        program=(EXPERIMENTS / f"{name}.py").read_bytes(),
    )


def _keys(draw: Draw, count: int) -> list[str]:
    return [f"c-{number:03}" for number in draw.sample(range(1000), count)]


def keys(draw: Draw) -> Scenario:
    """One key, no key and thirty keys."""
    topics = {"same_key": 6, "null_key": 6, "many_keys": 12}
    args = (f"{draw.randint(400, 600)}", *_keys(draw, 31))
    return _experiment("keys", "experiment: one key, no key, thirty keys", topics, args)


def more_partitions(draw: Draw) -> Scenario:
    """Forty keys before and after a topic grows."""
    title = "experiment: a topic of 3 partitions gets 3 more"
    return _experiment("more_partitions", title, {"growing": 3}, ("6", *_keys(draw, 40)))


def reading(draw: Draw) -> Scenario:
    """What was sent in order is read, with keys and without."""
    title = "experiment: orders are read again, sent with keys and without"
    args = (f"{draw.randint(15, 25)}", *_keys(draw, 20))
    return _experiment("reading", title, {"keyed": 6, "unkeyed": 6}, args)


@points(1)
@under(healthy)
def check_program_ends(evidence: Evidence) -> None:
    """The program ends by itself, with exit code 0."""
    expect.program_ends(evidence)


@points(1)
@under(healthy)
def check_orders_arrive(evidence: Evidence) -> None:
    """Orders arrive in `orders`, each in the value of a record."""
    expect.records_arrive(evidence, ORDERS.topic)
    expect.values_hold_lines(evidence, ORDERS)


@points(2)
@under(healthy)
@after(check_orders_arrive)
def check_values(evidence: Evidence) -> None:
    """Every value is a line of the file, or JSON equal to it."""
    expect.values_equal_lines(evidence, ORDERS)


@points(3)
@under(healthy)
@after(check_orders_arrive)
def check_every_order_once(evidence: Evidence) -> None:
    """Every order of the file is stored once: none is lost, none doubled."""
    expect.every_line_once(evidence, ORDERS)


@points(3)
@under(healthy)
@after(check_orders_arrive)
def check_keys(evidence: Evidence) -> None:
    """The key of every record is its order's `customer_id`, in UTF-8."""
    expect.keys_name_owners(evidence, ORDERS)


@points(3)
@under(healthy)
@after(check_orders_arrive)
def check_one_partition(evidence: Evidence) -> None:
    """All orders of a customer are on one partition."""
    expect.one_partition(evidence, ORDERS)


@points(1)
@under(healthy)
@after(check_orders_arrive)
def check_several_partitions(evidence: Evidence) -> None:
    """The orders are on several partitions."""
    expect.several_partitions(evidence, ORDERS)


@points(3)
@under(healthy, second_run)
@after(check_one_partition)
def check_two_runs(first: Evidence, second: Evidence) -> None:
    """A second run puts every customer on the same partition again."""
    expect.same_partitions(first, second, ORDERS)


@points(3)
@under(healthy)
@after(check_one_partition)
def check_order(evidence: Evidence) -> None:
    """The orders of a customer stand in the order of the file."""
    expect.order_kept(evidence, ORDERS)


@points(2)
@under(healthy, stalled)
@after(check_orders_arrive)
def check_delivered(free: Evidence, held: Evidence) -> None:
    """The orders arrive even when the broker gets the first of them some seconds late."""
    expect.delivered(free, held, ORDERS.topic)


@points(1)
@under(stalled)
@after(check_program_ends, check_delivered)
def check_ends_late(evidence: Evidence) -> None:
    """The program waits for that, and still ends with exit code 0."""
    expect.program_ends(evidence)


QUESTIONS = claims(Path(__file__).with_name("rubric.toml"))


@points(1)
@under(keys)
def check_answers(evidence: Evidence) -> None:
    """`answers.toml` can be read, and holds predictions."""
    expect.answers_read(evidence, tuple(QUESTIONS.values()))


@points(1)
@under(keys)
@after(check_answers)
def check_same_key(evidence: Evidence) -> Prediction:
    """The prediction `same_key` is what the broker shows."""
    records = _sent_by_experiment(evidence, "same_key")
    used = sorted({record.partition for record in records})
    because = (
        f"{len(records)} records with the key `{evidence.scenario.args[1]}` are on {_named(used)} of "
        f"{evidence.topics['same_key']}."
    )
    return expect.answer(evidence, QUESTIONS["same_key"], truth=len(used), because=because)


@points(1)
@under(keys)
@after(check_answers)
def check_null_key(evidence: Evidence) -> Prediction:
    """The prediction `null_key` is what the broker shows."""
    records = sorted(_sent_by_experiment(evidence, "null_key"), key=_sequence)
    path = [record.partition for record in records]
    counts = Counter(path).values()
    partitions = evidence.topics["null_key"]
    steps = Counter((after - before) % partitions for before, after in itertools.pairwise(path))
    because = (
        f"{len(path)} records without a key are on {len(counts)} of {partitions} partitions, {min(counts)} "
        f"to {max(counts)} on each. {steps[0]} of them are on the partition of the one sent before, "
        f"{steps[1]} on the one behind it."
    )
    truth = _manner(len(counts), partitions, steps)
    return expect.answer(evidence, QUESTIONS["null_key"], truth=truth, because=because)


def _manner(used: int, partitions: int, steps: Counter[int]) -> str:
    """Name how partitions were chosen. By chance a sixth of the steps are of each kind, and never half."""
    if used == 1:
        return "one"
    if max(steps.values()) > steps.total() / 2:
        return "blocks" if steps[0] > steps.total() / 2 else "in_turn"
    if used < partitions:
        raise RuntimeError(f"experiments/keys.py shows no manner that is known: {steps}")
    return "random"


@points(1)
@under(keys)
@after(check_answers)
def check_many_keys(evidence: Evidence) -> Prediction:
    """The prediction `many_keys` is what the broker shows."""
    homes: dict[str, set[int]] = {}
    for record in _sent_by_experiment(evidence, "many_keys"):
        homes.setdefault((record.key or b"").decode(), set()).add(record.partition)
    torn = [key for key, partitions in homes.items() if len(partitions) > 1]
    tenants = Counter(min(partitions) for partitions in homes.values())
    fullest, most = tenants.most_common(1)[0]
    used = f"{len(homes)} keys are on {len(tenants)} of {evidence.topics['many_keys']} partitions"
    if torn:
        truth, because = "torn", f"the two records of `{torn[0]}` are on {_named(sorted(homes[torn[0]]))}"
    elif most == 1:
        truth, because = "own", "no two of them share one"
    else:
        truth = "together" if len(tenants) == 1 else "shared"
        sharing = " and ".join([f"`{key}`" for key in homes if fullest in homes[key]][:2])
        because = f"{sharing}, for example, share partition {fullest}; no key is on two"
    return expect.answer(evidence, QUESTIONS["many_keys"], truth=truth, because=f"{used}: {because}.")


@points(1)
@under(more_partitions)
@after(check_answers)
def check_more_partitions(evidence: Evidence) -> Prediction:
    """The prediction `more_partitions` is what the broker shows."""
    stored = {(record.key, record.value): record for record in _sent_by_experiment(evidence, "growing")}
    pairs = [
        (stored[key.encode(), b"before"], stored[key.encode(), b"after"])
        for key in evidence.scenario.args[1:]
    ]
    told = [json.loads(line).values() for line in evidence.run.stdout.splitlines()]
    acknowledged = {(key.encode(), partition, offset) for key, partition, offset in told}
    stayed = [old for old, _ in pairs if (old.key, old.partition, old.offset) in acknowledged]
    split = [(old, new) for old, new in pairs if old.partition != new.partition]
    because = (
        f"of {len(pairs)} keys, {len(split)} have their two records on two partitions"
        + "".join(f" (one at {old.place} and {new.place})" for old, new in split[:1])
        + f"; {len(stayed)} of {len(pairs)} old records are where they were acknowledged."
    )
    if len(stayed) < len(pairs):
        truth = "old_follow"
    else:
        truth = {0: "stay", len(pairs): "all_split"}.get(len(split), "some_split")
    return expect.answer(evidence, QUESTIONS["more_partitions"], truth=truth, because=because)


@points(1)
@under(reading)
@after(check_answers)
def check_reading_order(evidence: Evidence) -> Prediction:
    """The prediction `reading_order` is what the broker shows."""
    read = _read(evidence)["keyed"]
    back = [(before, after) for before, after in itertools.pairwise(read) if after[1] < before[1]]
    within = sum(before[0] == after[0] for before, after in back)
    because = (
        f"orders 0 to {len(read) - 1} came as {', '.join(f'{number}' for _, number in read[:5])} …; "
        f"{len(back)} times a lower number followed a higher one, {within} times of it within a partition."
    )
    truth = ("per_partition" if back else "as_sent") if not within else "none"
    return expect.answer(evidence, QUESTIONS["reading_order"], truth=truth, because=because)


@points(1)
@under(reading)
@after(check_answers)
def check_benefit(evidence: Evidence) -> Prediction:
    """The prediction `benefit` is what the broker shows."""
    customers = len(evidence.scenario.args) - 1
    keyed, unkeyed = (_read(evidence)[topic] for topic in ("keyed", "unkeyed"))
    ordered = [_in_order(each, customers) for each in (keyed, unkeyed)]
    loads = [sorted(Counter(partition for partition, _ in each).values()) for each in (keyed, unkeyed)]
    spread = [load[-1] - load[0] for load in loads]
    doubles = [len(each) - len({number for _, number in each}) for each in (keyed, unkeyed)]
    holds = {
        "total_order": keyed == sorted(keyed, key=lambda each: each[1]),
        "customer_order": ordered[0] == customers > ordered[1],
        "even_load": spread[0] <= 1 < spread[1],
        "no_doubles": doubles[0] == 0 < doubles[1],
        "nothing": True,
    }
    because = (
        f"with the key, the orders of {ordered[0]} of {customers} customers came in order; without one, "
        f"those of {ordered[1]}. Orders on a partition: {loads[0][0]} to {loads[0][-1]} with, "
        f"{loads[1][0]} to {loads[1][-1]} without. Stored twice: {doubles[0]} with, {doubles[1]} without."
    )
    truth = next(name for name, each in holds.items() if each)
    return expect.answer(evidence, QUESTIONS["benefit"], truth=truth, because=because)


def _in_order(read: Sequence[tuple[int, int]], customers: int) -> int:
    """Count the customers whose orders were read in the order of sending; they had taken turns."""
    numbers = [number for _, number in read]
    each = [[number for number in numbers if number % customers == turn] for turn in range(customers)]
    return sum(theirs == sorted(theirs) for theirs in each)


def _read(evidence: Evidence) -> dict[str, list[tuple[int, int]]]:
    """Return what the consumer read of each topic: partition and number, in the order of reading."""
    _sent_by_experiment(evidence, "keyed")
    lines = [json.loads(line) for line in evidence.run.stdout.splitlines()]
    return {line["topic"]: [(partition, number) for partition, number in line["read"]] for line in lines}


def _sent_by_experiment(evidence: Evidence, topic: str) -> tuple[Record, ...]:
    if evidence.run.exit.code != 0:
        raise RuntimeError(f"{evidence.scenario.title} failed: {evidence.run.stderr.decode()[-500:]}")
    return evidence.of_topic(topic)


def _sequence(record: Record) -> int:
    return int(record.value or b"")


def _named(partitions: Sequence[int]) -> str:
    return f"partition{'s' if len(partitions) > 1 else ''} {', '.join(map(str, partitions))}"


@advises
@under(healthy)
def remark_on_sending(evidence: Evidence) -> Iterator[str]:
    """Remarks on the address, on more than one producer, and on a request for each order."""
    yield from expect.remark_on_address(evidence)
    yield from expect.remark_on_producers(evidence)
    yield from expect.remark_on_requests(evidence, len(ORDERS.given(evidence)))


@advises
@under(stalled)
def remark_on_waiting(evidence: Evidence) -> Iterator[str]:
    """A remark on a program that sleeps long enough."""
    yield from expect.remark_on_waiting(evidence)
