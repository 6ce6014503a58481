"""Expectations on where records lie: one partition an owner, the same in each run, in order there."""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from grader.expect.failure import fail
from grader.expect.lines import Lines, Sent
from grader.expect.source import line_calling, line_giving
from grader.expect.survival import idempotence_is_off
from grader.expect.wording import an, listed, number, shown, some
from grader.model import Evidence, LeaderKilled

# Nine of ten neighbours one partition apart: no hash does that by chance to hundreds of lines.
IN_TURN = 0.9
CONCURRENT = (
    "ThreadPoolExecutor",
    "ProcessPoolExecutor",
    "Thread",
    "Process",
    "Pool",
    "gather",
    "create_task",
)
DRAWING = ("random", "randint", "randrange", "choice", "choices", "sample", "shuffle")


def one_partition(evidence: Evidence, lines: Lines) -> None:
    """Expect all records of an owner on one partition, whichever it is."""
    sent = lines.sent(evidence)
    owners = lines.by_owner(sent)
    spread = {owner: each for owner, each in owners.items() if len(_partitions(each)) > 1}
    if not spread:
        return
    owner, theirs = max(spread.items(), key=lambda entry: len(_partitions(entry[1])))
    first = {each.record.partition: each.record.place for each in reversed(theirs)}
    cause, advice = next(_why_spread(evidence, lines, theirs, sent))
    fail(
        f"{lines.owner.capitalize()} “{owner}” is on partitions {listed(sorted(first))} "
        f"({listed([first[each] for each in sorted(first)])}); "
        f"{some(len(spread), len(owners), lines.owner, 'is', 'are')} on several. {cause}",
        expected=f"All {lines.noun}s of {an(lines.owner)} on one partition, whichever.",
        advice=advice,
    )


def _partitions(sent: Sequence[Sent]) -> set[int]:
    return {each.record.partition for each in sent}


def _why_spread(
    evidence: Evidence, lines: Lines, theirs: Sequence[Sent], sent: Sequence[Sent]
) -> Iterator[tuple[str, str]]:
    keys = list(dict.fromkeys(each.record.key for each in theirs))
    where = line_giving(evidence, "partition")
    if _in_turn(sent, evidence.topics[lines.topic]):
        advice = f"The position of a line says nothing of its {lines.owner}: leave the choice to the key."
        yield "The partitions follow the lines of the file in turn.", f"{advice} {where}".strip()
    if keys == [None]:
        advice = f"Send the {lines.owner}'s id as the key: equal keys go to one partition."
        yield "These records have no key, so that the client chooses a partition for each by itself.", advice
    if len(keys) > 1:
        shown_keys = listed([shown(key) for key in keys])
        advice = f"All records of {an(lines.owner)} need the same key, byte for byte."
        yield f"Their keys differ: {shown_keys}.", advice
    advice = (
        "Leave out `partition=` and let the client choose by the key, or make it depend on the key alone."
    )
    yield "Their key is the same, so the partition was not chosen by it.", f"{advice} {where}".strip()


def _in_turn(sent: Sequence[Sent], partitions: int) -> bool:
    ordered = [each.record.partition for each in sorted(sent, key=lambda each: each.line.number)]
    steps = Counter((after - before) % partitions for before, after in itertools.pairwise(ordered))
    return bool(steps) and steps[1] >= IN_TURN * (len(ordered) - 1)


def same_partitions(first: Evidence, second: Evidence, lines: Lines) -> None:
    """Expect that a second run puts each owner where the first did."""
    before, after = (_places(lines, evidence) for evidence in (first, second))
    common = [owner for owner in before if owner in after]
    moved = [owner for owner in common if before[owner] != after[owner]]
    expected = f"Each {lines.owner} on the same partition in both runs."
    if not common:
        fail(
            f"The second run, on another file, stored no {lines.noun} in `{lines.topic}`.",
            expected=expected,
            advice="The file's name is the first argument, `sys.argv[1]`: it is another one each time.",
        )
    if moved:
        owner = moved[0]
        keys = [_keys_of(owner, lines, evidence) for evidence in (first, second)]
        cause, advice = next(_why_moved(first, lines, before, keys))
        fail(
            f"{len(moved)} of {number(len(common), lines.owner)} moved: in the first run “{owner}” was on "
            f"partition {listed(sorted(before[owner]))}, in the second on {listed(sorted(after[owner]))}. "
            f"{cause}".strip(),
            expected=expected,
            advice=advice,
        )


def _places(lines: Lines, evidence: Evidence) -> Mapping[str, set[int]]:
    return {owner: _partitions(each) for owner, each in lines.by_owner(lines.sent(evidence)).items()}


def _keys_of(owner: str, lines: Lines, evidence: Evidence) -> Sequence[bytes | None]:
    theirs = lines.by_owner(lines.sent(evidence))[owner]
    return list(dict.fromkeys(each.record.key for each in theirs))


def _why_moved(
    evidence: Evidence, lines: Lines, before: Mapping[str, set[int]], keys: Sequence[Sequence[bytes | None]]
) -> Iterator[tuple[str, str]]:
    where = line_calling(evidence, "hash")
    if where:
        advice = "Let the client hash the key, or take a hash that never changes, such as `zlib.crc32`."
        yield "Python's `hash()` of a text is another in every process.", f"{advice} {where}"
    if keys[0] != keys[1]:
        used, then = (listed([shown(key) for key in each]) for each in keys)
        advice = f"All records of {an(lines.owner)} need the same key in every run, byte for byte."
        yield f"The key was {used} in the first run, and {then} in the second.", advice
    count = evidence.topics[lines.topic]
    if all(before[owner] == {turn % count} for turn, owner in enumerate(before)):
        cause = f"The partitions follow the order in which the {lines.owner}s first appear in the file."
        where = line_giving(evidence, "partition", "partitioner")
        yield cause, f"Choose by the key alone: the next file begins with others. {where}".strip()
    advice = "Leave out `partition=` and let the client choose by the key."
    where = line_calling(evidence, *DRAWING)
    if where:
        yield "A partition that is drawn by chance is another in every run.", f"{advice} {where}"
    where = line_giving(evidence, "partition", "partitioner")
    yield "The partition depends on more than the key.", f"{advice} {where}".strip()


def order_kept(evidence: Evidence, lines: Lines) -> None:
    """Expect the records of an owner in the order of the file."""
    sent = lines.sent(evidence)
    owners = {owner: _first_copies(each) for owner, each in lines.by_owner(sent).items()}
    broken = {owner: pair for owner, each in owners.items() if (pair := _break(each))}
    if broken:
        owner, (early, late) = next(iter(broken.items()))
        cause, advice = next(_why_out_of_order(evidence, lines, owners))
        fail(
            f"{some(len(broken), len(owners), lines.owner, 'is', 'are')} out of order: of “{owner}”, line "
            f"{late.line.number} ({late.record.place}) is stored before line {early.line.number} "
            f"({early.record.place}). {cause}".strip(),
            expected=f"The {lines.noun}s of each {lines.owner} in the order of the file.",
            advice=advice,
        )


def _first_copies(sent: Sequence[Sent]) -> Sequence[Sent]:
    """Return one's records by their offset, of a line that is stored twice the first copy only."""
    copies: dict[int, Sent] = {}
    for each in sorted(sent, key=lambda each: (each.record.partition, each.record.offset)):
        copies.setdefault(each.line.number, each)
    return list(copies.values())


def _break(sent: Sequence[Sent]) -> tuple[Sent, Sent] | None:
    """Return the first record that should have come earlier, and the one before it."""
    for before, after in itertools.pairwise(sent):
        if after.line.number < before.line.number:
            return after, before
    return None


def _why_out_of_order(
    evidence: Evidence, lines: Lines, owners: Mapping[str, Sequence[Sent]]
) -> Iterator[tuple[str, str]]:
    numbers = [[each.line.number for each in theirs] for theirs in owners.values()]
    if all(each == sorted(each, reverse=True) for each in numbers):
        yield "Everything is in the reverse order.", "Read the file from its beginning to its end."
    if all(_is_sorted(lines, theirs) for theirs in owners.values()):
        where = line_calling(evidence, "sorted", "sort")
        advice = f"Send the {lines.noun}s as they come: their order in the file is what happened. {where}"
        yield f"They are sorted by `{lines.identity}`.", advice.strip()
    where = line_calling(evidence, *CONCURRENT)
    if where:
        advice = "Call `send()` for one line after the other: it only fills a buffer, so nothing is gained by"
        yield "Records that are sent side by side overtake one another.", f"{advice} several at once. {where}"
    if isinstance(evidence.scenario.fault, LeaderKilled) and idempotence_is_off(evidence):
        advice = "With idempotence, a client keeps the order also of what it has to send again: switch it on."
        yield "What was under way when the leader died was sent again behind what followed it.", advice
    connections = len({request.source for request in evidence.requests_of("PRODUCE")})
    if connections > 1 and evidence.scenario.fault is None:
        cause = f"{connections} connections carried records: those of several producers overtake one another."
        yield cause, "Make one producer, and send everything with it."
    advice = f"Send the {lines.noun}s one after the other, as they stand in the file."
    where = line_calling(evidence, "sorted", "sort", "reversed", "shuffle")
    gathered = line_calling(evidence, "set", "frozenset")
    if gathered and not where:
        yield "A set keeps no order.", f"{advice} {gathered}"
    yield "", f"{advice} {where}".strip()


def _is_sorted(lines: Lines, sent: Sequence[Sent]) -> bool:
    identities = [each.line.content[lines.identity] for each in sent]
    return identities == sorted(identities)


def several_partitions(evidence: Evidence, lines: Lines) -> None:
    """Expect that the records do not all lie on one partition."""
    records = evidence.of_topic(lines.topic)
    used = {record.partition for record in records}
    if len(used) > 1:
        return
    keys = {record.key for record in records}
    where = line_giving(evidence, "partition")
    fail(
        f"All {number(len(records), 'record')} are on partition {listed(sorted(used))}; `{lines.topic}` has "
        f"{evidence.topics[lines.topic]} partitions.",
        expected="Records on several partitions, so that several consumers can share the work.",
        advice=f"All records have the same key, {shown(next(iter(keys)))}: take each {lines.owner}'s id."
        if len(keys) == 1
        else f"Leave the choice of the partition to the key. {where}".strip(),
    )
